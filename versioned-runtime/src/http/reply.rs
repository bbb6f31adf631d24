//! Answers before their headers are completed: status, headers, and a body that is there or comes item by item.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{self, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::{self, Stream};
use http::header::HeaderName;
use http::{HeaderValue, StatusCode};
use tracing::Span;
use versioned_core::Problem;
use versioned_core::payload::Media;
use versioned_core::response::{Body, Response};
use versioned_core::stream::{Broken, ByteStream};

use super::running::panic_text;
use super::{Call, Refusal};
use crate::context::Context;
use crate::counters::Count;
use crate::host::Sight;

/// An answer of an implementation, or a refusal.
#[derive(Debug)]
pub struct Reply {
    pub(super) status: StatusCode,
    /// The media type of its body, if it has one.
    pub(super) content_type: Option<ContentType>,
    /// What it says itself; a name may stand several times.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Body,
}

/// What the body of an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentType {
    /// What an operation answers.
    Of(Media),
    /// A problem document (RFC 9457).
    Problem,
}

impl ContentType {
    pub(super) const fn value(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Of(media) => media.content_type(),
            Self::Problem => "application/problem+json",
        })
    }
}

impl Reply {
    /// An answer without a body.
    pub(super) const fn empty(status: StatusCode) -> Self {
        Self {
            status,
            content_type: None,
            headers: Vec::new(),
            body: Body::Whole(Bytes::new()),
        }
    }
}

/// What keeps a connection open while there is no event: a comment, which clients pass over (HTML standard, section 9.2.6).
const KEEP_ALIVE: &[u8] = b":\n\n";

/// Writes the answer to a call; `status` is that of an answer that does not say another one.
#[inline(always)] // what it is given and gives back is large, and would be copied
pub(super) fn of(call: &Call, status: u16, response: Response) -> Result<Reply, Refusal> {
    let Response {
        status: own,
        headers,
        media,
        body,
    } = response;
    Ok(Reply {
        status: StatusCode::from_u16(own.unwrap_or(status)).map_err(|_| Refusal::internal())?,
        content_type: media.map(ContentType::Of),
        // Most answers say nothing beside their body.
        headers: if headers.is_empty() {
            Vec::new()
        } else {
            written(call.operation(), headers)?
        },
        body: match body {
            whole @ Body::Whole(_) => whole,
            Body::Stream(items) => Body::Stream(streamed(call, media, items)),
        },
    })
}

/// The headers that an answer says.
#[inline(never)] // most answers say none, and would pay for the room that it takes
fn written(
    operation: &'static str,
    headers: Vec<(String, String)>,
) -> Result<Vec<(HeaderName, HeaderValue)>, Refusal> {
    let mut written = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let header = (HeaderName::try_from(&name), HeaderValue::try_from(value));
        let (Ok(header), Ok(value)) = header else {
            tracing::error!(
                operation,
                header = name,
                "a header of an answer has a value that no header can have"
            );
            return Err(Refusal::internal());
        };
        written.push((header, value));
    }
    Ok(written)
}

/// A body item by item, which goes on as the operation does that it belongs to, and tells us where it breaks off.
#[inline(never)] // most bodies are whole, and would pay for the room that it takes
fn streamed(call: &Call, media: Option<Media>, items: ByteStream) -> ByteStream {
    let keep_alive = call.snapshot.fixed.settings.limits.event_keep_alive;
    let items: ByteStream = Box::pin(Streamed {
        items: Some(items),
        context: Context::current(),
        span: Span::current(),
        sight: call.snapshot.clone(),
        operation: call.operation(),
    });
    if media == Some(Media::Events) {
        kept_alive(items, keep_alive)
    } else {
        items
    }
}

/// Items that are made after the answer has begun: within the span and the context of its request, and a panic breaks off the answer alone.
struct Streamed {
    /// None when there are no more.
    items: Option<ByteStream>,
    context: Context,
    span: Span,
    sight: Sight,
    operation: &'static str,
}

impl Stream for Streamed {
    type Item = Result<Bytes, Broken>;

    fn poll_next(self: Pin<&mut Self>, waker: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let _within = this.span.enter();
        let _current = this.context.enter();
        let Some(items) = &mut this.items else {
            return Poll::Ready(None);
        };
        let operation = this.operation;
        let polled = catch_unwind(AssertUnwindSafe(|| items.as_mut().poll_next(waker)));
        let polled = polled.unwrap_or_else(|panic| {
            this.sight.fixed.counting.add(Count::Panic);
            let panic = panic_text(&*panic);
            tracing::error!(
                operation,
                panic,
                "a handler panicked while its answer was written"
            );
            Poll::Ready(Some(Err(Broken {
                problem: Box::new(Problem::internal()),
                last: None,
            })))
        });
        match polled {
            Poll::Ready(Some(Err(broken))) => {
                this.items = None;
                let problem = &broken.problem;
                if problem.status < 500 {
                    tracing::warn!(operation, %problem, "an answer broke off");
                } else {
                    tracing::error!(operation, %problem, "an answer broke off");
                }
                Poll::Ready(Some(match broken.last {
                    Some(last) => Ok(last),
                    None => Err(broken),
                }))
            }
            Poll::Ready(None) => {
                this.items = None;
                Poll::Ready(None)
            }
            goes_on => goes_on,
        }
    }
}

impl Drop for Streamed {
    fn drop(&mut self) {
        if self.items.is_some() {
            let _within = self.span.enter();
            let _current = self.context.enter();
            self.items = None;
        }
    }
}

/// With a comment where nothing came for so long.
fn kept_alive(events: ByteStream, every: Duration) -> ByteStream {
    Box::pin(stream::unfold(events, move |mut events| async move {
        let item = match tokio::time::timeout(every, events.next()).await {
            Ok(item) => item?,
            Err(_) => Ok(Bytes::from_static(KEEP_ALIVE)),
        };
        Some((item, events))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn comments_stand_where_nothing_comes() {
        let late = stream::once(async {
            tokio::time::sleep(Duration::from_secs(25)).await;
            Ok(Bytes::from_static(b"data: 1\n\n"))
        });
        let kept = kept_alive(Box::pin(late), Duration::from_secs(10));
        let all: Vec<Bytes> = kept.map(Result::unwrap).collect().await;
        assert_eq!(all, [KEEP_ALIVE, KEEP_ALIVE, b"data: 1\n\n"]);
    }
}
