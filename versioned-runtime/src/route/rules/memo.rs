//! What a thread has matched lately: what a request says → the rules that match it, and its dye.

use std::array;

use super::{Matched, Set, WORDS};
use crate::route::dye::DyeKey;
use crate::route::facts::Said;
use crate::words::Words;

/// Who says more words of eight bytes is matched anew each time; each fact takes one, and as many as its value needs.
const KEY: usize = 16;

/// How many are remembered; a power of two, and two for each bit of [`Memo::turns`].
const ENTRIES: usize = 64;

/// What was found for the last requests. An entry holds what the request said, byte by byte, and the number of its table, and both are
/// compared: a memo changes no decision, whatever the hash.
#[derive(Debug)]
pub struct Memo {
    entries: Box<[Entry; ENTRIES]>,
    /// What was found last for what has no room in an entry: it is never found again.
    unfit: Found,
    /// Which of two neighbours is written next where both are taken, by one bit for each pair.
    turns: u32,
    mask: u64,
}

#[derive(Debug)]
struct Entry {
    /// The number of the rules; none has 0.
    rules: u64,
    said: Words<KEY>,
    found: Found,
}

impl Entry {
    #[inline(always)] // a few steps
    fn knows(&self, rules: u64, said: &Words<KEY>) -> bool {
        self.rules == rules && self.said == *said
    }
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
            unfit: Found::NOTHING,
            turns: 0,
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
        let first = usize::try_from(words.hash(rules) & self.mask).unwrap_or(0) % ENTRIES;
        if fits && self.entries[first].knows(rules, &words) {
            return &self.entries[first].found;
        }
        self.elsewhere(first, rules, fits.then_some(&words), find)
    }

    /// The same where it does not stand in its first place; no words where they do not fit.
    #[inline(never)] // what is found at once would pay for the room that it takes
    fn elsewhere(
        &mut self,
        first: usize,
        rules: u64,
        words: Option<&Words<KEY>>,
        find: impl FnOnce(&mut Found),
    ) -> &Found {
        let second = first ^ 1;
        if words.is_some_and(|words| self.entries[second].knows(rules, words)) {
            return &self.entries[second].found;
        }
        let Some(words) = words else {
            find(&mut self.unfit);
            return &self.unfit;
        };
        // With a single place, what many requests say could be driven out by the next one, each time.
        let mut both = [first, second].into_iter();
        let empty = both.find(|place| self.entries[*place].rules == 0);
        let place = empty.unwrap_or_else(|| {
            let turn = self.turns >> (first / 2) & 1;
            self.turns ^= 1 << (first / 2);
            first & !1 | usize::from(turn != 0)
        });
        let entry = &mut self.entries[place];
        // Until all is written, the entry is nobody's.
        entry.rules = 0;
        find(&mut entry.found);
        (entry.rules, entry.said) = (rules, *words);
        &entry.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks for what says these values, and whether that was found anew.
    fn is_new(memo: &mut Memo, value: &str) -> bool {
        let (mut found_anew, value) = (false, value.as_bytes());
        let said = Said { mark: 1, value };
        memo.get_or_insert(7, [said].into_iter(), |_| found_anew = true);
        found_anew
    }

    #[test]
    fn two_that_fight_for_a_place_are_both_remembered() {
        // All have the same place.
        let mut memo = Memo::new(0);
        assert!(is_new(&mut memo, "a") && is_new(&mut memo, "b"));
        assert!(!is_new(&mut memo, "a") && !is_new(&mut memo, "b"));
        assert!(is_new(&mut memo, "c"));
        assert!(!is_new(&mut memo, "b") && is_new(&mut memo, "a"));
    }

    #[test]
    fn what_is_too_long_drives_out_nobody() {
        let mut memo = Memo::new(0);
        let long = "v".repeat(8 * KEY);
        assert!(is_new(&mut memo, "a") && is_new(&mut memo, "b"));
        assert!(is_new(&mut memo, &long) && is_new(&mut memo, &long));
        assert!(!is_new(&mut memo, "a") && !is_new(&mut memo, "b"));
    }
}
