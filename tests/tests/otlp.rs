//! The spans of a running service reach a receiver of OTLP; and without a receiver, requests do not notice.
//!
//! It needs the receiver that `cargo xtask otlp` installs, which runs these tests.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use http::StatusCode;
use tokio::sync::oneshot;
use tracing_subscriber::layer::SubscriberExt as _;
use versioned_runtime::otlp::{Otlp, OtlpCounts, OtlpExport};
use versioned_runtime::prelude::*;
use versioned_runtime::{Server, TraceContext};

/// How long anything may take that another process does.
const PATIENCE: Duration = Duration::from_mins(1);

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

#[versioned(contract = "tracer", versions(v1 = "1.0.0", v2 = "2.0.0"))]
mod tracer {
    use super::*;

    pub trait Tracer {
        #[get("/traces/{id}")]
        async fn trace(&self, id: u32) -> Result<Vec<String>, Problem>;
    }
}

/// Tells the headers that belong on calls made now; two numbers are mistakes, the client's and its own.
struct Teller;

impl tracer::v2::Tracer for Teller {
    async fn trace(&self, id: u32) -> Result<Vec<String>, Problem> {
        tracing::info_span!("lookup", id).in_scope(|| tracing::info!("looked"));
        assert_ne!(id, 13, "nobody asks for it");
        if id == 0 {
            return Err(Problem::new(404));
        }
        let context = Context::current();
        let headers = context.trace().into_iter().flat_map(TraceContext::headers);
        Ok(headers
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or("")))
            .collect())
    }
}

/// A receiver of OTLP that prints what it gets; it ends with the test.
struct Collector {
    child: Child,
    lines: Receiver<String>,
    address: SocketAddr,
}

impl Collector {
    fn start() -> Self {
        let program = std::env::var_os("OTLP_RECEIVER").expect("a receiver: run `cargo xtask otlp`");
        // It does not say which port it has found: so it is given one that was free a moment ago.
        let address = free();
        let mut child = Command::new(program)
            .args(["start", "--exporter", "blackhole"])
            .args(["--debug-log", "traces", "--debug-log-verbosity", "detailed"])
            .args(["--otlp-grpc-endpoint", "127.0.0.1:0"])
            .args(["--otlp-http-endpoint", &address.to_string()])
            .env_remove("OTEL_SERVICE_NAME")
            .env_remove("OTEL_RESOURCE_ATTRIBUTES")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the receiver runs");
        let output = child.stdout.take().expect("its output");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let mut lines = BufReader::new(output).lines().map_while(Result::ok);
            lines.all(|line| sender.send(line).is_ok())
        });
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(begun.elapsed() < PATIENCE, "the receiver does not listen");
            let ended = child.try_wait().expect("its state");
            assert!(ended.is_none(), "the receiver ended: {ended:?}");
            std::thread::yield_now();
        }
        Self {
            child,
            lines,
            address,
        }
    }

    /// Ends it, and gives the spans that it has printed, and the address where nobody listens any more.
    fn stop(mut self) -> (Vec<Span>, SocketAddr) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(asked.expect("`kill` runs").success());
        let begun = Instant::now();
        let mut spans: Vec<Span> = Vec::new();
        let mut resource = Vec::new();
        let mut part = Part::Other;
        loop {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            let line = match self.lines.recv_timeout(left) {
                Ok(line) => line,
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("the receiver does not end"),
            };
            match line.trim() {
                "Resource attributes:" => {
                    resource.clear();
                    part = Part::Resource;
                }
                "Attributes:" => part = Part::Attributes,
                "Events:" | "Links:" => part = Part::Other,
                start if start.starts_with("Span #") => {
                    part = Part::Span;
                    spans.push(Span {
                        resource: resource.clone(),
                        ..Span::default()
                    });
                }
                line => match (
                    line.strip_prefix("-> "),
                    line.split_once(':'),
                    spans.last_mut(),
                    part,
                ) {
                    (Some(attribute), _, _, Part::Resource) => resource.push(attribute.to_owned()),
                    (Some(attribute), _, Some(span), Part::Attributes) => {
                        span.attributes.push(attribute.to_owned());
                    }
                    (_, Some((name, value)), Some(span), Part::Span) => {
                        span.lines.push((name.trim().to_owned(), value.trim().to_owned()));
                    }
                    _ => {}
                },
            }
        }
        let _ = self.child.wait();
        (spans, self.address)
    }
}

/// What the lines of the receiver belong to.
#[derive(Clone, Copy)]
enum Part {
    Resource,
    Span,
    Attributes,
    Other,
}

impl Drop for Collector {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A span, as the receiver prints it.
#[derive(Debug, Default)]
struct Span {
    resource: Vec<String>,
    lines: Vec<(String, String)>,
    attributes: Vec<String>,
}

impl Span {
    fn line(&self, name: &str) -> &str {
        let found = self.lines.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    #[track_caller]
    fn check(&self, expected: &[(&str, &str)], attributes: &[&str]) {
        for (name, value) in expected {
            assert_eq!(self.line(name), *value, "{name} of {self:?}");
        }
        let mut found: Vec<&str> = self.attributes.iter().map(String::as_str).collect();
        found.sort_unstable();
        assert_eq!(found, attributes, "{self:?}");
    }
}

/// An address that nobody listens on.
fn free() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address")
}

/// Serves and asks: paths with the status that is expected. Gives the answers.
async fn ask(otlp: &OtlpExport, requests: &[(&str, u16, &str)]) -> Vec<String> {
    let subscriber = tracing_subscriber::registry().with(otlp.layer());
    let _listening = tracing::subscriber::set_default(subscriber);
    let service = tracer::Service::builder().v2(Teller).build();
    let listening = Server::new(service).listen().await.expect("a free port");
    let address = listening.local_addr();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(listening.run_until(async {
        let _ = stopped.await;
    }));
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let mut answers = Vec::new();
    for (path, status, traceparent) in requests {
        let mut request = client.get(format!("http://{address}{path}"));
        if !traceparent.is_empty() {
            request = request
                .header("traceparent", *traceparent)
                .header("tracestate", "vendor=1");
        }
        let answer = request.send().await.expect("an answer");
        assert_eq!(
            answer.status(),
            StatusCode::from_u16(*status).expect("a status"),
            "{path}"
        );
        answers.push(answer.text().await.expect("a body"));
    }
    drop(client);
    let _ = stop.send(());
    server.await.expect("the server ends well");
    answers
}

/// One test: which spans are wanted is asked once of all subscribers that are there.
#[tokio::test]
#[ignore = "needs a receiver: `cargo xtask otlp`"]
async fn spans_reach_a_receiver_and_requests_do_not_need_one() {
    let collector = Collector::start();
    let gone = spans_have_the_names_and_parents_of_the_conventions(collector).await;
    without_a_receiver(gone).await;
    // One that takes connections, and never answers.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    without_a_receiver(silent.local_addr().expect("an address")).await;
}

async fn spans_have_the_names_and_parents_of_the_conventions(collector: Collector) -> SocketAddr {
    let otlp = Otlp::from_env()
        .endpoint(format!("http://{}", collector.address))
        .start()
        .expect("settings that fit");
    let sampled = format!("00-{TRACE}-{PARENT}-01");
    let unsampled = format!("00-{TRACE}-{PARENT}-00");
    let answers = ask(
        &otlp,
        &[
            ("/v1/traces/7", 200, &sampled),
            ("/v2.0/traces/0", 404, &sampled),
            ("/traces/13", 500, &sampled),
            ("/v2/traces/8", 200, ""),
            ("/v2/traces/9", 200, &unsampled),
        ],
    )
    .await;
    let counts = otlp.shutdown(PATIENCE).await;
    // Each operation, and what it looks up; but for what the client left out.
    let expected = OtlpCounts {
        sent: 8,
        ..OtlpCounts::default()
    };
    assert_eq!(counts, expected);
    let (spans, address) = collector.stop();
    let (lookups, operations): (Vec<&Span>, Vec<&Span>) =
        spans.iter().partition(|span| span.line("Name") == "lookup");
    for span in &spans {
        for attribute in [
            "service.name: Str(tracer)",
            "deployment.environment.name: Str(test)",
        ] {
            assert!(span.resource.iter().any(|line| line == attribute), "{span:?}");
        }
    }
    let told = |answer: &str| -> Vec<String> { serde_json::from_str(answer).expect("headers") };
    let rows = [
        ("/v1/traces/7", "200", "1.0.0", true),
        ("/v2.0/traces/0", "404", "2.0.0", true),
        ("/traces/13", "500", "1.0.0", true),
        ("/v2/traces/8", "200", "2.0.0", false),
    ];
    assert_eq!((operations.len(), lookups.len()), (4, 4));
    for (span, (path, status, version, joined)) in operations.iter().zip(rows) {
        let all = attributes(path, status, version);
        let route = path.rsplit_once('/').map_or("", |(route, _)| route);
        let name = format!("GET {route}/{{id}}");
        let failed = if status == "500" {
            "STATUS_CODE_ERROR"
        } else {
            "STATUS_CODE_UNSET"
        };
        span.check(
            &[
                ("Name", &name),
                ("Kind", "SPAN_KIND_SERVER"),
                ("Parent ID", if joined { PARENT } else { "" }),
                ("Status code", failed),
            ],
            &all.iter().map(String::as_str).collect::<Vec<_>>(),
        );
        assert_eq!(span.line("Trace ID") == TRACE, joined, "{span:?}");
        let own = (span.line("Trace ID"), span.line("ID"));
        let child = lookups
            .iter()
            .find(|lookup| (lookup.line("Trace ID"), lookup.line("Parent ID")) == own);
        assert_eq!(child.expect("its child").line("Kind"), "SPAN_KIND_INTERNAL");
        let answer = match path {
            "/v1/traces/7" => &answers[0],
            "/v2/traces/8" => &answers[3],
            _ => continue,
        };
        // What goes on from the operation is its own span, in the client's trace where there is one.
        let mut headers = vec![format!("traceparent: 00-{}-{}-01", own.0, own.1)];
        headers.extend(joined.then(|| "tracestate: vendor=1".to_owned()));
        assert_eq!(told(answer), headers);
    }
    // What the client left out stays left out, in its trace.
    let left_out = told(&answers[4]);
    assert!(
        left_out[0].starts_with(&format!("traceparent: 00-{TRACE}-")),
        "{left_out:?}"
    );
    assert!(left_out[0].ends_with("-00"), "{left_out:?}");
    address
}

/// What the span of an operation tells, sorted.
fn attributes(path: &str, status: &str, version: &str) -> Vec<String> {
    let route = match path {
        "/v1/traces/7" => "http.route: Str(/v1/traces/{id})",
        "/v2.0/traces/0" => "http.route: Str(/v2.0/traces/{id})",
        "/traces/13" => "http.route: Str(/traces/{id})",
        _ => "http.route: Str(/v2/traces/{id})",
    };
    let mut all: Vec<String> = [
        "http.request.method: Str(GET)",
        route,
        "url.scheme: Str(http)",
        "versioned.contract: Str(tracer)",
        "versioned.epoch: Int(1)",
        "versioned.operation: Str(trace)",
        "versioned.serving: Str(2.0.0)",
    ]
    .map(str::to_owned)
    .into();
    all.push(format!("http.response.status_code: Int({status})"));
    all.push(format!("url.path: Str({path})"));
    all.push(format!("versioned.version: Str({version})"));
    if status == "500" {
        all.push("error.type: Str(500)".to_owned());
    }
    all.sort_unstable();
    all
}

/// Every request is answered, what was not sent is counted, and the end does not wait longer than it may.
async fn without_a_receiver(address: SocketAddr) {
    const REQUESTS: usize = 40;
    let otlp = Otlp::from_env()
        .endpoint(format!("http://{address}"))
        .queue(4)
        .start()
        .expect("settings that fit");
    let requests = vec![("/v2/traces/7", 200, ""); REQUESTS];
    ask(&otlp, &requests).await;
    let begun = Instant::now();
    let counts = otlp.shutdown(Duration::from_secs(1)).await;
    assert!(begun.elapsed() < PATIENCE / 4, "{:?}", begun.elapsed());
    assert_eq!(counts.sent, 0, "{counts:?}");
    assert_eq!(counts.lost(), 2 * REQUESTS as u64, "{counts:?}");
    assert!(counts.dropped > 0 && counts.waiting <= 4, "{counts:?}");
}
