//! Why a request is routed as it is: every rule on the way to the decision, and what held it up.

use serde::Serialize;

use super::rules::{Mismatch, Percent};
use super::{ContractShape, Decision, Dye, Reason, Table, User};

/// A decision, and what led to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The table that decided.
    pub epoch: u64,
    /// The version that the client is answered in.
    pub resolved: String,
    /// The operation.
    pub operation: String,
    /// The implementation that does the work.
    pub serving: String,
    /// What led to it.
    pub reason: Reason,
    /// The rule that decided, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The implementation that a pin, a rule or a share chose, if it cannot answer this operation or is rolled back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted: Option<String>,
    /// The weight of the deciding rule, or of the deciding share, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<Percent>,
    /// The bucket of the user, from 0.
    pub bucket: u32,
    /// The dye key.
    pub dye: String,
    /// The rules that were looked at, in their order, to the one that decided.
    pub rules: Vec<Considered>,
}

/// A rule on the way to the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Considered {
    /// Its name.
    pub name: String,
    /// Whether all its conditions hold.
    pub matches: bool,
    /// The condition that does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mismatch: Option<Mismatch>,
    /// Whose the bucket is under it; none if it leaves it to what follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gives_to: Option<String>,
}

impl Table {
    /// Tells how [`Table::decide`] decides, by trying rule after rule; `shape` is the one that the table was compiled against.
    /// None for what the contract does not have.
    #[must_use]
    pub fn explain(
        &self,
        shape: &ContractShape,
        version: usize,
        operation: usize,
        user: User,
        dye: &Dye,
    ) -> Option<Explanation> {
        let cell = self.cell(version, operation)?;
        let mut rules = Vec::new();
        let chosen = match user.pin {
            Some(_) => None,
            None => self.try_rules(shape, user.bucket, dye, &mut rules),
        };
        // Whom the shares mean, be it rolled back or not.
        let meant = self.split().owner(user.bucket);
        let owner = meant.filter(|slot| !self.rolled_back[*slot]);
        let rest = |reason| Decision { reason, ..cell.rest };
        let take = |slot: usize, reason| Decision {
            slot,
            native: slot == version,
            reason,
        };
        let (wanted, weight, decision) = match (user.pin, chosen) {
            (Some(slot), _) if cell.eligible[slot] => (slot, None, take(slot, Reason::Pin)),
            (Some(slot), _) => (slot, None, rest(Reason::Fallback)),
            (None, Some((_, slot, weight))) if cell.eligible[slot] => {
                (slot, Some(weight), take(slot, Reason::Rule))
            }
            (None, Some((_, slot, weight))) => (slot, Some(weight), rest(Reason::Fallback)),
            (None, None) => match owner {
                Some(slot) if cell.eligible[slot] => {
                    (slot, Some(self.split().share(slot)), take(slot, Reason::Share))
                }
                Some(slot) => (slot, Some(self.split().share(slot)), rest(Reason::Fallback)),
                None => (meant.or(self.stable()).unwrap_or(cell.rest.slot), None, cell.rest),
            },
        };
        Some(Explanation {
            epoch: self.epoch(),
            resolved: shape.name(version),
            operation: (*shape.operations.get(version)?.get(operation)?).to_owned(),
            serving: shape.name(decision.slot),
            reason: decision.reason,
            rule: chosen.map(|(rule, ..)| self.rules.list()[rule].document.name.clone()),
            wanted: (wanted != decision.slot).then(|| shape.name(wanted)),
            weight: weight.map(Percent::parts_per_million),
            bucket: user.bucket,
            dye: dye.text().to_owned(),
            rules,
        })
    }

    fn try_rules(
        &self,
        shape: &ContractShape,
        bucket: u32,
        dye: &Dye,
        considered: &mut Vec<Considered>,
    ) -> Option<(usize, usize, u32)> {
        for (number, rule) in self.rules.list().iter().enumerate() {
            let mismatch = self.rules.mismatch(number, dye);
            let owner = rule
                .split
                .owner(bucket)
                .filter(|slot| mismatch.is_none() && !self.rolled_back[*slot]);
            considered.push(Considered {
                name: rule.document.name.clone(),
                matches: mismatch.is_none(),
                mismatch,
                gives_to: owner.map(|slot| shape.name(slot)),
            });
            if let Some(slot) = owner {
                return Some((number, slot, rule.split.share(slot)));
            }
        }
        None
    }
}
