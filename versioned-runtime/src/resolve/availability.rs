//! What clients may ask for, version by version: from what was declared, configured and commanded, at a given moment.

use serde::{Deserialize, Serialize};

use super::UnixTime;

/// What clients may ask for; in the order in which a version goes through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Availability {
    /// In no list, range or part of a version; answered by its exact name only.
    Hidden,
    /// Listed and answered.
    Offered,
    /// Listed and answered, and every answer says until when, and what comes after it.
    Deprecated,
    /// No longer answered: asking for it is 410.
    Gone,
}

impl Availability {
    /// Whether it stands in lists, ranges and `latest`.
    #[must_use]
    pub const fn is_listed(self) -> bool {
        matches!(self, Availability::Offered | Availability::Deprecated)
    }

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Availability::Hidden => "hidden",
            Availability::Offered => "offered",
            Availability::Deprecated => "deprecated",
            Availability::Gone => "gone",
        }
    }
}

/// One declared version and what clients may ask of it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionState {
    /// The version; its build metadata takes no part.
    pub semver: semver::Version,
    /// Whether clients may ask for it.
    pub availability: Availability,
    /// When it was released: what dates in requests are held against. A version without one is reached by no date.
    pub released: Option<UnixTime>,
    /// Until when it is not answered although it is listed: a brown-out.
    pub out_until: Option<UnixTime>,
}

impl VersionState {
    /// A version that is listed and answered.
    #[must_use]
    pub const fn offered(semver: semver::Version) -> Self {
        Self {
            semver,
            availability: Availability::Offered,
            released: None,
            out_until: None,
        }
    }

    /// Whether who may see it is answered.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.availability != Availability::Gone && self.out_until.is_none()
    }

    /// Whether a request may find it that names it, or that does not.
    #[must_use]
    pub fn is_visible(&self, named: bool) -> bool {
        named || self.availability != Availability::Hidden
    }
}

/// The dates of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dates {
    /// When it was released, or will be: until then it is hidden.
    pub released: Option<UnixTime>,
    /// From when on it is deprecated.
    pub deprecated: Option<UnixTime>,
    /// When it is answered for the last time.
    pub sunset: Option<UnixTime>,
}

/// A while in which a version is not answered, so that whoever still needs it finds out before its sunset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrownOut {
    /// When it begins.
    pub from: UnixTime,
    /// How long it is, in minutes.
    pub minutes: u32,
}

impl BrownOut {
    /// When it is over.
    #[must_use]
    pub fn until(self) -> UnixTime {
        self.from.plus(i64::from(self.minutes) * 60)
    }
}

/// What becomes of a version after its sunset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AfterSunset {
    /// It is gone: asking for it is 410.
    #[default]
    Gone,
    /// It is answered as long as nobody says otherwise: the date is a promise to clients, and no more.
    Answer,
}

/// What is known of one version's availability before a moment is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionPlan {
    /// The version.
    pub semver: semver::Version,
    /// What was configured or commanded; without it the dates alone decide.
    pub set: Option<Availability>,
    /// The dates; they move a version on, whatever was set, and never back.
    pub dates: Dates,
    /// The version that clients are to move to, by index.
    pub successor: Option<usize>,
    /// When it is not answered, although it is not gone; in ascending order.
    pub brown_outs: Vec<BrownOut>,
}

/// The availability of all versions of a contract, before a moment is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The versions, in ascending order.
    pub versions: Vec<VersionPlan>,
    /// What becomes of them after their sunset.
    pub after_sunset: AfterSunset,
}

/// What a plan says at a moment, and how long it says that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The versions, in ascending order.
    pub versions: Vec<VersionState>,
    /// When something changes by date next.
    pub until: Option<UnixTime>,
}

/// Something about the availability of a version that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AvailabilityError {
    /// A sunset before the deprecation.
    #[error("its sunset ({sunset}) comes before its deprecation ({deprecated}): announce the end first")]
    SunsetFirst {
        /// The sunset.
        sunset: UnixTime,
        /// The deprecation.
        deprecated: UnixTime,
    },
    /// A deprecation before the release.
    #[error("its deprecation ({deprecated}) comes before its release ({released})")]
    DeprecatedFirst {
        /// The deprecation.
        deprecated: UnixTime,
        /// The release.
        released: UnixTime,
    },
    /// A successor that is none.
    #[error("its successor is the version itself, or an earlier one: name a later version")]
    Successor,
    /// A brown-out of no length, or of more than a day.
    #[error("the brown-out at {from} has {minutes} minutes: give it 1 to 1440")]
    BrownOutLength {
        /// When it begins.
        from: UnixTime,
        /// How long it was to be.
        minutes: u32,
    },
    /// A brown-out after the end.
    #[error("the brown-out at {from} ends after the sunset ({sunset}): there is nothing left to warn of")]
    BrownOutLate {
        /// When it begins.
        from: UnixTime,
        /// The sunset.
        sunset: UnixTime,
    },
    /// More brown-outs than anybody would announce.
    #[error(
        "it has {found} brown-outs: at most {} are kept, leave out those that are over",
        MAX_BROWN_OUTS
    )]
    TooManyBrownOuts {
        /// How many there were to be.
        found: usize,
    },
}

/// The most brown-outs of one version.
pub(super) const MAX_BROWN_OUTS: usize = 1000;

impl VersionPlan {
    /// A version that is offered, and nothing is known beyond that.
    #[must_use]
    pub const fn new(semver: semver::Version) -> Self {
        Self {
            semver,
            set: None,
            dates: Dates {
                released: None,
                deprecated: None,
                sunset: None,
            },
            successor: None,
            brown_outs: Vec::new(),
        }
    }

    /// Whether the plan makes sense for the version of this index.
    pub fn check(&self, index: usize) -> Result<(), AvailabilityError> {
        let Dates {
            released,
            deprecated,
            sunset,
        } = self.dates;
        if let (Some(sunset), Some(deprecated)) = (sunset, deprecated)
            && sunset < deprecated
        {
            return Err(AvailabilityError::SunsetFirst { sunset, deprecated });
        }
        if let (Some(deprecated), Some(released)) = (deprecated, released)
            && deprecated < released
        {
            return Err(AvailabilityError::DeprecatedFirst { deprecated, released });
        }
        if self.successor.is_some_and(|successor| successor <= index) {
            return Err(AvailabilityError::Successor);
        }
        if self.brown_outs.len() > MAX_BROWN_OUTS {
            let found = self.brown_outs.len();
            return Err(AvailabilityError::TooManyBrownOuts { found });
        }
        for brown_out in &self.brown_outs {
            let BrownOut { from, minutes } = *brown_out;
            if !(1..=24 * 60).contains(&minutes) {
                return Err(AvailabilityError::BrownOutLength { from, minutes });
            }
            if let Some(sunset) = sunset.filter(|sunset| brown_out.until() > *sunset) {
                return Err(AvailabilityError::BrownOutLate { from, sunset });
            }
        }
        Ok(())
    }

    /// What clients may ask of it at a moment.
    #[must_use]
    pub fn at(&self, after_sunset: AfterSunset, now: UnixTime) -> Availability {
        let has_come = |date: Option<UnixTime>| date.is_some_and(|date| date <= now);
        if has_come(self.dates.sunset) && after_sunset == AfterSunset::Gone {
            return Availability::Gone;
        }
        let set = match self.set {
            Some(set) => set,
            None if self.dates.released.is_some_and(|released| released > now) => Availability::Hidden,
            None => Availability::Offered,
        };
        // A hidden version is not shown by the announcement of its end.
        let ends = has_come(self.dates.deprecated) || has_come(self.dates.sunset);
        match set {
            Availability::Offered if ends => Availability::Deprecated,
            set => set,
        }
    }

    /// The brown-out of a moment.
    fn brown_out(&self, now: UnixTime) -> Option<BrownOut> {
        let at = |brown_out: &&BrownOut| brown_out.from <= now && now < brown_out.until();
        self.brown_outs
            .iter()
            .filter(at)
            .max_by_key(|brown_out| brown_out.until())
            .copied()
    }

    /// All moments at which something may change.
    fn changes(&self) -> impl Iterator<Item = UnixTime> {
        let Dates {
            released,
            deprecated,
            sunset,
        } = self.dates;
        let brown_outs = self.brown_outs.iter().flat_map(|one| [one.from, one.until()]);
        [released, deprecated, sunset]
            .into_iter()
            .flatten()
            .chain(brown_outs)
    }
}

impl Plan {
    /// What clients may ask for at a moment.
    #[must_use]
    pub fn at(&self, now: UnixTime) -> Standing {
        let versions = self.versions.iter().map(|plan| {
            let availability = plan.at(self.after_sunset, now);
            VersionState {
                semver: plan.semver.clone(),
                availability,
                released: plan.dates.released,
                out_until: plan
                    .brown_out(now)
                    .filter(|_| availability != Availability::Gone)
                    .map(BrownOut::until),
            }
        });
        let changes = self.versions.iter().flat_map(VersionPlan::changes);
        Standing {
            versions: versions.collect(),
            until: changes.filter(|change| *change > now).min(),
        }
    }

    /// The version that clients of another one are to move to: the one that was named, as far as clients may see it, or else the next later
    /// release that is offered and not at its end itself.
    #[must_use]
    pub fn successor(&self, version: usize, now: UnixTime) -> Option<usize> {
        let plan = self.versions.get(version)?;
        let offered = |(_, plan): &(usize, &VersionPlan)| {
            plan.semver.pre.is_empty() && plan.at(self.after_sunset, now) == Availability::Offered
        };
        let seen = |successor: &usize| {
            let named = self.versions.get(*successor);
            named.is_some_and(|named| named.at(self.after_sunset, now).is_listed())
        };
        plan.successor.filter(seen).or_else(|| {
            let later = self.versions.iter().enumerate().skip(version + 1);
            later.filter(offered).map(|(index, _)| index).next()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> UnixTime {
        UnixTime::parse(text).unwrap()
    }

    fn dates(released: &str, deprecated: &str, sunset: &str) -> Dates {
        let date = |text: &str| (!text.is_empty()).then(|| time(text));
        Dates {
            released: date(released),
            deprecated: date(deprecated),
            sunset: date(sunset),
        }
    }

    fn plan(set: Option<Availability>, dates: Dates) -> VersionPlan {
        VersionPlan {
            set,
            dates,
            ..VersionPlan::new(semver::Version::new(1, 0, 0))
        }
    }

    /// The availability on the days around the release (01-10), the deprecation (01-20) and the sunset (01-30).
    #[track_caller]
    fn check(set: Option<Availability>, after_sunset: AfterSunset, expected: [Availability; 4]) {
        let plan = plan(set, dates("2024-01-10", "2024-01-20", "2024-01-30"));
        let found = ["2024-01-09", "2024-01-10", "2024-01-20", "2024-01-30"]
            .map(|day| plan.at(after_sunset, time(day)));
        assert_eq!(found, expected, "{set:?} {after_sunset:?}");
    }

    use Availability::{Deprecated, Gone, Hidden, Offered};

    #[test]
    fn dates_move_a_version_on() {
        check(None, AfterSunset::Gone, [Hidden, Offered, Deprecated, Gone]);
        check(
            None,
            AfterSunset::Answer,
            [Hidden, Offered, Deprecated, Deprecated],
        );
        check(Some(Hidden), AfterSunset::Gone, [Hidden, Hidden, Hidden, Gone]);
        check(
            Some(Offered),
            AfterSunset::Gone,
            [Offered, Offered, Deprecated, Gone],
        );
        check(
            Some(Deprecated),
            AfterSunset::Gone,
            [Deprecated, Deprecated, Deprecated, Gone],
        );
        check(Some(Gone), AfterSunset::Answer, [Gone; 4]);
    }

    #[test]
    fn standings_last_until_the_next_change() {
        let mut one = plan(None, dates("", "2024-01-20", "2024-01-30"));
        one.brown_outs = vec![BrownOut {
            from: time("2024-01-25T10:00:00Z"),
            minutes: 15,
        }];
        let plan = Plan {
            versions: vec![one, VersionPlan::new(semver::Version::new(2, 0, 0))],
            after_sunset: AfterSunset::Gone,
        };
        let mut now = Some(time("2024-01-01"));
        let mut seen = Vec::new();
        while let Some(at) = now {
            let standing = plan.at(at);
            let first = &standing.versions[0];
            seen.push((at.to_string(), first.availability, first.is_answered()));
            assert_eq!(plan.successor(0, at), Some(1));
            now = standing.until;
        }
        let expected = [
            ("2024-01-01", Offered, true),
            ("2024-01-20", Deprecated, true),
            ("2024-01-25T10:00:00Z", Deprecated, false),
            ("2024-01-25T10:15:00Z", Deprecated, true),
            ("2024-01-30", Gone, false),
        ];
        assert_eq!(
            seen,
            expected.map(|(at, availability, answered)| (at.to_owned(), availability, answered))
        );
    }

    #[test]
    fn a_successor_is_one_that_clients_may_see() {
        let version = |major, set, dates: Dates| VersionPlan {
            semver: semver::Version::new(major, 0, 0),
            ..plan(set, dates)
        };
        let first = VersionPlan {
            successor: Some(2),
            ..version(1, None, Dates::default())
        };
        let plan = Plan {
            versions: vec![
                first,
                version(2, None, Dates::default()),
                version(3, None, dates("2024-01-10", "2024-01-20", "2024-01-30")),
            ],
            after_sunset: AfterSunset::Gone,
        };
        let successors =
            ["2024-01-09", "2024-01-10", "2024-01-20", "2024-01-30"].map(|day| plan.successor(0, time(day)));
        assert_eq!(successors, [Some(1), Some(2), Some(2), Some(1)]);
    }

    #[track_caller]
    fn refused(dates: Dates, brown_outs: &[(&str, u32)], because: &str) {
        let plan = VersionPlan {
            successor: Some(usize::from(because.contains("successor"))),
            brown_outs: brown_outs
                .iter()
                .map(|(from, minutes)| BrownOut {
                    from: time(from),
                    minutes: *minutes,
                })
                .collect(),
            ..plan(None, dates)
        };
        let index = usize::from(because.contains("successor"));
        let plan = VersionPlan {
            successor: plan.successor.filter(|_| index > 0),
            ..plan
        };
        let error = plan.check(index).expect_err(because).to_string();
        assert!(error.contains(because), "{error}");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        refused(
            dates("", "2024-01-20", "2024-01-19"),
            &[],
            "announce the end first",
        );
        refused(dates("2024-01-21", "2024-01-20", ""), &[], "before its release");
        refused(Dates::default(), &[], "successor");
        refused(Dates::default(), &[("2024-01-01", 0)], "0 minutes");
        refused(Dates::default(), &[("2024-01-01", 1441)], "1441 minutes");
        refused(
            dates("", "", "2024-01-01"),
            &[("2024-01-01", 1)],
            "after the sunset",
        );
        refused(
            Dates::default(),
            &vec![("2024-01-01", 1); MAX_BROWN_OUTS + 1],
            "1001 brown-outs",
        );
    }
}
