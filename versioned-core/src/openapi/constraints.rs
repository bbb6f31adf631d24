//! Constraints in the document: keywords of JSON Schema beside the schema that they constrain.

use std::cmp::Ordering;

use serde_json::Value;
use utoipa::Number as Described;
use utoipa::openapi::schema::{ArrayItems, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{Array, Object, RefOr};

use super::parts::{all_of, deprecated, described, entitled};
use super::schema::Schemas;
use crate::constraints::{Constraints, Number};
use crate::schema::{Link, Node, Shape};

impl Schemas {
    /// The schema of a value that is there: a parameter is left out, it is never null.
    pub(super) fn present(&mut self, link: Link) -> RefOr<Schema> {
        let node = link.get();
        match &node.shape {
            Shape::Option(inner) => self.describe(*inner),
            Shape::Transparent(inner) if node.id.is_empty() => {
                let schema = self.present(*inner);
                constrained(schema, node)
            }
            _ => self.describe(link),
        }
    }
}

/// The schema of a place with constraints of its own, and what is said of it.
pub(super) fn constrained(schema: RefOr<Schema>, node: &Node) -> RefOr<Schema> {
    let schema = with_keywords(schema, node.constraints);
    let schema = titled(schema, node.constraints.title);
    let schema = described(with_examples(schema, node.constraints.examples), node.doc);
    deprecated(schema, node.constraints.deprecation)
}

/// With the keywords in the schema where it has a place for them, else beside it.
pub(super) fn with_keywords(schema: RefOr<Schema>, constraints: &Constraints) -> RefOr<Schema> {
    let mut rest = *constraints;
    let mut schema = schema;
    match &mut schema {
        RefOr::T(Schema::Object(object)) => enter(object, &mut rest),
        RefOr::T(Schema::Array(array)) => enter_items(array, &mut rest),
        _ => {}
    }
    let mut beside = Vec::new();
    if has_items(&rest) {
        let mut array = Array::default();
        array.schema_type = SchemaType::Array(vec![Type::Array, Type::Null]);
        array.items = ArrayItems::RefOrSchema(Box::new(any().into()));
        enter_items(&mut array, &mut rest);
        beside.push(RefOr::T(Schema::Array(array)));
    }
    let mut object = Object::with_type(SchemaType::AnyValue);
    enter(&mut object, &mut rest);
    if object != Object::with_type(SchemaType::AnyValue) {
        beside.push(RefOr::T(Schema::Object(object)));
    }
    if beside.is_empty() {
        return schema;
    }
    beside.insert(0, schema);
    all_of(beside).into()
}

fn any() -> Schema {
    Schema::Object(Object::with_type(SchemaType::AnyValue))
}

/// Moves the keywords that an object of the document model has a place for. Of two bounds the tighter one stays, and what cannot be
/// told so is left to stand beside.
fn enter(object: &mut Object, from: &mut Constraints) {
    least(&mut from.min_length, &mut object.min_length);
    most(&mut from.max_length, &mut object.max_length);
    least(&mut from.min_properties, &mut object.min_properties);
    most(&mut from.max_properties, &mut object.max_properties);
    bound(&mut from.minimum, &mut object.minimum, Ordering::Greater);
    bound(&mut from.maximum, &mut object.maximum, Ordering::Less);
    let (above, below) = (&mut object.exclusive_minimum, &mut object.exclusive_maximum);
    bound(&mut from.exclusive_minimum, above, Ordering::Greater);
    bound(&mut from.exclusive_maximum, below, Ordering::Less);
    if object.multiple_of.is_none() {
        object.multiple_of = from.multiple_of.take().map(number);
    }
    if object.pattern.is_none() {
        object.pattern = from.pattern.take().map(str::to_owned);
    }
    if let Some(format) = from.format.take() {
        object.format = Some(SchemaFormat::Custom(format.to_owned()));
    }
}

fn least(from: &mut Option<u64>, place: &mut Option<usize>) {
    // None is the least.
    *place = (*place).max(from.take().map(count));
}

fn most(from: &mut Option<u64>, place: &mut Option<usize>) {
    let both = place.iter().copied().chain(from.take().map(count));
    *place = both.min();
}

fn count(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn bound(from: &mut Option<Number>, place: &mut Option<Described>, tighter: Ordering) {
    let Some(bound) = from.take() else { return };
    let is_tighter = |known: &Described| {
        let known = serde_json::to_value(known).ok();
        let known = known.and_then(|known| serde_json::from_value::<Number>(known).ok());
        known.is_none_or(|known| bound.cmp(&known) == tighter)
    };
    if place.as_ref().is_none_or(is_tighter) {
        *place = Some(number(bound));
    }
}

fn has_items(constraints: &Constraints) -> bool {
    constraints.min_items.is_some() || constraints.max_items.is_some() || constraints.unique_items
}

fn enter_items(array: &mut Array, from: &mut Constraints) {
    least(&mut from.min_items, &mut array.min_items);
    most(&mut from.max_items, &mut array.max_items);
    array.unique_items |= std::mem::take(&mut from.unique_items);
}

fn number(number: Number) -> Described {
    match number {
        Number::Integer(integer) => match (isize::try_from(integer), usize::try_from(integer)) {
            (Ok(signed), _) => Described::Int(signed),
            (_, Ok(unsigned)) => Described::UInt(unsigned),
            // On targets whose words are shorter, a double is near enough.
            #[allow(clippy::cast_precision_loss)]
            _ => Described::Float(integer as f64),
        },
        Number::Float(float) => Described::Float(float),
    }
}

fn titled(schema: RefOr<Schema>, title: &str) -> RefOr<Schema> {
    match schema {
        schema if title.is_empty() => schema,
        RefOr::Ref(mut reference) => {
            reference.title = Some(title.to_owned());
            RefOr::Ref(reference)
        }
        RefOr::T(schema) => RefOr::T(entitled(schema, title, "")),
    }
}

/// With examples, which are JSON texts.
pub(super) fn with_examples(schema: RefOr<Schema>, texts: &[&str]) -> RefOr<Schema> {
    let read = texts.iter().filter_map(|text| serde_json::from_str(text).ok());
    let values: Vec<Value> = read.collect();
    if values.is_empty() {
        return schema;
    }
    let mut schema = match schema {
        RefOr::T(schema @ (Schema::Object(_) | Schema::Array(_) | Schema::AllOf(_))) => schema,
        // The others have no place for examples.
        other => all_of(vec![other]),
    };
    match &mut schema {
        Schema::Object(schema) => schema.examples = values,
        Schema::Array(schema) => schema.examples = values,
        Schema::AllOf(schema) => schema.examples = values,
        _ => {}
    }
    schema.into()
}
