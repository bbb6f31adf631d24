//! Answers item by item: each item is made as its request is handled, and what goes wrong in one ends that answer alone.

use std::time::Duration;

use axum::body::Body;
use futures_util::{StreamExt as _, stream};
use http::Request;
use http_body_util::BodyExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tower::ServiceExt as _;
use versioned_runtime::prelude::*;
use versioned_runtime::{Ndjson, RunningHost, Server};

#[versioned(contract = "meters", versions(v1 = "1.0.0"))]
mod meters {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Reading {
        pub key: Option<String>,
        pub epoch: Option<u64>,
        pub padding: String,
    }

    pub trait Meters {
        #[get("/readings/{count}")]
        async fn readings(&self, count: u64) -> Result<Ndjson<Reading>, Problem>;
    }
}

use meters::v1::Reading;

struct Meters;

impl meters::v1::Meters for Meters {
    /// As many readings as are asked for; of twenty the thirteenth cannot be made.
    async fn readings(&self, count: u64) -> Result<Ndjson<Reading>, Problem> {
        let readings = stream::iter(1..=count).then(move |number| async move {
            tokio::task::yield_now().await;
            assert_ne!((count, number), (20, 13), "no such reading");
            let context = Context::current();
            Ok(Reading {
                key: context.key().map(ToOwned::to_owned),
                epoch: context.epoch(),
                padding: "x".repeat(1_000),
            })
        });
        Ok(Ndjson::new(readings))
    }
}

fn host() -> Host {
    let config = ContractConfig::new().user_key(UserKey::header("X-User"));
    Host::new().contract(meters::Service::builder().v1(Meters).config(config).build())
}

/// The readings that come, and whether the answer broke off.
async fn read(host: &RunningHost, count: u64) -> (Vec<Reading>, bool) {
    let request = Request::get(format!("/readings/{count}")).header("x-user", "ada");
    let request = request.body(Body::empty()).expect("a request");
    let answer = host.router().oneshot(request).await.expect("infallible");
    assert_eq!(answer.status(), 200);
    let (mut body, mut read) = (answer.into_body(), Vec::new());
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => {
                read.push(serde_json::from_slice(frame.data_ref().expect("data")).expect("a reading"));
            }
            Err(_) => return (read, true),
        }
    }
    (read, false)
}

#[tokio::test]
async fn items_are_made_within_their_request() {
    let host = host().start().expect("a host");
    let (readings, broken) = read(&host, 3).await;
    assert_eq!((readings.len(), broken), (3, false));
    for reading in readings {
        assert_eq!((reading.key.as_deref(), reading.epoch), (Some("ada"), Some(1)));
    }
    assert_eq!(Context::current().key(), None);
}

#[tokio::test]
async fn a_panic_breaks_off_one_answer() {
    let host = host().start().expect("a host");
    let (readings, broken) = read(&host, 20).await;
    assert_eq!((readings.len(), broken), (12, true));
    assert_eq!(host.counters().panics, 1);
    assert_eq!(host.drain("meters")[0].in_flight, 0);
}

/// A frame of HTTP/2 (RFC 9113 section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Asks for far more than the kernel takes in, over HTTP/1.1, or over HTTP/2 with a window that lets nothing of a body through.
fn asks_for_too_much(http2: bool) -> Vec<u8> {
    let path = "/readings/1000000";
    if !http2 {
        return format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n").into_bytes();
    }
    // `:method: GET`, `:scheme: http`, `:path` and `:authority` (RFC 7541 appendix A).
    let length = u8::try_from(path.len()).expect("short");
    let block = [&[0x82, 0x86, 0x04, length][..], path.as_bytes(), &[0x41, 1, b'a']].concat();
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]),
        frame(1, 5, 1, &block),
    ]
    .concat()
}

/// Far more than anything here takes; nothing waits for it to pass.
async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(30), future)
        .await
        .expect("not that long")
}

fn every(millis: u64) -> tokio::time::Interval {
    tokio::time::interval(Duration::from_millis(millis))
}

/// Whoever takes nothing of an answer is not waited for, however the connection is kept open; the request ends with it.
async fn who_takes_nothing_is_not_waited_for(http2: bool) {
    let server = Server::new(host())
        .bind(([127, 0, 0, 1], 0))
        .header_timeout(Duration::from_secs(1))
        .send_timeout(Duration::from_secs(1));
    let listening = server.listen().await.expect("a free port");
    let (address, host) = (listening.local_addr(), listening.host().clone());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(listening.run_until(async {
        let _ = stopped.await;
    }));
    let mut client = TcpStream::connect(address).await.expect("a connection");
    let (mut reads, mut writes) = client.split();
    let (mut pings, mut looks) = (every(20), every(10));
    let begun = async {
        writes.write_all(&asks_for_too_much(http2)).await.expect("room");
        // Asking whether the server is there is not taking anything (RFC 9113 section 6.7).
        let ping = frame(6, 0, 0, &[0; 8]);
        while http2 && writes.write_all(&ping).await.is_ok() {
            pings.tick().await;
        }
    };
    let ended = async {
        if http2 {
            // It reads whatever comes, which is no part of a body.
            let mut taken = Vec::new();
            let _ = reads.read_to_end(&mut taken).await;
        } else {
            while host.drain("meters")[0].in_flight == 0 {
                looks.tick().await;
            }
        }
        while host.drain("meters")[0].in_flight > 0 {
            looks.tick().await;
        }
    };
    soon(async {
        tokio::select! {
            () = ended => {}
            () = async { begun.await; std::future::pending().await } => {}
        }
    })
    .await;
    stop.send(()).expect("the server waits");
    soon(server).await.expect("the server ends well");
}

#[tokio::test]
async fn who_takes_nothing_over_http_2_is_not_waited_for() {
    who_takes_nothing_is_not_waited_for(true).await;
}

#[tokio::test]
async fn who_takes_nothing_over_http_1_is_not_waited_for() {
    who_takes_nothing_is_not_waited_for(false).await;
}
