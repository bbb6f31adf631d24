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

/// A question in words of the machine, which are mixed and compared at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Words {
    /// 0 in an entry that was never written: no terms have that number.
    terms: u64,
    /// The path, and one more than the length of the text; 0 where the header is missing.
    path: u64,
    text: [u64; TEXT / 8],
}

#[derive(Clone, Copy)]
struct Entry {
    asked: Words,
    known: Known,
}

thread_local! {
    static ENTRIES_OF_THREAD: [Cell<Entry>; ENTRIES] = const {
        [const {
            Cell::new(Entry {
                asked: Words { terms: 0, path: 0, text: [0; TEXT / 8] },
                known: Known { version: 0, asked: Asked::None, reach: Reach::Named },
            })
        }; ENTRIES]
    };
}

impl Question<'_> {
    /// The answer, if the question was answered lately.
    #[inline]
    pub(super) fn ask(&self) -> Option<Known> {
        let asked = self.words()?;
        let entry = ENTRIES_OF_THREAD.with(|entries| entries[asked.place()].get());
        (entry.asked == asked).then_some(entry.known)
    }

    /// Remembers the answer, in place of another one.
    pub(super) fn remember(&self, known: Known) {
        if let Some(asked) = self.words() {
            ENTRIES_OF_THREAD.with(|entries| entries[asked.place()].set(Entry { asked, known }));
        }
    }

    /// None where the text is too long.
    #[inline]
    fn words(&self) -> Option<Words> {
        let text = self.text.unwrap_or_default();
        let length = self.text.map_or(0, |text| text.len() as u64 + 1);
        let mut bytes = [0; TEXT];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        let mut words = [0; TEXT / 8];
        let (chunks, _) = bytes.as_chunks();
        for (word, chunk) in words.iter_mut().zip(chunks) {
            *word = u64::from_le_bytes(*chunk);
        }
        Some(Words {
            terms: self.terms,
            path: u64::from(self.path) << 8 | length,
            text: words,
        })
    }
}

impl Words {
    /// Where the answer is looked for: the high bits of a product depend on all that was mixed.
    #[inline]
    fn place(&self) -> usize {
        let [first, second, third] = self.text;
        let mixed = first ^ second.rotate_left(21) ^ third.rotate_left(42) ^ self.path.rotate_left(56);
        let mixed = (mixed ^ self.terms.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        usize::try_from(mixed >> 56).unwrap_or(0) % ENTRIES
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
