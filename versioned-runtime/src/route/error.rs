//! Why a routing table cannot be made: the place in the document, and what to write instead.

use super::SplitError;
use super::rules::RuleError;

/// A routing table that does not fit the contract or the binary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// `default_version` names no declared version.
    #[error("at `/default_version`: the contract has no version `{name}`; name one of {known}")]
    UnknownVersion {
        /// What was written.
        name: String,
        /// The offered versions, the most similar first.
        known: String,
    },
    /// `default_version` names a version that is hidden or gone.
    #[error("at `/default_version`: version {name} is not offered; name one of {offered}")]
    DefaultNotOffered {
        /// What was written.
        name: String,
        /// The offered versions, the most similar first.
        offered: String,
    },
    /// Nobody who names no version could be answered.
    #[error("at `/default_version`: the contract offers no version; offer at least one")]
    NothingOffered,
    /// No version of the contract has this name, so no implementation has it.
    #[error("at `{pointer}`: there is no implementation `{name}`; name one of {known}")]
    UnknownImplementation {
        /// Where it stands.
        pointer: String,
        /// What was written.
        name: String,
        /// The implementations of this binary, the most similar first.
        known: String,
    },
    /// The version exists, but the binary has no native implementation of it.
    #[error("at `{pointer}`: this binary has no implementation of {name}; name one of {present}")]
    NotInBinary {
        /// Where it stands.
        pointer: String,
        /// What was written.
        name: String,
        /// The implementations of this binary, the most similar first.
        present: String,
    },
    /// An implementation was given traffic that may not get any.
    #[error(
        "at `{pointer}`: implementation {name} may get no traffic; add it to `/implementations`, or leave it out here"
    )]
    NotListed {
        /// Where it stands.
        pointer: String,
        /// What was written.
        name: String,
    },
    /// The shares are no split.
    #[error("at `/shares`: {0}")]
    Shares(#[from] SplitError),
    /// The stable implementation was given another share than what is left.
    #[error(
        "at `{pointer}`: {name} is the stable implementation and gets what the others leave; leave it out, or write {remainder}"
    )]
    StableShare {
        /// Where it stands.
        pointer: String,
        /// The stable implementation.
        name: String,
        /// What the other shares leave.
        remainder: u32,
    },
    /// The document is of another contract.
    #[error(
        "at `/contract`: this is the table of `{id}`, the document is of `{name}`; leave the member out, or write `{id}`"
    )]
    OtherContract {
        /// What was written.
        name: String,
        /// The contract of the table.
        id: String,
    },
    /// The document was made from another table than the current one.
    #[error(
        "at `/epoch`: the table is at epoch {current}, the document at {written}; read the table again and make the change there"
    )]
    OtherEpoch {
        /// What was written.
        written: u64,
        /// The epoch of the table.
        current: u64,
    },
    /// No implementation may get traffic.
    #[error(
        "at `/implementations`: the list is empty; name at least one of {present}, or leave it out for all"
    )]
    NoImplementations {
        /// The implementations of this binary.
        present: String,
    },
    /// Clients may ask for an operation that no listed implementation can answer.
    #[error(
        "at `/implementations`: none of them answers operation `{operation}` of version {version}; {advice}"
    )]
    Unanswered {
        /// The operation.
        operation: String,
        /// The version.
        version: String,
        /// What to add.
        advice: String,
    },
    /// A rule, or what rules name, is none.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The name in the user key is none.
    #[error("at `{pointer}`: `{name}` cannot tell users apart; {advice}")]
    BadUserKey {
        /// Where it stands.
        pointer: String,
        /// What was written.
        name: String,
        /// What to write.
        advice: &'static str,
    },
}

impl TableError {
    /// Where in the document the mistake is: a JSON pointer (RFC 6901).
    #[must_use]
    pub fn pointer(&self) -> &str {
        match self {
            TableError::UnknownVersion { .. }
            | TableError::DefaultNotOffered { .. }
            | TableError::NothingOffered => "/default_version",
            TableError::UnknownImplementation { pointer, .. }
            | TableError::NotInBinary { pointer, .. }
            | TableError::NotListed { pointer, .. }
            | TableError::StableShare { pointer, .. }
            | TableError::BadUserKey { pointer, .. } => pointer,
            TableError::Rule(error) => &error.pointer,
            TableError::Shares(_) => "/shares",
            TableError::OtherContract { .. } => "/contract",
            TableError::OtherEpoch { .. } => "/epoch",
            TableError::NoImplementations { .. } | TableError::Unanswered { .. } => "/implementations",
        }
    }
}
