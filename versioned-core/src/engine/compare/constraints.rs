//! The differences of constraints: each keyword by itself.

use std::cmp::Ordering;

use super::Comparison;
use crate::constraints::Number;
use crate::engine::{Subject, Usage};
use crate::model::{ConstraintsModel, FieldModel, TypeModel, TypeRef};

/// What is constrained: as a subject, and as it is named in texts.
pub(super) struct Whose {
    pub(super) subject: Subject,
    pub(super) name: String,
}

impl Whose {
    pub(super) fn field(ty: &str, variant: Option<&str>, field: &FieldModel) -> Self {
        let owner = variant.map_or_else(|| ty.to_owned(), |variant| format!("{ty}::{variant}"));
        Self {
            subject: Subject::Field {
                ty: ty.to_owned(),
                field: field.name.clone(),
                variant: variant.map(ToOwned::to_owned),
            },
            name: format!("field `{}` of `{owner}`", field.name),
        }
    }
}

/// One bound: what its rules begin with, the word in the source, and its value.
type Bound = (
    &'static str,
    &'static str,
    fn(&ConstraintsModel) -> Option<Number>,
);

const BOUNDS: [Bound; 10] = [
    ("min-length", "min_length", |c| c.min_length.map(Number::from)),
    ("max-length", "max_length", |c| c.max_length.map(Number::from)),
    ("min", "minimum", |c| c.minimum),
    ("max", "maximum", |c| c.maximum),
    ("exclusive-min", "exclusive_minimum", |c| c.exclusive_minimum),
    ("exclusive-max", "exclusive_maximum", |c| c.exclusive_maximum),
    ("min-items", "min_items", |c| c.min_items.map(Number::from)),
    ("max-items", "max_items", |c| c.max_items.map(Number::from)),
    ("min-properties", "min_properties", |c| {
        c.min_properties.map(Number::from)
    }),
    ("max-properties", "max_properties", |c| {
        c.max_properties.map(Number::from)
    }),
];

impl Comparison<'_> {
    /// Compares what two versions of one thing demand of its values.
    pub(super) fn constraints(
        &mut self,
        before: Option<&ConstraintsModel>,
        after: Option<&ConstraintsModel>,
        usage: Usage,
        whose: &Whose,
    ) {
        if before == after {
            return;
        }
        let none = ConstraintsModel::default();
        let (before, after) = (before.unwrap_or(&none), after.unwrap_or(&none));
        let mut tell = |rule: String, what: String| {
            let text = format!("{} {what}", whose.name);
            self.add(&rule, whose.subject.clone(), usage, text);
        };
        for (rule, word, value) in BOUNDS {
            let how = match (value(before), value(after)) {
                (None, None) => continue,
                (None, Some(now)) => ("set", format!("has `{word} = {now}` now")),
                (Some(was), None) => ("unset", format!("has no `{word} = {was}` any more")),
                (Some(was), Some(now)) => {
                    let text = format!("has `{word} = {now}` instead of {was}");
                    match now.cmp(&was) {
                        Ordering::Equal => continue,
                        Ordering::Less => ("decreased", text),
                        Ordering::Greater => ("increased", text),
                    }
                }
            };
            tell(format!("{rule}-{}", how.0), how.1);
        }
        for (word, was, now) in [
            ("pattern", &before.pattern, &after.pattern),
            ("format", &before.format, &after.format),
        ] {
            let how = match (was, now) {
                (was, now) if was == now => continue,
                (None, _) => "added",
                (Some(_), None) => "removed",
                (Some(_), Some(_)) => "changed",
            };
            let what = match how {
                "added" => format!("has a `{word}` now"),
                "removed" => format!("has no `{word}` any more"),
                _ => format!("has another `{word}`"),
            };
            tell(format!("{word}-{how}"), what);
        }
        if let Some((how, what)) = multiples(before.multiple_of, after.multiple_of) {
            tell(format!("multiple-of-{how}"), what);
        }
        match (before.unique_items, after.unique_items) {
            (false, true) => tell("unique-items-set".to_owned(), "has `unique_items` now".to_owned()),
            (true, false) => tell(
                "unique-items-unset".to_owned(),
                "has no `unique_items` any more".to_owned(),
            ),
            _ => {}
        }
    }
}

fn multiples(before: Option<Number>, after: Option<Number>) -> Option<(&'static str, String)> {
    match (before, after) {
        (None, None) => None,
        (None, Some(now)) => Some(("set", format!("has `multiple_of = {now}` now"))),
        (Some(was), None) => Some(("unset", format!("has no `multiple_of = {was}` any more"))),
        (Some(was), Some(now)) => {
            let how = match (was.is_multiple_of(now), now.is_multiple_of(was)) {
                (true, true) => return None,
                (true, false) => "generalized",
                (false, true) => "narrowed",
                (false, false) => "changed",
            };
            Some((how, format!("has `multiple_of = {now}` instead of {was}")))
        }
    }
}

/// Whether two uses are of one type, whatever their constraints.
pub(super) fn is_same(old: &TypeRef, new: &TypeRef) -> bool {
    match (old.bare().0, new.bare().0) {
        (TypeRef::Option(a), TypeRef::Option(b))
        | (TypeRef::List(a), TypeRef::List(b))
        | (TypeRef::Set(a), TypeRef::Set(b))
        | (TypeRef::Map(a), TypeRef::Map(b)) => is_same(a, b),
        (TypeRef::Array(a, before), TypeRef::Array(b, after)) => before == after && is_same(a, b),
        (TypeRef::Tuple(a), TypeRef::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (a, b) => a == b,
    }
}

/// A definition without the constraints on all of it, and those.
pub(super) fn bare(definition: &TypeModel) -> (&TypeModel, Option<&ConstraintsModel>) {
    match definition {
        TypeModel::Constrained(inner, constraints) => (inner.unconstrained(), Some(constraints)),
        other => (other, None),
    }
}
