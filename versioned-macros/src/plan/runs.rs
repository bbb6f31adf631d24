//! Over which versions an operation is one and the same: what answers it in one of them answers it in all.
//!
//! Code that calls implementations stands once a run, so that it grows with what changes, not with the number of versions.

use quote::ToTokens as _;
use syn::Type;

use super::bridges::{ArgumentSource, Bridged};
use super::{Plan, Planned};
use crate::model::OperationForm;

/// The first version of the run that an operation of each version belongs to: `[version][operation]`.
pub(super) fn first(plan: &Plan<'_>) -> Vec<Vec<usize>> {
    let mut first: Vec<Vec<usize>> = Vec::with_capacity(plan.operations.len());
    for (version, operations) in plan.operations.iter().enumerate() {
        let run = |planned: &Planned<'_>| {
            let before = version.checked_sub(1)?;
            let index = plan.operation_index(before, &planned.form.ident)?;
            let old = plan.operations[before][index].form;
            goes_on(plan, before, old, planned.form).then(|| first[before][index])
        };
        let runs = operations.iter().map(|planned| run(planned).unwrap_or(version));
        let runs = runs.collect();
        first.push(runs);
    }
    first
}

/// Whether an operation is the same on both sides of a step: it is read and written alike, and its bridges hand everything on as it is.
fn goes_on(plan: &Plan<'_>, step: usize, old: &OperationForm, new: &OperationForm) -> bool {
    let bridged = plan.steps[step].bridged.iter();
    let mut bridged = bridged.filter(|bridged| bridged.operation == new.ident);
    let same_type = |old: &Type, new: &Type| {
        old.to_token_stream().to_string() == new.to_token_stream().to_string()
            && !plan.differs(step, step + 1, new)
    };
    let arguments = old.arguments.iter().zip(&new.arguments);
    let mut same_arguments = arguments.map(|(old, new)| {
        old.ident == new.ident
            && old.wire == new.wire
            && old.source == new.source
            && same_type(&old.ty, &new.ty)
    });
    bridged.next().is_some_and(hands_on)
        && old.path.value() == new.path.value()
        && old.status == new.status
        && old.arguments.len() == new.arguments.len()
        && same_arguments.all(|same| same)
        && same_type(&old.output, &new.output)
        && same_type(&old.error, &new.error)
}

/// Whether both bridges call with the arguments that they are called with.
fn hands_on(bridged: &Bridged) -> bool {
    let same = |sources: &Option<Vec<ArgumentSource>>| {
        let mut sources = sources.iter().flatten();
        sources.all(|source| matches!(source, ArgumentSource::Argument(..)))
    };
    bridged.forward.is_some() && bridged.reverse.is_some() && same(&bridged.forward) && same(&bridged.reverse)
}
