//! The operations as literal routes of an `axum::Router`.

use super::HostService;
use crate::host::RunningHost;

/// One route a path, each handing the path that was found to the core: no fallback, no wildcard.
pub(crate) fn router(host: &RunningHost) -> axum::Router {
    let entries = host.0.paths.entries().iter().enumerate();
    entries.fold(axum::Router::new(), |router, (index, entry)| {
        router.route_service(&entry.template, HostService::at(host.clone(), index))
    })
}
