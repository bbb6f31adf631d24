//! What can be wrong with a host, and with a routing table that is to replace another.

use std::path::PathBuf;

use versioned_core::constraints::PatternError;
use versioned_core::registry::RegistryError;

use crate::resolve::{AvailabilityError, CommandError, NoDate};
use crate::route::TableError;

/// Why a host cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// Two contracts on one path.
    #[error(
        "contracts `{first}` and `{second}` both have the path `{path}`: change one of the paths, or serve them by two hosts under \
         different prefixes (`Router::nest`)"
    )]
    Clash {
        /// The contract that has the path.
        first: &'static str,
        /// The contract that wants it, too.
        second: &'static str,
        /// The path, with nameless parameters.
        path: String,
    },
    /// Two contracts whose paths some requests fit both.
    #[error(
        "contracts `{first}` and `{second}` have the paths `{path}` and `{other}`, and some requests fit both: change one of the \
         paths, or serve them by two hosts under different prefixes (`Router::nest`)"
    )]
    Overlap {
        /// The contract that has the path.
        first: &'static str,
        /// The contract that wants it, too.
        second: &'static str,
        /// The path of the first, with nameless parameters.
        path: String,
        /// The path of the second.
        other: String,
    },
    /// A path that the matcher does not take.
    #[error("the path `{path}` of contract `{contract}` cannot be routed: {reason}")]
    Path {
        /// The contract.
        contract: &'static str,
        /// The path.
        path: String,
        /// What the matcher says.
        reason: String,
    },
    /// One contract twice.
    #[error("contract `{contract}` was put into the host twice: remove one of the two")]
    Twice {
        /// The contract.
        contract: &'static str,
    },
    /// A service that has a host.
    #[error(
        "the service of `{contract}` is served by another host already: build a second service, or call `router()` and \
         `handle()` only after it was put into its host"
    )]
    AlreadyHosted {
        /// The contract.
        contract: &'static str,
    },
    /// A configuration that names a version of another contract.
    #[error(
        "the configuration of `{contract}` names {version} of `{other}`: use the markers of `{contract}`"
    )]
    ForeignVersion {
        /// The contract.
        contract: &'static str,
        /// The contract that was named.
        other: &'static str,
        /// The version that was named.
        version: String,
    },
    /// A first routing table that cannot be.
    #[error("the routing table of `{contract}` cannot be made: {source}")]
    Table {
        /// The contract.
        contract: &'static str,
        /// What is wrong with it.
        source: TableError,
    },
    /// A date that is none.
    #[error("the configuration of {version} of `{contract}`: {source}")]
    Date {
        /// The contract.
        contract: &'static str,
        /// The version.
        version: String,
        /// What is wrong with it.
        source: NoDate,
    },
    /// Dates or brown-outs of a version that cannot be.
    #[error("the availability of {version} of `{contract}`: {source}")]
    Availability {
        /// The contract.
        contract: &'static str,
        /// The version.
        version: String,
        /// What is wrong with it.
        source: AvailabilityError,
    },
    /// A pattern of a `Schema` that was written by hand.
    #[error("operation `{operation}` of `{contract}` has a constraint that is none: {source}")]
    Pattern {
        /// The contract.
        contract: &'static str,
        /// The operation.
        operation: &'static str,
        /// What is wrong with it.
        source: PatternError,
    },
    /// The contracts of the binary.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// A token file that cannot be read.
    #[error("the admin token cannot be read from `{}` (VERSIONED_ADMIN_TOKEN_FILE)", file.display())]
    TokenFile {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A token that would protect nothing.
    #[error("the admin token is empty: set a long random text, or none at all to refuse writes")]
    EmptyToken,
    /// A token that nobody could send.
    #[error("`VERSIONED_ADMIN_TOKEN` is not UTF-8: set a long random text")]
    UnreadableToken,
    /// The configuration of dyes cannot be.
    #[error(transparent)]
    Dyes(#[from] crate::dyes::DyesError),
    /// The configuration of facts cannot be.
    #[error(transparent)]
    Facts(#[from] crate::observed::FactsError),
    /// A name that is not one of a header.
    #[error("`{name}` is not the name of a header: write letters, digits and `-`, such as `X-API-Version`")]
    HeaderName {
        /// The name.
        name: String,
    },
    /// A header that says something else already.
    #[error(
        "the header `{name}` says something else already: name the version in one of its own, such as `X-API-Version`"
    )]
    HeaderTaken {
        /// The name.
        name: String,
    },
    /// A key that no query has.
    #[error("`{key}` cannot be the key of a query that names a version: write one such as `api-version`")]
    QueryKey {
        /// The key.
        key: String,
    },
    /// A name that no media type has.
    #[error(
        "`{vendor}` cannot stand in a media type: write the name that follows `application/vnd.`, such as `acme`, or \
         `Sources::no_vendor()`"
    )]
    Vendor {
        /// The name.
        vendor: String,
    },
    /// A prefix that is not a path.
    #[error(
        "the registry prefix `{prefix}` is not a path: write one such as `/registry`, without a slash at its end or two in a row"
    )]
    RegistryPrefix {
        /// The prefix.
        prefix: String,
    },
}

/// Why a routing table was not replaced; the one before stays in force.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplaceError {
    /// The host does not serve the contract.
    #[error("this host does not serve `{contract}`")]
    UnknownContract {
        /// The contract.
        contract: String,
    },
    /// Somebody else was faster.
    #[error("the table is at epoch {current}, not at {expected}: read it again, and decide again")]
    Conflict {
        /// The epoch that was named.
        expected: u64,
        /// The epoch in force.
        current: u64,
    },
    /// The table does not fit.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// Why the availability of a version was not moved; everything stays as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AvailabilityCommandError {
    /// The host does not serve the contract.
    #[error("this host does not serve `{contract}`")]
    UnknownContract {
        /// The contract.
        contract: String,
    },
    /// The contract does not have the version.
    #[error("`{contract}` has no version `{version}`")]
    UnknownVersion {
        /// The contract.
        contract: String,
        /// The version.
        version: String,
    },
    /// Somebody else was faster.
    #[error(
        "the table is at epoch {current}, not at {expected}: read the availability again, and decide again"
    )]
    Conflict {
        /// The epoch that was named.
        expected: u64,
        /// The epoch in force.
        current: u64,
    },
    /// The command cannot be.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// Something that clients could ask for then has no implementation.
    #[error(transparent)]
    Table(#[from] TableError),
}
