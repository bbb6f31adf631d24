//! One request over HTTP: find its path, resolve its version, route it, call the implementation, write the answer.
//!
//! The order in which a request is refused: path unknown in every version (404), then `OPTIONS` is answered (204, never resolved),
//! sources malformed or disagreeing (400), nothing satisfies them (406), gone (410), path not in this version (404), method not in
//! this version (405), body too large (413), media type (415), not readable (400), not of the shape, or against a constraint (422).

mod allow;
mod asking;
mod body;
mod caching;
mod call;
mod constraints;
mod core;
mod decide;
mod exchange;
mod facts;
mod known;
mod look;
mod objects;
mod paths;
pub(crate) mod problem;
mod reader;
mod refusal;
mod rendered;
mod reply;
mod respond;
mod router;
mod running;
mod scalar;
mod spare;

pub use self::body::RawBody;
pub(crate) use self::body::{pointer as pointer_of, push as push_token};
pub use self::call::Call;
pub(crate) use self::core::Answering;
pub use self::core::HostService;
pub use self::refusal::Refusal;
pub use self::reply::Reply;
pub(crate) use self::respond::{Sent, answer};

pub(crate) use self::body::read_json;
pub(crate) use self::constraints::{ContractChecks, compile as compile_constraints};
pub(crate) use self::objects::Objects;
pub(crate) use self::paths::Paths;
pub(crate) use self::router::router;
