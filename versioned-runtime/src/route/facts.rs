//! The facts of a request as it says them: what a dye is composed of, and what memos know it by.
//!
//! Composing a key costs more than comparing one, and most requests say what another one said before: so what was said is kept as it
//! stands, and composed only where no memo knows it.

use super::dye::{Dye, FACTS, Fact, VALUE};

/// The number of a fact and the length of its value stand before the value.
const HEAD: usize = 2;

/// Stands with the number of a fact that was said in a header: it is one only if it is ASCII.
const HEADER: u8 = 0x80;

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
    #[inline]
    pub fn push(&mut self, number: usize, value: &str) {
        self.add(number, 0, value.as_bytes());
    }

    /// Adds what a header says of a fact; what is no ASCII is none.
    #[inline]
    pub fn push_header(&mut self, number: usize, value: &[u8]) {
        self.add(number, HEADER, value);
    }

    #[inline]
    fn add(&mut self, number: usize, mark: u8, value: &[u8]) {
        let (Ok(number), Ok(length)) = (u8::try_from(number), u8::try_from(value.len())) else {
            return;
        };
        if value.is_empty() || value.len() > VALUE || number >= HEADER {
            return;
        }
        let end = self.length + HEAD + value.len();
        if let Some([first, second, rest @ ..]) = self.bytes.get_mut(self.length..end) {
            (*first, *second) = (number | mark, length);
            rest.copy_from_slice(value);
            self.length = end;
        }
    }

    /// All that was said: equal bytes say the same.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Composes the dye that these facts are under a table that names them so.
    pub(super) fn compose(&self, named: &[Fact], dye: &mut Dye) {
        dye.clear();
        let mut rest = self.bytes();
        while let [number, length, more @ ..] = rest {
            let (value, after) = more.split_at_checked(usize::from(*length)).unwrap_or_default();
            rest = after;
            if number & HEADER != 0 && !value.is_ascii() {
                continue;
            }
            let number = usize::from(number & !HEADER);
            // What is not from a header came as text.
            if let Some(fact) = named.get(number) {
                dye.push_bytes(number, &fact.name, value);
            }
        }
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

    #[track_caller]
    fn check(said: &[(usize, &str)], key: &str) {
        let (mut facts, mut dye) = (Facts::default(), Dye::default());
        for (number, value) in said {
            facts.push(*number, value);
        }
        facts.compose(&named(&["region", "tier", "user_type"]), &mut dye);
        assert_eq!(dye.text(), key);
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
        let mut facts = Facts::default();
        facts.push_header(0, b"cn-east");
        facts.push_header(1, "größe".as_bytes());
        facts.push_header(2, b"\xff");
        let mut dye = Dye::default();
        facts.compose(&named(&["region", "tier", "user_type"]), &mut dye);
        assert_eq!(dye.text(), "region:cn-east");
    }

    #[test]
    fn what_is_said_is_told_apart() {
        let said = |all: &[(usize, &str)]| {
            let mut facts = Facts::default();
            for (number, value) in all {
                facts.push(*number, value);
            }
            facts.bytes().to_vec()
        };
        assert_ne!(said(&[(0, "ab")]), said(&[(1, "ab")]));
        assert_ne!(said(&[(0, "a"), (1, "b")]), said(&[(0, "ab")]));
        assert_eq!(said(&[(0, ""), (1, "b")]), said(&[(1, "b")]));
    }

    #[test]
    fn there_is_room_for_all() {
        let mut facts = Facts::default();
        for number in 0..FACTS {
            facts.push(number, &"v".repeat(VALUE));
        }
        assert_eq!(facts.bytes().len(), FACTS * (HEAD + VALUE));
        facts.push(FACTS, "v");
        assert_eq!(facts.bytes().len(), FACTS * (HEAD + VALUE));
    }
}
