//! The admin interface: routing tables to read and to replace by compare-and-set, and counters.

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::{CONTENT_TYPE, ETAG, IF_MATCH, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use axum::routing::get;
use versioned_core::Problem;

use crate::host::{ReplaceError, RunningHost, header_value};
use crate::http::Refusal;
use crate::registry_http::{json, refuse, unknown_contract};
use crate::route::TableDocument;

/// More than any table of this form needs.
const BODY_LIMIT: usize = 1024 * 1024;

/// The routes of the admin interface.
pub(crate) fn router(host: &RunningHost) -> Router {
    Router::new()
        .route("/contracts/{contract}/routing", get(read).put(replace))
        .route("/counters", get(counters))
        .method_not_allowed_fallback(crate::registry_http::method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(host.clone())
}

async fn counters(State(host): State<RunningHost>) -> Response {
    json(&host.counters())
}

/// The table in force, with its epoch as entity tag.
pub(crate) async fn read(State(host): State<RunningHost>, Path(contract): Path<String>) -> Response {
    match host.table(&contract) {
        Some(table) => table_response(&table),
        None => refuse(unknown_contract(&host, &contract)),
    }
}

fn table_response(table: &TableDocument) -> Response {
    let mut response = json(table);
    response
        .headers_mut()
        .insert(ETAG, entity_tag(table.epoch.unwrap_or_default()));
    response
}

fn entity_tag(epoch: u64) -> HeaderValue {
    header_value(&format!("\"{epoch}\""))
}

async fn replace(
    State(host): State<RunningHost>,
    Path(contract): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match try_replace(&host, &contract, &headers, body) {
        Ok(table) => table_response(&table),
        Err(refusal) => refuse(refusal),
    }
}

/// Replaces a table: who may is checked first, then the epoch, then the table.
fn try_replace(
    host: &RunningHost,
    contract: &str,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<TableDocument, Refusal> {
    authorize(host, headers)?;
    if host.table(contract).is_none() {
        return Err(unknown_contract(host, contract));
    }
    let epoch = expected_epoch(headers)?;
    let body = body
        .map_err(|rejection| Problem::new(rejection.status().as_u16()).with_detail(rejection.body_text()))?;
    let document = read_document(headers, &body)?;
    host.replace(contract, epoch, &document)
        .map_err(|error| match error {
            ReplaceError::UnknownContract { .. } => unknown_contract(host, contract),
            ReplaceError::Conflict { current, .. } => Refusal::new(
                Problem::new(412)
                    .with_type("urn:versioned:problem:epoch-conflict")
                    .with_title("Epoch conflict")
                    .with_detail(error.to_string())
                    .with("epoch", current),
            )
            .with_header(ETAG, entity_tag(current)),
            ReplaceError::Table(error) => {
                let place = serde_json::json!({ "pointer": error.pointer(), "detail": error.to_string() });
                Problem::new(422)
                    .with_type("urn:versioned:problem:table-invalid")
                    .with_title("Routing table invalid")
                    .with_detail(error.to_string())
                    .with("errors", [place])
                    .into()
            }
        })
}

/// The bearer token (RFC 6750); without a configured one nobody may write.
fn authorize(host: &RunningHost, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(token) = &host.0.token else {
        return Err(Problem::new(403)
            .with_type("urn:versioned:problem:writes-disabled")
            .with_title("Writes disabled")
            .with_detail(
                "no admin token is configured: set VERSIONED_ADMIN_TOKEN or VERSIONED_ADMIN_TOKEN_FILE",
            )
            .into());
    };
    if token.is_carried_by(headers) {
        return Ok(());
    }
    let problem = Problem::new(401).with_detail("send the admin token: `Authorization: Bearer …`");
    Err(Refusal::new(problem).with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")))
}

/// `If-Match` with the entity tag of the table that was read (RFC 9110 section 13.1.1).
fn expected_epoch(headers: &HeaderMap) -> Result<u64, Refusal> {
    let Some(value) = headers.get(IF_MATCH) else {
        return Err(Problem::new(428)
            .with_detail(
                "send the `ETag` of the table that you have read as `If-Match`, so that nobody's change is lost",
            )
            .into());
    };
    let text = value.to_str().unwrap_or("").trim();
    let tag = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(text);
    tag.parse().map_err(|_| {
        Problem::new(400)
            .with_detail(format!(
                "`If-Match: {text}` is not the `ETag` of a table, such as `\"4\"`"
            ))
            .into()
    })
}

fn read_document(headers: &HeaderMap, body: &[u8]) -> Result<TableDocument, Refusal> {
    let media_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let essence = media_type.split(';').next().unwrap_or("").trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Problem::new(415)
            .with_detail("send the table as `Content-Type: application/json`")
            .into());
    }
    crate::http::read_json(body, "the table")
}
