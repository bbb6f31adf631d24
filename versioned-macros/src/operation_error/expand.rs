//! From the understood enum to its implementation of `OperationError`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{DeriveInput, Field, Fields, parse_quote};

use super::{ErrorEnum, Kind};
use crate::constraints::Constrained;
use crate::schema::field_nodes;
use crate::serde_facts::{FieldFacts, Names};

/// The implementation; total also where the enum was refused, so that one mistake stays one error.
pub(super) fn expand(error: &ErrorEnum, krate: &TokenStream) -> TokenStream {
    let ident = &error.ident;
    let specs = error.kinds.iter().map(|kind| spec(&error.ident, kind, krate));
    let into = error.kinds.iter().map(|kind| into_problem(kind, krate));
    let from = error.kinds.iter().map(|kind| from_problem(kind, krate));
    let (into_other, from_other) = match &error.other {
        Some(other) => (
            quote!(Self::#other(problem) => problem,),
            quote!(Self::#other(problem)),
        ),
        // Refused: there is no variant to make, and the program is never built.
        None => (TokenStream::new(), quote!(::std::process::abort())),
    };
    let rest = error
        .refused
        .then(|| quote!(#[allow(unreachable_patterns)] _ => #krate::Problem::internal(),));
    let display = (!error.displayed).then(|| display(error));
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #krate::OperationError for #ident {
            const PROBLEMS: &'static [#krate::ProblemSpec] = &[#(#specs),*];

            fn into_problem(self) -> #krate::Problem {
                match self {
                    #(#into)*
                    #into_other
                    #rest
                }
            }

            fn from_problem(problem: #krate::Problem) -> Self {
                match &*problem.type_uri {
                    #(#from)*
                    _ => {}
                }
                #from_other
            }
        }
        #display
    }
}

/// For what was refused as a whole, so that its uses are no mistakes of their own.
pub(super) fn stub(input: &DeriveInput, krate: &TokenStream) -> TokenStream {
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let mut bounds = bounds.cloned().unwrap_or_else(|| parse_quote!(where));
    bounds
        .predicates
        .push(parse_quote!(Self: ::core::marker::Send + 'static));
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #generics #krate::OperationError for #ident #arguments #bounds {
            const PROBLEMS: &'static [#krate::ProblemSpec] = &[];

            fn into_problem(self) -> #krate::Problem {
                #krate::Problem::internal()
            }

            fn from_problem(_: #krate::Problem) -> Self {
                ::std::process::abort()
            }
        }
    }
}

/// The fields with the names of their members; a lone field without a name is `value`.
pub(super) fn members(kind: &Kind) -> Vec<(String, Ident, &Field)> {
    let fields = kind.fields.iter().enumerate();
    let members = fields.map(|(index, field)| match &field.ident {
        Some(ident) => (ident.unraw().to_string(), ident.clone(), field),
        None => ("value".to_owned(), format_ident!("_{index}"), field),
    });
    members.collect()
}

/// `Self::NotFound { id }`, binding each field to its local name.
fn pattern(kind: &Kind) -> TokenStream {
    let ident = &kind.ident;
    let locals: Vec<Ident> = members(kind).into_iter().map(|(_, local, _)| local).collect();
    match &kind.fields {
        Fields::Named(_) => quote!(Self::#ident { #(#locals),* }),
        Fields::Unnamed(_) => quote!(Self::#ident(#(#locals),*)),
        Fields::Unit => quote!(Self::#ident),
    }
}

fn spec(owner: &Ident, kind: &Kind, krate: &TokenStream) -> TokenStream {
    let owner = owner.unraw().to_string();
    let (variant, doc) = (kind.ident.unraw().to_string(), &kind.doc);
    let (status, type_uri, title) = (kind.status, &kind.type_uri, &kind.title);
    let members = members(kind).into_iter().map(|(name, _, field)| {
        let facts = FieldFacts {
            names: Names::plain(&name),
            optional_in: crate::model::references::is_option(&field.ty),
            optional_out: false,
            flatten: false,
            schema: None,
            by_function: false,
            skip_if: None,
            constraints: Constrained::default(),
        };
        let nodes = field_nodes(&name, field, &facts, krate);
        quote!(#(#nodes),*)
    });
    quote! {
        #krate::ProblemSpec {
            owner: #owner,
            variant: #variant,
            status: #status,
            type_uri: #type_uri,
            title: #title,
            doc: #doc,
            members: &[#(#members),*],
        }
    }
}

fn into_problem(kind: &Kind, krate: &TokenStream) -> TokenStream {
    let (status, type_uri, title) = (kind.status, &kind.type_uri, &kind.title);
    let pattern = pattern(kind);
    let detail = detail(kind).map(|arguments| quote!(.with_detail(::std::format!(#arguments))));
    let members = members(kind)
        .into_iter()
        .map(|(name, local, _)| quote!(.with(#name, &#local)));
    quote! {
        #pattern => #krate::Problem::new(#status)
            .with_type(#type_uri)
            .with_title(#title)
            #detail
            #(#members)*,
    }
}

/// The arguments of `format!` that make the detail from the locals of [`pattern`].
fn detail(kind: &Kind) -> Option<TokenStream> {
    let text = kind.detail.as_ref()?;
    // A field without a name is `{0}` to the user and a local here.
    let positional =
        matches!(kind.fields, Fields::Unnamed(_)) && text.value().replace("{{", "").contains("{0");
    let argument = positional.then(|| quote!(, _0));
    Some(quote!(#text #argument))
}

fn from_problem(kind: &Kind, krate: &TokenStream) -> TokenStream {
    let type_uri = &kind.type_uri;
    let pattern = pattern(kind);
    let members = members(kind);
    if members.is_empty() {
        return quote!(#type_uri => return #pattern,);
    }
    let locals = members.iter().map(|(_, local, _)| local);
    let reads = members.iter().map(|(name, _, field)| {
        let ty = &field.ty;
        quote_spanned!(ty.span()=> #krate::problem_member::<#ty>(&problem, #name))
    });
    quote! {
        #type_uri => {
            // A document whose members do not fit is kept whole, in the `other` variant.
            if let (#(::core::option::Option::Some(#locals),)*) = (#(#reads,)*) {
                return #pattern;
            }
        }
    }
}

fn display(error: &ErrorEnum) -> TokenStream {
    let ident = &error.ident;
    // A field may have any name, and must not hide the formatter.
    let f = Ident::new("f", Span::mixed_site());
    let kinds = error.kinds.iter().map(|kind| {
        let title = &kind.title;
        let write = detail(kind).map_or_else(
            || quote!(#f.write_str(#title)),
            |arguments| quote!(::core::write!(#f, #arguments)),
        );
        let pattern = pattern(kind);
        quote! {
            #[allow(unused_variables)]
            #pattern => #write,
        }
    });
    let other = match &error.other {
        Some(other) => quote!(Self::#other(problem) => ::core::fmt::Display::fmt(problem, #f),),
        None => TokenStream::new(),
    };
    let rest = error
        .refused
        .then(|| quote!(#[allow(unreachable_patterns)] _ => ::core::result::Result::Ok(()),));
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl ::core::fmt::Display for #ident {
            fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self {
                    #(#kinds)*
                    #other
                    #rest
                }
            }
        }
        #[automatically_derived]
        #[allow(deprecated)]
        impl ::core::error::Error for #ident {}
    }
}
