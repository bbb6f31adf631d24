//! The rules of a table, compiled: what a request matches is found by looking its facts up, not by trying rule after rule.
//!
//! Each field that some rule asks for (a fact, or the whole dye key) has, for every value that is written out, the set of rules
//! that this value satisfies, together with all rules that do not ask for the field. Patterns of a field are one automaton. The
//! rules that match are the intersection over the fields; the lowest of them whose weights have the user's bucket decides.

mod common;
mod comparison;
mod compile;
pub(super) mod document;
mod error;
mod field;
mod findings;
mod matched;
mod memo;
mod patterns;
mod plain;

use std::array;
use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Split;
use super::dye::{Dye, DyeKey, FACTS, Fact};
use super::facts::{Head, Said, compose, compose_short};

pub use document::{MatchDocument, OneOrMany, Percent, RuleDocument, TextDocument};
pub use error::{RuleError, RuleMistake};
pub use findings::Finding;
pub use memo::Memo;

pub(super) use compile::{Names, read};
pub(super) use plain::Mismatch;

use comparison::Comparison;
use field::{Field, ScoreField, SetAt, Texts};
use matched::Matched;
use memo::Found;

/// The most rules of a table.
pub const RULES: usize = 1024;
/// A set of rules needs no more words than this.
const WORDS: usize = RULES / 64;
/// How many patterns a request is like before its sets are joined word by word.
const LIKE: usize = 16;

/// A set of rules.
type Set = [u64; WORDS];

thread_local! {
    /// What this thread has matched lately.
    static MEMO: RefCell<Memo> = RefCell::new(Memo::new(64));
    /// Room for a dye.
    static DYE: RefCell<Dye> = const { RefCell::new(Dye::NONE) };
}

/// The rules of one table.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Tells the rules of this table from all others of the process, so that no memo answers for another table.
    id: u64,
    /// One after the other, each as [`SetAt`] says.
    sets: Box<[u64]>,
    /// All rules.
    all: SetAt,
    fields: Box<[Field]>,
    scores: Box<[ScoreField]>,
    list: Box<[Rule]>,
    /// All facts that rules can name, in the order of the key.
    pub(super) facts: Box<[Fact]>,
    /// What stands before each of them in a key.
    heads: Box<[Head]>,
    /// All scores that rules can name, with where a request says them.
    pub(super) named_scores: Box<[Fact]>,
}

/// One rule.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) document: RuleDocument,
    /// Whose bucket is whose, by slot; what nobody owns is left to what follows.
    pub(super) split: Split,
    /// What it asks of scores, by their numbers.
    scores: Box<[(usize, Comparison)]>,
}

impl Rules {
    /// The first rule that matches and gives the bucket to an implementation that is not rolled back, and that implementation; the key
    /// of the dye is written, if any fact is known. `score` tells a score by its number, and is asked only where that matters.
    #[inline] // so that the caller's iterator is known
    pub(super) fn choose<'a>(
        &self,
        bucket: u32,
        said: impl Iterator<Item = Said<'a>> + Clone,
        score: impl Fn(usize) -> Option<f64>,
        rolled_back: &[bool],
        dye: &mut Option<DyeKey>,
    ) -> Option<(usize, usize)> {
        // A memo that is in use means that a destructor decides while this thread does: then it is done without.
        let chosen = MEMO.try_with(|memo| {
            let mut memo = memo.try_borrow_mut().ok()?;
            Some(self.choose_with(&mut memo, bucket, said.clone(), &score, rolled_back, dye))
        });
        chosen.ok().flatten().unwrap_or_else(|| {
            let mut found = Found::NOTHING;
            self.find_facts(said, &mut found);
            let chosen = self.pick(&found, bucket, &score, rolled_back);
            *dye = found.dye;
            chosen
        })
    }

    /// The same with a memo of the caller.
    #[inline]
    pub(super) fn choose_with<'a>(
        &self,
        memo: &mut Memo,
        bucket: u32,
        said: impl Iterator<Item = Said<'a>> + Clone,
        score: impl Fn(usize) -> Option<f64>,
        rolled_back: &[bool],
        dye: &mut Option<DyeKey>,
    ) -> Option<(usize, usize)> {
        let found = memo.get_or_insert(self.id, said.clone(), |found| self.find_facts(said, found));
        #[allow(clippy::assigning_clones)] // nothing stood there, and the key is copied as it is
        {
            *dye = found.dye.clone();
        }
        self.pick(found, bucket, score, rolled_back)
    }

    /// The same for a dye that is composed already, without a memo.
    pub(super) fn choose_dyed(&self, bucket: u32, dye: &Dye, rolled_back: &[bool]) -> Option<(usize, usize)> {
        if self.list.is_empty() {
            return None;
        }
        let mut found = Found::NOTHING;
        self.find_dyed(dye, &mut found);
        self.pick(&found, bucket, |score| dye.score(score), rolled_back)
    }

    /// What is found for facts.
    #[inline(never)] // what is seldom done stays out of the way
    fn find_facts<'a>(&self, said: impl Iterator<Item = Said<'a>> + Clone, found: &mut Found) {
        let mut facts = [&[][..]; FACTS];
        let Some(key) = compose_short(said.clone(), &self.heads, &mut facts) else {
            return self.find_long(said, found);
        };
        let said = Texts {
            key: key.as_bytes(),
            facts: &facts,
        };
        self.find(&said, found);
        found.dye = key.text();
    }

    /// The same where the key is long, or values do not stand in it as they are.
    #[inline(never)]
    fn find_long<'a>(&self, said: impl Iterator<Item = Said<'a>>, found: &mut Found) {
        let find = |dye: &mut Dye| {
            compose(said, &self.facts, dye);
            self.find_dyed(dye, found);
            found.dye = dye.shared_key();
        };
        DYE.with(|dye| match dye.try_borrow_mut() {
            Ok(mut dye) => find(&mut dye),
            Err(_) => find(&mut Dye::default()),
        });
    }

    /// What is found for a dye that is composed already.
    fn find_dyed(&self, dye: &Dye, found: &mut Found) {
        let facts = array::from_fn(|number| dye.value(number).unwrap_or_default());
        let said = Texts {
            key: dye.key(),
            facts: &facts,
        };
        self.find(&said, found);
    }

    /// The rules whose conditions on facts and on the key hold.
    ///
    /// Of each field's rules only those words are looked at in which all fields have some: a thousand rules cost no more than a hundred,
    /// where few match.
    fn find(&self, said: &Texts<'_>, found: &mut Found) {
        let mut like = [(0, 0); LIKE];
        let (mut likes, mut sets) = (0, [self.all; FACTS + 1]);
        let mut words = self.words(self.all);
        for (number, (field, set)) in (0_u32..).zip(self.fields.iter().zip(&mut sets)) {
            let mut more = 0;
            *set = field.content(said, |patterns| {
                more |= self.words(patterns);
                if let Some(place) = like.get_mut(likes) {
                    *place = (number, patterns);
                }
                likes += 1;
            });
            words &= self.words(*set) | more;
        }
        let Some(like) = like.get(..likes) else {
            return self.find_slowly(said, found);
        };
        found.set = [0; WORDS];
        found.matched = Matched::NONE;
        while words != 0 {
            let word = words.trailing_zeros();
            words &= words - 1;
            let mut rules = u64::MAX;
            for (number, set) in (0_u32..).zip(&sets[..self.fields.len().max(1)]) {
                let patterns = like.iter().filter(|(field, _)| *field == number);
                rules &= patterns.fold(self.word(*set, word), |rules, (_, patterns)| {
                    rules | self.word(*patterns, word)
                });
            }
            keep(found, word, rules);
        }
    }

    /// The same for a request that is like so many patterns that they are no longer listed.
    #[cold]
    fn find_slowly(&self, said: &Texts<'_>, found: &mut Found) {
        let mut set = [0; WORDS];
        (0..)
            .zip(&mut set)
            .for_each(|(word, rules)| *rules = self.word(self.all, word));
        for field in &self.fields {
            let mut content = [0; WORDS];
            let join = |content: &mut Set, set| {
                (0..)
                    .zip(content)
                    .for_each(|(word, rules)| *rules |= self.word(set, word));
            };
            let exact = field.content(said, |patterns| join(&mut content, patterns));
            join(&mut content, exact);
            set.iter_mut()
                .zip(content)
                .for_each(|(rules, content)| *rules &= content);
        }
        found.set = [0; WORDS];
        found.matched = Matched::NONE;
        (0..).zip(set).for_each(|(word, rules)| keep(found, word, rules));
    }

    /// Which words of a set hold a rule.
    fn words(&self, set: SetAt) -> u64 {
        self.sets.get(set as usize).copied().unwrap_or(0)
    }

    /// A word of a set. Words that hold no rule may be left out at its end.
    fn word(&self, set: SetAt, word: u32) -> u64 {
        if self.words(set) >> word & 1 == 0 {
            return 0;
        }
        self.sets
            .get(set as usize + 1 + word as usize)
            .copied()
            .unwrap_or(0)
    }

    /// The first rule of those that were found that has an answer for the bucket, and is content with the scores.
    fn pick(
        &self,
        found: &Found,
        bucket: u32,
        score: impl Fn(usize) -> Option<f64>,
        rolled_back: &[bool],
    ) -> Option<(usize, usize)> {
        let owner = |rule: usize| {
            let owner = self.list.get(rule)?.split.owner(bucket)?;
            (!rolled_back[owner]).then_some((rule, owner))
        };
        if let Some(few) = found.matched.few() {
            let content = |rule: usize| {
                let mut asked = self.list.get(rule).into_iter().flat_map(|rule| &rule.scores);
                asked.all(|(number, comparison)| score(*number).is_some_and(|score| comparison.holds(score)))
            };
            let mut few = few.iter().map(|rule| usize::from(*rule));
            return few.find_map(|rule| owner(rule).filter(|_| content(rule)));
        }
        let mut set = found.set;
        for field in &self.scores {
            let content = field.content(score(field.score));
            (0..)
                .zip(&mut set)
                .for_each(|(word, rules)| *rules &= self.word(content, word));
        }
        let mut words = set.into_iter().enumerate();
        words.find_map(|(word, rules)| each(rules).find_map(|rule| owner(word * 64 + rule)))
    }

    /// The rules, in their order.
    pub(super) fn list(&self) -> &[Rule] {
        &self.list
    }

    /// The condition of a rule that does not hold, found without the index.
    pub(super) fn mismatch(&self, rule: usize, dye: &Dye) -> Option<Mismatch> {
        plain::check(&self.list[rule].document, &self.facts, &self.named_scores, dye).err()
    }

    /// What is odd about the rules, though they can be used, while these implementations are rolled back.
    pub(super) fn findings(&self, rolled_back: &[bool]) -> Box<[Finding]> {
        findings::find(&self.list, &self.facts, rolled_back)
    }

    fn next_id() -> u64 {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        NEXT.fetch_add(1, Ordering::Relaxed)
    }
}

/// Keeps the rules of one word of a set.
fn keep(found: &mut Found, word: u32, rules: u64) {
    let word = word as usize;
    if let Some(place) = found.set.get_mut(word) {
        *place = rules;
    }
    if found.matched.few().is_some() {
        each(rules).for_each(|rule| found.matched.push(word * 64 + rule));
    }
}

/// The numbers of the bits of a word, in their order.
fn each(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then_some(word.trailing_zeros() as usize)?;
        word &= word - 1;
        Some(bit)
    })
}
