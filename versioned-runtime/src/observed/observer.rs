//! One contract's facts, ready to be found out, and which of them the rules of a table ask for.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use http::header::HeaderName;
use http::request::Parts;
use tokio::time::Instant;

use super::hooks::{Caller, Scores, UserTypeReader};
use super::latency::Latency;
use super::peers::Peers;
use super::region::Regions;
use super::{FactSources, FactsError, Tiers, device};
use crate::counters::{Count, Counting};
use crate::route::dye::is_name;
use crate::route::{Table, UserKey};

/// A configuration that was checked; the contracts that share it share its database and its last answers.
pub(crate) struct Means {
    peers: Peers,
    headers: Box<[(Box<str>, HeaderName)]>,
    regions: Option<Regions>,
    device: bool,
    tiers: Option<Tiers>,
    user_types: Option<UserTypeReader>,
    scores: Option<Scores>,
}

/// What is found out about the requests of one contract.
pub(crate) struct Observer {
    contract: &'static str,
    means: Arc<Means>,
    latency: Option<Latency>,
}

/// What the rules of one table ask the service for, by the places of the table ([`Table::places`]); empty where they ask for nothing.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    places: Box<[Finding]>,
    user_type: bool,
    scores: bool,
}

/// How one fact or score is found out.
#[derive(Debug, Default)]
struct Finding {
    /// The header in which allow-listed peers say it.
    header: Option<HeaderName>,
    own: Option<Own>,
}

impl Finding {
    const fn is_none(&self) -> bool {
        self.header.is_none() && self.own.is_none()
    }
}

#[derive(Debug, Clone, Copy)]
enum Own {
    Region,
    Device,
    Tier,
    UserType,
    Score,
}

/// What hooks have told of a request.
#[derive(Debug, Default)]
pub(crate) struct Told {
    user_type: Option<String>,
    scores: Vec<(String, f64)>,
}

/// A request, as far as facts are concerned.
pub(crate) struct Request<'a> {
    pub(crate) parts: &'a Parts,
    /// The peer of its connection, where the server knows it.
    pub(crate) known: Option<IpAddr>,
    pub(crate) begun: Option<Instant>,
    pub(crate) told: Option<&'a Told>,
}

impl Request<'_> {
    /// The peer of its connection: as the server knows it, or else as axum's router was told.
    pub(crate) fn peer(&self) -> Option<IpAddr> {
        self.known.or_else(|| {
            let ConnectInfo(address) = self.parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
            Some(address.ip())
        })
    }
}

impl Findings {
    /// Whether nothing is to be found out.
    pub(crate) const fn are_none(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether hooks are to be asked first.
    pub(crate) const fn wait(&self) -> bool {
        self.user_type || self.scores
    }
}

impl Means {
    pub(crate) fn new(facts: &FactSources) -> Result<Self, FactsError> {
        let mut headers: Vec<(Box<str>, HeaderName)> = Vec::new();
        for (name, header) in &facts.headers {
            let name = || name.clone();
            if !is_name(&name()) {
                return Err(FactsError::Name { name: name() });
            }
            if headers.iter().any(|(known, _)| **known == *name()) {
                return Err(FactsError::HeaderTwice { name: name() });
            }
            if facts.peers.is_empty() {
                return Err(FactsError::NobodyTrusted { name: name() });
            }
            let header = HeaderName::from_bytes(header.as_bytes()).map_err(|_| FactsError::Header {
                name: name(),
                header: header.clone(),
            })?;
            headers.push((name().into(), header));
        }
        if facts.tiers.is_some_and(|tiers| !tiers.are_apart()) {
            return Err(FactsError::Tiers);
        }
        if let Some(types) = &facts.user_types {
            let place = types.place();
            place.checked().map_err(|advice| FactsError::Place {
                place: place.name().to_owned(),
                advice,
            })?;
        }
        let has_regions = !facts.regions.is_empty();
        #[cfg(feature = "geoip")]
        let has_regions = has_regions || facts.database.is_some();
        let regions = || {
            Regions::new(
                #[cfg(feature = "geoip")]
                facts.database.as_deref(),
                &facts.regions,
            )
        };
        Ok(Self {
            peers: Peers::new(&facts.peers, facts.forwarding)?,
            headers: headers.into(),
            regions: has_regions.then(regions).transpose()?,
            device: facts.device,
            tiers: facts.tiers,
            user_types: facts.user_types.clone().map(UserTypeReader::new),
            scores: facts.scores.clone(),
        })
    }

    /// Reads the database of regions anew.
    #[cfg(feature = "geoip")]
    pub(crate) fn reload_regions(&self) -> Result<(), FactsError> {
        let regions = self.regions.as_ref();
        let database = regions.and_then(|regions| regions.database.as_ref());
        database.map_or(Ok(()), super::database::Database::reload)
    }
}

impl Observer {
    pub(crate) fn new(means: Arc<Means>, contract: &'static str) -> Self {
        let latency = means.tiers.map(|tiers| Latency::new(tiers, Instant::now()));
        Self {
            contract,
            means,
            latency,
        }
    }

    /// Whether a peer is taken at their word.
    pub(crate) fn trusts(&self, peer: Option<IpAddr>) -> bool {
        self.means.peers.trust(peer)
    }

    /// Where requests say what the type of their user is found out by.
    pub(crate) fn user_type_place(&self) -> Option<&UserKey> {
        self.means.user_types.as_ref().map(UserTypeReader::place)
    }

    /// Whether a fact or a score can be found out.
    pub(crate) fn tells(&self, name: &str, score: bool) -> bool {
        !self.finding(name, score).is_none()
    }

    /// How a fact or a score is found out.
    fn finding(&self, name: &str, score: bool) -> Finding {
        let mut headers = self.means.headers.iter();
        let header = headers.find(|(known, _)| **known == *name);
        Finding {
            header: header.map(|(_, header)| header.clone()),
            own: match name {
                _ if score => self.means.scores.is_some().then_some(Own::Score),
                "region" => self.means.regions.is_some().then_some(Own::Region),
                "device" => self.means.device.then_some(Own::Device),
                "tier" => self.latency.is_some().then_some(Own::Tier),
                "user_type" => self.means.user_types.is_some().then_some(Own::UserType),
                _ => None,
            },
        }
    }

    /// What is to be found out for the rules of a table.
    pub(crate) fn findings(&self, table: &Table) -> Findings {
        let places: Box<[Finding]> = table
            .asked()
            .map(|asked| asked.map_or_else(Finding::default, |(name, score)| self.finding(name, score)))
            .collect();
        let any = |wanted: fn(Own) -> bool| places.iter().filter_map(|place| place.own).any(wanted);
        Findings {
            user_type: any(|own| matches!(own, Own::UserType)),
            scores: any(|own| matches!(own, Own::Score)),
            places: if places.iter().all(Finding::is_none) {
                Box::default()
            } else {
                places
            },
        }
    }

    /// A fact or a score of a request, by its place in the table; what stands in a header counts where it `tells` something.
    pub(crate) fn find<'a>(
        &'a self,
        findings: &Findings,
        place: usize,
        name: &str,
        request: &Request<'a>,
        tells: impl Fn(&str) -> bool,
    ) -> Option<Cow<'a, str>> {
        let finding = findings.places.get(place)?;
        let headers = &request.parts.headers;
        if let Some(header) = &finding.header
            && let Some(value) = headers.get(header).and_then(|value| value.to_str().ok())
            && tells(value)
            && self.trusts(request.peer())
        {
            return Some(Cow::Borrowed(value));
        }
        match finding.own? {
            Own::Region => {
                let client = self.means.peers.client(request.peer(), headers)?;
                self.means.regions.as_ref()?.find(client)
            }
            Own::Device => device::device(headers).map(Cow::Borrowed),
            Own::Tier => {
                let tier = self.latency.as_ref()?.tier(request.begun?)?;
                Some(Cow::Borrowed(tier.as_str()))
            }
            Own::UserType => request.told?.user_type.as_deref().map(Cow::Borrowed),
            Own::Score => {
                let mut scores = request.told?.scores.iter();
                let (_, score) = scores.find(|(known, _)| known == name)?;
                Some(Cow::Owned(score.to_string()))
            }
        }
    }

    /// Asks the hooks that the rules ask for, all at once; `user` reads a place of the request. Whatever goes wrong is counted and logged.
    pub(crate) async fn ask(
        &self,
        findings: &Findings,
        request: Request<'_>,
        user: impl Fn(&UserKey) -> Option<String>,
        counting: &Counting,
    ) -> Told {
        let user_type = async {
            let reader = self.means.user_types.as_ref().filter(|_| findings.user_type)?;
            let user = user(reader.place())?;
            let (user_type, failure) = reader.ask(&user).await;
            if let Some(failure) = failure {
                counting.add(Count::UserTypeFailure);
                self.warn("user_type", &failure);
            }
            user_type
        };
        let scores = async {
            let scores = self.means.scores.as_ref().filter(|_| findings.scores)?;
            let caller = Caller {
                contract: self.contract,
                method: request.parts.method.clone(),
                uri: request.parts.uri.clone(),
                headers: request.parts.headers.clone(),
                address: self.means.peers.client(request.peer(), &request.parts.headers),
            };
            match scores.ask(caller).await {
                Ok(scores) => Some(scores),
                Err(failure) => {
                    counting.add(Count::ScoresFailure);
                    self.warn("scores", &failure);
                    None
                }
            }
        };
        let (user_type, scores) = tokio::join!(user_type, scores);
        Told {
            user_type,
            scores: scores.unwrap_or_default(),
        }
    }

    fn warn(&self, hook: &str, error: &str) {
        tracing::warn!(contract = self.contract, hook, error, "a hook of facts failed");
    }

    /// Counts a request that an implementation has answered, where its latency matters.
    pub(crate) fn record(&self, begun: Instant, took: impl FnOnce() -> Duration) {
        if let Some(latency) = &self.latency {
            let took = took();
            latency.record(took, begun + took);
        }
    }

    #[cfg(feature = "geoip")]
    pub(crate) const fn means(&self) -> &Arc<Means> {
        &self.means
    }
}
