//! The headers that routing wants of the requests of a contract, and how each is told from the others at a glance.

use std::array;

use http::header::{self, HeaderName};

use crate::route::dye::{FACTS, SCORES};
use crate::route::{Table, UserKey};
use crate::trace::TRACEPARENT;

/// How many headers can be wanted: those of all facts and scores, of the user, and those that always are. A power of two, so that every
/// number can be made to fit.
pub(crate) const WANTED: usize = 32;

const _: () = assert!(FACTS + SCORES + 4 <= WANTED && WANTED.is_power_of_two());

/// The number of the header that names a version.
pub(crate) const VERSION: usize = 0;
/// The number of `Accept`.
pub(crate) const ACCEPT: usize = 1;
/// The number of `traceparent`.
pub(crate) const TRACE: usize = 2;

/// Into how many kinds names are parted by their length; a power of two.
const KINDS: usize = 32;

/// All headers that are wanted, numbered; one that is wanted for several things stands once.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// Those behind the last one have no name.
    names: [Name; WANTED],
    /// By the kind of a name which of them it may be, by one bit each. Most headers of a request are none of these, and are passed over
    /// without a comparison.
    kinds: [u32; KINDS],
    /// The header that tells users apart, where the table says that a header does.
    pub(crate) user: Option<usize>,
    /// The headers that say the facts and scores of the table, as it counts its places.
    pub(crate) places: Box<[Option<usize>]>,
    /// The facts that headers say, each with its header, where nothing else of a request says any; they are taken down at once.
    pub(crate) facts: Option<Box<[(usize, usize)]>>,
}

/// A name, laid out to be compared in a few steps.
#[derive(Debug, Default)]
struct Name {
    ends: Ends,
    /// All of it, where its ends are not.
    text: Option<Box<[u8]>>,
}

/// The length of a name, and its first and its last bytes: all of one of four to sixteen bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Ends {
    length: usize,
    first: u64,
    last: u64,
}

impl Ends {
    #[inline(always)] // asked of every header of every request
    fn of(text: &[u8]) -> Self {
        let (first, last) = match (text.first_chunk(), text.last_chunk()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => match (text.first_chunk(), text.last_chunk()) {
                (Some(first), Some(last)) => (
                    u32::from_le_bytes(*first).into(),
                    u32::from_le_bytes(*last).into(),
                ),
                _ => (0, 0),
            },
        };
        Self {
            length: text.len(),
            first,
            last,
        }
    }
}

impl Name {
    fn new(name: &HeaderName) -> Self {
        let text = name.as_str().as_bytes();
        Self {
            ends: Ends::of(text),
            text: Some(text.into()).filter(|_| !(4..=16).contains(&text.len())),
        }
    }

    #[inline(always)] // asked of every header of every request
    fn is(&self, ends: Ends, other: &[u8]) -> bool {
        self.ends == ends && self.text.as_deref().is_none_or(|text| text == other)
    }
}

impl Wanted {
    /// What a table wants, of requests that name their version in a header.
    pub(crate) fn new(version: &HeaderName, table: &Table) -> Self {
        let mut names = vec![version.clone(), header::ACCEPT, TRACEPARENT];
        let mut number = |place: Option<&UserKey>| match place {
            Some(UserKey::Header(name)) => {
                let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
                let known = names.iter().position(|known| *known == name);
                Some(known.unwrap_or_else(|| {
                    names.push(name);
                    names.len() - 1
                }))
            }
            _ => None,
        };
        let user = number(table.user_key());
        // Where no rule is, no fact matters.
        let places = table.places().filter(|_| table.asks_for_facts());
        let places: Box<[_]> = places.map(&mut number).collect();
        let elsewhere =
            |source: Option<&UserKey>| matches!(source, Some(UserKey::Cookie(_) | UserKey::Query(_)));
        let mut sources = table.named_facts().map(|(_, source)| source);
        let facts = (!sources.any(elsewhere)).then(|| {
            let facts = places.iter().take(table.named_facts().count()).enumerate();
            facts
                .filter_map(|(place, header)| Some((place, (*header)?)))
                .collect()
        });
        let mut kinds = [0; KINDS];
        for (number, name) in names.iter().enumerate() {
            kinds[name.as_str().len() % KINDS] |= 1 << number;
        }
        let mut names = names.iter().map(Name::new);
        Self {
            names: array::from_fn(|_| names.next().unwrap_or_default()),
            kinds,
            user,
            places,
            facts,
        }
    }

    /// The number of a header, if it is wanted.
    #[inline(always)] // asked of every header of every request
    pub(crate) fn number(&self, name: &HeaderName) -> Option<usize> {
        let text = name.as_str().as_bytes();
        let mut candidates = self.kinds[text.len() % KINDS];
        if candidates == 0 {
            return None;
        }
        let ends = Ends::of(text);
        while candidates != 0 {
            let number = candidates.trailing_zeros() as usize % WANTED;
            if self.names[number].is(ends, text) {
                return Some(number);
            }
            candidates &= candidates - 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::VersionState;
    use crate::route::{ContractShape, InitialTable};

    fn table(rules: bool) -> Table {
        let shape = ContractShape {
            id: "notes".into(),
            versions: vec![VersionState::offered(semver::Version::new(1, 0, 0))],
            operations: vec![vec!["get_note"]],
            answers: vec![vec![vec![true]]],
            present: vec![true],
        };
        let rules = if rules {
            serde_json::json!([{ "name": "all", "match": {}, "to": { "1.0.0": 100 } }])
        } else {
            serde_json::json!([])
        };
        let document = serde_json::json!({
            "default_version": "1.0.0",
            "shares": {},
            "user_key": { "header": "X-User" },
            "facts": { "who": { "header": "X-User" }, "plan": { "cookie": "plan" }, "lang": { "header": "Accept-Language" } },
            "scores": { "fraud": { "header": "X-Fraud" } },
            "rules": rules,
        });
        let document = serde_json::from_value(document).expect("a document");
        let first = Table::initial(&shape, &InitialTable::default()).expect("a table");
        first.replace(&shape, &document).expect("a table")
    }

    #[track_caller]
    fn check(rules: bool, name: &str, expected: &[&str]) {
        let wanted = Wanted::new(&HeaderName::from_static("x-api-version"), &table(rules));
        let table = table(rules);
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
        let number = wanted.number(&name);
        let always = [(VERSION, "version"), (ACCEPT, "accept"), (TRACE, "trace")];
        let mut found: Vec<&str> = always
            .into_iter()
            .filter_map(|(known, role)| (number == Some(known)).then_some(role))
            .collect();
        found.extend(Some("user").filter(|_| number.is_some() && number == wanted.user));
        let of_place = wanted.places.iter().zip(table.names());
        found.extend(
            of_place.filter_map(|(place, name)| (number.is_some() && number == *place).then_some(name)),
        );
        assert_eq!(found, expected, "{name}");
    }

    #[test]
    fn headers_have_numbers() {
        for rules in [true, false] {
            check(rules, "x-api-version", &["version"]);
            check(rules, "Accept", &["accept"]);
            check(rules, "traceparent", &["trace"]);
            check(rules, "host", &[]);
            check(rules, "x-usex", &[]);
        }
        check(true, "X-User", &["user", "who"]);
        check(true, "accept-language", &["lang"]);
        check(true, "x-fraud", &["fraud"]);
        // Without a rule no fact matters.
        check(false, "X-User", &["user"]);
        check(false, "x-fraud", &[]);
    }

    #[test]
    fn names_are_compared_to_the_last_byte() {
        let long = "x-".repeat(20);
        for name in [
            "x",
            "ab",
            "abcd",
            "abcdefg",
            "abcdefgh",
            "abcdefghijklmnop",
            "abcdefghijklmnopq",
            &long,
        ] {
            let own = Name::new(&HeaderName::from_bytes(name.as_bytes()).expect("a name"));
            let is = |text: &[u8]| own.is(Ends::of(text), text);
            assert!(is(name.as_bytes()), "{name}");
            for at in 0..name.len() {
                let mut other = name.as_bytes().to_vec();
                other[at] = b'!';
                assert!(!is(&other), "{name}, {at}");
            }
            assert!(!is(&name.as_bytes()[1..]), "{name}");
            assert!(!is(format!("{name}a").as_bytes()), "{name}");
        }
    }

    #[test]
    fn few_headers_are_compared() {
        let wanted = Wanted::new(&HeaderName::from_static("x-api-version"), &table(true));
        let usual = [
            "host",
            "user-agent",
            "accept-encoding",
            "authorization",
            "content-type",
            "content-length",
            "cookie",
            "x-request-id",
            "connection",
            "x-forwarded-for",
            "cache-control",
            "if-none-match",
        ];
        let compared = usual.iter().filter(|name| wanted.kinds[name.len() % KINDS] != 0);
        assert!(2 * compared.count() <= usual.len());
    }
}
