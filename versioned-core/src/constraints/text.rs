//! Values that stand as text in a path, a query or a header, as the JSON that their shape makes of them.

use serde_json::{Map, Value};

use crate::schema::{Field, Link, Shape};

/// The JSON of the texts that one parameter has: several make an array where the shape is one; `null` if there is none.
///
/// A text that is not what the shape says stays a text: whoever reads it tells.
#[must_use]
pub fn from_text(link: Link, texts: &[&str]) -> Value {
    match &link.get().shape {
        Shape::Option(inner) if texts.is_empty() => {
            // A list of none is a list, and a value that is missing is none.
            match inner.get().shape {
                Shape::List { .. } => Value::Array(Vec::new()),
                _ => Value::Null,
            }
        }
        Shape::Option(inner) | Shape::Transparent(inner) => from_text(*inner, texts),
        Shape::List { item, .. } => texts.iter().map(|text| from_text(*item, &[text])).collect(),
        shape => texts.first().map_or(Value::Null, |text| one(shape, text)),
    }
}

fn one(shape: &Shape, text: &str) -> Value {
    let read = match shape {
        Shape::Bool => text.parse().ok().map(Value::Bool),
        Shape::Integer { .. } => {
            let signed = text.parse::<i64>().ok().map(Value::from);
            signed.or_else(|| text.parse::<u64>().ok().map(Value::from))
        }
        Shape::Number { .. } => text.parse::<f64>().ok().map(Value::from),
        _ => None,
    };
    read.unwrap_or_else(|| Value::from(text))
}

impl super::Checker {
    /// The JSON object of a whole query string.
    #[must_use]
    pub fn from_pairs(&self, pairs: &[(String, String)]) -> Value {
        let mut members = Map::new();
        collect(self.root, pairs, &mut members);
        Value::Object(members)
    }

    /// The JSON of the texts of one parameter.
    #[must_use]
    pub fn from_text(&self, texts: &[&str]) -> Value {
        from_text(self.root, texts)
    }
}

/// How deep structs are followed into each other.
fn collect(link: Link, pairs: &[(String, String)], into: &mut Map<String, Value>) {
    match &link.get().shape {
        Shape::Struct { fields, .. } => fields.iter().for_each(|field| member(field, pairs, into)),
        Shape::Transparent(inner) | Shape::Option(inner) => collect(*inner, pairs, into),
        Shape::Map { value } => {
            for (name, _) in pairs {
                if !into.contains_key(name) {
                    let texts = texts(pairs, name);
                    into.insert(name.clone(), from_text(*value, &texts));
                }
            }
        }
        _ => {}
    }
}

fn member(field: &Field, pairs: &[(String, String)], into: &mut Map<String, Value>) {
    if field.flatten {
        return collect(field.ty, pairs, into);
    }
    for name in std::iter::once(&field.wire).chain(field.aliases) {
        let texts = texts(pairs, name);
        if !texts.is_empty() {
            into.insert((*name).to_owned(), from_text(field.ty, &texts));
        }
    }
}

fn texts<'p>(pairs: &'p [(String, String)], name: &str) -> Vec<&'p str> {
    let named = pairs.iter().filter(|(key, _)| key == name);
    named.map(|(_, value)| value.as_str()).collect()
}
