//! The differences of two types, in one direction of use.

use super::{Comparison, present};
use crate::engine::{Subject, Usage};
use crate::model::{ContentModel, FieldModel, TaggingModel, TypeModel, TypeRef, VariantModel};

impl Comparison<'_> {
    /// Compares two uses of types; `differ` tells that they are not the same kind of use.
    fn of_types(&mut self, old: &TypeRef, new: &TypeRef, usage: Usage, differ: impl FnOnce(&mut Self)) {
        if old == new {
            self.inside(old, usage);
        } else {
            differ(self);
        }
    }

    /// Walks two equal uses down to the named types in them: what stands behind a name is compared apart.
    fn inside(&mut self, ty: &TypeRef, usage: Usage) {
        match ty {
            TypeRef::Named(name) => self.named(name, usage),
            TypeRef::Option(inner)
            | TypeRef::List(inner)
            | TypeRef::Set(inner)
            | TypeRef::Map(inner)
            | TypeRef::Array(inner, _) => self.inside(inner, usage),
            TypeRef::Tuple(items) => items.iter().for_each(|item| self.inside(item, usage)),
            TypeRef::Leaf(_) | TypeRef::Unit => {}
        }
    }

    fn named(&mut self, name: &str, usage: Usage) {
        if !self.seen.insert((name.to_owned(), usage)) {
            return;
        }
        let (Some(old), Some(new)) = (self.old.types.get(name), self.new.types.get(name)) else {
            return;
        };
        match (old, new) {
            (
                TypeModel::Struct {
                    fields: was,
                    deny_unknown_fields: denied,
                },
                TypeModel::Struct {
                    fields: now,
                    deny_unknown_fields: denies,
                },
            ) => {
                match (denied, denies) {
                    (false, true) => {
                        self.of_type("unknown-fields-denied", name, usage, "refuses unknown members")
                    }
                    (true, false) => {
                        self.of_type("unknown-fields-allowed", name, usage, "allows unknown members")
                    }
                    _ => {}
                }
                self.fields(name, None, was, now, usage);
            }
            (
                TypeModel::Enum {
                    tagging: tagged,
                    variants: was,
                },
                TypeModel::Enum {
                    tagging: tags,
                    variants: now,
                },
            ) => {
                if tagged != tags {
                    self.of_type(
                        "type-tagging-changed",
                        name,
                        usage,
                        "tells its variants apart differently",
                    );
                }
                self.variants(name, was, now, usage);
            }
            (TypeModel::Transparent(was), TypeModel::Transparent(now)) => {
                self.of_types(was, now, usage, |comparison| {
                    comparison.of_type("type-kind-changed", name, usage, "is written as another type");
                });
            }
            _ => self.of_type("type-kind-changed", name, usage, "became another kind of type"),
        }
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

    fn fields(
        &mut self,
        ty: &str,
        variant: Option<&str>,
        old: &[FieldModel],
        new: &[FieldModel],
        usage: Usage,
    ) {
        for was in old {
            match new.iter().find(|field| field.wire == was.wire) {
                Some(now) => self.field(ty, variant, was, now, usage),
                None => self.of_field("field-removed", ty, variant, was, usage, "was removed"),
            }
        }
        for now in new
            .iter()
            .filter(|now| !old.iter().any(|was| was.wire == now.wire))
        {
            let required = match usage {
                Usage::Request => !now.optional_in,
                Usage::Response => !now.optional_out,
            };
            let (id, what) = match required {
                true => ("field-added-required", "was added, required"),
                false => ("field-added-optional", "was added, optional"),
            };
            self.of_field(id, ty, variant, now, usage, what);
        }
    }

    fn field(&mut self, ty: &str, variant: Option<&str>, was: &FieldModel, now: &FieldModel, usage: Usage) {
        let optional = |field: &FieldModel| match usage {
            Usage::Request => field.optional_in,
            Usage::Response => field.optional_out,
        };
        if was.ty != now.ty {
            self.of_field("field-type-changed", ty, variant, now, usage, "has another type");
            return;
        }
        match (optional(was), optional(now)) {
            (true, false) => self.of_field(
                "field-became-required",
                ty,
                variant,
                now,
                usage,
                "became required",
            ),
            (false, true) => self.of_field(
                "field-became-optional",
                ty,
                variant,
                now,
                usage,
                "became optional",
            ),
            _ => {}
        }
        if was.aliases.iter().any(|alias| !now.aliases.contains(alias)) {
            self.of_field(
                "aliases-removed",
                ty,
                variant,
                now,
                usage,
                "is not read under all its names any more",
            );
        }
        if now.aliases.iter().any(|alias| !was.aliases.contains(alias)) {
            self.of_field(
                "aliases-added",
                ty,
                variant,
                now,
                usage,
                "is read under another name, too",
            );
        }
        self.inside(&now.ty, usage);
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
        let subject = Subject::Field {
            ty: ty.to_owned(),
            field: field.name.clone(),
            variant: variant.map(ToOwned::to_owned),
        };
        let owner = variant.map_or_else(|| ty.to_owned(), |variant| format!("{ty}::{variant}"));
        self.add(
            id,
            subject,
            usage,
            format!("field `{}` of `{owner}` {what}", field.name),
        );
    }

    fn variants(&mut self, ty: &str, old: &[VariantModel], new: &[VariantModel], usage: Usage) {
        for was in old {
            match new.iter().find(|variant| variant.wire == was.wire) {
                Some(now) => self.content(ty, was, now, usage),
                None => self.of_variant("variant-removed", ty, was, usage, "was removed"),
            }
        }
        for now in new
            .iter()
            .filter(|now| !old.iter().any(|was| was.wire == now.wire))
        {
            self.of_variant("variant-added", ty, now, usage, "was added");
        }
    }

    fn content(&mut self, ty: &str, was: &VariantModel, now: &VariantModel, usage: Usage) {
        let differ = |comparison: &mut Self| {
            comparison.of_variant("variant-content-changed", ty, now, usage, "holds something else");
        };
        match (&was.content, &now.content) {
            (ContentModel::Unit, ContentModel::Unit) => {}
            (ContentModel::Newtype(a), ContentModel::Newtype(b)) => self.of_types(a, b, usage, differ),
            (ContentModel::Tuple(a), ContentModel::Tuple(b)) => {
                self.of_types(
                    &TypeRef::Tuple(a.clone()),
                    &TypeRef::Tuple(b.clone()),
                    usage,
                    differ,
                );
            }
            (ContentModel::Struct(a), ContentModel::Struct(b)) => {
                self.fields(ty, Some(&now.name), a, b, usage)
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
