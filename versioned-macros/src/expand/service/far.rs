//! Implementations with their types erased, and how one that is many versions away is asked.
//!
//! A step is a bridge around whatever implements the next version, with its type erased: so there is one for each step, not one for each
//! pair of versions.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::{Cx, Run, erased_method, http, local, pattern, way};
use crate::model::OperationForm;
use crate::plan::Direction;

/// Whether some implementation is far from what it answers.
pub(super) fn is_any(cx: &Cx<'_>, runs: &[Run]) -> bool {
    runs.iter().any(|run| is_far(cx, run))
}

fn is_far(cx: &Cx<'_>, run: &Run) -> bool {
    let mut ways = cx.versions().filter_map(|slot| way(cx, run, slot));
    ways.any(super::Way::is_far)
}

/// What an implementation says of itself.
pub(super) fn seen(slot: usize) -> TokenStream {
    quote! {
        fn __slot(&self) -> usize {
            #slot
        }

        fn __erased(&self) -> &(dyn __Implementation + 'static) {
            self
        }
    }
}

/// An implementation behind its bridges, with its type erased.
pub(super) fn erased(cx: &Cx<'_>, runs: &[Run]) -> TokenStream {
    let rt = cx.rt;
    let any = is_any(cx, runs);
    let methods = runs.iter().map(|run| method(cx, run, any));
    let seen = any.then(|| {
        quote! {
            /// The version that it implements natively.
            fn __slot(&self) -> usize;
            fn __erased(&self) -> &(dyn __Implementation + 'static);
        }
    });
    let far = any.then(|| far(cx, runs));
    quote! {
        #[doc(hidden)]
        #[allow(non_snake_case, private_interfaces, deprecated)]
        pub trait __Implementation: #rt::Implementation {
            #seen
            #(#methods)*
        }
        #far
    }
}

fn form<'a>(cx: &'a Cx<'_>, (version, index): (usize, usize)) -> &'a OperationForm {
    cx.plan.operations[version][index].form
}

/// The operation of a run: whoever has no way of his own is asked by the next run on the way to his version.
fn method(cx: &Cx<'_>, run: &Run, any: bool) -> TokenStream {
    let rt = cx.rt;
    let (first, last) = (run[0], run[run.len() - 1]);
    let operation = &form(cx, first).ident;
    let name = erased_method(cx, first.0, operation);
    let result = cx.result(first.0, form(cx, first));
    let error = cx.qualified(&form(cx, first).error, first.0);
    let unanswered = quote! {
        ::std::boxed::Box::pin(::core::future::ready(::core::result::Result::Err(
            #rt::Fits::<#error>::from_problem(#rt::Problem::internal()),
        )))
    };
    let types = form(cx, first).arguments.iter();
    let types = types.map(|argument| cx.qualified(&argument.ty, first.0));
    if !(any && is_far(cx, run)) {
        return quote! {
            fn #name(&self, #(_: #types),*) -> #rt::BoxFuture<'_, #result> {
                #unanswered
            }
        };
    }
    let asked = |version: usize, next: usize| {
        let (from, to) = (cx.marker(next), cx.marker(version));
        let hidden = cx.operation_trait(version, operation);
        let arguments = form(cx, first).arguments.iter().map(|argument| &argument.ident);
        let bridge = local("__bridge");
        quote! {{
            let #bridge: &#rt::Bridge<#from, #to, dyn __Implementation> = #rt::Bridge::view(self.__erased());
            ::std::boxed::Box::pin(#hidden::#operation(#bridge, #(#arguments),*))
        }}
    };
    let newer = is_bridged(cx, last.0, operation, Direction::Upgrade).then(|| {
        let (last, step) = (last.0, asked(last.0, last.0 + 1));
        quote!(if self.__slot() > #last { #step } else)
    });
    let older = first.0.checked_sub(1);
    let older = older.filter(|before| is_bridged(cx, *before, operation, Direction::Downgrade));
    let older = older.map(|before| {
        let (first, step) = (first.0, asked(first.0, before));
        quote!(if self.__slot() < #first { #step } else)
    });
    let arguments = cx.arguments(first.0, form(cx, first));
    quote! {
        #[allow(unused_variables)]
        fn #name(&self, #arguments) -> #rt::BoxFuture<'_, #result> {
            #newer
            #older
            { #unanswered }
        }
    }
}

/// Whether a bridge of a step asks the implementation on its other side for an operation.
fn is_bridged(cx: &Cx<'_>, step: usize, operation: &syn::Ident, direction: Direction) -> bool {
    let bridged = cx.plan.steps.get(step).map_or(&[][..], |step| &step.bridged);
    let mut bridged = bridged.iter().filter(|bridged| bridged.operation == *operation);
    bridged.next().is_some_and(|bridged| match direction {
        Direction::Upgrade => bridged.forward.is_some(),
        Direction::Downgrade => bridged.reverse.is_some(),
    })
}

/// Erased implementations as those of the versions at the ends of runs, and the function that calls what is far over HTTP.
fn far(cx: &Cx<'_>, runs: &[Run]) -> TokenStream {
    let rt = cx.rt;
    let ends = runs
        .iter()
        .flat_map(|run| BTreeSet::from([run[0], run[run.len() - 1]]));
    let ends = ends.map(|end| {
        let (version, form) = (end.0, form(cx, end));
        let (hidden, signature) = (
            cx.operation_trait(version, &form.ident),
            cx.signature(version, form),
        );
        let method = erased_method(cx, version, &form.ident);
        let arguments = form.arguments.iter().map(|argument| &argument.ident);
        quote! {
            #[automatically_derived]
            #[allow(deprecated)]
            impl #hidden for dyn __Implementation {
                #signature {
                    self.#method(#(#arguments),*)
                }
            }
        }
    });
    let arms = runs.iter().filter(|run| is_far(cx, run)).map(|run| {
        let all = pattern(run);
        let function = http::name(cx, run[0].0, &form(cx, run[0]).ident);
        quote! {
            #all => ::std::boxed::Box::pin(
                #function::<dyn __Implementation, dyn __Implementation>(__owner, |__owner| __owner, __call),
            ),
        }
    });
    quote! {
        #(#ends)*
        #[allow(deprecated)]
        fn __far(
            __owner: ::std::sync::Arc<dyn __Implementation>,
            __version: usize,
            __operation: usize,
            __call: #rt::Call,
        ) -> #rt::BoxFuture<'static, ::core::result::Result<#rt::Reply, #rt::Refusal>> {
            match (__version, __operation) {
                #(#arms)*
                _ => #rt::unanswered(),
            }
        }
    }
}
