//! Examples of operations: made by functions of the user in the newest version, and converted to the older ones.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Ident, Path, Type};

use super::convert::Converter;
use super::{Cx, local};
use crate::model::{OperationForm, Source};
use crate::parse::examples::Example;
use crate::plan::Direction;

/// The constants of the examples of an operation in a version.
pub(super) fn constants(cx: &Cx<'_>, version: usize, form: &OperationForm) -> Vec<TokenStream> {
    if cx.refused {
        return Vec::new();
    }
    let rt = cx.rt;
    let examples = form.marks.examples.iter().enumerate();
    let constants = examples.filter_map(|(index, example)| {
        let request = body(form).and_then(|ty| {
            let function = example.request.as_ref()?;
            made(cx, version, form, ty, function, &hidden(form, index, "request"))
        });
        let response = example.response.as_ref().and_then(|function| {
            made(
                cx,
                version,
                form,
                &form.output,
                function,
                &hidden(form, index, "response"),
            )
        });
        if request.is_none() && response.is_none() {
            return None;
        }
        let name = &example.name;
        let shown = |made: Option<TokenStream>, way: &TokenStream| {
            let made = made.map(|made| quote!(::core::option::Option::Some(|| #rt::Example::#way(#made))));
            made.unwrap_or_else(|| quote!(::core::option::Option::None))
        };
        let (request, response) = (
            shown(request, &quote!(show_request)),
            shown(response, &quote!(show_response)),
        );
        Some(quote!(#rt::Example { name: #name, request: #request, response: #response }))
    });
    constants.collect()
}

/// In the explicit form: hidden functions in the module of a version, where the paths of the user mean what was meant.
pub(super) fn functions(cx: &Cx<'_>, form: &OperationForm) -> TokenStream {
    let each = |index: usize, example: &Example| {
        let of = |ty: &Type, function: &Path, what: &str| {
            let name = hidden(form, index, what);
            let call = quote_spanned!(function.span()=> #function());
            quote! {
                #[doc(hidden)]
                #[allow(missing_docs, private_interfaces)]
                #[must_use]
                pub fn #name() -> #ty {
                    #call
                }
            }
        };
        let request = body(form)
            .zip(example.request.as_ref())
            .map(|(ty, function)| of(ty, function, "request"));
        let response = example
            .response
            .as_ref()
            .map(|function| of(&form.output, function, "response"));
        quote!(#request #response)
    };
    if cx.refused {
        return TokenStream::new();
    }
    let examples = form.marks.examples.iter().enumerate();
    examples.map(|(index, example)| each(index, example)).collect()
}

fn hidden(form: &OperationForm, index: usize, what: &str) -> Ident {
    format_ident!("__example_{}_{index}_{what}", form.ident.unraw())
}

fn body(form: &OperationForm) -> Option<&Type> {
    let mut arguments = form.arguments.iter();
    arguments
        .find(|argument| argument.source == Source::Body)
        .map(|argument| &argument.ty)
}

/// An expression of `Result<T, Unconvertible>`; `None` where the version has no such value.
fn made(
    cx: &Cx<'_>,
    version: usize,
    form: &OperationForm,
    ty: &Type,
    function: &Path,
    hidden: &Ident,
) -> Option<TokenStream> {
    let rt = cx.rt;
    let here = cx.qualified(ty, version);
    let ok = quote!(::core::result::Result::Ok);
    if cx.plan.history.is_explicit() {
        // It is said in the module that writes the trait, and is of that version.
        let written = cx
            .plan
            .trait_homes
            .iter()
            .zip(&cx.plan.history.traits)
            .any(|(homes, item)| {
                let methods = item.forms[version].as_ref().map(|form| &form.methods);
                let mut operations = methods
                    .into_iter()
                    .flatten()
                    .filter_map(|method| method.operation.as_ref());
                homes[version] == Some(version) && operations.any(|operation| operation.ident == form.ident)
            });
        let module = cx.module(version);
        return written.then(|| quote!(#ok::<#here, #rt::Unconvertible>(#module::#hidden())));
    }
    // The functions make values of the newest version that has the operation.
    let newest = (version..cx.plan.history.contract.versions.len())
        .take_while(|version| cx.plan.history.operation(*version, &form.ident).is_some())
        .last()?;
    let value = local("__value");
    let first = cx.qualified(ty, newest);
    let call = quote_spanned!(function.span()=> #function());
    let mut steps = Vec::new();
    for step in (version..newest).rev() {
        if !cx.plan.converts(step, Direction::Downgrade, ty) {
            return None;
        }
        let converter = Converter {
            cx,
            direction: Direction::Downgrade,
            step,
        };
        let older = cx.qualified(ty, step);
        let attempt = converter.attempt(ty, &quote!(#value));
        steps.push(quote!(let #value: #older = #attempt?;));
    }
    Some(quote! {
        #rt::attempt(|| {
            let #value: #first = #call;
            #(#steps)*
            #ok(#value)
        })
    })
}
