//! A contract whose versions live in two crates: the facts of the first reach the second, which is checked and migrated by them.
#![allow(missing_docs)] // the contract of a test

use http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use versioned_runtime::prelude::*;
use versioned_tests::letters_v1;

#[versioned(contract = "letters", version = "2.0.0", evolves = ::versioned_tests::letters_v1)]
pub mod v2 {
    use versioned_runtime::prelude::*;
    pub use versioned_tests::letters_v1::Name;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Letter {
        pub id: u64,
        pub to: Name,
        #[version(renamed(v2, from = text), upgrade = lines, downgrade = text)]
        pub body: Vec<String>,
    }

    pub trait Post {
        #[get("/letters/{id}")]
        async fn letter(&self, id: u64) -> Result<Letter, Problem>;
    }

    #[allow(clippy::needless_pass_by_value)] // the value of the field is moved
    fn lines(text: String) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[allow(clippy::needless_pass_by_value)] // as above
    fn text(lines: Vec<String>) -> String {
        lines.join("\n")
    }
}

versioned_runtime::contract! {
    pub mod letters = v2;
}

struct Office;

impl v2::Post for Office {
    async fn letter(&self, id: u64) -> Result<v2::Letter, Problem> {
        let to = letters_v1::Name {
            full: "Ada".to_owned(),
        };
        Ok(v2::Letter {
            id,
            to,
            body: vec!["Dear Ada,".to_owned(), "yes.".to_owned()],
        })
    }
}

#[tokio::test]
async fn a_version_in_another_crate_is_bridged() {
    let app = letters::Service::builder()
        .v2(Office)
        .build()
        .router()
        .expect("a host of one");
    let request = Request::builder()
        .uri("/v1/letters/7")
        .body(axum::body::Body::empty())
        .expect("a request");
    let answer = app.oneshot(request).await.expect("an answer");
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    assert_eq!(bytes, r#"{"id":7,"to":{"full":"Ada"},"text":"Dear Ada,\nyes."}"#);
}
