//! The example, served in this process on a free port, and clients that ask it over sockets.
#![allow(dead_code, unreachable_pub)] // each test uses its own part

use std::net::SocketAddr;

use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use user_profile::{Store, USER_KEY_HEADER, service};
use versioned_runtime::{Expose, Host, RunningHost, Server, TableDocument};

/// The service over an empty database, which goes with the test.
pub struct Users {
    directory: TempDir,
    store: Store,
}

impl Users {
    pub fn store(&self) -> Store {
        self.store.clone()
    }
}

pub fn users() -> Users {
    let directory = TempDir::new().expect("a temporary directory");
    let store = Store::open(&directory.path().join("users.redb")).expect("an empty database");
    Users { directory, store }
}

/// A running server.
pub struct Served {
    address: SocketAddr,
    host: RunningHost,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
    client: reqwest::Client,
    _directory: TempDir,
}

/// An answer, received whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }
}

impl Served {
    pub async fn start(users: Users) -> Self {
        let host = Host::new().contract(service(users.store)).expose(Expose::Always);
        let listening = Server::new(host).listen().await.expect("a free port");
        let (stop, stopped) = oneshot::channel();
        let (address, host) = (listening.local_addr(), listening.host().clone());
        let server = tokio::spawn(listening.run_until(async {
            let _ = stopped.await;
        }));
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self {
            address,
            host,
            stop,
            server,
            client,
            _directory: users.directory,
        }
    }

    pub async fn stop(self) {
        drop(self.client);
        self.stop.send(()).expect("the server waits");
        self.server.await.expect("the server ends well");
    }

    pub fn host(&self) -> &RunningHost {
        &self.host
    }

    pub fn epoch(&self) -> u64 {
        self.table().epoch.expect("a table in force has an epoch")
    }

    fn table(&self) -> TableDocument {
        self.host.table("user-profile").expect("the contract is served")
    }

    /// Gives an implementation its share of the users.
    pub fn share(&self, implementation: &str, ppm: u32) {
        let mut table = self.table();
        let epoch = table.epoch.expect("a table in force has an epoch");
        table.epoch = None;
        table.stable = None;
        table.shares = [(implementation.to_owned(), ppm)].into();
        self.host
            .replace("user-profile", epoch, &table)
            .expect("the table fits");
    }

    /// Gives an implementation everything that it can answer.
    pub fn all_to(&self, implementation: &str) {
        self.share(implementation, 1_000_000);
    }

    pub async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let method = method.parse().expect("a method");
        let mut request = self
            .client
            .request(method, format!("http://{}{path}", self.address));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("a whole body");
        Answer {
            status,
            headers,
            body: json(&bytes),
        }
    }

    /// One connection, to ask on again and again.
    pub async fn connect(&self) -> Connection {
        let stream = TcpStream::connect(self.address).await.expect("a connection");
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .expect("a handshake");
        tokio::spawn(connection);
        Connection(sender)
    }
}

pub struct Connection(SendRequest<Full<bytes::Bytes>>);

impl Connection {
    pub async fn get(&mut self, path: &str, user: &str) -> Answer {
        let request = Request::get(path)
            .header("host", "localhost")
            .header(USER_KEY_HEADER, user);
        self.0.ready().await.expect("the connection is open");
        let response = self
            .0
            .send_request(request.body(Full::default()).expect("a request"))
            .await
            .expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole body").to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: json(&bytes),
        }
    }
}

fn json(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(bytes).expect("JSON")
    }
}
