//! The admin interface: routing tables and the availability of versions, to read and to replace by compare-and-set; and counters.

mod availability;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::header::{
    ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_MATCH, LINK, VARY, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::de::DeserializeOwned;
use versioned_core::Problem;

use crate::host::{ExplainRequest, ReplaceError, RunningHost, header_value};
use crate::http::{Refusal, problem};
use crate::registry_http::{Names, TABLE_SCHEMA, json, refuse, unknown_contract};
use crate::resolve::Availability;
use crate::route::{Explanation, TableDocument, TableError};

/// More than any table of this form needs.
const BODY_LIMIT: usize = 1024 * 1024;
/// The media type of YAML (RFC 9512).
pub(crate) const YAML: &str = "application/yaml";

/// The routes of the admin interface.
pub(crate) fn router(host: &RunningHost) -> Router {
    Router::new()
        .route("/contracts/{contract}/routing", get(read).put(replace))
        .route("/contracts/{contract}/routing/explain", post(explain))
        .route(
            "/contracts/{contract}/versions/{version}/availability",
            get(availability::read).put(availability::replace),
        )
        .route("/contracts/{contract}/drain", get(drain))
        .route("/counters", get(counters))
        .route(TABLE_SCHEMA, get(crate::registry_http::table_schema))
        .method_not_allowed_fallback(crate::registry_http::method_not_allowed)
        .with_state(host.clone())
}

/// A path that the admin interface, or the listener of metrics, does not have; only where it has a listener of its own, so that elsewhere it is the application's.
pub(crate) async fn unknown_path(uri: axum::http::Uri) -> Response {
    let problem = Problem::new(404)
        .with_type("urn:versioned:problem:path-unknown")
        .with_title("Path unknown")
        .with_detail(format!("there is no path `{}` here", uri.path()));
    refuse(problem.into())
}

async fn counters(State(host): State<RunningHost>) -> Response {
    json(&host.counters())
}

/// The requests of a contract that are under way, by epoch.
async fn drain(State(host): State<RunningHost>, Names(contract): Names<String>) -> Response {
    match host.index(&contract) {
        Some(index) => json(&serde_json::json!({ "contract": contract, "epochs": host.drains(index) })),
        None => refuse(unknown_contract(&host, &contract)),
    }
}

/// The table in force, with its epoch as entity tag. The keys of pinned users, and what is said of hidden versions, are for those who carry
/// the token.
pub(crate) async fn read(
    State(host): State<RunningHost>,
    Names(contract): Names<String>,
    headers: HeaderMap,
) -> Response {
    let found = {
        let host = host.clone();
        let contract = contract.clone();
        apart(move || host.table(&contract)).await
    };
    match found {
        Some(mut table) => {
            let whole = authorize(&host, &headers).is_ok() || !hide(&host, &contract, &mut table);
            let mut response = table_response(&table, &headers);
            if !whole {
                // `If-Match` never takes a weak tag (RFC 9110 section 13.1.1): to write this back would drop what was hidden.
                let tag = weak_tag(table.epoch.unwrap_or_default());
                response.headers_mut().insert(ETAG, tag);
            }
            response
        }
        None => refuse(unknown_contract(&host, &contract)),
    }
}

/// Takes out of a table what is not for everybody; whether there was anything.
fn hide(host: &RunningHost, contract: &str, table: &mut TableDocument) -> bool {
    let pinned = !std::mem::take(&mut table.pins).is_empty();
    let snapshot = host.snapshot();
    let terms = host.index(contract).and_then(|index| snapshot.beside(index));
    let versions = terms.map_or(&[][..], |terms| terms.versions());
    let hidden = versions
        .iter()
        .filter(|state| state.availability == Availability::Hidden);
    let mut names: Vec<String> = hidden.map(|state| state.semver.to_string()).collect();
    let labels = table.labels.iter().filter(|(_, name)| names.contains(name));
    let labels: Vec<String> = labels.map(|(label, _)| label.clone()).collect();
    names.extend(labels);
    let is_told = |name: &String| !names.contains(name);
    let before = table.clone();
    table.stable = table.stable.take().filter(is_told);
    table.shares.retain(|name, _| is_told(name));
    table.labels.retain(|label, _| is_told(label));
    table.rolled_back.retain(is_told);
    if let Some(implementations) = &mut table.implementations {
        implementations.retain(is_told);
    }
    table.rules.retain_mut(|rule| {
        rule.to.retain(|name, _| is_told(name));
        !rule.to.is_empty()
    });
    let changed = *table != before;
    if changed {
        // They tell of rules that are not there.
        table.findings.clear();
    }
    pinned || changed
}

/// A table in the form that the client wants: JSON, or YAML for those that name it.
fn table_response(table: &TableDocument, headers: &HeaderMap) -> Response {
    let mut response = if wants_yaml(headers) {
        match crate::yaml::write(table) {
            Ok(text) => ([(CONTENT_TYPE, YAML)], text).into_response(),
            Err(error) => {
                tracing::error!(%error, "a routing table could not be written");
                refuse(Refusal::internal())
            }
        }
    } else {
        json(table)
    };
    let answered = response.headers_mut();
    answered.insert(ETAG, entity_tag(table.epoch.unwrap_or_default()));
    answered.insert(VARY, HeaderValue::from_static("accept"));
    // Seen from the table, so that it leads there wherever the routes are nested (RFC 8288 section 3.1).
    answered.insert(
        LINK,
        header_value(&format!("<../..{TABLE_SCHEMA}>; rel=\"describedby\"")),
    );
    response
}

fn entity_tag(epoch: u64) -> HeaderValue {
    header_value(&format!("\"{epoch}\""))
}

/// Whether a client names YAML, and does not want JSON more.
fn wants_yaml(headers: &HeaderMap) -> bool {
    let quality = |essence: &str| {
        let lines = headers.get_all(ACCEPT).iter();
        let ranges = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','));
        let named = ranges.filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            parts.next().filter(|found| found.eq_ignore_ascii_case(essence))?;
            let quality = parts.find_map(|part| part.strip_prefix("q="));
            Some(quality.map_or(1.0, |quality| quality.parse().unwrap_or(0.0)))
        });
        named.fold(0.0_f64, f64::max)
    };
    let yaml = quality(YAML);
    yaml > 0.0 && yaml >= quality("application/json")
}

fn weak_tag(epoch: u64) -> HeaderValue {
    header_value(&format!("W/\"{epoch}\""))
}

async fn replace(
    State(host): State<RunningHost>,
    Names(contract): Names<String>,
    headers: HeaderMap,
    Written(body): Written,
) -> Response {
    apart(move || match try_replace(&host, &contract, &headers, &body) {
        Ok(table) => table_response(&table, &headers),
        Err(refusal) => refuse(refusal),
    })
    .await
}

/// Does what takes a while on a thread that serves no requests: compiling rules, and comparing them.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let span = tracing::Span::current();
    match tokio::task::spawn_blocking(move || span.in_scope(work)).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime ends, and with it whoever waits for this.
            Err(_) => std::future::pending().await,
        },
    }
}

/// Replaces a table: who may was checked first, then the epoch is, then the table.
fn try_replace(
    host: &RunningHost,
    contract: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<TableDocument, Refusal> {
    if host.index(contract).is_none() {
        return Err(unknown_contract(host, contract));
    }
    let epoch = expected_epoch(headers)?;
    let document = read_table(headers, body)?;
    host.replace(contract, epoch, &document)
        .map_err(|error| match error {
            ReplaceError::UnknownContract { .. } => unknown_contract(host, contract),
            ReplaceError::Conflict { current, .. } => conflict(current, &error.to_string()),
            ReplaceError::Table(error) => table_invalid(&error),
        })
}

async fn explain(
    State(host): State<RunningHost>,
    Names(contract): Names<String>,
    headers: HeaderMap,
    Written(body): Written,
) -> Response {
    apart(move || match try_explain(&host, &contract, &headers, &body) {
        Ok(explanation) => json(&explanation),
        Err(refusal) => refuse(refusal),
    })
    .await
}

/// Tells how a request would be routed; the table holds the keys of pinned users, so it takes the token.
fn try_explain(
    host: &RunningHost,
    contract: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Explanation, Refusal> {
    if host.index(contract).is_none() {
        return Err(unknown_contract(host, contract));
    }
    let request: ExplainRequest = read_document(headers, body, "the request to explain", "")?;
    host.explain(contract, &request).ok_or_else(|| {
        Problem::new(422)
            .with_detail(format!(
                "`{contract}` has no operation `{}` in version `{}`; write a full version and the name of an operation",
                request.operation, request.version
            ))
            .into()
    })
}

/// Somebody else was faster.
fn conflict(current: u64, detail: &str) -> Refusal {
    Refusal::new(
        Problem::new(412)
            .with_type("urn:versioned:problem:epoch-conflict")
            .with_title("Epoch conflict")
            .with_detail(detail)
            .with("epoch", current),
    )
    .with_header(ETAG, entity_tag(current))
}

fn table_invalid(error: &TableError) -> Refusal {
    let place = serde_json::json!({ "pointer": error.pointer(), "detail": error.to_string() });
    Problem::new(422)
        .with_type("urn:versioned:problem:table-invalid")
        .with_title("Routing table invalid")
        .with_detail(error.to_string())
        .with("errors", [place])
        .into()
}

/// What somebody writes who may: nothing is read of the body of anybody else.
struct Written(Bytes);

impl FromRequest<RunningHost> for Written {
    type Rejection = Response;

    async fn from_request(request: Request, host: &RunningHost) -> Result<Self, Response> {
        let headers = request.headers();
        authorize(host, headers).map_err(refuse)?;
        if let Some(encoding) = headers.get(CONTENT_ENCODING).filter(|value| *value != "identity") {
            let encoding = String::from_utf8_lossy(encoding.as_bytes()).into_owned();
            let detail = format!("`Content-Encoding: {encoding}` is not understood here; send it as it is");
            return Err(refuse(Problem::new(415).with_detail(detail).into()));
        }
        let limits = host.0.settings.limits;
        let body = axum::body::to_bytes(request.into_body(), BODY_LIMIT);
        match tokio::time::timeout(limits.body_timeout, body).await {
            Ok(Ok(bytes)) => Ok(Self(bytes)),
            Ok(Err(error)) => {
                let too_large = std::error::Error::source(&error)
                    .is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>);
                Err(refuse(if too_large {
                    problem::body_too_large(BODY_LIMIT)
                } else {
                    problem::body_unreadable(format!("the body broke off: {error}"))
                }))
            }
            Err(_) => Err(refuse(problem::body_timeout())),
        }
    }
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
    if text.starts_with("W/") {
        return Err(Problem::new(412)
            .with_type("urn:versioned:problem:table-partial")
            .with_title("Table was read in part")
            .with_detail(format!(
                "`If-Match: {text}` is of a table of which not all was shown (pins, and what is said of hidden versions), and would be lost: read it with the admin token, then write it"
            ))
            .into());
    }
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

/// A table, as JSON or as YAML.
fn read_table(headers: &HeaderMap, body: &[u8]) -> Result<TableDocument, Refusal> {
    if !essence(headers).eq_ignore_ascii_case(YAML) {
        return read_document(headers, body, "the table", " or `application/yaml`");
    }
    let unreadable = |detail: &str| problem::body_unreadable(format!("the table is not YAML: {detail}"));
    let text = std::str::from_utf8(body).map_err(|_| unreadable("it is not UTF-8"))?;
    crate::yaml::read(text).map_err(|error| {
        if error.is_data() {
            problem::body_invalid(error.pointer(), &error.to_string())
        } else {
            unreadable(&error.to_string())
        }
    })
}

/// The media type of a body, without parameters.
fn essence(headers: &HeaderMap) -> &str {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.unwrap_or("").split(';').next().unwrap_or("").trim()
}

/// A document of the admin interface; `what` is its name in errors, and `or` what else it may come as.
fn read_document<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: &[u8],
    what: &'static str,
    or: &'static str,
) -> Result<T, Refusal> {
    if !essence(headers).eq_ignore_ascii_case("application/json") {
        return Err(Problem::new(415)
            .with_detail(format!("send {what} as `Content-Type: application/json`{or}"))
            .into());
    }
    crate::http::read_json(body, what)
}
