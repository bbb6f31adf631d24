//! What a table of a thousand rules costs: its memory, and no allocation for a decision.

mod counting;

use counting::{allocations, bytes};
use semver::Version;
use serde_json::{Value, json};
use versioned_runtime::TableDocument;
use versioned_runtime::resolve::VersionState;
use versioned_runtime::route::{ContractShape, Dye, InitialTable, Reason, Table};

fn shape() -> ContractShape {
    let versions =
        ["1.0.0", "2.0.0"].map(|text| VersionState::offered(Version::parse(text).expect("a version")));
    ContractShape {
        id: "notes".into(),
        versions: versions.into(),
        operations: vec![vec!["get_note"]; 2],
        answers: vec![vec![vec![true]; 2]; 2],
        present: vec![true; 2],
    }
}

/// Each rule asks for something else, by value, by glob and by a score.
fn rule(number: usize) -> Value {
    let region = match number % 10 {
        0 => json!({ "glob": format!("region-{number}-*") }),
        _ => json!(format!("region-{number}")),
    };
    let scores = match number % 7 {
        0 => json!({ "fraud": format!("> 0.{number}") }),
        _ => json!({}),
    };
    let facts = json!({ "region": region, "user_type": ["premium", format!("type-{number}")] });
    json!({ "name": format!("rule {number}"), "match": { "facts": facts, "scores": scores }, "to": { "2.0.0": 50 } })
}

fn table() -> Table {
    let document = json!({
        "default_version": "1.0.0", "shares": {}, "scores": { "fraud": { "header": "x-fraud" } },
        "rules": (0..1_000).map(rule).collect::<Vec<_>>(),
    });
    let document: TableDocument = serde_json::from_value(document).expect("a document");
    let first = Table::initial(&shape(), &InitialTable::default()).expect("a table");
    first.replace(&shape(), &document).expect("the rules fit")
}

fn dye(table: &Table, region: &str) -> Dye {
    table.dye(|name, _| match name {
        "region" => Some(region),
        "user_type" => Some("premium"),
        "fraud" => Some("0.95"),
        _ => None,
    })
}

#[test]
fn a_thousand_rules_take_two_mebibytes_at_most_and_decide_without_allocating() {
    // With the memo that the first decision of a thread makes, and what automata work out.
    let (table, size) = bytes(|| {
        let table = table();
        for region in ["region-40-a", "region-41", "region-990-b"] {
            let _ = table.decide(0, 0, table.user(None), &dye(&table, region));
        }
        table
    });
    assert!(size <= 2 * 1024 * 1024, "{size} bytes");
    let user = table.user(Some("ada"));
    let decide = |region: &str| {
        let (decision, allocated) = allocations(|| table.decide(0, 0, user, &dye(&table, region)));
        assert_eq!(allocated, 0, "{region}");
        decision.reason
    };
    assert_eq!(decide("nowhere"), Reason::Nearest);
    let bucket = user.bucket;
    let expected = if bucket < 500_000 {
        Reason::Rule
    } else {
        Reason::Nearest
    };
    assert_eq!(decide("region-41"), expected);
    assert_eq!(decide("region-41"), expected);
    assert_eq!(decide("region-40-c"), expected);
}
