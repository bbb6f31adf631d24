//! Forms, case by case.

use semver::Version;

use super::*;
use crate::resolve::UnixTime;

/// A version, released on the day of 2024 that its place in the list says.
fn state(index: usize, text: &str) -> VersionState {
    VersionState {
        released: UnixTime::parse(&format!("2024-01-{:02}", index + 1)).ok(),
        ..VersionState::offered(Version::parse(text).unwrap())
    }
}

const ALL: [&str; 9] = [
    "0.9.0",
    "1.0.0",
    "1.1.0",
    "1.1.1",
    "1.2.0",
    "2.0.0-rc.1",
    "2.0.0-rc.2",
    "2.0.0",
    "2.1.0",
];

#[track_caller]
fn check(text: &str, shown: &str, matched: &[&str]) {
    let constraint = Constraint::parse(text).expect(text);
    assert_eq!(constraint.to_string(), shown);
    let found: Vec<&str> = ALL
        .into_iter()
        .enumerate()
        .filter(|(index, version)| constraint.matches(&state(*index, version)))
        .map(|(_, version)| version)
        .collect();
    assert_eq!(found, matched, "{text}");
    assert_eq!(
        Constraint::parse(shown).map(|again| again.to_string()).as_deref(),
        Ok(shown)
    );
}

#[test]
fn forms() {
    check("1.1.0", "1.1.0", &["1.1.0"]);
    check(" v1.1.0\t", "1.1.0", &["1.1.0"]);
    check("=1.1.0", "1.1.0", &["1.1.0"]);
    check("1.1.0+build.7", "1.1.0", &["1.1.0"]);
    check("1.3.0", "1.3.0", &[]);
    check("2.0.0-rc.1", "2.0.0-rc.1", &["2.0.0-rc.1"]);
    check(
        "Latest",
        "latest",
        &["0.9.0", "1.0.0", "1.1.0", "1.1.1", "1.2.0", "2.0.0", "2.1.0"],
    );
    check("1", "1.*", &["1.0.0", "1.1.0", "1.1.1", "1.2.0"]);
    check("v1", "1.*", &["1.0.0", "1.1.0", "1.1.1", "1.2.0"]);
    check("1.1", "1.1.*", &["1.1.0", "1.1.1"]);
    check("1.*", "1.*", &["1.0.0", "1.1.0", "1.1.1", "1.2.0"]);
    check("1.x", "1.*", &["1.0.0", "1.1.0", "1.1.1", "1.2.0"]);
    check("1.1.X", "1.1.*", &["1.1.0", "1.1.1"]);
    check(
        "*",
        "*",
        &["0.9.0", "1.0.0", "1.1.0", "1.1.1", "1.2.0", "2.0.0", "2.1.0"],
    );
    check("0", "0.*", &["0.9.0"]);
    check("^1.1.0", "^1.1.0", &["1.1.0", "1.1.1", "1.2.0"]);
    check("^0.9.0", "^0.9.0", &["0.9.0"]);
    check("~1.1.0", "~1.1.0", &["1.1.0", "1.1.1"]);
    check("=1.1", "=1.1", &["1.1.0", "1.1.1"]);
    check("> 1.1", ">1.1", &["1.2.0", "2.0.0", "2.1.0"]);
    check(">=1.1,<2", ">=1.1, <2", &["1.1.0", "1.1.1", "1.2.0"]);
    check(">=1, 1.1", ">=1, 1.1.*", &["1.1.0", "1.1.1"]);
}

#[test]
fn ranges_never_reach_prereleases() {
    check("^2.0.0-rc.1", "^2.0.0-rc.1", &["2.0.0", "2.1.0"]);
    check(">=2.0.0-rc.1, <3", ">=2.0.0-rc.1, <3", &["2.0.0", "2.1.0"]);
    check("2.0.0-rc.2, >=2.0.0-rc.1", "2.0.0-rc.2, >=2.0.0-rc.1", &[]);
}

#[track_caller]
fn malformed(text: &str, reason: &str) {
    let error = Constraint::parse(text).expect_err(text);
    assert!(error.reason.contains(reason), "{text}: {error}");
    assert!(error.to_string().contains("`^1.2.0`"), "{error}");
    assert!(!error.to_string().contains(char::is_control), "{error}");
}

#[test]
fn malformed_texts() {
    malformed("", "empty");
    malformed(" \t", "empty");
    malformed("newest", "unexpected character 'n'");
    malformed("2024-02-30", "no such day");
    malformed("vlatest", "unexpected character 'v'");
    malformed("v", "unexpected character 'v'");
    malformed("1.2.0.0", "unexpected character '.'");
    malformed("01", "leading zero");
    malformed("1.02.0", "leading zero");
    malformed("1.*.0", "wildcard");
    malformed("1.1-rc.1", "unexpected character '-'");
    malformed("1.1.0-", "empty");
    malformed("99999999999999999999", "exceeds");
    malformed(">=", "end of input");
    malformed(">=1.1 <2", "unexpected character '<'");
    malformed("1,", "end of input");
    malformed(",", "end of input");
    malformed("1 || 2", "unexpected character '|'");
    malformed("-1", "unexpected character '-'");
    malformed("1\n2", "unexpected character");
    malformed("é", "unexpected character");
    malformed(&"1".repeat(MAX_LENGTH + 1), "longer than 256 bytes");
}

#[test]
fn long_texts_are_shown_shortened() {
    let error = Constraint::parse(&"é".repeat(1000)).unwrap_err();
    assert_eq!(error.text, format!("{}…", "é".repeat(SHOWN)));
}

/// Alternatives with their qualities, and the quality of each version in [`ALL`]: 0 is no match, a name has a minus.
#[track_caller]
fn one_of(alternatives: &[(&str, u16)], shown: &str, qualities: [i32; 9]) {
    let parsed = alternatives
        .iter()
        .map(|(text, quality)| (Constraint::parse(text).unwrap(), *quality));
    let constraint = Constraint::one_of(parsed.collect());
    assert_eq!(constraint.to_string(), shown);
    let mut index = 0;
    let found = ALL.map(|version| {
        let grade = constraint.grade(&state(index, version));
        index += 1;
        grade.map_or(0, |matched| {
            i32::from(matched.quality) * if matched.named { -1 } else { 1 }
        })
    });
    assert_eq!(found, qualities, "{alternatives:?}");
}

#[test]
fn the_most_specific_alternative_decides() {
    one_of(
        &[("1.0.0", 1000), ("2", 1000), ("0", 1000)],
        "1.0.0 or 2.* or 0.*",
        [1000, -1000, 0, 0, 0, 0, 0, 1000, 1000],
    );
    one_of(
        &[("1", 500), ("1.1", 900), ("1.1.1", 100), ("*", 50)],
        "1.* (q=0.5) or 1.1.* (q=0.9) or 1.1.1 (q=0.1) or * (q=0.05)",
        [50, 500, 900, -100, 500, 0, 0, 50, 50],
    );
    one_of(
        &[("1", 0), ("*", 1000)],
        "1.* (q=0) or *",
        [1000, 0, 0, 0, 0, 0, 0, 1000, 1000],
    );
    one_of(
        &[("=1.1", 100), ("=1", 200), ("1", 300), ("2024-01-08", 400)],
        "=1.1 (q=0.1) or =1 (q=0.2) or 1.* (q=0.3) or 2024-01-08 (q=0.4)",
        [400, 300, 100, 100, 300, 0, 0, 400, 0],
    );
    // Exclusions alone leave every other release; equally specific ones are beaten by an exclusion.
    one_of(
        &[("2", 0)],
        "2.* (q=0) or *",
        [1000, 1000, 1000, 1000, 1000, 0, 0, 0, 0],
    );
    one_of(&[("1", 700), ("1", 0)], "1.* (q=0.7) or 1.* (q=0)", [0; 9]);
    one_of(&[("1.1", 300)], "1.1.*", [0, 0, 1000, 1000, 0, 0, 0, 0, 0]);
}

#[test]
fn dates_mean_what_was_released_by_then() {
    check("2024-01-01", "2024-01-01", &["0.9.0"]);
    check("2023-12-31", "2023-12-31", &[]);
    check(
        "2024-01-08",
        "2024-01-08",
        &["0.9.0", "1.0.0", "1.1.0", "1.1.1", "1.2.0", "2.0.0"],
    );
    check("1, 2024-01-03", "1.*, 2024-01-03", &["1.0.0", "1.1.0"]);
    let unreleased = VersionState::offered(Version::new(1, 0, 0));
    assert!(!Constraint::parse("2024-01-08").unwrap().matches(&unreleased));
}

#[track_caller]
fn kind(text: &str, expected: Kind) {
    assert_eq!(Constraint::parse(text).unwrap().kind(), expected, "{text}");
}

#[test]
fn kinds() {
    kind("1.0.0", Kind::Version);
    kind("=1.0.0", Kind::Version);
    kind("1", Kind::Range);
    kind("*", Kind::Range);
    kind("2024-01-08", Kind::Date);
    kind("latest", Kind::Latest);
    kind("2024-01-08, 1", Kind::Range);
}

/// The versions that the constraint reaches if it may fall back.
#[track_caller]
fn below(text: &str, fallback: Fallback, expected: &[&str]) {
    let constraint = Constraint::parse(text).unwrap();
    let reached: Vec<&str> = ALL
        .into_iter()
        .filter(|version| constraint.matches_below(&state(0, version), fallback))
        .collect();
    assert_eq!(reached, expected, "{text}");
}

#[test]
fn fallbacks_reach_what_lies_below() {
    let one = ["1.0.0", "1.1.0", "1.1.1", "1.2.0"];
    below("1.3.0", Fallback::Never, &[]);
    below("1.3.0", Fallback::SameMajor, &one);
    below("1.3", Fallback::SameMajor, &one);
    below("^1.3", Fallback::SameMajor, &one);
    below(">1.2.0, <2", Fallback::SameMajor, &one);
    below("1.1.5", Fallback::SameMajor, &one[..3]);
    below(
        "2.0.5",
        Fallback::AnyMajor,
        &["0.9.0", "1.0.0", "1.1.0", "1.1.1", "1.2.0", "2.0.0"],
    );
    below("0.9.5", Fallback::SameMajor, &["0.9.0"]);
    below("0.10", Fallback::SameMajor, &[]);
    below("3", Fallback::SameMajor, &[]);
    below("<0.5", Fallback::AnyMajor, &[]);
}
