//! The server around a host: what stands beside the operations, and what connections may take.

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use support::{Answer, Old, receive, request, service, service_with};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use versioned_runtime::prelude::*;
use versioned_runtime::{Limits, RunningHost, ServeError, Server};

/// A server that runs, and what ends it.
struct Running {
    address: SocketAddr,
    admin: Option<SocketAddr>,
    host: RunningHost,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Running {
    async fn new(server: Server) -> Self {
        let listening = server.listen().await.expect("a free port");
        let (address, admin, host) = (
            listening.local_addr(),
            listening.admin_addr(),
            listening.host().clone(),
        );
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(listening.run_until(async {
            let _ = stopped.await;
        }));
        Self {
            address,
            admin,
            host,
            stop,
            server,
        }
    }

    async fn stop(self) {
        self.stop.send(()).expect("the server waits");
        soon(self.server).await.expect("the server ends well");
    }
}

/// Far more than anything here takes; nothing waits for it to pass.
async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(20), future)
        .await
        .expect("not that long")
}

async fn get(address: SocketAddr, path: &str) -> Answer {
    let client = Client::builder(TokioExecutor::new()).build_http();
    receive(
        client
            .request(request("GET", &format!("http://{address}{path}"), &[], ""))
            .await
            .expect("an answer"),
    )
    .await
}

fn host() -> Host {
    Host::from(service(ContractConfig::new()))
}

#[tokio::test]
async fn stands_among_the_application_and_the_registry() {
    let own = Router::new().route("/mine", axum::routing::get(async || "mine"));
    let mark = axum::middleware::map_response(async |mut response: Response| {
        response
            .headers_mut()
            .insert("x-layer", http::HeaderValue::from_static("seen"));
        response
    });
    let server = Server::new(host().admin_token("secret").registry_prefix("/about"))
        .merge(own)
        .layer(mark);
    let running = Running::new(server).await;
    let expected = [
        ("/notes/1", 200),
        ("/mine", 200),
        ("/about/contracts/notes", 200),
        ("/about/openapi.json", 200),
        ("/.well-known/api-catalog", 200),
        ("/nowhere", 404),
        ("/counters", 404),
    ];
    for (path, status) in expected {
        let answer = get(running.address, path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("x-layer")),
            (status, Some("seen")),
            "{path}"
        );
    }
    let admin = running.admin.expect("a token opens the admin interface");
    assert!(admin.ip().is_loopback());
    let counters = get(admin, "/counters").await.json();
    assert_eq!(counters["requests"], running.host.counters().requests);
    assert_eq!(get(admin, "/notes/1").await.status, 404);
    running.stop().await;
}

#[tokio::test]
async fn without_a_token_there_is_no_admin_interface() {
    let running = Running::new(Server::new(host())).await;
    assert_eq!(running.admin, None);
    running.stop().await;
}

#[tokio::test]
async fn a_contract_does_not_hide_behind_the_registry() {
    let hidden = Host::from(support::service(ContractConfig::new())).registry_prefix("/notes");
    let refused = Server::new(hidden)
        .listen()
        .await
        .expect_err("`/notes` is the contract's");
    assert!(
        refused.to_string().contains("`/notes` of contract `notes`"),
        "{refused}"
    );
}

#[versioned(contract = "things", versions(v1 = "1.0.0"))]
mod things {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Thing {
        pub name: String,
    }

    pub trait Things {
        #[get("/{kind}/{id}")]
        async fn thing(&self, kind: String, id: String) -> Result<Thing, Problem>;
    }
}

struct Names;

impl things::v1::Things for Names {
    async fn thing(&self, kind: String, id: String) -> Result<things::v1::Thing, Problem> {
        Ok(things::v1::Thing {
            name: format!("{kind} {id}"),
        })
    }
}

/// Whether anything stands around the application or not.
#[tokio::test]
async fn the_registry_goes_before_paths_that_are_all_parameters() {
    let around = axum::middleware::map_response(async |response: Response| response);
    let host = || Host::from(things::Service::builder().v1(Names).build());
    for server in [Server::new(host()), Server::new(host()).layer(around)] {
        let running = Running::new(server).await;
        for (path, member) in [
            ("/registry/contracts", "contracts"),
            ("/registry/openapi.json", "openapi"),
            ("/.well-known/api-catalog", "linkset"),
            ("/registry/other", "name"),
            ("/books/7", "name"),
        ] {
            let answer = get(running.address, path).await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(answer.json().get(member).is_some(), "{path}: {}", answer.json());
        }
        running.stop().await;
    }
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let running = Running::new(Server::new(host())).await;
    let error = Server::new(host())
        .bind(running.address)
        .listen()
        .await
        .expect_err("taken");
    assert!(matches!(error, ServeError::Bind { address, .. } if address == running.address));
    assert!(
        error.to_string().contains(&running.address.to_string()),
        "{error}"
    );
    running.stop().await;
}

#[tokio::test]
async fn who_never_finishes_a_head_is_not_waited_for() {
    let running = Running::new(Server::new(host()).header_timeout(Duration::from_millis(50))).await;
    // Nothing; what may become either protocol; a head without an end.
    for begin in ["", "PR", "GET /notes/1 HTTP/1.1\r\nhost: x\r\n"] {
        let mut stream = TcpStream::connect(running.address).await.expect("a connection");
        stream.write_all(begin.as_bytes()).await.expect("sent");
        let mut rest = Vec::new();
        // Closed, or reset: in both cases nothing is waited for.
        let _ = soon(stream.read_to_end(&mut rest)).await;
        assert!(!rest.starts_with(b"HTTP/1.1 200"), "{begin}");
    }
    running.stop().await;
}

#[tokio::test]
async fn connections_at_rest_do_not_hold_up_a_shutdown() {
    let server = Server::new(host())
        .header_timeout(Duration::from_hours(1))
        .drain_timeout(Duration::from_hours(1));
    let running = Running::new(server).await;
    let silent = TcpStream::connect(running.address).await.expect("a connection");
    let mut asked = TcpStream::connect(running.address).await.expect("a connection");
    asked
        .write_all(b"GET /notes/1 HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .expect("sent");
    let mut first = [0_u8; 12];
    soon(asked.read_exact(&mut first)).await.expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 200");
    running.stop().await;
    drop((silent, asked));
}

#[tokio::test]
async fn who_never_finishes_a_head_holds_up_no_shutdown() {
    let server = Server::new(host())
        .header_timeout(Duration::from_secs(2))
        .drain_timeout(Duration::from_hours(1));
    let running = Running::new(server).await;
    let mut half = TcpStream::connect(running.address).await.expect("a connection");
    half.write_all(b"GET /notes/1 HTTP/1.1\r\nHos")
        .await
        .expect("sent");
    // A connection that was accepted later says that this one was.
    assert_eq!(get(running.address, "/v1/notes/1").await.status, 200);
    running.stop().await;
    drop(half);
}

#[tokio::test]
async fn nothing_is_read_of_who_may_not_write() {
    let limits = Limits::default().body_timeout(Duration::from_millis(100));
    let running = Running::new(Server::new(host().admin_token("secret").limits(limits))).await;
    let admin = running.admin.expect("a token opens the admin interface");
    let put = async |headers: &str| {
        let mut stream = TcpStream::connect(admin).await.expect("a connection");
        let head = format!(
            "PUT /contracts/notes/routing HTTP/1.1\r\nhost: x\r\nconnection: close\r\nif-match: \"1\"\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        let mut text = String::new();
        soon(stream.read_to_string(&mut text)).await.expect("an answer");
        text.lines().next().unwrap_or_default().to_owned()
    };
    let body = "content-type: application/json\r\ncontent-length: 100\r\n";
    let large = "content-type: application/json\r\nexpect: 100-continue\r\ncontent-length: 3000000\r\n";
    let token = "authorization: Bearer secret\r\n";
    for (headers, status) in [
        (body.to_owned(), "HTTP/1.1 401 Unauthorized"),
        (large.to_owned(), "HTTP/1.1 401 Unauthorized"),
        (format!("{token}{body}"), "HTTP/1.1 408 Request Timeout"),
        (
            format!("{token}content-encoding: gzip\r\n{body}"),
            "HTTP/1.1 415 Unsupported Media Type",
        ),
    ] {
        assert_eq!(put(&headers).await, status, "{headers}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_drain_has_an_end() {
    let old = Old::default();
    let server = Server::new(Host::from(service_with(old.clone(), ContractConfig::new())))
        .drain_timeout(Duration::from_millis(20));
    let running = Running::new(server).await;
    let address = running.address;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let asked =
        tokio::spawn(client.request(request("GET", &format!("http://{address}/v1/notes/7"), &[], "")));
    old.begun.notified().await;
    running.stop().await;
    asked
        .await
        .expect("no panic")
        .expect_err("the request was cut off");
}

#[tokio::test]
async fn limits_at_their_ends_are_limits() {
    let servers = [
        Server::new(host()).max_connections(usize::MAX),
        Server::new(host()).max_connections(0),
        Server::new(host())
            .header_timeout(Duration::MAX)
            .drain_timeout(Duration::MAX),
    ];
    for server in servers {
        let running = Running::new(server).await;
        assert_eq!(get(running.address, "/v1/notes/1").await.status, 200);
        running.stop().await;
    }
}

#[tokio::test]
async fn one_connection_too_many_waits() {
    let old = Old::default();
    let server = Server::new(Host::from(service_with(old.clone(), ContractConfig::new()))).max_connections(1);
    let running = Running::new(server).await;
    let ask = async |path: &str| {
        let mut stream = TcpStream::connect(running.address).await.expect("a connection");
        let text = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(text.as_bytes()).await.expect("sent");
        stream
    };
    let mut first = ask("/v1/notes/7").await;
    old.begun.notified().await;
    let mut second = ask("/v1/notes/1").await;
    let mut text = String::new();
    let early = tokio::time::timeout(Duration::from_millis(50), second.read_to_string(&mut text)).await;
    assert!(early.is_err(), "answered beyond the limit: {text}");
    old.release.notify_one();
    soon(first.read_to_string(&mut text))
        .await
        .expect("the first answer");
    text.clear();
    soon(second.read_to_string(&mut text))
        .await
        .expect("the second answer");
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    running.stop().await;
}
