//! Members of another type, conversions that may fail, and losses that were accepted: derived where they can be, by functions of
//! the user where not, classified in the metadata, and told to clients as documented statuses.
#![deny(warnings, clippy::pedantic)]
#![allow(missing_docs)] // the contract of a test

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use versioned_runtime::contract::{Contract, Fidelity};
use versioned_runtime::prelude::*;

/// A generic type that the macro cannot look into.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
}

impl<T: Schema> Schema for Page<T> {
    const NODE: versioned_runtime::schema::Link = <Vec<T> as Schema>::NODE;
}

#[versioned(contract = "parcels", versions(v1 = "1.0.0", v2 = "2.0.0", v3 = "3.0.0"))]
pub mod parcels {
    use super::*;

    /// A parcel: every way in which a field changes its type.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Parcel {
        /// Wider, then text.
        #[version(
            changed(v2, from = u32, try_downgrade = u32::try_from),
            changed(v3, from = u64, upgrade = as_text, try_downgrade = as_number)
        )]
        pub id: String,
        /// Optional from v2 on; 1.0.0 shows nothing as an empty text.
        #[version(changed(v2, from = String, downgrade = Option::unwrap_or_default))]
        pub note: Option<String>,
        /// Another name and another type at once.
        #[serde(rename = "kilograms")]
        #[version(renamed(v3, from = grams), changed(v3, from = u32, upgrade = kilograms, try_downgrade = grams))]
        pub kilograms: f64,
        #[version(since = v2, upgrade = priority, lossy(reason = "1.0.0 knows no priorities"))]
        pub priority: u8,
        /// Failing conversions at any depth.
        pub stops: Vec<Stop>,
        pub by_name: BTreeMap<String, Option<Box<Stop>>>,
        pub ends: (Arc<Stop>, [Stop; 2]),
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Stop {
        #[serde(rename = "at")]
        #[version(changed(v2, from = u16, try_downgrade = u16::try_from))]
        pub minute: i64,
    }

    #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum State {
        #[version(renamed(v2, from = Waiting))]
        Pending,
        Sent,
        #[version(since = v2, downgrade = Sent, lossy(reason = "1.0.0 does not tell apart where it is"))]
        Arrived,
        #[version(since = v2, try_downgrade = no_returns)]
        Returned {
            reason: u8,
        },
    }

    pub trait Parcels {
        #[put("/parcels/{id}")]
        async fn put_parcel(&self, id: u64, parcel: Parcel) -> Result<Parcel, Problem>;

        #[get("/states/{id}")]
        async fn get_state(&self, id: u64) -> Result<State, Problem>;

        #[get("/pages")]
        async fn pages(&self) -> Result<Paged, Problem>;
    }

    /// A changed type inside of one that cannot be looked into.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Paged {
        #[version(changed(v2, from = Page<Stop>, upgrade = page_up, try_downgrade = page_down))]
        pub page: Page<Stop>,
    }

    fn as_text(id: u64) -> String {
        format!("P{id}")
    }

    #[allow(clippy::needless_pass_by_value)] // the value of the field is moved
    fn as_number(id: String) -> Result<u64, String> {
        id.strip_prefix('P')
            .and_then(|digits| digits.parse().ok())
            .ok_or(format!("`{id}` is no number after a `P`"))
    }

    fn kilograms(grams: u32) -> f64 {
        f64::from(grams) / 1000.0
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the range was looked at
    fn grams(kilograms: f64) -> Result<u32, &'static str> {
        let grams = kilograms * 1000.0;
        if (0.0..=f64::from(u32::MAX)).contains(&grams) {
            Ok(grams as u32)
        } else {
            Err("out of range")
        }
    }

    fn priority(parcel: &v1::Parcel) -> u8 {
        u8::from(parcel.note.contains("urgent"))
    }

    fn no_returns(state: v2::State) -> Result<v1::State, String> {
        match state {
            v2::State::Returned { reason: 0 } => Ok(v1::State::Waiting),
            other => Err(format!("{other:?} is not known to 1.0.0")),
        }
    }

    fn page_up(page: Page<v1::Stop>) -> Page<v2::Stop> {
        let items = page.items.into_iter().map(super::Upgrade::upgrade).collect();
        Page { items }
    }

    fn page_down(page: Page<v2::Stop>) -> Result<Page<v1::Stop>, super::Unconvertible> {
        let items = page.items.into_iter().map(super::TryDowngrade::try_downgrade);
        Ok(Page {
            items: items.collect::<Result<_, _>>()?,
        })
    }
}

use versioned_runtime::{TryDowngrade, Unconvertible, Upgrade};

/// Echoes parcels, and answers with states and pages that not every version can write.
struct Echo;

impl parcels::v3::Parcels for Echo {
    async fn put_parcel(&self, id: u64, parcel: parcels::v3::Parcel) -> Result<parcels::v3::Parcel, Problem> {
        let id = if id == 0 { "first".to_owned() } else { parcel.id };
        Ok(parcels::v3::Parcel { id, ..parcel })
    }

    async fn get_state(&self, id: u64) -> Result<parcels::v3::State, Problem> {
        let reason = u8::try_from(id).map_err(|_| Problem::new(404))?;
        Ok(match reason {
            1 => parcels::v3::State::Arrived,
            2 => parcels::v3::State::Pending,
            _ => parcels::v3::State::Returned { reason },
        })
    }

    async fn pages(&self) -> Result<parcels::v3::Paged, Problem> {
        let items = vec![
            parcels::v3::Stop { minute: 1 },
            parcels::v3::Stop { minute: 70_000 },
        ];
        Ok(parcels::v3::Paged { page: Page { items } })
    }
}

/// Asks in a version; the status and the body.
async fn ask(method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
    let app = parcels::Service::builder()
        .v3(Echo)
        .build()
        .router()
        .expect("a host of one");
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let answer = app
        .oneshot(request.body(body).expect("a request"))
        .await
        .expect("an answer");
    let status = answer.status();
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    (status, serde_json::from_slice(&bytes).expect("JSON"))
}

fn parcel_v1(grams: u32, at: u16) -> Value {
    let stop = json!({ "at": at });
    json!({
        "id": 7, "note": "urgent", "kilograms": grams, "stops": [stop, stop], "by_name": { "a/b": stop, "c": null },
        "ends": [stop, [stop, stop]],
    })
}

#[tokio::test]
async fn a_client_of_the_first_version_gets_its_own_values_back() {
    let sent = parcel_v1(1500, 30);
    assert_eq!(
        ask("PUT", "/v1/parcels/7", Some(sent.clone())).await,
        (StatusCode::OK, sent)
    );
}

#[tokio::test]
async fn what_the_answer_cannot_say_in_a_version_is_a_problem_of_the_answer() {
    let (status, problem) = ask("PUT", "/v1/parcels/0", Some(parcel_v1(1, 1))).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(problem["type"], Unconvertible::ANSWER.type_uri);
    assert_eq!(problem["pointer"], "/id");
    assert_eq!(problem["detail"], "/id: `first` is no number after a `P`");

    let (status, problem) = ask("GET", "/v1/pages", None).await;
    assert_eq!(
        (status, &problem["pointer"]),
        (StatusCode::INTERNAL_SERVER_ERROR, &json!("/page/at"))
    );
    assert_eq!(ask("GET", "/v2/pages", None).await.0, StatusCode::OK);
}

#[tokio::test]
async fn variants_become_others_by_name_or_by_function_or_not_at_all() {
    for (path, expected) in [
        ("/v1/states/1", Ok(json!("sent"))),
        ("/v1/states/2", Ok(json!("waiting"))),
        ("/v2/states/2", Ok(json!("pending"))),
        ("/v1/states/0", Ok(json!("waiting"))),
        ("/v2/states/3", Ok(json!({ "returned": { "reason": 3 } }))),
        (
            "/v1/states/3",
            Err("Returned { reason: 3 } is not known to 1.0.0"),
        ),
    ] {
        let (status, body) = ask("GET", path, None).await;
        match expected {
            Ok(expected) => assert_eq!((status, body), (StatusCode::OK, expected), "{path}"),
            Err(detail) => assert_eq!(body["detail"], detail, "{path}"),
        }
    }
}

/// Implements the oldest version: newer requests are converted down, and may have no counterpart.
struct Old;

impl parcels::v1::Parcels for Old {
    async fn put_parcel(&self, _: u64, parcel: parcels::v1::Parcel) -> Result<parcels::v1::Parcel, Problem> {
        Ok(parcel)
    }

    async fn get_state(&self, _: u64) -> Result<parcels::v1::State, Problem> {
        Ok(parcels::v1::State::Sent)
    }

    async fn pages(&self) -> Result<parcels::v1::Paged, Problem> {
        Ok(parcels::v1::Paged {
            page: Page { items: Vec::new() },
        })
    }
}

#[test]
fn a_value_without_a_counterpart_names_its_place() {
    let stop = |minute| parcels::v2::Stop { minute };
    let parcel = |minutes: [i64; 4]| parcels::v2::Parcel {
        id: 1,
        note: None,
        grams: 1,
        priority: 0,
        stops: vec![stop(0), stop(minutes[0])],
        by_name: BTreeMap::from([("a/b".to_owned(), Some(Box::new(stop(minutes[1]))))]),
        ends: (Arc::new(stop(minutes[2])), [stop(0), stop(minutes[3])]),
    };
    let fails = |minutes| -> String {
        let down: Result<parcels::v1::Parcel, _> = parcel(minutes).try_downgrade();
        down.map_or_else(|error| error.pointer(), |_| "ok".to_owned())
    };
    assert_eq!(fails([0; 4]), "ok");
    assert_eq!(fails([-1, 0, 0, 0]), "/stops/1/at");
    assert_eq!(fails([0, -1, 0, 0]), "/by_name/a~1b/at");
    assert_eq!(fails([0, 0, 70_000, 0]), "/ends/0/at");
    assert_eq!(fails([0, 0, 0, 70_000]), "/ends/1/1/at");
    let mut wide = parcel([0; 4]);
    wide.id = u64::MAX;
    let down: Result<parcels::v1::Parcel, _> = wide.try_downgrade();
    assert_eq!(down.map_err(|error| error.pointer()), Err("/id".to_owned()));
}

fn migration(contract: &Contract, name: &str) -> (Option<Fidelity>, Option<Fidelity>) {
    let migration = contract
        .migrations
        .iter()
        .find(|migration| migration.type_name == name);
    migration.map_or((None, None), |migration| (migration.upgrade, migration.downgrade))
}

#[test]
fn each_direction_is_classified() {
    let v2 = parcels::Version::V2.contract();
    assert_eq!(
        migration(v2, "Parcel"),
        (Some(Fidelity::Computed), Some(Fidelity::Fallible))
    );
    assert_eq!(
        migration(v2, "Stop"),
        (Some(Fidelity::Exact), Some(Fidelity::Fallible))
    );
    assert_eq!(
        migration(v2, "State"),
        (Some(Fidelity::Exact), Some(Fidelity::Fallible))
    );
    let v3 = parcels::Version::V3.contract();
    assert_eq!(
        migration(v3, "Parcel"),
        (Some(Fidelity::Computed), Some(Fidelity::Fallible))
    );
    assert_eq!(migration(v3, "Stop"), (None, None));

    let members = v2.migrations.iter().flat_map(|migration| migration.members);
    let reasons: Vec<_> = members
        .filter(|m| !m.reason.is_empty())
        .map(|m| (m.name, m.reason))
        .collect();
    assert!(
        reasons.contains(&("priority", "1.0.0 knows no priorities")),
        "{reasons:?}"
    );
    assert!(
        reasons.contains(&("Arrived", "1.0.0 does not tell apart where it is")),
        "{reasons:?}"
    );
}

#[test]
fn conversions_that_may_fail_are_documented_statuses() {
    let statuses = |version: parcels::Version, path: &str, method: &str| {
        let document = versioned_runtime::openapi::json(version.contract());
        let document: Value = serde_json::from_str(&document).expect("a document");
        let responses = &document["paths"][path][method]["responses"];
        let statuses = responses.as_object().expect("responses").keys().cloned();
        statuses.collect::<Vec<_>>().join(" ")
    };
    let (v1, v2, v3) = (parcels::Version::V1, parcels::Version::V2, parcels::Version::V3);
    assert_eq!(statuses(v1, "/parcels/{id}", "put"), "200 500 default");
    // The implementation of 1.0.0 may answer 2.0.0, and not every request of that has a counterpart.
    assert_eq!(statuses(v2, "/parcels/{id}", "put"), "200 422 500 default");
    assert_eq!(statuses(v3, "/parcels/{id}", "put"), "200 422 default");
    assert_eq!(statuses(v3, "/states/{id}", "get"), "200 default");
}

#[tokio::test]
async fn an_older_implementation_refuses_what_it_cannot_write() {
    let app = parcels::Service::builder().v1(Old).v3(Echo).build();
    let old = parcels::Service::builder().v1(Old).build();
    drop(app);
    let app = old.router().expect("a host of one");
    let mut parcel = parcel_v1(1, 1);
    parcel["id"] = json!(u64::MAX);
    parcel["priority"] = json!(0);
    let request = Request::builder()
        .method("PUT")
        .uri("/v2/parcels/1")
        .header("content-type", "application/json");
    let request = request.body(Body::from(parcel.to_string())).expect("a request");
    let answer = app.oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    let problem: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(problem["type"], Unconvertible::REQUEST.type_uri);
    assert_eq!(problem["pointer"], "/id");
}
