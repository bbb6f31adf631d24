//! Client pins: a hook that knows which version a client was built for that names none, such as from its API key.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::header::HeaderName;

use crate::hook::{Answers, Hook, HookError};
use crate::resolve::Constraint;
use crate::service::BoxFuture;

/// Who knows the version of clients that name none.
///
/// The hook is given the value of one header, such as an API key, and says a version (all forms that clients may write are
/// understood), or that it knows none: then the client is answered as one without a pin. It is asked only where a request
/// names no version, and only where it carries the header. Where the hook fails, or takes too long, its last answer for that
/// value holds; without one the request is refused (503), because the default version might have another shape. Requests with the same
/// value that come while it is asked wait for the same answer.
///
/// ```
/// # use std::time::Duration;
/// # use versioned_runtime::{ClientPin, ContractConfig};
/// # async fn version_of(_: &str) -> Result<Option<String>, std::io::Error> { Ok(None) }
/// let config = ContractConfig::new().client_pin(
///     ClientPin::by_header("X-API-Key", |key| async move { version_of(&key).await }).deadline(Duration::from_millis(50)),
/// );
/// ```
#[derive(Clone)]
pub struct ClientPin {
    header: String,
    hook: Arc<Hook<String, Option<String>>>,
    deadline: Duration,
    fresh: Duration,
    remembered: usize,
}

impl ClientPin {
    /// A hook that is given the value of a header.
    #[must_use]
    pub fn by_header<F, A, E>(header: impl Into<String>, hook: F) -> Self
    where
        F: Fn(String) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Option<String>, E>> + Send + 'static,
        E: Into<HookError>,
    {
        let hook = move |key: String| -> BoxFuture<'static, _> {
            let answer = hook(key);
            Box::pin(async move { answer.await.map_err(Into::into) })
        };
        Self {
            header: header.into(),
            hook: Arc::new(hook),
            deadline: Duration::from_millis(100),
            fresh: Duration::ZERO,
            remembered: 10_000,
        }
    }

    /// How long the hook may take. 100 ms without it.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How long an answer holds before the hook is asked again: for so long, a client that was given another pin is answered by the one
    /// before. Without it the hook is asked for each request that names no version.
    #[must_use]
    pub fn fresh(mut self, fresh: Duration) -> Self {
        self.fresh = fresh;
        self
    }

    /// Of how many clients the last answer is kept, also for the time when the hook fails. 10 000 without it. Who sends a value of more than
    /// 4096 bytes is not among them.
    #[must_use]
    pub fn remember(mut self, clients: usize) -> Self {
        self.remembered = clients;
        self
    }

    pub(crate) fn header_name(&self) -> &str {
        &self.header
    }
}

impl fmt::Debug for ClientPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientPin")
            .field("header", &self.header)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// The hook cannot say what the client was built for, and never could.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unavailable;

/// A client pin in a host, with its last answers.
pub(crate) struct PinReader {
    header: HeaderName,
    answers: Answers<Option<Constraint>>,
}

impl PinReader {
    pub(crate) fn new(header: HeaderName, pin: ClientPin) -> Self {
        let version = pin.hook;
        let hook = move |key: String| -> BoxFuture<'static, _> {
            let answer = version(key);
            Box::pin(async move {
                let answer = answer.await?;
                Ok(answer.as_deref().map(Constraint::parse).transpose()?)
            })
        };
        Self {
            header,
            answers: Answers::new(Arc::new(hook), pin.deadline, pin.fresh, pin.remembered),
        }
    }

    pub(crate) fn header_name(&self) -> &str {
        self.header.as_str()
    }

    /// The version of the client, if it has one; a key that is not text is nobody's. `failed` is called for each time that the hook fails.
    pub(crate) async fn ask(
        &self,
        headers: &HeaderMap,
        failed: impl FnOnce(),
    ) -> Result<Option<Constraint>, Unavailable> {
        let key = headers.get(&self.header).and_then(|value| value.to_str().ok());
        let Some(key) = key.filter(|key| !key.is_empty()) else {
            return Ok(None);
        };
        self.answers.ask(key).await.or_else(|(last, failure)| {
            if let Some(error) = failure {
                tracing::warn!(error, remembered = last.is_some(), "a client pin failed");
                failed();
            }
            last.ok_or(Unavailable)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    /// What the hook does, in this order.
    fn reader(script: &'static [&'static str]) -> PinReader {
        let step = Arc::new(AtomicU8::new(0));
        let pin = ClientPin::by_header("x-api-key", move |key| {
            let at = usize::from(step.fetch_add(1, Ordering::Relaxed));
            assert_eq!(key, "k");
            async move {
                match script[at] {
                    "fail" => Err("no database"),
                    "panic" => panic!("a bug"),
                    "hang" => std::future::pending().await,
                    "none" => Ok(None),
                    version => Ok(Some(version.to_owned())),
                }
            }
        });
        PinReader::new(HeaderName::from_static("x-api-key"), pin)
    }

    #[track_caller]
    fn check(script: &'static [&'static str], expected: Result<Option<&str>, Unavailable>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        let reader = reader(script);
        let headers: HeaderMap = [(
            HeaderName::from_static("x-api-key"),
            "k".parse().expect("a value"),
        )]
        .into_iter()
        .collect();
        let mut last = Ok(None);
        for _ in script {
            last = runtime.block_on(reader.ask(&headers, || {}));
        }
        let shown = last.map(|constraint| constraint.map(|constraint| constraint.to_string()));
        assert_eq!(
            shown,
            expected.map(|text| text.map(ToOwned::to_owned)),
            "{script:?}"
        );
    }

    #[test]
    fn the_last_answer_holds_where_the_hook_fails() {
        check(&["1.1"], Ok(Some("1.1.*")));
        check(&["none"], Ok(None));
        check(&["fail"], Err(Unavailable));
        check(&["panic"], Err(Unavailable));
        check(&["hang"], Err(Unavailable));
        check(&["one"], Err(Unavailable));
        check(&["1", "fail"], Ok(Some("1.*")));
        check(&["1", "2", "hang"], Ok(Some("2.*")));
        check(&["1", "one"], Ok(Some("1.*")));
        check(&["none", "panic"], Ok(None));
    }

    #[tokio::test(start_paused = true)]
    async fn a_fresh_answer_is_not_asked_for_again() {
        let step = AtomicU8::new(1);
        let hook = move |_| {
            let version = step.fetch_add(1, Ordering::Relaxed).to_string();
            async move { Ok::<_, HookError>(Some(version)) }
        };
        let pin = ClientPin::by_header("x-api-key", hook).fresh(Duration::from_secs(5));
        let name = HeaderName::from_static("x-api-key");
        let headers: HeaderMap = [(name.clone(), "k".parse().expect("a value"))]
            .into_iter()
            .collect();
        let reader = PinReader::new(name, pin);
        let mut found = Vec::new();
        for seconds in [0, 4, 1, 4] {
            tokio::time::advance(Duration::from_secs(seconds)).await;
            let answer = reader.ask(&headers, || {}).await.expect("an answer");
            found.push(answer.expect("a version").to_string());
        }
        assert_eq!(found, ["1.*", "1.*", "2.*", "2.*"]);
    }

    #[tokio::test]
    async fn answers_for_long_values_are_not_kept() {
        let step = AtomicU8::new(0);
        let pin = ClientPin::by_header("x-api-key", move |_| {
            let first = step.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
            async move { first.then(|| Some("1".to_owned())).ok_or("no database") }
        });
        let name = HeaderName::from_static("x-api-key");
        let reader = PinReader::new(name.clone(), pin);
        for (length, is_kept) in [(4_096, true), (4_097, false)] {
            let value = "k".repeat(length).parse().expect("a value");
            let headers: HeaderMap = [(name.clone(), value)].into_iter().collect();
            assert!(reader.ask(&headers, || {}).await.is_ok());
            assert_eq!(reader.ask(&headers, || {}).await.is_ok(), is_kept, "{length}");
        }
    }

    #[tokio::test]
    async fn who_has_no_key_is_not_asked_for() {
        assert_eq!(reader(&[]).ask(&HeaderMap::new(), || {}).await, Ok(None));
    }
}
