//! Completing an answer: the headers that tell what it is, the same for answers and refusals.

use axum::body::Body;
use http::header::{CONTENT_LENGTH, HeaderName, VARY};
use http::{HeaderValue, Response, StatusCode};
use versioned_core::response::Body as Written;

use super::Reply;
use crate::host::{Hosted, Inner};

pub(crate) use crate::host::header_value;

/// The resolved version.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");
/// The version whose implementation did the work.
const SERVING_VERSION: HeaderName = HeaderName::from_static("api-serving-version");
/// The epoch of the routing table that chose it.
const EPOCH: HeaderName = HeaderName::from_static("api-epoch");

/// What became of a request, as far as it came.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Outcome {
    pub(super) resolved: Option<usize>,
    /// The slot that served it, and the epoch of the table that chose the slot.
    pub(super) served: Option<(usize, u64)>,
}

/// Writes the headers of an answer.
pub(super) fn complete(
    host: &Inner,
    hosted: &Hosted,
    outcome: Outcome,
    exposed: bool,
    head: bool,
    reply: Reply,
) -> Response<Body> {
    let (mut parts, body) = reply.into_parts();
    let headers = &mut parts.headers;
    headers.append(VARY, host.vary.clone());
    if let Some(version) = outcome
        .resolved
        .and_then(|resolved| hosted.rendered.get(resolved))
    {
        headers.insert(API_VERSION, version.clone());
    }
    if let (true, Some((slot, epoch))) = (exposed, outcome.served) {
        if let Some(version) = hosted.rendered.get(slot) {
            headers.insert(SERVING_VERSION, version.clone());
        }
        headers.insert(EPOCH, HeaderValue::from(epoch));
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
