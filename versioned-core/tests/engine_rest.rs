//! Flattened maps, which take the members that no field has.

mod base;

use base::{base, field, fields, leaf};
use versioned_core::engine::{Usage, compare};
use versioned_core::model::{FieldModel, Model, TypeRef};

fn rest(of: TypeRef) -> FieldModel {
    FieldModel {
        ty: TypeRef::Map(Box::new(of)),
        flatten: true,
        ..field("rest")
    }
}

/// What differs in `Both`: rule and direction.
#[track_caller]
fn check(old: &[FieldModel], new: &[FieldModel], there: &[&str], back: &[&str]) {
    let with = |more: &[FieldModel]| {
        let mut model = base();
        fields(&mut model, "Both").extend(more.iter().cloned());
        model
    };
    let told = |old: &Model, new: &Model| {
        let changes = compare(old, new).into_iter();
        let lines = changes.map(|change| match change.usage {
            Usage::Request => format!("{} in", change.rule.id),
            Usage::Response => format!("{} out", change.rule.id),
        });
        let mut lines: Vec<String> = lines.collect();
        lines.sort();
        lines
    };
    let (old, new) = (with(old), with(new));
    assert_eq!(told(&old, &new), there, "there");
    assert_eq!(told(&new, &old), back, "back");
}

#[test]
fn members_that_were_passed_over_have_a_type_now() {
    check(
        &[],
        &[rest(leaf("u8"))],
        &[
            "field-added-optional in",
            "field-added-optional out",
            "unknown-fields-denied in",
        ],
        &[
            "field-removed-optional in",
            "field-removed-optional out",
            "unknown-fields-allowed in",
        ],
    );
}

#[test]
fn a_map_of_anything_refuses_nothing() {
    check(
        &[],
        &[rest(leaf("any"))],
        &["field-added-optional in", "field-added-optional out"],
        &["field-removed-optional in", "field-removed-optional out"],
    );
}

#[test]
fn a_member_beside_a_map_was_one_of_its_values() {
    let (number, text) = (rest(leaf("u8")), rest(leaf("string")));
    let changed = ["field-type-changed in", "field-type-changed out"];
    check(
        std::slice::from_ref(&number),
        &[number.clone(), field("b")],
        &changed,
        &changed,
    );
    check(
        std::slice::from_ref(&text),
        &[text.clone(), field("b")],
        &["field-added-required in", "field-added-required out"],
        &["field-removed in", "field-removed out"],
    );
    let any = rest(leaf("any"));
    check(
        std::slice::from_ref(&any),
        &[any.clone(), field("b")],
        &["field-added-required out", "field-type-changed in"],
        &["field-removed out", "field-type-changed in"],
    );
}
