//! Requests under way, by epoch: the counters that requests write, and the ledger that adds them up.
//!
//! A request is entered when it takes the snapshot and left when its answer's body has ended. Each thread has counters of its own for each
//! state that it sees; an epoch of a contract is in force in one state, or in several one after the other. Why the sums can be
//! relied on is said in `swap`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::swap::{Seat, State};
use crate::sync::{Arc, AtomicU64, Ordering};

/// How many epochs are told that have drained already.
const REMEMBERED: usize = 8;

/// How far an epoch has drained.
///
/// It has drained once another one is in force and both `in_flight` and `held` are nothing; nothing enters it any more then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct DrainCounts {
    /// The number of the routing table.
    pub epoch: u64,
    /// Requests that saw it, those that were refused and in-process calls, too. One that waited for hooks counts for the table that was in
    /// force when they had answered.
    pub entered: u64,
    /// Those of them whose answer has ended.
    pub left: u64,
    /// Those that are under way.
    pub in_flight: u64,
    /// Requests of other contracts of the host that are under way and see this table: their handlers may call into it yet.
    pub held: u64,
}

/// What one thread counts while one state is in force, by contract.
///
/// A thread makes its own, so that they stand among what it uses itself.
pub(crate) struct Counters {
    width: usize,
    cells: Box<[AtomicU64]>,
}

/// Written by the thread alone.
const ENTERED: usize = 0;
/// Entered by requests that others make, from whatever thread.
const JOINED: usize = 1;
/// Written from whatever thread.
const LEFT: usize = 2;
/// Entered and left again without being decided; written from whatever thread.
const GIVEN_UP: usize = 3;
/// The first slot of those that were given requests.
const ROUTED: usize = 4;

impl Counters {
    pub(crate) fn new(contracts: usize, slots: usize) -> Self {
        let width = ROUTED + slots;
        Self {
            width,
            cells: (0..contracts * width).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    fn cell(&self, contract: usize, which: usize) -> Option<&AtomicU64> {
        self.cells.get(contract * self.width + which)
    }

    fn read(&self, contract: usize, which: usize) -> u64 {
        self.cell(contract, which)
            .map_or(0, |cell| cell.load(Ordering::Acquire))
    }

    /// Only the thread whose counters these are enters by this: a plain load and a plain store, which the fence after them makes known.
    pub(crate) fn enter(&self, contract: usize) {
        if let Some(entered) = self.cell(contract, ENTERED) {
            let sum = entered.load(Ordering::Relaxed).wrapping_add(1);
            entered.store(sum, Ordering::Relaxed);
        }
    }

    /// As if the last one had not entered.
    #[cold]
    pub(crate) fn take_back(&self, contract: usize) {
        if let Some(entered) = self.cell(contract, ENTERED) {
            let sum = entered.load(Ordering::Relaxed).wrapping_sub(1);
            entered.store(sum, Ordering::Relaxed);
        }
    }

    pub(crate) fn join(&self, contract: usize) {
        if let Some(joined) = self.cell(contract, JOINED) {
            joined.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// As if the last one had not joined.
    pub(crate) fn part(&self, contract: usize) {
        if let Some(joined) = self.cell(contract, JOINED) {
            joined.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// What is about to leave was not decided: it is under way like all others, and told of nowhere.
    pub(crate) fn give_up(&self, contract: usize) {
        if let Some(given_up) = self.cell(contract, GIVEN_UP) {
            given_up.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn leave(&self, contract: usize) {
        if let Some(left) = self.cell(contract, LEFT) {
            left.fetch_add(1, Ordering::Release);
        }
    }

    pub(crate) fn route(&self, contract: usize, slot: usize) {
        let slot = Some(ROUTED + slot).filter(|slot| *slot < self.width);
        if let Some(routed) = slot.and_then(|slot| self.cell(contract, slot)) {
            routed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The states that have not drained, who sees them, and what became of the epochs before.
pub(crate) struct Ledger<T> {
    in_force: Page<T>,
    /// Those before, as long as nobody was told that they have drained.
    replaced: Vec<Page<T>>,
    /// Those that have drained, as long as a thread or the context of a request holds them: freeing a state is no work for a request.
    drained: Vec<Arc<T>>,
    /// What was counted under states that have drained, by epoch, for each contract.
    past: Vec<BTreeMap<u64, Past>>,
    /// All requests of the states that have drained, those of forgotten epochs, too.
    ended: u64,
}

/// A state, and the seats of all threads that have seen it.
pub(crate) struct Page<T> {
    state: Arc<T>,
    generation: u64,
    seats: Vec<Arc<Seat<T>>>,
}

/// The counts of one contract under one state.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tally {
    entered: u64,
    left: u64,
    given_up: u64,
}

#[derive(Default)]
struct Past {
    ended: u64,
    routed: Vec<u64>,
}

impl Tally {
    fn in_flight(self) -> u64 {
        self.entered.saturating_sub(self.left)
    }

    /// Those that were decided and have ended.
    fn ended(self) -> u64 {
        self.left.saturating_sub(self.given_up)
    }
}

impl<T: State> Page<T> {
    /// With room for as many threads as saw the state before: they would take the time of requests to make it.
    fn new(state: T, generation: u64, threads: usize) -> Self {
        Self {
            state: Arc::new(state),
            generation,
            seats: Vec::with_capacity(threads),
        }
    }

    /// The counts of all contracts. What has left is read first: a request may be told to be under way for a moment longer, never to be
    /// gone while it is not.
    fn tally(&self) -> Vec<Tally> {
        let mut tallies = vec![Tally::default(); self.state.contracts()];
        for (contract, tally) in tallies.iter_mut().enumerate() {
            tally.left = self.sum(contract, LEFT);
        }
        for (contract, tally) in tallies.iter_mut().enumerate() {
            tally.entered = self.entered_by(contract);
            tally.given_up = self.sum(contract, GIVEN_UP);
        }
        tallies
    }

    fn entered_by(&self, contract: usize) -> u64 {
        self.sum(contract, ENTERED)
            .wrapping_add(self.sum(contract, JOINED))
    }

    /// Those of all contracts.
    fn entered(&self) -> u64 {
        let contracts = 0..self.state.contracts();
        contracts
            .map(|contract| self.entered_by(contract))
            .fold(0, u64::wrapping_add)
    }

    fn sum(&self, contract: usize, which: usize) -> u64 {
        let read = |seat: &Arc<Seat<T>>| seat.counters.read(contract, which);
        self.seats.iter().map(read).fold(0, u64::wrapping_add)
    }

    fn add_routed(&self, contract: usize, routed: &mut Vec<u64>) {
        routed.resize(self.state.slots(), 0);
        for (slot, sum) in routed.iter_mut().enumerate() {
            *sum += self.sum(contract, ROUTED + slot);
        }
    }
}

impl<T: State> Ledger<T> {
    pub(crate) fn new(state: T) -> Self {
        let past = (0..state.contracts()).map(|_| BTreeMap::new()).collect();
        Self {
            in_force: Page::new(state, 0, 0),
            replaced: Vec::new(),
            drained: Vec::new(),
            past,
            ended: 0,
        }
    }

    /// Another state is in force; gives its number.
    pub(crate) fn open(&mut self, state: T) -> u64 {
        let generation = self.in_force.generation + 1;
        let next = Page::new(state, generation, self.in_force.seats.len());
        let before = std::mem::replace(&mut self.in_force, next);
        self.replaced.push(before);
        generation
    }

    /// A seat at the state in force.
    pub(crate) fn seat(&mut self) -> Arc<Seat<T>> {
        let page = &mut self.in_force;
        let seat = Arc::new(Seat::new(Arc::clone(&page.state), page.generation));
        page.seats.push(Arc::clone(&seat));
        seat
    }

    /// Whether the state of that number may be entered: it is in force, or has not drained.
    pub(crate) fn is_under_way(&mut self, generation: u64) -> bool {
        self.close_drained();
        self.pages().any(|page| page.generation == generation)
    }

    /// All states that have not drained; the one in force comes last.
    fn pages(&self) -> impl Iterator<Item = &Page<T>> {
        self.replaced.iter().chain([&self.in_force])
    }

    /// Closes the states that have drained, and gives the counts of the others, and the states that nobody holds any more: they are to be
    /// dropped without the lock. Whoever holds the lock comes after the fence of the writer who replaced a state.
    pub(crate) fn settle(&mut self) -> (Vec<Vec<Tally>>, Vec<Arc<T>>) {
        let tallies = self.close_drained();
        let free = self.drained.extract_if(.., |state| Arc::get_mut(state).is_some());
        (tallies, free.collect())
    }

    /// Closes the states that have drained, and gives the counts of the others.
    fn close_drained(&mut self) -> Vec<Vec<Tally>> {
        let mut tallies = Vec::new();
        let closed = self.drained.len();
        for page in std::mem::take(&mut self.replaced) {
            let tally = page.tally();
            if tally.iter().all(|tally| tally.in_flight() == 0) {
                self.close(&page, &tally);
                self.drained.push(page.state);
            } else {
                self.replaced.push(page);
                tallies.push(tally);
            }
        }
        tallies.push(self.in_force.tally());
        if self.drained.len() > closed {
            self.forget();
        }
        tallies
    }

    /// Keeps what was counted under a state that has drained.
    fn close(&mut self, page: &Page<T>, tallies: &[Tally]) {
        for (contract, (past, tally)) in self.past.iter_mut().zip(tallies).enumerate() {
            let past = past.entry(page.state.epoch(contract)).or_default();
            past.ended += tally.ended();
            self.ended += tally.left;
            page.add_routed(contract, &mut past.routed);
        }
    }

    /// Forgets the oldest epochs that are in no state any more.
    fn forget(&mut self) {
        for contract in 0..self.past.len() {
            let seen: Vec<u64> = self.pages().map(|page| page.state.epoch(contract)).collect();
            let past = &mut self.past[contract];
            let unseen = past.keys().rev().copied().filter(|epoch| !seen.contains(epoch));
            let oldest: Vec<u64> = unseen.skip(REMEMBERED).collect();
            past.retain(|epoch, _| !oldest.contains(epoch));
        }
    }

    /// The epochs of a contract that have not drained, and a few that have; the newest last. `tallies` are what [`settle`](Self::settle)
    /// has given, so that nobody is told of a state that it has drained who was not told by that.
    pub(crate) fn counts(&self, contract: usize, tallies: &[Vec<Tally>]) -> Vec<DrainCounts> {
        let Some(past) = self.past.get(contract) else {
            return Vec::new();
        };
        let ended = past.iter().map(|(epoch, past)| {
            let counts = DrainCounts {
                epoch: *epoch,
                entered: past.ended,
                left: past.ended,
                ..DrainCounts::default()
            };
            (*epoch, counts)
        });
        let mut epochs: BTreeMap<u64, DrainCounts> = ended.collect();
        for (page, tallies) in self.pages().zip(tallies) {
            let epoch = page.state.epoch(contract);
            let own = tallies.get(contract).copied().unwrap_or_default();
            let all: u64 = tallies.iter().map(|tally| tally.in_flight()).sum();
            let counts = epochs.entry(epoch).or_insert(DrainCounts {
                epoch,
                ..DrainCounts::default()
            });
            counts.entered += own.ended() + own.in_flight();
            counts.left += own.ended();
            counts.in_flight += own.in_flight();
            counts.held += all.saturating_sub(own.in_flight());
        }
        epochs.into_values().collect()
    }

    /// How many requests have entered since the start, of all contracts.
    pub(crate) fn entered(&self) -> u64 {
        self.pages()
            .map(Page::entered)
            .fold(self.ended, u64::wrapping_add)
    }

    /// How many requests of the epoch in force each implementation was given, by slot.
    pub(crate) fn routed(&self, contract: usize) -> Vec<u64> {
        let epoch = self.in_force.state.epoch(contract);
        let past = self.past.get(contract).and_then(|past| past.get(&epoch));
        let mut routed = past.map_or_else(Vec::new, |past| past.routed.clone());
        for page in self.pages() {
            if page.state.epoch(contract) == epoch {
                page.add_routed(contract, &mut routed);
            }
        }
        routed
    }
}
