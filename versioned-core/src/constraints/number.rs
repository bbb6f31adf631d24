//! Numbers as JSON Schema compares them: by value, whatever type they were written as.

use std::cmp::Ordering;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number of JSON: an integer of 64 bits, or a finite IEEE 754 double.
///
/// Equal and ordered by value: `1` is `1.0`.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// From the least `i64` to the greatest `u64`.
    Integer(i128),
    /// Anything else; never NaN or infinite.
    Float(f64),
}

/// The least `i64`, without its sign.
const SIGNED: f64 = 9_223_372_036_854_775_808.0;
/// One more than the greatest `u64`.
const UNSIGNED: f64 = 18_446_744_073_709_551_616.0;

impl Number {
    /// What a JSON number means.
    #[must_use]
    pub fn of(number: &serde_json::Number) -> Self {
        let integer = number
            .as_i64()
            .map(i128::from)
            .or_else(|| number.as_u64().map(i128::from));
        match (integer, number.as_f64()) {
            (Some(integer), _) => Self::Integer(integer),
            (None, Some(float)) if float.is_finite() => Self::Float(float),
            // Of numbers that no double holds the text is all that is left: none of them is in reach of a bound.
            _ if number.to_string().starts_with('-') => Self::Float(f64::MIN),
            _ => Self::Float(f64::MAX),
        }
    }

    /// The number for JSON: whole ones without a fraction, so that equal numbers are written alike.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)] // doubles of that size are whole
    pub fn to_json(self) -> serde_json::Number {
        match self {
            Self::Integer(integer) => match (i64::try_from(integer), u64::try_from(integer)) {
                (Ok(signed), _) => signed.into(),
                (_, Ok(unsigned)) => unsigned.into(),
                // No constant of ours is that large; the nearest that JSON holds keeps the order.
                _ if integer < 0 => i64::MIN.into(),
                _ => u64::MAX.into(),
            },
            Self::Float(float) if float.fract() == 0.0 && (-SIGNED..UNSIGNED).contains(&float) => {
                Self::Integer(float as i128).to_json()
            }
            Self::Float(float) => serde_json::Number::from_f64(float).unwrap_or_else(|| 0.into()),
        }
    }

    /// Whether the value is `of` times an integer, in decimal arithmetic: 0.3 is three times 0.1.
    #[must_use]
    pub fn is_multiple_of(self, of: Self) -> bool {
        let (Some(value), Some(of)) = (Decimal::of(self), Decimal::of(of)) else {
            return false;
        };
        if of.digits == 0 {
            return value.digits == 0;
        }
        let distance = value.exponent.abs_diff(of.exponent);
        if value.exponent >= of.exponent {
            // value.digits · 10^distance mod of.digits, digit by digit: both factors have at most 64 bits.
            let mut rest = value.digits % of.digits;
            for _ in 0..distance {
                if rest == 0 {
                    return true;
                }
                rest = rest * 10 % of.digits;
            }
            return rest == 0;
        }
        let scale = 10_u128.checked_pow(distance);
        match scale.and_then(|scale| of.digits.checked_mul(scale)) {
            Some(of) => value.digits % of == 0,
            // Larger than any value.
            None => value.digits == 0,
        }
    }
}

/// The absolute value of a number: digits · 10^exponent.
struct Decimal {
    digits: u128,
    exponent: i32,
}

impl Decimal {
    /// By the shortest text that means the number, which is what people write.
    fn of(number: Number) -> Option<Self> {
        let text = match number {
            Number::Integer(integer) => {
                return Some(Self {
                    digits: integer.unsigned_abs(),
                    exponent: 0,
                });
            }
            Number::Float(float) => format!("{:e}", float.abs()),
        };
        let (digits, exponent) = text.split_once('e')?;
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let exponent: i32 = exponent.parse().ok()?;
        Some(Self {
            digits: format!("{whole}{fraction}").parse().ok()?,
            exponent: exponent - i32::try_from(fraction.len()).ok()?,
        })
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self::Integer(number.into())
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (*self, *other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(&b),
            // Adding zero makes one of the two zeros.
            (Self::Float(a), Self::Float(b)) => (a + 0.0).total_cmp(&(b + 0.0)),
            (Self::Integer(a), Self::Float(b)) => mixed(a, b),
            (Self::Float(a), Self::Integer(b)) => mixed(b, a).reverse(),
        }
    }
}

/// Exact: a conversion of the integer would round it.
#[allow(clippy::cast_possible_truncation)] // saturates, which keeps the order
fn mixed(integer: i128, float: f64) -> Ordering {
    let whole = float.trunc();
    integer
        .cmp(&(whole as i128))
        .then_with(|| 0.0_f64.total_cmp(&(float - whole + 0.0)))
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Number::deserialize(deserializer).map(|number| Self::of(&number))
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer(integer) => integer.fmt(f),
            Self::Float(float) => float.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Number::{Float, Integer};
    use proptest::prelude::*;

    #[track_caller]
    fn check(value: Number, of: Number, expected: bool) {
        assert_eq!(value.is_multiple_of(of), expected, "{value} of {of}");
    }

    #[test]
    fn multiples_are_those_of_decimal_arithmetic() {
        check(Integer(9), Integer(3), true);
        check(Integer(-9), Integer(3), true);
        check(Integer(10), Integer(3), false);
        check(Integer(0), Float(0.01), true);
        check(Float(0.3), Float(0.1), true);
        check(Float(0.35), Float(0.1), false);
        check(Float(19.99), Float(0.01), true);
        check(Integer(7), Float(0.5), true);
        check(Float(7.25), Float(0.5), false);
        check(Float(4.5), Integer(2), false);
        check(Float(1e300), Integer(7), false);
        check(Float(1e300), Float(1e-300), true);
        check(Float(1e-300), Float(1e300), false);
        check(Integer(u64::MAX.into()), Integer(u64::MAX.into()), true);
    }

    #[test]
    fn equal_numbers_are_written_alike() {
        for (number, text) in [
            (Float(1e3), "1000"),
            (Float(-0.0), "0"),
            (Float(0.5), "0.5"),
            (Float(1e16), "10000000000000000"),
            (Float(-1e18), "-1000000000000000000"),
            (Float(UNSIGNED), "1.8446744073709552e+19"),
            (Float(1e300), "1e+300"),
            (Integer(i128::from(u64::MAX)), "18446744073709551615"),
        ] {
            assert_eq!(number.to_json().to_string(), text);
        }
    }

    #[test]
    fn numbers_are_compared_by_value() {
        assert_eq!(Integer(1), Float(1.0));
        assert_eq!(Float(0.0), Float(-0.0));
        assert_eq!(Integer(0), Float(-0.0));
        assert!(Integer(1) < Float(1.5) && Float(-1.5) < Integer(-1));
        // Equal as doubles, but not as numbers.
        assert!(Integer(i128::from(u64::MAX)) < Float(18_446_744_073_709_551_616.0));
        assert!(Integer((1 << 53) + 1) > Float(9_007_199_254_740_992.0));
    }

    proptest! {
        #[test]
        fn the_order_is_one(a in any::<i64>(), b in any::<f64>(), c in any::<f64>()) {
            prop_assume!(b.is_finite() && c.is_finite());
            let mut numbers = [Integer(a.into()), Float(b), Float(c)];
            numbers.sort();
            prop_assert!(numbers[0] <= numbers[1] && numbers[1] <= numbers[2] && numbers[0] <= numbers[2]);
        }

        #[test]
        fn what_is_written_is_read(a in any::<i64>(), b in any::<u64>(), c in any::<i32>()) {
            for number in [Integer(a.into()), Integer(b.into()), Float(f64::from(c) / 64.0)] {
                let text = serde_json::to_string(&number).expect("a number");
                prop_assert_eq!(serde_json::from_str::<Number>(&text).expect("a number"), number);
            }
        }

        #[test]
        fn no_multiple_panics(a in any::<f64>(), b in any::<f64>(), n in any::<u32>()) {
            prop_assume!(a.is_finite() && b.is_finite());
            let _ = Float(a).is_multiple_of(Float(b));
            prop_assert!(Integer(i128::from(n) * 5).is_multiple_of(Integer(5)));
        }
    }
}
