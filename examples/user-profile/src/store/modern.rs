//! The layout of 2.0.0: the name in two columns, the status as a number, and indexes over names and addresses.

use redb::TableDefinition;

use super::{Listing, Store, StoreError, cut, folded, ids_after, legacy};
use crate::names::Name;
use crate::precondition::Precondition;

/// given name, family name, email, locale, status, revision
pub(super) type Columns = (
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    u8,
    u64,
);

/// folded family name, folded given name, id
pub(super) type FamilyNameKey = (&'static str, &'static str, u64);

/// The accounts by id.
pub(super) const ACCOUNTS: TableDefinition<'_, u64, Columns> = TableDefinition::new("accounts");
/// The ids in the order of names, folded.
pub(super) const BY_FAMILY_NAME: TableDefinition<'_, FamilyNameKey, ()> =
    TableDefinition::new("accounts-by-family-name");
/// The ids by folded address; an address belongs to one user.
pub(super) const BY_EMAIL: TableDefinition<'_, &str, u64> = TableDefinition::new("accounts-by-email");

/// A user as this layout has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What the user's owner writes.
    pub details: Details,
    /// What the operator writes.
    pub status: Status,
    /// Counts the writes, from 1.
    pub revision: u64,
}

/// What a client sends about a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// The name in its parts.
    pub name: Name,
    /// The address.
    pub email: Option<String>,
    /// The language.
    pub locale: Option<String>,
}

/// The states that 2.0.0 knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Signs in.
    Active,
    /// Was locked out.
    Suspended,
    /// Has not signed in for long, and must prove who they are first.
    Dormant,
}

/// The columns of one row, borrowed.
type Borrowed<'a> = (&'a str, &'a str, Option<&'a str>, Option<&'a str>, u8, u64);

impl Row {
    pub(super) fn read(
        id: u64,
        (given, family, email, locale, status, revision): Borrowed<'_>,
    ) -> Result<Self, StoreError> {
        let status = match status {
            0 => Status::Active,
            1 => Status::Suspended,
            2 => Status::Dormant,
            other => {
                return Err(StoreError::UnknownStatus {
                    id,
                    status: other.to_string(),
                });
            }
        };
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let details = Details {
            name: Name::new(given, family),
            email: owned(email),
            locale: owned(locale),
        };
        Ok(Self {
            details,
            status,
            revision,
        })
    }

    pub(super) fn columns(&self) -> Borrowed<'_> {
        let status = match self.status {
            Status::Active => 0,
            Status::Suspended => 1,
            Status::Dormant => 2,
        };
        let Details { name, email, locale } = &self.details;
        (
            name.given(),
            name.family(),
            email.as_deref(),
            locale.as_deref(),
            status,
            self.revision,
        )
    }

    /// This row after a write in the other layout: what that layout cannot say stays as it was.
    pub(super) fn following(&self, user: &legacy::Row) -> Self {
        let mut row = Row::from(user);
        if legacy::Status::from(self.status) == user.status {
            row.status = self.status;
        }
        row
    }

    /// The part of the index key that comes from the row.
    pub(super) fn sort_key(&self) -> (String, String) {
        (
            folded(self.details.name.family()),
            folded(self.details.name.given()),
        )
    }
}

impl From<&legacy::Row> for Row {
    fn from(user: &legacy::Row) -> Self {
        let details = Details {
            name: Name::from_full(user.details.name()),
            email: user.details.mail.clone(),
            locale: user.details.locale.clone(),
        };
        Self {
            details,
            status: user.status.into(),
            revision: user.revision,
        }
    }
}

impl From<legacy::Status> for Status {
    fn from(status: legacy::Status) -> Self {
        match status {
            legacy::Status::Active => Status::Active,
            legacy::Status::Suspended => Status::Suspended,
        }
    }
}

/// The users in this layout.
#[derive(Debug, Clone, Copy)]
pub struct Accounts<'a>(pub(super) &'a Store);

impl Accounts<'_> {
    /// One user.
    pub fn get(self, id: u64) -> Result<Row, StoreError> {
        let table = self.0.read()?.open_table(ACCOUNTS)?;
        let columns = table.get(id)?.ok_or(StoreError::Missing { id })?;
        Row::read(id, columns.value())
    }

    /// At most `limit` users whose ids follow `after`.
    pub fn list(self, after: Option<u64>, limit: usize) -> Result<Listing<Row>, StoreError> {
        let table = self.0.read()?.open_table(ACCOUNTS)?;
        let mut rows = Vec::new();
        for entry in table.range(ids_after(after))?.take(limit.saturating_add(1)) {
            let (id, columns) = entry?;
            rows.push((id.value(), Row::read(id.value(), columns.value())?));
        }
        Ok(cut(rows, limit))
    }

    /// At most `limit` users whose family names begin with `prefix`, whatever its case, in the order of their names.
    pub fn find(self, prefix: &str, limit: usize) -> Result<Vec<(u64, Row)>, StoreError> {
        let prefix = folded(prefix);
        let transaction = self.0.read()?;
        let (index, accounts) = (
            transaction.open_table(BY_FAMILY_NAME)?,
            transaction.open_table(ACCOUNTS)?,
        );
        let mut found = Vec::new();
        for entry in index.range((prefix.as_str(), "", 0)..)?.take(limit) {
            let (key, _) = entry?;
            let (family, _, id) = key.value();
            if !family.starts_with(&prefix) {
                break;
            }
            let columns = accounts.get(id)?.ok_or(StoreError::Torn { id })?;
            found.push((id, Row::read(id, columns.value())?));
        }
        Ok(found)
    }

    /// Adds a user.
    pub fn create(self, details: Details) -> Result<(u64, Row), StoreError> {
        self.0.write(|both| {
            let id = both.next_id()?;
            let account = Row {
                details,
                status: Status::Active,
                revision: 1,
            };
            both.put_account(id, &account)?;
            Ok((id, account))
        })
    }

    /// Replaces what is known of a user; the status stays.
    pub fn replace(self, id: u64, precondition: &Precondition, details: Details) -> Result<Row, StoreError> {
        self.change(id, precondition, |account| account.details = details)
    }

    /// Changes the status of a user.
    pub fn set_status(self, id: u64, status: Status) -> Result<Row, StoreError> {
        self.change(id, &Precondition::Any, |account| account.status = status)
    }

    /// Removes a user; the id is not given away again.
    pub fn remove(self, id: u64, precondition: &Precondition) -> Result<(), StoreError> {
        self.0.write(|both| {
            both.pair(id, precondition)?;
            both.remove(id)
        })
    }

    fn change(
        self,
        id: u64,
        precondition: &Precondition,
        change: impl FnOnce(&mut Row),
    ) -> Result<Row, StoreError> {
        self.0.write(|both| {
            let (_, mut account) = both.pair(id, precondition)?;
            change(&mut account);
            account.revision += 1;
            both.put_account(id, &account)?;
            Ok(account)
        })
    }
}
