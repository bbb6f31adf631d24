//! What requests say, in unusual forms: other names for the sources, repeated sources, bodies that are none, texts that are none.

mod support;

use support::{ask, request, service};
use versioned_runtime::prelude::*;
use versioned_runtime::{FactSources, Sources, UserTypes};

const JSON: &str = "content-type: application/json";

#[tokio::test]
async fn sources_have_the_names_that_the_host_gives_them() {
    let sources = Sources::default().header("Accept-Version").query("v");
    let host = Host::from(service(ContractConfig::new()))
        .sources(sources)
        .start()
        .expect("a host");
    let get = async |path: &str, headers: &[&str]| ask(&host, request("GET", path, headers, "")).await;
    let answered = [
        ("/notes/1", &["accept-version: 2"][..], "2.0.0"),
        ("/notes/1?v=1.1", &[], "1.1.0"),
        ("/notes?v=2&limit=1", &[], "2.0.0"),
        // The usual names mean nothing here.
        ("/notes/1?api-version=2", &["x-api-version: 2"], "1.0.0"),
    ];
    for (path, headers, version) in answered {
        let answer = get(path, headers).await;
        assert_eq!(answer.header("api-version"), Some(version), "{path} {headers:?}");
        assert_eq!(answer.header("vary"), Some("accept-version, accept"));
    }
    let malformed = get("/notes/1", &["accept-version: !"]).await.json()["detail"].to_string();
    assert!(malformed.contains("header `Accept-Version`"), "{malformed}");
    let disagree = get("/notes/1?v=2", &["accept-version: 1"]).await.json()["detail"].to_string();
    assert!(
        disagree.contains("`Accept-Version`") && disagree.contains("query parameter `v`"),
        "{disagree}"
    );
}

/// Method, path, headers, body, and the status and problem that answer it.
type Row = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
    u16,
    &'static str,
);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // a source that stands twice is two constraints
    ("GET",  "/notes/1",                               &["x-api-version: 1", "x-api-version: 1.1"], "", 200, "-"),
    ("GET",  "/notes/1",                               &["x-api-version: 1", "x-api-version: 2"],   "", 400, "versions-disagree"),
    ("GET",  "/notes/1?api-version=1&api-version=2",   &[],                                         "", 400, "versions-disagree"),
    // a body that is none has no type that could be wrong
    ("POST", "/v2/notes",                              &[],                                         "", 400, "body-unreadable"),
    ("POST", "/v2/notes",                              &["content-type: text/plain"],               "", 400, "body-unreadable"),
    // an operation without a body ignores one
    ("POST", "/v2/notes/1/archive",                    &["content-type: text/plain"],          "hello", 202, "-"),
    ("POST", "/v2/notes",                              &[JSON, "content-encoding: identity"],     "{}", 422, "body-invalid"),
    ("POST", "/v2/notes",                              &[JSON, "content-encoding: gzip, gzip"],   "{}", 415, "unsupported-media-type"),
    // texts that are none
    ("GET",  "/v2/notes?tag=%ff",                      &[],                                         "", 400, "parameter-invalid"),
    ("GET",  "/v2/notes/%C3%28",                       &[],                                         "", 400, "parameter-invalid"),
    ("GET",  "/v2/notes?limit=1&limit=2",              &[],                                         "", 400, "parameter-invalid"),
    ("GET",  "/v2/notes?limit=",                       &[],                                         "", 200, "-"),
    ("GET",  "/v2/notes?tag=",                         &[],                                         "", 200, "-"),
    ("GET",  "/v2/notes",                              &["x-reader: a", "x-reader: b"],             "", 400, "parameter-invalid"),
    ("GET",  "/v2/notes/18446744073709551616",         &[],                                         "", 400, "parameter-invalid"),
    ("GET",  "/v2/notes/+1",                           &[],                                         "", 200, "-"),
];

#[tokio::test]
async fn unusual_requests_have_their_answers() {
    let host = service(ContractConfig::new()).host().expect("a host of one");
    for (method, path, headers, body, status, problem) in TABLE {
        let row = format!("{method} {path} {headers:?}");
        let answer = ask(&host, request(method, path, headers, *body)).await;
        assert_eq!(answer.status.as_u16(), *status, "{row}: {answer:?}");
        let found = answer.json_or_none().and_then(|_| answer.problem());
        assert_eq!(found.as_deref().unwrap_or("-"), *problem, "{row}");
    }
    let named = ask(&host, request("GET", "/v2/notes?limit=900", &[], ""))
        .await
        .json();
    assert_eq!(named["parameter"], "limit", "{named}");
}

/// Where the operator's hook finds the user is no parameter of the operation, and no mistake of the client.
#[tokio::test]
async fn a_strict_query_passes_over_what_a_hook_reads() {
    let types = UserTypes::by(UserKey::query("uid"), async |_| Ok::<_, std::io::Error>(None));
    let config = ContractConfig::new().facts(FactSources::new().user_type(types));
    let host = service(config).host().expect("a host of one");
    for (path, status) in [("/notes?limit=3&uid=7", 200), ("/notes?limit=3&uip=7", 400)] {
        let answer = ask(&host, request("GET", path, &[], "")).await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
    }
}
