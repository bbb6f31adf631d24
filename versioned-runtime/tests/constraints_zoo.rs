//! What the runtime refuses is what the published schema refuses: values near the bounds of a zoo of constrained types, held
//! against the document by a validator from outside.

#![allow(dead_code)] // what is read is never looked at

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree as _;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use versioned_core::constraints::Checker;
use versioned_runtime::prelude::*;

/// Declares the contract with an operation that reads each type, a sound value of it, and the test that changes that value.
macro_rules! zoo {
    ($($test:ident $path:literal $ty:ident $sound:tt;)*) => {
        #[versioned(contract = "constrained-zoo", versions(v1 = "1.0.0"))]
        mod zoo {
            use super::*;

            pub(crate) trait Zoo {
                $(
                    #[post($path)]
                    async fn $test(&self, value: $ty) -> Result<(), Problem>;
                )*
            }
        }

        proptest! {
            #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]
            $(
                #[test]
                fn $test(changes in changes()) {
                    static JUDGES: LazyLock<Judges> = LazyLock::new(|| Judges::new(stringify!($ty), <$ty as Schema>::NODE));
                    let mut value = json!($sound);
                    for (place, new) in changes {
                        change(&mut value, place, new);
                    }
                    JUDGES.agree::<$ty>(&value)?;
                }
            )*
        }

        #[test]
        fn sound_values_are_taken_and_some_others_are_not() {
            $(both_happen::<$ty>(stringify!($ty), &json!($sound));)*
        }
    };
}

zoo! {
    texts "/texts" Texts { "name": "abc", "maybe": "a", "code": "A-1", "tag": "ab" };
    numbers "/numbers" Numbers { "small": 3, "open": 1.5, "step": 0.5, "three": 9, "large": 7, "cents": 0.25 };
    lists "/lists" Lists { "numbers": [1, 2], "names": ["a", "b"], "by_key": { "a": "abc" }, "pair": [1, "abc"], "two": ["a", "b"] };
    patches "/patches" Patch { "a": 1 };
    flattened "/flattened" Flattened { "id": 1, "name": "abc", "maybe": null, "code": "B-2", "tag": "xy", "kind": "sized", "size": 3 };
    flattened_map "/flattened-map" FlattenedMap { "id": 4, "x": "A-1" };
    external "/external" External { "Sized": { "size": 3 } };
    external_names "/external-names" Forms { "all": ["Plain", { "Named": "abc" }, { "Both": [3, "a"] }] };
    internal "/internal" Internal { "kind": "sized", "size": 3 };
    internal_map "/internal-map" Kinds { "all": [{ "kind": "map", "a": "A-1" }, { "kind": "strict", "x": 3 }, { "kind": "held", "a": 1 }] };
    adjacent "/adjacent" Adjacent { "k": "Many", "c": ["a", "b"] };
    untagged "/untagged" Untagged { "x": 7 };
    untagged_forms "/untagged-forms" UntaggedForms { "all": ["ab", 9, ["a"], { "x": 7 }] };
    tree "/tree" Tree { "name": "a", "children": [{ "name": "bc", "children": [] }] };
    arguments "/arguments" Argument [{ "size": 3 }];
}

#[derive(Debug, Deserialize, Serialize, Schema)]
struct Texts {
    #[openapi(
        min_length = 2,
        max_length = 4,
        pattern = r"^[a-zé🦀]\D",
        title = "A name",
        example = "abc"
    )]
    name: String,
    #[openapi(max_length = 2)]
    maybe: Option<String>,
    code: Code,
    #[openapi(format = "uuid", description = "Any text: a format is a note.")]
    tag: String,
}

#[derive(Debug, Deserialize, Serialize, Schema)]
#[openapi(pattern = "^[A-Z]-[0-9]$", examples = ["A-1", "B-2"])]
struct Code(String);

#[derive(Debug, Deserialize, Serialize, Schema)]
struct Name(#[openapi(min_length = 1, max_length = 3)] String);

#[derive(Debug, Deserialize, Serialize, Schema)]
struct Numbers {
    #[openapi(minimum = -1, maximum = 9)]
    small: i32,
    #[openapi(exclusive_minimum = 0.5, exclusive_maximum = 2.5)]
    open: f64,
    #[openapi(multiple_of = 0.25)]
    step: f64,
    #[openapi(multiple_of = 3)]
    three: u8,
    #[openapi(maximum = 18_446_744_073_709_551_614)]
    large: u64,
    #[openapi(minimum = 0, multiple_of = 0.25)]
    cents: Option<f64>,
}

#[derive(Debug, Deserialize, Serialize, Schema)]
struct Lists {
    #[openapi(min_items = 1, max_items = 3, unique_items)]
    numbers: Vec<i16>,
    names: Vec<Name>,
    #[openapi(min_properties = 1, max_properties = 2)]
    by_key: BTreeMap<String, Name>,
    pair: (u8, Name),
    #[openapi(unique_items)]
    two: Option<[Name; 2]>,
}

#[derive(Debug, Deserialize, Serialize, Schema)]
#[openapi(min_properties = 1, title = "A change", example = json!({ "a": 1 }))]
struct Patch {
    #[openapi(minimum = 1)]
    a: Option<u8>,
    b: Option<Box<Name>>,
}

#[derive(Debug, Deserialize, Serialize, Schema)]
struct Flattened {
    #[openapi(maximum = 3)]
    id: u8,
    #[serde(flatten)]
    texts: Texts,
    #[serde(flatten)]
    kind: Internal,
}

#[derive(Debug, Deserialize, Serialize, Schema)]
struct FlattenedMap {
    #[openapi(maximum = 5)]
    id: u8,
    #[serde(flatten)]
    rest: HashMap<String, Code>,
}

#[derive(Debug, Deserialize, Serialize, Schema)]
enum External {
    Plain,
    Named(Name),
    Both(#[openapi(minimum = 2, maximum = 4)] u8, Name),
    Sized {
        #[openapi(minimum = 2)]
        size: u8,
    },
}

#[derive(Debug, Deserialize, Serialize, Schema)]
struct Forms {
    all: Vec<External>,
}

#[derive(Debug, Deserialize, Serialize, Schema)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Internal {
    Plain,
    Sized {
        #[openapi(minimum = 2, maximum = 7)]
        size: u8,
    },
    Held(Patch),
    Map(#[openapi(max_properties = 3)] BTreeMap<String, Code>),
    Strict(Strict),
}

#[derive(Debug, Deserialize, Serialize, Schema)]
#[serde(deny_unknown_fields)]
#[openapi(min_properties = 2)]
struct Strict {
    #[openapi(maximum = 5)]
    x: Option<u8>,
    y: Option<Code>,
}

#[derive(Debug, Deserialize, Serialize, Schema)]
struct Kinds {
    all: Vec<Internal>,
}

#[derive(Debug, Deserialize, Serialize, Schema)]
#[serde(tag = "k", content = "c")]
enum Adjacent {
    Plain,
    One(Name),
    Many(#[openapi(max_items = 3)] Vec<Name>),
}

#[derive(Debug, Deserialize, Serialize, Schema)]
#[serde(untagged)]
enum Untagged {
    Short(#[openapi(min_length = 2)] String),
    Large(#[openapi(minimum = 8)] i32),
    Sized {
        #[openapi(minimum = 2)]
        x: u8,
    },
    Many(Vec<Name>),
}

#[derive(Debug, Deserialize, Serialize, Schema)]
struct UntaggedForms {
    all: Vec<Untagged>,
}

#[derive(Debug, Deserialize, Serialize, Schema)]
struct Tree {
    #[openapi(pattern = "^.{1,2}$")]
    name: String,
    #[openapi(max_items = 2)]
    children: Vec<Tree>,
}

#[derive(Debug, Deserialize, Serialize, Schema)]
struct Argument(#[openapi(min_items = 1, max_items = 2)] Vec<Size>);

#[derive(Debug, Deserialize, Serialize, Schema)]
struct Size {
    #[openapi(maximum = 9)]
    size: u8,
}

/// The two that must agree.
struct Judges {
    validator: Validator,
    checker: Checker,
}

impl Judges {
    fn new(name: &str, node: versioned_core::schema::Link) -> Self {
        let document = versioned_runtime::openapi::json(zoo::Version::V1.contract());
        let document: Value = serde_json::from_str(&document).expect("a document");
        let components = document["components"].clone();
        let known = components["schemas"].as_object().expect("schemas");
        let component = known.keys().find(|key| key.rsplit('.').next() == Some(name));
        let component = component.unwrap_or_else(|| panic!("no component `{name}`"));
        let schema = json!({ "$ref": format!("#/components/schemas/{component}"), "components": components });
        Self {
            validator: jsonschema::draft202012::new(&schema).expect("a schema"),
            checker: Checker::new(node).expect("patterns").expect("constraints"),
        }
    }

    /// Of what serde reads, the runtime refuses what the validator refuses.
    fn agree<T: DeserializeOwned>(&self, value: &Value) -> Result<Option<bool>, TestCaseError> {
        let mut checked = value.clone();
        let violations = self.checker.check(&mut checked);
        prop_assert!(!violations.dropped && checked == *value);
        if serde_json::from_str::<T>(&value.to_string()).is_err() {
            return Ok(None);
        }
        let told: Vec<String> = self.validator.iter_errors(value).map(|e| e.to_string()).collect();
        prop_assert_eq!(
            violations.is_empty(),
            told.is_empty(),
            "{}: {:?} {:?}",
            value,
            violations,
            told
        );
        for violation in &violations.told {
            prop_assert!(
                value.pointer(&violation.pointer).is_some(),
                "{value}: {violation:?}"
            );
        }
        Ok(Some(told.is_empty()))
    }
}

/// Values near all bounds of the zoo.
fn leaf() -> BoxedStrategy<Value> {
    let letters = vec!['a', 'z', 'A', 'é', '🦀', '1', '-', '\n'];
    let text = proptest::collection::vec(select(letters), 0..5)
        .prop_map(|letters| Value::from(letters.into_iter().collect::<String>()));
    let odd = select(vec![
        json!(null),
        json!(true),
        json!("A-1"),
        json!("Plain"),
        json!("plain"),
        json!("held"),
        json!("One"),
        json!(u64::MAX),
        json!(u64::MAX - 1),
        json!(1e300),
        json!(-0.0),
        json!([]),
        json!({}),
        json!({ "x": 1 }),
        json!({ "Named": "abcd" }),
        json!({ "Both": [9, ""] }),
    ]);
    prop_oneof![
        3 => text,
        3 => (-3..12_i64).prop_map(Value::from),
        2 => (-12..12_i32).prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        2 => odd,
    ]
    .boxed()
}

/// Up to three places of a value, with what is put there; nothing at all is taken away.
fn changes() -> impl Strategy<Value = Vec<(Index, Option<Value>)>> {
    let list = proptest::collection::vec(leaf(), 0..5).prop_map(Value::from);
    let new = prop_oneof![6 => leaf(), 1 => list];
    let change = (any::<Index>(), proptest::option::weighted(0.85, new));
    proptest::collection::vec(change, 0..4)
}

fn change(value: &mut Value, place: Index, new: Option<Value>) {
    let mut pointers = Vec::new();
    collect(value, "", &mut pointers);
    let pointer = place.get(&pointers).clone();
    match (new, pointer.rsplit_once('/')) {
        (Some(new), _) => {
            if let Some(at) = value.pointer_mut(&pointer) {
                *at = new;
            }
        }
        (None, Some((parent, key))) => match value.pointer_mut(parent) {
            Some(Value::Object(members)) => drop(members.remove(key)),
            // A list grows by what it has.
            Some(Value::Array(items)) => items.extend(items.first().cloned()),
            _ => {}
        },
        (None, None) => {}
    }
}

fn collect(value: &Value, pointer: &str, into: &mut Vec<String>) {
    into.push(pointer.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{pointer}/{index}"), into);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                collect(member, &format!("{pointer}/{name}"), into);
            }
        }
        _ => {}
    }
}

/// Judges that never refuse, or always do, would agree on everything.
#[track_caller]
fn both_happen<T: DeserializeOwned + Schema>(name: &str, sound: &Value) {
    let judges = Judges::new(name, T::NODE);
    let agreed = judges.agree::<T>(sound).expect("they agree");
    assert_eq!(agreed, Some(true), "{name}: {sound}");
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut refused = 0;
    for _ in 0..2000 {
        let changes = changes().new_tree(&mut runner).expect("changes").current();
        let mut value = sound.clone();
        for (place, new) in changes {
            change(&mut value, place, new);
        }
        let agreed = judges.agree::<T>(&value).expect("they agree");
        refused += usize::from(agreed == Some(false));
    }
    assert!(refused > 5, "{name}: {refused} refused");
}
