//! The members of objects: those of a struct, and those of what is flattened into it.

use utoipa::openapi::schema::{AdditionalProperties, Schema, Type};
use utoipa::openapi::{Object, RefOr};

use super::parts::{all_of, any_of, described, directed, plain, said_of, with_text};
use super::schema::{Enumeration, Schemas};
use crate::model::members::Outer;
use crate::schema::{Field, Link, Matching, Presence, Shape, Tagging};

/// How deep flattened structs are followed; a struct cannot hold itself without an end.
const DEPTH: usize = 16;

/// An object, and what must hold beside it: flattened enums have no members of their own to write out.
pub(super) struct Members {
    pub(super) object: Object,
    beside: Vec<RefOr<Schema>>,
}

impl Default for Members {
    fn default() -> Self {
        Self {
            object: Object::with_type(Type::Object),
            beside: Vec::new(),
        }
    }
}

impl Members {
    /// Those of something else, whatever it is.
    pub(super) fn of(schema: Schema) -> Self {
        Self {
            beside: vec![schema.into()],
            ..Self::default()
        }
    }

    pub(super) fn into_schema(self) -> Schema {
        let Self { object, mut beside } = self;
        if beside.is_empty() {
            return Schema::Object(object);
        }
        beside.insert(0, Schema::Object(object).into());
        all_of(beside)
    }
}

impl Schemas {
    /// An object with the members of a struct.
    pub(super) fn members(&mut self, fields: &[Field], deny_unknown_fields: bool) -> Members {
        let mut members = Members::default();
        self.add(fields, Outer::NONE, DEPTH, &mut members);
        if deny_unknown_fields {
            members.object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        } else if !members.beside.is_empty() {
            // What a flattened enum brings along is no value of a flattened map.
            members.object.additional_properties = None;
        }
        members
    }

    /// Adds the members of a struct.
    fn add(&mut self, fields: &[Field], outer: Outer, depth: usize, into: &mut Members) {
        for field in fields {
            let Some(presence) = outer.presence.within(field.presence) else {
                continue;
            };
            if field.flatten {
                self.flattened(field.ty, Outer { presence, ..outer }, depth, into);
                continue;
            }
            let schema = self.describe(field.ty);
            let schema = match (&schema, said_of(field.ty)) {
                // Their description is the place of both.
                (RefOr::T(Schema::Object(_) | Schema::Array(_)), Some(said)) if !field.doc.is_empty() => {
                    let text = with_text(Some(field.doc.to_owned()), &said.text());
                    described(schema, text.as_deref().unwrap_or_default())
                }
                _ => described(schema, field.doc),
            };
            let schema = directed(schema, presence);
            let object = &mut into.object;
            // Of two members of one name one is read and the other written.
            let schema = match object.properties.remove(field.wire) {
                Some(other) => any_of(vec![other, schema]).into(),
                None => schema,
            };
            object.properties.insert(field.wire.to_owned(), schema);
            let both = presence == Presence::Both;
            if both && !outer.optional && !field.optional_in && !field.optional_out {
                object.required.push(field.wire.to_owned());
            }
        }
    }

    fn flattened(&mut self, ty: Link, outer: Outer, depth: usize, into: &mut Members) {
        let both = outer.presence == Presence::Both;
        match &ty.get().shape {
            Shape::Struct { fields, .. } if depth > 0 => self.add(fields, outer, depth - 1, into),
            Shape::Transparent(inner) if depth > 0 => self.flattened(*inner, outer, depth - 1, into),
            Shape::Option(inner) if depth > 0 => {
                let optional = true;
                self.flattened(*inner, Outer { optional, ..outer }, depth - 1, into);
            }
            // What is there in one direction only leaves nothing to say of the other, in which any member may be.
            Shape::Map { value } if both => {
                let value = self.describe(*value);
                into.object.additional_properties = Some(Box::new(AdditionalProperties::RefOr(value)));
            }
            Shape::Enum {
                tagging, variants, ..
            } if both && !outer.optional => {
                let of = Enumeration {
                    tagging: *tagging,
                    deny: false,
                    among_others: true,
                };
                into.beside.push(self.enumeration(of, variants).into());
            }
            // None of the forms need be there, but what has the name of one is of its form.
            Shape::Enum {
                tagging: Tagging::External,
                variants,
                ..
            } if both => {
                let mut object = Object::with_type(Type::Object);
                for variant in variants.iter().filter(|v| v.matching == Matching::Named) {
                    let held = self.content(&variant.content, false);
                    let held = held.unwrap_or_else(|| plain(Type::Null).into());
                    let held = directed(held, variant.presence);
                    object.properties.insert(variant.wire.to_owned(), held);
                }
                into.beside.push(Schema::Object(object).into());
            }
            _ => {}
        }
    }
}
