//! Tables: the first one of a contract; beside it what tables decide, what they refuse, and what a replacement keeps.

mod decide;
mod refuse;
mod replace;
mod rules;
mod weights;
mod written;

use std::collections::BTreeMap;

use semver::Version;

use crate::resolve::Availability::{Gone, Hidden, Offered};
use crate::resolve::{Availability, VersionState};

use super::*;

/// Four versions with two operations each; 1.2.0 has no implementation of its own, 2.0.0 cannot answer the second operation
/// of the 1.x versions, and nothing older answers 2.0.0.
fn shape() -> ContractShape {
    let versions =
        ["1.0.0", "1.1.0", "1.2.0", "2.0.0"].map(|text| VersionState::offered(Version::parse(text).unwrap()));
    let answers = |slot: usize| {
        let version = |version: usize| {
            let reaches = slot >= version || (slot < 3 && version < 3);
            vec![reaches, reaches && !(slot == 3 && version < 3)]
        };
        (0..4).map(version).collect()
    };
    ContractShape {
        id: "user-profile".into(),
        versions: versions.into(),
        operations: vec![vec!["get_user", "delete_user"]; 4],
        answers: (0..4).map(answers).collect(),
        present: vec![true, true, false, true],
    }
}

fn initial() -> Table {
    Table::initial(&shape(), &InitialTable::default()).unwrap()
}

fn document(shares: &[(&str, u32)]) -> TableDocument {
    TableDocument {
        contract: None,
        epoch: None,
        default_version: "1.0.0".into(),
        stable: None,
        shares: shares
            .iter()
            .map(|(name, share)| ((*name).into(), *share))
            .collect(),
        ..TableDocument::default()
    }
}

fn shares(shares: &[(&str, u32)]) -> BTreeMap<String, u32> {
    shares
        .iter()
        .map(|(name, share)| ((*name).into(), *share))
        .collect()
}

#[test]
fn the_first_table_sends_each_version_to_the_nearest_implementation() {
    let table = initial();
    assert_eq!(
        (table.epoch(), table.default_version(), table.cohort()),
        (1, 0, "user-profile")
    );
    let nearest = |slot, native| Decision {
        slot,
        native,
        reason: Reason::Nearest,
    };
    let decided: Vec<Decision> = (0..4)
        .map(|version| table.decide(version, 0, User::at(7), &Dye::default()))
        .collect();
    assert_eq!(
        decided,
        [
            nearest(0, true),
            nearest(1, true),
            nearest(3, false),
            nearest(3, true)
        ]
    );
    // What 2.0.0 cannot answer goes to the nearest older one.
    assert_eq!(
        table.decide(2, 1, User::at(7), &Dye::default()),
        nearest(1, false)
    );
}

#[test]
fn the_first_default_is_the_lowest_offered_release() {
    let mut shape = shape();
    let mut check = |availability: [Availability; 4], expected: Result<usize, TableError>| {
        for (state, availability) in shape.versions.iter_mut().zip(availability) {
            state.availability = availability;
        }
        let table = Table::initial(&shape, &InitialTable::default());
        assert_eq!(table.map(|table| table.default_version()), expected);
    };
    check([Offered; 4], Ok(0));
    check([Gone, Hidden, Offered, Offered], Ok(2));
    check([Gone, Hidden, Gone, Hidden], Err(TableError::NothingOffered));
    shape.versions[0] = VersionState::offered(Version::parse("1.0.0-rc.1").unwrap());
    shape.versions[3].availability = Offered;
    assert_eq!(
        Table::initial(&shape, &InitialTable::default())
            .unwrap()
            .default_version(),
        3
    );
}

#[test]
fn the_configuration_of_the_first_table_is_kept_and_checked() {
    let config = InitialTable {
        default_version: Some(1),
        user_key: Some(UserKey::Header("X-User-Id".into())),
        cohort: Some("shops".into()),
        ..InitialTable::default()
    };
    let table = Table::initial(&shape(), &config).unwrap();
    assert_eq!((table.default_version(), table.cohort()), (1, "shops"));
    assert_eq!(table.user_key(), Some(&UserKey::header("x-user-id")));
    let next = table.replace(&shape(), &document(&[])).unwrap();
    assert_eq!(
        (next.default_version(), next.cohort(), next.user_key()),
        (0, "shops", None)
    );
    assert_eq!(next.bucket(Some(b"7")), bucket("shops", b"7"));
    assert_eq!(next.bucket(None), LAST_BUCKET);

    let bad = |config: InitialTable| {
        Table::initial(&shape(), &config)
            .unwrap_err()
            .pointer()
            .to_owned()
    };
    assert_eq!(
        bad(InitialTable {
            default_version: Some(9),
            ..config.clone()
        }),
        "/default_version"
    );
    assert_eq!(
        bad(InitialTable {
            user_key: Some(UserKey::cookie("a b")),
            ..config
        }),
        "/user_key/cookie"
    );
}

#[test]
fn a_binary_without_an_answer_has_no_table() {
    let mut shape = shape();
    shape.present[3] = false;
    let error = Table::initial(&shape, &InitialTable::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`get_user` of version 2.0.0; this binary has no implementation"),
        "{error}"
    );
    shape.versions[3].availability = Availability::Gone;
    let table = Table::initial(&shape, &InitialTable::default()).unwrap();
    assert_eq!(table.decide(0, 0, User::at(0), &Dye::default()).slot, 0);
}

#[test]
fn snapshots_share_the_tables_that_stay() {
    let snapshot = Snapshot::new([initial(), initial()]);
    let next = snapshot.with_table(1, initial().replace(&shape(), &document(&[])).unwrap());
    let epochs = |snapshot: &Snapshot| {
        snapshot
            .tables()
            .iter()
            .map(|table| table.epoch())
            .collect::<Vec<_>>()
    };
    assert_eq!((epochs(&snapshot), epochs(&next)), (vec![1, 1], vec![1, 2]));
    assert!(std::sync::Arc::ptr_eq(
        snapshot.table(0).unwrap(),
        next.table(0).unwrap()
    ));
    assert_eq!(epochs(&next.with_table(2, initial())), [1, 2]);
    assert!(next.table(2).is_none());
}
