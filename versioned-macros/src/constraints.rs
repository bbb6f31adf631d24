//! Constraints in one version: what holds there of all that was said, whether it fits the type, and the constants for it.

mod fit;
mod kind;
mod read;

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value as Json;
use syn::Ident;
use versioned_core::constraints::Number;
use versioned_core::model::ConstraintsModel;

use crate::parse::dates::Deprecation;
use crate::parse::openapi::{Given, Openapi, Word};
use crate::sink::{Diagnostic, Sink};

pub(crate) use fit::{Subject, check};
pub(crate) use kind::{Kind, kind};
pub(crate) use read::{Kinds, enter, enter_item, of_derive, of_version, place, refuse_on, refuse_ranges};

/// What holds of a value in one version.
#[derive(Clone, Default)]
pub(crate) struct Constrained {
    pub(crate) facts: ConstraintsModel,
    pub(crate) read_only: bool,
    pub(crate) write_only: bool,
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) examples: Vec<Json>,
    pub(crate) deprecation: Option<Deprecation>,
    /// All of it as it was typed, for messages.
    pub(crate) words: Vec<Word>,
}

/// What was said, with the version that it begins with.
#[derive(Clone)]
pub(crate) struct Said {
    pub(crate) range: std::ops::Range<usize>,
    pub(crate) openapi: Openapi,
}

/// What holds in a version: of one key said twice the one that begins later; two that begin together are a mistake.
pub(crate) fn resolve(said: &[Said], version: usize, sink: &mut Sink) -> Constrained {
    let mut chosen: Vec<(usize, &Word)> = Vec::new();
    for said in said.iter().filter(|said| said.range.contains(&version)) {
        let begins = said.range.start;
        for word in &said.openapi.words {
            match chosen
                .iter_mut()
                .find(|(_, other)| name(&other.key) == name(&word.key))
            {
                Some((earlier, other)) if *earlier < begins => (*earlier, *other) = (begins, word),
                Some((earlier, _)) if *earlier > begins => {}
                Some(_) => sink.error(
                    Diagnostic::new("V0114", &word.key, format!("`{}` is said twice", word.key)).help(
                        "keep one of the two, or give them ranges: the one with the later `since` wins",
                    ),
                ),
                None => chosen.push((begins, word)),
            }
        }
    }
    let mut constrained = Constrained::default();
    for (_, word) in chosen {
        constrained.add(word);
    }
    constrained
}

/// `example` is `examples` of one.
fn name(key: &Ident) -> String {
    let name = key.to_string();
    if name == "examples" {
        "example".to_owned()
    } else {
        name
    }
}

impl Constrained {
    fn add(&mut self, word: &Word) {
        let facts = &mut self.facts;
        match (word.key.to_string().as_str(), word.given.clone()) {
            ("min_length", Given::Count(count)) => facts.min_length = Some(count),
            ("max_length", Given::Count(count)) => facts.max_length = Some(count),
            ("min_items", Given::Count(count)) => facts.min_items = Some(count),
            ("max_items", Given::Count(count)) => facts.max_items = Some(count),
            ("min_properties", Given::Count(count)) => facts.min_properties = Some(count),
            ("max_properties", Given::Count(count)) => facts.max_properties = Some(count),
            ("minimum", Given::Bound(bound)) => facts.minimum = Some(bound),
            ("maximum", Given::Bound(bound)) => facts.maximum = Some(bound),
            ("exclusive_minimum", Given::Bound(bound)) => facts.exclusive_minimum = Some(bound),
            ("exclusive_maximum", Given::Bound(bound)) => facts.exclusive_maximum = Some(bound),
            ("multiple_of", Given::Bound(bound)) => facts.multiple_of = Some(bound),
            ("pattern", Given::Text(text)) => facts.pattern = Some(text),
            ("format", Given::Text(text)) => facts.format = Some(text),
            ("title", Given::Text(text)) => self.title = Some(text),
            ("description", Given::Text(text)) => self.description = Some(text),
            ("unique_items", Given::Flag) => facts.unique_items = true,
            ("read_only", Given::Flag) => self.read_only = true,
            ("write_only", Given::Flag) => self.write_only = true,
            (_, Given::Examples(examples)) => self.examples = examples,
            (_, Given::Deprecation(deprecation)) => self.deprecation = Some(*deprecation),
            _ => {}
        }
        self.words.push(word.clone());
    }

    /// What was typed behind a key.
    pub(crate) fn word(&self, key: &str) -> Option<&Word> {
        self.words.iter().find(|word| word.key == key)
    }

    /// All of it as text: two versions with the same text have the same constants.
    pub(crate) fn text(&self) -> String {
        if self.words.is_empty() {
            return String::new();
        }
        let Self {
            facts,
            read_only,
            write_only,
            title,
            description,
            examples,
            deprecation,
            ..
        } = self;
        format!("{facts:?} {read_only} {write_only} {title:?} {description:?} {examples:?} {deprecation:?}")
    }

    /// The doc comment, or what was said instead.
    pub(crate) fn doc(&self, doc: String) -> String {
        self.description.clone().unwrap_or(doc)
    }

    /// The constants.
    pub(crate) fn constants(&self, krate: &TokenStream) -> TokenStream {
        let facts = &self.facts;
        let mut fields = TokenStream::new();
        let mut enter = |name: &str, value: TokenStream| {
            let name = quote::format_ident!("{name}");
            fields.extend(quote!(#name: #value,));
        };
        let some = |value: TokenStream| quote!(::core::option::Option::Some(#value));
        for (name, count) in [
            ("min_length", facts.min_length),
            ("max_length", facts.max_length),
            ("min_items", facts.min_items),
            ("max_items", facts.max_items),
            ("min_properties", facts.min_properties),
            ("max_properties", facts.max_properties),
        ] {
            if let Some(count) = count {
                enter(name, some(quote!(#count)));
            }
        }
        for (name, bound) in [
            ("minimum", facts.minimum),
            ("maximum", facts.maximum),
            ("exclusive_minimum", facts.exclusive_minimum),
            ("exclusive_maximum", facts.exclusive_maximum),
            ("multiple_of", facts.multiple_of),
        ] {
            match bound {
                Some(Number::Integer(integer)) => {
                    enter(name, some(quote!(#krate::Number::Integer(#integer))));
                }
                Some(Number::Float(float)) => enter(name, some(quote!(#krate::Number::Float(#float)))),
                None => {}
            }
        }
        for (name, text) in [("pattern", &facts.pattern), ("format", &facts.format)] {
            if let Some(text) = text {
                enter(name, some(quote!(#text)));
            }
        }
        for (name, flag) in [
            ("unique_items", facts.unique_items),
            ("read_only", self.read_only),
        ] {
            if flag {
                enter(name, quote!(true));
            }
        }
        if let Some(title) = &self.title {
            enter("title", quote!(#title));
        }
        if !self.examples.is_empty() {
            let texts = self.examples.iter().map(Json::to_string);
            enter("examples", quote!(&[#(#texts),*]));
        }
        if let Some(deprecation) = &self.deprecation {
            enter("deprecation", some(deprecation.constant(krate)));
        }
        if fields.is_empty() {
            quote!(#krate::Constraints::NONE)
        } else {
            quote!(#krate::Constraints { #fields ..#krate::Constraints::NONE })
        }
    }

    /// The link to the node of a place: that of its type, or one around it where there is more to say. The doc comment of a
    /// field stands in the field.
    pub(crate) fn link(&self, inner: TokenStream, doc: Option<&str>, krate: &TokenStream) -> TokenStream {
        let said = !self.facts.is_empty()
            || self.read_only
            || self.title.is_some()
            || !self.examples.is_empty()
            || self.deprecation.is_some();
        if !said && doc.is_none() {
            return inner;
        }
        let (constants, doc) = (self.constants(krate), doc.unwrap_or_default());
        quote! {{
            static __PLACE: #krate::Node = #krate::Node {
                id: "",
                name: "",
                doc: #doc,
                shape: #krate::Shape::Transparent(#inner),
                constraints: &#constants,
            };
            #krate::Link::of(&__PLACE)
        }}
    }
}
