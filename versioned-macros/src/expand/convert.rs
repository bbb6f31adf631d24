//! `Upgrade` and `Downgrade` of the types that differ between two versions.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, Type};

use super::Cx;
use crate::model::TypeHistory;
use crate::model::references::{Seen, mentioned, see};
use crate::plan::Direction;
use crate::plan::conversions::{
    Conversion, ConversionBody, FieldPlan, FieldSource, VariantPlan, VariantTarget,
};

/// The conversions of all steps.
pub(super) fn expand(cx: &Cx<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    for (step, planned) in cx.plan.steps.iter().enumerate() {
        for (ty, conversions) in cx.plan.history.types.iter().zip(&planned.conversions) {
            let Some(conversions) = conversions else { continue };
            tokens.extend(conversion(cx, ty, &conversions.upgrade, Direction::Upgrade, step));
            tokens.extend(conversion(
                cx,
                ty,
                &conversions.downgrade,
                Direction::Downgrade,
                step,
            ));
        }
    }
    tokens
}

fn conversion(
    cx: &Cx<'_>,
    ty: &TypeHistory,
    conversion: &Conversion,
    direction: Direction,
    step: usize,
) -> Option<TokenStream> {
    let converter = Converter { cx, direction, step };
    // One that cannot be made and that no bridge needs is simply not there; one that is needed was reported.
    if !conversion.available {
        return None;
    }
    let rt = cx.rt;
    let (from, to) = direction.ends(step);
    let (from, to, ident) = (cx.module(from), cx.module(to), &ty.ident);
    let (name, method) = direction.names();
    let body = match &conversion.body {
        ConversionBody::Struct(fields) => converter.structure(fields, &quote!(#to::#ident)),
        ConversionBody::Enum(variants) => {
            converter.enumeration(variants, &quote!(#from::#ident), &quote!(#to::#ident))
        }
    };
    Some(quote! {
        #[automatically_derived]
        impl #rt::#name<#to::#ident> for #from::#ident {
            fn #method(self) -> #to::#ident {
                #body
            }
        }
    })
}

impl Direction {
    /// The trait and its method.
    fn names(self) -> (Ident, Ident) {
        match self {
            Direction::Upgrade => (format_ident!("Upgrade"), format_ident!("upgrade")),
            Direction::Downgrade => (format_ident!("Downgrade"), format_ident!("downgrade")),
        }
    }
}

/// Writes the expressions of one direction of one step.
pub(super) struct Converter<'a> {
    pub(super) cx: &'a Cx<'a>,
    pub(super) direction: Direction,
    pub(super) step: usize,
}

impl Converter<'_> {
    /// What is computed from the whole is computed first, then the rest is moved out.
    fn structure(&self, fields: &[FieldPlan], target: &TokenStream) -> TokenStream {
        let mut computed = Vec::new();
        let mut written = Vec::new();
        for (position, field) in fields.iter().enumerate() {
            let member = &field.target;
            let value = match &field.from {
                FieldSource::Function(path) => {
                    let local = format_ident!("__field{position}");
                    computed.push(quote!(let #local = #path(&self);));
                    quote!(#local)
                }
                FieldSource::Move { source, ty } => self.value(ty, &quote!(self.#source)),
                other => Self::made_up(other),
            };
            written.push(quote!(#member: #value));
        }
        quote! {
            #(#computed)*
            #target { #(#written),* }
        }
    }

    fn enumeration(
        &self,
        variants: &[VariantPlan],
        source: &TokenStream,
        target: &TokenStream,
    ) -> TokenStream {
        let rt = self.cx.rt;
        if variants.is_empty() {
            return quote!(match self {});
        }
        let arms = variants.iter().map(|variant| {
            let name = &variant.source;
            match &variant.into {
                VariantTarget::Same { target: same, fields } => self.same(source, name, target, same, fields),
                VariantTarget::Unit(unit) => quote!(#source::#name { .. } => #target::#unit,),
                VariantTarget::Function(path) => quote!(__whole @ #source::#name { .. } => #path(__whole),),
                VariantTarget::Other | VariantTarget::Missing => quote! {
                    __whole @ #source::#name { .. } =>
                        #rt::OperationError::from_problem(#rt::OperationError::into_problem(__whole)),
                },
            }
        });
        quote!(match self { #(#arms)* })
    }

    fn same(
        &self,
        source: &TokenStream,
        name: &Ident,
        target: &TokenStream,
        same: &Ident,
        fields: &[FieldPlan],
    ) -> TokenStream {
        let mut bound = Vec::new();
        let mut written = Vec::new();
        for (position, field) in fields.iter().enumerate() {
            let member = &field.target;
            let value = match &field.from {
                FieldSource::Move { source, ty } => {
                    let local = format_ident!("__field{position}");
                    bound.push(quote!(#source: #local,));
                    self.value(ty, &quote!(#local))
                }
                other => Self::made_up(other),
            };
            written.push(quote!(#member: #value));
        }
        quote!(#source::#name { #(#bound)* .. } => #target::#same { #(#written),* },)
    }

    fn made_up(from: &FieldSource) -> TokenStream {
        if let FieldSource::Default { path: Some(path), .. } = from {
            quote!(#path())
        } else {
            quote!(::core::default::Default::default())
        }
    }

    /// A value of a written type, with everything converted that differs between the two versions.
    pub(super) fn value(&self, ty: &Type, value: &TokenStream) -> TokenStream {
        let rt = self.cx.rt;
        if !self.touched(ty) {
            return quote!(#value);
        }
        let known = |name: &str| self.cx.plan.history.type_index(name).is_some();
        let item = quote!(__item);
        match see(ty, &known) {
            Seen::Versioned(_) => {
                let (name, method) = self.direction.names();
                quote!(#rt::#name::#method(#value))
            }
            Seen::Option(inner) => {
                let inner = self.value(inner, &item);
                quote!(::core::option::Option::map(#value, |__item| #inner))
            }
            Seen::List(inner) | Seen::Set(inner) => {
                let inner = self.value(inner, &item);
                collected(value, &quote!(|__item| #inner))
            }
            Seen::Map(_, inner) => {
                let inner = self.value(inner, &item);
                collected(value, &quote!(|(__key, __item)| (__key, #inner)))
            }
            Seen::Boxed(inner) => {
                let inner = self.value(inner, &quote!(*#value));
                quote!(::std::boxed::Box::new(#inner))
            }
            Seen::Shared(container, inner) => {
                let module = if container == "Arc" {
                    quote!(sync::Arc)
                } else {
                    quote!(rc::Rc)
                };
                let inner = self.value(inner, &quote!(::std::#module::unwrap_or_clone(#value)));
                quote!(::std::#module::new(#inner))
            }
            Seen::Array(inner, _) => {
                let inner = self.value(inner, &item);
                quote!(#value.map(|__item| #inner))
            }
            Seen::Tuple(items) => {
                let locals: Vec<Ident> = (0..items.len()).map(|i| format_ident!("__item{i}")).collect();
                let values = items
                    .into_iter()
                    .zip(&locals)
                    .map(|(ty, local)| self.value(ty, &quote!(#local)));
                quote!({ let (#(#locals,)*) = #value; (#(#values,)*) })
            }
            // A type that cannot be seen through has no conversion, so nothing is generated that needs it.
            Seen::Unit | Seen::Other => quote!(#value),
        }
    }

    /// Whether a written type mentions one that differs between the two versions.
    pub(super) fn touched(&self, ty: &Type) -> bool {
        let known = |name: &str| self.cx.plan.changed(self.step, name);
        !mentioned(ty, &known).is_empty()
    }
}

fn collected(value: &TokenStream, map: &TokenStream) -> TokenStream {
    quote! {
        ::core::iter::Iterator::collect(::core::iter::Iterator::map(
            ::core::iter::IntoIterator::into_iter(#value),
            #map,
        ))
    }
}
