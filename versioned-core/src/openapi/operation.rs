//! One operation in the document.

use utoipa::openapi::path::{Operation as Described, Parameter as DescribedParameter, ParameterIn};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::{Deprecated, RefOr, Required};

use super::parts::{said_of, sunset, with_text};
use super::schema::Schemas;
use super::{marks, problem, responses};
use crate::contract::{Operation, Parameter, Place};
use crate::model::renamed;
use crate::payload::Payload;
use crate::schema::{Field, Link, Shape};

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
        let (media, ty) = (body.media, body.ty);
        let shown = operation.examples.iter().filter_map(|example| {
            let shown = example.request.and_then(|make| make())?;
            Some((example.name, shown.value))
        });
        let (name, content) = responses::content(Payload { media, ty }, shown.collect(), schemas);
        request.content.insert(name, content);
        described.request_body = Some(RefOr::T(request));
    }
    for (status, response) in responses::successes(operation, schemas) {
        described.responses.responses.insert(status, RefOr::T(response));
    }
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
    let mut described = Vec::new();
    keys(
        fields,
        !parameter.is_optional(),
        &mut Vec::new(),
        &mut described,
        schemas,
    );
    described
}

/// One parameter for each field, also of the structs that stand flattened among them; `around` is what they stand in.
fn keys(
    fields: &[Field],
    required: bool,
    around: &mut Vec<Link>,
    described: &mut Vec<DescribedParameter>,
    schemas: &mut Schemas,
) {
    for field in fields.iter().filter(|field| field.presence.is_read()) {
        if field.flatten {
            flattened(field, field.ty, required, around, described, schemas);
            continue;
        }
        // One that is known from further out is that one.
        if described.iter().any(|known| known.name == field.wire) {
            continue;
        }
        let required = required && !field.optional_in;
        described.push(single(
            field.wire,
            ParameterIn::Query,
            required,
            field.doc,
            field.ty,
            schemas,
        ));
    }
}

fn flattened(
    field: &Field,
    ty: Link,
    required: bool,
    around: &mut Vec<Link>,
    described: &mut Vec<DescribedParameter>,
    schemas: &mut Schemas,
) {
    if around.contains(&ty) {
        return;
    }
    around.push(ty);
    match &ty.get().shape {
        Shape::Struct { fields, .. } => keys(fields, required, around, described, schemas),
        Shape::Transparent(inner) => flattened(field, *inner, required, around, described, schemas),
        Shape::Option(inner) => flattened(field, *inner, false, around, described, schemas),
        // Keys without names of their own: an exploded object is what stands in the query string.
        _ => described.push(single(
            field.wire,
            ParameterIn::Query,
            false,
            field.doc,
            ty,
            schemas,
        )),
    }
    around.pop();
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
