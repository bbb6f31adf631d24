//! The registry over HTTP: which contracts, versions, breaks, migrations, routing tables and OpenAPI documents this binary carries.

mod catalog;
mod documents;
mod interface;

use axum::Router;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use versioned_core::Problem;
use versioned_core::contract::Contract;

use crate::host::RunningHost;
use crate::http::{self, Refusal};
use crate::resolve::Availability;

pub(crate) use catalog::{PATH as CATALOG, router as well_known};

/// Where the schema of routing tables is, below the prefix.
pub(crate) const TABLE_SCHEMA: &str = "/schemas/routing-table.json";

/// The paths of the registry, below its prefix, in the order of [`router`].
pub(crate) const PATHS: [&str; 7] = [
    "/contracts",
    "/contracts/{contract}",
    "/contracts/{contract}/versions/{version}",
    "/contracts/{contract}/versions/{version}/openapi.json",
    "/contracts/{contract}/routing",
    "/openapi.json",
    TABLE_SCHEMA,
];

/// The routes of the registry, below its prefix.
pub(crate) fn router(host: &RunningHost) -> Router {
    let answers = [
        get(contracts),
        get(contract),
        get(version),
        get(openapi),
        get(crate::admin::read),
        get(interface),
        get(table_schema),
    ];
    PATHS
        .into_iter()
        .zip(answers)
        .fold(Router::new(), |router, (path, answer)| router.route(path, answer))
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(host.clone())
}

/// The names in a path; what cannot be decoded is a problem document, as every refusal is.
pub(crate) struct Names<T>(pub(crate) T);

impl<S: Send + Sync, T: serde::de::DeserializeOwned + Send> FromRequestParts<S> for Names<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let Path(names) = Path::from_request_parts(parts, state)
            .await
            .map_err(|rejection| {
                let problem = Problem::new(rejection.status().as_u16())
                    .with_type("urn:versioned:problem:parameter-invalid")
                    .with_title("Parameter invalid")
                    .with_detail(rejection.body_text());
                refuse(problem.into())
            })?;
        Ok(Self(names))
    }
}

/// A path of the registry or of the admin interface, with a method that it does not have.
pub(crate) async fn method_not_allowed(method: Method) -> Response {
    let problem = Problem::new(405)
        .with_type("urn:versioned:problem:method-not-allowed")
        .with_title("Method not allowed")
        .with_detail(format!("there is no {method} here"));
    refuse(problem.into())
}

async fn contracts(State(host): State<RunningHost>) -> Response {
    json(&documents::contracts(&host))
}

async fn contract(State(host): State<RunningHost>, Names(contract): Names<String>) -> Response {
    match host.index(&contract) {
        Some(index) => json(&documents::contract(&host, index)),
        None => refuse(unknown_contract(&host, &contract)),
    }
}

async fn version(
    State(host): State<RunningHost>,
    Names((contract, version)): Names<(String, String)>,
) -> Response {
    match find(&host, &contract, &version) {
        Ok((index, version)) => json(&documents::version(&host, index, version)),
        Err(refusal) => refuse(refusal),
    }
}

async fn openapi(
    State(host): State<RunningHost>,
    Names((contract, version)): Names<(String, String)>,
) -> Response {
    match find(&host, &contract, &version) {
        Ok((index, version)) => document(host.0.contracts[index].contracts[version]),
        Err(refusal) => refuse(refusal),
    }
}

fn document(contract: &'static Contract) -> Response {
    let body = versioned_core::openapi::json(contract);
    // The media type of OpenAPI documents (draft-ietf-httpapi-rest-api-mediatypes).
    let media_type = HeaderValue::from_static("application/vnd.oai.openapi+json;version=3.1");
    ([(CONTENT_TYPE, media_type)], body).into_response()
}

async fn interface(State(host): State<RunningHost>) -> Response {
    json(&interface::document(&host))
}

pub(crate) async fn table_schema() -> Response {
    // The media type of JSON Schema (draft-bhutton-json-schema-01 section 14.1).
    let media_type = HeaderValue::from_static("application/schema+json");
    ([(CONTENT_TYPE, media_type)], interface::json_schema().to_string()).into_response()
}

/// The indices of a contract and of its version.
pub(crate) fn find(host: &RunningHost, contract: &str, version: &str) -> Result<(usize, usize), Refusal> {
    let index = host
        .index(contract)
        .ok_or_else(|| unknown_contract(host, contract))?;
    let versions = host.0.contracts[index].contracts;
    let found = versions
        .iter()
        .position(|contract| contract.version.to_string() == version);
    found.map(|version| (index, version)).ok_or_else(|| {
        let snapshot = host.snapshot();
        let hidden = |version| {
            let terms = snapshot.beside(index);
            terms.is_none_or(|terms| terms.availability(version) == Availability::Hidden)
        };
        let known: Vec<String> = versions
            .iter()
            .enumerate()
            .filter(|(version, _)| !hidden(*version))
            .map(|(_, contract)| contract.version.to_string())
            .collect();
        Problem::new(404)
            .with_type("urn:versioned:problem:version-unknown")
            .with_title("Version unknown")
            .with_detail(format!(
                "`{contract}` has no version `{version}`; it has {}",
                known.join(", ")
            ))
            .with("versions", known)
            .into()
    })
}

/// A contract that this host does not serve.
pub(crate) fn unknown_contract(host: &RunningHost, contract: &str) -> Refusal {
    let known: Vec<&str> = host.0.contracts.iter().map(crate::host::Hosted::id).collect();
    Problem::new(404)
        .with_type("urn:versioned:problem:contract-unknown")
        .with_title("Contract unknown")
        .with_detail(format!(
            "this host does not serve `{contract}`; it serves {}",
            known.join(", ")
        ))
        .with("contracts", known)
        .into()
}

/// The answer of a refusal.
pub(crate) fn refuse(refusal: Refusal) -> Response {
    http::answer(refusal.into_reply())
}

/// A JSON answer.
pub(crate) fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => (
            [(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
            body,
        )
            .into_response(),
        Err(error) => {
            tracing::error!(%error, "a registry document could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
