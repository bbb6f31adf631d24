//! What is seen of requests: metrics, and who is under way.

mod support;

use std::collections::BTreeSet;

use axum::body::Body;
use http_body::Body as _;
use support::{aged, ask, ask_router, notes, request, service};
use tower::ServiceExt as _;
use versioned_runtime::prelude::*;
use versioned_runtime::{Availability, ClientPin, RunningHost};

fn host() -> RunningHost {
    let config = aged()
        .availability::<notes::V1_1>(Availability::Deprecated)
        .released::<notes::V1_1>("2024-01-01")
        .released::<notes::V2>("2025-01-01");
    Host::from(service(config))
        .client_salt("pepper")
        .start()
        .expect("a host")
}

async fn page(host: &RunningHost, accept: &str) -> String {
    let request = request("GET", "/metrics", &[&format!("accept: {accept}")], "");
    let answer = ask_router(host.metrics_router(), request).await;
    assert_eq!(answer.status, 200);
    String::from_utf8(answer.body.to_vec()).expect("text")
}

/// Asks once, and looks for the sample that it is counted in.
#[track_caller]
fn check(path: &str, headers: &[&str], sample: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let page = runtime.block_on(async {
        let host = host();
        ask(&host, request("GET", path, headers, "")).await;
        page(&host, "text/plain").await
    });
    let line = format!("versioned_requests_total{{contract=\"notes\",{sample}}} 1");
    assert!(page.lines().any(|found| found == line), "no {line} in\n{page}");
    let requests = page
        .lines()
        .filter(|line| line.starts_with("versioned_requests_total{"));
    assert_eq!(requests.count(), 1, "a request is counted once\n{page}");
}

#[test]
fn every_kind_of_request_is_told_apart() {
    let got = |kind: &str, resolved: &str| {
        format!(
            "operation=\"get_note\",kind=\"{kind}\",resolved=\"{resolved}\",serving=\"{resolved}\",status=\"2xx\""
        )
    };
    check("/notes/1", &["x-api-version: 2.0.0"], &got("version", "2.0.0"));
    check("/v2/notes/1", &[], &got("range", "2.0.0"));
    check("/notes/1?api-version=2024-12-31", &[], &got("date", "1.1.0"));
    check("/notes/1", &["x-api-version: 2025-01-01"], &got("date", "2.0.0"));
    check("/notes/1", &["x-api-version: latest"], &got("latest", "2.0.0"));
    check("/notes/1", &[], &got("none", "1.1.0"));
    check(
        "/notes/1",
        &["x-api-version: !"],
        "kind=\"invalid\",status=\"4xx\"",
    );
    check(
        "/v1/notes/1",
        &["x-api-version: 2"],
        "kind=\"invalid\",status=\"4xx\"",
    );
    check("/notes/1", &["x-api-version: 9"], "kind=\"range\",status=\"4xx\"");
    check(
        "/notes/1",
        &["x-api-version: 2023-12-31"],
        "kind=\"date\",status=\"4xx\"",
    );
    check(
        "/v2/notes/search/a",
        &[],
        "kind=\"range\",resolved=\"2.0.0\",status=\"4xx\"",
    );
    check(
        "/notes/0",
        &["x-api-version: 2.0.0"],
        "operation=\"get_note\",kind=\"version\",resolved=\"2.0.0\",serving=\"2.0.0\",status=\"4xx\"",
    );
    check(
        "/notes/13",
        &["x-api-version: 2.0.0"],
        "operation=\"get_note\",kind=\"version\",resolved=\"2.0.0\",serving=\"2.0.0\",status=\"5xx\"",
    );
}

/// Each kind that the page of metrics may show is in the documentation, and the other way round.
#[tokio::test]
async fn the_documented_kinds_are_those_that_are_counted() {
    let host = host();
    for header in [
        "x-api-version: 2.0.0",
        "x-api-version: 2",
        "x-api-version: ^2",
        "accept: a/b;version=1, a/b;version=2",
        "x-api-version: 2025-01-01",
        "x-api-version: latest",
        "accept: */*",
        "x-api-version: !",
    ] {
        ask(&host, request("GET", "/notes/1", &[header], "")).await;
    }
    let page = page(&host, "text/plain").await;
    let counted: BTreeSet<&str> = page
        .lines()
        .filter(|line| line.starts_with("versioned_requests_total{"))
        .filter_map(|line| line.split_once("kind=\"")?.1.split_once('"'))
        .map(|(kind, _)| kind)
        .collect();
    let row = include_str!("../../docs/metrics.md")
        .lines()
        .find(|line| line.starts_with("| `kind` |"));
    // What stands between backticks, without the name of the label itself.
    let documented: BTreeSet<&str> = row
        .expect("a row of the labels")
        .split('`')
        .skip(1)
        .step_by(2)
        .skip(1)
        .collect();
    assert_eq!(counted, documented, "{page}");
}

/// What a client was built for is not what it says.
#[tokio::test]
async fn a_client_pin_is_no_kind_of_its_own() {
    let pin = ClientPin::by_header("x-client", |_| async {
        Ok::<_, std::io::Error>(Some("2.0.0".to_owned()))
    });
    let host = Host::from(service(aged().client_pin(pin)));
    let host = host.start().expect("a host");
    ask(&host, request("GET", "/notes/1", &["x-client: app"], "")).await;
    let page = page(&host, "text/plain").await;
    assert!(page.contains("kind=\"none\",resolved=\"2.0.0\""), "{page}");
}

#[tokio::test]
async fn clients_of_deprecated_versions_are_told_by_their_hash() {
    let host = host();
    for user in ["ada", "ada", "grace"] {
        let header = format!("x-user: {user}");
        ask(&host, request("GET", "/v1.1/notes/1", &[&header], "")).await;
        // This version is not deprecated.
        ask(&host, request("GET", "/v2/notes/1", &[&header], "")).await;
    }
    ask(&host, request("GET", "/v1.1/notes/1", &[], "")).await;
    let page = page(&host, "text/plain").await;
    let prefix = "versioned_deprecated_requests_total{contract=\"notes\",resolved=\"1.1.0\",client=\"";
    let mut clients: Vec<(&str, &str)> = page
        .lines()
        .filter_map(|line| line.strip_prefix(prefix)?.split_once("\"} "))
        .collect();
    clients.sort_by_key(|(_, calls)| *calls);
    // The begin of what `printf %s KEY | openssl dgst -sha256 -hmac pepper` says.
    let (ada, grace) = ("48361492d3e8dd57", "31b92d84aac16f6f");
    assert_eq!(clients.len(), 3, "{page}");
    assert_eq!(clients[2], (ada, "2"));
    assert!(clients.contains(&(grace, "1")) && clients.contains(&("unknown", "1")));
    assert!(!page.contains("ada"), "keys are not told");
}

#[tokio::test]
async fn shares_and_epochs_are_told() {
    let host = host();
    let mut table = host.table("notes").expect("a table");
    table.epoch = None;
    table.shares = [("2.0.0".to_owned(), 250_000)].into();
    host.replace("notes", 1, &table).expect("a table that fits");
    for (header, count) in [("x-api-version: 2.0.0", 3), ("x-api-version: 1.1.0", 1)] {
        for _ in 0..count {
            ask(&host, request("GET", "/notes/1", &[header], "")).await;
        }
    }
    let page = page(&host, "application/openmetrics-text").await;
    for line in [
        "versioned_routing_epoch{contract=\"notes\"} 2",
        "versioned_share_intended_ratio{contract=\"notes\",implementation=\"2.0.0\"} 0.25",
        "versioned_share_intended_ratio{contract=\"notes\",implementation=\"nearest\"} 0.75",
        "versioned_share_observed_ratio{contract=\"notes\",implementation=\"2.0.0\"} 0.75",
        "versioned_share_observed_ratio{contract=\"notes\",implementation=\"1.1.0\"} 0.25",
        "versioned_requests_in_flight{contract=\"notes\",epoch=\"2\"} 0",
        "versioned_routing_tables_total 1",
        "# TYPE versioned_routing_tables counter",
        "# EOF",
    ] {
        assert!(page.lines().any(|found| found == line), "no {line} in\n{page}");
    }
    // Who is rolled back is meant to get nothing.
    table.rolled_back = vec!["2.0.0".to_owned()];
    host.replace("notes", 2, &table).expect("a table that fits");
    let rolled_back = self::page(&host, "application/openmetrics-text").await;
    let intended: Vec<&str> = rolled_back
        .lines()
        .filter(|line| line.starts_with("versioned_share_intended_ratio{"))
        .collect();
    assert_eq!(
        intended,
        ["versioned_share_intended_ratio{contract=\"notes\",implementation=\"nearest\"} 1"]
    );
    // Where that one is stable, what it leaves goes to the newest of the others, for all operations that have it.
    table.shares.clear();
    table.stable = Some("2.0.0".to_owned());
    host.replace("notes", 3, &table).expect("a table that fits");
    ask(&host, request("GET", "/notes/1", &["x-api-version: 1.1.0"], "")).await;
    let stable = self::page(&host, "text/plain").await;
    for ratio in ["intended", "observed"] {
        let line = format!("versioned_share_{ratio}_ratio{{contract=\"notes\",implementation=\"1.1.0\"}} 1");
        assert!(
            stable.lines().any(|found| found == line),
            "no {line} in\n{stable}"
        );
    }
}

#[tokio::test]
async fn without_metrics_the_tables_are_told() {
    let host = Host::from(service(aged()))
        .without_metrics()
        .start()
        .expect("a host");
    ask(&host, request("GET", "/v2/notes/1", &[], "")).await;
    let page = page(&host, "text/plain").await;
    assert!(
        page.contains("versioned_routing_epoch{contract=\"notes\"} 1"),
        "{page}"
    );
    assert!(!page.contains("versioned_requests_total"), "{page}");
}

#[tokio::test]
async fn a_request_is_under_way_until_its_body_has_ended() {
    let host = host();
    let counts = |epoch: u64| {
        let drains = host.drain("notes");
        let found = drains.into_iter().find(|counts| counts.epoch == epoch);
        found.map(|counts| (counts.entered, counts.left, counts.in_flight))
    };
    let answer = host
        .service()
        .oneshot(request("GET", "/v2/notes/1", &[], Body::empty()))
        .await
        .expect("infallible");
    // The guard hides neither the length nor the end of the body.
    let length = answer.headers()["content-length"]
        .to_str()
        .expect("text")
        .parse()
        .ok();
    let body = answer.into_body();
    assert!(length.is_some());
    assert_eq!((body.size_hint().exact(), body.is_end_stream()), (length, false));
    assert_eq!(counts(1), Some((1, 0, 1)));
    let mut table = host.table("notes").expect("a table");
    table.epoch = None;
    host.replace("notes", 1, &table).expect("the same table");
    assert_eq!((counts(1), counts(2)), (Some((1, 0, 1)), Some((0, 0, 0))));
    drop(body);
    assert_eq!(counts(1), Some((1, 1, 0)));
    let answer = ask_router(
        host.admin_router(),
        request("GET", "/contracts/notes/drain", &[], ""),
    )
    .await;
    let one = serde_json::json!({ "epoch": 1, "entered": 1, "left": 1, "in_flight": 0, "held": 0 });
    let two = serde_json::json!({ "epoch": 2, "entered": 0, "left": 0, "in_flight": 0, "held": 0 });
    assert_eq!(
        answer.json(),
        serde_json::json!({ "contract": "notes", "epochs": [one, two] })
    );
    let unknown = ask_router(
        host.admin_router(),
        request("GET", "/contracts/notez/drain", &[], ""),
    )
    .await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn an_empty_body_is_at_its_end() {
    let host = host();
    let answer = host
        .service()
        .oneshot(request("HEAD", "/v2/notes/1", &[], Body::empty()))
        .await
        .expect("infallible");
    let body = answer.into_body();
    assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(0), true));
    drop(body);
    assert_eq!(host.drain("notes")[0].in_flight, 0);
}

#[tokio::test]
async fn calls_in_the_process_are_under_way_too() {
    let service = service(aged());
    let host = service.host().expect("a host of one");
    let handle = service.handle::<notes::V2>(Context::new());
    let note: Result<notes::v2::Note, _> = notes::v2::Notes::get_note(&handle, 1).await;
    assert_eq!(note.expect("a note").body, "new");
    let counts = host.drain("notes")[0];
    assert_eq!((counts.entered, counts.left, counts.in_flight), (1, 1, 0));
}
