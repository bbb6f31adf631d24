//! The macros of `versioned`: every version of an interface from one source, and a compiler that keeps the promise.
//!
//! One pipeline: parse → model → plan → check → expand, a file or folder each. Services name these macros through the crate
//! `versioned-runtime`; their documentation is there.

mod check;
mod crate_path;
mod expand;
mod model;
mod operation_error;
mod parse;
mod plan;
mod schema;
mod serde_facts;
mod sink;
#[cfg(test)]
mod snapshots;
mod versioned;
mod words;

use proc_macro::TokenStream;

/// Declares a contract: a module of structs, enums and traits, each written once for all versions.
#[proc_macro_attribute]
pub fn versioned(arguments: TokenStream, item: TokenStream) -> TokenStream {
    versioned::versioned(arguments.into(), &item.into()).into()
}

/// Describes the shape of a type on the wire, as serde writes it.
#[proc_macro_derive(Schema, attributes(serde))]
pub fn schema(input: TokenStream) -> TokenStream {
    schema::derive(input.into()).into()
}

/// Makes an enum the error of operations: each variant a problem document (RFC 9457).
#[proc_macro_derive(OperationError, attributes(problem))]
pub fn operation_error(input: TokenStream) -> TokenStream {
    operation_error::derive(input.into()).into()
}
