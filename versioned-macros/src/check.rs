//! Stage four: what the compiler refuses. Every check tells all it finds; none of them changes the plan.

mod compatibility;
mod migrations;
mod references;
mod routes;

#[cfg(test)]
pub(crate) use compatibility::models;

use crate::plan::Plan;
use crate::sink::Sink;

/// Reports everything that is wrong with a contract.
pub(crate) fn check(plan: &Plan<'_>, sink: &mut Sink) {
    references::check(plan.history, sink);
    routes::check(plan.history, sink);
    let broken = compatibility::check(plan.history, sink);
    migrations::check(plan, &broken, sink);
}
