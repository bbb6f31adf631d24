//! What an operation answers with when it succeeds: statuses, headers and bodies, described by constants and written by one call.

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use crate::json;
use crate::payload::{BINARY, Binary, Media, Payload, TEXT, Text};
use crate::schema::{Link, Schema, Shape};
use crate::stream::{ByteStream, EventStream, Ndjson, Within};

/// What an operation may answer with.
///
/// A type that has a schema and is written as JSON is one response; so are [`Text`], [`Binary`], [`Ndjson`] and [`EventStream`], and
/// each of them [`WithHeaders`]. Several are an enum with `#[derive(Responses)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the answer of an operation [V0121]",
    label = "not written as an answer",
    note = "an answer is a type with `Serialize` and a schema, `Text`, `Binary`, `Ndjson<T>` or `EventStream<T>`, one of them `WithHeaders`, or an enum of these with `#[derive(Responses)]`"
)]
pub trait Responses: Sized + Send + 'static {
    /// All of them.
    const RESPONSES: &'static [ResponseSpec];

    /// The one that this is.
    ///
    /// # Errors
    /// If a value cannot be written as JSON or as a header.
    fn into_response(self) -> Result<Response, Unwritable>;

    /// The same, with its items made within something; whole answers are made already.
    #[doc(hidden)]
    #[must_use]
    fn within(self, within: impl Within) -> Self;
}

/// One response, as documents describe it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseSpec {
    /// The variant of the enum that it is one of; empty if it is the only one.
    pub variant: &'static str,
    /// Its status; `None` for that of the operation.
    pub status: Option<u16>,
    /// The doc comment of the variant.
    pub doc: &'static str,
    /// Its headers: the members of a struct.
    pub headers: Option<Link>,
    /// Its body, if it has one.
    pub body: Option<Payload>,
}

impl ResponseSpec {
    /// The only response of an operation, without headers.
    #[must_use]
    pub const fn only(body: Option<Payload>) -> Self {
        Self {
            variant: "",
            status: None,
            doc: "",
            headers: None,
            body,
        }
    }

    /// The only response of an operation that answers with one JSON document, or with nothing for a unit.
    #[must_use]
    pub const fn json(ty: Link) -> Self {
        Self::only(match ty.get().shape {
            Shape::Unit => None,
            _ => Some(Payload {
                media: Media::Json,
                ty,
            }),
        })
    }

    /// Whether one of these has a body that comes item by item.
    #[doc(hidden)]
    #[must_use]
    pub const fn any_streams(responses: &[Self]) -> bool {
        match responses {
            [] => false,
            [first, rest @ ..] => match &first.body {
                Some(body) if body.media.is_stream() => true,
                _ => Self::any_streams(rest),
            },
        }
    }

    /// The one response that the variant of an enum holds, with its status.
    ///
    /// # Panics
    /// While constants are evaluated: if what the variant holds is not exactly one response.
    #[doc(hidden)]
    #[must_use]
    pub const fn of_variant(
        held: &[ResponseSpec],
        variant: &'static str,
        status: u16,
        doc: &'static str,
    ) -> Self {
        assert!(
            held.len() == 1 && held[0].status.is_none(),
            "a variant of `Responses` holds one answer, not an enum of several [V0405]"
        );
        assert!(
            held[0].body.is_none() || !matches!(status, 204 | 205 | 304),
            "answers of the statuses 204, 205 and 304 have no body (RFC 9110): hold nothing, or `WithHeaders<(), Headers>` [V0405]"
        );
        Self {
            variant,
            status: Some(status),
            doc,
            headers: held[0].headers,
            body: held[0].body,
        }
    }
}

/// An answer, ready to be sent.
#[derive(Debug)]
pub struct Response {
    /// Its status; `None` for that of the operation.
    pub status: Option<u16>,
    /// Its headers by name; a name may stand several times.
    pub headers: Vec<(String, String)>,
    /// Its media type; `None` if it has no body.
    pub media: Option<Media>,
    /// Its body.
    pub body: Body,
}

/// The body of an answer.
pub enum Body {
    /// All of it; empty for none.
    Whole(Bytes),
    /// What comes item by item.
    Stream(ByteStream),
}

impl Body {
    /// The number of bytes, where it is known beforehand.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // an empty body is one without bytes, not one without a length
    pub fn len(&self) -> Option<usize> {
        match self {
            Body::Whole(bytes) => Some(bytes.len()),
            Body::Stream(_) => None,
        }
    }
}

impl Response {
    /// An answer without a body.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            status: None,
            headers: Vec::new(),
            media: None,
            body: Body::Whole(Bytes::new()),
        }
    }

    fn of(media: Media, body: Body) -> Self {
        Self {
            media: Some(media),
            body,
            ..Self::empty()
        }
    }

    /// With another status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Body::Whole(bytes) => f.debug_tuple("Whole").field(&bytes.len()).finish(),
            Body::Stream(_) => f.write_str("Stream"),
        }
    }
}

/// An answer that cannot be written: a mistake of the service.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// A value that is none of JSON, such as a map with keys that are no texts.
    #[error("cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A header that holds more than texts, numbers and lists of these.
    #[error("header `{0}` is neither a text nor a number, a boolean or a list of these")]
    Header(String),
}

/// What is answered with one body.
#[doc(hidden)]
pub trait ResponseBody: Sized + Send + 'static {
    /// Its form; `None` if there is none.
    const BODY: Option<Payload>;

    /// Writes it.
    ///
    /// # Errors
    /// If a value is none of JSON.
    fn into_body(self) -> Result<Response, Unwritable>;

    /// The same, with its items made within something.
    #[must_use]
    fn body_within(self, _: impl Within) -> Self {
        self
    }
}

impl<T: Serialize + Schema + Send + 'static> ResponseBody for T {
    const BODY: Option<Payload> = ResponseSpec::json(T::NODE).body;

    fn into_body(self) -> Result<Response, Unwritable> {
        if Self::BODY.is_none() {
            return Ok(Response::empty());
        }
        let body = Body::Whole(json::bytes(&self)?);
        Ok(Response::of(Media::Json, body))
    }
}

impl ResponseBody for Text {
    const BODY: Option<Payload> = Some(Payload {
        media: Media::Text,
        ty: Link::of(TEXT),
    });

    fn into_body(self) -> Result<Response, Unwritable> {
        Ok(Response::of(Media::Text, Body::Whole(self.0.into())))
    }
}

impl ResponseBody for Binary {
    const BODY: Option<Payload> = Some(Payload {
        media: Media::Binary,
        ty: Link::of(BINARY),
    });

    fn into_body(self) -> Result<Response, Unwritable> {
        Ok(Response::of(Media::Binary, Body::Whole(self.0)))
    }
}

impl<T: Serialize + Schema + Send + 'static> ResponseBody for Ndjson<T> {
    const BODY: Option<Payload> = Some(Payload {
        media: Media::Ndjson,
        ty: T::NODE,
    });

    fn into_body(self) -> Result<Response, Unwritable> {
        Ok(Response::of(Media::Ndjson, Body::Stream(self.into_bytes())))
    }

    fn body_within(self, within: impl Within) -> Self {
        self.within(within)
    }
}

impl<T: Serialize + Schema + Send + 'static> ResponseBody for EventStream<T> {
    const BODY: Option<Payload> = Some(Payload {
        media: Media::Events,
        ty: T::NODE,
    });

    fn into_body(self) -> Result<Response, Unwritable> {
        Ok(Response::of(Media::Events, Body::Stream(self.into_bytes())))
    }

    fn body_within(self, within: impl Within) -> Self {
        self.within(within)
    }
}

impl<T: ResponseBody> Responses for T {
    const RESPONSES: &'static [ResponseSpec] = &[ResponseSpec::only(T::BODY)];

    fn into_response(self) -> Result<Response, Unwritable> {
        self.into_body()
    }

    fn within(self, within: impl Within) -> Self {
        self.body_within(within)
    }
}

/// An answer with headers: the members of a struct, each by its name on the wire.
///
/// A member that is `None` is left out, and each item of a list is a header of its own. Headers are versioned as bodies are: a
/// struct of the contract has a history.
///
/// ```
/// use serde::Serialize;
/// use versioned_core::response::{Responses, WithHeaders};
/// # use versioned_core::schema::{Field, Link, Node, Presence, Schema, Shape};
///
/// #[derive(Serialize)]
/// struct Page {
///     #[serde(rename = "ETag")]
///     tag: String,
/// }
/// # impl Schema for Page {
/// #     const NODE: Link = Link::of(&Node::anonymous(Shape::Struct {
/// #         fields: &[Field { name: "tag", wire: "ETag", aliases: &[], doc: "", ty: <String as Schema>::NODE,
/// #             optional_in: false, optional_out: false, presence: Presence::Both, flatten: false }],
/// #         deny_unknown_fields: false,
/// #     }));
/// # }
///
/// let answer = WithHeaders { body: vec![1_u8, 2], headers: Page { tag: "\"7\"".to_owned() } };
/// let response = answer.into_response()?;
/// assert_eq!(response.headers, [("ETag".to_owned(), "\"7\"".to_owned())]);
/// # Ok::<(), versioned_core::response::Unwritable>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithHeaders<T, H> {
    /// The body.
    pub body: T,
    /// The headers.
    pub headers: H,
}

impl<T: ResponseBody, H: Serialize + Schema + Send + 'static> Responses for WithHeaders<T, H> {
    const RESPONSES: &'static [ResponseSpec] = &[ResponseSpec {
        headers: Some(checked(H::NODE)),
        ..ResponseSpec::only(T::BODY)
    }];

    fn into_response(self) -> Result<Response, Unwritable> {
        let headers = written(&self.headers)?;
        let body = self.body.into_body()?;
        Ok(Response { headers, ..body })
    }

    fn within(self, within: impl Within) -> Self {
        let Self { body, headers } = self;
        let body = body.body_within(within);
        Self { body, headers }
    }
}

/// The headers that members are written as.
fn written(headers: &impl Serialize) -> Result<Vec<(String, String)>, Unwritable> {
    let Value::Object(members) = serde_json::to_value(headers)? else {
        return Ok(Vec::new());
    };
    let mut written = Vec::with_capacity(members.len());
    for (name, value) in members {
        let values = match value {
            Value::Null => continue,
            Value::Array(items) => items,
            single => vec![single],
        };
        for value in values {
            let text = match value {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                Value::Bool(flag) => flag.to_string(),
                Value::Null | Value::Array(_) | Value::Object(_) => return Err(Unwritable::Header(name)),
            };
            written.push((name.clone(), text));
        }
    }
    Ok(written)
}

/// The names, and what is said to who takes one of them: a constant can panic with a text only that is there as a whole.
macro_rules! reserved {
    ($($name:literal),* $(,)?) => {
        /// The headers that the framework or the connection writes.
        pub const RESERVED_HEADERS: [&str; 12] = [$($name),*];

        const RESERVED_MESSAGES: [&str; RESERVED_HEADERS.len()] = [$(concat!(
            "`",
            $name,
            "` is a header that the framework writes itself: remove the member, or give it another name, ",
            "`#[serde(rename = \"X-Name\")]` [V0120]"
        )),*];
    };
}

reserved! {
    "api-epoch",
    "api-serving-version",
    "api-version",
    "connection",
    "content-length",
    "content-type",
    "deprecation",
    "keep-alive",
    "sunset",
    "trailer",
    "transfer-encoding",
    "upgrade",
}

/// A node that can be written as headers.
///
/// # Panics
/// While constants are evaluated: if it cannot.
const fn checked(headers: Link) -> Link {
    let Shape::Struct { fields, .. } = &named(headers).get().shape else {
        panic!("the headers of an answer are a struct: each member is a header [V0120]");
    };
    let mut at = 0;
    while at < fields.len() {
        let field = &fields[at];
        assert!(
            is_field_name(field.wire),
            "a member of the headers has a name that no header can have: rename it (`#[serde(rename = \"ETag\")]`) [V0120]"
        );
        if let Some(place) = reserved_place(field.wire) {
            panic!("{}", RESERVED_MESSAGES[place]);
        }
        assert!(
            !field.flatten && is_header_value(field.ty, true),
            "a header is a text, a number, a boolean, an enum without data, or an option or list of these [V0120]"
        );
        at += 1;
    }
    headers
}

const fn named(ty: Link) -> Link {
    match ty.get().shape {
        Shape::Transparent(inner) => named(inner),
        _ => ty,
    }
}

const fn is_header_value(ty: Link, whole: bool) -> bool {
    match &ty.get().shape {
        Shape::Bool
        | Shape::Integer { .. }
        | Shape::Number { .. }
        | Shape::String { .. }
        | Shape::Char
        | Shape::Literal(_) => true,
        Shape::Transparent(inner) => is_header_value(*inner, whole),
        Shape::Option(inner) => whole && is_header_value(*inner, whole),
        Shape::List { item, .. } => whole && is_header_value(*item, false),
        Shape::Enum {
            variants,
            tagging: crate::schema::Tagging::External,
            ..
        } => {
            let mut at = 0;
            while at < variants.len() {
                if !matches!(variants[at].content, crate::schema::Content::Unit) {
                    return false;
                }
                at += 1;
            }
            true
        }
        _ => false,
    }
}

/// Whether a text can be the name of a header: a token of RFC 9110, section 5.6.2.
#[must_use]
pub const fn is_field_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let token = matches!(
            bytes[at],
            b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z'
        );
        if !token {
            return false;
        }
        at += 1;
    }
    !bytes.is_empty()
}

/// Where a name stands among the reserved ones.
const fn reserved_place(name: &str) -> Option<usize> {
    let mut at = 0;
    while at < RESERVED_HEADERS.len() {
        if name.eq_ignore_ascii_case(RESERVED_HEADERS[at]) {
            return Some(at);
        }
        at += 1;
    }
    None
}
