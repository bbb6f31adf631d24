//! Hidden functions that call those of the user.
//!
//! Each says what it is given and what it makes, so that a function that does not fit is underlined where it is named; and owned and
//! borrowed values are downgraded by the same ones, so that a mistake in one is one error.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Ident, Type};

use super::convert::Converter;
use super::local;
use crate::model::{Body, TypeHistory};
use crate::parse::verbs::Function;
use crate::plan::Direction;
use crate::plan::conversions::{Change, Conversion, ConversionBody, FieldPlan, FieldSource, VariantTarget};

/// The name of the hidden function that makes a member in a conversion of a step.
pub(super) fn name(
    ty: &Ident,
    direction: Direction,
    step: usize,
    variant: Option<usize>,
    member: usize,
) -> Ident {
    let word = match direction {
        Direction::Upgrade => "upgraded",
        Direction::Downgrade => "made",
    };
    let variant = variant.map_or_else(String::new, |variant| format!("_{variant}"));
    format_ident!("__{word}{step}_{}{variant}_{member}", ty.unraw())
}

impl Converter<'_> {
    /// The functions of one conversion.
    pub(super) fn functions(&self, ty: &TypeHistory, conversion: &Conversion) -> TokenStream {
        let of = |variant: Option<usize>, fields: &[FieldPlan]| -> TokenStream {
            let functions = fields
                .iter()
                .filter_map(|field| self.of_field(ty, variant, field));
            functions.collect()
        };
        match &conversion.body {
            ConversionBody::Struct(fields) => of(None, fields),
            ConversionBody::Enum(variants) => variants
                .iter()
                .filter_map(|variant| match &variant.into {
                    VariantTarget::Same { fields, .. } => Some(of(Some(variant.member), fields)),
                    VariantTarget::Function(function) => Some(self.of_variant(ty, variant.member, function)),
                    _ => None,
                })
                .collect(),
        }
    }

    fn of_field(&self, ty: &TypeHistory, variant: Option<usize>, field: &FieldPlan) -> Option<TokenStream> {
        let (from, to) = self.direction.ends(self.step);
        let name = self.name_of(ty, variant, field.member);
        let written = |version: usize| self.written(ty, variant, field, version);
        let value = local("__value");
        Some(match &field.from {
            FieldSource::Function(function) if self.is_hidden(function, false) => {
                let (module, ident) = (self.cx.module(from), &ty.ident);
                self.function(&name, &quote!(#value: &#module::#ident), &written(to)?, function)
            }
            FieldSource::Changed {
                how: Change::Function(function),
                ..
            } if self.is_hidden(function, true) => {
                let input = written(from)?;
                self.function(&name, &quote!(#value: #input), &written(to)?, function)
            }
            FieldSource::Default { path: Some(path), .. } => {
                let output = written(to)?;
                let call = quote_spanned!(path.span()=> #path());
                Self::hidden(&name, &TokenStream::new(), &quote!(#output), &call)
            }
            _ => return None,
        })
    }

    /// Of a variant that the other version does not have, a function makes the whole value.
    fn of_variant(&self, ty: &TypeHistory, member: usize, function: &Function) -> TokenStream {
        let (from, to) = self.direction.ends(self.step);
        let (value, ident) = (local("__value"), &ty.ident);
        let (from, to) = (self.cx.module(from), self.cx.module(to));
        let name = self.name_of(ty, None, member);
        let input = quote!(#value: #from::#ident);
        self.function(&name, &input, &syn::parse_quote!(#to::#ident), function)
    }

    fn function(&self, name: &Ident, input: &TokenStream, output: &Type, function: &Function) -> TokenStream {
        let rt = self.cx.rt;
        let output = if function.fallible {
            quote!(::core::result::Result<#output, #rt::Unconvertible>)
        } else {
            quote!(#output)
        };
        Self::hidden(name, input, &output, &self.call(function))
    }

    /// What a function of the user makes of `__value`.
    fn call(&self, function: &Function) -> TokenStream {
        let (rt, path) = (self.cx.rt, &function.path);
        // What does not fit is underlined where the function is named.
        let mut value = local("__value");
        value.set_span(value.span().located_at(path.span()));
        let call = quote_spanned!(path.span()=> #path(#value));
        if !function.fallible {
            return call;
        }
        let failed = quote_spanned!(path.span()=> #rt::unconvertible);
        quote!(::core::result::Result::map_err(#call, #failed))
    }

    /// The call of a hidden function, or of that of the user where there is none.
    pub(super) fn called(
        &self,
        name: &Ident,
        function: &Function,
        value: &TokenStream,
        changed: bool,
    ) -> TokenStream {
        if self.is_hidden(function, changed) {
            return quote!(#name(#value));
        }
        let (local, call) = (local("__value"), self.call(function));
        quote!({ let #local = #value; #call })
    }

    /// Where each version is written out, types of the version before may have no name in the module of the next.
    fn is_hidden(&self, function: &Function, changed: bool) -> bool {
        !self.cx.plan.history.is_explicit()
            || match self.direction {
                Direction::Upgrade => !changed,
                Direction::Downgrade => !function.fallible,
            }
    }

    fn hidden(name: &Ident, input: &TokenStream, output: &TokenStream, call: &TokenStream) -> TokenStream {
        quote! {
            #[allow(non_snake_case, deprecated, clippy::all, clippy::pedantic)]
            fn #name(#input) -> #output {
                #call
            }
        }
    }

    /// The type of a field in a version, as it is written beside the versions' modules.
    pub(super) fn written(
        &self,
        ty: &TypeHistory,
        variant: Option<usize>,
        field: &FieldPlan,
        version: usize,
    ) -> Option<Type> {
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
    }

    /// The name of the function that makes a member.
    pub(super) fn name_of(&self, ty: &TypeHistory, variant: Option<usize>, member: usize) -> Ident {
        name(&ty.ident, self.direction, self.step, variant, member)
    }
}
