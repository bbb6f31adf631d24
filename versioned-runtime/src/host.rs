//! A host: contracts that share one snapshot of their routing tables, and everything that serves them.

mod availability;
mod clock;
mod cors;
mod error;
mod explain;
mod findings;
mod hosted;
mod interned;
#[cfg(feature = "geoip")]
mod regions;
mod running;
mod settings;
mod sources;
mod terms;
mod token;
mod wanted;

use crate::baggage::Baggage;
use crate::dyes::Dyes;
use crate::observed::FactSources;
use crate::resolve::UnixTime;
use crate::service::ContractService;

pub use cors::CorsHeaders;
pub use error::{AvailabilityCommandError, HostError, ReplaceError};
pub use explain::ExplainRequest;
pub use running::RunningHost;
pub(crate) use running::{Fixed, InForce};
pub use settings::{Expose, Limits};
pub use sources::Sources;

pub(crate) use clock::Clock;
pub(crate) use hosted::{Hosted, header_value};
pub(crate) use settings::Settings;
pub(crate) use terms::Terms;
pub(crate) use token::Token;
pub(crate) use wanted::{ACCEPT, TRACE, VERSION, WANTED, Wanted};

/// What one request sees: the tables of all contracts, and what clients may ask for.
pub(crate) type Snapshot = crate::route::Snapshot<Terms>;
/// A look at it, and at all that never changes.
pub(crate) type Sight = crate::swap::Sight<InForce>;
/// A request that is under way on it.
pub(crate) type Guard = crate::swap::Guard<InForce>;

/// The configuration of a host; [`Host::start`] makes it run.
///
/// ```
/// # use versioned_runtime::{Host, HostError, Limits};
/// # fn hosts() -> Result<(), HostError> {
/// let host = Host::new().limits(Limits::default().body(64 * 1024)).start()?;
/// let app: axum::Router = axum::Router::new().nest("/api", host.router());
/// # Ok(())
/// # }
/// # hosts().expect("a host without contracts");
/// ```
#[derive(Debug, Default)]
pub struct Host {
    contracts: Vec<ContractService>,
    settings: Settings,
    token: Option<String>,
    manifest: Vec<String>,
}

impl Host {
    /// A host without contracts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Serves a contract, too.
    #[must_use]
    pub fn contract(mut self, service: impl Into<ContractService>) -> Self {
        self.contracts.push(service.into());
        self
    }

    /// What a request may take.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// Who is told the serving version and the epoch.
    #[must_use]
    pub fn expose(mut self, expose: Expose) -> Self {
        self.settings.expose = expose;
        self
    }

    /// Where clients say the version they want, for contracts whose configuration does not say it.
    #[must_use]
    pub fn sources(mut self, sources: Sources) -> Self {
        self.settings.sources = sources;
        self
    }

    /// Where the registry will be found, for the links in its documents: `/registry` unless it is said here.
    #[must_use]
    pub fn registry_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.settings.registry_prefix = prefix.into();
        self
    }

    /// What time it is, for the dates of versions: the system's clock unless it is said here. It is read when dates are due, not for
    /// each request.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        self.settings.clock = clock::Clock::new(clock);
        self
    }

    /// Which dyes that come in are believed, for contracts whose configuration does not say it: none without it.
    #[must_use]
    pub fn dyes(mut self, dyes: Dyes) -> Self {
        self.settings.dyes = Some(dyes);
        self
    }

    /// What is found out about requests, for contracts whose configuration does not say it: nothing without it.
    #[must_use]
    pub fn facts(mut self, facts: FactSources) -> Self {
        self.settings.facts = Some(facts);
        self
    }

    /// What goes along with the calls that handlers make; nothing without it.
    #[must_use]
    pub fn baggage(mut self, baggage: Baggage) -> Self {
        self.settings.baggage = Some(baggage);
        self
    }

    /// Counts nothing of single requests: `/metrics` tells the routing tables and the counters of the host only.
    #[must_use]
    pub fn without_metrics(mut self) -> Self {
        self.settings.metrics = false;
        self
    }

    /// What clients are hashed with in metrics: a secret, the same for all processes whose hashes are to be compared. Without it, each
    /// process makes up one.
    #[must_use]
    pub fn client_salt(mut self, salt: impl Into<String>) -> Self {
        self.settings.salt = Some(salt.into());
        self
    }

    /// The token that writing at the admin interface takes, and reading what is not for everybody: pins, and what is said of hidden versions.
    ///
    /// Without it the environment is asked: `VERSIONED_ADMIN_TOKEN`, or the file `VERSIONED_ADMIN_TOKEN_FILE`. If none is
    /// set, writes are refused.
    #[must_use]
    pub fn admin_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Demands that a contract is in this binary, `billing` or `billing@1.2.0`: a crate that was linked but is never mentioned
    /// registers nothing, and that shows at start instead of at the first request.
    #[must_use]
    pub fn require(mut self, manifest: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.manifest.extend(manifest.into_iter().map(Into::into));
        self
    }

    /// Checks everything and puts the first routing tables in force.
    ///
    /// # Errors
    /// See [`HostError`]; nothing has changed then.
    pub fn start(self) -> Result<RunningHost, HostError> {
        let registry = versioned_core::registry().map_err(Clone::clone)?;
        registry.require(self.manifest.iter().map(String::as_str))?;
        RunningHost::start(&self.contracts, self.settings, Token::find(self.token)?)
    }
}

impl From<ContractService> for Host {
    fn from(service: ContractService) -> Self {
        Self::new().contract(service)
    }
}
