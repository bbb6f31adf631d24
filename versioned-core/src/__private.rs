//! What generated code names, and nobody else: no promise is made for it.

pub use inventory;
pub use serde;
pub use serde_json;
pub use std;
pub use utoipa;

pub use crate::borrowed::{
    As, Cloned, Each, Keep, Maybe, Places, Project, SerializeAs, Through, To, Way, Written,
};
pub use crate::bridge::{Absent, Answered, Bridge, Native, Present, Slot};
pub use crate::constraints::{Constraints, Number};
pub use crate::contract::{
    Body, Compatibility, Contract, Direction, Fidelity, Marks, MemberMigration, Method, Migration, Operation,
    Origin, Parameter, Place, Requirement, SecurityScheme,
};
pub use crate::convert::{
    Downgrade, TryDowngrade, TryUpgrade, Unconvertible, Upgrade, attempt, try_array, try_list, try_map,
    unconvertible,
};
pub use crate::deprecation::{Date, Deprecation};
pub use crate::example::Example;
pub use crate::laws;
pub use crate::openapi::{name as openapi_name, schema as openapi_schema};
pub use crate::payload::{Media, Payload, RequestBody};
pub use crate::problem::{OperationError, Problem, ProblemSpec, problem_member};
pub use crate::registry::Registration;
pub use crate::response::{Response, ResponseSpec, Responses, Unwritable, WithHeaders};
pub use crate::schema::{
    Content, Field, Link, Matching, Node, Presence, Schema, Shape, Tagging, Variant, same,
};
pub use crate::stream::{EventStream, Ndjson, Within};
pub use crate::version::{Semver, UnknownVersion, Version};
