//! Problem documents (RFC 9457) and the errors of operations that become them.

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::schema::Field;

/// A problem document, as `application/problem+json` carries it (RFC 9457).
///
/// It is also the ready-made error type of operations that need no enum of their own.
///
/// Any object is read as one: a standard member that is missing or of a wrong type says nothing (section 3.1).
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// A URI reference that names the kind of problem; `about:blank` if the status says it all.
    pub type_uri: Cow<'static, str>,
    /// A short summary of the kind, the same each time; empty if a received document has none.
    pub title: Cow<'static, str>,
    /// The HTTP status; 0, which is not written, if a received document does not repeat it.
    pub status: u16,
    /// What went wrong this time.
    pub detail: Option<String>,
    /// A URI reference that names this occurrence.
    pub instance: Option<Box<str>>,
    /// Further members, as the kind of problem defines them; what stands in here under a standard name is not written.
    pub extensions: Map<String, Value>,
}

/// The members that every problem document may have.
const STANDARD: [&str; 5] = ["type", "title", "status", "detail", "instance"];

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("type", &self.type_uri)?;
        members.serialize_entry("title", &self.title)?;
        if self.status != 0 {
            members.serialize_entry("status", &self.status)?;
        }
        if let Some(detail) = &self.detail {
            members.serialize_entry("detail", detail)?;
        }
        if let Some(instance) = &self.instance {
            members.serialize_entry("instance", instance)?;
        }
        for (name, value) in &self.extensions {
            if !STANDARD.contains(&name.as_str()) {
                members.serialize_entry(name, value)?;
            }
        }
        members.end()
    }
}

impl<'de> Deserialize<'de> for Problem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fn take<T: DeserializeOwned>(members: &mut Map<String, Value>, name: &str) -> Option<T> {
            members.remove(name).and_then(|value| T::deserialize(value).ok())
        }
        let mut members = Map::deserialize(deserializer)?;
        Ok(Self {
            type_uri: take(&mut members, "type").map_or_else(about_blank, Cow::Owned),
            title: take(&mut members, "title").unwrap_or_default(),
            status: take(&mut members, "status").unwrap_or_default(),
            detail: take(&mut members, "detail"),
            instance: take(&mut members, "instance"),
            extensions: members,
        })
    }
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

    /// With a further member; one that cannot be written as JSON is left out, and so is one of a standard name: it has a method of
    /// its own.
    #[must_use]
    pub fn with(mut self, member: impl Into<String>, value: impl Serialize) -> Self {
        let member = member.into();
        if STANDARD.contains(&member.as_str()) {
            return self;
        }
        if let Ok(value) = serde_json::to_value(value) {
            self.extensions.insert(member, value);
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
    message = "`{Self}` is not the error of an operation [V0106]",
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
pub fn problem_member<T: DeserializeOwned>(problem: &Problem, name: &str) -> Option<T> {
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

/// The standard phrase of a status (RFC 9110 section 15, and the IANA registry of statuses); `Unknown` for others.
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
        207 => "Multi-Status",
        208 => "Already Reported",
        226 => "IM Used",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        305 => "Use Proxy",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        423 => "Locked",
        424 => "Failed Dependency",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        506 => "Variant Also Negotiates",
        507 => "Insufficient Storage",
        508 => "Loop Detected",
        510 => "Not Extended",
        511 => "Network Authentication Required",
        _ => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_that_are_missing_or_of_a_wrong_type_say_nothing() {
        let read = |document: Value| serde_json::from_value::<Problem>(document).unwrap();
        let missing = read(json!({ "type": "urn:a", "n": 7 }));
        assert_eq!((&*missing.type_uri, missing.status), ("urn:a", 0));
        assert_eq!(missing.extensions["n"], 7);
        assert_eq!(serde_json::to_value(&missing).unwrap().get("status"), None);
        let wrong = json!({ "type": 5, "title": null, "status": "404", "detail": {}, "instance": [] });
        assert_eq!(read(wrong), read(json!({})));
        assert_eq!(read(json!({})).type_uri, "about:blank");
        assert!(serde_json::from_value::<Problem>(json!(["urn:a"])).is_err());

        let whole = Problem::new(404).with_detail("no").with("n", 7);
        assert_eq!(read(serde_json::to_value(&whole).unwrap()), whole);
    }

    #[test]
    fn no_member_stands_there_twice() {
        let mut problem = Problem::new(404).with("status", "x");
        assert!(problem.extensions.is_empty());
        problem.extensions.insert("title".to_owned(), json!("y"));
        let text = serde_json::to_string(&problem).unwrap();
        assert_eq!(text, r#"{"type":"about:blank","title":"Not Found","status":404}"#);
    }

    /// As the registry has them (<https://www.iana.org/assignments/http-status-codes>).
    #[test]
    fn every_registered_error_has_its_phrase() {
        let unassigned = [418, 419, 420, 427, 430];
        let errors = (400..=431).chain([451]).chain(500..=508).chain(510..=511);
        for status in errors.filter(|status| !unassigned.contains(status)) {
            assert_ne!(reason_phrase(status), "Unknown", "{status}");
        }
        assert_eq!(reason_phrase(414), "URI Too Long");
        assert_eq!(reason_phrase(418), "Unknown");
    }
}
