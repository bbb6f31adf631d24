//! A contract whose handlers tell what they see of their request, served on sockets.
//!
//! All of `127.0.0.0/8` is this machine: clients choose the address that they come from.
#![allow(dead_code, unreachable_pub)] // each test uses its own part
#![allow(missing_docs)] // the contract of a test

use std::net::{IpAddr, SocketAddr};
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
use versioned_runtime::{DyeSigner, Expose, FactSources, RunningHost, Server, TableDocument, UnixTime};

pub const SECRET: [u8; 32] = [7; 32];
pub const NOW: i64 = 1_800_000_000;
/// An address on the list, and one that is not.
pub const TRUSTED: &str = "127.0.0.2";
pub const OTHER: &str = "127.0.0.9";

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

        /// A number is how many milliseconds the handler takes of a clock that is paused.
        #[post("/seen", status = 200)]
        async fn told(&self, text: String) -> Result<Seen, Problem>;
    }
}

/// Tells what it sees, and asks another service on the way.
#[derive(Clone, Default)]
pub struct Mirror {
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

    async fn told(&self, text: String) -> Result<mirror::v1::Seen, Problem> {
        if let Ok(millis) = text.parse() {
            tokio::time::advance(Duration::from_millis(millis)).await;
        }
        mirror::v1::Mirror::seen(self).await
    }
}

pub fn service(next: Option<SocketAddr>, config: ContractConfig) -> mirror::Service {
    let mirror = Mirror { next };
    mirror::Service::builder()
        .v1(mirror.clone())
        .v2(mirror)
        .config(config.default_version::<mirror::V1>())
        .build()
}

pub fn host(facts: FactSources) -> Host {
    Host::from(service(None, ContractConfig::new()))
        .expose(Expose::Always)
        .clock(|| UnixTime::from_seconds(NOW))
        .facts(facts)
}

/// A table whose rules ask for the whole key, and then some.
pub fn table(more: &Value) -> TableDocument {
    let mut table = json!({
        "default_version": "1.0.0", "shares": {}, "stable": "1.0.0",
        "rules": [{ "name": "all", "match": { "dye": "device:none" }, "to": { "2.0.0": 100 } }],
    });
    for (name, value) in more.as_object().expect("an object") {
        table[name] = value.clone();
    }
    serde_json::from_value(table).expect("a table")
}

pub struct Running {
    pub address: SocketAddr,
    pub host: RunningHost,
    _stop: oneshot::Sender<()>,
}

pub async fn serve(host: Host, table: &TableDocument) -> Running {
    run(Server::new(host), table).await
}

pub async fn run(server: Server, table: &TableDocument) -> Running {
    let running = run_first(server).await;
    running.host.replace("mirror", 1, table).expect("a table");
    running
}

/// With the first table of the contract.
pub async fn run_first(server: Server) -> Running {
    let listening = server.listen().await.expect("a free port");
    let (address, host) = (listening.local_addr(), listening.host().clone());
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
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn seen(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub fn by(&self) -> &str {
        self.headers["api-serving-version"].to_str().expect("text")
    }
}

pub async fn send(from: &str, request: Request<Full<Bytes>>) -> Answer {
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

pub async fn get_lines(from: &str, to: SocketAddr, path: &str, lines: &[(String, String)]) -> Answer {
    let mut request = Request::get(format!("http://{to}{path}"));
    for (name, value) in lines {
        request = request.header(name, value);
    }
    send(from, request.body(Full::default()).expect("a request")).await
}

pub async fn get(from: &str, to: SocketAddr, lines: &[&str]) -> Answer {
    let line = |line: &&str| {
        let (name, value) = line.split_once(": ").expect("a line");
        (name.to_owned(), value.to_owned())
    };
    let lines: Vec<(String, String)> = lines.iter().map(line).collect();
    get_lines(from, to, "/v1/seen", &lines).await
}

pub fn signed(facts: &[(&str, &str)]) -> String {
    let signer = DyeSigner::new("k1", SECRET).expect("a signer");
    let dye = signer.sign(facts.iter().copied(), UnixTime::from_seconds(NOW + 60));
    dye.expect("a dye").to_str().expect("text").to_owned()
}

pub fn metric(host: &RunningHost, line: &str) -> u64 {
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
