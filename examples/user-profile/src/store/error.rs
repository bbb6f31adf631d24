//! What can go wrong in the store: refusals that a client can act on, and faults that only an operator can.

use std::path::PathBuf;

use thiserror::Error;

/// Why the store did not do what it was asked for.
#[derive(Debug, Error)]
pub enum StoreError {
    /// There is no such user.
    #[error("there is no user {id}; list the users to see who there is")]
    Missing {
        /// The id that was asked for.
        id: u64,
    },
    /// The row has another revision than the writer has seen.
    #[error("user {id} is at revision {revision} by now; read it again before writing")]
    Stale {
        /// The user.
        id: u64,
        /// The revision that the row has.
        revision: u64,
    },
    /// The address belongs to somebody else.
    #[error("`{address}` belongs to another user; choose another address")]
    AddressTaken {
        /// The address.
        address: String,
    },
    /// One layout has the user and the other has not.
    #[error(
        "user {id} is in one table layout only; restore the database from a copy, or remove it to seed a new one"
    )]
    Torn {
        /// The user.
        id: u64,
    },
    /// A row holds a status that this program does not write.
    #[error(
        "user {id} has the status `{status}`, which this program does not know; start the version that wrote it"
    )]
    UnknownStatus {
        /// The user.
        id: u64,
        /// What is stored.
        status: String,
    },
    /// The directory of the database cannot be made.
    #[error("the directory {} cannot be made; set USER_PROFILE_DATA to a file in a place that can be written", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The database cannot be opened.
    #[error("the database {} cannot be opened; stop the process that has it open, or set USER_PROFILE_DATA to another file", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<redb::DatabaseError>,
    },
    /// The database failed while it was used.
    #[error("the database failed; look at its disk")]
    Database(#[source] Box<redb::Error>),
}

macro_rules! from_redb {
    ($($error:ty)*) => {$(
        impl From<$error> for StoreError {
            fn from(error: $error) -> Self {
                Self::Database(Box::new(error.into()))
            }
        }
    )*};
}

// redb has one error type a kind of call; to the callers of the store they are one fault.
from_redb! { redb::TransactionError redb::TableError redb::StorageError redb::CommitError }
