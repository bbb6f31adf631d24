//! The one core that answers: bare, under a router, nested or served, a request takes the same way.
//!
//! Whatever does not wait is done when the service is called, without a future: most requests wait for nothing but their
//! implementation, and need no box but its own.

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;
use versioned_core::payload::Media;

use super::body::{self, RawBody};
use super::decide::{Caller, Routed};
use super::exchange::Exchange;
use super::respond::Sent;
use super::running::Running;
use crate::host::RunningHost;
use crate::service::BoxFuture;

/// The operations of a host as a `tower::Service`; cheap to clone, always ready.
///
/// It answers every path: one that no version of any contract has is a 404 problem document. Under
/// [`RunningHost::router`] it is given the operation's own paths only.
#[derive(Debug, Clone)]
pub struct HostService {
    host: RunningHost,
    /// The path that a router has found already.
    entry: Option<usize>,
}

impl HostService {
    pub(crate) fn new(host: RunningHost) -> Self {
        Self { host, entry: None }
    }

    pub(super) fn at(host: RunningHost, entry: usize) -> Self {
        Self {
            host,
            entry: Some(entry),
        }
    }
}

impl<B> Service<Request<B>> for HostService
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = HostFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> HostFuture {
        let (parts, body) = request.into_parts();
        let entry = self.entry.or_else(|| self.host.0.paths.find(parts.uri.path()));
        let inner = Answering::begin(&self.host, entry, true, parts, body, None);
        HostFuture { inner }
    }
}

pin_project! {
    /// The answer of a [`HostService`] to come.
    pub struct HostFuture {
        #[pin]
        inner: Answering,
    }
}

impl Future for HostFuture {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(self.project().inner.poll(context));
        Poll::Ready(Ok(answer.map(Body::new)))
    }
}

pin_project! {
    /// The answer of the core to come.
    #[project = Step]
    #[allow(clippy::large_enum_variant)] // what is large is what nearly every request is
    pub(crate) enum Answering {
        Answered { answer: Option<Response<Sent>> },
        Running { #[pin] running: Running },
        /// For a hook or a body first.
        Waiting { waiting: BoxFuture<'static, Response<Sent>> },
    }
}

impl Answering {
    /// Does what can be done without waiting. `entry` is what the path leads to, `length` says whether answers are to tell theirs, and
    /// `peer` is who is connected, where that is known.
    #[inline(always)] // what it is given and gives back is large, and would be copied
    pub(crate) fn begin<B>(
        host: &RunningHost,
        entry: Option<usize>,
        length: bool,
        parts: Parts,
        body: B,
        peer: Option<IpAddr>,
    ) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let mut exchange = match Exchange::begin(host, entry, length, &parts, peer) {
            Ok(exchange) => exchange,
            Err(answer) => return Self::answered(answer),
        };
        let mut caller = Caller::default();
        let routed = match exchange.decide(host, &parts, &mut caller) {
            Ok(Some(routed)) => routed,
            Ok(None) => {
                let waiting = Box::pin(asking(host.clone(), exchange, parts, Body::new(body)));
                return Self::Waiting { waiting };
            }
            Err(refusal) => return Self::answered(exchange.finish(Err(refusal))),
        };
        if let Some(expected) = routed.body() {
            let waiting = Box::pin(receiving(
                exchange,
                routed,
                caller,
                parts,
                expected,
                Body::new(body),
            ));
            return Self::Waiting { waiting };
        }
        match exchange.run(routed, caller, parts, None) {
            Ok(running) => Self::Running { running },
            Err((mut exchange, refusal)) => Self::answered(exchange.finish(Err(refusal))),
        }
    }

    fn answered(answer: Response<Sent>) -> Self {
        Self::Answered { answer: Some(answer) }
    }
}

impl Future for Answering {
    type Output = Response<Sent>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Response<Sent>> {
        match self.project() {
            Step::Running { running } => running.poll(context),
            // Whoever asks again after the answer waits for nothing.
            Step::Answered { answer } => answer.take().map_or(Poll::Pending, Poll::Ready),
            Step::Waiting { waiting } => waiting.as_mut().poll(context),
        }
    }
}

/// A request that hooks are to be asked of: facts, or the version of its client.
async fn asking(host: RunningHost, mut exchange: Exchange, parts: Parts, body: Body) -> Response<Sent> {
    let mut caller = Caller::default();
    let routed = match exchange.ask_and_decide(&host, &parts, &mut caller).await {
        Ok(routed) => routed,
        Err(refusal) => return exchange.finish(Err(refusal)),
    };
    match routed.body() {
        Some(expected) => receiving(exchange, routed, caller, parts, expected, body).await,
        None => running(exchange, routed, caller, parts, None).await,
    }
}

/// A request with a body. Receiving it is the client's time, not the implementation's.
async fn receiving(
    mut exchange: Exchange,
    routed: Routed,
    caller: Caller,
    parts: Parts,
    expected: Media,
    body: Body,
) -> Response<Sent> {
    let limits = exchange.fixed().settings.limits;
    match body::receive(&parts.headers, body, expected, limits).await {
        Ok(received) => running(exchange, routed, caller, parts, Some(received)).await,
        Err(refusal) => exchange.finish(Err(refusal)),
    }
}

/// The implementation at work.
async fn running(
    exchange: Exchange,
    routed: Routed,
    caller: Caller,
    parts: Parts,
    body: Option<RawBody>,
) -> Response<Sent> {
    match exchange.run(routed, caller, parts, body) {
        Ok(running) => running.await,
        Err((mut exchange, refusal)) => exchange.finish(Err(refusal)),
    }
}
