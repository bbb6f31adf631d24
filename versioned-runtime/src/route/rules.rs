//! Rules: who serves requests of certain facts, before the shares of the contract are asked.
//!
//! Rules are compiled when the table is built. For each fact that they look at, the table knows which rules a value satisfies; a
//! request is in the rules that all of its facts satisfy, so that the cost is that of the facts, not of the rules.

mod compile;
pub mod document;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use regex::Regex;

use super::{Split, UserKey};

pub use document::{Comparison, Condition, RuleDocument};

/// The most rules of one table.
pub const MOST_RULES: usize = WORDS * 64;

/// The words of a set of rules.
const WORDS: usize = 16;

/// A fact that rules look at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Fact {
    /// The dye key: the facts of the configuration in their order, such as `region:cn-east|user_type:premium`.
    Dye,
    /// A fact of the configuration.
    Named(String),
    /// A place in the request.
    Place(UserKey),
}

/// The rules of a table.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    compiled: Box<[Rule]>,
    /// By fact, in the order in which a request tells them.
    facts: Box<[Fact]>,
    indices: Box<[Index]>,
    documents: Box<[RuleDocument]>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    /// Which of the users in it each implementation gets.
    split: Split,
}

/// Which rules a value of one fact satisfies.
#[derive(Debug, Clone)]
struct Index {
    /// Those that do not look at the fact.
    indifferent: Set,
    /// Those that a missing fact satisfies.
    missing: Set,
    /// Those that any value satisfies.
    present: Set,
    /// Those that a text satisfies.
    exact: HashMap<Box<str>, Set>,
    patterns: Box<[(usize, Regex)]>,
    /// Those that a number in this open interval satisfies.
    numbers: Box<[(usize, f64, f64)]>,
}

/// A set of rules, by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Set([u64; WORDS]);

impl Set {
    fn all(count: usize) -> Self {
        let mut set = Self::default();
        (0..count).for_each(|rule| set.add(rule));
        set
    }

    fn add(&mut self, rule: usize) {
        self.0[rule / 64] |= 1 << (rule % 64);
    }

    fn join(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(other.0) {
            *word |= other;
        }
    }

    fn cut(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(other.0) {
            *word &= other;
        }
    }

    /// The rules in their order.
    fn iter(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(at, mut word)| {
            std::iter::from_fn(move || {
                let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
                word &= word - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

impl Index {
    /// The rules that a value satisfies, as far as this fact goes.
    fn satisfied(&self, value: Option<&str>) -> Set {
        let mut set = self.indifferent;
        let Some(value) = value else {
            set.join(&self.missing);
            return set;
        };
        set.join(&self.present);
        if let Some(exact) = self.exact.get(value) {
            set.join(exact);
        }
        for (rule, pattern) in &self.patterns {
            if pattern.is_match(value) {
                set.add(*rule);
            }
        }
        if let (false, Ok(number)) = (self.numbers.is_empty(), value.trim().parse::<f64>()) {
            let within = self
                .numbers
                .iter()
                .filter(|(_, above, below)| number > *above && number < *below);
            within.for_each(|(rule, ..)| set.add(*rule));
        }
        set
    }
}

impl Rules {
    /// The facts that requests have to tell, in this order.
    #[must_use]
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// The rules as they were written.
    #[must_use]
    pub fn documents(&self) -> &[RuleDocument] {
        &self.documents
    }

    /// The name of a rule.
    #[must_use]
    pub fn name(&self, rule: usize) -> &str {
        self.documents.get(rule).map_or("", |document| &document.name)
    }

    /// The first rule that a request of these facts is in and that has an implementation for its bucket, with that implementation.
    #[must_use]
    pub(super) fn choose<V: AsRef<str>>(&self, facts: &[Option<V>], bucket: u32) -> Option<(usize, usize)> {
        let owner = |rule: usize| Some((rule, self.compiled[rule].split.owner(bucket)?));
        self.matching(facts)?.iter().find_map(owner)
    }

    /// The rules that a request of these facts is in, whatever its bucket.
    pub(super) fn all_matching<V: AsRef<str>>(&self, facts: &[Option<V>]) -> Vec<usize> {
        self.matching(facts)
            .map_or_else(Vec::new, |set| set.iter().collect())
    }

    fn matching<V: AsRef<str>>(&self, facts: &[Option<V>]) -> Option<Set> {
        if self.compiled.is_empty() {
            return None;
        }
        let mut matching = Set::all(self.compiled.len());
        for (place, index) in self.indices.iter().enumerate() {
            let value = facts.get(place).and_then(Option::as_ref).map(AsRef::as_ref);
            matching.cut(&index.satisfied(value));
        }
        Some(matching)
    }
}

impl PartialEq for Rules {
    /// Rules are what their documents say, and who has which users.
    fn eq(&self, other: &Self) -> bool {
        self.documents == other.documents && self.compiled == other.compiled && self.facts == other.facts
    }
}

impl Eq for Rules {}

impl std::fmt::Display for Fact {
    /// As rules name it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fact::Dye => f.write_str("dye"),
            Fact::Named(name) => f.write_str(name),
            Fact::Place(place) => write!(f, "{}:{}", place.kind(), place.name()),
        }
    }
}

/// The dye key: facts in the order of the configuration, as far as they are known: `region:cn-east|user_type:premium`. What separates
/// them cannot be forged by a value: `|` in it becomes `%7C`.
pub(crate) fn dye<'v>(facts: impl IntoIterator<Item = (&'v str, Option<&'v str>)>) -> String {
    let mut dye = String::new();
    for (name, value) in facts {
        let Some(value) = value else { continue };
        if !dye.is_empty() {
            dye.push('|');
        }
        dye.push_str(name);
        dye.push(':');
        for c in value.chars() {
            match c {
                '|' => dye.push_str("%7C"),
                c => dye.push(c),
            }
        }
    }
    dye
}
