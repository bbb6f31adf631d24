//! What caches may make of an answer: never more than is true of the version that it was given in.

use http::header::{
    CACHE_CONTROL, ETAG, EXPIRES, HeaderName, IF_MATCH, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED,
};
use http::{HeaderMap, HeaderValue};
use versioned_core::contract::{Operation, Place};

use crate::host::header_value;

/// The headers of a request that carry entity tags (RFC 9110 section 13.1).
const CONDITIONAL: [HeaderName; 3] = [IF_MATCH, IF_NONE_MATCH, IF_RANGE];

/// How the version of an answer was found, and so whom else it may be given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Reach {
    /// The request names it: it is right for every request that says the same, for as long as the implementation says.
    #[default]
    Named,
    /// The request names none, or what is released later would satisfy it, too: a change of the default or a new version makes it another
    /// one.
    Unnamed,
    /// A client pin says it: it is right for this client only, and a change of the pin makes it another one.
    Pinned,
}

/// Takes from the headers of an answer what would let a cache keep it longer, or give it to more clients, than is right.
#[inline(never)] // answers that say nothing themselves would pay for the room that it takes
pub(super) fn restrict(headers: &mut HeaderMap, reach: Reach, grace: u64) {
    let said = match reach {
        Reach::Named => return,
        Reach::Pinned => private(directives(headers)),
        Reach::Unnamed => directives(headers),
    };
    let mut kept = capped(&said, grace);
    // Without a lifetime of their own, caches take one from these, or guess one (RFC 9111, sections 4.2.1 and 4.2.2). What is said of shared
    // ones is none of the others.
    let limited = |directive: &String| match name(directive).as_str() {
        "max-age" | "no-store" => true,
        // Otherwise it is about single headers.
        "no-cache" => !directive.contains('='),
        _ => false,
    };
    if (headers.contains_key(EXPIRES) || headers.contains_key(LAST_MODIFIED)) && !kept.iter().any(limited) {
        let shared = kept.iter().any(|directive| name(directive) == "s-maxage");
        kept.push(if shared { "max-age=0" } else { "no-cache" }.to_owned());
    }
    if kept.is_empty() {
        headers.remove(CACHE_CONTROL);
    } else {
        headers.insert(CACHE_CONTROL, header_value(&kept.join(", ")));
    }
}

/// Only the client's own cache may keep it. What is said of shared ones means nothing then.
fn private(directives: Vec<String>) -> Vec<String> {
    let shared = ["public", "private", "s-maxage", "proxy-revalidate"];
    let kept = directives
        .into_iter()
        .filter(|directive| !shared.contains(&name(directive).as_str()));
    ["private".to_owned()].into_iter().chain(kept).collect()
}

/// No lifetime is longer than the grace, in seconds.
fn capped(directives: &[String], grace: u64) -> Vec<String> {
    let lifetimes = ["max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"];
    // It promises that the answer never changes, which nobody can for another version.
    let changing = directives
        .iter()
        .filter(|directive| name(directive) != "immutable");
    let cap = |directive: &String| {
        let name = name(directive);
        if !lifetimes.contains(&name.as_str()) {
            return directive.clone();
        }
        let seconds = directive
            .split_once('=')
            .map(|(_, value)| value.trim().trim_matches('"'));
        // What is no number is stale (RFC 9111, section 4.2.1).
        let seconds = seconds.and_then(|value| value.parse::<u64>().ok()).unwrap_or(0);
        format!("{name}={}", seconds.min(grace))
    };
    changing.map(cap).collect()
}

/// The name of a directive, in lower case.
fn name(directive: &str) -> String {
    let name = directive.split('=').next().unwrap_or_default();
    name.trim().to_ascii_lowercase()
}

/// The directives of all lines of `Cache-Control`; what stands in quotes is not divided. What is not ASCII is no directive.
fn directives(headers: &HeaderMap) -> Vec<String> {
    let mut found = Vec::new();
    for line in headers.get_all(CACHE_CONTROL).iter().map(characters) {
        let mut quoted = false;
        let parts = line.split(|c| {
            quoted ^= c == '"';
            c == ',' && !quoted
        });
        let parts = parts
            .map(str::trim)
            .filter(|part| !part.is_empty() && part.is_ascii());
        found.extend(parts.map(ToOwned::to_owned));
    }
    found
}

/// A value as text, a character for each byte: tags may have bytes that are no ASCII (RFC 9110 section 8.8.3).
fn characters(value: &HeaderValue) -> String {
    value.as_bytes().iter().map(|byte| char::from(*byte)).collect()
}

/// The value of a text of [`characters`].
fn of_characters(text: &str) -> Option<HeaderValue> {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
    HeaderValue::from_bytes(&bytes?).ok()
}

/// Makes an entity tag one of its version: `"7"` becomes `"7@1.1.0"`. Without that, a cache that holds the answers of several versions
/// could be told that one of them is still good when another one is.
#[inline(never)] // answers that say nothing themselves would pay for the room that it takes
pub(super) fn carry(headers: &mut HeaderMap, version: &HeaderValue) {
    let Some(tag) = headers.get(ETAG).map(characters) else {
        return;
    };
    // Both a strong and a weak tag end in a quote; what does not is no tag.
    if let Some(open) = tag.strip_suffix('"').filter(|open| open.contains('"'))
        && let Some(carried) = of_characters(&format!("{open}@{}\"", characters(version)))
    {
        headers.insert(ETAG, carried);
    }
}

/// Whether an operation reads a header that carries entity tags.
pub(super) fn reads_tags(operation: &Operation) -> bool {
    let conditional = |name: &str| {
        CONDITIONAL
            .iter()
            .any(|known| known.as_str().eq_ignore_ascii_case(name))
    };
    let mut parameters = operation.parameters.iter();
    parameters.any(|parameter| parameter.place == Place::Header && conditional(parameter.wire))
}

/// Gives the implementation back the entity tags that it made for this version; those of others stay as they are and match nothing.
pub(super) fn give_back(headers: &mut HeaderMap, version: &HeaderValue) {
    let end = format!("@{}\"", characters(version));
    for name in CONDITIONAL {
        let lines: Vec<String> = headers.get_all(&name).iter().map(characters).collect();
        if !lines.iter().any(|line| line.contains(&end)) {
            continue;
        }
        headers.remove(&name);
        let lines = lines.iter().map(|line| line.replace(&end, "\""));
        for line in lines.filter_map(|line| of_characters(&line)) {
            headers.append(&name, line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        let pairs = lines
            .iter()
            .map(|line| line.split_once(": ").expect("a header line"));
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(
                http::HeaderName::from_bytes(name.as_bytes()).expect("a name"),
                value.parse().expect("a value"),
            );
        }
        headers
    }

    #[track_caller]
    fn check(reach: Reach, before: &[&str], expected: Option<&str>) {
        let mut headers = headers(before);
        restrict(&mut headers, reach, 60);
        let found: Vec<&str> = headers
            .get_all(CACHE_CONTROL)
            .iter()
            .map(|value| value.to_str().expect("text"))
            .collect();
        assert_eq!(found, Vec::from_iter(expected), "{before:?}");
    }

    #[test]
    fn what_is_named_is_cached_as_it_says() {
        check(
            Reach::Named,
            &["cache-control: public, max-age=86400"],
            Some("public, max-age=86400"),
        );
        check(Reach::Named, &[], None);
    }

    #[test]
    fn what_is_pinned_is_private() {
        check(Reach::Pinned, &[], Some("private"));
        check(
            Reach::Pinned,
            &["cache-control: Public, max-age=60, S-MaxAge=600"],
            Some("private, max-age=60"),
        );
        check(
            Reach::Pinned,
            &["cache-control: private=\"set-cookie, x\", max-age=5"],
            Some("private, max-age=5"),
        );
        check(
            Reach::Pinned,
            &["cache-control: no-store"],
            Some("private, no-store"),
        );
        check(
            Reach::Pinned,
            &["cache-control: public", "cache-control: no-transform"],
            Some("private, no-transform"),
        );
    }

    #[test]
    fn what_is_pinned_is_kept_no_longer_than_the_grace() {
        check(
            Reach::Pinned,
            &["cache-control: public, max-age=31536000, immutable, s-maxage=9, stale-if-error=900"],
            Some("private, max-age=60, stale-if-error=60"),
        );
        // A lifetime in shared caches is none in the client's own, which would guess one.
        check(
            Reach::Pinned,
            &["cache-control: s-maxage=600", "last-modified: x"],
            Some("private, no-cache"),
        );
        check(Reach::Pinned, &["expires: x"], Some("private, no-cache"));
        check(
            Reach::Pinned,
            &["cache-control: no-cache", "expires: x"],
            Some("private, no-cache"),
        );
    }

    #[test]
    fn what_is_unnamed_is_kept_no_longer_than_the_grace() {
        check(Reach::Unnamed, &[], None);
        check(Reach::Unnamed, &["cache-control: max-age=30"], Some("max-age=30"));
        check(
            Reach::Unnamed,
            &["cache-control: public, max-age=3600, s-maxage=\"7200\", immutable, stale-if-error=9999"],
            Some("public, max-age=60, s-maxage=60, stale-if-error=60"),
        );
        check(
            Reach::Unnamed,
            &["cache-control: max-age=ever"],
            Some("max-age=0"),
        );
        check(Reach::Unnamed, &["cache-control: no-store"], Some("no-store"));
        check(Reach::Unnamed, &["last-modified: x"], Some("no-cache"));
        check(
            Reach::Unnamed,
            &["expires: x", "cache-control: public"],
            Some("public, no-cache"),
        );
        // Browsers read `Expires` where only shared caches are told a lifetime.
        check(
            Reach::Unnamed,
            &["expires: x", "cache-control: s-maxage=600"],
            Some("s-maxage=60, max-age=0"),
        );
        check(
            Reach::Unnamed,
            &["cache-control: s-maxage=600"],
            Some("s-maxage=60"),
        );
        check(
            Reach::Unnamed,
            &["cache-control: stale-while-revalidate=86400"],
            Some("stale-while-revalidate=60"),
        );
        check(
            Reach::Unnamed,
            &["cache-control: no-cache=\"x\"", "last-modified: x"],
            Some("no-cache=\"x\", no-cache"),
        );
        check(Reach::Unnamed, &["cache-control: immutable"], None);
        check(
            Reach::Unnamed,
            &["cache-control: max-age=3600, x=\"größe\""],
            Some("max-age=60"),
        );
    }

    /// A tag, as the implementation writes it and as it goes out in 1.1.0; and what comes in, and as the implementation reads it.
    #[track_caller]
    fn tag(written: &str, sent: &str) {
        let version = HeaderValue::from_static("1.1.0");
        let mut answer = headers(&[&format!("etag: {written}")]);
        carry(&mut answer, &version);
        assert_eq!(answer[ETAG], sent);
        let mut request = headers(&[&format!("if-none-match: \"x\", {sent}"), "if-match: *"]);
        give_back(&mut request, &version);
        assert_eq!(request[IF_NONE_MATCH], format!("\"x\", {written}"));
        assert_eq!(request[IF_MATCH], "*");
        let mut other = headers(&[&format!("if-match: {sent}")]);
        give_back(&mut other, &HeaderValue::from_static("1.1.1"));
        assert_eq!(
            other[IF_MATCH], sent,
            "the tag of another version is not one of this"
        );
    }

    #[test]
    fn tags_carry_their_version() {
        tag("\"7\"", "\"7@1.1.0\"");
        tag("W/\"7\"", "W/\"7@1.1.0\"");
        tag("\"\"", "\"@1.1.0\"");
        tag("\"größe\"", "\"größe@1.1.0\"");
        tag("\"a@1.1.0b\"", "\"a@1.1.0b@1.1.0\"");
        tag("seven", "seven");
    }
}
