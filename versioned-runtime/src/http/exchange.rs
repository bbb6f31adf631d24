//! One request and its answer: what is known of it on the way, from its path to the implementation and back.

use std::cell::RefCell;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::ALLOW;
use http::request::Parts;
use http::{Response, StatusCode};
use tracing::field::Empty;
use versioned_core::contract::{Method, Operation};
use versioned_core::payload::Media;

use super::allow::Methods;
use super::caching::{self, Reach};
use super::constraints::Found as Violations;
use super::known::{Known, Question};
use super::look::{Found, Look};
use super::paths::PathEntry;
use super::respond::{self, Form, Outcome, Sent};
use super::running::Running;
use super::{Call, Paths, RawBody, Refusal, Reply, facts, problem};
use crate::baggage::Carried;
use crate::context::{Context, Decided, Key};
use crate::counters::Count;
use crate::drain::Guard;
use crate::host::{Hosted, RunningHost, Snapshot, Terms};
use crate::metrics::Asked;
use crate::observed::Told;
use crate::resolve::{Availability, Kind, Requested, Resolution, Source, resolve};
use crate::route::dye::DyeKey;
use crate::route::{Dye, Facts, User};
use crate::trace::TraceContext;

thread_local! {
    /// Room for what requests say of themselves: it is larger than most of what is said.
    static FACTS: RefCell<Facts> = const { RefCell::new(Facts::NONE) };
}

/// A request whose path belongs to a contract.
pub(super) struct Exchange {
    pub(super) host: RunningHost,
    /// The path that was found.
    entry: usize,
    pub(super) contract: usize,
    /// The peer of the connection, where the server knows it.
    pub(super) peer: Option<IpAddr>,
    /// What hooks have told; none before they were asked.
    pub(super) told: Option<Box<Told>>,
    pub(super) begun: Instant,
    form: Form,
    pub(super) outcome: Outcome,
}

/// Who does the work, and which work it is: numbers only, so that passing it on costs nothing.
#[derive(Clone, Copy)]
pub(super) struct Routed {
    pub(super) version: usize,
    pub(super) operation: usize,
    /// The path that has the operation in this version.
    entry: usize,
    slot: usize,
    epoch: u64,
    described: &'static Operation,
}

impl Routed {
    /// The media type of the body, if the operation takes one.
    pub(super) fn body(&self) -> Option<Media> {
        self.described.body.as_ref().map(|expected| expected.media)
    }
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
        Ok(Self {
            host: host.clone(),
            entry: index,
            contract: entry.contract,
            peer,
            told: None,
            begun: Instant::now(),
            form: Form {
                exposed: host.exposes_to(&parts.headers),
                ..form
            },
            outcome: Outcome::default(),
        })
    }

    pub(super) fn host(&self) -> &RunningHost {
        &self.host
    }

    /// Resolves and routes a request by what it says itself; nothing where hooks are to be asked first: for facts, or for its version
    /// where it names none.
    #[inline(never)] // once a request, and `benches` count what it costs
    pub(super) fn decide(&mut self, parts: &Parts, seen: &mut Seen) -> Result<Option<Routed>, Refusal> {
        let guard = Guard::enter(self.host.snapshot(), self.contract);
        let decided = self.decide_under(guard.snapshot(), parts, seen);
        self.outcome.guard = Some(guard);
        decided
    }

    #[inline(always)] // a part of the one above
    fn decide_under(
        &mut self,
        snapshot: &Snapshot,
        parts: &Parts,
        seen: &mut Seen,
    ) -> Result<Option<Routed>, Refusal> {
        let (host, hosted) = (&*self.host.0, hosted(&self.host, self.contract)?);
        let terms = snapshot.beside(self.contract).ok_or_else(Refusal::internal)?;
        let look = Look::over(&parts.headers, &terms.wanted);
        let question = question(terms, self.entry, hosted, parts, &look);
        let version = if let Some(known) = question.and_then(|question| question.ask()) {
            self.outcome.seen.asked = known.asked;
            self.outcome.reach = known.reach;
            known.version as usize
        } else {
            let requested = facts::requested(hosted, &host.paths.entries()[self.entry], parts)?;
            if requested.is_empty() && hosted.pin.is_some() {
                return Ok(None);
            }
            let version = resolve_to(hosted, snapshot, self.contract, &requested, &mut self.outcome)?;
            if let Some(question) = question {
                question.remember(Known {
                    version: u32::try_from(version).map_err(|_| Refusal::internal())?,
                    asked: self.outcome.seen.asked,
                    reach: self.outcome.reach,
                });
            }
            version
        };
        if terms.findings.wait() && self.told.is_none() {
            return Ok(None);
        }
        self.route(version, snapshot, &look, parts, seen).map(Some)
    }

    /// Routes a request that is resolved: its operation, and who does the work.
    #[inline(always)] // twice in the source, once in a request
    pub(super) fn route(
        &mut self,
        version: usize,
        snapshot: &Snapshot,
        look: &Look<'_>,
        parts: &Parts,
        seen: &mut Seen,
    ) -> Result<Routed, Refusal> {
        self.outcome.seen.resolved = Some(version);
        let host = &self.host.0;
        let hosted = hosted(&self.host, self.contract)?;
        let table = snapshot.table(self.contract).ok_or_else(Refusal::internal)?;
        let terms = snapshot.beside(self.contract).ok_or_else(Refusal::internal)?;
        let (entry, operation) = find(&host.paths, hosted, terms, self.entry, parts, version)?;
        self.outcome.seen.operation = Some(operation);
        let described = hosted
            .operation(version, operation)
            .ok_or_else(Refusal::internal)?;
        seen.traced = look.traced();
        seen.key = facts::user_key(table.user_key(), look.user(), parts);
        let key = seen.key.as_ref().map(Key::as_bytes);
        if let (Some(metrics), Availability::Deprecated) = (&host.metrics, terms.availability(version)) {
            self.outcome.seen.caller = Some(metrics.caller(key));
        }
        let user = if table.tells_users_apart() {
            table.user_of(key)
        } else {
            User::UNKNOWN
        };
        // Without a rule no fact matters, and none is looked for.
        let decision = if table.asks_for_facts() {
            let beside = facts::Beside::new(hosted, &self.host, terms, self.observed(parts));
            FACTS.with_borrow_mut(|facts| {
                facts::take_down(facts, table, look, &beside, parts);
                let score = |place| facts::score(table, place, look, &beside, parts);
                table.decide_facts(version, operation, user, facts, score, &mut seen.dye)
            })
        } else {
            table.decide(version, operation, user, &Dye::NONE)
        };
        self.outcome.seen.serving = Some(decision.slot);
        terms.drain.route(decision.slot);
        Ok(Routed {
            version,
            operation,
            entry,
            slot: decision.slot,
            epoch: table.epoch(),
            described,
        })
    }

    /// Hands the request to the implementation.
    #[allow(clippy::result_large_err)] // what is large goes on in either case
    #[inline(always)] // what it is given and gives back is large, and would be copied
    pub(super) fn run(
        self,
        routed: Routed,
        seen: Seen,
        mut parts: Parts,
        body: Option<RawBody>,
    ) -> Result<Running, (Self, Refusal)> {
        let Some((hosted, guard)) = self
            .host
            .0
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
            let terms = guard.snapshot().beside(self.contract);
            if let Some(headers) = terms.and_then(|terms| terms.headers(routed.version)) {
                caching::give_back(&mut parts.headers, &headers.version);
            }
        }
        let trace = if seen.traced {
            TraceContext::from_headers(&parts.headers)
        } else {
            None
        };
        let out = self.host.0.baggage.as_ref();
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
            let base = self.host.0.paths.entries().get(routed.entry);
            let route = (base.map_or("", PathEntry::base), routed.described.path);
            crate::otlp::span::begin(&span, trace, &parts, route)
        };
        let checks = hosted.checks.get(routed.version);
        let call = Call {
            parts,
            body,
            checks: checks.and_then(|operations| operations.get(routed.operation)?.clone()),
            host: self.host.clone(),
            snapshot: Arc::clone(guard.snapshot()),
            contract: self.contract,
            entry: routed.entry,
            operation: routed.described,
            found: Violations::default(),
        };
        let work = Arc::clone(slot).call(routed.version, routed.operation, call);
        let context = Context::routed(
            seen.key,
            self.host.0.id,
            Arc::clone(guard.snapshot()),
            Decided {
                resolved,
                serving,
                epoch: routed.epoch,
            },
            seen.dye,
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
                self.host.0.counting.add(Count::Refusal);
            }
            refusal.into_reply()
        });
        let Some(hosted) = self.host.0.contracts.get(self.contract) else {
            return respond::plain(Refusal::internal().into_reply(), self.form);
        };
        let answer = respond::complete(hosted, self.contract, &mut self.outcome, self.form, reply);
        if let (Some(observer), Some(_)) = (&hosted.observer, self.outcome.seen.serving) {
            observer.record(self.begun, || self.begun.elapsed());
        }
        if let Some(metrics) = &self.host.0.metrics {
            let status = answer.status().as_u16();
            metrics.record(self.contract, &self.outcome.seen, status, self.begun.elapsed());
        }
        answer
    }
}

/// What one look over the headers has found that routing needs.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The key of the user.
    key: Option<Key>,
    /// The dye key, where a rule could ask for it.
    dye: Option<DyeKey>,
    traced: bool,
}

/// The contract of a request. That there is one was seen when its path was found.
pub(super) fn hosted(host: &RunningHost, contract: usize) -> Result<&Hosted, Refusal> {
    host.0.contracts.get(contract).ok_or_else(Refusal::internal)
}

/// The question that a request asks, where nothing but its path and one header may name a version.
fn question<'a>(
    terms: &Terms,
    entry: usize,
    hosted: &Hosted,
    parts: &'a Parts,
    look: &Look<'a>,
) -> Option<Question<'a>> {
    let sources = &hosted.sources;
    let others = look.accepts_version() && sources.reads(Source::Accept)
        || parts.uri.query().is_some() && sources.reads(Source::Query);
    let text = match look.version() {
        Found::Once(value) if sources.reads(Source::Header) => Some(value.as_bytes()),
        Found::Often if sources.reads(Source::Header) => return None,
        _ => None,
    };
    let path = u32::try_from(entry).ok().filter(|_| !others)?;
    Some(Question {
        terms: terms.id,
        path,
        text,
    })
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

/// The version that a client is answered in, and how it was found.
pub(super) fn resolve_to(
    hosted: &Hosted,
    snapshot: &Snapshot,
    contract: usize,
    requested: &Requested,
    outcome: &mut Outcome,
) -> Result<usize, Refusal> {
    let table = snapshot.table(contract).ok_or_else(Refusal::internal)?;
    let terms = snapshot.beside(contract).ok_or_else(Refusal::internal)?;
    outcome.seen.asked = Asked::from(requested.kind());
    let version =
        resolve_version(hosted, terms, requested, table.default_version()).inspect_err(|refusal| {
            // Sources that exclude each other name nothing.
            if refusal.problem.status == 400 && !requested.is_empty() {
                outcome.seen.asked = Asked::Invalid;
            }
        })?;
    outcome.reach = match requested.kind() {
        _ if requested.is_pinned() => Reach::Pinned,
        None | Some(Kind::Latest) => Reach::Unnamed,
        Some(_) => Reach::Named,
    };
    Ok(version)
}

/// The version that a client is answered in, or why there is none.
fn resolve_version(
    hosted: &Hosted,
    terms: &Terms,
    requested: &Requested,
    default_version: usize,
) -> Result<usize, Refusal> {
    match resolve(terms.versions(), requested, &hosted.policy(default_version)) {
        Resolution::Version(version) => Ok(version),
        Resolution::Missing => Err(problem::missing(hosted, terms)),
        Resolution::Disagree { first, second } => {
            let name = |source| hosted.sources.name(source);
            Err(problem::disagree(&name(first), &name(second)))
        }
        Resolution::Unsatisfied => Err(problem::unsatisfied(hosted, terms)),
        Resolution::Gone(version) => Err(problem::version_gone(hosted, terms, version)),
    }
}

/// The entry and the operation of a method in a version, or why there is none.
#[inline]
fn find(
    paths: &Paths,
    hosted: &Hosted,
    terms: &Terms,
    found: usize,
    parts: &Parts,
    version: usize,
) -> Result<(usize, usize), Refusal> {
    let known = match parts.method {
        http::Method::GET | http::Method::HEAD => Some(Method::Get),
        http::Method::POST => Some(Method::Post),
        http::Method::PUT => Some(Method::Put),
        http::Method::PATCH => Some(Method::Patch),
        http::Method::DELETE => Some(Method::Delete),
        _ => None,
    };
    let operation = |entry: &PathEntry| known.and_then(|method| entry.operation(method, version));
    // Most paths lead somewhere at once.
    match paths.entries().get(found).and_then(operation) {
        Some(operation) => Ok((found, operation)),
        None => find_elsewhere(paths, hosted, terms, found, parts, version, operation),
    }
}

/// The same for a path that has no such operation in the version.
#[cold]
fn find_elsewhere(
    paths: &Paths,
    hosted: &Hosted,
    terms: &Terms,
    found: usize,
    parts: &Parts,
    version: usize,
    operation: impl Fn(&PathEntry) -> Option<usize>,
) -> Result<(usize, usize), Refusal> {
    let name = |version: usize| hosted.contracts[version].version.to_string();
    let Some(index) = paths.in_version(found, parts.uri.path(), version) else {
        let having: Vec<String> = paths
            .versions(found, parts.uri.path())
            .into_iter()
            .filter(|version| terms.lists(*version))
            .map(name)
            .collect();
        return Err(problem::path_not_in_version(&name(version), &having));
    };
    let entry = &paths.entries()[index];
    operation(entry)
        .map(|operation| (index, operation))
        .ok_or_else(|| {
            let allowed: Methods = entry.methods(|v| v == version).collect();
            problem::method_not_allowed(&parts.method, &name(version), allowed.value())
        })
}
