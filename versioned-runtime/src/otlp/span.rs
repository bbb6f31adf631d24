//! The span of an operation while it runs: whose child it is, and which trace goes on from it.

use std::sync::atomic::{AtomicBool, Ordering};

use http::request::Parts;
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::trace::TraceContext;

/// Marks the spans of operations for whoever sends them.
pub(super) const METHOD: &str = "http.request.method";
pub(super) const ROUTE: &str = "http.route";
pub(super) const PATH: &str = "url.path";
pub(super) const SCHEME: &str = "url.scheme";

/// Whether anybody ever sends spans: without it, an operation's span costs what it costs without this feature.
static ON: AtomicBool = AtomicBool::new(false);

pub(super) fn switch_on() {
    ON.store(true, Ordering::Relaxed);
}

/// Makes the span of an operation the child of the one that the client names, tells it what was asked, and gives the trace that calls
/// made meanwhile belong to. `route` is the template of the path, in its two parts.
pub(crate) fn begin(
    span: &Span,
    caller: Option<TraceContext>,
    parts: &Parts,
    route: (&str, &str),
) -> Option<TraceContext> {
    if span.is_disabled() || !ON.load(Ordering::Relaxed) {
        return caller;
    }
    if let Some(remote) = caller.as_ref().map(remote) {
        // A span around this one that has joined the client's trace already is nearer than the client's.
        let around = Context::current().span().span_context().clone();
        if !around.is_valid() || around.trace_id() != remote.trace_id() {
            // It fails where nobody sends this span, or it was begun: then there is nothing to join.
            let _ = span.set_parent(Context::new().with_remote_span_context(remote));
        }
    }
    span.set_attribute(METHOD, parts.method.as_str().to_owned());
    span.set_attribute(ROUTE, format!("{}{}", route.0, route.1));
    span.set_attribute(PATH, parts.uri.path().to_owned());
    span.set_attribute(SCHEME, parts.uri.scheme_str().unwrap_or("http").to_owned());
    let context = span.context();
    let begun = context.span().span_context().clone();
    if begun.is_valid() {
        Some(local(&begun))
    } else {
        caller
    }
}

/// The client's span, as OpenTelemetry has it.
fn remote(caller: &TraceContext) -> SpanContext {
    let state: Vec<&str> = caller.state().filter_map(|line| line.to_str().ok()).collect();
    SpanContext::new(
        TraceId::from(caller.trace_number()),
        SpanId::from(caller.parent_number()),
        TraceFlags::default().with_sampled(caller.is_sampled()),
        true,
        // A state that cannot be read is none; the trace itself goes on (section 3.3 of the recommendation).
        state.join(",").parse::<TraceState>().unwrap_or_default(),
    )
}

/// The operation's own span, as the trace that goes on from it.
fn local(begun: &SpanContext) -> TraceContext {
    TraceContext::at(
        u128::from_be_bytes(begun.trace_id().to_bytes()),
        u64::from_be_bytes(begun.span_id().to_bytes()),
        begun.is_sampled(),
        &begun.trace_state().header(),
    )
}
