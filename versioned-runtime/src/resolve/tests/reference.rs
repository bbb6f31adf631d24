//! Parsers and resolving against a slow, obvious reference.

use proptest::prelude::*;
use semver::Version;

use super::super::*;
use super::SOURCES;

/// A constraint of the reference: its text, and the list of what it means written out over small numbers.
#[derive(Debug, Clone)]
enum Wanted {
    Exact(Numbers),
    Major(u64),
    Minor(u64, u64),
    Caret(Numbers),
    Tilde(Numbers),
    Between(Numbers, Numbers),
}

type Numbers = (u64, u64, u64);

impl Wanted {
    fn text(&self) -> String {
        let full = |(a, b, c): &Numbers| format!("{a}.{b}.{c}");
        match self {
            Wanted::Exact(v) => full(v),
            Wanted::Major(a) => format!("{a}"),
            Wanted::Minor(a, b) => format!("{a}.{b}.*"),
            Wanted::Caret(v) => format!("^{}", full(v)),
            Wanted::Tilde(v) => format!("~{}", full(v)),
            Wanted::Between(low, high) => format!(">={}, <{}", full(low), full(high)),
        }
    }

    fn holds(&self, v: Numbers) -> bool {
        match *self {
            Wanted::Exact(name) => v == name,
            Wanted::Major(a) => v.0 == a,
            Wanted::Minor(a, b) => (v.0, v.1) == (a, b),
            Wanted::Caret(low) if low.0 > 0 => v >= low && v.0 == low.0,
            Wanted::Caret(low) if low.1 > 0 => v >= low && (v.0, v.1) == (0, low.1),
            Wanted::Caret(low) => v == low,
            Wanted::Tilde(low) => v >= low && (v.0, v.1) == (low.0, low.1),
            Wanted::Between(low, high) => low <= v && v < high,
        }
    }
}

fn numbers() -> impl Strategy<Value = Numbers> {
    (0..3_u64, 0..3_u64, 0..2_u64)
}

fn wanted() -> impl Strategy<Value = Wanted> {
    prop_oneof![
        numbers().prop_map(Wanted::Exact),
        (0..3_u64).prop_map(Wanted::Major),
        (0..3_u64, 0..3_u64).prop_map(|(a, b)| Wanted::Minor(a, b)),
        numbers().prop_map(Wanted::Caret),
        numbers().prop_map(Wanted::Tilde),
        (numbers(), numbers()).prop_map(|(a, b)| Wanted::Between(a, b)),
    ]
}

fn availability() -> impl Strategy<Value = Availability> {
    prop_oneof![
        2 => Just(Availability::Offered),
        1 => Just(Availability::Deprecated),
        1 => Just(Availability::Hidden),
        1 => Just(Availability::Gone)
    ]
}

/// What the rules say, by lists: first what may be seen at all, then what each constraint leaves of it.
fn reference(declared: &[(Numbers, Availability)], wanted: &[Wanted], default: usize) -> Vec<Resolution> {
    if wanted.is_empty() {
        return vec![match declared[default].1 {
            Availability::Gone => Resolution::Gone(default),
            _ => Resolution::Version(default),
        }];
    }
    let named = |v: Numbers| {
        wanted
            .iter()
            .any(|one| matches!(one, Wanted::Exact(name) if *name == v))
    };
    let seen: Vec<usize> = (0..declared.len())
        .filter(|&index| declared[index].1 != Availability::Hidden || named(declared[index].0))
        .collect();
    let left_by = |some: &[&Wanted]| -> Vec<usize> {
        let holds = |index: &usize| some.iter().all(|one| one.holds(declared[*index].0));
        seen.iter().copied().filter(holds).collect()
    };
    let left = left_by(&wanted.iter().collect::<Vec<_>>());
    let alive = left
        .iter()
        .copied()
        .filter(|&index| declared[index].1 != Availability::Gone)
        .max();
    if let Some(index) = alive {
        return vec![Resolution::Version(index)];
    }
    if let Some(index) = left.iter().copied().max() {
        return vec![Resolution::Gone(index)];
    }
    if wanted.iter().any(|one| left_by(&[one]).is_empty()) {
        return vec![Resolution::Unsatisfied];
    }
    // Any pair that disagrees may be named; where only more than two disagree, any pair at all.
    let pairs = || (0..wanted.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
    let apart: Vec<_> = pairs()
        .filter(|&(a, b)| left_by(&[&wanted[a], &wanted[b]]).is_empty())
        .collect();
    let apart = if apart.is_empty() {
        pairs().collect()
    } else {
        apart
    };
    let source = |index: usize| SOURCES[index % SOURCES.len()];
    apart
        .into_iter()
        .map(|(a, b)| Resolution::Disagree {
            first: source(a),
            second: source(b),
        })
        .collect()
}

/// A media range of the reference: which version it names, how, and how it is written.
#[derive(Debug, Clone)]
struct Range {
    wanted: Option<Wanted>,
    vendor: bool,
    quoted: bool,
    upper: bool,
    quality: Option<u16>,
    space: String,
}

impl Range {
    fn text(&self) -> String {
        let space = &self.space;
        let case = |text: &str| {
            if self.upper {
                text.to_uppercase()
            } else {
                text.to_owned()
            }
        };
        let mut text = match &self.wanted {
            Some(wanted) if self.vendor => {
                case(&format!("application/vnd.acme.users.v{}+json", wanted.text()))
            }
            Some(wanted) if self.quoted || wanted.text().contains([',', ' ']) => {
                format!(
                    "{};{space}{}{space}={space}\"{}\"",
                    case("application/json"),
                    case("version"),
                    wanted.text()
                )
            }
            Some(wanted) => format!(
                "{}{space};{}={}",
                case("text/json"),
                case("version"),
                wanted.text()
            ),
            None => case("application/vnd.acme.users+json;charset=\",;version=9\""),
        };
        if let Some(quality) = self.quality {
            let weight = format!("{}.{:03}", quality / 1000, quality % 1000);
            text = format!("{text}{space};{space}{}={weight}", case("q"));
        }
        text
    }

    /// How narrow it is, as the documentation of `Constraint::one_of` says.
    fn rank(&self) -> u8 {
        match self.wanted {
            Some(Wanted::Exact(_)) => 4,
            Some(Wanted::Minor(..)) => 3,
            Some(Wanted::Major(_)) => 2,
            _ => 1,
        }
    }
}

fn range() -> impl Strategy<Value = Range> {
    let quality = prop_oneof![
        2 => Just(None),
        1 => Just(Some(0)),
        3 => (1..=1000_u16).prop_map(Some)
    ];
    (
        prop::option::weighted(0.8, wanted()),
        any::<[bool; 3]>(),
        quality,
        "[ \\t]{0,2}",
    )
        .prop_map(|(wanted, [vendor, quoted, upper], quality, space)| {
            // The name of a media type has no characters for comparisons.
            let plain = matches!(wanted, Some(Wanted::Exact(_) | Wanted::Major(_)));
            Range {
                vendor: vendor && plain,
                wanted,
                quoted,
                upper,
                quality,
                space,
            }
        })
}

/// How much a version is wanted by an `Accept` header, written out: 0 is not at all.
fn wanted_by(ranges: &[Range], version: Numbers) -> u16 {
    let named: Vec<&Range> = ranges.iter().filter(|range| range.wanted.is_some()).collect();
    let quality = |range: &Range| range.quality.unwrap_or(1000);
    let holds = |range: &&&Range| range.wanted.as_ref().is_some_and(|wanted| wanted.holds(version));
    let Some(rank) = named.iter().filter(holds).map(|range| range.rank()).max() else {
        return if named.iter().all(|range| quality(range) == 0) {
            1000
        } else {
            0
        };
    };
    let narrowest: Vec<u16> = named
        .iter()
        .filter(holds)
        .filter(|range| range.rank() == rank)
        .map(|range| quality(range))
        .collect();
    if narrowest.contains(&0) {
        return 0;
    }
    // What is the only choice is wanted, however little.
    if named.len() == 1 {
        1000
    } else {
        narrowest.into_iter().max().unwrap_or(0)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn agrees_with_the_reference(
        declared in prop::collection::btree_map(numbers(), availability(), 1..10),
        wanted in prop::collection::vec(wanted(), 0..6),
        default in any::<prop::sample::Index>(),
    ) {
        let declared: Vec<(Numbers, Availability)> = declared.into_iter().collect();
        let default = default.index(declared.len());
        let versions: Vec<VersionState> = declared
            .iter()
            .map(|&((a, b, c), availability)| VersionState { availability, ..VersionState::offered(Version::new(a, b, c)) })
            .collect();
        let mut requested = Requested::new();
        for (one, source) in wanted.iter().zip(SOURCES.into_iter().cycle()) {
            requested.read(source, &one.text()).unwrap();
        }
        let allowed = reference(&declared, &wanted, default);
        let found = resolve(&versions, &requested, &Policy::new(default));
        prop_assert!(allowed.contains(&found), "{found:?}, but it may be {allowed:?}");
    }

    #[test]
    fn accept_agrees_with_the_reference(
        lines in prop::collection::vec(prop::collection::vec(range(), 0..4), 0..3),
        version in numbers(),
    ) {
        let texts: Vec<String> = lines
            .iter()
            .map(|ranges| ranges.iter().map(Range::text).collect::<Vec<_>>().join(" ,"))
            .collect();
        let ranges: Vec<Range> = lines.into_iter().flatten().collect();
        let found = accept_parameters(texts.iter().map(String::as_str), &Vendor::Any);
        let found = found.map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(found.is_some(), ranges.iter().any(|range| range.wanted.is_some()));
        if let Some(constraint) = found {
            let (a, b, c) = version;
            let quality = constraint
                .grade(&VersionState::offered(Version::new(a, b, c)))
                .map_or(0, |matched| matched.quality);
            prop_assert_eq!(quality, wanted_by(&ranges, version), "{:?}", texts);
        }
    }

    #[test]
    fn no_text_panics(text in ".{0,40}", value in "[a-z/;=\",\\\\ *0-9.^qv]{0,60}") {
        if let Ok(constraint) = Constraint::parse(&text) {
            prop_assert!(Constraint::parse(&constraint.to_string()).is_ok());
        }
        let _ = accept_parameter(&value).map(|found| found.map(|constraint| constraint.to_string()));
    }
}
