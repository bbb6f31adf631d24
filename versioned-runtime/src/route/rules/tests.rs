//! Rules against a slow obvious reference, what they refuse, and what a new table keeps of the old one.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::super::{
    BUCKETS, ContractShape, Decision, InitialTable, Reason, Table, TableDocument, TableError, UserKey,
};
use super::*;
use crate::resolve::VersionState;

/// Three implementations that answer everything, but for the second operation, which 3.0.0 does not.
fn shape() -> ContractShape {
    let versions = ["1.0.0", "2.0.0", "3.0.0"];
    let versions = versions.map(|text| VersionState::offered(semver::Version::parse(text).unwrap()));
    ContractShape {
        id: "shop".into(),
        versions: versions.into(),
        operations: vec![vec!["read", "write"]; 3],
        answers: (0..3).map(|slot| vec![vec![true, slot != 2]; 3]).collect(),
        present: vec![true; 3],
        facts: vec!["region".into(), "user_type".into()],
    }
}

fn initial() -> Table {
    Table::initial(&shape(), &InitialTable::default()).unwrap()
}

fn document(rules: &Value) -> TableDocument {
    let document = json!({
        "default_version": "1.0.0", "shares": { "2.0.0": 100_000 }, "stable": "1.0.0", "labels": { "modern": "3.0.0" }, "rules": rules,
    });
    serde_json::from_value(document).unwrap()
}

fn table(rules: &Value) -> Result<Table, TableError> {
    initial().replace(&shape(), &document(rules))
}

/// A request by the keys of its facts, as the table wants them.
fn told<'r>(table: &Table, request: &'r BTreeMap<String, String>) -> Vec<Option<&'r str>> {
    let facts = table.rules().facts().iter();
    facts
        .map(|fact| request.get(&fact.to_string()).map(String::as_str))
        .collect()
}

/// Whether a text fits a glob, character by character.
fn fits(glob: &[u8], text: &[u8]) -> bool {
    match (glob.first(), text.first()) {
        (None, None) => true,
        (Some(b'*'), _) => fits(&glob[1..], text) || (!text.is_empty() && fits(glob, &text[1..])),
        (Some(b'?'), Some(_)) => fits(&glob[1..], &text[1..]),
        (Some(a), Some(b)) if a == b => fits(&glob[1..], &text[1..]),
        _ => false,
    }
}

fn holds(condition: &Condition, value: Option<&str>) -> bool {
    let number = || value.and_then(|value| value.parse::<f64>().ok());
    match (condition, value) {
        (Condition::Exact(text), value) => value == Some(text),
        (Condition::Other(Comparison::OneOf(texts)), Some(value)) => texts.iter().any(|text| text == value),
        (Condition::Other(Comparison::Glob(glob)), Some(value)) => fits(glob.as_bytes(), value.as_bytes()),
        // The only expression that the generator writes.
        (Condition::Other(Comparison::Regex(_)), Some(value)) => value.starts_with("cn-") && value.len() > 3,
        (Condition::Other(Comparison::Above(bound)), _) => number().is_some_and(|number| number > *bound),
        (Condition::Other(Comparison::Below(bound)), _) => number().is_some_and(|number| number < *bound),
        (Condition::Other(Comparison::Present(present)), value) => value.is_some() == *present,
        (Condition::Other(_), None) => false,
    }
}

/// What should be decided, asked of the document alone.
fn reference(
    rules: &[RuleDocument],
    request: &BTreeMap<String, String>,
    bucket: u32,
    operation: usize,
) -> Decision {
    let slot = |name: &str| {
        ["1.0.0", "2.0.0", "3.0.0"]
            .iter()
            .position(|known| *known == name)
            .unwrap_or(2)
    };
    let chosen = rules.iter().find_map(|rule| {
        let mut conditions = rule.conditions.iter();
        if !conditions.all(|(key, condition)| holds(condition, request.get(key).map(String::as_str))) {
            return None;
        }
        let mut shares: Vec<(usize, f64)> = rule
            .to
            .iter()
            .map(|(name, percent)| (slot(name), *percent))
            .collect();
        shares.sort_by_key(|(slot, _)| *slot);
        let mut end = 0.0;
        shares.into_iter().find_map(|(slot, percent)| {
            end += percent * 10_000.0;
            (f64::from(bucket) < end).then_some(slot)
        })
    });
    // The shares of the contract: the lowest tenth is 2.0.0's.
    let (owner, reason) = match chosen {
        Some(slot) => (Some(slot), Reason::Rule),
        None if bucket < 100_000 => (Some(1), Reason::Share),
        None => (None, Reason::Stable),
    };
    let (slot, reason) = match owner {
        Some(2) if operation == 1 => (0, Reason::Fallback),
        Some(slot) => (slot, reason),
        None => (0, reason),
    };
    Decision {
        slot,
        native: slot == 1,
        reason,
    }
}

fn condition() -> impl Strategy<Value = Condition> {
    let text = select(vec!["cn-east", "cn-west", "eu", "7", "0.95"]).prop_map(str::to_owned);
    let glob = select(vec!["cn-*", "*", "?u", "c*t", "*-*"]).prop_map(str::to_owned);
    prop_oneof![
        4 => text.clone().prop_map(Condition::Exact),
        1 => proptest::collection::vec(text, 0..3).prop_map(|texts| Condition::Other(Comparison::OneOf(texts))),
        1 => glob.prop_map(|glob| Condition::Other(Comparison::Glob(glob))),
        1 => Just(Condition::Other(Comparison::Regex("cn-.+".to_owned()))),
        1 => select(vec![0.9, 5.0]).prop_map(|bound| Condition::Other(Comparison::Above(bound))),
        1 => select(vec![0.9, 7.0]).prop_map(|bound| Condition::Other(Comparison::Below(bound))),
        1 => any::<bool>().prop_map(|present| Condition::Other(Comparison::Present(present))),
    ]
}

const KEYS: [&str; 4] = ["region", "user_type", "header:x-score", "query:beta"];

fn rules(most: usize) -> impl Strategy<Value = Vec<RuleDocument>> {
    let conditions =
        proptest::collection::btree_map(select(&KEYS[..]).prop_map(str::to_owned), condition(), 0..4);
    let names = select(vec!["1.0.0", "2.0.0", "3.0.0", "modern"]);
    // Never all of them, so that no rule hides another.
    let to = (names, select(vec![0.0, 0.0001, 12.5, 50.0, 99.9999]));
    let rule = (conditions, to).prop_map(|(conditions, (name, percent))| RuleDocument {
        name: String::new(),
        conditions,
        to: [(name.to_owned(), percent)].into(),
    });
    proptest::collection::vec(rule, 0..=most).prop_map(|mut rules| {
        for (at, rule) in rules.iter_mut().enumerate() {
            rule.name = format!("rule {at}");
        }
        rules
    })
}

fn request() -> impl Strategy<Value = BTreeMap<String, String>> {
    let value = select(vec![
        "cn-east", "cn-west", "cn-", "eu", "7", "0.95", "premium", "",
    ])
    .prop_map(str::to_owned);
    proptest::collection::btree_map(select(&KEYS[..]).prop_map(str::to_owned), value, 0..5)
}

fn bucket() -> impl Strategy<Value = u32> {
    prop_oneof![
        0..BUCKETS,
        select(vec![0, 99_999, 100_000, 124_999, 125_000, 500_000, BUCKETS - 1])
    ]
}

fn agree(
    rules: &[RuleDocument],
    requests: &[(BTreeMap<String, String>, u32, usize)],
) -> Result<(), TestCaseError> {
    let mut written = document(&json!([]));
    written.rules = rules.to_vec();
    let table = initial().replace(&shape(), &written).expect("a table");
    for (request, bucket, operation) in requests {
        let facts = told(&table, request);
        let decided = table.decide_by(1, *operation, *bucket, &facts);
        prop_assert_eq!(
            decided,
            reference(rules, request, *bucket, *operation),
            "{:?}",
            request
        );
        let explained = table.explain(1, *operation, *bucket, &facts);
        prop_assert_eq!(explained.decision, decided);
        let by_rule = explained.rule.is_some();
        prop_assert!(by_rule || decided.reason != Reason::Rule);
        prop_assert!(
            explained
                .rule
                .iter()
                .all(|rule| explained.matching.contains(rule))
        );
    }
    // What is read of a table makes the same table again.
    let again = table
        .replace(&shape(), &table.document(&shape()))
        .expect("its own document");
    prop_assert_eq!(again.rules(), table.rules());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tables_decide_as_the_reference(
        rules in rules(30),
        requests in proptest::collection::vec((request(), bucket(), 0..2_usize), 50),
    ) {
        agree(&rules, &requests)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn a_thousand_rules_decide_as_the_reference(
        rules in rules(1_000),
        requests in proptest::collection::vec((request(), bucket(), 0..2_usize), 50),
    ) {
        agree(&rules, &requests)?;
    }
}

#[test]
fn a_rule_that_is_changed_moves_the_difference_only() {
    let rule = |percent: f64| json!([{ "name": "half", "match": { "region": "eu" }, "to": { "2.0.0": percent, "modern": 10 } }]);
    let (old, facts) = (table(&rule(20.0)).unwrap(), [Some("eu")]);
    let raised = old.replace(&shape(), &document(&rule(30.0))).unwrap();
    let serves = |table: &Table, bucket: u32| table.decide_by(1, 0, bucket, &facts).slot;
    let moved: Vec<u32> = (0..BUCKETS)
        .filter(|bucket| serves(&old, *bucket) != serves(&raised, *bucket))
        .collect();
    assert_eq!(moved.len(), 100_000);
    assert!(
        moved.iter().all(|bucket| serves(&raised, *bucket) == 1),
        "only to 2.0.0, nobody back"
    );
}

#[test]
fn the_dye_key_is_one_text() {
    let facts = [
        ("region", Some("cn-east")),
        ("tier", None),
        ("user_type", Some("a|b")),
    ];
    assert_eq!(dye(facts), "region:cn-east|user_type:a%7Cb");
    let table = table(&json!([
        { "name": "east", "match": { "dye": { "regex": r"region:cn-east\|user_type:prem.*" } }, "to": { "modern": 100 } }
    ]))
    .unwrap();
    let decide = |dye: &str| table.decide_by(1, 0, BUCKETS - 1, &[Some(dye)]).slot;
    assert_eq!(decide("region:cn-east|user_type:premium"), 2);
    assert_eq!(
        decide("x|region:cn-east|user_type:premium"),
        0,
        "the whole key is meant"
    );
}

#[track_caller]
fn refused(rules: &Value, pointer: &str, text: &str) {
    let error = table(rules).unwrap_err();
    assert_eq!(error.pointer(), pointer, "{error}");
    assert!(error.to_string().contains(text), "{error}");
}

#[test]
fn what_cannot_be_is_refused_with_its_place() {
    let to = json!({ "2.0.0": 100 });
    refused(
        &json!([{ "name": " ", "to": to }]),
        "/rules/0/name",
        "a rule has a name",
    );
    refused(
        &json!([{ "name": "a", "to": { "2.0.0": 1 } }, { "name": "a", "to": to }]),
        "/rules/1/name",
        "rule 0 is called `a`, too",
    );
    refused(
        &json!([{ "name": "a", "to": {} }]),
        "/rules/0/to",
        "names who serves",
    );
    refused(
        &json!([{ "name": "a", "to": { "4.0.0": 1 } }]),
        "/rules/0/to/4.0.0",
        "no implementation `4.0.0`",
    );
    refused(
        &json!([{ "name": "a", "to": { "2.0.0": -1 } }]),
        "/rules/0/to/2.0.0",
        "no part of a hundred",
    );
    refused(
        &json!([{ "name": "a", "to": { "2.0.0": 60, "1.0.0": 50 } }]),
        "/rules/0/to",
        "add up to 110 %",
    );
    refused(
        &json!([{ "name": "a", "to": { "3.0.0": 6, "modern": 5 } }]),
        "/rules/0/to/modern",
        "stands here already",
    );
    refused(
        &json!([{ "name": "a", "match": { "planet": "x" }, "to": to }]),
        "/rules/0/match/planet",
        "one of region, user_type, dye, header:<name>",
    );
    refused(
        &json!([{ "name": "a", "match": { "header:x y": "x" }, "to": to }]),
        "/rules/0/match/header:x y",
        "name a header",
    );
    refused(
        &json!([{ "name": "a", "match": { "region": { "regex": "(" } }, "to": to }]),
        "/rules/0/match/region",
        "no pattern that can be used",
    );
    refused(
        &json!([{ "name": "a", "match": { "region": { "regex": "(x{1000}){1000}" } }, "to": to }]),
        "/rules/0/match/region",
        "size limit",
    );
    refused(
        &json!([{ "name": "all", "match": { "region": "eu" }, "to": to }, { "name": "some", "match": { "region": "eu", "user_type": "x" }, "to": to }]),
        "/rules/1",
        "`all` before it takes every request",
    );
    let many: Vec<Value> = (0..=MOST_RULES)
        .map(|n| json!({ "name": n.to_string(), "to": { "2.0.0": 0 } }))
        .collect();
    refused(&json!(many), "/rules", "too many");
}

#[test]
fn labels_are_other_names() {
    let mut label = document(&json!([]));
    label.labels.insert("2.0.0".to_owned(), "1.0.0".to_owned());
    let error = initial().replace(&shape(), &label).unwrap_err();
    assert_eq!(error.pointer(), "/labels/2.0.0");
    let key = UserKey::header("x-score");
    let table = table(&json!([{ "name": "good", "match": { "header:X-Score": { "above": 0.92 } }, "to": { "modern": 100 } }])).unwrap();
    assert_eq!(table.rules().facts(), [Fact::Place(key)]);
    assert_eq!(table.decide_by(1, 0, BUCKETS - 1, &[Some("0.93")]).slot, 2);
    assert_eq!(table.decide_by(1, 0, BUCKETS - 1, &[Some("0.92")]).slot, 0);
}
