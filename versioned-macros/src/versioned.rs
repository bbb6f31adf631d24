//! `#[versioned]`: parse → model → plan → check → expand.
//!
//! Stages go on after a mistake, so that one expansion tells all of them, and the items come back whatever happens: code
//! around a mistake still finds what it names.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Item};

use crate::parse::OURS;
use crate::parse::placement::{self, Placement};
use crate::sink::{Diagnostic, Sink};
use crate::{check, expand, explicit, model, parse, plan};

/// Expands the attribute.
pub(crate) fn versioned(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut sink = Sink::new();
    let Some(placement) = placement::parse(item, &mut sink) else {
        return with_errors(sink, item);
    };
    if parse::args::is_explicit(&arguments) {
        return one_version(&arguments, placement, sink);
    }
    let stripped = stripped(placement.as_written());
    let Some(arguments) = parse::args::parse(arguments, &mut sink) else {
        return with_errors(sink, &stripped);
    };
    let module = placement.into_module(&arguments);
    let Some(history) = model::build(arguments, module, &mut sink) else {
        return with_errors(sink, &stripped);
    };
    let plan = plan::plan(&history);
    let deferred = check::check(&plan, &mut sink);
    let expansion = expand::expand(&plan, &deferred, sink.len() > 0);
    with_errors(sink, &expansion)
}

/// A module that is one version, with its arguments as they were written.
fn one_version(tokens: &TokenStream, placement: Placement, mut sink: Sink) -> TokenStream {
    let stripped = stripped(placement.as_written());
    let Placement::Module(module) = placement else {
        let text = "one version of a contract is a module";
        let token = quote!(#stripped).into_iter().take(1).collect::<TokenStream>();
        sink.error(
            Diagnostic::new("V0011", token, text)
                .help("write `pub mod v2 { … }` around it, or `versions(…)` for all versions of this item"),
        );
        return with_errors(sink, &stripped);
    };
    match parse::args::parse_explicit(tokens.clone(), &mut sink) {
        Some(arguments) => explicit::version(&arguments, tokens, module, sink),
        None => with_errors(sink, &stripped),
    }
}

fn with_errors(sink: Sink, item: &TokenStream) -> TokenStream {
    let errors = sink.into_tokens();
    quote!(#errors #item)
}

/// The item as it was written, without the words that only this macro understands.
fn stripped(mut item: Item) -> TokenStream {
    struct Strip;
    impl syn::visit_mut::VisitMut for Strip {
        fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
            attributes.retain(|attribute| !OURS.iter().any(|word| attribute.path().is_ident(word)));
        }
    }
    syn::visit_mut::VisitMut::visit_item_mut(&mut Strip, &mut item);
    quote!(#item)
}
