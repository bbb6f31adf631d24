//! What is odd about rules: those that nothing reaches, and those that share requests though neither contains the other.
//!
//! Only what is certain is reported: two different patterns are never compared.

use serde::{Deserialize, Serialize};

use super::document::{OneOrMany, TextDocument};
use super::plain::{self, Comparison};
use super::{Rule, RuleDocument};
use crate::route::dye::Fact;

/// No more are reported of one table.
const MOST: usize = 100;

/// No more rules are named that take all of another one together.
const NAMED: usize = 3;

/// Something odd about a rule that can be used all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule: a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is odd, and what to do.
    pub detail: String,
}

/// All findings, in the order of the rules.
pub(super) fn find(rules: &[Rule], facts: &[Fact]) -> Box<[Finding]> {
    let mut found = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        let (name, pointer) = (&rule.document.name, format!("/rules/{number}"));
        let before = || rules[..number].iter().enumerate();
        let first: Vec<(usize, &Rule)> = before()
            .filter(|(_, earlier)| contains(&earlier.document, &rule.document, facts))
            .collect();
        let alone = first.iter().find(|(_, earlier)| takes_all(&[(0, earlier)], rule));
        if let Some((at, earlier)) = alone {
            found.push(Finding {
                pointer,
                detail: format!(
                    "nothing reaches rule `{name}`: rule {at} `{}` takes all of it; remove one, or put this one first",
                    earlier.document.name
                ),
            });
        } else if takes_all(&first, rule) {
            let numbers: Vec<String> = first.iter().take(NAMED).map(|(at, _)| at.to_string()).collect();
            let more = match first.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            found.push(Finding {
                pointer,
                detail: format!(
                    "nothing reaches rule `{name}`: rules {}{more} together take all of it; remove one, or put this one first",
                    numbers.join(", ")
                ),
            });
        } else {
            let overlapping = before().find(|(_, earlier)| {
                earlier.document.to != rule.document.to
                    && overlap(&earlier.document, &rule.document)
                    && !contains(&earlier.document, &rule.document, facts)
                    && !contains(&rule.document, &earlier.document, facts)
            });
            if let Some((at, earlier)) = overlapping {
                found.push(Finding {
                    pointer,
                    detail: format!(
                        "rule {at} `{}` comes first for some requests of rule `{name}`; narrow one, or keep them in this order",
                        earlier.document.name
                    ),
                });
            }
        }
        if found.len() == MOST {
            break;
        }
    }
    plain::forget();
    found.into()
}

/// Whether some of these rules, which are content with all requests of a rule, own each bucket that it owns.
fn takes_all(first: &[(usize, &Rule)], rule: &Rule) -> bool {
    let mut taken: Vec<(u32, u32)> = first.iter().flat_map(|(_, earlier)| owned(earlier)).collect();
    taken.sort_unstable();
    owned(rule).all(|(start, end)| {
        let reached = taken.iter().fold(start, |reached, (from, to)| {
            if *from <= reached {
                reached.max(*to)
            } else {
                reached
            }
        });
        reached >= end
    })
}

/// The buckets that a rule gives to somebody, as runs.
fn owned(rule: &Rule) -> impl Iterator<Item = (u32, u32)> {
    let segments = rule.split.segments().iter();
    segments
        .filter(|segment| segment.owner.is_some())
        .map(|segment| (segment.start, segment.end))
}

/// Whether every request of `inner` is certainly one of `outer`.
fn contains(outer: &RuleDocument, inner: &RuleDocument, facts: &[Fact]) -> bool {
    let (outer, inner) = (&outer.matches, &inner.matches);
    // What a whole key says of the facts is known where it is written out.
    let keys = || inner.dye.iter().flat_map(OneOrMany::all);
    let from_key = |holds: &dyn Fn(&crate::route::dye::Dye) -> bool| {
        inner.dye.is_some()
            && keys().all(|key| match key {
                TextDocument::Exact(text) => plain::canonical(text, facts).is_ok_and(|dye| holds(&dye)),
                _ => false,
            })
    };
    let dye = outer.dye.as_ref().is_none_or(|outer| {
        inner
            .dye
            .as_ref()
            .is_some_and(|inner| inner.all().iter().all(|one| one_of(outer, one, false)))
    });
    let facts_hold = outer.facts.iter().all(|(name, values)| {
        let own = inner.facts.get(name);
        own.is_some_and(|own| own.all().iter().all(|one| one_of(values, one, true)))
            || from_key(&|dye| plain::holds(values, name, facts, dye))
    });
    let scores_hold = outer.scores.iter().all(|(name, text)| {
        let own = inner.scores.get(name).and_then(|own| Comparison::read(own));
        own.zip(Comparison::read(text))
            .is_some_and(|(own, outer)| implies(own, outer))
    });
    dye && facts_hold && scores_hold
}

/// Whether what one text allows is certainly allowed by a list.
fn one_of(list: &OneOrMany, one: &TextDocument, fact: bool) -> bool {
    list.all().iter().any(|outer| {
        outer == one
            || match one {
                TextDocument::Exact(text) if fact => plain::stored(text)
                    .and_then(|text| String::from_utf8(text.into()).ok())
                    .is_some_and(|text| plain::is(outer, &text, true)),
                TextDocument::Exact(text) => plain::is(outer, text, false),
                _ => false,
            }
    })
}

fn implies(inner: Comparison, outer: Comparison) -> bool {
    use plain::Operator::{AtLeast, AtMost, Less, More};
    match (inner.operator, outer.operator) {
        (More, More | AtLeast) | (AtLeast, AtLeast) => inner.threshold >= outer.threshold,
        (AtLeast, More) => inner.threshold > outer.threshold,
        (Less, Less | AtMost) | (AtMost, AtMost) => inner.threshold <= outer.threshold,
        (AtMost, Less) => inner.threshold < outer.threshold,
        _ => false,
    }
}

/// Whether some request certainly is one of both; rules about scores and whole keys are not compared.
fn overlap(one: &RuleDocument, other: &RuleDocument) -> bool {
    let plain = |rule: &RuleDocument| rule.matches.dye.is_none() && rule.matches.scores.is_empty();
    plain(one)
        && plain(other)
        && one.matches.facts.iter().all(|(name, values)| {
            other.matches.facts.get(name).is_none_or(|others| {
                values.all().iter().any(|value| one_of(others, value, true))
                    || others.all().iter().any(|value| one_of(values, value, true))
            })
        })
}
