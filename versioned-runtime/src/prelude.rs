//! What a file with a contract in it imports: `use versioned_runtime::prelude::*;`.

pub use serde::{Deserialize, Serialize};

pub use crate::{
    Context, ContractConfig, Downgrade as _, Host, OperationError, Problem, Responses, Schema,
    TryDowngrade as _, TryUpgrade as _, Upgrade as _, UserKey, Version as _, versioned,
};
