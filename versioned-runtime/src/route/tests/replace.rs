//! What a replacement keeps: users where they are, and what was written.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[test]
fn raising_a_share_moves_none_of_a_million_buckets_back() {
    let shape = shape();
    let mut table = initial();
    for share in [1, 10_000, 50_000, 200_000, 500_000, 999_999, 1_000_000] {
        let next = table.replace(&shape, &document(&[("2.0.0", share)])).unwrap();
        let serves = |table: &Table, bucket| table.decide(0, 0, User::at(bucket), &Dye::default()).slot == 3;
        let back = (0..BUCKETS)
            .filter(|&bucket| serves(&table, bucket) && !serves(&next, bucket))
            .count();
        let there = (0..BUCKETS).filter(|&bucket| serves(&next, bucket)).count();
        assert_eq!((back, there), (0, share as usize));
        table = next;
    }
    assert_eq!(table.epoch(), 8);
}

#[test]
fn naming_what_a_share_has_as_stable_moves_nobody() {
    let shape = shape();
    let old = TableDocument {
        stable: Some("1.1.0".into()),
        ..document(&[("2.0.0", 300_000)])
    };
    let old = initial().replace(&shape, &old).unwrap();
    let new = TableDocument {
        stable: Some("2.0.0".into()),
        ..document(&[("1.1.0", 700_000), ("2.0.0", 300_000)])
    };
    let new = old.replace(&shape, &new).unwrap();
    let moved = (0..BUCKETS).filter(|&bucket| {
        old.decide(0, 0, User::at(bucket), &Dye::default()).slot
            != new.decide(0, 0, User::at(bucket), &Dye::default()).slot
    });
    assert_eq!(moved.count(), 0);
    assert_eq!(new.document(&shape).shares, shares(&[("1.1.0", 700_000)]));
}

/// Any document that fits the shape: each of the three implementations with a share, stable being one of them or none.
fn documents() -> impl Strategy<Value = TableDocument> {
    const NAMES: [&str; 3] = ["1.0.0", "1.1.0", "2.0.0"];
    let cuts = prop::array::uniform3(0..=BUCKETS);
    let key = prop::option::of(prop_oneof![
        "[A-Za-z][A-Za-z0-9-]{0,12}".prop_map(UserKey::header),
        "[a-z ]{1,8}".prop_map(UserKey::query),
        "[A-Za-z_]{1,8}".prop_map(UserKey::cookie),
    ]);
    (cuts, prop::option::of(0..3_usize), 0..4_usize, key, any::<bool>()).prop_map(
        |(mut cuts, stable, default_version, user_key, listed)| {
            cuts.sort_unstable();
            let given = [cuts[0], cuts[1] - cuts[0], cuts[2] - cuts[1]];
            let shares = NAMES
                .into_iter()
                .zip(given)
                .enumerate()
                .filter(|(slot, _)| Some(*slot) != stable);
            let shares: Vec<(&str, u32)> = shares.map(|(_, share)| share).collect();
            TableDocument {
                default_version: ["1.0.0", "1.1.0", "1.2.0", "2.0.0"][default_version].into(),
                stable: stable.map(|slot| NAMES[slot].into()),
                user_key,
                implementations: listed.then(|| NAMES.map(String::from).into()),
                ..document(&shares)
            }
        },
    )
}

proptest! {
    #[test]
    fn a_table_says_what_was_written_and_writing_it_again_changes_nothing(
        history in prop::collection::vec(documents(), 1..6),
    ) {
        let shape = shape();
        let mut table = initial();
        for written in history {
            table = table.replace(&shape, &written).unwrap();
            let read = table.document(&shape);
            let mut expected = TableDocument {
                contract: Some("user-profile".into()),
                epoch: Some(table.epoch()),
                implementations: Some(["1.0.0", "1.1.0", "2.0.0"].map(String::from).into()),
                ..written
            };
            expected.shares.retain(|_, share| *share > 0);
            prop_assert_eq!(&read, &expected);

            let json = serde_json::to_string(&read).unwrap();
            let again = table.replace(&shape, &serde_json::from_str(&json).unwrap()).unwrap();
            prop_assert_eq!(again.split(), table.split());
            prop_assert_eq!(again.epoch(), table.epoch() + 1);
            prop_assert_eq!(TableDocument { epoch: read.epoch, ..again.document(&shape) }, read);
        }
    }
}

#[test]
fn a_pin_follows_the_label_that_was_written_for_it() {
    let shape = shape();
    let document = |new: &str, pin: &str| TableDocument {
        labels: [("new".to_owned(), new.to_owned())].into(),
        pins: [("ada".to_owned(), pin.to_owned())].into(),
        ..document(&[])
    };
    let served = |table: &Table| {
        let user = table.user(Some("ada"));
        table.decide(0, 0, user, &Dye::default()).slot
    };
    let table = initial().replace(&shape, &document("2.0.0", "new")).unwrap();
    let mut read = table.document(&shape);
    assert_eq!((served(&table), read.pins["ada"].as_str()), (3, "new"));
    read.labels.insert("new".to_owned(), "1.1.0".to_owned());
    let moved = table.replace(&shape, &read).unwrap();
    assert_eq!(served(&moved), 1);
    let named = moved.replace(&shape, &document("2.0.0", "1.1.0")).unwrap();
    assert_eq!(named.document(&shape).pins["ada"], "1.1.0");
}

#[test]
fn an_explanation_tells_who_was_meant() {
    let shape = shape();
    let explained = |document: &TableDocument, operation: usize| {
        let table = initial().replace(&shape, document).unwrap();
        let user = User::at(0);
        let told = table
            .explain(&shape, 0, operation, user, &Dye::default())
            .unwrap();
        (told.serving, told.wanted)
    };
    let name = |name: &str| Some(name.to_owned());
    let back = |name: &str| TableDocument {
        rolled_back: vec![name.to_owned()],
        ..document(&[("2.0.0", 500_000)])
    };
    let (serving, wanted) = explained(&back("2.0.0"), 0);
    assert_eq!((serving != "2.0.0", wanted), (true, name("2.0.0")));
    let stable = TableDocument {
        stable: name("2.0.0"),
        shares: BTreeMap::new(),
        ..back("2.0.0")
    };
    let (serving, wanted) = explained(&stable, 0);
    assert_eq!((serving != "2.0.0", wanted), (true, name("2.0.0")));
    let served = TableDocument {
        rolled_back: Vec::new(),
        ..stable
    };
    assert_eq!(explained(&served, 0), ("2.0.0".to_owned(), None));
}
