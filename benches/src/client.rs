//! The client of the benches: one connection, one request after the other, from a thread of its own.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// What is sent: as many headers as a client of an API sends behind a proxy.
pub(crate) const HEADERS: [(&str, &str); 8] = [
    ("host", "api.example.org"),
    ("user-agent", "example-client/2.4 (linux; x86_64)"),
    ("accept", "application/json"),
    ("accept-encoding", "gzip, br"),
    ("authorization", "Bearer 2YotnFZFEjr1zCsicMWpAA"),
    ("x-request-id", "7f3c1c0e-9f64-4f0e-8d5b-0a4ae0f1a9b2"),
    ("x-user-id", "u-4711"),
    ("x-api-version", "1.1.0"),
];

/// The path of the one operation, with its parameter.
pub(crate) const PATH: &str = "/users/7";

/// The path as peers declare it.
pub(crate) const TEMPLATE: &str = "/users/{id}";

/// Asks so often, and calls `between` before each request.
///
/// # Panics
/// If an answer is not the one that every peer gives: what is counted would be something else.
pub(crate) fn ask(address: SocketAddr, requests: u32, mut between: impl FnMut(u32)) {
    let mut head = format!("GET {PATH} HTTP/1.1\r\n");
    for (name, value) in HEADERS {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    let mut buffer = vec![0; 16 * 1024];
    for request in 0..requests {
        between(request);
        stream.write_all(head.as_bytes()).expect("sent");
        let mut filled = 0;
        while !is_whole(&buffer[..filled]) {
            let read = stream.read(&mut buffer[filled..]).expect("received");
            assert!(read > 0, "the connection was closed");
            filled += read;
        }
    }
}

/// Whether an answer is there; whether it is the right one is asked then.
fn is_whole(answer: &[u8]) -> bool {
    let text = std::str::from_utf8(answer).expect("text");
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")?
            .parse::<usize>()
            .ok()
    });
    let whole = body.len() == length.expect("a length");
    if whole {
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert_eq!(body, crate::peers::BODY);
    }
    whole
}
