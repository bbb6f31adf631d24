//! What an item is to a contract: a value that crosses the wire, the error of operations, or their answers.

use syn::DeriveInput;
use syn::punctuated::Punctuated;

/// What a struct or enum of a contract is, by what it derives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A value that crosses the wire.
    Value,
    /// It derives `OperationError`: its conversions are total by construction.
    Error,
    /// It derives `Responses`: the answers of operations, by status.
    Answers,
}

impl Role {
    /// The role of an item.
    pub(crate) fn of(input: &DeriveInput) -> Self {
        if derives(input, "OperationError") {
            Role::Error
        } else if derives(input, "Responses") {
            Role::Answers
        } else {
            Role::Value
        }
    }
}

fn derives(input: &DeriveInput, name: &str) -> bool {
    let mut lists = input
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"));
    lists.any(|attribute| {
        let paths = attribute.parse_args_with(Punctuated::<syn::Path, syn::Token![,]>::parse_terminated);
        paths.is_ok_and(|paths| {
            let mut last = paths.iter().filter_map(|path| path.segments.last());
            last.any(|segment| segment.ident == name)
        })
    })
}
