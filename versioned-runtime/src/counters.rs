//! What a host has counted since its start.
//!
//! What is counted here is counted in a cell of the thread, which nobody else writes: requests on different cores share no line. Requests
//! themselves are counted where they enter the state in force (`drain`), so that none is counted twice on its way.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use thread_local::ThreadLocal;

use crate::dyes::Refused;

/// The counts of a host, read one after the other while requests go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// HTTP requests whose path belongs to a contract, and in-process calls.
    pub requests: u64,
    /// Requests and in-process calls that were refused before an implementation was called.
    pub refusals: u64,
    /// Handlers that panicked: each was answered with a 500, or broke off an answer whose status was sent already. Where an in-process call
    /// panics, it is the request that made it which counts.
    pub panics: u64,
    /// Handlers that did not answer in time; each was answered with a 503.
    pub timeouts: u64,
    /// Routing tables that were put in force since the start.
    pub flips: u64,
}

/// The counters behind [`Counters`].
#[derive(Debug, Default)]
pub(crate) struct Counting {
    cells: ThreadLocal<[AtomicU64; COUNTS]>,
    /// The most requests that were told.
    told: AtomicU64,
}

/// What can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    /// A request for the methods of a path, which enters no state.
    Options,
    /// A request that enters once more, because hooks were asked meanwhile.
    Again,
    Refusal,
    Panic,
    Timeout,
    Flip,
    DyeUnsigned,
    DyeSignature,
    DyeExpired,
    DyeSyntax,
    DyeUnknownKey,
    UserTypeFailure,
    ScoresFailure,
    ClientPinFailure,
}

impl From<Refused> for Count {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unsigned => Self::DyeUnsigned,
            Refused::Signature => Self::DyeSignature,
            Refused::Expired => Self::DyeExpired,
            Refused::Syntax => Self::DyeSyntax,
            Refused::UnknownKey => Self::DyeUnknownKey,
        }
    }
}

/// How many of them there are.
const COUNTS: usize = 14;

impl Counting {
    pub(crate) fn add(&self, count: Count) {
        bump(&self.cells.get_or_default()[count as usize], 1);
    }

    /// How often one thing was counted.
    pub(crate) fn sum(&self, count: Count) -> u64 {
        let cells = self.cells.iter();
        cells
            .map(|cells| cells[count as usize].load(Ordering::Relaxed))
            .sum()
    }

    /// All counts; `entered` is how many requests have entered a state.
    pub(crate) fn read(&self, entered: u64) -> Counters {
        let read = |count: Count| self.sum(count);
        let requests = entered.wrapping_add(read(Count::Options));
        let requests = requests.saturating_sub(read(Count::Again));
        Counters {
            // Not all of it is read at one moment: who enters again meanwhile would be missing, and a counter never falls.
            requests: self.told.fetch_max(requests, Ordering::Relaxed).max(requests),
            refusals: read(Count::Refusal),
            panics: read(Count::Panic),
            timeouts: read(Count::Timeout),
            flips: read(Count::Flip),
        }
    }
}

/// Adds to a counter that only the current thread writes: a plain load and a plain store, no locked instruction.
///
/// What was done before is seen by who sees the sum.
pub(crate) fn bump(cell: &AtomicU64, by: u64) {
    let sum = cell.load(Ordering::Relaxed).wrapping_add(by);
    cell.store(sum, Ordering::Release);
}
