//! What a request says about itself: the version it wants, and the key of its user. Reading only; nothing is decided here.

use std::borrow::Cow;

use http::HeaderValue;
use http::header::{ACCEPT, COOKIE};
use http::request::Parts;

use super::look::{Look, may_name_version};
use super::{Refusal, problem};
use crate::context::Key;
use crate::counters::Count;
use crate::dyes::{Believed, Refused};
use crate::host::{Fixed, Hosted, Terms};
use crate::observed::{Findings, Observer, Request};
use crate::resolve::{Malformed, Requested, Source, accept_parameters};
use crate::route::dye::is_told;
use crate::route::table::number_of;
use crate::route::{Facts, Table, UserKey};

use super::paths::PathEntry;

/// The sources of a request, as constraints, in the order of the contract's configuration.
pub(super) fn requested(
    hosted: &Hosted,
    terms: &Terms,
    entry: &PathEntry,
    parts: &Parts,
) -> Result<Requested, Refusal> {
    let mut requested = Requested::new();
    for source in hosted.sources.order() {
        read(&mut requested, *source, hosted, entry, parts).map_err(|unread| {
            let name = hosted.sources.name(*source);
            match unread {
                Unread::Malformed(malformed) => problem::malformed(&name, &malformed, terms),
                Unread::NotText => problem::unreadable(&name, terms),
            }
        })?;
    }
    Ok(requested)
}

/// Why a source cannot be read.
enum Unread {
    Malformed(Malformed),
    NotText,
}

impl From<Malformed> for Unread {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

fn read(
    requested: &mut Requested,
    source: Source,
    hosted: &Hosted,
    entry: &PathEntry,
    parts: &Parts,
) -> Result<(), Unread> {
    match source {
        Source::Prefix => {
            if let Some(constraint) = &entry.prefix {
                requested.push(source, constraint.clone())?;
            }
        }
        Source::Header => {
            for value in parts.headers.get_all(&hosted.version_header) {
                requested.read(source, value.to_str().map_err(|_| Unread::NotText)?)?;
            }
        }
        Source::Accept => {
            // An `Accept` that is not text names no version that we could have missed: versions are ASCII.
            let values = parts.headers.get_all(ACCEPT).iter();
            let accepted = values.filter(|value| may_name_version(value));
            let accepted = accepted.filter_map(|value| value.to_str().ok());
            if let Some(constraint) = accept_parameters(accepted, &hosted.sources.vendor)? {
                requested.push(source, constraint)?;
            }
        }
        Source::Query => {
            let pairs = form_urlencoded::parse(parts.uri.query().unwrap_or("").as_bytes());
            for (_, value) in pairs.filter(|(key, _)| *key == hosted.sources.query) {
                requested.read(source, &value)?;
            }
        }
        // It is asked where all of these are silent.
        Source::ClientPin => {}
    }
    Ok(())
}

/// The key of the user, where the table says that it stands; an empty one is none. `header` is the header that may hold it, which was
/// seen already.
#[inline(always)] // what it gives back is large, and would be copied
pub(super) fn user_key(key: Option<&UserKey>, header: Option<&HeaderValue>, parts: &Parts) -> Option<Key> {
    match key? {
        UserKey::Header(_) => Key::from_header(header?),
        place => said(place, parts).map(|key| Key::from(&*key)),
    }
}

/// What is known of a request beside what stands in the places that the table names; for most nothing.
pub(super) struct Beside<'a> {
    /// What its dyes say, as far as they are believed.
    believed: Option<Believed>,
    /// What the service finds out.
    observed: Option<(&'a Observer, &'a Findings, Request<'a>)>,
}

impl<'a> Beside<'a> {
    /// Whether there is nothing of the kind, whatever the request says.
    #[inline(always)] // a few steps, once a request
    pub(super) fn is_nothing(hosted: &Hosted, terms: &Terms) -> bool {
        hosted.dyes.is_none() && (hosted.observer.is_none() || terms.findings.are_none())
    }

    pub(super) fn new(hosted: &'a Hosted, fixed: &Fixed, terms: &'a Terms, request: Request<'a>) -> Self {
        let observer = hosted.observer.as_ref();
        let asked = observer.filter(|_| !terms.findings.are_none());
        Self {
            believed: believed(hosted, fixed, &request),
            observed: asked.map(|observer| (observer, &terms.findings, request)),
        }
    }

    /// All that is believed, also of what the table does not name.
    pub(super) fn all_believed(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.believed.iter().flat_map(Believed::all)
    }

    fn believed(&self, name: &str, tells: impl Fn(&str) -> bool) -> Option<&str> {
        self.believed.as_ref()?.get(name, tells)
    }

    fn observed(&self, place: usize, name: &str, tells: impl Fn(&str) -> bool) -> Option<Cow<'a, str>> {
        let (observer, findings, request) = self.observed.as_ref()?;
        observer.find(findings, place, name, request, tells)
    }
}

/// The facts of the dyes that came in, as far as they are believed. One that is not is counted and told in the log, and is no mistake of
/// the client: it is ignored.
fn believed(hosted: &Hosted, fixed: &Fixed, request: &Request<'_>) -> Option<Believed> {
    let is_trusted = || {
        let observer = hosted.observer.as_ref();
        observer.is_some_and(|observer| observer.trusts(request.peer()))
    };
    let refuse = |refused: Refused| {
        fixed.counting.add(Count::from(refused));
        tracing::debug!(
            contract = hosted.id(),
            reason = refused.as_str(),
            "a dye is not believed"
        );
    };
    let now = || fixed.settings.clock.now();
    let dyes = hosted.dyes.as_ref()?;
    let believed = dyes.read(&request.parts.headers, now, is_trusted, refuse);
    Some(believed).filter(|believed| !believed.is_nothing())
}

/// Takes down the facts of the request, one by one: what its dyes tell goes before what stands where the table says, and that before
/// what the service finds out. What no fact can have as its value tells nothing.
pub(super) fn take_down(
    facts: &mut Facts,
    table: &Table,
    look: &Look<'_>,
    beside: &Beside<'_>,
    parts: &Parts,
) {
    facts.clear();
    for (number, (name, source)) in table.named_facts().enumerate() {
        if let Some(value) = beside.believed(name, is_told) {
            facts.push(number, value);
        } else if let Some(value) = stands(number, source, look, parts)
            .filter(|value| is_told(value))
            .or_else(|| beside.observed(number, name, is_told))
        {
            facts.push(number, &value);
        }
    }
}

/// A score that stands where the table says, by the number of its place.
pub(super) fn score_said(table: &Table, place: usize, look: &Look<'_>, parts: &Parts) -> Option<f64> {
    let (_, source) = table.score(place)?;
    number_of(&stands(place, source, look, parts)?)
}

/// A score of the request, by the number of its place.
pub(super) fn score(
    table: &Table,
    place: usize,
    look: &Look<'_>,
    beside: &Beside<'_>,
    parts: &Parts,
) -> Option<f64> {
    let (name, source) = table.score(place)?;
    let tells = |value: &str| number_of(value).is_some();
    if let Some(value) = beside.believed(name, tells) {
        return number_of(value);
    }
    let stands = stands(place, source, look, parts).and_then(|value| number_of(&value));
    stands.or_else(|| number_of(&beside.observed(place, name, tells)?))
}

/// What stands in a place that the table names, by its number.
fn stands<'a>(
    place: usize,
    source: Option<&UserKey>,
    look: &Look<'a>,
    parts: &'a Parts,
) -> Option<Cow<'a, str>> {
    match source? {
        UserKey::Header(_) => {
            let value = look.place(place)?.to_str().ok();
            value.filter(|value| !value.is_empty()).map(Cow::Borrowed)
        }
        source => said(source, parts),
    }
}

/// What stands in a place of the request; nothing, if that is empty.
pub(super) fn said<'a>(place: &UserKey, parts: &'a Parts) -> Option<Cow<'a, str>> {
    let found = match place {
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
        let header = match key {
            UserKey::Header(name) => parts.headers.get(name.as_str()),
            _ => None,
        };
        let found = user_key(Some(key), header, &parts);
        assert_eq!(found.as_ref().map(Key::as_str), expected);
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
