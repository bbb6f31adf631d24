//! Rules against a slow, obvious reference: random tables, random requests; explanations and memos agree with both.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::*;
use crate::route::rules::Memo;
use crate::route::table::number_of;
use crate::text::Text;

/// Numbers that are the same in each run.
pub(super) struct Dice {
    seed: u64,
    thrown: u64,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, thrown: 0 }
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.thrown += 1;
        xxh3_64_with_seed(&self.thrown.to_le_bytes(), self.seed) % limit
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()].clone()
    }
}

const REGIONS: [&str; 5] = ["cn-east", "cn-west", "us|1", "eu.1", "größe"];
const TIERS: [&str; 3] = ["low", "mid", "high"];
const PLANS: [&str; 4] = ["free", "premium", "pro", ""];
const FRAUD: [&str; 6] = ["0", "0.5", "0.92", "0.93", "1", "none"];

fn text(dice: &mut Dice, values: &[&str], patterns: &[Value]) -> Value {
    match dice.below(5) {
        0 => dice.of(patterns),
        1 => json!([dice.of(&values[..3]), dice.of(patterns), dice.of(&values[..3])]),
        _ => json!(dice.of(&values[..3])),
    }
}

fn random_rule(dice: &mut Dice, number: usize) -> Value {
    let mut facts = BTreeMap::new();
    if dice.below(2) == 0 {
        let patterns = [
            json!({"glob": "cn-*"}),
            json!({"glob": "??.1"}),
            json!({"regex": "(cn|us).*"}),
            json!({"glob": "gr*e"}),
        ];
        facts.insert("region", text(dice, &REGIONS, &patterns));
    }
    if dice.below(2) == 0 {
        facts.insert(
            "tier",
            text(dice, &TIERS, &[json!({"regex": "low|mid"}), json!({"glob": "*"})]),
        );
    }
    if dice.below(4) == 0 {
        facts.insert(
            "plan",
            text(dice, &PLANS, &[json!({"glob": "pr*"}), json!({"regex": "p.o"})]),
        );
    }
    let mut matches = json!({ "facts": facts });
    if dice.below(4) == 0 {
        let sign = dice.of(&["<", "<=", ">", ">="]);
        matches["scores"] = json!({ "fraud": format!("{sign} {}", dice.of(&["0.5", "0.92", "1"])) });
    }
    if dice.below(5) == 0 {
        let keys = [
            json!("plan:free|region:cn-east|tier:low"),
            json!("region:us%7C1"),
            json!({"regex": r"(plan:[a-z]+\|)?region:cn-east\|tier:low.*"}),
            json!({"glob": "*tier:mid"}),
            json!([{"glob": "plan:p*"}, "tier:high"]),
        ];
        matches["dye"] = dice.of(&keys);
    }
    let weights = dice.of(&[
        json!({"2.0.0": 100}),
        json!({"new": 80}),
        json!({"1.0.0": 30, "new": 12.3456}),
        json!({"1.1.0": 0.5}),
    ]);
    json!({ "name": format!("rule {number}"), "match": matches, "to": weights })
}

pub(super) fn random_table(dice: &mut Dice, rules: usize) -> TableDocument {
    let rules: Vec<Value> = (0..rules).map(|number| random_rule(dice, number)).collect();
    let document = json!({
        "default_version": "1.0.0",
        "stable": dice.of(&[json!(null), json!("1.0.0"), json!("1.1.0")]),
        "shares": { "2.0.0": dice.below(500_000) },
        "facts": { "plan": { "cookie": "plan" } },
        "scores": { "fraud": { "header": "x-fraud" } },
        "labels": { "new": "2.0.0" },
        "pins": { "ada": "1.1.0", "bob": "new" },
        "rolled_back": dice.of(&[json!([]), json!([]), json!(["1.1.0"]), json!(["2.0.0"])]),
        "rules": rules,
    });
    serde_json::from_value(document).unwrap()
}

/// What a request says, by name; what is not in it, it does not say.
pub(super) type Said = BTreeMap<&'static str, &'static str>;

pub(super) fn random_request(dice: &mut Dice) -> Said {
    let mut said = Said::new();
    for (name, values) in [
        ("region", &REGIONS[..]),
        ("tier", &TIERS),
        ("plan", &PLANS),
        ("fraud", &FRAUD),
    ] {
        if dice.below(4) > 0 {
            said.insert(name, dice.of(values));
        }
    }
    said
}

thread_local! {
    static COMPILED: RefCell<BTreeMap<String, regex::Regex>> = RefCell::default();
}

/// Whether all of the text is as the expression says; an expression is compiled once.
fn is_match(expression: &str, text: &str) -> bool {
    COMPILED.with_borrow_mut(|compiled| {
        let regex = compiled
            .entry(expression.to_owned())
            .or_insert_with(|| regex::Regex::new(&format!("^(?:{expression})$")).unwrap());
        regex.is_match(text)
    })
}

/// Rule after rule, from the document alone; shares by the segments of a first table: the lowest buckets.
#[allow(clippy::too_many_lines)] // One text, to be read from its beginning to its end.
fn reference(
    shape: &ContractShape,
    table: &TableDocument,
    said: &Said,
    key: Option<&str>,
    bucket: u32,
    version: usize,
    operation: usize,
) -> (Decision, Option<String>, Option<Percent>) {
    let slot = |name: &str| {
        let name = table.labels.get(name).map_or(name, String::as_str);
        (0..4)
            .find(|slot| shape.versions[*slot].semver.to_string() == name)
            .unwrap()
    };
    let eligible = |slot: usize| shape.present[slot] && shape.answers[slot][version][operation];
    let back = |slot: usize| {
        table
            .rolled_back
            .iter()
            .any(|name| shape.versions[slot].semver.to_string() == *name)
    };
    let escape = |value: &str| value.replace('%', "%25").replace('|', "%7C");
    let facts: BTreeMap<&str, String> = said
        .iter()
        .filter(|(name, value)| **name != "fraud" && !value.is_empty())
        .map(|(name, value)| (*name, escape(value)))
        .collect();
    let dye = facts
        .iter()
        .map(|(name, value)| format!("{name}:{value}"))
        .collect::<Vec<_>>()
        .join("|");
    let is = |written: &TextDocument, value: &str, fact: bool| match written {
        TextDocument::Exact(exact) => {
            if fact {
                escape(exact) == value
            } else {
                exact == value
            }
        }
        TextDocument::Glob(pattern) => {
            let expression = regex::escape(&pattern.glob)
                .replace(r"\*", ".*")
                .replace(r"\?", ".");
            is_match(&expression, value)
        }
        TextDocument::Regex(pattern) => is_match(&pattern.regex, value),
    };
    let one = |all: &OneOrMany, value: &str, fact| all.all().iter().any(|written| is(written, value, fact));
    let matches = |rule: &RuleDocument| {
        let m = &rule.matches;
        m.dye.as_ref().is_none_or(|all| one(all, &dye, false))
            && m.facts.iter().all(|(name, all)| {
                facts
                    .get(name.as_str())
                    .is_some_and(|value| one(all, value, true))
            })
            && m.scores.values().all(|text| {
                let (sign, number) = text.split_once(' ').unwrap();
                let number: f64 = number.parse().unwrap();
                said.get("fraud")
                    .and_then(|score| score.parse::<f64>().ok())
                    .is_some_and(|score| match sign {
                        "<" => score < number,
                        "<=" => score <= number,
                        ">" => score > number,
                        _ => score >= number,
                    })
            })
    };
    let owner = |shares: Vec<(usize, u32)>| {
        let mut shares = shares;
        shares.sort_unstable();
        let mut start = 0;
        shares.into_iter().find_map(|(slot, share)| {
            start += share;
            (bucket < start).then_some(slot)
        })
    };
    let of_rule = |rule: &RuleDocument| -> Option<usize> {
        let owner = owner(
            rule.to
                .iter()
                .map(|(name, weight)| (slot(name), weight.get()))
                .collect(),
        );
        owner.filter(|slot| matches(rule) && !back(*slot))
    };
    let stable = table.stable.as_deref().map(slot);
    let order = || {
        let order: Vec<usize> = match stable {
            Some(_) => (0..4).rev().collect(),
            None => (version..4).chain((0..version).rev()).collect(),
        };
        order.into_iter().filter(|slot| eligible(*slot))
    };
    let other = order()
        .find(|slot| !back(*slot))
        .or_else(|| order().next())
        .unwrap();
    let rest = match stable {
        Some(stable) if eligible(stable) && !back(stable) => (stable, Reason::Stable),
        Some(_) => (other, Reason::Fallback),
        None => (other, Reason::Nearest),
    };
    let pin = key
        .and_then(|key| table.pins.get(key))
        .map(|name| (slot(name), Reason::Pin));
    let rule = table.rules.iter().find_map(|rule| Some((rule, of_rule(rule)?)));
    let rule = rule.filter(|_| pin.is_none());
    let chosen = pin
        .or_else(|| rule.map(|(_, slot)| (slot, Reason::Rule)))
        .or_else(|| {
            let shares = table
                .shares
                .iter()
                .map(|(name, share)| (slot(name), *share))
                .collect();
            owner(shares)
                .filter(|slot| !back(*slot))
                .map(|slot| (slot, Reason::Share))
        });
    let slot_of = slot;
    let (slot, reason) = match chosen {
        Some((slot, reason)) if eligible(slot) => (slot, reason),
        Some(_) => (rest.0, Reason::Fallback),
        None => rest,
    };
    let weight = match (rule, chosen) {
        (Some((rule, owner)), _) => {
            let mut to = rule.to.iter();
            to.find(|(name, _)| slot_of(name) == owner)
                .map(|(_, weight)| *weight)
        }
        (None, Some((owner, Reason::Share))) => {
            let mut shares = table.shares.iter();
            shares
                .find(|(name, _)| slot_of(name) == owner)
                .map(|(_, ppm)| Percent::parts_per_million(*ppm))
        }
        _ => None,
    };
    let decision = Decision {
        slot,
        native: slot == version,
        reason,
    };
    (decision, rule.map(|(rule, _)| rule.name.clone()), weight)
}

/// How often each reason was met, so that a test knows that it asked something.
type Met = BTreeMap<String, u32>;

fn compare(seed: u64, rules: usize, requests: usize, memos: &mut [Memo], met: &mut Met) {
    let shape = shape();
    let mut dice = Dice::new(seed);
    let document = random_table(&mut dice, rules);
    let table = initial().replace(&shape, &document).unwrap();
    for _ in 0..requests {
        let said = random_request(&mut dice);
        let key = dice.of(&[
            None,
            Some("ada"),
            Some("bob"),
            Some("eve"),
            Some("7"),
            Some("8"),
            Some("9"),
            Some("10"),
        ]);
        let user = User {
            bucket: u32::try_from(dice.below(u64::from(BUCKETS))).unwrap(),
            ..table.user(key)
        };
        let dye = table.dye(|name, _| said.get(name));
        let (version, operation) = (dice.of(&[0, 1, 2, 3]), dice.of(&[0, 1]));
        let expected = reference(&shape, &document, &said, key, user.bucket, version, operation);
        let says = || format!("seed {seed}: {said:?}, {key:?}, {user:?}, {version}, {operation}");
        let (expected, rule, weight) = expected;
        assert_eq!(
            table.decide(version, operation, user, &dye),
            expected,
            "{}",
            says()
        );
        let explained = table.explain(&shape, version, operation, user, &dye).unwrap();
        assert_eq!(
            (
                explained.serving,
                explained.reason,
                explained.rule,
                explained.weight
            ),
            (shape.name(expected.slot), expected.reason, rule, weight),
            "{}",
            says()
        );
        // As requests are decided: from what they say, with what the thread remembers, and with the memos of the test.
        let mut facts = Facts::default();
        table.facts(&mut facts, |name, _| said.get(name));
        let score = |place| number_of(said.get(table.score(place)?.0)?);
        let mut key = None;
        let decision = table.decide_said(version, operation, user, facts.said(), score, &mut key);
        assert_eq!(decision, expected, "{}", says());
        if !document.rules.is_empty() {
            assert_eq!(key.as_ref().map_or("", Text::as_str), dye.text(), "{}", says());
        }
        let (rules, back) = (table.rules(), &table.rolled_back);
        let scored = |number| dye.score(number);
        let cold = rules.choose_dyed(user.bucket, &dye, back);
        for memo in &mut *memos {
            let hot = rules.choose_with(memo, user.bucket, facts.said(), scored, back, &mut key);
            assert_eq!(hot, cold, "{}", says());
            assert_eq!(key.as_ref().map_or("", Text::as_str), dye.text(), "{}", says());
        }
        *met.entry(expected.reason.to_string()).or_default() += 1;
    }
}

/// Every reason was met, each often enough to mean something.
fn all_reasons(met: &Met) {
    let reasons: Vec<&str> = met
        .iter()
        .filter(|(_, count)| **count > 20)
        .map(|(reason, _)| reason.as_str())
        .collect();
    assert_eq!(
        reasons,
        ["fallback", "nearest", "pin", "rule", "share", "stable"],
        "{met:?}"
    );
}

#[test]
fn random_tables_decide_as_the_reference() {
    let (mut met, mut memos) = (Met::new(), [Memo::new(64), Memo::new(4)]);
    for seed in 0..2_000 {
        let rules = usize::try_from(seed % 31).unwrap();
        compare(seed, rules, 50, &mut memos, &mut met);
    }
    all_reasons(&met);
}

#[test]
fn large_tables_decide_as_the_reference() {
    let (mut met, mut memos) = (Met::new(), [Memo::new(64), Memo::new(4)]);
    for seed in 0..20 {
        compare(1_000_000 + seed, 1_000, 50, &mut memos, &mut met);
    }
    assert!(met["rule"] > 300, "{met:?}");
}

/// More patterns than are listed one by one, and more rules that match than are.
#[test]
fn requests_may_be_like_many_patterns() {
    let shape = shape();
    for patterns in [7, 8, 9, 15, 16, 17, 70] {
        let rule = |number: usize| {
            let region = json!({ "regex": format!("region-1x{{0,{number}}}") });
            let weights = json!({ "2.0.0": if number + 1 == patterns { 50 } else { 1 } });
            json!({ "name": format!("rule {number}"), "match": { "facts": { "region": region } }, "to": weights })
        };
        let document = json!({
            "default_version": "1.0.0",
            "shares": {},
            "rules": (0..patterns).map(rule).collect::<Vec<_>>(),
        });
        let document: TableDocument = serde_json::from_value(document).unwrap();
        let table = initial().replace(&shape, &document).unwrap();
        let mut met = Met::new();
        for (region, bucket) in [
            ("region-1", 5_000),
            ("region-1", 400_000),
            ("region-1", 600_000),
            ("region-2", 5_000),
        ] {
            let said = Said::from([("region", region)]);
            let user = User::at(bucket);
            let mut facts = Facts::default();
            table.facts(&mut facts, |name, _| said.get(name));
            let decision = table.decide_said(0, 0, user, facts.said(), |_| None, &mut None);
            let (expected, ..) = reference(&shape, &document, &said, None, bucket, 0, 0);
            assert_eq!(decision, expected, "{patterns} patterns, {region}, {bucket}");
            *met.entry(expected.reason.to_string()).or_default() += 1;
        }
        assert_eq!(
            met,
            Met::from([("nearest".to_owned(), 2), ("rule".to_owned(), 2)])
        );
    }
}

#[test]
#[ignore = "a hundred thousand tables: `cargo xtask soak`"]
fn soak() {
    let (mut met, mut memos) = (Met::new(), [Memo::new(64), Memo::new(4)]);
    for seed in 0..100_000 {
        let rules = usize::try_from(seed % 31).unwrap();
        compare(2_000_000 + seed, rules, 50, &mut memos, &mut met);
    }
    all_reasons(&met);
    println!("100000 tables, 5000000 requests: {met:?}");
}
