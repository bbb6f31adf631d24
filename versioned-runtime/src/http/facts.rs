//! What a request says about itself: the version it wants, and the key of its user. Reading only; nothing is decided here.

use std::borrow::Cow;

use http::header::{ACCEPT, COOKIE};
use http::request::Parts;

use super::{Refusal, problem};
use crate::host::Inner;
use crate::resolve::{Requested, Source, accept_parameters};
use crate::route::UserKey;

use super::paths::PathEntry;

/// The sources of a request, as constraints.
pub(super) fn requested(host: &Inner, entry: &PathEntry, parts: &Parts) -> Result<Requested, Refusal> {
    let mut requested = Requested::new();
    let name = |source| host.settings.sources.name(source);
    let refuse = |source| move |malformed| problem::malformed(&name(source), &malformed);
    if let Some(constraint) = &entry.prefix {
        requested
            .push(Source::Prefix, constraint.clone())
            .map_err(refuse(Source::Prefix))?;
    }
    for value in parts.headers.get_all(&host.version_header) {
        let text = value
            .to_str()
            .map_err(|_| problem::unreadable(&name(Source::Header)))?;
        requested
            .read(Source::Header, text)
            .map_err(refuse(Source::Header))?;
    }
    // An `Accept` that is not text names no version that we could have missed: versions are ASCII.
    let accepted = parts
        .headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    if let Some(constraint) = accept_parameters(accepted).map_err(refuse(Source::Accept))? {
        requested
            .push(Source::Accept, constraint)
            .map_err(refuse(Source::Accept))?;
    }
    if let Some(query) = parts.uri.query() {
        for (_, value) in
            form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| *key == host.settings.sources.query)
        {
            requested
                .read(Source::Query, &value)
                .map_err(refuse(Source::Query))?;
        }
    }
    Ok(requested)
}

/// The key of the user, where the table says that it stands; an empty one is none.
pub(super) fn user_key<'a>(key: Option<&UserKey>, parts: &'a Parts) -> Option<Cow<'a, str>> {
    let found = match key? {
        UserKey::Header(name) => parts.headers.get(name.as_str())?.to_str().ok().map(Cow::Borrowed),
        UserKey::Query(name) => {
            let mut pairs = form_urlencoded::parse(parts.uri.query()?.as_bytes());
            pairs.find(|(key, _)| key == name).map(|(_, value)| value)
        }
        UserKey::Cookie(name) => cookie(parts, name).map(Cow::Borrowed),
    };
    found.filter(|key| !key.is_empty())
}

/// A cookie of the request (RFC 6265 section 4.2.1).
fn cookie<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    let lines = parts
        .headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let mut pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(key: &UserKey, expected: Option<&str>) {
        let request = http::Request::get("/users?u=42&v=&u=43")
            .header("x-user", "7")
            .header("cookie", "a=1; sid=\"x y\"; b=");
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        assert_eq!(user_key(Some(key), &parts).as_deref(), expected);
    }

    #[test]
    fn user_keys() {
        check(&UserKey::header("X-User"), Some("7"));
        check(&UserKey::header("X-Other"), None);
        check(&UserKey::query("u"), Some("42"));
        check(&UserKey::query("v"), None);
        check(&UserKey::cookie("sid"), Some("x y"));
        check(&UserKey::cookie("b"), None);
    }
}
