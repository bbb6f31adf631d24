//! The routing table of one contract: compiled, immutable, numbered by its epoch.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::OnceLock;

use serde::Serialize;

use super::compile::Pinned;
use super::dye::{BUILT_IN, DyeKey, Fact};
use super::facts::{Said, compose};
use super::hash::Cohort;
use super::rules::{self, Names, Rules};
use super::{
    ContractShape, Dye, DyeFor, Facts, Finding, InitialTable, LAST_BUCKET, Split, TableDocument, TableError,
    User, UserKey, compile,
};

/// The compiled policy of one contract.
#[derive(Debug, Clone)]
pub struct Table {
    epoch: u64,
    default_version: usize,
    user_key: Option<UserKey>,
    cohort: Cohort,
    dye_for: DyeFor,
    stable: Option<usize>,
    split: Split,
    /// Whether an implementation may get traffic, by slot.
    listed: Box<[bool]>,
    /// Whether the shares and weights of an implementation are inert, by slot.
    pub(super) rolled_back: Box<[bool]>,
    pins: HashMap<Box<str>, Pinned>,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) rules: Rules,
    /// Worked out when somebody asks: comparing all rules may take longer than putting them in force should.
    findings: OnceLock<Box<[Finding]>>,
    /// By version and operation.
    cells: Box<[Box<[Cell]>]>,
}

/// What is known beforehand about one operation of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// Whether an implementation may answer, by slot.
    pub(super) eligible: Box<[bool]>,
    /// The choice for users whom no share gives to an eligible implementation.
    pub(super) rest: Decision,
}

/// Which implementation does the work for one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The slot of the serving implementation.
    pub slot: usize,
    /// Whether it implements the resolved version itself, so that no bridge takes part.
    pub native: bool,
    /// What led to it.
    pub reason: Reason,
}

/// What led to a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// An operator has pinned the user to the implementation.
    Pin,
    /// A rule matches, and gives the user's bucket to the implementation.
    Rule,
    /// The user's bucket belongs to the implementation.
    Share,
    /// The user's bucket belongs to stable.
    Stable,
    /// The user's bucket belongs to stable, and the table names none: the native or the nearest implementation.
    Nearest,
    /// Whom a pin, a rule or a share chose cannot answer this operation of this version.
    Fallback,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Pin => "pin",
            Reason::Rule => "rule",
            Reason::Share => "share",
            Reason::Stable => "stable",
            Reason::Nearest => "nearest",
            Reason::Fallback => "fallback",
        })
    }
}

impl Table {
    /// The first table of a contract, epoch 1: every implementation of the binary may get traffic, each version goes to its
    /// native implementation or the nearest one.
    pub fn initial(shape: &ContractShape, config: &InitialTable) -> Result<Self, TableError> {
        let default_version = match config.default_version {
            Some(index) if config.default_may_be_gone && shape.is_gone(index) => index,
            Some(index) => compile::default_version(shape, index)?,
            None => {
                let last = (0..shape.versions.len()).rfind(|version| shape.is_gone(*version));
                let gone = last.filter(|_| config.default_may_be_gone);
                let lowest = shape.lowest_offered();
                lowest.or(gone).ok_or(TableError::NothingOffered)?
            }
        };
        let listed = compile::listed(shape, None)?;
        let rolled_back: Box<[bool]> = vec![false; shape.versions.len()].into();
        let labels = BTreeMap::new();
        let names = Names {
            shape,
            listed: &listed,
            labels: &labels,
        };
        Ok(Self {
            epoch: 1,
            default_version,
            user_key: config.user_key.as_ref().map(compile::user_key).transpose()?,
            cohort: Cohort::new(config.cohort.as_deref().unwrap_or(&shape.id)),
            dye_for: config.dye_for,
            stable: None,
            split: Split::default(),
            cells: compile::cells(shape, &listed, &rolled_back, None)?,
            rules: rules::read(&names, &TableDocument::default(), None)?,
            findings: OnceLock::new(),
            pins: HashMap::new(),
            labels,
            rolled_back,
            listed,
        })
    }

    /// The table of the next epoch, as the document says.
    ///
    /// The split is made from this one, so that as few users as possible move; the cohort stays.
    pub fn replace(&self, shape: &ContractShape, document: &TableDocument) -> Result<Self, TableError> {
        let policy = compile::read(shape, document, self)?;
        let split = self
            .split
            .restable(self.stable, policy.stable)
            .with_shares(&policy.shares)?;
        Ok(Self {
            epoch: self.epoch.saturating_add(1),
            default_version: policy.default_version,
            user_key: policy.user_key,
            cohort: self.cohort.clone(),
            dye_for: self.dye_for,
            stable: policy.stable,
            split,
            cells: compile::cells(shape, &policy.listed, &policy.rolled_back, policy.stable)?,
            listed: policy.listed,
            rolled_back: policy.rolled_back,
            pins: policy.pins,
            labels: document.labels.clone(),
            rules: policy.rules,
            findings: OnceLock::new(),
        })
    }

    /// The table as JSON, without findings; `shape` is the one that it was compiled against.
    #[must_use]
    pub fn document(&self, shape: &ContractShape) -> TableDocument {
        let slots = || {
            self.listed
                .iter()
                .enumerate()
                .filter(|(_, listed)| **listed)
                .map(|(slot, _)| slot)
        };
        let shares = slots()
            .map(|slot| (shape.name(slot), self.split.share(slot)))
            .filter(|(_, share)| *share > 0);
        TableDocument {
            contract: Some(shape.id.clone()),
            epoch: Some(self.epoch),
            default_version: shape.name(self.default_version),
            stable: self.stable.map(|slot| shape.name(slot)),
            shares: shares.collect(),
            user_key: self.user_key.clone(),
            implementations: Some(slots().map(|slot| shape.name(slot)).collect()),
            facts: sources(&self.rules.facts),
            scores: sources(&self.rules.named_scores),
            labels: self.labels.clone(),
            rules: self
                .rules
                .list()
                .iter()
                .map(|rule| rule.document.clone())
                .collect(),
            pins: self
                .pins
                .iter()
                .map(|(user, pinned)| (user.to_string(), pinned.name(shape)))
                .collect(),
            rolled_back: (0..self.rolled_back.len())
                .filter(|slot| self.rolled_back[*slot])
                .map(|slot| shape.name(slot))
                .collect(),
            findings: Vec::new(),
        }
    }

    /// Chooses the implementation that serves an operation of the resolved version; allocates nothing and cannot fail.
    ///
    /// An operator pin; else the first rule that matches and gives the user's bucket to somebody; else the owner of the bucket
    /// under the shares; else stable. Whom these choose serves if it is eligible here; else stable, if it is; else the newest eligible
    /// implementation, releases before pre-releases. Where the table names no stable one, that is the native implementation, the nearest
    /// newer one, the nearest older one, whichever is eligible first. What the contract does not have goes to the slot of the version.
    #[must_use]
    pub fn decide(&self, version: usize, operation: usize, user: User, dye: &Dye) -> Decision {
        self.choose(version, operation, user, || {
            self.rules.choose_dyed(user.bucket, dye, &self.rolled_back)
        })
    }

    /// The same from what a request says of facts, in the order of their numbers, with what the thread remembers of others that said it;
    /// the key of the dye is written, where anybody asks for it. `score` tells a score by its number among all places; it is asked only
    /// where the decision depends on it. Allocates only where the key of the dye is longer than 62 bytes and not remembered.
    #[inline]
    pub(crate) fn decide_said<'a>(
        &self,
        version: usize,
        operation: usize,
        user: User,
        said: impl Iterator<Item = Said<'a>> + Clone,
        score: impl Fn(usize) -> Option<f64>,
        dye: &mut Option<DyeKey>,
    ) -> Decision {
        // Without a rule no fact matters, and none is looked for.
        if !self.asks_for_facts() {
            return self.choose(version, operation, user, || None);
        }
        let scored = |number| score(self.rules.facts.len() + number);
        let chosen = self
            .rules
            .choose(user.bucket, said, scored, &self.rolled_back, dye);
        self.choose(version, operation, user, || chosen)
    }

    /// The decision, where `rule` tells which rule decides and for whom.
    #[inline(always)] // a part of the two above
    fn choose(
        &self,
        version: usize,
        operation: usize,
        user: User,
        rule: impl FnOnce() -> Option<(usize, usize)>,
    ) -> Decision {
        let Some(cell) = self.cell(version, operation) else {
            return Decision {
                slot: version,
                native: true,
                reason: Reason::Nearest,
            };
        };
        let (slot, reason) = if let Some(slot) = user.pin {
            (slot, Reason::Pin)
        } else if let Some((_, slot)) = rule() {
            (slot, Reason::Rule)
        } else {
            match self.split.owner(user.bucket) {
                Some(slot) if !self.rolled_back[slot] => (slot, Reason::Share),
                _ => return cell.rest,
            }
        };
        if cell.eligible.get(slot).is_some_and(|eligible| *eligible) {
            Decision {
                slot,
                native: slot == version,
                reason,
            }
        } else {
            Decision {
                reason: Reason::Fallback,
                ..cell.rest
            }
        }
    }

    /// The user of a key: the bucket, and the operator pin if there is one.
    #[must_use]
    pub fn user(&self, key: Option<&str>) -> User {
        self.user_of(key.map(str::as_bytes))
    }

    /// The same for a key that nobody has read as text.
    #[inline(always)] // once a request
    pub(crate) fn user_of(&self, key: Option<&[u8]>) -> User {
        User {
            bucket: self.bucket(key),
            pin: key
                .filter(|_| !self.pins.is_empty())
                .and_then(|key| self.pins.get(std::str::from_utf8(key).ok()?))
                .map(|pinned| pinned.slot),
        }
    }

    /// The dye of a request: `find` tells what it says of a fact, by the name of the fact and the place that the table names for it.
    /// Nothing is asked for if nobody could use it.
    pub fn dye<'a, T: AsRef<str>>(
        &'a self,
        mut find: impl FnMut(&'a str, Option<&'a UserKey>) -> Option<T>,
    ) -> Dye {
        let (mut facts, mut dye) = (Facts::default(), Dye::default());
        self.facts(&mut facts, &mut find);
        compose(facts.said(), &self.rules.facts, &mut dye);
        if self.asks_for_facts() {
            for (number, score) in self.rules.named_scores.iter().enumerate() {
                let value = find(&score.name, score.source.as_ref());
                if let Some(value) = value.and_then(|value| number_of(value.as_ref())) {
                    dye.set_score(number, value);
                }
            }
        }
        dye
    }

    /// Takes down what a request says of the facts; `find` tells it by the name of the fact and the place that the table names for it.
    /// Nothing is asked for if nobody could use it.
    pub fn facts<'a, T: AsRef<str>>(
        &'a self,
        facts: &mut Facts,
        mut find: impl FnMut(&'a str, Option<&'a UserKey>) -> Option<T>,
    ) {
        facts.clear();
        for (number, (name, source)) in self.named_facts().enumerate() {
            if let Some(value) = find(name, source) {
                facts.push(number, value.as_ref());
            }
        }
    }

    /// The facts that rules can ask for, and where a request says them; none where nobody asks for any.
    pub(crate) fn named_facts(&self) -> impl Iterator<Item = (&str, Option<&UserKey>)> {
        let facts = self.rules.facts.iter().filter(|_| self.asks_for_facts());
        facts.map(|fact| (&*fact.name, fact.source.as_ref()))
    }

    /// The name of the score of a place, and where a request says it.
    pub(crate) fn score(&self, place: usize) -> Option<(&str, Option<&UserKey>)> {
        let number = place.checked_sub(self.rules.facts.len())?;
        let score = self.rules.named_scores.get(number)?;
        Some((&score.name, score.source.as_ref()))
    }

    /// The names of all facts, and then of all scores, as [`Table::places`] counts them.
    #[cfg(test)]
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let all = self.rules.facts.iter().chain(&self.rules.named_scores);
        all.map(|fact| &*fact.name)
    }

    /// Where a request says each fact, and then each score; none for those that the service finds out.
    pub fn places(&self) -> impl Iterator<Item = Option<&UserKey>> {
        let all = self.rules.facts.iter().chain(&self.rules.named_scores);
        all.map(|fact| fact.source.as_ref())
    }

    /// Whether the table says where requests say a fact or a score.
    #[must_use]
    pub fn has_place(&self, name: &str, score: bool) -> bool {
        let named = if score {
            &self.rules.named_scores
        } else {
            &self.rules.facts
        };
        named
            .iter()
            .any(|fact| *fact.name == *name && fact.source.is_some())
    }

    /// Which facts and scores the rules ask for, and whether it is a score, in the order of [`Table::places`]; none for those that they do
    /// not ask for. A rule on the whole key asks for all facts, and so do services that are told the dye.
    pub fn asked(&self) -> impl Iterator<Item = Option<(&str, bool)>> {
        let conditions = || self.rules.list().iter().map(|rule| &rule.document.matches);
        let whole = self.dye_for == DyeFor::Next || conditions().any(|condition| condition.dye.is_some());
        let facts = self.rules.facts.iter().map(move |fact| {
            let asked = whole || conditions().any(|condition| condition.facts.contains_key(&*fact.name));
            asked.then_some((&*fact.name, false))
        });
        let scores = self.rules.named_scores.iter().map(move |score| {
            let asked = conditions().any(|condition| condition.scores.contains_key(&*score.name));
            asked.then_some((&*score.name, true))
        });
        facts.chain(scores)
    }

    /// Whether a fact or a score stands in this key of the query.
    #[must_use]
    pub fn reads_query(&self, key: &str) -> bool {
        let named = self.rules.facts.iter().chain(&self.rules.named_scores);
        let mut sources = named.filter_map(|fact| fact.source.as_ref());
        sources.any(|source| matches!(source, UserKey::Query(name) if name == key))
    }

    /// Whether the key of a user can make a difference.
    #[must_use]
    pub fn tells_users_apart(&self) -> bool {
        !self.rules.list().is_empty() || !self.pins.is_empty() || !self.split.is_whole()
    }

    /// Whether what a request says of itself can make a difference, or somebody else is told of it.
    #[must_use]
    pub fn asks_for_facts(&self) -> bool {
        !self.rules.list().is_empty() || self.dye_for != DyeFor::Rules
    }

    /// What is odd about the rules, though they can be used. It is worked out once, which may take a fraction of a second.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.findings
            .get_or_init(|| self.rules.findings(&self.rolled_back))
    }

    /// The rules.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The bucket of a user; no key is the last bucket, which moves last.
    #[must_use]
    #[inline]
    pub fn bucket(&self, key: Option<&[u8]>) -> u32 {
        key.map_or(LAST_BUCKET, |key| self.cohort.bucket(key))
    }

    /// Whether an implementation may serve the operation of the version.
    #[must_use]
    pub fn is_eligible(&self, version: usize, operation: usize, slot: usize) -> bool {
        self.cell(version, operation)
            .and_then(|cell| cell.eligible.get(slot))
            .copied()
            .unwrap_or(false)
    }

    /// The number of the table; each change counts one up.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The index of the version that clients are answered in who name none.
    #[must_use]
    pub const fn default_version(&self) -> usize {
        self.default_version
    }

    /// What tells users apart.
    #[must_use]
    pub const fn user_key(&self) -> Option<&UserKey> {
        self.user_key.as_ref()
    }

    /// The salt of the buckets.
    #[must_use]
    pub fn cohort(&self) -> &str {
        self.cohort.salt()
    }

    /// The slot of the implementation that takes what the shares leave, if the table names one.
    #[must_use]
    pub const fn stable(&self) -> Option<usize> {
        self.stable
    }

    /// Who owns which buckets.
    #[must_use]
    pub const fn split(&self) -> &Split {
        &self.split
    }

    /// The slot that takes what the shares leave, where it is the same for all operations that others than those rolled back can answer.
    pub(crate) fn only_rest(&self) -> Option<usize> {
        let rests = self.cells.iter().flatten().map(|cell| cell.rest.slot);
        let mut rests = rests.filter(|slot| !self.rolled_back[*slot]);
        let first = rests.next()?;
        rests.all(|rest| rest == first).then_some(first)
    }

    pub(super) fn cell(&self, version: usize, operation: usize) -> Option<&Cell> {
        self.cells.get(version)?.get(operation)
    }
}

/// A score that a request says.
pub(crate) fn number_of(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|score: &f64| score.is_finite())
}

/// The facts or scores that a document names itself.
fn sources(facts: &[Fact]) -> BTreeMap<String, Option<UserKey>> {
    let named = facts
        .iter()
        .filter(|fact| fact.source.is_some() || !BUILT_IN.contains(&&*fact.name));
    named
        .map(|fact| (fact.name.to_string(), fact.source.clone()))
        .collect()
}
