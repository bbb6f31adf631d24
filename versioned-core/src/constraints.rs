//! Constraints: what a value must be like beyond its type, said with the keywords of JSON Schema (2020-12, validation).
//!
//! [`Constraints`] stand in constants beside the shape, [`ConstraintsModel`](crate::model::ConstraintsModel) is the same as
//! owned facts, and a [`Checker`] holds what clients send against them.

mod checker;
mod compiled;
mod number;
mod pattern;
mod text;
mod values;
mod walk;

pub use checker::{Checker, Violation, Violations};
pub use compiled::Compiled;
pub use number::Number;
pub use pattern::{PatternError, compile as compile_pattern};
pub use text::{from_text, is_read_by_shape, misread, query, says_nothing};

use crate::deprecation::Deprecation;

/// What stands in `#[openapi(…)]`, as constants.
///
/// All but the last four are facts, which the engine compares. Lengths count Unicode scalar values, bounds are inclusive unless they say otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Constraints {
    /// The least number of characters of a text.
    pub min_length: Option<u64>,
    /// The greatest number of characters of a text.
    pub max_length: Option<u64>,
    /// A regular expression of ECMA-262 that a text matches somewhere.
    pub pattern: Option<&'static str>,
    /// What a text means, such as `email`; stated and compared, not enforced, as JSON Schema has it.
    pub format: Option<&'static str>,
    /// The least number.
    pub minimum: Option<Number>,
    /// The greatest number.
    pub maximum: Option<Number>,
    /// A number is greater than this.
    pub exclusive_minimum: Option<Number>,
    /// A number is less than this.
    pub exclusive_maximum: Option<Number>,
    /// A number is this times an integer.
    pub multiple_of: Option<Number>,
    /// The least number of items of an array.
    pub min_items: Option<u64>,
    /// The greatest number of items of an array.
    pub max_items: Option<u64>,
    /// Whether no two items of an array are equal.
    pub unique_items: bool,
    /// The least number of members of an object.
    pub min_properties: Option<u64>,
    /// The greatest number of members of an object.
    pub max_properties: Option<u64>,
    /// Whether the member belongs to the service: what clients send in it is ignored. Its presence says the rest.
    pub read_only: bool,
    /// A short name; no fact.
    pub title: &'static str,
    /// Examples as JSON texts; no facts.
    pub examples: &'static [&'static str],
    /// That the thing will go; no fact.
    pub deprecation: Option<Deprecation>,
}

impl Constraints {
    /// Of a value that may be anything that its type allows.
    pub const NONE: Self = Self {
        min_length: None,
        max_length: None,
        pattern: None,
        format: None,
        minimum: None,
        maximum: None,
        exclusive_minimum: None,
        exclusive_maximum: None,
        multiple_of: None,
        min_items: None,
        max_items: None,
        unique_items: false,
        min_properties: None,
        max_properties: None,
        read_only: false,
        title: "",
        examples: &[],
        deprecation: None,
    };
}
