//! What a thread has resolved lately: the text that names a version → the version.
//!
//! Most clients say the same thing with each request. What they said is compared byte by byte, never by a hash alone, and an entry
//! belongs to one state of one contract: whatever moves it makes other terms, and entries of those before are never found again.

use std::cell::Cell;

use super::caching::Reach;
use crate::metrics::Asked;

/// Longer texts are resolved anew each time.
const TEXT: usize = 24;
/// How many are remembered; a power of two.
const ENTRIES: usize = 64;

/// What was resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) version: u32,
    pub(super) asked: Asked,
    pub(super) reach: Reach,
}

/// What was asked: under which terms, on which path, and in which words of the version header, if there is one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) terms: u64,
    pub(super) path: u32,
    pub(super) text: Option<&'a [u8]>,
}

#[derive(Clone, Copy)]
struct Entry {
    /// 0 in an entry that was never written: no terms have that number.
    terms: u64,
    path: u32,
    /// One more than the length of the text; 0 where the header is missing.
    length: u8,
    text: [u8; TEXT],
    known: Known,
}

thread_local! {
    static ENTRIES_OF_THREAD: [Cell<Entry>; ENTRIES] = const {
        [const {
            Cell::new(Entry {
                terms: 0,
                path: 0,
                length: 0,
                text: [0; TEXT],
                known: Known { version: 0, asked: Asked::None, reach: Reach::Named },
            })
        }; ENTRIES]
    };
}

impl Question<'_> {
    /// The answer, if the question was answered lately.
    pub(super) fn ask(&self) -> Option<Known> {
        let entry = ENTRIES_OF_THREAD.with(|entries| entries[self.place()].get());
        self.is_that_of(&entry).then_some(entry.known)
    }

    /// Remembers the answer, in place of another one.
    pub(super) fn remember(&self, known: Known) {
        let Some((length, text)) = self.length().zip(self.stored()) else {
            return;
        };
        let entry = Entry {
            terms: self.terms,
            path: self.path,
            length,
            text,
            known,
        };
        ENTRIES_OF_THREAD.with(|entries| entries[self.place()].set(entry));
    }

    fn is_that_of(&self, entry: &Entry) -> bool {
        let text = self.text.unwrap_or_default();
        entry.terms == self.terms
            && entry.path == self.path
            && Some(entry.length) == self.length()
            && entry.text.get(..text.len()) == Some(text)
    }

    fn length(&self) -> Option<u8> {
        let length = self.text.map_or(0, |text| text.len() + 1);
        u8::try_from(length).ok().filter(|_| length <= TEXT + 1)
    }

    fn stored(&self) -> Option<[u8; TEXT]> {
        let text = self.text.unwrap_or_default();
        let mut stored = [0; TEXT];
        stored.get_mut(..text.len())?.copy_from_slice(text);
        Some(stored)
    }

    /// Where the answer is looked for: FNV-1a (RFC 9923), whose high bits depend on all that was mixed.
    fn place(&self) -> usize {
        let mix = |mixed: u64, next: u64| (mixed ^ next).wrapping_mul(0x0000_0100_0000_01b3);
        let seed = mix(mix(0xcbf2_9ce4_8422_2325, self.terms), u64::from(self.path));
        let text = self.text.unwrap_or_default().iter();
        let mixed = text.fold(seed, |mixed, byte| mix(mixed, u64::from(*byte)));
        usize::try_from(mixed >> 40).unwrap_or(0) % ENTRIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(terms: u64, path: u32, text: Option<&str>) -> Question<'_> {
        Question {
            terms,
            path,
            text: text.map(str::as_bytes),
        }
    }

    fn known(version: u32) -> Known {
        Known {
            version,
            asked: Asked::Version,
            reach: Reach::Named,
        }
    }

    #[test]
    fn only_the_same_question_has_the_answer() {
        let asked = question(u64::MAX, 3, Some("1.1.0"));
        assert_eq!(asked.ask(), None);
        asked.remember(known(1));
        assert_eq!(asked.ask(), Some(known(1)));
        for other in [
            question(u64::MAX - 1, 3, Some("1.1.0")),
            question(u64::MAX, 2, Some("1.1.0")),
            question(u64::MAX, 3, Some("1.1.1")),
            question(u64::MAX, 3, Some("1.1.0\0")),
            question(u64::MAX, 3, Some("")),
            question(u64::MAX, 3, None),
        ] {
            assert_eq!(other.ask(), None, "{other:?}");
        }
        asked.remember(known(2));
        assert_eq!(asked.ask(), Some(known(2)));
    }

    #[test]
    fn nothing_said_is_not_an_empty_text() {
        question(u64::MAX - 2, 0, None).remember(known(0));
        assert_eq!(question(u64::MAX - 2, 0, None).ask(), Some(known(0)));
        assert_eq!(question(u64::MAX - 2, 0, Some("")).ask(), None);
    }

    #[test]
    fn long_texts_are_not_remembered() {
        let fits = "v".repeat(TEXT);
        let long = "v".repeat(TEXT + 1);
        for (text, expected) in [(&fits, Some(known(4))), (&long, None)] {
            let asked = question(u64::MAX - 3, 0, Some(text));
            asked.remember(known(4));
            assert_eq!(asked.ask(), expected);
        }
    }

    #[test]
    fn many_questions_never_get_the_answer_of_another() {
        for round in 0..2_u32 {
            for version in 0..1_000_u32 {
                let text = format!("{}.{}.{round}", version / 40, version % 40);
                let asked = question(u64::MAX - 4, version % 7, Some(&text));
                assert!(asked.ask().is_none_or(|found| found == known(version)));
                asked.remember(known(version));
                assert_eq!(asked.ask(), Some(known(version)));
            }
        }
    }
}
