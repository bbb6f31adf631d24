//! Answers of versions that are written out one by one: statuses, headers, streams and examples are bridged like everything else.
#![deny(warnings)]
#![allow(missing_docs)]

use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use versioned_runtime::prelude::*;
use versioned_runtime::{Ndjson, WithHeaders};

#[versioned(contract = "notes", version = "1.0.0")]
pub mod v1 {
    use versioned_runtime::prelude::*;
    use versioned_runtime::{Ndjson, WithHeaders};

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Note {
        pub text: String,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Tag {
        #[serde(rename = "ETag")]
        pub tag: String,
    }

    #[derive(Debug, Responses)]
    pub enum Saved {
        #[response(status = 201)]
        Created(WithHeaders<Note, Tag>),
        #[response(status = 204)]
        Unchanged,
    }

    fn a_note() -> Note {
        Note {
            text: "first".to_owned(),
        }
    }

    pub trait Notes {
        #[example("a note", request = a_note)]
        #[post("/notes")]
        async fn add(&self, note: Note) -> Result<Saved, Problem>;

        #[get("/notes")]
        async fn list(&self) -> Result<Ndjson<Note>, Problem>;
    }
}

#[versioned(contract = "notes", version = "2.0.0", evolves = v1)]
pub mod v2 {
    use versioned_runtime::prelude::*;
    use versioned_runtime::{Ndjson, WithHeaders};

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Note {
        #[version(renamed(v2, from = text))]
        pub body: String,
        pub author: Option<String>,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Tag {
        #[serde(rename = "ETag")]
        pub tag: String,
        #[serde(rename = "X-Author")]
        pub author: Option<String>,
    }

    #[derive(Debug, Responses)]
    pub enum Saved {
        #[response(status = 201)]
        Created(WithHeaders<Note, Tag>),
        #[response(status = 204)]
        Unchanged,
        /// It was kept for later.
        #[version(downgrade = Unchanged)]
        #[response(status = 202)]
        Later,
    }

    fn a_note() -> Note {
        Note {
            body: "second".to_owned(),
            author: Some("Ada".to_owned()),
        }
    }

    pub trait Notes {
        #[example("a note", request = a_note)]
        #[post("/notes")]
        async fn add(&self, note: Note) -> Result<Saved, Problem>;

        #[get("/notes")]
        async fn list(&self) -> Result<Ndjson<Note>, Problem>;
    }
}

versioned_runtime::contract! { pub mod notes = v2; }

struct Both;

impl v2::Notes for Both {
    async fn add(&self, note: v2::Note) -> Result<v2::Saved, Problem> {
        if note.body.is_empty() {
            return Ok(v2::Saved::Later);
        }
        let headers = v2::Tag {
            tag: "\"1\"".to_owned(),
            author: Some("nobody".to_owned()),
        };
        Ok(v2::Saved::Created(WithHeaders { body: note, headers }))
    }

    async fn list(&self) -> Result<Ndjson<v2::Note>, Problem> {
        let body = "kept".to_owned();
        Ok(Ndjson::from_items([v2::Note { body, author: None }]))
    }
}

async fn ask(method: &str, path: &str, body: &str) -> (StatusCode, Option<String>, String) {
    let service = notes::Service::builder().v2(Both).build();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json");
    let request = request.body(Body::from(body.to_owned())).expect("a request");
    let router = service.router().expect("a router");
    let answer = router.oneshot(request).await.expect("an answer");
    let (parts, body) = answer.into_parts();
    let author = parts
        .headers
        .get("x-author")
        .map(|value| value.to_str().expect("text").to_owned());
    let body = body.collect().await.expect("a body").to_bytes();
    (
        parts.status,
        author,
        String::from_utf8(body.to_vec()).expect("text"),
    )
}

#[tokio::test]
async fn answers_are_bridged() {
    let (status, author, body) = ask("POST", "/v1/notes", r#"{"text":"a"}"#).await;
    assert_eq!(
        (status, author, &*body),
        (StatusCode::CREATED, None, r#"{"text":"a"}"#)
    );
    let (status, author, body) = ask("POST", "/v2/notes", r#"{"body":"a"}"#).await;
    assert_eq!((status, author.as_deref()), (StatusCode::CREATED, Some("nobody")));
    assert_eq!(body, r#"{"body":"a","author":null}"#);
    assert_eq!(
        ask("POST", "/v2/notes", r#"{"body":""}"#).await.0,
        StatusCode::ACCEPTED
    );
    assert_eq!(
        ask("POST", "/v1/notes", r#"{"text":""}"#).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(ask("GET", "/v1/notes", "").await.2, "{\"text\":\"kept\"}\n");
}

#[test]
fn each_version_shows_its_own_examples() {
    let shown = notes::Version::ALL.map(|version| {
        let document =
            serde_json::to_value(versioned_runtime::openapi::document(version.contract())).expect("JSON");
        let body = &document["paths"]["/notes"]["post"]["requestBody"]["content"]["application/json"];
        body["examples"]["a note"]["value"].clone()
    });
    let expected: [Value; 2] = [
        json!({ "text": "first" }),
        json!({ "body": "second", "author": "Ada" }),
    ];
    assert_eq!(shown, expected);
}
