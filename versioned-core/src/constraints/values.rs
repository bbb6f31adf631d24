//! What a walk asks of values that it does not go into.

use serde_json::Value;

use crate::schema::Shape;

/// What a copy of a value takes: its values, with itself, and their texts.
pub(super) fn size(value: &Value) -> usize {
    /// As many bytes are copied in the time of a value.
    const BYTES: usize = 64;
    1 + match value {
        Value::String(text) => text.len() / BYTES,
        Value::Array(items) => items.iter().map(size).sum::<usize>(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| name.len() / BYTES + size(value))
            .sum(),
        _ => 0,
    }
}

/// Whether a value without parts is of a shape without parts.
pub(super) fn fits(shape: &Shape, value: &Value) -> bool {
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
