//! What a thread has matched lately: what a request says → the rules that match it, and its dye.

use std::array;

use xxhash_rust::xxh3::xxh3_64;

use super::{Matched, Set, WORDS};
use crate::route::dye::DyeKey;

/// What says more is matched anew each time.
const KEY: usize = 126;

/// How many are remembered; a power of two.
const ENTRIES: usize = 64;

/// What was found for the last requests. An entry holds what the request said, byte by byte, and the number of its table, and both are
/// compared: a memo changes no decision, whatever the hash.
#[derive(Debug)]
pub struct Memo {
    entries: Box<[Entry; ENTRIES]>,
    mask: u64,
}

#[derive(Debug)]
struct Entry {
    /// The number of the rules; none has 0.
    rules: u64,
    /// How many bytes were said.
    length: usize,
    key: [u8; KEY],
    found: Found,
}

/// What was found.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) matched: Matched,
    /// All rules that match, where they are many.
    pub(super) set: Set,
    /// The key of the dye; none where no fact is known.
    pub(super) dye: Option<DyeKey>,
}

impl Found {
    pub(super) const NOTHING: Self = Self {
        matched: Matched::NONE,
        set: [0; WORDS],
        dye: None,
    };
}

impl Memo {
    /// A memo that uses as many bits of the hash, 64 at most, as its 64 entries need; fewer make entries fight for places.
    #[must_use]
    pub fn new(bits: u32) -> Self {
        let empty = |_| Entry {
            rules: 0,
            length: 0,
            key: [0; KEY],
            found: Found::NOTHING,
        };
        Self {
            entries: Box::new(array::from_fn(empty)),
            mask: u64::MAX.checked_shr(64_u32.saturating_sub(bits)).unwrap_or(0),
        }
    }

    /// What these rules found for what a request says.
    #[inline]
    pub(super) fn get_or_insert(&mut self, rules: u64, said: &[u8], find: impl FnOnce(&mut Found)) -> &Found {
        // Entries of a number fit.
        let hash = xxh3_64(said) ^ rules;
        let place = usize::try_from(hash & self.mask).unwrap_or(0) % ENTRIES;
        let entry = &mut self.entries[place];
        if entry.rules != rules || entry.length != said.len() || entry.key.get(..said.len()) != Some(said) {
            // Until all is written, the entry is nobody's.
            entry.rules = 0;
            find(&mut entry.found);
            // What does not fit is never found again.
            if let Some(key) = entry.key.get_mut(..said.len()) {
                key.copy_from_slice(said);
                (entry.rules, entry.length) = (rules, said.len());
            }
        }
        &entry.found
    }
}
