//! Values that keep the constraints of their type: made for the bounds, and filtered for the rest.

use std::ops::RangeInclusive;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::string::string_regex;
use serde_json::{Value, json};
use versioned_core::constraints::{Compiled, Constraints, Number};
use versioned_core::model::ConstraintsModel;
use versioned_core::schema::{Link, Shape};

use super::{ITEMS, Values, Values_};

impl Values {
    /// The values of a type that keep `constraints`; `plain` are all of them.
    pub(super) fn keeping(
        &mut self,
        shape: &'static Shape,
        constraints: &'static Constraints,
        plain: Values_,
        depth: u32,
    ) -> Values_ {
        let facts = ConstraintsModel::from(constraints).enforced();
        let Ok(compiled) = Compiled::new(facts.clone()) else {
            // A pattern that is none is told by whoever serves the type.
            return plain;
        };
        if facts.is_empty() {
            return plain;
        }
        let (inner, nullable) = value_of(shape);
        let made = match inner {
            Shape::String { .. } => texts(constraints, &plain),
            Shape::Integer { bits, signed } => integers(constraints, *bits, *signed),
            Shape::Number { .. } => numbers(constraints),
            Shape::List { item, len: None, .. } if depth > 0 => self.lists(*item, constraints, depth),
            _ => plain.clone(),
        };
        let made = if nullable {
            prop_oneof![1 => Just(Value::Null), 3 => made].boxed()
        } else {
            made
        };
        let keeps = move |value: &Value| {
            let mut keeps = true;
            compiled.broken(value, &mut |_, _| keeps = false);
            keeps
        };
        made.prop_filter("a value that keeps its constraints", keeps)
            .boxed()
    }

    fn lists(&mut self, item: Link, constraints: &Constraints, depth: u32) -> Values_ {
        let items = vec(
            self.value(item, depth),
            sizes(constraints.min_items, constraints.max_items),
        );
        items.prop_map(Value::Array).boxed()
    }
}

/// The shape that a value has where it is not null, and whether it may be.
fn value_of(mut shape: &'static Shape) -> (&'static Shape, bool) {
    let mut nullable = false;
    loop {
        match shape {
            Shape::Option(inner) => {
                nullable = true;
                shape = &inner.get().shape;
            }
            Shape::Transparent(inner) => shape = &inner.get().shape,
            other => return (other, nullable),
        }
    }
}

/// Some sizes from the least on.
fn sizes(least: Option<u64>, most: Option<u64>) -> RangeInclusive<usize> {
    let size = |bound: u64| usize::try_from(bound).unwrap_or(usize::MAX);
    let least = least.map_or(0, size);
    let most = most.map_or(usize::MAX, size);
    least..=most.min(least.saturating_add(ITEMS)).max(least)
}

fn texts(constraints: &Constraints, plain: &Values_) -> Values_ {
    if let Some(pattern) = constraints.pattern {
        // An anchored pattern says what the whole text is; elsewhere a text around the match would do, too.
        let whole = pattern.strip_prefix('^').unwrap_or(pattern);
        let whole = whole.strip_suffix('$').unwrap_or(whole);
        let translated = versioned_core::constraints::compile_pattern(whole);
        let strategy = translated
            .ok()
            .and_then(|regex| string_regex(regex.as_str()).ok());
        return match strategy {
            Some(texts) => texts.prop_map(Value::from).boxed(),
            None => plain.clone(),
        };
    }
    let letters = prop_oneof![4 => proptest::char::range('a', 'z'), 1 => any::<char>()];
    let sized = vec(letters, sizes(constraints.min_length, constraints.max_length));
    sized
        .prop_map(|letters| Value::from(letters.into_iter().collect::<String>()))
        .boxed()
}

fn integers(constraints: &Constraints, bits: u8, signed: bool) -> Values_ {
    let bits = u32::from(bits.clamp(1, 64));
    let (least, most): (i128, i128) = if signed {
        (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    } else {
        (0, (1 << bits) - 1)
    };
    // One more on each side: the filter takes what an exclusive bound or a fraction leaves out.
    let least = [constraints.minimum, constraints.exclusive_minimum]
        .into_iter()
        .flatten()
        .fold(least, |least, bound| least.max(whole(bound)));
    let most = [constraints.maximum, constraints.exclusive_maximum]
        .into_iter()
        .flatten()
        .fold(most, |most, bound| most.min(whole(bound)));
    let step = match constraints.multiple_of {
        Some(Number::Integer(step)) => step.max(1),
        _ => 1,
    };
    let (lowest, highest) = (least.div_euclid(step), most.div_euclid(step));
    let near = (lowest.saturating_add(100)).min(highest).max(lowest);
    let highest = highest.max(lowest);
    prop_oneof![
        3 => lowest..=near,
        1 => lowest..=highest,
        1 => Just(highest),
    ]
    .prop_map(move |count| Value::Number(Number::Integer(count.saturating_mul(step)).to_json()))
    .boxed()
}

#[allow(clippy::cast_possible_truncation)] // bounds beyond are those of no integer of JSON
fn whole(bound: Number) -> i128 {
    match bound {
        Number::Integer(integer) => integer,
        Number::Float(float) => float.floor() as i128,
    }
}

/// Multiples of the step, or of an eighth of the distance where there is none, from the least number on.
fn numbers(constraints: &Constraints) -> Values_ {
    let of = |bound: Option<Number>| bound.map(float);
    let least = of(constraints.minimum.or(constraints.exclusive_minimum));
    let most = of(constraints.maximum.or(constraints.exclusive_maximum));
    let step = of(constraints.multiple_of).unwrap_or(match (least, most) {
        (Some(least), Some(most)) => (most - least) / 64.0,
        _ => 0.125,
    });
    let first = match (least, most) {
        (Some(least), _) => (least / step).ceil(),
        (None, Some(most)) => (most / step).floor() - 64.0,
        (None, None) => -32.0,
    };
    (0..=64_i32)
        .prop_map(move |count| json!((first + f64::from(count)) * step))
        .boxed()
}

#[allow(clippy::cast_precision_loss)] // a strategy, not a comparison
fn float(bound: Number) -> f64 {
    match bound {
        Number::Integer(integer) => integer as f64,
        Number::Float(float) => float,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    use versioned_core::schema::{Node, Schema};

    #[track_caller]
    fn check<T: Schema>(constraints: &Constraints) {
        let constraints: &'static Constraints = Box::leak(Box::new(*constraints));
        let node: &'static Node = Box::leak(Box::new(Node {
            id: "",
            name: "",
            doc: "",
            shape: Shape::Transparent(T::NODE),
            constraints,
        }));
        let strategy = Values::default().of(Link::of(node));
        let compiled = Compiled::new(constraints.into()).expect("constraints");
        let mut runner = TestRunner::deterministic();
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..50 {
            let value = strategy.new_tree(&mut runner).expect("a value").current();
            compiled.broken(&value, &mut |keyword, text| panic!("{value}: {keyword}: {text}"));
            seen.insert(value.to_string());
        }
        assert!(seen.len() > 2, "{seen:?}");
    }

    #[test]
    fn values_keep_their_constraints() {
        const NONE: Constraints = Constraints::NONE;
        check::<String>(&Constraints {
            min_length: Some(20),
            ..NONE
        });
        check::<Option<String>>(&Constraints {
            pattern: Some(r"^[a-z]{3}-\d+$"),
            max_length: Some(6),
            ..NONE
        });
        check::<u8>(&Constraints {
            exclusive_minimum: Some(Number::Integer(100)),
            maximum: Some(Number::Float(150.5)),
            multiple_of: Some(Number::Integer(7)),
            ..NONE
        });
        check::<i64>(&Constraints {
            maximum: Some(Number::Integer(-5)),
            ..NONE
        });
        check::<f64>(&Constraints {
            minimum: Some(Number::Float(0.5)),
            exclusive_maximum: Some(Number::Integer(1)),
            ..NONE
        });
        check::<f64>(&Constraints {
            multiple_of: Some(Number::Float(0.25)),
            ..NONE
        });
        check::<Vec<u8>>(&Constraints {
            min_items: Some(6),
            unique_items: true,
            ..NONE
        });
        check::<std::collections::BTreeMap<String, u8>>(&Constraints {
            min_properties: Some(1),
            max_properties: Some(2),
            ..NONE
        });
    }
}
