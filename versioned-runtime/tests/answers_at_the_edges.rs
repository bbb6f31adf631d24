//! Answers at the edges: types of other modules, aliases, in process, without a body, and values that cannot be written.
#![deny(warnings)]
#![allow(missing_docs)]

use std::collections::BTreeMap;

use axum::body::Body;
use futures_util::StreamExt as _;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use versioned_runtime::prelude::*;
use versioned_runtime::{Event, EventStream, Ndjson, Text, WithHeaders};

/// Answers that no contract versions: what they hold is the same in all of them.
#[derive(Debug, Responses)]
pub enum Foreign {
    #[response(status = 200)]
    Found(Text),
    #[response(status = 304)]
    Unchanged(WithHeaders<(), Tag>),
    #[response(status = 303)]
    Elsewhere,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
pub struct Tag {
    #[serde(rename = "X-Tag")]
    pub tag: String,
    #[serde(rename = "X-Level", skip_serializing_if = "Vec::is_empty", default)]
    pub levels: Vec<u8>,
}

#[versioned(contract = "edges", versions(v1 = "1.0.0", v2 = "2.0.0"))]
pub mod edges {
    use super::*;

    pub type Page = WithHeaders<Vec<Leaf>, Tag>;
    pub type Leaves = Ndjson<Leaf>;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Leaf {
        pub id: u64,
        #[version(since = v2, default)]
        pub colour: String,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Keyed {
        pub by: BTreeMap<(u8, u8), u8>,
    }

    pub trait Edges {
        #[get("/foreign/{which}")]
        async fn foreign(&self, which: u8) -> Result<Foreign, Problem>;

        #[get("/page")]
        async fn page(&self) -> Result<Page, Problem>;

        #[get("/leaves")]
        async fn leaves(&self) -> Result<Leaves, Problem>;

        #[get("/events")]
        async fn events(&self) -> Result<EventStream<Leaf>, Problem>;

        #[get("/keyed")]
        async fn keyed(&self) -> Result<Keyed, Problem>;
    }
}

struct Newest;

fn leaf(id: u64) -> edges::v2::Leaf {
    edges::v2::Leaf {
        id,
        colour: "green".to_owned(),
    }
}

impl edges::v2::Edges for Newest {
    async fn foreign(&self, which: u8) -> Result<Foreign, Problem> {
        let tag = |tag: &str| Tag {
            tag: tag.to_owned(),
            levels: vec![1, 2],
        };
        Ok(match which {
            0 => Foreign::Found("text".into()),
            1 => Foreign::Unchanged(WithHeaders {
                body: (),
                headers: tag("a"),
            }),
            2 => Foreign::Elsewhere,
            _ => Foreign::Unchanged(WithHeaders {
                body: (),
                headers: tag("two\nlines"),
            }),
        })
    }

    async fn page(&self) -> Result<edges::v2::Page, Problem> {
        Ok(WithHeaders {
            body: vec![leaf(1)],
            headers: Tag {
                tag: "p".to_owned(),
                levels: Vec::new(),
            },
        })
    }

    async fn leaves(&self) -> Result<edges::v2::Leaves, Problem> {
        Ok(Ndjson::from_items([leaf(1), leaf(2)]))
    }

    async fn events(&self) -> Result<EventStream<edges::v2::Leaf>, Problem> {
        Ok(EventStream::from_events([Event::new(leaf(1))]))
    }

    async fn keyed(&self) -> Result<edges::v2::Keyed, Problem> {
        Ok(edges::v2::Keyed {
            by: [((1, 2), 3)].into(),
        })
    }
}

fn service() -> edges::Service {
    edges::Service::builder().v2(Newest).build()
}

async fn ask(method: &str, path: &str) -> http::Response<String> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .body(Body::empty())
        .expect("a request");
    let answer = service()
        .router()
        .expect("a router")
        .oneshot(request)
        .await
        .expect("an answer");
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    http::Response::from_parts(parts, String::from_utf8(body.to_vec()).expect("text"))
}

#[tokio::test]
async fn answers_of_other_modules_are_answers() {
    let found = ask("GET", "/v1/foreign/0").await;
    assert_eq!((found.status(), &**found.body()), (StatusCode::OK, "text"));
    let unchanged = ask("GET", "/v1/foreign/1").await;
    assert_eq!(
        (unchanged.status(), &**unchanged.body()),
        (StatusCode::NOT_MODIFIED, "")
    );
    assert_eq!(unchanged.headers()["x-tag"], "a");
    let levels: Vec<_> = unchanged.headers().get_all("x-level").iter().collect();
    assert_eq!(levels, ["1", "2"]);
    assert_eq!(ask("GET", "/v1/foreign/2").await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn aliases_of_answers_are_seen_through() {
    let old = ask("GET", "/v1/page").await;
    assert_eq!(
        (&**old.body(), &old.headers()["x-tag"]),
        (r#"[{"id":1}]"#, &"p".parse().expect("a value"))
    );
    assert!(!old.headers().contains_key("x-level"));
    assert_eq!(ask("GET", "/v1/leaves").await.body(), "{\"id\":1}\n{\"id\":2}\n");
}

#[tokio::test]
async fn head_has_the_headers_and_no_body() {
    let head = ask("HEAD", "/v1/leaves").await;
    assert_eq!((head.status(), &**head.body()), (StatusCode::OK, ""));
    assert_eq!(head.headers()["content-type"], "application/x-ndjson");
}

#[tokio::test]
async fn what_cannot_be_written_is_a_mistake_of_the_service() {
    for path in ["/v1/foreign/3", "/v1/keyed"] {
        let answer = ask("GET", path).await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert!(
            !answer.body().contains("lines"),
            "the cause is logged, not sent: {}",
            answer.body()
        );
    }
}

#[tokio::test]
async fn in_process_a_stream_is_a_stream() {
    use edges::v1::Edges as _;
    let old: edges::Handle<edges::V1> = service().handle(Context::default());
    let leaves = old.leaves().await.expect("leaves");
    let leaves: Vec<u64> = leaves
        .map_items(|leaf| leaf.id)
        .map(|item| item.expect("a leaf"))
        .collect()
        .await;
    assert_eq!(leaves, [1, 2]);
    let events = old.events().await.expect("events");
    let events: Vec<_> = events.collect().await;
    assert_eq!(
        events[0].as_ref().expect("an event").data,
        edges::v1::Leaf { id: 1 }
    );
}
