//! What must hold, whatever happens in between.

use std::sync::Arc as Shared;
use std::sync::atomic::{AtomicBool, Ordering};

use loom::model::Builder;
use loom::sync::atomic::AtomicU64;
use loom::sync::{Arc, Mutex};
use loom::thread;

use crate::swap::{Guard, State, Swap};
use crate::sync::write;

/// A state of two contracts.
pub(crate) struct Epochs {
    contracts: [u64; 2],
    told: Told,
    /// What requests read while they work, so that others may go on in between.
    table: AtomicU64,
}

/// Whether somebody was told that an epoch of the second contract has drained. It is no part of what is tried: a thread of a model that
/// sets it has done so for all that run after it.
#[derive(Clone, Default)]
pub(crate) struct Told(Shared<[AtomicBool; 4]>);

impl State for Epochs {
    fn contracts(&self) -> usize {
        2
    }

    fn epoch(&self, contract: usize) -> u64 {
        self.contracts[contract]
    }

    fn slots(&self) -> usize {
        0
    }
}

impl Epochs {
    fn is_told(&self) -> bool {
        let epoch = usize::try_from(self.contracts[1]).expect("a small number");
        self.told.0[epoch].load(Ordering::SeqCst)
    }
}

/// The second contract, which all tables that are replaced belong to. The first one has one table.
pub(crate) const CONTRACT: usize = 1;

impl Told {
    pub(crate) fn state(&self, epoch: u64) -> Epochs {
        Epochs {
            contracts: [1, epoch],
            told: self.clone(),
            table: AtomicU64::new(epoch),
        }
    }

    /// Puts an epoch in force, and asks what has drained.
    pub(crate) fn publish(&self, swap: &Swap<Epochs>, epoch: u64) {
        write();
        swap.publish(self.state(epoch));
        self.ask(swap);
    }

    pub(crate) fn ask(&self, swap: &Swap<Epochs>) {
        let mut counts = swap.counts(CONTRACT);
        counts.pop();
        for counts in counts {
            if counts.in_flight == 0 && counts.held == 0 {
                let epoch = usize::try_from(counts.epoch).expect("a small number");
                self.0[epoch].store(true, Ordering::SeqCst);
            }
        }
    }
}

/// A request at work: others go on meanwhile, and nobody may be told that its epoch has drained.
#[track_caller]
pub(crate) fn work(request: &Guard<Epochs>) {
    assert!(
        !request.is_told(),
        "a request has begun on an epoch that has drained"
    );
    assert_eq!(request.table.load(Ordering::Relaxed), request.epoch(CONTRACT));
    assert!(!request.is_told(), "an epoch has drained under a request");
}

/// Tries every interleaving in which threads are interrupted so often at most where they could go on; all of them where it is `None`.
pub(crate) fn check(interruptions: Option<usize>, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = interruptions;
    builder.check(model);
}

/// A request that begins while its epoch is replaced; gives the swap afterwards.
pub(crate) fn one_request_and_one_writer() -> Arc<Swap<Epochs>> {
    let told = Told::default();
    let swap = Arc::new(Swap::new(told.state(1)));
    let request = thread::spawn({
        let swap = Arc::clone(&swap);
        move || work(&swap.enter(CONTRACT))
    });
    told.publish(&swap, 2);
    request.join().expect("a request");
    swap
}

#[test]
fn no_request_is_under_way_on_an_epoch_that_has_drained() {
    check(None, || {
        let swap = one_request_and_one_writer();
        let counts = swap.counts(CONTRACT);
        let under_way: Vec<_> = counts
            .iter()
            .map(|counts| (counts.epoch, counts.in_flight))
            .collect();
        assert_eq!(under_way, [(1, 0), (2, 0)]);
        let entered: u64 = counts.iter().map(|counts| counts.entered).sum();
        assert_eq!(
            entered, 1,
            "what was taken back is not counted, and nothing is lost"
        );
        assert_eq!(swap.entered(), 1, "nor where all states are added up");
    });
}

/// Each request sees one state; the next one of its thread sees that or a newer one, during two swaps.
#[test]
fn requests_during_two_swaps() {
    check(Some(4), || {
        let told = Told::default();
        let swap = Arc::new(Swap::new(told.state(1)));
        let requests = thread::spawn({
            let swap = Arc::clone(&swap);
            move || {
                let mut last = 0;
                for _ in 0..2 {
                    let request = swap.enter(CONTRACT);
                    let seen = request.epoch(CONTRACT);
                    assert!(seen >= last, "epoch {seen} after {last}");
                    work(&request);
                    assert_eq!(request.epoch(CONTRACT), seen, "a request has seen two states");
                    last = seen;
                }
            }
        });
        told.publish(&swap, 2);
        told.publish(&swap, 3);
        requests.join().expect("requests");
        assert_eq!(swap.enter(CONTRACT).epoch(CONTRACT), 3);
    });
}

/// Two writers, each of whom makes the next state out of the one in force: no state is lost, and all that was replaced drains.
#[test]
fn two_writers() {
    check(Some(3), || {
        let told = Told::default();
        let swap = Arc::new(Swap::new(told.state(1)));
        let writing = Arc::new(Mutex::new(()));
        let next = |swap: &Swap<Epochs>, writing: &Mutex<()>, told: &Told| {
            let writer = writing.lock().expect("no panic");
            told.publish(swap, swap.sight().epoch(CONTRACT) + 1);
            drop(writer);
        };
        let writer = thread::spawn({
            let (swap, writing, told) = (Arc::clone(&swap), Arc::clone(&writing), told.clone());
            move || next(&swap, &writing, &told)
        });
        let request = thread::spawn({
            let swap = Arc::clone(&swap);
            move || work(&swap.enter(CONTRACT))
        });
        next(&swap, &writing, &told);
        writer.join().expect("a writer");
        request.join().expect("a request");
        assert_eq!(swap.sight().epoch(CONTRACT), 3);
        let under_way = swap.counts(CONTRACT).into_iter();
        let under_way: u64 = under_way.map(|counts| counts.in_flight + counts.held).sum();
        assert_eq!(under_way, 0);
        assert_eq!(swap.entered(), 1);
    });
}

/// A request ends on another thread than it began on. Whoever sees that it has left sees all that it did.
#[test]
fn leaving_on_another_thread_is_seen() {
    check(None, || {
        let told = Told::default();
        let swap = Arc::new(Swap::new(told.state(1)));
        let done = Arc::new(AtomicU64::new(0));
        let request = swap.enter(CONTRACT);
        let end = thread::spawn({
            let done = Arc::clone(&done);
            move || {
                work(&request);
                done.store(1, Ordering::Relaxed);
                drop(request);
            }
        });
        write();
        swap.publish(told.state(2));
        told.ask(&swap);
        let counts = swap.counts(CONTRACT)[0];
        assert_eq!((counts.epoch, counts.entered), (1, 1));
        if counts.in_flight == 0 {
            assert_eq!(done.load(Ordering::Relaxed), 1, "it has left before it was done");
        }
        end.join().expect("the end");
        assert_eq!(swap.counts(CONTRACT)[0].left, 1);
    });
}

/// A request of another contract calls into this one: it sees the epoch that it began with, which has not drained before the caller has.
#[test]
fn a_call_within_a_request_joins_its_state() {
    check(None, || {
        let told = Told::default();
        let swap = Arc::new(Swap::new(told.state(1)));
        let request = thread::spawn({
            let swap = Arc::clone(&swap);
            move || {
                let request = swap.enter(0);
                let call = swap.join(request.sight(), CONTRACT);
                assert_eq!(call.epoch(CONTRACT), request.epoch(CONTRACT));
                work(&call);
            }
        });
        told.publish(&swap, 2);
        request.join().expect("a request");
    });
}

/// What a request has seen may be kept longer than the request is under way: calls by it begin on that state only as long as nobody was
/// told that it has drained.
#[test]
fn a_call_after_its_request_begins_anew() {
    check(None, || {
        let told = Told::default();
        let swap = Arc::new(Swap::new(told.state(1)));
        let sight = swap.enter(0).sight().clone();
        let call = thread::spawn({
            let swap = Arc::clone(&swap);
            move || work(&swap.join(&sight, CONTRACT))
        });
        told.publish(&swap, 2);
        call.join().expect("a call");
        told.ask(&swap);
        assert_eq!(swap.counts(CONTRACT).len(), 2);
    });
}
