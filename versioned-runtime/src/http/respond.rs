//! Completing an answer: the headers that tell what it is, the same for answers and refusals.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderName, VARY};
use http::{HeaderValue, Response, StatusCode};
use http_body::{Frame, SizeHint};
use versioned_core::response::Body as Written;

use super::Reply;
use super::caching::{self, Reach};
use crate::drain::Guard;
use crate::host::Hosted;
use crate::metrics::Seen;

pub(crate) use crate::host::header_value;

/// The version whose implementation did the work.
const SERVING_VERSION: HeaderName = HeaderName::from_static("api-serving-version");
/// The epoch of the routing table that chose it.
const EPOCH: HeaderName = HeaderName::from_static("api-epoch");

/// What became of a request, as far as it came.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// What the request sees, once it was taken; it is under way as long as this is there.
    pub(super) guard: Option<Guard>,
    pub(super) seen: Seen,
    /// How the version was found.
    pub(super) reach: Reach,
}

/// Writes the headers of an answer; all values were rendered before. The request is under way until its body has ended.
pub(super) fn complete(
    hosted: &Hosted,
    contract: usize,
    outcome: &mut Outcome,
    exposed: bool,
    head: bool,
    reply: Reply,
) -> Response<Body> {
    let (mut parts, body) = reply.into_parts();
    let headers = &mut parts.headers;
    let snapshot = outcome.guard.as_ref().map(Guard::snapshot);
    let terms = snapshot
        .and_then(|snapshot| snapshot.beside(contract))
        .map(AsRef::as_ref);
    // A contract of one place, the URL, varies by nothing.
    if !hosted.vary.is_empty() {
        headers.append(VARY, hosted.vary.clone());
    }
    let resolved = terms.zip(outcome.seen.resolved);
    if let Some((terms, resolved)) = resolved
        && let Some(version) = terms.headers(resolved)
    {
        for (name, value) in &version.answer {
            headers.append(name, value.clone());
        }
        // What is said of the operation is nearer than what is said of its version.
        let ends = outcome
            .seen
            .operation
            .map(|operation| hosted.ends(resolved, operation));
        for (name, value) in ends.into_iter().flatten() {
            headers.insert(name, value.clone());
        }
        caching::restrict(headers, outcome.reach, hosted.grace);
        caching::carry(headers, &version.version);
    }
    if let (true, Some(terms), Some(slot)) = (exposed, terms, outcome.seen.serving) {
        if let Some(version) = terms.headers(slot) {
            headers.insert(SERVING_VERSION, version.version.clone());
        }
        headers.insert(EPOCH, terms.epoch.clone());
    }
    // A 204 has no length (RFC 9110 section 8.6); the answer to HEAD has the length that GET would have.
    if let (true, Some(length)) = (parts.status != StatusCode::NO_CONTENT, body.len()) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(parts, Sent::body(body, head, outcome.guard.take()))
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
    Sent::body(body, head, None)
}

/// A body on its way, with the request that it ends.
///
/// It is as long as what was written, and at its end where that is: nothing that stands around it learns less than without a guard.
struct Sent {
    written: Written,
    _guard: Option<Guard>,
}

impl Sent {
    fn body(written: Written, head: bool, guard: Option<Guard>) -> Body {
        let written = if head {
            Written::Whole(Bytes::new())
        } else {
            written
        };
        Body::new(Self {
            written,
            _guard: guard,
        })
    }
}

impl http_body::Body for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match &mut self.written {
            Written::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Written::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Written::Stream(items) => items
                .as_mut()
                .poll_next(context)
                .map(|item| item.map(|item| item.map(Frame::data).map_err(axum::Error::new))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.written, Written::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.written {
            Written::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Written::Stream(_) => SizeHint::default(),
        }
    }
}
