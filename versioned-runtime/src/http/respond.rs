//! Completing an answer: the headers that tell what it is, the same for answers and refusals.

use std::sync::Arc;

use axum::body::Body;
use http::header::{CONTENT_LENGTH, HeaderName, VARY};
use http::{HeaderValue, Response, StatusCode};
use versioned_core::response::Body as Written;

use super::Reply;
use super::caching::{self, Reach};
use crate::host::{Hosted, Snapshot, Terms};

pub(crate) use crate::host::header_value;

/// The version whose implementation did the work.
const SERVING_VERSION: HeaderName = HeaderName::from_static("api-serving-version");
/// The epoch of the routing table that chose it.
const EPOCH: HeaderName = HeaderName::from_static("api-epoch");

/// What became of a request, as far as it came.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// What the request sees, once it was taken.
    pub(super) snapshot: Option<Arc<Snapshot>>,
    pub(super) resolved: Option<usize>,
    /// The slot that served it.
    pub(super) served: Option<usize>,
    /// How the version was found.
    pub(super) reach: Reach,
}

/// Writes the headers of an answer; all values were rendered before. `terms` are there once the snapshot was taken.
pub(super) fn complete(
    hosted: &Hosted,
    terms: Option<&Terms>,
    outcome: &Outcome,
    exposed: bool,
    head: bool,
    reply: Reply,
) -> Response<Body> {
    let (mut parts, body) = reply.into_parts();
    let headers = &mut parts.headers;
    // A contract of one place, the URL, varies by nothing.
    if !hosted.vary.is_empty() {
        headers.append(VARY, hosted.vary.clone());
    }
    let resolved = terms.zip(outcome.resolved);
    if let Some((terms, resolved)) = resolved
        && let Some(version) = terms.headers(resolved)
    {
        for (name, value) in &version.answer {
            headers.append(name, value.clone());
        }
        caching::restrict(headers, outcome.reach, hosted.grace);
        caching::carry(headers, &version.version);
    }
    if let (true, Some(terms), Some(slot)) = (exposed, terms, outcome.served) {
        if let Some(version) = terms.headers(slot) {
            headers.insert(SERVING_VERSION, version.version.clone());
        }
        headers.insert(EPOCH, terms.epoch.clone());
    }
    // A 204 has no length (RFC 9110 section 8.6); the answer to HEAD has the length that GET would have.
    if let (true, Some(length)) = (parts.status != StatusCode::NO_CONTENT, body.len()) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(parts, sent(body, head))
}

/// An answer that belongs to no contract.
pub(super) fn plain(reply: Reply, head: bool) -> Response<Body> {
    let (mut parts, body) = reply.into_parts();
    if let Some(length) = body.len() {
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(parts, sent(body, head))
}

/// The body as it is sent; a problem breaks a stream off.
pub(crate) fn sent(body: Written, head: bool) -> Body {
    match body {
        _ if head => Body::empty(),
        Written::Whole(bytes) => Body::from(bytes),
        Written::Stream(items) => Body::from_stream(items),
    }
}
