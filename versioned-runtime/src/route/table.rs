//! The routing table of one contract: compiled, immutable, numbered by its epoch.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use super::{
    ContractShape, InitialTable, LAST_BUCKET, Split, TableDocument, TableError, UserKey, bucket, compile,
};

/// The compiled policy of one contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    epoch: u64,
    default_version: usize,
    user_key: Option<UserKey>,
    cohort: Arc<str>,
    stable: Option<usize>,
    split: Split,
    /// Whether an implementation may get traffic, by slot.
    listed: Box<[bool]>,
    /// By version and operation.
    cells: Box<[Box<[Cell]>]>,
}

/// What is known beforehand about one operation of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// Whether an implementation may answer, by slot.
    pub(super) eligible: Box<[bool]>,
    /// The choice for users whom no share gives to an eligible implementation.
    pub(super) rest: Decision,
}

/// Which implementation does the work for one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The slot of the serving implementation.
    pub slot: usize,
    /// Whether it implements the resolved version itself, so that no bridge takes part.
    pub native: bool,
    /// What led to it.
    pub reason: Reason,
}

/// What led to a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// The user's bucket belongs to the implementation.
    Share,
    /// The user's bucket belongs to stable.
    Stable,
    /// The user's bucket belongs to stable, and the table names none: the native or the nearest implementation.
    Nearest,
    /// Whom the bucket belongs to cannot answer this operation of this version.
    Fallback,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Share => "share",
            Reason::Stable => "stable",
            Reason::Nearest => "nearest",
            Reason::Fallback => "fallback",
        })
    }
}

impl Table {
    /// The first table of a contract, epoch 1: every implementation of the binary may get traffic, each version goes to its
    /// native implementation or the nearest one.
    pub fn initial(shape: &ContractShape, config: &InitialTable) -> Result<Self, TableError> {
        let default_version = match config.default_version {
            Some(index) => compile::default_version(shape, index)?,
            None => lowest_offered(shape).ok_or(TableError::NothingOffered)?,
        };
        let listed = compile::listed(shape, None)?;
        Ok(Self {
            epoch: 1,
            default_version,
            user_key: config.user_key.as_ref().map(compile::user_key).transpose()?,
            cohort: config.cohort.as_deref().unwrap_or(&shape.id).into(),
            stable: None,
            split: Split::default(),
            cells: compile::cells(shape, &listed, None)?,
            listed,
        })
    }

    /// The table of the next epoch, as the document says.
    ///
    /// The split is made from this one, so that as few users as possible move; the cohort stays.
    pub fn replace(&self, shape: &ContractShape, document: &TableDocument) -> Result<Self, TableError> {
        let policy = compile::read(shape, document, self.epoch)?;
        let split = self
            .split
            .restable(self.stable, policy.stable)
            .with_shares(&policy.shares)?;
        Ok(Self {
            epoch: self.epoch.saturating_add(1),
            default_version: policy.default_version,
            user_key: policy.user_key,
            cohort: Arc::clone(&self.cohort),
            stable: policy.stable,
            split,
            cells: compile::cells(shape, &policy.listed, policy.stable)?,
            listed: policy.listed,
        })
    }

    /// The table as JSON; `shape` is the one that it was compiled against.
    #[must_use]
    pub fn document(&self, shape: &ContractShape) -> TableDocument {
        let slots = || {
            self.listed
                .iter()
                .enumerate()
                .filter(|(_, listed)| **listed)
                .map(|(slot, _)| slot)
        };
        let shares = slots()
            .map(|slot| (shape.name(slot), self.split.share(slot)))
            .filter(|(_, share)| *share > 0);
        TableDocument {
            contract: Some(shape.id.clone()),
            epoch: Some(self.epoch),
            default_version: shape.name(self.default_version),
            stable: self.stable.map(|slot| shape.name(slot)),
            shares: shares.collect(),
            user_key: self.user_key.clone(),
            implementations: Some(slots().map(|slot| shape.name(slot)).collect()),
        }
    }

    /// Chooses the implementation that serves an operation of the resolved version; allocates nothing and cannot fail.
    ///
    /// The owner of the bucket, if it is eligible here; else stable, if it is; else the native implementation, the nearest
    /// newer one, the nearest older one, whichever is eligible first. What the contract does not have goes to the slot of
    /// the version.
    #[must_use]
    pub fn decide(&self, version: usize, operation: usize, bucket: u32) -> Decision {
        let Some(cell) = self.cell(version, operation) else {
            return Decision {
                slot: version,
                native: true,
                reason: Reason::Nearest,
            };
        };
        match self.split.owner(bucket) {
            Some(slot) if cell.eligible[slot] => Decision {
                slot,
                native: slot == version,
                reason: Reason::Share,
            },
            Some(_) => Decision {
                reason: Reason::Fallback,
                ..cell.rest
            },
            None => cell.rest,
        }
    }

    /// The bucket of a user; no key is the last bucket, which moves last.
    #[must_use]
    pub fn bucket(&self, key: Option<&[u8]>) -> u32 {
        key.map_or(LAST_BUCKET, |key| bucket(&self.cohort, key))
    }

    /// Whether an implementation may serve the operation of the version.
    #[must_use]
    pub fn is_eligible(&self, version: usize, operation: usize, slot: usize) -> bool {
        self.cell(version, operation)
            .and_then(|cell| cell.eligible.get(slot))
            .copied()
            .unwrap_or(false)
    }

    /// The number of the table; each change counts one up.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The index of the version that clients are answered in who name none.
    #[must_use]
    pub const fn default_version(&self) -> usize {
        self.default_version
    }

    /// What tells users apart.
    #[must_use]
    pub const fn user_key(&self) -> Option<&UserKey> {
        self.user_key.as_ref()
    }

    /// The salt of the buckets.
    #[must_use]
    pub fn cohort(&self) -> &str {
        &self.cohort
    }

    /// The slot of the implementation that takes what the shares leave, if the table names one.
    #[must_use]
    pub const fn stable(&self) -> Option<usize> {
        self.stable
    }

    /// Who owns which buckets.
    #[must_use]
    pub const fn split(&self) -> &Split {
        &self.split
    }

    fn cell(&self, version: usize, operation: usize) -> Option<&Cell> {
        self.cells.get(version)?.get(operation)
    }
}

/// The lowest offered release, or the lowest offered version where there is no release.
fn lowest_offered(shape: &ContractShape) -> Option<usize> {
    let offered = || {
        shape
            .versions
            .iter()
            .enumerate()
            .filter(|(_, state)| state.availability.is_listed())
    };
    let release = offered().find(|(_, state)| state.semver.pre.is_empty());
    release.or_else(|| offered().next()).map(|(index, _)| index)
}
