//! The series of a contract: numbered when the host starts, a cell for each in every thread that counts it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use versioned_core::contract::Contract;

use super::{Asked, Index, Seen};
use crate::counters::bump;

/// The upper bounds of the latency buckets in nanoseconds, and as `le` labels in seconds.
pub(super) const BOUNDS: [(u64, &str); 14] = [
    (500_000, "0.0005"),
    (1_000_000, "0.001"),
    (2_500_000, "0.0025"),
    (5_000_000, "0.005"),
    (10_000_000, "0.01"),
    (25_000_000, "0.025"),
    (50_000_000, "0.05"),
    (100_000_000, "0.1"),
    (250_000_000, "0.25"),
    (500_000_000, "0.5"),
    (1_000_000_000, "1.0"),
    (2_500_000_000, "2.5"),
    (5_000_000_000, "5.0"),
    (10_000_000_000, "10.0"),
];

/// The classes of statuses.
pub(super) const STATUSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// The cells of one thread for one contract; made when they are counted in first.
pub(super) type Cells = Box<[OnceLock<Box<Cell>>]>;

/// One series, as one thread has counted it.
#[derive(Default)]
pub(super) struct Cell {
    statuses: [AtomicU64; STATUSES.len()],
    buckets: [AtomicU64; BOUNDS.len() + 1],
    nanos: AtomicU64,
}

/// One series, added up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) statuses: [u64; STATUSES.len()],
    /// Not cumulated; the last is above all bounds.
    pub(super) buckets: [u64; BOUNDS.len() + 1],
    pub(super) nanos: u64,
}

impl Cell {
    fn count(&self, status: u16, took: Duration) {
        let class = usize::from(status / 100).clamp(1, STATUSES.len()) - 1;
        bump(&self.statuses[class], 1);
        let nanos = took.as_secs().saturating_mul(1_000_000_000);
        let nanos = nanos.saturating_add(took.subsec_nanos().into());
        bump(
            &self.buckets[BOUNDS.partition_point(|(bound, _)| *bound < nanos)],
            1,
        );
        bump(&self.nanos, nanos);
    }

    pub(super) fn add_to(&self, sum: &mut Sum) {
        let add = |sums: &mut [u64], cells: &[AtomicU64]| {
            for (sum, cell) in sums.iter_mut().zip(cells) {
                *sum = sum.wrapping_add(cell.load(Ordering::Relaxed));
            }
        };
        add(&mut sum.statuses, &self.statuses);
        add(&mut sum.buckets, &self.buckets);
        sum.nanos = sum.nanos.wrapping_add(self.nanos.load(Ordering::Relaxed));
    }
}

/// The cell of a series that the thread has not counted yet.
#[cold]
fn first(cell: &OnceLock<Box<Cell>>) -> &Cell {
    cell.get_or_init(Box::default)
}

/// Where the cell of a series lies.
///
/// A version has a row for each of its operations and one for no operation; after all versions comes a row for requests without a
/// version. A row has a cell for each kind of request and each slot, and one for no slot.
pub(super) struct Numbering {
    /// The first row of each version, and of no version.
    starts: Box<[usize]>,
    slots: usize,
}

impl Numbering {
    pub(super) fn new(contracts: &[&Contract]) -> Self {
        let mut starts = vec![0];
        for contract in contracts {
            let last = starts.last().copied().unwrap_or(0);
            starts.push(last + contract.operations.len() + 1);
        }
        Self {
            slots: contracts.len(),
            starts: starts.into(),
        }
    }

    fn versions(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn cells(&self) -> Cells {
        let rows = self.starts[self.versions()] + 1;
        let cells = rows * Asked::ALL.len() * (self.slots + 1);
        (0..cells).map(|_| OnceLock::new()).collect()
    }

    pub(super) fn count(&self, cells: &Cells, seen: &Seen, status: u16, took: Duration) {
        if let Some(cell) = cells.get(self.index(seen)) {
            let cell = cell.get().map_or_else(|| first(cell), |cell| &**cell);
            cell.count(status, took);
        }
    }

    fn index(&self, seen: &Seen) -> usize {
        let rows = seen
            .resolved
            .and_then(|version| self.starts.get(usize::from(version)..)?.first_chunk());
        let row = match (rows, seen.operation) {
            (None, _) => self.starts[self.versions()],
            (Some([_, next]), None) => next - 1,
            (Some([start, next]), Some(operation)) => (start + usize::from(operation)).min(next - 1),
        };
        let slot = seen
            .serving
            .map(usize::from)
            .filter(|slot| *slot < self.slots)
            .unwrap_or(self.slots);
        (row * Asked::ALL.len() + seen.asked as usize) * (self.slots + 1) + slot
    }

    /// All series with their indices.
    pub(super) fn all(&self) -> impl Iterator<Item = (usize, Seen)> {
        let index = |number: usize| Index::try_from(number).unwrap_or(Index::MAX);
        let versions = (0..self.versions()).map(Some).chain([None]);
        versions
            .flat_map(move |resolved| {
                let operations = match resolved {
                    Some(version) => self.starts[version + 1] - self.starts[version] - 1,
                    None => 0,
                };
                let operations = (0..operations).map(Some).chain([None]);
                operations.flat_map(move |operation| {
                    Asked::ALL.into_iter().flat_map(move |asked| {
                        let slots = (0..self.slots).map(Some).chain([None]);
                        slots.map(move |serving| Seen {
                            asked,
                            resolved: resolved.map(index),
                            operation: operation.map(index),
                            serving: serving.map(index),
                            ..Seen::default()
                        })
                    })
                })
            })
            .map(|seen| (self.index(&seen), seen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_series_has_a_cell_of_its_own() {
        let numbering = Numbering {
            starts: [0, 3, 7].into(),
            slots: 2,
        };
        let mut indices: Vec<usize> = numbering.all().map(|(index, _)| index).collect();
        indices.sort_unstable();
        let all: Vec<usize> = (0..numbering.cells().len()).collect();
        assert_eq!(indices, all);
    }

    #[track_caller]
    fn check(nanos: u64, bucket: usize) {
        let (cell, mut sum) = (Cell::default(), Sum::default());
        cell.count(204, Duration::from_nanos(nanos));
        cell.add_to(&mut sum);
        assert_eq!(sum.buckets[bucket], 1, "{nanos}: {sum:?}");
        assert_eq!((sum.statuses, sum.nanos), ([0, 1, 0, 0, 0], nanos));
    }

    #[test]
    fn bounds_belong_to_their_bucket() {
        check(0, 0);
        check(500_000, 0);
        check(500_001, 1);
        check(10_000_000_000, 13);
        check(10_000_000_001, 14);
    }

    #[test]
    fn labels_are_the_bounds_in_seconds() {
        for (nanos, label) in BOUNDS {
            let seconds = Duration::from_nanos(nanos).as_secs_f64();
            assert_eq!(label.parse::<f64>(), Ok(seconds));
        }
    }
}
