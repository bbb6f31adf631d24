//! What both implementations share: blocking work off the async threads, and its failures as errors of the contract.

use tracing::{Span, error};
use versioned_runtime::Problem;

use crate::contract::user_profile::v2::UserError;
use crate::rules::Invalid;
use crate::store::StoreError;

/// How many users a list has if nobody says so.
const DEFAULT_LIMIT: u16 = 20;
/// How many users a list has at most.
const MAX_LIMIT: u16 = 100;

/// Runs work on the store, which blocks, on a thread where that is allowed.
pub(crate) async fn blocking<T, W>(work: W) -> Result<T, UserError>
where
    T: Send + 'static,
    W: FnOnce() -> Result<T, StoreError> + Send + 'static,
{
    let span = Span::current();
    match tokio::task::spawn_blocking(move || span.in_scope(work)).await {
        Ok(done) => done.map_err(UserError::from),
        // The runtime answers, logs and counts panics of handlers: this one belongs to them.
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(UserError::Other(
                Problem::new(503).with_detail("the service is shutting down; ask again"),
            )),
        },
    }
}

/// The number of users in an answer: what was asked for, within bounds.
pub(crate) fn bounded(limit: Option<u16>) -> usize {
    limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT).into()
}

impl From<StoreError> for UserError {
    /// What a client can act on is told; faults of the store are logged, and the client learns that there was one.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing { id } => Self::NotFound { id },
            StoreError::Stale { id, revision } => Self::Stale { id, revision },
            StoreError::AddressTaken { address } => Self::AddressTaken { address },
            fault => {
                error!(error = &fault as &dyn std::error::Error, "the store failed");
                Self::Other(Problem::internal())
            }
        }
    }
}

impl From<Invalid> for UserError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid {
            reason: invalid.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use versioned_runtime::OperationError as _;

    #[test]
    fn limits_are_bounded() {
        let all = [None, Some(0), Some(1), Some(100), Some(u16::MAX)].map(bounded);
        assert_eq!(all, [20, 1, 1, 100, 100]);
    }

    #[track_caller]
    fn check(error: StoreError, status: u16, detail: Option<&str>) {
        let problem = UserError::from(error).into_problem();
        assert_eq!((problem.status, problem.detail.as_deref()), (status, detail));
    }

    #[test]
    fn refusals_are_told_and_faults_are_not() {
        check(StoreError::Missing { id: 7 }, 404, Some("there is no user 7"));
        check(
            StoreError::AddressTaken {
                address: "a@b.c".into(),
            },
            409,
            Some("`a@b.c` belongs to another user"),
        );
        let stale = "user 7 is at revision 3 by now; read it again before writing";
        check(StoreError::Stale { id: 7, revision: 3 }, 412, Some(stale));
        check(StoreError::Torn { id: 7 }, 500, None);
    }

    #[tokio::test]
    async fn a_panic_stays_a_panic() {
        let task = tokio::spawn(blocking(|| -> Result<(), StoreError> { panic!("in the store") }));
        assert!(task.await.is_err_and(|error| error.is_panic()));
    }
}
