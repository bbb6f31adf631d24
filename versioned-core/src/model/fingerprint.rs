//! The identity of a contract version's facts.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};

use super::uses::Uses;
use super::{
    ContentModel, FieldModel, Model, OperationModel, TypeModel, TypeRef, VariantModel, path_position, route,
};
use crate::contract::Place;
use crate::schema::Presence;

/// 128 bits over the canonical form of a model; the algorithm is numbered, so that later ones can stand beside it.
///
/// Algorithm 1: SHA-256 (FIPS 180-4) of the canonical model's JSON, cut to its first 16 bytes. In the canonical model, operations
/// are sorted by path and method and members by their wire name; names of the source (of methods, arguments, members, types and
/// path parameters) are left out, types being numbered in the order in which the operations come upon them; the members of flattened
/// structs stand in their place, and other flattened members come last, by what they hold; headers are in lower case; the names of what
/// is only read are sorted, so that the first is its wire name; and what cannot show in the directions that a type is used in is left
/// out, too (such as a default of something that is only answered).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("v1:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl serde::Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Model {
    /// The fingerprint of the facts: equal for two models that mean the same on the wire.
    ///
    /// # Panics
    /// Never: a model has no map keys other than strings and no values that JSON cannot write.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let plain = self.with_plain_headers(&self.header_types());
        let canonical = serde_json::to_vec(&plain.canonical()).expect("a model is plain data");
        let digest = Sha256::digest(&canonical);
        let mut cut = [0; 16];
        cut.copy_from_slice(&digest[..16]);
        Fingerprint(cut)
    }

    /// The same facts in one order, without what is not on the wire.
    fn canonical(&self) -> Self {
        let mut operations = self.operations.clone();
        for operation in &mut operations {
            anonymize(operation);
        }
        operations.sort_by(|a, b| (&a.path, a.method).cmp(&(&b.path, b.method)));
        let mut walk = Walk {
            model: self,
            uses: self.uses(),
            numbers: BTreeMap::new(),
            types: BTreeMap::new(),
        };
        for operation in &mut operations {
            for parameter in &mut operation.parameters {
                walk.reference(&mut parameter.ty);
            }
            if let Some(body) = &mut operation.body {
                walk.reference(&mut body.ty);
            }
            for response in &mut operation.responses {
                let body = response.body.iter_mut().map(|body| &mut body.ty);
                for ty in response.headers.iter_mut().chain(body) {
                    walk.reference(ty);
                }
            }
            let answered = Uses {
                read: false,
                answered: true,
            };
            for problem in &mut operation.problems {
                walk.fields(&mut problem.members, answered);
            }
        }
        Self {
            operations,
            types: walk.types,
        }
    }
}

/// Leaves out the names of the source.
fn anonymize(operation: &mut OperationModel) {
    operation.name.clear();
    for parameter in &mut operation.parameters {
        parameter.name.clear();
        match parameter.place {
            Place::Path => parameter.wire = path_position(&operation.path, &parameter.wire),
            Place::Header => parameter.wire.make_ascii_lowercase(),
            Place::QueryStruct => parameter.wire.clear(),
            Place::Query => {}
        }
    }
    operation
        .parameters
        .sort_by(|a, b| (a.place as u8, &a.wire).cmp(&(b.place as u8, &b.wire)));
    operation.path = route(&operation.path);
    operation.responses.sort_by_key(|response| response.status);
    operation.problems.sort_by(|a, b| a.type_uri.cmp(&b.type_uri));
    for problem in &mut operation.problems {
        problem.owner.clear();
        problem.name.clear();
    }
}

/// Numbers the types in the order in which they are met, and enters their canonical definitions.
struct Walk<'a> {
    model: &'a Model,
    uses: BTreeMap<&'a str, Uses>,
    numbers: BTreeMap<String, usize>,
    types: BTreeMap<String, TypeModel>,
}

impl Walk<'_> {
    fn reference(&mut self, ty: &mut TypeRef) {
        match ty {
            TypeRef::Named(name) => *name = self.named(name),
            TypeRef::Option(inner)
            | TypeRef::List(inner)
            | TypeRef::Set(inner)
            | TypeRef::Map(inner)
            | TypeRef::Array(inner, _)
            | TypeRef::Constrained(inner, _) => self.reference(inner),
            TypeRef::Tuple(items) => items.iter_mut().for_each(|item| self.reference(item)),
            TypeRef::Leaf(_) | TypeRef::Unit => {}
        }
    }

    fn named(&mut self, name: &str) -> String {
        let next = self.numbers.len();
        if let Some(number) = self.numbers.get(name) {
            return format!("#{number}");
        }
        let Some(definition) = self.model.types.get(name) else {
            // Not described in this model: its name is all that is known of it.
            return name.to_owned();
        };
        self.numbers.insert(name.to_owned(), next);
        let number = format!("#{next}");
        let uses = self.uses.get(name).copied().unwrap_or_default();
        let mut definition = definition.clone();
        self.definition(&mut definition, uses);
        self.types.insert(number.clone(), definition);
        number
    }

    fn definition(&mut self, definition: &mut TypeModel, uses: Uses) {
        match definition {
            TypeModel::Struct {
                fields,
                deny_unknown_fields,
            } => {
                *deny_unknown_fields &= uses.read;
                self.fields(fields, uses);
            }
            TypeModel::Enum {
                tagging,
                variants,
                deny_unknown_fields,
            } => {
                *deny_unknown_fields &= uses.read;
                variants.retain(|variant| uses.show(variant.presence));
                for variant in variants.iter_mut() {
                    let VariantModel { wire, aliases, .. } = variant;
                    names(wire, aliases, variant.presence, uses);
                }
                // Of forms that are tried one after the other the order is a fact.
                variants.sort_by(|a, b| {
                    let tried = (a.is_tried(tagging), b.is_tried(tagging));
                    match tried {
                        (true, true) => Ordering::Equal,
                        (false, false) => (&a.wire, a.presence).cmp(&(&b.wire, b.presence)),
                        (one, other) => one.cmp(&other),
                    }
                });
                for variant in variants {
                    variant.name.clear();
                    variant.presence = uses.cut(variant.presence);
                    match &mut variant.content {
                        ContentModel::Unit => {}
                        ContentModel::Newtype(inner) => self.reference(inner),
                        ContentModel::Tuple(items) => {
                            for item in items {
                                self.reference(item);
                            }
                        }
                        ContentModel::Struct(fields) => self.fields(fields, uses),
                    }
                }
            }
            TypeModel::Transparent(inner) => self.reference(inner),
            TypeModel::Constrained(inner, _) => self.definition(inner, uses),
        }
    }

    fn fields(&mut self, fields: &mut Vec<FieldModel>, uses: Uses) {
        *fields = self.model.written_out(fields);
        fields.retain(|field| uses.show(field.presence));
        for field in fields.iter_mut() {
            if field.flatten {
                field.wire.clear();
            }
            names(&mut field.wire, &mut field.aliases, field.presence, uses);
        }
        // Flattened members have no name on the wire: what they hold is what they are known by.
        fields.sort_by_cached_key(|field| {
            let held = field.flatten.then(|| format!("{:?}", field.ty));
            (field.flatten, field.wire.clone(), field.presence, held)
        });
        for field in fields {
            field.name.clear();
            field.presence = uses.cut(field.presence);
            field.optional_in &= uses.read;
            field.optional_out &= uses.answered;
            self.reference(&mut field.ty);
        }
    }
}

/// Names in one order. Of what is read only no name comes before the others, and what is written only has no others.
fn names(wire: &mut String, aliases: &mut Vec<String>, presence: Presence, uses: Uses) {
    if !(uses.read && presence.is_read()) {
        aliases.clear();
    }
    let written = uses.answered && presence.is_written();
    if !written {
        aliases.push(std::mem::take(wire));
    }
    aliases.sort();
    aliases.dedup();
    if !written {
        *wire = aliases.remove(0);
    }
}
