//! The constraints that values are made within.

use std::ops::RangeInclusive;

use versioned_core::constraints::{Constraints, Number};

/// How many more characters, items or members than the least there are at most.
const MORE: usize = 3;

/// What was said of a value on the way to it: of a field, and of the types that are written as each other.
#[derive(Clone, Default)]
pub(super) struct Limits(Vec<&'static Constraints>);

impl Limits {
    /// With what a node says of its own.
    pub(super) fn and(&self, constraints: &'static Constraints) -> Self {
        let mut limits = self.clone();
        if *constraints != Constraints::NONE {
            limits.0.push(constraints);
        }
        limits
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn each<T>(&self, get: impl Fn(&Constraints) -> Option<T>) -> impl Iterator<Item = T> {
        self.0.iter().filter_map(move |constraints| get(constraints))
    }

    /// The regular expression that texts match.
    pub(super) fn pattern(&self) -> Option<&'static str> {
        self.0.iter().find_map(|constraints| constraints.pattern)
    }

    /// What texts mean.
    pub(super) fn format(&self) -> Option<&'static str> {
        self.0.iter().find_map(|constraints| constraints.format)
    }

    /// How many characters a text has, if anything is said of that.
    pub(super) fn characters(&self) -> Option<RangeInclusive<usize>> {
        let least = self.each(|constraints| constraints.min_length).max();
        let most = self.each(|constraints| constraints.max_length).min();
        (least.is_some() || most.is_some()).then(|| counts(least, most, 8))
    }

    /// How many items a list has.
    pub(super) fn items(&self) -> RangeInclusive<usize> {
        let least = self.each(|constraints| constraints.min_items).max();
        counts(least, self.each(|constraints| constraints.max_items).min(), MORE)
    }

    /// How many members an object has.
    pub(super) fn properties(&self) -> RangeInclusive<usize> {
        let least = self.each(|constraints| constraints.min_properties).max();
        counts(
            least,
            self.each(|constraints| constraints.max_properties).min(),
            MORE,
        )
    }

    /// Whether no two items are equal.
    pub(super) fn unique(&self) -> bool {
        self.0.iter().any(|constraints| constraints.unique_items)
    }

    /// What numbers are so many times.
    pub(super) fn step(&self) -> Option<Number> {
        self.each(|constraints| constraints.multiple_of).next()
    }

    /// The integers within all bounds.
    pub(super) fn integers(&self, type_range: RangeInclusive<i128>) -> RangeInclusive<i128> {
        let least = self
            .each(|constraints| constraints.minimum.map(ceil))
            .chain(self.each(|constraints| constraints.exclusive_minimum.map(|bound| floor(bound) + 1)));
        let most = self
            .each(|constraints| constraints.maximum.map(floor))
            .chain(self.each(|constraints| constraints.exclusive_maximum.map(|bound| ceil(bound) - 1)));
        let least = least.chain([*type_range.start()]).max();
        let most = most.chain([*type_range.end()]).min();
        least.unwrap_or_default()..=most.unwrap_or_default()
    }

    /// The numbers within all bounds; those that exclude themselves are kept off by the checker.
    pub(super) fn numbers(&self, type_range: RangeInclusive<f64>) -> RangeInclusive<f64> {
        let bounds = |get: fn(&Constraints) -> [Option<Number>; 2]| {
            let bounds = self.0.iter().flat_map(move |constraints| get(constraints));
            bounds.flatten().map(float)
        };
        let least = bounds(|c| [c.minimum, c.exclusive_minimum]).fold(*type_range.start(), f64::max);
        let most = bounds(|c| [c.maximum, c.exclusive_maximum]).fold(*type_range.end(), f64::min);
        least..=most
    }
}

fn counts(least: Option<u64>, most: Option<u64>, more: usize) -> RangeInclusive<usize> {
    let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let least = least.map_or(0, size);
    let most = most.map_or(usize::MAX, size);
    // Bounds that no value keeps are the checker's to tell.
    least..=most.min(least.saturating_add(more)).max(least)
}

/// The number itself, as far as a double holds it.
#[allow(clippy::cast_precision_loss)] // values are made near the bound; the checker keeps off what is beyond
pub(super) fn float(number: Number) -> f64 {
    match number {
        Number::Integer(integer) => integer as f64,
        Number::Float(float) => float,
    }
}

#[allow(clippy::cast_possible_truncation)] // beyond 128 bits it is the bound of those
fn floor(number: Number) -> i128 {
    match number {
        Number::Integer(integer) => integer,
        Number::Float(float) => float.floor() as i128,
    }
}

#[allow(clippy::cast_possible_truncation)] // as above
fn ceil(number: Number) -> i128 {
    match number {
        Number::Integer(integer) => integer,
        Number::Float(float) => float.ceil() as i128,
    }
}
