//! Short texts in words of the machine: copied, mixed and compared in a few steps, where a call of `memcpy` or `memcmp` would cost more
//! than its work.

/// Copies a text into a place of the same length.
#[inline(always)] // where its room is known, nothing is called
pub(crate) fn copy(to: &mut [u8], from: &[u8]) {
    match from.len() {
        8..=16 => copy_ends::<8>(to, from),
        4..=7 => copy_ends::<4>(to, from),
        17..=32 => copy_ends::<16>(to, from),
        // The first, the middle and the last one are all of three.
        1..=3 => [0, from.len() / 2, from.len() - 1].into_iter().for_each(|at| {
            to.get_mut(at)
                .zip(from.get(at))
                .into_iter()
                .for_each(|(to, from)| *to = *from);
        }),
        _ => to.copy_from_slice(from),
    }
}

/// Whether all of them are ASCII.
#[inline(always)] // a few steps
pub(crate) fn are_ascii<const N: usize>(bytes: &[u8; N]) -> bool {
    let (words, rest) = bytes.as_chunks();
    let last = bytes.last_chunk().map_or(0, |last| u64::from_le_bytes(*last));
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let short = N < 8 && !rest.is_ascii();
    words.fold(last, |all, word| all | word) & 0x8080_8080_8080_8080 == 0 && !short
}

/// Copies a text of `N` bytes or more, at most twice as many: its first and its last ones.
#[inline(always)]
fn copy_ends<const N: usize>(to: &mut [u8], from: &[u8]) {
    if let (Some(first), Some(last)) = (from.first_chunk::<N>(), from.last_chunk::<N>())
        && to.len() == from.len()
    {
        to.first_chunk_mut().into_iter().for_each(|to| *to = *first);
        to.last_chunk_mut().into_iter().for_each(|to| *to = *last);
    }
}

/// A copy of a text with zeros behind it; none if it does not fit.
#[inline(always)] // what it gives back is large, and would be copied
pub(crate) fn padded<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    copy(bytes.get_mut(..text.len())?, text);
    Some(bytes)
}

/// Texts one after the other, each with a mark; equal words are equal marks and texts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<const N: usize> {
    words: [u64; N],
    count: usize,
}

impl<const N: usize> Words<N> {
    pub(crate) const NONE: Self = Self {
        words: [0; N],
        count: 0,
    };

    /// Adds a text of at most 255 bytes; none if there is no room for it.
    #[inline(always)] // a few steps, in the loop over the facts of a request
    pub(crate) fn push(&mut self, mark: u32, text: &[u8]) -> Option<()> {
        let length = u8::try_from(text.len()).ok()?;
        let [head, room @ ..] = self.words.get_mut(self.count..)? else {
            return None;
        };
        *head = u64::from(mark) << 8 | u64::from(length);
        self.count += 1 + match room {
            [only, ..] if text.len() <= 8 => {
                *only = word(text);
                1
            }
            room => fill(room, text)?,
        };
        Some(())
    }

    /// A hash of all that was added; its low bits depend on all of it.
    #[inline(always)] // a few steps
    pub(crate) fn hash(&self, seed: u64) -> u64 {
        let used = self.words.iter().take(self.count);
        let hash = used.fold(seed, |hash, word| mix(hash, *word));
        // The high bits of a product depend on all of it, the low ones on the low ones alone.
        hash.rotate_left(6)
    }
}

impl<const N: usize> PartialEq for Words<N> {
    #[inline(always)] // a few steps
    fn eq(&self, other: &Self) -> bool {
        let both = self.words.iter().zip(&other.words).take(self.count);
        // Without leaving early: they are few, and mostly equal.
        let differ = both.fold(0, |differ, (one, other)| differ | one ^ other);
        self.count == other.count && differ == 0
    }
}

impl<const N: usize> Eq for Words<N> {}

/// A text of at most 24 bytes, as three words. They do not tell its length.
#[inline(always)] // a few steps, and what it gives back stays in registers
pub(crate) fn three(text: &[u8]) -> Option<[u64; 3]> {
    let last = |text: &[u8]| text.last_chunk().map_or(0, |last| u64::from_le_bytes(*last));
    let [first, second] = [0, 8].map(|at| text.get(at..).and_then(|rest| rest.first_chunk()));
    let [first, second] = [first, second].map(|word| word.map_or(0, |word| u64::from_le_bytes(*word)));
    match text.len() {
        0..=8 => Some([word(text), 0, 0]),
        9..=16 => Some([first, last(text), 0]),
        17..=24 => Some([first, second, last(text)]),
        _ => None,
    }
}

/// Mixes another word into a hash, whose high bits depend on all that was mixed.
#[inline(always)]
pub(crate) const fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(29) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Whether one of eight bytes is this one: where one is nothing but zeros after all were compared, it borrows from the bit before it.
#[inline(always)]
pub(crate) const fn holds(word: u64, byte: u8) -> bool {
    below(word ^ (EACH * byte as u64), 1)
}

/// Whether one of eight bytes is below a limit of at most 128.
#[inline(always)]
pub(crate) const fn below(word: u64, limit: u8) -> bool {
    word.wrapping_sub(EACH * limit as u64) & !word & (0x80 * EACH) != 0
}

/// One in each byte.
const EACH: u64 = 0x0101_0101_0101_0101;

/// A text of at most eight bytes as a word. It does not tell the length of the text.
#[inline(always)]
pub(crate) fn word(text: &[u8]) -> u64 {
    if let Some(all) = text.first_chunk() {
        return u64::from_le_bytes(*all);
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
    }
    text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Writes a text of more than eight bytes, and tells how many words it takes: the last one ends with the text.
#[inline(always)]
fn fill(room: &mut [u64], text: &[u8]) -> Option<usize> {
    let count = text.len().div_ceil(8);
    let (last, whole) = room.get_mut(..count)?.split_last_mut()?;
    for (word, bytes) in whole.iter_mut().zip(text.as_chunks().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    *last = u64::from_le_bytes(*text.last_chunk()?);
    Some(count)
}

/// The first and the last bytes of a text: all of a short one whose length is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Ends {
    first: u64,
    last: u64,
}

impl Ends {
    /// The longest texts that these words tell from all others of their length.
    pub(crate) const LENGTH: usize = 16;

    /// Whether they are all of a text of this length.
    pub(crate) const fn tell(length: usize) -> bool {
        length <= Self::LENGTH
    }

    #[inline(always)] // asked of every header of every request
    pub(crate) fn of(text: &[u8]) -> Self {
        if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
            return Self { first, last };
        }
        let first = word(text);
        Self { first, last: 0 }
    }
}

/// Where a byte stands last in a text.
#[inline(always)] // a few steps, where it stands near the end
pub(crate) fn last(text: &[u8], byte: u8) -> Option<usize> {
    let (rest, words) = text.as_rchunks::<8>();
    for (number, bytes) in words.iter().enumerate().rev() {
        // Without a borrow from one byte to the next, so that none is found beside those that are there.
        let differ = u64::from_le_bytes(*bytes) ^ (EACH * u64::from(byte));
        let other = ((differ & (0x7f * EACH)) + 0x7f * EACH) | differ;
        let equal = !other & (0x80 * EACH);
        if equal != 0 {
            return Some(rest.len() + 8 * number + 7 - equal.leading_zeros() as usize / 8);
        }
    }
    rest.iter().rposition(|other| *other == byte)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_lengths_are_copied() {
        let text: Vec<u8> = (1..=64).collect();
        for length in 0..=64 {
            let text = &text[..length];
            let mut whole = [0; 64];
            whole[..length].copy_from_slice(text);
            assert_eq!(padded(text), Some(whole));
            assert_eq!(padded::<7>(text).is_some(), length <= 7);
        }
    }

    #[track_caller]
    fn check_ascii<const N: usize>() {
        assert!(are_ascii(&[b'a'; N]));
        for at in 0..N {
            let mut bytes = [0; N];
            bytes[at] = 0x80;
            assert!(!are_ascii(&bytes), "{N}, {at}");
        }
    }

    #[test]
    fn what_is_not_ascii_is_seen_everywhere() {
        check_ascii::<0>();
        check_ascii::<7>();
        check_ascii::<8>();
        check_ascii::<38>();
    }

    #[test]
    fn bytes_are_found_in_words() {
        for byte in [0, 1, b'%', b'|', 0x7f] {
            for at in 0..8 {
                for other in (0..=u8::MAX).filter(|other| *other != byte) {
                    let mut bytes = [other; 8];
                    assert!(!holds(u64::from_le_bytes(bytes), byte), "{other}, {byte}");
                    bytes[at] = byte;
                    assert!(holds(u64::from_le_bytes(bytes), byte), "{other}, {byte}");
                }
            }
        }
        for byte in 0..=u8::MAX {
            assert_eq!(
                below(
                    u64::from_le_bytes([b'a', b'b', byte, b'c', 0xff, b'd', b'e', b'f']),
                    0x20
                ),
                byte < 0x20
            );
        }
    }

    proptest! {
        #[test]
        fn the_last_one_is_found(text in prop::collection::vec(prop::sample::select(&[0, 1, b'/' - 1, b'/', b'/' | 0x80, 0xff][..]), 0..40)) {
            let expected = text.iter().rposition(|byte| *byte == b'/');
            prop_assert_eq!(last(&text, b'/'), expected);
        }
    }

    #[test]
    fn three_words_tell_texts_of_one_length_apart() {
        for length in 0..=24 {
            let text = vec![b'a'; length];
            for at in 0..length {
                let mut other = text.clone();
                other[at] = b'b';
                assert_ne!(three(&text), three(&other), "{length}, {at}");
            }
            assert!(three(&text).is_some());
        }
        assert_eq!(three(&[b'a'; 25]), None);
    }

    #[test]
    fn what_has_no_room_is_none() {
        let fits = |length| {
            let mut words = Words::<3>::NONE;
            words.push(1, &vec![b'v'; length]).is_some()
        };
        assert_eq!(
            [0, 8, 9, 16, 17, 300].map(fits),
            [true, true, true, true, false, false]
        );
        let mut full = Words::<2>::NONE;
        assert_eq!(full.push(1, b"v"), Some(()));
        assert_eq!(full.push(2, b"w"), None);
    }

    #[track_caller]
    fn check_spread(text: impl Fn(u32) -> String) {
        let place = |number| {
            let mut words = Words::<16>::NONE;
            words.push(7, text(number).as_bytes()).expect("room");
            words.hash(1) % 64
        };
        let places: HashSet<u64> = (100..164).map(place).collect();
        // 64 balls leave a third of 64 boxes empty, and more than half of them with a chance below one in a thousand.
        assert!(places.len() > 32, "{}: {}", text(100), places.len());
    }

    #[test]
    fn hashes_spread() {
        check_spread(|number| format!("1.{number}.0"));
        // What differs stands at the end of most texts.
        for before in [
            "",
            "ab",
            "tier",
            "acme-",
            "tenant-",
            "some-tenant-",
            "67e55044-10b1-426f-9247-bb680e5fe",
        ] {
            check_spread(|number| format!("{before}{number}"));
        }
    }

    proptest! {
        #[test]
        fn equal_words_are_equal_texts(
            one in prop::collection::vec((0_u32..3, "[ab\0]{0,20}"), 0..4),
            other in prop::collection::vec((0_u32..3, "[ab\0]{0,20}"), 0..4),
        ) {
            let words = |texts: &[(u32, String)]| {
                let mut words = Words::<16>::NONE;
                for (mark, text) in texts {
                    words.push(*mark, text.as_bytes()).expect("room");
                }
                words
            };
            prop_assert_eq!(words(&one) == words(&other), one == other);
            prop_assert!(words(&one) != words(&other) || words(&one).hash(5) == words(&other).hash(5));
        }
    }
}
