//! What is odd about rules: those that nothing reaches, and those that share requests though neither contains the other.
//!
//! Only what is certain is reported, and it is said where something could not be found out. Lists of exact values are compared one by
//! one; where patterns or whole keys are asked for, [`common`](super::common) looks for a request.

use serde::{Deserialize, Serialize};

use super::common::{Compared, Search, Walker};
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

/// A rule and what it is compared by.
struct Known<'a> {
    rule: &'a Rule,
    compared: Compared<'a>,
}

/// All findings, in the order of the rules. What is rolled back gets nobody.
pub(super) fn find(rules: &[Rule], facts: &[Fact], rolled_back: &[bool]) -> Box<[Finding]> {
    let mut walker = Walker::new(facts);
    let known = |rule| Known {
        rule,
        compared: Compared::new(&rule.document, facts),
    };
    let rules: Vec<Known<'_>> = rules.iter().map(known).collect();
    let mut found = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        if let Some(detail) = odd(&mut walker, &rules[..number], rule, rolled_back) {
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
fn odd(
    walker: &mut Walker<'_>,
    before: &[Known<'_>],
    this: &Known<'_>,
    rolled_back: &[bool],
) -> Option<String> {
    let (name, document) = (&this.rule.document.name, &this.rule.document);
    if document.to.values().all(|weight| weight.get() == 0) {
        return Some(format!(
            "rule `{name}` gives nobody to anybody: raise a weight, or remove it"
        ));
    }
    if has_patterns(document) && walker.both(&this.compared, &this.compared) == Search::Nothing {
        return Some(format!(
            "no request can be one of rule `{name}`: its conditions exclude each other, or a pattern is like no text; \
             in a key the facts stand in the order of their names"
        ));
    }
    let first: Vec<(usize, &Rule)> = before
        .iter()
        .enumerate()
        .filter(|(_, earlier)| contains(walker, earlier, this) == Some(true))
        .map(|(at, earlier)| (at, earlier.rule))
        .collect();
    let alone = first
        .iter()
        .find(|(_, earlier)| takes_all(&[(0, earlier)], this.rule, rolled_back));
    if let Some((at, earlier)) = alone {
        return Some(format!(
            "nothing reaches rule `{name}`: rule {at} `{}` takes all of it; remove one, or put this one first",
            earlier.document.name
        ));
    }
    if takes_all(&first, this.rule, rolled_back) {
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
        earlier.rule.document.to != document.to && first.iter().all(|(containing, _)| containing != at)
    });
    // What is special before what is general is in order.
    let (at, earlier, example) = others.find_map(|(at, earlier)| {
        let example = overlap(walker, earlier, this)?;
        (contains(walker, this, earlier) == Some(false)).then_some((at, earlier, example))
    })?;
    let example = match example {
        key if key.is_empty() => String::new(),
        key => format!(", such as `{key}`"),
    };
    Some(format!(
        "rule {at} `{}` comes first for some requests of rule `{name}`{example}; narrow one, or keep them in this order",
        earlier.rule.document.name
    ))
}

/// Whether some of these rules, which are content with all requests of a rule, own each bucket that it owns.
fn takes_all(first: &[(usize, &Rule)], rule: &Rule, rolled_back: &[bool]) -> bool {
    let owned = |rule| owned(rule, rolled_back);
    let mut taken: Vec<(u32, u32)> = first.iter().flat_map(|(_, earlier)| owned(*earlier)).collect();
    taken.sort_unstable();
    let mut own = owned(rule).peekable();
    // Who has nobody while all is rolled back is not odd.
    own.peek().is_some()
        && own.all(|(start, end)| {
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
fn owned(rule: &Rule, rolled_back: &[bool]) -> impl Iterator<Item = (u32, u32)> {
    let segments = rule.split.segments().iter();
    segments
        .filter(|segment| segment.owner.is_some_and(|owner| !rolled_back[owner]))
        .map(|segment| (segment.start, segment.end))
}

/// Whether every request of `inner` is one of `outer`; nothing where that would take too long.
fn contains(walker: &mut Walker<'_>, outer: &Known<'_>, inner: &Known<'_>) -> Option<bool> {
    let (wide, narrow) = (outer.compared.matches, inner.compared.matches);
    if !scores_imply(narrow, wide) {
        return Some(false);
    }
    let walk = |walker: &mut Walker<'_>| match walker.outside(&inner.compared, &outer.compared) {
        Search::Found(_) => Some(false),
        Search::Nothing => Some(true),
        Search::Unknown => None,
    };
    if wide.dye.is_some() || narrow.dye.is_some() {
        return walk(walker);
    }
    // Of a fact that is not asked for a request may have any value, and none.
    let facts = wide
        .facts
        .iter()
        .map(|(name, values)| (values, narrow.facts.get(name)));
    if facts.clone().any(|(_, own)| own.is_none()) {
        return Some(false);
    }
    let mut pairs = facts.filter_map(|(values, own)| Some((values, own?)));
    let known = pairs.clone().all(|(values, own)| {
        own.all()
            .iter()
            .all(|one| one_of(walker, values, one) == Some(true))
    });
    if known {
        return Some(true);
    }
    let may_be = |(values, own): (&OneOrMany, &OneOrMany)| {
        let mut own = own.all().iter();
        own.all(|one| values.all().iter().any(|outer| may_meet(outer, one)))
    };
    if pairs.clone().any(|(_, own)| any_pattern(own)) && pairs.all(may_be) {
        walk(walker)
    } else {
        Some(false)
    }
}

/// The key of a request that is one of both, where there certainly is one; an empty one where it has none, or was not looked for.
fn overlap(walker: &mut Walker<'_>, one: &Known<'_>, other: &Known<'_>) -> Option<String> {
    let (own, theirs) = (one.compared.matches, other.compared.matches);
    if !scores_meet(own, theirs) {
        return None;
    }
    let mut is_certain = own.dye.is_none() && theirs.dye.is_none();
    for (name, values) in &own.facts {
        let Some(others) = theirs.facts.get(name) else {
            continue;
        };
        let meet = |walker: &mut Walker<'_>, list: &OneOrMany, value: &TextDocument| {
            !is_pattern(value) && one_of(walker, list, value) == Some(true)
        };
        let certain = values.all().iter().any(|value| meet(walker, others, value))
            || others.all().iter().any(|value| meet(walker, values, value));
        let patterns = || others.all().iter().filter(|text| is_pattern(text));
        let mut own = values.all().iter().filter(|text| is_pattern(text));
        if !certain && !own.any(|one| patterns().any(|other| may_meet(one, other))) {
            return None;
        }
        is_certain &= certain;
    }
    match walker.both(&one.compared, &other.compared) {
        Search::Found(key) => Some(key),
        Search::Unknown if is_certain => Some(String::new()),
        Search::Nothing | Search::Unknown => None,
    }
}

/// Whether what one text allows of a fact is certainly allowed by a list; nothing where that would take too long.
fn one_of(walker: &mut Walker<'_>, list: &OneOrMany, one: &TextDocument) -> Option<bool> {
    let mut unknown = false;
    for outer in list.all() {
        let allows = match one {
            _ if outer == one => Some(true),
            TextDocument::Exact(text) if is_pattern(outer) && may_meet(outer, one) => {
                walker.fact_is_like(outer, text)
            }
            _ => Some(false),
        };
        if allows == Some(true) {
            return Some(true);
        }
        unknown |= allows.is_none();
    }
    (!unknown).then_some(false)
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
