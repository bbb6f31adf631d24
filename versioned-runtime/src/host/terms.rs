//! What clients of one contract may ask for now, and what answers say about it: beside each routing table, replaced with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, LINK, VARY};
use http::{HeaderMap, HeaderValue};

use super::interned::interned;
use super::{Hosted, Wanted};
use crate::digits;
use crate::observed::{Findings, Observer};
use crate::resolve::{Availability, Offer, Plan, Standing, UnixTime, VersionState};
use crate::route::Table;

/// The resolved version.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");
/// Since when, or from when on, the version is deprecated (RFC 9745).
pub(super) const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
/// When the version is answered for the last time (RFC 8594).
pub(super) const SUNSET: HeaderName = HeaderName::from_static("sunset");
/// The version whose implementation did the work.
const SERVING_VERSION: HeaderName = HeaderName::from_static("api-serving-version");
/// The epoch of the routing table that chose it.
const EPOCH: HeaderName = HeaderName::from_static("api-epoch");

/// A plan, what it says now, and the header values that follow from it, rendered once.
#[derive(Debug)]
pub(crate) struct Terms {
    /// Tells them from all others of the process by which clients are answered in another version, or in other words: what was found out
    /// under them holds under them only.
    pub(crate) id: u64,
    default_version: usize,
    pub(crate) plan: Plan,
    pub(crate) standing: Standing,
    /// The epoch of the table that these stand beside.
    pub(crate) epoch: u64,
    epoch_value: HeaderValue,
    /// The headers that routing wants of requests.
    pub(crate) wanted: Wanted,
    /// What the rules of the table ask the service to find out.
    pub(crate) findings: Findings,
    /// Shared with those of other epochs that say the same.
    versions: Arc<[VersionHeaders]>,
}

/// The headers of one version.
#[derive(Debug)]
pub(crate) struct VersionHeaders {
    /// The version itself.
    pub(crate) version: HeaderValue,
    /// What answers in it say, by whether they tell their length.
    answers: [HeaderMap; 2],
    /// What comes after it, for refusals.
    pub(crate) end: Box<[(HeaderName, HeaderValue)]>,
}

impl Terms {
    /// What a plan says at a moment. `registry` is where the documents of the versions are found, without the version, and answers
    /// vary by `vary`.
    pub(super) fn new(
        plan: Plan,
        now: UnixTime,
        table: &Table,
        findings: Findings,
        version_header: &HeaderName,
        registry: &str,
        vary: &HeaderValue,
    ) -> Self {
        let standing = plan.at(now);
        let headers = |version| VersionHeaders::new(&plan, &standing, version, now, registry, vary);
        Self {
            versions: (0..standing.versions.len()).map(headers).collect(),
            ..Self::without_headers(plan, standing, table, findings, version_header)
        }
    }

    /// What comes after these: the same plan or another one, at a later moment or beside another table.
    pub(super) fn next(&self, plan: Plan, now: UnixTime, table: &Table, hosted: &Hosted) -> Self {
        let findings = Self::findings(hosted.observer.as_ref(), table);
        // What headers say follows from the plan and from how it stands, not from the table: most of the time nothing is rendered.
        if plan != self.plan || plan.at(now) != self.standing {
            return Self::new(
                plan,
                now,
                table,
                findings,
                &hosted.version_header,
                &hosted.registry,
                &hosted.vary,
            );
        }
        let next = Self::without_headers(
            plan,
            self.standing.clone(),
            table,
            findings,
            &hosted.version_header,
        );
        Self {
            id: if next.default_version == self.default_version {
                self.id
            } else {
                next.id
            },
            versions: Arc::clone(&self.versions),
            ..next
        }
    }

    /// What is to be found out for a table.
    pub(super) fn findings(observer: Option<&Observer>, table: &Table) -> Findings {
        observer.map_or_else(Findings::default, |observer| observer.findings(table))
    }

    fn without_headers(
        plan: Plan,
        standing: Standing,
        table: &Table,
        findings: Findings,
        version_header: &HeaderName,
    ) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            wanted: Wanted::new(version_header, table),
            default_version: table.default_version(),
            epoch: table.epoch(),
            epoch_value: epoch_value(table.epoch()),
            findings,
            versions: Arc::default(),
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

    /// Whether a version is answered: neither gone nor in a brown-out.
    pub(crate) fn answers(&self, version: usize) -> bool {
        let state = self.versions().get(version);
        state.is_none_or(VersionState::is_answered)
    }

    /// The versions that refusals name.
    pub(crate) fn listed(&self) -> Vec<String> {
        let offer = Offer {
            versions: self.versions(),
        };
        offer.listed().map(ToString::to_string).collect()
    }

    /// What an answer in a version says that tells which implementation served it, and by which table.
    pub(crate) fn exposed(&self, version: usize, serving: usize, length: bool) -> Option<HeaderMap> {
        let (version, serving) = (self.headers(version)?, self.headers(serving)?);
        let mut headers = version.answer(length).clone();
        headers.insert(SERVING_VERSION, serving.version.clone());
        headers.insert(EPOCH, self.epoch_value.clone());
        Some(headers)
    }

    /// Writes the epoch of these into an answer of others that say the same but for their table.
    pub(crate) fn rewrite_epoch(&self, headers: &mut HeaderMap) {
        headers.insert(EPOCH, self.epoch_value.clone());
    }

    /// The headers of a version.
    pub(crate) fn headers(&self, version: usize) -> Option<&VersionHeaders> {
        self.versions.get(version)
    }
}

/// An epoch, as answers say it.
fn epoch_value(epoch: u64) -> HeaderValue {
    usize::try_from(epoch).map_or_else(|_| HeaderValue::from(epoch), digits::value)
}

impl VersionHeaders {
    /// What an answer in the version says: what it varies by, the version, and its end if that is known; that it is JSON, and, where it
    /// tells that, a place for the length, which comes first. They are there to be copied.
    pub(crate) fn answer(&self, length: bool) -> &HeaderMap {
        &self.answers[usize::from(length)]
    }

    fn new(
        plan: &Plan,
        standing: &Standing,
        version: usize,
        now: UnixTime,
        registry: &str,
        vary: &HeaderValue,
    ) -> Self {
        let name = standing.versions[version].semver.to_string();
        let dates = plan.versions[version].dates;
        let gone = standing.versions[version].availability == Availability::Gone;
        let deprecation = dates
            .deprecated
            .map(|date| (DEPRECATION, interned(&date.structured())));
        let sunset = dates.sunset.map(|date| (SUNSET, interned(&date.http_date())));
        let ends = gone || deprecation.is_some() || sunset.is_some();
        let successor = plan.successor(version, now).filter(|_| ends).map(|next| {
            let next = &standing.versions[next].semver;
            (
                LINK,
                interned(&format!("<{registry}/{next}>; rel=\"successor-version\"")),
            )
        });
        let value = interned(&name);
        let answer = [
            Some((CONTENT_TYPE, HeaderValue::from_static("application/json"))),
            // A contract of one place, the URL, varies by nothing.
            Some((VARY, vary.clone())).filter(|(_, vary)| !vary.is_empty()),
            Some((API_VERSION, value.clone())),
            deprecation,
            sunset.clone(),
            successor.clone(),
        ];
        let answer: Vec<(HeaderName, HeaderValue)> = answer.into_iter().flatten().collect();
        let form = |length: bool| {
            let length = Some((CONTENT_LENGTH, HeaderValue::from_static(""))).filter(|_| length);
            length.into_iter().chain(answer.iter().cloned()).collect()
        };
        Self {
            version: value,
            answers: [false, true].map(form),
            end: [sunset, successor].into_iter().flatten().collect(),
        }
    }
}
