//! From nodes to schemas: named types become components, the others stand where they are used.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Schema, SchemaType, Type};
use utoipa::openapi::{Array, Object, Ref, RefOr};

use super::constraints::{constrained, with_examples, with_keywords};
use super::members::Members;
use super::parts::{
    all_of, any_of, constant, deprecated, described, directed, entitled, formatted, inline, integer,
    nullable, one_of, plain, tagged,
};
use crate::schema::{Content, Link, Matching, Node, Shape, Tagging, Variant};

/// The schemas of one document; describing a named type enters it.
#[derive(Default)]
pub(super) struct Schemas {
    components: BTreeMap<String, Option<RefOr<Schema>>>,
    /// The enums that are being written out beside a tag, one in another.
    open: Vec<Link>,
}

/// The component name of a node; empty if it has no name of its own. Of other characters than components may have stands the number.
pub(super) fn component(node: &'static Node) -> Cow<'static, str> {
    let mut name = String::new();
    for c in node.id.replace("::", ".").chars() {
        if c.is_ascii_alphanumeric() || "._-".contains(c) {
            name.push(c);
        } else {
            let _ = write!(name, "_x{:X}_", u32::from(c));
        }
    }
    Cow::Owned(name)
}

impl Schemas {
    /// The schema of a link: a reference for a named type.
    pub(super) fn describe(&mut self, link: Link) -> RefOr<Schema> {
        let node = link.get();
        if node.id.is_empty() {
            let schema = match &node.shape {
                Shape::Transparent(inner) => self.describe(*inner),
                shape => self.shape(shape, "", ""),
            };
            return constrained(schema, node);
        }
        let name = component(node).into_owned();
        if !self.components.contains_key(&name) {
            // The place is taken first: the type may mention itself.
            self.components.insert(name.clone(), None);
            let title = match node.constraints.title {
                "" => node.name,
                title => title,
            };
            let schema = with_keywords(self.shape(&node.shape, "", ""), node.constraints);
            let schema = entitled(inline(schema), title, node.doc);
            let schema = with_examples(schema.into(), node.constraints.examples);
            let schema = deprecated(schema, node.constraints.deprecation);
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
            Shape::Literal(text) => constant(text),
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
            } => self.members(fields, *deny_unknown_fields).into_schema(),
            Shape::Enum {
                tagging,
                variants,
                deny_unknown_fields,
            } => {
                let of = Enumeration {
                    tagging: *tagging,
                    deny: *deny_unknown_fields,
                    among_others: false,
                };
                self.enumeration(of, variants)
            }
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

    pub(super) fn enumeration(&mut self, of: Enumeration, variants: &[Variant]) -> Schema {
        let named = |variant: &Variant| {
            matches!(variant.content, Content::Unit)
                && variant.matching == Matching::Named
                && variant.deprecation.is_none()
        };
        let texts = of.tagging == Tagging::External && !of.among_others && variants.iter().all(named);
        // An enum without variants has no value, and no list of alternatives may be empty.
        if texts || variants.is_empty() {
            let mut object = Object::with_type(Type::String);
            object.enum_values = Some(variants.iter().map(|variant| Value::from(variant.wire)).collect());
            return Schema::Object(object);
        }
        // The content of one untagged form may fit another one, too, and any name fits the other form: the first that fits is
        // taken.
        let one = of.tagging != Tagging::Untagged && variants.iter().all(|v| v.matching == Matching::Named);
        let variants = variants.iter().map(|variant| {
            let schema = described(self.variant(of, variant), variant.doc);
            deprecated(directed(schema, variant.presence), variant.deprecation)
        });
        let variants = variants.collect();
        if one { one_of(variants) } else { any_of(variants) }
    }

    fn variant(&mut self, of: Enumeration, variant: &Variant) -> RefOr<Schema> {
        let tag = match variant.matching {
            Matching::Named => constant(variant.wire),
            // Whatever the name: it is read as this one.
            Matching::Other => plain(Type::String),
            Matching::Untagged => return self.untagged(&variant.content, of),
        };
        match of.tagging {
            Tagging::Untagged => self.untagged(&variant.content, of),
            Tagging::External => match self.content(&variant.content, of.deny) {
                None if of.among_others => {
                    let mut object = Object::with_type(Type::Object);
                    if variant.matching == Matching::Named {
                        let nothing = plain(Type::Null).into();
                        object.properties.insert(variant.wire.to_owned(), nothing);
                        object.required.push(variant.wire.to_owned());
                    }
                    Schema::Object(object).into()
                }
                None => tag.into(),
                Some(content) => {
                    let mut object = Object::with_type(Type::Object);
                    object.properties.insert(variant.wire.to_owned(), content);
                    object.required.push(variant.wire.to_owned());
                    if !of.among_others {
                        object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
                    }
                    Schema::Object(object).into()
                }
            },
            Tagging::Adjacent {
                tag: name,
                content: member,
            } => {
                let mut object = tagged(name, tag);
                if let Some(content) = self.content(&variant.content, of.deny) {
                    object.properties.insert(member.to_owned(), content);
                    object.required.push(member.to_owned());
                } else if variant.matching == Matching::Other {
                    // A name that is not known is read where it comes without content.
                    object
                        .properties
                        .insert(member.to_owned(), plain(Type::Null).into());
                }
                if of.deny && !of.among_others {
                    object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
                }
                Schema::Object(object).into()
            }
            Tagging::Internal { tag: name } => self.internal(name, tag, &variant.content, of),
        }
    }

    /// A form without a name. Among the members of others nothing is no member.
    fn untagged(&mut self, content: &Content, of: Enumeration) -> RefOr<Schema> {
        if let Content::Newtype(inner) = content
            && of.among_others
            && let Some(members) = self.beside_others(*inner, of)
        {
            return members.into_schema().into();
        }
        let nothing = if of.among_others { Type::Object } else { Type::Null };
        let content = self.content(content, of.deny && !of.among_others);
        content.unwrap_or_else(|| plain(nothing).into())
    }

    /// The tag beside the members of the content.
    fn internal(&mut self, name: &str, tag: Schema, content: &Content, of: Enumeration) -> RefOr<Schema> {
        let members = match content {
            Content::Unit => return Schema::Object(tagged(name, tag)).into(),
            Content::Struct(fields) => Some(self.members(fields, of.deny && !of.among_others)),
            Content::Newtype(inner) => self.beside_others(*inner, of),
            Content::Tuple(_) => None,
        };
        if let Some(mut members) = members {
            members.object.properties.insert(name.to_owned(), tag.into());
            members.object.required.insert(0, name.to_owned());
            let mut schema = members.into_schema().into();
            // What a reference would bring along.
            let mut held = match content {
                Content::Newtype(inner) => Some(inner.get()),
                _ => None,
            };
            while let Some(node) = held {
                schema = with_keywords(schema, node.constraints);
                held = match &node.shape {
                    Shape::Transparent(inner) => Some(inner.get()),
                    _ => None,
                };
            }
            return schema;
        }
        let mut items = vec![Schema::Object(tagged(name, tag)).into()];
        items.extend(self.content(content, of.deny));
        all_of(items).into()
    }

    /// The members of content that has to be told of a tag among them: a struct that refuses others, a map, whose values
    /// the tag is none of, an enum, which is an object then, and nothing. A plain struct is referred to.
    fn beside_others(&mut self, link: Link, of: Enumeration) -> Option<Members> {
        match &link.get().shape {
            Shape::Struct {
                fields,
                deny_unknown_fields: true,
            } => Some(self.members(fields, !of.among_others)),
            Shape::Map { value } => {
                let mut members = Members::default();
                if !of.among_others {
                    let value = AdditionalProperties::RefOr(self.describe(*value));
                    members.object.additional_properties = Some(Box::new(value));
                }
                Some(members)
            }
            Shape::Unit => Some(Members::default()),
            Shape::Enum {
                tagging,
                variants,
                deny_unknown_fields,
            } if !self.open.contains(&link) => {
                let of = Enumeration {
                    tagging: *tagging,
                    deny: *deny_unknown_fields,
                    among_others: true,
                };
                self.open.push(link);
                let schema = self.enumeration(of, variants);
                self.open.pop();
                Some(Members::of(schema))
            }
            Shape::Transparent(inner) => self.beside_others(*inner, of),
            _ => None,
        }
    }

    pub(super) fn content(&mut self, content: &Content, deny: bool) -> Option<RefOr<Schema>> {
        match content {
            Content::Unit => None,
            Content::Newtype(inner) => Some(self.describe(*inner)),
            Content::Tuple(items) => Some(Schema::Array(self.tuple(items)).into()),
            Content::Struct(fields) => Some(self.members(fields, deny).into_schema().into()),
        }
    }
}

/// What all forms of an enum share.
#[derive(Clone, Copy)]
pub(super) struct Enumeration {
    pub(super) tagging: Tagging,
    /// Whether members that a form does not know are refused.
    pub(super) deny: bool,
    /// Whether it is flattened: the members of its forms stand among others.
    pub(super) among_others: bool,
}
