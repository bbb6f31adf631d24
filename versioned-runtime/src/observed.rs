//! Facts that the service finds out: what a request is, as far as its peer, its headers, the clock and the application tell.
//!
//! An [`Observer`] is the configuration of one contract, checked; [`Findings`] say which of it the rules of one table ask for. What no
//! rule asks for is not found out, unless baggage hands it on.

#[cfg(feature = "geoip")]
mod database;
mod device;
mod error;
mod hooks;
mod latency;
mod networks;
mod observer;
mod peers;
mod region;
mod tier;

#[cfg(feature = "geoip")]
use std::path::PathBuf;

pub use error::FactsError;
pub use hooks::{Caller, Scores, UserTypes};
pub use peers::Forwarding;
pub use tier::Tiers;

pub(crate) use observer::{Findings, Means, Observer, Request, Told};

use crate::route::dye::VALUE;

/// What a service finds out about requests, for the rules of routing tables: nothing unless it is said here.
///
/// It is found out only where the table in force has a rule that asks for it, or for the whole dye, and all facts where
/// [`Host::baggage`](crate::Host::baggage) hands them on. What stands in a signed dye, in the
/// dye of an allow-listed peer, or in the place that the table names, goes before it; `docs/runtime.md` has the whole order.
///
/// ```
/// # use std::time::Duration;
/// # use versioned_runtime::{FactSources, Host, Tiers};
/// let facts = FactSources::new()
///     .trust(["10.0.0.0/8"])
///     .header("region", "X-Region")
///     .regions([("203.0.113.0/24", "cn-east")])
///     .device()
///     .tier(Tiers::new(Duration::from_millis(100), Duration::from_millis(500)));
/// let host = Host::new().facts(facts);
/// ```
#[derive(Debug, Clone, Default)]
pub struct FactSources {
    pub(crate) peers: Vec<String>,
    forwarding: Forwarding,
    headers: Vec<(String, String)>,
    #[cfg(feature = "geoip")]
    database: Option<PathBuf>,
    regions: Vec<(String, String)>,
    device: bool,
    tiers: Option<Tiers>,
    user_types: Option<UserTypes>,
    scores: Option<Scores>,
}

impl FactSources {
    /// Nothing is found out, and nobody is believed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The peers that are taken at their word: networks (`10.0.0.0/8`, `2001:db8::/32`) or addresses. Their dyes are believed without
    /// a signature, so are the headers of [`FactSources::header`], and whom they forward requests for.
    ///
    /// List proxies that take away what clients write into these headers, and nobody else. Under axum's own router the address of the
    /// peer is known where it is served with `into_make_service_with_connect_info::<SocketAddr>()`.
    #[must_use]
    pub fn trust(mut self, peers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.peers.extend(peers.into_iter().map(Into::into));
        self
    }

    /// Where allow-listed peers say whom they forward a request for: `X-Forwarded-For` without it.
    #[must_use]
    pub fn forwarding(mut self, forwarding: Forwarding) -> Self {
        self.forwarding = forwarding;
        self
    }

    /// A fact or a score that allow-listed peers say in a header, such as `region` in `X-Region`. Everybody else's is not read.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, header: impl Into<String>) -> Self {
        self.headers.push((name.into(), header.into()));
        self
    }

    /// Regions by the address of the client, from a file in the format `MaxMind DB` (`GeoLite2-City.mmdb`, `GeoLite2-Country.mmdb`): `cn`, or
    /// `us-ca` where it knows subdivisions. It is read whole when the host starts, and again by
    /// [`RunningHost::reload_regions`](crate::RunningHost::reload_regions).
    #[cfg(feature = "geoip")]
    #[must_use]
    pub fn region_database(mut self, file: impl Into<PathBuf>) -> Self {
        self.database = Some(file.into());
        self
    }

    /// Regions by the address of the client, from networks; the smallest network that it is in counts. The database goes before them.
    #[must_use]
    pub fn regions<N: Into<String>, R: Into<String>>(
        mut self,
        regions: impl IntoIterator<Item = (N, R)>,
    ) -> Self {
        let regions = regions.into_iter();
        self.regions
            .extend(regions.map(|(network, region)| (network.into(), region.into())));
        self
    }

    /// What kind of device the client runs on, by its client hints (`Sec-CH-UA-Mobile`, `Sec-CH-UA-Platform`) or else its `User-Agent`:
    /// `desktop`, `mobile`, `tablet`, `tv`, `bot` or `other`.
    #[must_use]
    pub fn device(mut self) -> Self {
        self.device = true;
        self
    }

    /// How slow the contract is now: `low`, `medium` or `high`.
    #[must_use]
    pub fn tier(mut self, tiers: Tiers) -> Self {
        self.tiers = Some(tiers);
        self
    }

    /// Who knows the type of a user.
    #[must_use]
    pub fn user_type(mut self, types: UserTypes) -> Self {
        self.user_types = Some(types);
        self
    }

    /// Who scores requests.
    #[must_use]
    pub fn scores(mut self, scores: Scores) -> Self {
        self.scores = Some(scores);
        self
    }
}

/// Whether a text can be the value of a fact as it stands.
fn is_value(text: &str) -> bool {
    !text.is_empty() && text.len() <= VALUE && text.chars().all(|c| !c.is_control() && c != '|' && c != '%')
}
