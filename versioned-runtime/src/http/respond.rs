//! Completing an answer: the headers that tell what it is, the same for answers and refusals.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body::{Frame, SizeHint};
use versioned_core::payload::Media;
use versioned_core::response::Body as Written;

use super::caching::{self, Reach};
use super::reply::ContentType;
use super::spare;
use super::{Reply, rendered};
use crate::digits;
use crate::host::{Guard, Hosted};
use crate::metrics::Seen;

pub(crate) use crate::host::header_value;

/// What became of a request, as far as it came.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// What the request sees, once it was taken; it is under way as long as this is there.
    pub(super) guard: Option<Guard>,
    pub(super) seen: Seen,
    /// How the version was found.
    pub(super) reach: Reach,
}

/// How an answer goes out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    /// Whether it tells what served it.
    pub(super) exposed: bool,
    /// Whether it is the answer to `HEAD`, which has no body.
    pub(super) head: bool,
    /// Whether nobody behind us writes the length of a body.
    pub(super) length: bool,
}

impl Form {
    /// Whether the map of the request's headers is used for those of its answer: by a server that uses that one again.
    pub(super) fn recycles(self) -> bool {
        !self.length
    }

    /// A copy of headers that were rendered before.
    fn copy(self, headers: &HeaderMap) -> HeaderMap {
        let spare = self
            .recycles()
            .then(|| spare::copy(headers.len(), headers.iter()));
        spare.flatten().unwrap_or_else(|| headers.clone())
    }

    /// The length that the answer tells. What never has a body has none (RFC 9110 section 8.6). Servers write the length of what they
    /// send, but over HTTP/2 not that of nothing; the answer to `HEAD` has the length that `GET` would have.
    fn length_of(self, reply: &Reply) -> Option<usize> {
        let length = reply.body.len().filter(|_| has_body(reply.status))?;
        (self.length || self.head || length == 0).then_some(length)
    }
}

/// Whether an answer of this status can have a body.
const fn has_body(status: StatusCode) -> bool {
    !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// Writes the headers of an answer; all values were rendered before. The request is under way until its body has ended.
///
/// `into` makes of its body what the server sends: a response that is made anew for it would be copied twice.
pub(super) fn complete<B>(
    hosted: &Hosted,
    contract: usize,
    outcome: &mut Outcome,
    form: Form,
    reply: Reply,
    into: impl FnOnce(Sent) -> B,
) -> Response<B> {
    let guard = outcome.guard.take();
    let terms = guard.as_ref().and_then(|guard| guard.beside(contract));
    let resolved = terms.zip(outcome.seen.resolved.map(usize::from));
    let resolved = resolved.and_then(|(terms, version)| Some((terms, version, terms.headers(version)?)));
    let Some((terms, version, plain)) = resolved else {
        let headers = unversioned(hosted, form, &reply);
        return finish(headers, form, reply, guard, into);
    };
    let length = form.length_of(&reply);
    let serving = outcome.seen.serving.filter(|_| form.exposed);
    let serving = serving.map(usize::from);
    let exposed = serving
        .and_then(|serving| rendered::exposed(terms, version, serving, length.is_some(), form.recycles()));
    let mut headers = match exposed {
        Some(headers) => headers,
        None => form.copy(plain.answer(length.is_some())),
    };
    if let Some(length) = length
        // Its place is the first one.
        && let Some(place) = headers.values_mut().next()
    {
        *place = digits::value(length);
    }
    if reply.content_type != Some(ContentType::Of(Media::Json)) {
        other_type(&mut headers, reply.content_type);
    }
    // What is said of the operation is nearer than what is said of its version.
    let ends = outcome
        .seen
        .operation
        .map(|operation| hosted.ends(version, operation.into()));
    if let Some(ends) = ends.filter(|ends| !ends.is_empty()) {
        say_end(&mut headers, ends);
    }
    // Only what an implementation says can be cached, and carry a tag; what is pinned never is.
    if !reply.headers.is_empty() || outcome.reach == Reach::Pinned {
        say_own(&mut headers, &reply.headers);
        caching::restrict(&mut headers, outcome.reach, hosted.grace);
        caching::carry(&mut headers, &plain.version);
    }
    finish(headers, form, reply, guard, into)
}

/// What is said of the end of an operation.
#[inline(never)] // most operations have none, and would pay for the room that it takes
fn say_end(headers: &mut HeaderMap, ends: &[(HeaderName, HeaderValue)]) {
    for (name, value) in ends {
        headers.insert(name, value.clone());
    }
}

/// The body is none, or another one than most.
#[inline(never)] // answers in JSON would pay for the room that it takes
fn other_type(headers: &mut HeaderMap, content_type: Option<ContentType>) {
    match content_type {
        Some(other) => {
            headers.insert(CONTENT_TYPE, other.value());
        }
        None => {
            headers.remove(CONTENT_TYPE);
        }
    }
}

/// What an implementation says itself.
#[inline(never)] // answers that say nothing themselves would pay for the room that it takes
fn say_own(headers: &mut HeaderMap, said: &[(HeaderName, HeaderValue)]) {
    for (name, value) in said {
        headers.append(name, value.clone());
    }
}

/// The headers of an answer in no version.
#[cold]
fn unversioned(hosted: &Hosted, form: Form, reply: &Reply) -> HeaderMap {
    let mut headers = own(form, reply);
    if !hosted.vary.is_empty() {
        headers.append(VARY, hosted.vary.clone());
    }
    headers
}

/// What an answer says itself.
fn own(form: Form, reply: &Reply) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(content_type) = reply.content_type {
        headers.insert(CONTENT_TYPE, content_type.value());
    }
    say_own(&mut headers, &reply.headers);
    if let Some(length) = form.length_of(reply) {
        headers.insert(CONTENT_LENGTH, digits::value(length));
    }
    headers
}

/// An answer that belongs to no contract.
pub(super) fn plain(reply: Reply, form: Form) -> Response<Sent> {
    finish(own(form, &reply), form, reply, None, |sent| sent)
}

#[inline(always)] // what it is given and gives back is large, and would be copied
fn finish<B>(
    headers: HeaderMap,
    form: Form,
    reply: Reply,
    guard: Option<Guard>,
    into: impl FnOnce(Sent) -> B,
) -> Response<B> {
    // A stream that is not sent has no length that could be told.
    let unsized_head = form.head && reply.body.len().is_none();
    let sent = Sent {
        sized: has_body(reply.status) && !unsized_head,
        written: if form.head {
            Written::Whole(Bytes::new())
        } else {
            reply.body
        },
        _guard: guard,
    };
    let (mut parts, ()) = Response::new(()).into_parts();
    parts.status = reply.status;
    let empty = std::mem::replace(&mut parts.headers, headers);
    // What has no room owns nothing, and to drop it would take longer than to make it.
    if empty.capacity() == 0 {
        std::mem::forget(empty);
    }
    Response::from_parts(parts, into(sent))
}

/// An answer of the registry or the admin interface, which routers give.
pub(crate) fn answer(reply: Reply) -> Response<Body> {
    let form = Form {
        exposed: false,
        head: false,
        length: false,
    };
    plain(reply, form).map(Body::new)
}

/// A body on its way, with the request that it ends.
///
/// It is as long as what was written, and at its end where that is: nothing that stands around it learns less than without a guard.
#[derive(Debug)]
pub(crate) struct Sent {
    written: Written,
    /// Whether it has a length at all: who stands around it would write that of nothing, too.
    sized: bool,
    _guard: Option<Guard>,
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
            Written::Stream(items) => items.as_mut().poll_next(context).map(|item| {
                item.map(|item| {
                    item.map(Frame::data)
                        .map_err(|broken| axum::Error::new(broken.problem))
                })
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.written, Written::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.written {
            Written::Whole(bytes) if self.sized => SizeHint::with_exact(bytes.len() as u64),
            Written::Whole(_) | Written::Stream(_) => SizeHint::default(),
        }
    }
}
