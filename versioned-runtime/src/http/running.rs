//! An implementation at work: within its time, with its context, and a panic is an answer, too.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{self, Poll, ready};

use futures_util::FutureExt as _;
use futures_util::future::CatchUnwind;
use pin_project_lite::pin_project;
use tokio::task::futures::TaskLocalFuture;
use tokio::time::Sleep;
use tracing::instrument::Instrumented;
use tracing::{Instrument as _, Span};

use super::exchange::Exchange;
use super::respond::Sent;
use super::{Refusal, Reply, problem};
use crate::context::Context;
use crate::counters::Count;
use crate::service::BoxFuture;

/// What an implementation answers.
pub(super) type Work = BoxFuture<'static, Result<Reply, Refusal>>;

/// An implementation with its context around it, whose panic is caught.
type Scoped = TaskLocalFuture<Context, CatchUnwind<AssertUnwindSafe<Work>>>;

pin_project! {
    /// The answer of an implementation to come.
    pub(super) struct Running {
        #[pin]
        work: Spanned,
        // Whoever answers at once never sees a timer: setting one up costs more than most handlers.
        deadline: Option<Pin<Box<Sleep>>>,
        exchange: Exchange,
    }
}

pin_project! {
    #[project = SpannedProjection]
    #[allow(clippy::large_enum_variant)] // they differ by a span
    enum Spanned {
        /// Nobody listens to spans.
        Plain { #[pin] work: Scoped },
        Within { #[pin] work: Instrumented<Scoped> },
    }
}

impl Running {
    #[inline(always)] // what it is given and gives back is large, and would be copied
    pub(super) fn new(exchange: Exchange, span: Span, context: Context, work: Work) -> Self {
        let work = context.scope(AssertUnwindSafe(work).catch_unwind());
        let work = if span.is_disabled() {
            Spanned::Plain { work }
        } else {
            Spanned::Within {
                work: work.instrument(span),
            }
        };
        Self {
            work,
            deadline: None,
            exchange,
        }
    }
}

impl Spanned {
    fn span(&self) -> Option<&Span> {
        match self {
            Self::Plain { .. } => None,
            Self::Within { work } => Some(work.span()),
        }
    }

    /// Says something within the span.
    fn tell(&self, what: impl FnOnce()) {
        match self.span() {
            Some(span) => span.in_scope(what),
            None => what(),
        }
    }
}

impl Future for Running {
    type Output = http::Response<Sent>;

    fn poll(self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let fixed = this.exchange.fixed();
        let polled = match this.work.as_mut().project() {
            SpannedProjection::Plain { work } => work.poll(context),
            SpannedProjection::Within { work } => work.poll(context),
        };
        let result = match polled {
            Poll::Ready(Ok(result)) => result,
            Poll::Ready(Err(panic)) => {
                fixed.counting.add(Count::Panic);
                let panic = panic_text(&*panic);
                this.work.tell(|| tracing::error!(panic, "a handler panicked"));
                Err(problem::panicked())
            }
            Poll::Pending => {
                let limit = fixed.settings.limits.handler_timeout;
                let deadline = this
                    .deadline
                    .get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
                ready!(deadline.as_mut().poll(context));
                fixed.counting.add(Count::Timeout);
                this.work
                    .tell(|| tracing::warn!("a handler did not answer in time"));
                Err(problem::handler_timeout())
            }
        };
        if let Some(span) = this.work.span() {
            let status = match &result {
                Ok(reply) => reply.status.as_u16(),
                Err(refusal) => refusal.problem.status,
            };
            span.record("status", status);
        }
        Poll::Ready(this.exchange.finish(result))
    }
}

/// The message of a panic, where it is a text.
fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
}
