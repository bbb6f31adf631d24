//! One operation in the document.

use utoipa::openapi::path::{Operation as Described, Parameter as DescribedParameter, ParameterIn};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::{Content, Deprecated, RefOr, Required, Response};

use super::parts::{said_of, sunset, with_text};
use super::schema::Schemas;
use super::{marks, problem};
use crate::contract::{Operation, Parameter, Place};
use crate::model::renamed;
use crate::schema::{Link, Shape};

const MEDIA_TYPE: &str = "application/json";

/// Describes an operation, entering the types that it uses; path parameters have the names of `template`.
pub(super) fn operation(operation: &Operation, template: &str, schemas: &mut Schemas) -> Described {
    let mut described = Described::new();
    described.operation_id = Some(operation.name.to_owned());
    let (summary, description) = operation.doc.split_once('\n').unwrap_or((operation.doc, ""));
    described.summary = (!summary.is_empty()).then(|| summary.trim().to_owned());
    described.description = (!description.trim().is_empty()).then(|| description.trim().to_owned());
    marks::describe(operation, &mut described);
    let parameters: Vec<RefOr<DescribedParameter>> = operation
        .parameters
        .iter()
        .flat_map(|parameter| match parameter.place {
            Place::Path => {
                let name = renamed(operation.path, template, parameter.wire);
                vec![single(name, ParameterIn::Path, true, "", parameter.ty, schemas)]
            }
            Place::Header => vec![outside(parameter, ParameterIn::Header, schemas)],
            Place::Query => vec![outside(parameter, ParameterIn::Query, schemas)],
            Place::QueryStruct => query_struct(parameter, parameter.ty, schemas),
        })
        .map(RefOr::T)
        .collect();
    described.parameters = (!parameters.is_empty()).then_some(parameters);
    if let Some(body) = &operation.body {
        let mut request = RequestBody::new();
        request.required = Some(Required::True);
        request.content.insert(
            MEDIA_TYPE.to_owned(),
            RefOr::T(Content::new(Some(schemas.describe(body.ty)))),
        );
        described.request_body = Some(RefOr::T(request));
    }
    let mut success = Response::new(problem::success(operation.status));
    if !matches!(operation.output.get().shape, Shape::Unit) {
        let schema = schemas.describe(operation.output);
        success
            .content
            .insert(MEDIA_TYPE.to_owned(), RefOr::T(Content::new(Some(schema))));
    }
    described
        .responses
        .responses
        .insert(operation.status.to_string(), RefOr::T(success));
    for (status, response) in problem::responses(operation, schemas) {
        described.responses.responses.insert(status, RefOr::T(response));
    }
    described
}

/// A header or a query key, which may be left out.
fn outside(parameter: &Parameter, place: ParameterIn, schemas: &mut Schemas) -> DescribedParameter {
    let required = !parameter.is_optional();
    single(parameter.wire, place, required, "", parameter.ty, schemas)
}

/// One parameter for each field of the struct that `ty` comes down to.
fn query_struct(parameter: &Parameter, ty: Link, schemas: &mut Schemas) -> Vec<DescribedParameter> {
    let fields = match &ty.get().shape {
        Shape::Struct { fields, .. } => fields,
        Shape::Transparent(inner) | Shape::Option(inner) => return query_struct(parameter, *inner, schemas),
        // Keys without names of their own, such as those of a map: an exploded object is what stands in the query string.
        _ => return vec![single(parameter.wire, ParameterIn::Query, false, "", ty, schemas)],
    };
    let read = fields.iter().filter(|field| field.presence.is_read());
    let described = read.map(|field| {
        let required = !parameter.is_optional() && !field.optional_in;
        single(
            field.wire,
            ParameterIn::Query,
            required,
            field.doc,
            field.ty,
            schemas,
        )
    });
    described.collect()
}

fn single(
    name: &str,
    place: ParameterIn,
    required: bool,
    doc: &str,
    ty: Link,
    schemas: &mut Schemas,
) -> DescribedParameter {
    let mut parameter = DescribedParameter::new(name);
    parameter.parameter_in = place;
    parameter.required = if required { Required::True } else { Required::False };
    // What is said of the argument itself.
    let doc = if doc.is_empty() && ty.get().id.is_empty() {
        ty.get().doc
    } else {
        doc
    };
    parameter.description = (!doc.is_empty()).then(|| doc.to_owned());
    // The whole parameter will go, not only what stands in it.
    if let Some(deprecation) = said_of(ty) {
        parameter.deprecated = Some(Deprecated::True);
        parameter.extensions = sunset(deprecation);
        parameter.description = with_text(parameter.description.take(), &deprecation.text());
    }
    parameter.schema = Some(schemas.present(ty));
    parameter
}
