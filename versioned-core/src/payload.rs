//! What the bodies of requests and answers hold, and how it is written: JSON, text, bytes, or one item after another.

use std::fmt;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::schema::{Link, Node, Schema, Shape};
use crate::stream::Ndjson;

/// The media type of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Media {
    /// One JSON document (RFC 8259).
    Json,
    /// Text in UTF-8 (RFC 2046, RFC 6657).
    Text,
    /// Any bytes (RFC 2046).
    Binary,
    /// JSON documents, one a line (<https://github.com/ndjson/ndjson-spec>).
    Ndjson,
    /// Server-sent events (HTML standard, section 9.2), each with a JSON document as its data.
    Events,
}

impl Media {
    /// The type without parameters, as documents list it.
    #[must_use]
    pub const fn essence(self) -> &'static str {
        match self {
            Media::Json => "application/json",
            Media::Text => "text/plain",
            Media::Binary => "application/octet-stream",
            Media::Ndjson => "application/x-ndjson",
            Media::Events => "text/event-stream",
        }
    }

    /// The value of `Content-Type` in answers.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Media::Text => "text/plain; charset=utf-8",
            other => other.essence(),
        }
    }

    /// Whether the body is one item after another, and its schema that of an item.
    #[must_use]
    pub const fn is_stream(self) -> bool {
        matches!(self, Media::Ndjson | Media::Events)
    }
}

impl fmt::Display for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.essence())
    }
}

/// A body: how it is written, and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payload {
    /// How it is written.
    pub media: Media,
    /// What it holds; of a stream, what each item is.
    pub ty: Link,
}

/// A body of text: `text/plain` in UTF-8.
///
/// A [`String`] is a JSON text, in quotes; this one stands in the body as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(pub String);

/// A body of bytes: `application/octet-stream`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Binary(pub Bytes);

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl<T: Into<Bytes>> From<T> for Binary {
    fn from(bytes: T) -> Self {
        Self(bytes.into())
    }
}

/// What stands in a body of text.
pub(crate) const TEXT: &Node = &Node::anonymous(Shape::String { format: "" });
/// What stands in a body of bytes.
pub(crate) const BINARY: &Node = &Node::anonymous(Shape::String { format: "binary" });

/// What an operation reads a body as: a type that has a schema and is read from JSON, [`Text`], [`Binary`], or the items of an
/// [`Ndjson`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the body of a request [V0121]",
    label = "not read from a request",
    note = "a body is a type with `Deserialize` and a schema, `Text`, `Binary` or `Ndjson<T>`; `EventStream<T>` goes to clients only"
)]
pub trait RequestBody: Sized + Send + 'static {
    /// What is expected.
    const PAYLOAD: Payload;

    /// Reads the body.
    ///
    /// # Errors
    /// What the reader says of a body that is not of this form.
    fn read<R: BodyReader>(reader: R) -> Result<Self, R::Refusal>;
}

/// A received body, read in the way that its type asks for.
pub trait BodyReader {
    /// Why it cannot be read.
    type Refusal;

    /// Reads one JSON document.
    ///
    /// # Errors
    /// If it is none, or has another shape.
    fn json<T: DeserializeOwned>(self) -> Result<T, Self::Refusal>;

    /// Reads text.
    ///
    /// # Errors
    /// If it is not UTF-8.
    fn text(self) -> Result<String, Self::Refusal>;

    /// Takes the bytes as they are.
    ///
    /// # Errors
    /// If there are none to take.
    fn bytes(self) -> Result<Bytes, Self::Refusal>;

    /// Reads one JSON document a line; empty lines are passed over.
    ///
    /// # Errors
    /// If a line is none, or has another shape; its place is told.
    fn lines<T: DeserializeOwned>(self) -> Result<Vec<T>, Self::Refusal>;
}

impl<T: DeserializeOwned + Schema + Send + 'static> RequestBody for T {
    const PAYLOAD: Payload = Payload {
        media: Media::Json,
        ty: T::NODE,
    };

    fn read<R: BodyReader>(reader: R) -> Result<Self, R::Refusal> {
        reader.json()
    }
}

impl RequestBody for Text {
    const PAYLOAD: Payload = Payload {
        media: Media::Text,
        ty: Link::of(TEXT),
    };

    fn read<R: BodyReader>(reader: R) -> Result<Self, R::Refusal> {
        reader.text().map(Self)
    }
}

impl RequestBody for Binary {
    const PAYLOAD: Payload = Payload {
        media: Media::Binary,
        ty: Link::of(BINARY),
    };

    fn read<R: BodyReader>(reader: R) -> Result<Self, R::Refusal> {
        reader.bytes().map(Self)
    }
}

/// All lines are read before the operation begins: a request is done as a whole or refused as a whole, under the limit of its size.
impl<T: DeserializeOwned + Schema + Send + 'static> RequestBody for Ndjson<T> {
    const PAYLOAD: Payload = Payload {
        media: Media::Ndjson,
        ty: T::NODE,
    };

    fn read<R: BodyReader>(reader: R) -> Result<Self, R::Refusal> {
        reader.lines().map(Self::from_items)
    }
}
