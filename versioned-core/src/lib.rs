//! The vocabulary of `versioned`: versions, schemas, contracts, the compatibility engine, migrations and the registry.
//!
//! This crate knows no transport and no runtime: it says what a contract version *is* ([`contract`], [`schema`]), what two
//! versions promise each other ([`engine`]), how values move between them ([`convert`], [`bridge`]) and which versions a
//! binary carries ([`registry()`]). Services name the crate `versioned-runtime`, which re-exports all of this.
//!
//! Two versions, and what the promise says of the step between them:
//!
//! ```
//! use versioned_core::Compatibility;
//! use versioned_core::engine::{compare, judge};
//! use versioned_core::model::{FieldModel, Model, OperationModel, ResponseModel, TypeModel, TypeRef};
//! use versioned_core::contract::Method;
//! use versioned_core::schema::Presence;
//! use versioned_core::version::Semver;
//!
//! let user = |fields: &[&str]| TypeModel::Struct {
//!     fields: fields.iter().map(|name| FieldModel {
//!         name: name.to_string(),
//!         wire: name.to_string(),
//!         aliases: vec![],
//!         ty: TypeRef::Leaf("string".to_owned()),
//!         optional_in: false,
//!         optional_out: false,
//!         presence: Presence::Both,
//!         flatten: false,
//!     }).collect(),
//!     deny_unknown_fields: false,
//! };
//! let version = |fields: &[&str]| Model {
//!     operations: vec![OperationModel {
//!         name: "get_user".to_owned(),
//!         method: Method::Get,
//!         path: "/user".to_owned(),
//!         parameters: vec![],
//!         body: None,
//!         responses: vec![ResponseModel::json(200, TypeRef::Named("User".to_owned()))],
//!         problems: vec![],
//!         replaces: false,
//!         marks: Default::default(),
//!     }],
//!     types: [("User".to_owned(), user(fields))].into(),
//! };
//!
//! let changes = compare(&version(&["name"]), &version(&["given_name", "family_name"]));
//! let step = Semver::new(1, 0, 0).step_to(&Semver::new(1, 1, 0));
//! let verdicts = judge(step, Compatibility::Backward, &changes);
//! assert_eq!(verdicts.len(), 1, "new fields of an answer break nothing");
//! assert_eq!(verdicts[0].code, "V0201");
//! assert_eq!(verdicts[0].change.text, "field `name` of `User` was removed");
//! ```

pub mod borrowed;
pub mod bridge;
pub mod codes;
pub mod constraints;
pub mod contract;
pub mod convert;
pub mod deprecation;
pub mod engine;
pub mod example;
mod json;
pub mod laws;
pub mod model;
pub mod openapi;
pub mod payload;
pub mod problem;
pub mod registry;
pub mod response;
pub mod schema;
pub mod stream;
pub mod version;

#[doc(hidden)]
pub mod __private;

pub use borrowed::{As, SerializeAs, Way};
pub use bridge::Bridge;
pub use contract::{Compatibility, Contract};
pub use convert::{Downgrade, TryDowngrade, TryUpgrade, Unconvertible, Upgrade};
pub use payload::{Binary, Text};
pub use problem::{OperationError, Problem};
pub use registry::{Registry, registry};
pub use response::{Responses, WithHeaders};
pub use schema::Schema;
pub use stream::{Event, EventStream, Ndjson};
pub use version::{Semver, Version};
