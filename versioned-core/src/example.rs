//! Examples of operations: functions that make typed values, so that no example says what the contract does not.

use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::Value;

use crate::convert::Unconvertible;
use crate::payload::Media;
use crate::response::{Body, Response, ResponseBody, Responses};

/// One example of an operation, in one version.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// Its name.
    pub name: &'static str,
    /// Makes the body of the request; `None` where it is not shown.
    pub request: Option<fn() -> Option<Shown>>,
    /// Makes the answer; `None` where it is not shown.
    pub response: Option<fn() -> Option<Shown>>,
}

/// A body as documents show it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The status of an answer that says it; `None` for that of the operation.
    pub status: Option<u16>,
    /// The document, the text, or the first item of a stream; nothing for bytes that are no text.
    pub value: Value,
}

impl Example {
    /// Shows the body of a request; nothing where the version cannot write it.
    #[doc(hidden)]
    pub fn show_request<T: ResponseBody>(value: Result<T, Unconvertible>) -> Option<Shown> {
        shown(value.ok()?.into_body().ok()?)
    }

    /// Shows an answer; nothing where the version cannot write it.
    #[doc(hidden)]
    pub fn show_response<T: Responses>(value: Result<T, Unconvertible>) -> Option<Shown> {
        shown(value.ok()?.into_response().ok()?)
    }
}

fn shown(response: Response) -> Option<Shown> {
    let Response {
        status, media, body, ..
    } = response;
    let bytes = match body {
        Body::Whole(bytes) => bytes,
        // An example does not wait for anything.
        Body::Stream(mut items) => items.next().now_or_never()??.ok()?,
    };
    let value = match media? {
        Media::Json | Media::Ndjson => serde_json::from_slice(&bytes).ok()?,
        Media::Text | Media::Binary => Value::from(std::str::from_utf8(&bytes).ok()?),
        Media::Events => {
            let frame = std::str::from_utf8(&bytes).ok()?;
            let data = frame.lines().find_map(|line| line.strip_prefix("data: "))?;
            serde_json::from_str(data).ok()?
        }
    };
    Some(Shown { status, value })
}
