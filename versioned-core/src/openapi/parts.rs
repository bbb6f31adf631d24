//! The building blocks of schemas: what JSON Schema says in one way each.

use serde_json::Value;
use utoipa::openapi::extensions::{Extensions, ExtensionsBuilder};
use utoipa::openapi::schema::{AnyOf, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{AllOf, Deprecated, Object, OneOf, RefOr};

use crate::deprecation::Deprecation;
use crate::schema::{Link, Presence};

pub(super) fn plain(ty: Type) -> Schema {
    Schema::Object(Object::with_type(ty))
}

pub(super) fn formatted(ty: Type, format: &str) -> Schema {
    let mut object = Object::with_type(ty);
    object.format = Some(custom(format));
    Schema::Object(object)
}

fn custom(format: &str) -> SchemaFormat {
    SchemaFormat::Custom(format.to_owned())
}

pub(super) fn integer(bits: u8, signed: bool) -> Schema {
    let mut object = Object::with_type(Type::Integer);
    // OpenAPI registers formats for some widths only; the bounds say the rest.
    object.format = match (bits, signed) {
        (0..=31, _) | (32, true) => Some(custom("int32")),
        (32, false) | (64, true) => Some(custom("int64")),
        (64, false) => Some(custom("uint64")),
        _ => None,
    };
    let bounds: (Option<i64>, Option<i64>) = match (bits, signed) {
        (8, true) => (Some(i8::MIN.into()), Some(i8::MAX.into())),
        (16, true) => (Some(i16::MIN.into()), Some(i16::MAX.into())),
        (8, false) => (Some(0), Some(u8::MAX.into())),
        (16, false) => (Some(0), Some(u16::MAX.into())),
        (32, false) => (Some(0), Some(u32::MAX.into())),
        (_, false) => (Some(0), None),
        (_, true) => (None, None),
    };
    object.minimum = bounds.0.map(Into::into);
    object.maximum = bounds.1.map(Into::into);
    Schema::Object(object)
}

/// A text with exactly one value.
pub(super) fn constant(value: &str) -> Schema {
    let mut object = Object::with_type(Type::String);
    object.enum_values = Some(vec![Value::from(value)]);
    Schema::Object(object)
}

/// An object with a tag.
pub(super) fn tagged(name: &str, tag: Schema) -> Object {
    let mut object = Object::with_type(Type::Object);
    object.properties.insert(name.to_owned(), tag.into());
    object.required.push(name.to_owned());
    object
}

/// The schema, or null.
pub(super) fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    let with_null = |ty: &mut SchemaType| match ty {
        SchemaType::Type(plain) if *plain != Type::Null => {
            *ty = SchemaType::Array(vec![plain.clone(), Type::Null]);
        }
        // Null is in there.
        SchemaType::Type(_) | SchemaType::Array(_) | SchemaType::AnyValue => {}
    };
    match schema {
        RefOr::T(Schema::Object(mut object)) if object.enum_values.is_none() => {
            with_null(&mut object.schema_type);
            Schema::Object(object).into()
        }
        RefOr::T(Schema::Array(mut array)) => {
            with_null(&mut array.schema_type);
            Schema::Array(array).into()
        }
        // Not `oneOf`: what stands behind a reference may be null itself.
        other => any_of(vec![plain(Type::Null).into(), other]).into(),
    }
}

pub(super) fn one_of(items: Vec<RefOr<Schema>>) -> Schema {
    Schema::OneOf(OneOf {
        items,
        ..OneOf::default()
    })
}

pub(super) fn any_of(items: Vec<RefOr<Schema>>) -> Schema {
    Schema::AnyOf(AnyOf {
        items,
        ..AnyOf::default()
    })
}

pub(super) fn all_of(items: Vec<RefOr<Schema>>) -> Schema {
    Schema::AllOf(AllOf {
        items,
        ..AllOf::default()
    })
}

pub(super) fn inline(schema: RefOr<Schema>) -> Schema {
    match schema {
        RefOr::T(schema) => schema,
        reference @ RefOr::Ref(_) => all_of(vec![reference]),
    }
}

/// With a description where the schema is used; a reference may have one beside it since 3.1.
pub(super) fn described(schema: RefOr<Schema>, doc: &str) -> RefOr<Schema> {
    if doc.is_empty() {
        return schema;
    }
    match schema {
        RefOr::Ref(mut reference) => {
            doc.clone_into(&mut reference.description);
            RefOr::Ref(reference)
        }
        RefOr::T(schema) => RefOr::T(entitled(schema, "", doc)),
    }
}

/// With a note of the direction, where there is one only.
pub(super) fn directed(schema: RefOr<Schema>, presence: Presence) -> RefOr<Schema> {
    let (read_only, write_only) = match presence {
        Presence::Both => return schema,
        Presence::Read => (None, Some(true)),
        Presence::Written => (Some(true), None),
    };
    match schema {
        RefOr::Ref(mut reference) => {
            (reference.read_only, reference.write_only) = (read_only, write_only);
            RefOr::Ref(reference)
        }
        RefOr::T(Schema::Object(mut object)) => {
            (object.read_only, object.write_only) = (read_only, write_only);
            Schema::Object(object).into()
        }
        // The document model has no place for the note on the others.
        RefOr::T(other) => Schema::OneOf(OneOf {
            items: vec![other.into()],
            read_only,
            write_only,
            ..OneOf::default()
        })
        .into(),
    }
}

/// With the note that the thing will go, and when.
pub(super) fn deprecated(schema: RefOr<Schema>, deprecation: Option<Deprecation>) -> RefOr<Schema> {
    let Some(deprecation) = deprecation else {
        return schema;
    };
    let text = deprecation.text();
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.deprecated = Some(Deprecated::True);
            object.extensions = sunset(deprecation);
            object.description = with_text(object.description.take(), &text);
            Schema::Object(object).into()
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.deprecated = Some(Deprecated::True);
            array.extensions = sunset(deprecation);
            array.description = with_text(array.description.take(), &text);
            Schema::Array(array).into()
        }
        // The document model has no place for the note on the others, and an annotation of a part is one of the whole.
        other => {
            let mut note = Object::with_type(SchemaType::AnyValue);
            note.deprecated = Some(Deprecated::True);
            note.extensions = sunset(deprecation);
            note.description = (!text.is_empty()).then_some(text);
            all_of(vec![other, Schema::Object(note).into()]).into()
        }
    }
}

/// That a place will go: the node of a place has no name, and stands around that of its type.
pub(super) fn said_of(ty: Link) -> Option<Deprecation> {
    let node = ty.get();
    node.id
        .is_empty()
        .then_some(node.constraints.deprecation)
        .flatten()
}

/// `x-sunset`, which comparing tools know.
pub(super) fn sunset(deprecation: Deprecation) -> Option<Extensions> {
    let sunset = deprecation.sunset?;
    Some(
        ExtensionsBuilder::new()
            .add("x-sunset", sunset.to_string())
            .build(),
    )
}

/// A description with one more paragraph.
pub(super) fn with_text(description: Option<String>, text: &str) -> Option<String> {
    match description {
        description if text.is_empty() => description,
        Some(description) if !description.is_empty() => Some(format!("{description}\n\n{text}")),
        _ => Some(text.to_owned()),
    }
}

pub(super) fn entitled(mut schema: Schema, title: &str, doc: &str) -> Schema {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (own_title, own_doc) = match &mut schema {
        Schema::Array(schema) => (&mut schema.title, &mut schema.description),
        Schema::Object(schema) => (&mut schema.title, &mut schema.description),
        Schema::OneOf(schema) => (&mut schema.title, &mut schema.description),
        Schema::AllOf(schema) => (&mut schema.title, &mut schema.description),
        // The document model has no place for its title.
        Schema::AnyOf(_) if !title.is_empty() => return entitled(all_of(vec![schema.into()]), title, doc),
        Schema::AnyOf(schema) => (&mut None, &mut schema.description),
        _ => return schema,
    };
    if let Some(title) = text(title) {
        *own_title = Some(title);
    }
    if let Some(doc) = text(doc) {
        *own_doc = Some(doc);
    }
    schema
}
