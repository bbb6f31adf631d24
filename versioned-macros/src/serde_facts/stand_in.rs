//! `#[openapi(schema = Type)]`: the type whose shape is on the wire, where functions write and read it, or where a type has no
//! description of its own.

use syn::punctuated::Punctuated;
use syn::{Attribute, Token, Type};

use crate::parse::{Entry, Value};

/// The type that stands in for that of a field.
pub(crate) fn of(attributes: &[Attribute]) -> Option<Type> {
    let entries = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("openapi"))
        // What does not parse is told where the attribute is checked.
        .filter_map(|attribute| {
            attribute
                .parse_args_with(Punctuated::<Entry, Token![,]>::parse_terminated)
                .ok()
        });
    entries.flatten().find_map(|entry| match entry.value {
        Value::Type(ty) => Some(*ty),
        _ => None,
    })
}
