//! Values that stand as text in a path, a query or a header, as the JSON that their shape makes of them.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::schema::{Content, Field, Link, Shape, Tagging, Variant};

/// How many types may stand around one value.
const DEPTH: usize = 32;

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

fn is_list(link: Link) -> bool {
    match &link.get().shape {
        Shape::List { .. } | Shape::Tuple(_) => true,
        Shape::Transparent(inner) | Shape::Option(inner) => is_list(*inner),
        _ => false,
    }
}

fn one(shape: &Shape, text: &str) -> Value {
    let read = match shape {
        Shape::Bool => text.parse().ok().map(Value::Bool),
        Shape::Integer { .. } => {
            let signed = text.parse::<i64>().ok().map(Value::from);
            let unsigned = || text.parse::<u64>().ok().map(Value::from);
            // JSON as it is read here has no larger integers, but numbers that compare like them.
            let larger = || text.parse::<i128>().is_ok() || text.parse::<u128>().is_ok();
            let larger = || larger().then(|| number(text)).flatten();
            signed.or_else(unsigned).or_else(larger)
        }
        Shape::Number { .. } => number(text),
        _ => None,
    };
    read.unwrap_or_else(|| Value::from(text))
}

/// No number of JSON is infinite.
fn number(text: &str) -> Option<Value> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    number.map(Value::from)
}

/// The texts of a query string by the names of its parameters.
type Texts<'p> = HashMap<&'p str, Vec<&'p str>>;

fn by_name(pairs: &[(String, String)]) -> Texts<'_> {
    let mut texts = Texts::new();
    for (name, value) in pairs {
        texts.entry(name).or_default().push(value);
    }
    texts
}

/// Whether a whole query string must be read by its shape: where members stand flattened, or beside a tag, serde asks for them without saying
/// of what type they are.
#[must_use]
pub fn is_read_by_shape(link: Link) -> bool {
    match &link.get().shape {
        Shape::Struct { fields, .. } => {
            let mut read = fields.iter().filter(|field| field.presence.is_read());
            read.any(|field| field.flatten)
        }
        Shape::Enum { .. } => true,
        Shape::Transparent(inner) | Shape::Option(inner) => is_read_by_shape(*inner),
        _ => false,
    }
}

/// Whether a key of a whole query string that has no text says nothing: forms send what was left empty, and nothing is no number.
#[must_use]
pub fn says_nothing(link: Link, name: &str, text: &str) -> bool {
    let is_optional = |ty| number_or_flag(ty) == Some(true);
    text.is_empty() && is_of(link, name, &is_optional, &mut Vec::new())
}

/// Whether the key is that of a field of such a type; `around` is what the type of all stands flattened in.
fn is_of(link: Link, name: &str, such: &dyn Fn(Link) -> bool, around: &mut Vec<Link>) -> bool {
    if around.contains(&link) {
        return false;
    }
    around.push(link);
    let is_named = |field: &Field| field.wire == name || field.aliases.contains(&name);
    let found = match &link.get().shape {
        Shape::Struct { fields, .. } => fields.iter().any(|field| {
            if field.flatten {
                is_of(field.ty, name, such, around)
            } else {
                is_named(field) && such(field.ty)
            }
        }),
        Shape::Transparent(inner) | Shape::Option(inner) => is_of(*inner, name, such, around),
        _ => false,
    };
    around.pop();
    found
}

fn is_number(ty: Link) -> bool {
    number_or_flag(ty).is_some()
}

/// For a number or a boolean whether it may be missing.
fn number_or_flag(mut link: Link) -> Option<bool> {
    let mut optional = false;
    // A type that is nothing but itself has no end.
    for _ in 0..DEPTH {
        match &link.get().shape {
            Shape::Option(inner) => (link, optional) = (*inner, true),
            Shape::Transparent(inner) => link = *inner,
            Shape::Bool | Shape::Integer { .. } | Shape::Number { .. } => return Some(optional),
            _ => return None,
        }
    }
    None
}

/// The JSON object that a whole query string is read from. What its type does not know, and what stands several times where it should once,
/// stays as it is: whoever reads it tells.
#[must_use]
pub fn query(link: Link, pairs: &[(String, String)]) -> Value {
    let texts = by_name(pairs);
    let mut members = Map::new();
    collect(link, &texts, &mut Vec::new(), &mut members);
    for (name, texts) in &texts {
        match (members.get(*name), &texts[..]) {
            (Some(Value::Array(_)), _) | (Some(_), [_]) => {}
            (None, [text]) => {
                members.insert((*name).to_owned(), Value::from(*text));
            }
            (_, several) => {
                members.insert(
                    (*name).to_owned(),
                    several.iter().copied().map(Value::from).collect(),
                );
            }
        }
    }
    Value::Object(members)
}

/// The first key of a whole query string whose text is not what its shape says: where members stand flattened, serde does not tell which
/// one it could not read.
#[must_use]
pub fn misread(link: Link, pairs: &[(String, String)]) -> Option<&str> {
    let read = query(link, pairs);
    let is_text = |value: &Value| value.is_string() || value.is_array();
    let names = pairs.iter().map(|(name, _)| name.as_str());
    names.into_iter().find(|name| {
        let told = read.get(*name).is_some_and(is_text);
        told && is_of(link, name, &is_number, &mut Vec::new())
    })
}

impl super::Checker {
    /// The JSON object of a whole query string.
    #[must_use]
    pub fn from_pairs(&self, pairs: &[(String, String)]) -> Value {
        let mut members = Map::new();
        collect(self.root, &by_name(pairs), &mut Vec::new(), &mut members);
        Value::Object(members)
    }

    /// Whether several texts are what it checks.
    #[must_use]
    pub fn is_of_list(&self) -> bool {
        is_list(self.root)
    }

    /// The JSON of the texts of one parameter.
    #[must_use]
    pub fn from_text(&self, texts: &[&str]) -> Value {
        from_text(self.root, texts)
    }
}

/// The members that a type reads; `around` is what it stands flattened in.
fn collect(link: Link, texts: &Texts<'_>, around: &mut Vec<Link>, into: &mut Map<String, Value>) {
    // What stands in itself reads nothing else.
    if around.contains(&link) {
        return;
    }
    around.push(link);
    match &link.get().shape {
        Shape::Struct { fields, .. } => {
            fields.iter().for_each(|field| member(field, texts, around, into));
        }
        Shape::Transparent(inner) | Shape::Option(inner) => collect(*inner, texts, around, into),
        Shape::Enum {
            tagging: Tagging::Internal { tag },
            variants,
            ..
        } => {
            let name = texts.get(tag).and_then(|texts| texts.first());
            if let Some(name) = name {
                into.insert((*tag).to_owned(), Value::from(*name));
            }
            let named = |variant: &&Variant| {
                let is = |name: &&str| variant.wire == *name || variant.aliases.contains(name);
                variant.presence.is_read() && name.is_some_and(is)
            };
            match variants.iter().find(named).map(|variant| &variant.content) {
                Some(Content::Struct(fields)) => {
                    fields.iter().for_each(|field| member(field, texts, around, into));
                }
                Some(Content::Newtype(inner)) => collect(*inner, texts, around, into),
                _ => {}
            }
        }
        Shape::Map { value } => {
            for (name, texts) in texts {
                if !into.contains_key(*name) {
                    into.insert((*name).to_owned(), from_text(*value, texts));
                }
            }
        }
        _ => {}
    }
    around.pop();
}

fn member(field: &Field, texts: &Texts<'_>, around: &mut Vec<Link>, into: &mut Map<String, Value>) {
    if field.flatten {
        return collect(field.ty, texts, around, into);
    }
    for name in std::iter::once(&field.wire).chain(field.aliases) {
        if let Some(texts) = texts.get(name) {
            into.insert((*name).to_owned(), from_text(field.ty, texts));
        }
    }
}
