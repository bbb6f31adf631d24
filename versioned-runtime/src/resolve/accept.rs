//! The `version` parameter of media ranges in `Accept` (RFC 9110, section 12.5.1).

use std::borrow::Cow;

use super::{Constraint, MAX_CONSTRAINTS, Malformed};

/// Finds the versions that the media ranges of one `Accept` value name; see [`accept_parameters`].
pub fn accept_parameter(value: &str) -> Result<Option<Constraint>, Malformed> {
    accept_parameters([value])
}

/// Finds the versions that the media ranges of an `Accept` header name, over all its lines.
///
/// Several ranges that name versions are alternatives: one constraint that holds where any of them does. A range without a
/// version is no source, and neither is one that is refused by `q=0`. A header that is malformed and names a version is an
/// error, one that names none is no source.
pub fn accept_parameters<'a>(
    values: impl IntoIterator<Item = &'a str>,
) -> Result<Option<Constraint>, Malformed> {
    let mut found: Option<Constraint> = None;
    let mut count = 0;
    let mut bad_range = None;
    for range in values.into_iter().flat_map(|value| split_unquoted(value, ',')) {
        let range = trim(range);
        if range.is_empty() {
            continue;
        }
        let mut parts = split_unquoted(range, ';');
        let media = trim(parts.next().unwrap_or_default());
        let names_media = is_media_range(media);
        if !names_media {
            bad_range = bad_range.or(Some(range));
        }
        let mut version = None;
        let mut refused = false;
        // Where the media range itself was forgotten, its place may hold the parameter.
        for part in parts.chain((!names_media).then_some(media)) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match trim(name) {
                name if name.eq_ignore_ascii_case("version") && version.is_some() => {
                    return Err(Malformed::new(range, "the media range names `version` twice"));
                }
                name if name.eq_ignore_ascii_case("version") => version = Some(trim(value)),
                name if name.eq_ignore_ascii_case("q") => refused = is_zero(trim(value)),
                _ => {}
            }
        }
        let Some(version) = version.filter(|_| !refused) else {
            continue;
        };
        count += 1;
        if count > MAX_CONSTRAINTS {
            let reason = format!("`Accept` names more than {MAX_CONSTRAINTS} versions, name one");
            return Err(Malformed::new(version, reason));
        }
        let constraint = Constraint::parse(&parameter_value(version)?)?;
        found = Some(match found {
            Some(earlier) => earlier.or(constraint),
            None => constraint,
        });
    }
    match bad_range {
        Some(range) if found.is_some() => Err(Malformed::new(
            range,
            "it is no media range with parameters, such as `application/json; version=\"1.1\"`",
        )),
        _ => Ok(found),
    }
}

/// The parts of a list between separators that stand outside of quoted strings.
fn split_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        if escaped {
            escaped = false;
        } else if quoted {
            match c {
                '\\' => escaped = true,
                '"' => quoted = false,
                _ => {}
            }
        } else if c == '"' {
            quoted = true;
        } else {
            return c == separator;
        }
        false
    })
}

/// A parameter's value: a token as it stands, or what a quoted string says.
///
/// Other characters are refused outside of quotes, where a comma would have cut the value short unseen.
fn parameter_value(text: &str) -> Result<Cow<'_, str>, Malformed> {
    let Some(quoted) = text.strip_prefix('"') else {
        return match text {
            "" => Err(Malformed::new(
                text,
                "the `version` parameter of `Accept` is empty",
            )),
            text if is_token(text) => Ok(Cow::Borrowed(text)),
            text => {
                let reason = "in `Accept` it must stand in quotes, such as `version=\">=1.1, <2\"`";
                Err(Malformed::new(text, reason))
            }
        };
    };
    let mut said = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' if at + 1 < quoted.len() => break,
            // Without escapes, which nobody needs here, the value is a part of the header.
            '"' if !quoted.contains('\\') => return Ok(Cow::Borrowed(&quoted[..at])),
            '"' => return Ok(Cow::Owned(said)),
            '\\' => said.extend(characters.next().map(|(_, escaped)| escaped)),
            c => said.push(c),
        }
    }
    Err(Malformed::new(
        text,
        "the quoted string of the `version` parameter does not end where it should",
    ))
}

/// White space of header lists.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// `type/subtype`, `type/*`, `*/*`, and the lone `*` that some old clients send.
fn is_media_range(text: &str) -> bool {
    text == "*"
        || text
            .split_once('/')
            .is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
}

/// A token of RFC 9110, section 5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// A quality value that refuses: `0`, `0.`, `0.0` to `0.000`.
fn is_zero(quality: &str) -> bool {
    quality
        .strip_prefix('0')
        .is_some_and(|rest| rest.is_empty() || rest.trim_end_matches('0') == ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expected: Option<&str>) {
        let found = accept_parameter(value).expect(value);
        assert_eq!(
            found.map(|constraint| constraint.to_string()).as_deref(),
            expected,
            "{value}"
        );
    }

    #[test]
    fn finds_versions() {
        check("application/json; version=2", Some("2.*"));
        check("application/json;version=2", Some("2.*"));
        check("application/json ;\tVERSION = \"2\"", Some("2.*"));
        check("application/json; version=^1.2.0; q=0.5", Some("^1.2.0"));
        check("application/json; version=1.*", Some("1.*"));
        check("application/json; version=\">=1.1, <2\"", Some(">=1.1, <2"));
        check(r#"application/json; version="\1.\1""#, Some("1.1.*"));
        check(
            r#"application/json; profile="a,b;version=3\";"; version=1"#,
            Some("1.*"),
        );
        check(
            "application/json; version=1, application/problem+json; version=2",
            Some("1.* or 2.*"),
        );
        check("text/html, application/json; version=2, */*; q=0.1", Some("2.*"));
        check(
            "application/json; version=2; q=0, application/json; version=1",
            Some("1.*"),
        );
        check("application/json; q=0.000; version=nonsense", None);
        check("application/json; q=0.001; version=1", Some("1.*"));
        check(
            "application/json; version=2, text/html, image/gif, *; q=.2, */*; q=.2",
            Some("2.*"),
        );
        check(", application/json; version=2,,", Some("2.*"));
    }

    #[test]
    fn is_no_source_without_a_version() {
        check("", None);
        check("*/*", None);
        check("application/json; charset=utf-8, text/*;q=0.5", None);
        check("application/signed-exchange;v=b3;q=0.7", None);
        check("application/json; x-version=2; versions=3", None);
        check("garbage;;=\"", None);
        check("application/json; note=\"version=2", None);
    }

    #[test]
    fn lines_are_one_list() {
        let found = accept_parameters(["text/html", "a/b; version=1", "a/b; version=2"]).unwrap();
        assert_eq!(found.unwrap().to_string(), "1.* or 2.*");
    }

    #[track_caller]
    fn malformed(value: &str, reason: &str) {
        let error = accept_parameter(value).expect_err(value);
        assert!(error.reason.contains(reason), "{value}: {error}");
    }

    #[test]
    fn malformed_versions_are_errors() {
        malformed("application/json; version=", "empty");
        malformed("application/json; version", "empty");
        malformed("application/json; version=\"\"", "empty");
        malformed("application/json; version=two", "unexpected character 't'");
        malformed("application/json; version=>=1, <2", "in quotes");
        malformed("application/json; version=1, 2", "no media range");
        malformed("version=2", "no media range");
        malformed("json; version=2", "no media range");
        malformed("application/json; version=1; version=2", "twice");
        malformed("application/json; version=\"1", "does not end");
        malformed("application/json; version=\"1\\", "does not end");
        malformed("application/json; version=\"1\"2", "does not end");
        malformed(&"a/b; version=1,".repeat(MAX_CONSTRAINTS + 1), "more than 16");
    }
}
