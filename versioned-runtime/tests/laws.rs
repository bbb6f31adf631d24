//! `laws!` can fail: a contract for each law that breaks it, and what is told of it.
#![allow(missing_docs)] // the contracts of a test

use versioned_runtime::laws::{Law, Laws, Violation, verify};
use versioned_runtime::prelude::*;

/// Functions that claim to undo each other, and do not.
#[versioned(
    contract = "wrong-functions",
    versions(v1 = "1.0.0", v2 = "2.0.0", v3 = "3.0.0")
)]
pub mod functions {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct User {
        pub id: u8,
        #[version(until = v2, downgrade = loudly)]
        pub name: String,
        #[version(since = v2, upgrade = in_lower_case)]
        pub words: Vec<String>,
    }

    /// It is wrong only through what it holds.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Users {
        pub users: Vec<User>,
    }

    /// The same, but somebody has said that it is so.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Lossy {
        #[version(changed(v2, from = u64, upgrade = halved, downgrade = doubled), lossy(reason = "odd ones are rare"))]
        pub number: u32,
    }

    /// Nobody can claim that two variants are one.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub enum Merged {
        A,
        #[version(since = v2, downgrade = A)]
        B,
    }

    /// A variant that becomes another and back: exact.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub enum Replaced {
        #[version(until = v2, upgrade = New)]
        Old,
        #[version(since = v2, downgrade = Old)]
        New,
    }

    /// It may fail, and what it converts comes back as something else.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Fallible {
        #[version(changed(v3, from = u8, upgrade = u32::from, try_downgrade = half))]
        pub number: u32,
    }

    /// It fails on the way back.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct NoWayBack {
        #[version(changed(v3, from = u16, upgrade = plus_300, try_downgrade = below_500))]
        pub number: u32,
    }

    pub trait Functions {
        #[post("/users")]
        async fn post(&self, users: Users) -> Result<Users, Problem>;
    }

    fn loudly(user: &v2::User) -> String {
        user.words.join(" ").to_uppercase()
    }

    fn in_lower_case(user: &v1::User) -> Vec<String> {
        user.name.split(' ').map(str::to_lowercase).collect()
    }

    fn halved(number: u64) -> u32 {
        u32::try_from(number / 2).unwrap_or(u32::MAX)
    }

    fn doubled(number: u32) -> u64 {
        u64::from(number) * 2
    }

    fn half(number: u32) -> Result<u8, std::num::TryFromIntError> {
        u8::try_from(number / 2)
    }

    fn plus_300(number: u16) -> u32 {
        u32::from(number) + 300
    }

    fn below_500(number: u32) -> Result<u16, &'static str> {
        let below = number.checked_sub(300).filter(|number| *number < 200);
        below.and_then(|number| number.try_into().ok()).ok_or("too large")
    }
}

/// A type whose `Serialize` is written by hand, and disagrees with everything.
#[versioned(contract = "wrong-serialize", versions(v1 = "1.0.0"))]
pub mod by_hand {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Deserialize)]
    pub struct Point {
        pub x: u8,
    }

    /// It takes nothing of what its schema allows.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(try_from = "String", into = "String")]
    pub struct Picky(u8);

    impl TryFrom<String> for v1::Picky {
        type Error = &'static str;

        fn try_from(_: String) -> Result<Self, Self::Error> {
            Err("nothing is good enough")
        }
    }

    impl From<v1::Picky> for String {
        fn from(picky: v1::Picky) -> Self {
            picky.0.to_string()
        }
    }

    pub trait ByHand {
        #[post("/points")]
        async fn post(&self, point: Point) -> Result<Picky, Problem>;
    }
}

impl Serialize for by_hand::v1::Point {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        std::collections::BTreeMap::from([("x", self.x.to_string())]).serialize(serializer)
    }
}

/// A function that makes another result each time it is asked.
#[versioned(contract = "wrong-clock", versions(v1 = "1.0.0", v2 = "2.0.0", v3 = "3.0.0"))]
pub mod clock {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Event {
        pub id: u8,
        #[version(until = v3, downgrade = now)]
        pub at: u64,
        #[version(since = v2)]
        pub note: Option<String>,
    }

    pub trait Clock {
        #[get("/events")]
        async fn events(&self) -> Result<Vec<Event>, Problem>;
    }

    fn now(_: &v3::Event) -> u64 {
        use std::sync::atomic::{AtomicU64, Ordering};

        static CALLS: AtomicU64 = AtomicU64::new(0);
        CALLS.fetch_add(1, Ordering::Relaxed)
    }
}

/// Values are made within their constraints, and hold to the schema that says them.
#[versioned(contract = "bounded", versions(v1 = "1.0.0", v2 = "2.0.0"))]
pub mod bounded {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Bounded {
        #[openapi(min_length = 2, max_length = 5)]
        pub short: String,
        #[openapi(pattern = "^[A-Z]{2}-[0-9]{3}$")]
        pub code: Option<String>,
        #[openapi(format = "email")]
        pub email: String,
        #[openapi(minimum = 10, exclusive_maximum = 20)]
        pub few: u8,
        #[openapi(minimum = -7, maximum = 700, multiple_of = 7)]
        pub sevens: i64,
        #[openapi(minimum = 0.5, maximum = 2)]
        pub ratio: f64,
        #[openapi(min_items = 2, max_items = 3, unique_items)]
        pub pair: Vec<u32>,
        #[openapi(min_items = 1)]
        pub some: Vec<Inner>,
        #[openapi(read_only)]
        #[serde(default)]
        pub revision: u64,
        #[version(renamed(v2, from = old))]
        pub new: u8,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Inner {
        #[openapi(min_length = 1)]
        pub name: String,
        pub more: Option<Box<Bounded>>,
    }

    pub trait BoundedThings {
        #[put("/bounded")]
        async fn put(&self, bounded: Bounded) -> Result<Bounded, Problem>;
    }
}

versioned_runtime::laws!(bounded);

/// All that is told: the type, the route and the text.
#[track_caller]
fn check(laws: &Laws, law: Law, expected: &[(&str, &str, &str)]) {
    let violations = verify(laws, law);
    let told: Vec<String> = violations.iter().map(ToString::to_string).collect();
    let places: Vec<(&str, &str)> = violations.iter().map(|v| (v.type_name, &*v.route)).collect();
    let wanted: Vec<(&str, &str)> = expected.iter().map(|(name, route, _)| (*name, *route)).collect();
    assert_eq!(places, wanted, "{told:#?}");
    for (text, (.., part)) in told.iter().zip(expected) {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn functions_that_do_not_undo_each_other() {
    let laws = functions::__laws();
    check(
        &laws,
        Law::UpgradeDowngrade,
        &[
            (
                "User",
                "1.0.0 → 2.0.0 → 1.0.0",
                "`wrong-functions`: `downgrade(upgrade(x)) == x` does not hold",
            ),
            ("Users", "1.0.0 → 2.0.0 → 1.0.0", "value:    {\"users\":[{"),
            (
                "Fallible",
                "2.0.0 → 3.0.0 → 2.0.0",
                "value:    {\"number\":1}\nexpected: {\"number\":1}\nfound:    {\"number\":0}",
            ),
            (
                "NoWayBack",
                "2.0.0 → 3.0.0 → 2.0.0",
                "the way back fails: /number: too large",
            ),
        ],
    );
    check(
        &laws,
        Law::DowngradeUpgrade,
        &[
            ("User", "2.0.0 → 1.0.0 → 2.0.0", "help: mend the functions"),
            ("Users", "2.0.0 → 1.0.0 → 2.0.0", "expected: {\"users\":[{"),
            ("Fallible", "3.0.0 → 2.0.0 → 3.0.0", "lossy(reason = \"…\")"),
        ],
    );
    // What is wrong with them has nothing to do with how they are written.
    for law in [Law::RoundTrip, Law::Schema, Law::Borrowed, Law::Chain] {
        check(&laws, law, &[]);
    }
}

#[test]
fn the_laws_that_nobody_claims_are_not_asked_for() {
    let laws = functions::__laws();
    let asked = |name: &str| -> Vec<String> {
        let trips = laws.cases.iter().filter(|case| {
            case.type_name == name && matches!(case.law, Law::UpgradeDowngrade | Law::DowngradeUpgrade)
        });
        trips
            .map(|case| format!("{:?} {:?}", case.law, case.route))
            .collect()
    };
    assert_eq!(asked("Lossy"), [""; 0]);
    assert_eq!(asked("Merged"), ["UpgradeDowngrade [0, 1, 0]"]);
    assert_eq!(
        asked("Replaced"),
        ["UpgradeDowngrade [0, 1, 0]", "DowngradeUpgrade [1, 0, 1]"]
    );
    assert_eq!(
        asked("Users"),
        ["UpgradeDowngrade [0, 1, 0]", "DowngradeUpgrade [1, 0, 1]"]
    );
}

#[test]
fn what_is_written_by_hand() {
    let laws = by_hand::__laws();
    check(
        &laws,
        Law::Schema,
        &[
            ("Point", "1.0.0", "/x: \"0\" is not of type \"integer\""),
            (
                "Picky",
                "1.0.0",
                "`serialize(x) fits the published schema` could not be checked",
            ),
        ],
    );
    check(
        &laws,
        Law::RoundTrip,
        &[
            (
                "Point",
                "1.0.0",
                "{\"x\":\"0\"} is not read back: invalid type: string",
            ),
            ("Picky", "1.0.0", "nothing is good enough"),
        ],
    );
}

#[test]
fn functions_that_are_not_pure() {
    let laws = clock::__laws();
    check(
        &laws,
        Law::Borrowed,
        &[("Event", "3.0.0 → 2.0.0", "`As(x) == downgrade(x)` does not hold")],
    );
    check(
        &laws,
        Law::Chain,
        &[(
            "Event",
            "3.0.0 → 2.0.0 → 1.0.0",
            "help: functions of a contract are pure",
        )],
    );
}

#[test]
fn a_failure_tells_all_that_is_known() {
    let violation = Violation {
        contract: "user-profile",
        law: Law::DowngradeUpgrade,
        type_name: "User",
        route: "2.0.0 → 1.1.0 → 2.0.0".to_owned(),
        what: "value:    1".to_owned(),
        refused: false,
    };
    assert_eq!(
        violation.to_string(),
        "`user-profile`: `upgrade(downgrade(x)) == x` does not hold for `User`, 2.0.0 → 1.1.0 → 2.0.0\n\
         value:    1\n\
         help: mend the functions of the members that differ; if something is lost, say so on the member: \
         `lossy(reason = \"…\")`"
    );
}
