//! What facts cost that the service finds out: no allocation, asked for or not, but where the application or a database is asked.

mod counting;
mod support;

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::ConnectInfo;
use counting::allocations;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use support::{aged, request, service};
use tower::ServiceExt as _;
use versioned_runtime::prelude::*;
use versioned_runtime::{FactSources, Scores, Tiers, UserTypes};

fn facts() -> FactSources {
    FactSources::new()
        .trust(["127.0.0.1"])
        .header("team", "X-Team")
        .regions([("203.0.113.0/24", "cn-east")])
        .device()
        .tier(Tiers::new(Duration::ZERO, Duration::ZERO).at_least(1))
        .user_type(UserTypes::by(UserKey::header("X-User"), |_| async {
            Ok::<_, std::io::Error>(Some("premium".to_owned()))
        }))
        .scores(Scores::by(|_| async {
            Ok::<_, std::io::Error>([("fraud", 1.0)])
        }))
}

/// How often a request allocates, once its thread has seen some like it, and this implementation serves.
#[track_caller]
fn cost(facts: Option<FactSources>, rules: &Value, by: &str) -> usize {
    let host = Host::from(service(aged())).expose(versioned_runtime::Expose::Always);
    let host = match facts {
        Some(facts) => host.facts(facts),
        None => host,
    };
    let host = host.start().expect("a host");
    let table = json!({
        "default_version": "1.1.0", "shares": {}, "stable": "1.1.0", "rules": rules,
        "facts": { "team": null }, "scores": { "fraud": null },
    });
    let table = serde_json::from_value(table).expect("a table");
    host.replace("notes", 1, &table).expect("a table");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let runtime = runtime.expect("a runtime");
    let lines = [
        "x-user: ada",
        "x-team: red",
        "user-agent: Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)",
        "x-forwarded-for: 198.51.100.1, 203.0.113.7",
    ];
    let ask = || {
        let mut request = request("GET", "/v1.1/notes/1", &lines, "");
        let peer = SocketAddr::from(([127, 0, 0, 1], 4711));
        request.extensions_mut().insert(ConnectInfo(peer));
        let service = host.service();
        allocations(|| {
            runtime.block_on(async {
                let answer = service.oneshot(request).await.expect("infallible");
                let (parts, body) = answer.into_parts();
                body.collect().await.expect("a body");
                let by = &parts.headers["api-serving-version"];
                by.to_str().expect("text").to_owned()
            })
        })
    };
    // The tier is looked at when that is due, soon after the first requests.
    let served = (0..1_000_000).find(|number| *number > 100 && ask().0 == by);
    assert!(served.is_some(), "{by} does not serve");
    ask().1
}

fn rule(matches: &Value) -> Value {
    json!([{ "name": "a", "match": matches, "to": { "2.0.0": 100 } }])
}

#[test]
fn facts_allocate_nothing() {
    let nobody = rule(&json!({ "facts": { "region": "nowhere" } }));
    let plain = cost(None, &json!([]), "1.1.0");
    let ruled = cost(None, &nobody, "1.1.0");
    // Where nothing asks, or where what is asked for is not found out.
    assert_eq!(cost(Some(facts()), &json!([]), "1.1.0"), plain);
    assert_eq!(cost(Some(FactSources::new()), &nobody, "1.1.0"), ruled);
    // Where all that needs no question is asked for: the handler is handed the key of the dye, and that is all.
    let all = json!({ "region": "cn-east", "device": "mobile", "tier": "high", "team": "red" });
    let all = rule(&json!({ "facts": all }));
    assert_eq!(cost(Some(facts()), &all, "2.0.0"), ruled + 1);
}
