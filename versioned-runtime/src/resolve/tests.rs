//! Resolving: the rules case by case, and all of them against a slow, obvious reference.

mod command;
mod reference;

use semver::Version;

use super::*;

fn state(text: &str) -> VersionState {
    let (availability, version) = match text.split_at(1) {
        ("-", version) => (Availability::Hidden, version),
        ("!", version) => (Availability::Gone, version),
        ("~", version) => (Availability::Deprecated, version),
        _ => (Availability::Offered, text),
    };
    VersionState {
        availability,
        ..VersionState::offered(Version::parse(version).unwrap())
    }
}

const SOURCES: [Source; 4] = [Source::Prefix, Source::Header, Source::Accept, Source::Query];

/// `declared` marks hidden versions with `-`, deprecated ones with `~` and those that are gone with `!`; constraints are given to the sources in turn.
#[track_caller]
fn check(declared: &str, constraints: &[&str], expected: Resolution) {
    check_by(&Policy::new(0), declared, constraints, expected);
}

#[track_caller]
fn check_by(policy: &Policy, declared: &str, constraints: &[&str], expected: Resolution) {
    let versions: Vec<VersionState> = declared.split(' ').map(state).collect();
    let mut requested = Requested::new();
    for (text, source) in constraints.iter().zip(SOURCES.into_iter().cycle()) {
        requested.read(source, text).unwrap();
    }
    assert_eq!(
        resolve(&versions, &requested, policy),
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
    assert_eq!(
        resolve(&[], &Requested::new(), &Policy::new(0)),
        Resolution::Unsatisfied
    );
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
        accept_parameter(&format!("a/b;version={first}, a/b;version={second}"))
            .unwrap()
            .unwrap()
    };
    let mut requested = Requested::new();
    requested.push(Source::Prefix, either(1, 2)).unwrap();
    requested.push(Source::Header, either(2, 3)).unwrap();
    requested.push(Source::Accept, either(1, 3)).unwrap();
    assert_eq!(resolve(&versions, &requested, &Policy::new(0)), third);
    // Two that do are named before three that do, whoever comes first.
    let pair = Resolution::Disagree {
        first: Source::Accept,
        second: Source::Query,
    };
    requested.read(Source::Query, "2").unwrap();
    assert_eq!(resolve(&versions, &requested, &Policy::new(0)), pair);
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
    assert_eq!(
        resolve(&["1.0.0", "2.0.0"].map(state), &requested, &Policy::new(0)),
        twice
    );
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
    let versions = ["1.0.0", "-1.1.0", "!1.2.0", "~2.0.0"].map(state);
    let listed: Vec<String> = Offer { versions: &versions }
        .listed()
        .map(ToString::to_string)
        .collect();
    assert_eq!(listed, ["1.0.0", "2.0.0"]);
}

#[test]
fn deprecated_versions_are_answered_as_offered_ones() {
    check("1.0.0 ~1.1.0 2.0.0", &["1"], Resolution::Version(1));
    check("1.0.0 ~2.0.0", &["latest"], Resolution::Version(1));
    check("~1.0.0 2.0.0", &[], Resolution::Version(0));
}

#[test]
fn who_names_no_version_gets_what_the_policy_says() {
    let all = "-0.9.0 !1.0.0 1.1.0 2.0.0 3.0.0-rc.1";
    let by = |unversioned| Policy {
        unversioned,
        ..Policy::new(3)
    };
    check_by(&by(Unversioned::Default), all, &[], Resolution::Version(3));
    check_by(&by(Unversioned::Latest), all, &[], Resolution::Version(3));
    check_by(&by(Unversioned::Lowest), all, &[], Resolution::Version(2));
    check_by(&by(Unversioned::Reject), all, &[], Resolution::Missing);
    check_by(&by(Unversioned::Reject), all, &["1"], Resolution::Version(2));
    check_by(
        &by(Unversioned::Latest),
        "!1.0.0 2.0.0-rc.1",
        &[],
        Resolution::Version(1),
    );
    check_by(
        &by(Unversioned::Lowest),
        "!1.0.0 -2.0.0",
        &[],
        Resolution::Unsatisfied,
    );
}

#[test]
fn a_fallback_is_the_nearest_lower_version() {
    let same = Policy {
        fallback: Fallback::SameMajor,
        ..Policy::new(0)
    };
    let any = Policy {
        fallback: Fallback::AnyMajor,
        ..same
    };
    let all = "1.0.0 ~1.1.0 !1.2.0 -1.3.0 2.0.0";
    check(all, &["1.4.0"], Resolution::Unsatisfied);
    check_by(&same, all, &["1.4.0"], Resolution::Version(1));
    check_by(&same, all, &["^1.4"], Resolution::Version(1));
    check_by(&same, all, &["1.4.0", "1"], Resolution::Version(1));
    check_by(&same, all, &["3.0.0"], Resolution::Unsatisfied);
    check_by(&any, all, &["3.0.0"], Resolution::Version(4));
    check_by(&any, all, &["0.5.0"], Resolution::Unsatisfied);
    // What is gone stays gone, what is hidden is still found by its name, and who disagrees is told so.
    check_by(&any, all, &["1.2.0"], Resolution::Gone(2));
    check_by(&any, all, &["1.3.0"], Resolution::Version(3));
    check_by(&any, all, &["1.0.0", "2"], DISAGREE);
}

#[test]
fn what_is_wanted_most_wins() {
    let check = |accept: &str, others: &[&str], expected| {
        let versions = ["1.0.0", "1.1.0", "2.0.0"].map(state);
        let mut requested = Requested::new();
        for text in others {
            requested.read(Source::Header, text).unwrap();
        }
        requested
            .push(Source::Accept, accept_parameter(accept).unwrap().unwrap())
            .unwrap();
        assert_eq!(
            resolve(&versions, &requested, &Policy::new(0)),
            expected,
            "{accept}"
        );
    };
    check(
        "a/b;version=1;q=0.9, a/b;version=2;q=0.5",
        &[],
        Resolution::Version(1),
    );
    check(
        "a/b;version=1;q=0.5, a/b;version=2;q=0.9",
        &[],
        Resolution::Version(2),
    );
    check("a/b;version=1, a/b;version=2", &[], Resolution::Version(2));
    check(
        "a/b;version=\"1.0.0\", a/b;version=1;q=0.5",
        &[],
        Resolution::Version(0),
    );
    check("a/b;version=2;q=0", &[], Resolution::Version(1));
    check(
        "a/b;version=1;q=0.9, a/b;version=2;q=0.5",
        &["2"],
        Resolution::Version(2),
    );
    check(
        "a/b;version=3;q=0.9, a/b;version=2;q=0.001",
        &[],
        Resolution::Version(2),
    );
    check(
        "a/b;version=2;q=0",
        &["2"],
        Resolution::Disagree {
            first: Source::Header,
            second: Source::Accept,
        },
    );
}

#[test]
fn brown_outs_are_gone_for_a_while() {
    let mut versions = ["1.0.0", "1.1.0", "2.0.0"].map(state);
    versions[1].out_until = UnixTime::parse("2024-01-01").ok();
    let resolved = |text: &str| {
        let mut requested = Requested::new();
        requested.read(Source::Header, text).unwrap();
        resolve(&versions, &requested, &Policy::new(1))
    };
    assert_eq!(resolved("1.1.0"), Resolution::Gone(1));
    assert_eq!(resolved("1"), Resolution::Version(0));
    assert_eq!(
        resolve(&versions, &Requested::new(), &Policy::new(1)),
        Resolution::Gone(1)
    );
    assert_eq!(Offer { versions: &versions }.listed().count(), 3);
}

/// Whether what is released after 2024-01-10 may change what these constraints give; `+` marks what is declared and not released yet.
#[track_caller]
fn bounded(declared: &str, constraints: &[&str], expected: bool) {
    let now = UnixTime::parse("2024-01-10").unwrap();
    let versions: Vec<VersionState> = declared
        .split(' ')
        .map(|text| match text.strip_prefix('+') {
            Some(later) => VersionState {
                availability: Availability::Hidden,
                released: Some(UnixTime::parse("2024-02-01").unwrap()),
                ..state(later)
            },
            None => VersionState {
                released: Some(UnixTime::parse("2023-01-01").unwrap()),
                ..state(text)
            },
        })
        .collect();
    let mut requested = Requested::new();
    for text in constraints {
        requested.read(Source::Header, text).unwrap();
    }
    let policy = Policy {
        fallback: Fallback::AnyMajor,
        ..Policy::new(0)
    };
    let Resolution::Version(version) = resolve(&versions, &requested, &policy) else {
        panic!("{constraints:?} of {declared}");
    };
    let found = is_bounded(&versions, &requested, version, now);
    assert_eq!(found, expected, "{constraints:?} of {declared}");
}

#[test]
fn what_names_a_major_is_not_changed_by_another_one() {
    let all = "1.0.0 1.1.0 2.0.0";
    for named in [
        "1",
        "1.0",
        "1.1.0",
        "2",
        "^1.0.0",
        "~1.1",
        ">=1, <3",
        "2023-06-01",
        "2024-01-09",
    ] {
        bounded(all, &[named], true);
    }
    for open in ["*", "latest", ">=1", ">1.0.0", "2999-01-01"] {
        bounded(all, &[open], false);
        bounded(all, &[open, "1"], true);
    }
    bounded(all, &[], false);
    // A fallback gives what was not asked for.
    bounded(all, &["3"], false);
    bounded(all, &["2.5.0"], false);
    // What is declared comes one day.
    bounded("1.0.0 +2.0.0", &[">=1, <3"], false);
    bounded("1.0.0 +2.0.0", &["1"], true);
    bounded("1.0.0 +2.0.0", &["2024-01-31"], false);
    // Below 1.0.0 each minor is a family of its own.
    bounded("0.1.0 0.2.0", &["0.2"], true);
    bounded("0.1.0 0.2.0", &["0"], false);
}
