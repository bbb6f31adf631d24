//! The words of `#[problem(…)]`, and what follows from the names where they say nothing.

use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, DeriveInput, Expr, Fields, Ident, Lit, LitInt, LitStr, Variant};

use super::{Kind, names};
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
    /// What was typed, in its order.
    keys: Vec<Ident>,
}

/// Reads the attributes of a variant.
pub(super) fn words(variant: &Variant, sink: &mut Sink) -> Words {
    let mut words = Words::default();
    for attribute in named(&variant.attrs, "problem") {
        for entry in entries(attribute, sink) {
            words.add(entry, sink);
        }
    }
    refuse_serde(&variant.attrs, sink);
    for field in &variant.fields {
        refuse_serde(&field.attrs, sink);
        for attribute in named(&field.attrs, "problem") {
            sink.error(
                Diagnostic::new(
                    "V0001",
                    attribute.path(),
                    "`#[problem(…)]` means nothing on a field",
                )
                .help("write it above the variant: each field is a member of the document already"),
            );
        }
    }
    words
}

/// The enum itself takes no words: they would be ignored in silence.
pub(super) fn refuse_on_the_enum(input: &DeriveInput, sink: &mut Sink) {
    refuse_serde(&input.attrs, sink);
    for attribute in named(&input.attrs, "problem") {
        sink.error(
            Diagnostic::new(
                "V0001",
                attribute.path(),
                "`#[problem(…)]` means nothing on the enum",
            )
            .help("write it above each variant"),
        );
    }
}

fn refuse_serde(attributes: &[Attribute], sink: &mut Sink) {
    for attribute in named(attributes, "serde") {
        sink.error(
            Diagnostic::new(
                "V0009",
                attribute.path(),
                "serde attributes on the error of an operation are not modelled yet",
            )
            .help("a member is written under the name of its field: rename the field"),
        );
    }
}

fn named<'a>(attributes: &'a [Attribute], name: &'static str) -> impl Iterator<Item = &'a Attribute> {
    attributes
        .iter()
        .filter(move |attribute| attribute.path().is_ident(name))
}

impl Words {
    fn add(&mut self, Entry { key, value }: Entry, sink: &mut Sink) {
        let word = key.to_string();
        if self.keys.contains(&key) {
            sink.error(
                Diagnostic::new("V0008", &key, format!("`{word}` stands twice on one variant"))
                    .help("keep one of them"),
            );
        }
        self.keys.push(key.clone());
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

    /// The `other` variant is whatever document arrived.
    pub(super) fn refuse_beside_other(&self, sink: &mut Sink) {
        for key in ["status", "title", "type", "detail"]
            .iter()
            .filter_map(|word| self.keys.iter().find(|key| *key == word))
        {
            sink.error(
                Diagnostic::new("V0001", key, format!("`{key}` means nothing beside `other`"))
                    .help("remove it: the document that this variant holds says it"),
            );
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
        if let Some(name) = field.ident.as_ref().map(IdentExt::unraw)
            && reserved.iter().any(|word| name == word)
        {
            sink.error(
                Diagnostic::new(
                    "V0403",
                    &field.ident,
                    format!("`{name}` is a member of every problem document (RFC 9457)"),
                )
                .help("give the field another name"),
            );
            return None;
        }
    }
    let type_uri = words
        .type_uri
        .as_ref()
        .map_or_else(|| names::type_uri(owner, &ident), LitStr::value);
    if let Some(text) = &words.type_uri {
        check_type_uri(text, sink);
    }
    let title = words
        .title
        .as_ref()
        .map_or_else(|| names::title(&ident), LitStr::value);
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

/// A URI reference that names this kind and no other.
fn check_type_uri(text: &LitStr, sink: &mut Sink) {
    let uri = text.value();
    let help = "write a URI of the kind, such as `urn:problem-type:user:not-found`, or leave `type` out";
    let mistake = if uri.is_empty() || uri.contains(|c: char| c.is_whitespace() || c.is_control()) {
        format!("`{uri}` is not a URI reference")
    } else if uri == "about:blank" {
        "`about:blank` is the type of problems without a kind (RFC 9457 section 4.2.1)".to_owned()
    } else {
        return;
    };
    sink.error(Diagnostic::new("V0403", text, mistake).help(help));
}

/// The kinds that a client can tell apart; a later twin is reported and left out.
pub(super) fn refuse_twins(kinds: Vec<Kind>, sink: &mut Sink) -> Vec<Kind> {
    let mut distinct: Vec<Kind> = Vec::with_capacity(kinds.len());
    for kind in kinds {
        match distinct.iter().find(|earlier| earlier.type_uri == kind.type_uri) {
            Some(twin) => sink.error(
                Diagnostic::new(
                    "V0403",
                    &kind.ident,
                    format!("`{}` and `{}` have the same type URI", twin.ident, kind.ident),
                )
                .help("give one of them another `type = \"…\"`: clients tell problems apart by it"),
            ),
            None => distinct.push(kind),
        }
    }
    distinct
}

/// Whether another derive writes `Display` and `Error`.
///
/// A derive does not see its neighbours in one `#[derive(…)]`, but it sees their attributes: `#[error("…")]` of `thiserror`,
/// `#[display("…")]` of `derive_more`.
pub(super) fn is_displayed<'a>(input: &DeriveInput, variants: impl IntoIterator<Item = &'a Variant>) -> bool {
    let words = |attributes: &[Attribute]| {
        let mut words = ["error", "display"].iter();
        words.any(|word| attributes.iter().any(|attribute| attribute.path().is_ident(word)))
    };
    let derives = named(&input.attrs, "derive").any(|attribute| {
        attribute
            .parse_args_with(Punctuated::<syn::Path, syn::Token![,]>::parse_terminated)
            .is_ok_and(|paths| {
                let mut last = paths.iter().filter_map(|path| path.segments.last());
                last.any(|segment| segment.ident == "Error" || segment.ident == "Display")
            })
    });
    derives || words(&input.attrs) || variants.into_iter().any(|variant| words(&variant.attrs))
}
