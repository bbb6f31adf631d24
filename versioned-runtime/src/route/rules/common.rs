//! What two rules have in common: looks for a request, by walking the automata of their conditions together.
//!
//! A request is walked as its dye key is written, fact by fact: absent, or the name and the bytes of a value. A condition on a fact looks
//! at its value, one on the whole key at everything. So it is found out what no pair of patterns says by itself: whether one allows all that
//! the other does, and whether any request is of both. Keys that are written out are requests already, and are tried one by one. Scores
//! are apart from it; they are compared as intervals.

mod walk;

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use regex_automata::dfa::{Automaton as _, dense};
use regex_automata::util::primitives::StateID;

use super::RuleDocument;
use super::comparison::scores_meet;
use super::document::{MatchDocument, OneOrMany, TextDocument};
use super::patterns;
use super::plain;
use crate::route::dye::{Dye, Fact};

use walk::Walk;

/// The most steps that may be taken for one table; a step is a byte in one automaton, or what takes about as long. They are a fraction of
/// a second.
const STEPS: usize = 4_000_000;
/// The most steps of one walk: what is hard to compare leaves something to the others.
const WALK: usize = 200_000;
/// What beginning a walk takes, for each automaton: which bytes it tells apart is looked up for all of them.
const BEGIN: usize = 300;
/// What building an automaton takes: one that is too large is not built to its end.
const BUILD: usize = 10_000;
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

/// A rule that is compared with many others.
pub(super) struct Compared<'a> {
    pub(super) matches: &'a MatchDocument,
    /// Its keys, where they are all written out: no request of another key is one of it.
    keys: Option<Vec<(&'a str, Dye)>>,
    /// What it asks; worked out when it is needed.
    asked: OnceCell<Option<Vec<Asked>>>,
}

/// What was found.
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

impl<'a> Compared<'a> {
    pub(super) fn new(rule: &'a RuleDocument, facts: &[Fact]) -> Self {
        let keys = rule.matches.dye.as_ref().and_then(|keys| {
            let key = |key: &'a TextDocument| match key {
                TextDocument::Exact(text) => Some((&**text, plain::canonical(text, facts).ok()?)),
                TextDocument::Glob(_) | TextDocument::Regex(_) => None,
            };
            keys.all().iter().map(key).collect()
        });
        Self {
            matches: &rule.matches,
            keys,
            asked: OnceCell::new(),
        }
    }
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
    pub(super) fn both(&mut self, one: &Compared<'_>, other: &Compared<'_>) -> Search {
        if !scores_meet(one.matches, other.matches) {
            return Search::Nothing;
        }
        if let Some((keys, own, other)) = (one.keys.as_ref().map(|keys| (keys, one, other)))
            .or_else(|| other.keys.as_ref().map(|keys| (keys, other, one)))
        {
            return self.first(keys, |walker, dye| {
                Some(walker.holds(other, dye)? && walker.holds(own, dye)?)
            });
        }
        match self.asked(one).zip(self.asked(other)) {
            Some((one, other)) => self.find(&[one, other].concat()),
            None => self.give_up(),
        }
    }

    /// A request of `inner` that is not one of `outer`, as far as facts and keys tell it.
    pub(super) fn outside(&mut self, inner: &Compared<'_>, outer: &Compared<'_>) -> Search {
        if let Some(keys) = &inner.keys {
            return self.first(keys, |walker, dye| {
                Some(walker.holds(inner, dye)? && !walker.holds(outer, dye)?)
            });
        }
        let Some((inner, outer)) = self.asked(inner).zip(self.asked(outer)) else {
            return self.give_up();
        };
        // Whatever is not one of `outer` breaks one of its conditions.
        let mut found = Search::Nothing;
        for condition in outer {
            let mut asked = inner.clone();
            asked.push(Asked {
                holds: false,
                ..condition
            });
            match self.find(&asked) {
                Search::Found(key) => return Search::Found(key),
                Search::Nothing => {}
                Search::Unknown => found = Search::Unknown,
            }
        }
        found
    }

    /// The first of these keys of which something is so.
    fn first(
        &mut self,
        keys: &[(&str, Dye)],
        mut is_so: impl FnMut(&mut Self, &Dye) -> Option<bool>,
    ) -> Search {
        let mut found = Search::Nothing;
        for (key, dye) in keys {
            match is_so(self, dye) {
                Some(true) => return Search::Found((*key).to_owned()),
                Some(false) => {}
                None => found = self.give_up(),
            }
        }
        found
    }

    /// Whether a request is one of a rule, as far as facts and keys tell it; nothing where that would take too long.
    fn holds(&mut self, rule: &Compared<'_>, dye: &Dye) -> Option<bool> {
        let key = rule.matches.dye.as_ref();
        if let Some(keys) = key
            && !self.any(keys, dye.text(), |exact, text| exact == text)?
        {
            return Some(false);
        }
        for (name, values) in &rule.matches.facts {
            let number = self.facts.iter().position(|fact| *fact.name == **name);
            let value = number.and_then(|number| std::str::from_utf8(dye.value(number)?).ok());
            let stored = |exact: &str, value: &str| {
                plain::stored(exact).is_some_and(|exact| *exact == *value.as_bytes())
            };
            let Some(value) = value else {
                return Some(false);
            };
            if !self.any(values, value, stored)? {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Whether a text is one of a list, or like one of its patterns.
    fn any(&mut self, texts: &OneOrMany, text: &str, is_exact: impl Fn(&str, &str) -> bool) -> Option<bool> {
        self.charge(texts.all().len())?;
        for one in texts.all() {
            let holds = match one {
                TextDocument::Exact(exact) => is_exact(exact, text),
                pattern => self.is_like(pattern, text.as_bytes())?,
            };
            if holds {
                return Some(true);
            }
        }
        Some(false)
    }

    /// Whether a fact with this value is like a pattern; nothing where that would take too long.
    pub(super) fn fact_is_like(&mut self, pattern: &TextDocument, value: &str) -> Option<bool> {
        let value = plain::stored(value)?;
        self.is_like(pattern, &value)
    }

    fn is_like(&mut self, pattern: &TextDocument, text: &[u8]) -> Option<bool> {
        self.charge(text.len())?;
        let known = self.patterns.get(pattern).cloned();
        let language = known.unwrap_or_else(|| {
            let built = pattern
                .expression_of_text()
                .and_then(|expression| self.language(expression));
            self.patterns.insert(pattern.clone(), built.clone());
            built
        });
        let Some(language) = language else {
            self.gave_up = true;
            return None;
        };
        let step = |state, byte: &u8| language.automaton.next_state(state, *byte);
        Some(language.allows(text.iter().fold(language.start, step)))
    }

    /// Takes steps from those that are left.
    fn charge(&mut self, steps: usize) -> Option<()> {
        match self.steps.checked_sub(steps) {
            Some(left) if left > 0 => self.steps = left,
            _ => {
                (self.steps, self.gave_up) = (0, true);
                return None;
            }
        }
        Some(())
    }

    fn give_up(&mut self) -> Search {
        self.gave_up = true;
        Search::Unknown
    }

    /// What a rule asks of facts and of the key.
    fn asked(&mut self, rule: &Compared<'_>) -> Option<Vec<Asked>> {
        let asked = rule.asked.get_or_init(|| self.ask(rule.matches));
        asked.clone()
    }

    fn ask(&mut self, matches: &MatchDocument) -> Option<Vec<Asked>> {
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
        self.charge(BUILD + expression.len())?;
        let built = patterns::dense(&[&format!(r"\A(?:{expression})\z")]).and_then(|(automaton, start)| {
            self.room = self.room.checked_sub(automaton.memory_usage())?;
            Some(Rc::new(Language { automaton, start }))
        });
        if built.is_none() {
            // It was as large as one may be before that was seen.
            self.charge(10 * BUILD)?;
        }
        self.languages.insert(expression, built.clone());
        built
    }

    /// A request of which all of this is so.
    fn find(&mut self, asked: &[Asked]) -> Search {
        let begun = self.charge(BEGIN * (asked.len() + 1));
        let Some(valid) = begun.and_then(|()| self.language(VALID.to_owned())) else {
            return self.give_up();
        };
        let limit = WALK.min(self.steps);
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
