//! Media ranges, case by case.

use super::*;

#[track_caller]
fn check(value: &str, expected: Option<&str>) {
    let found = accept_parameter(value).expect(value);
    assert_eq!(
        found.map(|constraint| constraint.to_string()).as_deref(),
        expected,
        "{value}"
    );
}

#[test]
fn finds_versions() {
    check("application/json; version=2", Some("2.*"));
    check("application/json;version=2", Some("2.*"));
    check("application/json ;\tVERSION = \"2\"", Some("2.*"));
    check("application/json; version=^1.2.0; q=0.5", Some("^1.2.0"));
    check("application/json; version=1.*", Some("1.*"));
    check("application/json; version=\">=1.1, <2\"", Some(">=1.1, <2"));
    check(r#"application/json; version="\1.\1""#, Some("1.1.*"));
    check(
        r#"application/json; profile="a,b;version=3\";"; version=1"#,
        Some("1.*"),
    );
    check(
        "application/json; version=1, application/problem+json; version=2",
        Some("1.* or 2.*"),
    );
    check("text/html, application/json; version=2, */*; q=0.1", Some("2.*"));
    check(
        "application/json; version=2; q=0, application/json; version=1; q=0.8",
        Some("2.* (q=0) or 1.* (q=0.8)"),
    );
    check("application/json; version=2; q=0.000", Some("2.* (q=0) or *"));
    check("application/json; q=0.001; version=1", Some("1.*"));
    check(
        "application/json; version=2, text/html, image/gif, *; q=.2, */*; q=.2",
        Some("2.*"),
    );
    check(", application/json; version=2,,", Some("2.*"));
}

#[test]
fn is_no_source_without_a_version() {
    check("", None);
    check("*/*", None);
    check("application/json; charset=utf-8, text/*;q=0.5", None);
    check("application/signed-exchange;v=b3;q=0.7", None);
    check("application/json; x-version=2; versions=3", None);
    check("garbage;;=\"", None);
    check("application/json; note=\"version=2", None);
}

#[test]
fn lines_are_one_list() {
    let lines = ["text/html", "a/b; version=1", "a/b; version=2"];
    let found = accept_parameters(lines, &Vendor::Any).unwrap();
    assert_eq!(found.unwrap().to_string(), "1.* or 2.*");
}

#[track_caller]
fn malformed(value: &str, reason: &str) {
    let error = accept_parameter(value).expect_err(value);
    assert!(error.reason.contains(reason), "{value}: {error}");
}

#[test]
fn malformed_versions_are_errors() {
    malformed("application/json; version=", "empty");
    malformed("application/json; version", "empty");
    malformed("application/json; version=\"\"", "empty");
    malformed("application/json; version=two", "unexpected character 't'");
    malformed("application/json; version=two; q=0", "unexpected character 't'");
    malformed("application/json; version=2; q=.5", "no weight");
    malformed("application/json; version=2; q=1.001", "no weight");
    malformed("application/json; version=2; q=0.1234", "no weight");
    malformed("application/json; version=2; q=-1", "no weight");
    malformed("application/json; q=; version=2", "no weight");
    malformed("application/vnd.acme.v2beta+json", "unexpected character 'b'");
    malformed("application/vnd.acme.v3.raw+json", "unexpected character 'r'");
    malformed("application/json; version=>=1, <2", "in quotes");
    malformed("application/json; version=1, 2", "no media range");
    malformed("version=2", "no media range");
    malformed("json; version=2", "no media range");
    malformed("application/json; version=1; version=2", "twice");
    malformed("application/json; version=\"1", "does not end");
    malformed("application/json; version=\"1\\", "does not end");
    malformed("application/json; version=\"1\"2", "does not end");
    malformed(&"a/b; version=1,".repeat(MAX_CONSTRAINTS + 1), "more than 16");
}

#[track_caller]
fn vendor(media: &str, vendor: &Vendor, expected: Option<&str>) {
    let found = accept_parameters([media], vendor).expect(media);
    let found = found.map(|constraint| constraint.to_string());
    assert_eq!(found.as_deref(), expected, "{media} of {vendor:?}");
}

#[test]
fn vendors_name_versions() {
    let acme = Vendor::Named("acme".to_owned());
    for by in [&Vendor::Any, &acme] {
        vendor("application/vnd.acme.v2+json", by, Some("2.*"));
        vendor("application/vnd.acme.v2", by, Some("2.*"));
        vendor("APPLICATION/VND.ACME.V1.1+JSON", by, Some("1.1.*"));
        vendor("application/vnd.acme.user-profile.v1.1.0+json", by, Some("1.1.0"));
        vendor("application/vnd.acme.v3.0.0-rc.v1+json", by, Some("3.0.0-rc.v1"));
        vendor(
            "application/vnd.acme.v1+json; version=\"<1.5\"",
            by,
            Some("1.*, <1.5"),
        );
        vendor(
            "application/vnd.acme.v1+json;q=0.5, application/vnd.acme.v2+json",
            by,
            Some("1.* (q=0.5) or 2.*"),
        );
        vendor("application/vnd.acme+json", by, None);
        vendor("application/vnd.acme.users+json", by, None);
        vendor("application/vnd.acme.v+json", by, None);
        vendor("application/vnd.acme.v2+xml", by, None);
        vendor("text/vnd.acme.v2+json", by, None);
        vendor("application/vnd.v2+json", by, None);
    }
    vendor("application/vnd.github.v3+json", &Vendor::Any, Some("3.*"));
    vendor("application/vnd.github.v3.raw+json", &acme, None);
    vendor("application/vnd.acmecorp.v3+json", &acme, None);
    vendor("application/vnd.acme.v2+json", &Vendor::Off, None);
    vendor(
        "application/vnd.acme.v2+json; version=1",
        &Vendor::Off,
        Some("1.*"),
    );
}
