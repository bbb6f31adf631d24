//! The one core that answers: bare, under a router, nested or served, a request takes the same way.
//!
//! Whatever does not wait is done when the service is called, without a future: most requests wait for nothing but their
//! implementation, and need no box but its own.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use tower_service::Service;

use super::Call;
use super::body;
use super::decide::{Caller, Routed};
use super::exchange::{Exchange, Place};
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
        let entry = self
            .entry
            .or_else(|| self.host.0.paths.find(request.uri().path()));
        let mut future = HostFuture {
            inner: Answering::nothing(),
        };
        if future.inner.begin(&self.host, entry, true, &request, None) {
            let (parts, body) = request.into_parts();
            future.inner.go(&self.host, parts, body);
        }
        future
    }
}

/// The answer of a [`HostService`] to come.
pub struct HostFuture {
    inner: Answering,
}

impl Future for HostFuture {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.inner.poll(context, Body::new).map(Ok)
    }
}

/// The answer of the core to come.
pub(crate) struct Answering {
    /// None before it has begun.
    step: Option<Step>,
    /// None where there is none any more, or somebody else has it.
    exchange: Option<Exchange>,
}

/// How far it has come.
#[allow(clippy::large_enum_variant)] // what is large is what nearly every request is
enum Step {
    Running(Running),
    /// For a hook or a body first.
    Waiting(BoxFuture<'static, Response<Sent>>),
    Answered(Option<Box<Response<Sent>>>),
}

impl Answering {
    /// Nothing has come yet. (A constant would be copied with all that it has room for.)
    #[inline(always)]
    pub(crate) fn nothing() -> Self {
        Self {
            step: None,
            exchange: None,
        }
    }

    /// A request begins: the first of two steps, the other one being [`go`](Self::go), which is to be taken if this says so. `entry` is what
    /// its path leads to, `length` says whether answers are to tell theirs, and `peer` is who is connected, where that is known.
    #[inline(always)] // once a request
    pub(crate) fn begin<B>(
        &mut self,
        host: &RunningHost,
        entry: Option<usize>,
        length: bool,
        request: &Request<B>,
        peer: Option<IpAddr>,
    ) -> bool {
        match Place::of(host, entry, length, request) {
            Ok(place) => {
                self.exchange = Some(Exchange::begin(host, &place, request.headers(), peer));
                true
            }
            Err(answer) => {
                self.step = Some(Step::answered(answer));
                false
            }
        }
    }

    /// Does what can be done without waiting, in place: moving what it makes would cost as much as deciding. The request is taken apart
    /// no sooner than here, so that its parts are copied once.
    #[inline(always)] // what it is given is large, and would be copied
    pub(crate) fn go<B>(&mut self, host: &RunningHost, parts: Parts, body: B)
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let Some(exchange) = &mut self.exchange else {
            return;
        };
        let mut call = Call::new(parts, exchange);
        let mut caller = Caller::default();
        let refusal = match exchange.decide(host, &call.parts, &mut caller) {
            Ok(Some(routed)) if routed.body().is_none() => {
                match exchange.prepare(routed, &mut caller, &mut call) {
                    Ok((slot, running)) => {
                        // It is put in its place before it is under way: moving it would cost as much as making it.
                        let step = self.step.insert(Step::Running(running));
                        let work = slot.call(routed.version, routed.operation, call);
                        if let Step::Running(running) = step {
                            running.begin(work);
                        }
                        return;
                    }
                    Err(refusal) => refusal,
                }
            }
            Ok(routed) => {
                let body = Body::new(body);
                if let Some(exchange) = self.exchange.take() {
                    self.step = Some(Step::Waiting(waiting(host, exchange, routed, caller, call, body)));
                }
                return;
            }
            Err(refusal) => refusal,
        };
        self.step = Some(Step::answered(exchange.finish(Err(refusal))));
    }

    /// The answer; `into` makes of its body what the server sends.
    #[inline(always)] // what it gives back is large, and would be copied
    pub(crate) fn poll<B>(
        &mut self,
        context: &mut Context<'_>,
        into: impl FnOnce(Sent) -> B,
    ) -> Poll<Response<B>> {
        match (&mut self.step, &mut self.exchange) {
            (Some(Step::Running(running)), Some(exchange)) => running.poll(exchange, context, into),
            (Some(Step::Waiting(waiting)), _) => {
                let answer = waiting.as_mut().poll(context);
                answer.map(|answer| answer.map(into))
            }
            (Some(Step::Answered(answer)), _) => match answer.take() {
                Some(answer) => Poll::Ready(answer.map(into)),
                // Whoever asks again after the answer waits for nothing.
                None => Poll::Pending,
            },
            (Some(Step::Running(_)), None) | (None, _) => Poll::Pending,
        }
    }
}

impl Step {
    #[cold]
    fn answered(answer: Response<Sent>) -> Self {
        Self::Answered(Some(Box::new(answer)))
    }
}

/// The answer to a request whose body is to be received, or that hooks are to be asked of, where it is not routed yet.
#[inline(never)] // most requests never wait
fn waiting(
    host: &RunningHost,
    exchange: Exchange,
    routed: Option<Routed>,
    caller: Caller,
    call: Call,
    body: Body,
) -> BoxFuture<'static, Response<Sent>> {
    match routed {
        Some(routed) => Box::pin(receiving(exchange, routed, caller, call, body)),
        None => Box::pin(asking(host.clone(), exchange, call, body)),
    }
}

/// A request that hooks are to be asked of: facts, or the version of its client.
async fn asking(host: RunningHost, mut exchange: Exchange, mut call: Call, body: Body) -> Response<Sent> {
    let mut caller = Caller::default();
    let routed = match exchange.ask_and_decide(&host, &call.parts, &mut caller).await {
        Ok(routed) => routed,
        Err(refusal) => return exchange.finish(Err(refusal)),
    };
    // Other tables may be in force than when it began.
    call.snapshot = exchange.sight().clone();
    receiving(exchange, routed, caller, call, body).await
}

/// A request that is routed. Receiving its body, if it has one, is the client's time, not the implementation's.
async fn receiving(
    mut exchange: Exchange,
    routed: Routed,
    mut caller: Caller,
    mut call: Call,
    body: Body,
) -> Response<Sent> {
    if let Some(expected) = routed.body() {
        let limits = exchange.fixed().settings.limits;
        match body::receive(&call.parts.headers, body, expected, limits).await {
            Ok(received) => call.body = Some(received),
            Err(refusal) => return exchange.finish(Err(refusal)),
        }
    }
    let (slot, mut running) = match exchange.prepare(routed, &mut caller, &mut call) {
        Ok(prepared) => prepared,
        Err(refusal) => return exchange.finish(Err(refusal)),
    };
    running.begin(slot.call(routed.version, routed.operation, call));
    poll_fn(|context| running.poll(&mut exchange, context, |sent| sent)).await
}
