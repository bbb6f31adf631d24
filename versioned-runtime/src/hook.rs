//! Hooks of the application: a question, an answer within a deadline, or why there is none.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;

use crate::service::BoxFuture;

/// Any error of a hook; it is logged.
pub(crate) type HookError = Box<dyn std::error::Error + Send + Sync>;

/// What answers questions `Q` by `A`.
pub(crate) type Hook<Q, A> = dyn Fn(Q) -> BoxFuture<'static, Result<A, HookError>> + Send + Sync;

/// The longest key, in bytes, that an answer is kept for: clients write keys, and what is kept is to have a bound.
pub(crate) const LONGEST_KEY: usize = 4_096;

/// Why a hook says nothing: it is logged and counted.
pub(crate) type Failure = String;

/// Asks a hook; the hook itself is called inside, so that a panic of it is caught, too.
pub(crate) async fn ask<Q, A>(hook: &Hook<Q, A>, question: Q, deadline: Duration) -> Result<A, Failure> {
    // Its error is told inside, too: that is code of the application as well.
    let asked = async { hook(question).await.map_err(|error| error.to_string()) };
    match tokio::time::timeout(deadline, AssertUnwindSafe(asked).catch_unwind()).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err("it panicked".to_owned()),
        Err(_) => Err("it did not answer in time".to_owned()),
    }
}
