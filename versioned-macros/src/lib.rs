//! The macros of `versioned`: every version of an interface from one source, and a compiler that keeps the promise.
//!
//! One pipeline: parse → model → plan → check → expand, a file or folder each. Services name these macros through the crate
//! `versioned-runtime`; their documentation is there.

#[cfg(test)]
mod agreement;
mod check;
mod constraints;
mod crate_path;
mod expand;
mod explicit;
mod laws;
mod model;
mod operation_error;
mod parse;
mod plan;
mod responses;
mod schema;
mod serde_facts;
mod sink;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod sweeps;
mod versioned;
mod words;

use proc_macro::TokenStream;

/// Declares a contract: a module of structs, enums and traits, each written once for all versions.
#[proc_macro_attribute]
pub fn versioned(arguments: TokenStream, item: TokenStream) -> TokenStream {
    versioned::versioned(arguments.into(), &item.into()).into()
}

/// Makes a contract of versions that are written out one by one: `contract! { pub mod user_profile = v2; }`.
///
/// The path leads to the module of the last version; those before it are found through `evolves`.
#[proc_macro]
pub fn contract(input: TokenStream) -> TokenStream {
    explicit::contract_of(&input.into()).into()
}

/// What the hidden macro of a version calls for the version after it.
#[doc(hidden)]
#[proc_macro]
pub fn __evolve(input: TokenStream) -> TokenStream {
    explicit::evolve(input.into()).into()
}

/// What the hidden macro of the last version calls for the contract.
#[doc(hidden)]
#[proc_macro]
pub fn __assemble(input: TokenStream) -> TokenStream {
    explicit::assemble(input.into()).into()
}

/// Describes the shape of a type on the wire, as serde writes it.
///
/// For structs and enums without generic parameters that also derive `Serialize` and `Deserialize`. serde attributes are
/// honoured; one whose effect the contract could not say is refused (V0009). The documentation of the type becomes its
/// description. The type is a schema of utoipa, too.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use versioned_core::Schema;
/// use versioned_macros::Schema;
///
/// /// Where to go on, and how far.
/// #[derive(Serialize, Deserialize, Schema)]
/// #[serde(rename_all = "camelCase")]
/// struct Page {
///     after_id: Option<u64>,
///     #[serde(default)]
///     limit: u16,
/// }
///
/// assert_eq!(Page::NODE.get().doc, "Where to go on, and how far.");
/// ```
#[proc_macro_derive(Schema, attributes(serde, openapi))]
pub fn schema(input: TokenStream) -> TokenStream {
    schema::derive(input.into()).into()
}

/// Makes an enum the error of operations: each variant a problem document (RFC 9457).
///
/// * `#[problem(status = 404)]`: from 400 to 599. Further, `title = "…"` (by default the words of the name), `type = "…"`
///   (`urn:problem-type:{enum}:{variant}`), and `detail = "no user {id}"`, a format string over the fields (`{0}` for one without a
///   name).
/// * `#[problem(other)]`: exactly one variant, which holds a `Problem`. Transport, routing, failed conversions and errors that an
///   older version does not know arrive there, and so does a document whose members do not fit their fields.
///
/// Fields are members of the document under their own names; a lone field without a name is `value`. Their types have
/// `Serialize`, `Deserialize` and `Schema`.
///
/// `Display` (the detail, or else the title) and `Error` are implemented, so the enum has `Debug`; where `thiserror` or
/// `derive_more` says how to display it, they are left to that.
///
/// ```
/// use versioned_core::{OperationError, Problem};
/// use versioned_macros::OperationError;
///
/// #[derive(Debug, OperationError)]
/// enum UserError {
///     #[problem(status = 404, detail = "no user {id}")]
///     NotFound { id: u64 },
///     #[problem(other)]
///     Other(Problem),
/// }
///
/// let problem = UserError::NotFound { id: 7 }.into_problem();
/// assert_eq!((problem.status, &*problem.type_uri), (404, "urn:problem-type:user-error:not-found"));
/// assert!(matches!(UserError::from_problem(problem), UserError::NotFound { id: 7 }));
/// ```
#[proc_macro_derive(OperationError, attributes(problem))]
pub fn operation_error(input: TokenStream) -> TokenStream {
    operation_error::derive(input.into()).into()
}

/// Makes an enum the answers of operations: each variant one status, with what it holds.
///
/// `#[response(status = 201)]`: of success or redirection, each status once. A variant holds one answer without a name (a type that is
/// written as JSON, `Text`, `Binary`, `Ndjson<T>`, `EventStream<T>`, or one of them `WithHeaders`), or nothing. The documentation of a
/// variant describes its answer.
///
/// ```
/// use versioned_core::Responses as _;
/// use versioned_macros::Responses;
///
/// #[derive(Responses)]
/// enum Saved {
///     /// There was none before.
///     #[response(status = 201)]
///     Created(u64),
///     #[response(status = 204)]
///     Replaced,
/// }
///
/// assert_eq!(Saved::Created(7).into_response()?.status, Some(201));
/// assert_eq!(Saved::RESPONSES[0].doc, "There was none before.");
/// # assert_eq!(Saved::Replaced.into_response()?.status, Some(204));
/// # Ok::<(), versioned_core::response::Unwritable>(())
/// ```
#[proc_macro_derive(Responses, attributes(response, serde))]
pub fn responses(input: TokenStream) -> TokenStream {
    responses::derive(input.into()).into()
}

/// Tests the laws of a contract: one line in a file of tests, with the feature `laws` of the runtime.
///
/// See `versioned_runtime::laws!`, which this is.
#[proc_macro]
pub fn laws(input: TokenStream) -> TokenStream {
    laws::laws(input.into()).into()
}
