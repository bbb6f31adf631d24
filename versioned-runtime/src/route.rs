//! Route: which implementation does the work, decided from the routing table, the operation and the user's bucket.
//!
//! A [`Table`] is compiled once, when it is made, and never changed; a [`Snapshot`] holds those of all contracts. Routing
//! never chooses the shape of an answer, that is what `resolve` did before, and it never fails: a table in which something
//! that clients may ask for has no eligible implementation cannot be built. Nothing here does I/O or reads a clock.

pub mod document;
pub mod dye;
pub mod explain;
pub mod facts;
pub mod hash;
pub mod rules;
pub mod shape;
pub mod snapshot;
pub mod split;
pub mod table;

mod compile;
mod error;

#[cfg(test)]
mod tests;

pub use document::{TableDocument, UserKey};
pub use dye::{Dye, User};
pub use error::TableError;
pub use explain::{Considered, Explanation};
pub use facts::Facts;
pub(crate) use facts::Said;
pub use hash::{BUCKETS, LAST_BUCKET, bucket};
pub use rules::{Finding, MatchDocument, OneOrMany, Percent, RuleDocument, Rules, TextDocument};
pub use shape::{ContractShape, DyeFor, InitialTable};
pub use snapshot::Snapshot;
pub use split::{Segment, Split, SplitError};
pub use table::{Decision, Reason, Table};
