//! What is odd about rules: those that nothing reaches, and those that share requests though neither contains the other.
//!
//! Only what is certain is reported, and it is said where something could not be found out. Lists of exact values are compared one by
//! one; where patterns or whole keys are asked for, [`common`] looks for a request.

use serde::{Deserialize, Serialize};

use super::common::{Search, Walker};
use super::comparison::{scores_imply, scores_meet};
use super::document::{OneOrMany, TextDocument};
use super::{Rule, RuleDocument};
use crate::route::dye::{Fact, is_plain};

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
    let mut walker = Walker::new(facts);
    let mut found = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        if let Some(detail) = odd(&mut walker, &rules[..number], rule) {
            let pointer = format!("/rules/{number}");
            found.push(Finding { pointer, detail });
        }
        if found.len() == MOST {
            break;
        }
    }
    if walker.gave_up() {
        found.push(Finding {
            pointer: "/rules".to_owned(),
            detail: "not all rules could be compared: there are too many patterns, or too large ones; \
                     there may be more to find"
                .to_owned(),
        });
    }
    found.into()
}

/// What is odd about a rule after these.
fn odd(walker: &mut Walker<'_>, before: &[Rule], rule: &Rule) -> Option<String> {
    let (name, document) = (&rule.document.name, &rule.document);
    if has_patterns(document) && walker.both(document, document) == Search::Nothing {
        return Some(format!(
            "no request can be one of rule `{name}`: its conditions exclude each other, or a pattern is like no text; \
             in a key the facts stand in the order of their names"
        ));
    }
    let first: Vec<(usize, &Rule)> = before
        .iter()
        .enumerate()
        .filter(|(_, earlier)| contains(walker, &earlier.document, document))
        .collect();
    if let Some((at, earlier)) = first.iter().find(|(_, earlier)| takes_all(&[(0, earlier)], rule)) {
        return Some(format!(
            "nothing reaches rule `{name}`: rule {at} `{}` takes all of it; remove one, or put this one first",
            earlier.document.name
        ));
    }
    if takes_all(&first, rule) {
        let numbers: Vec<String> = first.iter().take(NAMED).map(|(at, _)| at.to_string()).collect();
        let more = match first.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        return Some(format!(
            "nothing reaches rule `{name}`: rules {}{more} together take all of it; remove one, or put this one first",
            numbers.join(", ")
        ));
    }
    let mut others = before.iter().enumerate().filter(|(at, earlier)| {
        earlier.document.to != document.to && first.iter().all(|(containing, _)| containing != at)
    });
    let (at, earlier) = others.find(|(_, earlier)| {
        overlap(walker, &earlier.document, document) && !contains(walker, document, &earlier.document)
    })?;
    let example = match walker.both(&earlier.document, document) {
        Search::Found(key) if !key.is_empty() => format!(", such as `{key}`"),
        _ => String::new(),
    };
    Some(format!(
        "rule {at} `{}` comes first for some requests of rule `{name}`{example}; narrow one, or keep them in this order",
        earlier.document.name
    ))
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
fn contains(walker: &mut Walker<'_>, outer: &RuleDocument, inner: &RuleDocument) -> bool {
    let (wide, narrow) = (&outer.matches, &inner.matches);
    if !scores_imply(narrow, wide) {
        return false;
    }
    if wide.dye.is_some() || narrow.dye.is_some() {
        return walker.is_within(inner, outer);
    }
    // Of a fact that is not asked for a request may have any value, and none.
    let facts = wide
        .facts
        .iter()
        .map(|(name, values)| (values, narrow.facts.get(name)));
    if facts.clone().any(|(_, own)| own.is_none()) {
        return false;
    }
    let known = facts
        .clone()
        .all(|(values, own)| own.is_some_and(|own| own.all().iter().all(|one| one_of(walker, values, one))));
    let mut pairs = facts.filter_map(|(values, own)| Some((values, own?)));
    let may_be = |(values, own): (&OneOrMany, &OneOrMany)| {
        let mut own = own.all().iter();
        own.all(|one| values.all().iter().any(|outer| may_meet(outer, one)))
    };
    known
        || pairs.clone().any(|(_, own)| any_pattern(own))
            && pairs.all(may_be)
            && walker.is_within(inner, outer)
}

/// Whether some request certainly is one of both.
fn overlap(walker: &mut Walker<'_>, one: &RuleDocument, other: &RuleDocument) -> bool {
    if !scores_meet(&one.matches, &other.matches) {
        return false;
    }
    let found = |walker: &mut Walker<'_>| matches!(walker.both(one, other), Search::Found(_));
    if one.matches.dye.is_some() || other.matches.dye.is_some() {
        return found(walker);
    }
    let mut unknown = false;
    for (name, values) in &one.matches.facts {
        let Some(others) = other.matches.facts.get(name) else {
            continue;
        };
        let meet = values.all().iter().any(|value| one_of(walker, others, value))
            || others.all().iter().any(|value| one_of(walker, values, value));
        let patterns = || others.all().iter().filter(|text| is_pattern(text));
        let mut own = values.all().iter().filter(|text| is_pattern(text));
        let may_be = own.any(|one| patterns().any(|other| may_meet(one, other)));
        if !meet && !may_be {
            return false;
        }
        unknown |= !meet;
    }
    !unknown || found(walker)
}

/// Whether what one text allows of a fact is certainly allowed by a list.
fn one_of(walker: &mut Walker<'_>, list: &OneOrMany, one: &TextDocument) -> bool {
    list.all().iter().any(|outer| {
        outer == one
            || match one {
                TextDocument::Exact(text) => {
                    is_pattern(outer) && may_meet(outer, one) && walker.is_like(outer, text)
                }
                TextDocument::Glob(_) | TextDocument::Regex(_) => false,
            }
    })
}

/// Whether two texts may allow the same value; cheaper than a walk, and true where it is not known. Most globs begin differently.
fn may_meet(one: &TextDocument, other: &TextDocument) -> bool {
    match (beginning(one), beginning(other)) {
        (Some(one), Some(other)) => one.starts_with(other) || other.starts_with(one),
        _ => true,
    }
}

/// What all values begin with that a text allows, where that is easily told.
fn beginning(text: &TextDocument) -> Option<&str> {
    match text {
        TextDocument::Glob(pattern) => pattern.glob.split(['*', '?']).next(),
        // Patterns look at values as keys hold them.
        TextDocument::Exact(text) => Some(&**text).filter(|text| is_plain(text.as_bytes())),
        TextDocument::Regex(_) => None,
    }
}

fn is_pattern(text: &TextDocument) -> bool {
    !matches!(text, TextDocument::Exact(_))
}

fn any_pattern(texts: &OneOrMany) -> bool {
    texts.all().iter().any(is_pattern)
}

/// Whether it may be that no request is one of the rule.
fn has_patterns(rule: &RuleDocument) -> bool {
    rule.matches.dye.is_some() || rule.matches.facts.values().any(any_pattern)
}
