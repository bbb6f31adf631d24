//! Facts that the service finds out, over real sockets: who is believed, what goes before what, and what hooks cost where nobody asks.
//!
//! All of `127.0.0.0/8` is this machine: clients choose the address that they come from.
#![allow(missing_docs)] // the contract of a test

mod mmdb;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use versioned_runtime::prelude::*;
use versioned_runtime::{
    Baggage, Caller, ClientPin, DyeSigner, Dyes, ExplainRequest, Expose, FactSources, Forwarding,
    RunningHost, Scores, Server, TableDocument, Tiers, UnixTime, UserTypes,
};

const SECRET: [u8; 32] = [7; 32];
const NOW: i64 = 1_800_000_000;
/// An address on the list, and one that is not.
const TRUSTED: &str = "127.0.0.2";
const OTHER: &str = "127.0.0.9";

#[versioned(contract = "mirror", versions(v1 = "1.0.0", v2 = "2.0.0"))]
pub mod mirror {
    use super::*;

    /// What a handler saw of its request.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Seen {
        pub dye: String,
        pub baggage: String,
        /// What the next service answered.
        pub next: String,
        /// Which version served there.
        pub served: String,
    }

    pub trait Mirror {
        #[get("/seen")]
        async fn seen(&self) -> Result<Seen, Problem>;

        #[post("/seen", status = 200)]
        async fn told(&self, text: String) -> Result<Seen, Problem>;
    }
}

/// Tells what it sees, and asks another service on the way.
#[derive(Clone, Default)]
struct Mirror {
    next: Option<SocketAddr>,
}

impl mirror::v1::Mirror for Mirror {
    async fn seen(&self) -> Result<mirror::v1::Seen, Problem> {
        let context = Context::current();
        let baggage = context.baggage();
        let mut seen = mirror::v1::Seen {
            dye: context.dye().unwrap_or_default().to_owned(),
            baggage: baggage
                .as_ref()
                .map_or_else(String::new, |value| value.to_str().expect("text").to_owned()),
            next: String::new(),
            served: String::new(),
        };
        if let Some(next) = self.next {
            let lines = baggage.map(|value| ("baggage".to_owned(), value.to_str().expect("text").to_owned()));
            let answer = get_lines(TRUSTED, next, "/v1/seen", lines.as_slice()).await;
            let told = answer.seen();
            told["dye"]
                .as_str()
                .unwrap_or_default()
                .clone_into(&mut seen.next);
            answer.by().clone_into(&mut seen.served);
        }
        Ok(seen)
    }

    async fn told(&self, _: String) -> Result<mirror::v1::Seen, Problem> {
        mirror::v1::Mirror::seen(self).await
    }
}

fn service(next: Option<SocketAddr>, config: ContractConfig) -> mirror::Service {
    let mirror = Mirror { next };
    mirror::Service::builder()
        .v1(mirror.clone())
        .v2(mirror)
        .config(config.default_version::<mirror::V1>())
        .build()
}

fn host(facts: FactSources) -> Host {
    Host::from(service(None, ContractConfig::new()))
        .expose(Expose::Always)
        .clock(|| UnixTime::from_seconds(NOW))
        .facts(facts)
}

/// A table whose rules ask for the whole key, and then some.
fn table(more: &Value) -> TableDocument {
    let mut table = json!({
        "default_version": "1.0.0", "shares": {}, "stable": "1.0.0",
        "rules": [{ "name": "all", "match": { "dye": "device:none" }, "to": { "2.0.0": 100 } }],
    });
    for (name, value) in more.as_object().expect("an object") {
        table[name] = value.clone();
    }
    serde_json::from_value(table).expect("a table")
}

struct Running {
    address: SocketAddr,
    host: RunningHost,
    _stop: oneshot::Sender<()>,
}

async fn serve(host: Host, table: &TableDocument) -> Running {
    run(Server::new(host), table).await
}

async fn run(server: Server, table: &TableDocument) -> Running {
    let listening = server.listen().await.expect("a free port");
    let (address, host) = (listening.local_addr(), listening.host().clone());
    host.replace("mirror", 1, table).expect("a table");
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(listening.run_until(async {
        let _ = stopped.await;
    }));
    Running {
        address,
        host,
        _stop: stop,
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn seen(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        serde_json::from_slice(&self.body).expect("JSON")
    }

    fn by(&self) -> &str {
        self.headers["api-serving-version"].to_str().expect("text")
    }
}

async fn send(from: &str, request: Request<Full<Bytes>>) -> Answer {
    let mut connector = HttpConnector::new();
    connector.set_local_address(Some(from.parse::<IpAddr>().expect("an address")));
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let answer = tokio::time::timeout(Duration::from_secs(20), client.request(request));
    let (parts, body) = answer
        .await
        .expect("not that long")
        .expect("an answer")
        .into_parts();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: body.collect().await.expect("a whole body").to_bytes(),
    }
}

async fn get_lines(from: &str, to: SocketAddr, path: &str, lines: &[(String, String)]) -> Answer {
    let mut request = Request::get(format!("http://{to}{path}"));
    for (name, value) in lines {
        request = request.header(name, value);
    }
    send(from, request.body(Full::default()).expect("a request")).await
}

async fn get(from: &str, to: SocketAddr, lines: &[&str]) -> Answer {
    let line = |line: &&str| {
        let (name, value) = line.split_once(": ").expect("a line");
        (name.to_owned(), value.to_owned())
    };
    let lines: Vec<(String, String)> = lines.iter().map(line).collect();
    get_lines(from, to, "/v1/seen", &lines).await
}

fn signed(facts: &[(&str, &str)]) -> String {
    let signer = DyeSigner::new("k1", SECRET).expect("a signer");
    let dye = signer.sign(facts.iter().copied(), UnixTime::from_seconds(NOW + 60));
    dye.expect("a dye").to_str().expect("text").to_owned()
}

fn metric(host: &RunningHost, line: &str) -> u64 {
    let service = host.metrics_router();
    let page = futures_util::FutureExt::now_or_never(tower::ServiceExt::oneshot(
        service,
        Request::get("/metrics")
            .body(axum::body::Body::empty())
            .expect("a request"),
    ));
    let body = page.expect("at once").expect("a page").into_body();
    let page = futures_util::FutureExt::now_or_never(body.collect()).expect("at once");
    let page = page.expect("a body").to_bytes();
    let page = String::from_utf8_lossy(&page).into_owned();
    let found = page
        .lines()
        .find_map(|found| found.strip_prefix(line)?.trim().parse().ok());
    found.unwrap_or_else(|| panic!("{line} in {page}"))
}

/// A database in a file of its own.
struct Database(PathBuf);

impl Database {
    fn new(name: &str, networks: &[(Ipv4Addr, u8, &str, Option<&str>)]) -> Self {
        let file = std::env::temp_dir().join(format!("versioned-facts-{}-{name}.mmdb", std::process::id()));
        let database = Self(file);
        database.write(&mmdb::write(networks));
        database
    }

    fn write(&self, bytes: &[u8]) {
        std::fs::write(&self.0, bytes).expect("a file");
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

const fn net(a: u8, b: u8, c: u8) -> Ipv4Addr {
    Ipv4Addr::new(a, b, c, 0)
}

#[tokio::test]
async fn what_goes_before_what() {
    let database = Database::new(
        "order",
        &[
            (net(203, 0, 113), 24, "US", Some("CA")),
            (net(198, 51, 100), 24, "CN", None),
        ],
    );
    let facts = FactSources::new()
        .trust([TRUSTED])
        .header("region", "X-Region")
        .region_database(&database.0)
        .regions([
            ("203.0.113.0/24", "table"),
            ("192.0.2.0/24", "wide"),
            ("192.0.2.128/25", "narrow"),
        ]);
    let host = host(facts).dyes(Dyes::new().key("k1", SECRET));
    let table = table(&json!({ "facts": { "region": { "header": "x-place" } } }));
    let server = serve(host, &table).await;
    let signed = format!("dye: {}", signed(&[("region", "signed")]));
    let place = "x-place: place";
    let (said, header) = ("dye: region:said", "x-region: header");
    let (us, cn) = ("x-forwarded-for: 203.0.113.7", "x-forwarded-for: 198.51.100.7");
    for (from, lines, region) in [
        // What is signed is believed from everybody, and goes first.
        (OTHER, vec![&*signed, place, header], "signed"),
        (TRUSTED, vec![&*signed, place, header, us], "signed"),
        // Then what an allow-listed peer says in a dye.
        (TRUSTED, vec![said, place, header, us], "said"),
        (OTHER, vec![said, place, header, us], "place"),
        // Then the place that the table names.
        (TRUSTED, vec![place, header, us], "place"),
        // Then the header of an allow-listed peer.
        (TRUSTED, vec![header, us], "header"),
        (OTHER, vec![header, us], ""),
        // Then the database, by the address of the client.
        (TRUSTED, vec![us], "us-ca"),
        (TRUSTED, vec![cn], "cn"),
        (
            TRUSTED,
            vec!["x-forwarded-for: 203.0.113.7, 198.51.100.7, 127.0.0.2"],
            "cn",
        ),
        (OTHER, vec![us], ""),
        // Then the table of networks.
        (TRUSTED, vec!["x-forwarded-for: 192.0.2.1"], "wide"),
        (TRUSTED, vec!["x-forwarded-for: 192.0.2.200"], "narrow"),
        (TRUSTED, vec!["x-forwarded-for: 10.0.0.1"], ""),
        (TRUSTED, vec!["x-forwarded-for: unknown"], ""),
        (TRUSTED, vec!["forwarded: for=203.0.113.7"], ""),
    ] {
        let answer = get(from, server.address, &lines).await;
        let dye = if region.is_empty() {
            String::new()
        } else {
            format!("region:{region}")
        };
        assert_eq!(answer.seen()["dye"], dye, "{from} {lines:?}");
    }
    // The dye of a peer that is not on the list is counted as it was.
    assert_eq!(
        metric(&server.host, "versioned_dyes_refused_total{reason=\"unsigned\"}"),
        1
    );
}

#[tokio::test]
async fn a_database_is_read_anew_or_stays() {
    let database = Database::new("reload", &[(net(127, 0, 0), 8, "US", None)]);
    let server = serve(
        host(FactSources::new().region_database(&database.0)),
        &table(&json!({})),
    )
    .await;
    let dye = async || get(OTHER, server.address, &[]).await.seen()["dye"].clone();
    assert_eq!(dye().await, "region:us");
    database.write(b"no database");
    let error = server.host.reload_regions().expect_err("no database").to_string();
    assert!(
        error.contains("reload.mmdb") && error.contains("fetch it again"),
        "{error}"
    );
    assert_eq!(dye().await, "region:us");
    database.write(&mmdb::write(&[(net(127, 0, 0), 8, "DE", Some("BE"))]));
    server.host.reload_regions().expect("a database");
    assert_eq!(dye().await, "region:de-be");
}

#[tokio::test]
async fn peers_are_known_behind_layers_and_under_axum() {
    let facts = || {
        FactSources::new()
            .trust([TRUSTED])
            .forwarding(Forwarding::Forwarded)
            .regions([("127.0.0.9/32", "nine"), ("203.0.113.0/24", "doc")])
    };
    let layered = Server::new(host(facts())).layer(tower_http::cors::CorsLayer::new());
    let layered = run(layered, &table(&json!({}))).await;
    let embedded = host(facts()).start().expect("a host");
    embedded
        .replace("mirror", 1, &table(&json!({})))
        .expect("a table");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("an address");
    let app = embedded
        .router()
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
    for address in [layered.address, address] {
        for (from, lines, dye) in [
            (OTHER, vec![], "region:nine"),
            (
                OTHER,
                vec!["dye: tier:low", "forwarded: for=203.0.113.1"],
                "region:nine",
            ),
            (TRUSTED, vec!["dye: tier:low"], "tier:low"),
            (TRUSTED, vec!["forwarded: for=\"203.0.113.1:80\""], "region:doc"),
        ] {
            assert_eq!(
                get(from, address, &lines).await.seen()["dye"],
                dye,
                "{from} {lines:?}"
            );
        }
    }
    // Where nobody says who is connected, nobody is believed.
    let request = Request::get("/v1/seen")
        .header("dye", "tier:low")
        .body(axum::body::Body::empty());
    let answer = tower::ServiceExt::oneshot(embedded.router(), request.expect("a request")).await;
    let body = answer
        .expect("infallible")
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    assert_eq!(serde_json::from_slice::<Value>(&body).expect("JSON")["dye"], "");
}

#[tokio::test]
async fn devices_are_told_by_hints_and_agents() {
    let rules = json!({ "rules": [{ "name": "phones", "match": { "facts": { "device": "mobile" } }, "to": { "2.0.0": 100 } }] });
    let server = serve(host(FactSources::new().device()), &table(&rules)).await;
    for (line, dye, by) in [
        (
            "user-agent: Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)",
            "device:mobile",
            "2.0.0",
        ),
        ("sec-ch-ua-mobile: ?1", "device:mobile", "2.0.0"),
        ("user-agent: curl/8.5.0", "device:bot", "1.0.0"),
        ("x-device: mobile", "", "1.0.0"),
    ] {
        let answer = get(OTHER, server.address, &[line]).await;
        assert_eq!((&answer.seen()["dye"], answer.by()), (&json!(dye), by), "{line}");
    }
}

#[tokio::test]
async fn the_tier_follows_the_latency() {
    let rules = json!({ "rules": [{ "name": "slow", "match": { "facts": { "tier": "high" } }, "to": { "2.0.0": 100 } }] });
    for (tiers, tier, by) in [
        (
            Tiers::new(Duration::from_hours(1), Duration::from_hours(2)),
            "tier:low",
            "1.0.0",
        ),
        (Tiers::new(Duration::ZERO, Duration::ZERO), "tier:high", "2.0.0"),
    ] {
        let host = host(FactSources::new().tier(tiers)).start().expect("a host");
        host.replace("mirror", 1, &table(&rules)).expect("a table");
        let mut asked = 0;
        // It is looked at four times a second: as soon as it was, it is known.
        let answer = loop {
            let request = Request::get("/v1/seen")
                .body(axum::body::Body::empty())
                .expect("a request");
            let answer = tower::ServiceExt::oneshot(host.service(), request)
                .await
                .expect("infallible");
            let (parts, body) = answer.into_parts();
            let body = body.collect().await.expect("a body").to_bytes();
            let answer = Answer {
                status: 200,
                headers: parts.headers,
                body,
            };
            asked += 1;
            if answer.seen()["dye"] != "" || asked == 1_000_000 {
                break answer;
            }
        };
        assert_eq!((&answer.seen()["dye"], answer.by()), (&json!(tier), by));
        // Fewer than these tell nothing.
        assert!(asked > 20, "{asked}");
    }
}

/// User types by a hook that counts, fails for some users and knows none of others.
fn user_types(asked: &Arc<AtomicUsize>) -> UserTypes {
    let asked = Arc::clone(asked);
    UserTypes::by(UserKey::header("X-User"), move |user| {
        asked.fetch_add(1, Ordering::Relaxed);
        async move {
            match &*user {
                "fails" => Err("no database"),
                "hangs" => std::future::pending().await,
                "nobody" => Ok(None),
                known => Ok(Some(format!("{known}-type"))),
            }
        }
    })
    .deadline(Duration::from_millis(1))
}

#[tokio::test]
async fn user_types_come_from_a_hook_or_not_at_all() {
    let asked = Arc::new(AtomicUsize::new(0));
    let rules = json!({ "rules": [{ "name": "ada", "match": { "facts": { "user_type": "ada-type" } }, "to": { "2.0.0": 100 } }] });
    let server = serve(
        host(FactSources::new().user_type(user_types(&asked))),
        &table(&rules),
    )
    .await;
    for (line, dye, by, times) in [
        ("x-user: ada", "user_type:ada-type", "2.0.0", 1),
        ("x-user: ada", "user_type:ada-type", "2.0.0", 1),
        ("x-user: bob", "user_type:bob-type", "1.0.0", 2),
        ("x-user: nobody", "", "1.0.0", 3),
        ("x-user: fails", "", "1.0.0", 4),
        ("x-user: hangs", "", "1.0.0", 5),
        ("x-other: ada", "", "1.0.0", 5),
    ] {
        let answer = get(OTHER, server.address, &[line]).await;
        assert_eq!((&answer.seen()["dye"], answer.by()), (&json!(dye), by), "{line}");
        assert_eq!(asked.load(Ordering::Relaxed), times, "{line}");
    }
    let line = "versioned_fact_hook_failures_total{hook=\"user_type\"}";
    assert_eq!(metric(&server.host, line), 2);
    // Bodies are received after the hooks.
    let request = Request::post(format!("http://{}/v1/seen", server.address))
        .header("content-type", "application/json")
        .header("x-user", "ada");
    let answer = send(OTHER, request.body(Full::from("\"x\"")).expect("a request")).await;
    assert_eq!(
        (answer.seen()["dye"].clone(), answer.by()),
        (json!("user_type:ada-type"), "2.0.0")
    );
    // What is refused before costs no question.
    let line = ("x-api-version".to_owned(), "9".to_owned());
    let answer = get_lines(
        OTHER,
        server.address,
        "/v1/seen",
        &[line, ("x-user".to_owned(), "eve".to_owned())],
    )
    .await;
    assert_eq!((answer.status, asked.load(Ordering::Relaxed)), (406, 5));
}

#[tokio::test]
async fn hooks_meet_client_pins() {
    let asked = Arc::new(AtomicUsize::new(0));
    let pin = ClientPin::by_header("x-api-key", |_| async {
        Ok::<_, std::io::Error>(Some("1".to_owned()))
    });
    let config = ContractConfig::new()
        .client_pin(pin)
        .facts(FactSources::new().user_type(user_types(&asked)));
    let host = Host::from(service(None, config)).expose(Expose::Always);
    let server = serve(host, &table(&json!({}))).await;
    for path in ["/seen", "/v1/seen"] {
        let lines =
            [("x-api-key", "k"), ("x-user", "ada")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let answer = get_lines(OTHER, server.address, path, &lines).await;
        assert_eq!(answer.seen()["dye"], "user_type:ada-type", "{path}");
        assert_eq!(answer.headers["api-version"], "1.0.0");
    }
}

#[tokio::test]
async fn scores_come_from_a_hook_or_an_allow_listed_peer() {
    let hook = Scores::by(|caller: Caller| async move {
        assert_eq!((caller.contract, caller.uri.path()), ("mirror", "/v1/seen"));
        match caller.headers.get("x-card").map(http::HeaderValue::as_bytes) {
            Some(b"stolen") => Ok(vec![("fraud", 0.95), ("other", 1.0)]),
            Some(b"fails") => Err("no model"),
            _ if caller.address == Some([203, 0, 113, 7].into()) => Ok(vec![("fraud", 0.93)]),
            _ => Ok(vec![("fraud", 0.92)]),
        }
    });
    let facts = FactSources::new()
        .trust([TRUSTED])
        .header("fraud", "X-Fraud")
        .scores(hook);
    let risky = json!({
        "scores": { "fraud": null },
        "rules": [{ "name": "risky", "match": { "scores": { "fraud": "> 0.92" } }, "to": { "2.0.0": 100 } }],
    });
    let server = serve(host(facts), &table(&risky)).await;
    assert_eq!(
        server.host.table("mirror").expect("a table").scores,
        [("fraud".to_owned(), None)].into()
    );
    for (from, lines, by) in [
        (OTHER, vec![], "1.0.0"),
        (OTHER, vec!["x-card: stolen"], "2.0.0"),
        (OTHER, vec!["x-card: fails"], "1.0.0"),
        (TRUSTED, vec!["x-forwarded-for: 203.0.113.7"], "2.0.0"),
        (OTHER, vec!["x-forwarded-for: 203.0.113.7"], "1.0.0"),
        (TRUSTED, vec!["x-fraud: 0.99"], "2.0.0"),
        (OTHER, vec!["x-fraud: 0.99"], "1.0.0"),
        (TRUSTED, vec!["x-fraud: 0.1", "x-card: stolen"], "1.0.0"),
    ] {
        let answer = get(from, server.address, &lines).await;
        assert_eq!(answer.by(), by, "{from} {lines:?}: {answer:?}");
    }
    assert_eq!(
        metric(
            &server.host,
            "versioned_fact_hook_failures_total{hook=\"scores\"}"
        ),
        1
    );
}

#[tokio::test]
async fn what_no_rule_asks_for_is_not_found_out() {
    let asked = Arc::new(AtomicUsize::new(0));
    let scores = {
        let asked = Arc::clone(&asked);
        Scores::by(move |_| {
            asked.fetch_add(1, Ordering::Relaxed);
            async { Ok::<_, std::io::Error>([("fraud", 1.0)]) }
        })
    };
    let facts = FactSources::new()
        .user_type(user_types(&asked))
        .scores(scores)
        .device()
        .regions([("127.0.0.0/8", "here")]);
    let host = host(facts).start().expect("a host");
    let only = |rules: Value| table(&json!({ "scores": { "fraud": null }, "rules": rules }));
    let rule = |matches: Value| json!([{ "name": "a", "match": matches, "to": { "2.0.0": 100 } }]);
    let ask = async || {
        let request = Request::get("/v1/seen")
            .header("x-user", "ada")
            .header("user-agent", "curl/8");
        let mut request = request.body(axum::body::Body::empty()).expect("a request");
        let peer = SocketAddr::from(([127, 0, 0, 1], 1));
        request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
        let answer = tower::ServiceExt::oneshot(host.service(), request)
            .await
            .expect("infallible");
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        let seen: Value = serde_json::from_slice(&body).expect("JSON");
        (
            seen["dye"].as_str().expect("text").to_owned(),
            asked.swap(0, Ordering::Relaxed),
        )
    };
    for (number, (rules, dye, times)) in [
        (json!([]), "", 0),
        (rule(json!({ "facts": { "region": "x" } })), "region:here", 0),
        (rule(json!({ "facts": { "device": "x" } })), "device:bot", 0),
        (rule(json!({ "scores": { "fraud": "< 0" } })), "", 1),
        (
            rule(json!({ "facts": { "user_type": "x" } })),
            "user_type:ada-type",
            1,
        ),
        (
            rule(json!({ "dye": { "glob": "x*" } })),
            "device:bot|region:here|user_type:ada-type",
            0,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        host.replace("mirror", number as u64 + 1, &only(rules.clone()))
            .expect("a table");
        assert_eq!(ask().await, (dye.to_owned(), times), "{rules}");
    }
    // The same where a date moves a version, which makes other headers of it.
    assert_eq!(ask().await.0, "device:bot|region:here|user_type:ada-type");
}

#[tokio::test]
async fn the_dye_goes_out_with_the_calls_of_a_handler() {
    let east = json!({
        "facts": { "team": null },
        "rules": [{ "name": "east", "match": { "facts": { "region": "cn-east", "team": "a|ß" } }, "to": { "2.0.0": 100 } }],
    });
    let signer = DyeSigner::new("k1", SECRET).expect("a signer");
    let life = Duration::from_secs(30);
    for (out, of_next, by) in [
        // The next one believes what is signed.
        (
            Baggage::new().sign(signer, life),
            host(FactSources::new()).dyes(Dyes::new().key("k1", SECRET)),
            "2.0.0",
        ),
        // Or whom it has on its list: handlers here call from there.
        (Baggage::new(), host(FactSources::new().trust([TRUSTED])), "2.0.0"),
        // And nobody else.
        (
            Baggage::new(),
            host(FactSources::new()).dyes(Dyes::new().key("k1", SECRET)),
            "1.0.0",
        ),
        (
            Baggage::new(),
            host(FactSources::new().trust(["127.0.0.3"])),
            "1.0.0",
        ),
        (Baggage::new(), host(FactSources::new()), "1.0.0"),
    ] {
        let next = serve(of_next, &table(&east)).await;
        let first = Host::from(service(Some(next.address), ContractConfig::new()))
            .expose(Expose::Always)
            .clock(|| UnixTime::from_seconds(NOW))
            .dyes(Dyes::new().key("k1", SECRET))
            .baggage(out.clone());
        let first = serve(first, &table(&east)).await;
        let dye = signed(&[("region", "cn-east"), ("team", "a|ß")]);
        let lines = [
            &*format!("dye: {dye}"),
            "baggage: tenant=7;p=1,versioned-dye=region:us",
            "baggage: other=2",
        ];
        let answer = get(OTHER, first.address, &lines).await;
        let seen = answer.seen();
        let key = "region:cn-east|team:a%7Cß";
        assert_eq!((&seen["dye"], answer.by()), (&json!(key), "2.0.0"));
        assert_eq!(seen["served"], by, "{out:?} {seen}");
        assert_eq!(seen["next"], if by == "2.0.0" { key } else { "" }, "{seen}");
        let baggage = seen["baggage"].as_str().expect("text");
        assert!(
            baggage.ends_with(",versioned-epoch=mirror:2,tenant=7;p=1,other=2"),
            "{baggage}"
        );
        assert_eq!(baggage.matches("versioned-dye=").count(), 1, "{baggage}");
    }
}

#[tokio::test]
async fn baggage_goes_out_only_where_that_is_said() {
    let server = serve(host(FactSources::new()), &table(&json!({}))).await;
    let answer = get(OTHER, server.address, &["baggage: a=1"]).await;
    assert_eq!(answer.seen()["baggage"], "");
    let server = serve(
        host(FactSources::new()).baggage(Baggage::new()),
        &table(&json!({})),
    )
    .await;
    let answer = get(OTHER, server.address, &["baggage: a=1"]).await;
    assert_eq!(answer.seen()["baggage"], "versioned-epoch=mirror:2,a=1");
}

#[tokio::test]
async fn in_process_calls_hand_the_baggage_on() {
    let service = service(None, ContractConfig::new());
    let host = Host::from(service.clone())
        .baggage(Baggage::new())
        .start()
        .expect("a host");
    host.replace("mirror", 1, &table(&json!({}))).expect("a table");
    let context = Context::new().fact("region", "cn-east");
    let handle = service.handle::<mirror::V1>(context);
    let seen = mirror::v1::Mirror::seen(&handle).await.expect("an answer");
    assert_eq!(
        seen.baggage,
        "versioned-dye=region:cn-east,versioned-epoch=mirror:2"
    );
}

#[test]
fn explanations_are_given_the_facts() {
    let host = host(FactSources::new().device()).start().expect("a host");
    let more = json!({
        "scores": { "fraud": null },
        "rules": [
            { "name": "risky", "match": { "scores": { "fraud": "> 0.92" } }, "to": { "1.0.0": 100 } },
            { "name": "phones", "match": { "facts": { "device": "mobile", "tier": "low" } }, "to": { "2.0.0": 100 } },
        ],
    });
    host.replace("mirror", 1, &table(&more)).expect("a table");
    for (facts, rule) in [
        (vec![("device", "mobile"), ("tier", "low")], Some("phones")),
        (
            vec![("device", "mobile"), ("tier", "low"), ("fraud", "0.95")],
            Some("risky"),
        ),
        (vec![("device", "mobile")], None),
    ] {
        let request = ExplainRequest {
            version: "1.0.0".to_owned(),
            operation: "seen".to_owned(),
            user_key: None,
            facts: facts
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        };
        let told = serde_json::to_value(host.explain("mirror", &request).expect("an explanation"));
        assert_eq!(told.expect("JSON")["rule"].as_str(), rule, "{facts:?}");
    }
}

#[test]
fn mistakes_in_the_configuration_stop_the_start() {
    let broken = Database::new("broken", &[(net(127, 0, 0), 8, "US", None)]);
    broken.write(b"\xab\xcd\xefMaxMind.com");
    let types = |place| UserTypes::by(place, |_| async { Ok::<_, std::io::Error>(None) });
    let (fast, slow) = (Duration::from_millis(1), Duration::from_millis(2));
    let cases = [
        (
            FactSources::new().trust(["10.0.0.0/99"]),
            "`10.0.0.0/99` is neither a network",
        ),
        (
            FactSources::new().regions([("here", "cn")]),
            "`here` is neither a network",
        ),
        (
            FactSources::new().regions([("10.0.0.0/8", "a|b")]),
            "`a|b` cannot be a region",
        ),
        (
            FactSources::new().header("region", "X-Region"),
            "`FactSources::trust`",
        ),
        (
            FactSources::new().trust(["::1"]).header("Region", "X-Region"),
            "`Region` is no name",
        ),
        (
            FactSources::new().trust(["::1"]).header("region", "x y"),
            "`x y`, which is to say `region`",
        ),
        (
            FactSources::new()
                .trust(["::1"])
                .header("a", "x")
                .header("a", "y"),
            "`a` is to stand in two headers",
        ),
        (
            FactSources::new().tier(Tiers::new(slow, fast)),
            "`medium` must not be above `high`",
        ),
        (
            FactSources::new().tier(Tiers::new(fast, slow).quantile(f64::NAN)),
            "the quantile lies",
        ),
        (
            FactSources::new().user_type(types(UserKey::header("x y"))),
            "`UserTypes` reads, `x y`",
        ),
        (
            FactSources::new().region_database("/nowhere/cities.mmdb"),
            "`/nowhere/cities.mmdb`: give the path",
        ),
        (
            FactSources::new().region_database(&broken.0),
            "broken.mmdb` is no whole database",
        ),
    ];
    for (facts, because) in cases {
        let of_host = host(facts.clone()).start().expect_err(because);
        assert!(of_host.to_string().contains(because), "{of_host}");
        let of_contract = Host::from(service(None, ContractConfig::new().facts(facts)));
        let of_contract = of_contract.start().expect_err(because);
        assert!(of_contract.to_string().contains(because), "{of_contract}");
    }
}
