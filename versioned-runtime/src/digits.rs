//! Numbers as values of headers.

use http::HeaderValue;

/// How many numbers are written beforehand: most lengths and epochs are smaller, and need neither a box nor a division for it.
const WRITTEN: usize = 10_000;
const DIGITS: usize = 4;

/// The numbers below [`WRITTEN`], one after the other, each with all of its digits.
static TEXT: &str = match std::str::from_utf8(&BYTES) {
    Ok(text) => text,
    Err(_) => panic!("digits are text"),
};

static BYTES: [u8; WRITTEN * DIGITS] = {
    let mut text = [b'0'; WRITTEN * DIGITS];
    let mut number = 0;
    while number < WRITTEN {
        let (mut rest, mut digit) = (number, DIGITS);
        while digit > 0 {
            digit -= 1;
            // A digit is less than 256.
            #[allow(clippy::cast_possible_truncation)]
            {
                text[number * DIGITS + digit] = b'0' + (rest % 10) as u8;
            }
            rest /= 10;
        }
        number += 1;
    }
    text
};

/// The value of a header that says a number.
pub(crate) fn value(number: usize) -> HeaderValue {
    let digits = match number {
        0..10 => 1,
        10..100 => 2,
        100..1_000 => 3,
        _ => DIGITS,
    };
    let end = number.saturating_add(1).saturating_mul(DIGITS);
    match TEXT.get(end - digits..end) {
        Some(text) => HeaderValue::from_static(text),
        None => HeaderValue::from(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_written_as_it_is() {
        for number in (0..WRITTEN + 100).chain([65_535, 1 << 31, usize::MAX]) {
            assert_eq!(value(number), number.to_string());
        }
    }
}
