//! Versions in axum, written out by hand for this one operation: the least that anybody pays who answers in versions.
//!
//! Nothing is configured, counted, limited or moved: an extractor compares one header with the texts of three versions, another one looks
//! for the key of a user, and the answer gets the headers that ours get, whose values are constants here.

use axum::extract::{FromRequestParts, Path};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::header::VARY;
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};

use super::user;
use crate::client::TEMPLATE;

static VERSION: HeaderName = HeaderName::from_static("x-api-version");
static USER: HeaderName = HeaderName::from_static("x-user-id");

/// The headers of every answer in a version; those behind the second tell who served.
static HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        HeaderName::from_static("api-version"),
        HeaderValue::from_static("1.1.0"),
    ),
    (VARY, HeaderValue::from_static("x-api-version, accept")),
    (
        HeaderName::from_static("api-serving-version"),
        HeaderValue::from_static("1.1.0"),
    ),
    (
        HeaderName::from_static("api-epoch"),
        HeaderValue::from_static("1"),
    ),
];

/// The application; one that is not bare looks for its user, too, and tells who served.
pub(crate) fn app(bare: bool) -> Router {
    let operation = if bare { get(bare_user) } else { get(told_user) };
    Router::new().route(TEMPLATE, operation)
}

/// A request in a version that there is.
struct Versioned;

impl<S: Sync> FromRequestParts<S> for Versioned {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        match parts.headers.get(&VERSION).map(HeaderValue::as_bytes) {
            Some(b"1.0.0" | b"1.1.0" | b"2.0.0") => Ok(Self),
            _ => Err(StatusCode::NOT_ACCEPTABLE),
        }
    }
}

/// Whether the user is known.
struct Known(bool);

impl<S: Sync> FromRequestParts<S> for Known {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        Ok(Self(parts.headers.contains_key(&USER)))
    }
}

async fn told_user(_: Versioned, Known(known): Known, Path(id): Path<u64>) -> Response {
    answer(id, if known { 4 } else { 2 })
}

async fn bare_user(_: Versioned, Path(id): Path<u64>) -> Response {
    answer(id, 2)
}

fn answer(id: u64, told: usize) -> Response {
    let mut response = Json(user(id)).into_response();
    let headers = response.headers_mut();
    headers.reserve(told);
    for (name, value) in &HEADERS[..told] {
        headers.insert(name, value.clone());
    }
    response
}
