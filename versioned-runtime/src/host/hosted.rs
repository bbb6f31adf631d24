//! One contract in a host: its implementations, what routing knows of it, and how clients name its versions.

use std::sync::Arc;

use http::HeaderValue;
use http::header::{ACCEPT, HeaderName};
use versioned_core::contract::{Contract, Operation};

use super::interned::interned;
use super::terms::{DEPRECATION, SUNSET};
use super::{HostError, Settings, Sources, Terms};
use crate::client_pin::PinReader;
use crate::dyes::{DyeReader, Dyes};
use crate::http::{ContractChecks, compile_constraints};
use crate::observed::{Means, Observer};
use crate::resolve::{
    Availability, BrownOut, Dates, NoDate, Plan, Policy, Source, UnixTime, Unversioned, VersionPlan,
    VersionState,
};
use crate::route::{ContractShape, DyeFor, InitialTable, Table};
use crate::service::{ContractConfig, ContractService, Implementation, Named, Said, Spec};

/// A contract in a host.
pub(crate) struct Hosted {
    pub(crate) contracts: &'static [&'static Contract],
    pub(crate) slots: Vec<Option<Arc<dyn Implementation>>>,
    pub(crate) shape: ContractShape,
    /// What requests are held against.
    pub(crate) checks: ContractChecks,
    pub(crate) sources: Sources,
    /// The header that says a version.
    pub(crate) version_header: HeaderName,
    /// Every header that resolve may consult.
    pub(crate) vary: HeaderValue,
    pub(crate) pin: Option<PinReader>,
    /// Reads the dyes that come in; none where nothing is believed.
    pub(crate) dyes: Option<DyeReader>,
    /// Finds out facts of requests; none where nothing is to be found out.
    pub(crate) observer: Option<Observer>,
    /// How long a cache may keep what a client was given that named no version, in seconds.
    pub(crate) grace: u64,
    /// Where the registry has the documents of the versions.
    pub(crate) registry: String,
    /// What answers of operations say of their end, by version and operation.
    ends: Vec<Vec<Ends>>,
    policy: Policy,
}

/// The headers that tell the end of an operation; none for most.
pub(crate) type Ends = Box<[(HeaderName, HeaderValue)]>;

impl Hosted {
    /// The contract with its first table, and what clients may ask for at its start.
    pub(super) fn new(
        service: &ContractService,
        settings: &Settings,
        means: Option<&Arc<Means>>,
        now: UnixTime,
    ) -> Result<(Self, Table, Terms), HostError> {
        let (spec, config, id) = (service.spec(), service.config(), service.id());
        let plan = plan(spec, config, id, now)?;
        let shape = ContractShape {
            id: id.to_owned(),
            versions: plan.at(now).versions,
            operations: spec
                .contracts
                .iter()
                .map(|c| c.operations.iter().map(|o| o.name).collect())
                .collect(),
            answers: spec
                .answers
                .iter()
                .map(|slot| slot.iter().map(|version| version.to_vec()).collect())
                .collect(),
            present: service.slots().iter().map(Option::is_some).collect(),
        };
        let default = config
            .default_version
            .as_ref()
            .map(|named| index(spec, id, named));
        let sources = config.sources.clone().unwrap_or_else(|| settings.sources.clone());
        sources.check()?;
        let header = |name: &str| {
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| HostError::HeaderName {
                name: name.to_owned(),
            })
        };
        let version_header = header(&sources.header)?;
        let pin = match config.client_pin.clone() {
            Some(pin) => Some(PinReader::new(header(pin.header_name())?, pin)),
            None => None,
        };
        let facts = config.facts.as_ref().or(settings.facts.as_ref());
        // An allow-listed peer is believed without any key.
        let said = facts
            .filter(|facts| !facts.peers.is_empty())
            .map(|_| Dyes::default());
        let dyes = config.dyes.as_ref().or(settings.dyes.as_ref()).or(said.as_ref());
        let default_version = default.transpose()?;
        let set = |version: usize| plan.versions.get(version).and_then(|version| version.set);
        let initial = InitialTable {
            default_version,
            // What a date has brought about is no mistake of the configuration.
            default_may_be_gone: default_version.and_then(set) != Some(Availability::Gone),
            user_key: config.user_key.clone(),
            cohort: config.cohort.clone(),
            dye_for: match (&settings.baggage, dyes) {
                (Some(_), _) => DyeFor::Next,
                (None, Some(_)) => DyeFor::Handlers,
                (None, None) => DyeFor::Rules,
            },
        };
        let table =
            Table::initial(&shape, &initial).map_err(|source| HostError::Table { contract: id, source })?;
        if config.unversioned == Unversioned::Default {
            warn_of_default(id, &plan.at(now).versions, table.default_version());
        }
        let own = config.facts.as_ref().map(Means::new).transpose()?.map(Arc::new);
        let means = own.or_else(|| means.cloned());
        let registry = format!("{}/contracts/{id}/versions", settings.registry_prefix);
        let vary = vary(&sources, &version_header, pin.as_ref());
        let observer = means.map(|means| Observer::new(means, id));
        let findings = Terms::findings(observer.as_ref(), &table);
        let terms = Terms::new(plan, now, &table, findings, &version_header, &registry, &vary);
        let hosted = Self {
            contracts: spec.contracts,
            slots: service.slots().to_vec(),
            shape,
            checks: compile_constraints(spec.contracts)?,
            vary,
            sources,
            version_header,
            pin,
            dyes: dyes.map(DyeReader::new).transpose()?,
            observer,
            grace: config.default_grace.as_secs(),
            registry,
            ends: spec.contracts.iter().map(|contract| ends(contract)).collect(),
            policy: Policy {
                default_version: 0,
                unversioned: config.unversioned,
                fallback: config.fallback,
            },
        };
        Ok((hosted, table, terms))
    }

    /// The id of the contract.
    pub(crate) fn id(&self) -> &'static str {
        self.contracts.first().map_or("", |contract| contract.id)
    }

    pub(crate) fn operation(&self, version: usize, operation: usize) -> Option<&'static Operation> {
        self.contracts.get(version)?.operations.get(operation)
    }

    /// Tells the operator, when a date has come, if clients that name no version are refused by it.
    pub(crate) fn note_default(&self, before: &[VersionState], after: &[VersionState], default: usize) {
        let is_gone = |versions: &[VersionState]| {
            let state = versions.get(default);
            state.is_some_and(|state| state.availability == Availability::Gone)
        };
        if self.policy.unversioned == Unversioned::Default && !is_gone(before) {
            warn_of_default(self.id(), after, default);
        }
    }

    /// The headers that tell the end of an operation.
    pub(crate) fn ends(&self, version: usize, operation: usize) -> &[(HeaderName, HeaderValue)] {
        let ends = self.ends.get(version).and_then(|ends| ends.get(operation));
        ends.map_or(&[], |ends| ends)
    }

    /// The version of a full name.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.contracts
            .iter()
            .position(|contract| contract.version.to_string() == name)
    }

    /// How clients are answered that name no version, or one that there is not.
    pub(crate) fn policy(&self, default_version: usize) -> Policy {
        Policy {
            default_version,
            ..self.policy
        }
    }

    /// What tables are compiled against while clients may ask for this.
    pub(super) fn shape_at(&self, versions: &[VersionState]) -> ContractShape {
        ContractShape {
            versions: versions.to_vec(),
            ..self.shape.clone()
        }
    }
}

/// The index of a version that the configuration names.
fn index(spec: &Spec, id: &'static str, named: &Named) -> Result<usize, HostError> {
    let (other, version) = *named;
    let mut contracts = spec.contracts.iter();
    let known = contracts.position(|c| c.id == other && c.version == version);
    known.ok_or_else(|| HostError::ForeignVersion {
        contract: id,
        other,
        version: version.to_string(),
    })
}

/// What is declared and configured of the availability of the versions.
fn plan(spec: &Spec, config: &ContractConfig, id: &'static str, now: UnixTime) -> Result<Plan, HostError> {
    let declared = spec.contracts.iter();
    let mut versions: Vec<VersionPlan> = declared.map(|contract| declared_plan(spec, contract)).collect();
    for (named, said) in &config.said {
        let successor = match said {
            Said::Successor(next) => Some(index(spec, id, next)?),
            _ => None,
        };
        let plan = &mut versions[index(spec, id, named)?];
        say(plan, said, successor).map_err(|source| HostError::Date {
            contract: id,
            version: named.1.to_string(),
            source,
        })?;
    }
    for (index, plan) in versions.iter_mut().enumerate() {
        plan.brown_outs.sort_unstable();
        // RFC 9745 has a date for every deprecation: what has none is deprecated from now on.
        if plan.set == Some(Availability::Deprecated) {
            plan.dates.deprecated.get_or_insert(now);
        }
        plan.check(index).map_err(|source| HostError::Availability {
            contract: id,
            version: plan.semver.to_string(),
            source,
        })?;
    }
    Ok(Plan {
        versions,
        after_sunset: config.after_sunset,
    })
}

/// What answers of the operations of a version say of their end, rendered once.
fn ends(contract: &Contract) -> Vec<Ends> {
    let of = |operation: &Operation| {
        let said = operation.marks.deprecation;
        let deprecation = said.and_then(|said| said.on);
        let sunset = said.and_then(|said| said.sunset);
        let deprecation = deprecation.map(|day| (DEPRECATION, UnixTime::from_day(day).structured()));
        let sunset = sunset.map(|day| (SUNSET, UnixTime::from_day(day).http_date()));
        let both = [deprecation, sunset].into_iter().flatten();
        both.map(|(name, text)| (name, interned(&text))).collect()
    };
    contract.operations.iter().map(of).collect()
}

/// What the source says of a version.
fn declared_plan(spec: &Spec, contract: &Contract) -> VersionPlan {
    let said = contract.deprecation;
    let successor = said.map_or("", |said| said.successor);
    let mut versions = spec.contracts.iter();
    VersionPlan {
        dates: Dates {
            released: contract.released.map(UnixTime::from_day),
            deprecated: said.and_then(|said| said.on).map(UnixTime::from_day),
            sunset: said.and_then(|said| said.sunset).map(UnixTime::from_day),
        },
        successor: versions.position(|other| other.version.to_string() == successor),
        ..VersionPlan::new(contract.version.to_semver())
    }
}

fn say(plan: &mut VersionPlan, said: &Said, successor: Option<usize>) -> Result<(), NoDate> {
    match said {
        Said::Availability(availability) => plan.set = Some(*availability),
        Said::Released(date) => plan.dates.released = Some(UnixTime::parse(date)?),
        Said::Deprecated(date) => plan.dates.deprecated = Some(UnixTime::parse(date)?),
        Said::Sunset(date) => plan.dates.sunset = Some(UnixTime::parse(date)?),
        Said::Successor(_) => plan.successor = successor,
        Said::BrownOut(from, minutes) => plan.brown_outs.push(BrownOut {
            from: UnixTime::parse(from)?,
            minutes: *minutes,
        }),
    }
    Ok(())
}

/// Every header that resolve may consult: the same on all answers of a contract.
fn vary(sources: &Sources, version_header: &HeaderName, pin: Option<&PinReader>) -> HeaderValue {
    let mut names = Vec::new();
    if sources.reads(Source::Header) {
        names.push(version_header.as_str());
    }
    if sources.reads(Source::Accept) {
        names.push(ACCEPT.as_str());
    }
    names.extend(pin.map(PinReader::header_name));
    interned(&names.join(", "))
}

/// A text that we rendered ourselves as a header value; versions and numbers always fit.
pub(crate) fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Tells the operator if the default version is gone: nobody chose another one, and what has another shape is not given unasked.
fn warn_of_default(contract: &str, versions: &[VersionState], default: usize) {
    if let Some(state) = versions.get(default)
        && state.availability == Availability::Gone
    {
        tracing::warn!(
            contract,
            version = %state.semver,
            "the default version is gone: clients that name none are refused until the routing table has another one"
        );
    }
}
