//! The rules of constraints: what narrows the values of a type, what widens them, and what does neither.

use super::{BREAK, Levels, REQUEST, RESPONSE, Rule};

const fn row(
    id: &'static str,
    title: &'static str,
    explanation: &'static str,
    backward: Levels,
    forward: Levels,
) -> Rule {
    Rule {
        id,
        code: "V0211",
        title,
        explanation,
        backward,
        forward,
    }
}

/// Fewer values are allowed.
const fn tightened(id: &'static str, title: &'static str) -> Rule {
    row(
        id,
        title,
        "clients of the earlier version may send values that are refused now; the earlier version may answer with values that a client of this one does not expect",
        REQUEST,
        RESPONSE,
    )
}

/// More values are allowed.
const fn loosened(id: &'static str, title: &'static str) -> Rule {
    row(
        id,
        title,
        "clients of the earlier version may get values that they do not expect; a client of this version may send values that the earlier one refuses",
        RESPONSE,
        REQUEST,
    )
}

/// Other values are allowed: whether more or fewer cannot be told.
const fn altered(id: &'static str, title: &'static str) -> Rule {
    row(
        id,
        title,
        "some values are allowed now that were not, or the other way round",
        BREAK,
        BREAK,
    )
}

/// All rules of constraints, by id.
pub(super) const CONSTRAINTS: [Rule; 53] = [
    tightened(
        "exclusive-max-decreased",
        "the number that all are less than was lowered",
    ),
    loosened(
        "exclusive-max-increased",
        "the number that all are less than was raised",
    ),
    tightened("exclusive-max-set", "the number that all are less than was set"),
    loosened(
        "exclusive-max-unset",
        "the number that all are less than was lifted",
    ),
    loosened(
        "exclusive-min-decreased",
        "the number that all are greater than was lowered",
    ),
    tightened(
        "exclusive-min-increased",
        "the number that all are greater than was raised",
    ),
    tightened(
        "exclusive-min-set",
        "the number that all are greater than was set",
    ),
    loosened(
        "exclusive-min-unset",
        "the number that all are greater than was lifted",
    ),
    tightened("format-added", "a format was added"),
    altered("format-changed", "the format is another one"),
    loosened("format-removed", "the format was removed"),
    tightened("max-decreased", "the greatest number was lowered"),
    loosened("max-increased", "the greatest number was raised"),
    tightened("max-items-decreased", "the greatest number of items was lowered"),
    loosened("max-items-increased", "the greatest number of items was raised"),
    tightened("max-items-set", "the greatest number of items was set"),
    loosened("max-items-unset", "the greatest number of items was lifted"),
    tightened("max-length-decreased", "the greatest length was lowered"),
    loosened("max-length-increased", "the greatest length was raised"),
    tightened("max-length-set", "the greatest length was set"),
    loosened("max-length-unset", "the greatest length was lifted"),
    tightened(
        "max-properties-decreased",
        "the greatest number of members was lowered",
    ),
    loosened(
        "max-properties-increased",
        "the greatest number of members was raised",
    ),
    tightened("max-properties-set", "the greatest number of members was set"),
    loosened(
        "max-properties-unset",
        "the greatest number of members was lifted",
    ),
    tightened("max-set", "the greatest number was set"),
    loosened("max-unset", "the greatest number was lifted"),
    loosened("min-decreased", "the least number was lowered"),
    tightened("min-increased", "the least number was raised"),
    loosened("min-items-decreased", "the least number of items was lowered"),
    tightened("min-items-increased", "the least number of items was raised"),
    tightened("min-items-set", "the least number of items was set"),
    loosened("min-items-unset", "the least number of items was lifted"),
    loosened("min-length-decreased", "the least length was lowered"),
    tightened("min-length-increased", "the least length was raised"),
    tightened("min-length-set", "the least length was set"),
    loosened("min-length-unset", "the least length was lifted"),
    loosened(
        "min-properties-decreased",
        "the least number of members was lowered",
    ),
    tightened(
        "min-properties-increased",
        "the least number of members was raised",
    ),
    tightened("min-properties-set", "the least number of members was set"),
    loosened("min-properties-unset", "the least number of members was lifted"),
    tightened("min-set", "the least number was set"),
    loosened("min-unset", "the least number was lifted"),
    altered("multiple-of-changed", "multiples of another number are allowed"),
    loosened("multiple-of-generalized", "multiples of a divisor are allowed"),
    tightened("multiple-of-narrowed", "only multiples of a multiple are allowed"),
    tightened("multiple-of-set", "only multiples of a number are allowed"),
    loosened(
        "multiple-of-unset",
        "not only multiples of a number are allowed any more",
    ),
    tightened("pattern-added", "a pattern was added"),
    altered("pattern-changed", "the pattern is another one"),
    loosened("pattern-removed", "the pattern was removed"),
    tightened("unique-items-set", "items must differ"),
    loosened("unique-items-unset", "items may be equal"),
];
