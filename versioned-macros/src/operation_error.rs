//! `#[derive(OperationError)]`: each variant of an enum is a problem document, and any problem document is a variant.

mod expand;
mod names;
mod parse;

use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;
use syn::{Data, DeriveInput, Fields, Ident, LitStr, Type, Variant};

use crate::crate_path;
use crate::sink::{Diagnostic, Sink};

/// The enum, understood.
struct ErrorEnum {
    ident: Ident,
    /// Where any other problem arrives; missing only if that was reported.
    other: Option<Ident>,
    kinds: Vec<Kind>,
    /// Whether another derive, such as that of `thiserror`, writes `Display` and `Error`.
    displayed: bool,
    /// Whether variants were refused, which are neither a kind nor `other`.
    refused: bool,
}

/// One documented kind of problem.
struct Kind {
    ident: Ident,
    doc: String,
    status: u16,
    type_uri: String,
    title: String,
    detail: Option<LitStr>,
    fields: Fields,
}

/// Expands the derive.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let krate = crate_path::resolve(None).path;
    let mut sink = Sink::new();
    let implementation = match understand(&input, &mut sink) {
        Some(error) => expand::expand(&error, &krate),
        None => expand::stub(&input, &krate),
    };
    let mut tokens = sink.into_tokens();
    tokens.extend(implementation);
    tokens
}

/// A kind of problem, for what compares it.
pub(crate) struct Problem {
    pub(crate) variant: String,
    pub(crate) status: u16,
    pub(crate) type_uri: String,
    pub(crate) members: Vec<(String, Type)>,
}

/// The kinds that an error documents; the derive reports what is wrong with it.
pub(crate) fn problems(input: &DeriveInput) -> Vec<Problem> {
    let mut told = Sink::new();
    let kinds = understand(input, &mut told).map_or_else(Vec::new, |error| error.kinds);
    let _ = told.into_tokens();
    let problems = kinds.into_iter().map(|kind| Problem {
        variant: kind.ident.unraw().to_string(),
        status: kind.status,
        type_uri: kind.type_uri.clone(),
        members: expand::members(&kind)
            .into_iter()
            .map(|(name, _, field)| (name, field.ty.clone()))
            .collect(),
    });
    problems.collect()
}

fn understand(input: &DeriveInput, sink: &mut Sink) -> Option<ErrorEnum> {
    if !input.generics.params.is_empty() {
        sink.error(
            Diagnostic::new(
                "V0006",
                &input.generics,
                format!("`{}` has generic parameters", input.ident),
            )
            .help("write the types out: the error is part of the contract"),
        );
        return None;
    }
    let Data::Enum(data) = &input.data else {
        sink.error(
            Diagnostic::new("V0011", &input.ident, "the error of an operation is an enum")
                .help("write an enum with one variant a kind, or use the ready-made `Problem`"),
        );
        return None;
    };
    parse::refuse_on_the_enum(input, sink);
    let mut other: Option<Ident> = None;
    let mut malformed = false;
    let mut kinds = Vec::new();
    for variant in &data.variants {
        let words = parse::words(variant, sink);
        if words.other.is_some() {
            words.refuse_beside_other(sink);
            let sound = check_other(variant, sink);
            if let Some(first) = &other {
                sink.error(
                    Diagnostic::new(
                        "V0402",
                        &variant.ident,
                        format!("`{first}` is the `other` variant already"),
                    )
                    .help("keep `#[problem(other)]` on one variant, and give this one a `status`"),
                );
            } else if sound {
                other = Some(variant.ident.clone());
            } else {
                malformed = true;
            }
        } else if let Some(kind) = parse::kind(&input.ident, variant, words, sink) {
            kinds.push(kind);
        }
    }
    if other.is_none() && !malformed {
        sink.error(
            Diagnostic::new("V0401", &input.ident, format!("`{}` has no variant for other problems", input.ident))
                .help("add `#[problem(other)] Other(Problem)`: transport, routing and errors of newer versions arrive there"),
        );
    }
    let kinds = parse::refuse_twins(kinds, sink);
    let refused = sink.len() > 0;
    let displayed = parse::is_displayed(input, &data.variants);
    Some(ErrorEnum {
        ident: input.ident.clone(),
        other,
        kinds,
        displayed,
        refused,
    })
}

/// It holds exactly one `Problem`.
fn check_other(variant: &Variant, sink: &mut Sink) -> bool {
    let holds_problem = match &variant.fields {
        Fields::Unnamed(fields) => match fields.unnamed.first() {
            Some(field) if fields.unnamed.len() == 1 => match &field.ty {
                syn::Type::Path(path) => path
                    .path
                    .segments
                    .last()
                    .is_some_and(|segment| segment.ident == "Problem"),
                _ => false,
            },
            _ => false,
        },
        _ => false,
    };
    if !holds_problem {
        sink.error(
            Diagnostic::new(
                "V0404",
                variant,
                format!("`{}` does not hold exactly one `Problem`", variant.ident),
            )
            .help(format!("write `#[problem(other)] {}(Problem)`", variant.ident)),
        );
    }
    holds_problem
}
