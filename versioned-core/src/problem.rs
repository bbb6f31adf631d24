//! Problem documents (RFC 9457) and the errors of operations that become them.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::schema::Field;

/// A problem document, as `application/problem+json` carries it (RFC 9457).
///
/// It is also the ready-made error type of operations that need no enum of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// A URI reference that names the kind of problem; `about:blank` if the status says it all.
    #[serde(rename = "type", default = "about_blank")]
    pub type_uri: Cow<'static, str>,
    /// A short summary of the kind, the same each time.
    #[serde(default)]
    pub title: Cow<'static, str>,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// A URI reference that names this occurrence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<Box<str>>,
    /// Further members, as the kind of problem defines them.
    #[serde(flatten)]
    pub extensions: Map<String, Value>,
}

fn about_blank() -> Cow<'static, str> {
    Cow::Borrowed("about:blank")
}

impl Problem {
    /// A problem of no further kind: the title is the standard phrase of the status.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self {
            type_uri: about_blank(),
            title: Cow::Borrowed(reason_phrase(status)),
            status,
            detail: None,
            instance: None,
            extensions: Map::new(),
        }
    }

    /// A 500 that says nothing of its cause: log that, do not send it.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(500)
    }

    /// With the URI of the kind of problem.
    #[must_use]
    pub fn with_type(mut self, type_uri: impl Into<Cow<'static, str>>) -> Self {
        self.type_uri = type_uri.into();
        self
    }

    /// With a title.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.title = title.into();
        self
    }

    /// With what went wrong this time.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// With a further member; one that cannot be written as JSON is left out.
    #[must_use]
    pub fn with(mut self, member: impl Into<String>, value: impl Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.extensions.insert(member.into(), value);
        }
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.title)?;
        self.detail
            .as_ref()
            .map_or(Ok(()), |detail| write!(f, ": {detail}"))
    }
}

impl std::error::Error for Problem {}

/// The error of an operation: each value is a problem document, and any problem document is a value.
///
/// Derive it on an enum; the derive demands one `#[problem(other)]` variant holding a [`Problem`], where transport,
/// routing, failed conversions and errors that an older version does not know arrive.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the error of an operation",
    note = "add `#[derive(OperationError)]` to it, or use the ready-made `Problem`"
)]
pub trait OperationError: Sized + Send + 'static {
    /// The kinds that are documented one by one; everything else is the `default` response.
    const PROBLEMS: &'static [ProblemSpec];

    /// The document that is sent.
    fn into_problem(self) -> Problem;

    /// The value that a received document stands for.
    fn from_problem(problem: Problem) -> Self;
}

impl OperationError for Problem {
    const PROBLEMS: &'static [ProblemSpec] = &[];

    fn into_problem(self) -> Problem {
        self
    }

    fn from_problem(problem: Problem) -> Self {
        problem
    }
}

/// A member of a received document, if it is there and fits.
#[doc(hidden)]
#[must_use]
pub fn problem_member<T: serde::de::DeserializeOwned>(problem: &Problem, name: &str) -> Option<T> {
    let value = problem.extensions.get(name).unwrap_or(&Value::Null);
    T::deserialize(value).ok()
}

/// One documented kind of problem.
#[derive(Debug)]
pub struct ProblemSpec {
    /// The error type, by its name in the source.
    pub owner: &'static str,
    /// The variant, by its name in the source.
    pub variant: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The URI of the kind.
    pub type_uri: &'static str,
    /// The short summary.
    pub title: &'static str,
    /// The doc comment of the variant.
    pub doc: &'static str,
    /// The further members of the document.
    pub members: &'static [Field],
}

/// The standard phrase of a status (RFC 9110 section 15); `Unknown` for others.
#[must_use]
pub const fn reason_phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        203 => "Non-Authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        423 => "Locked",
        424 => "Failed Dependency",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        507 => "Insufficient Storage",
        _ => "Unknown",
    }
}
