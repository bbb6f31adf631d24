//! The length of a body as the value of a header.

use http::HeaderValue;

/// How many lengths are written beforehand: most answers are shorter, and need neither a box nor a division for it.
const WRITTEN: usize = 10_000;
const DIGITS: usize = 4;

/// The lengths below [`WRITTEN`], one after the other, each with all of its digits.
static TEXT: &str = match std::str::from_utf8(&BYTES) {
    Ok(text) => text,
    Err(_) => panic!("digits are text"),
};

static BYTES: [u8; WRITTEN * DIGITS] = {
    let mut text = [b'0'; WRITTEN * DIGITS];
    let mut length = 0;
    while length < WRITTEN {
        let (mut rest, mut digit) = (length, DIGITS);
        while digit > 0 {
            digit -= 1;
            // A digit is less than 256.
            #[allow(clippy::cast_possible_truncation)]
            {
                text[length * DIGITS + digit] = b'0' + (rest % 10) as u8;
            }
            rest /= 10;
        }
        length += 1;
    }
    text
};

/// The value of `Content-Length`.
pub(super) fn value(length: usize) -> HeaderValue {
    let digits = match length {
        0..10 => 1,
        10..100 => 2,
        100..1_000 => 3,
        _ => DIGITS,
    };
    let end = length.saturating_add(1).saturating_mul(DIGITS);
    match TEXT.get(end - digits..end) {
        Some(text) => HeaderValue::from_static(text),
        None => HeaderValue::from(length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_written_as_it_is() {
        for length in (0..WRITTEN + 100).chain([65_535, 1 << 31, usize::MAX]) {
            assert_eq!(value(length), length.to_string());
        }
    }
}
