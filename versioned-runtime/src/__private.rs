//! What generated code names, and nobody else: no promise is made for it.

pub use versioned_core::__private::*;
pub use versioned_macros::{__assemble, __evolve};

pub use crate::context::{Context, InProcess};
pub use crate::fits::{Fits, Unfit};
pub use crate::host::Host;
pub use crate::http::{Call, RawBody, Refusal, Reply};
pub use crate::service::{
    BoxFuture, ContractConfig, ContractService, Implementation, Spec, erased, unanswered,
};

#[cfg(feature = "laws")]
pub use crate::laws::check_law;
