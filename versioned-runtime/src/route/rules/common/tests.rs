//! Walks, against what trying requests one by one says.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::route::dye::Dye;

fn facts() -> Vec<Fact> {
    let fact = |name: &str| Fact {
        name: name.into(),
        source: None,
    };
    ["device", "region", "tier"].map(fact).into()
}

fn rule(matches: &Value) -> RuleDocument {
    let rule = json!({ "name": "a rule", "match": matches, "to": { "1.0.0": 100 } });
    serde_json::from_value(rule).expect("a rule")
}

/// The shortest key of a request that is one of both, if there is any.
#[track_caller]
fn meet(one: &Value, other: &Value, expected: Option<&str>) {
    let facts = facts();
    let (one_rule, other_rule) = (rule(one), rule(other));
    let compared = [&one_rule, &other_rule].map(|rule| Compared::new(rule, &facts));
    let found = Walker::new(&facts).both(&compared[0], &compared[1]);
    let expected = expected.map_or(Search::Nothing, |key| Search::Found(key.to_owned()));
    assert_eq!(found, expected, "{one} {other}");
    assert_eq!(Walker::new(&facts).both(&compared[1], &compared[0]), expected);
}

#[test]
fn patterns_are_compared_by_what_they_allow() {
    let region = |value: Value| json!({ "facts": { "region": value } });
    let glob = |glob: &str| region(json!({ "glob": glob }));
    meet(&glob("cn-*"), &glob("*-east"), Some("region:cn-east"));
    meet(&glob("cn-*"), &glob("us-*"), None);
    meet(&glob("*ß"), &glob("?"), Some("region:ß"));
    meet(&glob("a?"), &region(json!({ "regex": "a|b" })), None);
    meet(&region(json!(["a|b", "c"])), &glob("a*b"), Some("region:a%7Cb"));
    // Nothing is no value.
    meet(&glob("*"), &glob("*"), Some("region:a"));
    meet(
        &region(json!({ "regex": "a?" })),
        &region(json!({ "regex": "b?" })),
        None,
    );
    // No value is longer than 64 bytes.
    let facts = facts();
    let long = rule(&region(json!({ "regex": "a{65}" })));
    let long = Compared::new(&long, &facts);
    assert_eq!(Walker::new(&facts).both(&long, &long), Search::Unknown);
}

#[test]
fn whole_keys_are_compared_with_facts() {
    let key = |key: Value| json!({ "dye": key });
    let both = json!({ "facts": { "region": "cn", "tier": { "glob": "l*" } } });
    meet(
        &key(json!("region:cn|tier:low")),
        &both,
        Some("region:cn|tier:low"),
    );
    meet(&key(json!("region:cn")), &both, None);
    meet(
        &key(json!({ "regex": "region:cn\\|tier:.*" })),
        &both,
        Some("region:cn|tier:l"),
    );
    meet(&key(json!({ "glob": "*low" })), &both, Some("region:cn|tier:low"));
    meet(
        &key(json!({ "glob": "device:*" })),
        &both,
        Some("device:a|region:cn|tier:l"),
    );
    // A value cannot hold what parts facts, so that this is two facts, and facts have an order.
    meet(&key(json!({ "glob": "tier:*|region:*" })), &json!({}), None);
    // Nobody says anything.
    meet(&key(json!("")), &json!({}), Some(""));
    meet(&json!({}), &json!({}), Some(""));
}

#[test]
fn scores_are_compared_as_intervals() {
    let score = |text: &str| json!({ "scores": { "fraud": text } });
    meet(&score("> 0.5"), &score("< 0.6"), Some(""));
    meet(&score("> 0.5"), &score("< 0.5"), None);
    meet(&score("> 0.5"), &score("<= 0.5"), None);
    meet(&score(">= 0.5"), &score("<= 0.5"), Some(""));
    meet(&score("> 0.5"), &score("> 0.9"), Some(""));
    meet(
        &score("> 0.5"),
        &json!({ "scores": { "risk": "< 0.1" } }),
        Some(""),
    );
}

#[track_caller]
fn within(inner: &Value, outer: &Value, expected: bool) {
    let facts = facts();
    let (inner_rule, outer_rule) = (rule(inner), rule(outer));
    let [one, other] = [&inner_rule, &outer_rule].map(|rule| Compared::new(rule, &facts));
    let outside = Walker::new(&facts).outside(&one, &other);
    assert_ne!(outside, Search::Unknown);
    assert_eq!(
        outside == Search::Nothing,
        expected,
        "{inner} {outer} {outside:?}"
    );
}

#[test]
fn what_is_within_another_one_is_known() {
    let glob = |glob: &str| json!({ "facts": { "region": { "glob": glob } } });
    within(&glob("cn-e*"), &glob("cn-*"), true);
    within(&glob("cn-*"), &glob("cn-e*"), false);
    within(
        &json!({ "facts": { "region": { "regex": "a|b" } } }),
        &json!({ "facts": { "region": ["b", "a"] } }),
        true,
    );
    within(
        &json!({ "dye": { "glob": "region:cn|tier:*" } }),
        &json!({ "facts": { "region": "cn" } }),
        true,
    );
    within(
        &json!({ "dye": { "glob": "*tier:*" } }),
        &json!({ "facts": { "region": "cn" } }),
        false,
    );
    within(
        &json!({ "facts": { "region": "cn" } }),
        &json!({ "dye": { "glob": "*region:cn*" } }),
        true,
    );
    within(&glob("cn"), &json!({}), true);
    within(&json!({}), &glob("*"), false);
}

#[test]
fn what_is_too_much_is_not_known() {
    let facts = facts();
    let mut walker = Walker::new(&facts);
    let large = rule(&json!({ "facts": { "region": { "regex": "(a|b)*a(a|b){14}" } } }));
    let large = Compared::new(&large, &facts);
    assert_eq!(walker.both(&large, &large), Search::Unknown);
    assert!(walker.gave_up());
    assert_eq!(walker.outside(&large, &large), Search::Unknown);
    let mut walker = Walker::new(&facts);
    walker.steps = 10;
    let glob = rule(&json!({ "facts": { "region": { "glob": "cn-*" } } }));
    let glob = Compared::new(&glob, &facts);
    assert_eq!(walker.both(&glob, &glob), Search::Unknown);
    assert!(walker.gave_up());
}

fn texts() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!("cn")),
        Just(json!(["cn", "us|1"])),
        Just(json!({ "glob": "c*" })),
        Just(json!({ "glob": "?n" })),
        Just(json!({ "regex": "(cn|us).*" })),
        Just(json!([{ "glob": "*%7C1" }, "low"])),
    ]
}

fn keys() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!("region:cn")),
        Just(json!(["region:us%7C1", "device:low|tier:cn"])),
        Just(json!({ "glob": "region:c*" })),
        Just(json!({ "glob": "*tier:low" })),
        Just(json!({ "regex": "(device:[a-z]+\\|)?region:cn.*" })),
    ]
}

fn matches() -> impl Strategy<Value = Value> {
    let fact = || proptest::option::weighted(0.4, texts());
    (fact(), fact(), fact(), proptest::option::weighted(0.3, keys())).prop_map(
        |(device, region, tier, key)| {
            let mut facts = serde_json::Map::new();
            for (name, texts) in [("device", device), ("region", region), ("tier", tier)] {
                facts.extend(texts.map(|texts| (name.to_owned(), texts)));
            }
            let mut matches = json!({ "facts": facts });
            if let Some(key) = key {
                matches["dye"] = key;
            }
            matches
        },
    )
}

fn holds(rule: &RuleDocument, key: &str) -> bool {
    let facts = facts();
    let dye = plain::canonical(key, &facts).expect("a key");
    plain::check(rule, &facts, &[], &dye).is_ok()
}

proptest! {
    /// Walks agree with trying rules on requests one by one.
    #[test]
    fn walks_agree_with_trying(one in matches(), other in matches()) {
        let facts = facts();
        let values = ["", "cn", "us|1", "low", "c", "un", "uscn"];
        let (one, other) = (rule(&one), rule(&other));
        let mut walker = Walker::new(&facts);
        let [first, second] = [&one, &other].map(|rule| Compared::new(rule, &facts));
        let met = walker.both(&first, &second);
        if let Search::Found(key) = &met {
            prop_assert!(holds(&one, key) && holds(&other, key), "{}", key);
        }
        let outside = walker.outside(&first, &second);
        if let Search::Found(key) = &outside {
            prop_assert!(holds(&one, key) && !holds(&other, key), "{}", key);
        }
        for device in values {
            for region in values {
                for tier in values {
                    let mut dye = Dye::default();
                    for (number, value) in [device, region, tier].into_iter().enumerate() {
                        dye.push(number, &facts[number].name, value);
                    }
                    let [one, other] = [&one, &other].map(|rule| plain::check(rule, &facts, &[], &dye).is_ok());
                    prop_assert!(!(one && other) || met != Search::Nothing, "{}", dye.text());
                    prop_assert!(!one || other || outside != Search::Nothing, "{}", dye.text());
                }
            }
        }
        // It gives up on none of these, so that what it does not find is not there.
        prop_assert!(!walker.gave_up());
    }
}
