//! A shared cache in front of a service, Debian's nginx: no client ever gets the version of another one.
//!
//! It needs `nginx`; `cargo xtask cache` installs it and runs these tests.

#![allow(missing_docs)] // the contract of a test

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::oneshot;
use versioned_runtime::prelude::*;
use versioned_runtime::{ClientPin, Server, WithHeaders};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

#[versioned(contract = "shelves", versions(v1 = "1.0.0", v2 = "2.0.0", v3 = "3.0.0"))]
pub mod shelves {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Shelf {
        #[version(renamed(v2, from = first), renamed(v3, from = second))]
        pub third: u64,
    }

    /// What caches are told.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Cached {
        #[serde(rename = "Cache-Control")]
        pub cache: String,
        #[serde(rename = "ETag")]
        pub tag: String,
    }

    pub trait Shelves {
        #[get("/shelves/{id}")]
        async fn shelf(&self, id: u64) -> Result<WithHeaders<Shelf, Cached>, Problem>;
    }
}

/// Counts what reaches it: what a cache answers does not.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicU32>);

impl shelves::v3::Shelves for Counting {
    async fn shelf(&self, id: u64) -> Result<WithHeaders<shelves::v3::Shelf, shelves::v3::Cached>, Problem> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(WithHeaders {
            body: shelves::v3::Shelf { third: id },
            headers: shelves::v3::Cached {
                cache: "public, max-age=3600".to_owned(),
                tag: format!("\"{id}\""),
            },
        })
    }
}

/// An nginx that caches what it may, on a socket of its own; it ends with the test.
struct Nginx {
    socket: PathBuf,
    directory: TempDir,
}

impl Nginx {
    fn start(target: SocketAddr) -> Self {
        let directory = TempDir::new().expect("a directory");
        let socket = directory.path().join("nginx.sock");
        let configuration = configured(directory.path(), &socket, target);
        std::fs::write(directory.path().join("nginx.conf"), configuration).expect("a file");
        let nginx = Self { socket, directory };
        // It goes to the background when it listens, so that nobody has to wait.
        nginx.run(&[]);
        nginx
    }

    fn run(&self, arguments: &[&str]) {
        let directory = self.directory.path();
        let status = Command::new("nginx")
            .arg("-p")
            .arg(directory)
            .arg("-c")
            .arg(directory.join("nginx.conf"))
            .arg("-e")
            .arg(directory.join("error.log"))
            .args(arguments)
            .status()
            .expect("`nginx` is installed: run `cargo xtask cache`");
        assert!(status.success(), "{arguments:?}: {status}");
    }

    /// Asks through the cache.
    fn get(&self, path: &str, headers: &[&str]) -> Answer {
        let mut stream = UnixStream::connect(&self.socket).expect("nginx listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        let headers: String = headers.iter().flat_map(|header| [*header, "\r\n"]).collect();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: shelves\r\n{headers}Connection: close\r\n\r\n"
        )
        .expect("sent");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an answer");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        Answer {
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.run(&["-s", "stop"]);
    }
}

fn configured(directory: &Path, socket: &Path, target: SocketAddr) -> String {
    let (directory, socket) = (directory.display(), socket.display());
    format!(
        "daemon on; master_process off; worker_processes 1; pid {directory}/nginx.pid; error_log {directory}/error.log;\n\
         events {{ }}\n\
         http {{\n\
           access_log off;\n\
           client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fastcgi;\n\
           uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;\n\
           proxy_cache_path {directory}/cache keys_zone=shared:1m;\n\
           server {{\n\
             listen unix:{socket};\n\
             location / {{ proxy_pass http://{target}; proxy_cache shared; add_header X-Cache $upstream_cache_status; }}\n\
           }}\n\
         }}\n"
    )
}

struct Answer {
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines();
        lines
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .unwrap_or("-")
    }
}

/// What is asked (path, headers), and the version that it is answered in.
type Row = (&'static str, &'static [&'static str], &'static str);

#[rustfmt::skip]
const CLIENTS: &[Row] = &[
    ("/shelves/7",               &[],                                                          "3.0.0"),
    ("/shelves/7",               &["X-API-Version: 1.0.0"],                                    "1.0.0"),
    ("/shelves/7",               &["X-API-Version: 2"],                                        "2.0.0"),
    ("/shelves/7",               &["X-API-Version: latest"],                                   "3.0.0"),
    ("/shelves/7",               &["Accept: application/json; version=1.0.0"],                 "1.0.0"),
    ("/shelves/7",               &["Accept: application/vnd.acme.v2+json"],                    "2.0.0"),
    ("/shelves/7",               &["Accept: application/json"],                                "3.0.0"),
    ("/shelves/7",               &["X-API-Version: <3", "Accept: application/json; version=1"], "1.0.0"),
    ("/v1.0/shelves/7",          &[],                                                          "1.0.0"),
    ("/shelves/7?api-version=2", &[],                                                          "2.0.0"),
    // built for 1.0.0, as its key says
    ("/shelves/7",               &["X-API-Key: old"],                                          "1.0.0"),
    ("/shelves/7",               &["X-API-Key: new"],                                          "3.0.0"),
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs nginx: `cargo xtask cache`"]
async fn a_shared_cache_never_serves_one_client_the_version_of_another() {
    let pin = ClientPin::by_header("X-API-Key", |key| async move {
        Ok::<_, std::convert::Infallible>((key == "old").then(|| "1.0.0".to_owned()))
    });
    let config = ContractConfig::new()
        .default_version::<shelves::V3>()
        .client_pin(pin);
    let counting = Counting::default();
    let service = shelves::Service::builder()
        .v3(counting.clone())
        .config(config)
        .build();
    let server = Server::new(service).bind(SocketAddr::from(([127, 0, 0, 1], 0)));
    let listening = server.listen().await.expect("a free port");
    let address = listening.local_addr();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(listening.run_until(async {
        let _ = stopped.await;
    }));
    let (asked, kept) = tokio::task::spawn_blocking(move || {
        let nginx = Nginx::start(address);
        let (mut asked, mut kept) = (0_u32, 0_u32);
        // Each client after each other one, so that whatever one leaves in the cache is there for all others.
        for first in CLIENTS {
            for second in CLIENTS {
                for (path, headers, version) in [first, second] {
                    let answer = nginx.get(path, headers);
                    asked += 1;
                    kept += u32::from(answer.header("x-cache") == "hit");
                    let member = match *version {
                        "1.0.0" => "first",
                        "2.0.0" => "second",
                        _ => "third",
                    };
                    let head = &answer.head;
                    assert_eq!(
                        answer.header("api-version"),
                        *version,
                        "{path} {headers:?}\n{head}"
                    );
                    assert_eq!(
                        answer.body,
                        format!("{{\"{member}\":7}}"),
                        "{path} {headers:?}\n{head}"
                    );
                    assert_eq!(
                        answer.header("etag"),
                        format!("\"7@{version}\""),
                        "{path} {headers:?}"
                    );
                    if headers.contains(&"X-API-Key: old") {
                        assert_ne!(answer.header("x-cache"), "hit", "what a pin decided is private");
                    }
                }
            }
        }
        (asked, kept)
    })
    .await
    .expect("it ran");
    let _ = stop.send(());
    serving.await.expect("it ended");
    // A cache that keeps nothing would prove nothing.
    assert!(kept > asked / 4, "{kept} of {asked} answers came from the cache");
    assert_eq!(counting.0.load(Ordering::Relaxed), asked - kept);
}
