//! The swap and its ledger over the atomics of the standard library. What can happen in between is tried by the models in `tests/loom`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::drain::DrainCounts;
use crate::swap::{Guard, State, Swap};

/// A state of two contracts, each at its epoch.
struct Epochs([u64; 2]);

impl State for Epochs {
    fn contracts(&self) -> usize {
        2
    }

    fn epoch(&self, contract: usize) -> u64 {
        self.0[contract]
    }

    fn slots(&self) -> usize {
        2
    }
}

fn ended(epoch: u64, entered: u64) -> DrainCounts {
    DrainCounts {
        epoch,
        entered,
        left: entered,
        ..DrainCounts::default()
    }
}

fn epochs(swap: &Swap<Epochs>, contract: usize) -> Vec<u64> {
    let counts = swap.counts(contract).into_iter();
    counts.map(|counts| counts.epoch).collect()
}

#[test]
fn entering_and_leaving_may_be_on_different_threads() {
    let swap = Swap::new(Epochs([4, 1]));
    let guard = swap.enter(0);
    guard.route(1);
    guard.route(2);
    let entered = DrainCounts {
        left: 0,
        in_flight: 1,
        ..ended(4, 1)
    };
    assert_eq!(swap.counts(0), [entered]);
    std::thread::scope(|scope| {
        scope.spawn(move || drop(guard));
    });
    assert_eq!(swap.counts(0), [ended(4, 1)]);
    assert_eq!(swap.routed(0), [0, 1], "there is no third slot");
    assert_eq!(swap.routed(1), [0, 0]);
}

#[test]
fn a_request_sees_what_it_began_with() {
    let swap = Swap::new(Epochs([1, 1]));
    let before = swap.enter(0);
    swap.publish(Epochs([2, 1]));
    let after = swap.enter(0);
    assert_eq!((before.0, after.0, swap.sight().0), ([1, 1], [2, 1], [2, 1]));
}

#[test]
fn what_has_not_drained_is_kept() {
    let swap = Swap::new(Epochs([1, 1]));
    let mut third = None;
    for epoch in 2..=20 {
        let guard = swap.enter(0);
        if epoch == 4 {
            third = Some(guard);
        }
        swap.publish(Epochs([epoch, 1]));
    }
    drop(swap.enter(0));
    assert_eq!(epochs(&swap, 0), [3, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
    assert_eq!(epochs(&swap, 1), [1]);
    drop(third);
    assert_eq!(epochs(&swap, 0), [12, 13, 14, 15, 16, 17, 18, 19, 20]);
}

#[test]
fn an_epoch_goes_on_through_states() {
    let swap = Swap::new(Epochs([1, 1]));
    for epoch in 2..=5 {
        let guard = swap.enter(1);
        guard.route(0);
        drop(guard);
        swap.publish(Epochs([epoch, 1]));
    }
    let guard = swap.enter(1);
    let counts = DrainCounts {
        in_flight: 1,
        left: 4,
        ..ended(1, 5)
    };
    assert_eq!(swap.counts(1), [counts]);
    assert_eq!(swap.routed(1), [4, 0]);
    drop(guard);
}

#[test]
fn a_request_of_one_contract_holds_the_epochs_of_the_others() {
    let swap = Swap::new(Epochs([1, 1]));
    let outer = swap.enter(0);
    swap.publish(Epochs([1, 2]));
    let held = DrainCounts {
        held: 1,
        ..ended(1, 0)
    };
    assert_eq!(swap.counts(1), [held, ended(2, 0)]);
    let inner = swap.join(outer.sight(), 1);
    assert_eq!(inner.0, [1, 1], "the request goes on with what it saw");
    let sight = outer.sight().clone();
    drop((inner, outer));
    assert_eq!(swap.counts(1), [ended(1, 1), ended(2, 0)]);
    // The request has ended, and somebody was told so.
    assert_eq!(swap.join(&sight, 1).0, [1, 2]);
}

#[test]
fn a_state_goes_with_its_last_request() {
    struct Alive(Arc<()>);

    impl State for Alive {
        fn contracts(&self) -> usize {
            1
        }

        fn epoch(&self, _: usize) -> u64 {
            1
        }

        fn slots(&self) -> usize {
            0
        }
    }

    let (first, next) = (Arc::new(()), Arc::new(()));
    let swap = Swap::new(Alive(Arc::clone(&first)));
    let guard = swap.enter(0);
    swap.publish(Alive(Arc::clone(&next)));
    drop(swap.enter(0));
    assert!(Arc::ptr_eq(&guard.0, &first), "the request is under way");
    assert_eq!(Arc::strong_count(&first), 2);
    drop(guard);
    swap.publish(Alive(next));
    assert_eq!(Arc::strong_count(&first), 1);
}

#[test]
fn guards_go_between_threads() {
    fn goes<T: Send + Sync>() {}
    goes::<Guard<Epochs>>();
    goes::<Swap<Epochs>>();
}

/// The models try few steps in every order; here are many, in the order that the machine gives them.
#[test]
fn nothing_is_under_way_on_what_has_drained() {
    const SWAPS: u64 = 30_000;
    let (swap, drained) = (Swap::new(Epochs([1, 1])), AtomicU64::new(0));
    let (done, requests) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut made = 0;
                while !done.load(Ordering::Relaxed) || made < 1_000 {
                    let request = swap.enter(0);
                    for _ in 0..3 {
                        // All epochs up to this one have drained, and the request is under way.
                        assert!(request.0[0] > drained.load(Ordering::SeqCst), "{request:?}");
                    }
                    made += 1;
                }
                requests.fetch_add(made, Ordering::Relaxed);
            });
        }
        for epoch in 2..SWAPS {
            swap.publish(Epochs([epoch, 1]));
            let counts = swap.counts(0);
            let under_way = counts.iter().find(|counts| counts.in_flight + counts.held > 0);
            let first = under_way.map_or(epoch, |counts| counts.epoch.min(epoch));
            drained.store(first - 1, Ordering::SeqCst);
        }
        done.store(true, Ordering::Relaxed);
    });
    let counts = swap.counts(1);
    assert_eq!(counts, [ended(1, 0)]);
    let under_way: u64 = swap.counts(0).iter().map(|counts| counts.in_flight).sum();
    assert_eq!(under_way, 0);
    assert!(requests.into_inner() >= 2_000);
}
