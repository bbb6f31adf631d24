//! A page of another origin in a real browser, Debian's Chromium: it names versions, reads what it got, and writes.
//!
//! It needs `chromium`; `cargo xtask browser` installs it and runs these tests.

#![allow(missing_docs)] // the contract of a test

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tower_http::cors::CorsLayer;
use versioned_runtime::WithHeaders;
use versioned_runtime::prelude::*;

#[versioned(contract = "boards", versions(v1 = "1.0.0", v2 = "2.0.0"))]
pub mod boards {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Board {
        #[version(renamed(v2, from = name))]
        pub title: String,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Tag {
        #[serde(rename = "ETag")]
        pub tag: String,
        #[serde(rename = "X-Watchers")]
        pub watchers: u32,
    }

    pub trait Boards {
        #[get("/boards/{id}")]
        async fn board(&self, id: u64) -> Result<WithHeaders<Board, Tag>, Problem>;

        #[put("/boards/{id}")]
        async fn rename(
            &self,
            id: u64,
            #[header("If-Match")] tag: String,
            #[header("X-Author")] author: Option<String>,
            board: Board,
        ) -> Result<Board, Problem>;
    }
}

struct Wall;

impl boards::v2::Boards for Wall {
    async fn board(&self, id: u64) -> Result<WithHeaders<boards::v2::Board, boards::v2::Tag>, Problem> {
        Ok(WithHeaders {
            body: boards::v2::Board {
                title: format!("board {id}"),
            },
            headers: boards::v2::Tag {
                tag: "\"1\"".to_owned(),
                watchers: 3,
            },
        })
    }

    async fn rename(
        &self,
        _: u64,
        tag: String,
        author: Option<String>,
        board: boards::v2::Board,
    ) -> Result<boards::v2::Board, Problem> {
        let title = format!("{} by {} at {tag}", board.title, author.unwrap_or_default());
        Ok(boards::v2::Board { title })
    }
}

/// What the page does, each in turn; what comes out stands in its body as JSON.
const SCRIPT: &str = r#"
const told = {};
const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const attempt = async (name, path, options) => {
  try {
    const answer = await fetch(API + path, options);
    const headers = {};
    for (const name of ["api-version", "etag", "x-watchers", "link", "x-secret"]) headers[name] = answer.headers.get(name);
    told[name] = { status: answer.status, headers, body: await answer.json() };
  } catch (error) {
    told[name] = { failed: String(error) };
  }
};
(async () => {
  await attempt("by header", "/boards/7", {
    headers: { "X-API-Version": "1", "X-Region": "cn-east", "X-Fraud": "0.1", "X-User": "ada", "traceparent": TRACE },
  });
  await attempt("by media type", "/boards/7", { headers: { "Accept": 'application/json; version="^2.0"' } });
  await attempt("by prefix", "/v1/boards/7", {});
  await attempt("refused", "/boards/7", { headers: { "X-API-Version": "9" } });
  await attempt("written", "/v1/boards/7", {
    method: "PUT",
    headers: { "Content-Type": "application/json", "If-Match": '"1@1.0.0"', "X-Author": "Ada" },
    body: JSON.stringify({ name: "plans" }),
  });
  await attempt("not allowed", "/boards/7", { headers: { "X-Other": "1" } });
  document.body.textContent = JSON.stringify(told);
})();
"#;

async fn listen(router: Router) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// What the page shows in the end.
fn shown(page: &str) -> Value {
    let profile = TempDir::new().expect("a directory");
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        // Time passes as fast as the page is done with it: it ends when nothing is under way.
        .args(["--virtual-time-budget=30000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(page)
        .stderr(Stdio::null())
        .output()
        .expect("`chromium` is installed: run `cargo xtask browser`");
    let dom = String::from_utf8(output.stdout).expect("text");
    let body = dom
        .split("<body>")
        .nth(1)
        .and_then(|rest| rest.split("</body>").next());
    let text = body
        .unwrap_or_default()
        .replace("&gt;", ">")
        .replace("&lt;", "<")
        .replace("&amp;", "&");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {dom}"))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium: `cargo xtask browser`"]
async fn a_page_of_another_origin_names_versions_and_reads_what_it_got() {
    let service = boards::Service::builder().v2(Wall).build();
    let host = Host::new().contract(service).start().expect("a host");
    let table = json!({
        "default_version": "1.0.0", "shares": {},
        "user_key": { "header": "X-User" },
        "facts": { "region": { "header": "X-Region" } },
        "scores": { "fraud": { "header": "X-Fraud" } },
    });
    let table = serde_json::from_value(table).expect("a table");
    host.replace("boards", 1, &table).expect("a table that fits");
    let cors = host.cors_headers();
    // The page's own address is known before it is served: it has to be allowed.
    let page = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let origin = format!("http://{}", page.local_addr().expect("an address"));
    let layer = CorsLayer::new()
        .allow_origin([origin.parse().expect("an origin")])
        .allow_methods(cors.methods)
        .allow_headers(cors.allow)
        .expose_headers(cors.expose);
    let api = listen(host.router().layer(layer)).await;
    let html = format!("<!doctype html><body><script>const API = 'http://{api}';{SCRIPT}</script></body>");
    let router = Router::new().route("/", get(move || std::future::ready(Html(html))));
    tokio::spawn(async move { axum::serve(page, router).await });
    let told = tokio::task::spawn_blocking(move || shown(&origin))
        .await
        .expect("it ran");
    let answer = |version: &str, tag: Value, body: Value| {
        // Reading a board tells its tag, and how many watch it.
        let watchers = tag.is_string().then_some("3");
        let headers = json!({
            "api-version": version, "etag": tag, "x-watchers": watchers, "link": null, "x-secret": null,
        });
        json!({ "status": 200, "headers": headers, "body": body })
    };
    assert_eq!(
        told["by header"],
        answer("1.0.0", json!("\"1@1.0.0\""), json!({ "name": "board 7" }))
    );
    assert_eq!(
        told["by media type"],
        answer("2.0.0", json!("\"1@2.0.0\""), json!({ "title": "board 7" }))
    );
    assert_eq!(
        told["by prefix"],
        answer("1.0.0", json!("\"1@1.0.0\""), json!({ "name": "board 7" }))
    );
    assert_eq!(
        told["written"],
        answer("1.0.0", Value::Null, json!({ "name": "plans by Ada at \"1\"" }))
    );
    assert_eq!(
        (&told["refused"]["status"], &told["refused"]["body"]["versions"]),
        (&json!(406), &json!(["1.0.0", "2.0.0"]))
    );
    assert!(
        told["not allowed"]["failed"].is_string(),
        "what is not listed is not let through: {told}"
    );
}
