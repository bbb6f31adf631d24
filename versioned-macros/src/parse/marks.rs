//! What is said of an operation beside its form: `#[safe]`, `#[idempotent]`, `#[tags("…")]` and `#[security(…)]`.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, LitStr, Meta, Token};

use super::dates::Deprecation;
use super::{Entry, Value};
use crate::sink::{Diagnostic, Sink};
use crate::words::did_you_mean;

/// What stands above a trait or a method.
#[derive(Clone, Default)]
pub(crate) struct Marks {
    pub(crate) safe: Option<Ident>,
    pub(crate) idempotent: Option<Ident>,
    pub(crate) tags: Vec<LitStr>,
    /// The alternatives of what a caller shows, one attribute each.
    pub(crate) security: Vec<Vec<Requirement>>,
    /// It will go: of an operation in one version.
    pub(crate) deprecation: Option<Deprecation>,
}

/// One thing that a caller shows.
#[derive(Clone)]
pub(crate) struct Requirement {
    pub(crate) scheme: Scheme,
    pub(crate) scopes: Vec<String>,
}

/// How a caller shows who it is.
#[derive(Clone)]
pub(crate) enum Scheme {
    Basic,
    Bearer,
    ApiKey(String),
}

const SCHEMES: [&str; 4] = ["none", "basic", "bearer", "api_key"];
const SECURITY: &str = "#[security(bearer(\"users:read\"))]";

/// Takes the marks out of `attributes`.
pub(crate) fn take(attributes: &mut Vec<Attribute>, sink: &mut Sink) -> Marks {
    let mut marks = Marks::default();
    attributes.retain(|attribute| {
        let Some(word) = attribute.path().get_ident() else {
            return true;
        };
        match word.to_string().as_str() {
            "safe" => flag(&mut marks.safe, attribute, word, sink),
            "idempotent" => flag(&mut marks.idempotent, attribute, word, sink),
            "tags" => marks.tags.extend(tags(attribute, sink)),
            "security" => marks.security.extend(alternative(attribute, sink)),
            _ => return true,
        }
        false
    });
    marks
}

fn flag(place: &mut Option<Ident>, attribute: &Attribute, word: &Ident, sink: &mut Sink) {
    if !matches!(attribute.meta, Meta::Path(_)) {
        let text = format!("`#[{word}]` takes nothing");
        sink.error(Diagnostic::new("V0008", attribute, text).help(format!("write `#[{word}]`")));
    } else if place.is_some() {
        let text = format!("`#[{word}]` is written twice");
        sink.error(Diagnostic::new("V0008", word, text).help("keep one of the two"));
    } else {
        *place = Some(word.clone());
    }
}

fn tags(attribute: &Attribute, sink: &mut Sink) -> Vec<LitStr> {
    let form = "write `#[tags(\"Users\")]`";
    match attribute.parse_args_with(Punctuated::<LitStr, Token![,]>::parse_terminated) {
        Ok(tags) if tags.is_empty() || tags.iter().any(|tag| tag.value().trim().is_empty()) => {
            let text = "a tag is a text that is not empty".to_owned();
            sink.error(Diagnostic::new("V0008", attribute, text).help(form));
            Vec::new()
        }
        Ok(tags) => tags.into_iter().collect(),
        Err(error) => {
            let text = format!("`#[tags(…)]` cannot be read: {error}");
            sink.error(Diagnostic::at("V0008", error.span(), text).help(form));
            Vec::new()
        }
    }
}

/// What is needed together; nothing for `none`.
fn alternative(attribute: &Attribute, sink: &mut Sink) -> Option<Vec<Requirement>> {
    let entries = match attribute.parse_args_with(Punctuated::<Entry, Token![,]>::parse_terminated) {
        Ok(entries) if entries.is_empty() => {
            let text = "`#[security()]` does not say what a caller shows".to_owned();
            let help = format!("write `{SECURITY}`, or `#[security(none)]` to let every caller in");
            sink.error(Diagnostic::new("V0008", attribute, text).help(help));
            return None;
        }
        Ok(entries) => entries,
        Err(error) => {
            let text = format!("`#[security(…)]` cannot be read: {error}");
            sink.error(Diagnostic::at("V0008", error.span(), text).help(format!("write `{SECURITY}`")));
            return None;
        }
    };
    let alone = entries.len() == 1;
    let mut needed = Vec::new();
    for Entry { key, value } in entries {
        let word = key.to_string();
        match (word.as_str(), value) {
            ("none", Value::Flag) if alone => return Some(Vec::new()),
            ("none", Value::Flag) => {
                let text = "`none` stands beside something that is needed".to_owned();
                let help =
                    "give it an attribute of its own, `#[security(none)]`: attributes are alternatives";
                sink.error(Diagnostic::new("V0008", &key, text).help(help));
            }
            ("basic", Value::Flag) => needed.push(Requirement::without_scopes(Scheme::Basic)),
            ("bearer", Value::Flag) => needed.push(Requirement::without_scopes(Scheme::Bearer)),
            ("bearer", Value::List(tokens)) => needed.extend(bearer(tokens, sink)),
            ("api_key", Value::List(tokens)) => needed.extend(api_key(tokens, sink)),
            (word, _) if SCHEMES.contains(&word) => {
                let form = match word {
                    "api_key" => "api_key(\"X-Api-Key\")",
                    "bearer" => "bearer(\"users:read\")",
                    other => other,
                };
                let text = format!("`{word}` is not written like this");
                sink.error(Diagnostic::new("V0008", &key, text).help(format!("write `{form}`")));
            }
            (word, _) => {
                let text = format!("unknown scheme `{word}` in `#[security(…)]`");
                sink.error(Diagnostic::new("V0001", &key, text).help(did_you_mean(word, SCHEMES)));
            }
        }
    }
    // Of what could not be read nothing is stated: not even that every caller is let in.
    (!needed.is_empty()).then_some(needed)
}

fn bearer(tokens: TokenStream, sink: &mut Sink) -> Option<Requirement> {
    let scopes = Punctuated::<LitStr, Token![,]>::parse_terminated.parse2(tokens);
    let help = "write `bearer(\"users:read\", \"users:write\")`";
    match scopes {
        Ok(scopes) => Some(Requirement {
            scheme: Scheme::Bearer,
            scopes: scopes.iter().map(LitStr::value).collect(),
        }),
        Err(error) => {
            let text = format!("the scopes of `bearer(…)` cannot be read: {error}");
            sink.error(Diagnostic::at("V0008", error.span(), text).help(help));
            None
        }
    }
}

/// The name of one header.
struct Header(LitStr);

impl Parse for Header {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: LitStr = input.parse()?;
        let text = name.value();
        // The names of headers allow more, but the document names the scheme by it (OpenAPI 3.1, section 4.8.7.2).
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if text.is_empty() || !text.bytes().all(token) {
            return Err(syn::Error::new(
                name.span(),
                format!("`{text}` is not a header name of letters, digits, `-`, `_` and `.`"),
            ));
        }
        Ok(Self(name))
    }
}

fn api_key(tokens: TokenStream, sink: &mut Sink) -> Option<Requirement> {
    match syn::parse2::<Header>(tokens) {
        Ok(Header(name)) => Some(Requirement::without_scopes(Scheme::ApiKey(
            name.value().to_ascii_lowercase(),
        ))),
        Err(error) => {
            let text = format!("`api_key(…)` cannot be read: {error}");
            let help = "write `api_key(\"X-Api-Key\")`";
            sink.error(Diagnostic::at("V0008", error.span(), text).help(help));
            None
        }
    }
}

impl Requirement {
    fn without_scopes(scheme: Scheme) -> Self {
        Self {
            scheme,
            scopes: Vec::new(),
        }
    }
}
