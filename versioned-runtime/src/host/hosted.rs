//! One contract in a host: its implementations, what routing knows of it, and its rendered header values.

use std::sync::Arc;

use http::HeaderValue;
use versioned_core::contract::{Contract, Operation};

use super::HostError;
use crate::http::{ContractChecks, compile_constraints};
use crate::resolve::{Availability, VersionState};
use crate::route::{ContractShape, InitialTable, Table};
use crate::service::{ContractService, Implementation};

/// A contract in a host.
pub(crate) struct Hosted {
    pub(crate) contracts: &'static [&'static Contract],
    pub(crate) slots: Vec<Option<Arc<dyn Implementation>>>,
    pub(crate) shape: ContractShape,
    /// The versions as header values, rendered once.
    pub(crate) rendered: Vec<HeaderValue>,
    /// What requests are held against.
    pub(crate) checks: ContractChecks,
}

impl Hosted {
    /// The contract with its first table.
    pub(super) fn new(service: &ContractService) -> Result<(Self, Table), HostError> {
        let (spec, config, id) = (service.spec(), service.config(), service.id());
        let index = |(other, version): (&'static str, versioned_core::Semver)| {
            let known = spec
                .contracts
                .iter()
                .position(|c| c.id == other && c.version == version);
            known.ok_or_else(|| HostError::ForeignVersion {
                contract: id,
                other,
                version: version.to_string(),
            })
        };
        let mut versions: Vec<VersionState> = spec
            .contracts
            .iter()
            .map(|contract| VersionState::offered(contract.version.to_semver()))
            .collect();
        for (other, version, availability) in &config.availability {
            let index = index((other, *version))?;
            versions[index].availability = *availability;
        }
        let shape = ContractShape {
            id: id.to_owned(),
            versions,
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
        let initial = InitialTable {
            default_version: config.default_version.map(index).transpose()?,
            user_key: config.user_key.clone(),
            cohort: config.cohort.clone(),
        };
        let table =
            Table::initial(&shape, &initial).map_err(|source| HostError::Table { contract: id, source })?;
        let rendered = spec
            .contracts
            .iter()
            .map(|contract| header_value(&contract.version.to_string()))
            .collect();
        Ok((
            Self {
                contracts: spec.contracts,
                slots: service.slots().to_vec(),
                shape,
                rendered,
                checks: compile_constraints(spec.contracts)?,
            },
            table,
        ))
    }

    /// The id of the contract.
    pub(crate) fn id(&self) -> &'static str {
        self.contracts.first().map_or("", |contract| contract.id)
    }

    /// Whether clients may ask for a version.
    pub(crate) fn availability(&self, version: usize) -> Availability {
        self.shape
            .versions
            .get(version)
            .map_or(Availability::Hidden, |state| state.availability)
    }

    pub(crate) fn operation(&self, version: usize, operation: usize) -> Option<&'static Operation> {
        self.contracts.get(version)?.operations.get(operation)
    }
}

/// A text that we rendered ourselves as a header value; versions and numbers always fit.
pub(crate) fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}
