//! Versions on axum, as people write them: a middleware with `mime`, `semver`, a lock around the policy, and a set of patterns.

use std::sync::{Arc, RwLock};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::{ACCEPT, VARY};
use http::{HeaderValue, StatusCode};
use regex::RegexSet;
use semver::{Version, VersionReq};

use crate::client::TEMPLATE;

/// What may change while the service runs.
struct Policy {
    epoch: u64,
    versions: Vec<Version>,
    rules: RegexSet,
    targets: Vec<Version>,
}

/// The version that a request was given, for handlers.
#[derive(Clone)]
#[expect(dead_code, reason = "what handlers could ask for")]
struct Resolved(Version);

/// The application.
pub(crate) fn app() -> Router {
    let versions: Vec<Version> = ["1.0.0", "1.1.0", "2.0.0"]
        .iter()
        .flat_map(|text| text.parse())
        .collect();
    let patterns = [r"region:cn-.*\|user:.*", r"region:.*\|user:beta-\d+"];
    let policy = Policy {
        epoch: 1,
        targets: versions.clone(),
        versions,
        rules: RegexSet::new(patterns).expect("patterns"),
    };
    let policy = Arc::new(RwLock::new(policy));
    Router::new()
        .route(TEMPLATE, get(super::axum::get_user))
        .layer(from_fn_with_state(policy, versioned))
}

async fn versioned(State(policy): State<Arc<RwLock<Policy>>>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let accepted = text(ACCEPT.as_str())
        .and_then(|accept| accept.parse::<mime::Mime>().ok())
        .and_then(|mime| Some(mime.get_param("version")?.to_string()));
    let wanted = text("x-api-version").map(ToOwned::to_owned).or(accepted);
    let (resolved, serving, epoch) = {
        let Ok(policy) = policy.read() else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let resolved = match wanted.as_deref() {
            None => policy.versions.last(),
            Some(wanted) => match VersionReq::parse(&format!("={wanted}")) {
                Ok(wanted) => policy
                    .versions
                    .iter()
                    .rev()
                    .find(|version| wanted.matches(version)),
                Err(_) => return StatusCode::BAD_REQUEST.into_response(),
            },
        };
        let Some(resolved) = resolved.cloned() else {
            return StatusCode::NOT_ACCEPTABLE.into_response();
        };
        let dye = format!(
            "region:{}|user:{}",
            text("x-region").unwrap_or("unknown"),
            text("x-user-id").unwrap_or("")
        );
        let rule = policy.rules.matches(&dye).iter().next();
        let serving = rule
            .and_then(|rule| policy.targets.get(rule))
            .unwrap_or(&resolved);
        (resolved.clone(), serving.clone(), policy.epoch)
    };
    request.extensions_mut().insert(Resolved(resolved.clone()));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let value = |text: String| HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
    headers.insert("api-version", value(resolved.to_string()));
    headers.insert("api-serving-version", value(serving.to_string()));
    headers.insert("api-epoch", value(epoch.to_string()));
    headers.insert(VARY, HeaderValue::from_static("x-api-version, accept"));
    response
}
