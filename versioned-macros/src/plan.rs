//! Stage three: what follows from the history: which types are one, how values are converted, which operations bridges express.
//!
//! A plan is total: where something cannot be derived it says what is missing, and the check stage reports it. It is the only
//! thing that the generator looks at.

pub(crate) mod borrowed;
pub(crate) mod bridges;
pub(crate) mod conversions;
pub(crate) mod laws;
mod runs;
mod sharing;

use versioned_core::contract::Method;

use crate::model::references::mentioned;
use crate::model::{History, OperationForm, TraitHistory};
use borrowed::View;
use bridges::Bridged;
use conversions::Conversion;
use laws::Trips;

/// Everything that the generator needs to know.
pub(crate) struct Plan<'a> {
    pub(crate) history: &'a History,
    /// The version whose module holds the definition: `[type][version]`.
    pub(crate) homes: Vec<Vec<Option<usize>>>,
    /// The same for traits: `[trait][version]`.
    pub(crate) trait_homes: Vec<Vec<Option<usize>>>,
    /// The steps between neighbouring versions; step `i` leads from version `i` to `i + 1`.
    pub(crate) steps: Vec<Step>,
    /// The operations of each version, sorted by path and method: `[version][operation]`.
    pub(crate) operations: Vec<Vec<Planned<'a>>>,
    /// How borrowed values are written in earlier versions.
    pub(crate) views: Vec<View>,
    /// Which slot answers what: `[slot][version][operation]`.
    pub(crate) answers: Vec<Vec<Vec<bool>>>,
    /// The first of the versions over which an operation is one and the same: `[version][operation]`.
    pub(crate) runs: Vec<Vec<usize>>,
}

/// The step from one version to the next.
pub(crate) struct Step {
    /// Conversions of the types that differ between the two versions, by type.
    pub(crate) conversions: Vec<Option<TypeStep>>,
    /// Which conversions must lead back to where they began, by type.
    pub(crate) trips: Vec<Trips>,
    /// What the bridges of this step express.
    pub(crate) bridged: Vec<Bridged>,
}

/// The two conversions of a type that differs between two versions.
pub(crate) struct TypeStep {
    pub(crate) upgrade: Conversion,
    pub(crate) downgrade: Conversion,
}

/// An operation with the trait that holds it.
#[derive(Clone, Copy)]
pub(crate) struct Planned<'a> {
    pub(crate) owner: &'a TraitHistory,
    pub(crate) form: &'a OperationForm,
}

/// A direction of conversion, with the two versions of a step.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Direction {
    Upgrade,
    Downgrade,
}

impl Direction {
    /// From which version to which, in step `step`.
    pub(crate) fn ends(self, step: usize) -> (usize, usize) {
        match self {
            Direction::Upgrade => (step, step + 1),
            Direction::Downgrade => (step + 1, step),
        }
    }
}

/// Plans a history.
pub(crate) fn plan(history: &History) -> Plan<'_> {
    let versions = history.contract.versions.len();
    let (homes, trait_homes) = if let Some(said) = history.homes.clone() {
        (said.types, said.traits)
    } else {
        let homes = sharing::types(history);
        let trait_homes = sharing::traits(history, &homes);
        (homes, trait_homes)
    };
    let operations: Vec<Vec<Planned<'_>>> = (0..versions).map(|version| sorted(history, version)).collect();
    let steps: Vec<Step> = (0..versions.saturating_sub(1))
        .map(|step| {
            let conversions = conversions::step(history, &homes, step);
            let bridged = bridges::step(history, &conversions, step);
            let trips = laws::trips(history, &conversions, step);
            Step {
                conversions,
                trips,
                bridged,
            }
        })
        .collect();
    let views = borrowed::views(history, &homes, &steps);
    let answers = (0..versions)
        .map(|slot| {
            (0..versions)
                .map(|version| answered(&operations, &steps, slot, version))
                .collect()
        })
        .collect();
    let mut plan = Plan {
        history,
        homes,
        trait_homes,
        steps,
        operations,
        views,
        answers,
        runs: Vec::new(),
    };
    plan.runs = runs::first(&plan);
    plan
}

fn sorted(history: &History, version: usize) -> Vec<Planned<'_>> {
    let mut operations: Vec<Planned<'_>> = history
        .operations(version)
        .map(|(owner, form)| Planned { owner, form })
        .collect();
    let key = |planned: &Planned<'_>| -> (String, Method, String) {
        (
            planned.form.path.value(),
            planned.form.method,
            planned.form.ident.to_string(),
        )
    };
    operations.sort_by_key(key);
    operations
}

/// Whether the implementation of version `slot` answers each operation of `version`: every bridge between must express it.
fn answered(operations: &[Vec<Planned<'_>>], steps: &[Step], slot: usize, version: usize) -> Vec<bool> {
    let expressed = |step: &Step, name: &syn::Ident| {
        let bridged = step.bridged.iter().find(|bridged| bridged.operation == *name);
        bridged.is_some_and(|b| {
            if version < slot {
                b.forward.is_some()
            } else {
                b.reverse.is_some()
            }
        })
    };
    let between = version.min(slot)..version.max(slot);
    operations[version]
        .iter()
        .map(|planned| {
            steps[between.clone()]
                .iter()
                .all(|step| expressed(step, &planned.form.ident))
        })
        .collect()
}

impl Plan<'_> {
    /// Whether a written type is another one in two versions.
    pub(crate) fn differs(&self, one: usize, other: usize, ty: &syn::Type) -> bool {
        let differs = |name: &str| {
            let index = self.history.type_index(name);
            index.is_some_and(|index| self.homes[index][one] != self.homes[index][other])
        };
        !mentioned(ty, &differs).is_empty()
    }

    /// Whether a type differs between the two versions of a step.
    pub(crate) fn changed(&self, step: usize, name: &str) -> bool {
        self.history
            .type_index(name)
            .is_some_and(|index| self.steps[step].conversions[index].is_some())
    }

    /// Whether some value of a written type has no counterpart in the other version of a step.
    pub(crate) fn may_fail(&self, step: usize, direction: Direction, ty: &syn::Type) -> bool {
        let fallible = |name: &str| {
            let index = self.history.type_index(name);
            let conversions = index.and_then(|index| self.steps[step].conversions[index].as_ref());
            conversions.is_some_and(|conversions| match direction {
                Direction::Upgrade => conversions.upgrade.fallible,
                Direction::Downgrade => conversions.downgrade.fallible,
            })
        };
        !mentioned(ty, &fallible).is_empty()
    }

    /// Whether a request of an operation, and its answer, may be of no value in the version of some implementation.
    pub(crate) fn unconvertible(&self, version: usize, name: &syn::Ident) -> (bool, bool) {
        let Some(index) = self.operation_index(version, name) else {
            return (false, false);
        };
        let (mut request, mut answer) = (false, false);
        for slot in 0..self.answers.len() {
            if !self.answers[slot][version][index] {
                continue;
            }
            let (there, back) = if version < slot {
                (Direction::Upgrade, Direction::Downgrade)
            } else {
                (Direction::Downgrade, Direction::Upgrade)
            };
            for step in version.min(slot)..version.max(slot) {
                let (asked, answering) = there.ends(step);
                if let Some(form) = self.history.operation(asked, name) {
                    let arguments = &form.arguments;
                    request |= arguments.iter().any(|a| self.may_fail(step, there, &a.ty));
                }
                if let Some(form) = self.history.operation(answering, name) {
                    answer |= self.may_fail(step, back, &form.output);
                }
            }
        }
        (request, answer)
    }

    /// Whether values of a written type can be converted in a step.
    pub(crate) fn converts(&self, step: usize, direction: Direction, ty: &syn::Type) -> bool {
        conversions::convertible(self.history, &self.steps[step].conversions, ty, direction, step)
    }

    /// The first of the versions over which an operation is one and the same.
    pub(crate) fn first_of_run(&self, version: usize, name: &syn::Ident) -> usize {
        let index = self.operation_index(version, name);
        index.map_or(version, |index| self.runs[version][index])
    }

    /// The index of an operation in its version.
    pub(crate) fn operation_index(&self, version: usize, name: &syn::Ident) -> Option<usize> {
        self.operations[version]
            .iter()
            .position(|planned| planned.form.ident == *name)
    }
}
