//! `If-Match`: a client that has read revision 3 does not write over revision 4 (RFC 9110 section 13.1.1).

/// Which revisions a write accepts; revisions count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// The header is missing, or `*`: any revision will do.
    Any,
    /// One of these; empty if nothing in the header could be a revision, so that it never matches.
    OneOf(Vec<u64>),
}

impl Precondition {
    /// Reads the header; revisions may stand in quotes, as entity tags do. A weak tag never matches.
    #[must_use]
    pub fn from_if_match(header: Option<&str>) -> Self {
        match header.map(str::trim) {
            None | Some("*") => Self::Any,
            Some(list) => Self::OneOf(list.split(',').filter_map(revision).collect()),
        }
    }

    /// Whether a row of this revision may be written.
    #[must_use]
    pub fn holds(&self, revision: u64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(accepted) => accepted.contains(&revision),
        }
    }
}

fn revision(tag: &str) -> Option<u64> {
    let tag = tag.trim();
    let inner = tag
        .strip_prefix('"')
        .and_then(|tag| tag.strip_suffix('"'))
        .unwrap_or(tag);
    inner.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: Option<&str>, revision: u64, holds: bool) {
        assert_eq!(
            Precondition::from_if_match(header).holds(revision),
            holds,
            "{header:?} on {revision}"
        );
    }

    #[test]
    fn matches_revisions() {
        check(None, 4, true);
        check(Some("*"), 4, true);
        check(Some("\"4\""), 4, true);
        check(Some("4"), 4, true);
        check(Some("\"3\", \"4\""), 4, true);
        check(Some("\"3\""), 4, false);
        check(Some("W/\"4\""), 4, false);
        check(Some("four"), 4, false);
        check(Some(""), 4, false);
    }
}
