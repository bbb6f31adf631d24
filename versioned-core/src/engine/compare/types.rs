//! The differences of two types, in one direction of use.

use super::constraints::{Whose, bare, is_same};
use super::rest::clashes;
use super::{Comparison, present};
use crate::engine::{Subject, Usage};
use crate::model::members::{ByName, visible};
use crate::model::{ContentModel, FieldModel, TaggingModel, TypeModel, TypeRef, VariantModel};
use crate::schema::{Matching, Presence};

impl Comparison<'_> {
    /// Compares two uses of types; `differ` tells that they are not the same kind of use.
    pub(super) fn of_types(
        &mut self,
        old: &TypeRef,
        new: &TypeRef,
        usage: Usage,
        whose: &Whose,
        differ: impl FnOnce(&mut Self),
    ) {
        if is_same(old, new) {
            self.inside(old, new, usage, whose);
        } else {
            differ(self);
        }
    }

    /// Walks two uses of one type down to the named types in them: what stands behind a name is compared apart.
    fn inside(&mut self, old: &TypeRef, new: &TypeRef, usage: Usage, whose: &Whose) {
        let ((old, before), (new, after)) = (old.bare(), new.bare());
        self.constraints(before, after, usage, whose);
        match (old, new) {
            (TypeRef::Named(name), _) => self.named(name, usage),
            (TypeRef::Option(old), TypeRef::Option(new))
            | (TypeRef::List(old), TypeRef::List(new))
            | (TypeRef::Set(old), TypeRef::Set(new))
            | (TypeRef::Map(old), TypeRef::Map(new))
            | (TypeRef::Array(old, _), TypeRef::Array(new, _)) => self.inside(old, new, usage, whose),
            (TypeRef::Tuple(old), TypeRef::Tuple(new)) => {
                for (old, new) in old.iter().zip(new) {
                    self.inside(old, new, usage, whose);
                }
            }
            _ => {}
        }
    }

    fn named(&mut self, name: &str, usage: Usage) {
        if !self.seen.insert((name.to_owned(), usage)) {
            return;
        }
        let (Some(old), Some(new)) = (self.old.types.get(name), self.new.types.get(name)) else {
            return;
        };
        let whose = Whose {
            subject: Subject::Type {
                name: name.to_owned(),
            },
            name: format!("`{name}`"),
        };
        let ((old, before), (new, after)) = (bare(old), bare(new));
        self.constraints(before, after, usage, &whose);
        match (old, new) {
            (
                TypeModel::Struct {
                    fields: was,
                    deny_unknown_fields: refused_before,
                },
                TypeModel::Struct {
                    fields: now,
                    deny_unknown_fields: refused_now,
                },
            ) => {
                self.unknown_fields(name, *refused_before, *refused_now, usage);
                self.fields(name, None, was, now, usage);
            }
            (
                TypeModel::Enum {
                    tagging: tagged,
                    variants: was,
                    deny_unknown_fields: refused_before,
                },
                TypeModel::Enum {
                    tagging: tags,
                    variants: now,
                    deny_unknown_fields: refused_now,
                },
            ) => {
                self.unknown_fields(name, *refused_before, *refused_now, usage);
                let (was, now) = (
                    &visible(was, |p| shows(p, usage)),
                    &visible(now, |p| shows(p, usage)),
                );
                if tagged != tags {
                    let what = "tells its variants apart differently";
                    self.of_type("type-tagging-changed", name, usage, what);
                } else if reordered(tags, was, now) {
                    let what = "tries its variants in another order";
                    self.of_type("type-tagging-changed", name, usage, what);
                }
                self.variants(name, (tagged, was), (tags, now), usage);
            }
            (TypeModel::Transparent(was), TypeModel::Transparent(now)) => {
                self.of_types(was, now, usage, &whose, |comparison| {
                    comparison.of_type("type-kind-changed", name, usage, "is written as another type");
                });
            }
            _ => self.of_type("type-kind-changed", name, usage, "became another kind of type"),
        }
    }

    /// Refusing unknown members shows on what is read only.
    pub(super) fn unknown_fields(&mut self, name: &str, before: bool, now: bool, usage: Usage) {
        if usage == Usage::Response || before == now {
            return;
        }
        let (id, what) = if now {
            ("unknown-fields-denied", "refuses unknown members")
        } else {
            ("unknown-fields-allowed", "allows unknown members")
        };
        self.of_type(id, name, usage, what);
    }

    fn of_type(&mut self, id: &str, name: &str, usage: Usage, what: &str) {
        self.add(
            id,
            Subject::Type {
                name: name.to_owned(),
            },
            usage,
            format!("`{name}` {what}"),
        );
    }

    pub(super) fn fields(
        &mut self,
        ty: &str,
        variant: Option<&str>,
        old: &[FieldModel],
        new: &[FieldModel],
        usage: Usage,
    ) {
        let (all_old, all_new) = (self.old.written_out(old), self.new.written_out(new));
        let shown = |fields: &[FieldModel]| -> Vec<FieldModel> {
            let shown = fields.iter().filter(|field| shows(field.presence, usage));
            shown.cloned().collect()
        };
        let (old, new) = (shown(&all_old), shown(&all_new));
        let (rest_was, rest_now) = (self.old.rest(&old), self.new.rest(&new));
        self.rest(ty, rest_was, rest_now, usage);
        for was in &old {
            if let Some(now) = counterpart(was, &old, &new, usage) {
                self.field(ty, variant, was, now, usage);
                continue;
            }
            if clashes(was, rest_now, usage) {
                let what = "has the type of other members now";
                self.of_field("field-type-changed", ty, variant, was, usage, what);
                continue;
            }
            let one_way = all_new.iter().any(|now| now.is_same(was));
            let absent = may_be_absent(was, usage) || self.old.is_rest(was);
            let (id, what) = match (one_way, usage, absent) {
                (true, Usage::Request, true) => ("field-became-read-only-optional", "became read-only"),
                (true, Usage::Request, false) => ("field-became-read-only", "became read-only"),
                (true, Usage::Response, _) => ("field-became-write-only", "became write-only"),
                (false, _, true) => ("field-removed-optional", "was removed"),
                (false, _, false) => ("field-removed", "was removed"),
            };
            self.of_field(id, ty, variant, was, usage, what);
        }
        let known = |now: &FieldModel| counterpart(now, &new, &old, usage).is_some();
        for now in new.iter().filter(|now| !known(now)) {
            if clashes(now, rest_was, usage) {
                let what = "has another type than other members had";
                self.of_field("field-type-changed", ty, variant, now, usage, what);
                continue;
            }
            let one_way = all_old.iter().any(|was| was.is_same(now));
            let absent = may_be_absent(now, usage) || self.new.is_rest(now);
            let (id, what) = match (one_way, usage, absent) {
                (true, Usage::Response, false) => {
                    ("field-became-not-write-only", "is not write-only any more")
                }
                (true, Usage::Request, true) => ("field-became-not-read-only", "is not read-only any more"),
                (_, _, true) => ("field-added-optional", "was added, optional"),
                (_, _, false) => ("field-added-required", "was added, required"),
            };
            self.of_field(id, ty, variant, now, usage, what);
        }
    }

    fn field(&mut self, ty: &str, variant: Option<&str>, was: &FieldModel, now: &FieldModel, usage: Usage) {
        let ((was_bare, before), (now_bare, after)) = (was.ty.bare(), now.ty.bare());
        let whose = Whose::field(ty, variant, now);
        self.constraints(before, after, usage, &whose);
        // A member that may be null and one that may be absent are both optional, each in its own way.
        let optional = |field| (may_be_absent(field, usage), is_nullable(field));
        let (before, after) = (optional(was), optional(now));
        if (before.0 && !after.0) || (before.1 && !after.1) {
            let id = "field-became-required";
            self.of_field(id, ty, variant, now, usage, "became required");
        }
        if (!before.0 && after.0) || (!before.1 && after.1) {
            let id = "field-became-optional";
            self.of_field(id, ty, variant, now, usage, "became optional");
        }
        self.aliases(&was.names(), &now.names(), usage, |comparison, id, what| {
            comparison.of_field(id, ty, variant, now, usage, what);
        });
        let (old, new) = (present(was_bare), present(now_bare));
        self.of_types(old, new, usage, &whose, |comparison| {
            comparison.of_field("field-type-changed", ty, variant, now, usage, "has another type");
        });
    }

    /// Which names are read shows on what is read only.
    fn aliases(
        &mut self,
        was: &[&str],
        now: &[&str],
        usage: Usage,
        mut tell: impl FnMut(&mut Self, &str, &str),
    ) {
        if usage == Usage::Response {
            return;
        }
        if was.iter().any(|alias| !now.contains(alias)) {
            tell(
                self,
                "aliases-removed",
                "is not read under all its names any more",
            );
        }
        if now.iter().any(|alias| !was.contains(alias)) {
            tell(self, "aliases-added", "is read under another name, too");
        }
    }

    fn of_field(
        &mut self,
        id: &str,
        ty: &str,
        variant: Option<&str>,
        field: &FieldModel,
        usage: Usage,
        what: &str,
    ) {
        let Whose { subject, name } = Whose::field(ty, variant, field);
        self.add(id, subject, usage, format!("{name} {what}"));
    }

    fn variants(
        &mut self,
        ty: &str,
        (tagged, old): (&TaggingModel, &[VariantModel]),
        (tags, new): (&TaggingModel, &[VariantModel]),
        usage: Usage,
    ) {
        let open = |variants: &[VariantModel]| variants.iter().any(|v| v.matching == Matching::Other);
        let (was_open, is_open) = (open(old), open(new));
        for was in old {
            if let Some(now) = counterpart(was, old, new, usage) {
                self.content(ty, was, now, usage);
                continue;
            }
            let id = if is_open && read_as_other(tags, was) {
                "variant-removed-open"
            } else {
                "variant-removed"
            };
            self.of_variant(id, ty, was, usage, "was removed");
        }
        let known = |now: &VariantModel| counterpart(now, new, old, usage).is_some();
        for now in new.iter().filter(|now| !known(now)) {
            let id = if was_open && read_as_other(tagged, now) {
                "variant-added-open"
            } else {
                "variant-added"
            };
            self.of_variant(id, ty, now, usage, "was added");
        }
        match (was_open, is_open) {
            (true, false) => self.of_type("enum-closed", ty, usage, "does not take unknown names any more"),
            (false, true) => self.of_type("enum-opened", ty, usage, "takes unknown names"),
            _ => {}
        }
    }

    fn content(&mut self, ty: &str, was: &VariantModel, now: &VariantModel, usage: Usage) {
        self.aliases(&was.names(), &now.names(), usage, |comparison, id, what| {
            comparison.of_variant(id, ty, now, usage, what);
        });
        if (was.matching == Matching::Untagged) != (now.matching == Matching::Untagged) {
            let what = "tells its variants apart differently";
            self.of_type("type-tagging-changed", ty, usage, what);
        }
        let differ = |comparison: &mut Self| {
            comparison.of_variant("variant-content-changed", ty, now, usage, "holds something else");
        };
        let whose = Whose {
            subject: Subject::Variant {
                ty: ty.to_owned(),
                variant: now.name.clone(),
            },
            name: format!("variant `{}` of `{ty}`", now.name),
        };
        match (&was.content, &now.content) {
            (ContentModel::Unit, ContentModel::Unit) => {}
            (ContentModel::Newtype(a), ContentModel::Newtype(b)) => {
                self.of_types(a, b, usage, &whose, differ);
            }
            (ContentModel::Tuple(a), ContentModel::Tuple(b)) => {
                self.of_types(
                    &TypeRef::Tuple(a.clone()),
                    &TypeRef::Tuple(b.clone()),
                    usage,
                    &whose,
                    differ,
                );
            }
            (ContentModel::Struct(a), ContentModel::Struct(b)) => {
                self.fields(ty, Some(&now.name), a, b, usage);
            }
            _ => differ(self),
        }
    }

    fn of_variant(&mut self, id: &str, ty: &str, variant: &VariantModel, usage: Usage, what: &str) {
        let subject = Subject::Variant {
            ty: ty.to_owned(),
            variant: variant.name.clone(),
        };
        self.add(
            id,
            subject,
            usage,
            format!("variant `{}` of `{ty}` {what}", variant.name),
        );
    }
}

/// Whether something is on the wire in this direction.
fn shows(presence: Presence, usage: Usage) -> bool {
    match usage {
        Usage::Request => presence.is_read(),
        Usage::Response => presence.is_written(),
    }
}

/// Whether the member may be left out in this direction.
fn may_be_absent(field: &FieldModel, usage: Usage) -> bool {
    match usage {
        Usage::Request => field.optional_in,
        Usage::Response => field.optional_out,
    }
}

fn is_nullable(field: &FieldModel) -> bool {
    matches!(field.ty.bare().0, TypeRef::Option(_))
}

/// What a member or variant of `own` is in `other`: the one of its name. In what is read every name is as good: there it may be one
/// that is written under a name of its own, if that is no other's counterpart.
fn counterpart<'a, T: ByName>(one: &T, own: &[T], other: &'a [T], usage: Usage) -> Option<&'a T> {
    let found = other.iter().find(|candidate| candidate.is_same(one));
    if found.is_some() || usage == Usage::Response {
        return found;
    }
    let alone = |one: &T, there: &[T]| !there.iter().any(|candidate| candidate.is_same(one));
    let mut read_alike = other
        .iter()
        .filter(|candidate| candidate.is_read_as(one) && alone(candidate, own));
    let candidate = read_alike.next()?;
    // Of several that became one, it is the first.
    let mut several = own
        .iter()
        .filter(|one| candidate.is_read_as(one) && alone(one, other));
    several
        .next()
        .filter(|first| first.is_same(one))
        .map(|_| candidate)
}

/// Whether those who do not know the variant read it as the other one, as both sides were told to expect: that one holds nothing, so
/// they have no place for content. Beside an internal tag they pass over it.
fn read_as_other(tagging: &TaggingModel, variant: &VariantModel) -> bool {
    let internal = matches!(tagging, TaggingModel::Internal { .. });
    variant.matching != Matching::Untagged && (internal || variant.content == ContentModel::Unit)
}

/// Whether variants that are tried one after the other, and that both have, stand in another order.
fn reordered(tagging: &TaggingModel, old: &[VariantModel], new: &[VariantModel]) -> bool {
    let tried = |variant: &&VariantModel| variant.is_tried(tagging);
    let place = |was: &VariantModel| new.iter().filter(tried).position(|now| now.wire == was.wire);
    !old.iter().filter(tried).filter_map(place).is_sorted()
}
