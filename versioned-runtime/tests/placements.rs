//! `#[versioned]` on a single struct, enum or trait, and aliases that are seen through.
#![deny(warnings, clippy::pedantic)]
#![allow(missing_docs)] // the contracts of a test

use std::collections::BTreeMap;

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use versioned_runtime::prelude::*;

/// A struct alone: its versions stand in a module of its name.
#[versioned(contract = "user", versions(v1 = "1.0.0", v2 = "2.0.0"))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserAccount {
    pub id: Id,
    #[version(until = v2, downgrade = full_name)]
    pub name: String,
    #[version(since = v2, upgrade = given_name)]
    pub given_name: String,
    #[version(changed(v2, from = Vec<String>, upgrade = by_name, downgrade = names))]
    #[serde(default = "self::empty")]
    pub tags: BTreeMap<String, bool>,
}

type Id = u64;

fn empty<T: Default>() -> T {
    T::default()
}

fn full_name(user: &user_account::v2::UserAccount) -> String {
    user.given_name.clone()
}

fn given_name(user: &user_account::v1::UserAccount) -> String {
    user.name.clone()
}

fn by_name(tags: Vec<String>) -> BTreeMap<String, bool> {
    tags.into_iter().map(|tag| (tag, true)).collect()
}

fn names(tags: BTreeMap<String, bool>) -> Vec<String> {
    tags.into_iter()
        .filter(|(_, on)| *on)
        .map(|(tag, _)| tag)
        .collect()
}

#[test]
fn a_single_struct_has_its_versions_in_a_module_of_its_name() {
    let old = user_account::v1::UserAccount {
        id: 1,
        name: "Ada".to_owned(),
        tags: vec!["a".to_owned()],
    };
    let new: user_account::v2::UserAccount = old.clone().upgrade();
    assert_eq!((&*new.given_name, new.tags.get("a")), ("Ada", Some(&true)));
    assert_eq!(old, new.downgrade());
    let contract = user_account::Version::V2.contract();
    assert_eq!((contract.id, contract.operations.len()), ("user", 0));
}

/// An enum alone, in a module with another name, and not visible elsewhere.
#[versioned(contract = "state", versions(v1 = "1.0.0", v2 = "2.0.0"), names(module = states))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum State {
    Open,
    #[version(since = v2, downgrade = Open)]
    Waiting,
}

#[test]
fn a_single_enum_may_stand_in_a_module_of_another_name() {
    let down: states::v1::State = states::v2::State::Waiting.downgrade();
    assert_eq!(down, states::v1::State::Open);
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
pub struct Greeting {
    pub text: String,
}

/// A trait alone, with types from elsewhere.
#[versioned(contract = "greetings", versions(v1 = "1.0.0", v1_1 = "1.1.0"))]
pub trait Greetings {
    #[get("/greetings/{id}")]
    async fn greet(&self, id: Id) -> Result<Greeting, Problem>;

    #[version(since = v1_1)]
    #[get("/greetings")]
    async fn all(&self) -> Result<Vec<Greeting>, Problem>;
}

struct Hello;

impl greetings::v1_1::Greetings for Hello {
    async fn greet(&self, id: Id) -> Result<Greeting, Problem> {
        Ok(Greeting {
            text: format!("hello {id}"),
        })
    }

    async fn all(&self) -> Result<Vec<Greeting>, Problem> {
        Ok(Vec::new())
    }
}

#[tokio::test]
async fn a_single_trait_is_served_like_any_contract() {
    let app = greetings::Service::builder()
        .v1_1(Hello)
        .build()
        .router()
        .expect("a host of one");
    for (path, expected) in [
        ("/v1/greetings/7", r#"{"text":"hello 7"}"#),
        ("/v1.1/greetings", "[]"),
    ] {
        let request = Request::builder()
            .uri(path)
            .body(Body::empty())
            .expect("a request");
        let answer = app.clone().oneshot(request).await.expect("an answer");
        let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
        assert_eq!(bytes, expected, "{path}");
    }
}

/// Aliases inside of a contract: those that mention its types have a form in each version.
#[versioned(contract = "teams", versions(v1 = "1.0.0", v1_0_1 = "1.0.1", v2 = "2.0.0"))]
pub mod teams {
    use super::*;

    pub type Key = String;
    pub type Page<T> = Vec<Option<T>>;
    pub type Members = BTreeMap<Key, Page<Member>>;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Member {
        pub id: u64,
        #[version(since = v2, default)]
        pub level: u8,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Team {
        pub members: Members,
        pub name: Key,
    }

    pub trait Teams {
        #[get("/teams/{id}")]
        async fn team(&self, id: Key) -> Result<Team, Problem>;
    }
}

#[test]
fn aliases_have_a_form_in_each_version() {
    let member = teams::v2::Member { id: 1, level: 2 };
    let members: teams::v2::Members = BTreeMap::from([("a".to_owned(), vec![Some(member), None])]);
    let team = teams::v2::Team {
        members,
        name: "one".to_owned(),
    };
    let old: teams::v1_0_1::Team = team.downgrade();
    let first: Option<&Option<teams::v1::Member>> = old.members["a"].first();
    assert_eq!(first, Some(&Some(teams::v1::Member { id: 1 })));
}

mod elsewhere {
    pub(crate) type Number = u64;
    pub(crate) use super::Greeting as Salute;
}

/// Names of other modules: the macro cannot know that they mean the same, constants can.
#[versioned(contract = "other-names", versions(v1 = "1.0.0", v1_0_1 = "1.0.1"))]
pub mod other_names {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Card {
        #[version(changed(v1_0_1, from = u64, upgrade = From::from, downgrade = From::from))]
        pub number: elsewhere::Number,
        #[version(changed(v1_0_1, from = Vec<Greeting>, upgrade = From::from, downgrade = From::from))]
        pub greetings: Vec<elsewhere::Salute>,
    }

    pub trait Cards {
        #[get("/cards/{id}")]
        async fn card(&self, id: u64) -> Result<Card, Problem>;
    }
}

#[test]
fn other_names_of_the_same_type_are_no_change() {
    let card = other_names::v1::Card {
        number: 7,
        greetings: vec![Greeting {
            text: "hello".to_owned(),
        }],
    };
    let next: other_names::v1_0_1::Card = card.clone().upgrade();
    assert_eq!(next.number, card.number);
}
