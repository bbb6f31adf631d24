//! Regular expressions of constraints: what JSON Schema recommends (ECMA-262), as far as it can be matched in linear time.
//!
//! Patterns are held against what strangers send, so a pattern that can be made to run for hours is none: assertions that look
//! around and references to groups are refused. The rest of ECMA-262 means what it means there: `\d` is ten digits.

use regex::Regex;

/// Why a pattern is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It is not in the grammar.
    #[error("`{0}` is not a regular expression of ECMA-262")]
    Malformed(String),
    /// It looks around or refers to a group, is so large that it is refused, or is written in a way that is not known here (`[^]`, `\\0`,
    /// halves of a character of two).
    #[error("`{0}` cannot be matched in linear time, or is written in a way that is not supported")]
    Unsupported(String),
}

/// The matcher of a pattern.
///
/// # Errors
/// If it is not in the grammar, or cannot be matched in linear time, see [`PatternError`].
pub fn compile(pattern: &str) -> Result<Regex, PatternError> {
    if !jsonschema_regex::is_valid_ecma_regex(pattern) {
        return Err(PatternError::Malformed(pattern.to_owned()));
    }
    let unsupported = || PatternError::Unsupported(pattern.to_owned());
    let translated = jsonschema_regex::to_rust_regex(pattern).map_err(|()| unsupported())?;
    Regex::new(&with_ascii_words(&translated)).map_err(|_| unsupported())
}

/// In ECMA-262 words end where letters of ASCII do (section 22.2.2.4.1, without the flag `i`).
fn with_ascii_words(pattern: &str) -> String {
    let (mut rewritten, mut classes) = (String::with_capacity(pattern.len()), 0_usize);
    let mut rest = pattern.chars();
    while let Some(next) = rest.next() {
        match next {
            '\\' => match rest.next() {
                Some(edge @ ('b' | 'B')) if classes == 0 => {
                    rewritten.push_str(r"(?-u:\");
                    rewritten.extend([edge, ')']);
                    continue;
                }
                escaped => {
                    rewritten.push('\\');
                    rewritten.extend(escaped);
                    continue;
                }
            },
            '[' => classes += 1,
            ']' => classes = classes.saturating_sub(1),
            _ => {}
        }
        rewritten.push(next);
    }
    rewritten
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, matched: &[&str], others: &[&str]) {
        let regex = compile(pattern).expect("a pattern");
        for text in matched {
            assert!(regex.is_match(text), "{pattern} {text}");
        }
        for text in others {
            assert!(!regex.is_match(text), "{pattern} {text}");
        }
    }

    #[test]
    fn patterns_mean_what_they_mean_in_ecmascript() {
        check("^[a-z]+$", &["a", "abc"], &["", "A", "a1", "a\n"]);
        check("b", &["abc"], &["acd"]);
        check(r"^\d$", &["7"], &["٧", "77"]);
        check(r"^\w+$", &["a_1"], &["é"]);
        check(r"^[\d-]+$", &["1-2"], &["a"]);
        check(r"^\/a$", &["/a"], &["a"]);
        check("^.{2}$", &["üx", "🦀🦀"], &["🦀"]);
        check(r"^[[&&~~]$", &["[", "&", "~"], &["x"]);
        check(r"a\b", &["aé", "a", "a b"], &["ab", "a_"]);
        check(r"\Ba", &["ba"], &["éa", "a"]);
        check(r"^[[\]\\]\\b$", &[r"[\b", r"]\b"], &[r"a\b"]);
    }

    #[track_caller]
    fn check_refused(pattern: &str, unsupported: bool) {
        let error = compile(pattern).expect_err("no pattern");
        assert_eq!(
            matches!(error, PatternError::Unsupported(_)),
            unsupported,
            "{error}"
        );
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        check_refused("(", false);
        check_refused("[z-a]", false);
        check_refused("a**", false);
        check_refused("(?i)a", false);
        check_refused("^(?=a)", true);
        check_refused(r"(a)\1", true);
        check_refused("(?<!a)b", true);
        check_refused("((a{1000}){1000}){1000}", true);
    }
}
