//! W3C Trace Context: which trace a request belongs to, read from it and handed on to the calls made while it is answered.
//!
//! Nothing is decided here about sampling, and no trace is begun: a request without a readable `traceparent` belongs to none, and what
//! is handed on is what came in, as the recommendation lets a participant do that records no spans of its own (section 4.3). Where spans
//! are sent (feature `otlp`), what is handed on is the operation's own span.

use std::fmt;

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};

pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
pub(crate) const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The trace that a request belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: u128,
    parent_id: u64,
    flags: u8,
    state: Vec<HeaderValue>,
}

impl TraceContext {
    /// Reads it from the headers of a request; nothing if there is no `traceparent`, several, or one that breaks the rules.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let mut parents = headers.get_all(TRACEPARENT).iter();
        let (Some(parent), None) = (parents.next(), parents.next()) else {
            return None;
        };
        let (trace_id, parent_id, flags) = parse(parent.as_bytes())?;
        Some(Self {
            trace_id,
            parent_id,
            flags,
            state: headers.get_all(TRACESTATE).iter().cloned().collect(),
        })
    }

    /// The number of the trace, as 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> impl fmt::Display + use<> {
        Hex::<32>(self.trace_id)
    }

    /// The number of the caller's span, as 16 hexadecimal digits.
    #[must_use]
    pub fn parent_id(&self) -> impl fmt::Display + use<> {
        Hex::<16>(u128::from(self.parent_id))
    }

    /// Whether the caller may have recorded the trace.
    #[must_use]
    pub const fn is_sampled(&self) -> bool {
        self.flags & 1 == 1
    }

    /// The trace that goes on from a span of this process.
    #[cfg(feature = "otlp")]
    pub(crate) fn at(trace_id: u128, span_id: u64, sampled: bool, state: &str) -> Self {
        let state = Some(state).filter(|state| !state.is_empty());
        Self {
            trace_id,
            parent_id: span_id,
            flags: u8::from(sampled),
            state: state.map(crate::host::header_value).into_iter().collect(),
        }
    }

    #[cfg(feature = "otlp")]
    pub(crate) const fn trace_number(&self) -> u128 {
        self.trace_id
    }

    #[cfg(feature = "otlp")]
    pub(crate) const fn parent_number(&self) -> u64 {
        self.parent_id
    }

    #[cfg(feature = "otlp")]
    pub(crate) fn state(&self) -> impl Iterator<Item = &HeaderValue> {
        self.state.iter()
    }

    /// The headers that hand it on: `traceparent`, and `tracestate` if there was one.
    pub fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        // Of the flags, those that version 00 does not define are not handed on.
        let text = format!(
            "00-{}-{}-{:02x}",
            self.trace_id(),
            self.parent_id(),
            self.flags & 1
        );
        let parent = (TRACEPARENT, crate::host::header_value(&text));
        let state = self.state.iter().map(|value| (TRACESTATE, value.clone()));
        std::iter::once(parent).chain(state)
    }
}

/// A number with all of its digits.
struct Hex<const DIGITS: usize>(u128);

impl<const DIGITS: usize> fmt::Display for Hex<DIGITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0DIGITS$x}", self.0)
    }
}

/// `00-<32 digits>-<16 digits>-<2 digits>`, in lower case. Later versions may have more behind another dash.
fn parse(text: &[u8]) -> Option<(u128, u64, u8)> {
    let digits = |range: std::ops::Range<usize>| {
        text.get(range)?.iter().try_fold(0_u128, |number, digit| {
            let digit = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            Some(number << 4 | u128::from(digit))
        })
    };
    let dashes = [2, 35, 52].iter().all(|at| text.get(*at) == Some(&b'-'));
    let version = digits(0..2)?;
    let length = match version {
        0 => text.len() == 55,
        0xff => false,
        _ => text.get(55).is_none_or(|byte| *byte == b'-'),
    };
    let (trace_id, parent_id, flags) = (digits(3..35)?, digits(36..52)?, digits(53..55)?);
    let valid = dashes && length && trace_id != 0 && parent_id != 0;
    valid.then_some((
        trace_id,
        u64::try_from(parent_id).ok()?,
        u8::try_from(flags).ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";

    fn read(lines: &[(&'static str, &str)]) -> Option<TraceContext> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().expect("a value"));
        }
        TraceContext::from_headers(&headers)
    }

    #[track_caller]
    fn check(traceparent: &str, expected: Option<bool>) {
        let found = read(&[("traceparent", traceparent)]);
        let sampled = found.as_ref().map(TraceContext::is_sampled);
        assert_eq!(sampled, expected, "{traceparent}");
        if let Some(found) = found {
            assert_eq!(
                (found.trace_id().to_string(), found.parent_id().to_string()),
                (TRACE.into(), PARENT.into())
            );
        }
    }

    #[test]
    fn what_is_read() {
        check(&format!("00-{TRACE}-{PARENT}-01"), Some(true));
        check(&format!("00-{TRACE}-{PARENT}-00"), Some(false));
        check(&format!("00-{TRACE}-{PARENT}-ff"), Some(true));
        check(&format!("01-{TRACE}-{PARENT}-01-more"), Some(true));
        check(&format!("01-{TRACE}-{PARENT}-01more"), None);
        check(&format!("00-{TRACE}-{PARENT}-01-more"), None);
        check(&format!("ff-{TRACE}-{PARENT}-01"), None);
        check(&format!("00-{}-{PARENT}-01", TRACE.to_uppercase()), None);
        check(&format!("00-{}-{PARENT}-01", "0".repeat(32)), None);
        check(&format!("00-{TRACE}-{}-01", "0".repeat(16)), None);
        check(&format!("00-{TRACE}_{PARENT}-01"), None);
        check(&format!("00-{TRACE}-{PARENT}-0"), None);
        check("", None);
    }

    #[test]
    fn it_is_handed_on_with_its_state() {
        let parent = format!("00-{TRACE}-{PARENT}-01");
        let found = read(&[
            ("traceparent", &parent),
            ("tracestate", "a=1"),
            ("tracestate", "b=2"),
        ]);
        let headers: Vec<(String, String)> = found
            .expect("a trace")
            .headers()
            .map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()))
            .collect();
        let line = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            headers,
            [
                line("traceparent", &parent),
                line("tracestate", "a=1"),
                line("tracestate", "b=2")
            ]
        );
        assert_eq!(read(&[("traceparent", &parent), ("traceparent", &parent)]), None);
    }
}
