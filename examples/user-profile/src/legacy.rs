//! The implementation of 1.1.0: it reads the older table layout.

use crate::contract::user_profile::v1_1::{
    Page, Status, StatusChange, User, UserDraft, UserError, UserPage, UserProfile,
};
use crate::names::Name;
use crate::precondition::Precondition;
use crate::rules::{self, Invalid};
use crate::store::Store;
use crate::store::legacy::{self, Details, Row};
use crate::work::{blocking, bounded};

/// Answers 1.1.0 natively, 1.0.0 through its bridge, and of 2.0.0 whatever 1.1.0 can say.
#[derive(Debug, Clone)]
pub struct Legacy {
    store: Store,
}

impl Legacy {
    /// An implementation over the store.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

impl UserProfile for Legacy {
    async fn get_user(&self, id: u64) -> Result<User, UserError> {
        let store = self.store.clone();
        let row = blocking(move || store.users().get(id)).await?;
        Ok(user(id, row))
    }

    async fn list_users(&self, page: Page) -> Result<UserPage, UserError> {
        let store = self.store.clone();
        let listing = blocking(move || store.users().list(page.after, bounded(page.limit))).await?;
        Ok(UserPage {
            users: users(listing.rows),
            next: listing.next,
        })
    }

    async fn search_users(&self, text: String, limit: Option<u16>) -> Result<Vec<User>, UserError> {
        let store = self.store.clone();
        Ok(users(
            blocking(move || store.users().search(&text, bounded(limit))).await?,
        ))
    }

    async fn create_user(&self, draft: UserDraft) -> Result<User, UserError> {
        let (store, details) = (self.store.clone(), details(draft)?);
        let (id, row) = blocking(move || store.users().create(details)).await?;
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
        let row = blocking(move || store.users().replace(id, &precondition, details)).await?;
        Ok(user(id, row))
    }

    async fn change_status(&self, id: u64, change: StatusChange) -> Result<User, UserError> {
        let (store, status) = (self.store.clone(), change.status.into());
        let row = blocking(move || store.users().set_status(id, status)).await?;
        Ok(user(id, row))
    }

    async fn delete_user(&self, id: u64, if_match: Option<String>) -> Result<(), UserError> {
        let store = self.store.clone();
        let precondition = Precondition::from_if_match(if_match.as_deref());
        blocking(move || store.users().remove(id, &precondition)).await
    }
}

fn details(draft: UserDraft) -> Result<Details, Invalid> {
    let name = rules::name(Name::from_full(&draft.name))?;
    Ok(Details::new(
        &name,
        rules::address(draft.mail)?,
        rules::language(draft.locale)?,
    ))
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
    let name = details.name().to_owned();
    User {
        id,
        name,
        mail: details.mail,
        locale: details.locale,
        status: status.into(),
        revision,
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

impl From<Status> for legacy::Status {
    fn from(status: Status) -> Self {
        match status {
            Status::Active => legacy::Status::Active,
            Status::Suspended => legacy::Status::Suspended,
        }
    }
}
