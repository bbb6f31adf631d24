//! Constraints over HTTP: what breaks them is refused once, with every place named; each version has its own.

#![allow(missing_docs)] // the contract of a test

mod support;

use serde_json::{Value, json};
use support::{ask, request};
use versioned_core::constraints::Checker;
use versioned_core::engine::breaks;
use versioned_core::schema::Link;
use versioned_runtime::prelude::*;

const JSON: &str = "content-type: application/json";

#[versioned(contract = "accounts", versions(v1 = "1.0.0", v1_1 = "1.1.0", v2 = "2.0.0"))]
pub mod accounts {
    use super::*;

    /// Somebody.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    #[openapi(title = "An account", example = json!({ "name": "Ada", "email": "ada@example.org" }))]
    pub struct Account {
        #[openapi(read_only, maximum = 9_999)]
        #[serde(default)]
        pub id: u64,
        /// What they are called.
        #[openapi(min_length = 2, max_length = 50, example = "Ada Lovelace")]
        #[openapi(since = v2, max_length = 20, description = "A short name.")]
        #[serde(alias = "called")]
        pub name: String,
        pub email: Email,
        #[openapi(write_only, min_length = 8)]
        #[serde(default, skip_serializing)]
        pub password: Option<String>,
        #[openapi(until = v2, max_items = 2)]
        #[openapi(unique_items)]
        #[serde(default)]
        pub tags: Vec<String>,
    }

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Email(#[openapi(pattern = "^[^@]+@[^@]+$", format = "email")] pub String);

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Page {
        #[openapi(maximum = 100, multiple_of = 10)]
        #[openapi(since = v1_1, maximum = 120)]
        pub limit: Option<u8>,
        #[openapi(min_items = 1)]
        #[serde(default, alias = "t")]
        pub tags: Vec<Email>,
    }

    /// No constraints at all.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Plain {
        pub id: u64,
        #[openapi(title = "Any text", format = "uuid")]
        pub text: String,
    }

    pub trait Accounts {
        #[put("/accounts/{id}")]
        async fn put(
            &self,
            #[openapi(minimum = 1, maximum = 99, description = "Which one.")] id: u64,
            #[openapi(pattern = "^[a-f0-9]+$", example = "af01")]
            #[header("If-Match")]
            tag: Option<String>,
            account: Account,
        ) -> Result<Account, Problem>;

        #[get("/accounts")]
        async fn list(&self, #[query] page: Page) -> Result<Vec<Account>, Problem>;

        #[get("/search")]
        async fn search(
            &self,
            #[openapi(min_length = 2)]
            #[query("q")]
            word: String,
            #[openapi(max_items = 2)]
            #[query]
            near: Vec<u8>,
        ) -> Result<Vec<Account>, Problem>;

        #[post("/plain")]
        async fn plain(&self, plain: Plain) -> Result<Plain, Problem>;

        #[post("/many")]
        async fn many(&self, #[openapi(max_items = 40)] plain: Vec<Email>) -> Result<(), Problem>;
    }
}

versioned_runtime::laws!(accounts);

struct Echo;

macro_rules! echo {
    ($($version:ident)*) => {$(
        impl accounts::$version::Accounts for Echo {
            async fn put(
                &self,
                _: u64,
                _: Option<String>,
                account: accounts::$version::Account,
            ) -> Result<accounts::$version::Account, Problem> {
                Ok(account)
            }

            async fn list(&self, _: accounts::$version::Page) -> Result<Vec<accounts::$version::Account>, Problem> {
                Ok(Vec::new())
            }

            async fn search(&self, _: String, _: Vec<u8>) -> Result<Vec<accounts::$version::Account>, Problem> {
                Ok(Vec::new())
            }

            async fn plain(&self, plain: accounts::$version::Plain) -> Result<accounts::$version::Plain, Problem> {
                Ok(plain)
            }

            async fn many(&self, _: Vec<accounts::$version::Email>) -> Result<(), Problem> {
                Ok(())
            }
        }
    )*};
}

echo! { v1 v2 }

async fn answer(method: &str, path: &str, headers: &[&str], body: &Value) -> (u16, Value) {
    let service = accounts::Service::builder().v1(Echo).v2(Echo).build();
    let host = service.host().expect("a host of one");
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let answer = ask(&host, request(method, path, headers, body)).await;
    (answer.status.as_u16(), answer.json_or_none().unwrap_or_default())
}

fn account(name: &str) -> Value {
    json!({ "name": name, "email": "a@b" })
}

/// What is refused: `place keyword`, in the order in which it is told.
#[track_caller]
fn errors((status, answer): &(u16, Value)) -> Vec<String> {
    if *status < 300 {
        return Vec::new();
    }
    assert_eq!(*status, 422, "{answer}");
    assert_eq!(
        answer["type"], "urn:versioned:problem:constraint-violated",
        "{answer}"
    );
    let errors = answer["errors"].as_array().expect("errors");
    let lines = errors.iter().map(|error| {
        let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
        let place = match error["in"].as_str() {
            Some(place) => format!("{place}:{}{}", text("parameter"), text("pointer")),
            None => text("pointer"),
        };
        assert!(text("detail").starts_with("must "), "{error}");
        format!("{place} {}", text("constraint"))
    });
    lines.collect()
}

async fn check(method: &str, path: &str, headers: &[&str], body: Value, expected: &[&str]) {
    let answer = answer(method, path, headers, &body).await;
    assert_eq!(errors(&answer), expected, "{method} {path} {headers:?} {body}");
}

#[tokio::test]
async fn every_place_is_told_at_once() {
    let body = json!({ "name": "A", "email": "a", "password": "short", "tags": ["a", "b", "a"] });
    let expected = [
        "path:id maximum",
        "header:If-Match pattern",
        "/name minLength",
        "/email pattern",
        "/password minLength",
        "/tags maxItems",
        "/tags uniqueItems",
    ];
    check(
        "PUT",
        "/v1/accounts/100",
        &[JSON, "if-match: X"],
        body.clone(),
        &expected,
    )
    .await;
    let (_, answer) = answer("PUT", "/v1/accounts/100", &[JSON], &body).await;
    let detail = "path parameter `id` must be at most 99, and 5 more";
    assert_eq!(answer["detail"], detail, "{answer}");
    check(
        "PUT",
        "/v1/accounts/99",
        &[JSON, "if-match: af"],
        account("Ada"),
        &[],
    )
    .await;
}

#[tokio::test]
async fn other_names_are_held_against_the_same_constraints() {
    let body = json!({ "called": "A", "email": "a@b" });
    check("PUT", "/v1/accounts/1", &[JSON], body, &["/called minLength"]).await;
    check(
        "GET",
        "/v1/accounts?t=a&t=a@b",
        &[],
        Value::Null,
        &["query:t/0 pattern"],
    )
    .await;
}

#[tokio::test]
async fn queries_are_held_against_constraints() {
    check("GET", "/v1/accounts?limit=20&tags=a@b", &[], Value::Null, &[]).await;
    let expected = ["query:limit maximum", "query:limit multipleOf"];
    check("GET", "/v1/accounts?limit=121", &[], Value::Null, &expected).await;
    check("GET", "/v1/search?q=ab&near=1&near=2", &[], Value::Null, &[]).await;
    let expected = ["query:q minLength", "query:near maxItems"];
    check(
        "GET",
        "/v1/search?q=a&near=1&near=2&near=3",
        &[],
        Value::Null,
        &expected,
    )
    .await;
}

#[tokio::test]
async fn each_version_has_its_own_constraints() {
    let of = |length: usize| account(&"a".repeat(length));
    for (version, most) in [("v1.0.0", 50), ("v1.1.0", 50), ("v2", 20)] {
        let path = format!("/{version}/accounts/1");
        check("PUT", &path, &[JSON], of(most), &[]).await;
        check("PUT", &path, &[JSON], of(most + 1), &["/name maxLength"]).await;
    }
    // What is only read may widen in a minor version.
    check(
        "GET",
        "/v1.0.0/accounts?limit=120",
        &[],
        Value::Null,
        &["query:limit maximum"],
    )
    .await;
    check("GET", "/v1.1.0/accounts?limit=120", &[], Value::Null, &[]).await;
    // The list may be longer from 2.0.0 on.
    let mut tagged = account("Ada");
    tagged["tags"] = json!(["a", "b", "c"]);
    check(
        "PUT",
        "/v1/accounts/1",
        &[JSON],
        tagged.clone(),
        &["/tags maxItems"],
    )
    .await;
    check("PUT", "/v2/accounts/1", &[JSON], tagged, &[]).await;
}

#[tokio::test]
async fn what_belongs_to_the_service_is_ignored() {
    for id in [json!(7), json!(0), json!("no number")] {
        let mut body = account("Ada");
        body["id"] = id;
        let (status, answer) = answer("PUT", "/v1/accounts/1", &[JSON], &body).await;
        assert_eq!((status, &answer["id"]), (200, &json!(0)), "{answer}");
    }
}

#[tokio::test]
async fn the_shape_comes_before_constraints() {
    let body = json!({ "name": "A", "email": 7 });
    let (status, answer) = answer("PUT", "/v1/accounts/100", &[JSON], &body).await;
    assert_eq!(
        (status, &answer["type"]),
        (422, &json!("urn:versioned:problem:body-invalid"))
    );
}

#[tokio::test]
async fn very_many_violations_are_counted() {
    let many: Vec<&str> = vec!["none"; 41];
    let (status, answer) = answer("POST", "/v1/many", &[JSON], &json!(many)).await;
    assert_eq!(
        (status, answer["errors"].as_array().map(Vec::len)),
        (422, Some(32)),
        "{answer}"
    );
    assert_eq!(answer["more"], 10, "{answer}");
}

#[test]
fn a_type_without_constraints_has_no_checker() {
    let none = |link: Link| Checker::new(link).expect("patterns").is_none();
    assert!(none(accounts::v1::Plain::NODE) && !none(accounts::v1::Account::NODE));
}

#[test]
fn the_document_states_them() {
    let document: Value = serde_json::from_str(&versioned_runtime::openapi::json(
        accounts::Version::V2.contract(),
    ))
    .expect("a document");
    let schemas = &document["components"]["schemas"];
    let account = &schemas["accounts.v2.Account"];
    assert_eq!(account["title"], "An account");
    assert_eq!(
        account["examples"],
        json!([{ "name": "Ada", "email": "ada@example.org" }])
    );
    let members = &account["properties"];
    let name = json!({
        "type": "string", "minLength": 2, "maxLength": 20, "examples": ["Ada Lovelace"], "description": "A short name.",
    });
    assert_eq!(members["name"], name);
    assert_eq!(members["id"]["readOnly"], true);
    assert_eq!(members["id"]["maximum"], 9_999);
    assert_eq!(members["password"]["writeOnly"], true);
    assert_eq!(members["tags"]["uniqueItems"], true);
    let put = &document["paths"]["/accounts/{id}"]["put"]["parameters"];
    let id = json!({ "type": "integer", "format": "uint64", "minimum": 1, "maximum": 99, "description": "Which one." });
    assert_eq!(
        (&put[0]["schema"], &put[0]["description"]),
        (&id, &json!("Which one.")),
        "{put}"
    );
    assert_eq!(put[1]["schema"]["pattern"], "^[a-f0-9]+$");
}

#[test]
fn what_is_narrowed_in_a_major_version_is_published() {
    let [v1, v1_1, v2] = accounts::Version::ALL.map(accounts::Version::contract);
    let told = |previous, next| {
        let changes = breaks(previous, next);
        changes
            .iter()
            .map(|change| format!("{} {}", change.rule.id, change.text))
            .collect::<Vec<_>>()
    };
    let narrowed = [
        "max-items-unset field `tags` of `Account` has no `max_items = 2` any more",
        "max-length-decreased field `name` of `Account` has `max_length = 20` instead of 50",
    ];
    assert_eq!(told(v1_1, v2), narrowed);
    assert_eq!(told(v1, v1_1), [""; 0]);
}
