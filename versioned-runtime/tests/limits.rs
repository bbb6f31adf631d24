//! Limits, time-outs, panics: what goes wrong in one request stays in it.

mod support;

use std::io::Write as _;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::StreamBody;
use support::{Old, ask, request, service, service_with};
use versioned_runtime::prelude::*;
use versioned_runtime::{Limits, Server};

const JSON: &str = "content-type: application/json";

fn note(length: usize) -> String {
    let empty = r#"{"id": 1, "body": ""}"#.len();
    format!(r#"{{"id": 1, "body": "{}"}}"#, "x".repeat(length - empty))
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(text.as_bytes()).expect("in memory");
    encoder.finish().expect("in memory")
}

#[tokio::test]
async fn bodies_are_counted_after_decompression() {
    let host = Host::from(service(ContractConfig::new()))
        .limits(Limits::default().body(10_000))
        .start()
        .expect("a host");
    let post =
        async |headers: &[&str], body: Body| ask(&host, request("POST", "/v2/notes", headers, body)).await;
    let chunked = |text: String| {
        let chunks = [Ok::<_, std::io::Error>(http_body::Frame::data(Bytes::from(text)))];
        Body::new(StreamBody::new(futures_util::stream::iter(chunks)))
    };
    assert_eq!(post(&[JSON], note(10_000).into()).await.status, 201);
    assert_eq!(post(&[JSON], note(10_001).into()).await.status, 413);
    assert_eq!(post(&[JSON], chunked(note(10_000))).await.status, 201);
    assert_eq!(post(&[JSON], chunked(note(10_001))).await.status, 413);
    // Too large comes before an unknown type, also where only reading tells.
    assert_eq!(
        post(&["content-type: text/plain"], chunked(note(10_001)))
            .await
            .status,
        413
    );
    let packed = ["content-type: application/json", "content-encoding: gzip"];
    assert_eq!(post(&packed, gzipped(&note(10_000)).into()).await.status, 201);
    assert_eq!(post(&packed, gzipped(&note(10_001)).into()).await.status, 413);
    let broken = post(&packed, "not packed".into()).await;
    assert_eq!(
        (broken.status.as_u16(), broken.problem().as_deref()),
        (400, Some("body-unreadable"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let host = Host::from(service(ContractConfig::new()))
        .start()
        .expect("a host");
    let silent = Body::new(StreamBody::new(futures_util::stream::pending::<
        Result<http_body::Frame<Bytes>, std::io::Error>,
    >()));
    let answer = ask(&host, request("POST", "/v2/notes", &[JSON], silent)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.problem().as_deref()),
        (408, Some("body-timeout"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_does_not_answer_is_not_waited_for() {
    let limits = Limits::default().handler_timeout(Duration::from_secs(1));
    let host = Host::from(service(ContractConfig::new()))
        .limits(limits)
        .start()
        .expect("a host");
    let answer = ask(&host, request("GET", "/v1/notes/7", &[], "")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.problem().as_deref()),
        (503, Some("handler-timeout"))
    );
    assert_eq!(host.counters().timeouts, 1);
}

#[tokio::test]
async fn a_panic_is_one_answer_and_one_count() {
    let host = Host::from(service(ContractConfig::new()))
        .start()
        .expect("a host");
    for path in ["/v1/notes/13", "/v2/notes/13"] {
        let answer = ask(&host, request("GET", path, &[], "")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.problem().as_deref()),
            (500, Some("handler-panicked"))
        );
        assert!(
            !answer.json().to_string().contains("not to be read"),
            "what went wrong is not told"
        );
    }
    assert_eq!(
        ask(&host, request("GET", "/v1/notes/1", &[], "")).await.status,
        200
    );
    assert_eq!(host.counters().panics, 2);
}

#[tokio::test]
async fn a_shutdown_waits_for_what_has_begun() {
    let old = Old::default();
    let listening = Server::new(Host::from(service_with(old.clone(), ContractConfig::new())))
        .listen()
        .await
        .expect("a free port");
    let (address, (stop, stopped)) = (listening.local_addr(), tokio::sync::oneshot::channel::<()>());
    let server = tokio::spawn(listening.run_until(async {
        let _ = stopped.await;
    }));
    let client =
        hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http();
    let asked =
        tokio::spawn(client.request(request("GET", &format!("http://{address}/v1/notes/7"), &[], "")));
    old.begun.notified().await;
    stop.send(()).expect("the server waits");
    // The listener closes while the request still runs: a new connection is refused.
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!server.is_finished());
    old.release.notify_one();
    let answer = support::receive(asked.await.expect("no panic").expect("an answer")).await;
    assert_eq!(answer.json()["text"], "waited");
    server.await.expect("the server ends well");
}
