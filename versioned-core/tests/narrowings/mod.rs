//! Steps of constraints that allow fewer values, or others: what is found there and back.

/// Constraints before and after, as the JSON of their model.
pub(crate) struct Step {
    pub(crate) before: &'static str,
    pub(crate) after: &'static str,
    /// The rule of the step, and that of the step back.
    pub(crate) rules: [&'static str; 2],
    /// Whether fewer values are allowed after it; else others.
    pub(crate) narrows: bool,
}

const fn narrows(before: &'static str, after: &'static str, there: &'static str, back: &'static str) -> Step {
    Step {
        before,
        after,
        rules: [there, back],
        narrows: true,
    }
}

const fn alters(before: &'static str, after: &'static str, rule: &'static str) -> Step {
    Step {
        before,
        after,
        rules: [rule, rule],
        narrows: false,
    }
}

pub(crate) const STEPS: &[Step] = &[
    narrows("{}", r#"{"minLength": 1}"#, "min-length-set", "min-length-unset"),
    narrows(
        r#"{"minLength": 1}"#,
        r#"{"minLength": 2}"#,
        "min-length-increased",
        "min-length-decreased",
    ),
    narrows("{}", r#"{"maxLength": 9}"#, "max-length-set", "max-length-unset"),
    narrows(
        r#"{"maxLength": 9}"#,
        r#"{"maxLength": 8}"#,
        "max-length-decreased",
        "max-length-increased",
    ),
    narrows("{}", r#"{"minimum": 0}"#, "min-set", "min-unset"),
    narrows(
        r#"{"minimum": -1}"#,
        r#"{"minimum": -0.5}"#,
        "min-increased",
        "min-decreased",
    ),
    narrows("{}", r#"{"maximum": 0}"#, "max-set", "max-unset"),
    narrows(
        r#"{"maximum": 18446744073709551615}"#,
        r#"{"maximum": 18446744073709551614}"#,
        "max-decreased",
        "max-increased",
    ),
    narrows(
        "{}",
        r#"{"exclusiveMinimum": 0}"#,
        "exclusive-min-set",
        "exclusive-min-unset",
    ),
    narrows(
        r#"{"exclusiveMinimum": 0}"#,
        r#"{"exclusiveMinimum": 1}"#,
        "exclusive-min-increased",
        "exclusive-min-decreased",
    ),
    narrows(
        "{}",
        r#"{"exclusiveMaximum": 0}"#,
        "exclusive-max-set",
        "exclusive-max-unset",
    ),
    narrows(
        r#"{"exclusiveMaximum": 1}"#,
        r#"{"exclusiveMaximum": 0}"#,
        "exclusive-max-decreased",
        "exclusive-max-increased",
    ),
    narrows("{}", r#"{"minItems": 1}"#, "min-items-set", "min-items-unset"),
    narrows(
        r#"{"minItems": 1}"#,
        r#"{"minItems": 2}"#,
        "min-items-increased",
        "min-items-decreased",
    ),
    narrows("{}", r#"{"maxItems": 9}"#, "max-items-set", "max-items-unset"),
    narrows(
        r#"{"maxItems": 9}"#,
        r#"{"maxItems": 8}"#,
        "max-items-decreased",
        "max-items-increased",
    ),
    narrows(
        "{}",
        r#"{"uniqueItems": true}"#,
        "unique-items-set",
        "unique-items-unset",
    ),
    narrows(
        "{}",
        r#"{"minProperties": 1}"#,
        "min-properties-set",
        "min-properties-unset",
    ),
    narrows(
        r#"{"minProperties": 1}"#,
        r#"{"minProperties": 2}"#,
        "min-properties-increased",
        "min-properties-decreased",
    ),
    narrows(
        "{}",
        r#"{"maxProperties": 9}"#,
        "max-properties-set",
        "max-properties-unset",
    ),
    narrows(
        r#"{"maxProperties": 9}"#,
        r#"{"maxProperties": 8}"#,
        "max-properties-decreased",
        "max-properties-increased",
    ),
    narrows(
        "{}",
        r#"{"multipleOf": 2}"#,
        "multiple-of-set",
        "multiple-of-unset",
    ),
    narrows(
        r#"{"multipleOf": 0.5}"#,
        r#"{"multipleOf": 2}"#,
        "multiple-of-narrowed",
        "multiple-of-generalized",
    ),
    alters(
        r#"{"multipleOf": 2}"#,
        r#"{"multipleOf": 3}"#,
        "multiple-of-changed",
    ),
    narrows("{}", r#"{"pattern": "a"}"#, "pattern-added", "pattern-removed"),
    alters(r#"{"pattern": "a"}"#, r#"{"pattern": "b"}"#, "pattern-changed"),
    narrows("{}", r#"{"format": "email"}"#, "format-added", "format-removed"),
    alters(r#"{"format": "email"}"#, r#"{"format": "uri"}"#, "format-changed"),
];
