//! Decisions alone: from the headers of a request to the implementation that serves it, by rules over facts, scores and a sticky split.

use std::array;

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use versioned_runtime::TableDocument;
use versioned_runtime::resolve::VersionState;
use versioned_runtime::route::{ContractShape, Decision, Dye, InitialTable, Table, UserKey};

/// The peers that only decide: requests that say the same as one before, and requests that all say something else, under a hundred rules
/// and under a thousand.
pub(crate) const PEERS: &[&str] = &["decide-hot", "decide-cold", "decide-hot-1000", "decide-cold-1000"];

/// The version and the operation that is asked for.
const ASKED: (usize, usize) = (5, 1);

/// How many different requests there are: more than a thread remembers.
const REQUESTS: usize = 1_024;

/// Runs a peer, if it is one of these.
pub(crate) fn run(peer: &str, requests: u32) -> bool {
    let (rules, different) = match peer {
        "decide-hot" => (100, 1),
        "decide-cold" => (100, REQUESTS),
        "decide-hot-1000" => (1_000, 1),
        "decide-cold-1000" => (1_000, REQUESTS),
        _ => return false,
    };
    let table = table(rules);
    let (places, mut dye) = (Places::of(&table), Dye::default());
    let asked: Vec<HeaderMap> = (0..different).map(headers).collect();
    // What a thread sets up once, and automata work out as they go.
    for headers in &asked {
        let _ = decide(&table, &places, &mut dye, headers);
    }
    for headers in asked.iter().cycle().take(requests as usize) {
        let decision = decide(&table, &places, &mut dye, headers);
        assert!(decision.slot < 8, "{decision:?}");
    }
    true
}

/// One decision: the key of the user, the facts that the table names, and what they lead to.
#[inline(never)]
fn decide(table: &Table, places: &Places, dye: &mut Dye, headers: &HeaderMap) -> Decision {
    let said = |name: &HeaderName| headers.get(name)?.to_str().ok();
    let user = table.user(said(&places.user));
    table.dye_into(dye, |place, _, _| said(places.facts.get(place)?.as_ref()?));
    table.decide(ASKED.0, ASKED.1, user, dye)
}

/// The headers that a table names, as a host keeps them beside it.
struct Places {
    user: HeaderName,
    facts: Vec<Option<HeaderName>>,
}

impl Places {
    fn of(table: &Table) -> Self {
        let header = |place: Option<&UserKey>| match place {
            Some(UserKey::Header(name)) => HeaderName::from_bytes(name.as_bytes()).ok(),
            _ => None,
        };
        Self {
            user: header(table.user_key()).expect("a header"),
            facts: table.places().map(header).collect(),
        }
    }
}

/// A table of eight versions, each with an implementation, five of which have a share; every rule asks for something else.
fn table(rules: usize) -> Table {
    let versions: [_; 8] = array::from_fn(|minor| {
        VersionState::offered(semver::Version::new(1, u64::try_from(minor).unwrap_or(0), 0))
    });
    let shape = ContractShape {
        id: "users".into(),
        versions: versions.into(),
        operations: vec![vec!["list_users", "get_user"]; 8],
        answers: vec![vec![vec![true; 2]; 8]; 8],
        present: vec![true; 8],
    };
    let document = json!({
        "default_version": "1.0.0",
        "stable": "1.7.0",
        "shares": { "1.2.0": 50_000, "1.3.0": 100_000, "1.4.0": 200_000, "1.5.0": 10_000 },
        "user_key": { "header": "x-user-id" },
        "facts": { "region": { "header": "x-region" }, "user_type": { "header": "x-user-type" } },
        "scores": { "fraud": { "header": "x-fraud" } },
        "rules": (0..rules).map(rule).collect::<Vec<_>>(),
    });
    let document: TableDocument = serde_json::from_value(document).expect("a document");
    let initial = InitialTable {
        user_key: Some(UserKey::header("x-user-id")),
        ..InitialTable::default()
    };
    let first = Table::initial(&shape, &initial).expect("a table");
    first.replace(&shape, &document).expect("rules that fit")
}

/// Some are exact, some have a glob, some ask for a score.
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
    json!({ "name": format!("rule {number}"), "match": { "facts": facts, "scores": scores }, "to": { "1.6.0": 50 } })
}

/// The twelve headers of a request.
fn headers(number: usize) -> HeaderMap {
    let region = format!("region-{}", number % 2_000);
    let user = format!("u-{number}");
    let lines: [(&'static str, &str); 12] = [
        ("host", "api.example.org"),
        ("user-agent", "example-client/2.4 (linux; x86_64)"),
        ("accept", "application/json"),
        ("accept-encoding", "gzip, br"),
        ("authorization", "Bearer 2YotnFZFEjr1zCsicMWpAA"),
        ("x-request-id", "7f3c1c0e-9f64-4f0e-8d5b-0a4ae0f1a9b2"),
        (
            "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ),
        ("x-api-version", "1.5.0"),
        ("x-user-id", &user),
        ("x-region", &region),
        ("x-user-type", "premium"),
        ("x-fraud", "0.31"),
    ];
    let line = |(name, value): (&'static str, &str)| {
        let value = HeaderValue::from_str(value).expect("a header");
        (HeaderName::from_static(name), value)
    };
    lines.map(line).into_iter().collect()
}
