//! Lists, parameters and weights of header fields (RFC 9110, section 5.6).

use std::borrow::Cow;

use crate::resolve::Malformed;

/// The parts of a list between separators that stand outside of quoted strings.
pub(super) fn split_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
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
pub(super) fn parameter_value(text: &str) -> Result<Cow<'_, str>, Malformed> {
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
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// `type/subtype`, `type/*`, `*/*`, and the lone `*` that some old clients send.
pub(super) fn is_media_range(text: &str) -> bool {
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

/// A weight in thousandths: from `0` to `1`, with at most three digits behind the point (RFC 9110, section 12.4.2).
pub(super) fn weight(text: &str) -> Option<u16> {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    if digits.len() > 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{digits:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}
