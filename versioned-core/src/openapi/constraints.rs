//! Constraints in the document: keywords of JSON Schema beside the schema that they constrain.

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

/// Moves the keywords that an object of the document model has a place for.
fn enter(object: &mut Object, from: &mut Constraints) {
    let count = |count: &mut Option<u64>, place: &mut Option<usize>| {
        if let Some(count) = count.take() {
            *place = Some(usize::try_from(count).unwrap_or(usize::MAX));
        }
    };
    let bound = |bound: &mut Option<Number>, place: &mut Option<Described>| {
        if let Some(bound) = bound.take() {
            *place = Some(number(bound));
        }
    };
    count(&mut from.min_length, &mut object.min_length);
    count(&mut from.max_length, &mut object.max_length);
    count(&mut from.min_properties, &mut object.min_properties);
    count(&mut from.max_properties, &mut object.max_properties);
    bound(&mut from.minimum, &mut object.minimum);
    bound(&mut from.maximum, &mut object.maximum);
    bound(&mut from.exclusive_minimum, &mut object.exclusive_minimum);
    bound(&mut from.exclusive_maximum, &mut object.exclusive_maximum);
    bound(&mut from.multiple_of, &mut object.multiple_of);
    if let Some(pattern) = from.pattern.take() {
        object.pattern = Some(pattern.to_owned());
    }
    if let Some(format) = from.format.take() {
        object.format = Some(SchemaFormat::Custom(format.to_owned()));
    }
}

fn has_items(constraints: &Constraints) -> bool {
    constraints.min_items.is_some() || constraints.max_items.is_some() || constraints.unique_items
}

fn enter_items(array: &mut Array, from: &mut Constraints) {
    let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    if let Some(least) = from.min_items.take() {
        array.min_items = Some(count(least));
    }
    if let Some(most) = from.max_items.take() {
        array.max_items = Some(count(most));
    }
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
