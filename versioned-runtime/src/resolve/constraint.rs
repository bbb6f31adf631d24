//! One source, parsed: an exact version, a part of one, a range, a date, `latest`, or several alternatives.

mod form;

#[cfg(test)]
mod tests;

use std::fmt;

use super::VersionState;
use form::{Alternative, Form};

/// The longest text of a constraint that is read, in bytes.
pub const MAX_LENGTH: usize = 256;

/// How much of a malformed text is shown again, in characters.
const SHOWN: usize = 48;

/// A text that names no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` names no version: {reason}; write an exact version (`1.2.0`), a part of one (`1`, `1.1`, `1.*`), a range \
     (`^1.2.0`, `~2.0.0`, `>=1.1, <2`), a date (`2026-01-31`) or `latest`"
)]
pub struct Malformed {
    /// What was written, shortened.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Malformed {
    pub(super) fn new(text: &str, reason: impl Into<String>) -> Self {
        Self {
            text: shorten(text),
            reason: reason.into(),
        }
    }
}

/// The beginning of a text, fit for an error message: control characters could forge lines of a log.
pub(super) fn shorten(text: &str) -> String {
    let mut characters = text.chars().map(|c| {
        if c.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    });
    let mut shown: String = characters.by_ref().take(SHOWN).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// What one source asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint(Form);

/// What kind of thing a client names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `latest`.
    Latest,
    /// A date.
    Date,
    /// A part of a version, a range, or several alternatives.
    Range,
    /// One version by its full name.
    Version,
}

/// How far an answer may lie below what was asked for, where nothing that is offered satisfies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fallback {
    /// Not at all: the request is refused.
    #[default]
    Never,
    /// The nearest lower version of the same major (in 0.y.z: of the same minor).
    SameMajor,
    /// The nearest lower version: the shapes of another major may be others.
    AnyMajor,
}

/// The quality of what was not given one, in thousandths (RFC 9110, section 12.4.2).
pub(super) const FULL_QUALITY: u16 = 1000;

/// How a constraint matches a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    /// By its full name, and not as one of many.
    pub(super) named: bool,
    /// How much it is wanted, from 1 to 1000.
    pub(super) quality: u16,
}

impl Match {
    const RANGED: Self = Self {
        named: false,
        quality: FULL_QUALITY,
    };
    const NAMED: Self = Self {
        named: true,
        quality: FULL_QUALITY,
    };

    /// The match of a conjunction: none if one part has none; wanted as its least wanted part; one name is enough to mean it.
    pub(super) fn all(parts: impl Iterator<Item = Option<Match>>) -> Option<Match> {
        let mut all = Match::RANGED;
        for part in parts {
            let part = part?;
            all.named |= part.named;
            all.quality = all.quality.min(part.quality);
        }
        Some(all)
    }
}

impl Constraint {
    /// Parses `1.2.0`, `2.0.0-rc.1`, `1`, `1.1`, `1.*`, `1.x`, `*`, `^1.2.0`, `~2.0.0`, `=1.2.0`, dates (`2026-01-31`), `latest`,
    /// and several of them that must all hold, such as `>=1.1, <2`; versions with an optional leading `v`.
    ///
    /// A bare `1` or `1.1` means `1.*` or `1.1.*`, a bare full version exactly that version, a date every version that was released
    /// by then, `latest` every release. A text may be no longer than [`MAX_LENGTH`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let trimmed = text.trim_matches([' ', '\t']);
        if trimmed.is_empty() {
            return Err(Malformed::new(text, "it is empty"));
        }
        if trimmed.len() > MAX_LENGTH {
            return Err(Malformed::new(
                text,
                format!("it is longer than {MAX_LENGTH} bytes"),
            ));
        }
        let part = |part: &str| Form::parse(part).map_err(|reason| Malformed::new(text, reason));
        if trimmed.contains(',') {
            let parts = trimmed.split(',').map(part).collect::<Result<_, _>>()?;
            return Ok(Self(Form::All(parts)));
        }
        part(trimmed).map(Self)
    }

    /// Exactly this version.
    #[must_use]
    pub fn exact(version: semver::Version) -> Self {
        Self(Form::Exact(version))
    }

    /// A constraint that holds where both do.
    #[must_use]
    pub(super) fn and(self, other: Self) -> Self {
        Self(Form::All(vec![self.0, other.0]))
    }

    /// Alternatives with their qualities in thousandths; a quality of 0 excludes what it matches. The most specific one that matches
    /// a version decides about it: a full name before `1.1`, that before `1`, that before dates and other ranges, those before `*` and
    /// `latest`. Of equally specific ones it is an exclusion, or else the highest quality. Where all of them exclude, every other release
    /// is wanted.
    pub(super) fn one_of(alternatives: Vec<(Self, u16)>) -> Self {
        let mut forms: Vec<Alternative> = alternatives
            .into_iter()
            .map(|(constraint, quality)| Alternative {
                form: constraint.0,
                quality,
            })
            .collect();
        if forms.iter().all(|alternative| alternative.quality == 0) {
            forms.push(Alternative {
                form: Form::Any,
                quality: FULL_QUALITY,
            });
        }
        match forms.as_mut_slice() {
            // What is the only choice is wanted, however little.
            [only] => Self(std::mem::replace(&mut only.form, Form::Any)),
            _ => Self(Form::OneOf(forms)),
        }
    }

    /// Whether the version satisfies the constraint, its availability aside. Ranges never match a pre-release.
    #[must_use]
    pub fn matches(&self, version: &VersionState) -> bool {
        self.grade(version).is_some()
    }

    /// What kind of thing is named.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind()
    }

    /// How the version satisfies the constraint.
    pub(super) fn grade(&self, version: &VersionState) -> Option<Match> {
        self.0.grade(version)
    }

    /// Whether the version satisfies the constraint, or lies below all that do, as far as the fallback reaches.
    pub(super) fn matches_below(&self, version: &VersionState, fallback: Fallback) -> bool {
        self.0.matches_below(version, fallback)
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
