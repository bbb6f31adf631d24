//! Why an operation failed: one enum for all contracts, the same in all versions.

use versioned_runtime::OperationError;
use versioned_runtime::Problem;

/// Why an operation failed; `message` is the member that clients of the engine read.
#[derive(Debug, Clone, PartialEq, OperationError)]
pub enum EngineError {
    /// A value is not accepted.
    #[problem(status = 400, detail = "{message}")]
    BadParameter {
        /// Which value, and why.
        message: String,
    },
    /// There is no such thing.
    #[problem(status = 404, detail = "{message}")]
    NotFound {
        /// What there is none of.
        message: String,
    },
    /// It cannot be done as things are.
    #[problem(status = 409, detail = "{message}")]
    Conflict {
        /// What is in the way.
        message: String,
    },
    /// Whatever else.
    #[problem(other)]
    Other(Problem),
}

impl EngineError {
    /// There is no `kind` of this name.
    #[must_use]
    pub fn no_such(kind: &str, name: &str) -> Self {
        EngineError::NotFound {
            message: format!("no such {kind}: {name}"),
        }
    }

    /// A value is not accepted.
    pub fn bad(message: &(impl ToString + ?Sized)) -> Self {
        EngineError::BadParameter {
            message: message.to_string(),
        }
    }

    /// It cannot be done as things are.
    pub fn conflict(message: &(impl ToString + ?Sized)) -> Self {
        EngineError::Conflict {
            message: message.to_string(),
        }
    }
}
