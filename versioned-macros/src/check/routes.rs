//! In every version an operation has a route of its own.

use std::collections::HashSet;

use crate::model::{History, OperationForm};
use crate::sink::{Diagnostic, Sink};

/// Reports routes that are taken, once per pair.
pub(super) fn check(history: &History, sink: &mut Sink) {
    let mut told = HashSet::new();
    for version in history.told..history.contract.versions.len() {
        let semver = history.contract.semver(version);
        let operations: Vec<&OperationForm> = history
            .operations(version)
            .map(|(_, operation)| operation)
            .collect();
        for (position, later) in operations.iter().enumerate() {
            for earlier in &operations[..position] {
                if !told.insert((earlier.ident.to_string(), later.ident.to_string())) {
                    continue;
                }
                if route(later) == route(earlier) {
                    sink.error(
                        Diagnostic::new(
                            "V0101",
                            &later.path,
                            format!(
                                "in {semver}, `{}` and `{}` are both on {} {}",
                                earlier.ident,
                                later.ident,
                                later.method,
                                later.path.value(),
                            ),
                        )
                        .help("give one of them another path, or ranges that do not meet (`until`, `since`)"),
                    );
                } else {
                    told.remove(&(earlier.ident.to_string(), later.ident.to_string()));
                }
            }
        }
    }
}

/// Two templates are one route if they differ in the names of parameters only.
fn route(operation: &OperationForm) -> (versioned_core::contract::Method, String) {
    let path = operation.path.value();
    let segments = path
        .split('/')
        .map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    (operation.method, segments.collect::<Vec<_>>().join("/"))
}
