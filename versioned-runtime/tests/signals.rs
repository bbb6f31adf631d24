//! The signals that end a server: the first one drains, the second one cuts off. A process of its own: signals are for all of it.
#![cfg(unix)]

mod support;

use std::process::Command;
use std::time::Duration;

use support::{Old, service_with};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use versioned_runtime::Server;
use versioned_runtime::prelude::*;

/// Far more than anything here takes; nothing waits for it to pass.
async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_mins(1), future)
        .await
        .expect("not that long")
}

/// The shell has `kill` everywhere; the signal is for this process, which listens for it by now.
fn signal_this_process() {
    let command = format!("kill -TERM {}", std::process::id());
    let status = Command::new("sh")
        .args(["-c", &command])
        .status()
        .expect("a shell");
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_signal_ends_a_drain() {
    let old = Old::default();
    let begun = old.begun.clone();
    let server = Server::new(Host::from(service_with(old, ContractConfig::new())))
        .drain_timeout(Duration::from_hours(1));
    let listening = soon(server.listen()).await.expect("a free port");
    let address = listening.local_addr();
    let server = tokio::spawn(listening.run());
    // A request that has begun, and that nobody releases: the server accepts, so it listens for signals.
    let mut client = soon(TcpStream::connect(address)).await.expect("it accepts");
    let request = "GET /v1/notes/7 HTTP/1.1\r\nHost: here\r\n\r\n";
    soon(client.write_all(request.as_bytes()))
        .await
        .expect("it reads");
    soon(begun.notified()).await;

    signal_this_process();
    // Draining: nothing more is accepted, and the request is waited for.
    soon(async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(!server.is_finished());

    signal_this_process();
    soon(server).await.expect("the server ends well");
    let mut rest = Vec::new();
    // Cut off: an error or the end of the connection, and no answer.
    let _ = soon(client.read_to_end(&mut rest)).await;
    assert_eq!(rest, b"");
}
