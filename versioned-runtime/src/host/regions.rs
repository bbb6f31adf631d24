//! Reading the databases of regions anew, while requests go on.

use std::sync::Arc;

use super::RunningHost;
use crate::observed::{FactsError, Observer};

impl RunningHost {
    /// Reads the files of [`FactSources::region_database`](crate::FactSources::region_database) anew. It reads and checks whole files: call it where
    /// that may take its time (`tokio::task::spawn_blocking`).
    ///
    /// # Errors
    /// If one of them cannot be read, or is none; what was read of it before stays in use.
    pub fn reload_regions(&self) -> Result<(), FactsError> {
        let observers = self
            .0
            .contracts
            .iter()
            .filter_map(|hosted| hosted.observer.as_ref());
        let mut means: Vec<_> = observers.map(Observer::means).collect();
        // Contracts share what the host says.
        means.sort_by_key(|means| Arc::as_ptr(means));
        means.dedup_by_key(|means| Arc::as_ptr(means));
        means.into_iter().try_for_each(|means| means.reload_regions())
    }
}
