//! Requests that never see a socket: what a router costs, and nothing else.

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::BodyExt as _;
use tokio::runtime::Runtime;
use tower_service::Service as _;

use crate::client::{HEADERS, PATH};
use crate::ours::{Setting, host};
use crate::peers;

/// The peers that are routers.
pub(crate) const PEERS: &[&str] = &[
    "axum-memory",
    "by-hand-bare-memory",
    "by-hand-memory",
    "naive-memory",
    "router-bare-memory",
    "router-memory",
    "router-deprecated-memory",
];

/// Runs a peer, if it is one of these.
pub(crate) fn run(runtime: &Runtime, peer: &str, requests: u32) -> bool {
    // The contract lies inside the application's own router, as it does at users.
    let within = |setting| Router::new().merge(host(setting).start().expect("a host").router());
    let app = match peer {
        "axum-memory" => peers::axum::app(),
        "by-hand-bare-memory" => peers::by_hand::app(true),
        "by-hand-memory" => peers::by_hand::app(false),
        "naive-memory" => peers::naive::app(),
        "router-bare-memory" => within(Setting::Bare),
        "router-memory" => within(Setting::Defaults),
        "router-deprecated-memory" => within(Setting::Deprecated),
        _ => return false,
    };
    let _within = runtime.enter();
    ask(app.clone(), 1);
    crate::is_set_up();
    ask(app, requests);
    true
}

fn ask(mut app: Router, requests: u32) {
    for _ in 0..requests {
        let mut request = Request::get(PATH).body(Body::empty()).expect("a request");
        // As a server makes it, which knows how many there are.
        request.headers_mut().reserve(HEADERS.len());
        for (name, value) in HEADERS {
            request
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        let (status, body) = exchange(&mut app, request);
        assert_eq!(status, 200);
        assert_eq!(body, peers::BODY);
    }
}

/// One request, and its answer taken apart as a server does. The instructions of this alone are counted: making requests costs as much
/// as answering them.
#[inline(never)]
fn exchange(app: &mut Router, request: Request<Body>) -> (StatusCode, Bytes) {
    let answered = async {
        let (parts, body) = app.call(request).await.expect("never fails").into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        (parts.status, body)
    };
    answered.now_or_never().expect("nothing that is waited for")
}
