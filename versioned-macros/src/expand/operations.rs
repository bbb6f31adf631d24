//! One hidden trait per operation and version; native implementations and bridges answer it.
//!
//! So a bridge can answer some operations and not others. Where it answers all of a trait, it implements the trait, too.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

use super::Cx;
use super::convert::Converter;
use crate::model::{OperationForm, TraitHistory};
use crate::plan::bridges::{ArgumentSource, Bridged};
use crate::plan::{Direction, Planned};

/// The hidden traits and everything that implements them.
pub(super) fn expand(cx: &Cx<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    for version in cx.versions() {
        for planned in &cx.plan.operations[version] {
            tokens.extend(hidden_trait(cx, version, planned.form));
            tokens.extend(native(cx, version, *planned));
        }
    }
    for (step, planned) in cx.plan.steps.iter().enumerate() {
        for bridged in &planned.bridged {
            tokens.extend(bridge(cx, step, bridged, Direction::Upgrade));
            tokens.extend(bridge(cx, step, bridged, Direction::Downgrade));
        }
        for item in &cx.plan.history.traits {
            tokens.extend(whole_trait(cx, step, item, Direction::Upgrade));
            tokens.extend(whole_trait(cx, step, item, Direction::Downgrade));
        }
    }
    tokens
}

impl Cx<'_> {
    /// `fn get_user(&self, id: u64) -> impl Future<Output = Result<v1::User, UserError>> + Send`
    pub(super) fn signature(&self, version: usize, form: &OperationForm) -> TokenStream {
        self.named(&form.ident, version, form)
    }

    /// The same under the name that the method has in its version.
    pub(super) fn named(&self, name: &Ident, version: usize, form: &OperationForm) -> TokenStream {
        let arguments = self.arguments(version, form);
        let result = self.result(version, form);
        quote! {
            fn #name(&self, #arguments) -> impl ::core::future::Future<Output = #result> + ::core::marker::Send
        }
    }

    /// `id: u64, user: v1::User`
    pub(super) fn arguments(&self, version: usize, form: &OperationForm) -> TokenStream {
        let arguments = form.arguments.iter().map(|argument| {
            let (name, ty) = (&argument.ident, self.qualified(&argument.ty, version));
            quote!(#name: #ty)
        });
        quote!(#(#arguments),*)
    }

    /// `Result<v1::User, UserError>`
    pub(super) fn result(&self, version: usize, form: &OperationForm) -> TokenStream {
        let (output, error) = (
            self.qualified(&form.output, version),
            self.qualified(&form.error, version),
        );
        quote!(::core::result::Result<#output, #error>)
    }
}

fn hidden_trait(cx: &Cx<'_>, version: usize, form: &OperationForm) -> TokenStream {
    let name = cx.operation_trait(version, &form.ident);
    let signature = cx.signature(version, form);
    quote! {
        #[doc(hidden)]
        #[allow(non_camel_case_types, private_interfaces, deprecated)]
        pub trait #name: ::core::marker::Send + ::core::marker::Sync + 'static {
            #signature;
        }
    }
}

fn native(cx: &Cx<'_>, version: usize, planned: Planned<'_>) -> TokenStream {
    let (rt, form) = (cx.rt, planned.form);
    let (name, signature) = (
        cx.operation_trait(version, &form.ident),
        cx.signature(version, form),
    );
    let (module, owner, method) = (cx.module(version), &planned.owner.ident, &form.name);
    let arguments = form.arguments.iter().map(|argument| &argument.ident);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl<__I: #module::#owner> #name for #rt::Native<__I> {
            #signature {
                <__I as #module::#owner>::#method(self.inner(), #(#arguments),*)
            }
        }
    }
}

/// The type of the bridge of a step in one direction: arguments go that way, answers come back.
fn bridge_type(cx: &Cx<'_>, step: usize, direction: Direction, inner: &TokenStream) -> TokenStream {
    let rt = cx.rt;
    let (asked, answering) = direction.ends(step);
    let (from, to) = (cx.marker(answering), cx.marker(asked));
    quote!(#rt::Bridge<#from, #to, #inner>)
}

fn expressed(bridged: &Bridged, direction: Direction) -> Option<&[ArgumentSource]> {
    match direction {
        Direction::Upgrade => bridged.forward.as_deref(),
        Direction::Downgrade => bridged.reverse.as_deref(),
    }
}

fn bridge(cx: &Cx<'_>, step: usize, bridged: &Bridged, direction: Direction) -> Option<TokenStream> {
    let rt = cx.rt;
    let sources = expressed(bridged, direction)?;
    let (asked, answering) = direction.ends(step);
    let asked_form = cx.plan.history.operation(asked, &bridged.operation)?;
    let answering_form = cx.plan.history.operation(answering, &bridged.operation)?;
    let back = match direction {
        Direction::Upgrade => Direction::Downgrade,
        Direction::Downgrade => Direction::Upgrade,
    };
    let there = Converter { cx, direction, step };
    let back = Converter {
        cx,
        direction: back,
        step,
    };
    let name = cx.operation_trait(asked, &bridged.operation);
    let inner = cx.operation_trait(answering, &bridged.operation);
    let signature = cx.signature(asked, asked_form);
    let method = &bridged.operation;
    let mut converted = Vec::new();
    let arguments: Vec<TokenStream> = sources
        .iter()
        .map(|source| match source {
            ArgumentSource::Argument(name, ty) if there.may_fail(ty) => {
                converted.push(attempted(rt, name, &there.attempt(ty, &quote!(#name))));
                quote!(#name)
            }
            ArgumentSource::Argument(name, ty) => there.value(ty, &quote!(#name)),
            ArgumentSource::Nothing => quote!(::core::option::Option::None),
            ArgumentSource::MadeUp(Some(path)) => quote!(#path()),
            ArgumentSource::MadeUp(None) => quote!(::core::default::Default::default()),
        })
        .collect();
    let call = quote!(#inner::#method(self.inner(), #(#arguments),*));
    let same_error = same(&asked_form.error, &answering_form.error);
    let error = quote!(__error);
    let error = if same_error {
        back.value(&answering_form.error, &error)
    } else {
        quote!(#rt::OperationError::from_problem(#rt::OperationError::into_problem(__error)))
    };
    let moved = same_error && !back.touched(&answering_form.error) && !back.touched(&answering_form.output);
    let body = if moved && converted.is_empty() {
        call
    } else {
        let output = &answering_form.output;
        let value = quote!(__value);
        let value = if back.may_fail(output) {
            let attempt = back.attempt(output, &value);
            quote! {
                ::core::result::Result::map_err(
                    #rt::attempt(move || #attempt),
                    |__error: #rt::Unconvertible| #rt::OperationError::from_problem(__error.into_answer_problem()),
                )
            }
        } else {
            let value = back.value(output, &value);
            quote!(::core::result::Result::Ok(#value))
        };
        quote! {
            async move {
                #(#converted)*
                match #call.await {
                    ::core::result::Result::Ok(__value) => #value,
                    ::core::result::Result::Err(__error) => ::core::result::Result::Err(#error),
                }
            }
        }
    };
    let bridge = bridge_type(cx, step, direction, &quote!(__I));
    Some(quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl<__I: #inner + ?::core::marker::Sized> #name for #bridge {
            #signature {
                #body
            }
        }
    })
}

/// An argument that may have no counterpart: the implementation is not called then.
fn attempted(rt: &TokenStream, name: &Ident, attempt: &TokenStream) -> TokenStream {
    quote! {
        let #name = match #rt::attempt(move || #attempt) {
            ::core::result::Result::Ok(__value) => __value,
            ::core::result::Result::Err(__error) => {
                let __problem = #rt::Unconvertible::into_request_problem(__error);
                return ::core::result::Result::Err(#rt::OperationError::from_problem(__problem));
            }
        };
    }
}

fn same(a: &syn::Type, b: &syn::Type) -> bool {
    quote!(#a).to_string() == quote!(#b).to_string()
}

/// The trait of the asked version for the bridge, where every operation of it is expressed.
fn whole_trait(cx: &Cx<'_>, step: usize, item: &TraitHistory, direction: Direction) -> Option<TokenStream> {
    let rt = cx.rt;
    let (asked, answering) = direction.ends(step);
    let form = item.forms[asked].as_ref()?;
    // A trait of another crate can be implemented there only, and the versions after it are not known there.
    if cx.plan.history.foreign.get(asked) == Some(&true) {
        return None;
    }
    if !form.shell.supertraits.is_empty() {
        // What else the user's trait demands is not ours to provide.
        return None;
    }
    let bridged = &cx.plan.steps[step].bridged;
    let find = |name: &Ident| bridged.iter().find(|bridged| bridged.operation == *name);
    let operations: Option<Vec<&OperationForm>> = form
        .methods
        .iter()
        .map(|method| {
            let operation = method.operation.as_ref()?;
            expressed(find(&operation.ident)?, direction).map(|_| operation)
        })
        .collect();
    let operations = operations?;
    let inner = bridge_type(cx, step, direction, &quote!(#rt::Native<__I>));
    let methods = operations.iter().map(|operation| {
        let signature = cx.named(&operation.name, asked, operation);
        let (name, method) = (cx.operation_trait(asked, &operation.ident), &operation.ident);
        let arguments = operation.arguments.iter().map(|argument| &argument.ident);
        quote! {
            #signature {
                #name::#method(<#inner>::view(#rt::Native::view(self.inner())), #(#arguments),*)
            }
        }
    });
    let bounds = cx.traits(answering);
    let (module, ident) = (cx.module(asked), &item.ident);
    let bridge = bridge_type(cx, step, direction, &quote!(__I));
    Some(quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl<__I: #bounds> #module::#ident for #bridge {
            #(#methods)*
        }
    })
}
