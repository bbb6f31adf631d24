//! Rules over HTTP: a table that names facts decides who serves, and explains itself without a request.

mod support;

use serde_json::{Value, json};
use support::{Answer, aged, ask, ask_router, request, service};
use versioned_runtime::prelude::*;
use versioned_runtime::{Dyes, Expose, FactSources, RunningHost};

const TABLE: &str = "/contracts/notes/routing";
const JSON: &str = "content-type: application/json";
const TOKEN: &str = "authorization: Bearer secret";

fn table() -> Value {
    json!({
        "default_version": "1.1.0", "shares": {}, "stable": "1.1.0",
        "user_key": { "header": "x-user" },
        "facts": { "region": { "header": "x-region" }, "plan": { "cookie": "plan" }, "beta": { "query": "beta" } },
        "scores": { "fraud": { "header": "x-fraud" } },
        "labels": { "new": "2.0.0" },
        "rules": [
            { "name": "risky", "match": { "scores": { "fraud": "> 0.92" } }, "to": { "1.1.0": 100 } },
            { "name": "east", "match": { "dye": { "regex": r"(plan:[a-z]+\|)?region:cn-.*" } }, "to": { "new": 100 } },
            { "name": "paying", "match": { "facts": { "plan": ["pro", { "glob": "prem*" }] } }, "to": { "new": 100 } },
        ],
        "pins": { "ada": "1.1.0" },
    })
}

async fn host() -> RunningHost {
    let host = Host::from(service(aged()))
        .admin_token("secret")
        .expose(Expose::Always)
        .start()
        .expect("a host");
    let put = request(
        "PUT",
        TABLE,
        &[TOKEN, JSON, "if-match: \"1\""],
        table().to_string(),
    );
    let answer = ask_router(host.admin_router(), put).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    host
}

#[track_caller]
fn served(answer: &Answer, by: &str, says: &[&str]) {
    assert_eq!(
        answer.header("api-serving-version"),
        Some(by),
        "{says:?}: {answer:?}"
    );
}

#[tokio::test]
async fn facts_decide_who_serves() {
    let host = host().await;
    let cases: [(&[&str], &str); 7] = [
        (&[], "1.1.0"),
        (&["x-region: cn-east"], "2.0.0"),
        (&["x-region: us"], "1.1.0"),
        (&["x-region: us", "cookie: a=b; plan=premium"], "2.0.0"),
        (&["x-region: cn-east", "x-fraud: 0.95"], "1.1.0"),
        (&["x-region: cn-east", "x-fraud: 0.92"], "2.0.0"),
        (&["x-region: cn-east", "x-user: ada"], "1.1.0"),
    ];
    for (headers, by) in cases {
        let answer = ask(&host, request("GET", "/v1/notes/1", headers, "")).await;
        served(&answer, by, headers);
    }
}

#[tokio::test]
async fn keys_that_a_table_names_do_not_reach_structs_that_refuse_them() {
    let host = host().await;
    for (query, status) in [
        ("?beta=1", 200),
        ("?beta=1&tag=a", 200),
        ("?gamma=1", 400),
        ("?beta=1&gamma=1", 400),
    ] {
        let path = format!("/v1/notes{query}");
        let answer = ask(&host, request("GET", &path, &[], "")).await;
        assert_eq!(answer.status, status, "{query}: {answer:?}");
    }
}

#[tokio::test]
async fn explanations_tell_the_rule_and_take_the_token() {
    let host = host().await;
    let path = "/contracts/notes/routing/explain";
    let asked = |facts: Value| json!({ "version": "1.1.0", "operation": "get_note", "user_key": "eve", "facts": facts });
    let body = asked(json!({ "region": "cn-east", "plan": "free" }));
    let explained = ask_router(
        host.admin_router(),
        request("POST", path, &[TOKEN, JSON], body.to_string()),
    )
    .await;
    assert_eq!(explained.status, 200, "{explained:?}");
    let said = explained.json();
    assert_eq!(
        (
            &said["serving"],
            &said["reason"],
            &said["rule"],
            &said["weight"],
            &said["dye"]
        ),
        (
            &json!("2.0.0"),
            &json!("rule"),
            &json!("east"),
            &json!(100),
            &json!("plan:free|region:cn-east")
        )
    );
    assert_eq!(
        said["rules"][0]["mismatch"],
        json!({ "condition": "fraud", "value": null })
    );
    let refused = [
        (&[JSON][..], asked(json!({})), 401),
        (
            &[TOKEN, JSON],
            json!({ "version": "1.1.0", "operation": "get_nothing" }),
            422,
        ),
        (&[TOKEN, JSON], json!({ "version": "1.1.0" }), 422),
    ];
    for (headers, body, status) in refused {
        let answer = ask_router(
            host.admin_router(),
            request("POST", path, headers, body.to_string()),
        )
        .await;
        assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    }
}

#[tokio::test]
async fn the_keys_of_pinned_users_are_for_those_with_the_token() {
    let host = host().await;
    let open = ask_router(host.admin_router(), request("GET", TABLE, &[], "")).await;
    assert_eq!(open.json().get("pins"), None, "{open:?}");
    let read = ask_router(host.admin_router(), request("GET", TABLE, &[TOKEN], "")).await;
    assert_eq!(read.json()["pins"], json!({ "ada": "1.1.0" }));
}

#[tokio::test]
async fn mistakes_in_rules_are_refused_with_their_place() {
    let host = host().await;
    let mut table = table();
    table["rules"][1]["match"] = json!({ "facts": { "regoin": "x" } });
    let put = request("PUT", TABLE, &[TOKEN, JSON, "if-match: \"2\""], table.to_string());
    let answer = ask_router(host.admin_router(), put).await;
    assert_eq!(answer.status, 422);
    assert_eq!(
        answer.json()["errors"][0]["pointer"],
        "/rules/1/match/facts/regoin"
    );
}

#[tokio::test]
async fn rules_on_what_nobody_tells_are_found() {
    let document = json!({
        "default_version": "1.1.0", "shares": {},
        "facts": { "plan": { "cookie": "plan" }, "team": null },
        "scores": { "fraud": null },
        "rules": [
            { "name": "east", "match": { "facts": { "region": "cn-east", "plan": "pro" } }, "to": { "2.0.0": 100 } },
            { "name": "also east", "match": { "facts": { "region": "cn-east", "team": "a" } }, "to": { "2.0.0": 100 } },
            { "name": "phones", "match": { "facts": { "device": "mobile" } }, "to": { "2.0.0": 100 } },
            { "name": "risky", "match": { "scores": { "fraud": "> 0.9" } }, "to": { "1.1.0": 100 } },
        ],
    });
    let untold = |host: Host| {
        let host = host.start().expect("a host");
        let document = serde_json::from_value(document.clone()).expect("a table");
        let answered = host.replace("notes", 1, &document).expect("a table that fits");
        assert_eq!(Some(&answered), host.table("notes").as_ref());
        let found = answered.findings.into_iter();
        let untold = found.filter(|finding| finding.detail.starts_with("no request tells"));
        untold.map(|finding| finding.pointer).collect::<Vec<String>>()
    };
    let host = || Host::from(service(aged()));
    let [region, team, device, fraud] = [
        "/rules/0/match/facts/region",
        "/rules/1/match/facts/team",
        "/rules/2/match/facts/device",
        "/rules/3/match/scores/fraud",
    ];
    assert_eq!(untold(host()), [region, team, device, fraud]);
    let some = FactSources::new()
        .device()
        .trust(["10.0.0.0/8"])
        .header("fraud", "X-Fraud");
    // Whom the host trusts may say anything.
    assert_eq!(untold(host().facts(some)), [""; 0]);
    assert_eq!(
        untold(host().facts(FactSources::new().device())),
        [region, team, fraud]
    );
    assert_eq!(untold(host().dyes(Dyes::new().key("k1", [7; 32]))), [""; 0]);
}
