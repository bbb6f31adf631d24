//! `/metrics` over HTTP.

use axum::Router;
use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use super::{Format, page};
use crate::host::RunningHost;

/// The one route, for a listener or a router that the public does not reach.
pub(crate) fn router(host: &RunningHost) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .method_not_allowed_fallback(crate::registry_http::method_not_allowed)
        .with_state(host.clone())
}

async fn metrics(State(host): State<RunningHost>, headers: HeaderMap) -> Response {
    let accepted = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let format = Format::accepted(&accepted.collect::<Vec<_>>().join(","));
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(format.content_type())),
        (VARY, HeaderValue::from_static("accept")),
    ];
    (headers, page(&host, format)).into_response()
}
