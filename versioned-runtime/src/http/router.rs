//! The operations as literal routes of an `axum::Router`.

use axum::routing::{MethodFilter, MethodRouter, any_service};

use super::HostService;
use crate::host::RunningHost;

/// One route a path, each handing the path that was found to the core: no fallback, no wildcard.
pub(crate) fn router(host: &RunningHost) -> axum::Router {
    let entries = host.0.paths.entries().iter().enumerate();
    entries.fold(axum::Router::new(), |router, (index, entry)| {
        router.route(&entry.template, all(HostService::at(host.clone(), index)))
    })
}

/// A service for every method of a path.
///
/// `route_service` would do the same, but an application that merges the router would box it, and the answers of it, once more. The
/// methods are named beside the rest so that a route of the application on the same path is refused, instead of shadowing some of them.
fn all(service: HostService) -> MethodRouter {
    let named = MethodFilter::GET
        .or(MethodFilter::HEAD)
        .or(MethodFilter::POST)
        .or(MethodFilter::PUT)
        .or(MethodFilter::PATCH)
        .or(MethodFilter::DELETE)
        .or(MethodFilter::OPTIONS)
        .or(MethodFilter::TRACE)
        .or(MethodFilter::CONNECT);
    any_service(service.clone()).on_service(named, service)
}
