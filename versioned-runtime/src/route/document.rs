//! The routing table as JSON, as the registry shows it and operators write it (`docs/runtime.md`).

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::rules::{Finding, RuleDocument};
use crate::resolve::is_token;

/// The routing table of one contract, as it is read and written from outside.
///
/// Versions and implementations go by their full versions. A document that is written replaces the whole table: what it
/// leaves out is reset, not kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableDocument {
    /// The id of the contract; if it stands in a document that is written, it must be right.
    pub contract: Option<String>,
    /// The epoch of the table; if it stands in a document that is written, it must be the current one.
    pub epoch: Option<u64>,
    /// The version that clients are answered in who name none.
    pub default_version: String,
    /// The implementation that takes what the shares leave; null: for each version the native or the nearest one.
    pub stable: Option<String>,
    /// What part of the users each implementation gets, in parts per million.
    #[serde(deserialize_with = "shares_named_once")]
    pub shares: BTreeMap<String, u32>,
    /// What tells users apart; without it all are in the last bucket, which moves last.
    pub user_key: Option<UserKey>,
    /// The implementations that may get traffic at all; null: all that the binary has.
    pub implementations: Option<Vec<String>>,
    /// Where requests say the facts that rules name, beside the built-in ones; null: nowhere but in dyes, and what the service finds out.
    #[serde(
        default,
        deserialize_with = "named_once",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub facts: BTreeMap<String, Option<UserKey>>,
    /// Where requests say the scores that rules name; null: nowhere but in dyes, and what the service finds out.
    #[serde(
        default,
        deserialize_with = "named_once",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub scores: BTreeMap<String, Option<UserKey>>,
    /// Other names of implementations, for rules and pins.
    #[serde(
        default,
        deserialize_with = "named_once",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub labels: BTreeMap<String, String>,
    /// Which requests go where, whatever the shares say; the first that matches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleDocument>,
    /// Operator pins: the keys of users, each with the implementation that serves them before all rules.
    #[serde(
        default,
        deserialize_with = "named_once",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub pins: BTreeMap<String, String>,
    /// The implementations whose shares and weights are inert: only operator pins, and what nobody else answers, reach them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rolled_back: Vec<String>,
    /// What is odd about the rules; it stands in documents that are read, and is ignored in those that are written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// What tells the users of a contract apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserKey {
    /// The value of a header; its name in lower case.
    Header(String),
    /// The value of a key of the query.
    Query(String),
    /// The value of a cookie.
    Cookie(String),
}

impl UserKey {
    /// Users are told apart by a header. The name is checked when a table is made.
    #[must_use]
    pub fn header(name: impl Into<String>) -> Self {
        let mut name = name.into();
        name.make_ascii_lowercase();
        UserKey::Header(name)
    }

    /// Users are told apart by a key of the query.
    #[must_use]
    pub fn query(key: impl Into<String>) -> Self {
        UserKey::Query(key.into())
    }

    /// Users are told apart by a cookie. The name is checked when a table is made.
    #[must_use]
    pub fn cookie(name: impl Into<String>) -> Self {
        UserKey::Cookie(name.into())
    }

    /// The name of the header, the key of the query or the name of the cookie.
    #[must_use]
    pub fn name(&self) -> &str {
        let (UserKey::Header(name) | UserKey::Query(name) | UserKey::Cookie(name)) = self;
        name
    }

    /// The member of the JSON form that holds the name.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            UserKey::Header(_) => "header",
            UserKey::Query(_) => "query",
            UserKey::Cookie(_) => "cookie",
        }
    }

    /// The key as a table holds it, or what its name must be.
    pub(crate) fn checked(&self) -> Result<Self, &'static str> {
        match self {
            UserKey::Header(name) if is_token(name) => Ok(UserKey::header(name.as_str())),
            UserKey::Cookie(name) if is_token(name) => Ok(self.clone()),
            UserKey::Query(key) if !key.is_empty() && !key.contains(char::is_control) => Ok(self.clone()),
            UserKey::Header(_) => Err("name a header: letters, digits and `-`, such as `X-User-Id`"),
            UserKey::Cookie(_) => Err("name a cookie: letters, digits, `-` and `_`, such as `session`"),
            UserKey::Query(_) => Err("name a key of the query, such as `user`, without control characters"),
        }
    }
}

/// Reads shares or weights; the same name twice is an error, where a map would silently keep the last.
pub(super) fn shares_named_once<'de, D, T>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_map(Once {
        expecting: "an object of implementations and their shares",
        twice: |name| format!("implementation `{name}` has two shares, give it one"),
        value: PhantomData,
    })
}

/// The same for what else has names.
pub(super) fn named_once<'de, D, T>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_map(Once {
        expecting: "an object",
        twice: |name| format!("`{name}` stands there twice, write it once"),
        value: PhantomData,
    })
}

/// Reads an object whose members have different names.
struct Once<T> {
    expecting: &'static str,
    twice: fn(&str) -> String,
    value: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Once<T> {
    type Value = BTreeMap<String, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expecting)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, T>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom((self.twice)(&name)));
            }
            members.insert(name, value);
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"{
        "contract": "user-profile", "epoch": 4, "default_version": "1.0.0", "stable": null,
        "shares": { "2.0.0": 200000 }, "user_key": { "header": "x-user-id" }, "implementations": ["1.1.0", "2.0.0"]
    }"#;

    #[test]
    fn reads_and_writes_the_documented_form() {
        let document: TableDocument = serde_json::from_str(EXAMPLE).unwrap();
        assert_eq!(document.user_key, Some(UserKey::header("X-User-Id")));
        assert_eq!(document.shares["2.0.0"], 200_000);
        let written = serde_json::to_value(&document).unwrap();
        assert_eq!(
            written,
            serde_json::from_str::<serde_json::Value>(EXAMPLE).unwrap()
        );
    }

    #[test]
    fn most_members_may_be_left_out() {
        let document: TableDocument =
            serde_json::from_str(r#"{"default_version": "1.0.0", "shares": {}}"#).unwrap();
        let TableDocument {
            contract,
            epoch,
            stable,
            user_key,
            implementations,
            ..
        } = document;
        assert_eq!(
            (contract, epoch, stable, user_key, implementations),
            (None, None, None, None, None)
        );
    }

    #[track_caller]
    fn refused(text: &str, because: &str) {
        let error = serde_json::from_str::<TableDocument>(text)
            .unwrap_err()
            .to_string();
        assert!(error.contains(because), "{error}");
    }

    #[test]
    fn refuses_what_is_no_table() {
        refused(r#"{"default_version": "1.0.0"}"#, "missing field `shares`");
        refused(r#"{"shares": {}}"#, "missing field `default_version`");
        refused(
            r#"{"default_version": "1.0.0", "shares": {}, "share": {}}"#,
            "unknown field `share`",
        );
        refused(
            r#"{"default_version": "1.0.0", "shares": {"2.0.0": -1}}"#,
            "invalid value",
        );
        refused(
            r#"{"default_version": "1.0.0", "shares": {"2.0.0": 1, "2.0.0": 2}}"#,
            "two shares",
        );
        refused(
            r#"{"default_version": "1.0.0", "shares": [1]}"#,
            "an object of implementations",
        );
        refused(
            r#"{"default_version": "1.0.0", "shares": {}, "user_key": {"body": "id"}}"#,
            "unknown variant `body`",
        );
    }

    #[track_caller]
    fn check_key(key: &UserKey, name: Option<&str>) {
        assert_eq!(key.checked().ok().as_ref().map(UserKey::name), name, "{key:?}");
    }

    #[test]
    fn names_of_user_keys_are_checked() {
        check_key(&UserKey::Header("X-User-Id".into()), Some("x-user-id"));
        check_key(&UserKey::header(""), None);
        check_key(&UserKey::header("x user"), None);
        check_key(&UserKey::header("x-user:"), None);
        check_key(&UserKey::header("größe"), None);
        check_key(&UserKey::cookie("Session_Id"), Some("Session_Id"));
        check_key(&UserKey::cookie("a;b"), None);
        check_key(&UserKey::query("user id"), Some("user id"));
        check_key(&UserKey::query(""), None);
        check_key(&UserKey::query("a\nb"), None);
    }
}
