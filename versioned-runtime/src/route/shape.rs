//! What a table is compiled against: the facts of a contract in this binary, and the start of its table.

use crate::resolve::{Availability, VersionState};

use super::UserKey;

/// The facts of one contract that routing needs, as plain data.
///
/// Slots of implementations are numbered as the versions that they implement natively.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractShape {
    /// The id of the contract.
    pub id: String,
    /// All declared versions, in ascending order.
    pub versions: Vec<VersionState>,
    /// The names of the operations of each version.
    pub operations: Vec<Vec<&'static str>>,
    /// Whether an implementation can answer: by slot, version, and operation of that version.
    pub answers: Vec<Vec<Vec<bool>>>,
    /// Whether this binary has the implementation, by slot.
    pub present: Vec<bool>,
}

impl ContractShape {
    /// Whether this binary has the implementation.
    #[must_use]
    pub fn is_present(&self, slot: usize) -> bool {
        self.present.get(slot).copied().unwrap_or(false)
    }

    /// Whether this binary has the implementation, and it can answer the operation, natively or through bridges.
    #[must_use]
    pub fn can_answer(&self, slot: usize, version: usize, operation: usize) -> bool {
        let answers = || self.answers.get(slot)?.get(version)?.get(operation).copied();
        self.is_present(slot) && answers().unwrap_or(false)
    }

    /// The lowest offered release, or the lowest offered version where there is no release.
    pub(super) fn lowest_offered(&self) -> Option<usize> {
        let offered = || {
            let all = self.versions.iter().enumerate();
            all.filter(|(_, state)| state.availability.is_listed())
        };
        let release = offered().find(|(_, state)| state.semver.pre.is_empty());
        release.or_else(|| offered().next()).map(|(index, _)| index)
    }

    /// Whether a version is answered no more.
    pub(super) fn is_gone(&self, version: usize) -> bool {
        let state = self.versions.get(version);
        state.is_some_and(|state| state.availability == Availability::Gone)
    }

    /// The name of a version and of the implementation in the slot of that number; empty if there is none.
    pub(super) fn name(&self, index: usize) -> String {
        self.versions
            .get(index)
            .map(|state| state.semver.to_string())
            .unwrap_or_default()
    }

    /// The version or slot of a name.
    pub(super) fn index(&self, name: &str) -> Option<usize> {
        (0..self.versions.len()).find(|&index| self.name(index) == name)
    }

    /// The slots of all implementations of this binary that fit.
    pub(super) fn slots(&self, fits: impl Fn(usize) -> bool) -> impl Iterator<Item = usize> {
        (0..self.versions.len()).filter(move |&slot| self.is_present(slot) && fits(slot))
    }
}

/// How the first table of a contract is made where nothing is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InitialTable {
    /// The version of clients who name none; without it the lowest offered release, because putting a new version into a
    /// binary must not change the shape that clients see who name none.
    pub default_version: Option<usize>,
    /// Whether that version may be gone: a date that has passed is no reason not to start. Who names none is refused then.
    pub default_may_be_gone: bool,
    /// What tells users apart.
    pub user_key: Option<UserKey>,
    /// The salt of the buckets; contracts of one cohort move the same users together. Without it the id of the contract.
    pub cohort: Option<String>,
    /// Who is told the dye of requests, beside the rules.
    pub dye_for: DyeFor,
}

/// Who is told the dye of requests, beside the rules of the table; each of them has what the one before it has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum DyeFor {
    /// Nobody: without a rule no fact matters.
    #[default]
    Rules,
    /// Handlers: facts that requests say are taken down without a rule, too.
    Handlers,
    /// The services that handlers call: all facts are found out, whatever the rules ask for.
    Next,
}
