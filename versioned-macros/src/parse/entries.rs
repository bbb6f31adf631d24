//! The common form of our attributes: `#[name(key, key = value, key(…))]`.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, Meta, Token, Type};

use crate::sink::{Diagnostic, Sink};

/// One word of an attribute, with what stands behind it.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    pub(crate) value: Value,
}

/// What stands behind a key.
pub(crate) enum Value {
    /// `key`
    Flag,
    /// `key = expression`
    Is(Box<Expr>),
    /// `schema = Type`: the one key whose value is a type.
    Type(Box<Type>),
    /// `key(…)`
    List(TokenStream),
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        use syn::ext::IdentExt as _;
        let key = input.call(Ident::parse_any)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            if key == "schema" {
                Value::Type(Box::new(input.parse()?))
            } else {
                Value::Is(Box::new(input.parse()?))
            }
        } else if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            Value::List(content.parse()?)
        } else {
            Value::Flag
        };
        Ok(Self { key, value })
    }
}

/// The entries of an attribute; one that cannot be read is reported and has none.
pub(crate) fn entries(attribute: &Attribute, sink: &mut Sink) -> Vec<Entry> {
    let list = match &attribute.meta {
        Meta::Path(_) => return Vec::new(),
        Meta::List(list) => list.parse_args_with(Punctuated::<Entry, Token![,]>::parse_terminated),
        Meta::NameValue(pair) => Err(syn::Error::new_spanned(pair, "expected `(…)`")),
    };
    match list {
        Ok(list) => list.into_iter().collect(),
        Err(error) => {
            let name = attribute
                .path()
                .segments
                .last()
                .map_or_else(String::new, |s| s.ident.to_string());
            sink.error(
                Diagnostic::at(
                    "V0008",
                    error.span(),
                    format!("`#[{name}(…)]` cannot be read: {error}"),
                )
                .help(format!("write `#[{name}(key = value, …)]`")),
            );
            Vec::new()
        }
    }
}
