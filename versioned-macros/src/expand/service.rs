//! The service of a contract: its builder, its slots, and the check that somebody answers every operation.

mod far;

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;
use syn::ext::IdentExt as _;

use super::{Cx, http, local};
use crate::plan::Planned;

/// The service with everything around it.
pub(super) fn expand(cx: &Cx<'_>) -> TokenStream {
    let rt = cx.rt;
    let runs = runs(cx);
    let erased = far::erased(cx, &runs);
    let slots: TokenStream = cx.versions().map(|version| slot(cx, &runs, version)).collect();
    let markers = operation_markers(cx);
    let builder = builder(cx);
    let service = service(cx);
    // Where a type does not fit, its constant tells; see `Fits`.
    quote! {
        #[allow(unused_imports)]
        use #rt::Unfit as _;
        #erased #slots #markers #builder #service
    }
}

/// The method of the erased implementation for one operation of one version, and of all others in which it is the same.
pub(super) fn erased_method(cx: &Cx<'_>, version: usize, operation: &Ident) -> Ident {
    cx.operation("call_", cx.plan.first_of_run(version, operation), operation)
}

/// Versions in which an operation is one and the same, each with its index there.
type Run = Vec<(usize, usize)>;

/// How an implementation answers an operation.
#[derive(Clone, Copy)]
struct Way {
    /// The version that it answers, with the index of the operation there.
    version: usize,
    planned_at: usize,
    /// The version that it is seen as without a bridge.
    begin: usize,
}

impl Way {
    /// Over how many bridges an implementation is seen at once. Beyond them it is asked step by step: a type for each pair of versions would take
    /// as long to compile as there are pairs.
    const NEAR: usize = 4;

    fn is_far(self) -> bool {
        self.begin.abs_diff(self.version) > Self::NEAR
    }
}

/// All runs, of all operations.
fn runs(cx: &Cx<'_>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for version in cx.versions() {
        for (index, planned) in cx.plan.operations[version].iter().enumerate() {
            let first = cx.plan.runs[version][index];
            let name = |(version, index): (usize, usize)| &cx.plan.operations[version][index].form.ident;
            let known = runs
                .iter_mut()
                .find(|run| run[0].0 == first && *name(run[0]) == planned.form.ident);
            match known {
                Some(run) => run.push((version, index)),
                None => runs.push(vec![(version, index)]),
            }
        }
    }
    runs
}

/// All versions of a run, each with its operation, as one pattern.
fn pattern(run: &Run) -> TokenStream {
    let mut versions: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (version, index) in run {
        versions.entry(*index).or_default().push(*version);
    }
    let groups = versions
        .iter()
        .map(|(index, versions)| quote!((#(#versions)|*, #index)));
    quote!(#(#groups)|*)
}

/// The version of a run that an implementation answers with the fewest bridges: nothing differs between them but how often what is called
/// is handed on as it is.
fn nearest(run: &Run, slot: usize) -> (usize, usize) {
    let nearest = run.iter().min_by_key(|(version, _)| version.abs_diff(slot));
    nearest.copied().unwrap_or(run[0])
}

/// How the implementation of `slot` is seen as one of `version`: the type, and the expression that makes it.
///
/// `owner` is the slot; `begin` is a version whose trait is that of the slot, too.
fn view(cx: &Cx<'_>, begin: usize, version: usize, owner: &TokenStream) -> (TokenStream, TokenStream) {
    let rt = cx.rt;
    let mut ty = quote!(#rt::Native<__I>);
    let mut expression = quote!(#rt::Native::view(&#owner.0));
    let mut at = begin;
    while at != version {
        let next = if version < at { at - 1 } else { at + 1 };
        let (from, to) = (cx.marker(at), cx.marker(next));
        ty = quote!(#rt::Bridge<#from, #to, #ty>);
        expression = quote!(#rt::Bridge::view(#expression));
        at = next;
    }
    (ty, expression)
}

/// The version nearest to `version` whose trait is the very trait that the slot implements.
fn begin(cx: &Cx<'_>, slot: usize, planned: Planned<'_>, version: usize) -> usize {
    let plan = cx.plan;
    let home = |version: usize| {
        let known = plan
            .history
            .traits
            .iter()
            .position(|known| known.ident == planned.owner.ident);
        known.and_then(|index| plan.trait_homes[index][version])
    };
    let is_one = |at: &usize| home(*at).is_some() && home(*at) == home(slot);
    let between: Vec<usize> = if version <= slot {
        (version..=slot).rev().collect()
    } else {
        (slot..=version).collect()
    };
    between.into_iter().take_while(is_one).last().unwrap_or(slot)
}

/// How a slot answers the operation of a run: as which version, and as which version the implementation is seen as it is; nothing if it does
/// not answer it.
fn way(cx: &Cx<'_>, run: &Run, slot: usize) -> Option<Way> {
    let (version, index) = nearest(run, slot);
    let planned = cx.plan.operations[version][index];
    let begin = begin(cx, slot, planned, version);
    cx.plan.answers[slot][version][index].then_some(Way {
        version,
        planned_at: index,
        begin,
    })
}

fn slot(cx: &Cx<'_>, runs: &[Run], slot: usize) -> TokenStream {
    let rt = cx.rt;
    let name = slot_name(cx, slot);
    let bounds = cx.traits(slot);
    let mut arms = Vec::new();
    let mut methods = Vec::new();
    let mut others = quote!(#rt::unanswered());
    for run in runs {
        let Some(way) = way(cx, run, slot) else {
            continue;
        };
        if way.is_far() {
            others = quote!(__far(self, __version, __operation, __call));
            continue;
        }
        let Way {
            version,
            begin,
            planned_at,
        } = way;
        let planned = cx.plan.operations[version][planned_at];
        let (me, room) = (local("__slot"), local("__room"));
        let (ty, view_of_me) = view(cx, begin, version, &quote!(#me));
        let (_, view) = view(cx, begin, version, &quote!(self));
        let (operation, form) = (&planned.form.ident, planned.form);
        let function = http::name(cx, version, operation);
        let all = pattern(run);
        // The box comes first: what is made before it is made elsewhere, and copied.
        arms.push(quote! {
            #all => {
                let #room = ::std::boxed::Box::new_uninit();
                let #room = ::std::boxed::Box::write(
                    #room,
                    #function::<Self, #ty>(self, |#me| #view_of_me, __call),
                );
                ::std::boxed::Box::into_pin(#room)
            }
        });
        let (method, hidden) = (
            erased_method(cx, version, operation),
            cx.operation_trait(version, operation),
        );
        let (arguments, result) = (cx.arguments(version, form), cx.result(version, form));
        let names = form.arguments.iter().map(|argument| &argument.ident);
        let implementation = local("__implementation");
        methods.push(quote! {
            fn #method(&self, #arguments) -> #rt::BoxFuture<'_, #result> {
                let #implementation: &#ty = #view;
                ::std::boxed::Box::pin(#hidden::#operation(#implementation, #(#names),*))
            }
        });
    }
    let seen = far::is_any(cx, runs).then(|| far::seen(slot));
    quote! {
        #[allow(non_camel_case_types)]
        struct #name<__I>(__I);
        #[automatically_derived]
        #[allow(deprecated)]
        impl<__I: #bounds> #rt::Implementation for #name<__I> {
            fn call(
                self: ::std::sync::Arc<Self>,
                __version: usize,
                __operation: usize,
                __call: #rt::Call,
            ) -> #rt::BoxFuture<'static, ::core::result::Result<#rt::Reply, #rt::Refusal>> {
                match (__version, __operation) {
                    #(#arms)*
                    _ => #others,
                }
            }
        }
        #[automatically_derived]
        #[allow(deprecated)]
        #[allow(non_snake_case)]
        impl<__I: #bounds> __Implementation for #name<__I> {
            #seen
            #(#methods)*
        }
    }
}

fn slot_name(cx: &Cx<'_>, slot: usize) -> Ident {
    format_ident!("__Slot_{}", cx.module(slot).unraw())
}

fn slot_parameters(cx: &Cx<'_>) -> Vec<Ident> {
    cx.versions()
        .map(|version| format_ident!("__S{version}"))
        .collect()
}

/// The type that stands for an operation of a version in what `build` demands; rustc's error names it.
fn operation_marker(cx: &Cx<'_>, version: usize, operation: &Ident) -> TokenStream {
    let module = markers_module(cx, version);
    quote!(#module::#operation)
}

fn markers_module(cx: &Cx<'_>, version: usize) -> Ident {
    format_ident!("__{}", cx.in_names(version))
}

/// The types that stand for operations: `__v1::get_user`.
fn operation_markers(cx: &Cx<'_>) -> TokenStream {
    let modules = cx.versions().map(|version| {
        let module = markers_module(cx, version);
        let operations = cx.plan.operations[version]
            .iter()
            .map(|planned| &planned.form.ident);
        quote! {
            #[doc(hidden)]
            #[allow(non_camel_case_types, missing_docs, missing_debug_implementations)]
            pub mod #module {
                #(pub struct #operations;)*
            }
        }
    });
    modules.collect()
}

/// The implementations that answer an operation, by the markers of their versions.
fn answering(cx: &Cx<'_>, version: usize, index: usize) -> TokenStream {
    let slots = cx
        .versions()
        .filter(|slot| cx.plan.answers[*slot][version][index]);
    let markers = slots.map(|slot| cx.marker(slot));
    quote!((#(#markers,)*))
}

fn builder(cx: &Cx<'_>) -> TokenStream {
    let rt = cx.rt;
    let contract = &cx.plan.history.contract;
    let (builder, service) = (&contract.builder, &contract.service);
    let parameters = slot_parameters(cx);
    let count = parameters.len();
    let doc = format!("Puts the implementations of `{}` into a service.", contract.id);
    let setters = cx.versions().map(|version| {
        let before = parameters.iter().enumerate().map(|(i, s)| if i == version { quote!(#rt::Absent) } else { quote!(#s) });
        let after = parameters.iter().enumerate().map(|(i, s)| if i == version { quote!(#rt::Present) } else { quote!(#s) });
        let others = parameters.iter().enumerate().filter(|(i, _)| *i != version).map(|(_, s)| s);
        let (method, slot, bounds) = (cx.module(version), slot_name(cx, version), cx.traits(version));
        let doc = format!("The implementation of version {}.", contract.semver(version));
        quote! {
            impl<#(#others),*> #builder<#(#before),*> {
                #[doc = #doc]
                #[must_use]
                pub fn #method<__I: #bounds>(mut self, implementation: __I) -> #builder<#(#after),*> {
                    self.slots[#version] = ::core::option::Option::Some(::std::sync::Arc::new(#slot(implementation)));
                    #builder { slots: self.slots, config: self.config, present: ::core::marker::PhantomData }
                }
            }
        }
    });
    // Beside a mistake in the contract, a gap that follows from it would only be noise.
    let asked = cx.versions().filter(|_| !cx.refused);
    let demands = asked.flat_map(|version| {
        let parameters = &parameters;
        cx.plan.operations[version]
            .iter()
            .enumerate()
            .map(move |(index, planned)| {
                let slots = cx
                    .versions()
                    .filter(|slot| cx.plan.answers[*slot][version][index]);
                let any = slots.rev().fold(quote!(#rt::Absent), |others, slot| {
                    let slot = &parameters[slot];
                    quote!(<#slot as #rt::Slot>::Or<#others>)
                });
                let operation = operation_marker(cx, version, &planned.form.ident);
                let by = answering(cx, version, index);
                quote!(#any: #rt::Answered<#operation, #by>)
            })
    });
    let spec = spec(cx);
    quote! {
        #[doc = #doc]
        #[must_use]
        pub struct #builder<#(#parameters = #rt::Absent),*> {
            slots: [::core::option::Option<::std::sync::Arc<dyn __Implementation>>; #count],
            config: #rt::ContractConfig,
            present: ::core::marker::PhantomData<fn() -> (#(#parameters,)*)>,
        }
        #(#setters)*
        impl<#(#parameters: #rt::Slot),*> #builder<#(#parameters),*> {
            /// How the contract is served: the default version, the user key.
            pub fn config(mut self, config: #rt::ContractConfig) -> Self {
                self.config = config;
                self
            }

            /// The service. It compiles only if every operation of every version is answered by an implementation.
            #[must_use]
            pub fn build(self) -> #service
            where
                #(#demands,)*
            {
                let erased = #rt::erased(&self.slots, |slot| ::core::clone::Clone::clone(slot) as _);
                #service {
                    core: #rt::ContractService::new(&__SPEC, erased, self.config),
                    slots: ::std::sync::Arc::new(self.slots),
                }
            }
        }
        #[automatically_derived]
        #[allow(deprecated)]
        impl<#(#parameters),*> ::core::fmt::Debug for #builder<#(#parameters),*> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::DebugStruct::finish_non_exhaustive(
                    &mut ::core::fmt::Formatter::debug_struct(f, ::core::stringify!(#builder)),
                )
            }
        }
        #spec
    }
}

/// What is known of the contract without any implementation.
fn spec(cx: &Cx<'_>) -> TokenStream {
    let rt = cx.rt;
    let constants = cx
        .versions()
        .map(|version| super::contract::constant(cx, version));
    let answers = cx.plan.answers.iter().map(|slot| {
        let versions = slot.iter().map(|operations| quote!(&[#(#operations),*]));
        quote!(&[#(#versions),*])
    });
    quote! {
        static __SPEC: #rt::Spec = #rt::Spec {
            contracts: &[#(&#constants),*],
            answers: &[#(#answers),*],
        };
    }
}

fn service(cx: &Cx<'_>) -> TokenStream {
    let rt = cx.rt;
    let contract = &cx.plan.history.contract;
    let (service, builder, handle) = (&contract.service, &contract.builder, &contract.handle);
    let count = contract.versions.len();
    let doc = format!(
        "The contract `{}` with its implementations, ready to be served.",
        contract.id
    );
    let empty = cx.versions().map(|_| quote!(::core::option::Option::None));
    quote! {
        #[doc = #doc]
        #[derive(Clone)]
        pub struct #service {
            core: #rt::ContractService,
            slots: ::std::sync::Arc<[::core::option::Option<::std::sync::Arc<dyn __Implementation>>; #count]>,
        }
        impl #service {
            /// A builder without implementations.
            pub fn builder() -> #builder {
                #builder {
                    slots: [#(#empty),*],
                    config: ::core::default::Default::default(),
                    present: ::core::marker::PhantomData,
                }
            }

            /// Calls the contract in process, through the same routing: the handle implements the traits of version `V`.
            #[must_use]
            pub fn handle<__V: __Marker>(&self, context: #rt::Context) -> #handle<__V> {
                #handle { service: ::core::clone::Clone::clone(self), context, version: ::core::marker::PhantomData }
            }
        }
        #[automatically_derived]
        #[allow(deprecated)]
        impl ::core::ops::Deref for #service {
            type Target = #rt::ContractService;

            fn deref(&self) -> &Self::Target {
                &self.core
            }
        }
        #[automatically_derived]
        #[allow(deprecated)]
        impl ::core::convert::From<#service> for #rt::ContractService {
            fn from(service: #service) -> Self {
                service.core
            }
        }
        #[automatically_derived]
        #[allow(deprecated)]
        impl ::core::convert::From<#service> for #rt::Host {
            fn from(service: #service) -> Self {
                ::core::convert::From::from(service.core)
            }
        }
        #[automatically_derived]
        #[allow(deprecated)]
        impl ::core::fmt::Debug for #service {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::DebugStruct::finish_non_exhaustive(
                    &mut ::core::fmt::Formatter::debug_struct(f, ::core::stringify!(#service)),
                )
            }
        }
    }
}
