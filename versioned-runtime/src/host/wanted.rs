//! The headers that routing wants of the requests of a contract, and how each is told from the others at a glance.

use std::array;

use http::header::{self, HeaderName};

use crate::route::dye::{FACTS, SCORES};
use crate::route::{Table, UserKey};
use crate::trace::TRACEPARENT;
use crate::words::Ends;

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

/// Names of up to this many bytes are compared in a few steps; most names of headers are no longer.
const SHORT: usize = Ends::LENGTH;

/// All headers that are wanted, numbered; one that is wanted for several things stands once.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// The short names; those behind the last one have none.
    names: [Ends; WANTED],
    /// By the length of a name which of them it may be, by one bit each. Most headers of a request are none of these, and are passed over
    /// without a comparison.
    short: [u32; SHORT + 1],
    /// The others, with their numbers.
    long: Box<[(usize, HeaderName)]>,
    /// The header that tells users apart, where the table says that a header does.
    pub(crate) user: Option<usize>,
    /// The headers that say the facts and scores of the table, as it counts its places.
    pub(crate) places: Box<[Option<usize>]>,
    /// The facts that headers say, each with its header, where nothing else of a request says any; they are taken down at once.
    pub(crate) facts: Option<Box<[(usize, usize)]>>,
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
        // Where nobody asks for facts, none is looked for.
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
        let mut short = [0; SHORT + 1];
        let mut long = Vec::new();
        for (number, name) in names.iter().enumerate() {
            match short.get_mut(name.as_str().len()) {
                Some(candidates) => *candidates |= 1 << number,
                None => long.push((number, name.clone())),
            }
        }
        let mut ends = names.iter().map(|name| Ends::of(name.as_str().as_bytes()));
        Self {
            names: array::from_fn(|_| ends.next().unwrap_or_default()),
            short,
            long: long.into(),
            user,
            places,
            facts,
        }
    }

    /// The number of a header, if it is wanted.
    #[inline(always)] // asked of every header of every request
    pub(crate) fn number(&self, name: &HeaderName) -> Option<usize> {
        let text = name.as_str().as_bytes();
        let Some(candidates) = self.short.get(text.len()) else {
            let mut long = self.long.iter();
            return long.find(|(_, wanted)| wanted == name).map(|(number, _)| *number);
        };
        let mut candidates = *candidates;
        if candidates == 0 {
            return None;
        }
        let ends = Ends::of(text);
        loop {
            let number = candidates.trailing_zeros() as usize % WANTED;
            if self.names[number] == ends {
                return Some(number);
            }
            candidates &= candidates - 1;
            if candidates == 0 {
                return None;
            }
        }
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
        // Without a rule nobody asks for facts here.
        check(false, "X-User", &["user"]);
        check(false, "x-fraud", &[]);
    }

    #[test]
    fn names_are_compared_to_the_last_byte() {
        let long = "x-".repeat(20);
        let names = [
            "x",
            "ab",
            "abc",
            "abcd",
            "abcdefg",
            "abcdefgh",
            "abcdefghijklmnop",
            "abcdefghijklmnopq",
            &long,
        ];
        for name in names {
            let header = |name: &str| HeaderName::from_bytes(name.as_bytes()).expect("a name");
            let wanted = Wanted::new(&header(name), &table(false));
            let is = |text: &str| wanted.number(&header(text)) == Some(VERSION);
            assert!(is(name), "{name}");
            for at in 0..name.len() {
                let mut other = name.to_owned();
                other.replace_range(at..=at, "!");
                assert!(!is(&other), "{name}, {at}");
            }
            assert!(name.len() == 1 || !is(&name[1..]), "{name}");
            assert!(!is(&format!("{name}a")), "{name}");
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
        let compared = usual.iter().filter(|name| wanted.short[name.len()] != 0);
        assert!(2 * compared.count() <= usual.len());
    }
}
