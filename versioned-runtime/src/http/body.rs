//! Bodies of requests: their size, their encoding, their media type, and JSON with the place of what is wrong in it.

use std::io::Read as _;

use axum::body::Body;
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http_body::Body as _;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_path_to_error::Segment;
use versioned_core::payload::Media;

use super::objects::Objects;
use super::{Refusal, problem};
use crate::host::Limits;

/// A body that was received whole.
#[derive(Debug)]
pub struct RawBody(Bytes);

/// Receives a body: refuses by size first, then by media type and encoding.
pub(super) async fn receive(
    headers: &HeaderMap,
    body: Body,
    expected: Media,
    limits: Limits,
) -> Result<RawBody, Refusal> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limits.body as u64) {
        return Err(problem::body_too_large(limits.body));
    }
    // No body has no type: saying that it is missing helps more.
    if body.is_end_stream() {
        return Ok(RawBody(Bytes::new()));
    }
    // A body of unknown length is read before its type is refused: too large comes before unsupported.
    let supported = match check_media_type(headers, expected).and_then(|()| Encoding::of(headers)) {
        Err(refusal) if announced.is_some() => return Err(refusal),
        supported => supported,
    };
    let received = tokio::time::timeout(limits.body_timeout, Limited::new(body, limits.body).collect()).await;
    let bytes = match received {
        Err(_) => return Err(problem::body_timeout()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(problem::body_too_large(limits.body)),
        Ok(Err(error)) => return Err(problem::body_unreadable(format!("the body broke off: {error}"))),
        Ok(Ok(collected)) => collected.to_bytes(),
    };
    supported?.decode(bytes, limits.body).map(RawBody)
}

/// The media type that the operation reads. JSON may be another format that is JSON by its suffix (RFC 6839), text is UTF-8 or
/// US-ASCII, lines of JSON have three names, and a body of bytes may say of which kind they are.
fn check_media_type(headers: &HeaderMap, expected: Media) -> Result<(), Refusal> {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Err(problem::unsupported_media_type(None, expected));
    };
    let text = value.to_str().unwrap_or("").to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or("");
    let readable = match expected {
        Media::Json => {
            essence == "application/json"
                || (essence.starts_with("application/") && essence.ends_with("+json"))
        }
        Media::Text => {
            let mut charsets = parts.filter_map(|parameter| parameter.strip_prefix("charset="));
            let readable = |charset: &str| matches!(charset.trim_matches('"'), "utf-8" | "us-ascii");
            essence == "text/plain" && charsets.all(readable)
        }
        Media::Ndjson => matches!(
            essence,
            "application/x-ndjson" | "application/ndjson" | "application/jsonl"
        ),
        // What consists of parts would be taken for the bytes of one.
        Media::Binary => essence.contains('/') && !essence.starts_with("multipart/"),
        // Never read; what is written is what is described.
        Media::Events => essence == expected.essence(),
    };
    if readable {
        Ok(())
    } else {
        Err(problem::unsupported_media_type(Some(&text), expected))
    }
}

/// The content encodings that are understood (RFC 9110 section 8.4.1).
#[derive(Debug, Clone, Copy)]
enum Encoding {
    Identity,
    Gzip,
    Deflate,
}

impl Encoding {
    fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let mut values = headers.get_all(CONTENT_ENCODING).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return if headers.contains_key(CONTENT_ENCODING) {
                Err(problem::unsupported_encoding("several encodings"))
            } else {
                Ok(Encoding::Identity)
            };
        };
        let text = value.to_str().unwrap_or("").trim().to_ascii_lowercase();
        match text.as_str() {
            "" | "identity" => Ok(Encoding::Identity),
            "gzip" | "x-gzip" => Ok(Encoding::Gzip),
            "deflate" => Ok(Encoding::Deflate),
            other => Err(problem::unsupported_encoding(other)),
        }
    }

    /// Decompresses, but never more than the limit: a small body can unpack to a large one.
    fn decode(self, bytes: Bytes, limit: usize) -> Result<Bytes, Refusal> {
        let most = (limit as u64).saturating_add(1);
        let mut decoded = Vec::new();
        let read = match self {
            Encoding::Identity => return Ok(bytes),
            Encoding::Gzip => flate2::read::MultiGzDecoder::new(&bytes[..])
                .take(most)
                .read_to_end(&mut decoded),
            Encoding::Deflate => flate2::read::ZlibDecoder::new(&bytes[..])
                .take(most)
                .read_to_end(&mut decoded),
        };
        match read {
            Ok(_) if decoded.len() > limit => Err(problem::body_too_large(limit)),
            Ok(_) => Ok(decoded.into()),
            Err(error) => Err(problem::body_unreadable(format!(
                "the body cannot be decompressed: {error}"
            ))),
        }
    }
}

impl RawBody {
    /// Reads the body as JSON: what is no JSON at all is a 400, what is JSON of another shape is a 422 that names the place.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        if self.0.is_empty() {
            return Err(problem::body_unreadable(
                "the body is empty; send a JSON document",
            ));
        }
        read_json(&self.0, "the body")
    }

    /// The bytes as they are.
    pub(super) fn bytes(&self) -> &Bytes {
        &self.0
    }

    /// The lines that are not empty, with their numbers from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, RawBody)> + '_ {
        let lines = self.0.split(|byte| *byte == b'\n').enumerate();
        let lines = lines.map(|(index, line)| (index + 1, line.trim_ascii()));
        let told = lines.filter(|(_, line)| !line.is_empty());
        told.map(|(number, line)| (number, RawBody(self.0.slice_ref(line))))
    }

    /// Reads a body that was parsed already.
    pub(super) fn read<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Refusal> {
        serde_path_to_error::deserialize(Objects(value)).map_err(|error| {
            let pointer = pointer(error.path());
            refuse(&error.into_inner(), pointer, "the body", || true)
        })
    }
}

/// Reads a whole text as JSON; `what` it is stands in refusals.
pub(crate) fn read_json<T: DeserializeOwned>(text: &[u8], what: &str) -> Result<T, Refusal> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(Objects(&mut deserializer)).map_err(|error| {
        let pointer = pointer(error.path());
        let is_json = || serde_json::from_slice::<IgnoredAny>(text).is_ok();
        refuse(&error.into_inner(), pointer, what, is_json)
    })?;
    deserializer
        .end()
        .map_err(|error| refuse(&error, String::new(), what, || false))?;
    Ok(value)
}

fn refuse(
    error: &serde_json::Error,
    mut pointer: String,
    what: &str,
    is_json: impl FnOnce() -> bool,
) -> Refusal {
    let text = error.to_string();
    // An array of more items than are asked for is JSON, too.
    if text.starts_with("trailing characters") && is_json() {
        return problem::body_invalid(&pointer, "has more items than there are to be");
    }
    if !error.is_data() {
        return problem::body_unreadable(format!("{what} is not JSON: {text}"));
    }
    // serde stands at the object that lacks a member; the place that is meant is the member.
    if let Some(member) = text
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next())
    {
        push(&mut pointer, member);
    }
    let detail = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(detail, _)| detail);
    problem::body_invalid(&pointer, detail)
}

/// A JSON pointer (RFC 6901).
pub(crate) fn pointer(path: &serde_path_to_error::Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => push(&mut pointer, &index.to_string()),
            Segment::Map { key } => push(&mut pointer, key),
            Segment::Enum { variant } => push(&mut pointer, variant),
            Segment::Unknown => break,
        }
    }
    pointer
}

/// Adds a member to a JSON pointer.
pub(crate) fn push(pointer: &mut String, token: &str) {
    pointer.push('/');
    pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Order {
        #[serde(rename = "lines")]
        _lines: Vec<Line>,
    }

    #[derive(Debug, Deserialize)]
    struct Line {
        #[serde(rename = "a/b")]
        _amount: u8,
    }

    #[track_caller]
    fn check(body: &'static str, status: u16, pointer: Option<&str>) {
        let refusal = RawBody(Bytes::from_static(body.as_bytes()))
            .json::<Order>()
            .expect_err("a refusal");
        assert_eq!(refusal.problem.status, status, "{}", refusal.problem);
        let found = refusal
            .problem
            .extensions
            .get("errors")
            .and_then(|errors| errors[0]["pointer"].as_str());
        assert_eq!(found, pointer, "{}", refusal.problem);
    }

    #[test]
    fn names_the_place() {
        check("", 400, None);
        check("{", 400, None);
        check(r#"{"lines": []} x"#, 400, None);
        check("[]", 422, Some(""));
        check("[[]]", 422, Some(""));
        check(r#"{"lines": [[1]]}"#, 422, Some("/lines/0"));
        check(r#"{"lines": 7}"#, 422, Some("/lines"));
        check("{}", 422, Some("/lines"));
        check(r#"{"lines": [{"a/b": 1}, {}]}"#, 422, Some("/lines/1/a~1b"));
        check(r#"{"lines": [{"a/b": 256}]}"#, 422, Some("/lines/0/a~1b"));
    }

    #[test]
    fn one_item_too_many_is_no_mistake_of_syntax() {
        let read = |text: &'static str| {
            let refused = RawBody(Bytes::from_static(text.as_bytes())).json::<Vec<[u8; 2]>>();
            let problem = refused.expect_err(text).problem;
            (
                problem.status,
                problem
                    .extensions
                    .get("errors")
                    .map(|errors| errors[0]["pointer"].clone()),
            )
        };
        assert_eq!(read("[[1, 2], [1, 2, 3]]"), (422, Some("/1".into())));
        assert_eq!(read("[[1, 2], [1]]").0, 422);
        assert_eq!(read("[[1, 2 3]]").0, 400);
        assert_eq!(read("[[1, 2]] x").0, 400);
    }

    #[test]
    fn a_small_body_does_not_unpack_to_a_large_one() {
        use std::io::Write as _;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![b' '; 1_000_000]).expect("in memory");
        let packed = Bytes::from(encoder.finish().expect("in memory"));
        assert!(packed.len() < 10_000);
        let refusal = Encoding::Gzip
            .decode(packed.clone(), 10_000)
            .expect_err("a refusal");
        assert_eq!(refusal.problem.status, 413);
        assert_eq!(
            Encoding::Gzip
                .decode(packed, 1_000_000)
                .expect("exactly the limit")
                .len(),
            1_000_000
        );
    }
}
