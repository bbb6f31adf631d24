//! What is said of an operation beside its form: whether it may be repeated, who may call it, and where it is listed.

use std::fmt;

use super::{Method, Operation};
use crate::deprecation::Deprecation;

/// What is said of an operation beside its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// Whether it only reads, although its method does not say so.
    pub safe: bool,
    /// Whether doing it twice is doing it once, although its method does not say so.
    pub idempotent: bool,
    /// Under which headings documents list it; under the name of its trait if there are none.
    pub tags: &'static [&'static str],
    /// The alternatives of what a caller shows; each lists what is needed together. Without alternatives, nothing is stated.
    ///
    /// Stated and compared, never enforced: who a caller is, is for a layer of the service to find out.
    pub security: &'static [&'static [Requirement]],
    /// That it will go.
    pub deprecation: Option<Deprecation>,
}

impl Marks {
    /// Nothing is said.
    pub const NONE: Self = Self {
        safe: false,
        idempotent: false,
        tags: &[],
        security: &[],
        deprecation: None,
    };
}

/// One thing that a caller shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// How it is shown.
    pub scheme: SecurityScheme,
    /// The scopes or roles that it has to stand for.
    pub scopes: &'static [&'static str],
}

/// How a caller shows who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecurityScheme {
    /// A name and a password (RFC 7617).
    Basic,
    /// A token (RFC 6750).
    Bearer,
    /// A key in a header.
    ApiKey {
        /// The name of the header, in lower case.
        header: &'static str,
    },
}

impl fmt::Display for SecurityScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecurityScheme::Basic => f.write_str("basic"),
            SecurityScheme::Bearer => f.write_str("bearer"),
            SecurityScheme::ApiKey { header } => write!(f, "api-key.{header}"),
        }
    }
}

impl Operation {
    /// Whether it only reads: by its method (RFC 9110, section 9.2.1), or marked so.
    #[must_use]
    pub const fn is_safe(&self) -> bool {
        self.method.is_safe() || self.marks.safe
    }

    /// Whether doing it twice is doing it once: by its method (RFC 9110, section 9.2.2), or marked so.
    #[must_use]
    pub const fn is_idempotent(&self) -> bool {
        self.method.is_idempotent() || self.is_safe() || self.marks.idempotent
    }
}

impl Method {
    /// Whether requests with it only read (RFC 9110, section 9.2.1).
    #[must_use]
    pub const fn is_safe(self) -> bool {
        matches!(self, Method::Get)
    }

    /// Whether sending a request with it twice is sending it once (RFC 9110, section 9.2.2).
    #[must_use]
    pub const fn is_idempotent(self) -> bool {
        matches!(self, Method::Get | Method::Put | Method::Delete)
    }
}
