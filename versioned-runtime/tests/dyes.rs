//! Signed dyes over HTTP: what is signed decides who serves, and what is not is ignored and counted.

mod support;

use serde_json::json;
use support::{aged, ask, ask_router, request, service};
use versioned_runtime::prelude::*;
use versioned_runtime::{DyeSigner, Dyes, Expose, RunningHost, UnixTime};

const SECRET: [u8; 32] = [7; 32];
const NOW: i64 = 1_800_000_000;

async fn host(dyes: Option<Dyes>) -> RunningHost {
    let host = Host::from(service(aged()))
        .admin_token("secret")
        .clock(|| UnixTime::from_seconds(NOW))
        .expose(Expose::Always);
    let host = match dyes {
        Some(dyes) => host.dyes(dyes),
        None => host,
    };
    let host = host.start().expect("a host");
    let table = json!({
        "default_version": "1.1.0", "shares": {}, "stable": "1.1.0",
        "facts": { "team": { "header": "x-team" } },
        "rules": [
            { "name": "east", "match": { "facts": { "region": "cn-east" } }, "to": { "2.0.0": 100 } },
            { "name": "red", "match": { "facts": { "team": "red" } }, "to": { "2.0.0": 100 } },
        ],
        "pins": { "ada": "1.1.0" },
        "user_key": { "header": "x-user" },
    });
    let headers = [
        "authorization: Bearer secret",
        "content-type: application/json",
        "if-match: \"1\"",
    ];
    let put = request("PUT", "/contracts/notes/routing", &headers, table.to_string());
    let answer = ask_router(host.admin_router(), put).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    host
}

fn signed(id: &str, secret: [u8; 32], facts: &[(&str, &str)], expires: i64) -> String {
    let signer = DyeSigner::new(id, secret).expect("a signer");
    let dye = signer.sign(facts.iter().copied(), UnixTime::from_seconds(expires));
    dye.expect("a dye").to_str().expect("text").to_owned()
}

#[tokio::test]
async fn only_what_is_signed_decides() {
    let host = host(Some(Dyes::new().key("old", [1; 32]).key("k1", SECRET))).await;
    let east: &[(&str, &str)] = &[("region", "cn-east")];
    let good = signed("k1", SECRET, east, NOW + 60);
    let cases = [
        (vec![format!("dye: {good}")], "2.0.0"),
        (
            vec![format!("dye: {}", signed("old", [1; 32], east, NOW + 60))],
            "2.0.0",
        ),
        (vec!["dye: region:cn-east".to_owned()], "1.1.0"),
        (
            vec![format!("dye: {}", signed("k1", [8; 32], east, NOW + 60))],
            "1.1.0",
        ),
        (vec![format!("dye: {}", signed("k1", SECRET, east, NOW))], "1.1.0"),
        (
            vec![format!("dye: {}", signed("k2", SECRET, east, NOW + 60))],
            "1.1.0",
        ),
        (vec![format!("dye: {good}"), format!("dye: {good}")], "1.1.0"),
        // What is signed goes before what the request says elsewhere, fact by fact.
        (vec!["x-team: red".to_owned()], "2.0.0"),
        (
            vec![
                "x-team: red".to_owned(),
                format!("dye: {}", signed("k1", SECRET, &[("team", "blue")], NOW + 60)),
            ],
            "1.1.0",
        ),
        (
            vec![
                "x-team: red".to_owned(),
                format!("dye: {}", signed("k1", SECRET, &[("region", "us")], NOW + 60)),
            ],
            "2.0.0",
        ),
    ];
    for (headers, by) in cases {
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let answer = ask(&host, request("GET", "/v1/notes/1", &headers, "")).await;
        assert_eq!(answer.status, 200, "{headers:?}: {answer:?}");
        assert_eq!(
            answer.header("api-serving-version"),
            Some(by),
            "{headers:?}: {answer:?}"
        );
    }
    let page = ask_router(host.metrics_router(), request("GET", "/metrics", &[], "")).await;
    let page = String::from_utf8_lossy(&page.body);
    for reason in ["unsigned", "signature", "expired", "syntax", "unknown_key"] {
        let line = format!("versioned_dyes_refused_total{{reason=\"{reason}\"}} 1\n");
        assert!(page.contains(&line), "{reason}: {page}");
    }
}

#[tokio::test]
async fn without_a_key_nothing_is_believed() {
    let dye = format!(
        "dye: {}",
        signed("k1", SECRET, &[("region", "cn-east")], NOW + 60)
    );
    for dyes in [
        None,
        Some(Dyes::new()),
        Some(Dyes::new().header("x-dye").key("k1", SECRET)),
    ] {
        let host = host(dyes).await;
        let answer = ask(&host, request("GET", "/v1/notes/1", &[&dye], "")).await;
        assert_eq!(answer.header("api-serving-version"), Some("1.1.0"), "{answer:?}");
    }
}

#[test]
fn mistakes_in_the_configuration_stop_the_start() {
    let cases = [
        (Dyes::new().header("a b"), "`a b` is no name of a header for dyes"),
        (
            Dyes::new().key("k1", SECRET).key("k1", [1; 32]),
            "two keys of dyes have the id `k1`",
        ),
        (Dyes::new().key("k1", "short"), "has 5 bytes: use at least 32"),
        (Dyes::new().key("", SECRET), "no id of a key"),
    ];
    for (dyes, because) in cases {
        let error = Host::from(service(aged())).dyes(dyes).start().expect_err(because);
        assert!(error.to_string().contains(because), "{error}");
    }
}

#[tokio::test]
async fn a_table_whose_pins_were_hidden_cannot_be_written_back() {
    let host = host(None).await;
    let path = "/contracts/notes/routing";
    let read = ask_router(host.admin_router(), request("GET", path, &[], "")).await;
    assert_eq!(read.header("etag"), Some("W/\"2\""), "{read:?}");
    let headers = [
        "authorization: Bearer secret",
        "content-type: application/json",
        "if-match: W/\"2\"",
    ];
    let written = ask_router(
        host.admin_router(),
        request("PUT", path, &headers, read.json().to_string()),
    )
    .await;
    assert_eq!(written.status, 412, "{written:?}");
    let whole = ask_router(host.admin_router(), request("GET", path, &headers[..1], "")).await;
    assert_eq!(whole.header("etag"), Some("\"2\""), "{whole:?}");
    assert_eq!(whole.json()["pins"], json!({ "ada": "1.1.0" }));
}
