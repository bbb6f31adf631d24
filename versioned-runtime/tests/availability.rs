//! Which version a client gets, what every answer says of it, and how a version comes to its end: over HTTP.
#![deny(warnings)]
#![allow(missing_docs)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use versioned_runtime::prelude::*;
use versioned_runtime::{
    AfterSunset, Availability, ClientPin, Fallback, RunningHost, Source, Sources, UnixTime, Unversioned,
    WithHeaders,
};

#[versioned(
    contract = "rooms",
    versions(
        v1(
            "1.0.0",
            released = "2020-01-01",
            deprecated = "2021-01-01",
            sunset = "2999-01-01"
        ),
        v1_1("1.1.0", released = "2021-06-01"),
        v2("2.0.0", released = "2022-01-01"),
        v3_rc("3.0.0-rc.1")
    )
)]
pub mod rooms {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Room {
        pub id: u64,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Cached {
        #[serde(rename = "Cache-Control")]
        pub cache: String,
        #[serde(rename = "ETag")]
        pub tag: String,
    }

    pub trait Rooms {
        #[get("/rooms/{id}")]
        async fn room(
            &self,
            id: u64,
            #[header("If-None-Match")] known: Option<String>,
        ) -> Result<WithHeaders<Room, Cached>, Problem>;

        #[version(deprecated(on = "2021-02-03", sunset = "2998-01-01"))]
        #[get("/rooms")]
        async fn rooms(&self) -> Result<Vec<Room>, Problem>;
    }
}

struct Newest;

impl rooms::v3_rc::Rooms for Newest {
    async fn room(
        &self,
        id: u64,
        known: Option<String>,
    ) -> Result<WithHeaders<rooms::v3_rc::Room, rooms::v3_rc::Cached>, Problem> {
        if let Some(known) = known {
            return Err(Problem::new(409).with_detail(known));
        }
        Ok(WithHeaders {
            body: rooms::v3_rc::Room { id },
            headers: rooms::v3_rc::Cached {
                cache: "public, max-age=3600, immutable".to_owned(),
                tag: "\"a\"".to_owned(),
            },
        })
    }

    async fn rooms(&self) -> Result<Vec<rooms::v3_rc::Room>, Problem> {
        Ok(Vec::new())
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("-", |value| value.to_str().expect("text"))
    }

    /// The status, and the version that it was answered in, or the kind of problem.
    fn brief(&self) -> (u16, &str) {
        let kind = self.body["type"].as_str().unwrap_or("-");
        let kind = kind.rsplit(':').next().unwrap_or(kind);
        let version = self.header("api-version");
        (
            self.status.as_u16(),
            if self.status.is_success() { version } else { kind },
        )
    }
}

fn host(config: ContractConfig) -> RunningHost {
    let service = rooms::Service::builder().v3_rc(Newest).config(config).build();
    let host = Host::new().contract(service).admin_token("secret");
    host.start().expect("a host")
}

async fn send(router: Router, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for header in headers {
        let (name, value) = header.split_once(": ").expect("a header");
        request = request.header(name, value);
    }
    let request = request.body(Body::from(body.to_owned())).expect("a request");
    let (parts, body) = router.oneshot(request).await.expect("an answer").into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    }
}

async fn get(host: &RunningHost, path: &str, headers: &[&str]) -> Answer {
    send(host.router(), "GET", path, headers, "").await
}

#[tokio::test]
async fn what_clients_say_is_what_they_get() {
    #[rustfmt::skip]
    let rows: &[(&str, &[&str], (u16, &str))] = &[
        ("/v2/rooms",                  &[],                                        (200, "2.0.0")),
        ("/rooms?api-version=1",       &[],                                        (200, "1.1.0")),
        ("/rooms",                     &["x-api-version: latest"],                 (200, "2.0.0")),
        ("/rooms",                     &["x-api-version: ^1, <1.1"],               (200, "1.0.0")),
        // dates: what was released last by the end of that day
        ("/rooms",                     &["x-api-version: 2021-05-31"],             (200, "1.0.0")),
        ("/rooms",                     &["x-api-version: 2021-06-01"],             (200, "1.1.0")),
        ("/rooms",                     &["x-api-version: 2019-12-31"],             (406, "version-unsatisfied")),
        // pre-releases by name only
        ("/rooms",                     &["x-api-version: 3.0.0-rc.1"],             (200, "3.0.0-rc.1")),
        ("/rooms",                     &["x-api-version: 3"],                      (406, "version-unsatisfied")),
        ("/rooms",                     &["x-api-version: >=1"],                    (200, "2.0.0")),
        // media ranges: the best one wins; one without a version is no source
        ("/rooms",                     &["accept: application/vnd.acme.v2+json"],  (200, "2.0.0")),
        ("/rooms",                     &["accept: application/json; version=2; q=0.1, application/json; version=1.0"], (200, "1.0.0")),
        ("/rooms",                     &["accept: */*"],                           (200, "1.0.0")),
        // all of them together
        ("/v1/rooms",                  &["x-api-version: 1.1"],                    (200, "1.1.0")),
        ("/v1/rooms",                  &["x-api-version: 2"],                      (400, "versions-disagree")),
    ];
    let host = host(ContractConfig::new());
    for (path, headers, expected) in rows {
        assert_eq!(
            get(&host, path, headers).await.brief(),
            *expected,
            "{path} {headers:?}"
        );
    }
}

#[tokio::test]
async fn a_contract_chooses_its_places() {
    let sources = Sources::default()
        .only([Source::Header])
        .header("Room-Version")
        .vendor("acme");
    let host = host(ContractConfig::new().sources(sources));
    assert_eq!(
        get(&host, "/rooms", &["room-version: 2"]).await.brief(),
        (200, "2.0.0")
    );
    assert_eq!(
        get(&host, "/rooms?api-version=2", &["x-api-version: 2"])
            .await
            .brief(),
        (200, "1.0.0")
    );
    assert_eq!(get(&host, "/v2/rooms", &[]).await.brief(), (404, "-"));
    assert_eq!(get(&host, "/rooms", &[]).await.header("vary"), "room-version");
}

#[tokio::test]
async fn who_names_no_version_gets_what_was_decided() {
    let cases = [
        (Unversioned::Default, (200, "2.0.0")),
        (Unversioned::Latest, (200, "2.0.0")),
        (Unversioned::Lowest, (200, "1.0.0")),
        (Unversioned::Reject, (400, "version-required")),
    ];
    for (unversioned, expected) in cases {
        let host = host(
            ContractConfig::new()
                .default_version::<rooms::V2>()
                .unversioned(unversioned),
        );
        let answer = get(&host, "/rooms", &[]).await;
        assert_eq!(answer.brief(), expected, "{unversioned:?}");
        if !answer.status.is_success() {
            assert_eq!(
                answer.body["versions"],
                json!(["1.0.0", "1.1.0", "2.0.0", "3.0.0-rc.1"])
            );
        }
    }
    let lower = host(ContractConfig::new().fallback(Fallback::SameMajor));
    assert_eq!(
        get(&lower, "/rooms", &["x-api-version: 1.9.0"]).await.brief(),
        (200, "1.1.0")
    );
    assert_eq!(
        get(&lower, "/rooms", &["x-api-version: 0.9.0"]).await.brief(),
        (406, "version-unsatisfied")
    );
}

#[tokio::test]
async fn a_client_pin_is_asked_where_nothing_is_said() {
    let pin = ClientPin::by_header("X-API-Key", |key| async move {
        match key.as_str() {
            "old" => Ok(Some("1.0".to_owned())),
            "new" => Ok(None),
            _ => Err("the database is down"),
        }
    });
    let host = host(
        ContractConfig::new()
            .default_version::<rooms::V2>()
            .client_pin(pin),
    );
    let pinned = get(&host, "/rooms/1", &["x-api-key: old"]).await;
    assert_eq!(pinned.brief(), (200, "1.0.0"));
    // A change of the pin reaches the client within the grace.
    assert_eq!(pinned.header("cache-control"), "private, max-age=60");
    assert!(pinned.header("vary").contains("x-api-key"));
    assert_eq!(
        get(&host, "/v2/rooms", &["x-api-key: old"]).await.brief(),
        (200, "2.0.0")
    );
    assert_eq!(
        get(&host, "/rooms", &["x-api-key: new"]).await.brief(),
        (200, "2.0.0")
    );
    assert_eq!(
        get(&host, "/rooms", &["x-api-key: x"]).await.brief(),
        (503, "client-pin-unavailable")
    );
}

#[tokio::test]
async fn every_refusal_to_resolve_says_what_there_is() {
    let pin = ClientPin::by_header("X-API-Key", |_| async { Err("the database is down") });
    let host = host(
        ContractConfig::new()
            .default_version::<rooms::V2>()
            .client_pin(pin),
    );
    for (path, header, expected) in [
        ("/rooms", "x-api-version: newest", (400, "version-malformed")),
        ("/rooms", "x-api-version: \u{e9}", (400, "version-malformed")),
        ("/v1/rooms", "x-api-version: 2", (400, "versions-disagree")),
        ("/rooms", "x-api-key: x", (503, "client-pin-unavailable")),
        ("/rooms", "x-api-version: 9", (406, "version-unsatisfied")),
    ] {
        let answer = get(&host, path, &[header]).await;
        assert_eq!(answer.brief(), expected, "{header}");
        assert_eq!(
            answer.body["versions"],
            json!(["1.0.0", "1.1.0", "2.0.0", "3.0.0-rc.1"]),
            "{header}"
        );
        assert_eq!(answer.headers[CACHE_CONTROL], "no-store", "{header}");
    }
}

#[tokio::test]
async fn dates_move_versions_while_the_process_runs() {
    /// 2023-05-01T10:00:00Z.
    const BROWN_OUT: i64 = 1_682_935_200;
    /// 2999-01-01T00:00:00Z.
    const SUNSET: i64 = 32_472_144_000;
    let now = Arc::new(AtomicI64::new(BROWN_OUT - 1));
    let clock = Arc::clone(&now);
    let config = ContractConfig::new()
        .default_version::<rooms::V2>()
        .brown_out::<rooms::V1>("2023-05-01T10:00:00Z", 15);
    let service = rooms::Service::builder().v3_rc(Newest).config(config).build();
    let host = Host::new()
        .contract(service)
        .clock(move || UnixTime::from_seconds(clock.load(Ordering::Relaxed)))
        .start()
        .expect("a host");
    let epoch = host.table("rooms").expect("a table").epoch;
    for (moment, expected) in [
        (BROWN_OUT - 1, (200, "1.0.0")),
        (BROWN_OUT, (410, "version-brown-out")),
        (BROWN_OUT + 15 * 60 - 1, (410, "version-brown-out")),
        (BROWN_OUT + 15 * 60, (200, "1.0.0")),
        (SUNSET - 1, (200, "1.0.0")),
        (SUNSET, (410, "version-gone")),
    ] {
        now.store(moment, Ordering::Relaxed);
        let answer = get(&host, "/v1.0.0/rooms", &[]).await;
        assert_eq!(answer.brief(), expected, "{moment}");
    }
    assert_eq!(get(&host, "/v1/rooms", &[]).await.brief(), (200, "1.1.0"));
    assert_eq!(
        host.table("rooms").expect("a table").epoch,
        epoch,
        "no table was replaced"
    );
}

#[tokio::test]
async fn caches_keep_no_more_than_is_true() {
    let host = host(ContractConfig::new().default_grace(Duration::from_secs(30)));
    let named = get(&host, "/v2/rooms/1", &[]).await;
    assert_eq!(named.header("cache-control"), "public, max-age=3600, immutable");
    assert_eq!(named.header("etag"), "\"a@2.0.0\"");
    let unnamed = get(&host, "/rooms/1", &[]).await;
    assert_eq!(unnamed.header("cache-control"), "public, max-age=30");
    assert_eq!(named.header("vary"), unnamed.header("vary"));
    // Neither does what a later version would satisfy, too, name the one that it is answered in.
    for open in ["latest", "*", ">=1", "2999-01-01"] {
        let open = get(&host, "/rooms/1", &[&format!("x-api-version: {open}")]).await;
        assert_eq!(open.brief(), (200, "2.0.0"));
        assert_eq!(open.header("cache-control"), "public, max-age=30");
    }
    let lower = self::host(ContractConfig::new().fallback(Fallback::AnyMajor));
    let lower = get(&lower, "/rooms/1", &["x-api-version: 4"]).await;
    assert_eq!(lower.header("cache-control"), "public, max-age=60");
    // The implementation knows its own tags, of this version only.
    let known = get(&host, "/v2/rooms/1", &["if-none-match: \"a@2.0.0\", \"b@1.0.0\""]).await;
    assert_eq!(known.body["detail"], "\"a\", \"b@1.0.0\"");
    // Refusals that may change tomorrow are kept by nobody.
    let refused = get(&host, "/rooms", &["x-api-version: 9"]).await;
    assert_eq!(refused.headers[CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn the_end_of_a_version_is_told_with_every_answer() {
    let host = host(ContractConfig::new());
    let old = get(&host, "/v1.0.0/rooms/1", &[]).await;
    assert_eq!(old.header("deprecation"), "@1609459200");
    assert_eq!(old.header("sunset"), "Tue, 01 Jan 2999 00:00:00 GMT");
    assert_eq!(
        old.header("link"),
        "</registry/contracts/rooms/versions/1.1.0>; rel=\"successor-version\""
    );
    let current = get(&host, "/v2/rooms/1", &[]).await;
    assert_eq!(
        (current.header("deprecation"), current.header("sunset")),
        ("-", "-")
    );
    // An operation may go before its version does.
    let operation = get(&host, "/v2/rooms", &[]).await;
    assert_eq!(operation.header("deprecation"), "@1612310400");
    assert_eq!(operation.header("sunset"), "Mon, 01 Jan 2998 00:00:00 GMT");
}

#[tokio::test]
async fn after_its_sunset_a_version_is_gone_by_policy() {
    let past = || {
        ContractConfig::new()
            .default_version::<rooms::V2>()
            .sunset::<rooms::V1>("2023-01-01")
    };
    let strict = host(past());
    let gone = get(&strict, "/v1.0/rooms", &[]).await;
    assert_eq!(gone.brief(), (410, "version-gone"));
    assert_eq!(gone.body["versions"], json!(["1.1.0", "2.0.0", "3.0.0-rc.1"]));
    assert!(gone.header("link").contains("rel=\"successor-version\""));
    assert_eq!(get(&strict, "/v1/rooms", &[]).await.brief(), (200, "1.1.0"));
    let lenient = host(past().after_sunset(AfterSunset::Answer));
    let answered = get(&lenient, "/v1.0/rooms/1", &[]).await;
    assert_eq!(
        (answered.brief(), answered.header("sunset")),
        ((200, "1.0.0"), "Sun, 01 Jan 2023 00:00:00 GMT")
    );
}

#[tokio::test]
async fn a_brown_out_shows_what_the_end_will_be_like() {
    let began = jiff::Timestamp::now() - jiff::Span::new().minutes(5);
    let ongoing = ContractConfig::new()
        .default_version::<rooms::V2>()
        .brown_out::<rooms::V1>(began.to_string(), 60);
    let out = get(&host(ongoing), "/v1.0/rooms", &[]).await;
    assert_eq!(out.brief(), (410, "version-brown-out"));
    assert!(
        out.body["until"].is_string() && out.header("retry-after") != "-",
        "{}",
        out.body
    );
    let over = ContractConfig::new().brown_out::<rooms::V1>("2022-01-01T10:00:00Z", 60);
    assert_eq!(get(&host(over), "/v1.0/rooms", &[]).await.brief(), (200, "1.0.0"));
}

#[tokio::test]
async fn availability_is_moved_by_command() {
    let host = host(ContractConfig::new().default_version::<rooms::V2>());
    let path = "/contracts/rooms/versions/1.1.0/availability";
    let put = async |headers: &[&str], body: Value| {
        let headers = [
            &["content-type: application/json", "authorization: Bearer secret"],
            headers,
        ]
        .concat();
        send(host.admin_router(), "PUT", path, &headers, &body.to_string()).await
    };
    let now = send(host.admin_router(), "GET", path, &[], "").await;
    assert_eq!(now.body["availability"], "offered");
    let tag = format!("if-match: {}", now.header("etag"));
    let gone = json!({ "availability": "gone" });
    assert_eq!(
        put(&[], gone.clone()).await.status,
        StatusCode::PRECONDITION_REQUIRED
    );
    let unannounced = put(&[&tag], gone).await;
    assert_eq!(
        (
            unannounced.status.as_u16(),
            &unannounced.body["errors"][0]["pointer"]
        ),
        (422, &json!("/reason"))
    );
    let deprecated = put(
        &[&tag],
        json!({ "availability": "deprecated", "sunset": "2999-01-01" }),
    )
    .await;
    assert_eq!(deprecated.status, StatusCode::OK, "{}", deprecated.body);
    assert_eq!(
        get(&host, "/v1.1/rooms/1", &[]).await.header("sunset"),
        "Tue, 01 Jan 2999 00:00:00 GMT"
    );
    assert_eq!(
        put(&[&tag], json!({ "availability": "gone" })).await.status,
        StatusCode::PRECONDITION_FAILED
    );
    let tag = format!("if-match: {}", deprecated.header("etag"));
    let gone = put(&[&tag], json!({ "availability": "gone" })).await;
    assert_eq!(gone.status, StatusCode::OK, "{}", gone.body);
    assert_eq!(
        get(&host, "/v1.1/rooms", &[]).await.brief(),
        (410, "version-gone")
    );
    assert_eq!(get(&host, "/v1/rooms", &[]).await.brief(), (200, "1.0.0"));
}

#[tokio::test]
async fn a_hidden_version_is_answered_by_its_name_only() {
    let host = host(ContractConfig::new().availability::<rooms::V2>(Availability::Hidden));
    assert_eq!(
        get(&host, "/rooms", &["x-api-version: 2.0.0"]).await.brief(),
        (200, "2.0.0")
    );
    assert_eq!(
        get(&host, "/rooms", &["x-api-version: >=1"]).await.brief(),
        (200, "1.1.0")
    );
    let listed = send(host.registry_router(), "GET", "/contracts/rooms", &[], "").await;
    assert_eq!(listed.body["versions"], json!(["1.0.0", "1.1.0", "3.0.0-rc.1"]));
}
