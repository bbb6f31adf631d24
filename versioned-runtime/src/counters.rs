//! What a host has counted since its start.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// The counts of a host, read one after the other while requests go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// HTTP requests whose path belongs to a contract, and in-process calls.
    pub requests: u64,
    /// Requests that were refused before an implementation was called.
    pub refusals: u64,
    /// Handlers that panicked; each was answered with a 500.
    pub panics: u64,
    /// Handlers that did not answer in time; each was answered with a 503.
    pub timeouts: u64,
    /// Routing tables that were put in force since the start.
    pub flips: u64,
}

/// The counters behind [`Counters`].
#[derive(Debug, Default)]
pub(crate) struct Counting {
    requests: AtomicU64,
    refusals: AtomicU64,
    panics: AtomicU64,
    timeouts: AtomicU64,
    flips: AtomicU64,
}

/// What can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    Request,
    Refusal,
    Panic,
    Timeout,
    Flip,
}

impl Counting {
    pub(crate) fn add(&self, count: Count) {
        let counter = match count {
            Count::Request => &self.requests,
            Count::Refusal => &self.refusals,
            Count::Panic => &self.panics,
            Count::Timeout => &self.timeouts,
            Count::Flip => &self.flips,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Counters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counters {
            requests: read(&self.requests),
            refusals: read(&self.refusals),
            panics: read(&self.panics),
            timeouts: read(&self.timeouts),
            flips: read(&self.flips),
        }
    }
}
