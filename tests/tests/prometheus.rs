//! A real Prometheus scrapes a running service, and answers the queries of `docs/metrics.md`.
//!
//! It needs `prometheus` and `promtool`; `cargo xtask metrics` installs them and runs these tests.

mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::users;
use tempfile::TempDir;
use tokio::sync::oneshot;
use user_profile::{USER_KEY_HEADER, service};
use versioned_runtime::{Availability, Host, Server};

/// How long anything may take that another process does.
const PATIENCE: Duration = Duration::from_mins(1);

/// A Prometheus server, which ends with the test.
struct Prometheus {
    child: Child,
    address: SocketAddr,
    _directory: TempDir,
}

impl Prometheus {
    fn start(target: SocketAddr) -> Self {
        let directory = TempDir::new().expect("a directory");
        let configuration = directory.path().join("prometheus.yml");
        let text = format!(
            "global: {{ scrape_interval: 200ms, scrape_timeout: 200ms }}\n\
             scrape_configs: [{{ job_name: service, static_configs: [{{ targets: ['{target}'] }}] }}]\n"
        );
        std::fs::write(&configuration, text).expect("a file");
        let mut child = Command::new("prometheus")
            .arg(format!("--config.file={}", configuration.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                directory.path().join("data").display()
            ))
            .arg("--web.listen-address=127.0.0.1:0")
            .stderr(Stdio::piped())
            .spawn()
            .expect("`prometheus` is installed: run `cargo xtask metrics`");
        let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines();
        // It says where it listens; what it logs after that is read and dropped, so that it never waits for a reader.
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let listening = line.contains("msg=\"Listening on\"");
            let address = line
                .split("address=")
                .nth(1)?
                .split_whitespace()
                .next()?
                .parse()
                .ok()?;
            listening.then_some(address)
        });
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self {
            child,
            address: address.expect("it says where it listens"),
            _directory: directory,
        }
    }

    /// The series that a query gives.
    async fn query(&self, client: &reqwest::Client, query: &str) -> Vec<Value> {
        let url = format!("http://{}/api/v1/query", self.address);
        let answer = client.get(url).query(&[("query", query)]).send().await;
        let Ok(answer) = answer else {
            return Vec::new();
        };
        // While it starts, it says so in words.
        let Ok(answer) = answer.json::<Value>().await else {
            return Vec::new();
        };
        // A query that it cannot read is the document's mistake.
        assert_ne!(answer["errorType"], "bad_data", "{query}: {answer}");
        answer["data"]["result"].as_array().cloned().unwrap_or_default()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The queries that the documentation shows.
fn queries() -> Vec<&'static str> {
    let page = include_str!("../../docs/metrics.md");
    let queries: Vec<&str> = page
        .split("```promql\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .collect();
    assert!(queries.len() >= 5, "{queries:?}");
    queries
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `cargo xtask metrics`"]
async fn a_prometheus_server_answers_the_queries_of_the_documentation() {
    let users = users();
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listening = Server::new(Host::new().contract(service(users.store())))
        .metrics(free)
        .listen()
        .await
        .expect("free ports");
    let (address, host) = (listening.local_addr(), listening.host().clone());
    let metrics = listening.metrics_addr().expect("a listener for metrics");
    let mut document = host.availability("user-profile", "1.1.0").expect("a version");
    document.availability = Availability::Deprecated;
    let epoch = document.epoch.take().expect("an epoch");
    host.set_availability("user-profile", "1.1.0", epoch, &document)
        .expect("a move that fits");
    let mut table = host.table("user-profile").expect("a table");
    let epoch = table.epoch.take().expect("an epoch");
    table.shares = [("2.0.0".to_owned(), 200_000)].into();
    host.replace("user-profile", epoch, &table)
        .expect("a table that fits");
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(listening.run_until(async {
        let _ = stopped.await;
    }));
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let prometheus = Prometheus::start(metrics);
    let begun = Instant::now();
    let mut asked = 0_u32;
    for query in queries() {
        // The service is asked all the while, so that there are rates.
        loop {
            for (path, user) in [("/v2/users/1", "a"), ("/v1.1/users/1", "b"), ("/users/1", "c")] {
                let request = client
                    .get(format!("http://{address}{path}"))
                    .header(USER_KEY_HEADER, user);
                request.send().await.expect("an answer");
                asked += 1;
            }
            let series = prometheus.query(&client, query).await;
            if !series.is_empty() {
                let contract = &series[0]["metric"]["contract"];
                assert_eq!(contract, "user-profile", "{query}: {series:?}");
                break;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "nothing answers `{query}` after {asked} requests"
            );
        }
    }
    let scrape = client.get(format!("http://{metrics}/metrics"));
    let page = scrape.send().await.expect("a page").text().await.expect("text");
    lint(&page);
    let counted: u64 = page
        .lines()
        .filter(|line| line.starts_with("versioned_requests_total{"))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
        .sum();
    assert_eq!(counted, u64::from(asked));
    drop(prometheus);
    drop(client);
    stop.send(()).expect("the server waits");
    server.await.expect("the server ends well");
}

/// Passes a page to `promtool check metrics`, which says what is wrong with it.
fn lint(page: &str) {
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("`promtool` is installed: run `cargo xtask metrics`");
    promtool
        .stdin
        .take()
        .expect("a pipe")
        .write_all(page.as_bytes())
        .expect("it reads");
    let output = promtool.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.is_empty(), "{said}\n{page}");
}
