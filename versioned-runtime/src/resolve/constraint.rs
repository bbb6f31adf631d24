//! One source, parsed: an exact version, a part of one, a range, or several alternatives.

use std::fmt;

use semver::{Comparator, Op, Version};

/// The longest text of a constraint that is read, in bytes.
pub const MAX_LENGTH: usize = 256;

/// How much of a malformed text is shown again, in characters.
const SHOWN: usize = 48;

/// A text that names no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` names no version: {reason}; write an exact version (`1.2.0`), a part of one (`1`, `1.1`, `1.*`) or a range \
     (`^1.2.0`, `~2.0.0`, `>=1.1, <2`)"
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
fn shorten(text: &str) -> String {
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

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// Every release.
    Any,
    /// One version by its full name; the only form that reaches pre-releases and hidden versions.
    Exact(Version),
    /// A part of a version or a single comparison.
    Range(Comparator),
    /// Comparisons that must all hold.
    All(Vec<Form>),
    /// Alternatives of which one must hold.
    OneOf(Vec<Form>),
}

/// How a constraint matches a version, from weak to strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Match {
    /// Not at all.
    No,
    /// As one of many.
    Ranged,
    /// By its exact name.
    Named,
}

impl Match {
    /// The match of a conjunction: none if one part has none, else the strongest, because one name is enough to mean it.
    pub(super) fn all(parts: impl Iterator<Item = Match>) -> Match {
        let mut strongest = Match::Ranged;
        for part in parts {
            match part {
                Match::No => return Match::No,
                _ => strongest = strongest.max(part),
            }
        }
        strongest
    }
}

impl Constraint {
    /// Parses `1.2.0`, `2.0.0-rc.1`, `1`, `1.1`, `1.*`, `1.x`, `*`, `^1.2.0`, `~2.0.0`, `=1.2.0`, and comparisons that must
    /// all hold, such as `>=1.1, <2`; each with an optional leading `v`.
    ///
    /// A bare `1` or `1.1` means `1.*` or `1.1.*`, a bare full version exactly that version. A text may be no longer than
    /// [`MAX_LENGTH`].
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
    pub fn exact(version: Version) -> Self {
        Self(Form::Exact(version))
    }

    /// A constraint that holds where either of the two does.
    #[must_use]
    pub(super) fn or(self, other: Self) -> Self {
        match self.0 {
            Form::OneOf(mut forms) => {
                forms.push(other.0);
                Self(Form::OneOf(forms))
            }
            form => Self(Form::OneOf(vec![form, other.0])),
        }
    }

    /// Whether the version satisfies the constraint, its availability aside. Ranges never match a pre-release.
    #[must_use]
    pub fn matches(&self, version: &Version) -> bool {
        self.grade(version) > Match::No
    }

    /// How the version satisfies the constraint.
    pub(super) fn grade(&self, version: &Version) -> Match {
        self.0.grade(version)
    }
}

impl Form {
    /// Parses one part; the error is the reason alone.
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim_matches([' ', '\t']);
        let text = match text.strip_prefix(['v', 'V']) {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest,
            _ => text,
        };
        if matches!(text, "*" | "x" | "X") {
            return Ok(Form::Any);
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

    fn grade(&self, version: &Version) -> Match {
        match self {
            Form::Any if version.pre.is_empty() => Match::Ranged,
            Form::Range(range) if version.pre.is_empty() && range.matches(version) => Match::Ranged,
            Form::Exact(exact) if exact.cmp_precedence(version).is_eq() => Match::Named,
            Form::Any | Form::Range(_) | Form::Exact(_) => Match::No,
            Form::All(parts) => Match::all(parts.iter().map(|part| part.grade(version))),
            Form::OneOf(parts) => parts
                .iter()
                .map(|part| part.grade(version))
                .max()
                .unwrap_or(Match::No),
        }
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, between) = match self {
            Form::Any => return f.write_str("*"),
            Form::Exact(version) => return version.fmt(f),
            Form::Range(range) => return range.fmt(f),
            Form::All(parts) => (parts, ", "),
            Form::OneOf(parts) => (parts, " or "),
        };
        for (index, part) in parts.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { between })?;
            part.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Match::{Named, No, Ranged};
    use super::*;

    const ALL: [&str; 9] = [
        "0.9.0",
        "1.0.0",
        "1.1.0",
        "1.1.1",
        "1.2.0",
        "2.0.0-rc.1",
        "2.0.0-rc.2",
        "2.0.0",
        "2.1.0",
    ];

    #[track_caller]
    fn check(text: &str, shown: &str, matched: &[&str]) {
        let constraint = Constraint::parse(text).expect(text);
        assert_eq!(constraint.to_string(), shown);
        let found: Vec<&str> = ALL
            .into_iter()
            .filter(|version| constraint.matches(&Version::parse(version).unwrap()))
            .collect();
        assert_eq!(found, matched, "{text}");
        assert_eq!(
            Constraint::parse(shown).map(|again| again.to_string()).as_deref(),
            Ok(shown)
        );
    }

    #[test]
    fn forms() {
        check("1.1.0", "1.1.0", &["1.1.0"]);
        check(" v1.1.0\t", "1.1.0", &["1.1.0"]);
        check("=1.1.0", "1.1.0", &["1.1.0"]);
        check("1.1.0+build.7", "1.1.0", &["1.1.0"]);
        check("1.3.0", "1.3.0", &[]);
        check("2.0.0-rc.1", "2.0.0-rc.1", &["2.0.0-rc.1"]);
        check("1", "1.*", &["1.0.0", "1.1.0", "1.1.1", "1.2.0"]);
        check("v1", "1.*", &["1.0.0", "1.1.0", "1.1.1", "1.2.0"]);
        check("1.1", "1.1.*", &["1.1.0", "1.1.1"]);
        check("1.*", "1.*", &["1.0.0", "1.1.0", "1.1.1", "1.2.0"]);
        check("1.x", "1.*", &["1.0.0", "1.1.0", "1.1.1", "1.2.0"]);
        check("1.1.X", "1.1.*", &["1.1.0", "1.1.1"]);
        check(
            "*",
            "*",
            &["0.9.0", "1.0.0", "1.1.0", "1.1.1", "1.2.0", "2.0.0", "2.1.0"],
        );
        check("0", "0.*", &["0.9.0"]);
        check("^1.1.0", "^1.1.0", &["1.1.0", "1.1.1", "1.2.0"]);
        check("^0.9.0", "^0.9.0", &["0.9.0"]);
        check("~1.1.0", "~1.1.0", &["1.1.0", "1.1.1"]);
        check("=1.1", "=1.1", &["1.1.0", "1.1.1"]);
        check("> 1.1", ">1.1", &["1.2.0", "2.0.0", "2.1.0"]);
        check(">=1.1,<2", ">=1.1, <2", &["1.1.0", "1.1.1", "1.2.0"]);
        check(">=1, 1.1", ">=1, 1.1.*", &["1.1.0", "1.1.1"]);
    }

    #[test]
    fn ranges_never_reach_prereleases() {
        check("^2.0.0-rc.1", "^2.0.0-rc.1", &["2.0.0", "2.1.0"]);
        check(">=2.0.0-rc.1, <3", ">=2.0.0-rc.1, <3", &["2.0.0", "2.1.0"]);
        check("2.0.0-rc.2, >=2.0.0-rc.1", "2.0.0-rc.2, >=2.0.0-rc.1", &[]);
    }

    #[track_caller]
    fn malformed(text: &str, reason: &str) {
        let error = Constraint::parse(text).expect_err(text);
        assert!(error.reason.contains(reason), "{text}: {error}");
        assert!(error.to_string().contains("`^1.2.0`"), "{error}");
        assert!(!error.to_string().contains(char::is_control), "{error}");
    }

    #[test]
    fn malformed_texts() {
        malformed("", "empty");
        malformed(" \t", "empty");
        malformed("latest", "unexpected character 'l'");
        malformed("v", "unexpected character 'v'");
        malformed("1.2.0.0", "unexpected character '.'");
        malformed("01", "leading zero");
        malformed("1.02.0", "leading zero");
        malformed("1.*.0", "wildcard");
        malformed("1.1-rc.1", "unexpected character '-'");
        malformed("1.1.0-", "empty");
        malformed("99999999999999999999", "exceeds");
        malformed(">=", "end of input");
        malformed(">=1.1 <2", "unexpected character '<'");
        malformed("1,", "end of input");
        malformed(",", "end of input");
        malformed("1 || 2", "unexpected character '|'");
        malformed("-1", "unexpected character '-'");
        malformed("1\n2", "unexpected character");
        malformed("é", "unexpected character");
        malformed(&"1".repeat(MAX_LENGTH + 1), "longer than 256 bytes");
    }

    #[test]
    fn long_texts_are_shown_shortened() {
        let error = Constraint::parse(&"é".repeat(1000)).unwrap_err();
        assert_eq!(error.text, format!("{}…", "é".repeat(SHOWN)));
    }

    #[test]
    fn alternatives_are_a_union() {
        let union = ["1.0.0", "2", "0"].map(|text| Constraint::parse(text).unwrap());
        let union = union.into_iter().reduce(Constraint::or).unwrap();
        assert_eq!(union.to_string(), "1.0.0 or 2.* or 0.*");
        let grades = ALL.map(|version| union.grade(&Version::parse(version).unwrap()));
        assert_eq!(grades, [Ranged, Named, No, No, No, No, No, Ranged, Ranged]);
    }
}
