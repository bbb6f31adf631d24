//! The words of `#[problem(…)]`, and what follows from the names where they say nothing.

use syn::punctuated::Punctuated;
use syn::{DeriveInput, Expr, Fields, Ident, Lit, LitInt, LitStr, Variant};

use super::Kind;
use crate::parse::{Entry, Value, entries};
use crate::schema;
use crate::sink::{Diagnostic, Sink};
use crate::words::did_you_mean;

/// What was typed on one variant.
#[derive(Default)]
pub(super) struct Words {
    pub(super) other: Option<Ident>,
    status: Option<LitInt>,
    title: Option<LitStr>,
    type_uri: Option<LitStr>,
    detail: Option<LitStr>,
    /// Whether a word was not understood; it may have been meant as the status.
    misspelt: bool,
}

/// Reads the attributes of a variant.
pub(super) fn words(variant: &Variant, sink: &mut Sink) -> Words {
    let mut words = Words::default();
    for attribute in variant
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("problem"))
    {
        for entry in entries(attribute, sink) {
            words.add(entry, sink);
        }
    }
    for field in &variant.fields {
        for attribute in field
            .attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("serde"))
        {
            sink.error(
                Diagnostic::new(
                    "V0009",
                    attribute.path(),
                    "serde attributes on the members of a problem are not modelled yet",
                )
                .help("the member is written under the name of the field: rename the field"),
            );
        }
    }
    words
}

impl Words {
    fn add(&mut self, Entry { key, value }: Entry, sink: &mut Sink) {
        let word = key.to_string();
        match (word.as_str(), &value) {
            ("other", Value::Flag) => self.other = Some(key),
            ("status", Value::Is(value)) => match literal(value) {
                Some(Lit::Int(number)) => self.status = Some(number.clone()),
                _ => sink.error(
                    Diagnostic::new("V0403", value, "a status is a number").help("write `status = 404`"),
                ),
            },
            ("title" | "type" | "detail", Value::Is(value)) => match literal(value) {
                Some(Lit::Str(text)) => {
                    let place = match word.as_str() {
                        "title" => &mut self.title,
                        "type" => &mut self.type_uri,
                        _ => &mut self.detail,
                    };
                    *place = Some(text.clone());
                }
                _ => sink.error(
                    Diagnostic::new("V0008", value, format!("`{word}` is a text"))
                        .help(format!("write `{word} = \"…\"`")),
                ),
            },
            ("other" | "status" | "title" | "type" | "detail", _) => sink.error(
                Diagnostic::new("V0008", &key, format!("`{word}` is not written like this")).help(match word
                    .as_str()
                {
                    "other" => "write `#[problem(other)]`",
                    "status" => "write `status = 404`",
                    _ => "write a text after `=`",
                }),
            ),
            _ => {
                self.misspelt = true;
                sink.error(
                    Diagnostic::new("V0001", &key, format!("unknown key `{word}` in `#[problem(…)]`")).help(
                        did_you_mean(&word, ["other", "status", "title", "type", "detail"]),
                    ),
                );
            }
        }
    }
}

fn literal(value: &Expr) -> Option<&Lit> {
    match value {
        Expr::Lit(literal) => Some(&literal.lit),
        _ => None,
    }
}

/// A variant that is documented as a kind of its own.
pub(super) fn kind(owner: &Ident, variant: &Variant, words: Words, sink: &mut Sink) -> Option<Kind> {
    let ident = variant.ident.clone();
    let status = match &words.status {
        None if words.misspelt => 500,
        None => {
            sink.error(
                Diagnostic::new("V0403", &ident, format!("`{ident}` has no status"))
                    .help("add `#[problem(status = 404)]`, or another status from 400 to 599"),
            );
            500
        }
        Some(number) => match number.base10_parse::<u16>() {
            Ok(status) if (400..=599).contains(&status) => status,
            _ => {
                sink.error(
                    Diagnostic::new("V0403", number, format!("{number} is not the status of an error"))
                        .help("write a status from 400 to 599"),
                );
                500
            }
        },
    };
    if let Fields::Unnamed(fields) = &variant.fields
        && fields.unnamed.len() > 1
    {
        sink.error(
            Diagnostic::new("V0403", fields, format!("the members of `{ident}` have no names")).help(
                format!("write `{ident} {{ name: Type, … }}`: each field is a member of the document"),
            ),
        );
        return None;
    }
    for field in &variant.fields {
        let reserved = ["type", "title", "status", "detail", "instance"];
        if let Some(name) = field
            .ident
            .as_ref()
            .filter(|name| reserved.iter().any(|word| *name == word))
        {
            sink.error(
                Diagnostic::new(
                    "V0403",
                    name,
                    format!("`{name}` is a member of every problem document (RFC 9457)"),
                )
                .help("give the field another name"),
            );
            return None;
        }
    }
    let kebab = |ident: &Ident| words_of(ident).join("-");
    let type_uri = words.type_uri.as_ref().map_or_else(
        || format!("urn:problem-type:{}:{}", kebab(owner), kebab(&ident)),
        LitStr::value,
    );
    let title = words.title.as_ref().map_or_else(|| title(&ident), LitStr::value);
    Some(Kind {
        doc: schema::doc(&variant.attrs),
        status,
        type_uri,
        title,
        detail: words.detail,
        fields: variant.fields.clone(),
        ident,
    })
}

/// Two kinds that a client could not tell apart.
pub(super) fn refuse_twins(kinds: &[Kind], sink: &mut Sink) {
    for (position, kind) in kinds.iter().enumerate() {
        if let Some(twin) = kinds[..position]
            .iter()
            .find(|earlier| earlier.type_uri == kind.type_uri)
        {
            sink.error(
                Diagnostic::new(
                    "V0403",
                    &kind.ident,
                    format!("`{}` and `{}` have the same type URI", twin.ident, kind.ident),
                )
                .help("give one of them another `type = \"…\"`: clients tell problems apart by it"),
            );
        }
    }
}

/// Whether the type has one of these derives.
pub(super) fn derives(input: &DeriveInput, names: &[&str]) -> bool {
    let lists = input
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"));
    lists.into_iter().any(|attribute| {
        attribute
            .parse_args_with(Punctuated::<syn::Path, syn::Token![,]>::parse_terminated)
            .is_ok_and(|paths| {
                paths.iter().any(|path| {
                    path.segments
                        .last()
                        .is_some_and(|last| names.iter().any(|n| last.ident == n))
                })
            })
    })
}

/// `NotFound` in lower-case words.
fn words_of(ident: &Ident) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for c in ident.to_string().trim_start_matches("r#").chars() {
        match words.last_mut() {
            Some(word) if !c.is_uppercase() => word.push(c),
            _ => words.push(c.to_lowercase().collect()),
        }
    }
    words
}

/// `NotFound` is titled "Not found".
fn title(ident: &Ident) -> String {
    let text = words_of(ident).join(" ");
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
