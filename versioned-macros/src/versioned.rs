//! `#[versioned]`: parse → model → plan → check → expand.
//!
//! Stages go on after a mistake, so that one expansion tells all of them, and the items come back whatever happens: code
//! around a mistake still finds what it names.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Item};

use crate::parse::placement;
use crate::sink::Sink;
use crate::{check, expand, model, parse, plan};

/// Expands the attribute.
pub(crate) fn versioned(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut sink = Sink::new();
    let Some(placement) = placement::parse(item, &mut sink) else {
        return with_errors(sink, item);
    };
    let stripped = stripped(placement.as_written());
    let Some(arguments) = parse::args::parse(arguments, &mut sink) else {
        return with_errors(sink, &stripped);
    };
    let module = placement.into_module(&arguments);
    let Some(history) = model::build(arguments, module, &mut sink) else {
        return with_errors(sink, &stripped);
    };
    let plan = plan::plan(&history);
    check::check(&plan, &mut sink);
    let expansion = expand::expand(&plan, sink.len() > 0);
    with_errors(sink, &expansion)
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
            const OURS: [&str; 9] = [
                "version", "get", "post", "put", "patch", "delete", "query", "header", "openapi",
            ];
            attributes.retain(|attribute| !OURS.iter().any(|word| attribute.path().is_ident(word)));
        }
    }
    syn::visit_mut::VisitMut::visit_item_mut(&mut Strip, &mut item);
    quote!(#item)
}
