//! `/.well-known/api-catalog` (RFC 9727): a link set (RFC 9264) from each API version to its description.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_TYPE, LINK};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};

use crate::host::RunningHost;
use crate::resolve::Source;

/// Where RFC 9727 puts it.
pub(crate) const PATH: &str = "/.well-known/api-catalog";

/// The catalog, at the root.
pub(crate) fn router(host: &RunningHost) -> Router {
    Router::new()
        .route(PATH, get(catalog))
        .method_not_allowed_fallback(super::method_not_allowed)
        .with_state(host.clone())
}

async fn catalog(State(host): State<RunningHost>) -> Response {
    let set = json!({ "linkset": linkset(&host) });
    let media_type = "application/linkset+json; profile=\"https://www.rfc-editor.org/info/rfc9727\"";
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(media_type)),
        // RFC 9727 section 3: so that a HEAD request finds the catalog, too.
        (
            LINK,
            HeaderValue::from_static("</.well-known/api-catalog>; rel=\"api-catalog\""),
        ),
    ];
    (headers, set.to_string()).into_response()
}

/// One context a version, anchored at its exact URL prefix, and one for the registry itself.
fn linkset(host: &RunningHost) -> Vec<Value> {
    let prefix = &host.0.settings.registry_prefix;
    let mut set = Vec::new();
    let snapshot = host.snapshot();
    for (place, hosted) in host.0.contracts.iter().enumerate() {
        let terms = snapshot.beside(place);
        for (index, contract) in hosted.contracts.iter().enumerate() {
            if !terms.is_some_and(|terms| terms.lists(index)) {
                continue;
            }
            let version = format!("{prefix}/contracts/{}/versions/{}", contract.id, contract.version);
            // Where versions have no prefix, what describes one is all that tells it from the others.
            let anchor = if hosted.sources.reads(Source::Prefix) {
                format!("/v{}", contract.version)
            } else {
                version.clone()
            };
            set.push(json!({
                "anchor": anchor,
                "service-desc": [{
                    "href": format!("{version}/openapi.json"),
                    "type": "application/vnd.oai.openapi+json;version=3.1",
                    "title": format!("{} {}", contract.id, contract.version),
                }],
                "service-meta": [{ "href": version, "type": "application/json" }],
            }));
        }
    }
    set.push(json!({
        "anchor": prefix,
        "service-desc": [{
            "href": format!("{prefix}/openapi.json"),
            "type": "application/json",
            "title": "registry",
        }],
    }));
    set
}
