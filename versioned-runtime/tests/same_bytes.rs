//! The same request gives the same bytes (but the date) through the bare service, a router, a nested router, a merged router
//! and a server, over HTTP/1.1 and h2.

mod support;

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use http::Request;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use support::{Answer, aged, ask, ask_router, receive, request, service};
use tokio::sync::oneshot;
use versioned_runtime::{Expose, Host, RunningHost, Server};

/// Method, path, headers, body.
type Row = (&'static str, &'static str, &'static [&'static str], &'static str);

const TABLE: &[Row] = &[
    ("GET", "/notes/1", &[], ""),
    ("GET", "/v2/notes/1", &["x-user: 42"], ""),
    ("HEAD", "/v2/notes/1", &[], ""),
    ("OPTIONS", "/v1/notes/1", &[], ""),
    ("GET", "/v2/notes?limit=3&tag=a", &["x-reader: me"], ""),
    ("GET", "/v1/notes/search/a%20b", &[], ""),
    (
        "POST",
        "/v2/notes",
        &["content-type: application/json"],
        r#"{"id": 1, "body": "x"}"#,
    ),
    (
        "POST",
        "/v2/notes",
        &["content-type: application/json"],
        r#"{"id": 1}"#,
    ),
    ("POST", "/v2/notes", &["content-type: application/json"], "{"),
    ("POST", "/v2/notes", &["content-type: text/plain"], "x"),
    ("POST", "/v2/notes/1/archive", &[], ""),
    ("DELETE", "/v1/notes/1", &[], ""),
    ("DELETE", "/v2/notes/1", &[], ""),
    ("GET", "/v2/notes/search/x", &[], ""),
    ("GET", "/notes/1", &["x-api-version: 9"], ""),
    ("GET", "/notes/1", &["x-api-version: !"], ""),
    ("GET", "/v1.0/notes/1", &[], ""),
    ("GET", "/v2/notes/0", &[], ""),
    ("GET", "/v1/notes/13", &[], ""),
];

/// Without what the transport adds: the date, and what HTTP/1.1 says about the connection.
fn comparable(mut answer: Answer) -> Answer {
    answer.headers.remove("date");
    answer
}

fn row(row: &Row, prefix: &str) -> Request<Body> {
    request(row.0, &format!("{prefix}{}", row.1), row.2, row.3)
}

fn host() -> RunningHost {
    Host::from(service(aged()))
        .expose(Expose::Always)
        .start()
        .expect("a host")
}

/// Asks a server over a socket.
async fn ask_server(address: SocketAddr, http2: bool, row: &Row) -> Answer {
    let client = Client::builder(TokioExecutor::new())
        .http2_only(http2)
        .build_http();
    let asked = self::row(row, &format!("http://{address}"));
    receive(client.request(asked).await.expect("an answer")).await
}

#[tokio::test]
async fn whichever_way_it_comes() {
    let bare = host();
    let listening = Server::new(Host::from(service(aged())).expose(Expose::Always))
        .listen()
        .await
        .expect("a free port");
    let (address, (stop, stopped)) = (listening.local_addr(), oneshot::channel::<()>());
    let server = tokio::spawn(listening.run_until(async {
        let _ = stopped.await;
    }));
    for asked in TABLE {
        let expected = comparable(ask(&bare, row(asked, "")).await);
        let own = Router::new().route("/users/{id}", axum::routing::get(async || "theirs"));
        let ways = [
            ("router", ask_router(host().router(), row(asked, "")).await),
            (
                "merged",
                ask_router(own.clone().merge(host().router()), row(asked, "")).await,
            ),
            (
                "nested",
                ask_router(own.clone().nest("/api", host().router()), row(asked, "/api")).await,
            ),
            (
                "nested under a parameter",
                ask_router(
                    own.nest("/{tenant}/api", host().router()),
                    row(asked, "/acme/api"),
                )
                .await,
            ),
            ("served, HTTP/1.1", ask_server(address, false, asked).await),
            ("served, h2", ask_server(address, true, asked).await),
        ];
        for (way, answer) in ways {
            assert_eq!(comparable(answer), expected, "{way}: {asked:?}");
        }
    }
    stop.send(()).expect("the server waits");
    server.await.expect("the server ends well");
}

#[tokio::test]
async fn a_router_leaves_the_application_its_paths() {
    let fallback = Router::new().fallback(async || "theirs");
    let app = fallback.merge(host().router());
    for path in [
        "/",
        "/nowhere",
        "/notes/",
        "/v9/notes/1",
        "/notes/1/other",
        "/registry/contracts",
    ] {
        let answer = ask_router(app.clone(), request("GET", path, &[], "")).await;
        assert_eq!(answer.body, "theirs", "{path}");
    }
}
