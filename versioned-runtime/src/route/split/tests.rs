//! The laws of the split: shares as asked, nobody moves who need not, segments cover everything.

use proptest::prelude::*;

use super::*;
use crate::route::hash::{LAST_BUCKET, bucket};

fn shown(split: &Split) -> String {
    let segments = split.segments().iter().map(|segment| match segment.owner {
        Some(slot) => format!("{slot}:{}..{}", segment.start, segment.end),
        None => format!("-:{}..{}", segment.start, segment.end),
    });
    segments.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(split: &Split, target: &[(usize, u32)], expected: &str) -> Split {
    let next = split.with_shares(target).unwrap();
    assert_eq!(shown(&next), expected);
    next
}

#[test]
fn a_change_gives_to_or_takes_from_stable_only() {
    let split = Split::default();
    let split = check(&split, &[(1, 200_000)], "1:0..200000 -:200000..1000000");
    let split = check(
        &split,
        &[(1, 200_000), (2, 100_000)],
        "1:0..200000 2:200000..300000 -:300000..1000000",
    );
    let split = check(
        &split,
        &[(1, 50_000), (2, 100_000)],
        "1:0..50000 -:50000..200000 2:200000..300000 -:300000..1000000",
    );
    let split = check(
        &split,
        &[(2, 300_000), (1, 50_000)],
        "1:0..50000 2:50000..350000 -:350000..1000000",
    );
    let split = check(
        &split,
        &[(2, 300_000)],
        "-:0..50000 2:50000..350000 -:350000..1000000",
    );
    let split = check(
        &split,
        &[(0, 700_000), (2, 300_000)],
        "0:0..50000 2:50000..350000 0:350000..1000000",
    );
    let split = check(&split, &[(0, 1_000_000)], "0:0..1000000");
    check(&split, &[], "-:0..1000000");
}

#[test]
fn refuses_what_is_no_split() {
    let split = Split::default();
    assert_eq!(
        split.with_shares(&[(0, 600_000), (1, 400_001)]),
        Err(SplitError::Over { sum: 1_000_001 })
    );
    assert_eq!(
        split.with_shares(&[(0, u32::MAX), (1, u32::MAX)]),
        Err(SplitError::Over { sum: 8_589_934_590 })
    );
    assert_eq!(
        split.with_shares(&[(1, 5), (0, 1), (1, 5)]),
        Err(SplitError::Twice { slot: 1 })
    );
}

#[test]
fn buckets_outside_of_the_range_are_stables() {
    let split = Split::default().with_shares(&[(3, BUCKETS)]).unwrap();
    assert_eq!(split.owner(BUCKETS - 1), Some(3));
    assert_eq!(split.owner(BUCKETS), None);
    assert_eq!(split.owner(u32::MAX), None);
}

#[test]
fn raising_moves_no_user_back() {
    let mut split = Split::default().with_shares(&[(0, 123_457), (2, 7)]).unwrap();
    for share in [1, 2, 10_000, 10_001, 333_333, 500_000, 876_536] {
        let next = split.with_shares(&[(0, 123_457), (1, share), (2, 7)]).unwrap();
        let back = (0..BUCKETS).filter(|&bucket| {
            split
                .owner(bucket)
                .is_some_and(|slot| next.owner(bucket) != Some(slot))
        });
        assert_eq!(back.count(), 0, "raised to {share}");
        split = next;
    }
    assert_eq!(split.remainder(), 0);
}

const SLOTS: usize = 5;

/// Shares of all slots that add up to no more than everything.
fn shares() -> impl Strategy<Value = Vec<(usize, u32)>> {
    let cuts = prop::collection::vec(
        prop_oneof![3 => 0..=BUCKETS, 1 => Just(0), 1 => Just(BUCKETS)],
        SLOTS,
    );
    cuts.prop_map(|mut cuts| {
        cuts.sort_unstable();
        let starts = std::iter::once(0).chain(cuts.clone());
        cuts.iter()
            .zip(starts)
            .map(|(end, start)| end - start)
            .enumerate()
            .collect()
    })
}

fn share_in(target: &[(usize, u32)], slot: usize) -> u32 {
    target
        .iter()
        .find(|(named, _)| *named == slot)
        .map_or(0, |(_, share)| *share)
}

/// How many buckets there are whose owners before and after are as asked.
fn count(before: &Split, after: &Split, asked: impl Fn(Option<usize>, Option<usize>) -> bool) -> u64 {
    let segments = [before, after].into_iter().flat_map(Split::segments);
    let mut edges: Vec<u32> = segments.map(|segment| segment.end).collect();
    edges.sort_unstable();
    edges.dedup();
    let starts = std::iter::once(0).chain(edges.clone());
    let runs = edges
        .iter()
        .zip(starts)
        .filter(|&(_, start)| asked(before.owner(start), after.owner(start)));
    runs.map(|(end, start)| u64::from(end - start)).sum()
}

#[track_caller]
fn assert_covers(split: &Split) {
    let segments = split.segments();
    assert_eq!(
        (segments[0].start, segments[segments.len() - 1].end),
        (0, BUCKETS)
    );
    assert!(segments.iter().all(|segment| segment.start < segment.end));
    assert!(
        segments
            .windows(2)
            .all(|pair| pair[0].end == pair[1].start && pair[0].owner != pair[1].owner)
    );
}

proptest! {
    #[test]
    fn shares_are_exactly_as_asked_and_only_the_difference_moves(history in prop::collection::vec(shares(), 1..8)) {
        let mut split = Split::default();
        for target in history {
            let next = split.with_shares(&target).unwrap();
            assert_covers(&next);
            let mut difference = 0_u64;
            for slot in 0..SLOTS {
                prop_assert_eq!(next.share(slot), share_in(&target, slot));
                difference += u64::from(next.share(slot).abs_diff(split.share(slot)));
            }
            let sum: u32 = (0..SLOTS).map(|slot| next.share(slot)).sum();
            prop_assert_eq!(sum + next.remainder(), BUCKETS);
            // A bucket that goes from one share to another passes through stable: it counts in both differences, moves once.
            prop_assert!(count(&split, &next, |before, after| before != after) <= difference);
            split = next;
        }
    }

    #[test]
    fn who_raises_takes_from_stable_and_who_lowers_keeps_a_part(history in prop::collection::vec(shares(), 2..8)) {
        let mut split = Split::default();
        for target in history {
            let next = split.with_shares(&target).unwrap();
            for slot in 0..SLOTS {
                let kept = count(&split, &next, |before, after| before == Some(slot) && after == Some(slot));
                prop_assert_eq!(kept, u64::from(split.share(slot).min(next.share(slot))), "slot {}", slot);
            }
            split = next;
        }
    }

    #[test]
    fn another_stable_moves_no_user_between_named_implementations(
        target in shares(),
        old in 0..SLOTS,
        new in prop::option::of(0..SLOTS),
    ) {
        // What is stable's in `split` is answered by `old`.
        let split = Split::default().with_shares(&target).unwrap().restable(None, Some(old));
        prop_assert_eq!(split.share(old), 0);
        let next = split.restable(Some(old), new);
        assert_covers(&next);
        let moved = count(&split, &next, |before, after| before.or(Some(old)) != after.or(new));
        prop_assert_eq!(moved, 0);
    }

    #[test]
    fn the_way_back_from_a_full_share_is_everything(target in shares(), slot in 0..SLOTS) {
        let split = Split::default().with_shares(&target).unwrap();
        let full = split.with_shares(&[(slot, BUCKETS)]).unwrap();
        prop_assert_eq!(full.segments().len(), 1);
        prop_assert_eq!(full.with_shares(&[]).unwrap(), Split::default());
    }
}

/// What moves one million users, by their keys, along random raises and lowerings of four implementations: a raise moves users of
/// stable only, and none back; a lowering sends back the difference only.
#[test]
fn of_a_million_users_none_is_moved_without_need() {
    const USERS: u32 = 1_000_000;
    const TARGETS: usize = 4;
    const STEPS: u64 = 24;
    let users: Vec<u32> = (0..USERS)
        .map(|user| bucket("moves", &user.to_le_bytes()))
        .collect();
    // Who owns a bucket of each step is written out once: asking a million times is asking for the same.
    let owners = |split: &Split| -> Vec<Option<usize>> {
        let runs = split.segments().iter();
        runs.flat_map(|run| std::iter::repeat_n(run.owner, run.len() as usize))
            .collect()
    };
    let mut split = Split::default();
    let (mut raises, mut lowerings) = (0, 0);
    for step in 0..STEPS {
        let dice = |what: &str, below: u32| bucket(what, &step.to_le_bytes()) % below;
        let slot = dice("slot", 4) as usize;
        let shares = (0..TARGETS).map(|slot| (slot, split.share(slot)));
        let mut target: Vec<(usize, u32)> = shares.collect();
        let (before, room) = (split.share(slot), split.remainder());
        let lowers = before > 0 && dice("way", 3) == 0;
        target[slot].1 = if lowers {
            dice("share", before)
        } else {
            before + dice("share", room / 2 + 1)
        };
        let next = split.with_shares(&target).unwrap();
        let (old, new) = (owners(&split), owners(&next));
        for user in &users {
            let (from, to) = (old[*user as usize], new[*user as usize]);
            let needed = if lowers {
                from == Some(slot) && to.is_none()
            } else {
                from.is_none() && to == Some(slot)
            };
            assert!(from == to || needed, "step {step}: {from:?} to {to:?}");
        }
        let moved = old.iter().zip(&new).filter(|(from, to)| from != to).count();
        assert_eq!(moved, before.abs_diff(target[slot].1) as usize, "step {step}");
        if lowers {
            lowerings += 1;
        } else {
            raises += 1;
        }
        split = next;
    }
    assert!(
        raises > 4 && lowerings > 4,
        "{raises} raises, {lowerings} lowerings"
    );
}

proptest! {
    /// Requests without a key are the last bucket: it leaves stable only when nothing is left there.
    #[test]
    fn no_key_moves_last(history in prop::collection::vec(shares(), 1..8)) {
        let mut split = Split::default();
        for target in history {
            let next = split.with_shares(&target).unwrap();
            if split.owner(LAST_BUCKET).is_none() && next.owner(LAST_BUCKET).is_some() {
                prop_assert_eq!(next.remainder(), 0);
            }
            split = next;
        }
    }
}
