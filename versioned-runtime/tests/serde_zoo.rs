//! What serde does on the wire is what the contract says: arbitrary values of a zoo of types are written by serde and validated
//! against the published document by a validator from outside.

#![allow(dead_code)] // what is not on the wire is never read

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::sync::{Arc, LazyLock};

use jsonschema::Validator;
use proptest::prelude::*;
use proptest_derive::Arbitrary;
use serde_json::{Value, json};
use versioned_runtime::prelude::*;

/// Declares the contract with an operation that reads and answers each type, and the test that validates them all.
macro_rules! zoo {
    ($($test:ident $path:literal $ty:ident;)*) => {
        #[versioned(contract = "zoo", versions(v1 = "1.0.0"))]
        mod zoo {
            use super::*;

            pub(crate) trait Zoo {
                $(
                    #[post($path)]
                    async fn $test(&self, value: $ty) -> Result<$ty, Problem>;
                )*
            }
        }

        proptest! {
            #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
            $(
                #[test]
                fn $test(value: $ty) {
                    static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| validator(stringify!($ty)));
                    check(&VALIDATOR, &value)?;
                }
            )*
        }

        #[test]
        fn the_schemas_say_more_than_anything() {
            $(refuses_something(stringify!($ty));)*
        }
    };
}

zoo! {
    renamed "/renamed" Renamed;
    left_out "/left-out" LeftOut;
    one_way "/one-way" OneWay;
    flattened "/flattened" Flattened;
    flattened_map "/flattened-map" FlattenedMap;
    flattened_enum "/flattened-enum" FlattenedEnum;
    tagged_struct "/tagged-struct" TaggedStruct;
    functions "/functions" Functions;
    proxied "/proxied" Proxied;
    places "/places" Places;
    unit "/unit" UnitStruct;
    transparent "/transparent" Metres;
    names "/names" Names;
    external "/external" External;
    internal "/internal" Internal;
    adjacent "/adjacent" Adjacent;
    untagged "/untagged" Untagged;
    open "/open" Open;
    partly_untagged "/partly-untagged" PartlyUntagged;
    strict_variants "/strict-variants" StrictVariants;
    written_by_functions "/written-by-functions" WrittenByFunctions;
    containers "/containers" Containers;
    recursive "/recursive" Tree;
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Renamed {
    given_name: String,
    #[serde(rename = "mail", alias = "e-mail")]
    email: String,
    r#type: u8,
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
#[serde(default)]
struct LeftOut {
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<i32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    many: Vec<u16>,
    #[serde(skip)]
    cache: u8,
}

impl Default for LeftOut {
    fn default() -> Self {
        let (note, other, many, cache) = (None, None, Vec::new(), 0);
        Self {
            note,
            other,
            many,
            cache,
        }
    }
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
#[serde(rename_all(serialize = "camelCase", deserialize = "kebab-case"))]
struct OneWay {
    given_name: String,
    #[serde(skip_serializing)]
    secret: String,
    #[serde(skip_deserializing)]
    created: u64,
    #[serde(rename(serialize = "a", deserialize = "b"))]
    crossed: bool,
    #[serde(rename(serialize = "b", deserialize = "a"))]
    over: u8,
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
struct Flattened {
    id: u8,
    #[serde(flatten)]
    part: LeftOut,
    #[serde(flatten)]
    boxed: Box<Renamed1>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    maybe: Option<Position>,
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
struct Renamed1 {
    #[serde(rename = "MAIL")]
    email: String,
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
struct Position {
    x: i16,
    y: i16,
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
struct FlattenedMap {
    id: String,
    #[serde(flatten)]
    labels: BTreeMap<u8, u32>,
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
struct FlattenedEnum {
    id: String,
    #[serde(flatten)]
    what: Internal,
    #[serde(flatten)]
    rest: BTreeMap<i8, bool>,
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
#[serde(tag = "type", rename = "Thing")]
struct TaggedStruct {
    id: u8,
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
struct Functions {
    #[serde(with = "as_text")]
    #[openapi(schema = String)]
    id: u64,
    #[serde(serialize_with = "as_text::serialize", default)]
    #[openapi(schema = String)]
    revision: u64,
}

mod as_text {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    #[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
    pub(super) fn serialize<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
#[serde(try_from = "Vec<u8>", into = "Vec<u8>")]
struct Proxied {
    first: u8,
    second: u8,
}

impl From<Proxied> for Vec<u8> {
    fn from(Proxied { first, second }: Proxied) -> Self {
        vec![first, second]
    }
}

impl TryFrom<Vec<u8>> for Proxied {
    type Error = &'static str;

    fn try_from(bytes: Vec<u8>) -> Result<Self, Self::Error> {
        match bytes[..] {
            [first, second] => Ok(Self { first, second }),
            _ => Err("two bytes are needed"),
        }
    }
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
struct Places(u8, #[serde(skip)] u16, String, Option<Position>);

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
struct UnitStruct;

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
#[serde(transparent)]
struct Metres {
    unit: PhantomData<u8>,
    length: i64,
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
enum Names {
    Plain,
    VeryImportant,
    #[serde(rename(serialize = "OLD", deserialize = "NEW"))]
    Both,
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
#[serde(rename_all_fields = "camelCase")]
enum External {
    Unit,
    Newtype(Position),
    Tuple(u8, bool),
    Struct {
        given_name: String,
        #[serde(flatten)]
        part: Position,
    },
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
#[serde(tag = "kind")]
enum Internal {
    Unit,
    Newtype(Renamed),
    Map(BTreeMap<u8, u8>),
    Struct {
        a: Option<u8>,
        b: Names,
    },
    #[serde(skip_deserializing)]
    Told {
        at: u64,
    },
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
#[serde(tag = "t", content = "c", deny_unknown_fields)]
enum Adjacent {
    Unit,
    Newtype(Metres),
    Tuple(u8, bool),
    Struct { a: u8 },
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
#[serde(untagged)]
enum Untagged {
    Number(u64),
    Pair(u8, String),
    Struct { a: u8 },
    Nothing,
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
#[serde(tag = "state")]
enum Open {
    Running {
        pid: u32,
    },
    Stopped,
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
enum PartlyUntagged {
    Named(u8),
    #[serde(untagged)]
    Bare(i32),
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
#[serde(deny_unknown_fields)]
enum StrictVariants {
    One { a: u8 },
    Two { b: Option<u8> },
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
enum WrittenByFunctions {
    #[serde(with = "as_text")]
    #[openapi(schema = String)]
    Id(u64),
    Other,
}

#[derive(Debug, Clone, Arbitrary, Serialize, Deserialize, Schema)]
struct Containers {
    list: Vec<Option<Position>>,
    map: BTreeMap<String, Vec<u8>>,
    set: BTreeSet<i8>,
    array: [u8; 3],
    tuple: (u8, String, (bool,)),
    boxed: Box<str>,
    shared: Arc<Position>,
    text: Cow<'static, str>,
    nested: Option<Box<Option<u8>>>,
    letter: char,
    address: std::net::IpAddr,
    wait: std::time::Duration,
    port: std::num::NonZeroU16,
    small: f32,
    range: std::ops::Range<u8>,
    outcome: Result<u8, String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, Schema)]
struct Tree {
    name: String,
    children: Vec<Tree>,
    other: Option<Box<Bush>>,
}

#[derive(Debug, Clone, Serialize, Deserialize, Schema)]
struct Bush(Vec<Tree>);

impl Arbitrary for Tree {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        let leaf = any::<String>().prop_map(|name| Self {
            name,
            children: Vec::new(),
            other: None,
        });
        let grown = leaf.prop_recursive(3, 12, 3, |inner| {
            let trees = || proptest::collection::vec(inner.clone(), 0..3);
            let bush = proptest::option::of(trees().prop_map(|trees| Box::new(Bush(trees))));
            (any::<String>(), trees(), bush).prop_map(|(name, children, other)| Self {
                name,
                children,
                other,
            })
        });
        grown.boxed()
    }
}

/// The validator of one component of the published document.
fn validator(name: &str) -> Validator {
    let document = versioned_runtime::openapi::json(zoo::Version::V1.contract());
    let document: Value = serde_json::from_str(&document).expect("a document");
    let components = document["components"].clone();
    let known = components["schemas"].as_object().expect("schemas");
    let component = known.keys().find(|key| key.rsplit('.').next() == Some(name));
    let component = component.unwrap_or_else(|| panic!("no component `{name}`"));
    let schema = json!({ "$ref": format!("#/components/schemas/{component}"), "components": components });
    jsonschema::draft202012::new(&schema).expect("a schema")
}

fn check<T: Serialize>(validator: &Validator, value: &T) -> Result<(), TestCaseError> {
    let written = serde_json::to_value(value).expect("is written");
    let errors: Vec<String> = validator
        .iter_errors(&written)
        .map(|error| error.to_string())
        .collect();
    prop_assert!(errors.is_empty(), "{written}: {errors:?}");
    Ok(())
}

/// A schema that takes everything would pass the tests above.
#[track_caller]
fn refuses_something(name: &str) {
    let validator = validator(name);
    let odd = [
        json!("?"),
        json!(-0.5),
        json!([[], []]),
        json!({ "?": ["?"] }),
        json!(null),
    ];
    assert!(
        odd.iter().any(|value| !validator.is_valid(value)),
        "`{name}` takes everything"
    );
}
