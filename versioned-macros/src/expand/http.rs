//! From an HTTP call to a method call and back, per operation and version: reading and writing are the runtime's.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned as _;

use super::{Cx, local};
use crate::model::{OperationForm, Source};

/// One function per operation and version, generic over who answers.
pub(super) fn expand(cx: &Cx<'_>) -> TokenStream {
    let operations = cx.versions().flat_map(|version| {
        cx.plan.operations[version]
            .iter()
            .map(move |planned| function(cx, version, planned.form))
    });
    operations.collect()
}

/// The name of the function.
pub(super) fn name(cx: &Cx<'_>, version: usize, operation: &Ident) -> Ident {
    cx.operation("http_", version, operation)
}

fn function(cx: &Cx<'_>, version: usize, form: &OperationForm) -> TokenStream {
    let rt = cx.rt;
    let (call, body, result) = (local("__call"), local("__body"), local("__result"));
    let (owner, view, implementation) = (local("__owner"), local("__view"), local("__implementation"));
    let name = name(cx, version, &form.ident);
    let (operation, method, status) = (cx.operation_trait(version, &form.ident), &form.ident, form.status);
    let has_body = form
        .arguments
        .iter()
        .any(|argument| argument.source == Source::Body);
    // What is refused first is read first: the body's size and media type, then parameters, then its content.
    let receive = has_body.then(|| quote!(let #body = #call.body().await?;));
    let read = |source: Source| {
        let arguments = form
            .arguments
            .iter()
            .filter(move |a| (a.source == Source::Body) == (source == Source::Body));
        arguments.map(|argument| {
            let (local, ty, wire) = (
                &argument.ident,
                cx.qualified(&argument.ty, version),
                &argument.wire,
            );
            // Types that cannot be read are underlined where they are written.
            let span = argument.ty.span();
            let value = match argument.source {
                Source::Path => {
                    let place = place(&form.path.value(), wire);
                    quote_spanned!(span=> #call.path(#wire, #place)?)
                }
                Source::Query => quote_spanned!(span=> #call.query(#wire)?),
                Source::QueryStruct => quote_spanned!(span=> #call.query_struct()?),
                Source::Header => quote_spanned!(span=> #call.header(#wire)?),
                Source::Body => quote!(#rt::Fits::<#ty>::read(&mut #call, &#body)?),
            };
            quote!(let #local: #ty = #value;)
        })
    };
    let answer = cx.result(version, form);
    let (parameters, bodies) = (read(Source::Path), read(Source::Body));
    let arguments = form.arguments.iter().map(|argument| &argument.ident);
    // Not an `async fn`: what such a function is given it holds twice, and the call is what its future consists of.
    quote! {
        #[allow(non_snake_case, unused_mut, deprecated, clippy::manual_async_fn)]
        fn #name<__O: ?::core::marker::Sized, __X: #operation + ?::core::marker::Sized>(
            #owner: ::std::sync::Arc<__O>,
            #view: fn(&__O) -> &__X,
            mut #call: #rt::Call,
        ) -> impl ::core::future::Future<Output = ::core::result::Result<#rt::Reply, #rt::Refusal>> {
            async move {
                #receive
                #(#parameters)*
                #(#bodies)*
                #call.constraints()?;
                let #implementation = #view(&#owner);
                let #result = #operation::#method(#implementation, #(#arguments),*).await;
                #rt::Fits::<#answer>::reply(&#call, #status, #result)
            }
        }
    }
}

/// The place of a parameter among those of its path. The model has only arguments that stand in the path.
fn place(path: &str, wire: &str) -> usize {
    let mut parameters = path
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    parameters.position(|name| name == wire).unwrap_or(0)
}
