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

/// How many of them are values already: those that nearly all answers say.
const VALUES: usize = 1_000;

static READY: [HeaderValue; VALUES] = {
    let mut values = [const { HeaderValue::from_static("") }; VALUES];
    let mut number = 0;
    while number < VALUES {
        let value = HeaderValue::from_static(text(number));
        // Nothing is dropped in a constant.
        std::mem::forget(std::mem::replace(&mut values[number], value));
        number += 1;
    }
    values
};

/// The digits of a number that is written.
const fn text(number: usize) -> &'static str {
    let digits = match number {
        0..10 => 1,
        10..100 => 2,
        100..1_000 => 3,
        _ => DIGITS,
    };
    let (before, _) = TEXT.split_at((number + 1) * DIGITS);
    before.split_at(before.len() - digits).1
}

/// The value of a header that says a number.
#[inline(always)] // what it gives back would be copied
pub(crate) fn value(number: usize) -> HeaderValue {
    match READY.get(number) {
        Some(value) => value.clone(),
        None => written(number),
    }
}

#[inline(never)] // most numbers are ready, and would pay for the room that it takes
fn written(number: usize) -> HeaderValue {
    if number < WRITTEN {
        HeaderValue::from_static(text(number))
    } else {
        HeaderValue::from(number)
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
