//! One walk over a value along its shape.
//!
//! Two manners: by default only what leads to constraints is looked at, and other mistakes of shape are left to serde; to find
//! out which untagged form a value has, all of it is looked at.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::checker::{Checker, Violation, Violations};
use crate::schema::{Content, Field, Link, Matching, Shape, Tagging, Variant};

/// How many values one walk looks at before it gives up: only forms that are tried one in another come near.
const STEPS: usize = 4_000_000;

type Members = Map<String, Value>;

pub(super) struct Walk<'a> {
    checker: &'a Checker,
    found: Violations,
    /// Mistakes of shape, where all of it is looked at.
    mismatches: usize,
    strict: bool,
    pointer: String,
    steps: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(checker: &'a Checker) -> Self {
        Self {
            checker,
            found: Violations::default(),
            mismatches: 0,
            strict: false,
            pointer: String::new(),
            steps: STEPS,
        }
    }

    pub(super) fn run(mut self, value: &mut Value) -> Violations {
        self.value(self.checker.root, value);
        if self.steps == 0 {
            self.tell("anyOf", "takes too many steps to tell its form".to_owned());
        }
        self.found
    }

    fn tell(&mut self, constraint: &'static str, detail: String) {
        self.found.add(Violation {
            pointer: self.pointer.clone(),
            constraint,
            detail,
        });
    }

    /// A value of another shape. serde tells it, unless it reads more than the contract says: an array for an object, say.
    fn expect(&mut self, fits: bool, what: &str) {
        if !fits {
            self.mismatches += 1;
            if !self.strict {
                self.tell("type", format!("must be {what}"));
            }
        }
    }

    fn at(&mut self, token: &str, visit: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer
            .push_str(&token.replace('~', "~0").replace('/', "~1"));
        visit(self);
        self.pointer.truncate(length);
    }

    fn value(&mut self, link: Link, value: &mut Value) {
        if self.steps == 0 || !(self.strict || self.checker.relevant.contains(&link)) {
            return;
        }
        self.steps -= 1;
        if let Some(compiled) = self.checker.compiled.get(&link) {
            compiled.broken(value, &mut |constraint, detail| self.tell(constraint, detail));
        }
        match &link.get().shape {
            Shape::Option(_) if value.is_null() => {}
            Shape::Option(inner) | Shape::Transparent(inner) => self.value(*inner, value),
            Shape::List { item, len, .. } => match value {
                Value::Array(items) => {
                    self.expect(
                        len.is_none_or(|len| len == items.len()),
                        "an array of that length",
                    );
                    for (index, value) in items.iter_mut().enumerate() {
                        self.at(&index.to_string(), |walk| walk.value(*item, value));
                    }
                }
                _ => self.expect(false, "an array"),
            },
            Shape::Tuple(items) => self.tuple(items, value),
            Shape::Map { value: held } => match value {
                Value::Object(members) => self.map(*held, members, &HashSet::new()),
                _ => self.expect(false, "an object"),
            },
            Shape::Struct {
                fields,
                deny_unknown_fields,
            } => match value {
                Value::Object(members) => {
                    self.members(fields, *deny_unknown_fields, members, &mut HashSet::new());
                }
                _ => self.expect(false, "an object"),
            },
            Shape::Enum {
                tagging,
                variants,
                deny_unknown_fields,
            } => self.form(*tagging, variants, *deny_unknown_fields, value),
            leaf if self.strict => self.expect(fits(leaf, value), "of its type"),
            _ => {}
        }
    }

    fn tuple(&mut self, items: &[Link], value: &mut Value) {
        match value {
            Value::Array(values) => {
                self.expect(values.len() == items.len(), "an array of that length");
                for (index, (item, value)) in items.iter().zip(values).enumerate() {
                    self.at(&index.to_string(), |walk| walk.value(*item, value));
                }
            }
            _ => self.expect(false, "an array"),
        }
    }

    /// The values of all members but those that `taken` names: they belong to others.
    fn map(&mut self, held: Link, members: &mut Members, taken: &HashSet<&str>) {
        for (name, value) in members {
            if !taken.contains(name.as_str()) {
                self.at(name, |walk| walk.value(held, value));
            }
        }
    }

    /// The members of a struct; `taken` collects the names that are known.
    fn members<'n>(
        &mut self,
        fields: &'n [Field],
        deny: bool,
        members: &mut Members,
        taken: &mut HashSet<&'n str>,
    ) {
        self.own_members(fields, members, taken, false);
        let maps = fields
            .iter()
            .filter(|field| field.flatten && field.presence.is_read());
        for field in maps {
            if let Some(held) = flattened_map(field.ty) {
                self.map(held, members, taken);
                return;
            }
        }
        if deny && self.strict {
            let unknown = members.keys().any(|name| !taken.contains(name.as_str()));
            self.expect(!unknown, "an object without other members");
        }
    }

    fn own_members<'n>(
        &mut self,
        fields: &'n [Field],
        members: &mut Members,
        taken: &mut HashSet<&'n str>,
        optional: bool,
    ) {
        for field in fields.iter().filter(|field| !field.flatten) {
            let names = || std::iter::once(&field.wire).chain(field.aliases);
            if field.ty.get().constraints.read_only {
                let read_by_others = |name: &str| {
                    let others = fields.iter().filter(|other| other.presence.is_read());
                    others
                        .into_iter()
                        .any(|other| other.wire == name || other.aliases.contains(&name))
                };
                for name in names().filter(|name| !read_by_others(name)) {
                    self.found.dropped |= members.remove(*name).is_some();
                }
            }
            if !field.presence.is_read() {
                continue;
            }
            taken.extend(names());
            let mut there = false;
            for name in names() {
                if let Some(value) = members.get_mut(*name) {
                    there = true;
                    self.at(name, |walk| walk.value(field.ty, value));
                }
            }
            if self.strict {
                self.expect(there || optional || field.optional_in, "complete");
            }
        }
        for field in fields
            .iter()
            .filter(|field| field.flatten && field.presence.is_read())
        {
            self.flattened(field.ty, members, taken, optional);
        }
    }

    /// What stands among the members of another object.
    fn flattened(&mut self, link: Link, members: &mut Members, taken: &mut HashSet<&str>, optional: bool) {
        if self.steps == 0 {
            return;
        }
        self.steps -= 1;
        match &link.get().shape {
            Shape::Struct { fields, .. } => self.own_members(fields, members, taken, optional),
            Shape::Transparent(inner) => self.flattened(*inner, members, taken, optional),
            Shape::Option(inner) => self.flattened(*inner, members, taken, true),
            // An enum that may be missing is one that says nothing.
            Shape::Enum {
                tagging, variants, ..
            } if !optional => {
                let mut value = Value::Object(std::mem::take(members));
                self.form(*tagging, variants, false, &mut value);
                if let Value::Object(back) = value {
                    *members = back;
                }
            }
            _ => {}
        }
    }

    fn form(&mut self, tagging: Tagging, variants: &[Variant], deny: bool, value: &mut Value) {
        let named = |name: &str| {
            let read = variants.iter().filter(|v| v.presence.is_read());
            let mut by_name = read.clone().filter(|v| v.matching == Matching::Named);
            by_name
                .find(|v| v.wire == name || v.aliases.contains(&name))
                .or_else(|| read.clone().find(|v| v.matching == Matching::Other))
        };
        match tagging {
            Tagging::Untagged => return self.untagged(variants.iter(), deny, value),
            Tagging::External => match value {
                Value::String(name) => {
                    if let Some(variant) = named(name) {
                        let unit = matches!(variant.content, Content::Unit);
                        return self.expect(unit, "an object");
                    }
                }
                Value::Object(members) => {
                    // Among the members of others, the one that names a form is meant.
                    let found = members.iter_mut().find_map(|(name, held)| {
                        let variant = named(name).filter(|v| v.matching == Matching::Named)?;
                        Some((variant, held))
                    });
                    if let Some((variant, held)) = found {
                        return self.at(variant.wire, |walk| walk.content(&variant.content, deny, held));
                    }
                }
                _ => {}
            },
            Tagging::Internal { tag } => {
                if let Some(variant) = value.get(tag).and_then(Value::as_str).and_then(named) {
                    return self.beside_tag(tag, &variant.content, deny, value);
                }
            }
            Tagging::Adjacent { tag, content } => {
                if let Some(variant) = value.get(tag).and_then(Value::as_str).and_then(named) {
                    return match value.get_mut(content) {
                        Some(held) => self.at(content, |walk| walk.content(&variant.content, deny, held)),
                        None => self.expect(matches!(variant.content, Content::Unit), "complete"),
                    };
                }
            }
        }
        let untagged = variants.iter().filter(|v| v.matching == Matching::Untagged);
        self.untagged(untagged, deny, value);
    }

    /// The content of a form whose tag stands among its members.
    fn beside_tag(&mut self, tag: &str, content: &Content, deny: bool, value: &mut Value) {
        let Value::Object(members) = value else { return };
        match content {
            Content::Unit => {}
            Content::Struct(fields) => self.members(fields, deny, members, &mut HashSet::from([tag])),
            Content::Newtype(inner) => {
                let held = members.remove(tag);
                self.value(*inner, value);
                if let (Some(held), Value::Object(members)) = (held, value) {
                    members.insert(tag.to_owned(), held);
                }
            }
            Content::Tuple(_) => self.expect(false, "of another form"),
        }
    }

    fn content(&mut self, content: &Content, deny: bool, value: &mut Value) {
        match content {
            Content::Unit => {
                if self.strict {
                    self.expect(value.is_null(), "null");
                }
            }
            Content::Newtype(inner) => self.value(*inner, value),
            Content::Tuple(items) => self.tuple(items, value),
            Content::Struct(fields) => match value {
                Value::Object(members) => self.members(fields, deny, members, &mut HashSet::new()),
                _ => self.expect(false, "an object"),
            },
        }
    }

    /// A value that has one of several forms is sound if one of them takes it; else the first form that it fits tells.
    fn untagged<'v>(&mut self, variants: impl Iterator<Item = &'v Variant>, deny: bool, value: &mut Value) {
        let mut first: Option<Violations> = None;
        for variant in variants.filter(|variant| variant.presence.is_read()) {
            let mut tried = value.clone();
            let mut walk = Walk {
                checker: self.checker,
                found: Violations::default(),
                mismatches: 0,
                strict: true,
                pointer: self.pointer.clone(),
                steps: self.steps,
            };
            walk.content(&variant.content, deny, &mut tried);
            self.steps = walk.steps;
            if walk.mismatches > 0 {
                continue;
            }
            if walk.found.is_empty() {
                self.found.dropped |= walk.found.dropped;
                *value = tried;
                return;
            }
            first.get_or_insert(walk.found);
        }
        match first {
            Some(found) => {
                self.found.more += found.more;
                for violation in found.told {
                    self.found.add(violation);
                }
            }
            None => self.expect(false, "of one of its forms"),
        }
    }
}

/// The values of a flattened map, behind what does not show.
fn flattened_map(link: Link) -> Option<Link> {
    match &link.get().shape {
        Shape::Map { value } => Some(*value),
        Shape::Transparent(inner) | Shape::Option(inner) => flattened_map(*inner),
        _ => None,
    }
}

/// Whether a value without parts is of a shape without parts.
fn fits(shape: &Shape, value: &Value) -> bool {
    match (shape, value) {
        (Shape::Any, _)
        | (Shape::Bool, Value::Bool(_))
        | (Shape::Unit, Value::Null)
        | (Shape::Number { .. }, Value::Number(_))
        | (Shape::String { .. }, Value::String(_)) => true,
        (Shape::Integer { bits, signed }, Value::Number(number)) => {
            let integer = number
                .as_i64()
                .map(i128::from)
                .or_else(|| number.as_u64().map(i128::from));
            let bits = u32::from(*bits).min(126);
            let range = match signed {
                true => -(1_i128 << (bits - 1))..1 << (bits - 1),
                false => 0..1 << bits,
            };
            integer.is_some_and(|integer| range.contains(&integer))
        }
        (Shape::Char, Value::String(text)) => text.chars().nth(1).is_none() && !text.is_empty(),
        (Shape::Literal(literal), Value::String(text)) => text == literal,
        _ => false,
    }
}
