//! Resolve: which version of a contract a client is answered in, decided from what it asked for.
//!
//! Every source (URL prefix, header, `Accept` parameter, query) is a [`Constraint`]; together they are intersected, and the
//! newest offered version that is left wins. Nothing here does I/O or reads a clock: texts and slices go in, values come out.

mod accept;
mod constraint;
mod requested;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub(crate) use accept::is_token;
pub use accept::{accept_parameter, accept_parameters};
pub use constraint::{Constraint, MAX_LENGTH, Malformed};
pub use requested::{MAX_CONSTRAINTS, Requested, Source};

use constraint::Match;

/// What clients may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Availability {
    /// In no list, range or part of a version; answered by its exact name only.
    Hidden,
    /// Listed and answered.
    Offered,
    /// No longer answered: asking for it is 410.
    Gone,
}

/// One declared version and what clients may ask of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionState {
    /// The version; its build metadata takes no part.
    pub semver: semver::Version,
    /// Whether clients may ask for it.
    pub availability: Availability,
}

impl VersionState {
    /// A version that is listed and answered.
    #[must_use]
    pub const fn offered(semver: semver::Version) -> Self {
        Self {
            semver,
            availability: Availability::Offered,
        }
    }
}

/// What a contract offers at one moment: the list that refusals and the registry show.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// All declared versions, in ascending order.
    pub versions: &'a [VersionState],
}

impl<'a> Offer<'a> {
    /// The versions that may be listed, in ascending order: neither hidden nor gone.
    pub fn listed(self) -> impl Iterator<Item = &'a semver::Version> {
        self.versions
            .iter()
            .filter(|state| state.availability == Availability::Offered)
            .map(|state| &state.semver)
    }
}

/// The outcome of resolving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// The resolved version, by index.
    Version(usize),
    /// Each source alone could be satisfied, all of them together cannot (400). Named are two that show it.
    Disagree {
        /// The source that was read first.
        first: Source,
        /// The one that it disagrees with; the same source where it was given twice.
        second: Source,
    },
    /// No declared version that may be seen satisfies what was asked for (406).
    Unsatisfied,
    /// Only versions that are gone satisfy it (410): the newest of them, by index.
    Gone(usize),
}

/// Resolves what a client asked for to a version.
///
/// `versions` are all declared ones in ascending order; `default` is the index of the version for clients that name none
/// and takes no part otherwise. A pre-release is matched by its exact name only. A hidden version is a candidate only where
/// one of the constraints names it exactly, and otherwise as good as undeclared, so that no answer tells that it exists.
#[must_use]
pub fn resolve(versions: &[VersionState], requested: &Requested, default: usize) -> Resolution {
    if requested.is_empty() {
        return match versions.get(default).map(|state| state.availability) {
            Some(Availability::Gone) => Resolution::Gone(default),
            Some(Availability::Offered | Availability::Hidden) => Resolution::Version(default),
            None => Resolution::Unsatisfied,
        };
    }
    let mut gone = None;
    for (index, state) in versions.iter().enumerate().rev() {
        // Several constraints are one conjunction, and a conjunction matches as its weakest part does, but names a version
        // as soon as one of its parts names it.
        let matched = Match::all(
            requested
                .iter()
                .map(|(_, constraint)| constraint.grade(&state.semver)),
        );
        match (matched, state.availability) {
            (Match::No, _) | (Match::Ranged, Availability::Hidden) => {}
            (_, Availability::Gone) => gone = gone.or(Some(index)),
            (_, Availability::Offered | Availability::Hidden) => return Resolution::Version(index),
        }
    }
    gone.map_or_else(|| refuse(versions, requested), Resolution::Gone)
}

/// Why nothing was found: because of one constraint, or because they disagree.
fn refuse(versions: &[VersionState], requested: &Requested) -> Resolution {
    let visible = |state: &&VersionState| {
        state.availability != Availability::Hidden
            || requested
                .iter()
                .any(|(_, constraint)| constraint.grade(&state.semver) == Match::Named)
    };
    let meet = |constraints: &[&Constraint]| {
        versions
            .iter()
            .filter(visible)
            .any(|state| constraints.iter().all(|one| one.matches(&state.semver)))
    };
    let (sources, constraints): (Vec<Source>, Vec<&Constraint>) = requested.iter().unzip();
    if !constraints.iter().all(|one| meet(&[*one])) {
        return Resolution::Unsatisfied;
    }
    // The first constraint that leaves nothing of what those before it left, and the one before it that alone rules it
    // out; where only several of them together do, the direct neighbour stands for them.
    let second = (1..constraints.len()).find(|&last| !meet(&constraints[..=last]));
    let Some(second) = second else {
        return Resolution::Unsatisfied;
    };
    let first = (0..second)
        .find(|&one| !meet(&[constraints[one], constraints[second]]))
        .unwrap_or(second - 1);
    Resolution::Disagree {
        first: sources[first],
        second: sources[second],
    }
}
