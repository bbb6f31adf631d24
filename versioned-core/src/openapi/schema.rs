//! From nodes to schemas: named types become components, the others stand where they are used.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{AllOf, Array, Object, OneOf, Ref, RefOr};

use crate::schema::{Content, Field, Link, Node, Shape, Tagging, Variant};

/// The schemas of one document; describing a named type enters it.
#[derive(Default)]
pub(super) struct Schemas {
    components: BTreeMap<String, Option<RefOr<Schema>>>,
}

/// The component name of a node; empty if it has no name of its own.
pub(super) fn component(node: &'static Node) -> Cow<'static, str> {
    let allowed = |c: char| {
        if c.is_ascii_alphanumeric() || "._-".contains(c) {
            c
        } else {
            '_'
        }
    };
    if node.id.contains("::") {
        Cow::Owned(node.id.replace("::", ".").chars().map(allowed).collect())
    } else {
        Cow::Borrowed(node.id)
    }
}

impl Schemas {
    /// The schema of a link: a reference for a named type.
    pub(super) fn describe(&mut self, link: Link) -> RefOr<Schema> {
        let node = link.get();
        if node.id.is_empty() {
            return self.shape(&node.shape, "", "");
        }
        let name = component(node).into_owned();
        if !self.components.contains_key(&name) {
            // The place is taken first: the type may mention itself.
            self.components.insert(name.clone(), None);
            let schema = self.shape(&node.shape, node.name, node.doc);
            self.components.insert(name.clone(), Some(schema));
        }
        Ref::from_schema_name(name).into()
    }

    /// A component that is not the schema of a type.
    pub(super) fn enter(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Schema) -> RefOr<Schema> {
        if !self.components.contains_key(name) {
            self.components.insert(name.to_owned(), None);
            let schema = make(self);
            self.components.insert(name.to_owned(), Some(RefOr::T(schema)));
        }
        Ref::from_schema_name(name).into()
    }

    pub(super) fn into_components(self) -> impl Iterator<Item = (String, RefOr<Schema>)> {
        self.components
            .into_iter()
            .filter_map(|(name, schema)| Some((name, schema?)))
    }

    fn shape(&mut self, shape: &Shape, title: &str, doc: &str) -> RefOr<Schema> {
        let schema = match shape {
            Shape::Bool => plain(Type::Boolean),
            Shape::Integer { bits, signed } => integer(*bits, *signed),
            Shape::Number { bits } => formatted(Type::Number, if *bits == 32 { "float" } else { "double" }),
            Shape::String { format: "" } => plain(Type::String),
            Shape::String { format } => formatted(Type::String, format),
            Shape::Char => {
                let mut object = Object::with_type(Type::String);
                (object.min_length, object.max_length) = (Some(1), Some(1));
                Schema::Object(object)
            }
            Shape::Any => Schema::Object(Object::with_type(SchemaType::AnyValue)),
            Shape::Unit => plain(Type::Null),
            Shape::Option(inner) => return nullable(self.describe(*inner)),
            Shape::List { item, unique, len } => {
                let mut array = Array::default();
                array.items = ArrayItems::RefOrSchema(Box::new(self.describe(*item)));
                array.unique_items = *unique;
                (array.min_items, array.max_items) = (*len, *len);
                Schema::Array(array)
            }
            Shape::Tuple(items) => Schema::Array(self.tuple(items)),
            Shape::Map { value } => {
                let mut object = Object::with_type(Type::Object);
                object.additional_properties =
                    Some(Box::new(AdditionalProperties::RefOr(self.describe(*value))));
                Schema::Object(object)
            }
            Shape::Struct {
                fields,
                deny_unknown_fields,
            } => {
                let mut object = self.object(fields);
                if *deny_unknown_fields {
                    object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
                }
                Schema::Object(object)
            }
            Shape::Enum { tagging, variants } => self.enumeration(*tagging, variants),
            Shape::Transparent(inner) => match self.describe(*inner) {
                RefOr::T(schema) => schema,
                reference => {
                    let mut all = AllOf::default();
                    all.items.push(reference);
                    Schema::AllOf(all)
                }
            },
        };
        RefOr::T(entitled(schema, title, doc))
    }

    fn tuple(&mut self, items: &[Link]) -> Array {
        let mut array = Array::default();
        // The document model holds no references in `prefixItems`, so each is wrapped.
        array.prefix_items = items.iter().map(|item| inline(self.describe(*item))).collect();
        array.items = ArrayItems::False;
        (array.min_items, array.max_items) = (Some(items.len()), Some(items.len()));
        array
    }

    /// An object with the members of a struct.
    pub(super) fn object(&mut self, fields: &[Field]) -> Object {
        let mut object = Object::with_type(Type::Object);
        for field in fields {
            let schema = described(self.describe(field.ty), field.doc);
            object.properties.insert(field.wire.to_owned(), schema);
            if !field.optional_in && !field.optional_out {
                object.required.push(field.wire.to_owned());
            }
        }
        object
    }

    fn enumeration(&mut self, tagging: Tagging, variants: &[Variant]) -> Schema {
        let units = variants
            .iter()
            .all(|variant| matches!(variant.content, Content::Unit));
        if units && tagging == Tagging::External {
            let mut object = Object::with_type(Type::String);
            object.enum_values = Some(variants.iter().map(|variant| Value::from(variant.wire)).collect());
            return Schema::Object(object);
        }
        let mut one = OneOf::default();
        one.items = variants
            .iter()
            .map(|variant| described(self.variant(tagging, variant), variant.doc))
            .collect();
        Schema::OneOf(one)
    }

    fn variant(&mut self, tagging: Tagging, variant: &Variant) -> RefOr<Schema> {
        let content = self.content(&variant.content);
        match tagging {
            Tagging::Untagged => content.unwrap_or_else(|| plain(Type::Null).into()),
            Tagging::External => match content {
                None => constant(variant.wire).into(),
                Some(content) => {
                    let mut object = Object::with_type(Type::Object);
                    object.properties.insert(variant.wire.to_owned(), content);
                    object.required.push(variant.wire.to_owned());
                    object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
                    Schema::Object(object).into()
                }
            },
            Tagging::Adjacent { tag, content: member } => {
                let mut object = tagged(tag, variant.wire);
                if let Some(content) = content {
                    object.properties.insert(member.to_owned(), content);
                    object.required.push(member.to_owned());
                }
                Schema::Object(object).into()
            }
            Tagging::Internal { tag } => match &variant.content {
                Content::Unit => Schema::Object(tagged(tag, variant.wire)).into(),
                Content::Struct(fields) => {
                    let mut object = self.object(fields);
                    object
                        .properties
                        .insert(tag.to_owned(), constant(variant.wire).into());
                    object.required.insert(0, tag.to_owned());
                    Schema::Object(object).into()
                }
                Content::Newtype(_) | Content::Tuple(_) => {
                    let mut all = AllOf::default();
                    all.items.push(Schema::Object(tagged(tag, variant.wire)).into());
                    all.items.extend(content);
                    Schema::AllOf(all).into()
                }
            },
        }
    }

    fn content(&mut self, content: &Content) -> Option<RefOr<Schema>> {
        match content {
            Content::Unit => None,
            Content::Newtype(inner) => Some(self.describe(*inner)),
            Content::Tuple(items) => Some(Schema::Array(self.tuple(items)).into()),
            Content::Struct(fields) => Some(Schema::Object(self.object(fields)).into()),
        }
    }
}

fn plain(ty: Type) -> Schema {
    Schema::Object(Object::with_type(ty))
}

fn formatted(ty: Type, format: &str) -> Schema {
    let mut object = Object::with_type(ty);
    object.format = Some(SchemaFormat::Custom(format.to_owned()));
    Schema::Object(object)
}

fn integer(bits: u8, signed: bool) -> Schema {
    let mut object = Object::with_type(Type::Integer);
    // OpenAPI registers int32 and int64; the bounds say the rest.
    object.format = match bits {
        0..=32 if signed || bits < 32 => Some(SchemaFormat::Custom("int32".to_owned())),
        0..=63 => Some(SchemaFormat::Custom("int64".to_owned())),
        64 => Some(SchemaFormat::Custom(
            if signed { "int64" } else { "uint64" }.to_owned(),
        )),
        _ => None,
    };
    if !signed {
        object.minimum = Some(0_usize.into());
    }
    let largest: Option<u32> = match (bits, signed) {
        (8, true) => Some(0x7f),
        (8, false) => Some(0xff),
        (16, true) => Some(0x7fff),
        (16, false) => Some(0xffff),
        (32, false) => Some(u32::MAX),
        _ => None,
    };
    object.maximum = largest.map(|largest| (largest as usize).into());
    if signed && bits < 32 {
        object.minimum = largest.map(|largest| (-(largest as isize) - 1).into());
    }
    Schema::Object(object)
}

/// A text with exactly one value.
pub(super) fn constant(value: &str) -> Schema {
    let mut object = Object::with_type(Type::String);
    object.enum_values = Some(vec![Value::from(value)]);
    Schema::Object(object)
}

fn tagged(tag: &str, variant: &str) -> Object {
    let mut object = Object::with_type(Type::Object);
    object.properties.insert(tag.to_owned(), constant(variant).into());
    object.required.push(tag.to_owned());
    object
}

/// The schema, or null.
fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    let with_null = |ty: &mut SchemaType| {
        if let SchemaType::Type(plain) = ty {
            *ty = SchemaType::Array(vec![plain.clone(), Type::Null]);
        }
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
        other => {
            let mut one = OneOf::default();
            one.items = vec![plain(Type::Null).into(), other];
            Schema::OneOf(one).into()
        }
    }
}

fn inline(schema: RefOr<Schema>) -> Schema {
    match schema {
        RefOr::T(schema) => schema,
        reference => {
            let mut all = AllOf::default();
            all.items.push(reference);
            Schema::AllOf(all)
        }
    }
}

/// With a description where the schema is used; a reference may have one beside it since 3.1.
fn described(schema: RefOr<Schema>, doc: &str) -> RefOr<Schema> {
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

fn entitled(mut schema: Schema, title: &str, doc: &str) -> Schema {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (own_title, own_doc) = match &mut schema {
        Schema::Array(schema) => (&mut schema.title, &mut schema.description),
        Schema::Object(schema) => (&mut schema.title, &mut schema.description),
        Schema::OneOf(schema) => (&mut schema.title, &mut schema.description),
        Schema::AllOf(schema) => (&mut schema.title, &mut schema.description),
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
