//! The order in which a request is answered or refused: one table over path × method × sources.

mod support;

use support::{aged, ask, notes, request, service};
use versioned_runtime::{Availability, ContractConfig, Expose, Host};

const JSON: &str = "content-type: application/json";
const NOTE: &str = r#"{"id": 1, "text": "x", "body": "x"}"#;

/// What is asked (method, path, headers, body), and what is answered: the status, the kind of problem (or `-`), the resolved
/// version (or `-`).
type Row = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
    u16,
    &'static str,
    &'static str,
);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // the path comes first
    ("GET",     "/nowhere",                     &["x-api-version: !"],            "",   404, "path-unknown",           "-"),
    ("OPTIONS", "/nowhere",                     &[],                              "",   404, "path-unknown",           "-"),
    ("GET",     "/notes/",                      &[],                              "",   404, "path-unknown",           "-"),
    ("GET",     "/v9/notes/1",                  &[],                              "",   404, "path-unknown",           "-"),
    ("GET",     "/v3/notes/1",                  &[],                              "",   404, "path-unknown",           "-"),
    // then OPTIONS, which is never resolved
    ("OPTIONS", "/notes/1",                     &["x-api-version: !"],            "",   204, "-",                      "-"),
    ("OPTIONS", "/v1/notes/1",                  &["x-api-version: 9"],            "",   204, "-",                      "-"),
    // malformed or disagreeing, whatever the method
    ("GET",     "/notes/1",                     &["x-api-version: !"],            "",   400, "version-malformed",      "-"),
    ("GET",     "/notes/1",                     &["x-api-version: "],             "",   400, "version-malformed",      "-"),
    ("GET",     "/notes/1?api-version=",        &[],                              "",   400, "version-malformed",      "-"),
    ("GET",     "/notes/1?api-version=one",     &["x-api-version: 1"],            "",   400, "version-malformed",      "-"),
    ("GET",     "/notes/1",                     &["accept: application/json; version=one"], "", 400, "version-malformed", "-"),
    ("TRACE",   "/notes/1",                     &["x-api-version: !"],            "",   400, "version-malformed",      "-"),
    ("GET",     "/v1/notes/1",                  &["x-api-version: 2"],            "",   400, "versions-disagree",      "-"),
    ("GET",     "/notes/1?api-version=2",       &["accept: application/json; version=1"], "", 400, "versions-disagree", "-"),
    ("GET",     "/v2/notes/1?api-version=^1.1", &[],                              "",   400, "versions-disagree",      "-"),
    // nothing satisfies; then gone
    ("GET",     "/notes/1",                     &["x-api-version: 9"],            "",   406, "version-unsatisfied",    "-"),
    ("PATCH",   "/notes/1",                     &["x-api-version: 9"],            "",   406, "version-unsatisfied",    "-"),
    ("GET",     "/notes/1",                     &["x-api-version: ^3"],           "",   406, "version-unsatisfied",    "-"),
    ("GET",     "/notes/1",                     &["x-api-version: 1.0.0"],        "",   410, "version-gone",           "-"),
    ("GET",     "/v1.0/notes/1",                &[],                              "",   410, "version-gone",           "-"),
    ("POST",    "/v1.0.0/notes/1/archive",      &[],                              "",   410, "version-gone",           "-"),
    // the path in this version, then the method in it
    ("GET",     "/v2/notes/search/x",           &[],                              "",   404, "path-not-in-version",    "2.0.0"),
    ("POST",    "/v1/notes/1/archive",          &[],                              "",   404, "path-not-in-version",    "1.1.0"),
    ("DELETE",  "/v2/notes/1",                  &[],                              "",   405, "method-not-allowed",     "2.0.0"),
    ("TRACE",   "/v2/notes/1",                  &[],                              "",   405, "method-not-allowed",     "2.0.0"),
    // the body: size, media type, syntax, shape
    ("POST",    "/v2/notes",                    &["content-length: 9999999"],     NOTE, 413, "body-too-large",         "2.0.0"),
    ("POST",    "/v2/notes",                    &[],                              NOTE, 415, "unsupported-media-type", "2.0.0"),
    ("POST",    "/v2/notes",                    &["content-type: text/json"],     NOTE, 415, "unsupported-media-type", "2.0.0"),
    ("POST",    "/v2/notes",                    &[JSON, "content-encoding: br"],  NOTE, 415, "unsupported-media-type", "2.0.0"),
    ("POST",    "/v2/notes",                    &[JSON],                          "",   400, "body-unreadable",        "2.0.0"),
    ("POST",    "/v2/notes",                    &[JSON],                          "{",  400, "body-unreadable",        "2.0.0"),
    ("POST",    "/v2/notes",                    &[JSON],                          "{}", 422, "body-invalid",           "2.0.0"),
    ("GET",     "/v2/notes/x",                  &[],                              "",   400, "parameter-invalid",      "2.0.0"),
    ("GET",     "/v2/notes/%ff",                &[],                              "",   400, "parameter-invalid",      "2.0.0"),
    ("GET",     "/v2/notes?limit=300",          &[],                              "",   400, "parameter-invalid",      "2.0.0"),
    ("GET",     "/v2/notes?colour=red",         &[],                              "",   400, "parameter-invalid",      "2.0.0"),
    // answers: no source, each source, several that agree, the newest of a range
    ("GET",     "/notes/1",                     &[],                              "",   200, "-",                      "1.1.0"),
    ("HEAD",    "/notes/1",                     &[],                              "",   200, "-",                      "1.1.0"),
    ("GET",     "/notes/1",                     &["accept: text/html, */*"],      "",   200, "-",                      "1.1.0"),
    ("GET",     "/v1/notes/1",                  &[],                              "",   200, "-",                      "1.1.0"),
    ("GET",     "/v2.0/notes/1",                &[],                              "",   200, "-",                      "2.0.0"),
    ("GET",     "/notes/1",                     &["x-api-version: >=1.1"],        "",   200, "-",                      "2.0.0"),
    ("GET",     "/notes/1",                     &["x-api-version: 1.*"],          "",   200, "-",                      "1.1.0"),
    ("GET",     "/notes/1",                     &["x-api-version: ~2.0.0"],       "",   200, "-",                      "2.0.0"),
    ("GET",     "/notes/1",                     &["accept: application/json;version=\"2\""], "", 200, "-",           "2.0.0"),
    ("GET",     "/notes/1?api-version=2.0.0",   &["x-api-version: 2"],            "",   200, "-",                      "2.0.0"),
    ("GET",     "/v1/notes/1",                  &["x-api-version: >=1, <3"],      "",   200, "-",                      "1.1.0"),
    // a hidden version is answered by its exact name only
    ("GET",     "/notes/1",                     &["x-api-version: 3.0.0-rc.1"],   "",   200, "-",                      "3.0.0-rc.1"),
    ("GET",     "/v3.0.0-rc.1/notes/1",         &[],                              "",   200, "-",                      "3.0.0-rc.1"),
    // operations of the service
    ("GET",     "/v1/notes/search/a%20b",       &[],                              "",   200, "-",                      "1.1.0"),
    ("DELETE",  "/v1/notes/1",                  &[],                              "",   204, "-",                      "1.1.0"),
    ("POST",    "/v2/notes/1/archive",          &[],                              "",   202, "-",                      "2.0.0"),
    ("POST",    "/v2/notes",                    &[JSON],                          NOTE, 201, "-",                      "2.0.0"),
    ("POST",    "/v2/notes",                    &["content-type: application/vnd.note+json; charset=utf-8"], NOTE, 201, "-", "2.0.0"),
    ("GET",     "/v2/notes/0",                  &[],                              "",   404, "not-found",              "2.0.0"),
    ("GET",     "/v1/notes/13",                 &[],                              "",   500, "handler-panicked",       "1.1.0"),
];

#[tokio::test]
async fn answers_stand_in_this_order() {
    let host = Host::from(service(aged()))
        .expose(Expose::Always)
        .start()
        .expect("a host");
    for (method, path, headers, body, status, problem, version) in TABLE {
        let row = format!("{method} {path} {headers:?}");
        let answer = ask(&host, request(method, path, headers, *body)).await;
        assert_eq!(answer.status.as_u16(), *status, "{row}: {answer:?}");
        assert_eq!(answer.header("api-version").unwrap_or("-"), *version, "{row}");
        let found = if answer.body.is_empty() {
            None
        } else {
            answer.problem()
        };
        assert_eq!(found.as_deref().unwrap_or("-"), *problem, "{row}");
        // `Vary` is the same on every answer of the contract; a path that is no contract's has none.
        let vary = (*problem != "path-unknown").then_some("x-api-version, accept");
        assert_eq!(answer.header("vary"), vary, "{row}");
        // Refusals by version are not for caches.
        let by_version = [
            "version-malformed",
            "versions-disagree",
            "version-unsatisfied",
            "version-gone",
            "path-not-in-version",
        ];
        let uncached = by_version.contains(problem);
        assert_eq!(
            answer.header("cache-control"),
            uncached.then_some("no-store"),
            "{row}"
        );
        let length = answer.header("content-length");
        match *method {
            "HEAD" => assert!(
                length.is_some_and(|length| length != "0") && answer.body.is_empty(),
                "{row}"
            ),
            _ if *status == 204 => assert_eq!(length, None, "{row}"),
            _ => assert_eq!(length, Some(answer.body.len().to_string().as_str()), "{row}"),
        }
    }
    assert_eq!(host.counters().panics, 1);
}

#[tokio::test]
async fn refusals_say_what_there_is() {
    let host = Host::from(service(aged())).start().expect("a host");
    let get = async |path: &str, headers: &[&str]| ask(&host, request("GET", path, headers, "")).await;
    let unsatisfied = get("/notes/1", &["x-api-version: 9"]).await;
    assert_eq!(
        unsatisfied.json()["versions"],
        serde_json::json!(["1.1.0", "2.0.0"])
    );
    let elsewhere = get("/v2/notes/search/x", &[]).await;
    assert_eq!(elsewhere.json()["versions"], serde_json::json!(["1.1.0"]));
    let missing = ask(&host, request("DELETE", "/v2/notes/1", &[], "")).await;
    assert_eq!(missing.header("allow"), Some("GET, HEAD, OPTIONS"));
    let options = ask(&host, request("OPTIONS", "/notes/1", &[], "")).await;
    assert_eq!(options.header("allow"), Some("DELETE, GET, HEAD, OPTIONS"));
    let invalid = ask(
        &host,
        request("POST", "/v2/notes", &[JSON], r#"{"id": 1, "body": 2}"#),
    )
    .await;
    assert_eq!(invalid.json()["errors"][0]["pointer"], "/body");
}

#[tokio::test]
async fn arguments_come_from_where_they_stand() {
    let host = Host::from(service(aged())).start().expect("a host");
    let path = "/v1/notes?limit=3&tag=a+b&api-version=1.1.0";
    let listed = ask(&host, request("GET", path, &[], "")).await;
    assert_eq!(
        listed.json(),
        serde_json::json!([{ "id": 3, "text": "a b", "tags": null }])
    );
    let read = ask(&host, request("GET", path, &["x-reader: me"], "")).await;
    assert_eq!(read.json()[0]["text"], "me");
    let searched = ask(&host, request("GET", "/v1/notes/search/a%2Fb%20c", &[], "")).await;
    assert_eq!(searched.json(), serde_json::json!(["a/b c"]));
}

/// What clients may ask of 1.1.0, and what they get then who find it by its name, or by more than that.
type State = (
    &'static str,
    fn(ContractConfig) -> ContractConfig,
    Expected,
    Expected,
);

/// The status of a `GET`, and the kind of problem.
type Expected = (u16, &'static str);

const ANSWERED: Expected = (200, "-");
const GONE: Expected = (410, "version-gone");
const OUT: Expected = (410, "version-brown-out");

const STATES: &[State] = &[
    (
        "hidden",
        |config| config.availability::<notes::V1_1>(Availability::Hidden),
        ANSWERED,
        // 1.0.0 is all that is left of 1.x.
        GONE,
    ),
    ("offered", |config| config, ANSWERED, ANSWERED),
    (
        "not released yet",
        |config| config.released::<notes::V1_1>("2999-01-01"),
        ANSWERED,
        GONE,
    ),
    (
        "deprecated",
        |config| config.deprecated::<notes::V1_1>("2020-01-01"),
        ANSWERED,
        ANSWERED,
    ),
    (
        "out for a while",
        |config| {
            let began = jiff::Timestamp::now() - jiff::Span::new().minutes(5);
            let config = config.deprecated::<notes::V1_1>("2020-01-01");
            config.brown_out::<notes::V1_1>(began.to_string(), 60)
        },
        OUT,
        OUT,
    ),
    (
        "past its sunset",
        |config| {
            let config = config.deprecated::<notes::V1_1>("2020-01-01");
            config.sunset::<notes::V1_1>("2021-01-01")
        },
        GONE,
        GONE,
    ),
    (
        "gone",
        |config| config.availability::<notes::V1_1>(Availability::Gone),
        GONE,
        GONE,
    ),
];

/// Prefix, headers and query that lead to 1.1.0; whether they name it in full.
const SOURCES: &[(&str, &[&str], &str, bool)] = &[
    ("/v1.1.0", &[], "", true),
    ("", &["x-api-version: 1.1.0"], "", true),
    ("", &["accept: application/json; version=\"1.1.0\""], "", true),
    ("", &[], "?api-version=1.1.0", true),
    ("/v1", &["x-api-version: 1.1.0"], "", true),
    ("/v1", &[], "", false),
    ("", &["x-api-version: ^1"], "", false),
    ("", &["accept: application/vnd.acme.v1+json"], "", false),
    ("", &["x-api-version: 1.*"], "?api-version=%3C2", false),
];

#[tokio::test]
async fn every_source_finds_a_version_as_available_as_it_is() {
    for (state, configure, by_name, by_more) in STATES {
        let config = configure(aged().default_version::<notes::V2>());
        let host = Host::from(service(config)).start().expect("a host");
        for (prefix, headers, query, in_full) in SOURCES {
            let expected = if *in_full { *by_name } else { *by_more };
            let found = expected.0 == 200;
            // What is asked (method, path), and what is answered where the version is found.
            let asked = [
                ("GET", "/notes/1", expected),
                ("HEAD", "/notes/1", (expected.0, "-")),
                (
                    "PATCH",
                    "/notes/1",
                    if found {
                        (405, "method-not-allowed")
                    } else {
                        expected
                    },
                ),
                (
                    "POST",
                    "/notes/1/archive",
                    if found {
                        (404, "path-not-in-version")
                    } else {
                        expected
                    },
                ),
                ("OPTIONS", "/notes/1", (204, "-")),
            ];
            for (method, path, expected) in asked {
                let uri = format!("{prefix}{path}{query}");
                let row = format!("{state}: {method} {uri} {headers:?}");
                let answer = ask(&host, request(method, &uri, headers, "")).await;
                let kind = (!answer.body.is_empty() && !answer.status.is_success())
                    .then(|| answer.problem())
                    .flatten();
                assert_eq!(
                    (answer.status.as_u16(), kind.as_deref().unwrap_or("-")),
                    expected,
                    "{row}"
                );
                if found && method != "OPTIONS" {
                    assert_eq!(answer.header("api-version"), Some("1.1.0"), "{row}");
                    assert_eq!(
                        answer.header("deprecation").is_some(),
                        *state == "deprecated",
                        "{row}"
                    );
                }
            }
            // What cannot be read, or cannot be meant, is told before what there is.
            for (more, kind) in [
                ("x-api-version: !", "version-malformed"),
                ("x-api-version: 2", "versions-disagree"),
            ] {
                let uri = format!("{prefix}/notes/1{query}");
                let headers = [headers, &[more][..]].concat();
                let answer = ask(&host, request("GET", &uri, &headers, "")).await;
                assert_eq!(
                    (answer.status.as_u16(), answer.problem().as_deref()),
                    (400, Some(kind)),
                    "{state}: {uri} {headers:?}"
                );
            }
        }
    }
}
