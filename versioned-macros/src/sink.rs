//! Where mistakes go: all of one expansion are collected, each with its code, and none can be forgotten.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// One mistake of the user: what is wrong, where, and what to type.
pub(crate) struct Diagnostic {
    code: &'static str,
    /// The tokens to underline, from the first to the last.
    tokens: TokenStream,
    text: String,
    lines: Vec<String>,
}

impl Diagnostic {
    /// A mistake that underlines a node as a whole.
    pub(crate) fn new(code: &'static str, node: impl ToTokens, text: impl Into<String>) -> Self {
        Self {
            code,
            tokens: node.to_token_stream(),
            text: text.into(),
            lines: Vec::new(),
        }
    }

    /// A mistake at a span.
    pub(crate) fn at(code: &'static str, span: Span, text: impl Into<String>) -> Self {
        let mut token = proc_macro2::Group::new(proc_macro2::Delimiter::None, TokenStream::new());
        token.set_span(span);
        Self {
            code,
            tokens: proc_macro2::TokenTree::Group(token).into(),
            text: text.into(),
            lines: Vec::new(),
        }
    }

    /// What to type; a mistake has at least one of these.
    pub(crate) fn help(mut self, text: impl AsRef<str>) -> Self {
        self.lines.push(format!("help: {}", text.as_ref()));
        self
    }

    /// Why it matters.
    pub(crate) fn note(mut self, text: impl AsRef<str>) -> Self {
        self.lines.push(format!("note: {}", text.as_ref()));
        self
    }

    /// The whole message, for where it is told later.
    pub(crate) fn into_text(self) -> String {
        let mut message = format!("{} [{}]", self.text, self.code);
        for line in self.lines {
            message.push('\n');
            message.push_str(&line);
        }
        message
    }

    fn into_error(self) -> syn::Error {
        let tokens = self.tokens.clone();
        syn::Error::new_spanned(tokens, self.into_text())
    }
}

/// Collects mistakes. Dropping one that was not read is a bug of this crate, and panics.
pub(crate) struct Sink {
    errors: Vec<syn::Error>,
    seen: HashSet<(String, String)>,
    read: bool,
}

impl Sink {
    pub(crate) fn new() -> Self {
        Self {
            errors: Vec::new(),
            seen: HashSet::new(),
            read: false,
        }
    }

    /// Adds a mistake; the same one at the same place is told once (an item is looked at in each version).
    pub(crate) fn error(&mut self, diagnostic: Diagnostic) {
        let error = diagnostic.into_error();
        if self
            .seen
            .insert((error.to_string(), format!("{:?}", error.span())))
        {
            self.errors.push(error);
        }
    }

    /// How many mistakes there are so far.
    pub(crate) fn len(&self) -> usize {
        self.errors.len()
    }

    /// All mistakes as `compile_error!` invocations, in the order of the source.
    pub(crate) fn into_tokens(mut self) -> TokenStream {
        self.read = true;
        let mut errors = std::mem::take(&mut self.errors);
        errors.sort_by_key(|error| {
            let start = error.span().start();
            (start.line, start.column)
        });
        errors.iter().map(syn::Error::to_compile_error).collect()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        assert!(
            self.read || std::thread::panicking(),
            "a sink of mistakes was dropped unread"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_each_mistake_once_with_its_code_and_help() {
        let mut sink = Sink::new();
        for _ in 0..2 {
            sink.error(
                Diagnostic::at("V0001", Span::call_site(), "unknown key `sinse`")
                    .help("did you mean `since`?"),
            );
        }
        assert_eq!(sink.len(), 1);
        let text = sink.into_tokens().to_string();
        assert!(
            text.contains(r"unknown key `sinse` [V0001]\nhelp: did you mean `since`?"),
            "{text}"
        );
    }

    #[test]
    fn tells_mistakes_in_the_order_of_the_source() {
        let tokens: TokenStream = "a b\nc".parse().expect("three words");
        let mut sink = Sink::new();
        let spans: Vec<Span> = tokens.into_iter().map(|token| token.span()).collect();
        for (span, text) in [(spans[2], "third"), (spans[0], "first"), (spans[1], "second")] {
            sink.error(Diagnostic::at("V0001", span, text));
        }
        let text = sink.into_tokens().to_string();
        let place = |word| text.find(word).expect("is told");
        assert!(
            place("first") < place("second") && place("second") < place("third"),
            "{text}"
        );
    }

    /// The codes that the source of this crate names.
    fn codes(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("the source is here") {
            let path = entry.expect("the source is here").path();
            if path.is_dir() {
                codes(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("the source is text");
                found.extend(text.split('"').filter(|text| is_code(text)).map(str::to_owned));
            }
        }
    }

    fn is_code(text: &str) -> bool {
        text.len() == 5 && text.starts_with('V') && text[1..].bytes().all(|digit| digit.is_ascii_digit())
    }

    #[test]
    fn every_code_is_in_the_table() {
        let mut found = Vec::new();
        codes(
            &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut found,
        );
        assert!(found.len() > 20, "{found:?}");
        for code in found {
            assert!(
                versioned_core::codes::find(&code).is_some(),
                "{code} is not in the table"
            );
        }
    }

    #[test]
    #[should_panic(expected = "dropped unread")]
    fn cannot_be_forgotten() {
        let _sink = Sink::new();
    }
}
