//! Plain axum: a route, an extractor, an answer.

use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};

use super::{User, user};
use crate::client::TEMPLATE;

/// The application.
pub(crate) fn app() -> Router {
    Router::new().route(TEMPLATE, get(get_user))
}

pub(super) async fn get_user(Path(id): Path<u64>) -> Json<User> {
    Json(user(id))
}
