//! What stands on the socket: answers without a body, streams, and refusals of the interfaces beside the operations.

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use http_body::Body as _;

use support::{Answer, ask_router, request, service};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tower::ServiceExt as _;
use versioned_runtime::prelude::*;
use versioned_runtime::{Ndjson, Server, WithHeaders};

/// An answer that no contract versions.
#[derive(Debug, Responses)]
pub enum Answered {
    /// There is one.
    #[response(status = 200)]
    Found(WithHeaders<Vec<u8>, Tag>),
    /// It is as it was.
    #[response(status = 304)]
    Unchanged(WithHeaders<(), Tag>),
}

/// What is said beside it.
#[derive(Debug, Clone, Serialize, Deserialize, Schema)]
pub struct Tag {
    /// Its name.
    #[serde(rename = "X-Tag")]
    pub tag: String,
}

#[versioned(contract = "wire", versions(v1 = "1.0.0"))]
mod wire {
    use super::*;

    pub trait Wire {
        #[get("/found/{which}")]
        async fn found(&self, which: u8) -> Result<Answered, Problem>;

        #[get("/lines")]
        async fn lines(&self) -> Result<Ndjson<u8>, Problem>;
    }
}

struct Only;

impl wire::v1::Wire for Only {
    async fn found(&self, which: u8) -> Result<Answered, Problem> {
        let headers = Tag { tag: "t".to_owned() };
        Ok(if which == 0 {
            Answered::Unchanged(WithHeaders { body: (), headers })
        } else {
            Answered::Found(WithHeaders {
                body: vec![1, 2, 3],
                headers,
            })
        })
    }

    async fn lines(&self) -> Result<Ndjson<u8>, Problem> {
        Ok(Ndjson::from_items([1, 2]))
    }
}

/// Asks over a socket of its own, and gives the head in lower case and the body.
async fn ask(address: SocketAddr, method: &str, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let head = format!("{method} {path} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut text = String::new();
    let read = stream.read_to_string(&mut text);
    let read = tokio::time::timeout(Duration::from_secs(20), read).await;
    read.expect("not that long").expect("an answer");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    (head.to_ascii_lowercase(), body.to_owned())
}

/// The status, the length, whether it is chunked, the tag and the body.
type Row = (
    &'static str,
    &'static str,
    u16,
    Option<&'static str>,
    bool,
    bool,
    &'static str,
);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("GET",     "/found/1", 200, Some("7"), false, true,  "[1,2,3]"),
    ("HEAD",    "/found/1", 200, Some("7"), false, true,  ""),
    ("GET",     "/found/0", 304, None,      false, true,  ""),
    ("HEAD",    "/found/0", 304, None,      false, true,  ""),
    ("OPTIONS", "/found/1", 204, None,      false, false, ""),
    ("GET",     "/lines",   200, None,      true,  false, "2\r\n1\n\r\n2\r\n2\n\r\n0\r\n\r\n"),
    // The length of a stream is not known, so that it is not told either.
    ("HEAD",    "/lines",   200, None,      true,  false, ""),
    ("OPTIONS", "/lines",   204, None,      false, false, ""),
];

#[tokio::test]
async fn answers_have_the_length_of_their_body_or_none() {
    let service = || wire::Service::builder().v1(Only).build();
    let layered = Server::new(service()).layer(axum::middleware::map_response(
        async |answer: axum::response::Response| answer,
    ));
    for server in [Server::new(service()), layered] {
        let listening = server.listen().await.expect("a free port");
        let address = listening.local_addr();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(listening.run_until(async {
            let _ = stopped.await;
        }));
        for (method, path, status, length, chunked, tagged, body) in ROWS {
            let (head, received) = ask(address, method, path).await;
            let said = |name: &str| {
                let mut lines = head.lines();
                lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            };
            assert!(
                head.starts_with(&format!("http/1.1 {status} ")),
                "{method} {path}\n{head}"
            );
            assert_eq!(said("content-length"), *length, "{method} {path}\n{head}");
            // Whether a head that is not followed by a body says how it would have been sent is left to the server.
            if *method != "HEAD" {
                assert_eq!(
                    said("transfer-encoding").is_some(),
                    *chunked,
                    "{method} {path}\n{head}"
                );
            }
            assert_eq!(said("x-tag").is_some(), *tagged, "{method} {path}\n{head}");
            assert_eq!(received, *body, "{method} {path}");
        }
        let _ = stop.send(());
        serving.await.expect("it ended");
    }
}

/// Who stands around the operations learns no length that is not there: a router would write it down.
#[tokio::test]
async fn a_head_of_a_stream_has_no_length_in_process_either() {
    let service = wire::Service::builder().v1(Only).build();
    let host = Host::from(service).start().expect("a host");
    for (method, exact) in [("GET", None), ("HEAD", None)] {
        let answer = host
            .service()
            .oneshot(request(method, "/lines", &[], ""))
            .await
            .expect("infallible");
        assert_eq!(answer.body().size_hint().exact(), exact, "{method}");
        let answer = host
            .router()
            .oneshot(request(method, "/lines", &[], ""))
            .await
            .expect("infallible");
        assert_eq!(answer.headers().get("content-length"), None, "{method}");
    }
}

#[track_caller]
fn is_problem(answer: &Answer, status: u16, kind: &str, path: &str) {
    assert_eq!(answer.status, status, "{path}: {answer:?}");
    assert_eq!(answer.problem().as_deref(), Some(kind), "{path}: {answer:?}");
    assert_eq!(answer.json()["status"], status, "{path}");
}

#[tokio::test]
async fn names_that_cannot_be_read_are_problems() {
    let host = Host::from(service(ContractConfig::new()))
        .start()
        .expect("a host");
    let paths = [
        "/contracts/%FF",
        "/contracts/%FF/versions/1.0.0",
        "/contracts/notes/versions/%FF",
        "/contracts/notes/versions/%FF/openapi.json",
        "/contracts/%FF/routing",
    ];
    for path in paths {
        let answer = ask_router(host.registry_router(), request("GET", path, &[], "")).await;
        is_problem(&answer, 400, "parameter-invalid", path);
    }
    let admin = [
        ("GET", "/contracts/%FF/routing"),
        ("PUT", "/contracts/%FF/routing"),
        ("POST", "/contracts/%FF/routing/explain"),
        ("GET", "/contracts/notes/versions/%FF/availability"),
        ("PUT", "/contracts/%FF/versions/1.0.0/availability"),
        ("GET", "/contracts/%FF/drain"),
    ];
    for (method, path) in admin {
        let answer = ask_router(host.admin_router(), request(method, path, &[], "")).await;
        is_problem(&answer, 400, "parameter-invalid", path);
    }
}

#[tokio::test]
async fn paths_that_the_interfaces_do_not_have_are_problems() {
    let host = Host::from(service(ContractConfig::new())).admin_token("secret");
    let metrics = SocketAddr::from(([127, 0, 0, 1], 0));
    let listening = Server::new(host)
        .metrics(metrics)
        .listen()
        .await
        .expect("free ports");
    let admin = listening.admin_addr().expect("a token opens it");
    let metrics = listening.metrics_addr().expect("it was asked for");
    let public = listening.local_addr();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(listening.run_until(async {
        let _ = stopped.await;
    }));
    let rows = [
        (admin, "GET", "/nowhere", 404, "path-unknown"),
        (admin, "GET", "/", 404, "path-unknown"),
        (admin, "GET", "/contracts/notes", 404, "path-unknown"),
        (
            admin,
            "DELETE",
            "/contracts/notes/routing",
            405,
            "method-not-allowed",
        ),
        (admin, "POST", "/metrics", 405, "method-not-allowed"),
        (metrics, "GET", "/nowhere", 404, "path-unknown"),
        (metrics, "POST", "/metrics", 405, "method-not-allowed"),
        (public, "GET", "/nowhere", 404, "path-unknown"),
        (
            public,
            "GET",
            "/.well-known/api-catalog/more",
            404,
            "path-unknown",
        ),
        (
            public,
            "POST",
            "/.well-known/api-catalog",
            405,
            "method-not-allowed",
        ),
    ];
    for (address, method, path, status, kind) in rows {
        let (head, body) = ask(address, method, path).await;
        assert!(
            head.starts_with(&format!("http/1.1 {status} ")),
            "{method} {path}\n{head}\n{body}"
        );
        assert!(
            head.contains("content-type: application/problem+json"),
            "{method} {path}\n{head}\n{body}"
        );
        let problem: serde_json::Value = serde_json::from_str(&body).expect("a document");
        assert_eq!(
            problem["type"],
            format!("urn:versioned:problem:{kind}"),
            "{method} {path}"
        );
        assert_eq!(head.contains("allow: "), status == 405, "{method} {path}\n{head}");
    }
    let _ = stop.send(());
    serving.await.expect("it ended");
}
