//! The one core that answers: bare, under a router, nested or served, a request takes the same way.

use std::any::Any;
use std::convert::Infallible;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::{Duration, Instant};

use axum::body::Body;
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::header::ALLOW;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use tower_service::Service;
use tracing::Instrument as _;
use tracing::field::Empty;
use versioned_core::contract::Method;

use super::allow::Methods;
use super::caching::{self, Reach};
use super::constraints::Found;
use super::paths::PathEntry;
use super::respond::{self, Outcome};
use super::{Call, Paths, Refusal, Reply, body, facts, problem};
use crate::context::Context;
use crate::counters::Count;
use crate::drain::Guard;
use crate::host::{Hosted, RunningHost, Terms};
use crate::metrics::Asked;
use crate::resolve::{Availability, Kind, Requested, Resolution, Source, resolve};
use crate::service::BoxFuture;
use crate::trace::TraceContext;

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

impl HostService {
    /// The service at the operations of a path; nothing if there are none.
    pub(crate) fn found(&self, path: &str) -> Option<Self> {
        let entry = self.host.0.paths.find(path)?;
        Some(Self::at(self.host.clone(), entry))
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
        // Most requests have no body, and need no box for it.
        let body = if body.is_end_stream() {
            Body::empty()
        } else {
            Body::new(body)
        };
        HostFuture(Box::pin(answer(host, entry, parts, body)))
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
    let begun = Instant::now();
    let head = parts.method == http::Method::HEAD;
    let inner = Arc::clone(&host.0);
    // The matcher takes `//` for an empty parameter; there is none.
    let found = entry
        .and_then(|index| Some((index, inner.paths.entries().get(index)?)))
        .filter(|(_, entry)| entry.is_filled_by(parts.uri.path()));
    let Some((index, entry)) = found else {
        return respond::plain(problem::path_unknown(parts.uri.path()).into_reply(), head);
    };
    let Some(hosted) = inner.contracts.get(entry.contract) else {
        return respond::plain(Refusal::internal().into_reply(), head);
    };
    inner.counting.add(Count::Request);
    if parts.method == http::Method::OPTIONS {
        return options(&host, hosted, index, parts.uri.path());
    }
    let exposed = host.exposes_to(&parts.headers);
    let mut outcome = Outcome::default();
    let reply = match operate(&host, hosted, index, entry, parts, body, &mut outcome).await {
        Ok(reply) => reply,
        Err(refusal) => {
            // What goes wrong on our side is counted where it does.
            if refusal.problem.status < 500 {
                inner.counting.add(Count::Refusal);
            }
            refusal.into_reply()
        }
    };
    let answer = respond::complete(hosted, entry.contract, &mut outcome, exposed, head, reply);
    if let Some(metrics) = &inner.metrics {
        let status = answer.status().as_u16();
        metrics.record(entry.contract, &outcome.seen, status, begun.elapsed());
    }
    answer
}

/// Answers `OPTIONS` for all versions at once: a preflight names no version.
fn options(host: &RunningHost, hosted: &Hosted, index: usize, path: &str) -> Response<Body> {
    let snapshot = host.snapshot();
    let paths = &host.0.paths;
    let terms = paths
        .entries()
        .get(index)
        .and_then(|entry| snapshot.beside(entry.contract));
    let lists = |version| terms.is_some_and(|terms| terms.lists(version));
    let methods: Methods = paths
        .matching(index, path)
        .flat_map(|index| paths.entries()[index].methods(lists))
        .collect();
    let mut reply = Reply::new(versioned_core::response::Body::Whole(Bytes::new()));
    *reply.status_mut() = StatusCode::NO_CONTENT;
    reply.headers_mut().insert(ALLOW, methods.value());
    let contract = paths.entries().get(index).map_or(0, |entry| entry.contract);
    respond::complete(hosted, contract, &mut Outcome::default(), false, false, reply)
}

async fn operate(
    host: &RunningHost,
    hosted: &Hosted,
    index: usize,
    entry: &PathEntry,
    mut parts: Parts,
    body: Body,
    outcome: &mut Outcome,
) -> Result<Reply, Refusal> {
    let mut requested = facts::requested(hosted, entry, &parts)?;
    outcome.seen.asked = Asked::from(requested.kind());
    // Hooks run first: they may take their time, and what they say does not depend on the tables.
    if let Some(pin) = hosted.pin.as_ref().filter(|_| requested.is_empty()) {
        let asked = pin.ask(&parts.headers).await;
        if let Some(constraint) = asked.map_err(|_| problem::pin_unavailable(hosted))? {
            let pushed = requested.push(Source::ClientPin, constraint);
            pushed.map_err(|_| Refusal::internal())?;
        }
    }
    // The one look at the tables: everything after it sees this state.
    let guard = outcome
        .guard
        .insert(Guard::enter(host.snapshot(), entry.contract));
    let snapshot = Arc::clone(guard.snapshot());
    let table = snapshot.table(entry.contract).ok_or_else(Refusal::internal)?;
    let terms = snapshot.beside(entry.contract).ok_or_else(Refusal::internal)?;
    let version =
        resolve_version(hosted, terms, &requested, table.default_version()).inspect_err(|refusal| {
            // Sources that exclude each other name nothing.
            if refusal.problem.status == 400 && !requested.is_empty() {
                outcome.seen.asked = Asked::Invalid;
            }
        })?;
    outcome.seen.resolved = Some(version);
    outcome.reach = match requested.kind() {
        _ if requested.is_pinned() => Reach::Pinned,
        None | Some(Kind::Latest) => Reach::Unnamed,
        Some(_) => Reach::Named,
    };
    if let Some(headers) = terms.headers(version) {
        caching::give_back(&mut parts.headers, &headers.version);
    }
    let (index, operation) = find(&host.0.paths, hosted, terms, index, &parts, version)?;
    outcome.seen.operation = Some(operation);
    let described = hosted
        .operation(version, operation)
        .ok_or_else(Refusal::internal)?;
    let key = facts::user_key(table.user_key(), &parts);
    if let (Some(metrics), Availability::Deprecated) = (&host.0.metrics, terms.availability(version)) {
        outcome.seen.caller = Some(metrics.caller(key.as_deref()));
    }
    let (user, dye) = (table.user(key.as_deref()), facts::dye(table, &parts));
    let (decision, epoch) = (table.decide(version, operation, user, &dye), table.epoch());
    outcome.seen.serving = Some(decision.slot);
    terms.drain.route(decision.slot);
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
        host.0.id,
        Arc::clone(&snapshot),
        resolved,
        serving,
        epoch,
        &dye,
    )
    .traced(TraceContext::from_headers(&parts.headers));
    let span = tracing::info_span!(
        "operation",
        contract = hosted.id(),
        operation = described.name,
        %resolved,
        %serving,
        epoch,
        status = Empty,
        trace_id = context.trace().map(|trace| tracing::field::display(trace.trace_id())),
    );
    // The body is the client's time, not the implementation's.
    let body = match &described.body {
        Some(expected) => {
            let limits = host.0.settings.limits;
            Some(body::receive(&parts.headers, body, expected.media, limits).await?)
        }
        None => None,
    };
    let call = Call {
        parts,
        body,
        host: host.clone(),
        snapshot,
        contract: entry.contract,
        entry: index,
        operation: described,
        checks: hosted
            .checks
            .get(version)
            .and_then(|operations| operations.get(operation)?.clone()),
        found: Found::default(),
    };
    // Making the call is guarded, too: it may do work before its first await.
    let made = catch_unwind(AssertUnwindSafe(|| slot.call(version, operation, call)));
    carry_out(host, span, context, made).await
}

/// The call of an implementation to come, or the panic that making it ended in.
type Made = Result<BoxFuture<'static, Result<Reply, Refusal>>, Box<dyn Any + Send>>;

/// Runs a call within its time; a panic is an answer, too.
async fn carry_out(
    host: &RunningHost,
    span: tracing::Span,
    context: Context,
    made: Made,
) -> Result<Reply, Refusal> {
    let work = async { AssertUnwindSafe(made?).catch_unwind().await };
    let guarded = context.scope(work).instrument(span.clone());
    let result = match within(host.0.settings.limits.handler_timeout, guarded).await {
        Some(Ok(result)) => result,
        Some(Err(panic)) => {
            host.0.counting.add(Count::Panic);
            span.in_scope(|| tracing::error!(panic = panic_text(&*panic), "a handler panicked"));
            Err(problem::panicked())
        }
        None => {
            host.0.counting.add(Count::Timeout);
            span.in_scope(|| tracing::warn!("a handler did not answer in time"));
            Err(problem::handler_timeout())
        }
    };
    span.record(
        "status",
        match &result {
            Ok(reply) => reply.status().as_u16(),
            Err(refusal) => refusal.problem.status,
        },
    );
    result
}

/// What a future gives within a time. Who is done at once never sees a timer: setting one up costs more than most handlers.
async fn within<F: Future>(time: Duration, work: F) -> Option<F::Output> {
    let mut work = pin!(work);
    let first = std::future::poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await;
    match first {
        Poll::Ready(done) => Some(done),
        Poll::Pending => tokio::time::timeout(time, work).await.ok(),
    }
}

/// The version that a client is answered in, or why there is none.
fn resolve_version(
    hosted: &Hosted,
    terms: &Terms,
    requested: &Requested,
    default_version: usize,
) -> Result<usize, Refusal> {
    match resolve(terms.versions(), requested, &hosted.policy(default_version)) {
        Resolution::Version(version) => Ok(version),
        Resolution::Missing => Err(problem::missing(hosted, terms)),
        Resolution::Disagree { first, second } => {
            let name = |source| hosted.sources.name(source);
            Err(problem::disagree(&name(first), &name(second)))
        }
        Resolution::Unsatisfied => Err(problem::unsatisfied(hosted, terms)),
        Resolution::Gone(version) => Err(problem::version_gone(hosted, terms, version)),
    }
}

/// The entry and the operation of a method in a version, or why there is none.
fn find(
    paths: &Paths,
    hosted: &Hosted,
    terms: &Terms,
    found: usize,
    parts: &Parts,
    version: usize,
) -> Result<(usize, usize), Refusal> {
    let known = match parts.method {
        http::Method::GET | http::Method::HEAD => Some(Method::Get),
        http::Method::POST => Some(Method::Post),
        http::Method::PUT => Some(Method::Put),
        http::Method::PATCH => Some(Method::Patch),
        http::Method::DELETE => Some(Method::Delete),
        _ => None,
    };
    let name = |version: usize| hosted.contracts[version].version.to_string();
    let Some(index) = paths.in_version(found, parts.uri.path(), version) else {
        let having: Vec<String> = paths
            .versions(found, parts.uri.path())
            .into_iter()
            .filter(|version| terms.lists(*version))
            .map(name)
            .collect();
        return Err(problem::path_not_in_version(&name(version), &having));
    };
    let entry = &paths.entries()[index];
    let operation = known.and_then(|method| entry.operation(method, version));
    operation.map(|operation| (index, operation)).ok_or_else(|| {
        let allowed: Methods = entry.methods(|v| v == version).collect();
        problem::method_not_allowed(&parts.method, &name(version), allowed.value())
    })
}

/// The message of a panic, where it is a text.
fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
}
