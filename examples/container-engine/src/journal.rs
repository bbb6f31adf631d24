//! What an implementation was asked for, as it stands in its own version: so that tests see what a bridge made of a request.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

/// Notes requests where it is kept; clones share the notes.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    notes: Option<Arc<Mutex<Vec<Value>>>>,
}

impl Journal {
    /// A journal that is kept; the default one is not.
    #[must_use]
    pub fn kept() -> Self {
        Self {
            notes: Some(Arc::default()),
        }
    }

    /// Notes the arguments of an operation, if anybody reads them.
    pub(crate) fn note(&self, arguments: impl FnOnce() -> Value) {
        if let Some(notes) = &self.notes {
            let arguments = arguments();
            notes
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(arguments);
        }
    }

    /// What was noted since it was asked for the last time.
    #[must_use]
    pub fn take(&self) -> Vec<Value> {
        let notes = self.notes.as_ref();
        notes.map_or_else(Vec::new, |notes| {
            std::mem::take(&mut notes.lock().unwrap_or_else(PoisonError::into_inner))
        })
    }
}
