//! The order in which a request is answered or refused: one table over path × method × sources × availability.

mod support;

use support::{Answer, aged, ask, notes, request, service};
use versioned_runtime::prelude::*;
use versioned_runtime::{Availability, ClientPin, Expose, Host, Unversioned};

const JSON: &str = "content-type: application/json";
const NOTE: &str = r#"{"id": 1, "text": "x", "body": "x"}"#;
const TAGGED: &str = r#"{"id": 1, "text": "x", "body": "x", "tags": ["", "", "", "", "", "", "", "", ""]}"#;
const TOO_LONG: &str = "content-length: 9999999";

/// The version that a request is answered in, or the status and the kind of the problem that it is refused with.
type Resolved = Result<&'static str, Outcome>;

/// The status of an answer, and the kind of problem (or `-`).
type Outcome = (u16, &'static str);

const V1_1: Resolved = Ok("1.1.0");
const V2: Resolved = Ok("2.0.0");
const V3: Resolved = Ok("3.0.0-rc.1");
const GONE: Resolved = Err((410, "version-gone"));
const OUT: Resolved = Err((410, "version-brown-out"));

/// How available 1.1.0 is, and what becomes of clients that name no version.
struct Setting {
    name: &'static str,
    configure: fn(ContractConfig) -> ContractConfig,
    /// Who names 1.1.0 in full.
    by_name: Resolved,
    /// Who asks for 1.1.0 by a part of it, or by a range.
    by_more: Resolved,
    unnamed: Resolved,
}

/// 1.0.0 is gone in all of them, 3.0.0-rc.1 hidden.
const SETTINGS: &[Setting] = &[
    Setting {
        name: "offered",
        configure: |config| config,
        by_name: V1_1,
        by_more: V1_1,
        unnamed: V1_1,
    },
    Setting {
        name: "hidden",
        configure: |config| {
            config
                .default_version::<notes::V2>()
                .availability::<notes::V1_1>(Availability::Hidden)
        },
        by_name: V1_1,
        // 1.0.0 is all that is left of 1.x.
        by_more: GONE,
        unnamed: V2,
    },
    Setting {
        name: "not released yet",
        configure: |config| {
            config
                .default_version::<notes::V2>()
                .released::<notes::V1_1>("2999-01-01")
        },
        by_name: V1_1,
        by_more: GONE,
        unnamed: V2,
    },
    Setting {
        name: "deprecated",
        configure: |config| config.deprecated::<notes::V1_1>("2020-01-01"),
        by_name: V1_1,
        by_more: V1_1,
        unnamed: V1_1,
    },
    Setting {
        name: "out for a while",
        configure: |config| {
            let began = jiff::Timestamp::now() - jiff::Span::new().minutes(5);
            let config = config.deprecated::<notes::V1_1>("2020-01-01");
            config.brown_out::<notes::V1_1>(began.to_string(), 60)
        },
        by_name: OUT,
        by_more: OUT,
        unnamed: OUT,
    },
    Setting {
        name: "past its sunset",
        configure: |config| {
            let config = config
                .default_version::<notes::V2>()
                .deprecated::<notes::V1_1>("2020-01-01");
            config.sunset::<notes::V1_1>("2021-01-01")
        },
        by_name: GONE,
        by_more: GONE,
        unnamed: V2,
    },
    Setting {
        name: "gone",
        configure: |config| {
            config
                .default_version::<notes::V2>()
                .availability::<notes::V1_1>(Availability::Gone)
        },
        by_name: GONE,
        by_more: GONE,
        unnamed: V2,
    },
    Setting {
        name: "a version is required",
        configure: |config| config.unversioned(Unversioned::Reject),
        by_name: V1_1,
        by_more: V1_1,
        unnamed: Err((400, "version-required")),
    },
    Setting {
        name: "the client pin fails",
        configure: |config| {
            config.client_pin(ClientPin::by_header("X-API-Key", |_| async {
                Err("the database is down")
            }))
        },
        by_name: V1_1,
        by_more: V1_1,
        unnamed: Err((503, "client-pin-unavailable")),
    },
];

/// What the sources of a request lead to.
#[derive(Clone, Copy)]
enum Leads {
    /// The prefix is none.
    Nowhere,
    /// Whatever there is: to this.
    Always(Resolved),
    ByName,
    ByMore,
    /// No version is named.
    Unnamed,
}

const NOWHERE: Leads = Leads::Nowhere;
const MALFORMED: Leads = Leads::Always(Err((400, "version-malformed")));
const DISAGREE: Leads = Leads::Always(Err((400, "versions-disagree")));
const UNSATISFIED: Leads = Leads::Always(Err((406, "version-unsatisfied")));
const ALL_GONE: Leads = Leads::Always(GONE);
const TO_2: Leads = Leads::Always(V2);
const TO_3: Leads = Leads::Always(V3);
const BY_NAME: Leads = Leads::ByName;
const BY_MORE: Leads = Leads::ByMore;
const UNNAMED: Leads = Leads::Unnamed;

/// Prefix, headers and query, and what they lead to.
#[rustfmt::skip]
const SOURCES: &[(&str, &[&str], &str, Leads)] = &[
    ("/v9",          &[],                                                          "",                  NOWHERE),
    ("/v3",          &[],                                                          "",                  NOWHERE),
    // malformed, whatever else there is
    ("",             &["x-api-version: !"],                                        "",                  MALFORMED),
    ("",             &["x-api-version: "],                                         "",                  MALFORMED),
    ("",             &["accept: application/json; version=one"],                   "",                  MALFORMED),
    ("",             &[],                                                          "api-version=",      MALFORMED),
    ("",             &["x-api-version: 1"],                                        "api-version=one",   MALFORMED),
    ("/v1",          &["x-api-version: 2"],                                        "api-version=!",     MALFORMED),
    ("/v1.0.0",      &["x-api-version: !"],                                        "",                  MALFORMED),
    // then disagreeing
    ("/v1",          &["x-api-version: 2"],                                        "",                  DISAGREE),
    ("/v1.1.0",      &["x-api-version: 2"],                                        "",                  DISAGREE),
    ("/v2",          &[],                                                          "api-version=^1",    DISAGREE),
    ("",             &["accept: application/json; version=1"],                     "api-version=2",     DISAGREE),
    ("",             &["x-api-version: 1.1.0", "accept: application/vnd.acme.v2+json"], "",             DISAGREE),
    // then what nothing satisfies, and what is gone
    ("",             &["x-api-version: 9"],                                        "",                  UNSATISFIED),
    ("",             &["x-api-version: ^3"],                                       "",                  UNSATISFIED),
    ("/v1",          &["x-api-version: 9"],                                        "",                  UNSATISFIED),
    ("",             &["x-api-version: 1.0.0"],                                    "",                  ALL_GONE),
    ("/v1.0",        &[],                                                          "",                  ALL_GONE),
    ("/v1.0.0",      &["x-api-version: 1"],                                        "",                  ALL_GONE),
    // a version by its name, in each source and in several that agree
    ("/v1.1.0",      &[],                                                          "",                  BY_NAME),
    ("",             &["x-api-version: 1.1.0"],                                    "",                  BY_NAME),
    ("",             &["accept: application/json; version=\"1.1.0\""],             "",                  BY_NAME),
    ("",             &[],                                                          "api-version=1.1.0", BY_NAME),
    ("/v1",          &["x-api-version: 1.1.0"],                                    "",                  BY_NAME),
    // the same one by a part of it or a range
    ("/v1",          &[],                                                          "",                  BY_MORE),
    ("",             &["x-api-version: ^1"],                                       "",                  BY_MORE),
    ("",             &["x-api-version: 1.*"],                                      "",                  BY_MORE),
    ("",             &["accept: application/vnd.acme.v1+json"],                    "",                  BY_MORE),
    ("",             &["x-api-version: 1.*"],                                      "api-version=%3C2",  BY_MORE),
    ("/v1",          &["x-api-version: >=1, <3"],                                  "",                  BY_MORE),
    // the newest one, and one that is found by its name only
    ("/v2.0",        &[],                                                          "",                  TO_2),
    ("",             &["x-api-version: >=1.1"],                                    "",                  TO_2),
    ("",             &["x-api-version: latest"],                                   "",                  TO_2),
    ("",             &["accept: application/json;version=\"2\""],                  "",                  TO_2),
    ("",             &["x-api-version: 2"],                                        "api-version=2.0.0", TO_2),
    ("",             &["x-api-version: 3.0.0-rc.1"],                               "",                  TO_3),
    ("/v3.0.0-rc.1", &[],                                                          "",                  TO_3),
    // none at all; a client pin is asked for the last one
    ("",             &["x-api-key: k"],                                            "",                  UNNAMED),
    ("",             &["accept: text/html, */*", "x-api-key: k"],                  "",                  UNNAMED),
];

/// What is asked for.
#[derive(Clone, Copy)]
enum Asked {
    /// A path of no version.
    Unknown,
    /// The answer, whatever the version is: it is not resolved.
    Never(Outcome),
    /// The outcome in 1.1.0, and in the later ones.
    In(Outcome, Outcome),
}

const fn both(status: u16, problem: &'static str) -> Asked {
    Asked::In((status, problem), (status, problem))
}

const OK: Outcome = (200, "-");
const NO_PATH: Outcome = (404, "path-not-in-version");
const NO_METHOD: Outcome = (405, "method-not-allowed");

/// Method, path with query, headers and body, and what is answered in a version.
#[rustfmt::skip]
const ASKED: &[(&str, &str, &[&str], &str, Asked)] = &[
    // the path comes first
    ("GET",     "/nowhere",            &[],                             "",     Asked::Unknown),
    ("OPTIONS", "/nowhere",            &[],                             "",     Asked::Unknown),
    ("GET",     "/notes/",             &[],                             "",     Asked::Unknown),
    // then OPTIONS, which is never resolved; then the version, then the path and the method in it
    ("OPTIONS", "/notes/1",            &[],                             "",     Asked::Never((204, "-"))),
    ("GET",     "/notes/search/a%20b", &[],                             "",     Asked::In(OK, NO_PATH)),
    ("POST",    "/notes/1/archive",    &[],                             "",     Asked::In(NO_PATH, (202, "-"))),
    ("DELETE",  "/notes/1",            &[],                             "",     Asked::In((204, "-"), NO_METHOD)),
    ("PATCH",   "/notes/1",            &[],                             "",     Asked::In(NO_METHOD, NO_METHOD)),
    ("TRACE",   "/notes/1",            &[],                             "",     Asked::In(NO_METHOD, NO_METHOD)),
    ("PUT",     "/notes/1",            &[TOO_LONG],                     NOTE,   Asked::In(NO_METHOD, NO_METHOD)),
    // the body: size, media type, syntax, shape, values
    ("POST",    "/notes",              &[TOO_LONG],                     NOTE,   both(413, "body-too-large")),
    ("POST",    "/notes",              &[JSON, TOO_LONG],               NOTE,   both(413, "body-too-large")),
    ("POST",    "/notes",              &[],                             "{",    both(415, "unsupported-media-type")),
    ("POST",    "/notes",              &["content-type: text/json"],    NOTE,   both(415, "unsupported-media-type")),
    ("POST",    "/notes",              &[JSON, "content-encoding: br"], NOTE,   both(415, "unsupported-media-type")),
    ("POST",    "/notes",              &[JSON],                         "",     both(400, "body-unreadable")),
    ("POST",    "/notes",              &[JSON],                         "{",    both(400, "body-unreadable")),
    ("POST",    "/notes",              &[JSON],                         "{}",   both(422, "body-invalid")),
    ("POST",    "/notes",              &[JSON],                         TAGGED, both(422, "constraint-violated")),
    ("POST",    "/notes",              &[JSON],                         NOTE,   both(201, "-")),
    ("POST",    "/notes",              &["content-type: application/vnd.note+json; charset=utf-8"], NOTE, both(201, "-")),
    // parameters
    ("GET",     "/notes/x",            &[],                             "",     both(400, "parameter-invalid")),
    ("GET",     "/notes/%ff",          &[],                             "",     both(400, "parameter-invalid")),
    ("GET",     "/notes?limit=300",    &[],                             "",     both(400, "parameter-invalid")),
    ("GET",     "/notes?colour=red",   &[],                             "",     both(400, "parameter-invalid")),
    ("GET",     "/notes?limit=3",      &[],                             "",     both(200, "-")),
    // what the service says
    ("GET",     "/notes/1",            &[],                             "",     both(200, "-")),
    ("HEAD",    "/notes/1",            &[],                             "",     both(200, "-")),
    ("GET",     "/notes/0",            &[],                             "",     both(404, "not-found")),
    ("GET",     "/notes/13",           &[],                             "",     both(500, "handler-panicked")),
];

/// What is answered, and in which version: the order of all that can be said of a request.
fn expected(setting: &Setting, leads: Leads, asked: Asked) -> (Outcome, Option<&'static str>) {
    let resolved = match (leads, asked) {
        (Leads::Nowhere, _) | (_, Asked::Unknown) => return ((404, "path-unknown"), None),
        (_, Asked::Never(outcome)) => return (outcome, None),
        (Leads::Always(resolved), _) => resolved,
        (Leads::ByName, _) => setting.by_name,
        (Leads::ByMore, _) => setting.by_more,
        (Leads::Unnamed, _) => setting.unnamed,
    };
    match (resolved, asked) {
        (Err(refused), _) => (refused, None),
        (Ok(version), Asked::In(in_1_1, _)) if version == "1.1.0" => (in_1_1, Some(version)),
        (Ok(version), Asked::In(_, later)) => (later, Some(version)),
        (Ok(_), Asked::Unknown | Asked::Never(_)) => unreachable!("it was told above"),
    }
}

/// Refusals by version are not for caches.
const BY_VERSION: &[&str] = &[
    "version-malformed",
    "versions-disagree",
    "version-required",
    "client-pin-unavailable",
    "version-unsatisfied",
    "version-gone",
    "version-brown-out",
    "path-not-in-version",
    "method-not-allowed",
];

#[track_caller]
fn check(row: &str, method: &str, answer: &Answer, (status, problem): Outcome, version: Option<&str>) {
    assert_eq!(answer.status.as_u16(), status, "{row}: {answer:?}");
    assert_eq!(answer.header("api-version"), version, "{row}");
    let told = (!answer.body.is_empty()).then(|| answer.problem()).flatten();
    // The refusal of a `HEAD` has no body that could tell.
    let problem_told = if method == "HEAD" { "-" } else { problem };
    assert_eq!(told.as_deref().unwrap_or("-"), problem_told, "{row}");
    let uncached = BY_VERSION.contains(&problem).then_some("no-store");
    assert_eq!(answer.header("cache-control"), uncached, "{row}");
    let length = answer.header("content-length");
    match method {
        "HEAD" => assert!(
            length.is_some_and(|length| length != "0") && answer.body.is_empty(),
            "{row}"
        ),
        _ if status == 204 => assert_eq!(length, None, "{row}"),
        _ => assert_eq!(length, Some(answer.body.len().to_string().as_str()), "{row}"),
    }
}

#[tokio::test]
async fn answers_stand_in_this_order() {
    // A handler that fails is told on standard error, and here that is hundreds of times the same.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let meant = panic
            .payload_as_str()
            .is_some_and(|text| text.starts_with("note 13"));
        if !meant {
            hook(panic);
        }
    }));
    for setting in SETTINGS {
        let config = (setting.configure)(aged());
        let host = Host::from(service(config)).expose(Expose::Always);
        let host = host.start().expect("a host");
        let mut panics = 0;
        for (prefix, sources, query, leads) in SOURCES {
            for (method, path, headers, body, asked) in ASKED {
                let (outcome, version) = expected(setting, *leads, *asked);
                let between = match (query.is_empty(), path.contains('?')) {
                    (true, _) => "",
                    (false, true) => "&",
                    (false, false) => "?",
                };
                let uri = format!("{prefix}{path}{between}{query}");
                let headers = [*sources, *headers].concat();
                let row = format!("{}: {method} {uri} {headers:?} {body}", setting.name);
                let answer = ask(&host, request(method, &uri, &headers, *body)).await;
                check(&row, method, &answer, outcome, version);
                // `Vary` is the same on every answer of the contract; a path that is no contract's has none.
                let vary = match setting.name {
                    _ if outcome.1 == "path-unknown" => None,
                    "the client pin fails" => Some("x-api-version, accept, x-api-key"),
                    _ => Some("x-api-version, accept"),
                };
                assert_eq!(answer.header("vary"), vary, "{row}");
                let deprecated = setting.name == "deprecated" && version == Some("1.1.0");
                let told = answer.header("deprecation").is_some();
                assert!(told == deprecated || version.is_none(), "{row}: {answer:?}");
                panics += u64::from(outcome.1 == "handler-panicked");
            }
        }
        assert_eq!(host.counters().panics, panics, "{}", setting.name);
    }
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
