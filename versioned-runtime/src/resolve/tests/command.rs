//! The command of availability: what it does, and what it refuses.

use semver::Version;

use super::super::*;

fn time(text: &str) -> UnixTime {
    UnixTime::parse(text).unwrap()
}

/// 1.0.0 is deprecated since 2024-01-10 until 2024-03-01, 1.1.0 offered, 2.0.0 hidden; it is 2024-02-01.
fn plan() -> Plan {
    let version = |major, minor| VersionPlan::new(Version::new(major, minor, 0));
    let mut versions = vec![version(1, 0), version(1, 1), version(2, 0)];
    versions[0].dates.deprecated = Some(time("2024-01-10"));
    versions[0].dates.sunset = Some(time("2024-03-01"));
    versions[2].set = Some(Availability::Hidden);
    Plan {
        versions,
        after_sunset: AfterSunset::Gone,
    }
}

const NOW: &str = "2024-02-01";

fn command(version: usize, document: &str) -> Result<Plan, CommandError> {
    let document: AvailabilityDocument = serde_json::from_str(document).unwrap();
    plan().command("notes", version, 1, &document, time(NOW))
}

/// What the version is after the command, now and at the end of time.
#[track_caller]
fn check(version: usize, document: &str, now: Availability, finally: Availability) {
    let after = command(version, document).unwrap_or_else(|error| panic!("{document}: {error}"));
    let at = |moment| after.at(moment).versions[version].availability;
    assert_eq!((at(time(NOW)), at(UnixTime::MAX)), (now, finally), "{document}");
    // What is read can be written again, and changes nothing.
    let read = after.document("notes", version, 7, time(NOW)).unwrap();
    let again = after.command("notes", version, 1, &read, time(NOW)).unwrap();
    assert_eq!(again.at(time(NOW)), after.at(time(NOW)), "{document}");
    assert_eq!(again.at(UnixTime::MAX), after.at(UnixTime::MAX), "{document}");
}

use Availability::{Deprecated, Gone, Hidden, Offered};

#[test]
fn moves_and_dates_are_taken() {
    check(2, r#"{"availability": "offered"}"#, Offered, Offered);
    check(
        2,
        r#"{"availability": "offered", "deprecated": "2024-02-02"}"#,
        Offered,
        Deprecated,
    );
    check(
        2,
        r#"{"availability": "hidden", "released": "2024-02-02"}"#,
        Hidden,
        Offered,
    );
    check(
        1,
        r#"{"availability": "deprecated", "sunset": "2024-06-01", "reason": "the default goes with it"}"#,
        Deprecated,
        Gone,
    );
    check(1, r#"{"availability": "deprecated"}"#, Deprecated, Deprecated);
    check(0, r#"{"availability": "gone"}"#, Gone, Gone);
    check(
        0,
        r#"{"availability": "deprecated", "sunset": "2025-01-01", "successor": "1.1.0"}"#,
        Deprecated,
        Gone,
    );
    check(
        0,
        r#"{"availability": "offered", "reason": "the end was announced too early"}"#,
        Offered,
        Offered,
    );
    check(
        0,
        r#"{"availability": "deprecated", "sunset": "2024-03-01",
        "brown_outs": [{"from": "2024-02-20T10:00:00Z", "minutes": 15}]}"#,
        Deprecated,
        Gone,
    );
    let dated = command(1, r#"{"availability": "deprecated"}"#).unwrap();
    assert_eq!(dated.versions[1].dates.deprecated, Some(time(NOW)));
}

#[track_caller]
fn refused(version: usize, document: &str, pointer: &str, because: &str) {
    let error = command(version, document).expect_err(document);
    assert_eq!(error.pointer(), pointer, "{error}");
    let text = error.to_string();
    assert!(
        text.contains(because) && text.starts_with(&format!("at `{pointer}`: ")),
        "{text}"
    );
}

#[test]
fn what_does_not_fit_is_refused() {
    refused(
        2,
        r#"{"availability": "offered", "contract": "users"}"#,
        "/contract",
        "`notes`",
    );
    refused(
        2,
        r#"{"availability": "offered", "version": "1.0.0"}"#,
        "/version",
        "`2.0.0`",
    );
    refused(0, r#"{"availability": "offered"}"#, "/reason", "step back");
    refused(
        0,
        r#"{"availability": "hidden", "reason": " "}"#,
        "/reason",
        "step back",
    );
    refused(
        1,
        r#"{"availability": "hidden", "reason": "x"}"#,
        "/availability",
        "default version",
    );
    refused(
        1,
        r#"{"availability": "gone", "reason": "x"}"#,
        "/availability",
        "default version",
    );
    refused(
        0,
        r#"{"availability": "deprecated", "sunset": "2024-01-31"}"#,
        "/sunset",
        "comes before its deprecation",
    );
    refused(
        0,
        r#"{"availability": "deprecated", "deprecated": "2024-01-01", "sunset": "2024-01-31"}"#,
        "/sunset",
        "makes the version gone",
    );
    refused(
        0,
        r#"{"availability": "offered", "deprecated": "2024-01-31", "reason": "x"}"#,
        "/deprecated",
        "makes the version deprecated",
    );
    refused(
        1,
        r#"{"availability": "deprecated", "successor": "3.0.0"}"#,
        "/successor",
        "no version `3.0.0`",
    );
    refused(
        1,
        r#"{"availability": "deprecated", "successor": "2.0.0"}"#,
        "/successor",
        "is hidden",
    );
    refused(
        1,
        r#"{"availability": "deprecated", "successor": "1.0.0"}"#,
        "/successor",
        "a later version",
    );
    refused(
        1,
        r#"{"availability": "offered", "brown_outs": [{"from": "2024-02-20", "minutes": 0}]}"#,
        "/brown_outs",
        "1 to 1440",
    );
}

#[test]
fn taking_an_offered_version_away_needs_a_reason() {
    let offered = r#"{"availability": "offered"}"#;
    let plan = command(2, offered).unwrap();
    let gone = |reason: &str| {
        let text = format!(r#"{{"availability": "gone", "reason": "{reason}"}}"#);
        plan.command("notes", 2, 1, &serde_json::from_str(&text).unwrap(), time(NOW))
    };
    let error = gone("").unwrap_err().to_string();
    assert!(error.contains("never announced"), "{error}");
    assert_eq!(
        gone("it leaks").unwrap().at(time(NOW)).versions[2].availability,
        Gone
    );
}

/// What clients are not told of: 1.1.0 is the default version where `default` says so.
#[track_caller]
fn untold(version: usize, default: usize, document: &str, expected: Option<&str>) {
    let read = |document: &str| serde_json::from_str::<AvailabilityDocument>(document).unwrap();
    let command =
        |document: &AvailabilityDocument| plan().command("notes", version, default, document, time(NOW));
    let refused = command(&read(document)).err();
    let detail = refused.as_ref().map(ToString::to_string);
    match expected {
        None => assert_eq!(detail, None, "{document}"),
        Some(expected) => {
            assert!(
                detail.as_deref().is_some_and(|detail| detail.contains(expected)),
                "{detail:?}"
            );
            assert_eq!(refused.map(|error| error.pointer()), Some("/reason"));
            let because = AvailabilityDocument {
                reason: Some("a leak".to_owned()),
                ..read(document)
            };
            assert!(command(&because).is_ok(), "{document}");
        }
    }
}

#[test]
fn an_end_that_nobody_knows_of_needs_a_reason() {
    let sunset = r#"{"availability": "offered", "sunset": "2024-06-01"}"#;
    untold(1, 0, sunset, None);
    untold(
        1,
        1,
        sunset,
        Some("from 2024-06-01 on this refuses clients that name no version"),
    );
    let out = |availability: &str, rest: &str| {
        format!(
            r#"{{"availability": "{availability}", "brown_outs": [{{"from": "2024-02-02", "minutes": 9}}]{rest}}}"#
        )
    };
    untold(
        1,
        0,
        &out("offered", ""),
        Some("from 2024-02-02 on this refuses clients that were never told"),
    );
    untold(1, 0, &out("deprecated", ""), None);
    untold(1, 1, &out("deprecated", ""), Some("clients that name no version"));
    // It is deprecated by then.
    untold(1, 0, &out("offered", r#", "deprecated": "2024-02-02""#), None);
    // One that is over, and one that was known before.
    untold(
        1,
        1,
        r#"{"availability": "offered", "brown_outs": [{"from": "2024-01-01", "minutes": 9}]}"#,
        None,
    );
    let known = r#"{"availability": "deprecated", "deprecated": "2024-01-10", "sunset": "2024-03-01"}"#;
    untold(0, 0, known, None);
    // Where a sunset is a promise only, nobody is refused.
    let kind = Plan {
        after_sunset: AfterSunset::Answer,
        ..plan()
    };
    let document = serde_json::from_str(sunset).unwrap();
    assert!(kind.command("notes", 1, 1, &document, time(NOW)).is_ok());
}

#[test]
fn a_default_version_that_has_gone_may_stay_so() {
    let later = time("2024-03-02");
    let read = plan().document("notes", 0, 7, later).unwrap();
    assert_eq!(read.availability, Gone);
    assert!(plan().command("notes", 0, 0, &read, later).is_ok());
}
