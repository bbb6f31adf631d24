//! `Upgrade` and `Downgrade` of the types that differ between two versions.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Ident, Type};

use super::Cx;
use crate::model::references::{Seen, mentioned, see};
use crate::model::{Body, TypeHistory};
use crate::parse::verbs::Function;
use crate::plan::conversions::{
    Change, Conversion, ConversionBody, FieldPlan, FieldSource, VariantPlan, VariantTarget,
};
use crate::plan::{Direction, TypeStep};

/// The conversions of all steps.
pub(super) fn expand(cx: &Cx<'_>) -> TokenStream {
    (0..cx.plan.steps.len()).map(|step| of_step(cx, step)).collect()
}

/// The conversions of one step.
pub(super) fn of_step(cx: &Cx<'_>, step: usize) -> TokenStream {
    let mut tokens = TokenStream::new();
    let types = cx.plan.history.types.iter().zip(&cx.plan.steps[step].conversions);
    for (ty, conversions) in types {
        let Some(conversions) = conversions else { continue };
        let TypeStep { upgrade, downgrade } = conversions;
        tokens.extend(conversion(cx, ty, upgrade, Direction::Upgrade, step));
        tokens.extend(conversion(cx, ty, downgrade, Direction::Downgrade, step));
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
    let (source, target) = (quote!(#from::#ident), quote!(#to::#ident));
    let value = match &conversion.body {
        ConversionBody::Struct(fields) => converter.structure(ty, fields, &target),
        ConversionBody::Enum(variants) => converter.enumeration(ty, variants, &source, &target),
    };
    let functions = converter.functions(ty, conversion);
    let (name, method) = direction.names(conversion.fallible);
    let (output, body) = if conversion.fallible {
        (
            quote!(::core::result::Result<#target, #rt::Unconvertible>),
            quote!(::core::result::Result::Ok(#value)),
        )
    } else {
        (target.clone(), value)
    };
    Some(quote! {
        #functions
        #[automatically_derived]
        #[allow(deprecated, clippy::all, clippy::pedantic)]
        impl #rt::#name<#target> for #source {
            fn #method(self) -> #output {
                #body
            }
        }
    })
}

impl Direction {
    /// The trait and its method.
    pub(super) fn names(self, fallible: bool) -> (Ident, Ident) {
        let (name, method) = match (self, fallible) {
            (Direction::Upgrade, false) => ("Upgrade", "upgrade"),
            (Direction::Upgrade, true) => ("TryUpgrade", "try_upgrade"),
            (Direction::Downgrade, false) => ("Downgrade", "downgrade"),
            (Direction::Downgrade, true) => ("TryDowngrade", "try_downgrade"),
        };
        (format_ident!("{name}"), format_ident!("{method}"))
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
    fn structure(&self, ty: &TypeHistory, fields: &[FieldPlan], target: &TokenStream) -> TokenStream {
        let mut computed = Vec::new();
        let mut written = Vec::new();
        for (position, field) in fields.iter().enumerate() {
            let member = &field.target;
            let value = if let FieldSource::Function(function) = &field.from {
                let local = format_ident!("__field{position}");
                let name = self.name_of(ty, None, field.member);
                let call = self.called(&name, function, &quote!(&self), false);
                let value = self.tried(function, &call, self.wire(ty, None, field));
                computed.push(quote!(let #local = #value;));
                quote!(#local)
            } else {
                self.field(ty, None, field, |source| quote!(self.#source))
            };
            written.push(quote!(#member: #value));
        }
        let made = quote!(#target { #(#written),* });
        if computed.is_empty() {
            return made;
        }
        quote!({ #(#computed)* #made })
    }

    fn enumeration(
        &self,
        ty: &TypeHistory,
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
                VariantTarget::Same { target: same, fields } => self.same(
                    ty,
                    variant,
                    &quote!(#source::#name),
                    &quote!(#target::#same),
                    fields,
                ),
                VariantTarget::Unit(unit) => quote!(#source::#name { .. } => #target::#unit,),
                VariantTarget::Function(function) => {
                    let called = self.name_of(ty, None, variant.member);
                    let value = self.tried(function, &quote!(#called(__whole)), None);
                    quote!(__whole @ #source::#name { .. } => #value,)
                }
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
        ty: &TypeHistory,
        variant: &VariantPlan,
        source: &TokenStream,
        target: &TokenStream,
        fields: &[FieldPlan],
    ) -> TokenStream {
        let mut bound = Vec::new();
        let mut written = Vec::new();
        for (position, field) in fields.iter().enumerate() {
            let member = &field.target;
            let local = format_ident!("__field{position}");
            let value = self.field(ty, Some(variant), field, |source| {
                bound.push(quote!(#source: #local,));
                quote!(#local)
            });
            written.push(quote!(#member: #value));
        }
        quote!(#source { #(#bound)* .. } => #target { #(#written),* },)
    }

    /// The value of a field of the target; `get` says how the field of the source is read.
    fn field(
        &self,
        ty: &TypeHistory,
        variant: Option<&VariantPlan>,
        field: &FieldPlan,
        get: impl FnOnce(&syn::Member) -> TokenStream,
    ) -> TokenStream {
        match &field.from {
            FieldSource::Move { source, ty: written } => {
                let value = get(source);
                self.converted(written, &value, self.wire(ty, variant, field))
            }
            FieldSource::Changed { source, how } => {
                let value = get(source);
                match how {
                    Change::Function(function) => {
                        let name = self.name_of(ty, variant.map(|variant| variant.member), field.member);
                        let call = self.called(&name, function, &value, true);
                        self.tried(function, &call, self.wire(ty, variant, field))
                    }
                    Change::Wrapped(written) => {
                        let value = self.converted(written, &value, self.wire(ty, variant, field));
                        quote!(::core::option::Option::Some(#value))
                    }
                    Change::Widened => quote!(::core::convert::From::from(#value)),
                }
            }
            FieldSource::Default { path: Some(_), .. } => {
                let name = self.name_of(ty, variant.map(|variant| variant.member), field.member);
                quote!(#name())
            }
            FieldSource::Default { path: None, .. } | FieldSource::Function(_) | FieldSource::Missing => {
                let (_, to) = self.direction.ends(self.step);
                let written = self.written(ty, variant.map(|variant| variant.member), field, to);
                // As in `is_hidden`.
                let nameable = self.direction == Direction::Upgrade || !self.cx.plan.history.is_explicit();
                written.filter(|_| nameable).map_or_else(
                    || quote!(::core::default::Default::default()),
                    |ty| Self::default_of(&ty),
                )
            }
        }
    }

    /// A value, converted; where that may fail, by `?`, with the name of the member that it stands in.
    fn converted(&self, written: &Type, value: &TokenStream, wire: Option<&str>) -> TokenStream {
        if self.may_fail(written) {
            self.located(&self.attempt(written, value), wire)
        } else {
            self.value(written, value)
        }
    }

    /// What a function of the user makes, with `?` where it may fail.
    fn tried(&self, function: &Function, call: &TokenStream, wire: Option<&str>) -> TokenStream {
        if function.fallible {
            self.located(call, wire)
        } else {
            call.clone()
        }
    }

    fn located(&self, attempt: &TokenStream, wire: Option<&str>) -> TokenStream {
        let rt = self.cx.rt;
        let located = wire.map(|wire| {
            quote! {
                ::core::result::Result::map_err(#attempt, |__error: #rt::Unconvertible| __error.in_member(#wire))?
            }
        });
        located.unwrap_or_else(|| quote!(#attempt?))
    }

    /// The name on the wire of a field of the target, as the source has it where it does; none where it stands in the place
    /// of its value.
    fn wire<'t>(
        &self,
        ty: &'t TypeHistory,
        variant: Option<&VariantPlan>,
        field: &FieldPlan,
    ) -> Option<&'t str> {
        let (from, to) = self.direction.ends(self.step);
        let name_in = |version: usize| {
            let form = ty.forms[version].as_ref()?;
            let (fields, facts) = match (&form.body, variant) {
                (Body::Struct(fields), _) => (fields, &form.facts.fields),
                (Body::Enum(variants), Some(variant)) => {
                    let at = variants.iter().position(|v| v.member == variant.member)?;
                    (&variants[at].fields, &form.facts.variants.get(at)?.fields)
                }
                (Body::Enum(_), None) => return None,
            };
            let at = fields.iter().position(|f| f.member == field.member)?;
            let facts = facts.get(at)?;
            let named = matches!(fields[at].access, syn::Member::Named(_));
            (named && !facts.flatten).then_some(&*facts.names.read)
        };
        name_in(from).or_else(|| name_in(to))
    }

    /// The default of a type, which is underlined if it has none.
    pub(super) fn default_of(ty: &Type) -> TokenStream {
        quote_spanned!(ty.span()=> <#ty as ::core::default::Default>::default())
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
                let (name, method) = self.direction.names(false);
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
                let module = shared_module(container);
                let inner = self.value(inner, &quote!(::std::#module::unwrap_or_clone(#value)));
                quote!(::std::#module::new(#inner))
            }
            Seen::Array(inner, _) => {
                let inner = self.value(inner, &item);
                quote!(#value.map(|__item| #inner))
            }
            // By method: a stream may be named in any way.
            Seen::Stream(_, inner) => {
                let inner = self.value(inner, &item);
                quote!(#value.map_items(|__item| #inner))
            }
            Seen::Tuple(items) => {
                let locals: Vec<Ident> = (0..items.len()).map(|i| format_ident!("__item{i}")).collect();
                let values = items
                    .into_iter()
                    .zip(&locals)
                    .map(|(ty, local)| self.value(ty, &quote!(#local)));
                quote!({ let (#(#locals,)*) = #value; (#(#values,)*) })
            }
            Seen::WithHeaders(body, headers) => {
                let body = self.value(body, &quote!(__body));
                let headers = self.value(headers, &quote!(__headers));
                quote!({
                    let #rt::WithHeaders { body: __body, headers: __headers } = #value;
                    #rt::WithHeaders { body: #body, headers: #headers }
                })
            }
            // A type that cannot be seen through has no conversion, so nothing is generated that needs it.
            Seen::Unit | Seen::Other => quote!(#value),
        }
    }

    /// The same where it may fail: an expression of `Result<_, Unconvertible>`, inside of something that returns one.
    pub(super) fn attempt(&self, ty: &Type, value: &TokenStream) -> TokenStream {
        let rt = self.cx.rt;
        if !self.may_fail(ty) {
            let value = self.value(ty, value);
            return quote!(::core::result::Result::Ok(#value));
        }
        let known = |name: &str| self.cx.plan.history.type_index(name).is_some();
        let item = quote!(__item);
        match see(ty, &known) {
            Seen::Versioned(_) => {
                let (name, method) = self.direction.names(true);
                quote!(#rt::#name::#method(#value))
            }
            Seen::Option(inner) => {
                let inner = self.attempt(inner, &item);
                quote! {
                    match #value {
                        ::core::option::Option::Some(__item) => {
                            ::core::result::Result::map(#inner, ::core::option::Option::Some)
                        }
                        ::core::option::Option::None => ::core::result::Result::Ok(::core::option::Option::None),
                    }
                }
            }
            Seen::List(inner) | Seen::Set(inner) => {
                let inner = self.attempt(inner, &item);
                quote!(#rt::try_list(#value, |__item| #inner))
            }
            Seen::Map(_, inner) => {
                let inner = self.attempt(inner, &item);
                quote!(#rt::try_map(#value, |__item| #inner))
            }
            Seen::Array(inner, _) => {
                let inner = self.attempt(inner, &item);
                quote!(#rt::try_array(#value, |__item| #inner))
            }
            Seen::Boxed(inner) => {
                let inner = self.attempt(inner, &quote!(*#value));
                quote!(::core::result::Result::map(#inner, ::std::boxed::Box::new))
            }
            Seen::Shared(container, inner) => {
                let module = shared_module(container);
                let inner = self.attempt(inner, &quote!(::std::#module::unwrap_or_clone(#value)));
                quote!(::core::result::Result::map(#inner, ::std::#module::new))
            }
            Seen::Tuple(items) => {
                let locals: Vec<Ident> = (0..items.len()).map(|i| format_ident!("__item{i}")).collect();
                let attempts = items.into_iter().zip(&locals).enumerate();
                let values = attempts.map(|(index, (ty, local))| {
                    if !self.may_fail(ty) {
                        return self.value(ty, &quote!(#local));
                    }
                    let attempt = self.attempt(ty, &quote!(#local));
                    quote! {
                        ::core::result::Result::map_err(#attempt, |__error: #rt::Unconvertible| __error.in_item(#index))?
                    }
                });
                quote! {
                    #rt::attempt(move || {
                        let (#(#locals,)*) = #value;
                        ::core::result::Result::Ok((#(#values,)*))
                    })
                }
            }
            // What is begun is not taken back: an item that has no counterpart ends the stream.
            Seen::Stream(_, inner) => {
                let inner = self.attempt(inner, &item);
                quote!(::core::result::Result::Ok(#value.try_map_items(|__item| #inner)))
            }
            Seen::WithHeaders(body, headers) => {
                let body = self.attempt(body, &quote!(__body));
                let headers = self.attempt(headers, &quote!(__headers));
                quote! {
                    #rt::attempt(move || {
                        let #rt::WithHeaders { body: __body, headers: __headers } = #value;
                        ::core::result::Result::Ok(#rt::WithHeaders { body: #body?, headers: #headers? })
                    })
                }
            }
            // As above: nothing is generated that needs these.
            Seen::Unit | Seen::Other => quote!(::core::result::Result::Ok(#value)),
        }
    }

    /// Whether some value of a written type has no counterpart.
    pub(super) fn may_fail(&self, ty: &Type) -> bool {
        self.cx.plan.may_fail(self.step, self.direction, ty)
    }

    /// Whether a written type mentions one that differs between the two versions.
    pub(super) fn touched(&self, ty: &Type) -> bool {
        let known = |name: &str| self.cx.plan.changed(self.step, name);
        !mentioned(ty, &known).is_empty()
    }
}

fn shared_module(container: &Ident) -> TokenStream {
    if container == "Arc" {
        quote!(sync::Arc)
    } else {
        quote!(rc::Rc)
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
