//! One request and its answer: what is known of it on the way, from its path to the implementation and back.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::ALLOW;
use http::request::Parts;
use http::{Response, StatusCode};
use tracing::field::Empty;

use super::allow::Methods;
use super::caching;
use super::constraints::Found as Violations;
use super::decide::{Caller, Routed};
#[cfg(feature = "otlp")]
use super::paths::PathEntry;
use super::respond::{self, Form, Outcome, Sent};
use super::running::Running;
use super::{Call, RawBody, Refusal, Reply, problem};
use crate::baggage::Carried;
use crate::context::{Context, Decided};
use crate::counters::Count;
use crate::host::{Fixed, RunningHost, Sight};
use crate::observed::Told;
use crate::trace::TraceContext;

/// A request whose path belongs to a contract.
pub(super) struct Exchange {
    /// What the request saw first, and through it all of the host that never changes.
    sight: Sight,
    /// The path that was found.
    pub(super) entry: usize,
    pub(super) contract: usize,
    /// The peer of the connection, where the server knows it.
    pub(super) peer: Option<IpAddr>,
    /// What hooks have told; none before they were asked.
    pub(super) told: Option<Box<Told>>,
    pub(super) begun: Instant,
    form: Form,
    pub(super) outcome: Outcome,
}

impl Exchange {
    /// The request at a path that was found, or the refusal of one that leads nowhere.
    #[allow(clippy::result_large_err)] // an answer is large, and is given back in either case
    #[inline(always)] // what it is given and gives back is large, and would be copied
    pub(super) fn begin(
        host: &RunningHost,
        found: Option<usize>,
        length: bool,
        parts: &Parts,
        peer: Option<IpAddr>,
    ) -> Result<Self, Response<Sent>> {
        let head = parts.method == http::Method::HEAD;
        let form = Form {
            exposed: false,
            head,
            length,
        };
        let paths = &host.0.paths;
        // The matcher takes `//` for an empty parameter; there is none.
        let found = found
            .and_then(|index| Some((index, paths.entries().get(index)?)))
            .filter(|(_, entry)| entry.is_filled_by(parts.uri.path()));
        let Some((index, entry)) = found else {
            let unknown = problem::path_unknown(parts.uri.path());
            return Err(respond::plain(unknown.into_reply(), form));
        };
        host.0.counting.add(Count::Request);
        if parts.method == http::Method::OPTIONS {
            return Err(options(host, index, entry.contract, parts.uri.path(), length));
        }
        // The one look at the tables: everything after it sees this state.
        let guard = host.enter(entry.contract);
        Ok(Self {
            sight: guard.sight().clone(),
            entry: index,
            contract: entry.contract,
            peer,
            told: None,
            begun: Instant::now(),
            form: Form {
                exposed: host.0.exposes_to(&parts.headers),
                ..form
            },
            outcome: Outcome {
                guard: Some(guard),
                ..Outcome::default()
            },
        })
    }

    /// What of the host never changes.
    pub(super) fn fixed(&self) -> &Fixed {
        &self.sight.fixed
    }

    /// Hands the request to the implementation.
    #[allow(clippy::result_large_err)] // what is large goes on in either case
    #[inline(always)] // what it is given and gives back is large, and would be copied
    pub(super) fn run(
        self,
        routed: Routed,
        caller: Caller,
        mut parts: Parts,
        body: Option<RawBody>,
    ) -> Result<Running, (Self, Refusal)> {
        let fixed = self.fixed();
        let Some((hosted, guard)) = fixed
            .contracts
            .get(self.contract)
            .zip(self.outcome.guard.as_ref())
        else {
            return Err((self, Refusal::internal()));
        };
        let Some(slot) = hosted.slots.get(routed.slot).and_then(Option::as_ref) else {
            return Err((self, Refusal::internal()));
        };
        if caching::reads_tags(routed.described) {
            let terms = guard.beside(self.contract);
            if let Some(headers) = terms.and_then(|terms| terms.headers(routed.version)) {
                caching::give_back(&mut parts.headers, &headers.version);
            }
        }
        let trace = if caller.traced {
            TraceContext::from_headers(&parts.headers)
        } else {
            None
        };
        let out = fixed.baggage.as_ref();
        let carried = out.map(|out| Carried::new(Arc::clone(out), Some(&parts.headers)));
        let (resolved, serving) = (hosted.contracts[routed.version], hosted.contracts[routed.slot]);
        let span = tracing::info_span!(
            "operation",
            contract = hosted.id(),
            operation = routed.described.name,
            resolved = %resolved.version,
            serving = %serving.version,
            epoch = routed.epoch,
            status = Empty,
            trace_id = trace.as_ref().map(|trace| tracing::field::display(trace.trace_id())),
        );
        #[cfg(feature = "otlp")]
        let trace = {
            let base = fixed.paths.entries().get(routed.entry);
            let route = (base.map_or("", PathEntry::base), routed.described.path);
            crate::otlp::span::begin(&span, trace, &parts, route)
        };
        let checks = hosted.checks.get(routed.version);
        let call = Call {
            parts,
            body,
            checks: checks.and_then(|operations| operations.get(routed.operation)?.clone()),
            snapshot: guard.sight().clone(),
            contract: self.contract,
            entry: routed.entry,
            operation: routed.described,
            found: Violations::default(),
        };
        let work = Arc::clone(slot).call(routed.version, routed.operation, call);
        let context = Context::routed(
            caller.key,
            fixed.id,
            guard.sight().clone(),
            Decided {
                resolved,
                serving,
                epoch: routed.epoch,
            },
            caller.dye,
            trace,
        );
        let context = match carried {
            Some(carried) => context.carrying(|| Some(Arc::new(carried))),
            None => context,
        };
        Ok(Running::new(self, span, context, work))
    }

    /// The answer, completed.
    pub(super) fn finish(&mut self, result: Result<Reply, Refusal>) -> Response<Sent> {
        let reply = result.unwrap_or_else(|refusal| {
            // What goes wrong on our side is counted where it does.
            if refusal.problem.status < 500 {
                self.fixed().counting.add(Count::Refusal);
            }
            refusal.into_reply()
        });
        let fixed = &*self.sight.fixed;
        let Some(hosted) = fixed.contracts.get(self.contract) else {
            return respond::plain(Refusal::internal().into_reply(), self.form);
        };
        let answer = respond::complete(hosted, self.contract, &mut self.outcome, self.form, reply);
        if let (Some(observer), Some(_)) = (&hosted.observer, self.outcome.seen.serving) {
            observer.record(self.begun, || self.begun.elapsed());
        }
        if let Some(metrics) = &fixed.metrics {
            let status = answer.status().as_u16();
            metrics.record(self.contract, &self.outcome.seen, status, self.begun.elapsed());
        }
        answer
    }
}

/// Answers `OPTIONS` for all versions at once: a preflight names no version.
fn options(host: &RunningHost, index: usize, contract: usize, path: &str, length: bool) -> Response<Sent> {
    let form = Form {
        exposed: false,
        head: false,
        length,
    };
    let snapshot = host.snapshot();
    let paths = &host.0.paths;
    let terms = snapshot.beside(contract);
    let lists = |version| terms.is_some_and(|terms| terms.lists(version));
    let methods: Methods = paths
        .matching(index, path)
        .flat_map(|index| paths.entries()[index].methods(lists))
        .collect();
    let reply = Reply {
        headers: vec![(ALLOW, methods.value())],
        body: versioned_core::response::Body::Whole(Bytes::new()),
        ..Reply::empty(StatusCode::NO_CONTENT)
    };
    match host.0.contracts.get(contract) {
        Some(hosted) => respond::complete(hosted, contract, &mut Outcome::default(), form, reply),
        None => respond::plain(Refusal::internal().into_reply(), form),
    }
}
