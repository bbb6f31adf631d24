//! The implementation of 2.0.0: it reads the newer table layout and its indexes.

use crate::contract::user_profile::v2::{
    Page, Status, StatusChange, User, UserDraft, UserError, UserPage, UserProfile,
};
use crate::names::Name;
use crate::precondition::Precondition;
use crate::rules::{self, Invalid};
use crate::store::Store;
use crate::store::modern::{self, Details, Row};
use crate::work::{blocking, bounded};

/// Answers 2.0.0 natively, and 1.x through its bridges.
#[derive(Debug, Clone)]
pub struct Modern {
    store: Store,
}

impl Modern {
    /// An implementation over the store.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

impl UserProfile for Modern {
    async fn get_user(&self, id: u64) -> Result<User, UserError> {
        let store = self.store.clone();
        let row = blocking(move || store.accounts().get(id)).await?;
        Ok(user(id, row))
    }

    async fn list_users(&self, page: Page) -> Result<UserPage, UserError> {
        let store = self.store.clone();
        let listing = blocking(move || store.accounts().list(page.after, bounded(page.limit))).await?;
        Ok(UserPage {
            users: users(listing.rows),
            next: listing.next,
        })
    }

    async fn find_users(&self, prefix: String, limit: Option<u16>) -> Result<Vec<User>, UserError> {
        let store = self.store.clone();
        Ok(users(
            blocking(move || store.accounts().find(&prefix, bounded(limit))).await?,
        ))
    }

    async fn create_user(&self, draft: UserDraft) -> Result<User, UserError> {
        let (store, details) = (self.store.clone(), details(draft)?);
        let (id, row) = blocking(move || store.accounts().create(details)).await?;
        Ok(user(id, row))
    }

    async fn replace_user(
        &self,
        id: u64,
        if_match: Option<String>,
        draft: UserDraft,
    ) -> Result<User, UserError> {
        let (store, details) = (self.store.clone(), details(draft)?);
        let precondition = Precondition::from_if_match(if_match.as_deref());
        let row = blocking(move || store.accounts().replace(id, &precondition, details)).await?;
        Ok(user(id, row))
    }

    async fn change_status(&self, id: u64, change: StatusChange) -> Result<User, UserError> {
        let (store, status) = (self.store.clone(), change.status.into());
        let row = blocking(move || store.accounts().set_status(id, status)).await?;
        Ok(user(id, row))
    }

    async fn delete_user(&self, id: u64, if_match: Option<String>) -> Result<(), UserError> {
        let store = self.store.clone();
        let precondition = Precondition::from_if_match(if_match.as_deref());
        blocking(move || store.accounts().remove(id, &precondition)).await
    }
}

fn details(draft: UserDraft) -> Result<Details, Invalid> {
    let name = rules::name(Name::new(&draft.given_name, &draft.family_name))?;
    Ok(Details {
        name,
        email: rules::address(draft.email)?,
        locale: rules::language(draft.locale)?,
    })
}

fn users(rows: Vec<(u64, Row)>) -> Vec<User> {
    rows.into_iter().map(|(id, row)| user(id, row)).collect()
}

fn user(
    id: u64,
    Row {
        details,
        status,
        revision,
    }: Row,
) -> User {
    let (given_name, family_name) = details.name.into_parts();
    let (email, locale) = (details.email, details.locale);
    User {
        id,
        given_name,
        family_name,
        email,
        locale,
        status: status.into(),
        revision,
    }
}

impl From<modern::Status> for Status {
    fn from(status: modern::Status) -> Self {
        match status {
            modern::Status::Active => Status::Active,
            modern::Status::Suspended => Status::Suspended,
            modern::Status::Dormant => Status::Dormant,
        }
    }
}

impl From<Status> for modern::Status {
    fn from(status: Status) -> Self {
        match status {
            Status::Active => modern::Status::Active,
            Status::Suspended => modern::Status::Suspended,
            Status::Dormant => modern::Status::Dormant,
        }
    }
}
