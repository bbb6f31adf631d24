//! How a method is bound to HTTP: `#[get("/path")]` and the attributes of its arguments.

use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, Ident, LitInt, LitStr, Meta, Token};
use versioned_core::contract::Method;

use super::{Entry, Value};
use crate::sink::{Diagnostic, Sink};
use crate::words::did_you_mean;

/// `#[post("/users", status = 201)]`.
pub(crate) struct Binding {
    /// The word that names the method.
    pub(crate) word: Ident,
    pub(crate) method: Method,
    pub(crate) path: LitStr,
    pub(crate) status: Option<LitInt>,
}

/// What an argument's attribute says.
pub(crate) enum Mark {
    /// `#[query]` or `#[query("key")]`.
    Query { key: Option<LitStr> },
    /// `#[header("Name")]`.
    Header { name: LitStr },
}

const METHODS: [(&str, Method); 5] = [
    ("get", Method::Get),
    ("post", Method::Post),
    ("put", Method::Put),
    ("patch", Method::Patch),
    ("delete", Method::Delete),
];

/// Methods that no operation has, and who answers them.
const ANSWERED: [(&str, &str); 2] = [
    (
        "head",
        "write `get`: HEAD is GET without a body, and is answered by itself",
    ),
    (
        "options",
        "remove it: OPTIONS is answered by itself, from the methods of the path",
    ),
];

/// Words that other frameworks have for arguments which are known here without one.
const WITHOUT_MARK: [(&str, &str); 2] = [
    ("path", "remove it: path parameters are recognised by their names"),
    ("body", "remove it: the argument that is left is the body"),
];

/// Takes the method attributes out of `attributes`; exactly one should be there.
pub(crate) fn take_bindings(attributes: &mut Vec<Attribute>, sink: &mut Sink) -> Vec<Binding> {
    let mut bindings = Vec::new();
    attributes.retain(|attribute| {
        let Some(word) = attribute.path().get_ident() else {
            return true;
        };
        if let Some((_, help)) = ANSWERED.iter().find(|(name, _)| word == name) {
            let text = format!(
                "an operation cannot be bound to {}",
                word.to_string().to_uppercase()
            );
            sink.error(Diagnostic::new("V0001", word, text).help(help));
            return false;
        }
        let Some((_, method)) = METHODS.iter().find(|(name, _)| word == name) else {
            return true;
        };
        let read = match &attribute.meta {
            Meta::List(list) => list.parse_args::<BindingArguments>(),
            other => Err(syn::Error::new_spanned(other, "expected a path")),
        };
        match read {
            Ok(arguments) => {
                let status = arguments.status(word, sink);
                bindings.push(Binding {
                    word: word.clone(),
                    method: *method,
                    path: arguments.path,
                    status,
                });
            }
            Err(error) => sink.error(
                Diagnostic::at(
                    "V0008",
                    error.span(),
                    format!("`#[{word}(…)]` cannot be read: {error}"),
                )
                .help(format!("write `#[{word}(\"/users/{{id}}\")]`")),
            ),
        }
        false
    });
    bindings
}

struct BindingArguments {
    path: LitStr,
    entries: Vec<Entry>,
}

impl Parse for BindingArguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let path = input.parse()?;
        let mut entries = Vec::new();
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            entries.push(input.parse()?);
        }
        Ok(Self { path, entries })
    }
}

impl BindingArguments {
    fn status(&self, word: &Ident, sink: &mut Sink) -> Option<LitInt> {
        let mut status = None;
        for entry in &self.entries {
            match (&entry.value, entry.key.to_string().as_str()) {
                (Value::Is(value), "status") => match &**value {
                    Expr::Lit(syn::ExprLit {
                        lit: syn::Lit::Int(number),
                        ..
                    }) => status = Some(number.clone()),
                    other => sink.error(
                        Diagnostic::new("V0107", other, "a status is a number".to_owned())
                            .help("write `status = 201`"),
                    ),
                },
                (_, key) => sink.error(
                    Diagnostic::new(
                        "V0001",
                        &entry.key,
                        format!("unknown key `{key}` in `#[{word}(…)]`"),
                    )
                    .help(did_you_mean(key, ["status"])),
                ),
            }
        }
        status
    }
}

/// Takes the marks out of an argument's attributes; `None` if something of them was told as a mistake.
pub(crate) fn take_marks(attributes: &mut Vec<Attribute>, sink: &mut Sink) -> Option<Vec<Mark>> {
    let before = sink.len();
    let mut marks = Vec::new();
    attributes.retain(|attribute| {
        let Some(word) = attribute.path().get_ident() else {
            return true;
        };
        if let Some((_, help)) = WITHOUT_MARK.iter().find(|(name, _)| word == name) {
            let text = format!("unknown attribute `{word}`");
            sink.error(Diagnostic::new("V0001", word, text).help(help));
            return false;
        }
        if word == "query" {
            match &attribute.meta {
                Meta::Path(_) => marks.push(Mark::Query { key: None }),
                Meta::List(list) => match list.parse_args::<LitStr>() {
                    Ok(key) => marks.push(Mark::Query { key: Some(key) }),
                    Err(error) => sink.error(mark_error(&error, "query", "#[query(\"key\")]")),
                },
                Meta::NameValue(pair) => {
                    let error = syn::Error::new_spanned(pair, "expected `(…)`");
                    sink.error(mark_error(&error, "query", "#[query(\"key\")]"));
                }
            }
            return false;
        }
        if word == "header" {
            match attribute.parse_args::<LitStr>() {
                Ok(name) => marks.push(Mark::Header { name }),
                Err(error) => sink.error(mark_error(&error, "header", "#[header(\"If-Match\")]")),
            }
            return false;
        }
        true
    });
    (sink.len() == before).then_some(marks)
}

fn mark_error(error: &syn::Error, word: &str, form: &str) -> Diagnostic {
    Diagnostic::at(
        "V0008",
        error.span(),
        format!("`#[{word}]` cannot be read: {error}"),
    )
    .help(format!("write `{form}`"))
}
