//! The rules of a table, compiled: what a request matches is found by looking its facts up, not by trying rule after rule.
//!
//! Each field that some rule asks for (a fact, or the whole dye key) has, for every value that is written out, the set of rules
//! that this value satisfies, together with all rules that do not ask for the field. Patterns of a field are one automaton. The
//! rules that match are the intersection over the fields; the lowest of them whose weights have the user's bucket decides.

mod compile;
pub(super) mod document;
mod error;
mod field;
mod findings;
mod memo;
mod plain;

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Split;
use super::dye::{Dye, Fact};

pub use document::{MatchDocument, OneOrMany, Percent, RuleDocument, TextDocument};
pub use error::{RuleError, RuleMistake};
pub use findings::Finding;
pub use memo::Memo;

pub(super) use compile::{Names, read};
pub(super) use plain::Mismatch;

use field::{Field, ScoreField};

/// The most rules of a table.
pub const RULES: usize = 1024;
/// A set of rules needs no more words than this.
const WORDS: usize = RULES / 64;

/// A set of rules.
type Set = [u64; WORDS];

thread_local! {
    /// What this thread has matched lately.
    static MEMO: RefCell<Memo> = RefCell::new(Memo::new(64));
}

/// The rules of one table.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Tells the rules of this table from all others of the process, so that no memo answers for another table.
    id: u64,
    words: usize,
    /// One after the other, `words` each.
    sets: Box<[u64]>,
    fields: Box<[Field]>,
    scores: Box<[ScoreField]>,
    list: Box<[Rule]>,
    findings: Box<[Finding]>,
    /// All facts that rules can name, in the order of the key.
    pub(super) facts: Box<[Fact]>,
    /// All scores that rules can name, with where a request says them.
    pub(super) named_scores: Box<[Fact]>,
}

/// One rule.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) document: RuleDocument,
    /// Whose bucket is whose, by slot; what nobody owns is left to what follows.
    pub(super) split: Split,
}

impl Rules {
    /// The first rule that matches and gives the bucket to an implementation that is not rolled back, and that implementation.
    pub(super) fn choose(&self, bucket: u32, dye: &Dye, rolled_back: &[bool]) -> Option<(usize, usize)> {
        if self.list.is_empty() {
            return None;
        }
        // A memo that is in use means that a destructor decides while this thread does: then it is done without.
        MEMO.try_with(|memo| match memo.try_borrow_mut() {
            Ok(mut memo) => self.choose_with(&mut memo, bucket, dye, rolled_back),
            Err(_) => self.choose_cold(bucket, dye, rolled_back),
        })
        .unwrap_or_else(|_| self.choose_cold(bucket, dye, rolled_back))
    }

    /// The same with a memo of the caller.
    pub(super) fn choose_with(
        &self,
        memo: &mut Memo,
        bucket: u32,
        dye: &Dye,
        rolled_back: &[bool],
    ) -> Option<(usize, usize)> {
        let set = memo.get_or_insert(self.id, dye.key(), |set| self.matching(dye, set));
        if self.scores.is_empty() {
            self.first(set, bucket, rolled_back)
        } else {
            self.first(&self.with_scores(*set, dye), bucket, rolled_back)
        }
    }

    /// The same without a memo.
    pub(super) fn choose_cold(&self, bucket: u32, dye: &Dye, rolled_back: &[bool]) -> Option<(usize, usize)> {
        let mut set = [0; WORDS];
        self.matching(dye, &mut set);
        self.first(&self.with_scores(set, dye), bucket, rolled_back)
    }

    /// The rules whose conditions on facts and on the key hold.
    fn matching(&self, dye: &Dye, set: &mut Set) {
        set[..self.words].fill(u64::MAX);
        for field in &self.fields {
            field.intersect(dye, &self.sets, &mut set[..self.words]);
        }
        let last = self.list.len() % 64;
        if last > 0 {
            set[self.words - 1] &= (1 << last) - 1;
        }
    }

    fn with_scores(&self, mut set: Set, dye: &Dye) -> Set {
        for field in &self.scores {
            field.intersect(dye, &self.sets, &mut set[..self.words]);
        }
        set
    }

    /// The first rule of the set that has an answer for the bucket.
    fn first(&self, set: &Set, bucket: u32, rolled_back: &[bool]) -> Option<(usize, usize)> {
        for (number, word) in set[..self.words].iter().enumerate() {
            let mut word = *word;
            while word != 0 {
                let rule = number * 64 + word.trailing_zeros() as usize;
                word &= word - 1;
                if let Some(slot) = self.list.get(rule).and_then(|rule| rule.split.owner(bucket))
                    && !rolled_back[slot]
                {
                    return Some((rule, slot));
                }
            }
        }
        None
    }

    /// The rules, in their order.
    pub(super) fn list(&self) -> &[Rule] {
        &self.list
    }

    /// The condition of a rule that does not hold, found without the index.
    pub(super) fn mismatch(&self, rule: usize, dye: &Dye) -> Option<Mismatch> {
        plain::check(&self.list[rule].document, &self.facts, &self.named_scores, dye).err()
    }

    /// What is odd about the rules, though they can be used.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    fn next_id() -> u64 {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        NEXT.fetch_add(1, Ordering::Relaxed)
    }
}
