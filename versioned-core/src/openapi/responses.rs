//! The successful answers of an operation: one a status, with its headers and its body.

use serde_json::Value;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::{Content, Deprecated, Header, RefOr, Response};

use super::parts::{said_of, sunset, with_text};
use super::schema::Schemas;
use crate::contract::Operation;
use crate::payload::Payload;
use crate::problem::reason_phrase;
use crate::response::ResponseSpec;
use crate::schema::{Link, Shape};

/// The responses by status.
pub(super) fn successes(operation: &Operation, schemas: &mut Schemas) -> Vec<(String, Response)> {
    let described = operation.responses.iter().map(|response| {
        let status = response.status.unwrap_or(operation.status);
        let shown = operation.examples.iter().filter_map(|example| {
            let shown = example.response.and_then(|make| make())?;
            (shown.status == response.status).then_some((example.name, shown.value))
        });
        let shown = shown.collect();
        (status.to_string(), described(response, status, shown, schemas))
    });
    described.collect()
}

fn described(spec: &ResponseSpec, status: u16, shown: Vec<(&str, Value)>, schemas: &mut Schemas) -> Response {
    let mut response = Response::new(if spec.doc.is_empty() {
        reason_phrase(status)
    } else {
        spec.doc
    });
    if let Some(payload) = spec.body {
        let (name, content) = content(payload, shown, schemas);
        response.content.insert(name, content);
    }
    if let Some(link) = spec.headers {
        headers(link, &mut response, schemas);
    }
    response
}

/// A body under its media type; the schema of a stream is that of an item.
pub(super) fn content(
    payload: Payload,
    shown: Vec<(&str, Value)>,
    schemas: &mut Schemas,
) -> (String, RefOr<Content>) {
    let mut content = Content::new(Some(schemas.describe(payload.ty)));
    for (name, value) in shown {
        let example = ExampleBuilder::new().value(Some(value)).build();
        content.examples.insert(name.to_owned(), RefOr::T(example));
    }
    (payload.media.essence().to_owned(), RefOr::T(content))
}

/// One header for each member of the struct that `link` comes down to.
fn headers(link: Link, response: &mut Response, schemas: &mut Schemas) {
    match &link.get().shape {
        Shape::Transparent(inner) => headers(*inner, response, schemas),
        Shape::Struct { fields, .. } => {
            for field in fields.iter().filter(|field| field.presence.is_written()) {
                let mut header = Header::new(schemas.present(field.ty));
                header.description = (!field.doc.is_empty()).then(|| field.doc.to_owned());
                // The document model has no place for it, and without it a header may be missing.
                let required = !field.optional_out && !field.ty.get().is_optional();
                let mut more = Extensions::from_iter([("required", required)]);
                if let Some(deprecation) = said_of(field.ty) {
                    header.deprecated = Some(Deprecated::True);
                    header.description = with_text(header.description.take(), &deprecation.text());
                    more.merge(sunset(deprecation).unwrap_or_default());
                }
                header.extensions = Some(more);
                response.headers.insert(field.wire.to_owned(), RefOr::T(header));
            }
        }
        _ => {}
    }
}
