//! Hidden functions that call those of the user on the way down.
//!
//! Owned and borrowed values are downgraded by the same functions, so that a mistake in one is one error.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use super::convert::Converter;
use super::local;
use crate::model::{Body, TypeHistory};
use crate::parse::verbs::Function;
use crate::plan::Direction;
use crate::plan::conversions::{Change, Conversion, ConversionBody, FieldPlan, FieldSource, VariantTarget};

/// The name of the hidden function that makes a field in the downgrade of a step.
pub(super) fn name(ty: &Ident, step: usize, variant: Option<usize>, member: usize) -> Ident {
    let variant = variant.map_or_else(String::new, |variant| format!("_{variant}"));
    format_ident!("__made{step}_{}{variant}_{member}", ty.unraw())
}

impl Converter<'_> {
    /// The functions of one conversion.
    pub(super) fn functions(&self, ty: &TypeHistory, conversion: &Conversion) -> TokenStream {
        let of = |variant: Option<usize>, fields: &[FieldPlan]| -> TokenStream {
            let functions = fields
                .iter()
                .filter_map(|field| self.function(ty, variant, field));
            functions.collect()
        };
        match &conversion.body {
            ConversionBody::Struct(fields) => of(None, fields),
            ConversionBody::Enum(variants) => variants
                .iter()
                .filter_map(|variant| match &variant.into {
                    VariantTarget::Same { fields, .. } => Some(of(Some(variant.member), fields)),
                    _ => None,
                })
                .collect(),
        }
    }

    fn function(&self, ty: &TypeHistory, variant: Option<usize>, field: &FieldPlan) -> Option<TokenStream> {
        let name = self.function_of(ty, variant, field)?;
        let (from, to) = self.direction.ends(self.step);
        let written = |version: usize| {
            let form = ty.forms[version].as_ref()?;
            let fields = match (&form.body, variant) {
                (Body::Struct(fields), _) => fields,
                (Body::Enum(variants), Some(member)) => {
                    &variants.iter().find(|variant| variant.member == member)?.fields
                }
                (Body::Enum(_), None) => return None,
            };
            let form = fields.iter().find(|form| form.member == field.member)?;
            Some(self.cx.qualified(&form.ty, version))
        };
        let output = written(to)?;
        let value = local("__value");
        // What does not fit is underlined where the function is named.
        let called = |path: &syn::Path| {
            let mut value = value.clone();
            value.set_span(value.span().located_at(path.span()));
            quote_spanned!(path.span()=> #path(#value))
        };
        let (input, call) = match &field.from {
            FieldSource::Function(Function { path, .. }) => {
                let (module, ident) = (self.cx.module(from), &ty.ident);
                (quote!(#value: &#module::#ident), called(path))
            }
            FieldSource::Changed {
                how: Change::Function(Function { path, .. }),
                ..
            } => {
                let input = written(from)?;
                (quote!(#value: #input), called(path))
            }
            other => (TokenStream::new(), Self::made_up(other)),
        };
        Some(quote! {
            #[allow(non_snake_case, clippy::all, clippy::pedantic)]
            fn #name(#input) -> #output {
                #call
            }
        })
    }

    /// The name of the function that makes a field, where there is one: a downgrade that cannot fail, by a function of the user.
    pub(super) fn function_of(
        &self,
        ty: &TypeHistory,
        variant: Option<usize>,
        field: &FieldPlan,
    ) -> Option<Ident> {
        let called = match &field.from {
            FieldSource::Function(function)
            | FieldSource::Changed {
                how: Change::Function(function),
                ..
            } => !function.fallible,
            FieldSource::Default { path, .. } => path.is_some(),
            _ => false,
        };
        (called && self.direction == Direction::Downgrade)
            .then(|| name(&ty.ident, self.step, variant, field.member))
    }
}
