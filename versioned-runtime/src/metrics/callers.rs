//! Who still calls what is deprecated: the clients that call most, in a table of a fixed size.
//!
//! Space-saving (Metwally, Agrawal and El Abbadi 2005) decides who is kept: a client that is not in the full table takes the place of
//! the one with the lowest rank, and its rank with it; so that nobody who calls often enough can be missed. What is told is exact all the
//! same: the calls since a client came into the table, and what was counted of those who had to leave it as overflow.

use std::collections::BTreeMap;

/// How many clients a thread keeps.
pub(super) const KEPT: usize = 32;

/// One client of one deprecated version, or of one deprecated operation of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Caller {
    pub(super) contract: usize,
    pub(super) version: usize,
    /// The operation, where it alone is deprecated.
    pub(super) operation: Option<usize>,
    /// As [`Seen::client`](super::Seen::client).
    pub(super) client: u64,
}

#[derive(Debug)]
struct Row {
    caller: Caller,
    /// What it can have called at most, ever.
    rank: u64,
    /// What it has called since it was kept.
    calls: u64,
}

/// The clients of one thread.
#[derive(Debug, Default)]
pub(super) struct Callers {
    rows: Vec<Row>,
    /// The calls of clients that were put out, by contract and version.
    overflow: BTreeMap<(usize, usize), u64>,
}

/// The clients of all threads.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Called {
    pub(super) kept: BTreeMap<Caller, u64>,
    pub(super) overflow: BTreeMap<(usize, usize), u64>,
}

/// What was told last: a client that one thread puts out, and another one keeps, would otherwise have called less often than it had
/// before, and readers take a counter that falls for one that began anew.
#[derive(Debug, Default)]
pub(super) struct Told(BTreeMap<Caller, u64>);

impl Told {
    /// What is to be told of what was counted: no client less than before, and everything in all.
    pub(super) fn tell(&mut self, called: &mut Called) {
        for (caller, calls) in &mut called.kept {
            let more = self.0.get(caller).map_or(0, |told| told.saturating_sub(*calls));
            *calls += more;
            let overflow = called.overflow.entry((caller.contract, caller.version));
            // What a client is told to have called more than is counted for it was counted as overflow when it was put out.
            overflow.and_modify(|overflow| *overflow = overflow.saturating_sub(more));
        }
        self.0.clone_from(&called.kept);
    }
}

impl Callers {
    pub(super) fn count(&mut self, caller: Caller) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.caller == caller) {
            row.rank += 1;
            row.calls += 1;
            return;
        }
        if self.rows.len() < KEPT {
            // All at once, so that only the first call of a thread allocates.
            self.rows.reserve_exact(KEPT - self.rows.len());
            self.rows.push(Row {
                caller,
                rank: 1,
                calls: 1,
            });
            return;
        }
        if let Some(lowest) = self.rows.iter_mut().min_by_key(|row| row.rank) {
            let gone = lowest.caller;
            *self.overflow.entry((gone.contract, gone.version)).or_default() += lowest.calls;
            *lowest = Row {
                caller,
                rank: lowest.rank + 1,
                calls: 1,
            };
        }
    }

    pub(super) fn add_to(&self, called: &mut Called) {
        for row in &self.rows {
            *called.kept.entry(row.caller).or_default() += row.calls;
        }
        for (version, calls) in &self.overflow {
            *called.overflow.entry(*version).or_default() += calls;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counted(clients: &[u64]) -> Called {
        let mut callers = Callers::default();
        for client in clients {
            callers.count(Caller {
                contract: 0,
                version: 1,
                operation: None,
                client: *client,
            });
        }
        let mut called = Called::default();
        callers.add_to(&mut called);
        called
    }

    proptest! {
        /// Nothing is lost, nobody is told to have called more than it has, and who calls often is there.
        #[test]
        fn calls_add_up(clients in prop::collection::vec(prop_oneof![0_u64..4, 0_u64..200], 0..2_000)) {
            let called = counted(&clients);
            let told: u64 = called.kept.values().chain(called.overflow.values()).sum();
            prop_assert_eq!(told, clients.len() as u64);
            prop_assert!(called.kept.len() <= KEPT);
            for client in 0..200 {
                let calls = clients.iter().filter(|one| **one == client).count();
                let caller = Caller { contract: 0, version: 1, operation: None, client };
                match called.kept.get(&caller) {
                    Some(kept) => prop_assert!(*kept <= calls as u64),
                    None => prop_assert!(calls * KEPT <= clients.len(), "{} of {} calls are missed", calls, clients.len()),
                }
            }
        }
    }

    proptest! {
        /// While threads put clients out, and are asked now and then: no client that is told again has called less, what is told in all
        /// is what was called, and the overflow never falls.
        #[test]
        fn what_is_told_never_falls(
            calls in prop::collection::vec((0_usize..2, prop_oneof![0_u64..4, 0_u64..100]), 0..2_000),
            every in 1_usize..200,
        ) {
            let mut threads = [Callers::default(), Callers::default()];
            let (mut told, mut last) = (Told::default(), Called::default());
            for (number, (thread, client)) in (1..).zip(&calls) {
                let caller = Caller { contract: 0, version: 1, operation: None, client: *client };
                threads[*thread].count(caller);
                if number % every != 0 {
                    continue;
                }
                let mut called = Called::default();
                for thread in &threads {
                    thread.add_to(&mut called);
                }
                told.tell(&mut called);
                for (caller, calls) in &called.kept {
                    prop_assert!(last.kept.get(caller).is_none_or(|before| before <= calls));
                }
                let overflow = |called: &Called| called.overflow.values().sum::<u64>();
                prop_assert!(overflow(&last) <= overflow(&called));
                prop_assert_eq!(called.kept.values().sum::<u64>() + overflow(&called), number as u64);
                last = called;
            }
        }
    }

    #[test]
    fn few_clients_are_counted_exactly() {
        let called = counted(&[7, 8, 7, 0]);
        let kept: Vec<(u64, u64)> = called
            .kept
            .iter()
            .map(|(caller, calls)| (caller.client, *calls))
            .collect();
        assert_eq!(kept, [(0, 1), (7, 2), (8, 1)]);
        assert!(called.overflow.is_empty());
    }
}
