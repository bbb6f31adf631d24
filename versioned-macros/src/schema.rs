//! The shape of a type as a constant: `#[derive(Schema)]`, and the same for types of a contract.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, Ident, Lit, Meta};

use crate::crate_path;
use crate::serde_facts::{self, FieldFacts, TaggingFacts, TypeFacts};
use crate::sink::{Diagnostic, Sink};

/// Expands `#[derive(Schema)]`.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let krate = crate_path::resolve(None).path;
    let mut sink = Sink::new();
    let facts = serde_facts::read(&input, &mut sink);
    if !input.generics.params.is_empty() {
        sink.error(
            Diagnostic::new("V0006", &input.generics, format!("`{}` has generic parameters", input.ident)).help(
                "write the types out: a contract says exactly what is on the wire (generic types are not supported yet)",
            ),
        );
        return refused(&input, sink, &krate);
    }
    if let Data::Union(data) = &input.data {
        sink.error(
            Diagnostic::new("V0011", data.union_token, "a union cannot cross the wire")
                .help("write an enum with `#[serde(untagged)]`"),
        );
        return refused(&input, sink, &krate);
    }
    let name = input.ident.unraw().to_string();
    let id = quote!(::core::concat!(::core::module_path!(), "::", #name));
    let implementation = node_impl(&input, &facts, &krate, &id);
    let errors = sink.into_tokens();
    quote!(#errors #implementation)
}

/// The mistakes beside a stub, so that the uses of the type are no mistakes of their own.
fn refused(input: &DeriveInput, sink: Sink, krate: &TokenStream) -> TokenStream {
    let errors = sink.into_tokens();
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    quote! {
        #errors
        #[automatically_derived]
        impl #generics #krate::Schema for #ident #arguments #bounds {
            const NODE: #krate::Link = {
                static __NODE: #krate::Node = #krate::Node::anonymous(#krate::Shape::Any);
                #krate::Link::of(&__NODE)
            };
        }
    }
}

/// The implementation of `Schema` for one type; `id` is the expression of its identity.
pub(crate) fn node_impl(
    input: &DeriveInput,
    facts: &TypeFacts,
    krate: &TokenStream,
    id: &TokenStream,
) -> TokenStream {
    let ident = &input.ident;
    let name = ident.unraw().to_string();
    let doc = doc(&input.attrs);
    let shape = shape(input, facts, krate);
    quote! {
        // The node is a static beside the implementation: types that mention each other link to it without a cycle.
        #[allow(deprecated)]
        const _: () = {
            static __NODE: #krate::Node = #krate::Node { id: #id, name: #name, doc: #doc, shape: #shape };
            #[automatically_derived]
            impl #krate::Schema for #ident {
                const NODE: #krate::Link = #krate::Link::of(&__NODE);
            }
            #[automatically_derived]
            impl #krate::utoipa::PartialSchema for #ident {
                fn schema() -> #krate::utoipa::openapi::RefOr<#krate::utoipa::openapi::schema::Schema> {
                    #krate::openapi_schema(<Self as #krate::Schema>::NODE)
                }
            }
            #[automatically_derived]
            impl #krate::utoipa::ToSchema for #ident {
                fn name() -> ::std::borrow::Cow<'static, str> {
                    #krate::openapi_name(<Self as #krate::Schema>::NODE)
                }
            }
        };
    }
}

fn shape(input: &DeriveInput, facts: &TypeFacts, krate: &TokenStream) -> TokenStream {
    let shape = quote!(#krate::Shape);
    match &input.data {
        Data::Struct(data) => {
            let visible = visible(&data.fields, &facts.fields);
            match (&data.fields, visible.as_slice()) {
                (_, [(only, _)]) if facts.container.transparent => {
                    let link = link(only, krate);
                    quote!(#shape::Transparent(#link))
                }
                (Fields::Named(_), _) => {
                    let fields = named(&visible, krate);
                    let deny = facts.container.deny_unknown_fields;
                    quote!(#shape::Struct { fields: #fields, deny_unknown_fields: #deny })
                }
                (Fields::Unnamed(all), [(only, _)]) if all.unnamed.len() == 1 => {
                    let link = link(only, krate);
                    quote!(#shape::Transparent(#link))
                }
                (Fields::Unnamed(_), _) => {
                    let links = visible.iter().map(|(field, _)| link(field, krate));
                    quote!(#shape::Tuple(&[#(#links),*]))
                }
                (Fields::Unit, _) => quote!(#shape::Unit),
            }
        }
        Data::Enum(data) => {
            let tagging = match &facts.container.tagging {
                TaggingFacts::External => quote!(External),
                TaggingFacts::Internal { tag } => quote!(Internal { tag: #tag }),
                TaggingFacts::Adjacent { tag, content } => quote!(Adjacent { tag: #tag, content: #content }),
                TaggingFacts::Untagged => quote!(Untagged),
            };
            let variants = data
                .variants
                .iter()
                .zip(&facts.variants)
                .filter(|(_, facts)| !facts.skip);
            let variants = variants.map(|(variant, facts)| {
                let (name, doc) = (variant.ident.unraw().to_string(), doc(&variant.attrs));
                let (wire, aliases) = (&facts.wire, &facts.aliases);
                let content = content(&variant.fields, &facts.fields, krate);
                quote! {
                    #krate::Variant { name: #name, wire: #wire, aliases: &[#(#aliases),*], doc: #doc, content: #content }
                }
            });
            quote!(#shape::Enum { tagging: #krate::Tagging::#tagging, variants: &[#(#variants),*] })
        }
        Data::Union(_) => quote!(#shape::Unit),
    }
}

fn content(fields: &Fields, facts: &[FieldFacts], krate: &TokenStream) -> TokenStream {
    let content = quote!(#krate::Content);
    let visible = visible(fields, facts);
    match (fields, visible.as_slice()) {
        (Fields::Unit, _) => quote!(#content::Unit),
        (Fields::Named(_), _) => {
            let fields = named(&visible, krate);
            quote!(#content::Struct(#fields))
        }
        (Fields::Unnamed(all), [(only, _)]) if all.unnamed.len() == 1 => {
            let link = link(only, krate);
            quote!(#content::Newtype(#link))
        }
        (Fields::Unnamed(_), _) => {
            let links = visible.iter().map(|(field, _)| link(field, krate));
            quote!(#content::Tuple(&[#(#links),*]))
        }
    }
}

/// The fields that stand on the wire.
fn visible<'a>(fields: &'a Fields, facts: &'a [FieldFacts]) -> Vec<(&'a syn::Field, &'a FieldFacts)> {
    fields
        .iter()
        .zip(facts)
        .filter(|(_, facts)| !facts.skip)
        .collect()
}

fn named(fields: &[(&syn::Field, &FieldFacts)], krate: &TokenStream) -> TokenStream {
    let fields = fields.iter().map(|(field, facts)| {
        let name = field
            .ident
            .as_ref()
            .map_or_else(String::new, |ident: &Ident| ident.unraw().to_string());
        field_node(&name, field, facts, krate)
    });
    quote!(&[#(#fields),*])
}

/// One member of an object.
pub(crate) fn field_node(
    name: &str,
    field: &syn::Field,
    facts: &FieldFacts,
    krate: &TokenStream,
) -> TokenStream {
    let (wire, aliases, doc) = (&facts.wire, &facts.aliases, doc(&field.attrs));
    let (optional_in, optional_out) = (facts.optional_in, facts.optional_out);
    let ty = link(field, krate);
    quote! {
        #krate::Field {
            name: #name,
            wire: #wire,
            aliases: &[#(#aliases),*],
            doc: #doc,
            ty: #ty,
            optional_in: #optional_in,
            optional_out: #optional_out,
        }
    }
}

/// With the span of the written type: if its shape is not known, rustc points there.
fn link(field: &syn::Field, krate: &TokenStream) -> TokenStream {
    let ty = &field.ty;
    quote_spanned!(ty.span()=> <#ty as #krate::Schema>::NODE)
}

/// The doc comment, without the space that follows each `///`.
pub(crate) fn doc(attrs: &[Attribute]) -> String {
    let lines = attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
        .filter_map(|attribute| {
            let Meta::NameValue(pair) = &attribute.meta else {
                return None;
            };
            let Expr::Lit(literal) = &pair.value else {
                return None;
            };
            let Lit::Str(text) = &literal.lit else { return None };
            let text = text.value();
            Some(text.strip_prefix(' ').unwrap_or(&text).trim_end().to_owned())
        });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
