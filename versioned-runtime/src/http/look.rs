//! One look over the headers of a request, for all that routing wants of them: asking the map for each would hash each name.

use http::{HeaderMap, HeaderValue};

use crate::host::{ACCEPT, TRACE, VERSION, WANTED, Wanted};

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
    /// Looks for all that is wanted.
    #[inline(always)] // what it gives back is large, and would be copied
    pub(super) fn over(headers: &'a HeaderMap, wanted: &'a Wanted) -> Self {
        let mut look = Self {
            wanted,
            first: [None; WANTED],
            often: 0,
        };
        for (name, value) in headers {
            if let Some(number) = wanted.number(name) {
                let place = &mut look.first[number % WANTED];
                look.often |= u32::from(place.is_some()) << number;
                place.get_or_insert(value);
            }
        }
        look
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
    pub(super) fn facts(&self) -> Option<impl Iterator<Item = (usize, &'a HeaderValue)>> {
        let facts = self.wanted.facts.as_ref()?.iter();
        Some(facts.filter_map(|(fact, header)| Some((*fact, self.first(*header)?))))
    }
}

/// Whether an `Accept` may name a version. What has no `v` has neither a `version` nor the `vnd.` of a vendor: most have not, and are
/// not read.
pub(super) fn may_name_version(value: &HeaderValue) -> bool {
    let is_v = |byte: &u8| byte | 0x20 == b'v';
    // Without leaving early, so that many bytes are compared at once.
    value
        .as_bytes()
        .iter()
        .fold(false, |found, byte| found | is_v(byte))
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
        let look = Look::over(&headers, &wanted);
        let flags = [look.accepts_version(), look.traced()];
        let key = look.user().and_then(|value| value.to_str().ok());
        assert_eq!((look.version(), key, flags), expected, "{lines:?}");
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
