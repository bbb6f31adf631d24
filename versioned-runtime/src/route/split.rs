//! The split of a contract's users: which implementation owns which buckets.

use super::hash::BUCKETS;

/// A run of buckets with one owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// The first bucket.
    pub start: u32,
    /// The bucket after the last one.
    pub end: u32,
    /// The implementation that owns them, by slot; none where they are stable's.
    pub owner: Option<usize>,
}

impl Segment {
    const fn len(&self) -> u32 {
        self.end - self.start
    }
}

/// Shares that make no split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// The shares add up to more than all users.
    #[error("the shares add up to {sum} parts per million; lower them to {BUCKETS} at most")]
    Over {
        /// What they add up to.
        sum: u64,
    },
    /// One implementation was given two shares.
    #[error("implementation slot {slot} has two shares; give it one")]
    Twice {
        /// Its slot.
        slot: usize,
    },
}

/// A partition of all buckets: explicit segments of implementations, the rest is stable's.
///
/// The segments cover every bucket exactly once, so that shares add up by construction. A change gives to or takes from
/// stable only: who raises a share moves users to that implementation and no other user, who lowers it sends back just the
/// difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Ascending, without gaps, neighbours have different owners.
    segments: Box<[Segment]>,
}

impl Default for Split {
    /// Everything is stable's.
    fn default() -> Self {
        Self {
            segments: Box::new([Segment {
                start: 0,
                end: BUCKETS,
                owner: None,
            }]),
        }
    }
}

impl Split {
    /// Whether one owner has all buckets.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.segments.len() == 1
    }

    /// The split with exactly these shares, `(slot, parts per million)`, made from this one; who is not named gets nothing.
    ///
    /// First shares are lowered: an implementation gives back its highest buckets. Then they are raised, in the order of the
    /// slots: an implementation takes the lowest buckets that stable has.
    pub fn with_shares(&self, target: &[(usize, u32)]) -> Result<Self, SplitError> {
        let sum = target.iter().map(|(_, share)| u64::from(*share)).sum();
        if sum > u64::from(BUCKETS) {
            return Err(SplitError::Over { sum });
        }
        let mut target = target.to_vec();
        target.sort_unstable();
        if let Some(pair) = target.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(SplitError::Twice { slot: pair[0].0 });
        }
        let share_of = |slot: usize| {
            target
                .iter()
                .find(|(named, _)| *named == slot)
                .map_or(0, |(_, share)| *share)
        };

        let mut segments = self.segments.to_vec();
        let mut owners: Vec<usize> = segments.iter().filter_map(|segment| segment.owner).collect();
        owners.sort_unstable();
        owners.dedup();
        for slot in owners {
            let surplus = self.share(slot).saturating_sub(share_of(slot));
            segments = hand_over(segments.into_iter().rev(), surplus, Some(slot), None, End::High);
            segments.reverse();
        }
        for &(slot, share) in &target {
            let missing = share.saturating_sub(self.share(slot));
            segments = hand_over(segments.into_iter(), missing, None, Some(slot), End::Low);
        }
        Ok(Self::merged(segments))
    }

    /// The same users on the same implementations after another one has become stable, as far as that can be.
    ///
    /// What was stable's becomes a share of the old stable implementation where it had a name, and what the new one had as
    /// its share becomes stable's.
    #[must_use]
    pub fn restable(&self, old_stable: Option<usize>, new_stable: Option<usize>) -> Self {
        let owner = |owner: Option<usize>| {
            let named = owner.or(old_stable);
            if named == new_stable { None } else { named }
        };
        Self::merged(self.segments.iter().map(|segment| Segment {
            owner: owner(segment.owner),
            ..*segment
        }))
    }

    /// The implementation that owns a bucket, by slot; none where it is stable's.
    #[must_use]
    pub fn owner(&self, bucket: u32) -> Option<usize> {
        let at = self.segments.partition_point(|segment| segment.end <= bucket);
        self.segments.get(at).and_then(|segment| segment.owner)
    }

    /// The share of an implementation in parts per million.
    #[must_use]
    pub fn share(&self, slot: usize) -> u32 {
        self.owned_by(Some(slot))
    }

    /// What the shares leave to stable, in parts per million.
    #[must_use]
    pub fn remainder(&self) -> u32 {
        self.owned_by(None)
    }

    /// All segments, in ascending order.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    fn owned_by(&self, owner: Option<usize>) -> u32 {
        self.segments
            .iter()
            .filter(|segment| segment.owner == owner)
            .map(Segment::len)
            .sum()
    }

    /// Joins neighbours of one owner, so that segments stay as few as the history allows.
    fn merged(segments: impl IntoIterator<Item = Segment>) -> Self {
        let mut merged: Vec<Segment> = Vec::new();
        for segment in segments {
            match merged.last_mut() {
                Some(last) if last.owner == segment.owner => last.end = segment.end,
                _ => merged.push(segment),
            }
        }
        Self {
            segments: merged.into(),
        }
    }
}

/// At which end of a segment buckets change hands.
#[derive(Clone, Copy)]
enum End {
    Low,
    High,
}

/// Hands `amount` buckets from one owner to another, segment by segment in the order given.
fn hand_over(
    segments: impl Iterator<Item = Segment>,
    mut amount: u32,
    from: Option<usize>,
    to: Option<usize>,
    end: End,
) -> Vec<Segment> {
    let mut result = Vec::new();
    for segment in segments {
        if segment.owner != from || amount == 0 {
            result.push(segment);
            continue;
        }
        let part = segment.len().min(amount);
        amount -= part;
        let (taken, kept) = match end {
            End::Low => {
                let cut = segment.start + part;
                (
                    Segment {
                        end: cut,
                        owner: to,
                        ..segment
                    },
                    Segment {
                        start: cut,
                        ..segment
                    },
                )
            }
            End::High => {
                let cut = segment.end - part;
                (
                    Segment {
                        start: cut,
                        owner: to,
                        ..segment
                    },
                    Segment { end: cut, ..segment },
                )
            }
        };
        result.push(taken);
        if kept.len() > 0 {
            result.push(kept);
        }
    }
    result
}

#[cfg(test)]
mod tests;
