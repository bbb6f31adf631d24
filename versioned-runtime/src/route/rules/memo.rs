//! What a thread has matched lately: what a request says → the rules that match it, and its dye.

use std::array;

use super::{Matched, Set, WORDS};
use crate::route::dye::DyeKey;
use crate::route::facts::Said;
use crate::words::Words;

/// Who says more words of eight bytes is matched anew each time; each fact takes one, and as many as its value needs.
const KEY: usize = 16;

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
    said: Words<KEY>,
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
            said: Words::NONE,
            found: Found::NOTHING,
        };
        Self {
            entries: Box::new(array::from_fn(empty)),
            mask: u64::MAX.checked_shr(64_u32.saturating_sub(bits)).unwrap_or(0),
        }
    }

    /// What these rules found for what a request says.
    #[inline(always)] // once a request
    pub(super) fn get_or_insert<'a>(
        &mut self,
        rules: u64,
        mut said: impl Iterator<Item = Said<'a>>,
        find: impl FnOnce(&mut Found),
    ) -> &Found {
        let mut words = Words::NONE;
        let fits = said
            .try_for_each(|said| words.push(said.mark.into(), said.value))
            .is_some();
        // Entries of a number fit.
        let place = usize::try_from(words.hash(rules) & self.mask).unwrap_or(0) % ENTRIES;
        let entry = &mut self.entries[place];
        if !fits || entry.rules != rules || entry.said != words {
            // Until all is written, the entry is nobody's.
            entry.rules = 0;
            find(&mut entry.found);
            // What does not fit is never found again.
            if fits {
                (entry.rules, entry.said) = (rules, words);
            }
        }
        &entry.found
    }
}
