//! Routing tables as YAML: written, read, refused as JSON ones are, and bounded.

mod support;

use std::fmt::Write as _;

use support::{Answer, aged, ask_router, request, service};
use versioned_runtime::prelude::*;
use versioned_runtime::{RunningHost, TableDocument};

const PATH: &str = "/contracts/notes/routing";
const TOKEN: &str = "authorization: Bearer secret";
const TABLE: &str = "\
# which requests go where
default_version: 1.1.0
stable: 1.1.0
shares: { 2.0.0: 200000 }
user_key: { header: x-user }
facts:
  plan: { cookie: plan }
rules:
  - name: paying
    match:
      facts: { plan: [pro, { glob: prem* }] }
    to: { 2.0.0: 100 }
";

fn host() -> RunningHost {
    let host = Host::from(service(aged())).admin_token("secret");
    host.start().expect("a host")
}

async fn put(host: &RunningHost, text: &str) -> Answer {
    let headers = [
        TOKEN,
        "content-type: application/yaml; charset=utf-8",
        "if-match: \"1\"",
    ];
    ask_router(
        host.admin_router(),
        request("PUT", PATH, &headers, text.to_owned()),
    )
    .await
}

#[tokio::test]
async fn tables_are_written_and_read() {
    let host = host();
    let answer = put(&host, TABLE).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let json = ask_router(host.admin_router(), request("GET", PATH, &[TOKEN], "")).await;
    assert_eq!(json.header("content-type"), Some("application/json"));
    let document: TableDocument = serde_json::from_slice(&json.body).expect("a table");
    assert_eq!(document.rules[0].name, "paying");
    let accept = "accept: application/yaml, application/json;q=0.5";
    let yaml = ask_router(host.admin_router(), request("GET", PATH, &[TOKEN, accept], "")).await;
    assert_eq!(yaml.header("content-type"), Some("application/yaml"));
    assert_eq!(yaml.header("etag"), Some("\"2\""));
    let text = std::str::from_utf8(&yaml.body).expect("text");
    assert_eq!(TableDocument::from_yaml(text).as_ref(), Ok(&document), "{text}");
    let preferred = "accept: application/json, application/yaml;q=0.5";
    let json = ask_router(host.admin_router(), request("GET", PATH, &[preferred], "")).await;
    assert_eq!(json.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn mistakes_are_told_as_those_in_json_with_their_line() {
    let host = host();
    let cases = [
        (TABLE.replace("shares:", "share:"), 422, "/share", "line 4"),
        (TABLE.replace("200000", "many"), 422, "/shares/2.0.0", "line 4"),
        (
            TABLE.replace("stable: 1.1.0\nshares: { 2.0.0: 200000 }\n", ""),
            422,
            "/shares",
            "missing field `shares`",
        ),
        (
            TABLE.replace("    to: { 2.0.0: 100 }\n", ""),
            422,
            "/rules/0/to",
            "missing field `to`",
        ),
        (
            TABLE.replace("200000 }", "200000, 2.0.0: 1 }"),
            422,
            "/shares",
            "implementation `2.0.0` has two shares, give it one",
        ),
        (
            TABLE.replace("stable: 1.1.0", "stable: 1.1.0\nstable: 2.0.0"),
            422,
            "",
            "duplicate field `stable`",
        ),
        (
            format!("{TABLE}---\ndefault_version: 1.1.0\n"),
            400,
            "",
            "there are several documents, send one",
        ),
        (
            TABLE.replace("[pro", "[pro, ]]"),
            400,
            "",
            "the table is not YAML",
        ),
        (
            TABLE.replace("2.0.0: 100", "9.9.9: 100"),
            422,
            "/rules/0/to",
            "9.9.9",
        ),
    ];
    for (text, status, pointer, says) in cases {
        let answer = put(&host, &text).await;
        assert_eq!(answer.status, status, "{text}: {answer:?}");
        let problem = answer.json();
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(detail.contains(says), "{text}: {detail}");
        let told = problem["errors"][0]["pointer"].as_str().unwrap_or_default();
        assert!(told.starts_with(pointer), "{text}: {answer:?}");
    }
}

#[test]
fn aliases_of_aliases_are_bounded() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let alias = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(text, "a{level}: &a{level} [{alias}]").expect("room");
    }
    let error = TableDocument::from_yaml(&text).expect_err("a bomb");
    assert!(!error.is_data(), "{error}");
    let anchors = "default_version: &v 1.1.0\nstable: *v\nshares: {}\n";
    let table = TableDocument::from_yaml(anchors).expect("few aliases");
    assert_eq!(table.stable.as_deref(), Some("1.1.0"));
    let deep = format!("rules: {}{}", "[".repeat(100), "]".repeat(100));
    assert!(TableDocument::from_yaml(&deep).is_err());
}
