//! Stage five: from the plan to tokens. Nothing here can fail, and nothing here decides.

mod borrowed;
mod contract;
mod convert;
mod examples;
pub(crate) mod explicit;
mod handle;
mod http;
mod laws;
mod made;
mod operations;
mod service;
mod versions;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::{Ident, Type};

use crate::check::Deferred;
use crate::model::references::qualified;
use crate::plan::Plan;

/// The module as it stands after the expansion; `refused` if mistakes were reported beside it.
pub(crate) fn expand(plan: &Plan<'_>, deferred: &[Deferred], refused: bool) -> TokenStream {
    let cx = Cx::new(plan, refused);
    let same: TokenStream = deferred
        .iter()
        .map(|deferred| same_on_the_wire(&cx, deferred))
        .collect();
    let shell = &plan.history.module;
    let (attrs, vis, ident, others) = (&shell.attrs, &shell.vis, &shell.ident, &shell.others);
    let mentions = &plan.history.mentions;
    let versions = versions::expand(&cx);
    let markers = versions::markers(&cx);
    let contract = contract::expand(&cx);
    let conversions = convert::expand(&cx);
    let borrowed = borrowed::expand(&cx);
    let laws = laws::expand(&cx);
    let operations = operations::expand(&cx);
    let served = plan.history.contract.runtime.then(|| {
        let http = http::expand(&cx);
        let service = service::expand(&cx);
        let handle = handle::expand(&cx);
        quote!(#http #service #handle)
    });
    quote! {
        #(#attrs)*
        #vis mod #ident {
            #(#others)*
            #versions
            #markers
            #contract
            #same
            #conversions
            #borrowed
            #laws
            #operations
            #served
            #(#[allow(unused_imports)] const _: () = { use #mentions as _; };)*
        }
    }
}

/// Types of which one may be another name of the other: constants know.
fn same_on_the_wire(cx: &Cx<'_>, deferred: &Deferred) -> TokenStream {
    let (rt, message) = (cx.rt, &deferred.message);
    let (old, new) = deferred.versions;
    let (old, new) = (
        cx.qualified(&deferred.types.0, old),
        cx.qualified(&deferred.types.1, new),
    );
    let span = deferred
        .token
        .clone()
        .into_iter()
        .next()
        .map_or_else(Span::call_site, |tree| tree.span());
    quote_spanned! {span=>
        const _: () = ::core::assert!(
            #rt::same(<#old as #rt::Schema>::NODE, <#new as #rt::Schema>::NODE),
            #message,
        );
    }
}

/// A name of generated code that no name of the user can be taken for, however it is written.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// What every part of the generator needs.
struct Cx<'a> {
    plan: &'a Plan<'a>,
    /// The hidden module that generated code names.
    rt: &'a TokenStream,
    /// Whether mistakes were reported: then nothing is demanded on top of them.
    refused: bool,
    /// The names of the versions' modules, as seen from the generated code.
    modules: Vec<Ident>,
    /// Whether types of operations are named through the aliases that the versions' modules have for them.
    aliased: bool,
}

impl<'a> Cx<'a> {
    fn new(plan: &'a Plan<'a>, refused: bool) -> Self {
        let versions = &plan.history.contract.versions;
        Self {
            plan,
            rt: &plan.history.contract.krate,
            refused,
            modules: versions.iter().map(|version| version.ident.clone()).collect(),
            aliased: false,
        }
    }

    fn versions(&self) -> std::ops::Range<usize> {
        0..self.plan.history.contract.versions.len()
    }

    /// The module of a version.
    fn module(&self, version: usize) -> &Ident {
        &self.modules[version]
    }

    /// The marker of a version.
    fn marker(&self, version: usize) -> &'a Ident {
        &self.plan.history.contract.versions[version].marker
    }

    /// A type as it is written beside the versions' modules.
    fn qualified(&self, ty: &Type, version: usize) -> Type {
        if self.aliased {
            let types = explicit::argument_types(self, version);
            if let Some(index) = types.iter().position(|known| explicit::same(known, ty)) {
                let (module, name) = (self.module(version), format_ident!("__T{index}"));
                return syn::parse_quote!(#module::#name);
            }
        }
        let known = |name: &str| self.plan.history.is_versioned(name);
        qualified(ty, self.module(version), &known)
    }

    /// The hidden trait of one operation in one version, and everything else that is named after that pair.
    fn operation(&self, prefix: &str, version: usize, operation: &Ident) -> Ident {
        format_ident!("__{prefix}{}_{}", self.in_names(version), operation.unraw())
    }

    /// The name of a version as names begin with it: `v1__get` for `v1_get`, so that its `x` is not the `get_x` of `v1`.
    fn in_names(&self, version: usize) -> String {
        let name = self.module(version).unraw().to_string();
        let mut parts = name.split('_');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |name, part| {
            let joint = if part.starts_with(|c: char| c.is_ascii_digit()) {
                "_"
            } else {
                "__"
            };
            name + joint + part
        })
    }

    /// The hidden trait that has this operation of this version as its only method.
    fn operation_trait(&self, version: usize, operation: &Ident) -> Ident {
        self.operation("", version, operation)
    }

    /// The traits of a version, as bounds of an implementation.
    fn traits(&self, version: usize) -> TokenStream {
        let module = self.module(version);
        let traits = self
            .plan
            .history
            .traits
            .iter()
            .filter(|t| t.forms[version].is_some())
            .map(|t| &t.ident);
        quote!(#(#module::#traits +)* ::core::marker::Send + ::core::marker::Sync + 'static)
    }
}
