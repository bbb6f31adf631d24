//! Hooks that find out what only the application knows: the type of a user, and scores.
//!
//! They run before the snapshot is taken, under a deadline, and only where a rule of the table in force asks, or baggage
//! hands the type of a user on. A hook that fails, or
//! is late, costs a request its fact and never its answer.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method, Uri};

use crate::hook::{Answers, Failure, Hook, HookError, ask};
use crate::route::UserKey;
use crate::service::BoxFuture;

/// Who knows the type of a user: the fact `user_type`.
///
/// The hook is given what stands in one place of a request, such as the key of the user, and says a type (`premium`), or that it knows
/// none: then the request has no such fact. What it says holds for a while ([`UserTypes::fresh`]), in which it is not asked for the same
/// user again; where it fails or takes too long its last answer holds, and without one there is no fact. Requests of a user that come
/// while it is asked wait for the same answer.
///
/// ```
/// # use std::time::Duration;
/// # use versioned_runtime::{FactSources, UserKey, UserTypes};
/// # async fn type_of(_: &str) -> Result<Option<String>, std::io::Error> { Ok(None) }
/// let facts = FactSources::new().user_type(
///     UserTypes::by(UserKey::header("X-User-Id"), |user| async move { type_of(&user).await }).deadline(Duration::from_millis(20)),
/// );
/// ```
#[derive(Clone)]
pub struct UserTypes {
    place: UserKey,
    hook: Arc<Hook<String, Option<String>>>,
    deadline: Duration,
    fresh: Duration,
    remembered: usize,
}

impl UserTypes {
    /// A hook that is given what stands in this place.
    #[must_use]
    pub fn by<F, A, E>(place: UserKey, hook: F) -> Self
    where
        F: Fn(String) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Option<String>, E>> + Send + 'static,
        E: Into<HookError>,
    {
        let hook = move |user: String| -> BoxFuture<'static, _> {
            let answer = hook(user);
            Box::pin(async move { answer.await.map_err(Into::into) })
        };
        Self {
            place,
            hook: Arc::new(hook),
            deadline: Duration::from_millis(100),
            fresh: Duration::from_secs(10),
            remembered: 10_000,
        }
    }

    /// How long the hook may take. 100 ms without it.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How long an answer holds before the hook is asked again. 10 s without it.
    #[must_use]
    pub fn fresh(mut self, fresh: Duration) -> Self {
        self.fresh = fresh;
        self
    }

    /// Of how many users the last answer is kept. 10 000 without it. Who has a key of more than 4096 bytes is not among them.
    #[must_use]
    pub fn remember(mut self, users: usize) -> Self {
        self.remembered = users;
        self
    }

    pub(super) const fn place(&self) -> &UserKey {
        &self.place
    }
}

impl fmt::Debug for UserTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserTypes")
            .field("place", &self.place)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// The types of users in a host, with the last answers.
pub(super) struct UserTypeReader {
    place: UserKey,
    answers: Answers<Option<String>>,
}

impl UserTypeReader {
    pub(super) fn new(types: UserTypes) -> Self {
        Self {
            place: types.place,
            answers: Answers::new(types.hook, types.deadline, types.fresh, types.remembered),
        }
    }

    pub(super) const fn place(&self) -> &UserKey {
        &self.place
    }

    /// The type of a user, and what went wrong if something did that nobody else tells.
    pub(super) async fn ask(&self, user: &str) -> (Option<String>, Option<Failure>) {
        match self.answers.ask(user).await {
            Ok(answer) => (answer, None),
            Err((last, failure)) => (last.flatten(), failure),
        }
    }
}

/// What a hook of scores is told of a request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Caller {
    /// The id of the contract.
    pub contract: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path and query.
    pub uri: Uri,
    /// Its headers.
    pub headers: HeaderMap,
    /// The address of the client, as far as it is known ([`Forwarding`](crate::Forwarding)).
    pub address: Option<IpAddr>,
}

/// Who scores requests, such as for fraud.
///
/// The hook is told of a request and gives scores by name; those that the table in force does not name are dropped. Where it fails, or
/// takes too long, the request has none of them. Scores belong to one request: none is kept.
///
/// ```
/// # use std::time::Duration;
/// # use versioned_runtime::{Caller, FactSources, Scores};
/// # async fn fraud(_: Caller) -> Result<f64, std::io::Error> { Ok(0.0) }
/// let facts = FactSources::new().scores(
///     Scores::by(|caller| async move { Ok::<_, std::io::Error>([("fraud", fraud(caller).await?)]) }).deadline(Duration::from_millis(20)),
/// );
/// ```
#[derive(Clone)]
pub struct Scores {
    hook: Arc<Hook<Caller, Vec<(String, f64)>>>,
    deadline: Duration,
}

impl Scores {
    /// A hook that is told of each request that a rule asks a score of.
    #[must_use]
    pub fn by<F, A, S, N, E>(hook: F) -> Self
    where
        F: Fn(Caller) -> A + Send + Sync + 'static,
        A: Future<Output = Result<S, E>> + Send + 'static,
        S: IntoIterator<Item = (N, f64)>,
        N: Into<String>,
        E: Into<HookError>,
    {
        let hook = move |caller: Caller| -> BoxFuture<'static, _> {
            let answer = hook(caller);
            Box::pin(async move {
                let scores = answer.await.map_err(Into::into)?;
                Ok(scores
                    .into_iter()
                    .map(|(name, score)| (name.into(), score))
                    .collect())
            })
        };
        Self {
            hook: Arc::new(hook),
            deadline: Duration::from_millis(100),
        }
    }

    /// How long the hook may take. 100 ms without it.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    pub(super) async fn ask(&self, caller: Caller) -> Result<Vec<(String, f64)>, Failure> {
        ask(&*self.hook, caller, self.deadline).await
    }
}

impl fmt::Debug for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scores")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// What the hook does, in this order; each question is asked this long after the one before.
    #[track_caller]
    fn check(script: &'static [&'static str], pause: u64, expected: (Option<&str>, bool)) {
        let step = Arc::new(AtomicUsize::new(0));
        let types = UserTypes::by(UserKey::header("x-user"), move |user| {
            let at = step.fetch_add(1, Ordering::Relaxed);
            assert_eq!(user, "ada");
            async move {
                match script[at] {
                    "fail" => Err("no database"),
                    "panic" => panic!("a bug"),
                    "hang" => std::future::pending().await,
                    "none" => Ok(None),
                    known => Ok(Some(known.to_owned())),
                }
            }
        });
        let reader = UserTypeReader::new(types);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        let last = runtime.block_on(async {
            let mut last = (None, None);
            for _ in script {
                last = reader.ask("ada").await;
                tokio::time::advance(Duration::from_secs(pause)).await;
            }
            last
        });
        let (found, failed) = (last.0.as_deref(), last.1.is_some());
        assert_eq!((found, failed), expected, "{script:?}");
    }

    #[test]
    fn the_last_answer_holds_where_the_hook_fails() {
        check(&["pro"], 10, (Some("pro"), false));
        check(&["none"], 10, (None, false));
        check(&["fail"], 10, (None, true));
        check(&["panic"], 10, (None, true));
        check(&["hang"], 10, (None, true));
        check(&["pro", "fail"], 10, (Some("pro"), true));
        check(&["pro", "hang", "free"], 10, (Some("free"), false));
        check(&["pro", "none", "panic"], 10, (None, true));
    }

    #[tokio::test]
    async fn answers_for_long_keys_are_not_kept() {
        let asked = Arc::new(AtomicUsize::new(0));
        let types = {
            let asked = Arc::clone(&asked);
            UserTypes::by(UserKey::header("x-user"), move |_| {
                asked.fetch_add(1, Ordering::Relaxed);
                async { Ok::<_, HookError>(Some("pro".to_owned())) }
            })
        };
        let reader = UserTypeReader::new(types);
        for (length, times) in [(4_096, 1), (4_097, 2)] {
            let user = "u".repeat(length);
            for _ in 0..2 {
                assert_eq!(reader.ask(&user).await, (Some("pro".to_owned()), None));
            }
            assert_eq!(asked.swap(0, Ordering::Relaxed), times, "{length}");
        }
    }

    #[test]
    fn a_fresh_answer_is_not_asked_for_again() {
        check(&["pro", "fail", "fail"], 3, (Some("pro"), false));
        check(&["none", "fail"], 9, (None, false));
        // A failure is not kept.
        check(&["fail", "pro"], 0, (Some("pro"), false));
    }
}
