//! The members that stand on the wire: flattened structs written out, those of the other direction left out.

use super::{FieldModel, Model, TaggingModel, TypeModel, TypeRef, VariantModel};
use crate::schema::{Matching, Presence};

impl Model {
    /// The members of a struct with those of flattened structs in their place.
    ///
    /// What is flattened and is no struct (a map, an enum) stays as it is: it has no names to write out.
    pub(crate) fn written_out<'a>(&'a self, fields: &'a [FieldModel]) -> Vec<FieldModel> {
        let mut members = Vec::new();
        self.collect(fields, Outer::NONE, &mut Vec::new(), &mut members);
        members
    }

    fn collect<'a>(
        &'a self,
        fields: &'a [FieldModel],
        outer: Outer,
        open: &mut Vec<&'a str>,
        into: &mut Vec<FieldModel>,
    ) {
        for field in fields {
            let Some(presence) = outer.presence.within(field.presence) else {
                continue;
            };
            if field.flatten
                && let Some(inner) = self.structure(&field.ty, open)
            {
                let outer = Outer {
                    presence,
                    optional: outer.optional || inner.optional,
                };
                let depth = open.len();
                open.extend(inner.names);
                self.collect(inner.fields, outer, open, into);
                open.truncate(depth);
                continue;
            }
            into.push(FieldModel {
                presence,
                optional_in: field.optional_in || outer.optional,
                optional_out: field.optional_out || outer.optional,
                ..field.clone()
            });
        }
    }

    /// The struct that a type comes down to; `None` if there is none, or if it is being written out already.
    fn structure<'a>(&'a self, mut ty: &'a TypeRef, open: &[&str]) -> Option<Structure<'a>> {
        let mut names = Vec::new();
        let mut optional = false;
        loop {
            match ty {
                TypeRef::Option(inner) => {
                    optional = true;
                    ty = inner;
                }
                TypeRef::Named(name) => {
                    if open.contains(&name.as_str()) || names.contains(&name.as_str()) {
                        return None;
                    }
                    names.push(name.as_str());
                    match self.types.get(name)?.unconstrained() {
                        TypeModel::Struct { fields, .. } => {
                            return Some(Structure {
                                fields,
                                names,
                                optional,
                            });
                        }
                        TypeModel::Transparent(inner) => ty = inner,
                        TypeModel::Enum { .. } | TypeModel::Constrained(..) => return None,
                    }
                }
                TypeRef::Constrained(inner, _) => ty = inner,
                _ => return None,
            }
        }
    }
}

impl Model {
    /// The values of a flattened map, if there is one: what the members are that no field has.
    pub(crate) fn rest<'a>(&'a self, fields: &'a [FieldModel]) -> Option<&'a TypeRef> {
        let mut flattened = fields.iter().filter(|field| field.flatten);
        flattened.find_map(|field| self.values(&field.ty))
    }

    /// Whether the member is a flattened map, which may always be empty.
    pub(crate) fn is_rest(&self, field: &FieldModel) -> bool {
        field.flatten && self.values(&field.ty).is_some()
    }

    fn values<'a>(&'a self, mut ty: &'a TypeRef) -> Option<&'a TypeRef> {
        // A type that is nothing but itself has no end.
        for _ in 0..=self.types.len() * 2 {
            ty = match ty {
                TypeRef::Map(value) => return Some(value),
                TypeRef::Option(inner) | TypeRef::Constrained(inner, _) => inner,
                TypeRef::Named(name) => match self.types.get(name)? {
                    TypeModel::Transparent(inner) => inner,
                    _ => return None,
                },
                _ => return None,
            };
        }
        None
    }
}

/// What the place of a flattened type says of its members.
#[derive(Clone, Copy)]
pub(crate) struct Outer {
    pub(crate) presence: Presence,
    pub(crate) optional: bool,
}

impl Outer {
    /// Of members that stand in their own place.
    pub(crate) const NONE: Self = Self {
        presence: Presence::Both,
        optional: false,
    };
}

/// A struct, found behind names and an `Option`.
struct Structure<'a> {
    fields: &'a [FieldModel],
    /// The names on the way: a struct that holds itself is written out once.
    names: Vec<&'a str>,
    optional: bool,
}

/// What is known by names: members and variants.
pub(crate) trait ByName {
    /// Whether both are the same: by the name on the wire, and flattened members by what they hold.
    fn is_same(&self, other: &Self) -> bool;

    /// The names that it is read under; none if it is known by what it holds.
    fn names(&self) -> Vec<&str>;

    /// Whether some name is read as either.
    fn is_read_as(&self, other: &Self) -> bool {
        let theirs = other.names();
        self.names().iter().any(|name| theirs.contains(name))
    }
}

impl ByName for FieldModel {
    fn is_same(&self, other: &Self) -> bool {
        match (self.flatten, other.flatten) {
            (false, false) => self.wire == other.wire,
            (true, true) => self.ty == other.ty,
            _ => false,
        }
    }

    fn names(&self) -> Vec<&str> {
        if self.flatten {
            return Vec::new();
        }
        all_names(&self.wire, &self.aliases)
    }
}

impl ByName for VariantModel {
    fn is_same(&self, other: &Self) -> bool {
        self.wire == other.wire
    }

    fn names(&self) -> Vec<&str> {
        if self.matching == Matching::Untagged {
            return Vec::new();
        }
        all_names(&self.wire, &self.aliases)
    }
}

fn all_names<'a>(wire: &'a str, aliases: &'a [String]) -> Vec<&'a str> {
    let aliases = aliases.iter().map(String::as_str);
    std::iter::once(wire).chain(aliases).collect()
}

impl VariantModel {
    /// Whether it has no name on the wire and is tried by its content, after those that stand before it: their order is a fact.
    pub(crate) fn is_tried(&self, tagging: &TaggingModel) -> bool {
        *tagging == TaggingModel::Untagged || self.matching == Matching::Untagged
    }
}

/// The variants that are seen in some directions.
pub(crate) fn visible(variants: &[VariantModel], shows: impl Fn(Presence) -> bool) -> Vec<VariantModel> {
    variants
        .iter()
        .filter(|variant| shows(variant.presence))
        .cloned()
        .collect()
}
