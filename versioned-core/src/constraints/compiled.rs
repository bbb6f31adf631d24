//! The constraints of one value, ready to be held against values.

use std::collections::HashSet;
use std::fmt::Write as _;

use regex::Regex;
use serde_json::Value;

use super::{Number, PatternError, compile_pattern};
use crate::model::ConstraintsModel;

/// Constraints with their pattern compiled.
#[derive(Debug)]
pub struct Compiled {
    constraints: ConstraintsModel,
    pattern: Option<Regex>,
}

impl Compiled {
    /// Makes constraints ready.
    ///
    /// # Errors
    /// If the pattern is none.
    pub fn new(constraints: ConstraintsModel) -> Result<Self, PatternError> {
        let pattern = constraints.pattern.as_deref().map(compile_pattern).transpose()?;
        Ok(Self { constraints, pattern })
    }

    /// Tells each constraint that a value breaks: its keyword and what it demands, in words.
    ///
    /// As in JSON Schema, a constraint of another type of value says nothing. The value is never told: it may be a secret.
    pub fn broken(&self, value: &Value, tell: &mut dyn FnMut(&'static str, String)) {
        match value {
            Value::String(text) => self.text(text, tell),
            Value::Number(number) => self.number(Number::of(number), tell),
            Value::Array(items) => self.items(items, tell),
            Value::Object(members) => {
                let Self { constraints, .. } = self;
                let (least, most) = (constraints.min_properties, constraints.max_properties);
                let keywords = ("minProperties", "maxProperties", "member");
                count(members.len(), least, most, keywords, tell);
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn text(&self, text: &str, tell: &mut dyn FnMut(&'static str, String)) {
        let (least, most) = (self.constraints.min_length, self.constraints.max_length);
        if least.is_some() || most.is_some() {
            let keywords = ("minLength", "maxLength", "character");
            count(text.chars().count(), least, most, keywords, tell);
        }
        if let Some(pattern) = &self.pattern
            && !pattern.is_match(text)
        {
            let written = self.constraints.pattern.as_deref().unwrap_or_default();
            tell("pattern", format!("must match `{written}`"));
        }
    }

    fn number(&self, number: Number, tell: &mut dyn FnMut(&'static str, String)) {
        let constraints = &self.constraints;
        if let Some(bound) = constraints.minimum
            && number < bound
        {
            tell("minimum", format!("must be at least {bound}"));
        }
        if let Some(bound) = constraints.maximum
            && number > bound
        {
            tell("maximum", format!("must be at most {bound}"));
        }
        if let Some(bound) = constraints.exclusive_minimum
            && number <= bound
        {
            tell("exclusiveMinimum", format!("must be greater than {bound}"));
        }
        if let Some(bound) = constraints.exclusive_maximum
            && number >= bound
        {
            tell("exclusiveMaximum", format!("must be less than {bound}"));
        }
        if let Some(of) = constraints.multiple_of
            && !number.is_multiple_of(of)
        {
            tell("multipleOf", format!("must be a multiple of {of}"));
        }
    }

    fn items(&self, items: &[Value], tell: &mut dyn FnMut(&'static str, String)) {
        let (least, most) = (self.constraints.min_items, self.constraints.max_items);
        count(items.len(), least, most, ("minItems", "maxItems", "item"), tell);
        if self.constraints.unique_items && has_twins(items) {
            tell("uniqueItems", TWINS.to_owned());
        }
    }
}

/// What a list without twins demands.
pub(super) const TWINS: &str = "must not have two equal items";

/// Whether two items are equal.
pub(super) fn has_twins(items: &[Value]) -> bool {
    let mut seen = HashSet::new();
    let twice = |item: &Value| {
        let mut text = String::new();
        canonical(item, &mut text);
        !seen.insert(text)
    };
    items.iter().any(twice)
}

fn count(
    found: usize,
    least: Option<u64>,
    most: Option<u64>,
    (at_least, at_most, what): (&'static str, &'static str, &str),
    tell: &mut dyn FnMut(&'static str, String),
) {
    let found = found as u64;
    let s = |count: u64| if count == 1 { "" } else { "s" };
    if let Some(least) = least
        && found < least
    {
        tell(at_least, format!("must have at least {least} {what}{}", s(least)));
    }
    if let Some(most) = most
        && found > most
    {
        tell(at_most, format!("must have at most {most} {what}{}", s(most)));
    }
}

/// A text that two values share if and only if JSON Schema calls them equal: `1` and `1.0` are, members have no order.
fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Number(number) => match Number::of(number) {
            Number::Float(0.0) => text.push('0'),
            // Integers of that size are written without an exponent, whatever type they have.
            number => {
                let _ = write!(text, "{number}");
            }
        },
        Value::Array(items) => {
            text.push('[');
            for item in items {
                canonical(item, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            text.push('{');
            for name in names {
                let _ = write!(text, "{name:?}:");
                canonical(&members[name], text);
                text.push(',');
            }
            text.push('}');
        }
        Value::String(string) => {
            let _ = write!(text, "{string:?}");
        }
        Value::Null | Value::Bool(_) => {
            let _ = write!(text, "{value}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(constraints: ConstraintsModel, value: &Value, expected: &[&str]) {
        let compiled = Compiled::new(constraints).expect("constraints");
        let mut broken = Vec::new();
        compiled.broken(value, &mut |keyword, text| {
            assert!(text.starts_with("must "), "{text}");
            broken.push(keyword);
        });
        assert_eq!(broken, expected, "{value}");
    }

    #[test]
    fn each_constraint_is_told_by_its_keyword() {
        let text = || ConstraintsModel {
            min_length: Some(2),
            max_length: Some(3),
            pattern: Some("^[a-z]*$".to_owned()),
            ..ConstraintsModel::default()
        };
        check(text(), &json!("ab"), &[]);
        check(text(), &json!("A"), &["minLength", "pattern"]);
        check(text(), &json!("🦀🦀🦀"), &["pattern"]);
        check(text(), &json!("abcd"), &["maxLength"]);
        check(text(), &json!(7), &[]);
        check(text(), &Value::Null, &[]);
        let number = || ConstraintsModel {
            minimum: Some(Number::Integer(1)),
            exclusive_maximum: Some(Number::Float(9.5)),
            multiple_of: Some(Number::Float(0.5)),
            ..ConstraintsModel::default()
        };
        check(number(), &json!(1), &[]);
        check(number(), &json!(9.0), &[]);
        check(number(), &json!(0.5), &["minimum"]);
        check(number(), &json!(9.5), &["exclusiveMaximum"]);
        check(number(), &json!(1.2), &["multipleOf"]);
        let items = || ConstraintsModel {
            min_items: Some(1),
            max_items: Some(2),
            unique_items: true,
            ..ConstraintsModel::default()
        };
        check(items(), &json!([]), &["minItems"]);
        check(items(), &json!([1, 1.0]), &["uniqueItems"]);
        check(
            items(),
            &json!([{"a": 1, "b": [0]}, {"b": [0.0], "a": 1}]),
            &["uniqueItems"],
        );
        check(items(), &json!(["1", 1]), &[]);
        check(items(), &json!([1, 2, 2]), &["maxItems", "uniqueItems"]);
        let members = ConstraintsModel {
            min_properties: Some(1),
            ..ConstraintsModel::default()
        };
        check(members, &json!({}), &["minProperties"]);
    }
}
