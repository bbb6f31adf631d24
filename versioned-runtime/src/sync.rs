//! What the swap is made of: atomics, locks and cells of threads, each by one name.
//!
//! `swap` and `drain` name these only. The models in `tests/loom` compile the same two files over atomics and locks whose every
//! interleaving is tried.

use thread_local::ThreadLocal;

pub(crate) use std::sync::atomic::{AtomicU64, Ordering, fence};
pub(crate) use std::sync::{Arc, Mutex};

/// A value for each thread that asks for one. It stays when its thread ends, for a thread to come.
pub(crate) struct PerThread<T: Send>(ThreadLocal<T>);

impl<T: Send> PerThread<T> {
    pub(crate) fn new() -> Self {
        Self(ThreadLocal::new())
    }

    /// Gives the thread's own value, which is made if there is none.
    #[inline(always)] // a look into a table of the thread, on the path of every request
    pub(crate) fn with<R>(&self, make: impl FnOnce() -> T, give: impl FnOnce(&T) -> R) -> R {
        give(self.0.get_or(make))
    }
}

// Here and not beside the swap: the models compile that source, too, and these are no models.
#[cfg(test)]
mod tests;
