//! The implementation of 40.0.0: it knows nothing of what came later, and answers newer versions where nothing is lost by that.

mod containers;
mod engine;
mod images;
mod mounts;
mod networks;
mod volumes;

use crate::journal::Journal;
use crate::machine::Machine;

/// Answers 40.0.0 natively.
#[derive(Debug, Clone)]
pub struct Oldest {
    machine: Machine,
    journal: Journal,
}

impl Oldest {
    /// An implementation over the host.
    #[must_use]
    pub fn new(machine: Machine) -> Self {
        Self::noting(machine, Journal::default())
    }

    /// The same, noting what it is asked for.
    #[must_use]
    pub fn noting(machine: Machine, journal: Journal) -> Self {
        Self { machine, journal }
    }
}
