//! One walk over a value along its shape.
//!
//! Two manners: by default only what leads to constraints is looked at, and other mistakes of shape are left to serde; to find
//! out which untagged form a value has, all of it is looked at.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::checker::{Checker, Violation, Violations};
use super::compiled::{TWINS, has_twins};
use super::values::{fits, size};
use crate::schema::{Content, Field, Link, Matching, Shape, Tagging, Variant};

/// How many values one walk looks at before it gives up: only forms that are tried one in another come near.
const STEPS: usize = 4_000_000;

/// How deep it goes: JSON is read to 128 levels, each of which a few types may stand around; a type that is nothing but itself
/// has no end.
const DEPTH: usize = 1024;

/// How many bytes of a pointer are told: clients choose the names of members, and may be told of many.
const POINTER: usize = 512;

type Members = Map<String, Value>;

pub(super) struct Walk<'a> {
    checker: &'a Checker,
    found: Violations,
    /// Mistakes of shape, where all of it is looked at.
    mismatches: usize,
    strict: bool,
    pointer: String,
    steps: usize,
    depth: usize,
    /// The types that stand flattened in each other around what is looked at.
    flattened: Vec<Link>,
}

/// What the members of an object are known by, where several types stand flattened in one.
#[derive(Default)]
struct Known<'n> {
    /// The names that belong to some field.
    taken: HashSet<&'n str>,
    /// The values of maps, which have all other members.
    maps: Vec<Link>,
}

impl<'n> Known<'n> {
    /// A name that belongs to what stands around.
    fn beside(name: &'n str) -> Self {
        let taken = HashSet::from([name]);
        Self {
            taken,
            ..Self::default()
        }
    }
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
            depth: 0,
            flattened: Vec::new(),
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
        let pointer = &self.pointer;
        self.found.add_with(|| Violation {
            pointer: shortened(pointer),
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
        if self.depth == DEPTH {
            self.steps = 0;
            return;
        }
        self.depth += 1;
        let around = std::mem::take(&mut self.flattened);
        self.looked_into(link, value);
        self.flattened = around;
        self.depth -= 1;
    }

    fn looked_into(&mut self, link: Link, value: &mut Value) {
        self.constraints(link, value);
        match &link.get().shape {
            Shape::Option(_) if value.is_null() => {}
            Shape::Option(inner) | Shape::Transparent(inner) => self.value(*inner, value),
            Shape::List { item, len, unique } => match value {
                Value::Array(items) => {
                    if *unique && has_twins(items) {
                        self.tell("uniqueItems", TWINS.to_owned());
                    }
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
                    self.note(link, fields);
                    self.members(fields, *deny_unknown_fields, members, Known::default());
                }
                _ => self.expect(false, "an object"),
            },
            Shape::Enum {
                tagging,
                variants,
                deny_unknown_fields,
            } => self.form(*tagging, variants, *deny_unknown_fields, false, value),
            // In a query such a text is read as a number for which no bound holds.
            Shape::Number { .. } if value.as_str().is_some_and(|text| text.parse::<f64>().is_ok()) => {
                self.expect(false, "a number");
            }
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

    /// What follows stands flattened in this.
    fn note(&mut self, link: Link, fields: &[Field]) {
        if fields.iter().any(|field| field.flatten) {
            self.flattened.push(link);
        }
    }

    /// The members of a struct, and of all that stands flattened in it.
    fn members<'n>(&mut self, fields: &'n [Field], deny: bool, members: &mut Members, mut known: Known<'n>) {
        self.own_members(fields, members, &mut known, false);
        let Known { taken, maps } = known;
        for held in &maps {
            self.map(*held, members, &taken);
        }
        if deny && self.strict && maps.is_empty() {
            let unknown = members.keys().any(|name| !taken.contains(name.as_str()));
            self.expect(!unknown, "an object without other members");
        }
    }

    fn own_members<'n>(
        &mut self,
        fields: &'n [Field],
        members: &mut Members,
        known: &mut Known<'n>,
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
            known.taken.extend(names());
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
            self.flattened(field.ty, members, known, optional);
        }
    }

    /// What stands among the members of another object.
    fn flattened(&mut self, link: Link, members: &mut Members, known: &mut Known<'_>, optional: bool) {
        // What stands in itself has no other members than those that were looked at.
        if self.steps == 0 || self.flattened.contains(&link) {
            return;
        }
        self.steps -= 1;
        self.flattened.push(link);
        match &link.get().shape {
            Shape::Struct { fields, .. } => self.own_members(fields, members, known, optional),
            Shape::Transparent(inner) => self.flattened(*inner, members, known, optional),
            Shape::Option(inner) => self.flattened(*inner, members, known, true),
            Shape::Map { value } => known.maps.push(*value),
            Shape::Enum {
                tagging, variants, ..
            } => {
                let mut value = Value::Object(std::mem::take(members));
                self.form(*tagging, variants, false, optional, &mut value);
                if let Value::Object(back) = value {
                    *members = back;
                }
            }
            _ => {}
        }
        self.flattened.pop();
    }

    /// An enum; one that is optional may have none of its forms.
    fn form(
        &mut self,
        tagging: Tagging,
        variants: &[Variant],
        deny: bool,
        optional: bool,
        value: &mut Value,
    ) {
        let named = |name: &str| {
            let read = variants.iter().filter(|v| v.presence.is_read());
            let mut by_name = read.clone().filter(|v| v.matching == Matching::Named);
            by_name
                .find(|v| v.wire == name || v.aliases.contains(&name))
                .or_else(|| read.clone().find(|v| v.matching == Matching::Other))
        };
        match tagging {
            Tagging::Untagged => return self.untagged(variants.iter(), deny, optional, value),
            Tagging::External => match value {
                Value::String(name) => {
                    if let Some(variant) = named(name) {
                        let unit = matches!(variant.content, Content::Unit);
                        return self.expect(unit, "an object");
                    }
                }
                Value::Object(members) => {
                    // Among the members of others, the first one that names a form is meant; which one that is, is not known any more.
                    let mut found = false;
                    for (name, held) in members.iter_mut() {
                        if let Some(variant) = named(name).filter(|v| v.matching == Matching::Named) {
                            found = true;
                            self.at(variant.wire, |walk| walk.content(&variant.content, deny, held));
                        }
                    }
                    if found {
                        return;
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
        self.untagged(untagged, deny, optional, value);
    }

    /// The content of a form whose tag stands among its members.
    fn beside_tag(&mut self, tag: &str, content: &Content, deny: bool, value: &mut Value) {
        let Value::Object(members) = value else { return };
        match content {
            Content::Unit => {}
            Content::Struct(fields) => self.members(fields, deny, members, Known::beside(tag)),
            Content::Newtype(inner) => self.held_beside_tag(tag, *inner, value),
            Content::Tuple(_) => self.expect(false, "of another form"),
        }
    }

    /// The tag is one of the members that a count counts, as in the published schema, and no value of a map.
    fn held_beside_tag(&mut self, tag: &str, link: Link, value: &mut Value) {
        if !(self.strict || self.checker.relevant.contains(&link)) {
            return;
        }
        match (&link.get().shape, &mut *value) {
            (Shape::Transparent(inner), _) => {
                self.constraints(link, value);
                self.held_beside_tag(tag, *inner, value);
            }
            (Shape::Map { value: held }, Value::Object(_)) => {
                self.constraints(link, value);
                if let Value::Object(members) = value {
                    self.map(*held, members, &HashSet::from([tag]));
                }
            }
            (
                Shape::Struct {
                    fields,
                    deny_unknown_fields,
                },
                Value::Object(_),
            ) => {
                self.constraints(link, value);
                if let Value::Object(members) = value {
                    self.note(link, fields);
                    self.members(fields, *deny_unknown_fields, members, Known::beside(tag));
                }
            }
            (_, Value::Object(members)) => {
                let held = members.remove(tag);
                self.value(link, value);
                if let (Some(held), Value::Object(members)) = (held, value) {
                    members.insert(tag.to_owned(), held);
                }
            }
            _ => {}
        }
    }

    fn constraints(&mut self, link: Link, value: &Value) {
        if let Some(compiled) = self.checker.compiled.get(&link) {
            compiled.broken(value, &mut |constraint, detail| self.tell(constraint, detail));
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
                Value::Object(members) => self.members(fields, deny, members, Known::default()),
                _ => self.expect(false, "an object"),
            },
        }
    }

    /// A value that has one of several forms is sound if one of them takes it; else the first form that it fits tells.
    fn untagged<'v>(
        &mut self,
        variants: impl Iterator<Item = &'v Variant>,
        deny: bool,
        optional: bool,
        value: &mut Value,
    ) {
        let mut first: Option<Violations> = None;
        let size = size(value);
        for variant in variants.filter(|variant| variant.presence.is_read()) {
            // A form is tried with a copy, which is work, too.
            self.steps = self.steps.saturating_sub(size);
            if self.steps == 0 {
                return;
            }
            let mut tried = value.clone();
            let mut walk = Walk {
                checker: self.checker,
                found: Violations::default(),
                mismatches: 0,
                strict: true,
                // A copy of it for each form would cost more than the form.
                pointer: std::mem::take(&mut self.pointer),
                steps: self.steps,
                depth: self.depth,
                flattened: Vec::new(),
            };
            walk.content(&variant.content, deny, &mut tried);
            self.pointer = std::mem::take(&mut walk.pointer);
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
            None => self.expect(optional, "of one of its forms"),
        }
    }
}

/// The beginning of a pointer that is too long to be told, with `…` for the rest.
fn shortened(pointer: &str) -> String {
    match pointer.get(..pointer.floor_char_boundary(POINTER)) {
        Some(start) if start.len() < pointer.len() => format!("{start}…"),
        _ => pointer.to_owned(),
    }
}
