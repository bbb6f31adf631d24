//! The latency tier of a service: how slow it is now, decided by a pure function of what was observed and of the time.
//!
//! A tier that goes to and fro would move users with it. So a service is called slower at once, and faster only after the tier has
//! held for a while, and where it would be faster even if it took a quarter longer.

use std::time::Duration;

/// How slow a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    Low,
    Medium,
    High,
}

impl Tier {
    /// The fact: the tier of the latency, not of the service.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What the latency of a contract is called: `low`, `medium` or `high`, for the fact `tier`.
///
/// The latency is a quantile over the requests that were routed to an implementation of the contract, those with a bad body included, and whose answer began within the
/// last 10 s, from the head of the request to the head of its answer, in this process, whichever version and operation it was: so bodies
/// of requests count, and those of answers do not. In-process calls are not among them. It is known to within a quarter, and is looked at four times a second at most.
///
/// It is called slower at once. It is called faster when the tier has held for [`Tiers::hold`], and the latency would be in a
/// lower tier even if it were a quarter longer. Where fewer requests than [`Tiers::at_least`] were answered nothing is known: the
/// tier holds as long, and then there is none.
///
/// ```
/// # use std::time::Duration;
/// # use versioned_runtime::{FactSources, Tiers};
/// let tiers = Tiers::new(Duration::from_millis(100), Duration::from_millis(500)).quantile(0.99);
/// let facts = FactSources::new().tier(tiers);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tiers {
    pub(super) medium: Duration,
    pub(super) high: Duration,
    pub(super) quantile: f64,
    pub(super) at_least: u64,
    pub(super) hold: Duration,
}

impl Tiers {
    /// Below `medium` the latency is `low`, from `high` on it is `high`.
    #[must_use]
    pub fn new(medium: Duration, high: Duration) -> Self {
        Self {
            medium,
            high,
            quantile: 0.95,
            at_least: 20,
            hold: Duration::from_secs(10),
        }
    }

    /// Which part of the requests is not slower than the latency; 0.95 without it.
    #[must_use]
    pub fn quantile(mut self, quantile: f64) -> Self {
        self.quantile = quantile;
        self
    }

    /// How many requests of the last 10 s tell something; 20 without it.
    #[must_use]
    pub fn at_least(mut self, requests: u64) -> Self {
        self.at_least = requests.max(1);
        self
    }

    /// How long a tier holds before the latency is called faster; 10 s without it.
    #[must_use]
    pub fn hold(mut self, hold: Duration) -> Self {
        self.hold = hold;
        self
    }

    /// Whether a latency can be told by these.
    pub(super) fn are_apart(&self) -> bool {
        self.medium <= self.high && self.quantile > 0.0 && self.quantile <= 1.0
    }

    fn tier_of(&self, latency: Duration) -> Tier {
        match latency {
            latency if latency >= self.high => Tier::High,
            latency if latency >= self.medium => Tier::Medium,
            _ => Tier::Low,
        }
    }
}

/// What is called what since when; times are since the start of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct State {
    pub(super) tier: Option<Tier>,
    /// When it was called so first.
    since: Duration,
    /// When something was observed last.
    observed: Duration,
}

/// What comes after a state, with a latency that was observed, or without.
pub(super) fn step(tiers: &Tiers, state: State, latency: Option<Duration>, now: Duration) -> State {
    let Some(latency) = latency else {
        let forgotten = now.saturating_sub(state.observed) >= tiers.hold;
        return State {
            tier: state.tier.filter(|_| !forgotten),
            ..state
        };
    };
    let (next, reached) = match state.tier {
        None => (tiers.tier_of(latency), true),
        Some(tier) => {
            let quarter_more = latency.saturating_add(latency / 4);
            // In between, the tier stays what it is.
            let next = tier.clamp(tiers.tier_of(latency), tiers.tier_of(quarter_more));
            let held = now.saturating_sub(state.since) >= tiers.hold;
            if next > tier || next < tier && held {
                (next, true)
            } else {
                (tier, false)
            }
        }
    };
    State {
        tier: Some(next),
        since: if reached { now } else { state.since },
        observed: now,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tiers() -> Tiers {
        Tiers::new(Duration::from_millis(100), Duration::from_millis(500))
    }

    /// Goes from state to state by second and latency in ms, and tells the tiers.
    #[track_caller]
    fn check(story: &[(u64, Option<u64>, Option<Tier>)]) {
        let mut state = State::default();
        for (second, latency, expected) in story {
            let latency = latency.map(Duration::from_millis);
            state = step(&tiers(), state, latency, Duration::from_secs(*second));
            assert_eq!(state.tier, *expected, "at {second} s of {story:?}");
        }
    }

    const LOW: Option<Tier> = Some(Tier::Low);
    const MEDIUM: Option<Tier> = Some(Tier::Medium);
    const HIGH: Option<Tier> = Some(Tier::High);

    #[test]
    fn thresholds_belong_to_the_slower_tier() {
        check(&[(1, Some(0), LOW)]);
        check(&[(1, Some(99), LOW)]);
        check(&[(1, Some(100), MEDIUM)]);
        check(&[(1, Some(499), MEDIUM)]);
        check(&[(1, Some(500), HIGH)]);
        check(&[(1, Some(u64::MAX), HIGH)]);
    }

    #[test]
    fn slower_is_said_at_once() {
        check(&[(1, Some(50), LOW), (1, Some(100), MEDIUM), (1, Some(500), HIGH)]);
        check(&[(1, Some(50), LOW), (2, Some(500), HIGH)]);
    }

    #[test]
    fn faster_is_said_when_it_has_held_and_is_clear() {
        // It has not held.
        check(&[(1, Some(500), HIGH), (10, Some(50), HIGH), (11, Some(50), LOW)]);
        // It is not clear: 81 and a quarter of it are over 100.
        check(&[
            (1, Some(100), MEDIUM),
            (60, Some(81), MEDIUM),
            (61, Some(79), LOW),
        ]);
        check(&[
            (1, Some(500), HIGH),
            (60, Some(401), HIGH),
            (61, Some(399), MEDIUM),
        ]);
        // Only as far as it is clear.
        check(&[(1, Some(500), HIGH), (60, Some(81), MEDIUM)]);
        // Each tier holds.
        check(&[
            (1, Some(500), HIGH),
            (11, Some(300), MEDIUM),
            (20, Some(50), MEDIUM),
            (21, Some(50), LOW),
        ]);
    }

    #[test]
    fn staying_does_not_begin_the_time_anew() {
        check(&[(1, Some(500), HIGH), (10, Some(600), HIGH), (11, Some(50), LOW)]);
    }

    #[test]
    fn without_observations_it_is_forgotten() {
        check(&[(1, None, None)]);
        check(&[
            (1, Some(500), HIGH),
            (10, None, HIGH),
            (11, None, None),
            (12, None, None),
        ]);
        check(&[
            (1, Some(500), HIGH),
            (10, Some(500), HIGH),
            (19, None, HIGH),
            (20, None, None),
        ]);
        check(&[(1, Some(500), HIGH), (11, None, None), (11, Some(50), LOW)]);
    }

    #[test]
    fn a_clock_that_goes_back_breaks_nothing() {
        check(&[
            (60, Some(500), HIGH),
            (1, Some(50), HIGH),
            (2, None, HIGH),
            (70, Some(50), LOW),
        ]);
    }

    proptest! {
        #[test]
        fn it_gets_faster_once_in_a_hold_at_most(latencies in prop::collection::vec(prop::option::of(0_u64..1_000), 1..200)) {
            let mut state = State::default();
            let mut fell: Option<u64> = None;
            for (second, latency) in latencies.iter().enumerate() {
                let second = second as u64;
                let next = step(&tiers(), state, latency.map(Duration::from_millis), Duration::from_secs(second));
                if let (Some(before), Some(after)) = (state.tier, next.tier) && after < before {
                    prop_assert!(fell.is_none_or(|at| second - at >= 10));
                    fell = Some(second);
                }
                // It is never called faster than it is.
                if let Some(latency) = latency {
                    prop_assert!(next.tier >= Some(tiers().tier_of(Duration::from_millis(*latency))));
                }
                state = next;
            }
        }
    }
}
