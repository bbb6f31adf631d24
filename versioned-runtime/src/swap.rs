//! The one pointer to what is in force, and the guard of what is under way on it: one module, because neither is right without the other.
//!
//! A request that looks first and is counted later is missing for a moment: who replaces the state would see the old one drained, and
//! the request would begin on it all the same. So a request is counted first, and looks again:
//!
//! ```text
//! request:  count, fence, look whether the state is still in force; where it is not, take back what was counted, and begin again
//! writer:   put the next state in force, fence, read the counts of the old one
//! ```
//!
//! The fences are sequentially consistent, so that one of the two comes first. If it is the request's, the writer reads the count. If it is
//! the writer's, the request sees that the state was replaced, and does not begin on it. What is left is counted with `Release`
//! and read with `Acquire` before what is entered, so that whoever sees that a request has left has seen it enter. Hence: **a state that was
//! replaced and whose counts were read as equal once is never entered again.**
//!
//! Nothing that a request writes is shared. Each thread has a seat: the state that it saw last, and counters for it, behind a pointer
//! of its own. A request reads the number of the state in force, which only writers write, and clones the pointer of its thread; only
//! who leaves on another thread touches that thread's line. After a swap each thread takes a new seat with its next request, under a lock
//! that is held for a few instructions. A thread that has no next request keeps the memory of the state that it saw last; it does
//! not count as being under way. States are freed by those who replace them or ask what has drained, never by a request: what was
//! replaced last stays in memory until the next of them comes.

use std::cell::RefCell;
use std::fmt;
use std::ops::Deref;
use std::sync::PoisonError;

use crate::drain::{Counters, DrainCounts, Ledger};
use crate::sync::{Arc, AtomicU64, Mutex, Ordering, PerThread, fence};

/// What can stand behind the pointer: it holds an epoch of each contract. How many there are, and how many slots they have, never changes.
pub(crate) trait State: Send + Sync {
    /// How many contracts there are.
    fn contracts(&self) -> usize;

    /// The epoch of a contract; several states may have the same.
    fn epoch(&self, contract: usize) -> u64;

    /// How many implementations the contract has that has most.
    fn slots(&self) -> usize;
}

/// The pointer.
pub(crate) struct Swap<T: State> {
    /// The number of the state in force, which the last page of the ledger holds; written under its lock.
    generation: AtomicU64,
    ledger: Mutex<Ledger<T>>,
    seats: PerThread<RefCell<Sight<T>>>,
}

/// What one thread sees.
pub(crate) struct Seat<T> {
    state: Arc<T>,
    generation: u64,
    pub(crate) counters: Counters,
}

/// A look at a state, which stays as it is. It counts nothing: a request is under way as long as its [`Guard`] is there.
pub(crate) struct Sight<T>(Arc<Seat<T>>);

/// A request under way; it has left when this is dropped, on whatever thread. It is what the request sees, too.
pub(crate) struct Guard<T> {
    sight: Sight<T>,
    contract: usize,
}

impl<T: State> Swap<T> {
    pub(crate) fn new(state: T) -> Self {
        Self {
            generation: AtomicU64::new(0),
            ledger: Mutex::new(Ledger::new(state)),
            seats: PerThread::new(),
        }
    }

    /// Begins a request: the one look at what is in force, counted as under way on its contract.
    #[inline(always)] // on the path of every request
    pub(crate) fn enter(&self, contract: usize) -> Guard<T> {
        self.seated(|seat| {
            loop {
                self.renew(seat);
                seat.0.counters.enter(contract);
                fence(Ordering::SeqCst);
                if self.is_in_force(seat) {
                    let sight = seat.clone();
                    return Guard { sight, contract };
                }
                seat.0.counters.take_back(contract);
            }
        })
    }

    /// Begins a request that another one makes: it sees what that one sees.
    ///
    /// A state that was replaced can be entered as long as requests are under way on it, as the other one is, if it has not left. Afterwards
    /// the request begins with what is in force.
    pub(crate) fn join(&self, sight: &Sight<T>, contract: usize) -> Guard<T> {
        let joined = || Guard {
            sight: sight.clone(),
            contract,
        };
        if self.is_in_force(sight) {
            sight.0.counters.join(contract);
            fence(Ordering::SeqCst);
            if self.is_in_force(sight) {
                return joined();
            }
            sight.0.counters.part(contract);
        }
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        if ledger.is_under_way(sight.0.generation) {
            sight.0.counters.join(contract);
            return joined();
        }
        drop(ledger);
        self.enter(contract)
    }

    /// What a call within a request would see that has seen this.
    pub(crate) fn seen(&self, sight: &Sight<T>) -> Sight<T> {
        let is_seen = self.is_in_force(sight) || {
            let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
            ledger.is_under_way(sight.0.generation)
        };
        if is_seen { sight.clone() } else { self.sight() }
    }

    /// What is in force, for who begins no request.
    pub(crate) fn sight(&self) -> Sight<T> {
        self.seated(|seat| {
            self.renew(seat);
            seat.clone()
        })
    }

    /// Puts a state in force. Whoever looks after this sees it, and nobody enters the one before any more.
    ///
    /// Who makes the next state out of the one in force keeps other writers out meanwhile.
    pub(crate) fn publish(&self, state: T) {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        self.generation.store(ledger.open(state), Ordering::Release);
        fence(Ordering::SeqCst);
        let (_, free) = ledger.settle();
        drop(ledger);
        drop(free);
    }

    /// The requests of a contract by epoch; the one in force comes last.
    pub(crate) fn counts(&self, contract: usize) -> Vec<DrainCounts> {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let (tallies, free) = ledger.settle();
        let counts = ledger.counts(contract, &tallies);
        drop(ledger);
        drop(free);
        counts
    }

    /// How many requests have entered since the start, of all contracts.
    pub(crate) fn entered(&self) -> u64 {
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.entered()
    }

    /// How many requests of the epoch in force each implementation was given, by slot.
    pub(crate) fn routed(&self, contract: usize) -> Vec<u64> {
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.routed(contract)
    }

    #[inline(always)] // on the path of every request
    fn seated<R>(&self, look: impl FnOnce(&mut Sight<T>) -> R) -> R {
        let make = || RefCell::new(self.sit());
        self.seats.with(make, |seat| look(&mut seat.borrow_mut()))
    }

    /// Takes another seat, if what the thread saw last was replaced.
    #[inline(always)] // on the path of every request
    fn renew(&self, seat: &mut Sight<T>) {
        if !self.is_in_force(seat) {
            *seat = self.sit();
        }
    }

    fn is_in_force(&self, sight: &Sight<T>) -> bool {
        self.generation.load(Ordering::Acquire) == sight.0.generation
    }

    #[cold]
    fn sit(&self) -> Sight<T> {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        Sight(ledger.seat())
    }
}

impl<T: State> Seat<T> {
    pub(crate) fn new(state: Arc<T>, generation: u64) -> Self {
        let counters = Counters::new(state.contracts(), state.slots());
        Self {
            state,
            generation,
            counters,
        }
    }
}

impl<T> Guard<T> {
    /// What the request sees, for what may see it longer than the request is under way.
    pub(crate) fn sight(&self) -> &Sight<T> {
        &self.sight
    }

    /// Leaves without having been decided, to ask something first.
    pub(crate) fn give_up(self) {
        self.sight.0.counters.give_up(self.contract);
    }

    /// Notes which implementation the request was given to.
    pub(crate) fn route(&self, slot: usize) {
        self.sight.0.counters.route(self.contract, slot);
    }
}

impl<T> Drop for Guard<T> {
    fn drop(&mut self) {
        self.sight.0.counters.leave(self.contract);
    }
}

impl<T> Deref for Guard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.sight
    }
}

impl<T> Deref for Sight<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.state
    }
}

impl<T> Clone for Sight<T> {
    /// The same look: a count on a line of the thread that took it.
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Guard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contract = self.contract;
        f.debug_tuple("Guard")
            .field(&self.sight)
            .field(&contract)
            .finish()
    }
}

impl<T> fmt::Debug for Sight<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sight").field(&self.0.generation).finish()
    }
}
