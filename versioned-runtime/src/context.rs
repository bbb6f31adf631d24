//! Who is calling: what in-process calls are routed by, and what a handler can ask about the request it answers.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{self, Poll};

use futures_util::Stream;
use http::HeaderValue;
use pin_project_lite::pin_project;
use versioned_core::Semver;
use versioned_core::contract::Contract;
use versioned_core::response::{ResponseSpec, Responses};
use versioned_core::stream::Within;

use crate::baggage::Carried;
use crate::host::{Guard, Sight};
use crate::route::dye::{self, DyeKey, fact_of, facts_of};
use crate::route::{Facts, Table};
use crate::text::Text;
use crate::trace::TraceContext;

thread_local! {
    /// The context of whatever runs on the thread.
    static CURRENT: RefCell<Context> = const { RefCell::new(Context::NONE) };
}

/// Tells the hosts of a process apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HostId(u64);

impl HostId {
    /// One that no other host has.
    pub(crate) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// The context of a call.
///
/// A handler's own context ([`Context::current`]) carries the snapshot of its request: in-process calls made with it see the same
/// routing tables, whatever is flipped meanwhile. One that outlives its request does so as long as something is under way on that
/// snapshot, and calls by the tables in force afterwards.
#[derive(Debug, Clone, Default)]
pub struct Context {
    user_key: Option<Key>,
    /// What the request sees.
    snapshot: Option<Sight>,
    decided: Option<Decided>,
    /// What most calls do not have: a context is put in place and taken back each time that a handler goes on.
    beside: Option<Arc<Beside>>,
}

/// What is told of a call beside its user.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beside {
    trace: Option<TraceContext>,
    /// What is known of the caller, by the names of facts and scores.
    facts: BTreeMap<String, String>,
    /// The dye key of the request that is being answered.
    dye: Option<DyeKey>,
    /// The baggage of the request, where it is to go out again.
    carried: Option<Arc<Carried>>,
}

impl Beside {
    #[inline(never)] // calls that have nothing of it would pay for the room that it takes
    pub(crate) fn of(
        dye: Option<DyeKey>,
        trace: Option<TraceContext>,
        carried: Option<Arc<Carried>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            trace,
            dye,
            carried,
            ..Self::default()
        })
    }
}

/// The key of a user; a UUID has 36 bytes.
pub(crate) type Key = Text<38>;

/// What routing chose for the current call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decided {
    pub(crate) resolved: &'static Contract,
    pub(crate) serving: &'static Contract,
    pub(crate) epoch: u64,
}

impl Context {
    const NONE: Self = Self {
        user_key: None,
        snapshot: None,
        decided: None,
        beside: None,
    };

    /// A context that tells nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With the key of the user: calls with the same key stay with the same implementation. An empty one is none, as in a request.
    #[must_use]
    pub fn user_key(mut self, key: impl Into<Arc<str>>) -> Self {
        let key = key.into();
        self.user_key = (!key.is_empty()).then_some(Key::Long(key));
        self
    }

    /// With a fact or a score that the rules of routing tables can name, such as `region`.
    #[must_use]
    pub fn fact(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.beside().facts.insert(name.into(), value.into());
        self
    }

    fn beside(&mut self) -> &mut Beside {
        Arc::make_mut(self.beside.get_or_insert_default())
    }

    /// The context of the request that is being answered; one that tells nothing outside of any, and in tasks that were spawned.
    #[must_use]
    pub fn current() -> Self {
        CURRENT
            .try_with(|current| current.borrow().clone())
            .unwrap_or_default()
    }

    /// The key of the user, if the request has one.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.user_key.as_ref().map(Key::as_str)
    }

    /// The contract version that the client is answered in; nothing outside of a call.
    #[must_use]
    pub fn resolved_version(&self) -> Option<Semver> {
        self.decided.map(|decided| decided.resolved.version)
    }

    /// The version whose implementation does the work; nothing outside of a call.
    #[must_use]
    pub fn serving_version(&self) -> Option<Semver> {
        self.decided.map(|decided| decided.serving.version)
    }

    /// The epoch of the routing table that decided; nothing outside of a call.
    #[must_use]
    pub fn epoch(&self) -> Option<u64> {
        self.decided.map(|decided| decided.epoch)
    }

    /// The trace that the request belongs to, if it names one; its headers belong on calls made while it is answered.
    #[must_use]
    pub fn trace(&self) -> Option<&TraceContext> {
        self.beside.as_ref()?.trace.as_ref()
    }

    /// With the trace that the call belongs to.
    #[must_use]
    pub fn traced(mut self, trace: Option<TraceContext>) -> Self {
        if trace.is_some() || self.trace().is_some() {
            self.beside().trace = trace;
        }
        self
    }

    /// The dye key of the request that is being answered, `region:cn-east|tier:low`; none where no fact is known, where nothing asks for
    /// one (no rule, no [`Dyes`](crate::Dyes), no [`FactSources::trust`](crate::FactSources::trust), no [`Baggage`](crate::Baggage)), and
    /// outside of a call. In-process calls made with this context are routed by its facts, too, and have them in their own key, with those
    /// of [`Context::fact`].
    #[must_use]
    pub fn dye(&self) -> Option<&str> {
        self.beside.as_ref()?.dye.as_ref().map(Text::as_str)
    }

    /// The W3C `baggage` for the calls that are made while the request is answered: its dye (`versioned-dye`), the contract and the epoch
    /// that decided it (`versioned-epoch`), and the other members that it came with, 64 members and 8192 bytes at most. None where
    /// [`Host::baggage`](crate::Host::baggage) says nothing, and outside of a call.
    #[must_use]
    pub fn baggage(&self) -> Option<HeaderValue> {
        let epoch = self.decided.map(|decided| (decided.resolved.id, decided.epoch));
        self.beside.as_ref()?.carried.as_ref()?.header(self.dye(), epoch)
    }

    /// The context of a routed call.
    #[inline(always)] // what it is given and gives back is large, and would be copied
    pub(crate) fn routed(
        user_key: Option<Key>,
        snapshot: Sight,
        decided: Decided,
        beside: Option<Arc<Beside>>,
    ) -> Self {
        Self {
            user_key,
            snapshot: Some(snapshot),
            decided: Some(decided),
            beside,
        }
    }

    /// The tables that the current call sees, if they are this host's: calls into another host begin with its own.
    pub(crate) fn snapshot_of(&self, host: HostId) -> Option<&Sight> {
        self.snapshot
            .as_ref()
            .filter(|snapshot| snapshot.fixed.id == host)
    }

    /// Within another call, which this one is made by: in its trace, and with all that is known of it.
    pub(crate) fn within(self, caller: &Self) -> Self {
        let mut within = self.traced(caller.trace().cloned());
        let knows = |beside: &&Beside| beside.dye.is_some() || !beside.facts.is_empty();
        if let Some(beside) = caller.beside.as_deref().filter(knows) {
            let said = beside
                .facts
                .iter()
                .map(|(name, value)| (&**name, Cow::from(&**value)));
            // What is said of the call goes before what was known of the request, also where it says nothing.
            let dyed = beside.dye.iter().flat_map(|dye| facts_of(dye.as_str()));
            let dyed = dyed.filter(|(name, _)| !beside.facts.contains_key(*name));
            let mut dye = within.beside.as_ref().and_then(|beside| beside.dye.clone());
            dye::add(&mut dye, said.chain(dyed));
            within.beside().dye = dye;
            within.beside().facts.clone_from(&beside.facts);
        }
        within
    }

    /// With baggage that is to go out again.
    pub(crate) fn carrying(mut self, carried: impl FnOnce() -> Option<Arc<Carried>>) -> Self {
        if let Some(carried) = carried() {
            self.beside().carried = Some(carried);
        }
        self
    }

    pub(crate) fn carried(&self) -> Option<Arc<Carried>> {
        self.beside.as_ref()?.carried.clone()
    }

    /// What is known of the caller, as a table numbers it.
    pub(crate) fn facts_under(&self, table: &Table) -> Facts {
        let mut facts = Facts::default();
        table.facts(&mut facts, |name, _| self.said(name));
        facts
    }

    /// What is known of the caller by the name of a fact or a score.
    pub(crate) fn said(&self, name: &str) -> Option<Cow<'_, str>> {
        match self.beside.as_ref()?.facts.get(name) {
            Some(value) => Some(Cow::Borrowed(value.as_str())),
            None => fact_of(self.dye()?, name),
        }
    }

    pub(crate) fn shared_key(&self) -> Option<Key> {
        self.user_key.clone()
    }

    /// Makes this the current one until what is given back is dropped, and keeps the one before meanwhile.
    #[inline(always)] // a few moves, once a request
    pub(crate) fn enter(&mut self) -> Entered<'_> {
        self.swap();
        Entered(self)
    }

    /// Changes places with the current one. There is none any more where a thread ends.
    #[inline(always)] // a few moves, twice a request
    fn swap(&mut self) {
        let _ = CURRENT.try_with(|current| std::mem::swap(self, &mut *current.borrow_mut()));
    }
}

/// A context that is the current one; the one before is that again when this is dropped, by a panic, too.
pub(crate) struct Entered<'a>(&'a mut Context);

impl Drop for Entered<'_> {
    #[inline(always)] // a few moves, once a request
    fn drop(&mut self) {
        self.0.swap();
    }
}

pin_project! {
    /// A future whose context is the current one whenever it goes on, and while it is dropped.
    struct Scoped<F> {
        context: Context,
        // Dropped as soon as it is done, or with this.
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for Scoped<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.future.is_some() {
                let _entered = this.context.enter();
                this.future.set(None);
            }
        }
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, waker: &mut task::Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let _entered = this.context.enter();
        // Whoever asks again after the answer waits for nothing.
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let polled = future.poll(waker);
        if polled.is_ready() {
            this.future.set(None);
        }
        polled
    }
}

/// An in-process call that was routed.
#[doc(hidden)]
#[derive(Debug)]
pub struct InProcess {
    pub(crate) slot: usize,
    pub(crate) context: Context,
    /// The call is under way as long as this is there.
    pub(crate) guard: Guard,
}

impl InProcess {
    /// The slot of the implementation that does the work.
    #[must_use]
    pub fn slot(&self) -> usize {
        self.slot
    }

    /// Runs the call with its context as the current one. Where the answer comes item by item, so does each item, and the call is under
    /// way until the last one was taken.
    pub async fn scope<T: Responses, E>(self, future: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let Self { context, guard, .. } = self;
        let kept = const { ResponseSpec::any_streams(T::RESPONSES) }.then(|| context.clone());
        let future = Some(future);
        let answer = Scoped { context, future }.await?;
        Ok(match kept {
            Some(context) => answer.within(Unfinished {
                context,
                _guard: guard,
            }),
            None => answer,
        })
    }
}

/// A call whose answer has begun.
struct Unfinished {
    context: Context,
    /// The call is under way as long as this is there.
    _guard: Guard,
}

impl Within for Unfinished {
    fn items<S: Stream + Send + Unpin + 'static>(
        self,
        items: S,
    ) -> impl Stream<Item = S::Item> + Send + 'static {
        Items {
            items: Some(items),
            call: Some(self),
        }
    }
}

/// The items of an answer, each made within its call.
struct Items<S> {
    items: Option<S>,
    /// Nothing once the last item was taken: then the call has left.
    call: Option<Unfinished>,
}

impl<S> Items<S> {
    fn end(&mut self) {
        if let Some(mut call) = self.call.take() {
            let _entered = call.context.enter();
            self.items = None;
        }
    }
}

impl<S: Stream + Unpin> Stream for Items<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, waker: &mut task::Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.get_mut();
        let Some((items, call)) = this.items.as_mut().zip(this.call.as_mut()) else {
            return Poll::Ready(None);
        };
        let polled = {
            let _entered = call.context.enter();
            Pin::new(items).poll_next(waker)
        };
        if matches!(polled, Poll::Ready(None)) {
            this.end();
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}

impl<S> Drop for Items<S> {
    fn drop(&mut self) {
        self.end();
    }
}
