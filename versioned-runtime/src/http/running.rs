//! An implementation at work: within its time, with its context, and a panic is an answer, too.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{self, Poll, ready};

use http::Response;
use tokio::time::Sleep;
use tracing::Span;

use super::exchange::Exchange;
use super::respond::Sent;
use super::{Refusal, Reply, problem};
use crate::context::Context;
use crate::counters::Count;
use crate::service::BoxFuture;

/// What an implementation answers.
pub(super) type Work = BoxFuture<'static, Result<Reply, Refusal>>;

/// An implementation at work.
pub(super) struct Running {
    /// The implementation, from its begin until it is done.
    work: Option<Work>,
    /// Its context, while it is not the current one.
    context: Context,
    span: Span,
    // Whoever answers at once never sees a timer: setting one up costs more than most handlers.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Running {
    /// What an implementation is to run within.
    #[inline(always)] // what it is given and gives back is large, and would be copied
    pub(super) fn new(span: Span, context: Context) -> Self {
        Self {
            work: None,
            context,
            span,
            deadline: None,
        }
    }

    /// The implementation begins with the next poll.
    #[inline(always)]
    pub(super) fn begin(&mut self, work: Work) {
        self.work = Some(work);
    }

    /// The answer, completed; `into` makes of its body what the server sends.
    #[inline(always)] // what it gives back is large, and would be copied
    pub(super) fn poll<B>(
        &mut self,
        exchange: &mut Exchange,
        waker: &mut task::Context<'_>,
        into: impl FnOnce(Sent) -> B,
    ) -> Poll<Response<B>> {
        let mut polled = Poll::Pending;
        let refused = match (self.go_on(waker, &mut polled), polled) {
            (Ok(()), Poll::Ready(Ok(reply))) => {
                self.span.record("status", reply.status.as_u16());
                return Poll::Ready(exchange.answer(reply, into));
            }
            (Ok(()), Poll::Ready(Err(refusal))) => self.refused(exchange, refusal),
            // Whoever asks again after the answer waits for nothing.
            (Ok(()), Poll::Pending) if self.work.is_none() => return Poll::Pending,
            (Ok(()), Poll::Pending) => self.wait(exchange, waker),
            (Err(panic), _) => self.panicked(exchange, &*panic),
        };
        refused.map(|answer| answer.map(into))
    }

    /// The implementation goes on, within its span and with its context, and is gone when it is done. All of that is done here, not by
    /// one future around the other: what it gives back is large, and each of them would copy it.
    #[inline(always)] // once a request
    fn go_on(
        &mut self,
        waker: &mut task::Context<'_>,
        polled: &mut Poll<Result<Reply, Refusal>>,
    ) -> std::thread::Result<()> {
        let _within = self.span.enter();
        let _current = self.context.enter();
        let Some(work) = &mut self.work else {
            return Ok(());
        };
        let caught = catch_unwind(AssertUnwindSafe(|| *polled = work.as_mut().poll(waker)));
        if polled.is_ready() || caught.is_err() {
            self.work = None;
        }
        caught
    }

    #[cold]
    fn panicked(&mut self, exchange: &mut Exchange, panic: &(dyn Any + Send)) -> Poll<Response<Sent>> {
        exchange.fixed().counting.add(Count::Panic);
        let panic = panic_text(panic);
        self.span
            .in_scope(|| tracing::error!(panic, "a handler panicked"));
        self.refused(exchange, problem::panicked())
    }

    /// Gives the implementation until its time is over.
    #[inline(never)] // whoever answers at once would pay for the room that it takes
    fn wait(&mut self, exchange: &mut Exchange, waker: &mut task::Context<'_>) -> Poll<Response<Sent>> {
        let limit = exchange.fixed().settings.limits.handler_timeout;
        let deadline = self
            .deadline
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        ready!(deadline.as_mut().poll(waker));
        exchange.fixed().counting.add(Count::Timeout);
        self.span
            .in_scope(|| tracing::warn!("a handler did not answer in time"));
        self.refused(exchange, problem::handler_timeout())
    }

    #[inline(never)] // whoever answers would pay for the room that it takes
    fn refused(&mut self, exchange: &mut Exchange, refusal: Refusal) -> Poll<Response<Sent>> {
        self.span.record("status", refusal.problem.status);
        Poll::Ready(exchange.finish(Err(refusal)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.work.is_some() {
            let _within = self.span.enter();
            let _current = self.context.enter();
            self.work = None;
        }
    }
}

/// The message of a panic, where it is a text.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
}
