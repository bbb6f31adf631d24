//! From nodes to schemas: named types become components, the others stand where they are used.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Schema, SchemaType, Type};
use utoipa::openapi::{Array, Object, Ref, RefOr};

use super::parts::{
    all_of, any_of, constant, described, entitled, formatted, inline, integer, nullable, one_of, plain,
    tagged,
};
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
    Cow::Owned(node.id.replace("::", ".").chars().map(allowed).collect())
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
            Shape::Transparent(inner) => inline(self.describe(*inner)),
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
        let variants = variants
            .iter()
            .map(|variant| described(self.variant(tagging, variant), variant.doc));
        let variants = variants.collect();
        // The content of one untagged form may fit another one, too: the first that fits is taken.
        if tagging == Tagging::Untagged {
            any_of(variants)
        } else {
            one_of(variants)
        }
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
            Tagging::Internal { tag } => self.internal(tag, variant.wire, &variant.content),
        }
    }

    /// The tag beside the members of the content.
    fn internal(&mut self, tag: &str, wire: &str, content: &Content) -> RefOr<Schema> {
        let members = match content {
            Content::Unit => return Schema::Object(tagged(tag, wire)).into(),
            Content::Struct(fields) => Some((*fields, false)),
            Content::Newtype(inner) => strict_members(*inner),
            Content::Tuple(_) => None,
        };
        if let Some((fields, strict)) = members {
            let mut object = self.object(fields);
            object.properties.insert(tag.to_owned(), constant(wire).into());
            object.required.insert(0, tag.to_owned());
            if strict {
                object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
            }
            return Schema::Object(object).into();
        }
        let mut items = vec![Schema::Object(tagged(tag, wire)).into()];
        items.extend(self.content(content));
        all_of(items).into()
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

/// The members of a struct that refuses others: it has to be told of a tag that stands among them.
fn strict_members(link: Link) -> Option<(&'static [Field], bool)> {
    match &link.get().shape {
        Shape::Struct {
            fields,
            deny_unknown_fields: true,
        } => Some((fields, true)),
        Shape::Transparent(inner) => strict_members(*inner),
        _ => None,
    }
}
