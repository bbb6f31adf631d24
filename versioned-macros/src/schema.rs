//! The shape of a type as a constant: `#[derive(Schema)]`, and the same for types of a contract.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, Ident, Lit, Meta, Type};
use versioned_core::schema::{Matching, Presence};

use crate::constraints;
use crate::crate_path;
use crate::parse::dates;
use crate::serde_facts::{self, FieldFacts, TaggingFacts, TypeFacts, VariantFacts};
use crate::sink::{Diagnostic, Sink};

/// Expands `#[derive(Schema)]`.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let mut input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let krate = crate_path::resolve(None).path;
    let mut sink = Sink::new();
    let mut facts = serde_facts::read(&input, &mut sink);
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
    constraints::of_derive(&mut input, &mut facts, &mut sink);
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
    let doc = facts.container.constraints.doc(doc(&input.attrs));
    let constraints = facts.container.constraints.constants(krate);
    let shape = shape(input, facts, krate);
    quote! {
        // The node is a static beside the implementation: types that mention each other link to it without a cycle.
        #[allow(deprecated)]
        const _: () = {
            static __NODE: #krate::Node = #krate::Node {
                id: #id,
                name: #name,
                doc: #doc,
                shape: #shape,
                constraints: &#constraints,
            };
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
    if let Some(proxy) = &facts.container.proxy {
        let link = link(proxy, krate);
        return quote!(#shape::Transparent(#link));
    }
    let deny = facts.container.deny_unknown_fields;
    match &input.data {
        Data::Struct(data) => {
            let visible = visible(&data.fields, &facts.fields);
            match (&data.fields, visible.as_slice()) {
                (fields, [(only, field)]) if facts.container.transparent || is_newtype(fields) => {
                    let link = place(only, field, krate);
                    quote!(#shape::Transparent(#link))
                }
                (Fields::Named(_), _) => {
                    let literal = facts
                        .container
                        .literal
                        .as_ref()
                        .map(|literal| tag_node(literal, krate));
                    let fields = named(&visible, krate);
                    quote!(#shape::Struct { fields: &[#literal #(#fields),*], deny_unknown_fields: #deny })
                }
                (Fields::Unnamed(_), _) => {
                    let links = visible.iter().map(|(field, facts)| place(field, facts, krate));
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
            let variants = data.variants.iter().zip(&facts.variants);
            let variants = variants.flat_map(|(variant, facts)| variant_nodes(variant, facts, krate));
            quote! {
                #shape::Enum {
                    tagging: #krate::Tagging::#tagging,
                    variants: &[#(#variants),*],
                    deny_unknown_fields: #deny,
                }
            }
        }
        Data::Union(_) => quote!(#shape::Unit),
    }
}

/// Whether serde writes the value itself, without an array around it.
fn is_newtype(fields: &Fields) -> bool {
    matches!(fields, Fields::Unnamed(all) if all.unnamed.len() == 1)
}

/// A variant; two, if it is read under another name than it is written.
fn variant_nodes(variant: &syn::Variant, facts: &VariantFacts, krate: &TokenStream) -> Vec<TokenStream> {
    let (name, doc) = (variant.ident.unraw().to_string(), doc(&variant.attrs));
    let content = match &facts.schema {
        Some(ty) => {
            let link = link(ty, krate);
            quote!(#krate::Content::Newtype(#link))
        }
        None => content(&variant.fields, &facts.fields, krate),
    };
    let matching = match facts.matching {
        Matching::Named => quote!(Named),
        Matching::Other => quote!(Other),
        Matching::Untagged => quote!(Untagged),
    };
    let deprecation = dates::deprecation(facts.deprecation.as_ref(), krate);
    let nodes = facts.names.each().into_iter().map(|each| {
        let (wire, aliases, presence) = (each.wire, each.aliases, presence(each.presence, krate));
        quote! {
            #krate::Variant {
                name: #name,
                wire: #wire,
                aliases: &[#(#aliases),*],
                doc: #doc,
                content: #content,
                presence: #presence,
                matching: #krate::Matching::#matching,
                deprecation: #deprecation,
            }
        }
    });
    nodes.collect()
}

fn content(fields: &Fields, facts: &[FieldFacts], krate: &TokenStream) -> TokenStream {
    let content = quote!(#krate::Content);
    let visible = visible(fields, facts);
    match (fields, visible.as_slice()) {
        (Fields::Unit, _) => quote!(#content::Unit),
        (Fields::Named(_), _) => {
            let fields = named(&visible, krate);
            quote!(#content::Struct(&[#(#fields),*]))
        }
        (fields, [(only, facts)]) if is_newtype(fields) => {
            let link = place(only, facts, krate);
            quote!(#content::Newtype(#link))
        }
        (Fields::Unnamed(_), _) => {
            let links = visible.iter().map(|(field, facts)| place(field, facts, krate));
            quote!(#content::Tuple(&[#(#links),*]))
        }
    }
}

/// The fields that stand on the wire.
fn visible<'a>(fields: &'a Fields, facts: &'a [FieldFacts]) -> Vec<(&'a syn::Field, &'a FieldFacts)> {
    fields
        .iter()
        .zip(facts)
        .filter(|(_, facts)| facts.names.is_visible())
        .collect()
}

fn named(fields: &[(&syn::Field, &FieldFacts)], krate: &TokenStream) -> Vec<TokenStream> {
    let nodes = fields.iter().flat_map(|(field, facts)| {
        let name = field
            .ident
            .as_ref()
            .map_or_else(String::new, |ident: &Ident| ident.unraw().to_string());
        field_nodes(&name, field, facts, krate)
    });
    nodes.collect()
}

/// One member of an object; two, if it is read under another name than it is written.
pub(crate) fn field_nodes(
    name: &str,
    field: &syn::Field,
    facts: &FieldFacts,
    krate: &TokenStream,
) -> Vec<TokenStream> {
    let doc = facts.constraints.doc(doc(&field.attrs));
    let FieldFacts {
        optional_in,
        optional_out,
        flatten,
        ..
    } = facts;
    let ty = facts
        .constraints
        .link(link(wire_type(field, facts), krate), None, krate);
    let nodes = facts.names.each().into_iter().map(|each| {
        let (wire, aliases, presence) = (each.wire, each.aliases, presence(each.presence, krate));
        quote! {
            #krate::Field {
                name: #name,
                wire: #wire,
                aliases: &[#(#aliases),*],
                doc: #doc,
                ty: #ty,
                optional_in: #optional_in,
                optional_out: #optional_out,
                presence: #presence,
                flatten: #flatten,
            }
        }
    });
    nodes.collect()
}

/// The tag that serde writes beside the members of a struct.
fn tag_node((tag, value): &(String, String), krate: &TokenStream) -> TokenStream {
    quote! {
        #krate::Field {
            name: #tag,
            wire: #tag,
            aliases: &[],
            doc: "",
            ty: {
                static __TAG: #krate::Node = #krate::Node::anonymous(#krate::Shape::Literal(#value));
                #krate::Link::of(&__TAG)
            },
            optional_in: false,
            optional_out: false,
            presence: #krate::Presence::Written,
            flatten: false,
        },
    }
}

fn presence(presence: Presence, krate: &TokenStream) -> TokenStream {
    match presence {
        Presence::Both => quote!(#krate::Presence::Both),
        Presence::Read => quote!(#krate::Presence::Read),
        Presence::Written => quote!(#krate::Presence::Written),
    }
}

/// The type whose shape is on the wire.
fn wire_type<'a>(field: &'a syn::Field, facts: &'a FieldFacts) -> &'a Type {
    facts.schema.as_ref().unwrap_or(&field.ty)
}

/// The node of a field without a name: what is said of it stands there.
fn place(field: &syn::Field, facts: &FieldFacts, krate: &TokenStream) -> TokenStream {
    let link = link(wire_type(field, facts), krate);
    let said = &facts.constraints;
    said.link(link, said.description.as_deref(), krate)
}

/// With the span of the written type: if its shape is not known, rustc points there.
fn link(ty: &Type, krate: &TokenStream) -> TokenStream {
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
