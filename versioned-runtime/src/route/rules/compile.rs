//! From documents to rules: names become slots, percents become buckets, and conditions become indices.

use std::collections::{BTreeMap, HashMap};

use regex::Regex;

use super::{Comparison, Condition, Fact, Index, MOST_RULES, Rule, RuleDocument, Rules, Set};
use crate::route::compile::{escape, shorten};
use crate::route::{BUCKETS, Split, TableError, UserKey};

/// How large a compiled pattern may be, in bytes: a table of a thousand stays small.
const PATTERN_SIZE: usize = 64 * 1024;
/// What one percent is in parts per million.
const PERCENT: f64 = 10_000.0;

impl Rules {
    /// Compiles the rules of a document. `before` are those of the table that it replaces: a rule of the same name moves as few users as
    /// it can. `slot` finds an implementation that may get traffic, by its name or a label; `named` are the facts of the
    /// configuration.
    pub(in crate::route) fn compile(
        documents: &[RuleDocument],
        before: &Rules,
        named: &[String],
        slot: impl Fn(&str, String) -> Result<usize, TableError>,
    ) -> Result<Self, TableError> {
        if documents.len() > MOST_RULES {
            return Err(rule_error(
                "/rules",
                format!(
                    "{} rules are too many; write {MOST_RULES} at most",
                    documents.len()
                ),
            ));
        }
        let mut facts: Vec<Fact> = Vec::new();
        let mut rules = Vec::with_capacity(documents.len());
        let mut known: HashMap<&str, usize> = HashMap::new();
        for (at, document) in documents.iter().enumerate() {
            if document.name.trim().is_empty() {
                return Err(rule_error(
                    &format!("/rules/{at}/name"),
                    "a rule has a name; write what it is for",
                ));
            }
            if let Some(earlier) = known.insert(&document.name, at) {
                let name = shorten(&document.name);
                let text = format!("rule {earlier} is called `{name}`, too; give one of them another name");
                return Err(rule_error(&format!("/rules/{at}/name"), text));
            }
            let earlier = before
                .documents
                .iter()
                .position(|known| known.name == document.name);
            let split = earlier.map_or_else(Split::default, |rule| before.compiled[rule].split.clone());
            rules.push(Rule {
                split: split.with_shares(&shares(document, at, &slot)?)?,
            });
            for key in document.conditions.keys() {
                let fact = fact(key, named, &pointer(at, key))?;
                if !facts.contains(&fact) {
                    facts.push(fact);
                }
            }
        }
        let mut indices: Vec<Building> = facts.iter().map(|_| Building::default()).collect();
        for (at, document) in documents.iter().enumerate() {
            let mut looked = vec![false; facts.len()];
            for (key, condition) in &document.conditions {
                let fact = fact(key, named, "")?;
                let place = facts.iter().position(|known| *known == fact).unwrap_or_default();
                looked[place] = true;
                indices[place].add(at, condition, &pointer(at, key))?;
            }
            let indifferent = indices.iter_mut().zip(looked).filter(|(_, looked)| !looked);
            indifferent.for_each(|(index, _)| index.indifferent.add(at));
        }
        let rules = Self {
            compiled: rules.into(),
            facts: facts.into(),
            indices: indices.into_iter().map(Building::done).collect(),
            documents: documents.into(),
        };
        rules.refuse_unreachable()?;
        Ok(rules)
    }

    /// A rule behind one that takes everybody who could come to it does nothing, and whoever wrote it thinks that it does.
    fn refuse_unreachable(&self) -> Result<(), TableError> {
        for (at, later) in self.documents.iter().enumerate() {
            let takes_all = |(rule, earlier): &(usize, &RuleDocument)| {
                let conditions = earlier.conditions.iter();
                self.compiled[*rule].split.remainder() == 0
                    && conditions
                        .clone()
                        .all(|(key, condition)| later.conditions.get(key) == Some(condition))
            };
            let mut earlier = self.documents[..at].iter().enumerate();
            if let Some((_, before)) = earlier.find(takes_all) {
                let (name, before) = (shorten(&later.name), shorten(&before.name));
                let text = format!(
                    "rule `{name}` is never reached: `{before}` before it takes every request that it matches; move it up, or leave it out"
                );
                return Err(rule_error(&format!("/rules/{at}"), text));
            }
        }
        Ok(())
    }
}

/// What is being put together for one fact.
#[derive(Default)]
struct Building {
    indifferent: Set,
    missing: Set,
    present: Set,
    exact: BTreeMap<String, Set>,
    patterns: Vec<(usize, Regex)>,
    numbers: Vec<(usize, f64, f64)>,
}

impl Building {
    fn add(&mut self, rule: usize, condition: &Condition, pointer: &str) -> Result<(), TableError> {
        match condition {
            Condition::Exact(text) => self.exact.entry(text.clone()).or_default().add(rule),
            Condition::Other(Comparison::OneOf(texts)) => {
                for text in texts {
                    self.exact.entry(text.clone()).or_default().add(rule);
                }
            }
            Condition::Other(Comparison::Glob(glob)) => {
                self.patterns.push((rule, pattern(&from_glob(glob), pointer)?));
            }
            Condition::Other(Comparison::Regex(text)) => self.patterns.push((rule, pattern(text, pointer)?)),
            Condition::Other(Comparison::Above(number)) => self.numbers.push((rule, *number, f64::INFINITY)),
            Condition::Other(Comparison::Below(number)) => {
                self.numbers.push((rule, f64::NEG_INFINITY, *number));
            }
            Condition::Other(Comparison::Present(true)) => self.present.add(rule),
            Condition::Other(Comparison::Present(false)) => self.missing.add(rule),
        }
        Ok(())
    }

    fn done(self) -> Index {
        Index {
            indifferent: self.indifferent,
            missing: self.missing,
            present: self.present,
            exact: self
                .exact
                .into_iter()
                .map(|(text, set)| (text.into(), set))
                .collect(),
            patterns: self.patterns.into(),
            numbers: self.numbers.into(),
        }
    }
}

/// The whole text is meant: a pattern that matches somewhere in it would let more in than one thinks.
fn pattern(text: &str, pointer: &str) -> Result<Regex, TableError> {
    let whole = regex::RegexBuilder::new(&format!(r"\A(?:{text})\z"))
        .size_limit(PATTERN_SIZE)
        .build();
    whole.map_err(|error| {
        let shown = shorten(text);
        let error = error.to_string();
        let reason = error
            .lines()
            .last()
            .unwrap_or_default()
            .trim()
            .trim_start_matches("error: ");
        rule_error(
            pointer,
            format!("`{shown}` is no pattern that can be used: {reason}"),
        )
    })
}

fn from_glob(glob: &str) -> String {
    let mut text = String::from("(?s)");
    for c in glob.chars() {
        match c {
            '*' => text.push_str(".*"),
            '?' => text.push('.'),
            c => text.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    text
}

/// The shares of a rule, in parts per million.
fn shares(
    document: &RuleDocument,
    at: usize,
    slot: impl Fn(&str, String) -> Result<usize, TableError>,
) -> Result<Vec<(usize, u32)>, TableError> {
    let here = format!("/rules/{at}/to");
    if document.to.is_empty() {
        return Err(rule_error(
            &here,
            "a rule names who serves its requests; write `{ \"2.0.0\": 100 }`",
        ));
    }
    let mut shares: Vec<(usize, u32)> = Vec::with_capacity(document.to.len());
    for (name, percent) in &document.to {
        let pointer = format!("{here}/{}", escape(name));
        let slot = slot(name, pointer.clone())?;
        let parts = (percent * PERCENT).round();
        if !(0.0..=f64::from(BUCKETS)).contains(&parts) {
            return Err(rule_error(
                &pointer,
                format!("{percent} is no part of a hundred; write 0 to 100"),
            ));
        }
        if shares.iter().any(|(other, _)| *other == slot) {
            let text = format!(
                "`{}` is an implementation that stands here already; give it one share",
                shorten(name)
            );
            return Err(rule_error(&pointer, text));
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        // it was checked to be within 0 and 10⁶
        shares.push((slot, parts as u32));
    }
    let sum: u64 = shares.iter().map(|(_, share)| u64::from(*share)).sum();
    if sum > u64::from(BUCKETS) {
        #[allow(clippy::cast_precision_loss)] // a few millions
        let percent = sum as f64 / PERCENT;
        return Err(rule_error(
            &here,
            format!("the shares add up to {percent} %; lower them to 100 at most"),
        ));
    }
    Ok(shares)
}

/// The fact of a key.
fn fact(key: &str, named: &[String], pointer: &str) -> Result<Fact, TableError> {
    let place = match key.split_once(':') {
        Some(("header", name)) => UserKey::header(name),
        Some(("query", name)) => UserKey::query(name),
        Some(("cookie", name)) => UserKey::cookie(name),
        _ if key == "dye" && !named.is_empty() => return Ok(Fact::Dye),
        _ if named.iter().any(|name| name == key) => return Ok(Fact::Named(key.to_owned())),
        _ => {
            let known = named.iter().map(String::as_str);
            let dye = (!named.is_empty()).then_some("dye");
            let places = ["header:<name>", "query:<key>", "cookie:<name>"];
            let known: Vec<&str> = known.chain(dye).chain(places).collect();
            let (shown, known) = (shorten(key), known.join(", "));
            let text = format!("`{shown}` is no fact of a request here; write one of {known}");
            return Err(rule_error(pointer, text));
        }
    };
    place
        .checked()
        .map(Fact::Place)
        .map_err(|advice| rule_error(pointer, advice))
}

fn pointer(rule: usize, key: &str) -> String {
    format!("/rules/{rule}/match/{}", escape(key))
}

fn rule_error(pointer: &str, text: impl Into<String>) -> TableError {
    TableError::Rule {
        pointer: pointer.to_owned(),
        text: text.into(),
    }
}
