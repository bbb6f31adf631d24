//! Schemas of types that stand among the members of others, and of places that constrain what is constrained already.
#![allow(clippy::items_after_statements)] // types stand beside what is asked of them

mod library;

use library::{enumeration, field, structure, variant};
use serde_json::{Value, json};
use versioned_core::constraints::{Constraints, Number};
use versioned_core::openapi;
use versioned_core::schema::{
    Content, Field, Link, Matching, Node, Presence, Schema, Shape, Tagging, Variant,
};

#[track_caller]
fn check(node: &'static Node, expected: &Value) {
    let described = serde_json::to_value(openapi::schema(Link::of(node))).expect("a schema is JSON");
    assert_eq!(&described, expected);
}

const INTERNAL: Tagging = Tagging::Internal { tag: "t" };

const fn forms(tagging: Tagging, variants: &'static [Variant]) -> Node {
    enumeration("", "", tagging, variants)
}

const fn flat(ty: &'static Node) -> Field {
    Field {
        flatten: true,
        ..field("", Link::of(ty))
    }
}

const EITHER: &[Variant] = &[
    variant("X", "X", Content::Newtype(bool::NODE)),
    variant("Y", "Y", Content::Unit),
];
static EXTERNAL: Node = forms(Tagging::External, EITHER);

fn tag(value: &str) -> Value {
    json!({ "type": "string", "enum": [value] })
}

fn tagged(value: &str) -> Value {
    json!({ "type": "object", "required": ["t"], "properties": { "t": tag(value) } })
}

/// The forms of `EITHER` among other members, as serde writes them there.
fn among_others() -> Value {
    let one = |name: &str, held: Value| json!({ "type": "object", "required": [name], "properties": { name: held } });
    json!({ "oneOf": [one("X", json!({ "type": "boolean" })), one("Y", json!({ "type": "null" }))] })
}

#[test]
fn an_enum_beside_a_tag_is_an_object() {
    static UNITS: Node = forms(Tagging::External, &[variant("Y", "Y", Content::Unit)]);
    static HELD: Node = forms(
        INTERNAL,
        &[
            variant("A", "A", Content::Newtype(Link::of(&EXTERNAL))),
            variant("B", "B", Content::Newtype(Link::of(&UNITS))),
            variant("U", "U", Content::Newtype(<()>::NODE)),
        ],
    );
    let unit = json!({ "oneOf": [{ "type": "object", "required": ["Y"], "properties": { "Y": { "type": "null" } } }] });
    check(
        &HELD,
        &json!({ "oneOf": [
            { "allOf": [tagged("A"), among_others()] },
            { "allOf": [tagged("B"), unit] },
            tagged("U"),
        ] }),
    );
}

#[test]
fn an_enum_beside_its_own_tag_ends() {
    static ITSELF: Node = enumeration(
        "shapes::v1::Itself",
        "Itself",
        INTERNAL,
        &[variant("A", "A", Content::Newtype(Link::of(&ITSELF)))],
    );
    static HELD: Node = forms(
        INTERNAL,
        &[variant("B", "B", Content::Newtype(Link::of(&ITSELF)))],
    );
    let itself = json!({ "$ref": "#/components/schemas/shapes.v1.Itself" });
    let once = json!({ "oneOf": [{ "allOf": [tagged("A"), itself] }] });
    check(&HELD, &json!({ "oneOf": [{ "allOf": [tagged("B"), once] }] }));
}

#[test]
fn a_flattened_enum_leaves_room_for_other_members() {
    static ONE: Node = structure("", "", &[flat(&EXTERNAL)], false);
    const POINT: &[Field] = &[field("x", bool::NODE)];
    static STRICT: Node = structure("shapes::v1::Strict", "Strict", POINT, true);
    static UNTAGGED: Node = forms(
        Tagging::Untagged,
        &[
            variant("A", "A", Content::Newtype(Link::of(&STRICT))),
            variant("B", "B", Content::Unit),
        ],
    );
    static OTHER: Node = structure("", "", &[flat(&UNTAGGED)], false);
    check(&ONE, &json!({ "allOf": [{ "type": "object" }, among_others()] }));
    let x = json!({ "type": "object", "required": ["x"], "properties": { "x": { "type": "boolean" } } });
    let either = json!({ "anyOf": [x, { "type": "object" }] });
    check(&OTHER, &json!({ "allOf": [{ "type": "object" }, either] }));
}

#[test]
fn of_a_flattened_enum_that_may_be_missing_the_forms_are_told() {
    static MAYBE: Node = Node::anonymous(Shape::Option(Link::of(&EXTERNAL)));
    static ONE: Node = structure("", "", &[flat(&MAYBE)], false);
    let told =
        json!({ "type": "object", "properties": { "X": { "type": "boolean" }, "Y": { "type": "null" } } });
    check(&ONE, &json!({ "allOf": [{ "type": "object" }, told] }));
}

#[test]
fn members_have_the_direction_of_what_they_stand_flattened_in() {
    static PART: Node = structure(
        "",
        "",
        &[
            field("a", bool::NODE),
            Field {
                presence: Presence::Read,
                ..field("b", bool::NODE)
            },
        ],
        false,
    );
    static MORE: Node = Node::anonymous(Shape::Map { value: bool::NODE });
    const fn written(ty: &'static Node) -> Field {
        Field {
            presence: Presence::Written,
            ..flat(ty)
        }
    }
    static WHOLE: Node = structure(
        "",
        "",
        &[written(&PART), written(&MORE), written(&EXTERNAL)],
        false,
    );
    check(
        &WHOLE,
        &json!({ "type": "object", "properties": { "a": { "type": "boolean", "readOnly": true } } }),
    );
}

#[test]
fn names_that_are_not_known_come_without_content() {
    static OPEN: Node = forms(
        Tagging::Adjacent {
            tag: "t",
            content: "c",
        },
        &[Variant {
            matching: Matching::Other,
            ..variant("Other", "Other", Content::Unit)
        }],
    );
    check(
        &OPEN,
        &json!({ "anyOf": [{
            "type": "object", "required": ["t"], "properties": { "t": { "type": "string" }, "c": { "type": "null" } },
        }] }),
    );
}

#[test]
fn an_enum_without_variants_has_no_value() {
    static NEVER: Node = forms(INTERNAL, &[]);
    check(&NEVER, &json!({ "type": "string", "enum": [] }));
}

#[test]
fn of_two_names_no_letter_is_lost() {
    static ONE: Node = structure("c::v1::Größe", "Größe", &[], false);
    static OTHER: Node = structure("c::v1::Grüße", "Grüße", &[], false);
    assert_eq!(openapi::name(Link::of(&ONE)), "c.v1.Gr_xF6__xDF_e");
    assert_eq!(openapi::name(Link::of(&OTHER)), "c.v1.Gr_xFC__xDF_e");
}

#[test]
fn of_two_bounds_the_tighter_one_holds() {
    const fn placed(ty: Link, constraints: &'static Constraints) -> Node {
        Node {
            constraints,
            ..Node::anonymous(Shape::Transparent(ty))
        }
    }
    static LOOSE: Node = placed(
        u8::NODE,
        &Constraints {
            maximum: Some(Number::Integer(1000)),
            minimum: Some(Number::Integer(-1)),
            ..Constraints::NONE
        },
    );
    static TIGHT: Node = placed(
        u8::NODE,
        &Constraints {
            maximum: Some(Number::Float(9.5)),
            minimum: Some(Number::Integer(1)),
            ..Constraints::NONE
        },
    );
    static LETTERS: Node = placed(
        String::NODE,
        &Constraints {
            pattern: Some("^a"),
            max_length: Some(3),
            min_length: Some(1),
            ..Constraints::NONE
        },
    );
    static BOTH: Node = placed(
        Link::of(&LETTERS),
        &Constraints {
            pattern: Some("b$"),
            max_length: Some(4),
            min_length: Some(2),
            ..Constraints::NONE
        },
    );
    let byte = |least: Value, most: Value| json!({ "type": "integer", "format": "int32", "minimum": least, "maximum": most });
    check(&LOOSE, &byte(json!(0), json!(255)));
    check(&TIGHT, &byte(json!(1), json!(9.5)));

    check(
        &BOTH,
        &json!({ "allOf": [
            { "type": "string", "minLength": 2, "maxLength": 3, "pattern": "^a" },
            { "pattern": "b$" },
        ] }),
    );
}
