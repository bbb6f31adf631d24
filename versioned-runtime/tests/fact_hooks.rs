//! Hooks that find out facts and scores: what they cost a request where they fail, and that nobody is asked whom no rule asks for.

mod mirrored;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::Request;
use http_body_util::{BodyExt as _, Full};
use mirrored::{OTHER, TRUSTED, get, get_lines, host, metric, send, serve, service, table};
use serde_json::{Value, json};
use versioned_runtime::prelude::*;
use versioned_runtime::{Caller, ClientPin, Expose, FactSources, RunningHost, Scores, UserTypes};

/// User types by a hook that counts, fails for some users and knows none of others.
fn user_types(asked: &Arc<AtomicUsize>) -> UserTypes {
    let asked = Arc::clone(asked);
    UserTypes::by(UserKey::header("X-User"), move |user| {
        asked.fetch_add(1, Ordering::Relaxed);
        async move {
            match &*user {
                "fails" => Err("no database"),
                "hangs" => std::future::pending().await,
                "nobody" => Ok(None),
                known => Ok(Some(format!("{known}-type"))),
            }
        }
    })
    .deadline(Duration::from_millis(1))
}

#[tokio::test]
async fn user_types_come_from_a_hook_or_not_at_all() {
    let asked = Arc::new(AtomicUsize::new(0));
    let rules = json!({ "rules": [{ "name": "ada", "match": { "facts": { "user_type": "ada-type" } }, "to": { "2.0.0": 100 } }] });
    let server = serve(
        host(FactSources::new().user_type(user_types(&asked))),
        &table(&rules),
    )
    .await;
    for (line, dye, by, times) in [
        ("x-user: ada", "user_type:ada-type", "2.0.0", 1),
        ("x-user: ada", "user_type:ada-type", "2.0.0", 1),
        ("x-user: bob", "user_type:bob-type", "1.0.0", 2),
        ("x-user: nobody", "", "1.0.0", 3),
        ("x-user: fails", "", "1.0.0", 4),
        ("x-user: hangs", "", "1.0.0", 5),
        ("x-other: ada", "", "1.0.0", 5),
    ] {
        let answer = get(OTHER, server.address, &[line]).await;
        assert_eq!((&answer.seen()["dye"], answer.by()), (&json!(dye), by), "{line}");
        assert_eq!(asked.load(Ordering::Relaxed), times, "{line}");
    }
    let line = "versioned_hook_failures_total{hook=\"user_type\"}";
    assert_eq!(metric(&server.host, line), 2);
    // Bodies are received after the hooks.
    let request = Request::post(format!("http://{}/v1/seen", server.address))
        .header("content-type", "application/json")
        .header("x-user", "ada");
    let answer = send(OTHER, request.body(Full::from("\"x\"")).expect("a request")).await;
    assert_eq!(
        (answer.seen()["dye"].clone(), answer.by()),
        (json!("user_type:ada-type"), "2.0.0")
    );
    // What is refused before costs no question.
    let line = ("x-api-version".to_owned(), "9".to_owned());
    let answer = get_lines(
        OTHER,
        server.address,
        "/v1/seen",
        &[line, ("x-user".to_owned(), "eve".to_owned())],
    )
    .await;
    assert_eq!((answer.status, asked.load(Ordering::Relaxed)), (406, 5));
}

#[tokio::test]
async fn hooks_meet_client_pins() {
    let asked = Arc::new(AtomicUsize::new(0));
    let pin = ClientPin::by_header("x-api-key", |_| async {
        Ok::<_, std::io::Error>(Some("1".to_owned()))
    });
    let config = ContractConfig::new()
        .client_pin(pin)
        .facts(FactSources::new().user_type(user_types(&asked)));
    let host = Host::from(service(None, config)).expose(Expose::Always);
    let server = serve(host, &table(&json!({}))).await;
    for path in ["/seen", "/v1/seen"] {
        let lines =
            [("x-api-key", "k"), ("x-user", "ada")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let answer = get_lines(OTHER, server.address, path, &lines).await;
        assert_eq!(answer.seen()["dye"], "user_type:ada-type", "{path}");
        assert_eq!(answer.headers["api-version"], "1.0.0");
    }
    // They enter again each time that they have waited, and are two all the same.
    assert_eq!(server.host.counters().requests, 2);
    let drained = |host: &RunningHost| {
        let last = host.drain("mirror").pop().expect("an epoch");
        (last.entered, last.left, last.in_flight)
    };
    assert_eq!(drained(&server.host), (2, 2, 0));

    // Who is not decided is told of nowhere, and that the hook failed is.
    let pin = ClientPin::by_header("x-api-key", |_| async { Err::<Option<String>, _>("no database") });
    let host = Host::from(service(None, ContractConfig::new().client_pin(pin)));
    let server = serve(host, &table(&json!({}))).await;
    let key = ("x-api-key".to_owned(), "k".to_owned());
    let answer = get_lines(OTHER, server.address, "/seen", &[key]).await;
    assert_eq!(answer.status, 503);
    assert_eq!(drained(&server.host), (0, 0, 0));
    let failures = "versioned_hook_failures_total{hook=\"client_pin\"}";
    assert_eq!(metric(&server.host, failures), 1);
}

#[tokio::test]
async fn what_is_refused_after_a_hook_says_nothing_of_what_was_seen_before() {
    let host: Arc<OnceLock<RunningHost>> = Arc::default();
    let seen_by_hook = Arc::clone(&host);
    // While it is asked, an operator takes the version away that the request named.
    let user_types = UserTypes::by(UserKey::header("X-User"), move |_| {
        let gone = json!({ "availability": "gone", "reason": "a leak" });
        let gone = serde_json::from_value(gone).expect("a document");
        let host = seen_by_hook.get().expect("a host");
        host.set_availability("mirror", "2.0.0", 2, &gone)
            .expect("it may go");
        async { Ok::<_, std::io::Error>(Some("ada-type".to_owned())) }
    });
    let config = ContractConfig::new().facts(FactSources::new().user_type(user_types));
    let server = serve(
        Host::from(service(None, config)).expose(Expose::Always),
        &table(&json!({})),
    )
    .await;
    assert!(host.set(server.host.clone()).is_ok());
    let user = ("x-user".to_owned(), "ada".to_owned());
    let answer = get_lines(OTHER, server.address, "/v2/seen", &[user]).await;
    assert_eq!((answer.status, answer.headers.get("api-version")), (410, None));
    let series = "versioned_requests_total{contract=\"mirror\",kind=\"range\",status=\"4xx\"}";
    assert_eq!(metric(&server.host, series), 1);
}

#[tokio::test]
async fn scores_come_from_a_hook_or_an_allow_listed_peer() {
    let hook = Scores::by(|caller: Caller| async move {
        assert_eq!((caller.contract, caller.uri.path()), ("mirror", "/v1/seen"));
        match caller.headers.get("x-card").map(http::HeaderValue::as_bytes) {
            Some(b"stolen") => Ok(vec![("fraud", 0.95), ("other", 1.0)]),
            Some(b"fails") => Err("no model"),
            _ if caller.address == Some([203, 0, 113, 7].into()) => Ok(vec![("fraud", 0.93)]),
            _ => Ok(vec![("fraud", 0.92)]),
        }
    });
    let facts = FactSources::new()
        .trust([TRUSTED])
        .header("fraud", "X-Fraud")
        .scores(hook);
    let risky = json!({
        "scores": { "fraud": null },
        "rules": [{ "name": "risky", "match": { "scores": { "fraud": "> 0.92" } }, "to": { "2.0.0": 100 } }],
    });
    let server = serve(host(facts), &table(&risky)).await;
    assert_eq!(
        server.host.table("mirror").expect("a table").scores,
        [("fraud".to_owned(), None)].into()
    );
    for (from, lines, by) in [
        (OTHER, vec![], "1.0.0"),
        (OTHER, vec!["x-card: stolen"], "2.0.0"),
        (OTHER, vec!["x-card: fails"], "1.0.0"),
        (TRUSTED, vec!["x-forwarded-for: 203.0.113.7"], "2.0.0"),
        (OTHER, vec!["x-forwarded-for: 203.0.113.7"], "1.0.0"),
        (TRUSTED, vec!["x-fraud: 0.99"], "2.0.0"),
        (OTHER, vec!["x-fraud: 0.99"], "1.0.0"),
        (TRUSTED, vec!["x-fraud: 0.1", "x-card: stolen"], "1.0.0"),
        // What is no number tells none.
        (TRUSTED, vec!["x-fraud: high", "x-card: stolen"], "2.0.0"),
    ] {
        let answer = get(from, server.address, &lines).await;
        assert_eq!(answer.by(), by, "{from} {lines:?}: {answer:?}");
    }
    assert_eq!(
        metric(&server.host, "versioned_hook_failures_total{hook=\"scores\"}"),
        1
    );
}

#[tokio::test]
async fn what_no_rule_asks_for_is_not_found_out() {
    let asked = Arc::new(AtomicUsize::new(0));
    let scores = {
        let asked = Arc::clone(&asked);
        Scores::by(move |_| {
            asked.fetch_add(1, Ordering::Relaxed);
            async { Ok::<_, std::io::Error>([("fraud", 1.0)]) }
        })
    };
    let facts = FactSources::new()
        .user_type(user_types(&asked))
        .scores(scores)
        .device()
        .regions([("127.0.0.0/8", "here")]);
    let host = host(facts).admin_token("secret").start().expect("a host");
    let only = |rules: Value| table(&json!({ "scores": { "fraud": null }, "rules": rules }));
    let rule = |matches: Value| json!([{ "name": "a", "match": matches, "to": { "2.0.0": 100 } }]);
    let ask = async || {
        let request = Request::get("/v1/seen")
            .header("x-user", "ada")
            .header("user-agent", "curl/8");
        let mut request = request.body(axum::body::Body::empty()).expect("a request");
        let peer = SocketAddr::from(([127, 0, 0, 1], 1));
        request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
        let answer = tower::ServiceExt::oneshot(host.service(), request)
            .await
            .expect("infallible");
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        let seen: Value = serde_json::from_slice(&body).expect("JSON");
        (
            seen["dye"].as_str().expect("text").to_owned(),
            asked.swap(0, Ordering::Relaxed),
        )
    };
    for (number, (rules, dye, times)) in [
        (json!([]), "", 0),
        (rule(json!({ "facts": { "region": "x" } })), "region:here", 0),
        (rule(json!({ "facts": { "device": "x" } })), "device:bot", 0),
        (rule(json!({ "scores": { "fraud": "< 0" } })), "", 1),
        (
            rule(json!({ "facts": { "user_type": "x" } })),
            "user_type:ada-type",
            1,
        ),
        (
            rule(json!({ "dye": { "glob": "x*" } })),
            "device:bot|region:here|user_type:ada-type",
            0,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        host.replace("mirror", number as u64 + 1, &only(rules.clone()))
            .expect("a table");
        assert_eq!(ask().await, (dye.to_owned(), times), "{rules}");
    }
    // The same where a version is moved, which makes other headers of it.
    let put = Request::put("/contracts/mirror/versions/2.0.0/availability")
        .header("authorization", "Bearer secret")
        .header("content-type", "application/json")
        .header("if-match", "\"7\"");
    let command = json!({ "availability": "deprecated", "sunset": "2999-01-01" });
    let put = put.body(axum::body::Body::from(command.to_string()));
    let moved = tower::ServiceExt::oneshot(host.admin_router(), put.expect("a request")).await;
    assert_eq!(moved.expect("infallible").status(), 200);
    assert_eq!(ask().await.0, "device:bot|region:here|user_type:ada-type");
}
