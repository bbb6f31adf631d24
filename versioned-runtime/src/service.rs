//! A contract with its implementations: what the generated `Service` is made of.

mod config;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use versioned_core::Problem;
use versioned_core::contract::Contract;

use crate::context::{Context, InProcess};
use crate::host::{Host, HostError, RunningHost};
use crate::http::{Call, Refusal, Reply};

pub use config::ContractConfig;

pub(crate) use config::{Named, Said};

/// A future without a name.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What is known of a contract without any implementation; generated once per contract.
#[derive(Debug)]
pub struct Spec {
    /// The versions, oldest first.
    pub contracts: &'static [&'static Contract],
    /// Who can answer what: by slot, version and operation.
    pub answers: &'static [&'static [&'static [bool]]],
}

/// An implementation behind its bridges, with its type erased: one boxed future a request.
pub trait Implementation: Send + Sync + 'static {
    /// Answers an operation of a version; both by index.
    fn call(
        self: Arc<Self>,
        version: usize,
        operation: usize,
        call: Call,
    ) -> BoxFuture<'static, Result<Reply, Refusal>>;
}

/// The answer for a pair that a slot cannot answer: routing never chooses such a slot.
#[must_use]
pub fn unanswered() -> BoxFuture<'static, Result<Reply, Refusal>> {
    Box::pin(std::future::ready(Err(Refusal::internal())))
}

/// The slots of a service, with what is not asked of them here erased.
#[must_use]
pub fn erased<I: ?Sized>(
    slots: &[Option<Arc<I>>],
    erase: impl Fn(&Arc<I>) -> Arc<dyn Implementation>,
) -> Vec<Option<Arc<dyn Implementation>>> {
    slots.iter().map(|slot| slot.as_ref().map(&erase)).collect()
}

/// One contract and its implementations, ready to be served; cheap to clone.
///
/// It belongs to one host: [`ContractService::router`], [`ContractService::host`] and in-process handles make a host of one
/// if there is none yet, and meet at the same routing table.
#[derive(Clone)]
pub struct ContractService(Arc<Inner>);

struct Inner {
    spec: &'static Spec,
    slots: Vec<Option<Arc<dyn Implementation>>>,
    config: ContractConfig,
    /// The host and the index of the contract in it.
    host: OnceLock<(RunningHost, usize)>,
    /// Held while a host of one is made, so that two threads do not make two.
    starting: std::sync::Mutex<()>,
}

impl ContractService {
    #[doc(hidden)]
    #[must_use]
    pub fn new(
        spec: &'static Spec,
        slots: Vec<Option<Arc<dyn Implementation>>>,
        config: ContractConfig,
    ) -> Self {
        let (host, starting) = (OnceLock::new(), std::sync::Mutex::new(()));
        Self(Arc::new(Inner {
            spec,
            slots,
            config,
            host,
            starting,
        }))
    }

    /// The id of the contract; empty for a contract without versions, which the macros do not make.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.0.spec.contracts.first().map_or("", |contract| contract.id)
    }

    /// All versions, oldest first.
    #[must_use]
    pub fn contracts(&self) -> &'static [&'static Contract] {
        self.0.spec.contracts
    }

    /// The host that serves this contract; a host of one if it was not put into another.
    ///
    /// # Errors
    /// If the host cannot start, see [`HostError`].
    pub fn host(&self) -> Result<RunningHost, HostError> {
        if let Some((host, _)) = self.0.host.get() {
            return Ok(host.clone());
        }
        let _starting = self
            .0
            .starting
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match self.0.host.get() {
            Some((host, _)) => Ok(host.clone()),
            None => Host::from(self.clone()).start(),
        }
    }

    /// The operations as routes to merge or nest into the application's own router.
    ///
    /// # Errors
    /// If the host cannot start, see [`HostError`].
    pub fn router(&self) -> Result<axum::Router, HostError> {
        Ok(self.host()?.router())
    }

    /// Whether calls with a context are answered in the version of this index, and clients see it.
    #[doc(hidden)]
    #[must_use]
    pub fn speaks(&self, context: &Context, version: usize) -> bool {
        self.place()
            .is_ok_and(|(host, contract)| host.speaks(contract, context, version))
    }

    /// Routes an in-process call.
    #[doc(hidden)]
    pub fn begin(&self, context: &Context, version: usize, operation: usize) -> Result<InProcess, Problem> {
        // Why it cannot start is no concern of clients, whom the caller may hand the problem on to.
        let (host, contract) = self.place().map_err(|error| {
            tracing::error!(contract = self.id(), %error, "a service that is called cannot start");
            Problem::internal()
        })?;
        host.begin(contract, context, version, operation)
    }

    fn place(&self) -> Result<(RunningHost, usize), HostError> {
        self.host()?;
        self.0
            .host
            .get()
            .cloned()
            .ok_or(HostError::AlreadyHosted { contract: self.id() })
    }

    pub(crate) fn is_hosted(&self) -> bool {
        self.0.host.get().is_some()
    }

    /// Puts the service into its host, once.
    pub(crate) fn put_into(&self, host: &RunningHost, index: usize) -> Result<(), HostError> {
        let put = self.0.host.set((host.clone(), index));
        put.map_err(|_| HostError::AlreadyHosted { contract: self.id() })
    }

    pub(crate) fn spec(&self) -> &'static Spec {
        self.0.spec
    }

    pub(crate) fn slots(&self) -> &[Option<Arc<dyn Implementation>>] {
        &self.0.slots
    }

    pub(crate) fn config(&self) -> &ContractConfig {
        &self.0.config
    }
}

impl std::fmt::Debug for ContractService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ContractService")
            .field("contract", &self.id())
            .finish_non_exhaustive()
    }
}
