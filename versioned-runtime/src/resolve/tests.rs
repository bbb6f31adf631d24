//! Resolving: the rules case by case, and all of them against a slow, obvious reference.

use proptest::prelude::*;
use semver::Version;

use super::*;

fn state(text: &str) -> VersionState {
    let (availability, version) = match text.split_at(1) {
        ("-", version) => (Availability::Hidden, version),
        ("!", version) => (Availability::Gone, version),
        _ => (Availability::Offered, text),
    };
    VersionState {
        semver: Version::parse(version).unwrap(),
        availability,
    }
}

const SOURCES: [Source; 4] = [Source::Prefix, Source::Header, Source::Accept, Source::Query];

/// `declared` marks hidden versions with `-` and those that are gone with `!`; constraints are given to the sources in turn.
#[track_caller]
fn check(declared: &str, constraints: &[&str], expected: Resolution) {
    let versions: Vec<VersionState> = declared.split(' ').map(state).collect();
    let mut requested = Requested::new();
    for (text, source) in constraints.iter().zip(SOURCES.into_iter().cycle()) {
        requested.read(source, text).unwrap();
    }
    assert_eq!(
        resolve(&versions, &requested, 0),
        expected,
        "{constraints:?} of {declared}"
    );
}

const DISAGREE: Resolution = Resolution::Disagree {
    first: Source::Prefix,
    second: Source::Header,
};

#[test]
fn the_newest_offered_version_in_the_intersection_wins() {
    let all = "1.0.0 1.1.0 1.1.1 2.0.0 2.1.0";
    check(all, &["1"], Resolution::Version(2));
    check(all, &["1", "1.0"], Resolution::Version(0));
    check(all, &["*", "1.1", "<1.1.1"], Resolution::Version(1));
    check(
        all,
        &[">=1.1, <2.1", "^2.0.0", "2", "2.0.0"],
        Resolution::Version(3),
    );
    check(all, &["1", "1", "1", "1", "1.1.0"], Resolution::Version(1));
    check("1.0.0 2.0.0 -3.0.0 !4.0.0", &["*"], Resolution::Version(1));
    check("1.0.0 1.1.0-rc.1", &["^1.0.0"], Resolution::Version(0));
}

#[test]
fn without_a_source_the_default_takes_part_alone() {
    check("1.0.0 2.0.0", &[], Resolution::Version(0));
    check("-1.0.0 2.0.0", &[], Resolution::Version(0));
    check("!1.0.0 2.0.0", &[], Resolution::Gone(0));
    assert_eq!(resolve(&[], &Requested::new(), 0), Resolution::Unsatisfied);
}

#[test]
fn what_nothing_satisfies_is_unsatisfied() {
    check("1.0.0 2.0.0", &["3"], Resolution::Unsatisfied);
    check("1.0.0 2.0.0", &[">1.0.0, <2"], Resolution::Unsatisfied);
    check("1.0.0 2.0.0", &["1", "3"], Resolution::Unsatisfied);
    check("1.0.0 2.0.0-rc.1", &["2"], Resolution::Unsatisfied);
}

#[test]
fn what_only_versions_that_are_gone_satisfy_is_gone() {
    check("!1.0.0 !1.1.0 2.0.0", &["1"], Resolution::Gone(1));
    check("!1.0.0 !1.1.0 2.0.0", &["1.0.0"], Resolution::Gone(0));
    check("!1.0.0 !1.1.0 2.0.0", &["1", "<=1.0"], Resolution::Gone(0));
    check("1.0.0 !1.1.0 2.0.0", &["1"], Resolution::Version(0));
}

#[test]
fn sources_that_cannot_both_hold_disagree() {
    check("1.0.0 2.0.0", &["1", "2"], DISAGREE);
    check("1.0.0 1.1.0 2.0.0", &["1.0.0", "^1.1.0"], DISAGREE);
    check("!1.0.0 2.0.0", &["1", "2"], DISAGREE);
    let later = Resolution::Disagree {
        first: Source::Header,
        second: Source::Query,
    };
    check("1.0.0 1.1.0 2.0.0", &["*", "1.1.0", "1", "1.0.0"], later);
    // No two of the three disagree, all of them do.
    let third = Resolution::Disagree {
        first: Source::Header,
        second: Source::Accept,
    };
    let versions = ["1.0.0", "2.0.0", "3.0.0"].map(state);
    let either = |first, second| {
        accept_parameters([
            format!("a/b;version={first}").as_str(),
            &format!("a/b;version={second}"),
        ])
        .unwrap()
        .unwrap()
    };
    let mut requested = Requested::new();
    requested.push(Source::Prefix, either(1, 2)).unwrap();
    requested.push(Source::Header, either(2, 3)).unwrap();
    requested.push(Source::Accept, either(1, 3)).unwrap();
    assert_eq!(resolve(&versions, &requested, 0), third);
}

#[test]
fn the_same_source_twice_is_two_constraints() {
    let mut requested = Requested::new();
    requested.read(Source::Header, "1").unwrap();
    requested.read(Source::Header, "2").unwrap();
    let twice = Resolution::Disagree {
        first: Source::Header,
        second: Source::Header,
    };
    assert_eq!(resolve(&["1.0.0", "2.0.0"].map(state), &requested, 0), twice);
}

#[test]
fn hidden_versions_are_reached_by_their_exact_name_only() {
    let all = "1.0.0 -1.1.0 2.0.0 -3.0.0";
    check(all, &["1.1.0"], Resolution::Version(1));
    check(all, &["=1.1.0"], Resolution::Version(1));
    check(all, &["1", "1.1.0"], Resolution::Version(1));
    check(all, &["1"], Resolution::Version(0));
    check(all, &["1.1"], Resolution::Unsatisfied);
    check(all, &["^1.1.0"], Resolution::Unsatisfied);
    check(all, &["3"], Resolution::Unsatisfied);
    check(all, &["*"], Resolution::Version(2));
    // As if 1.1.0 did not exist: the two do not meet, although they would in the hidden version.
    check(all, &["1", ">=1.1"], DISAGREE);
    check(all, &["3.0.0", "1"], DISAGREE);
}

#[test]
fn prereleases_are_reached_by_their_exact_name_only() {
    let all = "1.0.0 2.0.0-rc.1 2.0.0-rc.2 2.0.0";
    check(all, &["2.0.0-rc.1"], Resolution::Version(1));
    check(all, &["=2.0.0-rc.2"], Resolution::Version(2));
    check(all, &[">=2.0.0-rc.1"], Resolution::Version(3));
    check(all, &["2.0.0-rc.3"], Resolution::Unsatisfied);
    check(all, &["2", "2.0.0-rc.1"], DISAGREE);
}

#[test]
fn a_request_carries_a_limited_number_of_constraints() {
    let mut requested = Requested::new();
    for _ in 0..MAX_CONSTRAINTS {
        requested.read(Source::Query, "1").unwrap();
    }
    let error = requested.read(Source::Query, "1").unwrap_err();
    assert!(error.reason.contains("more than 16"), "{error}");
    assert_eq!(requested.iter().count(), MAX_CONSTRAINTS);
}

#[test]
fn the_offer_lists_offered_versions_only() {
    let versions = ["1.0.0", "-1.1.0", "!1.2.0", "2.0.0"].map(state);
    let listed: Vec<String> = Offer { versions: &versions }
        .listed()
        .map(ToString::to_string)
        .collect();
    assert_eq!(listed, ["1.0.0", "2.0.0"]);
}

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
            .map(|&((a, b, c), availability)| VersionState { semver: Version::new(a, b, c), availability })
            .collect();
        let mut requested = Requested::new();
        for (one, source) in wanted.iter().zip(SOURCES.into_iter().cycle()) {
            requested.read(source, &one.text()).unwrap();
        }
        let allowed = reference(&declared, &wanted, default);
        let found = resolve(&versions, &requested, default);
        prop_assert!(allowed.contains(&found), "{found:?}, but it may be {allowed:?}");
    }

    #[test]
    fn no_text_panics(text in ".{0,40}", value in "[a-z/;=\",\\\\ *0-9.^qv]{0,60}") {
        if let Ok(constraint) = Constraint::parse(&text) {
            prop_assert!(Constraint::parse(&constraint.to_string()).is_ok());
        }
        let _ = accept_parameter(&value).map(|found| found.map(|constraint| constraint.to_string()));
    }
}
