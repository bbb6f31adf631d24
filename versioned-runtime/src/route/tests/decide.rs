//! What tables decide, against the rules written out.

use super::*;

#[test]
fn what_the_contract_does_not_have_is_decided_without_a_panic() {
    let table = initial();
    for (version, operation, bucket) in [(4, 0, 0), (0, 2, 0), (usize::MAX, usize::MAX, u32::MAX)] {
        assert_eq!(
            table
                .decide(version, operation, User::at(bucket), &Dye::default())
                .slot,
            version
        );
        assert!(!table.is_eligible(version, operation, 0));
    }
}

/// The rules of `decide` as DESIGN has them, asked of the shape and the document instead of the table.
fn reference(
    shape: &ContractShape,
    document: &TableDocument,
    owner: Option<usize>,
    version: usize,
    operation: usize,
) -> Decision {
    let name = |slot: usize| shape.versions[slot].semver.to_string();
    let eligible = |slot: usize| {
        let listed = document
            .implementations
            .as_ref()
            .is_none_or(|names| names.contains(&name(slot)));
        shape.present[slot] && listed && shape.answers[slot][version][operation]
    };
    let stable = document
        .stable
        .as_ref()
        .map(|stable| (0..4).find(|&slot| name(slot) == *stable).unwrap());
    let newer_first = [version]
        .into_iter()
        .chain(version + 1..4)
        .chain((0..version).rev());
    let nearest = newer_first.into_iter().find(|&slot| eligible(slot)).unwrap();
    let newest = (0..4).rev().find(|&slot| eligible(slot)).unwrap();
    let (slot, reason) = match (owner, stable) {
        (Some(owner), _) if eligible(owner) => (owner, Reason::Share),
        (None, Some(stable)) if eligible(stable) => (stable, Reason::Stable),
        (Some(_), Some(stable)) if eligible(stable) => (stable, Reason::Fallback),
        (None, None) => (nearest, Reason::Nearest),
        (Some(_), None) => (nearest, Reason::Fallback),
        (_, Some(_)) => (newest, Reason::Fallback),
    };
    Decision {
        slot,
        native: slot == version,
        reason,
    }
}

#[test]
fn what_stable_cannot_answer_goes_to_the_newest_release() {
    let mut shape = shape();
    // Everybody answers everything, but 1.0.0 nothing of 2.0.0.
    for (slot, versions) in shape.answers.iter_mut().enumerate() {
        for (version, operations) in versions.iter_mut().enumerate() {
            operations.fill(slot > 0 || version < 3);
        }
    }
    shape.present = vec![true; 4];
    let mut check = |names: [&str; 4], listed: &[&str], expected: usize| {
        for (state, name) in shape.versions.iter_mut().zip(names) {
            state.semver = Version::parse(name).unwrap();
        }
        let document = TableDocument {
            stable: Some("1.0.0".into()),
            implementations: Some(listed.iter().map(|name| (*name).into()).collect()),
            ..document(&[])
        };
        let table = Table::initial(&shape, &InitialTable::default()).unwrap();
        let table = table.replace(&shape, &document).unwrap();
        let decided = table.decide(3, 0, User::UNKNOWN, &Dye::default());
        assert_eq!((decided.slot, decided.reason), (expected, Reason::Fallback));
        assert_eq!(
            table.decide(2, 0, User::UNKNOWN, &Dye::default()).reason,
            Reason::Stable
        );
    };
    let names = ["1.0.0", "1.1.0", "1.2.0", "2.0.0"];
    check(names, &names, 3);
    check(names, &names[..3], 2);
    // Nobody gets a pre-release who has not asked for it, where a release can do the work.
    let preview = ["1.0.0", "1.1.0", "1.2.0", "2.0.0-rc.1"];
    check(preview, &preview, 2);
    check(preview, &["1.0.0", "2.0.0-rc.1"], 3);
}

#[test]
fn decides_as_the_reference_for_every_version_operation_and_owner() {
    let shape = shape();
    let lists = [
        &["1.0.0", "1.1.0", "2.0.0"][..],
        &["1.0.0", "2.0.0"],
        &["1.1.0", "2.0.0"],
    ];
    let mut compared = 0;
    for list in lists {
        for stable in [None].into_iter().chain(list.iter().copied().map(Some)) {
            let owners: Vec<&str> = list
                .iter()
                .copied()
                .filter(|name| Some(*name) != stable)
                .collect();
            let shares: Vec<(&str, u32)> = owners.iter().map(|name| (*name, 200_000)).collect();
            let document = TableDocument {
                stable: stable.map(Into::into),
                implementations: Some(list.iter().map(|name| (*name).into()).collect()),
                ..document(&shares)
            };
            let table = initial().replace(&shape, &document).unwrap();
            for bucket in [
                0,
                199_999,
                200_000,
                399_999,
                400_000,
                599_999,
                600_000,
                LAST_BUCKET,
            ] {
                let owner = owners
                    .get(bucket as usize / 200_000)
                    .map(|owner| shape.index(owner).unwrap());
                for version in 0..4 {
                    for operation in 0..2 {
                        let expected = reference(&shape, &document, owner, version, operation);
                        let decided = table.decide(version, operation, User::at(bucket), &Dye::default());
                        assert_eq!(
                            decided, expected,
                            "{document:?}, {version}, {operation}, {bucket}"
                        );
                        assert!(table.is_eligible(version, operation, decided.slot));
                        compared += 1;
                    }
                }
            }
        }
    }
    assert_eq!(compared, (4 + 3 + 3) * 8 * 8);
}
