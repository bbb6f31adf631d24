//! What the swap is value of: the names that the runtime's `sync` gives, over loom.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use loom::thread::{self, ThreadId};

pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
pub(crate) use loom::sync::{Arc, Mutex};

thread_local! {
    static OMITTED: Cell<Omitted> = const { Cell::new(Omitted::Nothing) };
}

/// What a model leaves out, to see that it is missed. All threads of a model are one to the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Omitted {
    Nothing,
    /// The fences of requests.
    FencesOfRequests,
    /// The fences of writers.
    FencesOfWriters,
}

/// Whether a thread of a model is a writer, for what is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Request,
    Writer,
}

loom::thread_local! {
    static ROLE: Cell<Role> = Cell::new(Role::Request);
}

/// Leaves something out while a model is checked on the current thread of the system.
pub(crate) fn omit(what: Omitted) {
    OMITTED.set(what);
}

/// The current thread of the model writes from here on.
pub(crate) fn write() {
    ROLE.with(|role| role.set(Role::Writer));
}

pub(crate) fn fence(order: Ordering) {
    let omitted = match ROLE.with(Cell::get) {
        Role::Request => Omitted::FencesOfRequests,
        Role::Writer => Omitted::FencesOfWriters,
    };
    if OMITTED.get() != omitted {
        loom::sync::atomic::fence(order);
    }
}

/// A value for each thread that asks for one.
pub(crate) struct PerThread<T>(std::sync::Mutex<HashMap<ThreadId, Rc<T>>>);

impl<T> PerThread<T> {
    pub(crate) fn new() -> Self {
        Self(std::sync::Mutex::default())
    }

    pub(crate) fn with<R>(&self, make: impl FnOnce() -> T, give: impl FnOnce(&T) -> R) -> R {
        let thread = thread::current().id();
        let own = || self.0.lock().expect("no panic").get(&thread).cloned();
        // Neither is done under the lock: another thread of the model may go on in between.
        let seat = own().unwrap_or_else(|| {
            let value = Rc::new(make());
            self.0.lock().expect("no panic").insert(thread, Rc::clone(&value));
            value
        });
        give(&seat)
    }
}
