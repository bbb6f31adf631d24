//! What a constraint is made of.

use std::fmt;

use semver::{Comparator, Op, Version};

use super::{FULL_QUALITY, Fallback, Kind, Match};
use crate::resolve::VersionState;
use crate::resolve::time::{UnixTime, is_day};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// Every release.
    Any,
    /// Every release, asked for by its word.
    Latest,
    /// Every release that was there at the end of this day.
    By(UnixTime),
    /// One version by its full name; the only form that reaches pre-releases and hidden versions.
    Exact(Version),
    /// A part of a version or a single comparison.
    Range(Comparator),
    /// Comparisons that must all hold.
    All(Vec<Form>),
    /// Alternatives of which one must hold.
    OneOf(Vec<Alternative>),
}

/// One of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alternative {
    pub(super) form: Form,
    /// In thousandths; 0 excludes.
    pub(super) quality: u16,
}

impl Form {
    /// Parses one part; the error is the reason alone.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim_matches([' ', '\t']);
        let text = match text.strip_prefix(['v', 'V']) {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest,
            _ => text,
        };
        if matches!(text, "*" | "x" | "X") {
            return Ok(Form::Any);
        }
        if text.eq_ignore_ascii_case("latest") {
            return Ok(Form::Latest);
        }
        if is_day(text) {
            let day = UnixTime::parse(text).map_err(|_| "there is no such day".to_owned())?;
            return Ok(Form::By(day));
        }
        let mut range = Comparator::parse(text).map_err(|error| error.to_string())?;
        let bare = text.starts_with(|c: char| c.is_ascii_digit());
        match (range.minor, range.patch) {
            (Some(minor), Some(patch)) if bare || range.op == Op::Exact => Ok(Form::Exact(Version {
                major: range.major,
                minor,
                patch,
                pre: range.pre,
                build: semver::BuildMetadata::EMPTY,
            })),
            _ => {
                // The comparator's own reading of a bare `1.1` is `^1.1`, as in a manifest; here it means `1.1.*`.
                if bare {
                    range.op = Op::Wildcard;
                }
                Ok(Form::Range(range))
            }
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Form::Latest => Kind::Latest,
            Form::By(_) => Kind::Date,
            Form::Any | Form::Range(_) | Form::OneOf(_) => Kind::Range,
            Form::Exact(_) => Kind::Version,
            Form::All(parts) => parts.iter().map(Form::kind).max().unwrap_or(Kind::Range),
        }
    }

    pub(super) fn grade(&self, state: &VersionState) -> Option<Match> {
        let version = &state.semver;
        let ranged = |holds: bool| (holds && version.pre.is_empty()).then_some(Match::RANGED);
        match self {
            Form::Any | Form::Latest => ranged(true),
            Form::By(day) => ranged(state.released.is_some_and(|released| released < day.next_day())),
            Form::Range(range) => ranged(range.matches(version)),
            Form::Exact(exact) => exact.cmp_precedence(version).is_eq().then_some(Match::NAMED),
            Form::All(parts) => Match::all(parts.iter().map(|part| part.grade(state))),
            Form::OneOf(alternatives) => best(alternatives, state),
        }
    }

    pub(super) fn matches_below(&self, state: &VersionState, fallback: Fallback) -> bool {
        if !state.semver.pre.is_empty() {
            return false;
        }
        // Whether the version lies below the lowest one that the form means, as far as the fallback reaches.
        let below = |major: u64, minor: u64, patch: u64| {
            let version = &state.semver;
            (version.major, version.minor, version.patch) <= (major, minor, patch)
                && match fallback {
                    Fallback::Never => false,
                    Fallback::AnyMajor => true,
                    Fallback::SameMajor => version.major == major && (major > 0 || version.minor == minor),
                }
        };
        self.grade(state).is_some()
            || match self {
                Form::Exact(exact) => below(exact.major, exact.minor, exact.patch),
                // What is asked for by its upper end has nothing below it.
                Form::Range(range) if matches!(range.op, Op::Less | Op::LessEq) => false,
                Form::Range(range) => below(range.major, range.minor.unwrap_or(0), range.patch.unwrap_or(0)),
                Form::Any | Form::Latest | Form::By(_) => false,
                Form::All(parts) => parts.iter().all(|part| part.matches_below(state, fallback)),
                Form::OneOf(alternatives) => {
                    let excluded = alternatives
                        .iter()
                        .any(|one| one.quality == 0 && one.form.grade(state).is_some());
                    let wanted =
                        |one: &Alternative| one.quality > 0 && one.form.matches_below(state, fallback);
                    !excluded && alternatives.iter().any(wanted)
                }
            }
    }

    /// How narrowly the form means what it matches, for alternatives that match one version. `=1.1` is as narrow as the `1.1` that it means.
    fn specificity(&self) -> u8 {
        match self {
            Form::Any | Form::Latest => 0,
            Form::Range(range) if matches!(range.op, Op::Wildcard | Op::Exact) => {
                2 + u8::from(range.minor.is_some())
            }
            Form::By(_) | Form::Range(_) | Form::OneOf(_) => 1,
            Form::Exact(_) => 4,
            Form::All(parts) => parts.iter().map(Form::specificity).max().unwrap_or(0),
        }
    }
}

/// The match of the most specific alternative.
fn best(alternatives: &[Alternative], state: &VersionState) -> Option<Match> {
    let mut found: Option<(u8, Match)> = None;
    for alternative in alternatives {
        let Some(mut matched) = alternative.form.grade(state) else {
            continue;
        };
        matched.quality = matched.quality.min(alternative.quality);
        let specificity = alternative.form.specificity();
        found = Some(match found {
            Some((best, earlier)) if best > specificity => (best, earlier),
            Some((best, earlier)) if best == specificity => {
                let quality = match (earlier.quality, matched.quality) {
                    (0, _) | (_, 0) => 0,
                    (a, b) => a.max(b),
                };
                let named = earlier.named || matched.named;
                (best, Match { named, quality })
            }
            _ => (specificity, matched),
        });
    }
    found
        .map(|(_, matched)| matched)
        .filter(|matched| matched.quality > 0)
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Form::Any => f.write_str("*"),
            Form::Latest => f.write_str("latest"),
            Form::By(day) => day.fmt(f),
            Form::Exact(version) => version.fmt(f),
            Form::Range(range) => range.fmt(f),
            Form::All(parts) => separated(f, ", ", parts, fmt::Display::fmt),
            Form::OneOf(alternatives) => separated(f, " or ", alternatives, |alternative, f| {
                alternative.form.fmt(f)?;
                match alternative.quality {
                    FULL_QUALITY => Ok(()),
                    quality => write!(f, " (q={})", f64::from(quality) / f64::from(FULL_QUALITY)),
                }
            }),
        }
    }
}

fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    between: &str,
    parts: &[T],
    write: impl Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        f.write_str(if index == 0 { "" } else { between })?;
        write(part, f)?;
    }
    Ok(())
}
