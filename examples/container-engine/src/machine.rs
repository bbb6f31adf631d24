//! The host in memory: images, containers, networks and volumes, and the rules that hold in every version.
//!
//! It keeps what the newest version can say, and beside it what only older versions ask for. Both implementations work on it, so
//! that what one makes the other shows.

mod containers;
mod images;
mod networks;
mod seed;
mod volumes;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::Notify;
use xxhash_rust::xxh3::xxh3_64_with_seed;

pub use containers::{Container, NewContainer};
pub use images::{Image, ImageChoice};
pub use networks::{Network, NewNetwork};
pub use volumes::{NewVolume, Volume};

use crate::errors::EngineError;

/// The moment that stands for none.
pub const NEVER: &str = "0001-01-01T00:00:00Z";

/// One host; clones share it.
#[derive(Debug, Clone)]
pub struct Machine {
    state: Arc<Mutex<State>>,
    /// Rung whenever a container changes.
    changed: Arc<Notify>,
    clock: fn() -> Timestamp,
}

/// What there is, by id; volumes by name.
#[derive(Debug, Default)]
struct State {
    images: BTreeMap<String, Image>,
    containers: BTreeMap<String, Container>,
    networks: BTreeMap<String, Network>,
    volumes: BTreeMap<String, Volume>,
    /// How many ids were given out.
    given: u64,
}

impl Machine {
    /// A host with two images, the network `bridge` and a volume, whose clock is that of the system.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(Timestamp::now)
    }

    /// The same with another clock.
    #[must_use]
    pub fn with_clock(clock: fn() -> Timestamp) -> Self {
        let machine = Self {
            state: Arc::default(),
            changed: Arc::default(),
            clock,
        };
        machine.reset();
        machine
    }

    /// Puts everything back to what it was at the start.
    pub fn reset(&self) {
        let mut state = State::default();
        seed::fill(&mut state);
        *self.state() = state;
        self.changed.notify_waiters();
    }

    /// How many containers and images there are.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        let state = self.state();
        (state.containers.len() as u64, state.images.len() as u64)
    }

    // A panic elsewhere leaves whole rows behind: each is written by one assignment.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> String {
        (self.clock)().to_string()
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    /// An id that was not given out before: 64 hexadecimal digits, the same in every run.
    fn new_id(&mut self) -> String {
        self.given += 1;
        let part = |seed| format!("{:016x}", xxh3_64_with_seed(&self.given.to_le_bytes(), seed));
        (0..4).map(part).collect()
    }
}

/// The one thing whose id begins like this, or that has this name.
fn find<'a, T>(
    rows: &'a BTreeMap<String, T>,
    kind: &str,
    asked: &str,
    named: impl Fn(&T) -> bool,
) -> Result<&'a str, EngineError> {
    if let Some((id, _)) = rows.iter().find(|(_, row)| named(row)) {
        return Ok(id);
    }
    let mut begun = rows.keys().filter(|id| {
        !asked.is_empty() && (id.starts_with(asked) || id.trim_start_matches("sha256:").starts_with(asked))
    });
    match (begun.next(), begun.next()) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => Err(EngineError::bad(&format!(
            "more than one {kind} has an id that begins with {asked}"
        ))),
        (None, _) => Err(EngineError::no_such(kind, asked)),
    }
}

/// Whether labels pass the values of the filter `label`: `name` or `name=value`.
fn label_matches(labels: &BTreeMap<String, String>, asked: &str) -> bool {
    match asked.split_once('=') {
        Some((name, value)) => labels.get(name).is_some_and(|found| found == value),
        None => labels.contains_key(asked),
    }
}
