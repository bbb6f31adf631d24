//! What clients of one contract may ask for now, and what answers say about it: beside each routing table, replaced with it.

use std::sync::Arc;

use http::HeaderValue;
use http::header::{HeaderName, LINK};

use super::header_value;
use crate::drain::Drain;
use crate::resolve::{Availability, Offer, Plan, Standing, UnixTime, VersionState};

/// The resolved version.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");
/// Since when, or from when on, the version is deprecated (RFC 9745).
pub(super) const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
/// When the version is answered for the last time (RFC 8594).
pub(super) const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// A plan, what it says now, and the header values that follow from it, rendered once.
#[derive(Debug)]
pub(crate) struct Terms {
    pub(crate) plan: Plan,
    pub(crate) standing: Standing,
    /// The epoch of the table that these stand beside.
    pub(crate) epoch: HeaderValue,
    /// The requests of that epoch.
    pub(crate) drain: Arc<Drain>,
    versions: Box<[VersionHeaders]>,
}

/// The headers of one version.
#[derive(Debug)]
pub(crate) struct VersionHeaders {
    /// The version itself.
    pub(crate) version: HeaderValue,
    /// What answers in it say: the version, and its end if that is known.
    pub(crate) answer: Box<[(HeaderName, HeaderValue)]>,
    /// What comes after it, for refusals.
    pub(crate) end: Box<[(HeaderName, HeaderValue)]>,
}

impl Terms {
    /// What a plan says at a moment. `registry` is where the documents of the versions are found, without the version.
    pub(super) fn new(plan: Plan, now: UnixTime, epoch: u64, registry: &str) -> Self {
        let standing = plan.at(now);
        let headers = |version| VersionHeaders::new(&plan, &standing, version, now, registry);
        Self {
            versions: (0..standing.versions.len()).map(headers).collect(),
            epoch: HeaderValue::from(epoch),
            drain: Arc::new(Drain::new(epoch, standing.versions.len())),
            standing,
            plan,
        }
    }

    /// All versions, as they stand now.
    pub(crate) fn versions(&self) -> &[VersionState] {
        &self.standing.versions
    }

    /// What clients may ask of a version.
    pub(crate) fn availability(&self, version: usize) -> Availability {
        self.versions()
            .get(version)
            .map_or(Availability::Hidden, |state| state.availability)
    }

    /// Whether a version stands in lists.
    pub(crate) fn lists(&self, version: usize) -> bool {
        self.availability(version).is_listed()
    }

    /// The versions that refusals name.
    pub(crate) fn listed(&self) -> Vec<String> {
        let offer = Offer {
            versions: self.versions(),
        };
        offer.listed().map(ToString::to_string).collect()
    }

    /// The headers of a version.
    pub(crate) fn headers(&self, version: usize) -> Option<&VersionHeaders> {
        self.versions.get(version)
    }
}

impl VersionHeaders {
    fn new(plan: &Plan, standing: &Standing, version: usize, now: UnixTime, registry: &str) -> Self {
        let name = standing.versions[version].semver.to_string();
        let dates = plan.versions[version].dates;
        let gone = standing.versions[version].availability == Availability::Gone;
        let deprecation = dates
            .deprecated
            .map(|date| (DEPRECATION, header_value(&date.structured())));
        let sunset = dates.sunset.map(|date| (SUNSET, header_value(&date.http_date())));
        let ends = gone || deprecation.is_some() || sunset.is_some();
        let successor = plan.successor(version, now).filter(|_| ends).map(|next| {
            let next = &standing.versions[next].semver;
            (
                LINK,
                header_value(&format!("<{registry}/{next}>; rel=\"successor-version\"")),
            )
        });
        let value = header_value(&name);
        let answer = [
            Some((API_VERSION, value.clone())),
            deprecation,
            sunset.clone(),
            successor.clone(),
        ];
        Self {
            version: value,
            answer: answer.into_iter().flatten().collect(),
            end: [sunset, successor].into_iter().flatten().collect(),
        }
    }
}
