//! Promises, tags and security of operations in the document.

use std::collections::BTreeMap;

use utoipa::openapi::Deprecated;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::Operation as Described;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme as DescribedScheme,
};

use super::parts::with_text;
use crate::contract::{Operation, SecurityScheme};

/// Says what the operation is marked with.
pub(super) fn describe(operation: &Operation, described: &mut Described) {
    let marks = &operation.marks;
    let tags = if marks.tags.is_empty() {
        vec![operation.trait_name.to_owned()]
    } else {
        marks.tags.iter().map(|tag| (*tag).to_owned()).collect()
    };
    described.tags = Some(tags);
    // OpenAPI has no words for these; what the method says by itself is not repeated.
    let promise = match (marks.safe, marks.idempotent) {
        (true, _) => Some("x-safe"),
        (false, true) => Some("x-idempotent"),
        (false, false) => None,
    };
    let mut extensions = ExtensionsBuilder::new();
    if let Some(promise) = promise {
        extensions = extensions.add(promise, true);
    }
    let deprecation = marks.deprecation;
    if let Some(deprecation) = deprecation {
        described.deprecated = Some(Deprecated::True);
        described.description = with_text(described.description.take(), &deprecation.text());
        if let Some(sunset) = deprecation.sunset {
            extensions = extensions.add("x-sunset", sunset.to_string());
        }
    }
    let said = promise.is_some() || deprecation.is_some_and(|deprecation| deprecation.sunset.is_some());
    described.extensions = said.then(|| extensions.build());
    let alternatives = marks.security.iter().map(|needed| {
        let none = SecurityRequirement::default();
        needed.iter().fold(none, |together, requirement| {
            together.add(requirement.scheme.to_string(), requirement.scopes.iter().copied())
        })
    });
    let alternatives: Vec<SecurityRequirement> = alternatives.collect();
    described.security = (!alternatives.is_empty()).then_some(alternatives);
}

/// The schemes that the requirements of `operations` name.
pub(super) fn schemes(operations: &[Operation]) -> BTreeMap<String, DescribedScheme> {
    let needed = operations
        .iter()
        .flat_map(|operation| operation.marks.security.iter().copied().flatten());
    needed
        .map(|requirement| (requirement.scheme.to_string(), scheme(requirement.scheme)))
        .collect()
}

fn scheme(scheme: SecurityScheme) -> DescribedScheme {
    match scheme {
        SecurityScheme::Basic => DescribedScheme::Http(Http::new(HttpAuthScheme::Basic)),
        SecurityScheme::Bearer => DescribedScheme::Http(Http::new(HttpAuthScheme::Bearer)),
        SecurityScheme::ApiKey { header } => {
            DescribedScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(header)))
        }
    }
}
