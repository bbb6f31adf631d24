//! What is said of time: the dates of versions in the order of history, and since which version something will go.

use std::ops::Range;

use syn::{Attribute, Ident};

use super::VersionDecl;
use super::build::Context;
use crate::constraints::Said;
use crate::parse::dates::{Dates, Deprecated};
use crate::parse::openapi::Given;
use crate::parse::verbs::Verbs;
use crate::sink::{Diagnostic, Sink};
use crate::words::{did_you_mean, did_you_mean_version};

/// Enters the dates of all versions: releases do not go back in time, and a successor comes later.
pub(super) fn enter(versions: &mut [VersionDecl], mut dates: Vec<Dates>, sink: &mut Sink) {
    let mut latest = None;
    for (version, dates) in versions.iter_mut().zip(&dates) {
        let Some((literal, released)) = &dates.released else {
            continue;
        };
        version.released = Some(*released);
        if let Some((earlier, date)) = latest.filter(|(_, date)| date > released) {
            let text = format!("{released} is before {date}, when {earlier} was released");
            sink.error(
                Diagnostic::new("V0131", literal, text)
                    .help("correct one of the two dates: history is one line"),
            );
        }
        latest = Some((version.semver.clone(), *released));
    }
    for index in 0..dates.len() {
        let mut deprecation = dates[index].deprecation.take();
        if let Some(token) = &dates[index].successor {
            let later = &versions[index + 1..];
            let found = later.iter().find(|version| version.ident == *token);
            if let (Some(successor), Some(deprecation)) = (found, &mut deprecation) {
                deprecation.successor = successor.semver.to_string();
            }
            if found.is_none() {
                let known: Vec<String> = later.iter().map(|version| version.ident.to_string()).collect();
                let text = format!("`{token}` is no later version than `{}`", versions[index].ident);
                let help = if known.is_empty() {
                    "remove it, or declare the version that follows".to_owned()
                } else {
                    did_you_mean_version(&token.to_string(), known.iter().map(String::as_str))
                };
                sink.error(Diagnostic::new("V0132", token, text).help(help));
            }
        }
        versions[index].deprecation = deprecation;
    }
}

impl Context<'_> {
    /// That something will go, with the versions in which that is said: by the verb, or by Rust's own attribute.
    pub(super) fn deprecated(
        &mut self,
        verbs: &Verbs,
        attributes: &[Attribute],
        own: &Range<usize>,
    ) -> Vec<Said> {
        let written = verbs
            .deprecated
            .clone()
            .or_else(|| Deprecated::of_rust(attributes));
        let Some(deprecated) = written else {
            return Vec::new();
        };
        if let Some(since) = &deprecated.since
            && self.version(since).is_some_and(|at| !own.contains(&at))
        {
            let text = format!("what is deprecated here is not in `{since}`");
            self.sink.error(
                Diagnostic::new("V0007", since, text).help("name a version that has it, or remove `since`"),
            );
        }
        self.ranges(vec![deprecated.openapi()], own)
    }

    /// What is used instead exists beside it, and is something else.
    pub(super) fn successor(&mut self, verbs: &Verbs, own: &str, what: &str, known: &[String]) {
        let Some(successor) = verbs
            .deprecated
            .as_ref()
            .and_then(|deprecated| deprecated.successor.as_ref())
        else {
            return;
        };
        let name = successor.to_string();
        if name != own && known.contains(&name) {
            return;
        }
        let mut others = known
            .iter()
            .map(String::as_str)
            .filter(|known| *known != own)
            .peekable();
        let help = if others.peek().is_some() {
            did_you_mean(&name, others)
        } else {
            "remove it: there is nothing beside it".to_owned()
        };
        let text = format!("there is no other {what} `{name}`");
        self.sink
            .error(Diagnostic::new("V0132", successor, text).help(help));
    }
}

/// The deprecation among what was said, in one version; the one that begins last.
pub(super) fn in_version(said: &[Said], version: usize) -> Option<crate::parse::dates::Deprecation> {
    let of = said.iter().filter(|said| said.range.contains(&version));
    let last = of.max_by_key(|said| said.range.start)?;
    last.openapi.words.iter().find_map(|word| match &word.given {
        Given::Deprecation(deprecation) => Some((**deprecation).clone()),
        _ => None,
    })
}

/// Names, for suggestions.
pub(super) fn names<'a>(idents: impl Iterator<Item = &'a Ident>) -> Vec<String> {
    idents.map(ToString::to_string).collect()
}
