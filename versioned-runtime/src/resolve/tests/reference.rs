//! Parsers and resolving against a slow, obvious reference.

mod wanted;

use proptest::prelude::*;

use super::super::*;
use super::SOURCES;
use wanted::{Declared, Wanted, Written, declared, wanted};

/// What the rules say, by lists: first what may be seen at all, then what each constraint leaves of it.
fn reference(declared: &[Declared], wanted: &[Wanted], default: usize) -> Vec<Resolution> {
    if wanted.is_empty() {
        return vec![match declared[default].availability {
            Availability::Gone => Resolution::Gone(default),
            _ => Resolution::Version(default),
        }];
    }
    let seen: Vec<&Declared> = declared
        .iter()
        .filter(|version| {
            version.availability != Availability::Hidden
                || wanted.iter().any(|one| one.names_version(version))
        })
        .collect();
    let left_by = |some: &[&Wanted]| -> Vec<&Declared> {
        let holds = |version: &&Declared| some.iter().all(|one| one.holds(version));
        seen.iter().copied().filter(holds).collect()
    };
    let index = |version: &Declared| {
        let position = declared.iter().position(|other| other.name == version.name);
        position.expect("it is one of them")
    };
    let left = left_by(&wanted.iter().collect::<Vec<_>>());
    let alive = left
        .iter()
        .rfind(|version| version.availability != Availability::Gone);
    if let Some(version) = alive {
        return vec![Resolution::Version(index(version))];
    }
    if let Some(version) = left.last() {
        return vec![Resolution::Gone(index(version))];
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

/// A media range of the reference: the versions that the name of its type and its parameter name, and how it is written.
#[derive(Debug, Clone)]
struct Range {
    vendor: Option<Written>,
    parameter: Option<Written>,
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
        let mut text = match &self.vendor {
            // The names of pre-releases are told apart by case, those of media types are not.
            Some(wanted) => format!(
                "{}{}{}",
                case("application/vnd.acme.users.v"),
                wanted.text,
                case("+json")
            ),
            None => case("application/vnd.acme.users+json;charset=\",;version=9\""),
        };
        if let Some(wanted) = &self.parameter {
            let value = if self.quoted || !is_token(&wanted.text) {
                format!("\"{}\"", wanted.text)
            } else {
                wanted.text.clone()
            };
            text = format!("{text};{space}{}{space}={space}{value}", case("version"));
        }
        if let Some(quality) = self.quality {
            let weight = format!("{}.{:03}", quality / 1000, quality % 1000);
            text = format!("{text}{space};{space}{}={weight}", case("q"));
        }
        text
    }

    /// What it asks for; `None` if it names no version.
    fn wanted(&self) -> Option<Wanted> {
        let named: Vec<Wanted> = [&self.vendor, &self.parameter]
            .into_iter()
            .flatten()
            .map(|written| written.wanted.clone())
            .collect();
        (!named.is_empty()).then_some(Wanted::All(named))
    }
}

fn range() -> impl Strategy<Value = Range> {
    let quality = prop_oneof![
        2 => Just(None),
        1 => Just(Some(0)),
        3 => (1..=1000_u16).prop_map(Some)
    ];
    // Where a version begins in the name of a type is told by its first digit, and a suffix begins with a plus.
    let vendor = wanted().prop_filter("the name of a type", |written| {
        written.text.starts_with(|c: char| c.is_ascii_digit())
            && is_token(&written.text)
            && !written.text.contains('+')
    });
    (
        prop::option::weighted(0.3, vendor),
        prop::option::weighted(0.6, wanted()),
        any::<[bool; 2]>(),
        quality,
        "[ \\t]{0,2}",
    )
        .prop_map(|(vendor, parameter, [quoted, upper], quality, space)| Range {
            vendor,
            parameter,
            quoted,
            upper,
            quality,
            space,
        })
}

/// How much a version is wanted by an `Accept` header, written out, 0 is not at all; and whether it is meant by its name.
fn wanted_by(ranges: &[(Wanted, u16)], version: &Declared) -> (u16, bool) {
    let holding: Vec<&(Wanted, u16)> = ranges
        .iter()
        .filter(|(wanted, _)| wanted.holds(version))
        .collect();
    let Some(rank) = holding.iter().map(|(wanted, _)| wanted.rank()).max() else {
        let only_excluded = ranges.iter().all(|(_, quality)| *quality == 0);
        return (
            if only_excluded && version.name.is_release() {
                1000
            } else {
                0
            },
            false,
        );
    };
    let narrowest: Vec<u16> = holding
        .iter()
        .filter(|(wanted, _)| wanted.rank() == rank)
        .map(|(_, quality)| *quality)
        .collect();
    if narrowest.contains(&0) {
        return (0, false);
    }
    // What is the only choice is wanted, however little.
    let quality = if ranges.len() == 1 {
        1000
    } else {
        narrowest.into_iter().max().unwrap_or(0)
    };
    // Nothing is narrower than a name.
    (
        quality,
        holding.iter().any(|(wanted, _)| wanted.names_version(version)),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn constraints_hold_as_in_the_reference(declared in declared(), written in wanted()) {
        let constraint = Constraint::parse(&written.text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let again = Constraint::parse(&constraint.to_string()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        for version in &declared {
            let matched = constraint.grade(&version.state());
            let (holds, named) = (matched.is_some(), matched.is_some_and(|matched| matched.named));
            prop_assert_eq!(holds, written.wanted.holds(version), "{} of {:?}", written.text, version);
            prop_assert_eq!(named, written.wanted.names_version(version), "{} of {:?}", written.text, version);
            prop_assert_eq!(again.grade(&version.state()), matched, "{} as {}", written.text, constraint);
        }
    }

    #[test]
    fn agrees_with_the_reference(
        declared in declared(),
        wanted in prop::collection::vec(wanted(), 0..6),
        default in any::<prop::sample::Index>(),
    ) {
        let default = default.index(declared.len());
        let versions: Vec<VersionState> = declared.iter().map(Declared::state).collect();
        let mut requested = Requested::new();
        for (one, source) in wanted.iter().zip(SOURCES.into_iter().cycle()) {
            requested.read(source, &one.text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        }
        let meant: Vec<Wanted> = wanted.iter().map(|one| one.wanted.clone()).collect();
        let allowed = reference(&declared, &meant, default);
        let found = resolve(&versions, &requested, &Policy::new(default));
        prop_assert!(allowed.contains(&found), "{found:?}, but it may be {allowed:?}");
    }

    #[test]
    fn accept_agrees_with_the_reference(
        lines in prop::collection::vec(prop::collection::vec(range(), 0..4), 0..3),
        declared in declared(),
    ) {
        let texts: Vec<String> = lines
            .iter()
            .map(|ranges| ranges.iter().map(Range::text).collect::<Vec<_>>().join(" ,"))
            .collect();
        let ranges: Vec<(Wanted, u16)> = lines
            .iter()
            .flatten()
            .filter_map(|range| Some((range.wanted()?, range.quality.unwrap_or(1000))))
            .collect();
        let found = accept_parameters(texts.iter().map(String::as_str), &Vendor::Any);
        let found = found.map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(found.is_some(), !ranges.is_empty());
        let Some(constraint) = found else {
            return Ok(());
        };
        let mut best: [Option<(u16, usize)>; 2] = [None; 2];
        for (index, version) in declared.iter().enumerate() {
            let graded = constraint.grade(&version.state()).map_or((0, false), |matched| (matched.quality, matched.named));
            let (quality, named) = wanted_by(&ranges, version);
            prop_assert_eq!(graded, (quality, named), "{:?} of {:?}", texts, version);
            if quality > 0 && (named || version.availability != Availability::Hidden) {
                let best = &mut best[usize::from(version.availability == Availability::Gone)];
                *best = (*best).max(Some((quality, index)));
            }
        }
        // The version that is wanted most, and of those the newest; what is gone only where nothing else is left.
        let expected = match best {
            [Some((_, index)), _] => Resolution::Version(index),
            [None, Some((_, index))] => Resolution::Gone(index),
            [None, None] => Resolution::Unsatisfied,
        };
        let mut requested = Requested::new();
        requested.push(Source::Accept, constraint).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let versions: Vec<VersionState> = declared.iter().map(Declared::state).collect();
        prop_assert_eq!(resolve(&versions, &requested, &Policy::new(0)), expected, "{:?}", texts);
    }

    #[test]
    fn no_text_panics(text in ".{0,40}", value in "[a-z/;=\",\\\\ *0-9.^qv]{0,60}") {
        if let Ok(constraint) = Constraint::parse(&text) {
            prop_assert!(Constraint::parse(&constraint.to_string()).is_ok());
        }
        let _ = accept_parameter(&value).map(|found| found.map(|constraint| constraint.to_string()));
    }
}
