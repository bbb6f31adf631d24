//! What stands in a query or a header, read as the document says it: flattened structs, tagged enums, lists in one line.
#![allow(missing_docs)] // the contract of a test

mod support;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::{ask, request};
use versioned_runtime::RunningHost;
use versioned_runtime::prelude::*;

#[versioned(contract = "search", versions(v1 = "1.0.0", v2 = "2.0.0"))]
pub mod search {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Page {
        #[openapi(maximum = 100)]
        pub limit: Option<u16>,
        #[serde(default)]
        pub reverse: bool,
        #[version(since = v2)]
        pub after: Option<u64>,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Terms {
        pub text: String,
        #[serde(default)]
        pub tags: Vec<u8>,
        #[serde(flatten)]
        pub page: Page,
        #[serde(flatten)]
        pub others: BTreeMap<String, String>,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Plain {
        pub limit: Option<u16>,
        #[serde(default, alias = "t")]
        pub tags: Vec<String>,
        #[serde(default)]
        pub name: Option<String>,
        #[serde(default)]
        pub ratio: Option<f64>,
        #[serde(default)]
        pub flag: bool,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind", rename_all = "lowercase")]
    pub enum Shape {
        Circle { radius: f64 },
        Square { side: u32 },
        Point,
    }

    pub trait Search {
        #[get("/found")]
        async fn found(&self, #[query] terms: Terms) -> Result<Terms, Problem>;

        #[get("/plain")]
        async fn plain(&self, #[query] plain: Plain) -> Result<Plain, Problem>;

        #[get("/shapes")]
        async fn shapes(&self, #[query] shape: Shape) -> Result<Shape, Problem>;

        #[get("/lines")]
        async fn lines(
            &self,
            #[header("X-Numbers")]
            #[openapi(max_items = 3)]
            numbers: Vec<u8>,
            #[header("X-Text")] text: Option<String>,
        ) -> Result<Vec<u8>, Problem>;
    }
}

#[derive(Clone)]
struct Echo;

impl search::v2::Search for Echo {
    async fn found(&self, terms: search::v2::Terms) -> Result<search::v2::Terms, Problem> {
        Ok(terms)
    }

    async fn plain(&self, plain: search::v2::Plain) -> Result<search::v2::Plain, Problem> {
        Ok(plain)
    }

    async fn shapes(&self, shape: search::v2::Shape) -> Result<search::v2::Shape, Problem> {
        Ok(shape)
    }

    async fn lines(&self, numbers: Vec<u8>, _: Option<String>) -> Result<Vec<u8>, Problem> {
        Ok(numbers)
    }
}

fn host() -> RunningHost {
    search::Service::builder()
        .v2(Echo)
        .build()
        .host()
        .expect("a host")
}

#[track_caller]
fn check(answer: &support::Answer, status: u16, expected: &Value) {
    let value = answer.json();
    let shown = match status {
        200 => value,
        _ => value["detail"].clone(),
    };
    assert_eq!((answer.status.as_u16(), &shown), (status, expected));
}

#[tokio::test]
async fn a_query_with_flattened_members_is_read() {
    let host = host();
    let get = async |query: &str| {
        ask(
            &host,
            request("GET", &format!("/found?{query}"), &["x-api-version: 2"], ""),
        )
        .await
    };
    let whole = get("text=7&tags=1&tags=2&limit=20&reverse=true&after=18446744073709551615&x=9").await;
    let expected = json!({
        "text": "7", "tags": [1, 2], "limit": 20, "reverse": true, "after": u64::MAX, "x": "9",
    });
    check(&whole, 200, &expected);
    // In 1.0.0 no such member is known.
    let before = ask(
        &host,
        request("GET", "/found?text=7&after=8", &["x-api-version: 1"], ""),
    )
    .await;
    check(
        &before,
        200,
        &json!({ "text": "7", "tags": [], "limit": null, "reverse": false, "after": "8" }),
    );
    let least = get("text=&limit=").await;
    check(
        &least,
        200,
        &json!({ "text": "", "tags": [], "limit": null, "reverse": false, "after": null }),
    );
    // Constraints hold for what stands flattened, too.
    let much = get("text=a&limit=101").await;
    check(&much, 422, &json!("query parameter `limit` must be at most 100"));
    for (query, name) in [
        ("limit=20", "`text`: missing field `text`"),
        (
            "text=a&limit=b",
            "query parameter `limit`: invalid type: string \"b\", expected u16",
        ),
        (
            "text=a&limit=1&limit=2",
            "query parameter `limit`: invalid type: sequence, expected u16",
        ),
        (
            "text=a&text=b",
            "`text`: invalid type: sequence, expected a string",
        ),
    ] {
        let refused = get(query).await;
        let detail = refused.json()["detail"].as_str().expect("a text").to_owned();
        assert_eq!(refused.status, 400, "{query}: {detail}");
        assert!(detail.contains(name), "{query}: {detail}");
    }
}

#[tokio::test]
async fn what_is_wrong_in_a_query_is_told_in_words() {
    let host = host();
    let get = async |query: &str| ask(&host, request("GET", &format!("/plain?{query}"), &[], "")).await;
    let whole = get("limit=&tags=a&tags=b&name=&ratio=&flag=true").await;
    let expected = json!({ "limit": null, "tags": ["a", "b"], "name": "", "ratio": null, "flag": true });
    check(&whole, 200, &expected);
    check(
        &get("limit=7&t=a").await,
        200,
        &json!({ "limit": 7, "tags": ["a"], "name": null, "ratio": null, "flag": false }),
    );
    for (query, detail) in [
        (
            "limit=abc",
            "query parameter `limit`: is not an integer of 16 bits, not negative",
        ),
        (
            "limit=1&limit=2",
            "query parameter `limit`: stands more than once",
        ),
        ("flag=", "query parameter `flag`: is not `true` or `false`"),
        ("ratio=NaN", "query parameter `ratio`: is not a number"),
        (
            "limits=7",
            "query parameter `limits`: unknown field `limits`, expected one of `limit`, `t`, `tags`, `name`, `ratio`, `flag`",
        ),
    ] {
        check(&get(query).await, 400, &json!(detail));
    }
}

#[tokio::test]
async fn a_query_with_a_tag_is_read() {
    let host = host();
    let get = async |query: &str| ask(&host, request("GET", &format!("/shapes?{query}"), &[], "")).await;
    check(
        &get("kind=circle&radius=1.5").await,
        200,
        &json!({ "kind": "circle", "radius": 1.5 }),
    );
    check(
        &get("kind=square&side=2").await,
        200,
        &json!({ "kind": "square", "side": 2 }),
    );
    check(&get("kind=point").await, 200, &json!({ "kind": "point" }));
    for query in ["kind=line", "kind=square", "side=2", "kind=circle&radius=inf"] {
        assert_eq!(get(query).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn a_list_stands_in_one_line_or_in_several() {
    let host = host();
    let get = async |lines: &[&str]| ask(&host, request("GET", "/lines", lines, "")).await;
    check(&get(&[]).await, 200, &json!([]));
    check(&get(&["x-numbers: 1, 2,3"]).await, 200, &json!([1, 2, 3]));
    check(
        &get(&["x-numbers: 1,2", "x-numbers: 3"]).await,
        200,
        &json!([1, 2, 3]),
    );
    let many = get(&["x-numbers: 1,2,3,4"]).await;
    check(
        &many,
        422,
        &json!("header parameter `X-Numbers` must have at most 3 items"),
    );
    assert_eq!(get(&["x-numbers: 1;2"]).await.status, 400);
}

#[test]
fn documents_say_what_is_read() {
    let parameters = |path: &str| -> Vec<(String, bool)> {
        let document = versioned_runtime::openapi::document(search::Version::V2.contract());
        let document = serde_json::to_value(document).expect("a document");
        let operation = &document["paths"][path]["get"]["parameters"];
        let operation = operation.as_array().expect("parameters").iter();
        operation
            .map(|one| {
                let name = one["name"].as_str().expect("a name").to_owned();
                (name, one["required"].as_bool().unwrap_or(false))
            })
            .collect()
    };
    let named = |expected: &[(&str, bool)]| -> Vec<(String, bool)> {
        expected
            .iter()
            .map(|(name, required)| ((*name).to_owned(), *required))
            .collect()
    };
    let expected = [
        ("text", true),
        ("tags", false),
        ("limit", false),
        ("reverse", false),
        ("after", false),
        ("others", false),
    ];
    assert_eq!(parameters("/found"), named(&expected));
    assert_eq!(
        parameters("/lines"),
        named(&[("X-Numbers", false), ("X-Text", false)])
    );
}
