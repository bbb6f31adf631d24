//! Requests under way, counted for each epoch: entered when they take the snapshot, left when their answer's body has ended.
//!
//! A request may end on another thread than it began on, so that entering and leaving are counters of their own, in a cell of the thread
//! that counts. They only rise, and who reads them reads those that left first: a request may be told to be under way for a moment
//! longer, never to be gone while it is not. Between taking the snapshot and entering, a request holds the snapshot itself.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use thread_local::ThreadLocal;

use crate::counters::bump;
use crate::host::Snapshot;

/// How many epochs are told that have drained already.
const REMEMBERED: usize = 8;

/// The requests of one epoch of one contract.
pub(crate) struct Drain {
    epoch: u64,
    slots: usize,
    cells: ThreadLocal<Cell>,
}

/// What one thread has counted.
struct Cell {
    entered: AtomicU64,
    left: AtomicU64,
    /// What was routed, by the slot of the implementation.
    routed: Box<[AtomicU64]>,
}

/// How far an epoch has drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DrainCounts {
    /// The number of the routing table.
    pub epoch: u64,
    /// Requests that were decided by it.
    pub entered: u64,
    /// Those of them whose answer has ended.
    pub left: u64,
    /// Those that are under way.
    pub in_flight: u64,
}

impl Drain {
    pub(crate) fn new(epoch: u64, slots: usize) -> Self {
        Self {
            epoch,
            slots,
            cells: ThreadLocal::new(),
        }
    }

    fn cell(&self) -> &Cell {
        self.cells.get_or(|| Cell {
            entered: AtomicU64::new(0),
            left: AtomicU64::new(0),
            routed: (0..self.slots).map(|_| AtomicU64::new(0)).collect(),
        })
    }

    /// Notes which implementation a request was given to.
    pub(crate) fn route(&self, slot: usize) {
        if let Some(routed) = self.cell().routed.get(slot) {
            bump(routed, 1);
        }
    }

    /// How many requests each implementation was given, by slot.
    pub(crate) fn routed(&self) -> Vec<u64> {
        let sum = |slot: usize| self.sum(|cell| &cell.routed[slot]);
        (0..self.slots).map(sum).collect()
    }

    pub(crate) fn counts(&self) -> DrainCounts {
        let left = self.sum(|cell| &cell.left);
        let entered = self.sum(|cell| &cell.entered);
        DrainCounts {
            epoch: self.epoch,
            entered,
            left,
            in_flight: entered.saturating_sub(left),
        }
    }

    fn sum(&self, of: impl Fn(&Cell) -> &AtomicU64) -> u64 {
        self.cells
            .iter()
            .map(|cell| of(cell).load(Ordering::Acquire))
            .sum()
    }
}

impl fmt::Debug for Drain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Drain").field(&self.counts()).finish()
    }
}

/// A request under way; it has left when this is dropped. It is what the request sees, too.
#[derive(Debug)]
pub(crate) struct Guard {
    snapshot: Arc<Snapshot>,
    contract: usize,
}

impl Guard {
    pub(crate) fn enter(snapshot: Arc<Snapshot>, contract: usize) -> Self {
        if let Some(terms) = snapshot.beside(contract) {
            bump(&terms.drain.cell().entered, 1);
        }
        Self { snapshot, contract }
    }

    pub(crate) fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(terms) = self.snapshot.beside(self.contract) {
            bump(&terms.drain.cell().left, 1);
        }
    }
}

/// The epochs of one contract that are in force, not drained, or were so a short while ago.
#[derive(Debug, Default)]
pub(crate) struct Drains(Mutex<VecDeque<Arc<Drain>>>);

impl Drains {
    /// A new epoch is in force. Of those before, all that have not drained are kept, and a few that have.
    pub(crate) fn begin(&self, drain: &Arc<Drain>) {
        let mut drains = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        drains.push_back(Arc::clone(drain));
        let old = drains.len().saturating_sub(REMEMBERED + 1);
        let mut index = 0;
        drains.retain(|drain| {
            index += 1;
            index > old || drain.counts().in_flight > 0
        });
    }

    /// The newest last.
    pub(crate) fn counts(&self) -> Vec<DrainCounts> {
        let drains = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        drains.iter().map(|drain| drain.counts()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entering_and_leaving_may_be_on_different_threads() {
        let drain = Arc::new(Drain::new(4, 2));
        bump(&drain.cell().entered, 1);
        drain.route(1);
        let elsewhere = Arc::clone(&drain);
        let ended = std::thread::spawn(move || bump(&elsewhere.cell().left, 1));
        let expected = |left| DrainCounts {
            epoch: 4,
            entered: 1,
            left,
            in_flight: 1 - left,
        };
        ended.join().expect("a thread");
        assert_eq!(drain.counts(), expected(1));
        assert_eq!(drain.routed(), [0, 1]);
    }

    #[test]
    fn what_has_not_drained_is_kept() {
        let drains = Drains::default();
        for epoch in 1..=20 {
            let drain = Arc::new(Drain::new(epoch, 1));
            bump(&drain.cell().entered, 1);
            if epoch != 3 {
                bump(&drain.cell().left, 1);
            }
            drains.begin(&drain);
        }
        let epochs: Vec<u64> = drains.counts().iter().map(|counts| counts.epoch).collect();
        assert_eq!(epochs, [3, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
    }
}
