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
mod baggage;
mod client_pin;
mod context;
mod counters;
mod digits;
mod drain;
mod dyes;
mod fits;
mod hook;
mod host;
mod http;
mod metrics;
mod observed;
mod registry_http;
mod serve;
mod service;
mod swap;
mod sync;
mod text;
mod text_map;
mod trace;
mod words;
mod yaml;

pub mod prelude;

#[cfg(feature = "laws")]
pub mod laws;

#[cfg(feature = "otlp")]
pub mod otlp;

#[doc(hidden)]
pub mod __private;

pub use versioned_core::*;
pub use versioned_macros::{OperationError, Responses, Schema, contract, versioned};

/// Tests the laws of a contract, with one line in a file of tests: `versioned_runtime::laws!(user_profile);`.
///
/// It takes the path to the module that `#[versioned]` stands on, and makes a test for each law. Values are made from the schemas
/// of the types, so that nothing needs to be derived for them; a failure names the contract, the type, the versions, and the
/// smallest value that was found. `cases = 32` after the path says how many values are tried, `PROPTEST_CASES` overrides it.
///
/// * What is written is read back as the same value, and fits the schema that its version publishes.
/// * `downgrade(upgrade(x)) == x` and `upgrade(downgrade(x)) == x` (compared as they are written), where nothing is made up, merged
///   with another, or `lossy(reason = "…")`: a function without that word claims to be undone by its counterpart. Of a conversion
///   that may fail, that is asked of the values that it converts.
/// * [`As`] writes what the downgraded value is written as, over one step and over several.
///
/// In `Cargo.toml`:
///
/// ```toml
/// [dev-dependencies]
/// versioned-runtime = { version = "…", features = ["laws"] }
/// ```
#[cfg(feature = "laws")]
pub use versioned_macros::laws;

/// Tests the laws of a contract; it needs the feature `laws`.
#[cfg(not(feature = "laws"))]
#[macro_export]
macro_rules! laws {
    ($($any:tt)*) => {
        ::core::compile_error!(
            "`laws!` needs the feature `laws`\nhelp: add it to the dev-dependencies: `versioned-runtime = { version = \"…\", features = [\"laws\"] }`"
        );
    };
}

pub use baggage::Baggage;
pub use client_pin::ClientPin;
pub use context::Context;
pub use counters::Counters;
pub use drain::DrainCounts;
pub use dyes::{DyeSigner, Dyes, DyesError, SigningError};
pub use host::{
    AvailabilityCommandError, CorsHeaders, ExplainRequest, Expose, Host, HostError, Limits, ReplaceError,
    RunningHost, Sources,
};
pub use http::HostService;
pub use observed::{Caller, FactSources, FactsError, Forwarding, Scores, Tiers, UserTypes};
pub use resolve::{
    AfterSunset, Availability, AvailabilityDocument, BrownOut, Fallback, Source, UnixTime, Unversioned,
};
pub use route::{Explanation, RuleDocument, TableDocument, UserKey};
pub use serve::{Listening, ServeError, Server, serve};
pub use service::{ContractConfig, ContractService};
pub use trace::TraceContext;
pub use yaml::YamlError;

/// The README's example, compiled and run with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The examples of the documentation compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/runtime.md")]
struct Documented;
