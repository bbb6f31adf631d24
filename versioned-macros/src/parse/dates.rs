//! Dates: of versions (`v2("2.0.0", released = "2026-05-01", sunset = "…")`), and of what will go (`deprecated(…)`).

use jiff::civil::Date;
use proc_macro2::TokenStream;
use quote::{ToTokens, TokenStreamExt as _, quote};
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitStr, Meta, Token};

use super::openapi::{Given, Openapi, Word};
use super::{Entry, Value};
use crate::sink::{Diagnostic, Sink};
use crate::words::did_you_mean;

/// That something will go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Deprecation {
    pub(crate) on: Option<Date>,
    pub(crate) sunset: Option<Date>,
    pub(crate) note: String,
    pub(crate) successor: String,
}

/// `deprecated(since = v2, on = "…", sunset = "…", note = "…", successor = name)`.
#[derive(Clone)]
pub(crate) struct Deprecated {
    pub(crate) key: Ident,
    pub(crate) since: Option<Ident>,
    pub(crate) successor: Option<Ident>,
    pub(crate) said: Deprecation,
}

/// What stands behind a version.
#[derive(Clone, Default)]
pub(crate) struct VersionDates {
    entries: Vec<(Ident, Expr)>,
}

/// The dates of a version, understood.
#[derive(Clone, Default)]
pub(crate) struct Dates {
    pub(crate) released: Option<(LitStr, Date)>,
    pub(crate) deprecation: Option<Deprecation>,
    /// A later version, to be looked up.
    pub(crate) successor: Option<Ident>,
}

impl Deprecation {
    /// The constant.
    pub(crate) fn constant(&self, krate: &TokenStream) -> TokenStream {
        let Self {
            on,
            sunset,
            note,
            successor,
        } = self;
        let (on, sunset) = (constant(*on, krate), constant(*sunset, krate));
        quote! {
            #krate::Deprecation { on: #on, sunset: #sunset, note: #note, successor: #successor }
        }
    }
}

/// `Option<Deprecation>` as a constant.
pub(crate) fn deprecation(said: Option<&Deprecation>, krate: &TokenStream) -> TokenStream {
    if let Some(said) = said {
        let constant = said.constant(krate);
        quote!(::core::option::Option::Some(#constant))
    } else {
        quote!(::core::option::Option::None)
    }
}

/// `Option<Date>` as a constant.
pub(crate) fn constant(date: Option<Date>, krate: &TokenStream) -> TokenStream {
    if let Some(date) = date {
        let (year, month, day) = (date.year(), date.month(), date.day());
        quote!(::core::option::Option::Some(#krate::Date::constant(#year, #month, #day)))
    } else {
        quote!(::core::option::Option::None)
    }
}

impl Deprecated {
    /// What the verb says.
    pub(crate) fn read(key: &Ident, value: Value, sink: &mut Sink) -> Option<Self> {
        let mut deprecated = Self {
            key: key.clone(),
            since: None,
            successor: None,
            said: Deprecation::default(),
        };
        let tokens = match value {
            Value::Flag => return Some(deprecated),
            Value::List(tokens) => tokens,
            Value::Is(_) | Value::Type(_) => {
                let text = "`deprecated` is not written like this".to_owned();
                sink.error(Diagnostic::new("V0008", key, text).help(DEPRECATED));
                return None;
            }
        };
        let parser = Punctuated::<Entry, Token![,]>::parse_terminated;
        let entries = match parser.parse2(tokens) {
            Ok(entries) => entries,
            Err(error) => {
                let text = format!("`deprecated` cannot be read: {error}");
                sink.error(Diagnostic::at("V0008", error.span(), text).help(DEPRECATED));
                return None;
            }
        };
        let mut sunset = None;
        for Entry { key, value } in entries {
            match (key.to_string().as_str(), value) {
                ("since", Value::Is(value)) => deprecated.since = super::verbs::ident(&value, "v2", sink),
                ("successor", Value::Is(value)) => deprecated.successor = name(&value, sink),
                ("on", Value::Is(value)) => {
                    deprecated.said.on = date(&value, sink).map(|(_, date)| date);
                }
                ("sunset", Value::Is(value)) => sunset = date(&value, sink),
                ("note", Value::Is(value)) => match &*value {
                    Expr::Lit(ExprLit {
                        lit: Lit::Str(text), ..
                    }) => deprecated.said.note = text.value(),
                    other => {
                        let text = "a note is a text in quotes".to_owned();
                        sink.error(Diagnostic::new("V0008", other, text).help(DEPRECATED));
                    }
                },
                (word @ ("since" | "successor" | "on" | "sunset" | "note"), _) => {
                    let text = format!("`{word}` has a value");
                    sink.error(Diagnostic::new("V0008", &key, text).help(DEPRECATED));
                }
                (word, _) => {
                    let text = format!("unknown key `{word}` in `deprecated(…)`");
                    let known = ["since", "on", "sunset", "note", "successor"];
                    sink.error(Diagnostic::new("V0001", &key, text).help(did_you_mean(word, known)));
                }
            }
        }
        if let Some((literal, sunset)) = sunset {
            in_order(deprecated.said.on, "deprecated", &literal, sunset, sink);
            deprecated.said.sunset = Some(sunset);
        }
        if let Some(successor) = &deprecated.successor {
            deprecated.said.successor = successor.to_string();
        }
        Some(deprecated)
    }

    /// Rust's own attribute says it, too: `#[deprecated(note = "…")]`.
    pub(crate) fn of_rust(attributes: &[Attribute]) -> Option<Self> {
        let attribute = attributes
            .iter()
            .find(|attribute| attribute.path().is_ident("deprecated"))?;
        let text = |expression: &Expr| match expression {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text), ..
            }) => Some(text.value()),
            _ => None,
        };
        let note = match &attribute.meta {
            Meta::Path(_) => None,
            Meta::NameValue(pair) => text(&pair.value),
            Meta::List(list) => {
                let entries = list.parse_args_with(Punctuated::<Entry, Token![,]>::parse_terminated);
                // Its mistakes are told by rustc.
                entries.ok().and_then(|entries| {
                    entries.into_iter().find_map(|entry| match entry.value {
                        Value::Is(value) if entry.key == "note" => text(&value),
                        _ => None,
                    })
                })
            }
        };
        Some(Self {
            key: attribute.path().get_ident()?.clone(),
            since: None,
            successor: None,
            said: Deprecation {
                note: note.unwrap_or_default(),
                ..Deprecation::default()
            },
        })
    }

    /// As what is said of a thing, from a version on.
    pub(crate) fn openapi(&self) -> Openapi {
        Openapi {
            since: self.since.clone(),
            until: None,
            words: vec![Word {
                key: self.key.clone(),
                given: Given::Deprecation(Box::new(self.said.clone())),
                token: self.key.to_token_stream(),
            }],
        }
    }
}

const DEPRECATED: &str = "write `deprecated(since = v2, on = \"2026-05-01\", sunset = \"2027-05-01\", note = \"…\", successor = name)`; each is optional";

/// What to write behind a version.
const VERSION: &str = "write `v2(\"2.0.0\", released = \"2026-05-01\", deprecated = \"2027-01-01\", sunset = \"2027-06-30\", successor = v3)`";

impl VersionDates {
    /// Of the keys of an attribute that are dates.
    pub(crate) fn of(entries: impl IntoIterator<Item = (&'static str, Option<LitStr>)>) -> Self {
        let entries = entries.into_iter().filter_map(|(word, literal)| {
            let literal = literal?;
            let key = Ident::new(word, literal.span());
            let lit = Lit::Str(literal);
            Some((
                key,
                Expr::Lit(ExprLit {
                    attrs: Vec::new(),
                    lit,
                }),
            ))
        });
        Self {
            entries: entries.collect(),
        }
    }

    /// What the entries mean; whether they contradict those of the version before, the caller says.
    pub(crate) fn read(&self, sink: &mut Sink) -> Dates {
        let mut dates = Dates::default();
        let mut deprecation = Deprecation::default();
        let (mut deprecated, mut sunset) = (None, None);
        let mut seen: Vec<&Ident> = Vec::new();
        for (key, value) in &self.entries {
            if seen.contains(&key) {
                let text = format!("`{key}` is written twice");
                sink.error(Diagnostic::new("V0008", key, text).help("keep one of the two"));
            }
            seen.push(key);
            match key.to_string().as_str() {
                "released" => dates.released = date(value, sink),
                "deprecated" => deprecated = date(value, sink),
                "sunset" => sunset = date(value, sink),
                "successor" => dates.successor = super::verbs::ident(value, "v3", sink),
                "note" => match value {
                    Expr::Lit(ExprLit {
                        lit: Lit::Str(text), ..
                    }) => deprecation.note = text.value(),
                    other => {
                        let text = "a note is a text in quotes".to_owned();
                        sink.error(Diagnostic::new("V0008", other, text).help(VERSION));
                    }
                },
                word => {
                    let known = ["released", "deprecated", "sunset", "successor", "note"];
                    let text = format!("unknown key `{word}` of a version");
                    sink.error(Diagnostic::new("V0001", key, text).help(did_you_mean(word, known)));
                }
            }
        }
        if let (Some((_, released)), Some((literal, deprecated))) = (&dates.released, &deprecated) {
            in_order(Some(*released), "released", literal, *deprecated, sink);
        }
        deprecation.on = deprecated.as_ref().map(|(_, date)| *date);
        if let Some((literal, sunset)) = sunset {
            in_order(deprecation.on, "deprecated", &literal, sunset, sink);
            deprecation.sunset = Some(sunset);
        }
        let written = |word: &str| seen.iter().find(|key| **key == word);
        let late = ["sunset", "successor", "note"].into_iter().find_map(written);
        if let (Some(word), None) = (late, written("deprecated")) {
            let text = format!("`{word}` without `deprecated`: clients are told before a version goes");
            sink.error(
                Diagnostic::new("V0131", word, text)
                    .help("add `deprecated = \"2027-01-01\"`, the day from which clients are told"),
            );
        }
        dates.deprecation = written("deprecated").map(|_| deprecation);
        dates
    }
}

impl Parse for VersionDates {
    /// `, released = "…", sunset = "…"`
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut entries = Vec::new();
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            let key = input.parse()?;
            input.parse::<Token![=]>()?;
            entries.push((key, input.parse()?));
        }
        Ok(Self { entries })
    }
}

impl ToTokens for VersionDates {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for (key, value) in &self.entries {
            tokens.append_all(quote!(, #key = #value));
        }
    }
}

/// A day of the calendar; what is none is reported.
fn date(value: &Expr, sink: &mut Sink) -> Option<(LitStr, Date)> {
    let help = "write a day as year, month and day: `\"2026-05-01\"`";
    let Expr::Lit(ExprLit {
        lit: Lit::Str(literal),
        ..
    }) = value
    else {
        sink.error(Diagnostic::new("V0130", value, "a date is a text in quotes").help(help));
        return None;
    };
    let text = literal.value();
    // Times and offsets are understood by the parser, and say nothing here.
    match text.parse::<Date>() {
        Ok(date) if date.to_string() == text => Some((literal.clone(), date)),
        _ => {
            let text = format!("`{text}` is no day of the calendar");
            sink.error(Diagnostic::new("V0130", literal, text).help(help));
            None
        }
    }
}

/// Something does not end before it begins.
fn in_order(earlier: Option<Date>, what: &str, literal: &LitStr, date: Date, sink: &mut Sink) {
    let Some(earlier) = earlier.filter(|earlier| date < *earlier) else {
        return;
    };
    let text = format!("{date} is before {earlier}, when it was {what}");
    sink.error(Diagnostic::new("V0131", literal, text).help("correct one of the two dates"));
}

/// What to use instead.
fn name(value: &Expr, sink: &mut Sink) -> Option<Ident> {
    if let Expr::Path(path) = value
        && let Some(ident) = path.path.get_ident()
    {
        return Some(ident.clone());
    }
    let text = "a successor is named as it is in the source";
    sink.error(
        Diagnostic::new("V0008", value, text).help("write its name without quotes: `successor = given_name`"),
    );
    None
}
