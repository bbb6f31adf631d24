//! `#[derive(Responses)]`: the answers of an operation, each variant of an enum a status.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Expr, ExprLit, Fields, Ident, Lit, LitInt, Type, Variant};

use crate::crate_path;
use crate::parse::{Entry, Value, entries};
use crate::schema;
use crate::sink::{Diagnostic, Sink};
use crate::words::did_you_mean;

/// One of the answers.
pub(crate) struct Answer<'a> {
    ident: &'a Ident,
    pub(crate) status: u16,
    /// What it holds; nothing for a variant without fields.
    pub(crate) held: Option<&'a Type>,
    doc: String,
}

/// Expands the derive.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let krate = crate_path::resolve(None).path;
    let mut sink = Sink::new();
    let answers = answers(&input, &mut sink);
    let refused = sink.len() > 0;
    let mut tokens = sink.into_tokens();
    tokens.extend(implementation(&input, &answers, refused, &krate));
    tokens
}

/// The answers that an enum describes; those that are none are reported and left out.
pub(crate) fn answers<'a>(input: &'a DeriveInput, sink: &mut Sink) -> Vec<Answer<'a>> {
    if !input.generics.params.is_empty() {
        let text = format!("`{}` has generic parameters", input.ident);
        let help = "write the types out: the answers are part of the contract";
        sink.error(Diagnostic::new("V0006", &input.generics, text).help(help));
        return Vec::new();
    }
    let Data::Enum(data) = &input.data else {
        let text = "the answers of an operation are an enum";
        let help =
            "write an enum with one variant a status, or answer with the type itself if there is only one";
        sink.error(Diagnostic::new("V0011", &input.ident, text).help(help));
        return Vec::new();
    };
    refuse(&input.attrs, "serde", "on the enum", sink);
    refuse(&input.attrs, "response", "on the enum", sink);
    if data.variants.is_empty() {
        let text = format!("`{}` has no answer", input.ident);
        let help = "write one variant for each status of success";
        sink.error(Diagnostic::new("V0405", &input.ident, text).help(help));
    }
    let mut answers: Vec<Answer<'_>> = Vec::new();
    for variant in &data.variants {
        let Some(answer) = answer(variant, sink) else {
            continue;
        };
        match answers.iter().find(|earlier| earlier.status == answer.status) {
            Some(twin) => {
                let text = format!(
                    "`{}` and `{}` both answer with {}",
                    twin.ident, answer.ident, answer.status
                );
                let help = "join them in one type: clients tell answers apart by their status";
                sink.error(Diagnostic::new("V0405", answer.ident, text).help(help));
            }
            None => answers.push(answer),
        }
    }
    answers
}

fn answer<'a>(variant: &'a Variant, sink: &mut Sink) -> Option<Answer<'a>> {
    let ident = &variant.ident;
    refuse(&variant.attrs, "serde", "on a variant", sink);
    let before = sink.len();
    let mut status: Option<LitInt> = None;
    for attribute in named(&variant.attrs, "response") {
        for Entry { key, value } in entries(attribute, sink) {
            match (&value, key == "status") {
                (Value::Is(value), true) => status = number(value, sink).or(status),
                (_, true) => sink.error(
                    Diagnostic::new("V0008", &key, "`status` is not written like this")
                        .help("write `status = 201`"),
                ),
                _ => sink.error(
                    Diagnostic::new("V0001", &key, format!("unknown key `{key}` in `#[response(…)]`"))
                        .help(did_you_mean(&key.to_string(), ["status"])),
                ),
            }
        }
    }
    let status = match status {
        Some(literal) => match literal.base10_parse::<u16>() {
            Ok(status) if is_success(status) => status,
            _ => {
                let text = format!("an operation cannot succeed with {literal}");
                let help = "write a status from 200 to 206, or of a redirection; failures are variants of the error type";
                sink.error(Diagnostic::new("V0405", &literal, text).help(help));
                return None;
            }
        },
        None if sink.len() > before => return None,
        None => {
            let text = format!("`{ident}` has no status");
            let help = "add `#[response(status = 201)]`, or another status of success";
            sink.error(Diagnostic::new("V0405", ident, text).help(help));
            return None;
        }
    };
    let content = match &variant.fields {
        Fields::Unit => None,
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => Some(&fields.unnamed[0].ty),
        fields => {
            let text = format!("`{ident}` does not hold exactly one answer");
            let help = format!(
                "write `{ident}(Type)`; with headers, `{ident}(WithHeaders<Type, Headers>)`; without a body, `{ident}`"
            );
            sink.error(Diagnostic::new("V0405", fields, text).help(help));
            return None;
        }
    };
    if let (Some(ty), true) = (content, has_no_body(status))
        && !is_without_body(ty)
    {
        let text = format!("an answer of status {status} has no body, but `{ident}` holds one");
        let help = format!(
            "write `{ident}`, or `{ident}(WithHeaders<(), Headers>)` (RFC 9110, section 15), or give it another status"
        );
        sink.error(Diagnostic::new("V0405", ty, text).help(help));
        return None;
    }
    Some(Answer {
        ident,
        status,
        held: content,
        doc: schema::doc(&variant.attrs),
    })
}

/// The statuses that an operation can succeed with (RFC 9110, sections 15.3 and 15.4).
pub(crate) fn is_success(status: u16) -> bool {
    matches!(status, 200..=206 | 300..=304 | 307 | 308)
}

/// The statuses whose answers have no body (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5).
pub(crate) fn has_no_body(status: u16) -> bool {
    matches!(status, 204 | 205 | 304)
}

/// `()`, or headers alone.
pub(crate) fn is_without_body(ty: &Type) -> bool {
    use crate::model::references::{Seen, see};
    match see(ty, &|_| false) {
        Seen::Unit => true,
        Seen::WithHeaders(body, _) => is_without_body(body),
        _ => false,
    }
}

fn number(value: &Expr, sink: &mut Sink) -> Option<LitInt> {
    if let Expr::Lit(ExprLit {
        lit: Lit::Int(number),
        ..
    }) = value
    {
        return Some(number.clone());
    }
    let help = "write `status = 201`";
    sink.error(Diagnostic::new("V0405", value, "a status is a number").help(help));
    None
}

/// Attributes that would be ignored in silence.
fn refuse(attributes: &[Attribute], name: &'static str, place: &str, sink: &mut Sink) {
    for attribute in named(attributes, name) {
        let (code, text, help) = if name == "serde" {
            (
                "V0009",
                format!("serde attributes mean nothing {place} of answers"),
                "remove it: an answer is written as what its variant holds",
            )
        } else {
            (
                "V0001",
                format!("`#[{name}(…)]` means nothing {place}"),
                "write it above each variant",
            )
        };
        sink.error(Diagnostic::new(code, attribute.path(), text).help(help));
    }
}

fn named<'a>(attributes: &'a [Attribute], name: &'static str) -> impl Iterator<Item = &'a Attribute> {
    attributes
        .iter()
        .filter(move |attribute| attribute.path().is_ident(name))
}

/// The implementation; total also where answers were refused, so that one mistake stays one error.
fn implementation(
    input: &DeriveInput,
    answers: &[Answer<'_>],
    refused: bool,
    krate: &TokenStream,
) -> TokenStream {
    let (ident, (generics, arguments, bounds)) = (&input.ident, input.generics.split_for_impl());
    let specs = answers.iter().map(|answer| {
        let (name, status, doc) = (answer.ident.unraw().to_string(), answer.status, &answer.doc);
        let span = answer
            .held
            .map_or_else(|| answer.ident.span(), syn::spanned::Spanned::span);
        let held = answer.held.map_or_else(|| quote!(()), |ty| quote!(#ty));
        quote_spanned! {span=>
            #krate::ResponseSpec::of_variant(<#held as #krate::Responses>::RESPONSES, #name, #status, #doc)
        }
    });
    let arms = answers.iter().map(|answer| {
        let (variant, status) = (answer.ident, answer.status);
        match answer.held {
            None => quote! {
                Self::#variant => ::core::result::Result::Ok(#krate::Response::empty().with_status(#status)),
            },
            Some(ty) => {
                let write = quote_spanned!(ty.span()=> <#ty as #krate::Responses>::into_response);
                quote! {
                    Self::#variant(__held) => {
                        ::core::result::Result::map(#write(__held), |__response| __response.with_status(#status))
                    }
                }
            }
        }
    });
    let kept = answers.iter().map(|answer| {
        let variant = answer.ident;
        match answer.held {
            None => quote!(Self::#variant => Self::#variant,),
            Some(ty) => {
                let within = quote_spanned!(ty.span()=> <#ty as #krate::Responses>::within);
                quote!(Self::#variant(__held) => Self::#variant(#within(__held, __within)),)
            }
        }
    });
    let unkept = refused.then(|| quote!(#[allow(unreachable_patterns)] __other => __other,));
    let rest = refused.then(
        || quote!(#[allow(unreachable_patterns)] _ => ::core::result::Result::Ok(#krate::Response::empty()),),
    );
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #generics #krate::Responses for #ident #arguments #bounds {
            const RESPONSES: &'static [#krate::ResponseSpec] = &[#(#specs),*];

            fn into_response(self) -> ::core::result::Result<#krate::Response, #krate::Unwritable> {
                match self {
                    #(#arms)*
                    #rest
                }
            }

            fn within(self, __within: impl #krate::Within) -> Self {
                match self {
                    #(#kept)*
                    #unkept
                }
            }
        }
    }
}
