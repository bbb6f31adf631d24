//! The one core that answers: bare, under a router, nested or served, a request takes the same way.

use std::any::Any;
use std::convert::Infallible;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use axum::body::Body;
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::header::ALLOW;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use tower_service::Service;
use tracing::Instrument as _;
use versioned_core::contract::Method;

use super::paths::PathEntry;
use super::respond::{self, Outcome};
use super::{Call, Refusal, Reply, facts, problem};
use crate::context::Context;
use crate::counters::Count;
use crate::host::{Hosted, RunningHost};
use crate::resolve::{Availability, Resolution, resolve};
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

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> HostFuture {
        let (parts, body) = request.into_parts();
        let host = self.host.clone();
        let entry = self.entry.or_else(|| host.0.paths.find(parts.uri.path()));
        HostFuture(Box::pin(answer(host, entry, parts, Body::new(body))))
    }
}

/// The answer of a [`HostService`] to come.
pub struct HostFuture(BoxFuture<'static, Response<Body>>);

impl Future for HostFuture {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(Ok)
    }
}

async fn answer(host: RunningHost, entry: Option<usize>, parts: Parts, body: Body) -> Response<Body> {
    let head = parts.method == http::Method::HEAD;
    let inner = Arc::clone(&host.0);
    let found = entry.and_then(|index| Some((index, inner.paths.entries().get(index)?)));
    let Some((index, entry)) = found else {
        return respond::plain(problem::path_unknown(parts.uri.path()).into_reply(), head);
    };
    let Some(hosted) = inner.contracts.get(entry.contract) else {
        return respond::plain(Refusal::internal().into_reply(), head);
    };
    inner.counting.add(Count::Request);
    if parts.method == http::Method::OPTIONS {
        return options(&host, hosted, entry);
    }
    let exposed = host.exposes_to(&parts.headers);
    let mut outcome = Outcome::default();
    let answered = operate(&host, hosted, index, entry, parts, body, &mut outcome).await;
    let reply = answered.unwrap_or_else(|refusal| {
        inner.counting.add(Count::Refusal);
        refusal.into_reply()
    });
    respond::complete(&inner, hosted, outcome, exposed, head, reply)
}

/// Answers `OPTIONS` for all versions at once: a preflight names no version.
fn options(host: &RunningHost, hosted: &Hosted, entry: &PathEntry) -> Response<Body> {
    let visible = |version| matches!(hosted.availability(version), Availability::Offered);
    let mut reply = Reply::new(Bytes::new());
    *reply.status_mut() = StatusCode::NO_CONTENT;
    reply
        .headers_mut()
        .insert(ALLOW, problem::allow(entry.methods(visible)));
    respond::complete(&host.0, hosted, Outcome::default(), false, false, reply)
}

async fn operate(
    host: &RunningHost,
    hosted: &Hosted,
    index: usize,
    entry: &PathEntry,
    parts: Parts,
    body: Body,
    outcome: &mut Outcome,
) -> Result<Reply, Refusal> {
    let requested = facts::requested(&host.0, entry, &parts)?;
    // The one look at the tables: everything after it sees this state.
    let snapshot = host.snapshot();
    let table = snapshot.table(entry.contract).ok_or_else(Refusal::internal)?;
    let version = match resolve(&hosted.shape.versions, &requested, table.default_version()) {
        Resolution::Version(version) => version,
        Resolution::Disagree { first, second } => return Err(problem::disagree(first, second)),
        Resolution::Unsatisfied => return Err(problem::unsatisfied(hosted)),
        Resolution::Gone(version) => return Err(problem::version_gone(hosted, version)),
    };
    outcome.resolved = Some(version);
    let operation = find(hosted, entry, &parts.method, version)?;
    let described = hosted
        .operation(version, operation)
        .ok_or_else(Refusal::internal)?;
    let key = facts::user_key(table.user_key(), &parts);
    let key_bytes = key.as_deref().map(str::as_bytes);
    let (decision, epoch) = host
        .decide(&snapshot, entry.contract, version, operation, key_bytes)
        .ok_or_else(Refusal::internal)?;
    outcome.served = Some((decision.slot, epoch));
    let slot = hosted
        .slots
        .get(decision.slot)
        .cloned()
        .flatten()
        .ok_or_else(Refusal::internal)?;
    let (resolved, serving) = (
        hosted.contracts[version].version,
        hosted.contracts[decision.slot].version,
    );
    let context = Context::routed(
        key.map(Into::into),
        Arc::clone(&snapshot),
        resolved,
        serving,
        epoch,
    );
    let span = tracing::debug_span!(
        "operation",
        contract = hosted.id(),
        operation = described.name,
        version = %resolved,
        serving = %serving,
        epoch,
    );
    let call = Call {
        parts,
        body: Some(body),
        host: host.clone(),
        snapshot,
        contract: entry.contract,
        entry: index,
        operation: described,
    };
    // The call itself is made inside: a panic before the first await is caught, too.
    let work = async move { slot.call(version, operation, call).await };
    let guarded = AssertUnwindSafe(context.scope(work))
        .catch_unwind()
        .instrument(span.clone());
    match tokio::time::timeout(host.0.settings.limits.handler_timeout, guarded).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => {
            host.0.counting.add(Count::Panic);
            span.in_scope(|| tracing::error!(panic = panic_text(&*panic), "a handler panicked"));
            Err(problem::panicked())
        }
        Err(_) => {
            host.0.counting.add(Count::Timeout);
            span.in_scope(|| tracing::warn!("a handler did not answer in time"));
            Err(problem::handler_timeout())
        }
    }
}

/// The operation of a method in a version, or why there is none.
fn find(hosted: &Hosted, entry: &PathEntry, method: &http::Method, version: usize) -> Result<usize, Refusal> {
    let known = match *method {
        http::Method::GET | http::Method::HEAD => Some(Method::Get),
        http::Method::POST => Some(Method::Post),
        http::Method::PUT => Some(Method::Put),
        http::Method::PATCH => Some(Method::Patch),
        http::Method::DELETE => Some(Method::Delete),
        _ => None,
    };
    if let Some(operation) = known.and_then(|method| entry.operation(method, version)) {
        return Ok(operation);
    }
    let name = |version: usize| hosted.contracts[version].version.to_string();
    if entry.versions().any(|having| having == version) {
        let allowed = problem::allow(entry.methods(|v| v == version));
        return Err(problem::method_not_allowed(method, &name(version), allowed));
    }
    let offered = |version: &usize| matches!(hosted.availability(*version), Availability::Offered);
    let having: Vec<String> = entry.versions().filter(offered).map(name).collect();
    Err(problem::path_not_in_version(&name(version), &having))
}

/// The message of a panic, where it is a text.
fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
}
