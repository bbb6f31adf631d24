//! What clients send, held against constraints: what serde reads beyond the shape, what is ignored, and what would never end.
#![allow(clippy::items_after_statements)] // types stand beside what is asked of them

use serde_json::{Value, json};
use versioned_core::constraints::{Checker, Constraints, Number, from_text, query, says_nothing};
use versioned_core::schema::{
    Content, Field, Link, Matching, Node, Presence, Schema, Shape, Tagging, Variant,
};

const fn field(name: &'static str, ty: &'static Node) -> Field {
    Field {
        name,
        wire: name,
        aliases: &[],
        doc: "",
        ty: Link::of(ty),
        optional_in: false,
        optional_out: false,
        presence: Presence::Both,
        flatten: false,
    }
}

const fn node(shape: Shape, constraints: &'static Constraints) -> Node {
    Node {
        id: "",
        name: "",
        doc: "",
        shape,
        constraints,
    }
}

const fn form(name: &'static str, content: Content) -> Variant {
    Variant {
        name,
        wire: name,
        aliases: &[],
        doc: "",
        content,
        presence: Presence::Both,
        matching: Matching::Named,
        deprecation: None,
    }
}

static SMALL: Node = node(
    Shape::Integer {
        bits: 8,
        signed: false,
    },
    &Constraints {
        maximum: Some(Number::Integer(9)),
        ..Constraints::NONE
    },
);
static OWN: Node = node(
    Shape::Transparent(<u64 as Schema>::NODE),
    &Constraints {
        read_only: true,
        ..Constraints::NONE
    },
);
static THING: Node = node(
    Shape::Struct {
        fields: &[
            Field {
                presence: Presence::Written,
                optional_in: true,
                ..field("id", &OWN)
            },
            Field {
                aliases: &["little", "a/b"],
                ..field("small", &SMALL)
            },
        ],
        deny_unknown_fields: false,
    },
    &Constraints::NONE,
);
const fn flat(ty: &'static Node) -> Field {
    Field {
        flatten: true,
        ..field("", ty)
    }
}

const fn structure(fields: &'static [Field]) -> Node {
    node(
        Shape::Struct {
            fields,
            deny_unknown_fields: false,
        },
        &Constraints::NONE,
    )
}

static FORMS: Node = node(
    Shape::Enum {
        tagging: Tagging::Untagged,
        variants: &[
            form("Thing", Content::Newtype(Link::of(&THING))),
            form("Many", Content::Newtype(Link::of(&MANY))),
        ],
        deny_unknown_fields: false,
    },
    &Constraints::NONE,
);
static MANY: Node = node(
    Shape::List {
        item: Link::of(&FORMS),
        unique: false,
        len: None,
    },
    &Constraints::NONE,
);
/// Two forms that hold each other in the same way: trying them takes twice as long on each level.
static TWINS: Node = node(
    Shape::Enum {
        tagging: Tagging::Untagged,
        variants: &[
            form(
                "One",
                Content::Struct(&[field("of", &TWINS), field("small", &SMALL)]),
            ),
            form(
                "Other",
                Content::Struct(&[field("of", &TWINS), field("small", &SMALL)]),
            ),
            form("End", Content::Unit),
        ],
        deny_unknown_fields: false,
    },
    &Constraints::NONE,
);
/// Nothing but itself.
static ITSELF: Node = node(
    Shape::Transparent(Link::of(&ITSELF)),
    &Constraints {
        max_length: Some(1),
        ..Constraints::NONE
    },
);

#[track_caller]
fn check(node: &'static Node, mut value: Value, expected: &[&str], left: &Value) {
    let checker = Checker::new(Link::of(node))
        .expect("patterns")
        .expect("constraints");
    let before = value.clone();
    let violations = checker.check(&mut value);
    let told = violations
        .told
        .iter()
        .map(|v| format!("{} {}", v.pointer, v.constraint));
    assert_eq!(told.collect::<Vec<_>>(), expected, "{before}");
    assert_eq!(value, *left, "{before}");
    assert_eq!(violations.dropped, value != before);
}

#[track_caller]
fn check_kept(node: &'static Node, value: &Value, expected: &[&str]) {
    check(node, value.clone(), expected, value);
}

#[test]
fn every_name_that_is_read_is_looked_at() {
    check_kept(&THING, &json!({ "small": 9 }), &[]);
    check_kept(&THING, &json!({ "little": 10 }), &["/little maximum"]);
    check_kept(&THING, &json!({ "a/b": 10 }), &["/a~1b maximum"]);
}

#[test]
fn what_serde_reads_beyond_the_shape_is_no_way_around() {
    // serde reads an array for a struct.
    check_kept(&THING, &json!([10]), &[" type"]);
    check_kept(&MANY, &json!([[10]]), &["/0 type"]);
}

#[test]
fn what_belongs_to_the_service_is_taken_out() {
    check(
        &THING,
        json!({ "id": "?", "small": 10 }),
        &["/small maximum"],
        &json!({ "small": 10 }),
    );
    let nested = json!([{ "id": 7, "small": 1 }, [{ "id": 8, "small": 2 }]]);
    check(&MANY, nested, &[], &json!([{ "small": 1 }, [{ "small": 2 }]]));
}

#[test]
fn forms_that_are_tried_one_in_another_end() {
    let mut value = json!(null);
    for _ in 0..60 {
        value = json!({ "of": value, "small": 10 });
    }
    let checker = Checker::new(Link::of(&TWINS))
        .expect("patterns")
        .expect("constraints");
    let violations = checker.check(&mut value);
    assert!(
        violations.told.iter().any(|v| v.constraint == "anyOf"),
        "{violations:?}"
    );
}

#[test]
fn a_type_that_is_nothing_but_itself_ends() {
    let checker = Checker::new(Link::of(&ITSELF))
        .expect("patterns")
        .expect("constraints");
    assert!(!checker.check(&mut json!("ab")).is_empty());
}

/// Among its members are those of another one of itself, which are these.
static NESTED: Node = structure(&[field("small", &SMALL), flat(&MORE)]);
static MORE: Node = node(Shape::Option(Link::of(&NESTED)), &Constraints::NONE);

#[test]
fn what_stands_flattened_in_itself_ends() {
    check_kept(&NESTED, &json!({ "small": 9 }), &[]);
    check_kept(&NESTED, &json!({ "small": 10 }), &["/small maximum"]);
    let checker = Checker::new(Link::of(&NESTED))
        .expect("patterns")
        .expect("constraints");
    let pairs = [("small".to_owned(), "10".to_owned())];
    assert_eq!(checker.from_pairs(&pairs), json!({ "small": 10 }));
    assert_eq!(query(Link::of(&NESTED), &pairs), json!({ "small": 10 }));
    assert!(!says_nothing(Link::of(&NESTED), "other", ""));
}

#[test]
fn what_stands_flattened_is_looked_at_however_deep() {
    static REST: Node = node(
        Shape::Map {
            value: Link::of(&SMALL),
        },
        &Constraints::NONE,
    );
    static INNER: Node = structure(&[field("inner", &SMALL), flat(&REST)]);
    static OUTER: Node = structure(&[field("outer", <String as Schema>::NODE.get()), flat(&INNER)]);
    static EITHER: Node = node(
        Shape::Enum {
            tagging: Tagging::External,
            variants: &[
                form("alpha", Content::Newtype(Link::of(&SMALL))),
                form("beta", Content::Newtype(Link::of(&SMALL))),
            ],
            deny_unknown_fields: false,
        },
        &Constraints::NONE,
    );
    static ONE: Node = structure(&[flat(&EITHER)]);
    static MAYBE: Node = node(Shape::Option(Link::of(&EITHER)), &Constraints::NONE);
    static NONE: Node = structure(&[flat(&MAYBE)]);

    let value = json!({ "outer": "o", "inner": 10, "other": 11 });
    check_kept(&OUTER, &value, &["/inner maximum", "/other maximum"]);

    // serde takes the one that stands first in the text.
    let value = json!({ "alpha": 1, "beta": 10 });
    check_kept(&ONE, &value, &["/beta maximum"]);

    check_kept(&NONE, &json!({ "beta": 10 }), &["/beta maximum"]);
    check_kept(&NONE, &json!({ "gamma": 10 }), &[]);
}

#[test]
fn sets_have_no_twins() {
    static SET: Node = node(
        Shape::List {
            item: <u64 as Schema>::NODE,
            unique: true,
            len: None,
        },
        &Constraints::NONE,
    );
    check_kept(&SET, &json!([1, 2]), &[]);
    check_kept(&SET, &json!([1, 2, 1]), &[" uniqueItems"]);
}

#[test]
fn clients_choose_no_pointer_that_takes_long() {
    static MEMBERS: Node = node(
        Shape::Map {
            value: Link::of(&MANY),
        },
        &Constraints::NONE,
    );
    let name = "ö".repeat(1_000);
    let value = json!({ name: [{ "small": 10 }, 7, { "small": 11 }] });
    let checker = Checker::new(Link::of(&MEMBERS))
        .expect("patterns")
        .expect("constraints");
    let violations = checker.check(&mut value.clone());
    let pointers: Vec<&str> = violations.told.iter().map(|v| v.pointer.as_str()).collect();
    let shortened = format!("/{}…", "ö".repeat(255));
    assert_eq!(pointers, [&shortened; 3]);
    check_kept(
        &MEMBERS,
        &json!({ "a": [{ "small": 10 }, 7, { "small": 11 }] }),
        &["/a/0/small maximum", "/a/1 type", "/a/2/small maximum"],
    );
}

#[test]
fn no_text_gets_around_a_bound() {
    static RATIO: Node = node(
        Shape::Number { bits: 64 },
        &Constraints {
            minimum: Some(Number::Integer(1)),
            ..Constraints::NONE
        },
    );
    static LARGE: Node = node(
        Shape::Integer {
            bits: 128,
            signed: true,
        },
        &Constraints {
            maximum: Some(Number::Integer(9)),
            minimum: Some(Number::Integer(-9)),
            ..Constraints::NONE
        },
    );
    let told = |node: &'static Node, text: &str| {
        let checker = Checker::new(Link::of(node))
            .expect("patterns")
            .expect("constraints");
        let told = checker.check(&mut checker.from_text(&[text])).told;
        told.first().map(|violation| violation.constraint)
    };
    assert_eq!(told(&RATIO, "1.5"), None);
    assert_eq!(told(&RATIO, "0.5"), Some("minimum"));
    for text in ["inf", "-inf", "NaN", "1e999", "infinity"] {
        assert_eq!(told(&RATIO, text), Some("type"), "{text}");
    }
    assert_eq!(told(&LARGE, "9"), None);
    assert_eq!(told(&LARGE, "99999999999999999999999999"), Some("maximum"));
    assert_eq!(told(&LARGE, "-99999999999999999999999999"), Some("minimum"));
}

#[test]
fn a_pattern_that_is_none_is_told() {
    static BROKEN: Node = node(
        Shape::String { format: "" },
        &Constraints {
            pattern: Some("("),
            ..Constraints::NONE
        },
    );
    let error = Checker::new(Link::of(&BROKEN)).expect_err("no pattern");
    assert_eq!(error.to_string(), "`(` is not a regular expression of ECMA-262");
}

#[test]
fn texts_are_what_their_shape_says() {
    fn of<T: Schema>(texts: &[&str]) -> Value {
        from_text(T::NODE, texts)
    }
    assert_eq!(of::<u8>(&["7"]), json!(7));
    assert_eq!(of::<Option<f64>>(&["-0.5"]), json!(-0.5));
    assert_eq!(of::<String>(&["7"]), json!("7"));
    assert_eq!(of::<Option<String>>(&[]), json!(null));
    assert_eq!(of::<Vec<bool>>(&["true", "false"]), json!([true, false]));
    assert_eq!(of::<Option<Vec<u64>>>(&[]), json!([]));
    assert_eq!(of::<u8>(&["no number"]), json!("no number"));
}
