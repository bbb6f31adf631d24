//! One look over the headers of a request, for all that routing wants of them: asking the map for each would hash each name.

use http::header::{ACCEPT, HeaderName};
use http::{HeaderMap, HeaderValue};

use crate::trace::TRACEPARENT;

/// What a look has found.
#[derive(Debug, Default)]
pub(super) struct Look<'a> {
    pub(super) version: Found<'a>,
    /// Whether some `Accept` may name a version.
    pub(super) accepts_version: bool,
    pub(super) traced: bool,
    pub(super) user: Option<&'a HeaderValue>,
}

/// How often a header stands in a request.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<'a> {
    #[default]
    Never,
    Once(&'a HeaderValue),
    Often,
}

impl<'a> Look<'a> {
    /// Looks for the version, the key of the user and what is always wanted.
    pub(super) fn over(headers: &'a HeaderMap, version: &HeaderName, user: Option<&HeaderName>) -> Self {
        let mut look = Self::default();
        // Names that the library knows are compared by number, the others by their bytes: most differ in length.
        for (name, value) in headers {
            if *name == ACCEPT {
                look.accepts_version |= may_name_version(value);
            } else if *name == TRACEPARENT {
                look.traced = true;
            }
            // They may be any of these.
            if name == version {
                look.version = match look.version {
                    Found::Never => Found::Once(value),
                    Found::Once(_) | Found::Often => Found::Often,
                };
            }
            // The first one counts, as with every header that stands once.
            if look.user.is_none() && user == Some(name) {
                look.user = Some(value);
            }
        }
        look
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
    use super::*;

    #[track_caller]
    fn check(lines: &[(&'static str, &'static str)], expected: (Found<'_>, Option<&str>, [bool; 2])) {
        let headers: HeaderMap = lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .fold(HeaderMap::new(), |mut headers, (name, value)| {
                headers.append(name, value);
                headers
            });
        let user = HeaderName::from_static("x-user");
        let look = Look::over(&headers, &HeaderName::from_static("x-api-version"), Some(&user));
        let flags = [look.accepts_version, look.traced];
        let key = look.user.and_then(|value| value.to_str().ok());
        assert_eq!((look.version, key, flags), expected, "{lines:?}");
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
        check(&[("if-modified-since", "x")], (Found::Never, None, [false; 2]));
        check(&[("traceparent", "x")], (Found::Never, None, [false, true]));
    }
}
