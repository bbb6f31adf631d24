//! Tables that are refused: each with its place and what to write instead.

use super::*;

#[track_caller]
fn refused(change: impl FnOnce(&mut TableDocument), pointer: &str, says: &[&str]) {
    let mut document = document(&[]);
    change(&mut document);
    let error = initial().replace(&shape(), &document).unwrap_err();
    assert_eq!(error.pointer(), pointer);
    let text = error.to_string();
    assert!(text.contains(&format!("at `{pointer}`")), "{text}");
    for part in says {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn tables_that_do_not_fit_are_refused() {
    refused(
        |d| d.default_version = "1.1.1".into(),
        "/default_version",
        &["`1.1.1`", "1.1.0, 1.0.0, 1.2.0, 2.0.0"],
    );
    refused(
        |d| d.stable = Some("2.0".into()),
        "/stable",
        &["`2.0`", "one of 2.0.0, "],
    );
    refused(
        |d| d.stable = Some("1.2.0".into()),
        "/stable",
        &["no implementation of 1.2.0", "1.0.0, 1.1.0, 2.0.0"],
    );
    refused(
        |d| d.shares = shares(&[("3.0.0", 1)]),
        "/shares/3.0.0",
        &["no implementation `3.0.0`"],
    );
    refused(
        |d| d.shares = shares(&[("a/b~c", 0)]),
        "/shares/a~1b~0c",
        &["`a/b~c`"],
    );
    refused(
        |d| d.shares = shares(&[("1.2.0", 1)]),
        "/shares/1.2.0",
        &["this binary has no implementation"],
    );
    refused(
        |d| d.shares = shares(&[("1.0.0", 600_000), ("1.1.0", 400_001)]),
        "/shares",
        &["1000001 parts per million", "1000000 at most"],
    );
    refused(
        |d| d.shares = shares(&[("1.0.0", u32::MAX), ("1.1.0", u32::MAX)]),
        "/shares",
        &["8589934590"],
    );
    refused(
        |d| {
            d.implementations = Some(vec!["1.1.0".into(), "2.0.0".into()]);
            d.shares = shares(&[("1.0.0", 1)]);
        },
        "/shares/1.0.0",
        &["1.0.0 may get no traffic", "`/implementations`"],
    );
    refused(
        |d| {
            d.implementations = Some(vec!["1.1.0".into(), "2.0.0".into()]);
            d.stable = Some("1.0.0".into());
        },
        "/stable",
        &["1.0.0 may get no traffic"],
    );
    refused(
        |d| {
            d.stable = Some("1.0.0".into());
            d.shares = shares(&[("1.0.0", 700_000), ("2.0.0", 200_000)]);
        },
        "/shares/1.0.0",
        &["stable implementation", "write 800000"],
    );
    refused(
        |d| d.contract = Some("billing".into()),
        "/contract",
        &["`billing`", "`user-profile`"],
    );
    refused(|d| d.epoch = Some(7), "/epoch", &["at epoch 1", "document at 7"]);
    refused(
        |d| d.implementations = Some(vec![]),
        "/implementations",
        &["empty", "1.0.0, 1.1.0, 2.0.0"],
    );
    refused(
        |d| d.implementations = Some(vec!["2.0.0".into(), "9.9.9".into()]),
        "/implementations/1",
        &["`9.9.9`"],
    );
    refused(
        |d| d.implementations = Some(vec!["1.0.0".into(), "1.1.0".into()]),
        "/implementations",
        &["`get_user` of version 2.0.0", "add 2.0.0"],
    );
    refused(
        |d| d.implementations = Some(vec!["2.0.0".into()]),
        "/implementations",
        &["`delete_user` of version 1.0.0", "add 1.0.0 or 1.1.0"],
    );
    refused(
        |d| d.user_key = Some(UserKey::header("x user")),
        "/user_key/header",
        &["`x user`", "`X-User-Id`"],
    );
    refused(
        |d| d.default_version = "é".repeat(5000),
        "/default_version",
        &["é…`"],
    );
}

#[test]
fn the_default_must_be_offered() {
    for availability in [Availability::Hidden, Availability::Gone] {
        let mut shape = shape();
        shape.versions[1].availability = availability;
        let table = Table::initial(&shape, &InitialTable::default()).unwrap();
        let wanted = TableDocument {
            default_version: "1.1.0".into(),
            ..document(&[])
        };
        let error = table.replace(&shape, &wanted).unwrap_err();
        assert_eq!(
            error.to_string(),
            "at `/default_version`: version 1.1.0 is not offered; name one of 1.0.0, 1.2.0, 2.0.0"
        );
    }
}

#[test]
fn hidden_versions_must_be_answered_and_those_that_are_gone_need_not_be() {
    let mut shape = shape();
    let only_old = TableDocument {
        implementations: Some(vec!["1.0.0".into(), "1.1.0".into()]),
        ..document(&[])
    };
    shape.versions[3].availability = Availability::Hidden;
    let table = Table::initial(&shape, &InitialTable::default()).unwrap();
    assert!(matches!(
        table.replace(&shape, &only_old),
        Err(TableError::Unanswered { .. })
    ));
    shape.versions[3].availability = Availability::Gone;
    assert!(table.replace(&shape, &only_old).is_ok());
}
