//! `#[derive(Schema)]` says what serde does: values are written as the node says, and what the node leaves out may be left out.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use versioned_core::schema::{Content, Field, Link, Shape, Tagging};
use versioned_core::{__private::utoipa, Schema};
use versioned_macros::Schema;

/// A struct
/// of two lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "camelCase")]
struct Person {
    /// Given.
    given_name: String,
    #[serde(rename = "mail", alias = "e-mail", default)]
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    nick_name: Option<Box<str>>,
    #[serde(skip)]
    cache: u8,
    r#type: Kind,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(deny_unknown_fields)]
struct Strict {
    a: u8,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Schema)]
#[serde(default)]
struct Defaulted {
    a: u8,
    b: Vec<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
struct Id(u64);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
struct Pair(u8, #[serde(skip)] u16, String);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
struct Nothing;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
struct Empty {}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(transparent)]
struct Metres {
    unit: PhantomData<u8>,
    length: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Plain,
    #[serde(alias = "VIP")]
    VeryImportant,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all_fields = "camelCase")]
enum External {
    Unit,
    Newtype(Id),
    Tuple(u8, bool),
    Struct {
        given_name: String,
        #[serde(default)]
        tags: Vec<String>,
    },
    #[serde(skip)]
    Hidden,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(tag = "kind")]
enum Internal {
    Unit,
    Newtype(Strict),
    Struct { a: Option<u8> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    Newtype(Id),
    Tuple(u8, bool),
    Struct { a: u8 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(untagged)]
enum Untagged {
    Number(u64),
    Pair(u8, String),
    Struct { a: u8 },
    Nothing,
}

/// A tree and a forest mention each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
struct Tree {
    forest: Forest,
    parent: Option<Box<Tree>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
struct Forest {
    trees: Vec<Tree>,
    by_name: BTreeMap<String, Tree>,
}

/// Whether a value is what the node says; members that are optional when written may be missing.
fn fits(link: Link, value: &Value) -> bool {
    match (&link.get().shape, value) {
        (Shape::Any, _)
        | (Shape::Bool, Value::Bool(_))
        | (Shape::Unit, Value::Null)
        | (Shape::Number { .. }, Value::Number(_))
        | (Shape::String { .. } | Shape::Char, Value::String(_)) => true,
        (Shape::Integer { signed, .. }, Value::Number(number)) => {
            number.is_u64() || (*signed && number.is_i64())
        }
        (Shape::Option(inner), value) => value.is_null() || fits(*inner, value),
        (Shape::List { item, .. }, Value::Array(items)) => items.iter().all(|value| fits(*item, value)),
        (Shape::Tuple(links), value) => tuple(links, value),
        (Shape::Map { value: inner }, Value::Object(members)) => {
            members.values().all(|value| fits(*inner, value))
        }
        (Shape::Struct { fields, .. }, value) => members(fields, &[], value),
        (Shape::Transparent(inner), value) => fits(*inner, value),
        (
            Shape::Enum {
                tagging, variants, ..
            },
            value,
        ) => variants
            .iter()
            .any(|variant| one(*tagging, variant.wire, &variant.content, value)),
        _ => false,
    }
}

fn one(tagging: Tagging, wire: &str, content: &Content, value: &Value) -> bool {
    let object = value.as_object();
    match tagging {
        Tagging::External if matches!(content, Content::Unit) => value == wire,
        Tagging::External => object.is_some_and(|object| {
            object.len() == 1 && object.get(wire).is_some_and(|value| holds(content, value, &[]))
        }),
        Tagging::Internal { tag } => {
            value.get(tag).is_some_and(|name| name == wire)
                && (matches!(content, Content::Unit) || holds(content, value, &[tag]))
        }
        Tagging::Adjacent { tag, content: member } => {
            value.get(tag).is_some_and(|name| name == wire)
                && match value.get(member) {
                    Some(value) => holds(content, value, &[]),
                    None => matches!(content, Content::Unit),
                }
        }
        Tagging::Untagged => holds(content, value, &[]),
    }
}

fn holds(content: &Content, value: &Value, beside: &[&str]) -> bool {
    match content {
        Content::Unit => value.is_null(),
        Content::Newtype(link) => match &link.get().shape {
            Shape::Struct { fields, .. } => members(fields, beside, value),
            _ => fits(*link, value),
        },
        Content::Tuple(links) => tuple(links, value),
        Content::Struct(fields) => members(fields, beside, value),
    }
}

fn tuple(links: &[Link], value: &Value) -> bool {
    let items = value.as_array().filter(|items| items.len() == links.len());
    items.is_some_and(|items| links.iter().zip(items).all(|(link, value)| fits(*link, value)))
}

fn members(fields: &[Field], beside: &[&str], value: &Value) -> bool {
    let Some(object) = value.as_object() else {
        return false;
    };
    let known = |name: &String| beside.contains(&&**name) || fields.iter().any(|field| field.wire == name);
    object.keys().all(known)
        && fields.iter().all(|field| match object.get(field.wire) {
            Some(value) => fits(field.ty, value),
            None => field.optional_out,
        })
}

/// The value is written as the node says and as expected, is read back, and no other value of the list fits by accident.
#[track_caller]
fn check<T>(value: &T, expected: &Value)
where
    T: Serialize + DeserializeOwned + Schema + PartialEq + std::fmt::Debug,
{
    let written = serde_json::to_value(value).expect("is written");
    assert_eq!(&written, expected);
    assert!(fits(T::NODE, &written), "{written} is not {:#?}", T::NODE.get());
    assert_eq!(&serde_json::from_value::<T>(written).expect("is read"), value);
}

/// Of a struct or the content of a variant: exactly the members that the node calls optional may be missing when read.
#[track_caller]
fn check_optional<T: DeserializeOwned>(fields: &[Field], whole: &Value) {
    for field in fields {
        for name in [field.wire].iter().chain(field.aliases) {
            let mut value = whole.clone();
            let object = value.as_object_mut().expect("an object");
            let member = object.remove(field.wire).expect("is written");
            assert_eq!(
                serde_json::from_value::<T>(Value::Object(object.clone())).is_ok(),
                field.optional_in,
                "without `{}`",
                field.wire
            );
            object.insert((*name).to_owned(), member);
            assert!(serde_json::from_value::<T>(value).is_ok(), "with `{name}`");
        }
    }
}

fn fields_of<T: Schema>() -> &'static [Field] {
    match T::NODE.get().shape {
        Shape::Struct { fields, .. } => fields,
        _ => &[],
    }
}

fn person() -> Person {
    Person {
        given_name: "Ada".to_owned(),
        email: "ada@example.org".to_owned(),
        nick_name: None,
        cache: 0,
        r#type: Kind::VeryImportant,
    }
}

#[test]
fn structs_are_written_as_their_node_says() {
    check(
        &person(),
        &json!({ "givenName": "Ada", "mail": "ada@example.org", "type": "very_important" }),
    );
    check(
        &Person {
            nick_name: Some("A".into()),
            ..person()
        },
        &json!({ "givenName": "Ada", "mail": "ada@example.org", "nickName": "A", "type": "very_important" }),
    );
    check(&Strict { a: 1 }, &json!({ "a": 1 }));
    check(&Defaulted { a: 1, b: vec![-1] }, &json!({ "a": 1, "b": [-1] }));
    check(&Id(7), &json!(7));
    check(&Pair(1, 0, "b".to_owned()), &json!([1, "b"]));
    check(&Nothing, &json!(null));
    check(&Empty {}, &json!({}));
    check(
        &Metres {
            unit: PhantomData,
            length: 1.5,
        },
        &json!(1.5),
    );
}

#[test]
fn variants_are_written_as_their_node_says() {
    check(&Kind::Plain, &json!("plain"));
    check(&External::Unit, &json!("Unit"));
    check(&External::Newtype(Id(1)), &json!({ "Newtype": 1 }));
    check(&External::Tuple(1, true), &json!({ "Tuple": [1, true] }));
    check(
        &External::Struct {
            given_name: "a".to_owned(),
            tags: vec![],
        },
        &json!({ "Struct": { "givenName": "a", "tags": [] } }),
    );
    check(&Internal::Unit, &json!({ "kind": "Unit" }));
    check(
        &Internal::Newtype(Strict { a: 1 }),
        &json!({ "kind": "Newtype", "a": 1 }),
    );
    check(
        &Internal::Struct { a: None },
        &json!({ "kind": "Struct", "a": null }),
    );
    check(&Adjacent::Unit, &json!({ "t": "Unit" }));
    check(&Adjacent::Newtype(Id(1)), &json!({ "t": "Newtype", "c": 1 }));
    check(
        &Adjacent::Tuple(1, true),
        &json!({ "t": "Tuple", "c": [1, true] }),
    );
    check(
        &Adjacent::Struct { a: 1 },
        &json!({ "t": "Struct", "c": { "a": 1 } }),
    );
    check(&Untagged::Number(1), &json!(1));
    check(&Untagged::Pair(1, "a".to_owned()), &json!([1, "a"]));
    check(&Untagged::Struct { a: 1 }, &json!({ "a": 1 }));
    check(&Untagged::Nothing, &json!(null));
}

#[test]
fn what_may_be_left_out_is_optional() {
    let whole = serde_json::to_value(Person {
        nick_name: Some("A".into()),
        ..person()
    })
    .expect("is written");
    let fields = fields_of::<Person>();
    assert_eq!(
        fields
            .iter()
            .map(|field| (field.name, field.optional_in))
            .collect::<Vec<_>>(),
        [
            ("given_name", false),
            ("email", true),
            ("nick_name", true),
            ("type", false)
        ]
    );
    check_optional::<Person>(fields, &whole);
    check_optional::<Strict>(fields_of::<Strict>(), &json!({ "a": 1 }));
    check_optional::<Defaulted>(fields_of::<Defaulted>(), &json!({ "a": 1, "b": [] }));
}

#[test]
fn unknown_members_are_refused_where_the_node_says_so() {
    let denies = |link: Link| {
        matches!(
            link.get().shape,
            Shape::Struct {
                deny_unknown_fields: true,
                ..
            }
        )
    };
    assert!(denies(Strict::NODE) && serde_json::from_value::<Strict>(json!({ "a": 1, "b": 2 })).is_err());
    assert!(!denies(Defaulted::NODE) && serde_json::from_value::<Defaulted>(json!({ "c": 2 })).is_ok());
}

#[test]
fn variants_have_their_aliases_and_none_that_is_skipped() {
    let Shape::Enum { variants, .. } = Kind::NODE.get().shape else {
        panic!("an enum")
    };
    assert_eq!(variants[1].aliases, ["VIP"]);
    assert_eq!(
        serde_json::from_value::<Kind>(json!("VIP")).ok(),
        Some(Kind::VeryImportant)
    );
    let Shape::Enum { variants, .. } = External::NODE.get().shape else {
        panic!("an enum")
    };
    assert!(variants.iter().all(|variant| variant.name != "Hidden"));
    assert!(serde_json::to_value(External::Hidden).is_err());
}

#[test]
fn nodes_have_an_identity_and_the_documentation() {
    let node = Person::NODE.get();
    assert_eq!(
        (node.id, node.name),
        (concat!(module_path!(), "::Person"), "Person")
    );
    assert_eq!(node.doc, "A struct\nof two lines.");
    assert_eq!(fields_of::<Person>()[0].doc, "Given.");
}

#[test]
fn types_may_mention_each_other() {
    let tree = Tree {
        forest: Forest {
            trees: vec![],
            by_name: BTreeMap::new(),
        },
        parent: None,
    };
    let forest = Forest {
        trees: vec![tree.clone()],
        by_name: [("a".to_owned(), tree)].into(),
    };
    let tree = json!({ "forest": { "trees": [], "by_name": {} }, "parent": null });
    check(&forest, &json!({ "trees": [tree], "by_name": { "a": tree } }));
    assert_eq!(fields_of::<Tree>()[0].ty, Forest::NODE);
}

#[test]
fn the_types_are_utoipa_schemas_too() {
    use utoipa::{PartialSchema as _, ToSchema as _};
    assert_eq!(Strict::name(), versioned_core::openapi::name(Strict::NODE));
    assert!(Strict::name().ends_with("Strict"), "{}", Strict::name());
    let schema = serde_json::to_value(Id::schema()).expect("is written");
    assert_eq!(
        schema,
        serde_json::to_value(versioned_core::openapi::schema(Id::NODE)).expect("is written")
    );
}

/// Generated code is clean under strict lints and names nothing that the surroundings could hide.
#[deny(warnings, clippy::all, clippy::pedantic, missing_docs)]
pub mod surroundings {
    #![no_implicit_prelude]

    /// Hides the prelude's.
    pub struct Option;
    /// Hides the prelude's.
    #[allow(non_snake_case)]
    pub mod std {}
    /// Hides the prelude's.
    #[allow(non_snake_case)]
    pub mod core {}

    /// A type of the old days.
    #[derive(::versioned_macros::Schema)]
    #[deprecated = "use another one"]
    pub struct Old {
        /// Its only field.
        #[deprecated = "use another one"]
        pub a: u8,
    }

    /// Holds an old one.
    #[derive(::versioned_macros::Schema)]
    pub enum Holder {
        /// Nothing.
        #[deprecated = "use another one"]
        Empty,
        /// Something.
        Full(u8, ::std::string::String),
    }
}
