//! Hooks of the application: a question, an answer within a deadline, or why there is none.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::Shared;
use quick_cache::sync::Cache;
use tokio::time::Instant;

use crate::service::BoxFuture;

/// Any error of a hook; it is logged.
pub(crate) type HookError = Box<dyn std::error::Error + Send + Sync>;

/// What answers questions `Q` by `A`.
pub(crate) type Hook<Q, A> = dyn Fn(Q) -> BoxFuture<'static, Result<A, HookError>> + Send + Sync;

/// The longest key, in bytes, that an answer is kept for: clients write keys, and what is kept is to have a bound.
pub(crate) const LONGEST_KEY: usize = 4_096;

/// Why a hook says nothing: it is logged and counted.
pub(crate) type Failure = String;

/// The same for all who waited for it: one of them tells it.
struct Failed {
    why: Failure,
    told: AtomicBool,
}

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

/// What is known of keys, such as those of users: a hook that is asked about them, and its last answers.
///
/// Whoever asks about a key while somebody else does waits for the same answer, and not longer than that one: a client that sends many
/// requests at once is asked about once.
pub(crate) struct Answers<A: Clone> {
    hook: Arc<Hook<String, A>>,
    deadline: Duration,
    /// How long an answer holds before the hook is asked again.
    fresh: Duration,
    last: Arc<Cache<String, (A, Instant)>>,
    asking: Mutex<HashMap<String, Asking<A>>>,
}

type Answer<A> = Shared<BoxFuture<'static, Result<A, Arc<Failed>>>>;

/// A question that was not answered when it was looked at last.
struct Asking<A: Clone> {
    answer: Answer<A>,
    /// How many wait for it: without any it is asked no longer, as clients may go away.
    waiting: usize,
}

/// An answer, or the last one that there was, and why there is none, unless somebody else who waited tells that.
pub(crate) type Answered<A> = Result<A, (Option<A>, Option<Failure>)>;

impl<A: Clone + Send + Sync + 'static> Answers<A> {
    pub(crate) fn new(
        hook: Arc<Hook<String, A>>,
        deadline: Duration,
        fresh: Duration,
        remembered: usize,
    ) -> Self {
        Self {
            hook,
            deadline,
            fresh,
            last: Arc::new(Cache::new(remembered)),
            asking: Mutex::default(),
        }
    }

    /// What is known of a key.
    pub(crate) async fn ask(&self, key: &str) -> Answered<A> {
        let last = self.last.get(key);
        if let Some((answer, at)) = &last
            && at.elapsed() < self.fresh
        {
            return Ok(answer.clone());
        }
        let waiting = self.join(key);
        waiting.answer.clone().await.map_err(|failed| {
            let why = (!failed.told.swap(true, Ordering::Relaxed)).then(|| failed.why.clone());
            (last.map(|(answer, _)| answer), why)
        })
    }

    /// Joins those who ask the same, or begins to ask.
    fn join<'a>(&'a self, key: &'a str) -> Waiting<'a, A> {
        let mut asking = self.asking();
        let answer = match asking.get_mut(key) {
            // One that is there already is as old as who waits for it is slow.
            Some(asked) if asked.answer.peek().is_none() => {
                asked.waiting += 1;
                asked.answer.clone()
            }
            _ => {
                let answer = self.question(key).shared();
                let asked = Asking {
                    answer: answer.clone(),
                    waiting: 1,
                };
                asking.insert(key.to_owned(), asked);
                answer
            }
        };
        Waiting {
            among: self,
            key,
            answer,
        }
    }

    /// Asks, and keeps the answer: once, and as old as it is, whoever waits for it.
    fn question(&self, key: &str) -> BoxFuture<'static, Result<A, Arc<Failed>>> {
        let (hook, last) = (Arc::clone(&self.hook), Arc::clone(&self.last));
        let (key, deadline) = (key.to_owned(), self.deadline);
        Box::pin(async move {
            let answer = ask(&*hook, key.clone(), deadline).await.map_err(|why| {
                let told = AtomicBool::new(false);
                Arc::new(Failed { why, told })
            })?;
            if key.len() <= LONGEST_KEY {
                last.insert(key, (answer.clone(), Instant::now()));
            }
            Ok(answer)
        })
    }

    /// A poisoned lock holds nothing that could be broken: each change is one step.
    fn asking(&self) -> MutexGuard<'_, HashMap<String, Asking<A>>> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who waits for an answer. The last one who goes takes the question along.
struct Waiting<'a, A: Clone + Send + Sync + 'static> {
    among: &'a Answers<A>,
    key: &'a str,
    answer: Answer<A>,
}

impl<A: Clone + Send + Sync + 'static> Drop for Waiting<'_, A> {
    fn drop(&mut self) {
        let mut asking = self.among.asking();
        let ended = match asking.get_mut(self.key) {
            // The same question may have been asked anew meanwhile.
            Some(asked) if asked.answer.ptr_eq(&self.answer) => {
                asked.waiting -= 1;
                (asked.waiting == 0).then(|| asking.remove(self.key))
            }
            _ => None,
        };
        // The application's future is dropped outside of the lock.
        drop(asking);
        drop(ended);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use futures_util::future::join_all;
    use tokio::sync::Semaphore;

    use super::*;

    /// A hook that counts how often it is asked, and answers as often as it is let.
    fn answers(fresh: Duration, open: &Arc<Semaphore>) -> (Arc<Answers<usize>>, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let (count, open) = (Arc::clone(&asked), Arc::clone(open));
        let hook = move |key: String| -> BoxFuture<'static, Result<usize, HookError>> {
            let number = count.fetch_add(1, Ordering::Relaxed);
            let open = Arc::clone(&open);
            Box::pin(async move {
                open.acquire().await?.forget();
                if key == "fails" {
                    return Err("no database".into());
                }
                Ok(number)
            })
        };
        let answers = Answers::new(Arc::new(hook), Duration::from_secs(1), fresh, 100);
        (Arc::new(answers), asked)
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_at_once_shares_the_answer() {
        for key in ["ada", "fails"] {
            let open = Arc::new(Semaphore::new(0));
            let (answers, asked) = answers(Duration::ZERO, &open);
            let all = join_all((0..20).map(|_| answers.ask(key)));
            let opened = async { open.add_permits(1) };
            let (all, ()) = tokio::join!(all, opened);
            let count = |answer: &Answered<usize>| all.iter().filter(|found| *found == answer).count();
            let failed = |why: Option<&str>| Err((None, why.map(ToOwned::to_owned)));
            let found = [Ok(0), failed(Some("no database")), failed(None)].map(|answer| count(&answer));
            // Why it failed is told once.
            let expected = if key == "ada" { [20, 0, 0] } else { [0, 1, 19] };
            assert_eq!(found, expected, "{all:?}");
            assert_eq!(asked.load(Ordering::Relaxed), 1, "{key}");
            assert!(answers.asking().is_empty());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_afterwards_asks_anew_unless_the_answer_is_fresh() {
        for (fresh, expected) in [(Duration::ZERO, [0, 1, 2]), (Duration::from_secs(10), [0, 0, 1])] {
            let open = Arc::new(Semaphore::new(9));
            let (answers, _) = answers(fresh, &open);
            let mut found = Vec::new();
            for seconds in [0, 9, 1] {
                tokio::time::advance(Duration::from_secs(seconds)).await;
                found.push(answers.ask("ada").await.expect("an answer"));
            }
            assert_eq!(found, expected, "{fresh:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn different_keys_are_different_questions() {
        let open = Arc::new(Semaphore::new(2));
        let (answers, asked) = answers(Duration::ZERO, &open);
        let (one, other) = tokio::join!(answers.ask("ada"), answers.ask("eve"));
        assert_eq!([one, other], [Ok(0), Ok(1)]);
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn who_asked_first_may_go_away() {
        let open = Arc::new(Semaphore::new(0));
        let (answers, asked) = answers(Duration::ZERO, &open);
        let start = || {
            let answers = Arc::clone(&answers);
            tokio::spawn(async move { answers.ask("ada").await })
        };
        let (first, second) = (start(), start());
        tokio::task::yield_now().await;
        first.abort();
        assert!(first.await.expect_err("gone").is_cancelled());
        open.add_permits(1);
        assert_eq!(second.await.expect("an answer"), Ok(0));
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_kept_of_questions_that_nobody_waits_for() {
        let open = Arc::new(Semaphore::new(0));
        let (answers, asked) = answers(Duration::ZERO, &open);
        for _ in 0..3 {
            let waited = tokio::time::timeout(Duration::from_millis(10), answers.ask("ada")).await;
            assert!(waited.is_err() && answers.asking().is_empty());
        }
        assert_eq!(asked.load(Ordering::Relaxed), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_there_is_not_joined() {
        let open = Arc::new(Semaphore::new(2));
        let (answers, _) = answers(Duration::ZERO, &open);
        // Who waits for it has not gone on yet.
        let slow = answers.join("ada");
        assert_eq!(slow.answer.clone().await.ok(), Some(0));
        assert_eq!(answers.ask("ada").await, Ok(1));
        assert!(answers.asking().is_empty());
        drop(slow);
        assert!(answers.asking().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_longer_than_the_deadline() {
        let open = Arc::new(Semaphore::new(0));
        let (answers, _) = answers(Duration::ZERO, &open);
        let begun = Instant::now();
        let late = async {
            tokio::time::sleep(Duration::from_millis(900)).await;
            let begun = Instant::now();
            (answers.ask("ada").await, begun.elapsed())
        };
        let (first, (second, waited)) = tokio::join!(answers.ask("ada"), late);
        let late = || Some("it did not answer in time".to_owned());
        assert_eq!((first, second), (Err((None, late())), Err((None, None))));
        assert!(waited <= Duration::from_millis(101), "{waited:?}");
        assert!(begun.elapsed() <= Duration::from_millis(1_001));
    }
}
