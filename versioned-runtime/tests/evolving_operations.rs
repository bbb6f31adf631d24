//! Operations that are called otherwise from a version on, and arguments that come and go: one implementation, every version.
#![deny(warnings)]
#![allow(missing_docs)]

use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use versioned_runtime::engine;
use versioned_runtime::prelude::*;

#[versioned(contract = "library", versions(v1 = "1.0.0", v1_1 = "1.1.0", v2 = "2.0.0"))]
pub mod library {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Found {
        pub asked: String,
    }

    pub trait Library {
        #[version(renamed(v1_1, from = list))]
        #[get("/books")]
        async fn list_books(
            &self,
            #[version(until = v2, lossy(reason = "no shelf is told apart any more"))]
            #[query]
            shelf: Option<String>,
            #[version(since = v1_1)]
            #[query]
            author: Option<String>,
            #[version(since = v2, default = ten)]
            #[header("X-Limit")]
            limit: u8,
        ) -> Result<Found, Problem>;

        // A name that is free again.
        #[version(since = v2)]
        #[get("/lists")]
        async fn list(&self) -> Result<Found, Problem>;
    }

    fn ten() -> u8 {
        10
    }
}

struct New;

impl library::v2::Library for New {
    async fn list_books(&self, author: Option<String>, limit: u8) -> Result<library::v2::Found, Problem> {
        Ok(library::v2::Found {
            asked: format!("author {author:?}, limit {limit}"),
        })
    }

    async fn list(&self) -> Result<library::v2::Found, Problem> {
        Ok(library::v2::Found {
            asked: "lists".to_owned(),
        })
    }
}

/// Answers 1.0.0, and with it nothing newer: what newer clients ask for would be lost.
struct Oldest;

impl library::v1::Library for Oldest {
    async fn list(&self, asked_for: Option<String>) -> Result<library::v1::Found, Problem> {
        Ok(library::v1::Found {
            asked: format!("shelf {asked_for:?}"),
        })
    }
}

async fn ask(path: &str, limit: Option<&str>) -> (StatusCode, Value) {
    let service = library::Service::builder().v2(New).build();
    let mut request = Request::get(path);
    if let Some(limit) = limit {
        request = request.header("X-Limit", limit);
    }
    let request = request.body(Body::empty()).expect("a request");
    let answer = service
        .router()
        .expect("a router")
        .oneshot(request)
        .await
        .expect("an answer");
    let status = answer.status();
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    (status, serde_json::from_slice(&bytes).expect("JSON"))
}

#[tokio::test]
async fn arguments_that_a_version_does_not_have_are_made_up_or_dropped() {
    let asked = |text: &str| (StatusCode::OK, json!({ "asked": text }));
    assert_eq!(
        ask("/v1.0.0/books?shelf=a", None).await,
        asked("author None, limit 10")
    );
    assert_eq!(
        ask("/v1.1.0/books?shelf=a&author=Ada", None).await,
        asked("author Some(\"Ada\"), limit 10")
    );
    assert_eq!(
        ask("/v2/books?author=Ada", Some("3")).await,
        asked("author Some(\"Ada\"), limit 3")
    );
    assert_eq!(
        ask("/v2/books", None).await.0,
        StatusCode::BAD_REQUEST,
        "2.0.0 demands it"
    );
    assert_eq!(ask("/v2/lists", None).await, asked("lists"));
}

#[tokio::test]
async fn in_process_the_method_has_the_name_of_its_version() {
    use library::v1::Library as _;
    use library::v1_1::Library as _;
    let service = library::Service::builder().v2(New).build();
    let old: library::Handle<library::V1> = service.handle(Context::default());
    let newer: library::Handle<library::V1_1> = service.handle(Context::default());
    let found = old.list(Some("a".to_owned())).await.expect("found");
    assert_eq!(found.asked, "author None, limit 10");
    let found = newer
        .list_books(None, Some("Ada".to_owned()))
        .await
        .expect("found");
    assert_eq!(found.asked, "author Some(\"Ada\"), limit 10");
}

#[test]
fn a_new_name_breaks_no_client() {
    let [v1, v1_1, v2] = library::Version::ALL.map(library::Version::contract);
    let named = |contract: &versioned_runtime::Contract| -> Vec<&str> {
        contract
            .operations
            .iter()
            .map(|operation| operation.name)
            .collect()
    };
    assert_eq!(
        (named(v1), named(v1_1), named(v2)),
        (vec!["list"], vec!["list_books"], vec!["list_books", "list"])
    );
    assert!(engine::breaks(v1, v1_1).is_empty());
    let broken: Vec<&str> = engine::breaks(v1_1, v2)
        .iter()
        .map(|change| change.rule.id)
        .collect();
    assert_eq!(broken, ["parameter-removed-optional", "parameter-added-required"]);
    // An implementation of the oldest version is one, under the old name.
    let _ = library::Service::builder().v1(Oldest).v2(New).build();
}
