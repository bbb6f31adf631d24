//! One field of the rules, a fact or the whole key or a score: from its value to the rules that are content with it.

use std::sync::Arc;

use super::super::dye::FACTS;
use super::patterns::Patterns;
use crate::text_map::TextMap;

/// A set of rules, by where it begins among the sets of a table: first which of its words hold a rule, by one bit each, then the words.
pub(super) type SetAt = u32;

/// What a field is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    /// The whole dye key.
    Key,
    /// The fact of this number.
    Fact(usize),
}

/// What a request says in the fields of text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Texts<'a> {
    pub(super) key: &'a [u8],
    /// The values of the facts as they stand in the key; an empty one is none.
    pub(super) facts: &'a [&'a [u8]; FACTS],
}

impl<'a> Texts<'a> {
    fn of(&self, about: About) -> Option<&'a [u8]> {
        match about {
            About::Key => Some(self.key),
            About::Fact(number) => self.facts.get(number).copied().filter(|value| !value.is_empty()),
        }
    }
}

/// A field of text.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) about: About,
    /// The rules that a value satisfies that is written out, with those that do not ask for the field.
    pub(super) exact: TextMap<SetAt>,
    /// The rules that do not ask for the field.
    pub(super) otherwise: SetAt,
    pub(super) patterns: Option<Arc<Patterns>>,
}

impl Field {
    /// The rules that are content with what the request says: those of one set, and those that `more` is told.
    #[inline]
    pub(super) fn content(&self, said: &Texts<'_>, more: impl FnMut(SetAt)) -> SetAt {
        let Some(value) = said.of(self.about) else {
            return self.otherwise;
        };
        if let Some(patterns) = &self.patterns {
            patterns.each(value, more);
        }
        self.exact.get(value).copied().unwrap_or(self.otherwise)
    }
}

/// A score: thresholds part the numbers into points and the intervals between them, each with the rules that it satisfies.
#[derive(Debug, Clone)]
pub(super) struct ScoreField {
    /// The number of the score.
    pub(super) score: usize,
    /// Ascending.
    pub(super) thresholds: Box<[f64]>,
    /// Below the first threshold, on it, between it and the next, and so on.
    pub(super) sets: Box<[SetAt]>,
    /// The rules that do not ask for the score.
    pub(super) otherwise: SetAt,
}

impl ScoreField {
    /// The rules that are content with a score.
    pub(super) fn content(&self, score: Option<f64>) -> SetAt {
        score.map_or(self.otherwise, |score| {
            let below = self.thresholds.partition_point(|threshold| *threshold < score);
            #[allow(clippy::float_cmp)] // On the threshold is what `>` and `>=` differ in.
            let on = self
                .thresholds
                .get(below)
                .is_some_and(|threshold| *threshold == score);
            self.sets[2 * below + usize::from(on)]
        })
    }
}
