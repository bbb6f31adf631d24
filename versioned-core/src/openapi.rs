//! The OpenAPI 3.1 document of a contract version, from the same constants that the compiler checked.
//!
//! utoipa supplies the document model. Component names are the full identity of a type with dots
//! (`user-profile.v1_1.User`), so they collide neither in one document nor between two documents of one binary.

mod constraints;
mod marks;
mod members;
mod operation;
mod parts;
mod problem;
mod schema;

use std::borrow::Cow;
use std::collections::BTreeMap;

use utoipa::openapi::extensions::{Extensions, ExtensionsBuilder};
use utoipa::openapi::{Components, Info, OpenApi, PathItem, Paths, RefOr, Schema, Server};

use crate::contract::{Contract, Method};
use crate::deprecation::Date;
use crate::model::route;
use crate::schema::Link;

/// The document of one version.
///
/// Members are `required` if they are always there in every direction that the type is used in: a member that may be left out
/// of a request or of an answer is optional in the document.
#[must_use]
pub fn document(contract: &'static Contract) -> OpenApi {
    let mut schemas = schema::Schemas::default();
    // Templates that differ in the names of their parameters are one path, which has the template that stands first.
    let mut items: BTreeMap<String, (&str, PathItem)> = BTreeMap::new();
    for described in contract.operations {
        let (template, item) = items
            .entry(route(described.path))
            .or_insert_with(|| (described.path, PathItem::default()));
        let operation = operation::operation(described, template, &mut schemas);
        let place = match described.method {
            Method::Get => &mut item.get,
            Method::Post => &mut item.post,
            Method::Put => &mut item.put,
            Method::Patch => &mut item.patch,
            Method::Delete => &mut item.delete,
        };
        *place = Some(operation);
    }
    let mut paths = Paths::new();
    for (template, item) in items.into_values() {
        paths.paths.insert(template.to_owned(), item);
    }
    let mut info = Info::new(contract.id.to_owned(), contract.version.to_string());
    info.description = (!contract.doc.is_empty()).then(|| contract.doc.to_owned());
    info.extensions = dates(contract);
    let mut components = Components::new();
    for (name, schema) in schemas.into_components() {
        components.schemas.insert(name, schema);
    }
    for (name, scheme) in marks::schemes(contract.operations) {
        components.security_schemes.insert(name, RefOr::T(scheme));
    }
    let mut document = OpenApi::new(info, paths);
    document.components = Some(components);
    document.servers = Some(prefixes(contract).into_iter().map(Server::new).collect());
    document
}

/// The dates of the version: `OpenAPI` has no words for them.
fn dates(contract: &Contract) -> Option<Extensions> {
    let deprecation = contract.deprecation;
    let dates = [
        ("x-released", contract.released),
        ("x-deprecated", deprecation.and_then(|deprecation| deprecation.on)),
        ("x-sunset", deprecation.and_then(|deprecation| deprecation.sunset)),
    ];
    let dates: Vec<_> = dates
        .into_iter()
        .filter_map(|(name, date)| Some((name, date?)))
        .collect();
    let add =
        |extensions: ExtensionsBuilder, (name, date): (&str, Date)| extensions.add(name, date.to_string());
    (!dates.is_empty()).then(|| dates.into_iter().fold(ExtensionsBuilder::new(), add).build())
}

/// The document as JSON, indented, the same each time.
///
/// # Panics
/// Never: the document model is plain data.
#[must_use]
pub fn json(contract: &'static Contract) -> String {
    document(contract)
        .to_pretty_json()
        .expect("an OpenAPI document is plain data")
}

/// The schema of a type, with references to the components of [`document`].
#[must_use]
pub fn schema(link: Link) -> RefOr<Schema> {
    schema::Schemas::default().describe(link)
}

/// The component name of a named type; empty for a type without a name of its own.
#[must_use]
pub fn name(link: Link) -> Cow<'static, str> {
    schema::component(link.get())
}

/// The literal URL prefixes of a version, most general first; a pre-release has its exact one only. In 0.y.z, y is the major: there
/// is no `/v0`, which would lead from one to the next.
#[must_use]
pub fn prefixes(contract: &Contract) -> Vec<String> {
    let version = contract.version;
    let exact = format!("/v{version}");
    if version.is_prerelease() {
        return vec![exact];
    }
    let major = (version.major > 0).then(|| format!("/v{}", version.major));
    let minor = format!("/v{}.{}", version.major, version.minor);
    major.into_iter().chain([minor, exact]).collect()
}
