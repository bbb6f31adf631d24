//! Rules over HTTP: who serves a request is decided by what it tells, and explained without sending it.
#![deny(warnings)]
#![allow(missing_docs)]

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use versioned_runtime::prelude::*;
use versioned_runtime::{Expose, HostError, RunningHost};

#[versioned(contract = "cups", versions(v1 = "1.0.0", v2 = "2.0.0"))]
pub mod cups {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Cup {
        pub id: u64,
    }

    pub trait Cups {
        #[get("/cups/{id}")]
        async fn cup(&self, id: u64) -> Result<Cup, Problem>;
    }
}

struct Both;

impl cups::v1::Cups for Both {
    async fn cup(&self, id: u64) -> Result<cups::v1::Cup, Problem> {
        Ok(cups::v1::Cup { id })
    }
}

fn host() -> RunningHost {
    let config = ContractConfig::new()
        .user_key(UserKey::header("X-User"))
        .fact("region", UserKey::header("X-Region"))
        .fact("user_type", UserKey::cookie("kind"));
    let service = cups::Service::builder().v1(Both).v2(Both).config(config).build();
    let host = Host::new()
        .contract(service)
        .admin_token("secret")
        .expose(Expose::Always);
    host.start().expect("a host")
}

async fn admin(host: &RunningHost, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", "Bearer secret")
        .header("content-type", "application/json")
        .header(
            "if-match",
            format!(
                "\"{}\"",
                host.table("cups")
                    .and_then(|table| table.epoch)
                    .unwrap_or_default()
            ),
        );
    let request = request.body(Body::from(body.to_string())).expect("a request");
    let answer = host.admin_router().oneshot(request).await.expect("an answer");
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    (status, serde_json::from_slice(&body).expect("JSON"))
}

/// What is asked (path, headers), and who serves it.
type Row = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

/// Who served a request with these headers.
async fn served(host: &RunningHost, path: &str, headers: &[(&str, &str)]) -> String {
    let request = headers.iter().fold(Request::get(path), |request, (name, value)| {
        request.header(*name, *value)
    });
    let request = request.body(Body::empty()).expect("a request");
    let answer = host.router().oneshot(request).await.expect("an answer");
    answer.headers()["api-serving-version"]
        .to_str()
        .expect("text")
        .to_owned()
}

fn rules() -> Value {
    json!({
        "default_version": "1.0.0", "stable": "1.0.0", "shares": {}, "user_key": { "header": "x-user" },
        "labels": { "modern": "2.0.0" },
        "rules": [
            { "name": "back", "match": { "query:force": "old" }, "to": { "1.0.0": 100 } },
            { "name": "premium in the east", "match": { "dye": { "regex": r"region:cn-east\|user_type:premium" } }, "to": { "modern": 100 } },
            { "name": "half of the west", "match": { "region": { "glob": "*-west" } }, "to": { "modern": 50 } },
            { "name": "likely", "match": { "header:x-score": { "above": 0.92 } }, "to": { "modern": 100 } },
        ],
    })
}

#[tokio::test]
async fn what_a_request_tells_decides_who_serves_it() {
    let host = host();
    let (status, table) = admin(&host, "PUT", "/contracts/cups/routing", &rules()).await;
    assert_eq!(
        (status, &table["rules"][1]["name"]),
        (200, &json!("premium in the east"))
    );
    #[rustfmt::skip]
    let rows: &[Row] = &[
        ("/v1/cups/1",           &[],                                                              "1.0.0"),
        ("/v1/cups/1",           &[("x-region", "cn-east"), ("cookie", "a=b; kind=premium")],      "2.0.0"),
        ("/v1/cups/1",           &[("x-region", "cn-east"), ("cookie", "kind=free")],              "1.0.0"),
        // the first rule that matches decides
        ("/v2/cups/1?force=old", &[("x-region", "cn-east"), ("cookie", "kind=premium")],           "1.0.0"),
        // a value cannot pretend to be two facts
        ("/v1/cups/1",           &[("x-region", "cn-east|user_type:premium")],                     "1.0.0"),
        ("/v1/cups/1",           &[("x-score", "0.93")],                                           "2.0.0"),
        ("/v1/cups/1",           &[("x-score", "much")],                                           "1.0.0"),
        // without a key a user is in the last bucket, which moves last: the half that stays
        ("/v1/cups/1",           &[("x-region", "cn-west")],                                       "1.0.0"),
        // what a rule leaves goes to what follows
        ("/v1/cups/1",           &[("x-region", "cn-west"), ("x-score", "1")],                     "2.0.0"),
    ];
    for (path, headers, expected) in rows {
        assert_eq!(
            served(&host, path, headers).await,
            *expected,
            "{path} {headers:?}"
        );
    }
    let mut modern = 0;
    for user in 0..200 {
        let user = user.to_string();
        let who = served(&host, "/v1/cups/1", &[("x-region", "eu-west"), ("x-user", &user)]).await;
        let request = json!({ "version": "1.0.0", "operation": "cup", "user_key": user, "facts": { "region": "eu-west" } });
        let (status, explained) = admin(&host, "POST", "/contracts/cups/routing/explain", &request).await;
        assert_eq!((status, &explained["serving"]), (200, &json!(who)), "{explained}");
        assert_eq!(explained["matching"], json!(["half of the west"]));
        modern += u32::from(who == "2.0.0");
    }
    assert!((60..140).contains(&modern), "{modern} of 200 is not half");
}

#[tokio::test]
async fn a_request_is_explained_without_being_sent() {
    let host = host();
    admin(&host, "PUT", "/contracts/cups/routing", &rules()).await;
    let explain =
        async |request: Value| admin(&host, "POST", "/contracts/cups/routing/explain", &request).await;
    let facts = json!({ "region": "cn-east", "user_type": "premium", "header:x-score": "1" });
    let (_, told) = explain(json!({ "version": "1.0.0", "operation": "cup", "facts": facts })).await;
    let expected = json!({
        "epoch": 2, "bucket": 999_999, "dye": "region:cn-east|user_type:premium", "serving": "2.0.0", "native": false,
        "reason": "rule", "rule": "premium in the east", "matching": ["premium in the east", "likely"],
    });
    assert_eq!(told, expected);
    let (_, told) = explain(json!({ "version": "2.0.0", "operation": "cup" })).await;
    assert_eq!(
        (&told["reason"], &told["rule"], &told["serving"]),
        (&json!("stable"), &Value::Null, &json!("1.0.0"))
    );
    for (request, pointer) in [
        (json!({ "version": "3.0.0", "operation": "cup" }), "/version"),
        (json!({ "version": "1.0.0", "operation": "pour" }), "/operation"),
        (
            json!({ "version": "1.0.0", "operation": "cup", "facts": { "planet": "x" } }),
            "/facts",
        ),
    ] {
        let (status, told) = explain(request).await;
        assert_eq!(
            (status, &told["errors"][0]["pointer"]),
            (422, &json!(pointer)),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_table_that_cannot_be_names_the_place() {
    let host = host();
    let mut table = rules();
    table["rules"][2]["to"] = json!({ "modrn": 50 });
    let (status, told) = admin(&host, "PUT", "/contracts/cups/routing", &table).await;
    assert_eq!(
        (status, &told["errors"][0]["pointer"]),
        (422, &json!("/rules/2/to/modrn")),
        "{told}"
    );
    assert_eq!(host.table("cups").and_then(|table| table.epoch), Some(1));
}

#[test]
fn facts_have_names_that_rules_can_write() {
    let with = |name: &str| {
        let config = ContractConfig::new().fact(name, UserKey::header("X-A"));
        let service = cups::Service::builder().v1(Both).config(config).build();
        Host::new().contract(service).start().map(|_| ())
    };
    assert!(with("user_type").is_ok());
    for name in ["dye", "User", ""] {
        assert!(matches!(with(name), Err(HostError::Fact { .. })), "{name}");
    }
}
