//! The differences of two models, each at the smallest thing that differs, in each direction that it is used in.

use std::collections::HashSet;

use super::rules::rule;
use super::{Change, Subject, Usage};
use crate::model::{
    ContentModel, FieldModel, Model, OperationModel, ParameterModel, TypeModel, TypeRef, VariantModel,
};

/// What is different in `new`; empty for equal models.
///
/// Types are compared where they are used: as part of what clients send, of what they get, or both. A type that no operation
/// uses is not on the wire, so it makes no difference.
#[must_use]
pub fn compare(old: &Model, new: &Model) -> Vec<Change> {
    let mut comparison = Comparison {
        old,
        new,
        changes: Vec::new(),
        seen: HashSet::new(),
    };
    for was in &old.operations {
        match new.operations.iter().find(|operation| operation.name == was.name) {
            Some(now) => comparison.operation(was, now),
            None => comparison.of_operation("operation-removed", was, "was removed"),
        }
    }
    for now in &new.operations {
        if !old.operations.iter().any(|operation| operation.name == now.name) {
            comparison.of_operation("operation-added", now, "was added");
        }
    }
    comparison.changes
}

struct Comparison<'a> {
    old: &'a Model,
    new: &'a Model,
    changes: Vec<Change>,
    /// Types that were compared, by direction: stops cycles, and tells each difference once.
    seen: HashSet<(String, Usage)>,
}

impl Comparison<'_> {
    fn add(&mut self, id: &str, subject: Subject, usage: Usage, text: String) {
        self.changes.push(Change {
            rule: rule(id),
            subject,
            usage,
            text,
        });
    }

    fn of_operation(&mut self, id: &str, operation: &OperationModel, what: &str) {
        let name = operation.name.clone();
        let text = format!("operation `{name}` {what}");
        self.add(id, Subject::Operation { name }, Usage::Request, text);
    }

    fn operation(&mut self, old: &OperationModel, new: &OperationModel) {
        if (old.method, route(&old.path)) != (new.method, route(&new.path)) {
            let what = format!(
                "moved from {} {} to {} {}",
                old.method, old.path, new.method, new.path
            );
            self.of_operation("operation-route-changed", new, &what);
        }
        if old.status != new.status {
            let what = format!("succeeds with {} instead of {}", new.status, old.status);
            self.of_operation("operation-status-changed", new, &what);
        }
        if old.replaces != new.replaces {
            let what = if new.replaces {
                "replaces what is stored"
            } else {
                "does not replace what is stored any more"
            };
            self.of_operation("operation-replaces-changed", new, what);
        }
        self.parameters(old, new);
        match (&old.body, &new.body) {
            (Some(was), Some(now)) => self.of_types(was, now, Usage::Request, |comparison| {
                comparison.of_operation("operation-body-changed", new, "reads another body");
            }),
            (None, None) => {}
            (None, Some(_)) => self.of_operation("operation-body-changed", new, "reads a body now"),
            (Some(_), None) => self.of_operation("operation-body-changed", new, "reads no body any more"),
        }
        self.of_types(&old.output, &new.output, Usage::Response, |comparison| {
            let name = new.name.clone();
            let text = format!("operation `{name}` answers with another type");
            comparison.add(
                "operation-output-changed",
                Subject::Operation { name },
                Usage::Response,
                text,
            );
        });
    }

    fn parameters(&mut self, old: &OperationModel, new: &OperationModel) {
        // Path parameters are told apart by their place in the path: their name is not on the wire.
        let same = |a: &ParameterModel, b: &ParameterModel| a.place == b.place && a.wire == b.wire;
        let renamed = route(&old.path) == route(&new.path) && names(&old.path) != names(&new.path);
        let place = |operation: &OperationModel, wire: &str| {
            names(&operation.path).iter().position(|name| *name == wire)
        };
        let matches = |was: &ParameterModel, now: &ParameterModel| {
            let moved = renamed
                && was.place == now.place
                && place(old, &was.wire).is_some()
                && place(old, &was.wire) == place(new, &now.wire);
            same(was, now) || moved
        };
        for was in &old.parameters {
            match new.parameters.iter().find(|now| matches(was, now)) {
                Some(now) => self.parameter(new, was, now),
                None => self.of_parameter("parameter-removed", new, was, "was removed"),
            }
        }
        for now in &new.parameters {
            if !old.parameters.iter().any(|was| matches(was, now)) {
                let (id, what) = if now.optional {
                    ("parameter-added-optional", "was added, optional")
                } else {
                    ("parameter-added-required", "was added, required")
                };
                self.of_parameter(id, new, now, what);
            }
        }
    }

    fn parameter(&mut self, operation: &OperationModel, was: &ParameterModel, now: &ParameterModel) {
        match (was.optional, now.optional) {
            (true, false) => {
                self.of_parameter("parameter-became-required", operation, now, "became required")
            }
            (false, true) => {
                self.of_parameter("parameter-became-optional", operation, now, "became optional")
            }
            _ => {}
        }
        let (old, new) = (present(&was.ty), present(&now.ty));
        self.of_types(old, new, Usage::Request, |comparison| {
            comparison.of_parameter("parameter-type-changed", operation, now, "has another type");
        });
    }

    fn of_parameter(&mut self, id: &str, operation: &OperationModel, parameter: &ParameterModel, what: &str) {
        let subject = Subject::Parameter {
            operation: operation.name.clone(),
            name: parameter.name.clone(),
        };
        let text = format!("parameter `{}` of `{}` {what}", parameter.name, operation.name);
        self.add(id, subject, Usage::Request, text);
    }

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

/// The value that is there if it is not left out.
fn present(ty: &TypeRef) -> &TypeRef {
    match ty {
        TypeRef::Option(inner) => inner,
        other => other,
    }
}

/// The template with nameless parameters.
fn route(path: &str) -> Vec<&str> {
    path.split('/')
        .map(|segment| if segment.starts_with('{') { "{}" } else { segment })
        .collect()
}

fn names(path: &str) -> Vec<&str> {
    path.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .collect()
}
