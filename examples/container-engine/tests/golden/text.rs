//! How golden files are written: what fits stands on one line, and of two answers the difference.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

const WIDTH: usize = 120;

/// The text of some members, in this order.
pub(crate) fn of(members: &[(&str, Value)]) -> String {
    let mut text = String::from("{\n");
    for (number, (name, value)) in members.iter().enumerate() {
        let comma = if number + 1 < members.len() { "," } else { "" };
        text.push_str("  ");
        text.push_str(&Value::from(*name).to_string());
        text.push_str(": ");
        write(&mut text, value, 2);
        text.push_str(comma);
        text.push('\n');
    }
    text.push_str("}\n");
    text
}

fn write(text: &mut String, value: &Value, indent: usize) {
    let line = value.to_string();
    let column = text.len() - text.rfind('\n').map_or(0, |at| at + 1);
    if column + line.len() <= WIDTH {
        text.push_str(&line);
        return;
    }
    let inner = indent + 2;
    let (open, close) = if value.is_array() {
        ("[\n", ']')
    } else {
        ("{\n", '}')
    };
    let items: Vec<(Option<&String>, &Value)> = match value {
        Value::Array(items) => items.iter().map(|item| (None, item)).collect(),
        Value::Object(members) => members.iter().map(|(name, item)| (Some(name), item)).collect(),
        _ => {
            text.push_str(&line);
            return;
        }
    };
    text.push_str(open);
    for (number, (name, item)) in items.iter().enumerate() {
        text.push_str(&" ".repeat(inner));
        if let Some(name) = name {
            text.push_str(&Value::from(name.as_str()).to_string());
            text.push_str(": ");
        }
        write(text, item, inner);
        text.push_str(if number + 1 < items.len() { ",\n" } else { "\n" });
    }
    text.push_str(&" ".repeat(indent));
    text.push(close);
}

/// Where two values differ: by JSON pointer, with what stands there in each; nothing where nothing does.
pub(crate) fn differences(newest: &Value, oldest: &Value) -> Value {
    let mut found = Map::new();
    compare(Some(newest), Some(oldest), "", &mut found);
    Value::Object(found)
}

fn compare(newest: Option<&Value>, oldest: Option<&Value>, place: &str, found: &mut Map<String, Value>) {
    match (newest, oldest) {
        (Some(Value::Object(ours)), Some(Value::Object(theirs))) => {
            for name in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
                let place = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
                compare(ours.get(name), theirs.get(name), &place, found);
            }
        }
        (Some(Value::Array(ours)), Some(Value::Array(theirs))) if ours.len() == theirs.len() => {
            for (number, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                compare(Some(ours), Some(theirs), &format!("{place}/{number}"), found);
            }
        }
        (ours, theirs) if ours == theirs => {}
        (ours, theirs) => {
            let mut told = Map::new();
            told.extend(ours.map(|value| ("newest".to_owned(), value.clone())));
            told.extend(theirs.map(|value| ("oldest".to_owned(), value.clone())));
            found.insert(place.to_owned(), json!(told));
        }
    }
}
