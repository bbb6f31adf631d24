//! The facts of a request as it says them: what a dye is composed of, and what memos know it by.
//!
//! Composing a key costs more than comparing one, and most requests say what another one said before: so what was said is kept as it
//! stands, and composed only where no memo knows it.

use super::dye::{Dye, FACTS, Fact, SHORT, VALUE, is_plain_ascii};
use crate::text::Pieces;

/// The number of a fact and the length of its value stand before the value.
const HEAD: usize = 2;

/// Stands with the number of a fact that was said in a header: it is one only if it is ASCII.
const HEADER: u8 = 0x80;

/// What a request says of one fact.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'a> {
    /// The number of the fact, with [`HEADER`] where that is so.
    pub(super) mark: u8,
    pub(super) value: &'a [u8],
}

impl<'a> Said<'a> {
    /// What a header says of a fact; none if it is empty, or too long for a key.
    #[inline(always)] // a few steps, in the loop over the facts of a request
    pub(crate) fn in_header(number: usize, value: &'a [u8]) -> Option<Self> {
        Self::new(number, HEADER, value)
    }

    #[inline(always)]
    fn new(number: usize, mark: u8, value: &'a [u8]) -> Option<Self> {
        let number = u8::try_from(number).ok()?;
        let fits = !value.is_empty() && value.len() <= VALUE && number < HEADER;
        fits.then_some(Self {
            mark: number | mark,
            value,
        })
    }
}

/// Composes the dye of what is said under a table that names facts so.
pub(super) fn compose<'a>(said: impl Iterator<Item = Said<'a>>, named: &[Fact], dye: &mut Dye) {
    dye.clear();
    for Said { mark, value } in said {
        if mark & HEADER != 0 && !value.is_ascii() {
            continue;
        }
        let number = usize::from(mark & !HEADER);
        // What is not from a header came as text.
        if let Some(fact) = named.get(number) {
            dye.push_bytes(number, &fact.name, value);
        }
    }
}

/// What stands before the value of a fact in a key, with what parts it from the one before.
#[derive(Debug, Clone)]
pub(super) struct Head(Box<[u8]>);

impl Head {
    pub(super) fn of(fact: &Fact) -> Self {
        Self(format!("|{}:", fact.name).into_bytes().into())
    }

    /// Where none stands before it.
    fn first(&self) -> &[u8] {
        self.0.get(1..).unwrap_or_default()
    }
}

/// Composes the key of what is said, and tells the value of each fact, where the key is short and all values stand in it as they are: it
/// takes a third of the steps that [`compose`] takes.
#[inline(always)] // what it gives back is large, and would be copied
pub(super) fn compose_short<'a>(
    said: impl Iterator<Item = Said<'a>>,
    heads: &[Head],
    values: &mut [&'a [u8]; FACTS],
) -> Option<Pieces<SHORT>> {
    let mut key = Pieces::NONE;
    for Said { mark, value } in said {
        let number = usize::from(mark & !HEADER);
        let (head, place) = heads.get(number).zip(values.get_mut(number))?;
        if !is_plain_ascii(value) {
            return None;
        }
        key.push(if key.is_empty() { head.first() } else { &head.0 })?;
        key.push(value)?;
        *place = value;
    }
    Some(key)
}

/// What one request says of the facts of a table, in the order of their numbers.
#[derive(Debug, Clone)]
pub struct Facts {
    bytes: [u8; FACTS * (HEAD + VALUE)],
    length: usize,
}

impl Default for Facts {
    fn default() -> Self {
        Self::NONE
    }
}

impl Facts {
    /// Nothing is said.
    pub const NONE: Self = Self {
        bytes: [0; FACTS * (HEAD + VALUE)],
        length: 0,
    };

    /// Forgets everything; the next request uses the same room.
    pub fn clear(&mut self) {
        self.length = 0;
    }

    /// Adds a fact; facts come in the order of their numbers. Empty values, and those that no key has room for, are none.
    pub fn push(&mut self, number: usize, value: &str) {
        let Some(said) = Said::new(number, 0, value.as_bytes()) else {
            return;
        };
        let end = self.length + HEAD + value.len();
        if let (Some([mark, length, rest @ ..]), Ok(bytes)) =
            (self.bytes.get_mut(self.length..end), u8::try_from(value.len()))
        {
            (*mark, *length) = (said.mark, bytes);
            rest.copy_from_slice(said.value);
            self.length = end;
        }
    }

    /// All that was said.
    pub(crate) fn said(&self) -> impl Iterator<Item = Said<'_>> + Clone {
        let mut rest = self.bytes.get(..self.length).unwrap_or_default();
        std::iter::from_fn(move || {
            let [mark, length, more @ ..] = rest else {
                return None;
            };
            let (value, after) = more.split_at_checked(usize::from(*length))?;
            rest = after;
            Some(Said { mark: *mark, value })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<Fact> {
        let fact = |name: &&str| Fact {
            name: (*name).into(),
            source: None,
        };
        names.iter().map(fact).collect()
    }

    fn heads(named: &[Fact]) -> Vec<Head> {
        named.iter().map(Head::of).collect()
    }

    #[track_caller]
    fn check(said: &[(usize, &str)], key: &str) {
        let (mut facts, mut dye) = (Facts::default(), Dye::default());
        for (number, value) in said {
            facts.push(*number, value);
        }
        let named = named(&["region", "tier", "user_type"]);
        compose(facts.said(), &named, &mut dye);
        assert_eq!(dye.text(), key);
        let mut values = [&[][..]; FACTS];
        if let Some(short) = compose_short(facts.said(), &heads(&named), &mut values) {
            assert_eq!(short.as_bytes(), key.as_bytes());
            for (number, value) in values.into_iter().enumerate() {
                assert_eq!(dye.value(number).unwrap_or_default(), value);
            }
        }
    }

    #[test]
    fn most_keys_are_composed_in_few_steps() {
        let short = |said: &[(usize, &str)]| {
            let mut facts = Facts::default();
            for (number, value) in said {
                facts.push(*number, value);
            }
            let heads = heads(&named(&["region", "tier"]));
            compose_short(facts.said(), &heads, &mut [&[]; FACTS]).is_some()
        };
        assert!(short(&[]));
        assert!(short(&[(0, "cn-east"), (1, "low")]));
        assert!(!short(&[(0, "a|b")]));
        assert!(!short(&[(0, "größe")]));
        assert!(!short(&[(0, &"v".repeat(60))]));
    }

    #[test]
    fn facts_compose_the_key_of_the_dye() {
        check(&[], "");
        check(
            &[(0, "cn-east"), (1, "low"), (2, "premium")],
            "region:cn-east|tier:low|user_type:premium",
        );
        check(&[(0, ""), (1, "low")], "tier:low");
        check(&[(0, "a|tier:low%\n")], "region:a%7Ctier:low%25%0A");
        check(&[(0, &"x".repeat(65)), (1, "low")], "tier:low");
        check(&[(0, &"|".repeat(22)), (1, "größe")], "tier:größe");
        check(&[(7, "x"), (300, "y")], "");
    }

    #[test]
    fn headers_are_ascii() {
        let said = [&b"cn-east"[..], "größe".as_bytes(), b"\xff"];
        let said = said.iter().enumerate();
        let said = said.filter_map(|(number, value)| Said::in_header(number, value));
        let mut dye = Dye::default();
        compose(said, &named(&["region", "tier", "user_type"]), &mut dye);
        assert_eq!(dye.text(), "region:cn-east");
    }

    #[test]
    fn there_is_room_for_all() {
        let mut facts = Facts::default();
        for number in 0..FACTS {
            facts.push(number, &"v".repeat(VALUE));
        }
        facts.push(FACTS, "v");
        assert_eq!(facts.said().count(), FACTS);
        assert!(facts.said().all(|said| said.value == [b'v'; VALUE]));
    }
}
