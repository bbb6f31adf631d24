//! `#[versioned]`: parse → model → plan → check → expand.
//!
//! Stages go on after a mistake, so that one expansion tells all of them, and the items come back whatever happens: code
//! around a mistake still finds what it names.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, ItemMod};

use crate::sink::{Diagnostic, Sink};
use crate::{check, expand, model, parse, plan};

/// Expands the attribute.
pub(crate) fn versioned(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut sink = Sink::new();
    let module = match syn::parse2::<ItemMod>(item.clone()) {
        Ok(module) => module,
        Err(error) => {
            let diagnostic = Diagnostic::at(
                "V0011",
                error.span(),
                format!("`#[versioned]` stands on a module with its items inside: {error}"),
            );
            sink.error(diagnostic.help("write `pub mod user_profile { … }` around the items"));
            return with_errors(sink, item);
        }
    };
    let stripped = stripped(module.clone());
    let Some(arguments) = parse::args::parse(arguments, &mut sink) else {
        return with_errors(sink, &stripped);
    };
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

/// The module as it was written, without the words that only this macro understands.
fn stripped(mut module: ItemMod) -> TokenStream {
    struct Strip;
    impl syn::visit_mut::VisitMut for Strip {
        fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
            const OURS: [&str; 8] = [
                "version", "get", "post", "put", "patch", "delete", "query", "header",
            ];
            attributes.retain(|attribute| !OURS.iter().any(|word| attribute.path().is_ident(word)));
        }
    }
    syn::visit_mut::VisitMut::visit_item_mod_mut(&mut Strip, &mut module);
    quote!(#module)
}
