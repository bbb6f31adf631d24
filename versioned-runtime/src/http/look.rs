//! One look over the headers of a request, for all that routing wants of them: asking the map for each would hash each name.

use http::{HeaderMap, HeaderValue};

use crate::host::{ACCEPT, TRACE, VERSION, WANTED, Wanted};
use crate::route::Said;
use crate::words::holds;

/// What a look has found: the headers that are wanted, by their numbers.
#[derive(Debug)]
pub(super) struct Look<'a> {
    wanted: &'a Wanted,
    /// The first value of each.
    first: [Option<&'a HeaderValue>; WANTED],
    /// Those that stand several times, by one bit each.
    often: u32,
}

/// How often a header stands in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<'a> {
    Never,
    Once(&'a HeaderValue),
    Often,
}

impl<'a> Look<'a> {
    /// Nothing was seen yet.
    pub(super) const fn new(wanted: &'a Wanted) -> Self {
        Self {
            wanted,
            first: [None; WANTED],
            often: 0,
        }
    }

    /// Looks for all that is wanted.
    #[inline(never)] // a loop over all headers has all registers for itself
    pub(super) fn over(&mut self, headers: &'a HeaderMap) {
        for (name, value) in headers {
            if let Some(number) = self.wanted.number(name) {
                match &mut self.first[number % WANTED] {
                    Some(_) => self.often |= 1 << number,
                    place => *place = Some(value),
                }
            }
        }
    }

    fn first(&self, number: usize) -> Option<&'a HeaderValue> {
        self.first[number % WANTED]
    }

    /// The header that names a version.
    pub(super) fn version(&self) -> Found<'a> {
        match self.first(VERSION) {
            Some(_) if self.often & 1 << VERSION != 0 => Found::Often,
            Some(value) => Found::Once(value),
            None => Found::Never,
        }
    }

    /// Whether some `Accept` may name a version.
    pub(super) fn accepts_version(&self) -> bool {
        // All of several would have to be read.
        self.often & 1 << ACCEPT != 0 || self.first(ACCEPT).is_some_and(may_name_version)
    }

    pub(super) fn traced(&self) -> bool {
        self.first(TRACE).is_some()
    }

    /// The header that tells users apart: the first one counts, as with every header that stands once.
    pub(super) fn user(&self) -> Option<&'a HeaderValue> {
        self.first(self.wanted.user?)
    }

    /// The header that says a fact or a score, by the number of its place.
    pub(super) fn place(&self, place: usize) -> Option<&'a HeaderValue> {
        self.first(self.wanted.places.get(place).copied().flatten()?)
    }

    /// The facts that headers say, where nothing else of a request says any.
    #[inline(always)] // in the loop over the facts of a request
    pub(super) fn facts(&self) -> Option<impl Iterator<Item = Said<'a>> + Clone> {
        let facts = self.wanted.facts.as_ref()?.iter();
        Some(facts.filter_map(|(fact, header)| Said::in_header(*fact, self.first(*header)?.as_bytes())))
    }
}

/// Makes small letters of eight large ones.
const SMALL: u64 = 0x2020_2020_2020_2020;

/// Whether an `Accept` may name a version. What has no `v` has neither a `version` nor the `vnd.` of a vendor: most have not, and are
/// not read.
pub(super) fn may_name_version(value: &HeaderValue) -> bool {
    let value = value.as_bytes();
    let Some((first, last)) = value.first_chunk().zip(value.last_chunk()) else {
        return value.iter().any(|byte| byte | 0x20 == b'v');
    };
    let has_v = |word: &[u8; 8]| holds(u64::from_le_bytes(*word) | SMALL, b'v');
    // Most have no more than sixteen bytes.
    has_v(first) | has_v(last) || value.len() > 16 && value.as_chunks().0.iter().any(has_v)
}

#[cfg(test)]
mod tests {
    use http::header::HeaderName;

    use super::*;
    use crate::resolve::VersionState;
    use crate::route::{ContractShape, InitialTable, Table, UserKey};

    fn wanted() -> Wanted {
        let shape = ContractShape {
            id: "notes".into(),
            versions: vec![VersionState::offered(semver::Version::new(1, 0, 0))],
            operations: vec![vec!["get_note"]],
            answers: vec![vec![vec![true]]],
            present: vec![true],
        };
        let initial = InitialTable {
            user_key: Some(UserKey::header("X-User")),
            ..InitialTable::default()
        };
        let table = Table::initial(&shape, &initial).expect("a table");
        Wanted::new(&HeaderName::from_static("x-api-version"), &table)
    }

    #[track_caller]
    fn check(lines: &[(&'static str, &'static str)], expected: (Found<'_>, Option<&str>, [bool; 2])) {
        let headers: HeaderMap = lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .fold(HeaderMap::new(), |mut headers, (name, value)| {
                headers.append(name, value);
                headers
            });
        let wanted = wanted();
        let mut look = Look::new(&wanted);
        look.over(&headers);
        let flags = [look.accepts_version(), look.traced()];
        let key = look.user().and_then(|value| value.to_str().ok());
        assert_eq!((look.version(), key, flags), expected, "{lines:?}");
    }

    #[test]
    fn versions_in_accept_are_not_missed() {
        for text in [
            "v",
            "V",
            "a/b;version=1",
            "application/json",
            "*/*",
            "text/html, */*;q=0.8",
            "",
            "w",
            "ö/ö\u{76}",
        ] {
            let value = HeaderValue::from_bytes(text.as_bytes()).expect("a value");
            let expected = text.to_ascii_lowercase().contains('v');
            assert_eq!(may_name_version(&value), expected, "{text}");
        }
        for at in 0..20 {
            let mut text = [b'w'; 20];
            text[at] = b'v';
            assert!(may_name_version(
                &HeaderValue::from_bytes(&text).expect("a value")
            ));
        }
    }

    #[test]
    fn what_is_seen() {
        let one = HeaderValue::from_static("1");
        check(&[], (Found::Never, None, [false; 2]));
        check(
            &[
                ("x-api-version", "1"),
                ("x-api-versiom", "2"),
                ("x-user", "u"),
                ("accept", "*/*"),
            ],
            (Found::Once(&one), Some("u"), [false; 2]),
        );
        check(
            &[
                ("x-api-version", "1"),
                ("x-api-version", "1"),
                ("x-user", "u"),
                ("x-user", "w"),
            ],
            (Found::Often, Some("u"), [false; 2]),
        );
        check(
            &[("accept", "a/b"), ("accept", "application/Vnd.x+json")],
            (Found::Never, None, [true, false]),
        );
        check(
            &[("accept", "a/b"), ("accept", "c/d")],
            (Found::Never, None, [true, false]),
        );
        check(&[("if-modified-since", "x")], (Found::Never, None, [false; 2]));
        check(&[("traceparent", "x")], (Found::Never, None, [false, true]));
    }
}
