//! One field of the rules, a fact or the whole key or a score: from its value to the rules that are content with it.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use regex_automata::util::pool::Pool;
use regex_automata::{Input, PatternSet, meta};
use xxhash_rust::xxh3::xxh3_64;

use super::super::dye::Dye;

/// A set of rules, by where its words begin.
pub(super) type SetAt = usize;

/// What a field is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    /// The whole dye key.
    Key,
    /// The fact of this number.
    Fact(usize),
}

impl About {
    /// What a request says in this field.
    pub(super) fn of<'a>(&self, dye: &'a Dye) -> Option<&'a [u8]> {
        match self {
            About::Key => Some(dye.key()),
            About::Fact(number) => dye.value(*number),
        }
    }
}

/// A field of text.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) about: About,
    /// The rules that a value satisfies that is written out, with those that do not ask for the field.
    pub(super) exact: HashMap<Box<[u8]>, SetAt, BuildHasherDefault<Xxh3>>,
    /// The rules that do not ask for the field.
    pub(super) otherwise: SetAt,
    pub(super) patterns: Option<Arc<Patterns>>,
}

impl Field {
    /// Keeps the rules that are content with what the request says.
    pub(super) fn intersect(&self, dye: &Dye, sets: &[u64], kept: &mut [u64]) {
        let value = self.about.of(dye);
        let at = value.and_then(|value| self.exact.get(value)).copied();
        let base = &sets[at.unwrap_or(self.otherwise)..][..kept.len()];
        match (&self.patterns, value) {
            (Some(patterns), Some(value)) => patterns.intersect(value, sets, base, kept),
            _ => intersect(kept, base),
        }
    }
}

fn intersect(kept: &mut [u64], other: &[u64]) {
    for (word, other) in kept.iter_mut().zip(other) {
        *word &= other;
    }
}

/// All patterns of a field: one automaton, and the rules that each belongs to.
pub(super) struct Patterns {
    pub(super) regex: meta::Regex,
    pub(super) rules: Box<[SetAt]>,
    /// Room for the patterns that match and for the rules that they belong to; each thread finds its own again.
    pub(super) room: Pool<
        PatternSet,
        Box<dyn Fn() -> PatternSet + Send + Sync + std::panic::UnwindSafe + std::panic::RefUnwindSafe>,
    >,
}

impl Patterns {
    fn intersect(&self, value: &[u8], sets: &[u64], base: &[u64], kept: &mut [u64]) {
        let mut found = self.room.get();
        found.clear();
        self.regex
            .which_overlapping_matches(&Input::new(value), &mut found);
        let mut set = [0; super::WORDS];
        let set = &mut set[..kept.len()];
        set.copy_from_slice(base);
        for pattern in found.iter() {
            for (word, content) in set.iter_mut().zip(&sets[self.rules[pattern.as_usize()]..]) {
                *word |= content;
            }
        }
        intersect(kept, set);
    }
}

impl fmt::Debug for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patterns")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
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
    pub(super) fn intersect(&self, dye: &Dye, sets: &[u64], kept: &mut [u64]) {
        let at = dye.score(self.score).map_or(self.otherwise, |score| {
            let below = self.thresholds.partition_point(|threshold| *threshold < score);
            #[allow(clippy::float_cmp)] // On the threshold is what `>` and `>=` differ in.
            let on = self
                .thresholds
                .get(below)
                .is_some_and(|threshold| *threshold == score);
            self.sets[2 * below + usize::from(on)]
        });
        intersect(kept, &sets[at..]);
    }
}

/// XXH3 for the keys of a map. They come from operators; clients look up only, so no seed has to be secret.
#[derive(Debug, Clone, Default)]
pub(super) struct Xxh3(u64);

impl Hasher for Xxh3 {
    fn write(&mut self, bytes: &[u8]) {
        self.0 ^= xxh3_64(bytes);
    }

    /// The length of a slice, which its bytes tell already.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
