//! Servers, asked over the loopback interface by one connection; they share the main thread with nobody.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;

use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use versioned_runtime::{RunningHost, Server};

use crate::client::ask;
use crate::ours::{Setting, host, swap};
use crate::peers;

/// The peers that are servers.
pub(crate) const PEERS: &[&str] = &[
    "hyper",
    "axum",
    "by-hand-bare",
    "by-hand",
    "naive",
    "dropshot",
    "dropshot-versioned",
    "serve-bare",
    "serve",
    "serve-deprecated",
    "serve-swapping",
    "router-bare",
    "router",
];

/// Runs a peer, if it is one of these.
pub(crate) fn run(runtime: &Runtime, peer: &str, requests: u32) -> bool {
    runtime.block_on(async {
        match peer {
            "hyper" => hyper(requests).await,
            "axum" => axum(peers::axum::app(), requests).await,
            "by-hand-bare" => axum(peers::by_hand::app(true), requests).await,
            "by-hand" => axum(peers::by_hand::app(false), requests).await,
            "naive" => axum(peers::naive::app(), requests).await,
            "router" => axum(merged(Setting::Defaults), requests).await,
            "router-bare" => axum(merged(Setting::Bare), requests).await,
            "dropshot" => dropshot(false, requests).await,
            "dropshot-versioned" => dropshot(true, requests).await,
            "serve-bare" => serve(Setting::Bare, false, requests).await,
            "serve" => serve(Setting::Defaults, false, requests).await,
            "serve-deprecated" => serve(Setting::Deprecated, false, requests).await,
            "serve-swapping" => serve(Setting::Defaults, true, requests).await,
            _ => return false,
        }
        true
    })
}

/// A client on a thread of its own; it is done when all was asked.
fn client(
    address: SocketAddr,
    requests: u32,
    between: impl FnMut(u32) + Send + 'static,
) -> oneshot::Receiver<()> {
    let (done, is_done) = oneshot::channel();
    thread::spawn(move || {
        ask(address, requests, between);
        let _ = done.send(());
    });
    is_done
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// Serves until the client is done; a client that failed ends it, too, and loudly.
async fn until(done: oneshot::Receiver<()>, serving: impl Future) {
    tokio::select! {
        done = done => done.expect("the client got every answer"),
        _ = serving => panic!("the server ended first"),
    }
}

async fn hyper(requests: u32) {
    let (listener, address) = listen().await;
    until(client(address, requests, |_| ()), async {
        let (stream, _) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        let service = hyper::service::service_fn(peers::hyper::answer);
        let connection =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
        std::future::pending::<()>().await;
    })
    .await;
}

async fn axum(app: axum::Router, requests: u32) {
    let (listener, address) = listen().await;
    until(
        client(address, requests, |_| ()),
        axum::serve(listener, app).into_future(),
    )
    .await;
}

fn merged(setting: Setting) -> axum::Router {
    axum::Router::new().merge(host(setting).start().expect("a host").router())
}

async fn dropshot(versioned: bool, requests: u32) {
    let server = peers::dropshot::start(versioned);
    let address = server.local_addr();
    until(client(address, requests, |_| ()), std::future::pending::<()>()).await;
    server.close().await.expect("an end");
}

async fn serve(setting: Setting, swapping: bool, requests: u32) {
    let server = Server::new(host(setting)).listen().await.expect("a free port");
    let (address, host): (_, RunningHost) = (server.local_addr(), server.host().clone());
    let between = move |request: u32| {
        if swapping && request % 2 == 1 {
            swap(&host, request % 4 == 1);
        }
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.run_until(async {
        let _ = stopped.await;
    }));
    client(address, requests, between)
        .await
        .expect("the client got every answer");
    let _ = stop.send(());
    serving.await.expect("an end");
}
