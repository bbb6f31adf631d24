//! How one contract is served: what the application says of it, checked when its host starts.

use std::time::Duration;

use versioned_core::{Semver, Version};

use crate::client_pin::ClientPin;
use crate::dyes::Dyes;
use crate::host::Sources;
use crate::observed::FactSources;
use crate::resolve::{AfterSunset, Availability, Fallback, Unversioned};
use crate::route::UserKey;

/// How one contract is served.
#[derive(Debug, Clone)]
pub struct ContractConfig {
    pub(crate) default_version: Option<Named>,
    pub(crate) user_key: Option<UserKey>,
    pub(crate) cohort: Option<String>,
    pub(crate) sources: Option<Sources>,
    pub(crate) unversioned: Unversioned,
    pub(crate) fallback: Fallback,
    pub(crate) client_pin: Option<ClientPin>,
    pub(crate) dyes: Option<Dyes>,
    pub(crate) facts: Option<FactSources>,
    pub(crate) default_grace: Duration,
    pub(crate) after_sunset: AfterSunset,
    pub(crate) said: Vec<(Named, Said)>,
}

/// A version by the id of its contract and its number, which may be those of another contract.
pub(crate) type Named = (&'static str, Semver);

/// What is said of the availability of a version.
#[derive(Debug, Clone)]
pub(crate) enum Said {
    Availability(Availability),
    Released(String),
    Deprecated(String),
    Sunset(String),
    Successor(Named),
    BrownOut(String, u32),
}

impl Default for ContractConfig {
    fn default() -> Self {
        Self {
            default_version: None,
            user_key: None,
            cohort: None,
            sources: None,
            unversioned: Unversioned::default(),
            fallback: Fallback::default(),
            client_pin: None,
            dyes: None,
            facts: None,
            default_grace: Duration::from_mins(1),
            after_sunset: AfterSunset::default(),
            said: Vec::new(),
        }
    }
}

impl ContractConfig {
    /// The defaults: clients that name no version get the lowest one that is offered, and no user is told from another.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The version of clients that name none. Changing it changes the shape of their answers.
    #[must_use]
    pub fn default_version<V: Version>(mut self) -> Self {
        self.default_version = Some((V::CONTRACT.id, V::SEMVER));
        self
    }

    /// Where the key of the user stands in a request: users with the same key stay with the same implementation.
    #[must_use]
    pub fn user_key(mut self, key: UserKey) -> Self {
        self.user_key = Some(key);
        self
    }

    /// The salt of the split; contracts that share it move the same users together. The id of the contract without it.
    ///
    /// ```
    /// use versioned_runtime::prelude::*;
    /// use versioned_runtime::route::bucket;
    ///
    /// // Said of the contracts of orders and of invoices: at equal shares a user gets the new implementation of both, or of neither.
    /// let config = ContractConfig::new().user_key(UserKey::header("X-User")).cohort("shops");
    ///
    /// // Out of a million, and the lowest ones move first: Ada is among the first 45 %, and not among the first 44 %.
    /// assert_eq!(bucket("shops", b"ada"), 441_036);
    /// ```
    #[must_use]
    pub fn cohort(mut self, cohort: impl Into<String>) -> Self {
        self.cohort = Some(cohort.into());
        self
    }

    /// Where clients of this contract say the version they want; those of the host without it.
    #[must_use]
    pub fn sources(mut self, sources: Sources) -> Self {
        self.sources = Some(sources);
        self
    }

    /// What becomes of clients that name no version, and have none by a client pin.
    #[must_use]
    pub fn unversioned(mut self, unversioned: Unversioned) -> Self {
        self.unversioned = unversioned;
        self
    }

    /// Whether clients are answered in a lower version where nothing that is offered satisfies them. Off without it.
    #[must_use]
    pub fn fallback(mut self, fallback: Fallback) -> Self {
        self.fallback = fallback;
        self
    }

    /// Who knows the version of clients that name none.
    #[must_use]
    pub fn client_pin(mut self, pin: ClientPin) -> Self {
        self.client_pin = Some(pin);
        self
    }

    /// Which dyes that come in are believed; those that the host believes without it.
    #[must_use]
    pub fn dyes(mut self, dyes: Dyes) -> Self {
        self.dyes = Some(dyes);
        self
    }

    /// What is found out about requests; what the host says of it without it.
    #[must_use]
    pub fn facts(mut self, facts: FactSources) -> Self {
        self.facts = Some(facts);
        self
    }

    /// How long a cache may keep what it was given because a client named no version: a change of the default reaches everybody
    /// within this time. 60 s without it.
    #[must_use]
    pub fn default_grace(mut self, grace: Duration) -> Self {
        self.default_grace = grace;
        self
    }

    /// What becomes of versions after their sunset; they are gone without it.
    #[must_use]
    pub fn after_sunset(mut self, after_sunset: AfterSunset) -> Self {
        self.after_sunset = after_sunset;
        self
    }

    /// What clients may ask for: without it, the dates of the version say so, and it is offered if it has none.
    #[must_use]
    pub fn availability<V: Version>(self, availability: Availability) -> Self {
        self.say::<V>(Said::Availability(availability))
    }

    /// When a version was released, or will be: until then it is hidden. A day (`2026-01-31`) or a moment
    /// (`2026-01-31T10:00:00Z`); it goes before the date in the source, as all dates here do.
    #[must_use]
    pub fn released<V: Version>(self, date: impl Into<String>) -> Self {
        self.say::<V>(Said::Released(date.into()))
    }

    /// From when on a version is deprecated.
    #[must_use]
    pub fn deprecated<V: Version>(self, date: impl Into<String>) -> Self {
        self.say::<V>(Said::Deprecated(date.into()))
    }

    /// When a version is answered for the last time.
    #[must_use]
    pub fn sunset<V: Version>(self, date: impl Into<String>) -> Self {
        self.say::<V>(Said::Sunset(date.into()))
    }

    /// The version that clients of another one are to move to; the next later release that is offered without it.
    #[must_use]
    pub fn successor<V: Version, Next: Version>(self) -> Self {
        self.say::<V>(Said::Successor((Next::CONTRACT.id, Next::SEMVER)))
    }

    /// A while in which a version is answered as it will be after its sunset, so that whoever still needs it finds out before.
    #[must_use]
    pub fn brown_out<V: Version>(self, from: impl Into<String>, minutes: u32) -> Self {
        self.say::<V>(Said::BrownOut(from.into(), minutes))
    }

    fn say<V: Version>(mut self, said: Said) -> Self {
        self.said.push(((V::CONTRACT.id, V::SEMVER), said));
        self
    }
}
