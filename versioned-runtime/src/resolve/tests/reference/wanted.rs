//! What one constraint means, written out: which names and which days there are, and an interval of releases for everything else.

use proptest::prelude::*;
use semver::Version;

use super::super::super::*;

/// Major, minor and patch.
pub(super) type Numbers = (u64, u64, u64);

/// What stands behind the numbers, in the order of precedence (Semantic Versioning 2.0.0, clause 11); the release comes last.
const PRERELEASES: [&str; 5] = ["-1", "-alpha", "-rc.2", "-rc.10", ""];

const RELEASE: usize = PRERELEASES.len() - 1;

/// Days in their order, over the ends of a month and of a year.
const DAYS: [&str; 4] = ["2026-10-31", "2026-11-01", "2026-12-31", "2027-01-01"];

/// The first and the last second of a day, and one between them.
const TIMES: [&str; 3] = ["T00:00:00Z", "T11:30:00Z", "T23:59:59Z"];

/// A full name; those that are greater are newer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    numbers: Numbers,
    /// A place in [`PRERELEASES`].
    pre: usize,
}

impl Name {
    fn text(self) -> String {
        let (a, b, c) = self.numbers;
        format!("{a}.{b}.{c}{}", PRERELEASES[self.pre])
    }

    pub(super) fn is_release(self) -> bool {
        self.pre == RELEASE
    }
}

/// What is known of a declared version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declared {
    pub(super) name: Name,
    pub(super) availability: Availability,
    /// Places in [`DAYS`] and [`TIMES`].
    released: Option<(usize, usize)>,
}

impl Declared {
    pub(super) fn state(&self) -> VersionState {
        let moment = |(day, time): (usize, usize)| format!("{}{}", DAYS[day], TIMES[time]);
        VersionState {
            availability: self.availability,
            released: self
                .released
                .map(|released| UnixTime::parse(&moment(released)).unwrap()),
            ..VersionState::offered(Version::parse(&self.name.text()).unwrap())
        }
    }
}

/// A version of which the end may be left open.
#[derive(Debug, Clone, Copy)]
pub(super) enum Partial {
    Major(u64),
    Minor(u64, u64),
    Full(Name),
}

impl Partial {
    /// Its own first release, and the first one behind it. A pre-release comes directly before its release, so that none is its own.
    fn span(self) -> (Numbers, Numbers) {
        match self {
            Partial::Major(a) => ((a, 0, 0), (a + 1, 0, 0)),
            Partial::Minor(a, b) => ((a, b, 0), (a, b + 1, 0)),
            Partial::Full(Name { numbers, pre }) => {
                let (a, b, c) = numbers;
                (numbers, (a, b, c + u64::from(pre == RELEASE)))
            }
        }
    }

    fn text(self) -> String {
        match self {
            Partial::Major(a) => a.to_string(),
            Partial::Minor(a, b) => format!("{a}.{b}"),
            Partial::Full(name) => name.text(),
        }
    }
}

/// What stands before a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Bare,
    Equal,
    Caret,
    Tilde,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

use Operator::{Bare, Caret, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Tilde};

const OPERATORS: [(Operator, &str); 8] = [
    (Bare, ""),
    (Equal, "="),
    (Caret, "^"),
    (Tilde, "~"),
    (Less, "<"),
    (LessOrEqual, "<="),
    (Greater, ">"),
    (GreaterOrEqual, ">="),
];

/// A constraint of the reference.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    Any,
    Latest,
    /// A place in [`DAYS`].
    By(usize),
    Compared(Operator, Partial),
    /// All of them.
    All(Vec<Wanted>),
}

impl Wanted {
    /// Whether it is one version, by its full name.
    fn names(&self) -> Option<Name> {
        match *self {
            Wanted::Compared(Bare | Equal, Partial::Full(name)) => Some(name),
            _ => None,
        }
    }

    /// Whether it holds, and whether it says the full name of what it holds for.
    pub(super) fn names_version(&self, version: &Declared) -> bool {
        match self {
            Wanted::All(parts) => self.holds(version) && parts.iter().any(|part| part.names_version(version)),
            one => one.names() == Some(version.name),
        }
    }

    pub(super) fn holds(&self, version: &Declared) -> bool {
        if let Wanted::All(parts) = self {
            return parts.iter().all(|part| part.holds(version));
        }
        if let Some(name) = self.names() {
            return name == version.name;
        }
        // Everything but a name is about releases.
        version.name.is_release()
            && match *self {
                Wanted::By(day) => version.released.is_some_and(|(released, _)| released <= day),
                Wanted::Compared(operator, partial) => {
                    let (from, to) = releases(operator, partial);
                    from <= version.name.numbers && version.name.numbers < to
                }
                _ => true,
            }
    }

    /// How narrow it is: everything, an open range or a date, a major, a minor, a name.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Wanted::Any | Wanted::Latest => 0,
            Wanted::Compared(Bare | Equal, Partial::Full(_)) => 4,
            Wanted::Compared(Bare | Equal, Partial::Minor(..)) => 3,
            Wanted::Compared(Bare | Equal, Partial::Major(_)) => 2,
            Wanted::By(_) | Wanted::Compared(..) => 1,
            Wanted::All(parts) => parts.iter().map(Wanted::rank).max().unwrap_or(0),
        }
    }
}

/// The releases from the first to before the second that an operator leaves of all.
fn releases(operator: Operator, partial: Partial) -> (Numbers, Numbers) {
    const FIRST: Numbers = (0, 0, 0);
    const END: Numbers = (u64::MAX, 0, 0);
    let (own, behind) = partial.span();
    match operator {
        Bare | Equal => (own, behind),
        Less => (FIRST, own),
        LessOrEqual => (FIRST, behind),
        Greater => (behind, END),
        GreaterOrEqual => (own, END),
        Tilde => match partial {
            Partial::Major(a) => (own, (a + 1, 0, 0)),
            Partial::Minor(..) | Partial::Full(_) => (own, (own.0, own.1 + 1, 0)),
        },
        // What stands left of the first number that is not 0 stays, and that one too.
        Caret => match (partial, own) {
            (Partial::Major(_), (a, ..)) | (_, (a @ 1.., ..)) => (own, (a + 1, 0, 0)),
            (Partial::Minor(..), (_, b, _)) | (_, (_, b @ 1.., _)) => (own, (0, b + 1, 0)),
            (Partial::Full(_), (_, _, c)) => (own, (0, 0, c + 1)),
        },
    }
}

/// A constraint, and one of the ways to write it.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) wanted: Wanted,
    pub(super) text: String,
}

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(texts)
}

fn numbers() -> impl Strategy<Value = Numbers> {
    (0..2_u64, 0..3_u64, 0..2_u64)
}

pub(super) fn name() -> impl Strategy<Value = Name> {
    let pre = prop_oneof![3 => Just(RELEASE), 1 => 0..RELEASE];
    (numbers(), pre).prop_map(|(numbers, pre)| Name { numbers, pre })
}

fn availability() -> impl Strategy<Value = Availability> {
    prop_oneof![
        2 => Just(Availability::Offered),
        1 => Just(Availability::Deprecated),
        1 => Just(Availability::Hidden),
        1 => Just(Availability::Gone)
    ]
}

/// Versions in ascending order, at least one.
pub(super) fn declared() -> impl Strategy<Value = Vec<Declared>> {
    let released = prop::option::weighted(0.8, (0..DAYS.len(), 0..TIMES.len()));
    prop::collection::btree_map(name(), (availability(), released), 1..10).prop_map(|versions| {
        let declare = |(name, (availability, released))| Declared {
            name,
            availability,
            released,
        };
        versions.into_iter().map(declare).collect()
    })
}

/// One version behind an operator, with all that may be written and means nothing.
fn compared() -> impl Strategy<Value = Written> {
    let partial = prop_oneof![
        (0..2_u64).prop_map(Partial::Major),
        (0..2_u64, 0..3_u64).prop_map(|(a, b)| Partial::Minor(a, b)),
        name().prop_map(Partial::Full),
    ];
    let operator = prop_oneof![1 => Just(OPERATORS[0]), 3 => prop::sample::select(&OPERATORS)];
    let places = (one_of(&["", "v", "V"]), one_of(&["", " "]));
    let ends = (
        one_of(&["", ".*", ".x", ".X"]),
        any::<bool>(),
        one_of(&["", "", "+build.7"]),
    );
    (operator, partial, places, ends).prop_map(|((operator, sign), partial, (v, space), ends)| {
        let (wildcard, twice, build) = ends;
        let before = if operator == Bare { v } else { space };
        let after = match partial {
            Partial::Major(_) if twice => wildcard.repeat(2),
            Partial::Major(_) | Partial::Minor(..) => wildcard.to_owned(),
            Partial::Full(_) => build.to_owned(),
        };
        Written {
            wanted: Wanted::Compared(operator, partial),
            text: format!("{sign}{before}{}{after}", partial.text()),
        }
    })
}

fn part() -> impl Strategy<Value = Written> {
    let written = |wanted, text: &str| Written {
        wanted,
        text: text.to_owned(),
    };
    prop_oneof![
        1 => one_of(&["*", "x", "X"]).prop_map(move |text| written(Wanted::Any, text)),
        1 => one_of(&["latest", "Latest", "LATEST"]).prop_map(move |text| written(Wanted::Latest, text)),
        2 => (0..DAYS.len()).prop_map(move |day| written(Wanted::By(day), DAYS[day])),
        8 => compared(),
    ]
}

/// A constraint in any of the forms that sources may have.
pub(super) fn wanted() -> impl Strategy<Value = Written> {
    let comma = one_of(&[",", ", ", " ,\t"]);
    let all = (prop::collection::vec(part(), 2..4), comma).prop_map(|(parts, comma)| {
        let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
        Written {
            text: texts.join(comma),
            wanted: Wanted::All(parts.into_iter().map(|part| part.wanted).collect()),
        }
    });
    prop_oneof![4 => part(), 1 => all]
}
