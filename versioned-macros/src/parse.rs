//! Stage one: what was typed, with the span of every word; nothing here knows what it means.

pub(crate) mod args;
pub(crate) mod chain;
pub(crate) mod dates;
mod entries;
pub(crate) mod http;
pub(crate) mod marks;
pub(crate) mod openapi;
pub(crate) mod placement;
pub(crate) mod verbs;

pub(crate) use entries::{Entry, Value, entries};
