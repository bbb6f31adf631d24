//! The peers: the same handler, as people write it on the libraries of the field.

pub(crate) mod axum;
pub(crate) mod by_hand;
pub(crate) mod dropshot;
pub(crate) mod hyper;
pub(crate) mod naive;

use serde::Serialize;

/// What all of them answer with.
pub(crate) const BODY: &str = r#"{"id":7,"name":"Ada Lovelace","email":"ada@example.org"}"#;

/// A user.
#[derive(Serialize, schemars::JsonSchema)]
pub(crate) struct User {
    id: u64,
    name: String,
    email: Option<String>,
}

/// The one user of this service.
pub(crate) fn user(id: u64) -> User {
    User {
        id,
        name: "Ada Lovelace".to_owned(),
        email: Some("ada@example.org".to_owned()),
    }
}
