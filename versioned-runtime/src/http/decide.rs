//! Deciding: from what a request says to the version that it is answered in, and to who does the work.

use std::cell::RefCell;

use http::request::Parts;
use versioned_core::contract::{Method, Operation};
use versioned_core::payload::Media;

use super::caching::{self, Reach};
use super::exchange::Exchange;
use super::known::{Known, Question};
use super::look::{Found, Look};
use super::paths::PathEntry;
use super::respond::Outcome;
use super::{Paths, Refusal, facts, problem};
use crate::context::Key;
use crate::counters::Count;
use crate::host::{Fixed, Guard, Hosted, RunningHost, Terms};
use crate::http::allow::Methods;
use crate::metrics::{Asked, Deprecated, Index, Seen};
use crate::observed::Request;
use crate::resolve::{Requested, Resolution, Source, is_bounded, resolve};
use crate::route::dye::{self, DyeKey};
use crate::route::{Decision, Facts, Table, User};

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
    /// Whether the implementation reads entity tags.
    pub(super) tags: bool,
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
    /// The dye key, where anybody asks for it.
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
        let (entry, contract) = (self.entry(), self.contract());
        let Outcome { guard, seen, reach } = &mut self.outcome;
        // It has entered when it began, unless hooks were asked meanwhile.
        let guard = guard.get_or_insert_with(|| host.enter_again(contract));
        let view = View::new(contract, guard)?;
        let mut look = Look::new(&view.terms.wanted);
        look.over(&parts.headers);
        let question = question(view.terms, entry, view.hosted, parts, &look);
        let known = match question.as_ref().and_then(Question::ask) {
            Some(known) => known,
            None => match view.lead_anew(entry, parts, question.as_ref(), seen, reach) {
                Ok(Some(known)) => known,
                Ok(None) => return Ok(None),
                Err(refusal) => return Err(view.refused(refusal, &look, parts, seen)),
            },
        };
        (seen.asked, *reach) = (known.asked, known.reach);
        seen.resolved = Some(known.version);
        seen.operation = Some(known.operation);
        if view.terms.findings.wait() && self.told.is_none() {
            return Ok(None);
        }
        let request = || Request {
            parts,
            known: self.peer,
            begun: self.begun,
            told: self.told.as_deref(),
        };
        Ok(Some(view.route(&known, &look, parts, request, seen, caller)))
    }

    /// The same for a request that names no version, by what the client pin says of its client.
    pub(super) async fn decide_pinned(
        &mut self,
        host: &RunningHost,
        parts: &Parts,
        caller: &mut Caller,
    ) -> Result<Routed, Refusal> {
        let (entry, contract) = (self.entry(), self.contract());
        // Hooks run first: they may take their time, and what they say does not depend on the tables.
        if let Some(guard) = self.outcome.guard.take() {
            guard.give_up();
        }
        let mut requested = Requested::new();
        self.outcome.seen.asked = Asked::from(requested.kind());
        let hosted = host.0.contracts.get(contract);
        if let Some((hosted, pin)) = hosted.and_then(|hosted| Some((hosted, hosted.pin.as_ref()?))) {
            let failed = || host.0.counting.add(Count::ClientPinFailure);
            let asked = pin.ask(&parts.headers, failed).await;
            let unavailable = || {
                let sight = host.snapshot();
                let terms = sight.beside(contract);
                terms.map_or_else(Refusal::internal, |terms| problem::pin_unavailable(hosted, terms))
            };
            if let Some(constraint) = asked.map_err(|_| unavailable())? {
                let pushed = requested.push(Source::ClientPin, constraint);
                pushed.map_err(|_| Refusal::internal())?;
            }
        }
        let Outcome { guard, seen, reach } = &mut self.outcome;
        let guard = guard.insert(host.enter_again(contract));
        let view = View::new(contract, guard)?;
        let mut look = Look::new(&view.terms.wanted);
        look.over(&parts.headers);
        let known = view.lead(&requested, entry, parts, seen, reach);
        let known = known.map_err(|refusal| view.refused(refusal, &look, parts, seen))?;
        let request = || Request {
            parts,
            known: self.peer,
            begun: self.begun,
            told: self.told.as_deref(),
        };
        Ok(view.route(&known, &look, parts, request, seen, caller))
    }
}

/// What a request sees of its contract.
#[derive(Clone, Copy)]
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

    /// Where a request leads that says what was not said lately; nothing where its client pin is to be asked.
    #[cold] // once for each thing that clients say, mostly
    fn lead_anew(
        self,
        entry: usize,
        parts: &Parts,
        question: Option<&Question>,
        seen: &mut Seen,
        reach: &mut Reach,
    ) -> Result<Option<Known>, Refusal> {
        let path = self
            .fixed
            .paths
            .entries()
            .get(entry)
            .ok_or_else(Refusal::internal)?;
        let requested = facts::requested(self.hosted, self.terms, path, parts)?;
        if requested.is_empty() && self.hosted.pin.is_some() {
            return Ok(None);
        }
        let known = self.lead(&requested, entry, parts, seen, reach)?;
        // Which other path has the operation depends on more of the request than the question says.
        if let Some(question) = question.filter(|_| known.entry as usize == entry) {
            question.remember(known);
        }
        Ok(Some(known))
    }

    /// Where a request leads: the version that its client is answered in, and how that was found, and the operation.
    fn lead(
        self,
        requested: &Requested,
        entry: usize,
        parts: &Parts,
        seen: &mut Seen,
        reach: &mut Reach,
    ) -> Result<Known, Refusal> {
        seen.asked = Asked::from(requested.kind());
        let version = self.version(requested, seen);
        let version = version.inspect_err(|refusal| {
            // Sources that exclude each other name nothing.
            if refusal.problem.status == 400 && !requested.is_empty() {
                seen.asked = Asked::Invalid;
            }
        })?;
        let now = self.fixed.settings.clock.now();
        *reach = if requested.is_pinned() {
            Reach::Pinned
        } else if is_bounded(self.terms.versions(), requested, version, now) {
            Reach::Named
        } else {
            Reach::Unnamed
        };
        let number = |index| Index::try_from(index).map_err(|_| Refusal::internal());
        seen.resolved = Some(number(version)?);
        let (entry, operation) = self.find(entry, parts, version)?;
        seen.operation = Some(number(operation)?);
        let described = self.hosted.operation(version, operation);
        let described = described.ok_or_else(Refusal::internal)?;
        Ok(Known {
            version: number(version)?,
            entry: u32::try_from(entry).map_err(|_| Refusal::internal())?,
            operation: number(operation)?,
            asked: seen.asked,
            reach: *reach,
            described,
            tags: caching::reads_tags(described),
        })
    }

    /// The version that a client is answered in, or why there is none.
    fn version(self, requested: &Requested, seen: &mut Seen) -> Result<usize, Refusal> {
        let (hosted, terms) = (self.hosted, self.terms);
        let policy = hosted.policy(self.table.default_version());
        match resolve(terms.versions(), requested, &policy) {
            Resolution::Version(version) => Ok(version),
            Resolution::Missing => Err(problem::missing(hosted, terms)),
            Resolution::Disagree { first, second } => {
                let name = |source| hosted.sources.name(source);
                Err(problem::disagree(&name(first), &name(second), terms))
            }
            Resolution::Unsatisfied => Err(problem::unsatisfied(hosted, terms)),
            Resolution::Gone(version) => {
                if let Ok(version) = Index::try_from(version) {
                    seen.deprecated = Deprecated::Version(version);
                }
                Err(problem::version_gone(hosted, terms, version))
            }
        }
    }

    /// A request that leads nowhere: who asks for what is out, for a while or for good, is told.
    #[cold]
    fn refused(self, refusal: Refusal, look: &Look<'_>, parts: &Parts, seen: &mut Seen) -> Refusal {
        if let (Some(metrics), Deprecated::Version(_)) = (&self.fixed.metrics, seen.deprecated) {
            let key = facts::user_key(self.table.user_key(), look.user(), parts);
            seen.client = metrics.caller(key.as_ref().map(Key::as_bytes));
        }
        refusal
    }

    /// Routes a request that is resolved: who does the work.
    #[inline(always)] // twice in the source, once in a request
    fn route<'r>(
        self,
        known: &Known,
        look: &Look<'_>,
        parts: &Parts,
        request: impl FnOnce() -> Request<'r>,
        seen: &mut Seen,
        caller: &mut Caller,
    ) -> Routed {
        let (table, hosted) = (self.table, self.hosted);
        let (version, operation) = (usize::from(known.version), usize::from(known.operation));
        caller.traced = look.traced();
        caller.key = facts::user_key(table.user_key(), look.user(), parts);
        let key = caller.key.as_ref().map(Key::as_bytes);
        let deprecated = Deprecated::of(known.version, self.terms.availability(version), known.described);
        if let (Some(metrics), true) = (&self.fixed.metrics, deprecated != Deprecated::Nothing) {
            (seen.deprecated, seen.client) = (deprecated, metrics.caller(key));
        }
        let user = if table.tells_users_apart() {
            table.user_of(key)
        } else {
            User::UNKNOWN
        };
        let dye = &mut caller.dye;
        let in_headers = look
            .facts()
            .filter(|_| facts::Beside::is_nothing(hosted, self.terms));
        let decision = match in_headers {
            Some(said) => {
                let score = |place| facts::score_said(table, place, look, parts);
                table.decide_said(version, operation, user, said, score, dye)
            }
            None => self.decide_beside(version, operation, user, look, request(), dye),
        };
        seen.serving = Index::try_from(decision.slot).ok();
        self.guard.route(decision.slot);
        Routed {
            version,
            operation,
            entry: known.entry as usize,
            slot: decision.slot,
            epoch: table.epoch(),
            described: known.described,
            tags: known.tags,
        }
    }

    /// Decides by what else is known of a request than what its headers say.
    #[inline(never)] // what few services need stays out of the way
    fn decide_beside(
        self,
        version: usize,
        operation: usize,
        user: User,
        look: &Look<'_>,
        request: Request<'_>,
        dye: &mut Option<DyeKey>,
    ) -> Decision {
        let (table, parts) = (self.table, request.parts);
        let beside = facts::Beside::new(self.hosted, self.fixed, self.terms, request);
        let score = |place| facts::score(table, place, look, &beside, parts);
        let decision = FACTS.with_borrow_mut(|facts| {
            facts::take_down(facts, table, look, &beside, parts);
            table.decide_said(version, operation, user, facts.said(), score, dye)
        });
        dye::add(dye, beside.all_believed());
        decision
    }

    /// The entry and the operation of a method in a version, or why there is none.
    fn find(self, found: usize, parts: &Parts, version: usize) -> Result<(usize, usize), Refusal> {
        let known = method(&parts.method);
        let operation = |entry: &PathEntry| known.and_then(|method| entry.operation(method, version));
        let paths = &self.fixed.paths;
        // Most paths lead somewhere at once.
        match paths.entries().get(found).and_then(operation) {
            Some(operation) => Ok((found, operation)),
            None => self.find_elsewhere(paths, found, parts, version, operation),
        }
    }

    /// The same for a path that has no such operation in the version.
    fn find_elsewhere(
        self,
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

/// The method of operations that a request calls by this one.
#[inline(always)] // once a request
const fn method(method: &http::Method) -> Option<Method> {
    match *method {
        http::Method::GET | http::Method::HEAD => Some(Method::Get),
        http::Method::POST => Some(Method::Post),
        http::Method::PUT => Some(Method::Put),
        http::Method::PATCH => Some(Method::Patch),
        http::Method::DELETE => Some(Method::Delete),
        _ => None,
    }
}

/// The question that a request asks, where nothing but its path and one header may name a version.
#[inline(always)] // what it gives back is large, and would be copied
fn question(
    terms: &Terms,
    entry: usize,
    hosted: &Hosted,
    parts: &Parts,
    look: &Look<'_>,
) -> Option<Question> {
    let sources = &hosted.sources;
    let others = look.accepts_version() && sources.reads(Source::Accept)
        || parts.uri.query().is_some() && sources.reads(Source::Query);
    if others {
        return None;
    }
    let text = match look.version() {
        Found::Once(value) if sources.reads(Source::Header) => Some(value.as_bytes()),
        Found::Often if sources.reads(Source::Header) => return None,
        _ => None,
    };
    Question::new(terms.id, entry, method(&parts.method)?, text)
}
