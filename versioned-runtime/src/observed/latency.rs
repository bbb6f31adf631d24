//! How long requests of one contract took lately, counted in cells of each thread, and the tier that follows from it.
//!
//! A thread writes rings of seconds that nobody else writes, by plain stores; who wants to know adds them up, four times a second at
//! most. A slot that is being emptied while it is read tells a little less: it is one of many.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use thread_local::ThreadLocal;
use tokio::time::Instant;

use super::tier::{State, Tier, Tiers, step};
use crate::counters::bump;

/// How many whole seconds are looked back at, beside the one that has begun.
const SECONDS: u64 = 10;
/// The slots of a ring: more than the seconds that are looked at, so that none is emptied meanwhile.
const SLOTS: usize = 16;
/// Up to 2^6 µs there is one bucket, from there on four for every power of two, to 2^26 µs (67 s).
const FIRST: u32 = 6;
const LAST: u32 = 26;
const BUCKETS: usize = (LAST - FIRST) as usize * 4 + 1;
/// How often the tier is looked at anew, in milliseconds.
const EVERY: u64 = 250;

/// The latency of one contract.
pub(super) struct Latency {
    tiers: Tiers,
    start: Instant,
    rings: ThreadLocal<Ring>,
    /// When the tier is looked at next, in milliseconds since the start; who moves this does it.
    due: AtomicU64,
    state: Mutex<State>,
    /// The tier of that state, to read: one more than its number, 0 for none.
    tier: AtomicU8,
}

/// What one thread has counted, by second.
#[derive(Default)]
struct Ring([Slot; SLOTS]);

struct Slot {
    /// One more than the second that it holds.
    second: AtomicU64,
    counts: [AtomicU64; BUCKETS],
}

impl Default for Slot {
    fn default() -> Self {
        Self {
            second: AtomicU64::new(0),
            counts: [const { AtomicU64::new(0) }; BUCKETS],
        }
    }
}

impl Latency {
    pub(super) fn new(tiers: Tiers, start: Instant) -> Self {
        Self {
            tiers,
            start,
            rings: ThreadLocal::new(),
            due: AtomicU64::new(0),
            state: Mutex::default(),
            tier: AtomicU8::new(0),
        }
    }

    /// Counts a request that ends now.
    pub(super) fn record(&self, took: Duration, now: Instant) {
        let second = now.saturating_duration_since(self.start).as_secs() + 1;
        let Ring(slots) = self.rings.get_or_default();
        let slot = &slots[at(second)];
        if slot.second.load(Ordering::Relaxed) != second {
            for count in &slot.counts {
                count.store(0, Ordering::Relaxed);
            }
            slot.second.store(second, Ordering::Release);
        }
        bump(&slot.counts[bucket(took)], 1);
    }

    /// The tier in force; looked at anew where that is due.
    pub(super) fn tier(&self, now: Instant) -> Option<Tier> {
        let since = now.saturating_duration_since(self.start);
        let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        let due = self.due.load(Ordering::Relaxed);
        let next = millis.saturating_add(EVERY);
        if due <= millis
            && self
                .due
                .compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
            && let Ok(mut state) = self.state.try_lock()
        {
            *state = step(&self.tiers, *state, self.observed(since), since);
            let tier = state.tier.map_or(0, |tier| tier as u8 + 1);
            self.tier.store(tier, Ordering::Relaxed);
        }
        let tiers = [Tier::Low, Tier::Medium, Tier::High];
        let number = self.tier.load(Ordering::Relaxed).checked_sub(1)?;
        tiers.get(usize::from(number)).copied()
    }

    /// The quantile of the last seconds; none where too few requests ended in them.
    fn observed(&self, since: Duration) -> Option<Duration> {
        let now = since.as_secs() + 1;
        let mut sums = [0_u64; BUCKETS];
        for slot in self.rings.iter().flat_map(|Ring(slots)| slots) {
            let second = slot.second.load(Ordering::Acquire);
            if second > 0 && now.checked_sub(second).is_some_and(|age| age <= SECONDS) {
                for (sum, count) in sums.iter_mut().zip(&slot.counts) {
                    *sum += count.load(Ordering::Relaxed);
                }
            }
        }
        quantile(&sums, self.tiers.quantile, self.tiers.at_least)
    }
}

/// The upper bound of the bucket that the quantile lies in.
fn quantile(counts: &[u64; BUCKETS], quantile: f64, at_least: u64) -> Option<Duration> {
    let all: u64 = counts.iter().sum();
    if all < at_least.max(1) {
        return None;
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank among so many requests is exact enough"
    )]
    let rank = ((all as f64 * quantile).ceil() as u64).clamp(1, all);
    let mut below = 0;
    let bucket = counts.iter().position(|count| {
        below += count;
        below >= rank
    });
    bucket.map(upper)
}

fn at(second: u64) -> usize {
    // Less than the slots, which are few.
    usize::try_from(second % SLOTS as u64).unwrap_or(0)
}

fn bucket(took: Duration) -> usize {
    // The one that is begun counts: what took a little more than a bound lies above it.
    let micros = u64::try_from(took.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX);
    let below = micros.saturating_sub(1).min((1 << LAST) - 1);
    if below < 1 << FIRST {
        return 0;
    }
    let power = below.ilog2();
    let quarter = (below >> (power - 2)) & 3;
    ((power - FIRST) * 4) as usize + usize::try_from(quarter).unwrap_or(0) + 1
}

/// The longest time that lies in a bucket; the last one has all that is longer, too.
fn upper(bucket: usize) -> Duration {
    let bucket = u32::try_from(bucket).unwrap_or(0);
    let Some(above) = bucket.checked_sub(1) else {
        return Duration::from_micros(1 << FIRST);
    };
    let (power, quarter) = (above / 4 + FIRST, above % 4);
    Duration::from_micros(u64::from(5 + quarter) << (power - 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latency(tiers: Tiers) -> (Latency, Instant) {
        let start = Instant::now();
        (Latency::new(tiers, start), start)
    }

    fn tiers() -> Tiers {
        Tiers::new(Duration::from_millis(100), Duration::from_millis(500))
    }

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn buckets_are_a_quarter_wide_at_most() {
        let mut last = 0;
        for micros in (1..2_000).chain((1..1_000).map(|n| n * 70_001)) {
            let took = Duration::from_micros(micros);
            let bucket = bucket(took);
            assert!(bucket < BUCKETS && bucket >= last, "{took:?}");
            last = bucket;
            if micros <= 1 << LAST {
                let upper = upper(bucket);
                assert!(took <= upper, "{took:?} {upper:?}");
                assert!(
                    bucket == 0 || upper <= took + took / 4 + Duration::from_micros(1),
                    "{took:?} {upper:?}"
                );
            }
        }
        assert_eq!(bucket(Duration::MAX), BUCKETS - 1);
        assert_eq!(bucket(Duration::ZERO), 0);
        assert_eq!(bucket(Duration::from_nanos(64_001)), 1);
    }

    #[test]
    fn quantiles_are_those_of_sorted_lists() {
        let took: Vec<Duration> = (1..=200).map(|n| ms(n * 3)).collect();
        let mut counts = [0; BUCKETS];
        for took in &took {
            counts[bucket(*took)] += 1;
        }
        for (q, rank) in [(0.005, 1), (0.5, 100), (0.95, 190), (1.0, 200)] {
            let exact = took[rank - 1];
            let found = quantile(&counts, q, 1).expect("a quantile");
            assert!(
                found >= exact && found <= exact + exact / 4,
                "{q}: {found:?} {exact:?}"
            );
        }
        assert_eq!(quantile(&counts, 0.5, 201), None);
        assert_eq!(quantile(&[0; BUCKETS], 0.5, 0), None);
    }

    #[test]
    fn what_is_older_than_ten_seconds_is_forgotten() {
        let (latency, start) = latency(tiers().hold(ms(0)));
        let at = |millis| start + ms(millis);
        for _ in 0..20 {
            latency.record(ms(600), at(500));
        }
        assert_eq!(latency.tier(at(700)), Some(Tier::High));
        for _ in 0..20 {
            latency.record(ms(10), at(10_500));
        }
        assert_eq!(latency.tier(at(10_600)), Some(Tier::High));
        assert_eq!(latency.tier(at(11_500)), Some(Tier::Low));
        // Nothing is known any more.
        assert_eq!(latency.tier(at(60_000)), None);
        // The slot of an older second is emptied before it is used again.
        for _ in 0..19 {
            latency.record(ms(10), at(SLOTS as u64 * 4_000 + 500));
        }
        assert_eq!(latency.tier(at(SLOTS as u64 * 4_000 + 700)), None);
    }

    #[test]
    fn it_is_looked_at_when_that_is_due() {
        let (latency, start) = latency(tiers());
        assert_eq!(latency.tier(start), None);
        for _ in 0..20 {
            latency.record(ms(10), start);
        }
        assert_eq!(latency.tier(start + ms(EVERY - 1)), None);
        assert_eq!(latency.tier(start + ms(EVERY)), Some(Tier::Low));
    }

    #[test]
    fn threads_are_added_up() {
        let (latency, start) = latency(tiers());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..5).for_each(|_| latency.record(ms(200), start)));
            }
        });
        assert_eq!(latency.tier(start), Some(Tier::Medium));
    }
}
