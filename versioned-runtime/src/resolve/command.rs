//! The command that moves the availability of a version: what it says, and what it may not do.

use serde::{Deserialize, Serialize};

use super::availability::{Dates, Plan, VersionPlan};
use super::{AfterSunset, Availability, AvailabilityError, BrownOut, UnixTime};

/// The availability of one version, as it is read and written from outside.
///
/// A document that is written replaces what was known of the version: what it leaves out is reset, not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AvailabilityDocument {
    /// The id of the contract; if it stands in a document that is written, it must be right.
    pub contract: Option<String>,
    /// The version; if it stands in a document that is written, it must be right.
    pub version: Option<String>,
    /// The epoch of the contract's routing table; if it stands in a document that is written, it must be the current one.
    pub epoch: Option<u64>,
    /// What clients may ask for.
    pub availability: Availability,
    /// When the version was released, or will be.
    pub released: Option<UnixTime>,
    /// From when on it is deprecated; a version that is moved to `deprecated` without it, is so from now on.
    pub deprecated: Option<UnixTime>,
    /// When it is answered for the last time.
    pub sunset: Option<UnixTime>,
    /// The version that clients are to move to; without it the next later release that is offered.
    pub successor: Option<String>,
    /// When it is not answered, so that whoever still needs it finds out before its sunset.
    #[serde(default)]
    pub brown_outs: Vec<BrownOut>,
    /// Why it is moved back, or taken from clients that were not told; it is logged, not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Why the availability of a version was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The document is of something else.
    #[error(
        "at `{pointer}`: this is {expected}, the document says {written}; leave the member out, or write what it is"
    )]
    Other {
        /// Where it stands.
        pointer: &'static str,
        /// What it should be.
        expected: String,
        /// What was written.
        written: String,
    },
    /// No such version.
    #[error("at `/successor`: the contract has no version `{name}`")]
    UnknownSuccessor {
        /// What was written.
        name: String,
    },
    /// A successor that clients cannot move to.
    #[error("at `/successor`: version {name} is {availability}; name one that is offered")]
    SuccessorNotOffered {
        /// What was written.
        name: String,
        /// What it is.
        availability: &'static str,
    },
    /// The version would not be what was asked for.
    #[error(
        "at `/{member}`: {date} makes the version {becomes}, not {asked}; leave the date out, or choose a later one"
    )]
    Date {
        /// The date's name.
        member: &'static str,
        /// The date.
        date: UnixTime,
        /// What the version is by it.
        becomes: &'static str,
        /// What was asked for.
        asked: &'static str,
    },
    /// Clients that name no version are answered in it.
    #[error(
        "at `/availability`: the version is the default version: put another one into the routing table first"
    )]
    Default,
    /// A move back, or one that clients were not told of.
    #[error("at `/reason`: from {from} to {to} {what}: say why, as `reason`")]
    Reason {
        /// What the version is.
        from: &'static str,
        /// What it is to be.
        to: &'static str,
        /// What is special about it.
        what: &'static str,
    },
    /// An end, for good or for a while, that clients do not know of.
    #[error("at `/reason`: from {at} on this refuses clients that {who}: {instead}, or say why, as `reason`")]
    Untold {
        /// When it comes.
        at: UnixTime,
        /// Who does not know of it.
        who: &'static str,
        /// What else can be done.
        instead: &'static str,
    },
    /// Dates and brown-outs that cannot be.
    #[error("at `{pointer}`: {0}", pointer = availability_pointer(.0))]
    Availability(#[from] AvailabilityError),
}

impl CommandError {
    /// Where in the document the mistake is: a JSON pointer (RFC 6901).
    #[must_use]
    pub fn pointer(&self) -> &'static str {
        match self {
            CommandError::Other { pointer, .. } => pointer,
            CommandError::UnknownSuccessor { .. } | CommandError::SuccessorNotOffered { .. } => "/successor",
            CommandError::Date { member, .. } => match *member {
                "sunset" => "/sunset",
                _ => "/deprecated",
            },
            CommandError::Default => "/availability",
            CommandError::Reason { .. } | CommandError::Untold { .. } => "/reason",
            CommandError::Availability(error) => availability_pointer(error),
        }
    }
}

fn availability_pointer(error: &AvailabilityError) -> &'static str {
    match error {
        AvailabilityError::SunsetFirst { .. } => "/sunset",
        AvailabilityError::DeprecatedFirst { .. } => "/deprecated",
        AvailabilityError::Successor => "/successor",
        AvailabilityError::BrownOutLength { .. }
        | AvailabilityError::BrownOutLate { .. }
        | AvailabilityError::TooManyBrownOuts { .. } => "/brown_outs",
    }
}

impl Plan {
    /// What is known of a version, as a document; `None` for a version that there is not.
    #[must_use]
    pub fn document(
        &self,
        contract: &str,
        version: usize,
        epoch: u64,
        now: UnixTime,
    ) -> Option<AvailabilityDocument> {
        let plan = self.versions.get(version)?;
        let name = |index: usize| self.versions.get(index).map(|plan| plan.semver.to_string());
        Some(AvailabilityDocument {
            contract: Some(contract.to_owned()),
            version: name(version),
            epoch: Some(epoch),
            availability: plan.at(self.after_sunset, now),
            released: plan.dates.released,
            deprecated: plan.dates.deprecated,
            sunset: plan.dates.sunset,
            successor: plan.successor.and_then(name),
            brown_outs: plan.brown_outs.clone(),
            reason: None,
        })
    }

    /// The plan after a command at a moment, if the contract's default version is that one.
    ///
    /// Availability goes `hidden → offered → deprecated → gone`. A step on, or several, are made without a word; a step back, and
    /// one that takes a version from clients that were never told of its end, need a reason.
    pub fn command(
        &self,
        contract: &str,
        version: usize,
        default_version: usize,
        document: &AvailabilityDocument,
        now: UnixTime,
    ) -> Result<Self, CommandError> {
        let plan = &self.versions[version];
        other("/contract", document.contract.as_deref(), contract)?;
        other("/version", document.version.as_deref(), &plan.semver.to_string())?;
        let asked = document.availability;
        let mut next = VersionPlan {
            semver: plan.semver.clone(),
            set: None,
            dates: Dates {
                released: document.released,
                deprecated: document.deprecated,
                sunset: document.sunset,
            },
            successor: document
                .successor
                .as_deref()
                .map(|name| self.named(name, now))
                .transpose()?,
            brown_outs: document.brown_outs.clone(),
        };
        next.brown_outs.sort_unstable();
        if asked == Availability::Deprecated && next.dates.deprecated.is_none() {
            next.dates.deprecated = Some(now);
        }
        next.check(version)?;
        // What the dates say by themselves need not be set: they go on moving the version then.
        if next.at(self.after_sunset, now) != asked {
            next.set = Some(asked);
        }
        let becomes = next.at(self.after_sunset, now);
        if becomes != asked {
            return Err(moved_by_date(&next, self.after_sunset, becomes, asked, now));
        }
        let from = plan.at(self.after_sunset, now);
        let is_default = version == default_version;
        // It may have gone by date, and stay so.
        if is_default && !becomes.is_listed() && from.is_listed() {
            return Err(CommandError::Default);
        }
        let what = match (from, becomes) {
            (from, to) if to < from => Some("is a step back"),
            (Availability::Offered, Availability::Gone) => Some("was never announced to clients"),
            _ => None,
        };
        let reason = document
            .reason
            .as_deref()
            .is_some_and(|reason| !reason.trim().is_empty());
        if let Some(what) = what.filter(|_| !reason) {
            return Err(CommandError::Reason {
                from: from.as_str(),
                to: becomes.as_str(),
                what,
            });
        }
        if let Some(untold) = self.untold(plan, &next, is_default, now).filter(|_| !reason) {
            return Err(untold);
        }
        let mut plans = self.clone();
        plans.versions[version] = next;
        Ok(plans)
    }

    /// The first end that a command adds and that clients do not know of.
    fn untold(
        &self,
        plan: &VersionPlan,
        next: &VersionPlan,
        is_default: bool,
        now: UnixTime,
    ) -> Option<CommandError> {
        let sunset = next.dates.sunset.filter(|sunset| {
            *sunset > now && plan.dates.sunset != Some(*sunset) && self.after_sunset == AfterSunset::Gone
        });
        let mut out = next
            .brown_outs
            .iter()
            .filter(|one| one.until() > now && !plan.brown_outs.contains(one));
        if is_default {
            return Some(CommandError::Untold {
                at: sunset.into_iter().chain(out.map(|one| one.from)).min()?,
                who: "name no version, because it is the default version",
                instead: "put another one into the routing table first",
            });
        }
        let untold = out.find(|one| next.at(self.after_sunset, one.from) == Availability::Offered);
        untold.map(|one| CommandError::Untold {
            at: one.from,
            who: "were never told of an end",
            instead: "deprecate the version first",
        })
    }

    /// The version of a name, to which clients can move.
    fn named(&self, name: &str, now: UnixTime) -> Result<usize, CommandError> {
        let found = self
            .versions
            .iter()
            .position(|plan| plan.semver.to_string() == name);
        let index = found.ok_or_else(|| CommandError::UnknownSuccessor {
            name: super::constraint::shorten(name),
        })?;
        match self.versions[index].at(self.after_sunset, now) {
            Availability::Offered | Availability::Deprecated => Ok(index),
            availability => Err(CommandError::SuccessorNotOffered {
                name: name.to_owned(),
                availability: availability.as_str(),
            }),
        }
    }
}

fn other(pointer: &'static str, written: Option<&str>, expected: &str) -> Result<(), CommandError> {
    match written {
        Some(written) if written != expected => Err(CommandError::Other {
            pointer,
            expected: format!("`{expected}`"),
            written: format!("`{}`", super::constraint::shorten(written)),
        }),
        _ => Ok(()),
    }
}

/// The date that makes a version something else than what was asked for.
fn moved_by_date(
    plan: &VersionPlan,
    after_sunset: AfterSunset,
    becomes: Availability,
    asked: Availability,
    now: UnixTime,
) -> CommandError {
    let sunset = plan.dates.sunset.filter(|sunset| {
        *sunset <= now && (after_sunset == AfterSunset::Gone || plan.dates.deprecated.is_none())
    });
    let (member, date) = match (sunset, plan.dates.deprecated) {
        (Some(sunset), _) => ("sunset", sunset),
        (None, date) => ("deprecated", date.unwrap_or(now)),
    };
    CommandError::Date {
        member,
        date,
        becomes: becomes.as_str(),
        asked: asked.as_str(),
    }
}
