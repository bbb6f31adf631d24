//! The dual write: one transaction in which both layouts, the indexes and the counters change together.

use redb::{ReadableTable as _, Table, TableDefinition, WriteTransaction};

use super::{StoreError, folded, legacy, modern};
use crate::precondition::Precondition;

/// Numbers that belong to the whole database.
pub(super) const COUNTERS: TableDefinition<'_, &str, u64> = TableDefinition::new("counters");
/// The counter of the ids: the last one that was given away, also if that user was removed since.
const LAST_ID: &str = "last-id";
/// The counter of the seed: how many of its records are stored.
pub(super) const SEEDED: &str = "seeded";

/// All tables, opened for one writer.
pub(crate) struct Both<'txn> {
    users: Table<'txn, u64, legacy::Columns>,
    accounts: Table<'txn, u64, modern::Columns>,
    by_family_name: Table<'txn, modern::FamilyNameKey, ()>,
    by_email: Table<'txn, &'static str, u64>,
    counters: Table<'txn, &'static str, u64>,
}

impl<'txn> Both<'txn> {
    /// Opens the tables, making those that are missing.
    pub(super) fn open(transaction: &'txn WriteTransaction) -> Result<Self, StoreError> {
        Ok(Self {
            users: transaction.open_table(legacy::USERS)?,
            accounts: transaction.open_table(modern::ACCOUNTS)?,
            by_family_name: transaction.open_table(modern::BY_FAMILY_NAME)?,
            by_email: transaction.open_table(modern::BY_EMAIL)?,
            counters: transaction.open_table(COUNTERS)?,
        })
    }

    /// The user in both layouts, if the writer has seen what is stored.
    pub(super) fn pair(
        &self,
        id: u64,
        precondition: &Precondition,
    ) -> Result<(legacy::Row, modern::Row), StoreError> {
        let user = self
            .users
            .get(id)?
            .map(|columns| legacy::Row::read(id, columns.value()))
            .transpose()?;
        match (user, self.account(id)?) {
            (Some(user), Some(account)) if precondition.holds(user.revision) => Ok((user, account)),
            (Some(user), Some(_)) => Err(StoreError::Stale {
                id,
                revision: user.revision,
            }),
            (None, None) => Err(StoreError::Missing { id }),
            _ => Err(StoreError::Torn { id }),
        }
    }

    /// An id that was never given away before.
    pub(super) fn next_id(&mut self) -> Result<u64, StoreError> {
        let id = self.counters.get(LAST_ID)?.map_or(0, |last| last.value()) + 1;
        self.counters.insert(LAST_ID, id)?;
        Ok(id)
    }

    /// Writes a row that was changed in the layout of 1.1.0, and what follows from it in the other.
    pub(super) fn put_user(
        &mut self,
        id: u64,
        user: &legacy::Row,
        account: &modern::Row,
    ) -> Result<(), StoreError> {
        self.put(id, user, &account.following(user))
    }

    /// Writes a row that was changed in the layout of 2.0.0, and what follows from it in the other.
    pub(super) fn put_account(&mut self, id: u64, account: &modern::Row) -> Result<(), StoreError> {
        self.put(id, &legacy::Row::from(account), account)
    }

    /// Removes the user from both layouts and all indexes.
    pub(super) fn remove(&mut self, id: u64) -> Result<(), StoreError> {
        self.unindex(id)?;
        self.users.remove(id)?;
        self.accounts.remove(id)?;
        Ok(())
    }

    /// Adds a new row and counts it as one of the seed.
    pub(crate) fn seed(&mut self, account: &modern::Row) -> Result<(), StoreError> {
        let id = self.next_id()?;
        self.put_account(id, account)?;
        let seeded = self.counters.get(SEEDED)?.map_or(0, |count| count.value()) + 1;
        self.counters.insert(SEEDED, seeded)?;
        Ok(())
    }

    fn put(&mut self, id: u64, user: &legacy::Row, account: &modern::Row) -> Result<(), StoreError> {
        self.unindex(id)?;
        if let Some(address) = &account.details.email {
            let taken = self.by_email.insert(folded(address).as_str(), id)?.is_some();
            // The transaction is given up with this error, and the entry with it.
            if taken {
                return Err(StoreError::AddressTaken {
                    address: address.clone(),
                });
            }
        }
        let (family, given) = account.sort_key();
        self.by_family_name
            .insert((family.as_str(), given.as_str(), id), ())?;
        self.users.insert(id, user.columns())?;
        self.accounts.insert(id, account.columns())?;
        Ok(())
    }

    /// Removes the index entries of the row as it is stored.
    fn unindex(&mut self, id: u64) -> Result<(), StoreError> {
        let Some(stored) = self.account(id)? else {
            return Ok(());
        };
        let (family, given) = stored.sort_key();
        self.by_family_name
            .remove((family.as_str(), given.as_str(), id))?;
        if let Some(address) = &stored.details.email {
            self.by_email.remove(folded(address).as_str())?;
        }
        Ok(())
    }

    fn account(&self, id: u64) -> Result<Option<modern::Row>, StoreError> {
        self.accounts
            .get(id)?
            .map(|columns| modern::Row::read(id, columns.value()))
            .transpose()
    }
}
