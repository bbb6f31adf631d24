//! Every rule of the engine, there and back: what is found, in which direction, and which promises it breaks.

mod base;
mod cases;
mod narrowings;

use std::collections::HashSet;

use base::{base, base_variants, field, fields, kind, leaf, named, problem, variant, variants};
use cases::{CASES, Case};
use narrowings::{PLACES, STEPS, constraints, effects};
use versioned_core::Compatibility;
use versioned_core::engine::{Change, RULES, Subject, Usage, compare, judge};
use versioned_core::model::{
    ContentModel, FieldModel, Model, TaggingModel, TypeModel, TypeRef, VariantModel,
};
use versioned_core::schema::{Matching, Presence};
use versioned_core::version::Step;

#[track_caller]
fn check(case: &Case) {
    check_from(&base(), case);
}

#[track_caller]
fn check_from(base: &Model, case: &Case) {
    let mut edited = base.clone();
    (case.edit)(&mut edited);
    assert_eq!(told(&compare(base, &edited)), case.there, "there");
    assert_eq!(told(&compare(&edited, base)), case.back, "back");
}

fn told(changes: &[Change]) -> Vec<String> {
    let mut lines: Vec<String> = changes.iter().map(line).collect();
    lines.sort();
    lines
}

fn line(change: &Change) -> String {
    let subject = match &change.subject {
        Subject::Operation { name } | Subject::Type { name } => name.clone(),
        Subject::Parameter { operation, name } => format!("{operation}({name})"),
        Subject::Field { ty, field, variant } => match variant {
            Some(variant) => format!("{ty}::{variant}.{field}"),
            None => format!("{ty}.{field}"),
        },
        Subject::Variant { ty, variant } => format!("{ty}::{variant}"),
    };
    let usage = match change.usage {
        Usage::Request => "request",
        Usage::Response => "response",
    };
    let broken = |promise| !judge(Step::Minor, promise, std::slice::from_ref(change)).is_empty();
    let promises = match (broken(Compatibility::Backward), broken(Compatibility::Forward)) {
        (true, true) => "breaks both",
        (true, false) => "breaks backward",
        (false, true) => "breaks forward",
        (false, false) => "breaks nothing",
    };
    assert_eq!(broken(Compatibility::Full), promises != "breaks nothing");
    assert!(
        change.text.contains('`'),
        "a text names what changed: {}",
        change.text
    );
    format!("{} {subject} in {usage} {promises}", change.rule.id)
}

#[test]
fn finds_each_kind_of_change_and_judges_it_by_direction() {
    CASES.iter().for_each(check);
}

/// Like [`Case`], from a model whose enum takes unknown names.
static OPEN_CASES: &[Case] = &[
    Case {
        edit: |m| variants(m).push(variant("Three", ContentModel::Unit)),
        there: &[
            "variant-added-open Kind::Three in request breaks nothing",
            "variant-added-open Kind::Three in response breaks nothing",
        ],
        back: &[
            "variant-removed-open Kind::Three in request breaks nothing",
            "variant-removed-open Kind::Three in response breaks nothing",
        ],
    },
    Case {
        edit: |m| variants(m)[0].matching = Matching::Named,
        there: &[
            "enum-closed Kind in request breaks backward",
            "enum-closed Kind in response breaks forward",
        ],
        back: &[
            "enum-opened Kind in request breaks forward",
            "enum-opened Kind in response breaks backward",
        ],
    },
    Case {
        // What is read only is not seen in answers.
        edit: |m| {
            variants(m)[0].presence = Presence::Read;
            fields(m, "Both")[0].presence = Presence::Read;
        },
        there: &[
            "enum-closed Kind in response breaks forward",
            "field-became-write-only Both.a in response breaks backward",
            "variant-removed Kind::One in response breaks forward",
        ],
        back: &[
            "enum-opened Kind in response breaks backward",
            "field-became-not-write-only Both.a in response breaks forward",
            "variant-added Kind::One in response breaks backward",
        ],
    },
];

#[test]
fn an_enum_that_takes_unknown_names_may_grow() {
    let mut open = base();
    variants(&mut open)[0].matching = Matching::Other;
    for case in OPEN_CASES {
        check_from(&open, case);
    }
}

/// Like [`Case`], from a model with an optional member.
static ONE_WAY_CASES: &[Case] = &[Case {
    edit: |m| fields(m, "Asked")[1].presence = Presence::Written,
    there: &["field-became-read-only-optional Asked.b in request breaks backward"],
    back: &["field-became-not-read-only Asked.b in request breaks forward"],
}];

#[test]
fn what_belongs_to_the_service_is_not_read() {
    let mut with_optional = base();
    fields(&mut with_optional, "Asked").push(FieldModel {
        optional_in: true,
        ..field("b")
    });
    for case in ONE_WAY_CASES {
        check_from(&with_optional, case);
    }
}

#[test]
fn an_optional_member_of_a_problem_may_come_and_not_go() {
    let mut only_read = base();
    only_read.operations[0].problems[0].members[0].presence = Presence::Read;
    let answered = Case {
        edit: |m| {
            let member = &mut m.operations[0].problems[0].members[0];
            (member.presence, member.optional_out) = (Presence::Written, true);
        },
        there: &["field-added-optional Failure::missing.id in response breaks nothing"],
        back: &["field-became-write-only Failure::missing.id in response breaks backward"],
    };
    check_from(&only_read, &answered);
}

#[test]
fn members_of_flattened_structs_stand_in_their_place() {
    let old = base();
    let mut new = base();
    let part = TypeModel::Struct {
        fields: std::mem::take(fields(&mut new, "Told")),
        deny_unknown_fields: false,
    };
    new.types.insert("Part".to_owned(), part);
    let flattened = |ty: TypeRef| FieldModel {
        ty,
        flatten: true,
        ..field("")
    };
    fields(&mut new, "Told").push(flattened(named("Part")));
    assert_eq!(told(&compare(&old, &new)), [""; 0]);
    assert_eq!(old.fingerprint(), new.fingerprint());

    let optional = TypeRef::Option(Box::new(named("Part")));
    fields(&mut new, "Told")[0] = flattened(optional);
    let expected = ["field-became-optional Told.a in response breaks backward"];
    assert_eq!(told(&compare(&old, &new)), expected);

    // A map has no names to write out, and a struct that holds itself is written out once.
    fields(&mut new, "Part").push(flattened(named("Part")));
    fields(&mut new, "Part").push(flattened(TypeRef::Map(Box::new(leaf("u8")))));
    assert_eq!(told(&compare(&new, &new)), [""; 0]);
    assert_ne!(old.fingerprint(), new.fingerprint());
}

#[test]
fn constraints_are_compared_keyword_by_keyword() {
    for step in STEPS {
        for (put, at, usages) in PLACES {
            let (mut before, mut after) = (base(), base());
            put(&mut before, constraints(step.before));
            put(&mut after, constraints(step.after));
            let [there, back] = step.rules;
            let narrows = |there: bool| step.narrows.then_some(there);
            let expected = effects(there, narrows(true), at, usages);
            assert_eq!(told(&compare(&before, &after)), expected);
            let expected = effects(back, narrows(false), at, usages);
            assert_eq!(told(&compare(&after, &before)), expected);
            assert_ne!(before.fingerprint(), after.fingerprint(), "{there}");
            assert_eq!(told(&compare(&after, &after)), [""; 0]);
        }
    }
}

#[test]
fn every_rule_is_seen_at_work() {
    let seen = CASES
        .iter()
        .chain(OPEN_CASES)
        .chain(ONE_WAY_CASES)
        .flat_map(|case| case.there.iter().chain(case.back));
    let seen: HashSet<&str> = seen.filter_map(|line| line.split(' ').next()).collect();
    let seen: HashSet<&str> = seen
        .into_iter()
        .chain(STEPS.iter().flat_map(|step| step.rules))
        .collect();
    let missing: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.id)
        .filter(|id| !seen.contains(id))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_order_of_untagged_variants_is_a_fact() {
    let mut old = base();
    old.types
        .insert("Kind".to_owned(), kind(TaggingModel::Untagged, base_variants()));
    let mut new = old.clone();
    variants(&mut new).reverse();
    let expected = [
        "type-tagging-changed Kind in request breaks both",
        "type-tagging-changed Kind in response breaks both",
    ];
    assert_eq!(told(&compare(&old, &new)), expected);
    assert_ne!(old.fingerprint(), new.fingerprint());
}

/// The same for those among named ones.
#[test]
fn the_order_of_variants_without_a_name_is_a_fact() {
    let mut old = base();
    for name in ["F", "A"] {
        variants(&mut old).push(VariantModel {
            matching: Matching::Untagged,
            ..variant(name, ContentModel::Newtype(leaf(name)))
        });
    }
    let mut new = old.clone();
    variants(&mut new).swap(2, 3);
    let expected = [
        "type-tagging-changed Kind in request breaks both",
        "type-tagging-changed Kind in response breaks both",
    ];
    assert_eq!(told(&compare(&old, &new)), expected);
    assert_ne!(old.fingerprint(), new.fingerprint());

    variants(&mut new).swap(2, 3);
    variants(&mut new).swap(0, 2);
    assert_eq!(told(&compare(&old, &new)), [""; 0]);
    assert_eq!(old.fingerprint(), new.fingerprint());
}

/// Those who do not know a name read it as the other variant, which holds nothing.
#[test]
fn an_open_enum_may_grow_where_content_is_passed_over() {
    #[track_caller]
    fn check(tagging: TaggingModel, added: VariantModel, open: bool) {
        let mut old = base();
        variants(&mut old)[0].matching = Matching::Other;
        let variants_of = |model: &mut Model| variants(model).clone();
        let ty = kind(tagging, variants_of(&mut old));
        old.types.insert("Kind".to_owned(), ty);
        let mut new = old.clone();
        variants(&mut new).push(added);
        let expected = if open {
            ["variant-added-open", "variant-removed-open"]
        } else {
            ["variant-added", "variant-removed"]
        };
        let rules = |changes: &[Change]| changes.iter().map(|change| change.rule.id).collect::<Vec<_>>();
        assert_eq!(rules(&compare(&old, &new)), [expected[0]; 2]);
        assert_eq!(rules(&compare(&new, &old)), [expected[1]; 2]);
    }
    let internal = || TaggingModel::Internal { tag: "t".to_owned() };
    let adjacent = || TaggingModel::Adjacent {
        tag: "t".to_owned(),
        content: "c".to_owned(),
    };
    let holding = || variant("Three", ContentModel::Struct(vec![field("x")]));
    check(TaggingModel::External, holding(), false);
    check(adjacent(), holding(), false);
    check(internal(), holding(), true);
    check(adjacent(), variant("Three", ContentModel::Unit), true);
    let tried = VariantModel {
        matching: Matching::Untagged,
        ..holding()
    };
    check(internal(), tried, false);
}

#[test]
fn each_problem_is_compared_with_what_it_was() {
    let mut old = base();
    let mut other = old.operations[0].clone();
    (other.name, other.path) = ("tell".to_owned(), "/tells/{id}".to_owned());
    other.problems[0].owner = "Trouble".to_owned();
    other.problems[0].status = 409;
    old.operations.push(other);
    let mut new = old.clone();
    for operation in &mut new.operations {
        operation.problems = vec![problem("missing", 404)];
        operation.problems[0].members.clear();
    }
    let expected = [
        "field-removed Failure::missing.id in response breaks backward",
        "problem-status-changed Failure::missing in response breaks both",
    ];
    assert_eq!(told(&compare(&old, &new)), expected);
}

#[test]
fn names_of_flattened_fields_are_no_facts() {
    let named_as = |name: &str, leaf_name: &str| FieldModel {
        ty: TypeRef::Map(Box::new(leaf(leaf_name))),
        flatten: true,
        ..field(name)
    };
    let mut old = base();
    fields(&mut old, "Both").extend([named_as("y", "u8"), named_as("z", "u16")]);
    let mut new = base();
    fields(&mut new, "Both").extend([named_as("b", "u16"), named_as("c", "u8")]);
    assert_eq!(told(&compare(&old, &new)), [""; 0]);
    assert_eq!(old.fingerprint(), new.fingerprint());
}

/// In what is only read, a new name beside the old one takes nothing away.
#[test]
fn a_new_name_beside_the_old_one_is_another_name() {
    #[track_caller]
    fn check(ty: &str, edit: fn(&mut Vec<FieldModel>), there: &[&str], back: &[&str]) -> (Model, Model) {
        let (old, mut new) = (base(), base());
        edit(fields(&mut new, ty));
        assert_eq!(told(&compare(&old, &new)), there);
        assert_eq!(told(&compare(&new, &old)), back);
        (old, new)
    }
    let renamed = |fields: &mut Vec<FieldModel>| {
        fields[0].aliases.push("a".to_owned());
        "b".clone_into(&mut fields[0].wire);
    };
    check(
        "Asked",
        renamed,
        &["aliases-added Asked.a in request breaks forward"],
        &["aliases-removed Asked.a in request breaks backward"],
    );
    // Answers have one name.
    check(
        "Both",
        renamed,
        &[
            "aliases-added Both.a in request breaks forward",
            "field-added-required Both.a in response breaks forward",
            "field-removed Both.a in response breaks backward",
        ],
        &[
            "aliases-removed Both.a in request breaks backward",
            "field-added-required Both.a in response breaks forward",
            "field-removed Both.a in response breaks backward",
        ],
    );

    // Which of them is the first is not on the wire.
    let (_, one) = check(
        "Asked",
        renamed,
        &["aliases-added Asked.a in request breaks forward"],
        &["aliases-removed Asked.a in request breaks backward"],
    );
    let mut other = base();
    fields(&mut other, "Asked")[0].aliases.push("b".to_owned());
    assert_eq!(told(&compare(&one, &other)), [""; 0]);
    assert_eq!(one.fingerprint(), other.fingerprint());
}

/// A client may send two members that are one now; serde refuses both.
#[test]
fn of_two_members_that_became_one_one_is_gone() {
    let (mut old, mut new) = (base(), base());
    fields(&mut old, "Asked").push(field("b"));
    fields(&mut new, "Asked")[0].aliases.push("b".to_owned());
    let expected = [
        "aliases-added Asked.a in request breaks forward",
        "field-removed Asked.b in request breaks both",
    ];
    assert_eq!(told(&compare(&old, &new)), expected);

    "c".clone_into(&mut fields(&mut new, "Asked")[0].wire);
    fields(&mut new, "Asked")[0].aliases.push("a".to_owned());
    assert_eq!(told(&compare(&old, &new)), expected);
}

/// RFC 9110 section 5.1.
#[test]
fn names_of_headers_have_no_case() {
    let mut old = base();
    let headers = TypeModel::Struct {
        fields: vec![field("ETag")],
        deny_unknown_fields: false,
    };
    old.types.insert("Headers".to_owned(), headers);
    old.operations[0].responses[0].headers = Some(named("Headers"));
    let mut new = old.clone();
    fields(&mut new, "Headers")[0].wire.make_ascii_lowercase();
    assert_eq!(told(&compare(&old, &new)), [""; 0]);
    assert_eq!(old.fingerprint(), new.fingerprint());

    // In a body they have.
    for model in [&mut old, &mut new] {
        fields(model, "Told")[0].ty = named("Headers");
    }
    let expected = [
        "field-added-required Headers.ETag in response breaks forward",
        "field-removed Headers.ETag in response breaks backward",
    ];
    assert_eq!(told(&compare(&old, &new)), expected);
}

/// Where macros ask whether the other type is another name of the same, the rest is told all the same.
#[test]
fn a_member_of_another_type_may_differ_in_more() {
    let (old, mut new) = (base(), base());
    let member = &mut fields(&mut new, "Asked")[0];
    member.ty = constraints(r#"{"maxLength": 3}"#).of(leaf("Text"));
    member.optional_in = true;
    member.aliases.push("b".to_owned());
    let expected = [
        "aliases-added Asked.a in request breaks forward",
        "field-became-optional Asked.a in request breaks forward",
        "field-type-changed Asked.a in request breaks both",
        "max-length-set Asked.a in request breaks backward",
    ];
    assert_eq!(told(&compare(&old, &new)), expected);
}
