//! Decisions: from the headers of a request to the implementation that serves it, by rules over facts, scores and a sticky split.
//!
//! The requests are whole ones, through a router in memory; counted is the part of the library that decides, as it ships, and what
//! metrics take down: `cargo xtask bench` names the two functions to callgrind.
#![allow(missing_docs)] // the contract of a bench

use std::hint::black_box;

use axum::Router;
use axum::body::Body;
use futures_util::FutureExt as _;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tower_service::Service as _;
use versioned_runtime::TableDocument;
use versioned_runtime::prelude::*;

/// The peers that only decide: requests that say the same as one before, and requests that all say something else, under a hundred rules
/// and under a thousand; and, for their allocations, requests under no rule. Beside them, what anybody pays who looks at the headers of
/// these requests: once at the name of each, or by asking the map for the seven that a decision wants.
pub(crate) const PEERS: &[&str] = &[
    "headers-walk",
    "headers-get",
    "headers-known",
    "decide-none",
    "decide-hot",
    "decide-hot-look",
    "decide-hot-record",
    "decide-cold",
    "decide-hot-1000",
    "decide-cold-1000",
];

/// How many different requests there are: more than a thread remembers.
const REQUESTS: usize = 1_024;

#[versioned(
    contract = "members",
    versions(
        v1 = "1.0.0",
        v1_1 = "1.1.0",
        v1_2 = "1.2.0",
        v1_3 = "1.3.0",
        v1_4 = "1.4.0",
        v1_5 = "1.5.0",
        v1_6 = "1.6.0",
        v1_7 = "1.7.0"
    )
)]
mod members {
    use super::{Deserialize, Problem, Serialize};

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Member {
        pub id: u64,
    }

    pub trait Members {
        #[get("/users/{id}")]
        async fn get_member(&self, id: u64) -> Result<Member, Problem>;
    }
}

#[derive(Clone)]
struct Same;

impl members::v1::Members for Same {
    async fn get_member(&self, id: u64) -> Result<members::v1::Member, Problem> {
        Ok(members::v1::Member { id })
    }
}

/// The headers that a decision wants of these requests.
const WANTED: [&str; 7] = [
    "accept",
    "traceparent",
    "x-api-version",
    "x-user-id",
    "x-region",
    "x-user-type",
    "x-fraud",
];

/// The lengths of all names and values, added up.
#[inline(never)]
fn walk(headers: &HeaderMap) -> usize {
    let lengths = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    lengths.sum()
}

/// The lengths of the values that are wanted, added up.
#[inline(never)]
fn get(headers: &HeaderMap, names: &[HeaderName]) -> usize {
    let values = names.iter().filter_map(|name| headers.get(name));
    values.map(HeaderValue::len).sum()
}

/// What a request says in the headers that are wanted.
type Values<'a> = [&'a [u8]; WANTED.len()];

/// Whether they say the same as another request did: what a memo of whole decisions would have to ask, at the least. Names are compared
/// with constants here; those of a service are in its table.
#[inline(never)]
fn known(headers: &HeaderMap, before: &Values<'_>) -> bool {
    let mut seen = 0_usize;
    for (name, value) in headers {
        let number = match name.as_str() {
            "accept" => 0,
            "traceparent" => 1,
            "x-api-version" => 2,
            "x-user-id" => 3,
            "x-region" => 4,
            "x-user-type" => 5,
            "x-fraud" => 6,
            _ => continue,
        };
        if value.as_bytes() != before[number] {
            return false;
        }
        seen += 1;
    }
    seen == before.len()
}

/// Runs a peer, if it is one of these.
pub(crate) fn run(runtime: &Runtime, peer: &str, requests: u32) -> bool {
    let names = WANTED.map(HeaderName::from_static);
    let first = request(0, 100);
    let before = WANTED.map(|name| first.headers()[name].as_bytes());
    let look: Option<&dyn Fn(&HeaderMap) -> usize> = match peer {
        "headers-walk" => Some(&walk),
        "headers-get" => Some(&|headers| get(headers, &names)),
        "headers-known" => Some(&|headers| usize::from(known(headers, &before))),
        _ => None,
    };
    if let Some(look) = look {
        let asked = request(0, 100);
        let lengths = (0..requests).map(|_| look(black_box(asked.headers())));
        assert!(lengths.sum::<usize>() > 0);
        return true;
    }
    let (rules, different) = match peer {
        "decide-none" => (0, REQUESTS),
        // Of the last two only a part is counted.
        "decide-hot" | "decide-hot-look" | "decide-hot-record" => (100, 1),
        "decide-cold" => (100, REQUESTS),
        "decide-hot-1000" => (1_000, 1),
        "decide-cold-1000" => (1_000, REQUESTS),
        _ => return false,
    };
    let _within = runtime.enter();
    let mut app = app(rules);
    let mut ask = |number: usize| {
        let answer = app.call(request(number, rules)).now_or_never();
        let answer = answer.expect("nothing that is waited for").expect("never fails");
        assert_eq!(answer.status(), 200);
    };
    // What a thread sets up once, and the series of metrics.
    (0..different).for_each(&mut ask);
    crate::is_set_up();
    (0..different).cycle().take(requests as usize).for_each(ask);
    true
}

/// A service of eight versions, each with an implementation, five of which have a share; every rule asks for something else.
fn app(rules: usize) -> Router {
    let service = members::Service::builder()
        .v1(Same)
        .v1_1(Same)
        .v1_2(Same)
        .v1_3(Same)
        .v1_4(Same)
        .v1_5(Same)
        .v1_6(Same)
        .v1_7(Same)
        .build();
    let host = Host::new().contract(service).start().expect("a host");
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
    host.replace("members", 1, &document).expect("a table that fits");
    Router::new().merge(host.router())
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

/// The twelve headers of a request; every tenth one is of a region that a rule asks for, however many rules there are.
fn request(number: usize, rules: usize) -> Request<Body> {
    let region = format!("region-{}", number * 10 * rules / REQUESTS);
    let user = format!("u-{number}");
    let version = format!("1.{}.0", number % 8);
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
        ("x-api-version", &version),
        ("x-user-id", &user),
        ("x-region", &region),
        ("x-user-type", "premium"),
        ("x-fraud", "0.31"),
    ];
    let request = Request::get("/users/7");
    let request = lines
        .into_iter()
        .fold(request, |request, (name, value)| request.header(name, value));
    request.body(Body::empty()).expect("a request")
}
