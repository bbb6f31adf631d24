//! Stage four: what the compiler refuses. Every check tells all it finds; none of them changes the plan.

mod answers;
mod compatibility;
mod flattened;
mod members;
mod migrations;
mod references;
mod routes;

#[cfg(test)]
pub(crate) use compatibility::models;

use crate::plan::Plan;
use crate::sink::Sink;

pub(crate) use compatibility::Deferred;

/// Reports everything that is wrong with a contract; what only constants can tell is handed on.
pub(crate) fn check(plan: &Plan<'_>, sink: &mut Sink) -> Vec<Deferred> {
    let mut deferred = Vec::new();
    if !plan.history.contract.refused.is_empty() {
        // What is missing in a history with gaps follows from them.
        return deferred;
    }
    references::check(plan.history, sink);
    members::check(plan.history, sink);
    routes::check(plan.history, sink);
    answers::check(plan.history, sink);
    flattened::check(plan.history, sink);
    let broken = compatibility::check(plan.history, &mut deferred, sink);
    migrations::check(plan, &broken, sink);
    deferred
}
