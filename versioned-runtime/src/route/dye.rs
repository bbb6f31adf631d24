//! The dye of a request: its facts, composed into one canonical key on the stack.
//!
//! The key is `name:value` of every fact that the request has, in the order of the names, parted by `|`:
//! `region:cn-east|tier:low|user_type:premium`. In values `|`, `%` and control characters are written as `%7C` and so on, so that
//! no client can add a fact by its value. A value that is longer than [`VALUE`] bytes in the key is none.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{LAST_BUCKET, UserKey};
use crate::text::Text;
use crate::words::{below, copy, holds, word};

/// The most facts that a table can name, with the [`BUILT_IN`] ones.
pub const FACTS: usize = 12;
/// The most scores that a table can name.
pub const SCORES: usize = 8;
/// The longest name of a fact or a score, in bytes.
pub const NAME: usize = 24;
/// The longest value of a fact, as it stands in the key, in bytes.
pub const VALUE: usize = 64;
/// The facts that every table knows; a service that does not find them out leaves them absent.
pub const BUILT_IN: [&str; 4] = ["device", "region", "tier", "user_type"];

/// The longest key that is copied with its request: three facts with usual values need no more.
pub(super) const SHORT: usize = 62;

/// The key of a dye as requests carry it.
pub(crate) type DyeKey = Text<SHORT>;

const KEY: usize = FACTS * (NAME + VALUE + 2);

/// A fact of requests that rules can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its name in the key.
    pub name: Box<str>,
    /// Where a request says it; none for those that the service finds out.
    pub source: Option<UserKey>,
}

/// Who calls, as far as routing cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// The bucket of the user's key.
    pub bucket: u32,
    /// The slot that operators have pinned the user to.
    pub pin: Option<usize>,
}

impl User {
    /// A user without a key, in the bucket that moves last.
    pub const UNKNOWN: Self = Self::at(LAST_BUCKET);

    /// A user in a bucket, not pinned.
    #[must_use]
    pub const fn at(bucket: u32) -> Self {
        Self { bucket, pin: None }
    }
}

/// The facts and scores of one request, as one table numbers them.
#[derive(Debug, Clone)]
pub struct Dye {
    key: [u8; KEY],
    length: usize,
    /// Where the value of each fact stands in the key; an empty range is none.
    values: [(u16, u16); FACTS],
    scores: [f64; SCORES],
}

impl Default for Dye {
    fn default() -> Self {
        Self::NONE
    }
}

impl Dye {
    /// No fact and no score.
    pub const NONE: Self = Self {
        key: [0; KEY],
        length: 0,
        values: [(0, 0); FACTS],
        scores: [f64::NAN; SCORES],
    };

    /// The canonical key; empty where no fact is known.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.key[..self.length]
    }

    /// The key as a request carries it; none where no fact is known.
    pub(super) fn shared_key(&self) -> Option<DyeKey> {
        (self.length > 0).then(|| DyeKey::of_text(self.key()))
    }

    /// The key as text; what is added is always whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(self.key()).unwrap_or_default()
    }

    /// The value of a fact as it stands in the key, by the number of the fact in the table.
    #[must_use]
    pub fn value(&self, fact: usize) -> Option<&[u8]> {
        let (start, end) = *self.values.get(fact)?;
        (start < end).then(|| &self.key[usize::from(start)..usize::from(end)])
    }

    /// A score, by its number in the table.
    #[must_use]
    pub fn score(&self, score: usize) -> Option<f64> {
        self.scores.get(score).copied().filter(|score| score.is_finite())
    }

    /// Forgets everything; the next request uses the same room.
    pub fn clear(&mut self) {
        self.length = 0;
        self.values = [(0, 0); FACTS];
        self.scores = [f64::NAN; SCORES];
    }

    /// Adds a fact; facts come in the order of their numbers. Empty values and those that are too long are none.
    pub(super) fn push(&mut self, number: usize, name: &str, value: &str) {
        self.push_bytes(number, name, value.as_bytes());
    }

    /// The same for a value that is known to be text.
    pub(super) fn push_bytes(&mut self, number: usize, name: &str, value: &[u8]) {
        let escapes = if is_plain(value) {
            0
        } else {
            value.iter().filter(|byte| !PLAIN[usize::from(**byte)]).count()
        };
        let length = value.len() + 2 * escapes;
        if number >= FACTS || name.len() > NAME || value.is_empty() || length > VALUE {
            return;
        }
        if self.length > 0 {
            self.put(b"|");
        }
        self.put(name.as_bytes());
        self.put(b":");
        let start = self.length;
        if escapes == 0 {
            self.put(value);
        } else {
            for byte in value {
                match byte {
                    byte if PLAIN[usize::from(*byte)] => self.put(&[*byte]),
                    byte => self.put(&[b'%', hex(byte >> 4), hex(byte & 15)]),
                }
            }
        }
        // The whole key is shorter than 2^16.
        #[allow(clippy::cast_possible_truncation)]
        {
            self.values[number] = (start as u16, self.length as u16);
        }
    }

    /// Writes on; the key has room for as many facts as there can be.
    #[inline(always)] // where the length is known, little is left of it
    fn put(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if let Some(room) = self.key.get_mut(self.length..end) {
            copy(room, bytes);
            self.length = end;
        }
    }

    /// Sets a score; what is no number, or infinite, is none.
    pub(super) fn set_score(&mut self, number: usize, score: f64) {
        if let Some(place) = self.scores.get_mut(number) {
            *place = if score.is_finite() { score } else { f64::NAN };
        }
    }
}

/// The bytes of values that stand in a key as they are.
static PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut control = 0;
    while control < 0x20 {
        plain[control] = false;
        control += 1;
    }
    plain[0x7f] = false;
    plain[b'|' as usize] = false;
    plain[b'%' as usize] = false;
    plain
};

/// Whether all bytes of a value stand in the key as they are, and are ASCII.
#[inline(always)] // a few steps, in the loop over the facts of a request
pub(super) fn is_plain_ascii(value: &[u8]) -> bool {
    let plain = |word: u64| {
        let other = below(word, 0x20) | holds(word, 0x7f) | holds(word, b'|') | holds(word, b'%');
        !other && word & 0x8080_8080_8080_8080 == 0
    };
    match value.len() {
        0..4 => value
            .iter()
            .all(|byte| byte.is_ascii() && PLAIN[usize::from(*byte)]),
        // Twice some of them: they are all of four bytes or more.
        4..8 => plain(word(value)),
        _ => {
            let last = value
                .last_chunk()
                .is_some_and(|last| plain(u64::from_le_bytes(*last)));
            let mut words = value.as_chunks().0.iter();
            last && words.all(|word| plain(u64::from_le_bytes(*word)))
        }
    }
}

/// Whether all bytes of a value stand in the key as they are.
pub(super) fn is_plain(value: &[u8]) -> bool {
    let plain = |word: u64| {
        let control = below(word, 0x20) | holds(word, 0x7f);
        !(control | holds(word, b'|') | holds(word, b'%'))
    };
    let Some(last) = value.last_chunk() else {
        return value.iter().all(|byte| PLAIN[usize::from(*byte)]);
    };
    let mut words = value.as_chunks().0.iter();
    plain(u64::from_le_bytes(*last)) && words.all(|word| plain(u64::from_le_bytes(*word)))
}

/// Whether a fact can have this value: it is not empty, and not too long as it stands in the key.
pub(crate) fn is_told(value: &str) -> bool {
    let escaped = || value.bytes().filter(|byte| !PLAIN[usize::from(*byte)]).count();
    !value.is_empty() && value.len() <= VALUE && value.len() + 2 * escaped() <= VALUE
}

/// Whether a fact can have this name.
pub(crate) fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    !name.is_empty() && name.len() <= NAME && name.bytes().all(plain)
}

/// The value of a fact in a key that is written out.
pub(crate) fn fact_of<'a>(key: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let mut parts = key.split('|').filter_map(|part| part.split_once(':'));
    let (_, value) = parts.find(|(known, _)| *known == name)?;
    percent_encoding::percent_decode_str(value).decode_utf8().ok()
}

/// All facts of a key that is written out.
pub(crate) fn facts_of(key: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> + Clone {
    let parts = key.split('|').filter_map(|part| part.split_once(':'));
    parts.filter_map(|(name, value)| {
        let value = percent_encoding::percent_decode_str(value).decode_utf8().ok()?;
        Some((name, value))
    })
}

/// Adds facts to a key that does not tell them: what is known of a request goes on to others, also where the table here does not name it.
/// Of a name that stands twice the first counts. Names of a table go first where there are too many; the order of the key stays.
pub(crate) fn add<'a, V: AsRef<str>>(
    key: &mut Option<DyeKey>,
    facts: impl Iterator<Item = (&'a str, V)> + Clone,
) {
    let old = key.as_ref().map_or("", DyeKey::as_str);
    let is_new =
        |(name, value): &(&str, V)| is_name(name) && is_told(value.as_ref()) && fact_of(old, name).is_none();
    // Mostly the table names all of them.
    if !facts.clone().any(|fact| is_new(&fact)) {
        return;
    }
    let mut all: BTreeMap<&str, Cow<'_, str>> = facts_of(old).collect();
    for (name, value) in facts.filter(is_new) {
        if all.len() < FACTS {
            let value = || Cow::Owned(value.as_ref().to_owned());
            all.entry(name).or_insert_with(value);
        }
    }
    let mut dye = Dye::default();
    for (number, (name, value)) in all.iter().enumerate() {
        dye.push(number, name, value);
    }
    let added = dye.shared_key();
    drop(all);
    *key = added;
}

fn hex(digit: u8) -> u8 {
    b"0123456789ABCDEF"[usize::from(digit & 15)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(facts: &[(&str, &str)], key: &str) {
        let mut dye = Dye::default();
        for (number, (name, value)) in facts.iter().enumerate() {
            dye.push(number, name, value);
            assert_eq!(dye.value(number).is_some(), is_told(value), "{value}");
        }
        assert_eq!(dye.text(), key);
    }

    #[test]
    fn keys_are_canonical() {
        check(&[], "");
        check(
            &[("region", "cn-east"), ("tier", "low"), ("user_type", "premium")],
            "region:cn-east|tier:low|user_type:premium",
        );
        check(&[("region", ""), ("tier", "low")], "tier:low");
        check(&[("region", "a|tier:low%\n")], "region:a%7Ctier:low%25%0A");
        check(&[("region", &"x".repeat(65)), ("tier", "low")], "tier:low");
        check(&[("region", &"|".repeat(22)), ("tier", "größe")], "tier:größe");
    }

    #[track_caller]
    fn adds(key: &str, facts: &[(&str, &str)], expected: &str) {
        let mut key = (!key.is_empty()).then(|| DyeKey::of_text(key.as_bytes()));
        add(&mut key, facts.iter().copied());
        assert_eq!(key.as_ref().map_or("", DyeKey::as_str), expected);
    }

    #[test]
    fn facts_are_added_that_are_not_there() {
        adds("", &[], "");
        adds("region:us", &[], "region:us");
        adds("region:us", &[("region", "eu")], "region:us");
        adds(
            "",
            &[("team", "a|b"), ("team", "c"), ("region", "")],
            "team:a%7Cb",
        );
        adds(
            "region:a%7Cb|tier:low",
            &[("team", "b"), ("age", "7")],
            "age:7|region:a%7Cb|team:b|tier:low",
        );
        adds(
            "region:us",
            &[
                ("team", &"x".repeat(65)),
                (&"n".repeat(25), "x"),
                ("Team", "b"),
                ("a|tier", "low"),
                ("", "b"),
            ],
            "region:us",
        );
        // What the table names goes first.
        let names: Vec<String> = (10..30).map(|number| format!("a{number}")).collect();
        let facts: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "x")).collect();
        let mut key = Some(DyeKey::of_text(b"region:us"));
        add(&mut key, facts.into_iter());
        let key = key.expect("a key");
        assert_eq!(facts_of(key.as_str()).count(), FACTS);
        assert_eq!(fact_of(key.as_str(), "region").as_deref(), Some("us"));
    }

    #[test]
    fn plain_values_are_told_from_others() {
        for byte in 0..=u8::MAX {
            for length in 1..20 {
                for at in 0..length {
                    let mut value = vec![b'a'; length];
                    value[at] = byte;
                    let plain = PLAIN[usize::from(byte)];
                    assert_eq!(
                        (is_plain(&value), is_plain_ascii(&value)),
                        (plain, plain && byte.is_ascii()),
                        "{byte}, {length}, {at}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_longest_key_has_room() {
        let (name, value) = ("n".repeat(NAME), "v".repeat(VALUE));
        let mut dye = Dye::default();
        for number in 0..=FACTS {
            dye.push(number, &name, &value);
        }
        assert_eq!(dye.key().len(), FACTS * (NAME + VALUE + 2) - 1);
        assert_eq!(dye.value(FACTS - 1), Some(value.as_bytes()));
        assert_eq!(dye.value(FACTS), None);
    }
}
