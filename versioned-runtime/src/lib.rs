//! Serves every version of a contract from one binary, and moves traffic between implementations while it runs.
//!
//! The one crate that a service names: it re-exports the vocabulary ([`versioned_core`]) and the macros
//! ([`versioned`], [`OperationError`](derive@OperationError), [`Schema`](derive@Schema)).
//!
//! ```text
//! bytes → hyper/axum → resolve → route → dispatch → implementation → respond
//!               resolved version  serving version   (bridge?)      headers
//! ```
//!
//! [`resolve`] and [`route`] decide and do no I/O; [`http`](crate::Host), registry, admin and [`serve()`] do I/O and decide nothing.

pub mod resolve;
pub mod route;

mod admin;
mod context;
mod counters;
mod host;
mod http;
mod registry_http;
mod serve;
mod service;

pub mod prelude;

#[doc(hidden)]
pub mod __private;

pub use versioned_core::*;
pub use versioned_macros::{OperationError, Schema, contract, versioned};

pub use context::Context;
pub use counters::Counters;
pub use host::{Expose, Host, HostError, Limits, ReplaceError, RunningHost, Sources};
pub use http::HostService;
pub use resolve::Availability;
pub use route::{TableDocument, UserKey};
pub use serve::{Listening, ServeError, Server, serve};
pub use service::{ContractConfig, ContractService};

/// The README's example, compiled and run with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
