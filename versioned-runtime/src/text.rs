//! Short texts by value: what a request is known by is copied, without a box and without a count that threads share.

use std::sync::Arc;

use crate::words::{are_ascii, copy, padded};

/// A text; one of up to `N` bytes is copied.
#[derive(Debug, Clone)]
pub(crate) enum Text<const N: usize> {
    Short { length: u8, bytes: [u8; N] },
    Long(Arc<str>),
}

impl<const N: usize> Text<N> {
    /// What a header holds; none where that is empty, or no text.
    #[inline(always)] // what it gives back is large, and would be copied
    pub(crate) fn from_header(value: &http::HeaderValue) -> Option<Self> {
        let value = value.as_bytes();
        // A header has no control characters but tabs; what is ASCII is what `HeaderValue::to_str` takes for text.
        match Self::short(value) {
            _ if value.is_empty() => None,
            Some(Self::Short { bytes, .. }) if !are_ascii(&bytes) => None,
            Some(short) => Some(short),
            None => Self::long_ascii(value),
        }
    }

    #[cold]
    fn long_ascii(value: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(value).ok()?;
        text.is_ascii().then(|| Self::Long(text.into()))
    }

    /// Bytes that are known to be text; what is none after all is empty.
    pub(crate) fn of_text(bytes: &[u8]) -> Self {
        Self::short(bytes)
            .unwrap_or_else(|| Self::Long(std::str::from_utf8(bytes).unwrap_or_default().into()))
    }

    /// A text that is copied, if it is short enough.
    #[inline(always)] // what it gives back is large, and would be copied
    fn short(text: &[u8]) -> Option<Self> {
        let length = u8::try_from(text.len()).ok()?;
        let bytes = padded(text)?;
        Some(Self::Short { length, bytes })
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Short { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Self::Long(text) => text.as_bytes(),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Short { .. } => std::str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Self::Long(text) => text,
        }
    }
}

/// A short text that is put together piece by piece.
#[derive(Debug)]
pub(crate) struct Pieces<const N: usize> {
    length: usize,
    bytes: [u8; N],
}

impl<const N: usize> Pieces<N> {
    pub(crate) const NONE: Self = Self {
        length: 0,
        bytes: [0; N],
    };

    /// Adds a piece, which is text; none if there is no room for it.
    #[inline(always)] // a few steps
    pub(crate) fn push(&mut self, piece: &[u8]) -> Option<()> {
        let end = self.length + piece.len();
        copy(self.bytes.get_mut(self.length..end)?, piece);
        self.length = end;
        Some(())
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The text; none where it is empty.
    #[inline(always)] // what it gives back is large, and would be copied
    pub(crate) fn text(self) -> Option<Text<N>> {
        let length = u8::try_from(self.length).ok().filter(|length| *length > 0)?;
        Some(Text::Short {
            length,
            bytes: self.bytes,
        })
    }
}

impl<const N: usize> From<&str> for Text<N> {
    fn from(text: &str) -> Self {
        Self::short(text.as_bytes()).unwrap_or_else(|| Self::Long(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(text: &str, short: bool) {
        let made = Text::<8>::from(text);
        assert_eq!((made.as_str(), made.as_bytes()), (text, text.as_bytes()));
        assert_eq!(matches!(made, Text::Short { .. }), short);
    }

    #[test]
    fn short_texts_are_copied() {
        check("", true);
        check("größe", true);
        check("12345678", true);
        check("123456789", false);
    }

    #[test]
    fn pieces_make_a_text() {
        let mut pieces = Pieces::<8>::NONE;
        assert!(Pieces::<8>::NONE.text().is_none());
        for (piece, fits) in [("grö", true), ("", true), ("ßer", true), ("x", false)] {
            assert_eq!(pieces.push(piece.as_bytes()).is_some(), fits, "{piece}");
        }
        assert_eq!(pieces.as_bytes(), "größer".as_bytes());
        assert_eq!(pieces.text().expect("a text").as_str(), "größer");
    }

    #[test]
    fn headers_hold_texts() {
        let read = |bytes: &[u8]| {
            let value = HeaderValue::from_bytes(bytes).expect("a value");
            Text::<8>::from_header(&value).map(|text| text.as_str().to_owned())
        };
        assert_eq!(read(b""), None);
        assert_eq!(read(b"a\tb"), Some("a\tb".to_owned()));
        assert_eq!(read(b"longer than eight"), Some("longer than eight".to_owned()));
        assert_eq!(read("größe".as_bytes()), None);
        assert_eq!(read(b"\xff"), None);
    }
}
