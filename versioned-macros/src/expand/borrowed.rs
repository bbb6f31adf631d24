//! `SerializeAs`: borrowed values, written in the shape of an earlier version.
//!
//! The fields of the older form stand in a mirror: a type of the same serde attributes that has a parameter for each field, so that
//! it holds references, and serde itself writes the wire.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;
use syn::{Fields, Ident, LitStr, Type};

use super::convert::Converter;
use super::{Cx, local, made};
use crate::model::TypeForm;
use crate::model::references::{Seen, see};
use crate::plan::Direction;
use crate::plan::borrowed::{BoundKind, FieldView, Made, VariantView, View, ViewBody, ViewSource};
use crate::serde_facts::{FieldFacts, TaggingFacts};

/// The implementations of all types, for all versions that they can be written in.
pub(super) fn expand(cx: &Cx<'_>) -> TokenStream {
    cx.plan
        .views
        .iter()
        .filter_map(|view| implementation(cx, view))
        .collect()
}

fn implementation(cx: &Cx<'_>, view: &View) -> Option<TokenStream> {
    let rt = cx.rt;
    let ty = &cx.plan.history.types[view.ty];
    let writer = Writer { cx, view };
    let form = ty.forms[view.to].as_ref()?;
    let (ident, from, marker) = (&ty.ident, cx.module(view.from), cx.marker(view.to));
    let is_cloning = view.bounds.iter().any(|bound| bound.kind == BoundKind::Cloned);
    let way = match &view.body {
        ViewBody::Owned => quote!(#rt::Way::Owned),
        ViewBody::Like(like) => {
            let like = cx.marker(*like);
            quote!(<Self as #rt::SerializeAs<#like>>::WAY)
        }
        _ if is_cloning => quote!(#rt::Way::Partly),
        _ => quote!(#rt::Way::Borrowed),
    };
    let serializer = local("__serializer");
    // Beside a mistake, a stub: what follows from it was told.
    let bounds = if cx.refused { &[][..] } else { &view.bounds };
    let body = match &view.body {
        _ if cx.refused => {
            quote!(::core::result::Result::Err(#rt::serde::ser::Error::custom("the contract has mistakes")))
        }
        ViewBody::Same => quote!(#rt::Written::write(self, #serializer)),
        ViewBody::Like(like) => {
            let like = cx.marker(*like);
            quote!(<Self as #rt::SerializeAs<#like>>::serialize_as(self, #serializer))
        }
        ViewBody::Owned => writer.owned(),
        ViewBody::Struct(fields) => writer.structure(form, fields),
        ViewBody::Enum(variants) => writer.enumeration(form, variants),
    };
    let bounds = bounds.iter().map(|bound| {
        let ty = cx.qualified(&bound.ty, bound.version);
        match bound.kind {
            BoundKind::Cloned => quote!(for<'__any> #ty: #rt::Cloned<'__any>,),
            BoundKind::Written => quote!(for<'__any> #ty: #rt::Written<'__any>,),
        }
    });
    Some(quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #rt::SerializeAs<#marker> for #from::#ident where #(#bounds)* {
            const WAY: #rt::Way = #way;

            fn serialize_as<__S: #rt::serde::Serializer>(
                &self,
                #serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                #body
            }
        }
    })
}

struct Writer<'a> {
    cx: &'a Cx<'a>,
    view: &'a View,
}

impl Writer<'_> {
    /// A clone, downgraded step by step.
    fn owned(&self) -> TokenStream {
        let rt = self.cx.rt;
        let (value, serializer) = (local("__value"), local("__serializer"));
        let steps = downgrades(
            self.cx,
            self.view.ty,
            self.view.from,
            self.view.to,
            |error| quote!(|#error| #rt::serde::ser::Error::custom(#error)),
        );
        quote! {
            let #value = #rt::Cloned::cloned(self);
            #steps
            #rt::Written::write(&#value, #serializer)
        }
    }

    fn structure(&self, form: &TypeForm, fields: &[FieldView]) -> TokenStream {
        let rt = self.cx.rt;
        let syn::Data::Struct(data) = &form.input.data else {
            return self.owned();
        };
        let serializer = local("__serializer");
        let mirror = mirror();
        let mut parameters = Vec::new();
        let declared = self.declared(&data.fields, &form.facts.fields, &mut parameters);
        let container = self.container(form);
        let (lines, values) = self.values(fields, |source| quote!(&self.#source));
        let made = constructed(&data.fields, &quote!(#mirror), &values);
        let end = matches!(data.fields, Fields::Unnamed(_) | Fields::Unit).then(|| quote!(;));
        quote! {
            #container
            struct #mirror<#(#parameters),*> #declared #end
            #(#lines)*
            #rt::serde::Serialize::serialize(&#made, #serializer)
        }
    }

    fn enumeration(&self, form: &TypeForm, views: &[VariantView]) -> TokenStream {
        let rt = self.cx.rt;
        let syn::Data::Enum(data) = &form.input.data else {
            return self.owned();
        };
        if views.is_empty() {
            return quote!(match *self {});
        }
        let serializer = local("__serializer");
        let mirror = mirror();
        let mut parameters = Vec::new();
        let mut ranges = Vec::new();
        let variants: Vec<TokenStream> = data
            .variants
            .iter()
            .zip(&form.facts.variants)
            .map(|(variant, facts)| {
                let before = parameters.len();
                let declared = self.declared(&variant.fields, &facts.fields, &mut parameters);
                ranges.push(before..parameters.len());
                let (name, wire) = (&variant.ident, &facts.names.written);
                let is_written = facts.names.is_written();
                let skip = (!is_written).then(|| quote!(#[serde(skip)]));
                quote!(#[serde(rename = #wire)] #skip #name #declared,)
            })
            .collect();
        let container = self.container(form);
        let (from, source) = (
            self.cx.module(self.view.from),
            &self.cx.plan.history.types[self.view.ty].ident,
        );
        let arms = views.iter().map(|view| {
            let (name, target) = (&view.source, &data.variants[view.target]);
            let mut bound = Vec::new();
            let (lines, values) = self.values(&view.fields, |source| {
                let local = local(&format!("__source{}", bound.len()));
                bound.push(quote!(#source: #local,));
                quote!(#local)
            });
            // Nothing says what the fields of the other variants would be.
            let arguments = (0..parameters.len()).map(|index| {
                if ranges[view.target].contains(&index) {
                    quote!(_)
                } else {
                    quote!(())
                }
            });
            let into = &target.ident;
            let path = if parameters.is_empty() {
                quote!(#mirror::#into)
            } else {
                quote!(#mirror::<#(#arguments),*>::#into)
            };
            let made = constructed(&target.fields, &path, &values);
            quote! {
                #from::#source::#name { #(#bound)* .. } => {
                    #(#lines)*
                    #rt::serde::Serialize::serialize(&#made, #serializer)
                }
            }
        });
        quote! {
            #container
            enum #mirror<#(#parameters),*> { #(#variants)* }
            match self { #(#arms)* }
        }
    }

    /// The attributes of the mirror.
    fn container(&self, form: &TypeForm) -> TokenStream {
        let rt = self.cx.rt;
        let facts = &form.facts.container;
        let serde = text(&quote!(#rt::serde));
        let name = match &facts.literal {
            Some((_, name)) => name.clone(),
            None => form.input.ident.unraw().to_string(),
        };
        let tagging = match (&facts.tagging, &facts.literal) {
            (_, Some((tag, _))) | (TaggingFacts::Internal { tag }, None) => quote!(, tag = #tag),
            (TaggingFacts::Adjacent { tag, content }, None) => quote!(, tag = #tag, content = #content),
            (TaggingFacts::External | TaggingFacts::Untagged, None) => TokenStream::new(),
        };
        let transparent = facts.transparent.then(|| quote!(, transparent));
        quote! {
            #[allow(dead_code, non_camel_case_types, clippy::all, clippy::pedantic)]
            #[derive(#rt::serde::Serialize)]
            #[serde(crate = #serde, rename = #name #tagging #transparent)]
        }
    }

    /// The fields of the mirror, each of a type of its own; adds the parameters.
    fn declared(&self, fields: &Fields, facts: &[FieldFacts], parameters: &mut Vec<Ident>) -> TokenStream {
        let rt = self.cx.rt;
        let skipped = text(&quote!(#rt::Maybe::is_skipped));
        let declared: Vec<TokenStream> = facts
            .iter()
            .enumerate()
            .map(|(index, facts)| {
                let name = matches!(fields, Fields::Named(_)).then(|| {
                    let name = format_ident!("__field{index}");
                    quote!(#name:)
                });
                let is_written = facts.names.is_written();
                if !is_written {
                    return quote!(#[serde(skip)] #name ());
                }
                let parameter = format_ident!("__F{}", parameters.len());
                let rename = name.is_some().then(|| {
                    let wire = &facts.names.written;
                    quote!(#[serde(rename = #wire)])
                });
                let declared = if facts.skip_if.is_some() {
                    quote!(#rename #[serde(skip_serializing_if = #skipped)] #name #rt::Maybe<#parameter>)
                } else {
                    quote!(#rename #name #parameter)
                };
                parameters.push(parameter);
                declared
            })
            .collect();
        match fields {
            Fields::Named(_) => quote!({ #(#declared),* }),
            Fields::Unnamed(_) => quote!((#(#declared),*)),
            Fields::Unit => TokenStream::new(),
        }
    }

    /// What stands before the mirror is made, and its values in order; `get` says how a field of the value is borrowed.
    fn values(
        &self,
        fields: &[FieldView],
        mut get: impl FnMut(&syn::Member) -> TokenStream,
    ) -> (Vec<TokenStream>, Vec<TokenStream>) {
        let rt = self.cx.rt;
        let mut lines = Vec::new();
        let mut values = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            // What is borrowed is asked itself whether it is left out; what is made is asked when it is there.
            let (value, asked) = match &field.from {
                ViewSource::Hidden => (quote!(()), None),
                ViewSource::Kept { source, ty } => {
                    let source = get(source);
                    (self.kept(ty, &source), Some(source))
                }
                ViewSource::Wrapped { source, ty } => {
                    let value = self.kept(ty, &get(source));
                    (quote!(::core::option::Option::Some(#value)), None)
                }
                ViewSource::Widened { source } => {
                    let (source, ty) = (get(source), self.cx.qualified(&field.ty, self.view.to));
                    (quote!(<#ty as ::core::convert::From<_>>::from(*#source)), None)
                }
                ViewSource::Changed { source, made } => {
                    let (source, function) = (get(source), self.function(*made));
                    (quote!(#function(#rt::Cloned::cloned(#source))), None)
                }
                ViewSource::Computed(made) => {
                    let function = self.function(*made);
                    (quote!(#function(self)), None)
                }
                ViewSource::MadeUp(made) => {
                    let function = self.function(*made);
                    (quote!(#function()), None)
                }
                ViewSource::Default => {
                    let ty = self.cx.qualified(&field.ty, self.view.to);
                    (Converter::default_of(&ty), None)
                }
            };
            let Some(skip) = &field.skip else {
                values.push(value);
                continue;
            };
            let kept = local(&format!("__field{index}"));
            let asked = asked.unwrap_or_else(|| quote!(&#kept));
            let skipped = local(&format!("__skipped{index}"));
            lines.push(quote! {
                let #kept = #value;
                let #skipped = #skip(#asked);
            });
            values.push(quote!(#rt::Maybe::new(#kept, #skipped)));
        }
        (lines, values)
    }

    fn function(&self, by: Made) -> Ident {
        let ident = &self.cx.plan.history.types[self.view.ty].ident;
        made::name(ident, Direction::Downgrade, by.step, by.variant, by.member)
    }

    /// A borrowed value, with everything in it that differs written as the older version does.
    fn kept(&self, ty: &Type, source: &TokenStream) -> TokenStream {
        let rt = self.cx.rt;
        if !self.differs(ty) {
            return source.clone();
        }
        let projection = self.projection(ty);
        quote!(#rt::Through::<#projection, _>::new(#source))
    }

    fn projection(&self, ty: &Type) -> TokenStream {
        let rt = self.cx.rt;
        if !self.differs(ty) {
            return quote!(#rt::Keep);
        }
        let known = |name: &str| self.cx.plan.history.type_index(name).is_some();
        match see(ty, &known) {
            Seen::Versioned(_) => {
                let marker = self.cx.marker(self.view.to);
                quote!(#rt::To<#marker>)
            }
            Seen::Option(item)
            | Seen::List(item)
            | Seen::Map(_, item)
            | Seen::Boxed(item)
            | Seen::Shared(_, item)
            | Seen::Array(item, _) => {
                let item = self.projection(item);
                quote!(#rt::Each<#item>)
            }
            Seen::Tuple(items) => {
                let items = items.into_iter().map(|item| self.projection(item));
                quote!(#rt::Places<(#(#items,)*)>)
            }
            // Planned as owned.
            Seen::Set(_) | Seen::Unit | Seen::Other | Seen::Stream(..) | Seen::WithHeaders(..) => {
                quote!(#rt::Keep)
            }
        }
    }

    fn differs(&self, ty: &Type) -> bool {
        self.cx.plan.differs(self.view.from, self.view.to, ty)
    }
}

/// `let __value = …;` for each step down from the [`local`] `__value`, which is a value of version `from`.
pub(super) fn downgrades(
    cx: &Cx<'_>,
    ty: usize,
    from: usize,
    to: usize,
    failed: impl Fn(&Ident) -> TokenStream,
) -> TokenStream {
    let (rt, value) = (cx.rt, local("__value"));
    let ident = &cx.plan.history.types[ty].ident;
    let steps = (to..from).rev().filter_map(|step| {
        let downgrade = &cx.plan.steps[step].conversions[ty].as_ref()?.downgrade;
        let (name, method) = Direction::Downgrade.names(downgrade.fallible);
        let module = cx.module(step);
        let call = quote!(#rt::#name::#method(#value));
        let made = if downgrade.fallible {
            let failed = failed(&local("__error"));
            quote!(::core::result::Result::map_err(#call, #failed)?)
        } else {
            call
        };
        Some(quote!(let #value: #module::#ident = #made;))
    });
    steps.collect()
}

/// The name of the mirror, which no marker has: serde writes that of the type, where it writes one.
fn mirror() -> Ident {
    format_ident!("__Mirror")
}

/// A value of the mirror.
fn constructed(fields: &Fields, path: &TokenStream, values: &[TokenStream]) -> TokenStream {
    match fields {
        Fields::Named(_) => {
            let names = (0..values.len()).map(|index| format_ident!("__field{index}"));
            quote!(#path { #(#names: #values),* })
        }
        Fields::Unnamed(_) => quote!(#path(#(#values),*)),
        Fields::Unit => path.clone(),
    }
}

/// A path as serde reads it from an attribute.
fn text(path: &TokenStream) -> LitStr {
    let path = path.to_string().replace(' ', "");
    LitStr::new(&path, proc_macro2::Span::call_site())
}
