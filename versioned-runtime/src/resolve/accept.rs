//! The versions that media ranges in `Accept` name (RFC 9110, section 12.5.1): by parameter, or in the name of a vendor's type.

mod lexer;

#[cfg(test)]
mod tests;

use super::constraint::FULL_QUALITY;
use super::{Constraint, MAX_CONSTRAINTS, Malformed};
use lexer::{is_media_range, parameter_value, split_unquoted, trim, weight};

pub(crate) use lexer::is_token;

/// Which vendor's media types name versions, such as `application/vnd.acme.v2+json`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Vendor {
    /// Those of every vendor.
    #[default]
    Any,
    /// Those that begin with `application/vnd.` and this name; others name no version.
    Named(String),
    /// None: only the parameter `version` names a version.
    Off,
}

/// Finds the versions that the media ranges of one `Accept` value name; see [`accept_parameters`].
pub fn accept_parameter(value: &str) -> Result<Option<Constraint>, Malformed> {
    accept_parameters([value], &Vendor::Any)
}

/// Finds the versions that the media ranges of an `Accept` header name, over all its lines.
///
/// Several ranges that name versions are alternatives with their qualities: the version that is wanted most wins, and among those
/// the newest; `q=0` excludes. A range without a version is no source. A header that is malformed and names a version is an
/// error, one that names none is no source.
pub fn accept_parameters<'a>(
    values: impl IntoIterator<Item = &'a str>,
    vendor: &Vendor,
) -> Result<Option<Constraint>, Malformed> {
    let mut found: Vec<(Constraint, u16)> = Vec::new();
    let mut bad_range = None;
    for range in values.into_iter().flat_map(|value| split_unquoted(value, ',')) {
        let range = trim(range);
        if range.is_empty() {
            continue;
        }
        let (constraint, quality, names_media) = read_range(range, vendor)?;
        if !names_media {
            bad_range = bad_range.or(Some(range));
        }
        let Some(constraint) = constraint else {
            continue;
        };
        if found.len() == MAX_CONSTRAINTS {
            let reason = format!("`Accept` names more than {MAX_CONSTRAINTS} versions, name one");
            return Err(Malformed::new(range, reason));
        }
        found.push((constraint, quality));
    }
    match bad_range {
        _ if found.is_empty() => Ok(None),
        Some(range) => Err(Malformed::new(
            range,
            "it is no media range with parameters, such as `application/json; version=\"1.1\"`",
        )),
        None => Ok(Some(Constraint::one_of(found))),
    }
}

/// One media range: the version that it names, its quality in thousandths, and whether it begins with a media type at all.
fn read_range(range: &str, vendor: &Vendor) -> Result<(Option<Constraint>, u16, bool), Malformed> {
    let mut parts = split_unquoted(range, ';');
    let media = trim(parts.next().unwrap_or_default());
    let names_media = is_media_range(media);
    let mut version = None;
    let mut quality = None;
    // Where the media range itself was forgotten, its place may hold the parameter.
    for part in parts.chain((!names_media).then_some(media)) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let (name, value) = (trim(name), trim(value));
        if name.eq_ignore_ascii_case("version") {
            if version.is_some() {
                return Err(Malformed::new(range, "the media range names `version` twice"));
            }
            version = Some(value);
        } else if name.eq_ignore_ascii_case("q") && quality.is_none() {
            quality = Some(value);
        }
    }
    let parameter = version
        .map(|value| Constraint::parse(&parameter_value(value)?))
        .transpose()?;
    let suffix = names_media
        .then(|| vendor_version(media, vendor))
        .flatten()
        .map(Constraint::parse)
        .transpose()?;
    let constraint = match (suffix, parameter) {
        (Some(suffix), Some(parameter)) => Some(suffix.and(parameter)),
        (suffix, parameter) => suffix.or(parameter),
    };
    let quality = match quality {
        // What names no version may be as it likes: old clients send `q=.2`.
        Some(text) if constraint.is_some() => weight(text).ok_or_else(|| {
            Malformed::new(
                range,
                "its `q` is no weight from 0 to 1 with at most three digits, such as `q=0.5`",
            )
        })?,
        _ => FULL_QUALITY,
    };
    Ok((constraint, quality, names_media))
}

/// The version in the name of a vendor's media type: what follows the first `v` and a digit at the beginning of a part of it, in
/// `application/vnd.acme.v1.1+json` that is `1.1`. The suffix is JSON, or there is none.
fn vendor_version<'a>(media: &'a str, vendor: &Vendor) -> Option<&'a str> {
    let (kind, subtype) = media.split_once('/')?;
    let name = strip_prefix(subtype, "vnd.").filter(|_| kind.eq_ignore_ascii_case("application"))?;
    let name = match name.rsplit_once('+') {
        Some((name, suffix)) if suffix.eq_ignore_ascii_case("json") => name,
        Some(_) => return None,
        None => name,
    };
    let rest = match vendor {
        Vendor::Off => return None,
        Vendor::Any => &name[name.find('.')?..],
        Vendor::Named(vendor) => strip_prefix(name, vendor).filter(|rest| rest.starts_with('.'))?,
    };
    let labels = rest.match_indices('.').map(|(at, _)| &rest[at + 1..]);
    labels
        .filter_map(|label| label.strip_prefix(['v', 'V']))
        .find(|version| version.starts_with(|c: char| c.is_ascii_digit()))
}

/// Without regard to case, as names of media types are compared.
fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}
