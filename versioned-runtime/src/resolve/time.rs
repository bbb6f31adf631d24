//! Moments, as dates of versions and as requests name them: read from texts and written as headers. No clock is read here.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The seconds of a day; there are no leap seconds in Unix time.
const DAY: i64 = 24 * 60 * 60;

/// A moment in whole seconds since 1970-01-01T00:00:00Z, until the year 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(i64);

/// A text that is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no date; write a day (`2026-01-31`, which begins at midnight UTC) or a moment (`2026-01-31T10:00:00Z`)"
)]
pub struct NoDate {
    /// What was written, shortened.
    pub text: String,
}

impl UnixTime {
    /// The last moment: 9999-12-30T22:00:00Z, which is still in that year everywhere on earth.
    pub const MAX: Self = Self(253_402_207_200);

    /// The moment of this many seconds; before 1970 is 1970, past the year 9999 its end.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        if seconds < 0 {
            Self(0)
        } else if seconds > Self::MAX.0 {
            Self::MAX
        } else {
            Self(seconds)
        }
    }

    /// The seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// Reads a day (`2026-01-31`: its midnight, UTC) or a moment of RFC 3339 (`2026-01-31T10:00:00Z`).
    pub fn parse(text: &str) -> Result<Self, NoDate> {
        let no_date = || NoDate {
            text: super::constraint::shorten(text),
        };
        let moment = if is_day(text) {
            let day: Date = text.parse().map_err(|_| no_date())?;
            let midnight = day.to_zoned_datetime(TimeZone::UTC);
            midnight.map_err(|_| no_date())?.timestamp()
        } else if text.len() > 10 && is_day(&text.as_bytes()[..10]) && text.is_ascii() && !text.contains('[')
        {
            text.parse::<Timestamp>().map_err(|_| no_date())?
        } else {
            return Err(no_date());
        };
        match moment.as_second() {
            seconds if seconds >= 0 => Ok(Self(seconds)),
            _ => Err(no_date()),
        }
    }

    /// The midnight, UTC, that a day begins with.
    #[must_use]
    pub fn from_day(day: Date) -> Self {
        let midnight = day.to_zoned_datetime(TimeZone::UTC);
        // Only days at the ends of what can be counted have none.
        midnight.map_or(Self::MAX, |midnight| {
            Self::from_seconds(midnight.timestamp().as_second())
        })
    }

    /// Some seconds later.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self::from_seconds(self.0.saturating_add(seconds))
    }

    /// The same moment on the next day.
    #[must_use]
    pub const fn next_day(self) -> Self {
        self.plus(DAY)
    }

    /// As `Sunset`, `Retry-After` and other headers say it (RFC 9110, section 5.6.7).
    #[must_use]
    pub fn http_date(self) -> String {
        // Both fail for years that a moment cannot have.
        Timestamp::from_second(self.0)
            .and_then(|moment| DateTimePrinter::new().timestamp_to_rfc9110_string(&moment))
            .unwrap_or_default()
    }

    /// As `Deprecation` says it: a date of structured fields (RFC 9745, RFC 9651 section 3.3.7).
    #[must_use]
    pub fn structured(self) -> String {
        format!("@{}", self.0)
    }
}

/// Whether a text has the form of a day, `dddd-dd-dd`; the day may not exist.
pub(super) fn is_day(text: impl AsRef<[u8]>) -> bool {
    let text = text.as_ref();
    text.len() == 10
        && text.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// A midnight is written as its day.
impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(moment) = Timestamp::from_second(self.0) else {
            return write!(f, "@{}", self.0);
        };
        if self.0 % DAY == 0 {
            write!(f, "{}", moment.to_zoned_datetime(TimeZone::UTC).date())
        } else {
            moment.fmt(f)
        }
    }
}

impl Serialize for UnixTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UnixTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, seconds: i64, shown: &str, header: &str) {
        let time = UnixTime::parse(text).expect(text);
        assert_eq!((time.seconds(), time.to_string().as_str()), (seconds, shown));
        assert_eq!(time.http_date(), header);
        assert_eq!(time.structured(), format!("@{seconds}"));
        assert_eq!(UnixTime::parse(shown), Ok(time));
    }

    #[test]
    fn days_and_moments() {
        check("1970-01-01", 0, "1970-01-01", "Thu, 01 Jan 1970 00:00:00 GMT");
        check(
            "2023-06-30T23:59:59Z",
            1_688_169_599,
            "2023-06-30T23:59:59Z",
            "Fri, 30 Jun 2023 23:59:59 GMT",
        );
        check(
            "2024-02-29",
            1_709_164_800,
            "2024-02-29",
            "Thu, 29 Feb 2024 00:00:00 GMT",
        );
        check(
            "2024-02-29T02:00:00+02:00",
            1_709_164_800,
            "2024-02-29",
            "Thu, 29 Feb 2024 00:00:00 GMT",
        );
        check(
            "9999-12-30T22:00:00Z",
            UnixTime::MAX.seconds(),
            "9999-12-30T22:00:00Z",
            "Thu, 30 Dec 9999 22:00:00 GMT",
        );
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "2026",
            "2026-1-31",
            "2023-02-29",
            "2026-13-01",
            "20260131",
            "1969-12-31",
            "2026-01-31 ",
            "2026-01-31T10:00",
            "2026-01-31T10:00:00Z[UTC]",
            "tomorrow",
            "２０２６-01-31",
        ] {
            let error = UnixTime::parse(text).expect_err(text);
            assert!(error.to_string().contains("`2026-01-31`"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in 0..=UnixTime::MAX.seconds()) {
            let time = UnixTime::from_seconds(seconds);
            prop_assert_eq!(UnixTime::parse(&time.to_string()), Ok(time));
            prop_assert_eq!(time.http_date().len(), 29);
        }

        #[test]
        fn no_text_panics(text in "[0-9TZ:+.-]{0,30}|.{0,20}") {
            let _ = UnixTime::parse(&text).map(UnixTime::http_date);
        }
    }
}
