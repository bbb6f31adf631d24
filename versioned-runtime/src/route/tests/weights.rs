//! Weights of rules and shares over time: nobody moves who need not, and a rollback beats what users are used to.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::rules::Dice;
use super::*;

/// One rule for everybody, with these weights in percent.
fn table(before: &Table, weights: &Value, rolled_back: &[&str]) -> Table {
    let document = json!({
        "default_version": "1.0.0", "shares": {}, "rolled_back": rolled_back,
        "rules": [{ "name": "all", "to": weights }],
    });
    before
        .replace(&shape(), &serde_json::from_value(document).unwrap())
        .unwrap()
}

fn serving(table: &Table, bucket: u32) -> usize {
    table.decide(3, 0, User::at(bucket), &Dye::default()).slot
}

#[test]
fn a_raised_rule_moves_none_of_a_million_users_back_and_a_lowered_one_only_the_difference() {
    let mut shape = shape();
    shape.answers = vec![vec![vec![true; 2]; 4]; 4];
    let replace = |before: &Table, weights: Value| {
        let document =
            json!({ "default_version": "1.0.0", "shares": {}, "rules": [{ "name": "all", "to": weights }] });
        before
            .replace(&shape, &serde_json::from_value(document).unwrap())
            .unwrap()
    };
    let first = Table::initial(&shape, &InitialTable::default()).unwrap();
    let low = replace(&first, json!({"1.0.0": 10, "1.1.0": 5}));
    let raised = replace(&low, json!({"1.0.0": 30, "1.1.0": 5.5}));
    let lowered = replace(&raised, json!({"1.0.0": 20, "1.1.0": 5.5}));
    let (mut moved, mut back) = (0, 0);
    for bucket in 0..BUCKETS {
        let (a, b, c) = (
            serving(&low, bucket),
            serving(&raised, bucket),
            serving(&lowered, bucket),
        );
        assert!(a == 3 || a == b, "bucket {bucket} was moved away from {a}");
        moved += u32::from(a != b);
        assert!(b == c || (b == 0 && c == 3), "bucket {bucket}: {b} to {c}");
        back += u32::from(b != c);
    }
    assert_eq!((moved, back), (205_000, 100_000));
    assert_eq!(serving(&raised, LAST_BUCKET), 3);
}

#[test]
fn a_rollback_beats_stickiness_and_its_end_gives_the_same_users_back() {
    let split = table(&initial(), &json!({"2.0.0": 40}), &[]);
    let decide = |table: &Table, bucket| table.decide(0, 0, User::at(bucket), &Dye::default());
    let back = table(&split, &json!({"2.0.0": 40}), &["2.0.0"]);
    let again = table(&back, &json!({"2.0.0": 40}), &[]);
    for bucket in [0, 399_999, 400_000, LAST_BUCKET] {
        assert_eq!(decide(&back, bucket).slot, 0);
        assert_eq!(decide(&again, bucket), decide(&split, bucket));
        // What nobody else answers stays where it is.
        assert_eq!(serving(&back, bucket), 3);
    }
    assert_eq!(decide(&split, 399_999).reason, Reason::Rule);
}

#[test]
fn what_a_rule_leaves_goes_to_what_follows() {
    let document = json!({
        "default_version": "1.0.0", "stable": "1.0.0", "shares": { "1.1.0": 900_000 },
        "rules": [
            { "name": "some", "to": { "2.0.0": 80 } },
            { "name": "more", "to": { "1.1.0": 85 } },
        ],
    });
    let table = initial()
        .replace(&shape(), &serde_json::from_value(document).unwrap())
        .unwrap();
    let decide = |bucket| {
        let decision = table.decide(0, 0, User::at(bucket), &Dye::default());
        (decision.slot, decision.reason)
    };
    assert_eq!(decide(799_999), (3, Reason::Rule));
    assert_eq!(decide(800_000), (1, Reason::Rule));
    assert_eq!(decide(850_000), (1, Reason::Share));
    assert_eq!(decide(900_000), (0, Reason::Stable));
}

/// Ten random tables, each with a share of a rule, one of the contract and the rest, and with keys and a cohort of its own.
#[test]
fn shares_are_kept_within_four_sigma_of_a_million_keys() {
    const KEYS: u32 = 1_000_000;
    for seed in 0..10_u64 {
        let mut dice = Dice::new(4_000_000 + seed);
        let part = |dice: &mut Dice, below: u32| u32::try_from(dice.below(u64::from(below) + 1)).unwrap();
        let by_rule = part(&mut dice, BUCKETS);
        let by_share = part(&mut dice, BUCKETS);
        let config = InitialTable {
            cohort: Some(format!("cohort {seed}")),
            ..InitialTable::default()
        };
        let document = json!({
            "default_version": "1.0.0", "stable": "1.0.0", "shares": { "1.1.0": by_share },
            "rules": [{ "name": "all", "to": { "2.0.0": Percent::parts_per_million(by_rule) } }],
        });
        let first = Table::initial(&shape(), &config).unwrap();
        let table = first
            .replace(&shape(), &serde_json::from_value(document).unwrap())
            .unwrap();
        let (dye, salt) = (Dye::default(), dice.below(u64::MAX));
        let mut served = [0_u32; 4];
        for key in 0..KEYS {
            let key = [salt.to_le_bytes(), u64::from(key).to_le_bytes()].concat();
            let user = User::at(table.bucket(Some(&key)));
            served[table.decide(0, 0, user, &dye).slot] += 1;
        }
        // The rule has the lowest buckets, and so has the share: what a rule gives away it does not get.
        let share = by_share.saturating_sub(by_rule);
        let intended = [BUCKETS - by_rule - share, share, 0, by_rule];
        for (slot, (served, parts)) in served.into_iter().zip(intended).enumerate() {
            let share = f64::from(parts) / 1e6;
            let sigma = (f64::from(KEYS) * share * (1.0 - share)).sqrt();
            let off = f64::from(served) - f64::from(parts);
            assert!(
                off.abs() <= 4.0 * sigma,
                "table {seed}: {served} of {KEYS} for slot {slot} at {parts}: {} sigma",
                off / sigma
            );
        }
    }
}

#[test]
fn a_rollback_beats_the_share_that_users_are_used_to() {
    let table = |before: &Table, rolled_back: &[&str]| {
        let document = json!({
            "default_version": "1.0.0", "stable": "1.0.0", "shares": { "2.0.0": 400_000 }, "rolled_back": rolled_back,
        });
        before
            .replace(&shape(), &serde_json::from_value(document).unwrap())
            .unwrap()
    };
    let split = table(&initial(), &[]);
    let back = table(&split, &["2.0.0"]);
    let again = table(&back, &[]);
    for bucket in (0..BUCKETS).step_by(999) {
        let decide = |table: &Table| table.decide(0, 0, User::at(bucket), &Dye::default()).slot;
        assert_eq!(decide(&back), 0, "bucket {bucket}");
        assert_eq!(decide(&split), if bucket < 400_000 { 3 } else { 0 });
        assert_eq!(decide(&again), decide(&split));
    }
}

proptest! {
    /// Four implementations, random sequences: an implementation that is not lowered loses no bucket; one that is lowered loses
    /// just the difference, all of it to stable or to who is raised; one that is not raised gains none.
    #[test]
    fn sequences_of_changes_move_no_more_than_they_must(
        history in prop::collection::vec(prop::collection::vec(0..250_000_u32, 4), 1..8),
    ) {
        let mut split = Split::default();
        for weights in history {
            let target: Vec<(usize, u32)> = weights.iter().copied().enumerate().collect();
            let next = split.with_shares(&target).unwrap();
            let mut cuts: Vec<u32> = split.segments().iter().chain(next.segments()).map(|s| s.start).collect();
            cuts.sort_unstable();
            cuts.dedup();
            cuts.push(BUCKETS);
            let (mut lost, mut gained) = ([0; 4], [0; 4]);
            for cut in cuts.windows(2) {
                let (from, to) = (split.owner(cut[0]), next.owner(cut[0]));
                if from != to {
                    if let Some(from) = from { lost[from] += cut[1] - cut[0]; }
                    if let Some(to) = to { gained[to] += cut[1] - cut[0]; }
                }
            }
            for slot in 0..4 {
                let (before, after) = (split.share(slot), next.share(slot));
                prop_assert_eq!(after, weights[slot]);
                prop_assert_eq!(lost[slot], before.saturating_sub(after));
                prop_assert_eq!(gained[slot], after.saturating_sub(before));
            }
            split = next;
        }
    }
}
