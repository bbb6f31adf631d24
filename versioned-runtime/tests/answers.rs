//! Answers of several statuses, with headers, of several media types, and item by item: one implementation, every version.
#![deny(warnings)]
#![allow(missing_docs)]

use axum::body::Body;
use futures_util::{StreamExt as _, stream};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use versioned_runtime::prelude::*;
use versioned_runtime::{Binary, Event, EventStream, Ndjson, Text, Unconvertible, WithHeaders};

#[versioned(contract = "store", versions(v1 = "1.0.0", v1_1 = "1.1.0", v2 = "2.0.0"))]
pub mod store {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Item {
        pub id: u64,
        #[version(renamed(v2, from = name))]
        #[openapi(min_length = 1)]
        pub title: String,
        #[version(changed(v2, from = u8, upgrade = u16::from, try_downgrade = small))]
        pub count: u16,
    }

    fn small(count: u16) -> Result<u8, Unconvertible> {
        u8::try_from(count).map_err(Unconvertible::new)
    }

    /// What is said of an item beside it.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Tags {
        /// Which state of the item it is.
        #[serde(rename = "ETag")]
        pub tag: String,
        #[serde(rename = "X-Total")]
        #[version(since = v1_1)]
        pub total: Option<u64>,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Place {
        #[serde(rename = "Location")]
        pub location: String,
    }

    #[derive(Debug, Responses)]
    pub enum Saved {
        /// There was no such item before.
        #[response(status = 201)]
        Created(WithHeaders<Item, Tags>),
        #[response(status = 200)]
        Replaced(Item),
        /// It is saved later.
        #[response(status = 202)]
        #[version(since = v2, try_downgrade = as_replaced)]
        Later(Item),
    }

    /// Clients that do not know of it are told that it is done.
    fn as_replaced(saved: v2::Saved) -> Result<v1_1::Saved, Unconvertible> {
        match saved {
            v2::Saved::Later(item) => item.try_downgrade().map(v1_1::Saved::Replaced),
            other => other.try_downgrade(),
        }
    }

    fn an_item() -> v2::Item {
        v2::Item {
            id: 1,
            title: "a pen".to_owned(),
            count: 3,
        }
    }

    fn created() -> v2::Saved {
        v2::Saved::Created(WithHeaders {
            body: an_item(),
            headers: v2::Tags {
                tag: "\"1\"".to_owned(),
                total: None,
            },
        })
    }

    fn replaced() -> v2::Saved {
        v2::Saved::Replaced(v2::Item {
            count: 300,
            ..an_item()
        })
    }

    fn two_items() -> Ndjson<v2::Item> {
        Ndjson::from_items([an_item(), an_item()])
    }

    pub trait Store {
        #[get("/items/{id}")]
        async fn item(&self, id: u64) -> Result<WithHeaders<Item, Tags>, Problem>;

        #[example("a new item", request = an_item, response = created)]
        #[example("a known item", response = replaced)]
        #[post("/items")]
        async fn save(&self, item: Item) -> Result<Saved, Problem>;

        #[example("two items", response = two_items)]
        #[get("/items")]
        async fn items(&self) -> Result<Ndjson<Item>, Problem>;

        #[get("/changes")]
        async fn changes(&self) -> Result<EventStream<Item>, Problem>;

        #[post("/imports")]
        async fn import(&self, items: Ndjson<Item>) -> Result<Vec<String>, Problem>;

        #[put("/note")]
        async fn set_note(&self, #[openapi(max_length = 5)] note: Text) -> Result<Text, Problem>;

        #[put("/file", status = 201)]
        async fn set_file(&self, file: Binary) -> Result<Binary, Problem>;

        #[get("/old", status = 308)]
        async fn old(&self) -> Result<WithHeaders<(), Place>, Problem>;
    }
}

struct Shop;

fn item(id: u64, count: u16) -> store::v2::Item {
    store::v2::Item {
        id,
        title: format!("item {id}"),
        count,
    }
}

fn tags(total: Option<u64>) -> store::v2::Tags {
    store::v2::Tags {
        tag: "\"7\"".to_owned(),
        total,
    }
}

impl store::v2::Store for Shop {
    async fn item(&self, id: u64) -> Result<WithHeaders<store::v2::Item, store::v2::Tags>, Problem> {
        Ok(WithHeaders {
            body: item(id, 3),
            headers: tags(Some(9)),
        })
    }

    async fn save(&self, item: store::v2::Item) -> Result<store::v2::Saved, Problem> {
        Ok(match item.id {
            0 => store::v2::Saved::Created(WithHeaders {
                body: item,
                headers: tags(None),
            }),
            1 => store::v2::Saved::Replaced(item),
            _ => store::v2::Saved::Later(item),
        })
    }

    async fn items(&self) -> Result<Ndjson<store::v2::Item>, Problem> {
        Ok(Ndjson::from_items([item(1, 1), item(2, 300)]))
    }

    async fn changes(&self) -> Result<EventStream<store::v2::Item>, Problem> {
        let events = [item(1, 1), item(2, 300)].map(|item| {
            let id = item.id.to_string();
            Ok(Event::new(item).with_id(id).with_name("changed"))
        });
        Ok(EventStream::new(stream::iter(events)))
    }

    async fn import(&self, items: Ndjson<store::v2::Item>) -> Result<Vec<String>, Problem> {
        let titles = items.map_items(|item| format!("{} x {}", item.count, item.title));
        let titles: Vec<Result<String, Problem>> = titles.collect().await;
        titles.into_iter().collect()
    }

    async fn set_note(&self, note: Text) -> Result<Text, Problem> {
        Ok(Text(note.0.to_uppercase()))
    }

    async fn set_file(&self, file: Binary) -> Result<Binary, Problem> {
        Ok(Binary(file.0.iter().rev().copied().collect()))
    }

    async fn old(&self) -> Result<WithHeaders<(), store::v2::Place>, Problem> {
        let location = "/items".to_owned();
        Ok(WithHeaders {
            body: (),
            headers: store::v2::Place { location },
        })
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
    /// Whether the body came to its end.
    whole: bool,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

async fn send(request: Request<Body>) -> Answer {
    let service = store::Service::builder().v2(Shop).build();
    let router = service.router().expect("a router");
    // Scripts may read what operations declare.
    let cors = service.host().expect("a host").cors_headers();
    assert!(cors.expose.iter().any(|name| name == "x-total"), "{cors:?}");
    let (parts, mut body) = router.oneshot(request).await.expect("an answer").into_parts();
    let (mut received, mut whole) = (Vec::new(), true);
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => received.extend_from_slice(&frame.into_data().expect("data")),
            Err(_) => whole = false,
        }
    }
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(received).expect("text"),
        whole,
    }
}

async fn get(path: &str) -> Answer {
    send(Request::get(path).body(Body::empty()).expect("a request")).await
}

async fn put(method: &str, path: &str, media: &str, body: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(CONTENT_TYPE, media);
    send(request.body(Body::from(body.to_owned())).expect("a request")).await
}

#[tokio::test]
async fn headers_have_a_history() {
    // An entity tag says of which version it is: caches may hold several.
    let new = get("/v2/items/7").await;
    assert_eq!(new.json(), json!({ "id": 7, "title": "item 7", "count": 3 }));
    assert_eq!(
        (new.header("etag"), new.header("x-total")),
        (Some("\"7@2.0.0\""), Some("9"))
    );
    let old = get("/v1.0.0/items/7").await;
    assert_eq!(old.json(), json!({ "id": 7, "name": "item 7", "count": 3 }));
    assert_eq!(
        (old.header("etag"), old.header("x-total")),
        (Some("\"7@1.0.0\""), None)
    );
    let moved = get("/v1/old").await;
    assert_eq!(moved.status, StatusCode::PERMANENT_REDIRECT);
    assert_eq!(
        (
            moved.header("location"),
            moved.header("content-type"),
            &*moved.body
        ),
        (Some("/items"), None, "")
    );
}

#[tokio::test]
async fn each_answer_has_its_status() {
    let save = async |version: &str, name: &str, id: u64| {
        let body = json!({ "id": id, name: "x", "count": 1 }).to_string();
        put("POST", &format!("/{version}/items"), "application/json", &body).await
    };
    let created = save("v2", "title", 0).await;
    assert_eq!(
        (created.status, created.header("etag")),
        (StatusCode::CREATED, Some("\"7@2.0.0\""))
    );
    assert_eq!(save("v2", "title", 1).await.status, StatusCode::OK);
    assert_eq!(save("v2", "title", 2).await.status, StatusCode::ACCEPTED);
    let later = save("v1", "name", 2).await;
    assert_eq!(
        (later.status, later.json()),
        (StatusCode::OK, json!({ "id": 2, "name": "x", "count": 1 }))
    );
}

#[tokio::test]
async fn streams_are_converted_item_by_item() {
    let new = get("/v2/items").await;
    assert_eq!(
        (new.header("content-type"), new.whole),
        (Some("application/x-ndjson"), true)
    );
    assert!(!new.headers.contains_key(CONTENT_LENGTH));
    let lines: Vec<Value> = new
        .body
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines[1], json!({ "id": 2, "title": "item 2", "count": 300 }));
    // What has no counterpart breaks off: a client cannot take half of the list for all of it.
    let old = get("/v1/items").await;
    assert_eq!((old.status, old.whole), (StatusCode::OK, false));
    assert_eq!(old.body, "{\"id\":1,\"name\":\"item 1\",\"count\":1}\n");

    let events = get("/v2/changes").await;
    assert_eq!(events.header("content-type"), Some("text/event-stream"));
    assert!(
        events
            .body
            .starts_with("id: 1\nevent: changed\ndata: {\"id\":1,\"title\""),
        "{}",
        events.body
    );
    let old = get("/v1/changes").await;
    assert!(old.whole, "a problem is an event");
    let frames: Vec<&str> = old.body.split("\n\n").collect();
    assert_eq!(
        frames[0],
        "id: 1\nevent: changed\ndata: {\"id\":1,\"name\":\"item 1\",\"count\":1}"
    );
    let problem = frames[1]
        .strip_prefix("event: problem\ndata: ")
        .expect("a problem");
    let problem: Value = serde_json::from_str(problem).expect("JSON");
    assert_eq!(
        (&problem["status"], &problem["pointer"]),
        (&json!(500), &json!("/count"))
    );
}

#[tokio::test]
async fn lines_are_read_as_a_whole() {
    let lines = "{\"id\":1,\"name\":\"a\",\"count\":2}\r\n\n{\"id\":2,\"name\":\"b\",\"count\":3}";
    let read = put("POST", "/v1/imports", "application/x-ndjson", lines).await;
    assert_eq!(read.json(), json!(["2 x a", "3 x b"]));
    let short = put(
        "POST",
        "/v1/imports",
        "application/jsonl",
        &lines.replace("\"b\"", "\"\""),
    )
    .await;
    assert_eq!(
        (short.status, &short.json()["errors"][0]["pointer"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("/1/name"))
    );
    let wrong = put(
        "POST",
        "/v1/imports",
        "application/x-ndjson",
        &lines.replace("\"b\"", "7"),
    )
    .await;
    let wrong = (wrong.status, wrong.json());
    assert_eq!(
        (wrong.0, &wrong.1["errors"][0]["pointer"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("/1/name"))
    );
    assert!(
        wrong.1["detail"]
            .as_str()
            .expect("a detail")
            .starts_with("line 3: "),
        "{}",
        wrong.1
    );
    let broken = put("POST", "/v1/imports", "application/x-ndjson", "{").await;
    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    let unsupported = put("POST", "/v1/imports", "application/json", lines).await;
    assert_eq!(
        (unsupported.status, unsupported.header("accept")),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, Some("application/x-ndjson"))
    );
}

#[tokio::test]
async fn texts_and_bytes_stand_as_they_are() {
    let note = put("PUT", "/v1/note", "text/plain; charset=utf-8", "abc").await;
    assert_eq!(
        (&*note.body, note.header("content-type")),
        ("ABC", Some("text/plain; charset=utf-8"))
    );
    let long = put("PUT", "/v1/note", "text/plain", "abcdef").await;
    assert_eq!(
        (long.status, &long.json()["errors"][0]["constraint"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("maxLength"))
    );
    let latin = put("PUT", "/v1/note", "text/plain; charset=latin1", "abc").await;
    assert_eq!(latin.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let file = put("PUT", "/v1/file", "image/png", "abc").await;
    assert_eq!(
        (file.status, &*file.body, file.header("content-type")),
        (StatusCode::CREATED, "cba", Some("application/octet-stream"))
    );
    let parts = put("PUT", "/v1/file", "multipart/form-data; boundary=x", "abc").await;
    assert_eq!(parts.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[test]
fn the_document_says_it_all() {
    let [v1, _, v2] = store::Version::ALL.map(store::Version::contract);
    let document =
        |contract| serde_json::to_value(versioned_runtime::openapi::document(contract)).expect("JSON");
    let (old, new) = (document(v1), document(v2));
    let item = &new["paths"]["/items/{id}"]["get"]["responses"]["200"];
    assert_eq!(item["headers"]["ETag"]["required"], true);
    assert_eq!(
        item["headers"]["ETag"]["description"],
        "Which state of the item it is."
    );
    assert_eq!(item["headers"]["X-Total"]["required"], false);
    assert_eq!(
        old["paths"]["/items/{id}"]["get"]["responses"]["200"]["headers"]
            .as_object()
            .map(serde_json::Map::len),
        Some(1)
    );
    let saved = &new["paths"]["/items"]["post"]["responses"];
    assert_eq!(saved["201"]["description"], "There was no such item before.");
    assert_eq!(
        (
            saved["202"].is_object(),
            old["paths"]["/items"]["post"]["responses"]["202"].is_null()
        ),
        (true, true)
    );
    let media = |path: &str, method: &str, status: &str| {
        let content = &new["paths"][path][method]["responses"][status]["content"];
        content
            .as_object()
            .and_then(|content| content.keys().next().cloned())
    };
    assert_eq!(
        media("/items", "get", "200").as_deref(),
        Some("application/x-ndjson")
    );
    assert_eq!(
        media("/changes", "get", "200").as_deref(),
        Some("text/event-stream")
    );
    assert_eq!(media("/note", "put", "200").as_deref(), Some("text/plain"));
    assert_eq!(media("/old", "get", "308"), None);
    let body = &new["paths"]["/imports"]["post"]["requestBody"]["content"];
    assert!(
        body["application/x-ndjson"]["schema"]["$ref"].is_string(),
        "{body}"
    );
    let examples = |document: &Value, pointer: &str| document.pointer(pointer).cloned().unwrap_or_default();
    let request = "/paths/~1items/post/requestBody/content/application~1json/examples";
    assert_eq!(
        examples(&new, request),
        json!({ "a new item": { "value": { "id": 1, "title": "a pen", "count": 3 } } })
    );
    assert_eq!(
        examples(&old, request),
        json!({ "a new item": { "value": { "id": 1, "name": "a pen", "count": 3 } } })
    );
    let created =
        "/paths/~1items/post/responses/201/content/application~1json/examples/a new item/value/name";
    assert_eq!(examples(&old, created), "a pen");
    let replaced = "/paths/~1items/post/responses/200/content/application~1json/examples";
    assert_eq!(examples(&new, replaced)["a known item"]["value"]["count"], 300);
    assert_eq!(examples(&old, replaced), Value::Null, "1.0.0 cannot write 300");
    let items =
        "/paths/~1items/get/responses/200/content/application~1x-ndjson/examples/two items/value/name";
    assert_eq!(examples(&old, items), "a pen");
}
