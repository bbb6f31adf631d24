//! Types and traits that are called otherwise from a version on: code of the older versions is written with the names that they had.
#![deny(warnings)]
#![allow(missing_docs)]

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use versioned_runtime::prelude::*;

#[versioned(contract = "people", versions(v1 = "1.0.0", v1_1 = "1.1.0", v2 = "2.0.0"))]
pub mod people {
    use super::*;

    #[version(renamed(v1_1, from = Human), renamed(v2, from = Person))]
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct User {
        pub id: u64,
        #[version(since = v2)]
        pub name: Option<String>,
    }

    #[version(renamed(v2, from = Mood))]
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    pub enum State {
        Fine,
    }

    #[version(renamed(v2, from = People))]
    pub trait Users {
        #[get("/people/{id}")]
        async fn get(&self, id: u64) -> Result<User, Problem>;

        #[get("/states")]
        async fn states(&self) -> Result<Vec<State>, Problem>;
    }
}

struct Oldest;

impl people::v1::People for Oldest {
    async fn get(&self, id: u64) -> Result<people::v1::Human, Problem> {
        Ok(people::v1::Human { id })
    }

    async fn states(&self) -> Result<Vec<people::v1::Mood>, Problem> {
        Ok(vec![people::v1::Mood::Fine])
    }
}

#[tokio::test]
async fn an_older_version_has_the_older_names() {
    let renamed: people::v1_1::Person = people::v1_1::User { id: 7 };
    assert_eq!(renamed.upgrade(), people::v2::User { id: 7, name: None });
    let service = people::Service::builder().v1(Oldest).build();
    let request = Request::get("/v2/people/7")
        .body(Body::empty())
        .expect("a request");
    let answer = service
        .router()
        .expect("a router")
        .oneshot(request)
        .await
        .expect("an answer");
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    assert_eq!(&*body, br#"{"id":7,"name":null}"#);
}

#[test]
fn names_of_items_are_not_on_the_wire() {
    let [v1, v1_1, v2] = people::Version::ALL.map(|version| version.contract().fingerprint());
    assert_eq!(v1, v1_1);
    assert_ne!(v1_1, v2, "the name came with 2.0.0");
}
