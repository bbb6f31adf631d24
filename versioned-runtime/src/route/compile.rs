//! Compiling a document into what a table holds: names become slots, eligibility becomes cells.

use std::collections::HashMap;

use crate::resolve::Availability;

use super::rules::{self, Names, RuleError, RuleMistake, Rules};
use super::table::{Cell, Decision, Reason, Table};
use super::{BUCKETS, ContractShape, SplitError, TableDocument, TableError, UserKey};

/// The most of a written name that an error repeats, in characters.
const SHOWN: usize = 64;

/// What a document says, with names resolved.
pub(super) struct Policy {
    pub(super) default_version: usize,
    pub(super) stable: Option<usize>,
    /// Without the stable implementation; they add up to no more than everything.
    pub(super) shares: Vec<(usize, u32)>,
    pub(super) user_key: Option<UserKey>,
    /// Whether an implementation may get traffic, by slot.
    pub(super) listed: Box<[bool]>,
    /// Whether its shares and weights are inert, by slot.
    pub(super) rolled_back: Box<[bool]>,
    pub(super) pins: HashMap<Box<str>, Pinned>,
    pub(super) rules: Rules,
}

/// What an operator pin says.
#[derive(Debug, Clone)]
pub(super) struct Pinned {
    pub(super) slot: usize,
    /// The label that was written for it: who moves the label moves the pin.
    label: Option<Box<str>>,
}

impl Pinned {
    /// The name that was written.
    pub(super) fn name(&self, shape: &ContractShape) -> String {
        let label = self.label.as_deref();
        label.map_or_else(|| shape.name(self.slot), ToOwned::to_owned)
    }
}

/// Reads a document that replaces a table.
pub(super) fn read(
    shape: &ContractShape,
    document: &TableDocument,
    before: &Table,
) -> Result<Policy, TableError> {
    let epoch = before.epoch();
    if let Some(name) = document.contract.as_deref().filter(|name| *name != shape.id) {
        return Err(TableError::OtherContract {
            name: shorten(name),
            id: shape.id.clone(),
        });
    }
    if let Some(written) = document.epoch.filter(|written| *written != epoch) {
        return Err(TableError::OtherEpoch {
            written,
            current: epoch,
        });
    }
    let Some(default) = shape.index(&document.default_version) else {
        let known = offered(shape, &document.default_version);
        return Err(TableError::UnknownVersion {
            name: shorten(&document.default_version),
            known,
        });
    };
    // What is so already is no mistake of the document: the default version may have gone by date, and tables are to be replaced then, too.
    let default_version = if default == before.default_version() {
        default
    } else {
        default_version(shape, default)?
    };
    let listed = listed(shape, document.implementations.as_deref())?;
    let stable = match &document.stable {
        Some(name) => Some(listed_slot(shape, &listed, name, || "/stable".into())?),
        None => None,
    };
    let shares = shares(shape, document, &listed, stable)?;
    let user_key = document.user_key.as_ref().map(user_key).transpose()?;
    let names = Names {
        shape,
        listed: &listed,
        labels: &document.labels,
    };
    for (label, name) in &document.labels {
        let pointer = || format!("/labels/{}", escape(label));
        if shape.index(label).is_some() {
            return Err(TableError::Rule(RuleError {
                pointer: pointer(),
                mistake: RuleMistake::LabelIsImplementation(label.clone()),
            }));
        }
        slot(shape, name, pointer)?;
    }
    let rules = rules::read(&names, document, Some(before.rules()))?;
    let pin = |(user, name): (&String, &String)| {
        let slot = names.slot(name, || format!("/pins/{}", escape(user)))?;
        let label = document.labels.contains_key(name).then(|| name.as_str().into());
        Ok((user.as_str().into(), Pinned { slot, label }))
    };
    let pins = document.pins.iter().map(pin).collect::<Result<_, TableError>>()?;
    let mut rolled_back = vec![false; shape.versions.len()];
    for (index, name) in document.rolled_back.iter().enumerate() {
        rolled_back[slot(shape, name, || format!("/rolled_back/{index}"))?] = true;
    }
    Ok(Policy {
        default_version,
        stable,
        shares,
        user_key,
        listed,
        rolled_back: rolled_back.into(),
        pins,
        rules,
    })
}

/// A version that clients are answered in who name none must be one that they could name.
pub(super) fn default_version(shape: &ContractShape, index: usize) -> Result<usize, TableError> {
    let name = shape.name(index);
    match shape.versions.get(index).map(|state| state.availability) {
        Some(Availability::Offered | Availability::Deprecated) => Ok(index),
        Some(Availability::Hidden | Availability::Gone) => Err(TableError::DefaultNotOffered {
            offered: offered(shape, &name),
            name,
        }),
        None => {
            let name = format!("#{index}");
            Err(TableError::UnknownVersion {
                known: offered(shape, &name),
                name,
            })
        }
    }
}

/// The user key as the table holds it.
pub(super) fn user_key(key: &UserKey) -> Result<UserKey, TableError> {
    key.checked().map_err(|advice| TableError::BadUserKey {
        pointer: format!("/user_key/{}", key.kind()),
        name: shorten(key.name()),
        advice,
    })
}

/// Which implementations may get traffic: the named ones, or all that the binary has.
pub(super) fn listed(shape: &ContractShape, names: Option<&[String]>) -> Result<Box<[bool]>, TableError> {
    let Some(names) = names else {
        return Ok((0..shape.versions.len())
            .map(|slot| shape.is_present(slot))
            .collect());
    };
    if names.is_empty() {
        return Err(TableError::NoImplementations {
            present: present(shape, ""),
        });
    }
    let mut listed = vec![false; shape.versions.len()];
    for (index, name) in names.iter().enumerate() {
        listed[slot(shape, name, || format!("/implementations/{index}"))?] = true;
    }
    Ok(listed.into())
}

/// The shares of all but the stable implementation.
fn shares(
    shape: &ContractShape,
    document: &TableDocument,
    listed: &[bool],
    stable: Option<usize>,
) -> Result<Vec<(usize, u32)>, TableError> {
    let mut shares = Vec::with_capacity(document.shares.len());
    let mut of_stable = None;
    for (name, &share) in &document.shares {
        let pointer = || format!("/shares/{}", escape(name));
        let slot = match share {
            // Nothing for an implementation that may get nothing is what the list says, too.
            0 => slot(shape, name, pointer)?,
            _ => listed_slot(shape, listed, name, pointer)?,
        };
        if Some(slot) == stable {
            of_stable = Some((pointer(), name, share));
        } else {
            shares.push((slot, share));
        }
    }
    let sum: u64 = shares.iter().map(|(_, share)| u64::from(*share)).sum();
    let Some(remainder) = u32::try_from(sum).ok().and_then(|sum| BUCKETS.checked_sub(sum)) else {
        return Err(SplitError::Over { sum }.into());
    };
    match of_stable {
        Some((pointer, name, written)) if written != remainder => Err(TableError::StableShare {
            pointer,
            name: name.clone(),
            remainder,
        }),
        _ => Ok(shares),
    }
}

/// The slot of an implementation of this binary.
fn slot(shape: &ContractShape, name: &str, pointer: impl Fn() -> String) -> Result<usize, TableError> {
    match shape.index(name) {
        Some(slot) if shape.is_present(slot) => Ok(slot),
        Some(_) => Err(TableError::NotInBinary {
            pointer: pointer(),
            name: name.into(),
            present: present(shape, name),
        }),
        None => Err(TableError::UnknownImplementation {
            pointer: pointer(),
            name: shorten(name),
            known: present(shape, name),
        }),
    }
}

/// The slot of an implementation that may get traffic.
pub(super) fn listed_slot(
    shape: &ContractShape,
    listed: &[bool],
    name: &str,
    pointer: impl Fn() -> String,
) -> Result<usize, TableError> {
    let slot = slot(shape, name, &pointer)?;
    if listed[slot] {
        Ok(slot)
    } else {
        Err(TableError::NotListed {
            pointer: pointer(),
            name: name.into(),
        })
    }
}

/// Eligibility of every (version, operation), and the choice there for users whom no eligible share has.
///
/// Versions that are gone are never routed; they get a cell so that the table is total.
pub(super) fn cells(
    shape: &ContractShape,
    listed: &[bool],
    rolled_back: &[bool],
    stable: Option<usize>,
) -> Result<Box<[Box<[Cell]>]>, TableError> {
    let is_listed = |slot: usize| listed.get(slot).copied().unwrap_or(false);
    let cell = |version: usize, operation: usize, name: &str| {
        let able = |slot: usize| shape.can_answer(slot, version, operation);
        let eligible: Box<[bool]> = (0..shape.versions.len())
            .map(|slot| is_listed(slot) && able(slot))
            .collect();
        // What is rolled back answers only where nobody else can.
        let kept: Box<[bool]> = eligible
            .iter()
            .zip(rolled_back)
            .map(|(able, back)| *able && !back)
            .collect();
        let choose = |among: &[bool]| match stable {
            Some(_) => newest_slot(shape, among),
            None => nearest_slot(version, among),
        };
        let other = choose(&kept).or_else(|| choose(&eligible));
        let gone = shape
            .versions
            .get(version)
            .is_none_or(|state| state.availability == Availability::Gone);
        if other.is_none() && !gone {
            let able: Vec<String> = shape.slots(able).map(|slot| shape.name(slot)).collect();
            let advice = match able.as_slice() {
                [] => "this binary has no implementation that does, add one to the builder".into(),
                able => format!("add {}", able.join(" or ")),
            };
            return Err(TableError::Unanswered {
                operation: name.into(),
                version: shape.name(version),
                advice,
            });
        }
        let other = other.unwrap_or(version);
        let (slot, reason) = match stable {
            Some(stable) if kept[stable] => (stable, Reason::Stable),
            Some(_) => (other, Reason::Fallback),
            None => (other, Reason::Nearest),
        };
        Ok(Cell {
            eligible,
            rest: Decision {
                slot,
                native: slot == version,
                reason,
            },
        })
    };
    let of_version = |(version, operations): (usize, &Vec<&'static str>)| {
        operations
            .iter()
            .enumerate()
            .map(|(operation, name)| cell(version, operation, name))
            .collect()
    };
    shape.operations.iter().enumerate().map(of_version).collect()
}

/// The newest implementation that is no pre-release, or else the newest one.
fn newest_slot(shape: &ContractShape, eligible: &[bool]) -> Option<usize> {
    let all = || eligible.iter().zip(&shape.versions).enumerate().rev();
    let mut able = all().filter(|(_, (able, _))| **able);
    let release = all().find(|(_, (able, state))| **able && state.semver.pre.is_empty());
    release.or_else(|| able.next()).map(|(slot, _)| slot)
}

/// The native implementation, or else the nearest newer one, or else the nearest older one.
fn nearest_slot(version: usize, eligible: &[bool]) -> Option<usize> {
    let newer = version..eligible.len();
    let older = (0..version.min(eligible.len())).rev();
    newer.chain(older).find(|&slot| eligible[slot])
}

/// The offered versions for an error, those most similar to what was written first.
fn offered(shape: &ContractShape, name: &str) -> String {
    let offered = shape
        .versions
        .iter()
        .filter(|state| state.availability.is_listed());
    by_similarity(name, offered.map(|state| state.semver.to_string()).collect())
}

/// The implementations of this binary for an error, those most similar to what was written first.
fn present(shape: &ContractShape, name: &str) -> String {
    by_similarity(name, shape.slots(|_| true).map(|slot| shape.name(slot)).collect())
}

pub(super) fn by_similarity(name: &str, mut names: Vec<String>) -> String {
    if !name.is_empty() {
        let name: String = name.chars().take(SHOWN).collect();
        names.sort_by_key(|other| strsim::damerau_levenshtein(&name, other));
    }
    if names.is_empty() {
        "none, because there are none".into()
    } else {
        names.join(", ")
    }
}

/// What was written, short enough for an error.
pub(super) fn shorten(name: &str) -> String {
    match name.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &name[..at]),
        None => name.into(),
    }
}

/// One segment of a JSON pointer (RFC 6901, section 3).
pub(super) fn escape(name: &str) -> String {
    shorten(name).replace('~', "~0").replace('/', "~1")
}
