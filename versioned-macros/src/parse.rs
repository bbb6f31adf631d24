//! Stage one: what was typed, with the span of every word; nothing here knows what it means.

pub(crate) mod args;
pub(crate) mod chain;
pub(crate) mod dates;
mod entries;
pub(crate) mod examples;
pub(crate) mod http;
pub(crate) mod marks;
pub(crate) mod openapi;
pub(crate) mod placement;
pub(crate) mod verbs;

pub(crate) use entries::{Entry, Value, entries};

/// The attributes that only `#[versioned]` understands: they are taken away, whatever becomes of the rest.
pub(crate) const OURS: [&str; 14] = [
    "version",
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "query",
    "header",
    "openapi",
    "safe",
    "idempotent",
    "tags",
    "security",
    "example",
];
