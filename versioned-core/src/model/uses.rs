//! In which directions the types of a model cross the wire.

use std::collections::BTreeMap;

use super::{ContentModel, Model, TypeModel, TypeRef};
use crate::schema::Presence;

/// In which directions a type crosses the wire.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Uses {
    /// Clients send it.
    pub(super) read: bool,
    /// Clients get it.
    pub(super) answered: bool,
}

impl Uses {
    /// Whether a member of this presence is ever seen.
    pub(super) fn show(self, presence: Presence) -> bool {
        (self.read && presence.is_read()) || (self.answered && presence.is_written())
    }

    /// The presence that can be seen: where a type goes one way only, the other way makes no difference.
    pub(super) fn cut(self, presence: Presence) -> Presence {
        if self.read && self.answered {
            presence
        } else {
            Presence::Both
        }
    }
}

impl Model {
    /// The directions of every type that an operation uses.
    pub(super) fn uses(&self) -> BTreeMap<&str, Uses> {
        let mut uses = BTreeMap::new();
        for operation in &self.operations {
            let read = Uses {
                read: true,
                answered: false,
            };
            let sent = operation.parameters.iter().map(|parameter| &parameter.ty);
            let body = operation.body.iter().map(|body| &body.ty);
            for ty in sent.chain(body) {
                self.spread(ty, read, &mut uses);
            }
            let answered = Uses {
                read: false,
                answered: true,
            };
            for response in &operation.responses {
                let body = response.body.iter().map(|body| &body.ty);
                for ty in response.headers.iter().chain(body) {
                    self.spread(ty, answered, &mut uses);
                }
            }
            let members = operation.problems.iter().flat_map(|problem| &problem.members);
            for member in members {
                self.spread(&member.ty, answered, &mut uses);
            }
        }
        uses
    }

    /// Notes a use of a type, and of all types in it.
    fn spread<'a>(&'a self, ty: &'a TypeRef, usage: Uses, uses: &mut BTreeMap<&'a str, Uses>) {
        match ty {
            TypeRef::Named(name) => {
                let known = uses.entry(name).or_default();
                let joined = Uses {
                    read: known.read || usage.read,
                    answered: known.answered || usage.answered,
                };
                if *known == joined {
                    return;
                }
                *known = joined;
                if let Some(definition) = self.types.get(name) {
                    definition.mentions(&mut |inner| self.spread(inner, usage, uses));
                }
            }
            TypeRef::Option(inner)
            | TypeRef::List(inner)
            | TypeRef::Set(inner)
            | TypeRef::Map(inner)
            | TypeRef::Array(inner, _)
            | TypeRef::Constrained(inner, _) => self.spread(inner, usage, uses),
            TypeRef::Tuple(items) => items.iter().for_each(|item| self.spread(item, usage, uses)),
            TypeRef::Leaf(_) | TypeRef::Unit => {}
        }
    }
}

impl TypeModel {
    /// Visits the types that this one is made of.
    fn mentions<'a>(&'a self, visit: &mut dyn FnMut(&'a TypeRef)) {
        match self {
            TypeModel::Struct { fields, .. } => fields.iter().for_each(|field| visit(&field.ty)),
            TypeModel::Transparent(inner) => visit(inner),
            TypeModel::Constrained(inner, _) => inner.mentions(visit),
            TypeModel::Enum { variants, .. } => {
                for variant in variants {
                    match &variant.content {
                        ContentModel::Unit => {}
                        ContentModel::Newtype(inner) => visit(inner),
                        ContentModel::Tuple(items) => items.iter().for_each(&mut *visit),
                        ContentModel::Struct(fields) => fields.iter().for_each(|field| visit(&field.ty)),
                    }
                }
            }
        }
    }
}
