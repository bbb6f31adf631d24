//! The bucket of a user: a frozen hash of the cohort's salt and the user's key.
//!
//! Frozen means: no release may change it, because every user of every split would move. The definition is
//! `XXH3-64(salt ++ [0] ++ key)` with seed 0, scaled to the number of buckets by its high bits:
//! `(hash * 1_000_000) >> 64` in 128 bits. `golden_buckets.tsv` was computed by the reference implementation in C.

use std::sync::Arc;

use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

use crate::words::{copy, padded};

/// How many buckets there are: one is a part per million of the users.
pub const BUCKETS: u32 = 1_000_000;

/// The bucket of requests without a user key: the one that moves last.
pub const LAST_BUCKET: u32 = BUCKETS - 1;

/// Most salts with a key are no longer.
const SHORT: usize = 64;
/// Up to here a text is put together on the stack; longer ones are fed in parts, which costs more to set up.
const LONG: usize = 240;

/// The bucket of a user under a salt, from 0 to [`LAST_BUCKET`]; allocates nothing.
///
/// The same salt gives a user the same bucket under every rule, version and contract. The salt should hold no zero byte, or
/// two different pairs may be one text.
#[must_use]
pub fn bucket(salt: &str, key: &[u8]) -> u32 {
    let salt = salt.as_bytes();
    let length = salt.len() + 1 + key.len();
    let hash = if length <= LONG {
        let mut text = [0; LONG];
        text[..salt.len()].copy_from_slice(salt);
        text[salt.len() + 1..length].copy_from_slice(key);
        xxh3_64(&text[..length])
    } else {
        let mut hasher = Xxh3Default::new();
        hasher.update(salt);
        hasher.update(&[0]);
        hasher.update(key);
        hasher.digest()
    };
    scale(hash)
}

/// A salt, laid out so that the key of a user is written behind it.
#[derive(Debug, Clone)]
pub(super) struct Cohort {
    salt: Arc<str>,
    /// The salt and the zero byte, where a key may fit behind them.
    head: Option<(usize, [u8; SHORT])>,
}

impl Cohort {
    pub(super) fn new(salt: &str) -> Self {
        Self {
            salt: salt.into(),
            head: padded(salt.as_bytes())
                .filter(|_| salt.len() < SHORT)
                .map(|text| (salt.len() + 1, text)),
        }
    }

    pub(super) fn salt(&self) -> &str {
        &self.salt
    }

    /// [`bucket`] under this salt.
    #[inline]
    pub(super) fn bucket(&self, key: &[u8]) -> u32 {
        if let Some((start, mut text)) = self.head
            && let Some(place) = text.get_mut(start..start + key.len())
        {
            copy(place, key);
            return scale(xxh3_64(&text[..start + key.len()]));
        }
        bucket(&self.salt, key)
    }
}

/// The high bits of a hash, scaled to the buckets: each bucket gets the same part of all hashes, to within one in 2⁴⁴.
fn scale(hash: u64) -> u32 {
    // The product is below 10⁶ · 2⁶⁴, so what is left after the shift fits.
    #[allow(clippy::cast_possible_truncation)]
    {
        ((u128::from(hash) * u128::from(BUCKETS)) >> 64) as u32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn golden_buckets() {
        let rows = include_str!("golden_buckets.tsv").lines().skip(1);
        let mut count = 0;
        for row in rows {
            let [salt, key, expected] = row.split('\t').collect::<Vec<_>>().try_into().expect(row);
            let key = key.as_bytes();
            // What requests are looked up by is another way to the same number.
            let found = [bucket(salt, key), Cohort::new(salt).bucket(key)];
            assert_eq!(found.map(|bucket| bucket.to_string()), [expected; 2], "{row}");
            count += 1;
        }
        assert_eq!(count, 500);
    }

    #[test]
    fn scales_over_the_whole_range() {
        assert_eq!(scale(0), 0);
        assert_eq!(scale(u64::MAX), LAST_BUCKET);
        assert_eq!(scale(1 << 63), BUCKETS / 2);
        assert_eq!(scale((1 << 63) - 1), BUCKETS / 2 - 1);
    }

    #[test]
    fn keys_spread_evenly() {
        const KEYS: u32 = 200_000;
        let mut tenths = [0_u32; 10];
        for key in 0..KEYS {
            tenths[(bucket("even", key.to_string().as_bytes()) / (BUCKETS / 10)) as usize] += 1;
        }
        // Five standard deviations of a binomial with n = 200 000 and p = 0.1.
        assert!(
            tenths.iter().all(|count| count.abs_diff(KEYS / 10) < 671),
            "{tenths:?}"
        );
    }

    proptest! {
        #[test]
        fn equals_the_hash_of_the_concatenation(salt in ".{0,80}", key in prop::collection::vec(any::<u8>(), 0..600)) {
            let whole = [salt.as_bytes(), &[0], &key].concat();
            prop_assert_eq!(bucket(&salt, &key), scale(xxh3_64(&whole)));
            prop_assert_eq!(Cohort::new(&salt).bucket(&key), scale(xxh3_64(&whole)));
        }
    }
}
