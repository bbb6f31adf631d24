//! The modules of the versions, their markers and the enum of them.

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit_mut::VisitMut as _;
use syn::{DeriveInput, Ident, ReturnType, TraitItemFn, Visibility};

use super::Cx;
use crate::model::renames::{self, Former};
use crate::model::{OneDown, Role, TraitForm, TypeHistory};
use crate::schema;

/// `pub mod v1 { … }` for each version.
pub(super) fn expand(cx: &Cx<'_>) -> TokenStream {
    cx.versions().map(|version| module(cx, version)).collect()
}

fn module(cx: &Cx<'_>, version: usize) -> TokenStream {
    let history = cx.plan.history;
    let contract = &history.contract;
    let module = cx.module(version);
    let doc = format!("Version {} of `{}`.", contract.semver(version), contract.id);
    let types = history
        .types
        .iter()
        .zip(&cx.plan.homes)
        .filter_map(|(ty, homes)| {
            let Some(form) = &ty.forms[version] else {
                return absent(cx, ty);
            };
            let (ident, vis) = (&ty.ident, &form.input.vis);
            let former = former(&ty.former, ident, version, vis);
            let home = homes[version]?;
            if home != version {
                let home = cx.module(home);
                return Some(quote!(#[allow(deprecated)] #vis use super::#home::#ident; #former));
            }
            let input = &form.input;
            // What an error and an enum of answers are on the wire, their own derives know.
            let node = (ty.role == Role::Value).then(|| {
                let id = format!("{}::{}::{}", contract.id, module, ident);
                schema::node_impl(input, &form.facts, cx.rt, &quote!(#id))
            });
            Some(quote!(#input #node #former))
        });
    let traits = history
        .traits
        .iter()
        .zip(&cx.plan.trait_homes)
        .filter_map(|(item, homes)| {
            let form = item.forms[version].as_ref()?;
            let (ident, vis) = (&item.ident, &form.shell.vis);
            let former = former(&item.former, ident, version, vis);
            let home = homes[version]?;
            if home != version {
                let home = cx.module(home);
                return Some(quote!(#[allow(deprecated)] #vis use super::#home::#ident; #former));
            }
            let definition = definition(form, true);
            Some(quote!(#definition #former))
        });
    let opaque = history.opaque.iter().map(|item| opaque(cx, item));
    let aliases = history
        .aliases
        .iter()
        .filter(|alias| history.has_all(version, &alias.ty));
    quote! {
        #[doc = #doc]
        pub mod #module {
            #[allow(unused_imports)]
            use super::*;
            #(#[allow(dead_code)] #aliases)*
            #(#types)*
            #(#traits)*
            #(#opaque)*
        }
    }
}

/// The name that an item had in a version, beside the one that it is known by in all of them.
fn former(former: &Former, ident: &Ident, version: usize, vis: &Visibility) -> Option<TokenStream> {
    let name = renames::name_in(former, ident, version);
    (name != ident)
        .then(|| quote!(#[doc(inline)] #[allow(unused_imports, deprecated)] #vis use self::#ident as #name;))
}

/// An item that was refused, with a description that stands in for its own.
pub(super) fn opaque(cx: &Cx<'_>, item: &DeriveInput) -> TokenStream {
    let (ident, rt) = (&item.ident, cx.rt);
    let (parameters, arguments, bounds) = item.generics.split_for_impl();
    quote! {
        #item
        #[automatically_derived]
        impl #parameters #rt::Schema for #ident #arguments #bounds {
            const NODE: #rt::Link = <() as #rt::Schema>::NODE;
        }
    }
}

/// Beside a mistake, a type stands also in versions that do not have it: what uses it there was told, and rustc need not tell it
/// again.
fn absent(cx: &Cx<'_>, ty: &TypeHistory) -> Option<TokenStream> {
    let home = cx
        .refused
        .then(|| ty.forms.iter().position(Option::is_some))
        .flatten()?;
    let (home, ident) = (cx.module(home), &ty.ident);
    Some(quote!(#[doc(hidden)] #[allow(unused_imports)] pub use super::#home::#ident;))
}

/// The trait with plain futures that can move between threads; implementations are written with `async fn`.
///
/// `moved` if it was written one module above.
pub(super) fn definition(form: &TraitForm, moved: bool) -> TokenStream {
    let shell = &form.shell;
    let (attrs, vis, ident, supertraits) = (&shell.attrs, &shell.vis, &shell.ident, shell.supertraits.iter());
    let methods = form.methods.iter().map(|method| {
        let mut item = method.item.clone();
        if moved {
            OneDown.visit_trait_item_fn_mut(&mut item);
        }
        let attrs = &item.attrs;
        let signature = signature(&item);
        quote!(#(#attrs)* #signature;)
    });
    quote! {
        #(#attrs)*
        #vis trait #ident: #(#supertraits +)* ::core::marker::Send + ::core::marker::Sync + 'static {
            #(#methods)*
        }
    }
}

/// `async fn f(…) -> R` as `fn f(…) -> impl Future<Output = R> + Send`.
pub(super) fn signature(item: &TraitItemFn) -> TokenStream {
    let sig = &item.sig;
    let (ident, inputs) = (&sig.ident, &sig.inputs);
    // None, but beside a mistake.
    let (parameters, _, bounds) = sig.generics.split_for_impl();
    let output = match &sig.output {
        ReturnType::Type(_, ty) => quote!(#ty),
        ReturnType::Default => quote!(()),
    };
    quote! {
        fn #ident #parameters(#inputs) -> impl ::core::future::Future<Output = #output> + ::core::marker::Send #bounds
    }
}

/// The markers and the enum of versions.
pub(super) fn markers(cx: &Cx<'_>) -> TokenStream {
    let rt = cx.rt;
    let contract = &cx.plan.history.contract;
    let id = &contract.id;
    let markers = cx.versions().map(|version| {
        let marker = cx.marker(version);
        let constant = super::contract::constant(cx, version);
        let doc = format!("The marker of version {} of `{id}`.", contract.semver(version));
        quote! {
            #[doc = #doc]
            #[allow(non_camel_case_types)]
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
            pub struct #marker;
            #[automatically_derived]
            impl #rt::Version for #marker {
                const SEMVER: #rt::Semver = #constant.version;
                const INDEX: usize = #version;
                const CONTRACT: &'static #rt::Contract = &#constant;
            }
            #[automatically_derived]
            impl __Marker for #marker {}
        }
    });
    let all: Vec<_> = cx.versions().map(|version| cx.marker(version)).collect();
    let constants: Vec<_> = cx
        .versions()
        .map(|version| super::contract::constant(cx, version))
        .collect();
    let docs = cx
        .versions()
        .map(|version| format!("Version {}.", contract.semver(version)));
    let (name, count) = (&contract.version, all.len());
    let doc = format!("The versions of `{id}`.");
    quote! {
        /// Marks the versions of this contract, and nothing else.
        #[doc(hidden)]
        pub trait __Marker: #rt::Version {}
        #(#markers)*
        #[doc = #doc]
        #[allow(non_camel_case_types)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum #name {
            #(#[doc = #docs] #all,)*
        }
        impl #name {
            /// All versions, oldest first.
            pub const ALL: [Self; #count] = [#(Self::#all),*];

            /// The description of this version.
            #[must_use]
            pub const fn contract(self) -> &'static #rt::Contract {
                match self {
                    #(Self::#all => &#constants,)*
                }
            }

            /// The semantic version.
            #[must_use]
            pub const fn semver(self) -> #rt::Semver {
                self.contract().version
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Display for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.semver(), f)
            }
        }
        #[automatically_derived]
        impl ::core::str::FromStr for #name {
            type Err = #rt::UnknownVersion;

            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                ::core::result::Result::map(
                    #rt::UnknownVersion::find(&[#(&#constants),*], text),
                    |index| Self::ALL[index],
                )
            }
        }
    }
}
