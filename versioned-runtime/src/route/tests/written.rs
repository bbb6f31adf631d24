//! Rules as they are written: what is refused and where, and what is found odd.

use serde_json::{Value, json};

use super::*;

fn document(changes: &Value) -> Result<TableDocument, serde_json::Error> {
    let mut document = json!({
        "default_version": "1.0.0", "shares": {},
        "facts": { "plan": { "cookie": "plan" } }, "scores": { "fraud": { "header": "x-fraud" } },
    });
    for (name, value) in changes.as_object().unwrap() {
        document[name] = value.clone();
    }
    serde_json::from_value(document)
}

fn rules(rules: &[(Value, Value)]) -> Value {
    let rule = |(number, (matches, to)): (usize, &(Value, Value))| json!({ "name": format!("r{number}"), "match": matches, "to": to });
    json!({ "rules": rules.iter().enumerate().map(rule).collect::<Vec<_>>() })
}

fn one(matches: Value) -> Value {
    rules(&[(matches, json!({"2.0.0": 100}))])
}

#[track_caller]
fn refused(changes: &Value, pointer: &str, says: &str) {
    let error = initial()
        .replace(&shape(), &document(changes).unwrap())
        .unwrap_err();
    assert_eq!(error.pointer(), pointer, "{error}");
    assert!(error.to_string().contains(says), "{error}");
}

#[test]
#[allow(clippy::too_many_lines)] // A table of mistakes.
fn mistakes_are_refused_at_their_place() {
    refused(
        &one(json!({"facts": {"regoin": "x"}})),
        "/rules/0/match/facts/regoin",
        "there is no fact `regoin`; name one of region,",
    );
    refused(
        &one(json!({"scores": {"froud": "> 1"}})),
        "/rules/0/match/scores/froud",
        "name one of fraud",
    );
    refused(
        &one(json!({"scores": {"fraud": "~ 1"}})),
        "/rules/0/match/scores/fraud",
        "such as `> 0.92`",
    );
    refused(
        &one(json!({"scores": {"fraud": "> nan"}})),
        "/rules/0/match/scores/fraud",
        "compares nothing",
    );
    refused(
        &one(json!({"facts": {"region": {"regex": "("}}})),
        "/rules/0/match/facts/region",
        "unclosed group",
    );
    refused(
        &one(json!({"facts": {"region": {"regex": "(?x)cn  # China"}}})),
        "/rules/0/match/facts/region",
        "with a line feed",
    );
    refused(
        &one(json!({"facts": {"region": []}})),
        "/rules/0/match/facts/region",
        "the list is empty",
    );
    refused(
        &one(json!({"facts": {"region": ""}})),
        "/rules/0/match/facts/region",
        "no fact is empty",
    );
    refused(
        &one(json!({"dye": "tier:low|region:cn"})),
        "/rules/0/match/dye",
        "order of their names",
    );
    refused(
        &one(json!({"dye": "colour:red"})),
        "/rules/0/match/dye",
        "there is no fact `colour`",
    );
    refused(
        &one(json!({"dye": "red"})),
        "/rules/0/match/dye",
        "write `name:value`",
    );
    refused(
        &rules(&[(json!({}), json!({"2.0.0": 80, "1.0.0": 20.5}))]),
        "/rules/0/to",
        "100.5 %; lower them to 100",
    );
    refused(
        &rules(&[(json!({}), json!({"3.0.0": 1}))]),
        "/rules/0/to/3.0.0",
        "no implementation `3.0.0`",
    );
    refused(
        &rules(&[(json!({}), json!({}))]),
        "/rules/0/to",
        "{\"2.0.0\": 100}",
    );
    refused(
        &json!({"rules": [{"name": " ", "to": {"2.0.0": 1}}]}),
        "/rules/0/name",
        "has no name",
    );
    refused(
        &json!({"rules": [{"name": "a", "to": {"2.0.0": 1}}, {"name": "a", "to": {"2.0.0": 1}}]}),
        "/rules/1/name",
        "rule 0 has the name `a`",
    );
    refused(
        &json!({"labels": {"new": "9.0.0"}}),
        "/labels/new",
        "no implementation `9.0.0`",
    );
    refused(
        &json!({"labels": {"1.1.0": "2.0.0"}}),
        "/labels/1.1.0",
        "choose another word",
    );
    refused(
        &json!({"labels": {"new": "2.0.0"}, "rules": [{"name": "a", "to": {"2.0.0": 1, "new": 1}}]}),
        "/rules/0/to/new",
        "named twice",
    );
    refused(
        &json!({"pins": {"a/b": "new"}}),
        "/pins/a~1b",
        "no implementation `new`",
    );
    refused(
        &json!({"rolled_back": ["1.2.0"]}),
        "/rolled_back/0",
        "no implementation of 1.2.0",
    );
    refused(
        &json!({"facts": {"Plan": {"cookie": "p"}}}),
        "/facts/Plan",
        "cannot be a name",
    );
    refused(
        &json!({"scores": {"s": {"header": "a b"}}}),
        "/scores/s/header",
        "is no place in a request",
    );
    let many: Vec<_> = vec![(json!({}), json!({"2.0.0": 1})); 1025];
    refused(&rules(&many), "/rules", "there are 1025 rules");
}

#[test]
fn weights_are_percent_with_four_decimals() {
    for bad in ["-1", "0.00001", "1e300", "\"80\""] {
        assert!(serde_json::from_str::<Percent>(bad).is_err(), "{bad}");
    }
    for (text, parts) in [
        ("80", 800_000),
        ("0.0001", 1),
        ("12.3456", 123_456),
        ("100", 1_000_000),
    ] {
        let read: Percent = serde_json::from_str(text).unwrap();
        assert_eq!(
            (read.get(), serde_json::to_string(&read).unwrap().as_str()),
            (parts, text)
        );
    }
}

#[track_caller]
fn finds(changes: &Value, expected: &[(&str, &str)]) {
    let table = initial().replace(&shape(), &document(changes).unwrap()).unwrap();
    let found = table.findings();
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (finding, (pointer, says)) in found.iter().zip(expected) {
        assert_eq!(finding.pointer, *pointer);
        assert!(finding.detail.contains(says), "{finding:?}");
    }
    // What is read may be written again.
    let read = table.document(&shape());
    assert_eq!(
        table.replace(&shape(), &read).unwrap().document(&shape()).rules,
        read.rules
    );
}

#[test]
fn unreachable_and_overlapping_rules_are_found() {
    let (all, some, new) = (json!({"2.0.0": 100}), json!({"2.0.0": 50}), json!({"1.1.0": 100}));
    let region = |value: Value| json!({"facts": {"region": value}});
    finds(
        &rules(&[(region(json!("cn")), all.clone()), (json!({}), new.clone())]),
        &[],
    );
    finds(
        &rules(&[(json!({}), all.clone()), (region(json!("cn")), new.clone())]),
        &[("/rules/1", "rule 0 `r0` takes all of it")],
    );
    finds(
        &rules(&[(json!({}), some), (region(json!("cn")), new.clone())]),
        &[],
    );
    // Rules share the buckets: what leaves the upper half leaves nothing to who wants the lower one.
    let half = json!({"2.0.0": 50});
    let other_half = json!({"1.0.0": 50});
    finds(
        &rules(&[
            (json!({}), half.clone()),
            (region(json!("cn")), other_half.clone()),
        ]),
        &[("/rules/1", "nothing reaches rule `r1`: rule 0 `r0`")],
    );
    finds(
        &rules(&[
            (region(json!({"glob": "cn-*"})), json!({"2.0.0": 20})),
            (json!({}), json!({"2.0.0": 60})),
            (region(json!("cn-1")), half.clone()),
        ]),
        &[("/rules/2", "nothing reaches")],
    );
    finds(
        &rules(&[(json!({}), half), (region(json!("cn")), json!({"1.0.0": 51}))]),
        &[],
    );
    finds(
        &rules(&[
            (region(json!({"glob": "cn-*"})), all.clone()),
            (region(json!(["cn-1", "cn-2"])), new.clone()),
        ]),
        &[("/rules/1", "nothing reaches rule `r1`")],
    );
    finds(
        &rules(&[
            (region(json!("cn")), all.clone()),
            (json!({"dye": "region:cn|tier:low"}), new.clone()),
        ]),
        &[("/rules/1", "nothing reaches")],
    );
    finds(
        &rules(&[
            (json!({"scores": {"fraud": "> 0.5"}}), all.clone()),
            (json!({"scores": {"fraud": ">= 0.6"}}), new.clone()),
        ]),
        &[("/rules/1", "nothing reaches")],
    );
    finds(
        &rules(&[
            (json!({"scores": {"fraud": "> 0.5"}}), all.clone()),
            (json!({"scores": {"fraud": ">= 0.5"}}), new.clone()),
        ]),
        &[],
    );
    finds(
        &rules(&[
            (region(json!(["cn", "us"])), all.clone()),
            (region(json!(["us", "eu"])), new.clone()),
        ]),
        &[("/rules/1", "comes first for some requests")],
    );
    finds(
        &rules(&[(region(json!("cn")), all), (region(json!("us")), new)]),
        &[],
    );
}

#[test]
fn patterns_and_keys_and_scores_are_compared() {
    let (all, new) = (json!({"2.0.0": 100}), json!({"1.1.0": 100}));
    let finds = |one: Value, other: Value, expected: &[(&str, &str)]| {
        finds(&rules(&[(one, all.clone()), (other, new.clone())]), expected);
    };
    let glob = |glob: &str| json!({"facts": {"region": {"glob": glob}}});
    finds(
        glob("cn-*"),
        glob("cn-e*"),
        &[("/rules/1", "rule 0 `r0` takes all of it")],
    );
    finds(
        glob("cn-*"),
        glob("*-east"),
        &[(
            "/rules/1",
            "comes first for some requests of rule `r1`, such as `region:cn-east`;",
        )],
    );
    finds(glob("cn-*"), glob("us-*"), &[]);
    finds(glob("cn-e*"), glob("cn-*"), &[]);
    finds(
        json!({"dye": {"regex": r"region:cn-east\|tier:low.*"}}),
        json!({"facts": {"tier": {"glob": "low*"}}}),
        &[],
    );
    finds(
        json!({"dye": {"glob": "region:cn*"}}),
        json!({"facts": {"tier": "low"}}),
        &[("/rules/1", "such as `region:cn|tier:low`")],
    );
    finds(
        json!({"scores": {"fraud": "> 0.5"}}),
        json!({"scores": {"fraud": "< 0.6"}}),
        &[("/rules/1", "comes first for some requests of rule `r1`;")],
    );
    finds(
        json!({"scores": {"fraud": "> 0.5"}}),
        json!({"scores": {"fraud": "<= 0.5"}}),
        &[],
    );
    // What no request can be is said of the rule itself.
    finds(
        glob("cn"),
        json!({"dye": {"glob": "tier:*|region:*"}}),
        &[("/rules/1", "no request can be one of rule `r1`")],
    );
    finds(
        json!({"dye": {"glob": "tier:*"}, "facts": {"region": "cn"}}),
        glob("us"),
        &[("/rules/0", "no request can be one of rule `r0`")],
    );
    let large = json!({"facts": {"region": {"regex": "(a|b)*a(a|b){14}"}}});
    finds(
        large.clone(),
        large,
        &[
            ("/rules/1", "rule 0 `r0` takes all of it"),
            ("/rules", "not all rules could be compared"),
        ],
    );
}

#[test]
fn many_rules_are_compared_whole() {
    let key = |number: usize| json!({ "dye": format!("region:r{number}") });
    let mut all: Vec<(Value, Value)> = (0..1_023)
        .map(|number| (key(number), json!({"2.0.0": 100})))
        .collect();
    all.push((key(250), json!({"1.1.0": 100})));
    finds(
        &rules(&all),
        &[("/rules/1023", "nothing reaches rule `r1023`: rule 250 `r250`")],
    );
}

#[test]
fn what_is_not_certain_is_not_found() {
    let (all, new) = (json!({"2.0.0": 100}), json!({"1.1.0": 100}));
    let region = |value: Value| json!({"facts": {"region": value}});
    // Whether the second one contains the first one is too much to be found out; if it does, they are in order.
    finds(
        &rules(&[
            (region(json!([{"regex": "(a|b)*a(a|b){14}"}, "c"])), all.clone()),
            (region(json!({"regex": "[abc]+"})), new.clone()),
        ]),
        &[("/rules", "not all rules could be compared")],
    );
    // No value is like this: `%` stands as `%25` in keys.
    finds(
        &rules(&[
            (region(json!([{"glob": "100%"}, "x"])), all.clone()),
            (region(json!([{"glob": "100%"}, "y"])), new.clone()),
        ]),
        &[],
    );
    // Who is rolled back takes nobody.
    let mut rolled_back = rules(&[(json!({}), all.clone()), (json!({}), new.clone())]);
    rolled_back["rolled_back"] = json!(["2.0.0"]);
    finds(&rolled_back, &[]);
    rolled_back["rolled_back"] = json!(["1.1.0"]);
    finds(&rolled_back, &[]);
    finds(
        &rules(&[(json!({}), json!({"2.0.0": 0})), (json!({}), new)]),
        &[("/rules/0", "rule `r0` gives nobody to anybody")],
    );
}
