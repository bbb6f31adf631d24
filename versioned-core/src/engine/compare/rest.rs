//! Flattened maps: the rest of an object, which is all members that no field has.

use super::{Comparison, present};
use crate::engine::Usage;
use crate::engine::compare::constraints::is_same;
use crate::model::{FieldModel, TypeRef};

impl Comparison<'_> {
    /// Where a map takes the rest now that took nothing before, or the other way round, members of another type that were passed over are
    /// refused.
    pub(super) fn rest(&mut self, ty: &str, was: Option<&TypeRef>, now: Option<&TypeRef>, usage: Usage) {
        let refuses = |rest: Option<&TypeRef>| rest.is_some_and(|rest| !is_any(rest));
        match (was, now) {
            (Some(_), None) => self.unknown_fields(ty, refuses(was), false, usage),
            (None, Some(_)) => self.unknown_fields(ty, false, refuses(now), usage),
            _ => {}
        }
    }
}

/// Whether a member is of another type than the rest, of which it is in the other version.
pub(super) fn clashes(field: &FieldModel, rest: Option<&TypeRef>, usage: Usage) -> bool {
    // Who expects any answer can read this one.
    let expected = |rest: &&TypeRef| usage == Usage::Request || !is_any(rest);
    let rest = rest.filter(expected).filter(|_| !field.flatten);
    rest.is_some_and(|rest| !is_same(present(rest.bare().0), present(field.ty.bare().0)))
}

/// Any JSON: constants call it so, and macros see its name.
fn is_any(ty: &TypeRef) -> bool {
    match ty.bare().0 {
        TypeRef::Leaf(name) => matches!(
            name.as_str(),
            "any" | "Value" | "serde_json :: Value" | ":: serde_json :: Value"
        ),
        TypeRef::Option(inner) => is_any(inner),
        _ => false,
    }
}
