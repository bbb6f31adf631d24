//! What a trace tells of a request: the span of an operation, and the trace that the client began.

mod support;

use std::io;
use std::sync::{Arc, Mutex};

use support::{aged, ask, request, service};
use tracing_subscriber::fmt::format::FmtSpan;
use versioned_runtime::prelude::*;

#[versioned(contract = "tracer", versions(v1 = "1.0.0"))]
mod tracer {
    use super::*;

    pub trait Tracer {
        #[get("/trace")]
        async fn trace(&self) -> Result<Vec<String>, Problem>;
    }
}

/// Tells the headers that belong on calls made now.
struct Teller;

impl tracer::v1::Tracer for Teller {
    async fn trace(&self) -> Result<Vec<String>, Problem> {
        let context = Context::current();
        let headers = context
            .trace()
            .into_iter()
            .flat_map(versioned_runtime::TraceContext::headers);
        Ok(headers
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or("")))
            .collect())
    }
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Asks once, and looks for the span that was closed.
#[track_caller]
fn check(path: &str, headers: &[&str], expected: &str) {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(move || writer.clone())
        .finish();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    tracing::subscriber::with_default(subscriber, || {
        runtime.block_on(async {
            let host = Host::from(service(aged())).start().expect("a host");
            ask(&host, request("GET", path, headers, "")).await;
        });
    });
    let text = String::from_utf8(log.0.lock().expect("no panic").clone()).expect("text");
    let closed = text
        .lines()
        .find(|line| line.contains("operation{") && line.contains(": close "));
    let span = closed.and_then(|line| line.split("operation{").nth(1)?.split('}').next());
    assert_eq!(span, Some(expected), "{text}");
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// One test: which spans are wanted is asked of the thread that comes to a place first, and one without a subscriber would say "none" for
/// all of them.
#[test]
fn what_is_traced() {
    a_span_tells_who_answers_what();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(the_trace_goes_on_to_calls_made_while_handling());
}

fn a_span_tells_who_answers_what() {
    check(
        "/v1.1/notes/1",
        &[],
        "contract=\"notes\" operation=\"get_note\" resolved=1.1.0 serving=1.1.0 epoch=1 status=200",
    );
    check(
        "/v2/notes/0",
        &[&format!("traceparent: 00-{TRACE}-00f067aa0ba902b7-01")],
        &format!(
            "contract=\"notes\" operation=\"get_note\" resolved=2.0.0 serving=2.0.0 epoch=1 trace_id={TRACE} status=404"
        ),
    );
    check(
        "/v2/notes/13",
        &["traceparent: 00-nonsense-01"],
        "contract=\"notes\" operation=\"get_note\" resolved=2.0.0 serving=2.0.0 epoch=1 status=500",
    );
}

async fn the_trace_goes_on_to_calls_made_while_handling() {
    let service = tracer::Service::builder().v1(Teller).build();
    let host = Host::from(service).start().expect("a host");
    let parent = format!("traceparent: 00-{TRACE}-00f067aa0ba902b7-01");
    let answer = ask(
        &host,
        request("GET", "/trace", &[&parent, "tracestate: vendor=1"], ""),
    )
    .await;
    assert_eq!(answer.json(), serde_json::json!([parent, "tracestate: vendor=1"]));
    let answer = ask(&host, request("GET", "/trace", &[], "")).await;
    assert_eq!(answer.json(), serde_json::json!([]));
}
