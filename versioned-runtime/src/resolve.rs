//! Resolve: which version of a contract a client is answered in, decided from what it asked for.
//!
//! Every source (URL prefix, header, `Accept` parameter, query) is a [`Constraint`]; together they are intersected, and the
//! newest offered version that is left wins. What is offered is a function of what was declared, configured and commanded, and of
//! a moment ([`Plan::at`]). Nothing here does I/O or reads a clock: texts, slices and moments go in, values come out.

mod accept;
mod availability;
mod command;
mod constraint;
mod requested;
mod time;

#[cfg(test)]
mod tests;

pub(crate) use accept::is_token;
pub use accept::{Vendor, accept_parameter, accept_parameters};
pub use availability::{
    AfterSunset, Availability, AvailabilityError, BrownOut, Dates, Plan, Standing, VersionPlan, VersionState,
};
pub use command::{AvailabilityDocument, CommandError};
pub use constraint::{Constraint, Fallback, Kind, MAX_LENGTH, Malformed};
pub use requested::{MAX_CONSTRAINTS, Requested, Source};
pub use time::{NoDate, UnixTime};

use constraint::Match;

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
            .filter(|state| state.availability.is_listed())
            .map(|state| &state.semver)
    }
}

/// How a contract answers clients that name no version, or one that there is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The index of the version for clients that name none.
    pub default_version: usize,
    /// What becomes of clients that name none.
    pub unversioned: Unversioned,
    /// What becomes of clients whom nothing satisfies.
    pub fallback: Fallback,
}

impl Policy {
    /// Clients that name none get the version of this index; what nothing satisfies is refused.
    #[must_use]
    pub const fn new(default_version: usize) -> Self {
        Self {
            default_version,
            unversioned: Unversioned::Default,
            fallback: Fallback::Never,
        }
    }
}

/// What becomes of clients that name no version, and have none by a client pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unversioned {
    /// They get the default version of the routing table.
    #[default]
    Default,
    /// They get the newest release that is listed: their answers change their shape with it.
    Latest,
    /// They get the lowest release that is listed.
    Lowest,
    /// They are refused (400), and told the versions there are.
    Reject,
}

/// The outcome of resolving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// The resolved version, by index.
    Version(usize),
    /// No version was named, and the contract wants one (400).
    Missing,
    /// Each source alone could be satisfied, all of them together cannot (400). Named are two that show it.
    Disagree {
        /// The source that was read first.
        first: Source,
        /// The one that it disagrees with; the same source where it was given twice.
        second: Source,
    },
    /// No declared version that may be seen satisfies what was asked for (406).
    Unsatisfied,
    /// Only versions that are gone, or out for a while, satisfy it (410): the one that is wanted most, by index.
    Gone(usize),
}

/// Resolves what a client asked for to a version.
///
/// `versions` are all declared ones in ascending order. Of those that satisfy all constraints, the one that is wanted most wins
/// (`Accept` has qualities), and among those the newest. A pre-release is matched by its exact name only. A hidden version is
/// a candidate only where one of the constraints names it exactly, and otherwise as good as undeclared, so that no answer
/// tells that it exists. The default takes no part where a version is named.
#[must_use]
pub fn resolve(versions: &[VersionState], requested: &Requested, policy: &Policy) -> Resolution {
    if requested.is_empty() {
        return unversioned(versions, policy);
    }
    // The best of those that are answered, and of those that are not any more, or not now.
    let mut best = [None::<(u16, usize)>; 2];
    for (index, state) in versions.iter().enumerate().rev() {
        // Several constraints are one conjunction, but it names a version as soon as one of its parts names it.
        let matched = Match::all(requested.iter().map(|(_, constraint)| constraint.grade(state)));
        let Some(matched) = matched.filter(|matched| state.is_visible(matched.named)) else {
            continue;
        };
        let best = &mut best[usize::from(!state.is_answered())];
        if best.is_none_or(|(quality, _)| matched.quality > quality) {
            *best = Some((matched.quality, index));
        }
    }
    match best {
        [Some((_, index)), _] => Resolution::Version(index),
        [None, Some((_, index))] => Resolution::Gone(index),
        [None, None] => match refuse(versions, requested) {
            Resolution::Unsatisfied => fall_back(versions, requested, policy.fallback),
            refused => refused,
        },
    }
}

/// Whether a request that was resolved to this version names it, or its major (in 0.y.z: its minor): what is released after `now` makes
/// its answers no others. A fallback names nothing of what it gives.
#[must_use]
pub fn is_bounded(versions: &[VersionState], requested: &Requested, version: usize, now: UnixTime) -> bool {
    let satisfies = |state: &VersionState| requested.iter().all(|(_, one)| one.matches(state));
    let Some(resolved) = versions.get(version).filter(|state| satisfies(state)) else {
        return false;
    };
    let family = |semver: &semver::Version| (semver.major, if semver.major == 0 { semver.minor } else { 0 });
    let released = |semver| VersionState {
        semver,
        availability: Availability::Offered,
        released: Some(now),
        out_until: None,
    };
    // Those that are declared and not offered yet, and the next ones that nobody has declared.
    let declared = versions.iter().skip(version + 1).map(|state| VersionState {
        released: state.released.or(Some(now)),
        ..released(state.semver.clone())
    });
    let last = versions.last().map_or(0, |state| state.semver.major);
    let minor = versions.iter().rfind(|state| state.semver.major == 0);
    let undeclared = [
        Some(semver::Version::new(last.saturating_add(1), 0, 0)),
        minor.map(|state| semver::Version::new(0, state.semver.minor.saturating_add(1), 0)),
    ];
    let mut later = declared.chain(undeclared.into_iter().flatten().map(released));
    !later.any(|state| family(&state.semver) > family(&resolved.semver) && satisfies(&state))
}

/// The version of clients that name none.
fn unversioned(versions: &[VersionState], policy: &Policy) -> Resolution {
    let listed = |releases: bool| {
        let all = versions.iter().enumerate();
        all.filter(move |(_, state)| {
            state.availability.is_listed() && (!releases || state.semver.pre.is_empty())
        })
        .map(|(index, _)| index)
    };
    let found = match policy.unversioned {
        Unversioned::Default => versions
            .get(policy.default_version)
            .map(|_| policy.default_version),
        Unversioned::Latest => listed(true).next_back().or_else(|| listed(false).next_back()),
        Unversioned::Lowest => listed(true).next().or_else(|| listed(false).next()),
        Unversioned::Reject => return Resolution::Missing,
    };
    match found {
        Some(index) if versions[index].is_answered() => Resolution::Version(index),
        Some(index) => Resolution::Gone(index),
        None => Resolution::Unsatisfied,
    }
}

/// The newest listed version below what was asked for.
fn fall_back(versions: &[VersionState], requested: &Requested, fallback: Fallback) -> Resolution {
    let lower = |state: &VersionState| {
        state.availability.is_listed()
            && state.is_answered()
            && requested
                .iter()
                .all(|(_, constraint)| constraint.matches_below(state, fallback))
    };
    match versions.iter().rposition(lower) {
        Some(index) if fallback != Fallback::Never => Resolution::Version(index),
        _ => Resolution::Unsatisfied,
    }
}

/// Why nothing was found: because of one constraint, or because they disagree.
fn refuse(versions: &[VersionState], requested: &Requested) -> Resolution {
    let visible = |state: &&VersionState| {
        let named = || {
            requested
                .iter()
                .any(|(_, constraint)| constraint.grade(state).is_some_and(|matched| matched.named))
        };
        state.is_visible(false) || state.is_visible(named())
    };
    let meet = |constraints: &[&Constraint]| {
        versions
            .iter()
            .filter(visible)
            .any(|state| constraints.iter().all(|one| one.matches(state)))
    };
    let (sources, constraints): (Vec<Source>, Vec<&Constraint>) = requested.iter().unzip();
    if !constraints.iter().all(|one| meet(&[*one])) {
        return Resolution::Unsatisfied;
    }
    // Two that exclude each other show it best, and the first such. Where only several of them together leave nothing, the first that
    // leaves nothing of what those before it left, and the one before it, stand for them.
    let mut pairs = (1..constraints.len()).flat_map(|second| (0..second).map(move |first| (first, second)));
    let apart = |(first, second): &(usize, usize)| !meet(&[constraints[*first], constraints[*second]]);
    let together = || (1..constraints.len()).find(|&last| !meet(&constraints[..=last]));
    let found = pairs
        .find(apart)
        .or_else(|| together().map(|last| (last - 1, last)));
    let Some((first, second)) = found else {
        return Resolution::Unsatisfied;
    };
    Resolution::Disagree {
        first: sources[first],
        second: sources[second],
    }
}
