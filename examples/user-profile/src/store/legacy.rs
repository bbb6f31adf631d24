//! The layout of 1.1.0: one table, the full name in one column, the status as a word.

use redb::TableDefinition;

use super::{Listing, Store, StoreError, cut, folded, ids_after, modern};
use crate::names::Name;
use crate::precondition::Precondition;

/// name, mail, locale, status, revision
pub(super) type Columns = (
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    &'static str,
    u64,
);

/// The users by id.
pub(super) const USERS: TableDefinition<'_, u64, Columns> = TableDefinition::new("users");

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
    /// The full name, as [`Name::full`] writes it: so both layouts say the same.
    name: String,
    /// The address.
    pub mail: Option<String>,
    /// The language.
    pub locale: Option<String>,
}

impl Details {
    /// What is known of somebody of this name.
    #[must_use]
    pub fn new(name: &Name, mail: Option<String>, locale: Option<String>) -> Self {
        Self {
            name: name.full(),
            mail,
            locale,
        }
    }

    /// The full name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The states that 1.x knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Signs in.
    Active,
    /// Was locked out.
    Suspended,
}

/// The columns of one row, borrowed.
type Borrowed<'a> = (&'a str, Option<&'a str>, Option<&'a str>, &'a str, u64);

impl Row {
    pub(super) fn read(
        id: u64,
        (name, mail, locale, status, revision): Borrowed<'_>,
    ) -> Result<Self, StoreError> {
        let status = match status {
            "active" => Status::Active,
            "suspended" => Status::Suspended,
            other => {
                return Err(StoreError::UnknownStatus {
                    id,
                    status: other.to_owned(),
                });
            }
        };
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let details = Details {
            name: name.to_owned(),
            mail: owned(mail),
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
            Status::Active => "active",
            Status::Suspended => "suspended",
        };
        let Details { name, mail, locale } = &self.details;
        (name, mail.as_deref(), locale.as_deref(), status, self.revision)
    }
}

impl From<&modern::Row> for Row {
    /// What this layout can say of a row of the other.
    fn from(account: &modern::Row) -> Self {
        let modern::Details { name, email, locale } = &account.details;
        let details = Details::new(name, email.clone(), locale.clone());
        Self {
            details,
            status: account.status.into(),
            revision: account.revision,
        }
    }
}

impl From<modern::Status> for Status {
    /// 1.x sees everybody who cannot sign in as suspended.
    fn from(status: modern::Status) -> Self {
        match status {
            modern::Status::Active => Status::Active,
            modern::Status::Suspended | modern::Status::Dormant => Status::Suspended,
        }
    }
}

/// The users in this layout.
#[derive(Debug, Clone, Copy)]
pub struct Users<'a>(pub(super) &'a Store);

impl Users<'_> {
    /// One user.
    pub fn get(self, id: u64) -> Result<Row, StoreError> {
        let table = self.0.read()?.open_table(USERS)?;
        let columns = table.get(id)?.ok_or(StoreError::Missing { id })?;
        Row::read(id, columns.value())
    }

    /// At most `limit` users whose ids follow `after`.
    pub fn list(self, after: Option<u64>, limit: usize) -> Result<Listing<Row>, StoreError> {
        let table = self.0.read()?.open_table(USERS)?;
        let mut rows = Vec::new();
        for entry in table.range(ids_after(after))?.take(limit.saturating_add(1)) {
            let (id, columns) = entry?;
            rows.push((id.value(), Row::read(id.value(), columns.value())?));
        }
        Ok(cut(rows, limit))
    }

    /// At most `limit` users whose names contain `text`, whatever its case.
    ///
    /// The layout has no index over names: this reads the whole table, which is why 2.0.0 has no such operation.
    pub fn search(self, text: &str, limit: usize) -> Result<Vec<(u64, Row)>, StoreError> {
        let wanted = folded(text);
        let table = self.0.read()?.open_table(USERS)?;
        let mut found = Vec::new();
        for entry in table.range::<u64>(..)? {
            if found.len() == limit {
                break;
            }
            let (id, columns) = entry?;
            let columns = columns.value();
            // Spaces that keep a part together are spaces to whoever types the name.
            if folded(columns.0).replace('\u{a0}', " ").contains(&wanted) {
                found.push((id.value(), Row::read(id.value(), columns)?));
            }
        }
        Ok(found)
    }

    /// Adds a user.
    pub fn create(self, details: Details) -> Result<(u64, Row), StoreError> {
        self.0.write(|both| {
            let id = both.next_id()?;
            let user = Row {
                details,
                status: Status::Active,
                revision: 1,
            };
            both.put_user(id, &user, &modern::Row::from(&user))?;
            Ok((id, user))
        })
    }

    /// Replaces what is known of a user; the status stays.
    pub fn replace(self, id: u64, precondition: &Precondition, details: Details) -> Result<Row, StoreError> {
        self.0.write(|both| {
            let (mut user, account) = both.pair(id, precondition)?;
            user.details = details;
            user.revision += 1;
            both.put_user(id, &user, &account)?;
            Ok(user)
        })
    }

    /// Changes the status of a user, in both layouts to exactly this one.
    pub fn set_status(self, id: u64, status: Status) -> Result<Row, StoreError> {
        self.0.write(|both| {
            let (mut user, mut account) = both.pair(id, &Precondition::Any)?;
            user.status = status;
            user.revision += 1;
            account.status = status.into();
            both.put_user(id, &user, &account)?;
            Ok(user)
        })
    }

    /// Removes a user; the id is not given away again.
    pub fn remove(self, id: u64, precondition: &Precondition) -> Result<(), StoreError> {
        self.0.write(|both| {
            both.pair(id, precondition)?;
            both.remove(id)
        })
    }
}
