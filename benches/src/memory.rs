//! Requests that never see a socket: what a router costs, and nothing else.

use axum::Router;
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use tokio::runtime::Runtime;
use tower_service::Service as _;

use crate::client::{HEADERS, PATH};
use crate::ours::{Setting, host};
use crate::peers;

/// The peers that are routers.
pub(crate) const PEERS: &[&str] = &[
    "axum-memory",
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
        "naive-memory" => peers::naive::app(),
        "router-bare-memory" => within(Setting::Bare),
        "router-memory" => within(Setting::Defaults),
        "router-deprecated-memory" => within(Setting::Deprecated),
        _ => return false,
    };
    runtime.block_on(ask(app, requests));
    true
}

async fn ask(mut app: Router, requests: u32) {
    for _ in 0..requests {
        let mut request = Request::get(PATH);
        for (name, value) in HEADERS {
            request = request.header(name, value);
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = app.call(request).await.expect("never fails");
        assert_eq!(response.status(), 200);
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        assert_eq!(body, peers::BODY);
    }
}
