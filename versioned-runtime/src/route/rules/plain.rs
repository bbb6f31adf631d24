//! One rule at a time, the plain way: what explanations are made with. Slow, and it says what does not hold.

use std::cell::RefCell;
use std::collections::HashMap;

use regex_automata::meta::Regex;
use serde::Serialize;

use super::comparison::Comparison;
use super::document::{OneOrMany, RuleDocument, TextDocument};
use crate::route::dye::{Dye, Fact};

thread_local! {
    /// The patterns that this thread has tried lately: compiling one takes longer than all of its matches.
    static COMPILED: RefCell<HashMap<String, Option<Regex>>> = RefCell::default();
}

/// A condition of a rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// `dye`, or the name of the fact or the score.
    pub condition: String,
    /// What the request says there; none if it says nothing.
    pub value: Option<String>,
}

/// A value as the key holds it; none if no request can have it.
pub(super) fn stored(value: &str) -> Option<Box<[u8]>> {
    let mut dye = Dye::default();
    dye.push(0, "", value);
    dye.value(0).map(Into::into)
}

/// A key that is written out, as the dye that has it, or what is wrong with it.
pub(super) fn canonical(text: &str, facts: &[Fact]) -> Result<Dye, String> {
    let mut dye = Dye::default();
    let mut next = 0;
    for part in text.split('|').filter(|_| !text.is_empty()) {
        let form = "write `name:value` of each fact, parted by `|`";
        let (name, value) = part.split_once(':').ok_or(form)?;
        let Some(number) = facts.iter().position(|fact| *fact.name == *name) else {
            return Err(format!("there is no fact `{name}`, name it in `/facts`"));
        };
        if number < next {
            return Err("put the facts into the order of their names, each once".into());
        }
        next = number + 1;
        let raw: String = percent_encoding::percent_decode_str(value)
            .decode_utf8_lossy()
            .into();
        dye.push(number, name, &raw);
    }
    if dye.text() == text {
        Ok(dye)
    } else {
        Err(format!("it would be `{}`", dye.text()))
    }
}

/// Whether all conditions of a rule hold, or the first that does not.
pub(super) fn check(rule: &RuleDocument, facts: &[Fact], scores: &[Fact], dye: &Dye) -> Result<(), Mismatch> {
    let matches = &rule.matches;
    if let Some(values) = &matches.dye
        && !values.all().iter().any(|value| is(value, dye.text(), false))
    {
        return Err(mismatch("dye", Some(dye.text().to_owned())));
    }
    for (name, values) in &matches.facts {
        if !holds(values, name, facts, dye) {
            let value = value_of(name, facts, dye).map(ToOwned::to_owned);
            return Err(mismatch(name, value));
        }
    }
    for (name, text) in &matches.scores {
        let number = scores.iter().position(|score| *score.name == **name);
        let score = number.and_then(|number| dye.score(number));
        let comparison = Comparison::read(text);
        if !score
            .zip(comparison)
            .is_some_and(|(score, comparison)| comparison.holds(score))
        {
            return Err(mismatch(name, score.map(|score| score.to_string())));
        }
    }
    Ok(())
}

/// Whether a condition on a fact holds.
pub(super) fn holds(values: &OneOrMany, name: &str, facts: &[Fact], dye: &Dye) -> bool {
    value_of(name, facts, dye).is_some_and(|value| values.all().iter().any(|one| is(one, value, true)))
}

/// Whether a text, of a fact or the whole key, is what is written.
pub(super) fn is(written: &TextDocument, text: &str, fact: bool) -> bool {
    match written {
        TextDocument::Exact(exact) if fact => stored(exact).is_some_and(|exact| *exact == *text.as_bytes()),
        TextDocument::Exact(exact) => exact == text,
        pattern => pattern.expression().is_some_and(|expression| {
            COMPILED.with_borrow_mut(|compiled| {
                if compiled.len() > 256 {
                    compiled.clear();
                }
                let regex = compiled
                    .entry(expression)
                    .or_insert_with_key(|expression| Regex::new(&format!(r"\A(?:{expression})\z")).ok());
                regex.as_ref().is_some_and(|regex| regex.is_match(text))
            })
        }),
    }
}

fn value_of<'a>(name: &str, facts: &[Fact], dye: &'a Dye) -> Option<&'a str> {
    let number = facts.iter().position(|fact| *fact.name == *name)?;
    std::str::from_utf8(dye.value(number)?).ok()
}

fn mismatch(condition: &str, value: Option<String>) -> Mismatch {
    Mismatch {
        condition: condition.to_owned(),
        value,
    }
}
