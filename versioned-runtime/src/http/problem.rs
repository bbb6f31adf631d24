//! The problems that the runtime itself answers with.
//!
//! | type | status | when |
//! |---|---|---|
//! | `urn:versioned:problem:path-unknown` | 404 | no version has the path |
//! | `urn:versioned:problem:version-malformed` | 400 | a source names no version |
//! | `urn:versioned:problem:versions-disagree` | 400 | two sources exclude each other |
//! | `urn:versioned:problem:version-required` | 400 | no version is named, and the contract wants one; `versions` lists what there is |
//! | `urn:versioned:problem:client-pin-unavailable` | 503 | no version is named, and who knows the client's version cannot be asked |
//! | `urn:versioned:problem:version-unsatisfied` | 406 | no offered version satisfies the sources; `versions` lists what there is |
//! | `urn:versioned:problem:version-gone` | 410 | the version is not served any more; `versions` lists what there is |
//! | `urn:versioned:problem:version-brown-out` | 410 | the version is not served for a while, because its end is near; `until` says how long |
//! | `urn:versioned:problem:path-not-in-version` | 404 | other versions have the path; `versions` lists them |
//! | `urn:versioned:problem:method-not-allowed` | 405 | this version does not have the method here |
//! | `urn:versioned:problem:body-timeout` | 408 | the body was not sent in time |
//! | `urn:versioned:problem:body-too-large` | 413 | more bytes than the limit, counted after decompression |
//! | `urn:versioned:problem:unsupported-media-type` | 415 | the body is not of the media type that the operation reads, or encoded in an unknown way |
//! | `urn:versioned:problem:body-unreadable` | 400 | the body broke off, cannot be decompressed, or is not what its media type says |
//! | `urn:versioned:problem:body-invalid` | 422 | the body is JSON of another shape; `errors` names the places (RFC 6901 pointers) |
//! | `urn:versioned:problem:constraint-violated` | 422 | values that are readable, but not allowed; `errors` names each place and constraint |
//! | `urn:versioned:problem:value-not-convertible` | 422 | a value of the request has no counterpart in the version that the implementation works in; `pointer` says where |
//! | `urn:versioned:problem:answer-not-convertible` | 500 | the same of a value in the answer: the operation was carried out |
//! | `urn:versioned:problem:parameter-invalid` | 400 | a path, query or header parameter; `parameter` names it |
//! | `urn:versioned:problem:handler-panicked` | 500 | the implementation failed in a way that it did not expect |
//! | `urn:versioned:problem:handler-timeout` | 503 | the implementation did not answer in time |

use http::HeaderValue;
use http::header::{ALLOW, CACHE_CONTROL, HeaderName, RETRY_AFTER};
use serde_json::Value;
use versioned_core::Problem;
use versioned_core::payload::Media;

use super::Refusal;
use crate::host::{Hosted, Terms};
use crate::resolve::Malformed;

fn problem(status: u16, kind: &str, title: &'static str) -> Problem {
    Problem::new(status)
        .with_type(format!("urn:versioned:problem:{kind}"))
        .with_title(title)
}

/// Refusals by version are not for caches: what is offered changes, and so does the version of clients that name none.
fn uncached(problem: Problem) -> Refusal {
    Refusal::new(problem).with_header(CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

pub(crate) fn path_unknown(path: &str) -> Refusal {
    problem(404, "path-unknown", "Path unknown")
        .with_detail(format!("no version has the path `{path}`"))
        .into()
}

/// `source` is the name of the source for the client, see [`Sources::name`](crate::Sources).
pub(crate) fn malformed(source: &str, malformed: &Malformed, terms: &Terms) -> Refusal {
    uncached(
        problem(400, "version-malformed", "Version malformed")
            .with_detail(format!("{source}: {malformed}"))
            .with("versions", terms.listed()),
    )
}

/// A source that is not text.
pub(crate) fn unreadable(source: &str, terms: &Terms) -> Refusal {
    uncached(
        problem(400, "version-malformed", "Version malformed")
            .with_detail(format!("{source} is not readable text"))
            .with("versions", terms.listed()),
    )
}

pub(crate) fn disagree(first: &str, second: &str, terms: &Terms) -> Refusal {
    uncached(
        problem(400, "versions-disagree", "Versions disagree")
            .with_detail(format!(
                "the {first} and the {second} name versions that exclude each other: name the version once"
            ))
            .with("versions", terms.listed()),
    )
}

/// No version is named.
pub(crate) fn missing(hosted: &Hosted, terms: &Terms) -> Refusal {
    let places: Vec<String> = hosted
        .sources
        .order()
        .iter()
        .map(|source| hosted.sources.name(*source))
        .collect();
    uncached(
        problem(400, "version-required", "Version required")
            .with_detail(format!(
                "name a version of `{}`: {}",
                hosted.id(),
                places.join(", ")
            ))
            .with("versions", terms.listed()),
    )
}

/// The hook that knows the versions of clients failed.
pub(crate) fn pin_unavailable(hosted: &Hosted, terms: &Terms) -> Refusal {
    uncached(
        problem(503, "client-pin-unavailable", "Client pin unavailable")
            .with_detail(format!(
                "the version of `{}` that this client was built for cannot be found out now: name it, or try again",
                hosted.id()
            ))
            .with("versions", terms.listed()),
    )
}

pub(crate) fn unsatisfied(hosted: &Hosted, terms: &Terms) -> Refusal {
    uncached(
        problem(406, "version-unsatisfied", "Version unsatisfied")
            .with_detail(format!(
                "no offered version of `{}` satisfies what was asked for",
                hosted.id()
            ))
            .with("versions", terms.listed()),
    )
}

/// A version that is not served any more, or not for a while.
pub(crate) fn gone(hosted: &Hosted, terms: &Terms, version: usize) -> Problem {
    let state = terms.versions().get(version);
    let name = state.map_or_else(String::new, |state| state.semver.to_string());
    let problem = match state.and_then(|state| state.out_until) {
        Some(until) => problem(410, "version-brown-out", "Version brown-out")
            .with_detail(format!(
                "version {name} of `{}` is not served until {until}, because its end is near: move to a later one",
                hosted.id()
            ))
            .with("until", until.to_string()),
        None => problem(410, "version-gone", "Version gone").with_detail(format!(
            "version {name} of `{}` is not served any more",
            hosted.id()
        )),
    };
    problem.with("versions", terms.listed())
}

pub(crate) fn version_gone(hosted: &Hosted, terms: &Terms, version: usize) -> Refusal {
    let mut refusal = uncached(gone(hosted, terms, version));
    if let Some(headers) = terms.headers(version) {
        refusal.headers.extend(headers.end.iter().cloned());
    }
    match terms.versions().get(version).and_then(|state| state.out_until) {
        Some(until) => {
            let date = crate::http::respond::header_value(&until.http_date());
            refusal.with_header(RETRY_AFTER, date)
        }
        None => refusal,
    }
}

/// `having` are the offered versions that have the path.
pub(crate) fn path_not_in_version(version: &str, having: &[String]) -> Refusal {
    let place = if having.is_empty() {
        "nor has any version that is offered".to_owned()
    } else {
        format!("it is in {}", having.join(", "))
    };
    uncached(
        problem(404, "path-not-in-version", "Path not in this version")
            .with_detail(format!("version {version} does not have this path; {place}"))
            .with("versions", having),
    )
}

pub(crate) fn method_not_allowed(method: &http::Method, version: &str, allowed: HeaderValue) -> Refusal {
    uncached(
        problem(405, "method-not-allowed", "Method not allowed")
            .with_detail(format!("version {version} does not have {method} here")),
    )
    .with_header(ALLOW, allowed)
}

pub(crate) fn body_timeout() -> Refusal {
    problem(408, "body-timeout", "Body timeout")
        .with_detail("the body was not sent in time")
        .into()
}

pub(crate) fn body_too_large(limit: usize) -> Refusal {
    problem(413, "body-too-large", "Body too large")
        .with_detail(format!(
            "the body has more than {limit} bytes (counted after decompression)"
        ))
        .with("limit", limit)
        .into()
}

pub(crate) fn unsupported_media_type(found: Option<&str>, expected: Media) -> Refusal {
    let found = found.map_or_else(
        || "the body has no `Content-Type`".to_owned(),
        |f| format!("`{f}` is not readable"),
    );
    let accept = (
        HeaderName::from_static("accept"),
        HeaderValue::from_static(expected.essence()),
    );
    Refusal::new(
        problem(415, "unsupported-media-type", "Unsupported media type")
            .with_detail(format!("{found}; send `{expected}`")),
    )
    .with_header(accept.0, accept.1)
}

pub(crate) fn unsupported_encoding(found: &str) -> Refusal {
    Refusal::new(
        problem(415, "unsupported-media-type", "Unsupported media type").with_detail(format!(
            "the content encoding `{found}` is not readable; send it plain, or as gzip or deflate"
        )),
    )
    .with_header(
        http::header::ACCEPT_ENCODING,
        HeaderValue::from_static("gzip, deflate"),
    )
}

pub(crate) fn body_unreadable(detail: impl Into<String>) -> Refusal {
    problem(400, "body-unreadable", "Body unreadable")
        .with_detail(detail)
        .into()
}

/// A refusal of one line, as one of the body: pointers begin with the number of the item, from 0.
pub(crate) fn at_line(mut refusal: Refusal, line: usize, index: usize) -> Refusal {
    let problem = &mut refusal.problem;
    if let Some(detail) = &mut problem.detail {
        *detail = format!("line {line}: {detail}");
    }
    let errors = problem.extensions.get_mut("errors").and_then(Value::as_array_mut);
    for error in errors.into_iter().flatten() {
        if let Some(Value::String(pointer)) = error.get_mut("pointer") {
            pointer.insert_str(0, &format!("/{index}"));
        }
    }
    refusal
}

pub(crate) fn body_invalid(pointer: &str, detail: &str) -> Refusal {
    let place = if pointer.is_empty() {
        "the body".to_owned()
    } else {
        format!("`{pointer}`")
    };
    problem(422, "body-invalid", "Body invalid")
        .with_detail(format!("{place}: {detail}"))
        .with(
            "errors",
            [serde_json::json!({ "pointer": pointer, "detail": detail })],
        )
        .into()
}

/// `first` is the first of the errors in words; `more` is how many were left out.
pub(crate) fn constraint_violated(first: &str, errors: Vec<serde_json::Value>, more: usize) -> Refusal {
    let others = errors.len().saturating_sub(1) + more;
    let detail = match others {
        0 => first.to_owned(),
        _ => format!("{first}, and {others} more"),
    };
    let mut problem = problem(422, "constraint-violated", "Constraint violated")
        .with_detail(detail)
        .with("errors", errors);
    if more > 0 {
        problem = problem.with("more", more);
    }
    problem.into()
}

pub(crate) fn parameter_invalid(place: &str, name: &str, detail: &str) -> Refusal {
    problem(400, "parameter-invalid", "Parameter invalid")
        .with_detail(format!("{place} `{name}`: {detail}"))
        .with("parameter", name)
        .into()
}

pub(crate) fn panicked() -> Refusal {
    problem(500, "handler-panicked", "Internal error").into()
}

pub(crate) fn handler_timeout() -> Refusal {
    problem(503, "handler-timeout", "Handler timeout")
        .with_detail("the operation was not done in time")
        .into()
}
