//! Values in JSON that fit a schema: what a client could send.

mod leaves;
mod limits;
mod walk;

use std::collections::HashMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::Union;
use serde_json::{Map, Value, json};
use versioned_core::constraints::Checker;
use versioned_core::schema::{Content, Field, Link, Matching, Node, Shape, Tagging, Variant};

use limits::Limits;
pub(super) use walk::Traits;
use walk::{Heights, address};

/// How deep named types are nested before values end as soon as they can.
const DEPTH: u32 = 4;

type Values_ = BoxedStrategy<Value>;
type Members = BoxedStrategy<Map<String, Value>>;

/// Strategies, each made once for a node and a depth.
#[derive(Default)]
pub(super) struct Values {
    made: HashMap<(usize, u32), Values_>,
    heights: Heights,
}

impl Values {
    /// Values of a type, within its constraints.
    pub(super) fn of(&mut self, link: Link) -> Values_ {
        self.heights.enter(link);
        let values = self.value(link, DEPTH, &Limits::default());
        // Patterns were compiled when they were written.
        let Ok(Some(checker)) = Checker::new(link) else {
            return values;
        };
        values
            .prop_map(move |mut value| {
                let is_kept = checker.check(&mut value).is_empty();
                (value, is_kept)
            })
            .prop_filter("a constraint is not kept", |(_, is_kept)| *is_kept)
            .prop_map(|(value, _)| value)
            .boxed()
    }

    /// Values of a link, within what was said on the way to it.
    fn value(&mut self, link: Link, depth: u32, limits: &Limits) -> Values_ {
        let node = link.get();
        let limits = limits.and(node.constraints);
        let key = (address(node), depth);
        if let Some(made) = self.made.get(&key).filter(|_| limits.is_empty()) {
            return made.clone();
        }
        let inside = if node.id.is_empty() {
            depth
        } else {
            depth.saturating_sub(1)
        };
        let made = match self.heights.of(node) {
            // No value of the type ends.
            None => Just(Value::Null).boxed(),
            Some(_) => self.shape(node, inside, &limits),
        };
        if limits.is_empty() {
            self.made.insert(key, made.clone());
        }
        made
    }

    fn shape(&mut self, node: &'static Node, depth: u32, limits: &Limits) -> Values_ {
        let ends = depth == 0;
        let free = Limits::default();
        match &node.shape {
            Shape::Bool => any::<bool>().prop_map(Value::from).boxed(),
            Shape::Integer { bits, signed } => leaves::integer(*bits, *signed, limits),
            Shape::Number { bits } => leaves::number(*bits, limits),
            Shape::String { format } => leaves::text(format, limits),
            Shape::Char => any::<char>().prop_map(|c| c.to_string().into()).boxed(),
            Shape::Any => leaves::anything(),
            Shape::Literal(text) => Just(Value::from(*text)).boxed(),
            Shape::Unit => Just(Value::Null).boxed(),
            Shape::Option(_) if ends => Just(Value::Null).boxed(),
            Shape::Option(inner) => {
                let inner = self.value(*inner, depth, limits);
                prop_oneof![1 => Just(Value::Null), 3 => inner].boxed()
            }
            Shape::List { item, unique, len } => {
                let unique = *unique || limits.unique();
                let counts = limits.items();
                let items = match len {
                    Some(len) => vec(self.value(*item, depth, &free), *len).boxed(),
                    None if ends && *counts.start() == 0 => return Just(json!([])).boxed(),
                    None => vec(self.value(*item, depth, &free), counts).boxed(),
                };
                let list = move |mut items: Vec<Value>| {
                    if unique {
                        items.sort_by_cached_key(ToString::to_string);
                        items.dedup();
                    }
                    Value::Array(items)
                };
                items.prop_map(list).boxed()
            }
            Shape::Tuple(items) => self.tuple(items, depth),
            Shape::Map { .. } if ends && *limits.properties().start() == 0 => Just(json!({})).boxed(),
            Shape::Map { value } => {
                let value = self.value(*value, depth, &free);
                leaves::keys(limits.properties())
                    .prop_flat_map(move |keys| {
                        let values = vec(value.clone(), keys.len());
                        values.prop_map(move |values| keys.iter().cloned().zip(values).collect())
                    })
                    .boxed()
            }
            Shape::Struct { fields, .. } => self.members(fields, depth).prop_map(Value::Object).boxed(),
            Shape::Enum {
                tagging, variants, ..
            } => self.variants(*tagging, variants, depth),
            Shape::Transparent(inner) => self.value(*inner, depth, limits),
        }
    }

    fn tuple(&mut self, items: &[Link], depth: u32) -> Values_ {
        let items: Vec<Values_> = items
            .iter()
            .map(|item| self.value(*item, depth, &Limits::default()))
            .collect();
        items.prop_map(Value::Array).boxed()
    }

    /// What is read; what may be left out is, at times.
    fn members(&mut self, fields: &'static [Field], depth: u32) -> Members {
        let parts: Vec<Members> = fields
            .iter()
            .filter(|field| field.presence.is_read())
            .filter(|field| depth > 0 || !field.optional_in)
            .map(|field| {
                let part = if field.flatten {
                    self.flattened(field, depth)
                } else {
                    let name = field.wire;
                    let value = self.value(field.ty, depth, &Limits::default());
                    value
                        .prop_map(move |value| [(name.to_owned(), value)].into_iter().collect())
                        .boxed()
                };
                if field.optional_in && !field.flatten {
                    option::weighted(0.8, part)
                        .prop_map(Option::unwrap_or_default)
                        .boxed()
                } else {
                    part
                }
            })
            .collect();
        parts
            .prop_map(|parts| parts.into_iter().flatten().collect())
            .boxed()
    }

    /// The members that stand in the place of the field.
    fn flattened(&mut self, field: &Field, depth: u32) -> Members {
        let mut link = field.ty;
        while let Shape::Option(inner) | Shape::Transparent(inner) = &link.get().shape {
            link = *inner;
        }
        self.value(link, depth, &Limits::default())
            .prop_map(object)
            .boxed()
    }

    fn variants(&mut self, tagging: Tagging, variants: &'static [Variant], depth: u32) -> Values_ {
        let mut read: Vec<&'static Variant> = variants.iter().filter(|v| v.presence.is_read()).collect();
        if depth == 0 {
            // Only those that end soonest.
            let heights: Vec<Option<u32>> = read.iter().map(|v| self.heights.content(&v.content)).collect();
            let least = heights.iter().flatten().min().copied();
            let mut heights = heights.into_iter();
            read.retain(|_| heights.next().flatten() == least);
        } else {
            read.retain(|variant| self.heights.content(&variant.content).is_some());
        }
        let forms: Vec<Values_> = read
            .into_iter()
            .map(|v| self.variant(tagging, v, depth))
            .collect();
        if forms.is_empty() {
            return Just(Value::Null).boxed();
        }
        Union::new(forms).boxed()
    }

    fn variant(&mut self, tagging: Tagging, variant: &'static Variant, depth: u32) -> Values_ {
        let name = variant.wire;
        let is_unit = matches!(variant.content, Content::Unit);
        let content = match &variant.content {
            Content::Unit => Just(Value::Null).boxed(),
            Content::Newtype(inner) => self.value(*inner, depth, &Limits::default()),
            Content::Tuple(items) => self.tuple(items, depth),
            Content::Struct(fields) => self.members(fields, depth).prop_map(Value::Object).boxed(),
        };
        if variant.matching == Matching::Untagged {
            return content;
        }
        content
            .prop_map(move |content| match tagging {
                Tagging::External if is_unit => Value::from(name),
                Tagging::External => json!({ name: content }),
                Tagging::Internal { tag } => {
                    let mut members = object(content);
                    members.insert(tag.to_owned(), Value::from(name));
                    Value::Object(members)
                }
                Tagging::Adjacent { tag, .. } if is_unit => json!({ tag: name }),
                Tagging::Adjacent { tag, content: key } => json!({ tag: name, key: content }),
                Tagging::Untagged => content,
            })
            .boxed()
    }
}

/// The members of an object; of anything else none.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
