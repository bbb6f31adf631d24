//! The implementation of 52.0.0: of older versions it answers everything through its bridges.

mod containers;
mod engine;
mod images;
mod networks;
mod volumes;

use crate::journal::Journal;
use crate::machine::Machine;

/// Answers 52.0.0 natively.
#[derive(Debug, Clone)]
pub struct Newest {
    machine: Machine,
    journal: Journal,
}

impl Newest {
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
