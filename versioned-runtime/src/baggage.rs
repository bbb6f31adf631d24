//! W3C Baggage: what goes along with the calls that are made while a request is answered, and the dye that comes in that way.
//!
//! Of what came in, all other members are handed on as they are, within the limits of the recommendation (section 3.3.2: 64 members,
//! 8192 bytes), ours first. It is put together only when a handler asks for it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::dyes::DyeSigner;
use crate::host::{Clock, header_value};
use crate::resolve::UnixTime;
use crate::route::dye::facts_of;

const BAGGAGE: HeaderName = HeaderName::from_static("baggage");
/// The member that holds the dye.
const DYE: &str = "versioned-dye";
/// The member that holds the epoch, and the contract that it is one of: `user-profile:4`.
const EPOCH: &str = "versioned-epoch";
/// The most members, and the most bytes, that everybody must hand on (section 3.3.2).
const MEMBERS: usize = 64;
const BYTES: usize = 8192;
/// What a value cannot hold as it is (section 3.3.1.3): all but `baggage-octet`, and `%`, which begins an escape.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b',')
    .add(b';')
    .add(b'\\')
    .add(b'%');

/// What goes along with the calls that handlers make: the dye and the epoch, as members of W3C `baggage`. Off without it.
///
/// With it all facts that tables name are found out, also those that no rule asks for: the next service may have rules that do.
///
/// [`Context::baggage`](crate::Context::baggage) gives the header. The services that are called believe the dye in it if they have the key
/// that it is signed with, or if this service is one of their allow-listed peers. What is signed is what was believed here: sign only
/// where the places that tables name can be believed.
///
/// ```
/// # use std::time::Duration;
/// # use versioned_runtime::{Baggage, DyeSigner, Host};
/// # let secret = [7; 32];
/// let signer = DyeSigner::new("2026-11", secret)?;
/// let host = Host::new().baggage(Baggage::new().sign(signer, Duration::from_secs(30)));
/// # Ok::<(), versioned_runtime::SigningError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Baggage {
    signer: Option<(DyeSigner, Duration)>,
}

impl Baggage {
    /// The dye goes out without a signature.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The dye goes out signed, and is believed for as long as this.
    #[must_use]
    pub fn sign(mut self, signer: DyeSigner, lifetime: Duration) -> Self {
        self.signer = Some((signer, lifetime));
        self
    }
}

/// What a request brought along, and how the next one is to.
#[derive(Clone)]
pub(crate) struct Carried {
    came: Vec<HeaderValue>,
    out: Arc<Outgoing>,
}

/// How baggage goes out of a host.
pub(crate) struct Outgoing {
    pub(crate) baggage: Baggage,
    pub(crate) clock: Clock,
}

impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Carried")
            .field("came", &self.came)
            .finish_non_exhaustive()
    }
}

impl Carried {
    pub(crate) fn new(out: Arc<Outgoing>, headers: Option<&HeaderMap>) -> Self {
        let came = headers.into_iter().flat_map(|headers| headers.get_all(BAGGAGE));
        Self {
            came: came.cloned().collect(),
            out,
        }
    }

    /// The header for the calls that are made meanwhile; none where it would be empty.
    pub(crate) fn header(&self, dye: Option<&str>, epoch: Option<(&str, u64)>) -> Option<HeaderValue> {
        let mut own: Vec<String> = Vec::new();
        if let Some(dye) = dye.and_then(|dye| self.written(dye)) {
            own.push(format!("{DYE}={}", utf8_percent_encode(&dye, ESCAPED)));
        }
        if let Some((contract, epoch)) = epoch {
            own.push(format!(
                "{EPOCH}={}:{epoch}",
                utf8_percent_encode(contract, ESCAPED)
            ));
        }
        let text = joined(own.iter().map(String::as_str).chain(others(&self.came)));
        (!text.is_empty()).then(|| header_value(&text))
    }

    /// The dye as it goes out; none where it cannot be signed, which no dye of ours is.
    fn written<'a>(&self, dye: &'a str) -> Option<Cow<'a, str>> {
        let Some((signer, lifetime)) = &self.out.baggage.signer else {
            return Some(Cow::Borrowed(dye));
        };
        let now = self.out.clock.now().seconds();
        let lifetime = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        let expires = UnixTime::from_seconds(now.saturating_add(lifetime));
        match signer.sign(facts_of(dye), expires) {
            Ok(value) => value.to_str().ok().map(|text| Cow::Owned(text.to_owned())),
            Err(error) => {
                tracing::warn!(%error, "a dye cannot be signed");
                None
            }
        }
    }
}

/// The members of these lines that are not ours; what is no member is left out.
fn others(lines: &[HeaderValue]) -> impl Iterator<Item = &str> {
    let members = lines.iter().filter_map(|line| line.to_str().ok());
    members
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|member| key(member).is_some_and(|key| key != DYE && key != EPOCH))
}

/// Whole members, as many as there may be.
fn joined<'a>(members: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for member in members.take(MEMBERS) {
        let comma = usize::from(!text.is_empty());
        if text.len() + comma + member.len() > BYTES {
            continue;
        }
        if comma > 0 {
            text.push(',');
        }
        text.push_str(member);
    }
    text
}

/// The key of a member.
fn key(member: &str) -> Option<&str> {
    let (key, _) = member.split_once('=')?;
    let key = key.trim_end();
    crate::resolve::is_token(key).then_some(key)
}

/// The dye that came in, not believed yet; an error where there are two, or it is not text.
pub(crate) fn dye_in(headers: &HeaderMap) -> Result<Option<Cow<'_, str>>, ()> {
    let mut found = None;
    for line in headers.get_all(BAGGAGE) {
        // What is not text has no member that we could read.
        let members = line.to_str().ok().into_iter().flat_map(|line| line.split(','));
        for member in members.map(str::trim).filter(|member| key(member) == Some(DYE)) {
            if found.replace(member).is_some() {
                return Err(());
            }
        }
    }
    let Some((_, value)) = found.and_then(|member| member.split_once('=')) else {
        return Ok(None);
    };
    // Properties follow the value.
    let value = value.split(';').next().unwrap_or_default().trim();
    percent_decode_str(value).decode_utf8().map(Some).map_err(drop)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(BAGGAGE, line.parse().expect("a value"));
        }
        headers
    }

    fn carried(lines: &[&str], baggage: Baggage) -> Carried {
        let clock = Clock::new(|| UnixTime::from_seconds(1_000));
        let out = Arc::new(Outgoing { baggage, clock });
        Carried::new(out, Some(&headers(lines)))
    }

    #[track_caller]
    fn check(lines: &[&str], dye: Option<&str>, epoch: Option<u64>, expected: Option<&str>) {
        let header = carried(lines, Baggage::new()).header(dye, epoch.map(|epoch| ("notes", epoch)));
        let header = header.as_ref().map(|header| header.to_str().expect("text"));
        assert_eq!(header, expected, "{lines:?}");
    }

    #[test]
    fn ours_go_before_what_came() {
        check(&[], None, None, None);
        check(&[], None, Some(4), Some("versioned-epoch=notes:4"));
        check(
            &[],
            Some("region:cn-east|tier:low"),
            Some(4),
            Some("versioned-dye=region:cn-east|tier:low,versioned-epoch=notes:4"),
        );
        check(&["a=1;p=2 , b = 2", "c=3"], None, None, Some("a=1;p=2,b = 2,c=3"));
        check(
            &["versioned-dye=x:y,a=1,versioned-epoch=other:9;p"],
            Some("region:us"),
            Some(4),
            Some("versioned-dye=region:us,versioned-epoch=notes:4,a=1"),
        );
        // What came is not ours any more, even where we have nothing to say.
        check(&["versioned-dye=x:y,a=1"], None, None, Some("a=1"));
        check(&["a, =1, b c=2, d=4"], None, None, Some("d=4"));
        check(
            &[],
            Some("team:a%7Cß"),
            None,
            Some("versioned-dye=team:a%257C%C3%9F"),
        );
    }

    #[test]
    fn limits_are_kept_with_whole_members() {
        let many: Vec<String> = (0..80).map(|n| format!("k{n}=v")).collect();
        let header =
            carried(&[&many.join(",")], Baggage::new()).header(Some("region:us"), Some(("notes", 1)));
        let header = header.expect("a header");
        let members: Vec<&str> = header.to_str().expect("text").split(',').collect();
        assert_eq!((members.len(), members.last()), (64, Some(&"k61=v")));
        let long = format!("long={}", "x".repeat(BYTES - 40));
        let header = carried(&[&long, "a=1"], Baggage::new()).header(Some("region:us"), Some(("notes", 1)));
        let header = header.expect("a header");
        assert_eq!(header, "versioned-dye=region:us,versioned-epoch=notes:1,a=1");
        let fits = format!("long={}", "x".repeat(BYTES - 5));
        let header = carried(&[&fits, "a=1"], Baggage::new()).header(None, None);
        assert_eq!(header.expect("a header").len(), BYTES);
    }

    #[track_caller]
    fn comes(lines: &[&str], expected: Result<Option<&str>, ()>) {
        let headers = headers(lines);
        let found = dye_in(&headers);
        assert_eq!(
            found.as_ref().map(|dye| dye.as_deref()),
            expected.as_ref().map(|dye| *dye),
            "{lines:?}"
        );
    }

    #[test]
    fn what_comes_in() {
        comes(&[], Ok(None));
        comes(&["a=versioned-dye,b=versioned-dye=x:y"], Ok(None));
        comes(&["a=1, versioned-dye = region:us ;p=1"], Ok(Some("region:us")));
        comes(
            &["a=1", "versioned-dye=team:a%257C%C3%9F"],
            Ok(Some("team:a%7Cß")),
        );
        comes(&["versioned-dye=a:b", "versioned-dye=a:b"], Err(()));
        comes(&["versioned-dye=%ff"], Err(()));
    }

    #[test]
    fn it_is_signed_where_that_is_said() {
        let signer = DyeSigner::new("k1", [7; 32]).expect("a signer");
        let expected = signer
            .sign([("team", "a|ß")], UnixTime::from_seconds(1_030))
            .expect("a dye");
        let baggage = Baggage::new().sign(signer, Duration::from_secs(30));
        let header = carried(&["a=1"], baggage)
            .header(Some("team:a%7Cß"), None)
            .expect("a header");
        let headers = headers(&[header.to_str().expect("text")]);
        let came = dye_in(&headers).expect("one dye").expect("a dye");
        assert_eq!(came, expected.to_str().expect("text"));
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(dye in "[a-z]{1,8}:[^\\p{Cc}]{1,24}", other in "[a-z]{1,8}=[!-+.-:<-\\[\\]-~]{0,16}") {
            let header = carried(&[&other], Baggage::new()).header(Some(&dye), None).expect("a header");
            let headers = headers(&[header.to_str().expect("text")]);
            prop_assert_eq!(dye_in(&headers), Ok(Some(Cow::Borrowed(dye.as_str()))));
            prop_assert!(header.to_str().expect("text").ends_with(&other));
        }
    }
}
