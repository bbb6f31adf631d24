//! The embedded database on disk: one file that holds the users in two table layouts.
//!
//! [`legacy`] is the layout of the implementation of 1.1.0, [`modern`] that of 2.0.0. Every write goes to both in one transaction
//! (`both`), so that either implementation reads what the other wrote. All functions here block: call them where blocking is
//! allowed.

pub mod legacy;
pub mod modern;

mod both;
mod error;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use redb::{Database, ReadTransaction, ReadableDatabase as _};

pub use error::StoreError;

use both::Both;
use legacy::Users;
use modern::Accounts;

/// An open database; clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    database: Arc<Database>,
}

/// A part of all rows, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<R> {
    /// The rows with their ids.
    pub rows: Vec<(u64, R)>,
    /// The id after which the next part begins; `None` at the end.
    pub next: Option<u64>,
}

impl Store {
    /// Opens the database at `path`; makes it, its tables and its directory where they are missing.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory).map_err(|source| StoreError::Directory {
                path: directory.to_owned(),
                source,
            })?;
        }
        let database = Database::create(path).map_err(|source| StoreError::Open {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let store = Self {
            database: Arc::new(database),
        };
        // Reading a table that was never written is an error of its own in redb; opening all of them once makes them.
        store.write(|_| Ok(()))?;
        Ok(store)
    }

    /// The users in the layout of 1.1.0.
    #[must_use]
    pub fn users(&self) -> Users<'_> {
        Users(self)
    }

    /// The users in the layout of 2.0.0.
    #[must_use]
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts(self)
    }

    /// How many records the seed has written so far.
    pub(crate) fn seeded(&self) -> Result<u64, StoreError> {
        let table = self.read()?.open_table(both::COUNTERS)?;
        Ok(table.get(both::SEEDED)?.map_or(0, |count| count.value()))
    }

    /// One snapshot of all tables.
    fn read(&self) -> Result<ReadTransaction, StoreError> {
        Ok(self.database.begin_read()?)
    }

    /// One transaction over both layouts: all of `work` is stored on disk, or, where it fails, nothing of it.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&mut Both<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let transaction = self.database.begin_write()?;
        let done = {
            let mut both = Both::open(&transaction)?;
            work(&mut both)?
        };
        transaction.commit()?;
        Ok(done)
    }
}

/// Cuts rows that were read one beyond `limit` into a listing.
fn cut<R>(mut rows: Vec<(u64, R)>, limit: usize) -> Listing<R> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more {
        rows.last().map(|(id, _)| *id)
    } else {
        None
    };
    Listing { rows, next }
}

/// The ids after a cursor, for a range of rows.
fn ids_after(after: Option<u64>) -> (std::ops::Bound<u64>, std::ops::Bound<u64>) {
    use std::ops::Bound::{Excluded, Unbounded};
    (after.map_or(Unbounded, Excluded), Unbounded)
}

/// How text is compared: without regard to case.
fn folded(text: &str) -> String {
    text.to_lowercase()
}
