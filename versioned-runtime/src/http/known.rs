//! What a thread has resolved lately: the text that names a version, with the path and the method → the version, and the operation.
//!
//! Most clients say the same thing with each request. What they said is compared byte by byte, never by a hash alone, and an entry
//! belongs to one state of one contract: whatever moves it makes other terms, and entries of those before are never found again.

use std::cell::Cell;

use versioned_core::contract::{Method, Operation};

use super::caching::Reach;
use crate::metrics::Asked;
use crate::words::{mix, three};

/// How many are remembered; a power of two.
const ENTRIES: usize = 64;

/// Where a request leads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) version: u32,
    /// The path that has the operation in this version.
    pub(super) entry: u32,
    pub(super) operation: u32,
    pub(super) asked: Asked,
    pub(super) reach: Reach,
    pub(super) described: &'static Operation,
    /// Whether the implementation reads entity tags.
    pub(super) tags: bool,
}

/// What was asked: under which terms, on which path and by which method, and in which words of the version header, if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Question {
    /// 0 in an entry that was never written: no terms have that number.
    terms: u64,
    /// The path, the method, and one more than the length of the text; 0 where the header is missing.
    place: u64,
    text: [u64; 3],
}

thread_local! {
    static LATELY: [Cell<(Question, Option<Known>)>; ENTRIES] = const {
        [const { Cell::new((Question { terms: 0, place: 0, text: [0; 3] }, None)) }; ENTRIES]
    };
}

impl Question {
    /// None where the text is longer than 24 bytes: it is resolved anew each time.
    #[inline(always)] // what it gives back is large, and would be copied
    pub(super) fn new(terms: u64, path: usize, method: Method, text: Option<&[u8]>) -> Option<Self> {
        let path = u32::try_from(path).ok()?;
        let length = text.map_or(0, |text| text.len() as u64 + 1);
        Some(Self {
            terms,
            text: three(text.unwrap_or_default())?,
            place: u64::from(path) << 16 | (method as u64) << 8 | length,
        })
    }

    /// The answer, if the question was answered lately.
    #[inline(always)] // once a request
    pub(super) fn ask(&self) -> Option<Known> {
        let (asked, known) = LATELY.with(|lately| lately[self.hash()].get());
        known.filter(|_| asked == *self)
    }

    /// Remembers the answer, in place of another one.
    pub(super) fn remember(&self, known: Known) {
        LATELY.with(|lately| lately[self.hash()].set((*self, Some(known))));
    }

    /// Where the answer is looked for.
    #[inline(always)]
    fn hash(&self) -> usize {
        let hash = self.text.into_iter().fold(mix(self.terms, self.place), mix);
        usize::try_from(hash >> 32).unwrap_or(0) % ENTRIES
    }
}

#[cfg(test)]
mod tests {
    use versioned_core::contract::Marks;

    use super::*;

    static OPERATION: Operation = Operation {
        name: "get_note",
        trait_name: "Notes",
        method: Method::Get,
        path: "/notes/{id}",
        status: 200,
        doc: "",
        parameters: &[],
        body: None,
        responses: &[],
        problems: &[],
        conversions: &[],
        replaces: false,
        marks: Marks::NONE,
        examples: &[],
    };

    fn question(terms: u64, path: usize, text: Option<&str>) -> Question {
        Question::new(terms, path, Method::Get, text.map(str::as_bytes)).expect("short")
    }

    fn known(version: u32) -> Known {
        Known {
            version,
            entry: 0,
            operation: 0,
            asked: Asked::Version,
            reach: Reach::Named,
            described: &OPERATION,
            tags: false,
        }
    }

    fn answer(asked: &Question) -> Option<u32> {
        asked.ask().map(|known| known.version)
    }

    #[test]
    fn only_the_same_question_has_the_answer() {
        let asked = question(u64::MAX, 3, Some("1.1.0"));
        assert_eq!(answer(&asked), None);
        asked.remember(known(1));
        assert_eq!(answer(&asked), Some(1));
        let by_post = Question::new(u64::MAX, 3, Method::Post, Some(b"1.1.0")).expect("short");
        for other in [
            question(u64::MAX - 1, 3, Some("1.1.0")),
            question(u64::MAX, 2, Some("1.1.0")),
            question(u64::MAX, 3, Some("1.1.1")),
            question(u64::MAX, 3, Some("1.1.0\0")),
            question(u64::MAX, 3, Some("")),
            question(u64::MAX, 3, None),
            by_post,
        ] {
            assert_eq!(answer(&other), None, "{other:?}");
        }
        asked.remember(known(2));
        assert_eq!(answer(&asked), Some(2));
    }

    #[test]
    fn nothing_said_is_not_an_empty_text() {
        question(u64::MAX - 2, 0, None).remember(known(0));
        assert_eq!(answer(&question(u64::MAX - 2, 0, None)), Some(0));
        assert_eq!(answer(&question(u64::MAX - 2, 0, Some(""))), None);
    }

    #[test]
    fn long_texts_are_not_remembered() {
        let asked = question(u64::MAX - 3, 0, Some(&"v".repeat(24)));
        asked.remember(known(4));
        assert_eq!(answer(&asked), Some(4));
        let long = "v".repeat(25);
        assert_eq!(
            Question::new(u64::MAX - 3, 0, Method::Get, Some(long.as_bytes())),
            None
        );
    }

    #[test]
    fn many_questions_never_get_the_answer_of_another() {
        for round in 0..2_u32 {
            for version in 0..1_000_u32 {
                let text = format!("{}.{}.{round}", version / 40, version % 40);
                let asked = question(u64::MAX - 4, version as usize % 7, Some(&text));
                assert!(answer(&asked).is_none_or(|found| found == version));
                asked.remember(known(version));
                assert_eq!(answer(&asked), Some(version));
            }
        }
    }
}
