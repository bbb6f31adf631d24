//! The admin interface: routing tables to read and to replace by compare-and-set, and counters.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::{CONTENT_TYPE, ETAG, IF_MATCH, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use axum::routing::get;
use versioned_core::Problem;

use crate::host::{ReplaceError, RunningHost, header_value};
use crate::registry_http::{json, problem, unknown_contract};
use crate::route::TableDocument;

/// More than any table of this form needs.
const BODY_LIMIT: usize = 1024 * 1024;

/// The routes of the admin interface.
pub(crate) fn router(host: &RunningHost) -> Router {
    Router::new()
        .route("/contracts/{contract}/routing", get(read).put(replace))
        .route("/counters", get(counters))
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
        None => unknown_contract(&host, &contract),
    }
}

fn table_response(table: &TableDocument) -> Response {
    let mut response = json(table);
    let epoch = table.epoch.unwrap_or_default();
    response
        .headers_mut()
        .insert(ETAG, header_value(&format!("\"{epoch}\"")));
    response
}

/// Replaces a table: who may is checked first, then the epoch, then the table.
async fn replace(
    State(host): State<RunningHost>,
    Path(contract): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Response {
    if let Err(refused) = authorize(&host, &headers) {
        return refused;
    }
    if host.table(&contract).is_none() {
        return unknown_contract(&host, &contract);
    }
    let epoch = match expected_epoch(&headers) {
        Ok(epoch) => epoch,
        Err(refused) => return refused,
    };
    let body = match body {
        Ok(body) => body,
        Err(rejection) => {
            return problem(&Problem::new(rejection.status().as_u16()).with_detail(rejection.body_text()));
        }
    };
    let document = match read_document(&headers, &body) {
        Ok(document) => document,
        Err(refused) => return refused,
    };
    match host.replace(&contract, epoch, &document) {
        Ok(table) => table_response(&table),
        Err(ReplaceError::UnknownContract { .. }) => unknown_contract(&host, &contract),
        Err(error @ ReplaceError::Conflict { current, .. }) => {
            let mut response = problem(
                &Problem::new(412)
                    .with_type("urn:versioned:problem:epoch-conflict")
                    .with_title("Epoch conflict")
                    .with_detail(error.to_string())
                    .with("epoch", current),
            );
            response
                .headers_mut()
                .insert(ETAG, header_value(&format!("\"{current}\"")));
            response
        }
        Err(ReplaceError::Table(error)) => {
            let place = serde_json::json!({ "pointer": error.pointer(), "detail": error.to_string() });
            problem(
                &Problem::new(422)
                    .with_type("urn:versioned:problem:table-invalid")
                    .with_title("Routing table invalid")
                    .with_detail(error.to_string())
                    .with("errors", [place]),
            )
        }
    }
}

/// The bearer token (RFC 6750); without a configured one nobody may write.
fn authorize(host: &RunningHost, headers: &HeaderMap) -> Result<(), Response> {
    let Some(token) = &host.0.token else {
        return Err(problem(
            &Problem::new(403)
                .with_type("urn:versioned:problem:writes-disabled")
                .with_title("Writes disabled")
                .with_detail(
                    "no admin token is configured: set VERSIONED_ADMIN_TOKEN or VERSIONED_ADMIN_TOKEN_FILE",
                ),
        ));
    };
    if token.is_carried_by(headers) {
        return Ok(());
    }
    let mut response =
        problem(&Problem::new(401).with_detail("send the admin token: `Authorization: Bearer …`"));
    response
        .headers_mut()
        .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    Err(response)
}

/// `If-Match` with the entity tag of the table that was read (RFC 9110 section 13.1.1).
fn expected_epoch(headers: &HeaderMap) -> Result<u64, Response> {
    let Some(value) = headers.get(IF_MATCH) else {
        return Err(problem(&Problem::new(428).with_detail(
            "send the `ETag` of the table that you have read as `If-Match`, so that nobody's change is lost",
        )));
    };
    let text = value.to_str().unwrap_or("").trim();
    let tag = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(text);
    tag.parse().map_err(|_| {
        problem(&Problem::new(400).with_detail(format!(
            "`If-Match: {text}` is not the `ETag` of a table, such as `\"4\"`"
        )))
    })
}

fn read_document(headers: &HeaderMap, body: &[u8]) -> Result<TableDocument, Response> {
    let media_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let essence = media_type.split(';').next().unwrap_or("").trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(problem(
            &Problem::new(415).with_detail("send the table as `Content-Type: application/json`"),
        ));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let read: Result<TableDocument, _> = serde_path_to_error::deserialize(&mut deserializer);
    let refuse = |error: &serde_json::Error, place: String| {
        let status = if error.is_data() { 422 } else { 400 };
        let place = serde_json::json!({ "pointer": place, "detail": error.to_string() });
        let detail = format!("the table cannot be read: {error}");
        problem(&Problem::new(status).with_detail(detail).with("errors", [place]))
    };
    let table = read.map_err(|error| {
        let place = match error.path().to_string().as_str() {
            "." => String::new(),
            path => format!("/{}", path.replace('.', "/")),
        };
        refuse(error.inner(), place)
    })?;
    deserializer
        .end()
        .map_err(|error| refuse(&error, String::new()))?;
    Ok(table)
}
