//! `#[openapi(…)]`: constraints, and what is said of a value, as they were typed.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use serde_json::Value as Json;
use syn::{Attribute, Expr, ExprLit, ExprUnary, Ident, Lit, UnOp};
use versioned_core::constraints::{Number, PatternError, compile_pattern};

use super::dates::Deprecation;
use super::{Entry, Value, entries};
use crate::sink::{Diagnostic, Sink};
use crate::words::{did_you_mean, nearest};

/// One attribute.
#[derive(Clone, Default)]
pub(crate) struct Openapi {
    /// It holds from this version on.
    pub(crate) since: Option<Ident>,
    /// It holds before this version.
    pub(crate) until: Option<Ident>,
    pub(crate) words: Vec<Word>,
}

/// One key with its value.
#[derive(Clone)]
pub(crate) struct Word {
    pub(crate) key: Ident,
    pub(crate) given: Given,
    /// The value, to be underlined.
    pub(crate) token: TokenStream,
}

/// What a value was understood as.
#[derive(Clone)]
pub(crate) enum Given {
    /// A whole number of characters, items or members.
    Count(u64),
    Bound(Number),
    Text(String),
    Flag,
    Examples(Vec<Json>),
    Deprecation(Box<Deprecation>),
}

/// Where constraints stand; not every one can stand everywhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A type as a whole.
    Item,
    /// A field with a name.
    Field,
    /// A field without a name, or an argument.
    Position,
}

const COUNTS: [&str; 6] = [
    "min_length",
    "max_length",
    "min_items",
    "max_items",
    "min_properties",
    "max_properties",
];
const BOUNDS: [&str; 5] = [
    "minimum",
    "maximum",
    "exclusive_minimum",
    "exclusive_maximum",
    "multiple_of",
];
const TEXTS: [&str; 4] = ["pattern", "format", "title", "description"];
const FLAGS: [&str; 3] = ["unique_items", "read_only", "write_only"];
const OTHERS: [&str; 5] = ["example", "examples", "schema", "since", "until"];

/// The formats of JSON Schema 2020-12 and of the OpenAPI format registry.
const FORMATS: [&str; 48] = [
    "base64url",
    "binary",
    "byte",
    "char",
    "commonmark",
    "date",
    "date-time",
    "date-time-local",
    "decimal",
    "decimal128",
    "double",
    "double-int",
    "duration",
    "email",
    "float",
    "hostname",
    "html",
    "http-date",
    "idn-email",
    "idn-hostname",
    "int16",
    "int32",
    "int64",
    "int8",
    "ip",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "media-range",
    "password",
    "regex",
    "relative-json-pointer",
    "sf-binary",
    "sf-boolean",
    "sf-decimal",
    "sf-integer",
    "sf-string",
    "sf-token",
    "time",
    "time-local",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uri",
    "uri-reference",
];
const MORE_FORMATS: [&str; 2] = ["uri-template", "uuid"];

/// Takes the `#[openapi(…)]` attributes out of `attributes` and reads them; one that says `schema` stays for whoever looks at
/// the type.
pub(crate) fn take(attributes: &mut Vec<Attribute>, place: Place, sink: &mut Sink) -> Vec<Openapi> {
    let mut all = Vec::new();
    attributes.retain(|attribute| {
        if !attribute.path().is_ident("openapi") {
            return true;
        }
        let entries = entries(attribute, sink);
        let stays = entries.iter().any(|entry| matches!(entry.value, Value::Type(_)));
        let mut said = Openapi::default();
        for entry in entries {
            said.add(entry, place, sink);
        }
        all.push(said);
        stays
    });
    all
}

impl Openapi {
    fn add(&mut self, Entry { key, value }: Entry, place: Place, sink: &mut Sink) {
        let word = key.to_string();
        let word = word.as_str();
        if matches!(word, "read_only" | "write_only") && place != Place::Field {
            sink.error(
                Diagnostic::new("V0110", &key, format!("`{word}` cannot stand here")).help(
                    "write it on a field with a name: it says in which direction a member is on the wire",
                ),
            );
            return;
        }
        let (given, token) = match value {
            Value::Type(_) if word == "schema" => return,
            Value::Is(value) if matches!(word, "since" | "until") => {
                let ident = super::verbs::ident(&value, "v2", sink);
                let place = if word == "since" {
                    &mut self.since
                } else {
                    &mut self.until
                };
                if place.is_some() {
                    twice(&key, sink);
                } else {
                    *place = ident;
                }
                return;
            }
            Value::Is(value) => {
                let given = if COUNTS.contains(&word) {
                    count(&value).map(Given::Count)
                } else if BOUNDS.contains(&word) {
                    bound(&value, word == "multiple_of").map(Given::Bound)
                } else if TEXTS.contains(&word) {
                    text(&value).map(Given::Text)
                } else if word == "example" {
                    json(&value).map(|example| Given::Examples(vec![example]))
                } else if word == "examples" {
                    list(&value).map(Given::Examples)
                } else {
                    None
                };
                (given, value.to_token_stream())
            }
            Value::Flag if FLAGS.contains(&word) => (Some(Given::Flag), key.to_token_stream()),
            _ => (None, key.to_token_stream()),
        };
        match given {
            Some(given) if sound(&given, word, &token, sink) => {
                if self.words.iter().any(|other| other.key == key) {
                    twice(&key, sink);
                } else {
                    self.words.push(Word { key, given, token });
                }
            }
            Some(_) => {}
            None => refuse(&key, word, &token, sink),
        }
    }
}

fn twice(key: &Ident, sink: &mut Sink) {
    sink.error(
        Diagnostic::new("V0114", key, format!("`{key}` is written twice")).help("keep one of the two"),
    );
}

/// A key that is none, or a value that is not what the key takes.
fn refuse(key: &Ident, word: &str, token: &TokenStream, sink: &mut Sink) {
    let form = match word {
        _ if COUNTS.contains(&word) => format!("`{word} = 8`"),
        "multiple_of" => "`multiple_of = 5`, with a number above zero".to_owned(),
        "pattern" => "`pattern = \"^[a-z]+$\"`".to_owned(),
        "format" => "`format = \"email\"`".to_owned(),
        "since" | "until" => format!("`{word} = v2`"),
        "schema" => "`schema = Type`".to_owned(),
        "examples" => "`examples = [\"first\", \"second\"]`".to_owned(),
        "example" => "`example = \"text\"`, a number, a list, or `json!({ … })` around JSON".to_owned(),
        _ if BOUNDS.contains(&word) => format!("`{word} = 100`"),
        _ if TEXTS.contains(&word) => format!("`{word} = \"text\"`"),
        _ if FLAGS.contains(&word) => format!("`{word}`, without a value"),
        _ => {
            let known = COUNTS
                .iter()
                .chain(&BOUNDS)
                .chain(&TEXTS)
                .chain(&FLAGS)
                .chain(&OTHERS);
            sink.error(
                Diagnostic::new("V0001", key, format!("unknown key `{word}` in `#[openapi(…)]`"))
                    .help(did_you_mean(word, known.copied())),
            );
            return;
        }
    };
    sink.error(
        Diagnostic::new("V0113", token, format!("`{word}` is not written like this"))
            .help(format!("write {form}")),
    );
}

/// Whether a value that has the right form can be used.
fn sound(given: &Given, word: &str, token: &TokenStream, sink: &mut Sink) -> bool {
    let Given::Text(text) = given else { return true };
    match word {
        "pattern" => {
            let Err(error) = compile_pattern(text) else {
                return true;
            };
            let help = match error {
                PatternError::Malformed(_) => {
                    "write it as JavaScript would have it; in a raw string (`r\"…\"`) backslashes are themselves"
                }
                PatternError::Unsupported(_) => {
                    "write it without `(?=…)`, `(?!…)`, `(?<=…)`, `(?<!…)` and `\\1`, and smaller: strangers choose what it is matched against"
                }
            };
            sink.error(Diagnostic::new("V0112", token, error.to_string()).help(help));
            false
        }
        "format" => {
            let mut known = FORMATS.iter().chain(&MORE_FORMATS).copied();
            if known.clone().any(|format| format == text) {
                return true;
            }
            let Some(meant) = nearest(text, known.by_ref()) else {
                return true;
            };
            sink.error(
                Diagnostic::new("V0117", token, format!("unknown format `{text}`"))
                    .help(format!("did you mean `{meant}`?")),
            );
            false
        }
        _ => true,
    }
}

fn literal(value: &Expr) -> Option<&Lit> {
    match value {
        Expr::Lit(ExprLit { lit, .. }) => Some(lit),
        Expr::Group(group) => literal(&group.expr),
        Expr::Paren(paren) => literal(&paren.expr),
        _ => None,
    }
}

fn count(value: &Expr) -> Option<u64> {
    match literal(value)? {
        Lit::Int(number) if number.suffix().is_empty() => number.base10_parse().ok(),
        _ => None,
    }
}

fn bound(value: &Expr, positive: bool) -> Option<Number> {
    let number = number(value)?;
    (!positive || number > Number::Integer(0)).then_some(number)
}

/// An integer of 64 bits or a finite number, negative or not.
fn number(value: &Expr) -> Option<Number> {
    let (negative, literal) = match value {
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => (true, literal(expr)?),
        other => (false, literal(other)?),
    };
    let text = match literal {
        Lit::Int(number) if number.suffix().is_empty() => number.base10_digits().to_owned(),
        Lit::Float(number) if number.suffix().is_empty() => number.base10_digits().to_owned(),
        _ => return None,
    };
    let sign = if negative { "-" } else { "" };
    if let Ok(integer) = format!("{sign}{text}").parse::<i128>() {
        let range = i128::from(i64::MIN)..=i128::from(u64::MAX);
        return range.contains(&integer).then_some(Number::Integer(integer));
    }
    let float: f64 = format!("{sign}{text}").parse().ok()?;
    float.is_finite().then_some(Number::Float(float))
}

fn text(value: &Expr) -> Option<String> {
    match literal(value)? {
        Lit::Str(text) if !text.value().is_empty() => Some(text.value()),
        _ => None,
    }
}

fn list(value: &Expr) -> Option<Vec<Json>> {
    match value {
        Expr::Array(array) if !array.elems.is_empty() => array.elems.iter().map(json).collect(),
        _ => None,
    }
}

/// A value as JSON: literals, lists of them, `None`, and `json!(…)` around JSON as it is.
fn json(value: &Expr) -> Option<Json> {
    match value {
        Expr::Array(array) => array.elems.iter().map(json).collect(),
        Expr::Path(path) if path.path.is_ident("None") => Some(Json::Null),
        Expr::Macro(call) if call.mac.path.is_ident("json") => {
            // Between a sign and its number there is no space in JSON.
            let text = call.mac.tokens.to_string().replace("- ", "-");
            serde_json::from_str(&text).ok()
        }
        other => match literal(other) {
            Some(Lit::Str(text)) => Some(text.value().into()),
            Some(Lit::Char(character)) => Some(character.value().to_string().into()),
            Some(Lit::Bool(truth)) => Some(truth.value.into()),
            _ => number(other).map(|number| Json::Number(number.to_json())),
        },
    }
}
