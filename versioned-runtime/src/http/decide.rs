//! Deciding: from what a request says to the version that it is answered in, and to who does the work.

use std::cell::RefCell;

use http::request::Parts;
use versioned_core::contract::{Method, Operation};
use versioned_core::payload::Media;

use super::caching::Reach;
use super::exchange::Exchange;
use super::known::{Known, Question};
use super::look::{Found, Look};
use super::paths::PathEntry;
use super::respond::Outcome;
use super::{Paths, Refusal, facts, problem};
use crate::context::Key;
use crate::host::{Fixed, Guard, Hosted, RunningHost, Terms};
use crate::http::allow::Methods;
use crate::metrics::{Asked, Seen};
use crate::observed::Request;
use crate::resolve::{Availability, Kind, Requested, Resolution, Source, resolve};
use crate::route::dye::DyeKey;
use crate::route::{Facts, Table, User};

thread_local! {
    /// Room for what requests say of themselves: it is larger than most of what is said.
    static FACTS: RefCell<Facts> = const { RefCell::new(Facts::NONE) };
}

/// Who does the work, and which work it is: numbers only, so that passing it on costs nothing.
#[derive(Clone, Copy)]
pub(super) struct Routed {
    pub(super) version: usize,
    pub(super) operation: usize,
    /// The path that has the operation in this version.
    pub(super) entry: usize,
    pub(super) slot: usize,
    pub(super) epoch: u64,
    pub(super) described: &'static Operation,
}

impl Routed {
    /// The media type of the body, if the operation takes one.
    pub(super) fn body(&self) -> Option<Media> {
        self.described.body.as_ref().map(|expected| expected.media)
    }
}

/// What a request says of who calls, as far as its handler is told.
#[derive(Debug, Default)]
pub(super) struct Caller {
    /// The key of the user.
    pub(super) key: Option<Key>,
    /// The dye key, where a rule could ask for it.
    pub(super) dye: Option<DyeKey>,
    pub(super) traced: bool,
}

impl Exchange {
    /// Resolves and routes a request by what it says itself; nothing where hooks are to be asked first: for facts, or for its version
    /// where it names none.
    #[inline(never)] // once a request, and `benches` count what it costs
    pub(super) fn decide(
        &mut self,
        host: &RunningHost,
        parts: &Parts,
        caller: &mut Caller,
    ) -> Result<Option<Routed>, Refusal> {
        let Outcome { guard, seen, reach } = &mut self.outcome;
        // It has entered when it began, unless hooks were asked meanwhile.
        let guard = guard.get_or_insert_with(|| host.enter(self.contract));
        let view = View::new(self.contract, guard)?;
        let request = Request {
            parts,
            known: self.peer,
            begun: self.begun,
            told: self.told.as_deref(),
        };
        let look = Look::over(&parts.headers, &view.terms.wanted);
        let question = question(view.terms, self.entry, view.hosted, parts, &look);
        let known = if let Some(known) = question.and_then(|question| question.ask()) {
            known
        } else {
            let entry = &view.fixed.paths.entries()[self.entry];
            let requested = facts::requested(view.hosted, entry, parts)?;
            if requested.is_empty() && view.hosted.pin.is_some() {
                return Ok(None);
            }
            let known = view.resolve(&requested, &mut seen.asked)?;
            if let Some(question) = question {
                question.remember(known);
            }
            known
        };
        (seen.asked, *reach) = (known.asked, known.reach);
        if view.terms.findings.wait() && request.told.is_none() {
            return Ok(None);
        }
        let routed = view.route(known.version as usize, self.entry, &look, request, seen, caller)?;
        Ok(Some(routed))
    }

    /// The same for a request that names no version, by what the client pin says of its client.
    pub(super) async fn decide_pinned(
        &mut self,
        host: &RunningHost,
        parts: &Parts,
        caller: &mut Caller,
    ) -> Result<Routed, Refusal> {
        // Hooks run first: they may take their time, and what they say does not depend on the tables.
        self.outcome.guard = None;
        let mut requested = Requested::new();
        self.outcome.seen.asked = Asked::from(requested.kind());
        let hosted = host.0.contracts.get(self.contract);
        if let Some((hosted, pin)) = hosted.and_then(|hosted| Some((hosted, hosted.pin.as_ref()?))) {
            let asked = pin.ask(&parts.headers).await;
            if let Some(constraint) = asked.map_err(|_| problem::pin_unavailable(hosted))? {
                let pushed = requested.push(Source::ClientPin, constraint);
                pushed.map_err(|_| Refusal::internal())?;
            }
        }
        let Outcome { guard, seen, reach } = &mut self.outcome;
        let guard = guard.insert(host.enter(self.contract));
        let view = View::new(self.contract, guard)?;
        let known = view.resolve(&requested, &mut seen.asked)?;
        (seen.asked, *reach) = (known.asked, known.reach);
        let look = Look::over(&parts.headers, &view.terms.wanted);
        let request = Request {
            parts,
            known: self.peer,
            begun: self.begun,
            told: self.told.as_deref(),
        };
        view.route(known.version as usize, self.entry, &look, request, seen, caller)
    }
}

/// What a request sees of its contract.
struct View<'a> {
    fixed: &'a Fixed,
    hosted: &'a Hosted,
    guard: &'a Guard,
    table: &'a Table,
    terms: &'a Terms,
}

impl<'a> View<'a> {
    /// That the host has the contract was seen when the path was found.
    #[inline(always)] // twice in the source, once in a request
    fn new(contract: usize, guard: &'a Guard) -> Result<Self, Refusal> {
        let fixed = &*guard.fixed;
        let hosted = fixed.contracts.get(contract);
        let seen = hosted.zip(guard.table(contract)).zip(guard.beside(contract));
        let ((hosted, table), terms) = seen.ok_or_else(Refusal::internal)?;
        Ok(Self {
            fixed,
            hosted,
            guard,
            table,
            terms,
        })
    }

    /// The version that a client is answered in, and how it was found.
    fn resolve(&self, requested: &Requested, asked: &mut Asked) -> Result<Known, Refusal> {
        *asked = Asked::from(requested.kind());
        let version = self.version(requested).inspect_err(|refusal| {
            // Sources that exclude each other name nothing.
            if refusal.problem.status == 400 && !requested.is_empty() {
                *asked = Asked::Invalid;
            }
        })?;
        Ok(Known {
            version: u32::try_from(version).map_err(|_| Refusal::internal())?,
            asked: *asked,
            reach: match requested.kind() {
                _ if requested.is_pinned() => Reach::Pinned,
                None | Some(Kind::Latest) => Reach::Unnamed,
                Some(_) => Reach::Named,
            },
        })
    }

    /// The version that a client is answered in, or why there is none.
    fn version(&self, requested: &Requested) -> Result<usize, Refusal> {
        let (hosted, terms) = (self.hosted, self.terms);
        let policy = hosted.policy(self.table.default_version());
        match resolve(terms.versions(), requested, &policy) {
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

    /// Routes a request that is resolved: its operation, and who does the work.
    #[inline(always)] // twice in the source, once in a request
    fn route(
        &self,
        version: usize,
        entry: usize,
        look: &Look<'_>,
        request: Request<'_>,
        seen: &mut Seen,
        caller: &mut Caller,
    ) -> Result<Routed, Refusal> {
        let parts = request.parts;
        seen.resolved = Some(version);
        let (table, hosted) = (self.table, self.hosted);
        let (entry, operation) = self.find(entry, parts, version)?;
        seen.operation = Some(operation);
        let described = hosted
            .operation(version, operation)
            .ok_or_else(Refusal::internal)?;
        caller.traced = look.traced();
        caller.key = facts::user_key(table.user_key(), look.user(), parts);
        let key = caller.key.as_ref().map(Key::as_bytes);
        if let (Some(metrics), Availability::Deprecated) =
            (&self.fixed.metrics, self.terms.availability(version))
        {
            seen.caller = Some(metrics.caller(key));
        }
        let user = if table.tells_users_apart() {
            table.user_of(key)
        } else {
            User::UNKNOWN
        };
        // Without a rule no fact matters, and none is looked for.
        let decision = if table.asks_for_facts() {
            let beside = facts::Beside::new(hosted, self.fixed, self.terms, request);
            FACTS.with_borrow_mut(|facts| {
                facts::take_down(facts, table, look, &beside, parts);
                let score = |place| facts::score(table, place, look, &beside, parts);
                table.decide_facts(version, operation, user, facts, score, &mut caller.dye)
            })
        } else {
            table.decide_plain(version, operation, user)
        };
        seen.serving = Some(decision.slot);
        self.guard.route(decision.slot);
        Ok(Routed {
            version,
            operation,
            entry,
            slot: decision.slot,
            epoch: table.epoch(),
            described,
        })
    }

    /// The entry and the operation of a method in a version, or why there is none.
    #[inline]
    fn find(&self, found: usize, parts: &Parts, version: usize) -> Result<(usize, usize), Refusal> {
        let known = match parts.method {
            http::Method::GET | http::Method::HEAD => Some(Method::Get),
            http::Method::POST => Some(Method::Post),
            http::Method::PUT => Some(Method::Put),
            http::Method::PATCH => Some(Method::Patch),
            http::Method::DELETE => Some(Method::Delete),
            _ => None,
        };
        let operation = |entry: &PathEntry| known.and_then(|method| entry.operation(method, version));
        let paths = &self.fixed.paths;
        // Most paths lead somewhere at once.
        match paths.entries().get(found).and_then(operation) {
            Some(operation) => Ok((found, operation)),
            None => self.find_elsewhere(paths, found, parts, version, operation),
        }
    }

    /// The same for a path that has no such operation in the version.
    #[cold]
    fn find_elsewhere(
        &self,
        paths: &Paths,
        found: usize,
        parts: &Parts,
        version: usize,
        operation: impl Fn(&PathEntry) -> Option<usize>,
    ) -> Result<(usize, usize), Refusal> {
        let name = |version: usize| self.hosted.contracts[version].version.to_string();
        let Some(index) = paths.in_version(found, parts.uri.path(), version) else {
            let having: Vec<String> = paths
                .versions(found, parts.uri.path())
                .into_iter()
                .filter(|version| self.terms.lists(*version))
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
}

/// The question that a request asks, where nothing but its path and one header may name a version.
#[inline]
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
