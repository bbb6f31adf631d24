//! In-process calls: a handle implements the traits of its version, through the same routing as HTTP.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Cx, local, service, versions};
use crate::model::{MethodForm, OperationForm, TraitHistory};

/// The handle and its traits.
pub(super) fn expand(cx: &Cx<'_>) -> TokenStream {
    let rt = cx.rt;
    let contract = &cx.plan.history.contract;
    let (handle, service, version) = (&contract.handle, &contract.service, &contract.version);
    let doc = format!(
        "`{}` in process: implements the traits of version `V`.",
        contract.id
    );
    let traits = cx.versions().flat_map(|version| {
        let present = cx
            .plan
            .history
            .traits
            .iter()
            .filter(move |item| item.forms[version].is_some());
        present.filter_map(move |item| implementation(cx, version, item))
    });
    quote! {
        #[doc = #doc]
        pub struct #handle<__V> {
            service: #service,
            context: #rt::Context,
            version: ::core::marker::PhantomData<fn() -> __V>,
        }
        impl<__V: __Marker> #handle<__V> {
            /// The versions that calls are answered in, oldest first: those that clients see, without those in a brown-out.
            #[must_use]
            pub fn versions(&self) -> ::std::vec::Vec<#version> {
                let spoken = ::core::iter::Iterator::filter(
                    ::core::iter::IntoIterator::into_iter(#version::ALL),
                    |version| self.service.core.speaks(&self.context, *version as usize),
                );
                ::core::iter::Iterator::collect(spoken)
            }

            /// The same service in another version, or nothing if calls are not answered in it.
            #[must_use]
            pub fn view<__W: __Marker>(&self) -> ::core::option::Option<#handle<__W>> {
                self.service
                    .core
                    .speaks(&self.context, <__W as #rt::Version>::INDEX)
                    .then(|| self.service.handle(::core::clone::Clone::clone(&self.context)))
            }
        }
        #[automatically_derived]
        #[allow(deprecated)]
        impl<__V> ::core::clone::Clone for #handle<__V> {
            fn clone(&self) -> Self {
                Self {
                    service: ::core::clone::Clone::clone(&self.service),
                    context: ::core::clone::Clone::clone(&self.context),
                    version: ::core::marker::PhantomData,
                }
            }
        }
        #[automatically_derived]
        #[allow(deprecated)]
        impl<__V: __Marker> ::core::fmt::Debug for #handle<__V> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(::core::stringify!(#handle))
                    .field("version", &<__V as #rt::Version>::SEMVER)
                    .finish_non_exhaustive()
            }
        }
        #(#traits)*
    }
}

fn implementation(cx: &Cx<'_>, version: usize, item: &TraitHistory) -> Option<TokenStream> {
    let form = item.forms[version].as_ref()?;
    if !form.shell.supertraits.is_empty() {
        return None;
    }
    let handle = &cx.plan.history.contract.handle;
    let (module, ident, marker) = (cx.module(version), &item.ident, cx.marker(version));
    let methods = form.methods.iter().map(|method| match &method.operation {
        Some(operation) => self::method(cx, version, operation),
        None => unusable(cx, version, method),
    });
    Some(quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #module::#ident for #handle<#marker> {
            #(#methods)*
        }
    })
}

fn method(cx: &Cx<'_>, version: usize, form: &OperationForm) -> TokenStream {
    let rt = cx.rt;
    let signature = cx.named(&form.name, version, form);
    // Every modelled operation is planned.
    let index = cx.plan.operation_index(version, &form.ident).unwrap_or_default();
    let erased = service::erased_method(cx, version, &form.ident);
    let (call, problem, slot) = (local("__call"), local("__problem"), local("__slot"));
    let arguments = form.arguments.iter().map(|argument| &argument.ident);
    let (answer, error) = (cx.result(version, form), cx.qualified(&form.error, version));
    quote! {
        #signature {
            async move {
                let #call = match self.service.core.begin(&self.context, #version, #index) {
                    ::core::result::Result::Ok(#call) => #call,
                    ::core::result::Result::Err(#problem) => {
                        return ::core::result::Result::Err(#rt::Fits::<#error>::from_problem(#problem));
                    }
                };
                match self.service.slots.get(#call.slot()) {
                    ::core::option::Option::Some(::core::option::Option::Some(#slot)) => {
                        // What a method does before it gives its future back is the call's, too.
                        #rt::Fits::<#answer>::scope(#call, async move { #slot.#erased(#(#arguments),*).await }).await
                    }
                    _ => ::core::result::Result::Err(#rt::Fits::<#error>::from_problem(#rt::Problem::internal())),
                }
            }
        }
    }
}

/// A method that was refused: the trait has it, so that the implementations beside the mistake still compile.
fn unusable(cx: &Cx<'_>, version: usize, method: &MethodForm) -> TokenStream {
    let mut item = method.item.clone();
    for input in &mut item.sig.inputs {
        if let syn::FnArg::Typed(argument) = input {
            *argument.ty = cx.qualified(&argument.ty, version);
        }
    }
    if let syn::ReturnType::Type(_, ty) = &mut item.sig.output {
        **ty = cx.qualified(ty, version);
    }
    let signature = versions::signature(&item);
    quote! {
        #[allow(unused_variables, clippy::empty_loop)]
        #signature {
            async { loop {} }
        }
    }
}
