//! `As` writes a borrowed value in an earlier version's shape: the bytes of the downgraded clone, without the clone.
#![deny(warnings, clippy::pedantic)]
#![allow(missing_docs)] // the contract of a test

mod counting;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use counting::allocations;
use versioned_runtime::prelude::*;
use versioned_runtime::{As, SerializeAs, Upgrade, Way};

#[versioned(
    contract = "parcels",
    versions(v1 = "1.0.0", v2 = "2.0.0", v2_1 = "2.1.0", v3 = "3.0.0")
)]
pub mod parcels {
    use super::*;

    /// Every source of a field, every container.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Parcel {
        pub id: u64,
        /// Moved over two steps, under another name each time.
        #[version(renamed(v2, from = told), renamed(v3, from = remark))]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub note: Option<String>,
        /// Asked by a function of the user.
        #[serde(default, skip_serializing_if = "is_small")]
        pub weight: u32,
        #[serde(rename = "from", skip_serializing_if = "Option::is_none")]
        pub sender: Option<Place>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub stops: Vec<Place>,
        pub by_name: BTreeMap<String, Option<Vec<Place>>>,
        pub ends: (u8, Arc<Place>, [Place; 2]),
        pub inner: Option<Box<Parcel>>,
        #[serde(skip)]
        pub cache: u8,
        #[serde(skip_serializing, default)]
        pub secret: String,
        /// Dropped on the way down.
        #[version(since = v3)]
        pub extra: Option<String>,
        /// Made up on the way down.
        #[version(until = v3, default, lossy(reason = "nobody reads it any more"))]
        pub legacy: Vec<u8>,
        #[version(until = v2, default = answer, lossy(reason = "it is always the same"))]
        #[serde(skip_serializing_if = "is_small")]
        pub answer: u32,
        pub state: State,
        pub unchanged: Unchanged,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Unchanged {
        pub words: Vec<String>,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Place {
        #[version(renamed(v2, from = town))]
        pub city: String,
        #[version(since = v3)]
        pub street: Option<String>,
        #[serde(rename = "type")]
        pub r#type: u8,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "is", rename_all = "snake_case")]
    pub enum State {
        Waiting,
        #[version(renamed(v3, from = Sent))]
        SentOff {
            #[version(renamed(v2, from = since))]
            at: u32,
            #[serde(skip_serializing_if = "Option::is_none")]
            to: Option<Place>,
        },
        Here(Place),
        #[version(since = v3, downgrade = Waiting)]
        Held {
            why: String,
        },
        #[version(since = v2, downgrade = Waiting)]
        Lost,
    }

    /// Of the other representations.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[version(since = v2)]
    pub enum External {
        Unit,
        Pair(u8, Place),
        One(Place),
        #[version(since = v3, downgrade = Unit)]
        New,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "t", content = "c")]
    #[version(since = v2)]
    pub enum Adjacent {
        Unit,
        Pair(u8, Place),
        Many { places: Vec<Place> },
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[version(since = v2)]
    pub struct Pair(pub u8, #[serde(skip)] pub u8, pub Place);

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(transparent)]
    #[version(since = v2)]
    pub struct Wrapper(pub Place);

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "type", rename = "Thing")]
    #[version(since = v2)]
    pub struct Tagged {
        pub place: Place,
    }

    /// Fields of another type, and a function of the whole.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[version(since = v2)]
    pub struct Changed {
        #[version(changed(v3, from = u32, upgrade = wide, downgrade = narrow), lossy(reason = "2.x shows the low half"))]
        pub id: u64,
        #[version(changed(v3, from = Option<i64>, upgrade = plain), lossy(reason = "none is nought"))]
        pub count: i64,
        #[version(changed(v3, from = Option<Place>, upgrade = some_place), lossy(reason = "none is nowhere"))]
        pub place: Place,
        #[version(changed(v3, from = u32, upgrade = short), lossy(reason = "the high half is never set"))]
        pub short: u16,
        #[version(until = v3, downgrade = sum)]
        pub sum: u64,
    }

    /// Written from a clone, each for its own reason.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[version(since = v2)]
    pub struct Flattened {
        #[serde(flatten)]
        pub place: Place,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    #[version(since = v2)]
    pub enum Untagged {
        Place(Place),
        Number(u8),
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[version(since = v2)]
    pub struct ByFunction {
        #[serde(with = "as_text")]
        #[openapi(schema = String)]
        pub id: u64,
        pub place: Place,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[version(since = v2)]
    pub struct InSet {
        pub set: BTreeSet<Level>,
    }

    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[version(since = v2)]
    pub enum Level {
        High,
        Low,
        #[version(since = v3, downgrade = High)]
        Highest,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[version(since = v2)]
    pub struct MayFail {
        #[version(changed(v3, from = u8, try_downgrade = u8::try_from))]
        pub id: u64,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[version(since = v2)]
    pub enum WholeValue {
        Text {
            text: String,
        },
        #[version(since = v3, downgrade = as_whole)]
        Number {
            number: u8,
        },
    }

    /// Borrowed, but for a part.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[version(since = v2)]
    pub struct Partly {
        pub parts: Vec<Untagged>,
        pub place: Place,
    }

    /// Not cloned by anybody, and it need not be.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[version(since = v2)]
    pub struct NoClone {
        #[serde(flatten)]
        pub place: Place,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[version(since = v2)]
    pub struct NoCloneBorrowed {
        pub place: Place,
    }

    pub trait Parcels {
        #[post("/parcels")]
        async fn post_parcel(&self, parcel: Parcel) -> Result<Parcel, Problem>;
    }

    fn answer() -> u32 {
        42
    }

    fn wide(id: u32) -> u64 {
        id.into()
    }

    #[allow(clippy::cast_possible_truncation)] // the low half is what 2.x shows
    fn narrow(id: u64) -> u32 {
        id as u32
    }

    fn plain(count: Option<i64>) -> i64 {
        count.unwrap_or_default()
    }

    fn some_place(place: Option<v2_1::Place>) -> v3::Place {
        place.map_or_else(
            || v3::Place {
                city: String::new(),
                street: None,
                r#type: 0,
            },
            super::Upgrade::upgrade,
        )
    }

    #[allow(clippy::cast_possible_truncation)] // as above
    fn short(number: u32) -> u16 {
        number as u16
    }

    fn sum(changed: &v3::Changed) -> u64 {
        changed.id.wrapping_add(changed.short.into())
    }

    #[allow(clippy::needless_pass_by_value)] // the whole value is moved
    fn as_whole(value: v3::WholeValue) -> v2::WholeValue {
        let v3::WholeValue::Number { number } = value else {
            return v2::WholeValue::Text { text: String::new() };
        };
        v2::WholeValue::Text {
            text: number.to_string(),
        }
    }
}

versioned_runtime::laws!(parcels);

use parcels::{V1, V2, V2_1, V3, v1, v2, v2_1, v3};

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
fn is_small(weight: &u32) -> bool {
    *weight < u32::MAX / 2
}

mod as_text {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    #[allow(clippy::trivially_copy_pass_by_ref)] // as above
    pub(super) fn serialize<S: Serializer>(id: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

fn place(city: &str) -> v3::Place {
    let street = Some("a street".to_owned());
    v3::Place {
        city: city.to_owned(),
        street,
        r#type: 1,
    }
}

fn parcel() -> v3::Parcel {
    v3::Parcel {
        id: 1,
        note: Some("fragile".to_owned()),
        weight: u32::MAX,
        sender: None,
        stops: vec![place("a"), place("b")],
        by_name: BTreeMap::from([("a".to_owned(), Some(vec![place("c")])), ("b".to_owned(), None)]),
        ends: (1, Arc::new(place("d")), [place("e"), place("f")]),
        inner: None,
        cache: 7,
        secret: "secret".to_owned(),
        extra: Some("extra".to_owned()),
        state: v3::State::SentOff {
            at: 3,
            to: Some(place("g")),
        },
        unchanged: v3::Unchanged {
            words: vec!["word".to_owned()],
        },
    }
}

/// Both ways into a buffer that is large enough: the bytes, and what each allocates.
fn written<V, T: SerializeAs<V> + Clone, Old: Serialize>(
    value: &T,
    downgrade: impl Fn(T) -> Old,
) -> (String, usize, usize) {
    let (mut borrowed, mut owned) = (Vec::with_capacity(1 << 12), Vec::with_capacity(1 << 12));
    let (result, by_borrowing) =
        allocations(|| serde_json::to_writer(&mut borrowed, &As::<V, T>::new(value)));
    result.expect("is written");
    let (result, by_cloning) = allocations(|| serde_json::to_writer(&mut owned, &downgrade(value.clone())));
    result.expect("is written");
    assert_eq!(borrowed, owned);
    let text = String::from_utf8(borrowed).expect("JSON is text");
    (text, by_borrowing, by_cloning)
}

#[test]
fn nothing_is_allocated_where_nothing_is_computed() {
    let mut outer = parcel();
    outer.inner = Some(Box::new(parcel()));
    let outer = outer;
    let (text, borrowed, owned) = written::<V2_1, _, _>(&outer, |v3| -> v2_1::Parcel { v3.downgrade() });
    assert!(text.contains(r#""remark":"fragile""#), "{text}");
    assert_eq!(borrowed, 0, "{text}");
    assert!(owned > 40, "{owned}");

    let down = |v3: v3::Parcel| -> v1::Parcel {
        let v2: v2::Parcel = v3.downgrade();
        v2.downgrade()
    };
    let (text, borrowed, owned) = written::<V1, _, _>(&outer, down);
    assert!(
        text.contains(r#""told":"fragile""#) && text.contains(r#""town":"g""#),
        "{text}"
    );
    assert_eq!(borrowed, 0, "{text}");
    assert!(owned > 40, "{owned}");

    // In its own version it is what it is.
    let (_, borrowed, owned) = written::<V3, _, _>(&outer, |v3| v3);
    assert_eq!(borrowed, 0);
    assert!(owned > 30, "{owned}");
}

#[test]
fn containers_of_values_are_written_too() {
    let value = (
        7_u8,
        vec![Some(Box::new(place("a")))],
        HashMap::from([("key".to_owned(), [Arc::new(place("b"))])]),
    );
    let text = serde_json::to_value(As::<V1, _>::new(&value)).expect("is written");
    let place = |town: &str| serde_json::json!({ "town": town, "type": 1 });
    assert_eq!(
        text,
        serde_json::json!([7, [place("a")], { "key": [place("b")] }])
    );
}

#[test]
fn a_pair_of_versions_says_which_way_it_takes() {
    fn way<T: SerializeAs<V>, V>() -> Way {
        As::<V, T>::WAY
    }
    assert_eq!(way::<v3::Parcel, V1>(), Way::Borrowed);
    assert_eq!(way::<v3::Parcel, V2>(), Way::Borrowed);
    assert_eq!(way::<v3::Parcel, V2_1>(), Way::Borrowed);
    assert_eq!(way::<v3::Parcel, V3>(), Way::Borrowed);
    assert_eq!(way::<Vec<(u8, v3::State)>, V1>(), Way::Borrowed);
    assert_eq!(way::<v3::Changed, V2>(), Way::Partly);
    assert_eq!(way::<v3::Partly, V2>(), Way::Partly);
    assert_eq!(way::<(v3::Flattened, v3::Place), V2>(), Way::Partly);
    assert_eq!(way::<v3::NoCloneBorrowed, V2>(), Way::Borrowed);
    assert_eq!(way::<v3::Flattened, V2>(), Way::Owned);
    assert_eq!(way::<v3::Untagged, V2>(), Way::Owned);
    assert_eq!(way::<v3::ByFunction, V2>(), Way::Owned);
    assert_eq!(way::<v3::InSet, V2>(), Way::Owned);
    assert_eq!(way::<v3::MayFail, V2_1>(), Way::Owned);
    assert_eq!(way::<v3::WholeValue, V2>(), Way::Owned);
    // In its own version everything is borrowed.
    assert_eq!(way::<v3::Flattened, V3>(), Way::Borrowed);
}

#[test]
fn a_value_that_cannot_be_written_fails_before_the_first_byte() {
    let mut written = Vec::new();
    let value = v3::MayFail { id: 256 };
    let error = serde_json::to_writer(&mut written, &As::<V2, _>::new(&value)).expect_err("is too large");
    assert!(error.to_string().starts_with("/id: "), "{error}");
    assert!(written.is_empty());
    let down: Result<v2::MayFail, _> = value.try_downgrade();
    assert!(down.is_err());
}

#[test]
fn what_is_not_clone_is_borrowed_all_the_same() {
    let value = v3::NoCloneBorrowed { place: place("a") };
    let text = serde_json::to_string(&As::<V2, _>::new(&value)).expect("is written");
    assert_eq!(text, r#"{"place":{"city":"a","type":1}}"#);
}
