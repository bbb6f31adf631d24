//! Compiling rules: names become numbers, values become sets of rules, the patterns of a field become one automaton.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use regex_automata::util::syntax;

use super::comparison::Comparison;
use super::document::{RuleDocument, TextDocument};
use super::field::{About, Field, ScoreField, SetAt};
use super::patterns::Patterns;
use super::{RULES, Rule, RuleError, RuleMistake, Rules, WORDS, plain};
use crate::resolve::is_token;
use crate::route::compile::{by_similarity, escape, listed_slot, shorten};
use crate::route::dye::{BUILT_IN, FACTS, Fact, NAME, SCORES};
use crate::route::facts::Head;
use crate::route::{BUCKETS, ContractShape, Split, TableDocument, TableError, UserKey};

/// The most values that all rules write out, so that the sets of a table stay small.
const VALUES: usize = 8_000;

/// What rules of a table can name.
pub(in crate::route) struct Names<'a> {
    pub(in crate::route) shape: &'a ContractShape,
    pub(in crate::route) listed: &'a [bool],
    pub(in crate::route) labels: &'a BTreeMap<String, String>,
}

impl Names<'_> {
    /// The slot of an implementation, or of what a label stands for.
    pub(in crate::route) fn slot(
        &self,
        name: &str,
        pointer: impl Fn() -> String,
    ) -> Result<usize, TableError> {
        let name = self.labels.get(name).map_or(name, String::as_str);
        listed_slot(self.shape, self.listed, name, pointer)
    }
}

/// Reads the rules of a document. `before` are those of the table that it replaces, whose users stay where they are.
pub(in crate::route) fn read(
    names: &Names<'_>,
    document: &TableDocument,
    before: Option<&Rules>,
) -> Result<Rules, TableError> {
    let facts = facts(document)?;
    let named_scores = scores(document)?;
    if document.rules.len() > RULES {
        return Err(refuse("/rules", RuleMistake::TooManyRules(document.rules.len())));
    }
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut rules = Vec::with_capacity(document.rules.len());
    for (number, rule) in document.rules.iter().enumerate() {
        if rule.name.trim().is_empty() {
            return Err(refuse(&format!("/rules/{number}/name"), RuleMistake::NoName));
        }
        if let Some(other) = seen.insert(&rule.name, number) {
            let name = shorten(&rule.name);
            return Err(refuse(
                &format!("/rules/{number}/name"),
                RuleMistake::NameTwice { name, other },
            ));
        }
        let before = before.and_then(|rules| rules.list.iter().find(|old| old.document.name == rule.name));
        rules.push(Rule {
            split: split(names, rule, number, before.map(|rule| &rule.split))?,
            document: rule.clone(),
            scores: Box::default(),
        });
    }
    let mut draft = Draft::new(rules.len());
    for (number, rule) in document.rules.iter().enumerate() {
        draft.add(number, rule, &facts, &named_scores)?;
    }
    let all = draft.set(&[], &[]);
    let (fields, scores) = draft.fields(&mut rules)?;
    Ok(Rules {
        id: Rules::next_id(),
        sets: draft.sets.into(),
        all,
        fields,
        scores,
        list: rules.into(),
        heads: facts.iter().map(Head::of).collect(),
        facts,
        named_scores,
    })
}

fn refuse(pointer: &str, mistake: RuleMistake) -> TableError {
    TableError::Rule(RuleError {
        pointer: pointer.to_owned(),
        mistake,
    })
}

/// The facts of a table in the order of the key: those that it names, and the built-in ones.
fn facts(document: &TableDocument) -> Result<Box<[Fact]>, TableError> {
    let mut all: BTreeMap<&str, Option<UserKey>> = BUILT_IN.iter().map(|name| (*name, None)).collect();
    for (name, source) in &document.facts {
        all.insert(
            name,
            source_of(source.as_ref(), &format!("/facts/{}", escape(name)), name)?,
        );
    }
    if all.len() > FACTS {
        return Err(refuse("/facts", RuleMistake::TooManyFacts));
    }
    let fact = |(name, source): (&str, _)| Fact {
        name: name.into(),
        source,
    };
    Ok(all.into_iter().map(fact).collect())
}

fn scores(document: &TableDocument) -> Result<Box<[Fact]>, TableError> {
    if document.scores.len() > SCORES {
        return Err(refuse("/scores", RuleMistake::TooManyScores));
    }
    let score = |(name, source): (&String, &Option<UserKey>)| {
        Ok(Fact {
            source: source_of(source.as_ref(), &format!("/scores/{}", escape(name)), name)?,
            name: name.as_str().into(),
        })
    };
    document.scores.iter().map(score).collect()
}

/// Where a fact or a score stands, as a table holds it; its name is checked, too.
fn source_of(source: Option<&UserKey>, pointer: &str, name: &str) -> Result<Option<UserKey>, TableError> {
    let plain =
        |c: char| is_token(name) && (c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c));
    if name.len() > NAME || name.is_empty() || !name.chars().all(plain) {
        return Err(refuse(pointer, RuleMistake::BadName(shorten(name))));
    }
    let Some(source) = source else {
        return Ok(None);
    };
    source.checked().map(Some).map_err(|advice| {
        refuse(
            &format!("{pointer}/{}", source.kind()),
            RuleMistake::BadSource {
                name: shorten(source.name()),
                advice,
            },
        )
    })
}

/// Whose bucket is whose under a rule.
fn split(
    names: &Names<'_>,
    rule: &RuleDocument,
    number: usize,
    before: Option<&Split>,
) -> Result<Split, TableError> {
    let at = format!("/rules/{number}/to");
    let mut shares: Vec<(usize, u32)> = Vec::with_capacity(rule.to.len());
    for (name, weight) in &rule.to {
        let pointer = || format!("{at}/{}", escape(name));
        let slot = names.slot(name, pointer)?;
        if shares.iter().any(|(other, _)| *other == slot) {
            return Err(refuse(
                &pointer(),
                RuleMistake::TargetTwice(names.shape.name(slot)),
            ));
        }
        shares.push((slot, weight.get()));
    }
    if shares.is_empty() {
        let example = names
            .shape
            .slots(|_| true)
            .last()
            .map(|slot| names.shape.name(slot));
        return Err(refuse(&at, RuleMistake::NoTarget(example.unwrap_or_default())));
    }
    let sum: u64 = shares.iter().map(|(_, share)| u64::from(*share)).sum();
    let over = || {
        let (whole, part) = (sum / 10_000, sum % 10_000);
        let text = format!("{whole}.{part:04}");
        refuse(
            &at,
            RuleMistake::Over(text.trim_end_matches('0').trim_end_matches('.').to_owned()),
        )
    };
    if sum > u64::from(BUCKETS) {
        return Err(over());
    }
    let before = before.cloned().unwrap_or_default();
    before.with_shares(&shares).map_err(|_| over())
}

/// The sets of rules, while they are made.
struct Draft {
    words: usize,
    rules: usize,
    sets: Vec<u64>,
    known: HashMap<Box<[u64]>, SetAt>,
    values: usize,
    text: BTreeMap<About, DraftField>,
    scores: BTreeMap<usize, Vec<(usize, Comparison)>>,
}

/// The fields of text, and those of numbers.
type Fields = (Box<[Field]>, Box<[ScoreField]>);

#[derive(Default)]
struct DraftField {
    asking: Vec<usize>,
    exact: BTreeMap<Box<[u8]>, Vec<usize>>,
    patterns: BTreeMap<String, Vec<usize>>,
    pointer: String,
}

impl Draft {
    fn new(rules: usize) -> Self {
        Self {
            words: rules.div_ceil(64),
            rules,
            sets: Vec::new(),
            known: HashMap::new(),
            values: 0,
            text: BTreeMap::new(),
            scores: BTreeMap::new(),
        }
    }

    /// Takes the conditions of a rule apart.
    fn add(
        &mut self,
        number: usize,
        rule: &RuleDocument,
        facts: &[Fact],
        named_scores: &[Fact],
    ) -> Result<(), TableError> {
        let at = format!("/rules/{number}/match");
        let known = |all: &[Fact], name: &str| {
            by_similarity(name, all.iter().map(|fact| fact.name.to_string()).collect())
        };
        let mut conditions = Vec::new();
        if let Some(values) = &rule.matches.dye {
            conditions.push((About::Key, values, format!("{at}/dye")));
        }
        for (name, values) in &rule.matches.facts {
            let pointer = format!("{at}/facts/{}", escape(name));
            let Some(fact) = facts.iter().position(|fact| *fact.name == **name) else {
                let (name, known) = (shorten(name), known(facts, name));
                return Err(refuse(&pointer, RuleMistake::UnknownFact { name, known }));
            };
            conditions.push((About::Fact(fact), values, pointer));
        }
        for (about, values, pointer) in conditions {
            if values.all().is_empty() {
                return Err(refuse(&pointer, RuleMistake::EmptyList));
            }
            for value in values.all() {
                self.values += 1;
                if self.values > VALUES {
                    return Err(refuse("/rules", RuleMistake::TooManyValues(VALUES)));
                }
                self.value(about, value, number, &pointer, facts)?;
            }
            let field = self.text.entry(about).or_default();
            field.asking.push(number);
        }
        for (name, text) in &rule.matches.scores {
            let pointer = format!("{at}/scores/{}", escape(name));
            let Some(score) = named_scores.iter().position(|score| *score.name == **name) else {
                let (name, known) = (shorten(name), known(named_scores, name));
                return Err(refuse(&pointer, RuleMistake::UnknownScore { name, known }));
            };
            let comparison = Comparison::read(text)
                .ok_or_else(|| refuse(&pointer, RuleMistake::BadComparison(shorten(text))))?;
            self.scores.entry(score).or_default().push((number, comparison));
        }
        Ok(())
    }

    fn value(
        &mut self,
        about: About,
        value: &TextDocument,
        rule: usize,
        pointer: &str,
        facts: &[Fact],
    ) -> Result<(), TableError> {
        let field = self.text.entry(about).or_default();
        if let (Some(expression), Some(pattern)) = (value.expression(), value.expression_of_text()) {
            if let Err(error) = syntax::parse(&expression) {
                // The message of the parser shows the place in the expression over several lines; its last one says what it is.
                let text = error.to_string();
                let last = text
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ");
                return Err(refuse(pointer, RuleMistake::BadRegex(last.to_owned())));
            }
            if field.pointer.is_empty() {
                pointer.clone_into(&mut field.pointer);
            }
            let whole = format!(r"\A(?:{pattern})\z");
            // It was read on its own, so that no bracket of it closes ours. A comment at its end (`(?x)`) would hide them.
            if syntax::parse(&format!(r"\A(?:{expression})\z")).is_err() {
                let advice = "its end cannot be found; nest less, and end a comment in it with a line feed";
                return Err(refuse(pointer, RuleMistake::BadRegex(advice.to_owned())));
            }
            field.patterns.entry(whole).or_default().push(rule);
            return Ok(());
        }
        let TextDocument::Exact(text) = value else {
            return Ok(());
        };
        let bytes = match about {
            About::Fact(_) => plain::stored(text).ok_or_else(|| refuse(pointer, RuleMistake::NoValue))?,
            About::Key => plain::canonical(text, facts)
                .map_err(|advice| refuse(pointer, RuleMistake::NotCanonical(advice)))?
                .key()
                .into(),
        };
        field.exact.entry(bytes).or_default().push(rule);
        Ok(())
    }

    /// The set of the rules that do not ask, and of these.
    fn set(&mut self, asking: &[usize], content: &[usize]) -> SetAt {
        let mut words = vec![u64::MAX; self.words];
        // There are no rules behind the last one.
        if let (Some(last), rest @ 1..) = (words.last_mut(), self.rules % 64) {
            *last = (1 << rest) - 1;
        }
        for rule in asking {
            words[rule / 64] &= !(1 << (rule % 64));
        }
        for rule in content {
            words[rule / 64] |= 1 << (rule % 64);
        }
        self.keep(words)
    }

    /// The set of these rules alone.
    fn only(&mut self, rules: &[usize]) -> SetAt {
        let mut words = vec![0; self.words];
        for rule in rules {
            words[rule / 64] |= 1 << (rule % 64);
        }
        self.keep(words)
    }

    /// Where a set stands; equal ones stand once.
    fn keep(&mut self, words: Vec<u64>) -> SetAt {
        let sets = &mut self.sets;
        *self.known.entry(words.into()).or_insert_with_key(|words| {
            // The values of a table are so few that its sets are fewer than 2^32 words.
            let at = SetAt::try_from(sets.len()).unwrap_or(SetAt::MAX);
            let holds = |(word, rules): (usize, &u64)| u64::from(*rules != 0) << word;
            sets.push(words.iter().enumerate().map(holds).sum());
            sets.extend_from_slice(words);
            at
        })
    }

    fn fields(&mut self, rules: &mut [Rule]) -> Result<Fields, TableError> {
        debug_assert!(self.rules <= WORDS * 64);
        let mut fields = Vec::new();
        for (about, field) in std::mem::take(&mut self.text) {
            let exact = field.exact.iter();
            let exact = exact.map(|(value, rules)| (value.clone(), self.set(&field.asking, rules)));
            let exact = exact.collect();
            let expressions: Vec<&str> = field.patterns.keys().map(String::as_str).collect();
            let content = field.patterns.values().map(|rules| self.only(rules)).collect();
            fields.push(Field {
                about,
                exact,
                otherwise: self.set(&field.asking, &[]),
                patterns: patterns(&expressions, content, &field.pointer)?,
            });
        }
        let mut scores = Vec::new();
        for (score, comparisons) in std::mem::take(&mut self.scores) {
            let asking: Vec<usize> = comparisons.iter().map(|(rule, _)| *rule).collect();
            for (rule, comparison) in &comparisons {
                let scores = &mut rules[*rule].scores;
                *scores = scores.iter().copied().chain([(score, *comparison)]).collect();
            }
            let mut thresholds: Vec<f64> = comparisons.iter().map(|(_, one)| one.threshold).collect();
            thresholds.sort_by(f64::total_cmp);
            thresholds.dedup();
            // One number of each interval and each threshold stands for all of its kind.
            let mut sets = Vec::with_capacity(2 * thresholds.len() + 1);
            for place in 0..=2 * thresholds.len() {
                let content = comparisons.iter().filter(|(_, one)| {
                    let own = thresholds.partition_point(|threshold| *threshold < one.threshold);
                    one.operator.holds(place.cmp(&(2 * own + 1)))
                });
                let content: Vec<usize> = content.map(|(rule, _)| *rule).collect();
                sets.push(self.set(&asking, &content));
            }
            scores.push(ScoreField {
                score,
                thresholds: thresholds.into(),
                sets: sets.into(),
                otherwise: self.set(&asking, &[]),
            });
        }
        Ok((fields.into(), scores.into()))
    }
}

/// One automaton for all patterns of a field.
fn patterns(
    expressions: &[&str],
    rules: Box<[SetAt]>,
    pointer: &str,
) -> Result<Option<Arc<Patterns>>, TableError> {
    if expressions.is_empty() {
        return Ok(None);
    }
    let patterns = Patterns::new(expressions, rules);
    let patterns = patterns.map_err(|error| refuse(pointer, RuleMistake::PatternsTooLarge(error)))?;
    Ok(Some(Arc::new(patterns)))
}
