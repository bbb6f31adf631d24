//! Spans of operations under the names of the semantic conventions for HTTP. It is done by the thread that sends them, not by requests.

use opentelemetry::trace::{SpanKind, Status};
use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

use super::span::{METHOD, ROUTE};

/// What the fields of the `tracing` span are called; what stands on the right side only as `""` is told by the span itself.
const NAMES: &[(&str, &str)] = &[
    ("contract", "versioned.contract"),
    ("operation", "versioned.operation"),
    ("resolved", "versioned.version"),
    ("serving", "versioned.serving"),
    ("epoch", "versioned.epoch"),
    ("status", STATUS),
    ("trace_id", ""),
    ("target", ""),
];

const STATUS: &str = "http.response.status_code";

/// Gives the span of an operation its public name, kind, attributes and status; others stay as they are.
pub(super) fn translate(span: &mut SpanData) {
    let said = |name: &str| {
        let mut attributes = span.attributes.iter();
        let found = attributes.find(|attribute| attribute.key.as_str() == name)?;
        Some(found.value.as_str().into_owned())
    };
    let (Some(method), Some(route)) = (said(METHOD), said(ROUTE)) else {
        return;
    };
    if span.name != "operation" || said("contract").is_none() {
        return;
    }
    span.name = format!("{method} {route}").into();
    span.span_kind = SpanKind::Server;
    for attribute in &mut span.attributes {
        let known = NAMES.iter().find(|(name, _)| *name == attribute.key.as_str());
        if let Some((_, name)) = known {
            attribute.key = Key::from_static_str(name);
        }
        if ["versioned.epoch", STATUS].contains(&attribute.key.as_str())
            && let Ok(number) = attribute.value.as_str().parse::<i64>()
        {
            attribute.value = Value::I64(number);
        }
    }
    span.attributes
        .retain(|attribute| !attribute.key.as_str().is_empty());
    let status = span
        .attributes
        .iter()
        .find(|attribute| attribute.key.as_str() == STATUS);
    if let Some(Value::I64(status)) = status.map(|status| status.value.clone())
        && status >= 500
    {
        span.attributes
            .push(KeyValue::new("error.type", status.to_string()));
        span.status = Status::error("");
    }
}
