//! The list of the laws of a contract, for `laws!`.
//!
//! It is a function that nothing calls in a service: `inline`, so that no code is made for it there.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;

use super::{Cx, borrowed, local};
use crate::plan::Direction;
use crate::plan::borrowed::{View, ViewBody};

/// `fn __laws()`; none beside a mistake.
pub(super) fn expand(cx: &Cx<'_>) -> Option<TokenStream> {
    if cx.refused {
        return None;
    }
    let rt = cx.rt;
    let constants = cx
        .versions()
        .map(|version| super::contract::constant(cx, version));
    let written = cx.plan.views.iter().filter_map(|view| written(cx, view));
    let trips = (0..cx.plan.steps.len()).flat_map(|step| trips(cx, step));
    let views = cx.plan.views.iter().filter_map(|view| viewed(cx, view));
    let laws: Vec<TokenStream> = written.chain(trips).chain(views).collect();
    let (count, list) = (cx.versions().len(), local("__laws"));
    let mutable = (!laws.is_empty()).then(|| quote!(mut));
    Some(quote! {
        #[doc(hidden)]
        #[allow(dead_code, deprecated)]
        #[inline]
        #[must_use]
        pub fn __laws() -> #rt::laws::Laws {
            #[allow(unused_imports)]
            use #rt::laws::Opaque as _;
            static __CONTRACTS: [&#rt::Contract; #count] = [#(&#constants),*];
            let #mutable #list = #rt::laws::Laws::new(&__CONTRACTS);
            #(#laws)*
            #list
        }
    })
}

/// What is written is read, and fits its schema: once for each item.
fn written(cx: &Cx<'_>, view: &View) -> Option<TokenStream> {
    if view.from != view.to {
        return None;
    }
    let rt = cx.rt;
    let ty = ty(cx, view.ty, view.from);
    let route = [view.from];
    let round_trip = law(
        cx,
        view.ty,
        &quote!(RoundTrip),
        &route,
        &quote!(#rt::laws::Subject::<#ty>::round_trip()),
    );
    let schema = law(
        cx,
        view.ty,
        &quote!(Schema),
        &route,
        &quote!(#rt::laws::Subject::<#ty>::written()),
    );
    Some(quote!(#round_trip #schema))
}

/// There and back, where that must be the same value.
fn trips(cx: &Cx<'_>, step: usize) -> Vec<TokenStream> {
    let rt = cx.rt;
    let planned = &cx.plan.steps[step];
    let mut laws = Vec::new();
    for (index, (trips, conversions)) in planned.trips.iter().zip(&planned.conversions).enumerate() {
        let Some(conversions) = conversions else { continue };
        let convert = |direction: Direction| {
            let fallible = match direction {
                Direction::Upgrade => conversions.upgrade.fallible,
                Direction::Downgrade => conversions.downgrade.fallible,
            };
            let (from, to) = direction.ends(step);
            let (from, to) = (ty(cx, index, from), ty(cx, index, to));
            let (name, method) = direction.names(fallible);
            let made = local("__value");
            let call = quote!(#rt::#name::#method(#made));
            let value = if fallible {
                call
            } else {
                quote!(::core::result::Result::Ok(#call))
            };
            quote!(|#made: #from| -> ::core::result::Result<#to, #rt::Unconvertible> { #value })
        };
        let (up, down) = (convert(Direction::Upgrade), convert(Direction::Downgrade));
        let ways = [
            (
                trips.upward,
                quote!(UpgradeDowngrade),
                [step, step + 1, step],
                &up,
                &down,
            ),
            (
                trips.downward,
                quote!(DowngradeUpgrade),
                [step + 1, step, step + 1],
                &down,
                &up,
            ),
        ];
        for (_, name, route, there, back) in ways.into_iter().filter(|way| way.0) {
            let (from, to) = (ty(cx, index, route[0]), ty(cx, index, route[1]));
            let check = quote!(#rt::laws::Subject::<#from>::trip::<#to>(#there, #back));
            laws.push(law(cx, index, &name, &route, &check));
        }
    }
    laws
}

/// A borrowed value, and the downgraded one.
fn viewed(cx: &Cx<'_>, view: &View) -> Option<TokenStream> {
    if matches!(view.body, ViewBody::Same | ViewBody::Like(_)) {
        return None;
    }
    let rt = cx.rt;
    let changes = |step: &usize| cx.plan.steps[*step].conversions[view.ty].is_some();
    let mut route: Vec<usize> = (view.to..view.from).filter(changes).collect();
    route.reverse();
    route.insert(0, view.from);
    let name = if route.len() > 2 {
        quote!(Chain)
    } else {
        quote!(Borrowed)
    };
    let (from, to, marker) = (
        ty(cx, view.ty, view.from),
        ty(cx, view.ty, view.to),
        cx.marker(view.to),
    );
    let steps = borrowed::downgrades(cx, view.ty, view.from, view.to, |_| {
        quote!(::core::convert::identity)
    });
    let value = local("__value");
    let check = quote! {
        #rt::laws::View::<#from, #marker, #to>::borrowed(
            |#value: #from| -> ::core::result::Result<#to, #rt::Unconvertible> {
                #steps
                ::core::result::Result::Ok(#value)
            },
        )
    };
    Some(law(cx, view.ty, &name, &route, &check))
}

fn law(cx: &Cx<'_>, index: usize, law: &TokenStream, route: &[usize], check: &TokenStream) -> TokenStream {
    let rt = cx.rt;
    let name = cx.plan.history.types[index].ident.unraw().to_string();
    let (ty, list) = (ty(cx, index, route[0]), local("__laws"));
    quote! {
        #list.add(
            #rt::laws::Law::#law,
            #name,
            &[#(#route),*],
            <#ty as #rt::Schema>::NODE,
            #check,
        );
    }
}

fn ty(cx: &Cx<'_>, index: usize, version: usize) -> TokenStream {
    let (module, ident) = (cx.module(version), &cx.plan.history.types[index].ident);
    quote!(#module::#ident)
}
