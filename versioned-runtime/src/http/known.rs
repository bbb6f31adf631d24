//! What a thread has resolved lately: the text that names a version, with the path and the method → the version, and the operation.
//!
//! Most clients say the same thing with each request. What they said is compared byte by byte, never by a hash alone, and an entry
//! belongs to one state of one contract: whatever moves it makes other terms, and entries of those before are never found again.

use std::cell::Cell;

use versioned_core::contract::{Method, Operation};

use super::caching::Reach;
use crate::metrics::{Asked, Index};
use crate::words::{mix, three};

/// How many are remembered; a power of two, so that each place has a neighbour.
const ENTRIES: usize = 64;

/// Where a request leads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) version: Index,
    /// The path that has the operation in this version.
    pub(super) entry: u32,
    pub(super) operation: Index,
    pub(super) asked: Asked,
    pub(super) reach: Reach,
    pub(super) described: &'static Operation,
    /// Whether the implementation reads entity tags.
    pub(super) tags: bool,
}

/// What was asked: under which terms, on which path and by which method, and in which words of the version header, if there is one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    /// 0 in an entry that was never written: no terms have that number.
    terms: u64,
    /// The path, the method, and one more than the length of the text; 0 where the header is missing.
    place: u64,
    text: [u64; 3],
}

thread_local! {
    static LATELY: [Entry; ENTRIES] = const { [const { Entry::empty() }; ENTRIES] };
}

struct Entry {
    asked: Cell<Question>,
    known: Cell<Option<Known>>,
}

impl Entry {
    const fn empty() -> Self {
        let asked = Question {
            terms: 0,
            place: 0,
            text: [0; 3],
        };
        Self {
            asked: Cell::new(asked),
            known: Cell::new(None),
        }
    }
}

impl PartialEq for Question {
    #[inline(always)] // a few steps
    fn eq(&self, other: &Self) -> bool {
        let differ = (self.terms ^ other.terms) | (self.place ^ other.place);
        let texts = self.text.iter().zip(&other.text);
        texts.fold(differ, |differ, (one, other)| differ | one ^ other) == 0
    }
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
        LATELY.with(|lately| {
            let [first, second] = self.places();
            let known = |entry: &Entry| (entry.asked.get() == *self).then(|| entry.known.get());
            known(&lately[first]).or_else(|| known(&lately[second])).flatten()
        })
    }

    /// Remembers the answer: what stood in the first place goes to the second one.
    pub(super) fn remember(&self, known: Known) {
        LATELY.with(|lately| {
            let [first, second] = self.places().map(|place| &lately[place]);
            second.asked.set(first.asked.replace(*self));
            second.known.set(first.known.replace(Some(known)));
        });
    }

    /// Where the answer is looked for. With a single place, two versions that all clients ask for could drive each other out.
    #[inline(always)]
    fn places(&self) -> [usize; 2] {
        let hash = self.text.into_iter().fold(mix(self.terms, self.place), mix);
        // The high bits depend on all that was mixed.
        let place = usize::try_from(hash >> 58).unwrap_or(0) % ENTRIES;
        [place, place ^ 1]
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

    fn known(version: Index) -> Known {
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

    fn answer(asked: &Question) -> Option<Index> {
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
    fn two_questions_of_one_place_are_both_remembered() {
        let all = || (0..1_000).map(|number| question(u64::MAX - 5, 0, Some(&format!("1.{number}.0"))));
        let first = all().next().expect("one");
        let second = all().skip(1).find(|other| other.places() == first.places());
        let second = second.expect("another one in the same place");
        for round in 0..3 {
            assert_eq!(
                [answer(&first), answer(&second)],
                [(round > 0).then_some(1), (round > 0).then_some(2)]
            );
            first.remember(known(1));
            second.remember(known(2));
        }
    }

    #[test]
    fn texts_that_differ_at_their_end_have_places_of_their_own() {
        for before in ["1.", "1.2.0-", "1.2.0-nightly.2026"] {
            let asked =
                (100..164).map(|number| question(u64::MAX - 6, 0, Some(&format!("{before}{number}"))));
            let places: std::collections::HashSet<usize> = asked.map(|asked| asked.places()[0]).collect();
            // 64 balls leave a third of 64 boxes empty, and more than half of them with a chance below one in a thousand.
            assert!(places.len() > 32, "{before}: {}", places.len());
        }
    }

    #[test]
    fn many_questions_never_get_the_answer_of_another() {
        for round in 0..2 {
            for version in 0..1_000 {
                let text = format!("{}.{}.{round}", version / 40, version % 40);
                let asked = question(u64::MAX - 4, usize::from(version) % 7, Some(&text));
                assert!(answer(&asked).is_none_or(|found| found == version));
                asked.remember(known(version));
                assert_eq!(answer(&asked), Some(version));
            }
        }
    }
}
