//! Who still calls what is deprecated: versions, operations, what is out for a while or for good, and the process itself.
#![allow(missing_docs)] // the contract of a test

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use versioned_runtime::prelude::*;
use versioned_runtime::{RunningHost, UnixTime};

/// Seconds of 2023-05-01T10:00:00Z, when the brown-out of 1.0.0 begins.
const BROWN_OUT: i64 = 1_682_935_200;
/// Its sunset, 2023-06-01.
const SUNSET: i64 = 1_685_577_600;

#[versioned(
    contract = "shelf",
    versions(v1("1.0.0", deprecated = "2023-01-01", sunset = "2023-06-01"), v2("2.0.0"))
)]
pub mod shelf {
    use super::*;

    pub trait Shelf {
        #[get("/books")]
        async fn books(&self) -> Result<Vec<String>, Problem>;

        #[version(deprecated(on = "2023-02-03"))]
        #[get("/covers")]
        async fn covers(&self) -> Result<Vec<String>, Problem>;
    }
}

#[derive(Clone)]
struct Both;

impl shelf::v2::Shelf for Both {
    async fn books(&self) -> Result<Vec<String>, Problem> {
        Ok(Vec::new())
    }

    async fn covers(&self) -> Result<Vec<String>, Problem> {
        Ok(Vec::new())
    }
}

fn service() -> shelf::Service {
    let config = ContractConfig::new()
        .default_version::<shelf::V2>()
        .brown_out::<shelf::V1>("2023-05-01T10:00:00Z", 30)
        .user_key(UserKey::header("X-User"));
    shelf::Service::builder().v2(Both).config(config).build()
}

async fn get(router: axum::Router, path: &str, user: Option<&str>) -> (u16, String) {
    let mut request = Request::get(path);
    if let Some(user) = user {
        request = request.header("x-user", user);
    }
    let request = request.body(Body::empty()).expect("a request");
    let (parts, body) = router.oneshot(request).await.expect("an answer").into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (
        parts.status.as_u16(),
        String::from_utf8(body.to_vec()).expect("text"),
    )
}

/// What is told of deprecated calls: the version, the operation where it alone is deprecated, the client and the calls.
async fn told(host: &RunningHost) -> Vec<(String, String, String, u64)> {
    let (_, page) = get(host.metrics_router(), "/metrics", None).await;
    let lines = page
        .lines()
        .filter_map(|line| line.strip_prefix("versioned_deprecated_requests_total{contract=\"shelf\","));
    let mut told: Vec<(String, String, String, u64)> = lines
        .map(|line| {
            let (labels, calls) = line.split_once("} ").expect("a sample");
            let value = |name: &str| {
                let mut labels = labels.split(',').filter_map(|label| label.split_once('='));
                // An empty label is no label.
                let label = labels.find(|(known, _)| *known == name);
                label.map_or_else(String::new, |(_, value)| value.trim_matches('"').to_owned())
            };
            let calls = calls.parse().expect("a number");
            (value("resolved"), value("operation"), value("client"), calls)
        })
        .collect();
    told.sort();
    told
}

/// What `printf %s KEY | openssl dgst -sha256 -hmac pepper` begins with.
fn hash(key: &str) -> String {
    let known = [("ada", "48361492d3e8dd57")];
    let known = known.into_iter().find(|(known, _)| *known == key);
    known.expect("a key whose hash is known").1.to_owned()
}

#[tokio::test]
async fn whoever_calls_what_ends_is_told() {
    let now = Arc::new(AtomicI64::new(BROWN_OUT - 1));
    let clock = Arc::clone(&now);
    let service = service();
    let host = Host::from(service.clone())
        .client_salt("pepper")
        .clock(move || UnixTime::from_seconds(clock.load(Ordering::SeqCst)))
        .start()
        .expect("a host");
    let ask = async |at: i64, path: &str, user: Option<&str>, status: u16| {
        now.store(at, Ordering::SeqCst);
        assert_eq!(get(host.router(), path, user).await.0, status, "{path} at {at}");
    };
    let row = |version: &str, operation: &str, client: &str, calls| {
        (version.to_owned(), operation.to_owned(), client.to_owned(), calls)
    };
    let before = BROWN_OUT - 1;
    ask(before, "/v2/books", Some("ada"), 200).await;
    assert_eq!(told(&host).await, []);

    // An operation that goes tells who calls it, in a version that does not.
    ask(before, "/v2/covers", Some("ada"), 200).await;
    let operation = row("2.0.0", "covers", &hash("ada"), 1);
    assert_eq!(told(&host).await, std::slice::from_ref(&operation));

    // The process itself is a client, too, whoever it calls for.
    let handle = service.handle::<shelf::V1>(Context::new().user_key("ada"));
    shelf::v1::Shelf::books(&handle).await.expect("an answer");
    let handle = service.handle::<shelf::V2>(Context::new());
    shelf::v2::Shelf::covers(&handle).await.expect("an answer");
    shelf::v2::Shelf::books(&handle).await.expect("an answer");

    // In a deprecated version every operation does, and so does whoever is turned away for a while, or for good.
    ask(before, "/v1/covers", Some("ada"), 200).await;
    ask(BROWN_OUT, "/v1/books", Some("ada"), 410).await;
    ask(BROWN_OUT, "/v1/books", None, 410).await;
    ask(SUNSET, "/v1/books", Some("ada"), 410).await;
    let mut expected = vec![
        row("1.0.0", "", &hash("ada"), 3),
        row("1.0.0", "", "unknown", 1),
        row("1.0.0", "", "in_process", 1),
        row("2.0.0", "covers", "in_process", 1),
        operation,
    ];
    expected.sort();
    assert_eq!(told(&host).await, expected);
}
