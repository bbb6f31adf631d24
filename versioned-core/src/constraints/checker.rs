//! What clients send, held against the constraints of its type.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::walk::Walk;
use super::{Compiled, Constraints, PatternError};
use crate::model::ConstraintsModel;
use crate::schema::{Content, Field, Link, Shape, Variant};

/// The constraints of a type and of everything in it, compiled once; there is none for a type without constraints.
///
/// It accepts what the published schema accepts, and what serde reads beyond that under other names (`alias`).
#[derive(Debug)]
pub struct Checker {
    pub(super) root: Link,
    /// By the node that they stand on.
    pub(super) compiled: HashMap<Link, Compiled>,
    /// The nodes from which something constrained can be reached: the others are not looked at.
    pub(super) relevant: HashSet<Link>,
}

/// One constraint that one value breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where: a JSON pointer (RFC 6901) from the value that was checked; of one of more than 512 bytes the beginning, with `…`.
    pub pointer: String,
    /// The keyword of JSON Schema, such as `maxLength`.
    pub constraint: &'static str,
    /// What it demands; the value is not told.
    pub detail: String,
}

/// The constraints that a value breaks: the first ones, if there are very many.
#[derive(Debug, Default)]
pub struct Violations {
    /// In the order in which they were found.
    pub told: Vec<Violation>,
    /// How many more there are.
    pub more: usize,
    /// Whether a member that belongs to the service was taken out of the value.
    pub dropped: bool,
}

impl Violations {
    /// How many of one value are told.
    pub const MOST: usize = 32;

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.told.is_empty() && self.more == 0
    }

    /// Adds one, as long as there is room.
    pub fn add(&mut self, violation: Violation) {
        self.add_with(|| violation);
    }

    /// The same for one that is made only where there is room.
    pub(super) fn add_with(&mut self, violation: impl FnOnce() -> Violation) {
        if self.told.len() < Self::MOST {
            self.told.push(violation());
        } else {
            self.more += 1;
        }
    }
}

impl Checker {
    /// Makes the checker of a type; `None` if nothing in it is constrained in requests.
    ///
    /// # Errors
    /// If a pattern is none: those of the macros are checked when they are written.
    pub fn new(root: Link) -> Result<Option<Self>, PatternError> {
        let mut parents: HashMap<Link, Vec<Link>> = HashMap::new();
        let (mut compiled, mut seeds, mut open) = (HashMap::new(), Vec::new(), vec![root]);
        let mut known = HashSet::from([root]);
        while let Some(link) = open.pop() {
            let constraints = link.get().constraints;
            let facts = ConstraintsModel::from(constraints).enforced();
            if !facts.is_empty() {
                compiled.insert(link, Compiled::new(facts)?);
            }
            let is_set = matches!(link.get().shape, Shape::List { unique: true, .. });
            if compiled.contains_key(&link) || constraints.read_only || is_set {
                seeds.push(link);
            }
            for child in children(&link.get().shape) {
                parents.entry(child).or_default().push(link);
                if known.insert(child) {
                    open.push(child);
                }
            }
        }
        let mut relevant = HashSet::new();
        while let Some(link) = seeds.pop() {
            if relevant.insert(link) {
                seeds.extend(parents.get(&link).into_iter().flatten());
            }
        }
        Ok(relevant.contains(&root).then_some(Self {
            root,
            compiled,
            relevant,
        }))
    }

    /// Tells the constraints that a value breaks, and takes out of it the members that belong to the service: what clients
    /// send in them is ignored.
    ///
    /// A value of another shape is left to whoever reads it.
    pub fn check(&self, value: &mut Value) -> Violations {
        Walk::new(self).run(value)
    }
}

impl Constraints {
    /// Whether a value must be looked at for it.
    #[must_use]
    pub fn is_enforced(&self) -> bool {
        self.read_only || !ConstraintsModel::from(self).enforced().is_empty()
    }
}

/// What stands in a value of this shape when clients send it.
fn children(shape: &Shape) -> Vec<Link> {
    match shape {
        Shape::Option(inner) | Shape::Transparent(inner) => vec![*inner],
        Shape::List { item, .. } => vec![*item],
        Shape::Map { value } => vec![*value],
        Shape::Tuple(items) => items.to_vec(),
        Shape::Struct { fields, .. } => members(fields),
        Shape::Enum { variants, .. } => variants.iter().flat_map(held).collect(),
        Shape::Bool
        | Shape::Integer { .. }
        | Shape::Number { .. }
        | Shape::String { .. }
        | Shape::Char
        | Shape::Any
        | Shape::Literal(_)
        | Shape::Unit => Vec::new(),
    }
}

fn members(fields: &[Field]) -> Vec<Link> {
    let sent = |field: &&Field| field.presence.is_read() || field.ty.get().constraints.read_only;
    fields.iter().filter(sent).map(|field| field.ty).collect()
}

fn held(variant: &Variant) -> Vec<Link> {
    match &variant.content {
        _ if !variant.presence.is_read() => Vec::new(),
        Content::Unit => Vec::new(),
        Content::Newtype(inner) => vec![*inner],
        Content::Tuple(items) => items.to_vec(),
        Content::Struct(fields) => members(fields),
    }
}
