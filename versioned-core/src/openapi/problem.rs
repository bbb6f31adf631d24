//! The documented errors of an operation: problem documents (RFC 9457) by status, and everything else as `default`.

use std::collections::BTreeMap;

use utoipa::openapi::schema::{Schema, SchemaFormat, Type};
use utoipa::openapi::{AllOf, Content, Object, RefOr, Response};

use super::parts::{any_of, constant, one_of};
use super::schema::Schemas;
use crate::contract::Operation;
use crate::problem::ProblemSpec;

const MEDIA_TYPE: &str = "application/problem+json";

/// The statuses of refusals that the runtime makes itself for any operation: where the user's errors have one of them, clients meet
/// both.
const OURS: [u16; 9] = [400, 406, 408, 410, 413, 415, 422, 500, 503];

/// The responses by status; several kinds of one status are alternatives, and so is what the runtime
/// refuses with it.
pub(super) fn responses(operation: &Operation, schemas: &mut Schemas) -> Vec<(String, Response)> {
    let mut kinds: BTreeMap<u16, Vec<&ProblemSpec>> = BTreeMap::new();
    for problem in operation.problems.iter().chain(operation.conversions) {
        kinds.entry(problem.status).or_default().push(problem);
    }
    let mut responses: Vec<(String, Response)> = kinds
        .into_iter()
        .map(|(status, kinds)| {
            let titles: Vec<&str> = kinds.iter().map(|kind| kind.title).collect();
            let mut described: Vec<RefOr<Schema>> = kinds
                .iter()
                .map(|kind| RefOr::T(kind_schema(kind, schemas)))
                .collect();
            let schema = if OURS.contains(&status) {
                // An alternative that holds of the others, too.
                described.push(problem(schemas));
                any_of(described).into()
            } else {
                match described.pop() {
                    Some(only) if described.is_empty() => only,
                    last => one_of(described.into_iter().chain(last).collect()).into(),
                }
            };
            (status.to_string(), response(&titles.join("; "), schema))
        })
        .collect();
    let any = problem(schemas);
    responses.push(("default".to_owned(), response("Any other problem", any)));
    responses
}

fn response(description: &str, schema: RefOr<Schema>) -> Response {
    let mut response = Response::new(description);
    response
        .content
        .insert(MEDIA_TYPE.to_owned(), RefOr::T(Content::new(Some(schema))));
    response
}

/// A problem with the members of one kind.
fn kind_schema(kind: &ProblemSpec, schemas: &mut Schemas) -> Schema {
    let mut own = schemas.members(kind.members, false).object;
    own.properties
        .insert("type".to_owned(), constant(kind.type_uri).into());
    own.required.insert(0, "type".to_owned());
    Schema::AllOf(AllOf {
        title: Some(kind.title.to_owned()),
        description: (!kind.doc.is_empty()).then(|| kind.doc.to_owned()),
        items: vec![problem(schemas), Schema::Object(own).into()],
        ..AllOf::default()
    })
}

/// The members that every problem document has.
fn problem(schemas: &mut Schemas) -> RefOr<Schema> {
    schemas.enter("Problem", |_| {
        let text = |doc: &str, format: Option<&str>| {
            let mut object = Object::with_type(Type::String);
            object.description = Some(doc.to_owned());
            object.format = format.map(|format| SchemaFormat::Custom(format.to_owned()));
            Schema::Object(object)
        };
        let mut status = Object::with_type(Type::Integer);
        status.description = Some("The HTTP status.".to_owned());
        (status.minimum, status.maximum) = (Some(100_usize.into()), Some(599_usize.into()));
        let mut problem = Object::with_type(Type::Object);
        problem.title = Some("Problem".to_owned());
        problem.description = Some("A problem document (RFC 9457).".to_owned());
        let members = [
            (
                "type",
                text(
                    "A URI reference that names the kind of problem.",
                    Some("uri-reference"),
                ),
            ),
            ("title", text("A short summary of the kind.", None)),
            ("status", Schema::Object(status)),
            ("detail", text("What went wrong this time.", None)),
            (
                "instance",
                text(
                    "A URI reference that names this occurrence.",
                    Some("uri-reference"),
                ),
            ),
        ];
        for (name, schema) in members {
            problem.properties.insert(name.to_owned(), schema.into());
        }
        problem.required = vec!["type".to_owned(), "title".to_owned(), "status".to_owned()];
        Schema::Object(problem)
    })
}
