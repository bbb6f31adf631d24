//! The operations as literal routes of an `axum::Router`.

use axum::routing::{MethodFilter, MethodRouter};

use super::HostService;
use crate::host::RunningHost;

/// The methods of operations, and those that are answered beside them. Routes of a method are found at once; others go the longer way of
/// a fallback.
const METHODS: MethodFilter = MethodFilter::GET
    .or(MethodFilter::HEAD)
    .or(MethodFilter::POST)
    .or(MethodFilter::PUT)
    .or(MethodFilter::PATCH)
    .or(MethodFilter::DELETE)
    .or(MethodFilter::OPTIONS);

/// One route a path, each handing the path that was found to the core: no fallback, no wildcard.
pub(crate) fn router(host: &RunningHost) -> axum::Router {
    let entries = host.0.paths.entries().iter().enumerate();
    entries.fold(axum::Router::new(), |router, (index, entry)| {
        let service = HostService::at(host.clone(), index);
        // Other methods are refused by the core, too: it knows what each version has.
        let any = axum::routing::any_service(service.clone());
        let routes: MethodRouter = any.on_service(METHODS, service);
        router.route(&entry.template, routes)
    })
}
