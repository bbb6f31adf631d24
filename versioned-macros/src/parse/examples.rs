//! `#[example("a new user", request = new_user, response = created)]`: functions that make what documents show.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, LitStr, Path, Token};

use super::{Entry, Value};
use crate::sink::{Diagnostic, Sink};
use crate::words::did_you_mean;

const FORM: &str = "write `#[example(\"a new user\", request = new_user, response = created)]`, with functions that make the values";

/// One example of an operation.
#[derive(Clone)]
pub(crate) struct Example {
    pub(crate) name: LitStr,
    /// The function that makes the body of the request.
    pub(crate) request: Option<Path>,
    /// The function that makes the answer.
    pub(crate) response: Option<Path>,
    /// The word that says what the request is, for messages.
    pub(crate) request_key: Option<Ident>,
}

struct Arguments {
    name: LitStr,
    entries: Punctuated<Entry, Token![,]>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        let entries = Punctuated::parse_terminated(input)?;
        Ok(Self { name, entries })
    }
}

/// Reads one attribute; what cannot be read is reported.
pub(super) fn read(attribute: &Attribute, sink: &mut Sink) -> Option<Example> {
    let arguments = match attribute.parse_args::<Arguments>() {
        Ok(arguments) => arguments,
        Err(error) => {
            let text = format!("`#[example(…)]` cannot be read: {error}");
            sink.error(Diagnostic::at("V0008", error.span(), text).help(FORM));
            return None;
        }
    };
    let before = sink.len();
    let mut example = Example {
        name: arguments.name,
        request: None,
        response: None,
        request_key: None,
    };
    for Entry { key, value } in arguments.entries {
        let word = key.to_string();
        match (word.as_str(), value) {
            ("request" | "response", Value::Is(value)) => match *value {
                Expr::Path(path) if path.qself.is_none() => {
                    if word == "request" {
                        example.request = Some(path.path);
                        example.request_key = Some(key);
                    } else {
                        example.response = Some(path.path);
                    }
                }
                other => {
                    let text = format!("`{word}` names a function");
                    sink.error(Diagnostic::new("V0008", other, text).help(FORM));
                }
            },
            ("request" | "response", _) => {
                let text = format!("`{word}` is not written like this");
                sink.error(Diagnostic::new("V0008", &key, text).help(format!("write `{word} = function`")));
            }
            _ => {
                let text = format!("unknown key `{word}` in `#[example(…)]`");
                let help = did_you_mean(&word, ["request", "response"]);
                sink.error(Diagnostic::new("V0001", &key, text).help(help));
            }
        }
    }
    if sink.len() > before {
        return None;
    }
    if example.request.is_none() && example.response.is_none() {
        let text = format!("the example \"{}\" shows nothing", example.name.value());
        sink.error(Diagnostic::new("V0008", &example.name, text).help(FORM));
        return None;
    }
    Some(example)
}
