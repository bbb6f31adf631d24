//! The availability of a version, to read and to move.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::ETAG;
use axum::response::Response;
use versioned_core::Problem;

use super::Written;
use crate::host::{AvailabilityCommandError as Error, RunningHost};
use crate::http::Refusal;
use crate::registry_http::{Names, find, json, refuse, unknown_contract};
use crate::resolve::AvailabilityDocument;

/// What clients may ask of a version, with the epoch as entity tag.
pub(super) async fn read(
    State(host): State<RunningHost>,
    Names((contract, version)): Names<(String, String)>,
) -> Response {
    match host.availability(&contract, &version) {
        Some(document) => response(&document),
        None => refuse(unknown(&host, &contract, &version)),
    }
}

pub(super) async fn replace(
    State(host): State<RunningHost>,
    Names((contract, version)): Names<(String, String)>,
    headers: HeaderMap,
    Written(body): Written,
) -> Response {
    let work = move || match try_replace(&host, &contract, &version, &headers, &body) {
        Ok(document) => response(&document),
        Err(refusal) => refuse(refusal),
    };
    super::apart(work).await
}

/// Moves the availability: who may was checked first, then the epoch is, then the command.
fn try_replace(
    host: &RunningHost,
    contract: &str,
    version: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<AvailabilityDocument, Refusal> {
    find(host, contract, version)?;
    let epoch = super::expected_epoch(headers)?;
    let document: AvailabilityDocument = super::read_document(headers, body, "the availability", "")?;
    host.set_availability(contract, version, epoch, &document)
        .map_err(|error| match error {
            Error::UnknownContract { .. } | Error::UnknownVersion { .. } => unknown(host, contract, version),
            Error::Conflict { current, .. } => super::conflict(current, &error.to_string()),
            Error::Table(error) => super::table_invalid(&error),
            Error::Command(error) => {
                let place = serde_json::json!({ "pointer": error.pointer(), "detail": error.to_string() });
                Problem::new(422)
                    .with_type("urn:versioned:problem:availability-invalid")
                    .with_title("Availability invalid")
                    .with_detail(error.to_string())
                    .with("errors", [place])
                    .into()
            }
        })
}

fn unknown(host: &RunningHost, contract: &str, version: &str) -> Refusal {
    match find(host, contract, version) {
        Err(refusal) => refusal,
        Ok(_) => unknown_contract(host, contract),
    }
}

fn response(document: &AvailabilityDocument) -> Response {
    let mut response = json(document);
    response
        .headers_mut()
        .insert(ETAG, super::entity_tag(document.epoch.unwrap_or_default()));
    response
}
