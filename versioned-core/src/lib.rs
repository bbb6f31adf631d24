//! The vocabulary of `versioned`: versions, schemas, contracts, the compatibility engine, migrations and the registry.
//!
//! This crate knows no transport and no runtime: it says what a contract version *is* ([`contract`], [`schema`]), what two
//! versions promise each other ([`engine`]), how values move between them ([`convert`], [`bridge`]) and which versions a
//! binary carries ([`registry()`]). Services name the crate `versioned-runtime`, which re-exports all of this.

pub mod bridge;
pub mod codes;
pub mod contract;
pub mod convert;
pub mod engine;
pub mod model;
pub mod openapi;
pub mod problem;
pub mod registry;
pub mod schema;
pub mod version;

#[doc(hidden)]
pub mod __private;

pub use bridge::Bridge;
pub use contract::{Compatibility, Contract};
pub use convert::{Downgrade, Upgrade};
pub use problem::{OperationError, Problem};
pub use registry::{Registry, registry};
pub use schema::Schema;
pub use version::{Semver, Version};
