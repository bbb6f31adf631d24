//! The documents of the registry.

use serde::Serialize;
use versioned_core::contract::{Compatibility, Contract, Method, Migration, Operation, Origin};
use versioned_core::deprecation::Deprecation;
use versioned_core::engine::{self, Change};
use versioned_core::model::Fingerprint;
use versioned_core::{Semver, openapi};

use crate::host::{Hosted, RunningHost, Terms};
use crate::resolve::{Availability, BrownOut, Source, UnixTime};

/// All contracts of a host.
#[derive(Serialize)]
pub(super) struct Contracts {
    contracts: Vec<Summary>,
}

#[derive(Serialize)]
struct Summary {
    id: &'static str,
    description: &'static str,
    compatibility: Compatibility,
    versions: Vec<Semver>,
    implementations: Vec<Semver>,
    epoch: u64,
    default_version: Semver,
    href: String,
}

/// One contract with its history.
#[derive(Serialize)]
pub(super) struct ContractDocument {
    #[serde(flatten)]
    summary: Summary,
    origin: Origin,
    history: Vec<VersionDocument>,
    routing: String,
    /// What a routing table must be like.
    routing_schema: String,
}

/// One version.
#[derive(Serialize)]
pub(super) struct VersionDocument {
    version: Semver,
    availability: Availability,
    released: Option<UnixTime>,
    deprecated: Option<UnixTime>,
    sunset: Option<UnixTime>,
    /// What the contract says to its clients of its end.
    note: Option<&'static str>,
    /// The version that its clients are to move to, once its end is known.
    successor: Option<Semver>,
    /// When it is not answered, although it is not gone.
    brown_outs: Vec<BrownOut>,
    /// Whether an implementation of this version is in the binary, or only bridges answer it.
    native: bool,
    fingerprint: Fingerprint,
    prefixes: Vec<String>,
    operations: Vec<OperationDocument>,
    /// What the step from the previous version breaks; empty where it keeps the promise.
    breaks: Vec<Change>,
    /// How values move between the previous version and this one.
    migrations: &'static [Migration],
    openapi: String,
    href: String,
}

#[derive(Serialize)]
struct OperationDocument {
    name: &'static str,
    method: Method,
    path: &'static str,
    status: u16,
    replaces: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecation: Option<Deprecation>,
    /// The implementations that can answer it, natively or through bridges; not those of hidden versions.
    answered_by: Vec<Semver>,
}

pub(super) fn contracts(host: &RunningHost) -> Contracts {
    let summaries = (0..host.0.contracts.len()).map(|index| summary(host, index));
    Contracts {
        contracts: summaries.collect(),
    }
}

fn summary(host: &RunningHost, index: usize) -> Summary {
    let hosted = &host.0.contracts[index];
    let snapshot = host.snapshot();
    let (epoch, default) = snapshot
        .table(index)
        .map_or((0, 0), |table| (table.epoch(), table.default_version()));
    let terms = snapshot.beside(index).map(AsRef::as_ref);
    let newest = hosted.contracts.last();
    let id = hosted.id();
    Summary {
        id,
        description: newest.map_or("", |contract| contract.doc),
        compatibility: newest.map_or(Compatibility::Backward, |contract| contract.compatibility),
        versions: visible(hosted, terms)
            .map(|(_, contract)| contract.version)
            .collect(),
        implementations: implementations(hosted, terms, |_| true),
        epoch,
        default_version: hosted.contracts[default].version,
        href: format!("{}/contracts/{id}", host.0.settings.registry_prefix),
    }
}

/// The versions that are not hidden, with their index.
fn visible<'a>(
    hosted: &'a Hosted,
    terms: Option<&'a Terms>,
) -> impl Iterator<Item = (usize, &'static Contract)> + 'a {
    let all = hosted.contracts.iter().copied().enumerate();
    all.filter(move |(version, _)| {
        terms.is_some_and(|terms| terms.availability(*version) != Availability::Hidden)
    })
}

/// The implementations of this binary but those of hidden versions, which nobody is told of.
fn implementations(hosted: &Hosted, terms: Option<&Terms>, fits: impl Fn(usize) -> bool) -> Vec<Semver> {
    visible(hosted, terms)
        .filter(|(slot, _)| hosted.shape.is_present(*slot) && fits(*slot))
        .map(|(_, contract)| contract.version)
        .collect()
}

pub(super) fn contract(host: &RunningHost, index: usize) -> ContractDocument {
    let hosted = &host.0.contracts[index];
    let summary = summary(host, index);
    let routing = format!("{}/routing", summary.href);
    ContractDocument {
        origin: hosted.contracts[0].origin,
        history: visible(hosted, host.snapshot().beside(index).map(AsRef::as_ref))
            .map(|(index_of, _)| version(host, index, index_of))
            .collect(),
        routing,
        routing_schema: format!("{}{}", host.0.settings.registry_prefix, super::TABLE_SCHEMA),
        summary,
    }
}

pub(super) fn version(host: &RunningHost, index: usize, version: usize) -> VersionDocument {
    let hosted = &host.0.contracts[index];
    let contract = hosted.contracts[version];
    let href = format!(
        "{}/contracts/{}/versions/{}",
        host.0.settings.registry_prefix, contract.id, contract.version
    );
    let (snapshot, now) = (host.snapshot(), host.now());
    let terms = snapshot.beside(index);
    let plan = terms.and_then(|terms| terms.plan.versions.get(version));
    let dates = plan.map_or_else(Default::default, |plan| plan.dates);
    let ends = dates.deprecated.is_some() || dates.sunset.is_some();
    let successor = terms
        .and_then(|terms| terms.plan.successor(version, now))
        .filter(|_| ends);
    VersionDocument {
        version: contract.version,
        availability: terms.map_or(Availability::Hidden, |terms| terms.availability(version)),
        released: dates.released,
        deprecated: dates.deprecated,
        sunset: dates.sunset,
        note: contract
            .deprecation
            .map(|said| said.note)
            .filter(|note| !note.is_empty()),
        successor: successor.map(|next| hosted.contracts[next].version),
        brown_outs: plan.map_or_else(Vec::new, |plan| plan.brown_outs.clone()),
        native: hosted.shape.is_present(version),
        fingerprint: contract.fingerprint(),
        prefixes: if hosted.sources.reads(Source::Prefix) {
            openapi::prefixes(contract)
        } else {
            Vec::new()
        },
        operations: contract
            .operations
            .iter()
            .enumerate()
            .map(|(operation, described)| {
                self::operation(hosted, terms.map(AsRef::as_ref), version, operation, described)
            })
            .collect(),
        breaks: contract
            .previous
            .map_or_else(Vec::new, |previous| engine::breaks(previous, contract)),
        migrations: contract.migrations,
        openapi: format!("{href}/openapi.json"),
        href,
    }
}

fn operation(
    hosted: &Hosted,
    terms: Option<&Terms>,
    version: usize,
    operation: usize,
    described: &Operation,
) -> OperationDocument {
    OperationDocument {
        name: described.name,
        method: described.method,
        path: described.path,
        status: described.status,
        replaces: described.replaces,
        deprecation: described.marks.deprecation,
        answered_by: implementations(hosted, terms, |slot| {
            hosted.shape.can_answer(slot, version, operation)
        }),
    }
}
