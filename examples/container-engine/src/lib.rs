//! A slice of the container engine's HTTP API, written from the facts of its documented history.
//!
//! The engine numbers its versions 1.40, 1.41, and so on, and takes things away between them. What it calls 1.N is N.0.0 here:
//! each may break the one before it, and each break has its migration.

mod contract;

pub use contract::container_engine;
