//! One request and its answer: what is known of it on the way, from its path to the implementation and back.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::ALLOW;
use http::{HeaderMap, Request, Response, StatusCode};
use tokio::time::Instant;
use tracing::field::Empty;

use super::allow::Methods;
use super::caching;
use super::decide::{Caller, Routed};
#[cfg(feature = "otlp")]
use super::paths::PathEntry;
use super::respond::{self, Form, Outcome, Sent};
use super::running::Running;
use super::{Call, Refusal, Reply, problem};
use crate::baggage::Carried;
use crate::context::{Beside, Context, Decided};
use crate::counters::Count;
use crate::host::{Fixed, Guard, RunningHost, Sight};
use crate::observed::Told;
use crate::service::Implementation;
use crate::trace::TraceContext;

/// A request whose path belongs to a contract.
pub(super) struct Exchange {
    /// What the request saw first, and through it all of the host that never changes.
    sight: Sight,
    /// The path that was found.
    entry: u32,
    contract: u32,
    /// The peer of the connection, where the server knows it.
    pub(super) peer: Option<IpAddr>,
    /// What hooks have told; none before they were asked.
    pub(super) told: Option<Box<Told>>,
    /// Where something is to be known of how long it takes.
    pub(super) begun: Option<Instant>,
    pub(super) form: Form,
    pub(super) outcome: Outcome,
}

/// The path of a request, and how its answer goes out.
pub(super) struct Place {
    entry: u32,
    contract: u32,
    form: Form,
}

impl Place {
    /// Where a path leads that was found, or the answer of one that leads to no operation.
    #[allow(clippy::result_large_err)] // an answer is large, and is given back in either case
    #[inline(always)] // what it gives back is large, and would be copied
    pub(super) fn of<B>(
        host: &RunningHost,
        found: Option<usize>,
        length: bool,
        request: &Request<B>,
    ) -> Result<Self, Response<Sent>> {
        let path = request.uri().path();
        let paths = &host.0.paths;
        // The matcher takes `//` for an empty parameter; there is none.
        let found = found
            .and_then(|index| Some((index, paths.entries().get(index)?)))
            .filter(|(_, entry)| entry.is_filled_by(path));
        let head = *request.method() == http::Method::HEAD;
        let form = Form {
            exposed: false,
            head,
            length,
        };
        let Some((index, entry)) = found else {
            return Err(unknown(path, form));
        };
        if *request.method() == http::Method::OPTIONS {
            return Err(options(host, index, entry.contract, path, length));
        }
        match (u32::try_from(index), u32::try_from(entry.contract)) {
            (Ok(entry), Ok(contract)) => Ok(Self {
                entry,
                contract,
                form,
            }),
            // No host has as many.
            _ => Err(unknown(path, form)),
        }
    }
}

impl Exchange {
    /// A request begins, at the place where its path leads.
    #[inline(always)] // what it gives back is large, and would be copied
    pub(super) fn begin(
        host: &RunningHost,
        place: &Place,
        headers: &HeaderMap,
        peer: Option<IpAddr>,
    ) -> Self {
        // The one look at the tables: everything after it sees this state.
        let guard = host.enter(place.contract as usize);
        Self {
            sight: guard.sight().clone(),
            entry: place.entry,
            contract: place.contract,
            peer,
            told: None,
            begun: (host.0.metrics.is_some() || host.0.observes).then(Instant::now),
            form: Form {
                exposed: host.0.exposes_to(headers),
                ..place.form
            },
            outcome: Outcome {
                guard: Some(guard),
                ..Outcome::default()
            },
        }
    }

    /// The path that was found.
    pub(super) fn entry(&self) -> usize {
        self.entry as usize
    }

    pub(super) fn contract(&self) -> usize {
        self.contract as usize
    }

    /// What the request sees.
    pub(super) fn sight(&self) -> &Sight {
        self.outcome.guard.as_ref().map_or(&self.sight, Guard::sight)
    }

    /// What of the host never changes.
    pub(super) fn fixed(&self) -> &Fixed {
        &self.sight.fixed
    }

    /// The implementation that a request was routed to, and what it is to run within; its call is prepared, too.
    #[inline(always)] // what it is given and gives back is large, and would be copied
    pub(super) fn prepare(
        &self,
        routed: Routed,
        caller: &mut Caller,
        call: &mut Call,
    ) -> Result<(Arc<dyn Implementation>, Running), Refusal> {
        let fixed = self.fixed();
        let contract = fixed.contracts.get(self.contract());
        let (hosted, guard) = contract
            .zip(self.outcome.guard.as_ref())
            .ok_or_else(Refusal::internal)?;
        let slot = hosted.slots.get(routed.slot).and_then(Option::as_ref);
        let slot = slot.ok_or_else(Refusal::internal)?;
        let checks = hosted.checks.get(routed.version);
        call.checks = checks.and_then(|operations| operations.get(routed.operation)?.clone());
        call.entry = routed.entry;
        call.operation = Some(routed.described);
        if routed.tags {
            let terms = guard.beside(self.contract());
            if let Some(headers) = terms.and_then(|terms| terms.headers(routed.version)) {
                caching::give_back(&mut call.parts.headers, &headers.version);
            }
        }
        let trace = if caller.traced {
            TraceContext::from_headers(&call.parts.headers)
        } else {
            None
        };
        let out = fixed.baggage.as_ref();
        let carried = out.map(|out| Arc::new(Carried::new(Arc::clone(out), Some(&call.parts.headers))));
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
            crate::otlp::span::begin(&span, trace, &call.parts, route)
        };
        let decided = Decided {
            resolved,
            serving,
            epoch: routed.epoch,
        };
        let beside = if caller.dye.is_some() || trace.is_some() || carried.is_some() {
            Some(Beside::of(caller.dye.take(), trace, carried))
        } else {
            None
        };
        let context = Context::routed(caller.key.take(), guard.sight().clone(), decided, beside);
        Ok((Arc::clone(slot), Running::new(span, context)))
    }

    /// The answer or the refusal, completed.
    pub(super) fn finish(&mut self, result: Result<Reply, Refusal>) -> Response<Sent> {
        match result {
            Ok(reply) => self.answer(reply, |sent| sent),
            Err(refusal) => self.refuse(refusal),
        }
    }

    /// The refusal, completed.
    #[cold]
    fn refuse(&mut self, refusal: Refusal) -> Response<Sent> {
        // What goes wrong on our side is counted where it does.
        if refusal.problem.status < 500 {
            self.fixed().counting.add(Count::Refusal);
        }
        self.answer(refusal.into_reply(), |sent| sent)
    }

    /// The answer, completed, which is what is done last: what is done with it afterwards would copy it.
    #[inline(always)] // twice in the source, once in a request
    pub(super) fn answer<B>(&mut self, reply: Reply, into: impl FnOnce(Sent) -> B) -> Response<B> {
        let fixed = &*self.sight.fixed;
        let Some(hosted) = fixed.contracts.get(self.contract()) else {
            return respond::plain(Refusal::internal().into_reply(), self.form).map(into);
        };
        if hosted.observer.is_some() || fixed.metrics.is_some() {
            self.note(reply.status);
        }
        respond::complete(hosted, self.contract(), &mut self.outcome, self.form, reply, into)
    }

    /// Writes down what became of the request.
    #[inline(never)] // who writes nothing down would pay for the room that it takes
    fn note(&self, status: StatusCode) {
        let (fixed, Some(begun)) = (self.fixed(), self.begun) else {
            return;
        };
        let hosted = fixed.contracts.get(self.contract());
        if let (Some(observer), Some(_)) = (
            hosted.and_then(|hosted| hosted.observer.as_ref()),
            self.outcome.seen.serving,
        ) {
            observer.record(begun, || begun.elapsed());
        }
        if let Some(metrics) = &fixed.metrics {
            let seen = &self.outcome.seen;
            metrics.record(self.contract(), seen, status.as_u16(), begun.elapsed());
        }
    }
}

/// The answer to a path that no version of any contract has.
#[cold]
fn unknown(path: &str, form: Form) -> Response<Sent> {
    respond::plain(problem::path_unknown(path).into_reply(), form)
}

/// Answers `OPTIONS` for all versions at once: a preflight names no version.
fn options(host: &RunningHost, index: usize, contract: usize, path: &str, length: bool) -> Response<Sent> {
    let form = Form {
        exposed: false,
        head: false,
        length,
    };
    host.0.counting.add(Count::Options);
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
        Some(hosted) => {
            let outcome = &mut Outcome::default();
            respond::complete(hosted, contract, outcome, form, reply, |sent| sent)
        }
        None => respond::plain(Refusal::internal().into_reply(), form),
    }
}
