//! The default version by its end: clients that name none are refused, and nothing else stops.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Body;
use http::Request;
use serde_json::json;
use tower::ServiceExt as _;
use versioned_runtime::prelude::*;
use versioned_runtime::{Availability, HostError, RunningHost, UnixTime};

#[versioned(
    contract = "trains",
    versions(v1("1.0.0", deprecated = "2021-01-01", sunset = "2022-01-01"), v2 = "2.0.0")
)]
mod trains {
    use super::*;

    pub trait Trains {
        #[get("/trains")]
        async fn trains(&self) -> Result<Vec<u64>, Problem>;
    }
}

struct Newest;

impl trains::v2::Trains for Newest {
    async fn trains(&self) -> Result<Vec<u64>, Problem> {
        Ok(Vec::new())
    }
}

/// 2022-01-01T00:00:00Z.
const SUNSET: i64 = 1_640_995_200;

fn host(config: ContractConfig, now: &Arc<AtomicI64>) -> Result<RunningHost, HostError> {
    let service = trains::Service::builder().v2(Newest).config(config).build();
    let now = Arc::clone(now);
    let clock = move || UnixTime::from_seconds(now.load(Ordering::Relaxed));
    Host::new().contract(service).clock(clock).start()
}

/// The status of an answer, and its version.
async fn ask(host: &RunningHost, path: &str) -> (u16, Option<String>) {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let answer = host.router().oneshot(request).await.expect("infallible");
    let version = answer.headers().get("api-version");
    let version = version.map(|version| version.to_str().expect("text").to_owned());
    (answer.status().as_u16(), version)
}

fn answered(version: &str) -> (u16, Option<String>) {
    (200, Some(version.to_owned()))
}

#[tokio::test]
async fn tables_and_versions_are_moved_after_the_default_version_has_gone() {
    let now = Arc::new(AtomicI64::new(SUNSET - 1));
    let host = host(ContractConfig::new(), &now).expect("a host");
    assert_eq!(ask(&host, "/trains").await, answered("1.0.0"));
    now.store(SUNSET, Ordering::Relaxed);
    assert_eq!(ask(&host, "/trains").await, (410, None));
    assert_eq!(ask(&host, "/v2/trains").await, answered("2.0.0"));

    let offered = json!({ "availability": "deprecated", "deprecated": "2021-06-01" });
    let offered = serde_json::from_value(offered).expect("a document");
    host.set_availability("trains", "2.0.0", 1, &offered)
        .expect("it moves");
    let mut table = host.table("trains").expect("a table");
    table.epoch = None;
    table.rolled_back = vec!["2.0.0".to_owned()];
    host.replace("trains", 2, &table)
        .expect("the default stays as it is");
    assert_eq!(ask(&host, "/trains").await, (410, None));

    table.default_version = "2.0.0".to_owned();
    host.replace("trains", 3, &table).expect("another default");
    assert_eq!(ask(&host, "/trains").await, answered("2.0.0"));
    // What is gone cannot become the default.
    table.default_version = "1.0.0".to_owned();
    let refused = host.replace("trains", 4, &table).expect_err("it is gone");
    assert!(refused.to_string().contains("/default_version"), "{refused}");
}

#[tokio::test]
async fn a_date_that_has_passed_stops_no_process_from_starting() {
    let now = Arc::new(AtomicI64::new(SUNSET));
    let named = host(ContractConfig::new().default_version::<trains::V1>(), &now);
    let named = named.expect("a host that was started before could go on, too");
    assert_eq!(ask(&named, "/trains").await, (410, None));
    assert_eq!(ask(&named, "/v2/trains").await, answered("2.0.0"));

    // Without a name it is the lowest one that is offered when the process starts.
    let lowest = host(ContractConfig::new(), &now).expect("a host");
    assert_eq!(ask(&lowest, "/trains").await, answered("2.0.0"));

    // What the configuration itself takes away is a mistake.
    let config = ContractConfig::new()
        .default_version::<trains::V1>()
        .availability::<trains::V1>(Availability::Gone);
    let refused = host(config, &now).expect_err("a configuration that contradicts itself");
    assert!(refused.to_string().contains("1.0.0"), "{refused}");

    // Everything has gone.
    let config = ContractConfig::new()
        .deprecated::<trains::V2>("2021-06-01")
        .sunset::<trains::V2>("2021-12-31");
    let nothing = host(config, &now).expect("a host");
    for path in ["/trains", "/v1/trains", "/v2/trains"] {
        assert_eq!(ask(&nothing, path).await, (410, None), "{path}");
    }
}
