//! Every rule of the engine, there and back: what is found, in which direction, and which promises it breaks.

mod base;
mod narrowings;

use std::collections::HashSet;

use base::{base, base_variants, deny, field, fields, kind, leaf, named, parameter, variant, variants};
use narrowings::{PLACES, STEPS, constraints, effects};
use versioned_core::Compatibility;
use versioned_core::contract::{Method, Place};
use versioned_core::engine::{Change, RULES, Subject, Usage, compare, judge};
use versioned_core::model::{ContentModel, FieldModel, Model, TaggingModel, TypeModel, TypeRef};
use versioned_core::schema::{Matching, Presence};
use versioned_core::version::Step;

/// Edits of the base model; each is compared there and back.
struct Case {
    edit: fn(&mut Model),
    /// What is found from the base to the edited model: rule, subject, usage, and the promises that it breaks.
    there: &'static [&'static str],
    /// The same from the edited model to the base.
    back: &'static [&'static str],
}

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

const CASES: &[Case] = &[
    Case {
        edit: |m| m.operations[0].marks.safe = true,
        there: &["operation-safety-promised ask in request breaks forward"],
        back: &["operation-safety-dropped ask in request breaks backward"],
    },
    Case {
        edit: |m| m.operations[0].marks.idempotent = true,
        there: &["operation-idempotence-promised ask in request breaks forward"],
        back: &["operation-idempotence-dropped ask in request breaks backward"],
    },
    Case {
        edit: |m| demand(m, &[&["bearer"]]),
        there: &["operation-security-tightened ask in request breaks backward"],
        back: &["operation-security-loosened ask in request breaks forward"],
    },
    // To let everybody in is to demand nothing, but it is stated.
    Case {
        edit: |m| demand(m, &[&["bearer"], &[]]),
        there: &[],
        back: &[],
    },
    Case {
        edit: |m| drop(fields(m, "Asked").remove(0)),
        there: &["field-removed Asked.a in request breaks both"],
        back: &["field-added-required Asked.a in request breaks both"],
    },
    Case {
        edit: |m| drop(fields(m, "Told").remove(0)),
        there: &["field-removed Told.a in response breaks backward"],
        back: &["field-added-required Told.a in response breaks forward"],
    },
    Case {
        edit: |m| {
            fields(m, "Asked").push(FieldModel {
                optional_in: true,
                ..field("b")
            });
        },
        there: &["field-added-optional Asked.b in request breaks forward"],
        back: &["field-removed-optional Asked.b in request breaks backward"],
    },
    Case {
        // What may be missing in answers may come, but not go: a client may count on it where it is there.
        edit: |m| {
            fields(m, "Told").push(FieldModel {
                optional_out: true,
                ..field("b")
            });
        },
        there: &["field-added-optional Told.b in response breaks nothing"],
        back: &["field-removed-optional Told.b in response breaks backward"],
    },
    Case {
        edit: |m| fields(m, "Both")[0].ty = leaf("u64"),
        there: &[
            "field-type-changed Both.a in request breaks both",
            "field-type-changed Both.a in response breaks both",
        ],
        back: &[
            "field-type-changed Both.a in request breaks both",
            "field-type-changed Both.a in response breaks both",
        ],
    },
    Case {
        // `String` to `Option<String>`.
        edit: |m| {
            let field = &mut fields(m, "Both")[0];
            field.ty = TypeRef::Option(Box::new(field.ty.clone()));
            field.optional_in = true;
        },
        there: &[
            "field-became-optional Both.a in request breaks forward",
            "field-became-optional Both.a in response breaks backward",
        ],
        back: &[
            "field-became-required Both.a in request breaks backward",
            "field-became-required Both.a in response breaks forward",
        ],
    },
    Case {
        // What belongs to the service may be sent, and is ignored.
        edit: |m| {
            let field = &mut fields(m, "Both")[0];
            (field.presence, field.optional_in) = (Presence::Written, true);
        },
        there: &["field-became-read-only Both.a in request breaks both"],
        back: &["field-added-required Both.a in request breaks both"],
    },
    Case {
        // `#[serde(default)]` is not seen in answers.
        edit: |m| fields(m, "Both")[0].optional_in = true,
        there: &["field-became-optional Both.a in request breaks forward"],
        back: &["field-became-required Both.a in request breaks backward"],
    },
    Case {
        // Nor are other names.
        edit: |m| fields(m, "Both")[0].aliases.push("other".to_owned()),
        there: &["aliases-added Both.a in request breaks forward"],
        back: &["aliases-removed Both.a in request breaks backward"],
    },
    Case {
        edit: |m| variants(m)[0].aliases.push("other".to_owned()),
        there: &["aliases-added Kind::One in request breaks forward"],
        back: &["aliases-removed Kind::One in request breaks backward"],
    },
    Case {
        edit: |m| variants(m).push(variant("Three", ContentModel::Unit)),
        there: &[
            "variant-added Kind::Three in request breaks forward",
            "variant-added Kind::Three in response breaks backward",
        ],
        back: &[
            "variant-removed Kind::Three in request breaks backward",
            "variant-removed Kind::Three in response breaks forward",
        ],
    },
    Case {
        edit: |m| variants(m)[0].content = ContentModel::Newtype(leaf("u8")),
        there: &[
            "variant-content-changed Kind::One in request breaks both",
            "variant-content-changed Kind::One in response breaks both",
        ],
        back: &[
            "variant-content-changed Kind::One in request breaks both",
            "variant-content-changed Kind::One in response breaks both",
        ],
    },
    Case {
        edit: |m| match &mut variants(m)[1].content {
            ContentModel::Struct(fields) => fields[0].ty = leaf("u8"),
            other => panic!("{other:?}"),
        },
        there: &[
            "field-type-changed Kind::Two.x in request breaks both",
            "field-type-changed Kind::Two.x in response breaks both",
        ],
        back: &[
            "field-type-changed Kind::Two.x in request breaks both",
            "field-type-changed Kind::Two.x in response breaks both",
        ],
    },
    Case {
        edit: |m| match m.types.get_mut("Kind") {
            Some(TypeModel::Enum { tagging, .. }) => *tagging = TaggingModel::Untagged,
            other => panic!("{other:?}"),
        },
        there: &[
            "type-tagging-changed Kind in request breaks both",
            "type-tagging-changed Kind in response breaks both",
        ],
        back: &[
            "type-tagging-changed Kind in request breaks both",
            "type-tagging-changed Kind in response breaks both",
        ],
    },
    Case {
        edit: |m| {
            m.types
                .insert("Told".to_owned(), TypeModel::Transparent(leaf("u8")));
        },
        there: &["type-kind-changed Told in response breaks both"],
        back: &["type-kind-changed Told in response breaks both"],
    },
    Case {
        // What is only answered refuses nothing.
        edit: |m| {
            deny(m, "Asked");
            deny(m, "Told");
        },
        there: &["unknown-fields-denied Asked in request breaks backward"],
        back: &["unknown-fields-allowed Asked in request breaks forward"],
    },
    Case {
        edit: |m| drop(m.operations.remove(0)),
        there: &["operation-removed ask in request breaks backward"],
        back: &["operation-added ask in request breaks forward"],
    },
    Case {
        // Clients know the route: another name is none of theirs.
        edit: |m| m.operations[0].name = "wonder".to_owned(),
        there: &["operation-renamed wonder in request breaks nothing"],
        back: &["operation-renamed ask in request breaks nothing"],
    },
    Case {
        edit: |m| m.operations[0].path.push_str("/more"),
        there: &["operation-route-changed ask in request breaks both"],
        back: &["operation-route-changed ask in request breaks both"],
    },
    Case {
        edit: |m| m.operations[0].method = Method::Put,
        there: &["operation-route-changed ask in request breaks both"],
        back: &["operation-route-changed ask in request breaks both"],
    },
    Case {
        edit: |m| m.operations[0].status = 202,
        there: &["operation-status-changed ask in request breaks both"],
        back: &["operation-status-changed ask in request breaks both"],
    },
    Case {
        edit: |m| m.operations[0].replaces = true,
        there: &["operation-replaces-changed ask in request breaks both"],
        back: &["operation-replaces-changed ask in request breaks both"],
    },
    Case {
        edit: |m| m.operations[0].body = None,
        there: &["operation-body-changed ask in request breaks both"],
        back: &["operation-body-changed ask in request breaks both"],
    },
    Case {
        edit: |m| m.operations[0].output = leaf("u8"),
        there: &["operation-output-changed ask in response breaks both"],
        back: &["operation-output-changed ask in response breaks both"],
    },
    Case {
        edit: |m| m.operations[0].problems.push(409),
        there: &["problem-added ask in response breaks nothing"],
        back: &["problem-removed ask in response breaks nothing"],
    },
    Case {
        edit: |m| {
            m.operations[0]
                .parameters
                .push(parameter("q", Place::Query, true));
        },
        there: &["parameter-added-optional ask(q) in request breaks forward"],
        back: &["parameter-removed-optional ask(q) in request breaks backward"],
    },
    Case {
        edit: |m| {
            m.operations[0]
                .parameters
                .push(parameter("q", Place::Query, false));
        },
        there: &["parameter-added-required ask(q) in request breaks both"],
        back: &["parameter-removed ask(q) in request breaks both"],
    },
    Case {
        edit: |m| m.operations[0].parameters[1] = parameter("If-Match", Place::Header, true),
        there: &["parameter-became-optional ask(If-Match) in request breaks forward"],
        back: &["parameter-became-required ask(If-Match) in request breaks backward"],
    },
    Case {
        edit: |m| m.operations[0].parameters[1].ty = leaf("u8"),
        there: &["parameter-type-changed ask(If-Match) in request breaks both"],
        back: &["parameter-type-changed ask(If-Match) in request breaks both"],
    },
    Case {
        // Names of path parameters, and the case of header names, are not on the wire; an unused type is not, either.
        edit: |m| {
            let ask = &mut m.operations[0];
            ask.path = ask.path.replace("{id}", "{key}");
            ask.parameters[0] = parameter("key", Place::Path, false);
            ask.parameters[1].wire.make_ascii_lowercase();
            m.types
                .insert("Unused".to_owned(), TypeModel::Transparent(TypeRef::Unit));
        },
        there: &[],
        back: &[],
    },
];

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
    there: &["field-became-read-only Asked.b in request breaks both"],
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

/// Replaces what callers of the first operation show.
fn demand(model: &mut Model, alternatives: &[&[&str]]) {
    let texts = |needed: &&[&str]| needed.iter().map(|text| (*text).to_owned()).collect();
    model.operations[0].marks.security = alternatives.iter().map(texts).collect();
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
