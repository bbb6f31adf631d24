//! What a type comes down to, with all that its values are held against, in constants.

use super::text;
use crate::constraints::{Constraints, Number};
use crate::schema::{Link, Shape};

/// What a transparent type comes down to, and the constraints on the way there.
pub(super) const fn through(mut link: Link) -> (Link, Constraints) {
    let mut constraints = *link.get().constraints;
    while let Shape::Transparent(inner) = &link.get().shape {
        link = *inner;
        constraints = both(constraints, link.get().constraints);
    }
    (link, constraints)
}

/// Of two that say something of one keyword, the outer one says it.
const fn both(mut outer: Constraints, inner: &Constraints) -> Constraints {
    macro_rules! fill {
        ($($keyword:ident)*) => {$(
            if outer.$keyword.is_none() {
                outer.$keyword = inner.$keyword;
            }
        )*};
    }
    fill! { min_length max_length pattern minimum maximum exclusive_minimum exclusive_maximum multiple_of }
    fill! { min_items max_items min_properties max_properties }
    outer.unique_items |= inner.unique_items;
    outer
}

/// Whether both hold the same against values; a format is a note.
pub(super) const fn alike(a: &Constraints, b: &Constraints) -> bool {
    counts(a.min_length, b.min_length)
        && counts(a.max_length, b.max_length)
        && patterns(a.pattern, b.pattern)
        && numbers(a.minimum, b.minimum)
        && numbers(a.maximum, b.maximum)
        && numbers(a.exclusive_minimum, b.exclusive_minimum)
        && numbers(a.exclusive_maximum, b.exclusive_maximum)
        && numbers(a.multiple_of, b.multiple_of)
        && counts(a.min_items, b.min_items)
        && counts(a.max_items, b.max_items)
        && a.unique_items == b.unique_items
        && counts(a.min_properties, b.min_properties)
        && counts(a.max_properties, b.max_properties)
}

const fn counts(a: Option<u64>, b: Option<u64>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

const fn patterns(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => text(a, b),
        _ => false,
    }
}

#[allow(
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss
)] // whole numbers, or written alike
const fn numbers(a: Option<Number>, b: Option<Number>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(Number::Integer(a)), Some(Number::Integer(b))) => a == b,
        (Some(Number::Float(a)), Some(Number::Float(b))) => a == b,
        (Some(Number::Integer(integer)), Some(Number::Float(float)))
        | (Some(Number::Float(float)), Some(Number::Integer(integer))) => {
            float as i128 == integer && integer as f64 == float
        }
        _ => false,
    }
}
