//! What two rules have in common: looks for a request, by walking the automata of their conditions together.
//!
//! A request is walked as its dye key is written, fact by fact: absent, or the name and the bytes of a value. A condition on a fact looks
//! at its value, one on the whole key at everything. So it is found out what no pair of patterns says by itself: whether one allows all that
//! the other does, and whether any request is of both. Scores are apart from it; they are compared as intervals.

mod walk;

use std::collections::HashMap;
use std::rc::Rc;

use regex_automata::dfa::{Automaton as _, dense};
use regex_automata::util::primitives::StateID;

use super::RuleDocument;
use super::comparison::{scores_imply, scores_meet};
use super::document::{MatchDocument, OneOrMany, TextDocument};
use super::patterns;
use super::plain;
use crate::route::dye::Fact;

use walk::Walk;

/// The most steps that all walks for one table may take; a step is a byte in one automaton. It is a fraction of a second.
const STEPS: usize = 4_000_000;
/// The most steps of one walk: what is hard to compare leaves something to the others.
const WALK: usize = 200_000;
/// The most bytes that the automata may take meanwhile.
const ROOM: usize = 16 * 1024 * 1024;

/// What a value looks like in a key: it is text, and has no other escapes than a key writes.
const VALID: &str = r"(?:[^\x00-\x1f\x7f|%]|%(?:[01][0-9A-F]|25|7C|7F))+";

/// Looks for requests of rules.
pub(super) struct Walker<'a> {
    facts: &'a [Fact],
    languages: HashMap<String, Option<Rc<Language>>>,
    /// Those of single patterns, which are looked for most often.
    patterns: HashMap<TextDocument, Option<Rc<Language>>>,
    room: usize,
    steps: usize,
    /// Whether something was too much to be found out.
    gave_up: bool,
}

/// What a walk has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Search {
    /// A request, by its dye key.
    Found(String),
    /// There is none.
    Nothing,
    /// It would take too long, or too much room.
    Unknown,
}

/// The texts that a condition allows.
struct Language {
    automaton: dense::DFA<Vec<u32>>,
    start: StateID,
}

impl Language {
    fn allows(&self, at: StateID) -> bool {
        self.automaton.is_match_state(self.automaton.next_eoi_state(at))
    }
}

/// What is asked of a request: that a condition holds, or that it does not.
#[derive(Clone)]
struct Asked {
    /// The number of the fact; none for the whole key.
    fact: Option<usize>,
    language: Rc<Language>,
    holds: bool,
}

impl<'a> Walker<'a> {
    pub(super) fn new(facts: &'a [Fact]) -> Self {
        Self {
            facts,
            languages: HashMap::new(),
            patterns: HashMap::new(),
            room: ROOM,
            steps: STEPS,
            gave_up: false,
        }
    }

    /// Whether something was too much to be found out.
    pub(super) fn gave_up(&self) -> bool {
        self.gave_up
    }

    /// A request that is one of both rules.
    pub(super) fn both(&mut self, one: &RuleDocument, other: &RuleDocument) -> Search {
        if !scores_meet(&one.matches, &other.matches) {
            return Search::Nothing;
        }
        let asked = self.asked(&one.matches).zip(self.asked(&other.matches));
        match asked {
            Some((one, other)) => self.find(&[one, other].concat()),
            None => self.give_up(),
        }
    }

    /// Whether every request of `inner` is certainly one of `outer`.
    pub(super) fn is_within(&mut self, inner: &RuleDocument, outer: &RuleDocument) -> bool {
        if !scores_imply(&inner.matches, &outer.matches) {
            return false;
        }
        let asked = self.asked(&inner.matches).zip(self.asked(&outer.matches));
        let Some((inner, outer)) = asked else {
            return self.give_up() == Search::Nothing;
        };
        // Whatever is not one of `outer` breaks one of its conditions.
        outer.into_iter().all(|condition| {
            let broken = Asked {
                holds: false,
                ..condition
            };
            let mut asked = inner.clone();
            asked.push(broken);
            self.find(&asked) == Search::Nothing
        })
    }

    /// Whether a fact with this value is like a pattern.
    pub(super) fn is_like(&mut self, pattern: &TextDocument, value: &str) -> bool {
        let known = self.patterns.get(pattern).cloned();
        let language = known.unwrap_or_else(|| {
            let built = pattern
                .expression_of_text()
                .and_then(|expression| self.language(expression));
            self.patterns.insert(pattern.clone(), built.clone());
            built
        });
        let Some((value, language)) = plain::stored(value).zip(language) else {
            self.gave_up = true;
            return false;
        };
        let step = |state, byte: &u8| language.automaton.next_state(state, *byte);
        language.allows(value.iter().fold(language.start, step))
    }

    fn give_up(&mut self) -> Search {
        self.gave_up = true;
        Search::Unknown
    }

    /// What a rule asks of facts and of the key.
    fn asked(&mut self, matches: &MatchDocument) -> Option<Vec<Asked>> {
        let mut asked = Vec::new();
        for (name, values) in &matches.facts {
            let fact = self.facts.iter().position(|fact| *fact.name == **name)?;
            let language = self.language_of(values, true)?;
            asked.push(Asked {
                fact: Some(fact),
                language,
                holds: true,
            });
        }
        if let Some(keys) = &matches.dye {
            let language = self.language_of(keys, false)?;
            asked.push(Asked {
                fact: None,
                language,
                holds: true,
            });
        }
        Some(asked)
    }

    fn language_of(&mut self, texts: &OneOrMany, fact: bool) -> Option<Rc<Language>> {
        let one = |text: &TextDocument| match text {
            TextDocument::Exact(text) if fact => {
                let stored = plain::stored(text)?;
                Some(regex_syntax::escape(std::str::from_utf8(&stored).ok()?))
            }
            TextDocument::Exact(text) => Some(regex_syntax::escape(text)),
            pattern => Some(format!("(?:{})", pattern.expression_of_text()?)),
        };
        let all: Option<Vec<String>> = texts.all().iter().map(one).collect();
        self.language(all?.join("|"))
    }

    fn language(&mut self, expression: String) -> Option<Rc<Language>> {
        if let Some(known) = self.languages.get(&expression) {
            return known.clone();
        }
        let built = patterns::dense(&[&format!(r"\A(?:{expression})\z")]).and_then(|(automaton, start)| {
            self.room = self.room.checked_sub(automaton.memory_usage())?;
            Some(Rc::new(Language { automaton, start }))
        });
        self.languages.insert(expression, built.clone());
        built
    }

    /// A request of which all of this is so.
    fn find(&mut self, asked: &[Asked]) -> Search {
        let limit = WALK.min(self.steps);
        let Some(valid) = self.language(VALID.to_owned()) else {
            return self.give_up();
        };
        let mut walk = Walk::new(self.facts, asked, valid);
        let found = walk.run(limit);
        self.steps -= walk.steps().min(limit);
        match found {
            Search::Unknown => self.give_up(),
            found => found,
        }
    }
}

#[cfg(test)]
mod tests;
