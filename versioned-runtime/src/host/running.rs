//! A host that runs: contracts, the one atomic pointer to their tables, and what is made of them.

use std::ops::Deref;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use versioned_core::Problem;

use super::{Expose, Guard, HostError, Hosted, ReplaceError, Settings, Sight, Snapshot, Terms, Token};
use crate::baggage::{Carried, Outgoing};
use crate::context::{Beside, Context, Decided, HostId, InProcess};
use crate::counters::{Count, Counters, Counting};
use crate::drain::DrainCounts;
use crate::dyes::DyeReader;
use crate::http::{HostService, Paths};
use crate::metrics::{Deprecated, IN_PROCESS, Index, Metrics, Seen};
use crate::observed::Means;
use crate::resolve::Plan;
use crate::route::table::number_of;
use crate::route::{Table, TableDocument};
use crate::service::ContractService;
use crate::swap::{State, Swap};

/// A host that runs; cheap to clone, and all clones are one.
#[derive(Clone)]
pub struct RunningHost(pub(crate) Arc<Inner>);

/// What all clones of a host share.
pub(crate) struct Inner {
    fixed: Arc<Fixed>,
    /// The tables of all contracts, behind the one pointer that a request reads once, and the requests that are under way on them.
    pub(super) swap: Swap<InForce>,
    /// When a date moves the availability of some version next, in seconds; the clock is not read where there is none.
    pub(super) due: AtomicI64,
    /// Held by those who command, while they work out what comes next: a table is replaced by compare-and-set on its epoch.
    writer: Mutex<()>,
    /// Held for the moment in which what is in force is replaced, also by a date: requests that meet one wait for no table to be compiled.
    publishing: Mutex<()>,
}

impl Deref for Inner {
    type Target = Fixed;

    fn deref(&self) -> &Fixed {
        &self.fixed
    }
}

impl Inner {
    /// Puts other tables in force.
    pub(super) fn publish(&self, snapshot: Snapshot) {
        let fixed = Arc::clone(&self.fixed);
        self.swap.publish(InForce { snapshot, fixed });
    }
}

/// What one state of a host is: the tables in force, and what never changes. Requests reach all of the host through the state that they see,
/// so that none of them writes to a count that all threads share.
pub(crate) struct InForce {
    snapshot: Snapshot,
    pub(crate) fixed: Arc<Fixed>,
}

impl Deref for InForce {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.snapshot
    }
}

impl State for InForce {
    fn contracts(&self) -> usize {
        self.tables().len()
    }

    fn epoch(&self, contract: usize) -> u64 {
        self.beside(contract).map_or(0, |terms| terms.epoch)
    }

    fn slots(&self) -> usize {
        let contracts = (0..self.contracts()).filter_map(|contract| self.beside(contract));
        contracts.map(|terms| terms.versions().len()).max().unwrap_or(0)
    }
}

/// What of a host never changes.
pub(crate) struct Fixed {
    pub(crate) id: HostId,
    pub(crate) contracts: Vec<Hosted>,
    pub(crate) paths: Paths,
    pub(crate) settings: Settings,
    pub(crate) token: Option<Token>,
    pub(crate) counting: Counting,
    pub(crate) metrics: Option<Metrics>,
    /// How baggage goes out; none where none does.
    pub(crate) baggage: Option<Arc<Outgoing>>,
    /// Whether the address of the peer may matter to some contract.
    pub(crate) observes: bool,
}

impl Fixed {
    /// Whether a request with these headers is told what served it.
    pub(crate) fn exposes_to(&self, headers: &http::HeaderMap) -> bool {
        match self.settings.expose {
            Expose::Always => true,
            Expose::Never => false,
            Expose::WithToken => self
                .token
                .as_ref()
                .is_some_and(|token| token.is_carried_by(headers)),
        }
    }
}

impl RunningHost {
    pub(super) fn start(
        services: &[ContractService],
        settings: Settings,
        token: Option<Token>,
    ) -> Result<Self, HostError> {
        for (position, service) in services.iter().enumerate() {
            if services[..position]
                .iter()
                .any(|earlier| earlier.id() == service.id())
            {
                return Err(HostError::Twice {
                    contract: service.id(),
                });
            }
            if service.is_hosted() {
                return Err(HostError::AlreadyHosted {
                    contract: service.id(),
                });
            }
        }
        // Also where every contract has a configuration of its own: it is wrong all the same.
        settings.sources.check()?;
        settings.dyes.as_ref().map(DyeReader::new).transpose()?;
        let means = settings.facts.as_ref().map(Means::new).transpose()?.map(Arc::new);
        let prefix = &settings.registry_prefix;
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
        // Clients take `.` and `..` out of paths before they send them (RFC 3986 section 5.2.4).
        let segment = |segment: &str| !["", ".", ".."].contains(&segment);
        let segments = prefix.strip_prefix('/').map(|rest| rest.split('/').all(segment));
        if segments != Some(true) || !prefix.chars().all(plain) {
            return Err(HostError::RegistryPrefix {
                prefix: prefix.clone(),
            });
        }
        let mut contracts = Vec::new();
        let mut tables = Vec::new();
        let now = settings.clock.now();
        for service in services {
            let (hosted, table, terms) = Hosted::new(service, &settings, means.as_ref(), now)?;
            contracts.push(hosted);
            tables.push((table, terms));
        }
        let paths = Paths::new(&contracts)?;
        let metrics = settings
            .metrics
            .then(|| Metrics::new(&contracts, settings.salt.as_deref()));
        let baggage = settings.baggage.clone().map(|baggage| {
            let clock = settings.clock.clone();
            Arc::new(Outgoing { baggage, clock })
        });
        let fixed = Arc::new(Fixed {
            baggage,
            observes: contracts.iter().any(|hosted| hosted.observer.is_some()),
            id: HostId::next(),
            contracts,
            paths,
            settings,
            token,
            counting: Counting::default(),
            metrics,
        });
        let first = InForce {
            snapshot: Snapshot::with_beside(tables),
            fixed: Arc::clone(&fixed),
        };
        let host = Self(Arc::new(Inner {
            fixed,
            swap: Swap::new(first),
            due: AtomicI64::new(i64::MAX),
            writer: Mutex::new(()),
            publishing: Mutex::new(()),
        }));
        host.note_due();
        for (index, service) in services.iter().enumerate() {
            service.put_into(&host, index)?;
        }
        Ok(host)
    }

    /// The operations as a `tower::Service` that answers every path; unknown paths are 404 problem documents.
    #[must_use]
    pub fn service(&self) -> HostService {
        HostService::new(self.clone())
    }

    /// The operations, and only they, as routes to merge or nest into the application's own router: no fallback, and no
    /// wildcard that could catch the application's paths.
    pub fn router(&self) -> axum::Router {
        crate::http::router(self)
    }

    /// The registry: what this binary carries, to read. Nest it where [`Host::registry_prefix`](super::Host::registry_prefix) says.
    pub fn registry_router(&self) -> axum::Router {
        crate::registry_http::router(self)
    }

    /// `/.well-known/api-catalog` (RFC 9727), to merge at the root.
    pub fn well_known_router(&self) -> axum::Router {
        crate::registry_http::well_known(self)
    }

    /// The admin interface: routing tables to read and to replace. Not for the public.
    pub fn admin_router(&self) -> axum::Router {
        crate::admin::router(self)
    }

    /// `/metrics`, for Prometheus: its text format, or `OpenMetrics` if it asks for that. Not for the public.
    pub fn metrics_router(&self) -> axum::Router {
        crate::metrics::router(self)
    }

    /// What was counted since the start.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.0.counting.read(self.0.swap.entered())
    }

    /// The routing table of a contract, if this host serves it, with its findings. The first one who reads a table finds these out, which may
    /// take a fraction of a second.
    #[must_use]
    pub fn table(&self, contract: &str) -> Option<TableDocument> {
        let index = self.index(contract)?;
        let table = Arc::clone(self.snapshot().table(index)?);
        Some(self.told(index, &table))
    }

    /// Puts another routing table in force, if the one in force is at `epoch`: the swap of one pointer. Requests that have begun
    /// finish on the table they began with.
    ///
    /// The table is given back with its findings. Compiling and comparing many rules may take a fraction of a second: async code calls this
    /// on a thread where it may block.
    ///
    /// # Errors
    /// See [`ReplaceError`]; the table before stays in force then.
    pub fn replace(
        &self,
        contract: &str,
        epoch: u64,
        document: &TableDocument,
    ) -> Result<TableDocument, ReplaceError> {
        let unknown = || ReplaceError::UnknownContract {
            contract: contract.to_owned(),
        };
        let index = self.index(contract).ok_or_else(unknown)?;
        let hosted = &self.0.contracts[index];
        let writer = self.writer();
        let snapshot = self.0.swap.sight();
        let (table, terms) = snapshot
            .table(index)
            .zip(snapshot.beside(index))
            .ok_or_else(unknown)?;
        if table.epoch() != epoch {
            return Err(ReplaceError::Conflict {
                expected: epoch,
                current: table.epoch(),
            });
        }
        let shape = &hosted.shape_at(&terms.plan.at(self.now()).versions);
        let next = table.replace(shape, document)?;
        tracing::info!(contract, epoch = next.epoch(), "routing table replaced");
        let put = self.put_in_force(index, next, terms.plan.clone());
        let (table, _) = put.ok_or_else(unknown)?;
        drop(writer);
        Ok(self.told(index, &table))
    }

    /// The requests of a contract by epoch: the one in force comes last, before it stand those that have not drained, and a few that
    /// have. Empty for a contract that this host does not serve.
    #[must_use]
    pub fn drain(&self, contract: &str) -> Vec<DrainCounts> {
        self.index(contract)
            .map_or_else(Vec::new, |index| self.drains(index))
    }

    pub(crate) fn drains(&self, contract: usize) -> Vec<DrainCounts> {
        self.0.swap.counts(contract)
    }

    /// How many requests of the epoch in force each implementation of a contract was given, by slot.
    pub(crate) fn routed(&self, contract: usize) -> Vec<u64> {
        self.0.swap.routed(contract)
    }

    /// The index of a contract in this host.
    pub(crate) fn index(&self, contract: &str) -> Option<usize> {
        self.0.contracts.iter().position(|hosted| hosted.id() == contract)
    }

    /// What is in force, for who begins no request.
    pub(crate) fn snapshot(&self) -> Sight {
        self.be_on_time();
        self.0.swap.sight()
    }

    /// Begins a request of a contract: its one look at what is in force.
    #[inline(always)] // on the path of every request
    pub(crate) fn enter(&self, contract: usize) -> Guard {
        self.be_on_time();
        self.0.swap.enter(contract)
    }

    /// Begins a request of a contract once more, after it has left to wait.
    #[cold]
    pub(crate) fn enter_again(&self, contract: usize) -> Guard {
        self.be_on_time();
        self.0.counting.add(Count::Again);
        self.0.swap.enter(contract)
    }

    /// Puts in force what dates have changed meanwhile.
    #[inline(always)] // on the path of every request
    fn be_on_time(&self) {
        let due = self.0.due.load(Ordering::Acquire);
        if due != i64::MAX {
            let now = self.now();
            if due <= now.seconds() {
                self.advance(now);
            }
        }
    }

    /// Puts a table and a plan in force that were worked out for a contract, beside what dates have changed meanwhile.
    pub(super) fn put_in_force(
        &self,
        contract: usize,
        table: Table,
        plan: Plan,
    ) -> Option<(Arc<Table>, Arc<Terms>)> {
        let hosted = self.0.contracts.get(contract)?;
        let _publishing = self.publishing();
        let snapshot = self.0.swap.sight();
        let terms = snapshot.beside(contract)?;
        let terms = terms.next(plan, self.now(), &table, hosted);
        let next = snapshot
            .with_table(contract, table)
            .replace_beside(contract, terms);
        let put = next.table(contract).cloned().zip(next.beside(contract).cloned());
        self.0.publish(next);
        self.note_due();
        self.0.counting.add(Count::Flip);
        put
    }

    /// A poisoned lock holds nothing that could be broken: what is in force is replaced at once.
    pub(super) fn publishing(&self) -> MutexGuard<'_, ()> {
        self.0.publishing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A poisoned lock holds nothing that could be broken: tables are replaced at once.
    pub(super) fn writer(&self) -> MutexGuard<'_, ()> {
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether in-process calls of a context are answered in a version that clients see.
    pub(crate) fn speaks(&self, contract: usize, context: &Context, version: usize) -> bool {
        self.be_on_time();
        let sight = match context.snapshot_of(self.0.id) {
            Some(sight) => self.0.swap.seen(sight),
            None => self.0.swap.sight(),
        };
        let is_answered = |terms: &Arc<Terms>| terms.lists(version) && terms.answers(version);
        sight.beside(contract).is_some_and(is_answered)
    }

    /// Routes an in-process call.
    pub(crate) fn begin(
        &self,
        contract: usize,
        context: &Context,
        version: usize,
        operation: usize,
    ) -> Result<InProcess, Problem> {
        let hosted = self.0.contracts.get(contract).ok_or_else(Problem::internal)?;
        let described = hosted.contracts.get(version).ok_or_else(Problem::internal)?;
        // A context may have outlived its request, and everything else that its state was held for: then dates count for it, too.
        self.be_on_time();
        let guard = match context.snapshot_of(self.0.id) {
            Some(sight) => self.0.swap.join(sight, contract),
            None => self.0.swap.enter(contract),
        };
        let terms = guard.beside(contract).ok_or_else(Problem::internal)?;
        if let Some(metrics) = &self.0.metrics {
            metrics.record_in_process(contract, &in_process(hosted, terms, version, operation));
        }
        // Callers in the process are clients, too: what is out for a while is out for them.
        if !terms.answers(version) {
            self.0.counting.add(Count::Refusal);
            return Err(crate::http::problem::gone(hosted, terms, version));
        }
        let table = guard.table(contract).ok_or_else(Problem::internal)?;
        let (user, facts) = (table.user(context.key()), context.facts_under(table));
        let score = |place| number_of(&context.said(table.score(place)?.0)?);
        let mut dye = None;
        let decision = table.decide_said(version, operation, user, facts.said(), score, &mut dye);
        let epoch = table.epoch();
        guard.route(decision.slot);
        let serving = hosted
            .contracts
            .get(decision.slot)
            .ok_or_else(Problem::internal)?;
        let decided = Decided {
            resolved: described,
            serving,
            epoch,
        };
        let snapshot = guard.sight().clone();
        let beside = dye.map(|dye| Beside::of(Some(dye), None, None));
        let called = Context::routed(context.shared_key(), snapshot, decided, beside);
        let context = called.within(context).carrying(|| {
            let out = self.0.baggage.as_ref();
            let begins = || Some(Arc::new(Carried::new(Arc::clone(out?), None)));
            context.carried().or_else(begins)
        });
        Ok(InProcess {
            slot: decision.slot,
            context,
            guard,
        })
    }
}

/// What metrics are told of a call that the process makes itself.
fn in_process(hosted: &Hosted, terms: &Terms, version: usize, operation: usize) -> Seen {
    let index = |index| Index::try_from(index).ok();
    let (resolved, described) = (index(version), hosted.operation(version, operation));
    let is_out = !terms.answers(version);
    let deprecated = |version| match described {
        _ if is_out => Deprecated::Version(version),
        Some(operation) => Deprecated::of(version, terms.availability(usize::from(version)), operation),
        None => Deprecated::Nothing,
    };
    Seen {
        resolved,
        operation: index(operation),
        deprecated: resolved.map_or(Deprecated::Nothing, deprecated),
        client: IN_PROCESS,
        ..Seen::default()
    }
}

impl std::fmt::Debug for RunningHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let contracts: Vec<&str> = self.0.contracts.iter().map(Hosted::id).collect();
        f.debug_struct("RunningHost")
            .field("contracts", &contracts)
            .finish_non_exhaustive()
    }
}
