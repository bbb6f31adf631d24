//! Which types parameters can have: all that stands where they stand is text.

use super::Place;
use crate::schema::{Content, Field, Link, Matching, Shape, Tagging, Variant};

/// How deep types are looked into; one that is nothing but itself has no end.
const DEPTH: usize = 32;

impl Link {
    /// Nothing, for a type that can be read from where a parameter stands.
    ///
    /// # Panics
    /// While constants are evaluated: for another one.
    #[doc(hidden)]
    pub const fn is_read_from(self, place: Place) {
        let ty = self;
        match place {
            Place::Path => assert!(
                is_text(ty, DEPTH),
                "a parameter of the path is one text: take a string, a number, a boolean, a character or an enum of words [V0108]"
            ),
            Place::Query => assert!(
                is_texts(ty, DEPTH),
                "a key of the query is a text, or several: take a string, a number, a boolean, a character, an enum of words, or a list of these; \
             a struct is read from the whole query by `#[query]` alone [V0108]"
            ),
            Place::Header => assert!(
                is_texts(ty, DEPTH),
                "a header is a text, or several: take a string, a number, a boolean, a character, an enum of words, or a list of these [V0108]"
            ),
            Place::QueryStruct => assert!(
                is_query(ty, DEPTH),
                "the whole query is read into a struct whose fields are strings, numbers, booleans, characters, enums of words, or lists of these \
             [V0108]"
            ),
        }
    }
}

/// Whether a value is one text.
const fn is_text(ty: Link, depth: usize) -> bool {
    if depth == 0 {
        return true;
    }
    match &ty.get().shape {
        Shape::Bool
        | Shape::Integer { .. }
        | Shape::Number { .. }
        | Shape::String { .. }
        | Shape::Char
        | Shape::Any
        | Shape::Literal(_) => true,
        Shape::Option(inner) | Shape::Transparent(inner) => is_text(*inner, depth - 1),
        Shape::Enum {
            tagging, variants, ..
        } => are_words(*tagging, variants),
        Shape::Unit | Shape::List { .. } | Shape::Tuple(_) | Shape::Map { .. } | Shape::Struct { .. } => {
            false
        }
    }
}

/// Whether the forms of an enum are words; which form a text has that is told by no tag, its reader finds out.
const fn are_words(tagging: Tagging, variants: &[Variant]) -> bool {
    match (tagging, variants) {
        (Tagging::Untagged, _) | (Tagging::External, []) => true,
        (Tagging::External, [first, rest @ ..]) => {
            (matches!(first.content, Content::Unit) || matches!(first.matching, Matching::Untagged))
                && are_words(tagging, rest)
        }
        (Tagging::Internal { .. } | Tagging::Adjacent { .. }, _) => false,
    }
}

/// Whether a value is a text, or several.
const fn is_texts(ty: Link, depth: usize) -> bool {
    if depth == 0 {
        return true;
    }
    match &ty.get().shape {
        Shape::List { item, .. } => is_text(*item, depth - 1),
        Shape::Tuple(items) => are_texts(items, depth),
        Shape::Option(inner) | Shape::Transparent(inner) => is_texts(*inner, depth - 1),
        _ => is_text(ty, depth),
    }
}

const fn are_texts(items: &[Link], depth: usize) -> bool {
    match items {
        [] => true,
        [first, rest @ ..] => is_text(*first, depth - 1) && are_texts(rest, depth),
    }
}

/// Whether a value is made of texts with names.
const fn is_query(ty: Link, depth: usize) -> bool {
    if depth == 0 {
        return true;
    }
    match &ty.get().shape {
        Shape::Struct { fields, .. } => are_in_query(fields, depth),
        Shape::Map { value } => is_texts(*value, depth - 1),
        Shape::Option(inner) | Shape::Transparent(inner) => is_query(*inner, depth - 1),
        Shape::Enum { tagging, .. } => matches!(tagging, Tagging::Internal { .. } | Tagging::Untagged),
        Shape::Any => true,
        _ => false,
    }
}

const fn are_in_query(fields: &[Field], depth: usize) -> bool {
    match fields {
        [] => true,
        [first, rest @ ..] => {
            let fits = if !first.presence.is_read() {
                true
            } else if first.flatten {
                is_query(first.ty, depth - 1)
            } else {
                is_texts(first.ty, depth - 1)
            };
            fits && are_in_query(rest, depth)
        }
    }
}
