//! Runtime.
pub mod resolve;
pub mod route;
