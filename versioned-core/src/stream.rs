//! Bodies that are one item after another: newline-delimited JSON and server-sent events.
//!
//! Bridges convert them item by item, as they come; nothing is collected. An item may be a [`Problem`] instead: what was begun
//! cannot be taken back by a status then, so it ends the stream (see [`Ndjson`] and [`EventStream`] for how a client can tell).

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};
use serde::Serialize;

use crate::convert::Unconvertible;
use crate::problem::Problem;

/// A stream that can move between threads.
type Boxed<T> = Pin<Box<dyn Stream<Item = T> + Send>>;

/// The bytes of a body as they come; nothing comes after what breaks it off.
pub type ByteStream = Boxed<Result<Bytes, Broken>>;

/// What breaks a body off.
#[derive(Debug)]
pub struct Broken {
    /// Why, for those who run the service.
    pub problem: Box<Problem>,
    /// What clients are told of it at the end of the body; without it there is no end, so that none takes what came for the whole.
    pub last: Option<Bytes>,
}

/// What the items of an answer are made within, by whomever they are taken.
#[doc(hidden)]
pub trait Within: Send + 'static {
    fn items<S: Stream + Send + Unpin + 'static>(
        self,
        items: S,
    ) -> impl Stream<Item = S::Item> + Send + 'static;
}

/// JSON documents, one a line: `application/x-ndjson`.
///
/// As an answer it is written item by item, as fast as the client reads. A problem in the middle breaks the connection off, so that
/// no client takes what came for the whole. As the body of a request it holds what was received.
///
/// ```
/// use versioned_core::stream::Ndjson;
///
/// let numbers = Ndjson::from_items(vec![1_u8, 2, 3]);
/// let doubled = numbers.map_items(|number| u16::from(number) * 2);
/// # let _ = doubled;
/// ```
pub struct Ndjson<T>(Boxed<Result<T, Problem>>);

impl<T: Send + 'static> Ndjson<T> {
    /// The items of a stream.
    pub fn new(items: impl Stream<Item = Result<T, Problem>> + Send + 'static) -> Self {
        Self(Box::pin(items))
    }

    /// Items that are there already.
    pub fn from_items(items: impl IntoIterator<Item = T, IntoIter: Send + 'static>) -> Self {
        Self::new(stream::iter(items.into_iter().map(Ok)))
    }

    /// Each item, made into another.
    #[must_use]
    pub fn map_items<U: Send + 'static>(self, mut f: impl FnMut(T) -> U + Send + 'static) -> Ndjson<U> {
        Ndjson::new(self.0.map(move |item| item.map(&mut f)))
    }

    /// Each item, made into another where it has a counterpart; what has none ends the stream.
    #[doc(hidden)]
    #[must_use]
    pub fn try_map_items<U: Send + 'static>(
        self,
        mut f: impl FnMut(T) -> Result<U, Unconvertible> + Send + 'static,
    ) -> Ndjson<U> {
        Ndjson::new(self.0.map(move |item| item.and_then(|item| converted(f(item)))))
    }

    pub(crate) fn within(self, within: impl Within) -> Self {
        Self::new(within.items(self.0))
    }
}

impl<T: Serialize + Send + 'static> Ndjson<T> {
    /// The lines that stand on the wire.
    #[must_use]
    #[allow(clippy::result_large_err)] // once a body, at its end
    pub fn into_bytes(self) -> ByteStream {
        let line = |item: Result<T, Problem>| {
            let mut line = json(&item?).map_err(|error| unwritable(&error))?;
            line.push(b'\n');
            Ok(line.into())
        };
        Box::pin(self.0.map(move |item| {
            line(item).map_err(|problem| Broken {
                problem: Box::new(problem),
                last: None,
            })
        }))
    }
}

/// Server-sent events: `text/event-stream`, the data of each a JSON document.
///
/// It goes to clients only. While nothing happens, the server writes comments that keep the connection open. A problem is written as
/// an event named `problem`, and ends the stream.
///
/// ```
/// use versioned_core::stream::{Event, EventStream};
///
/// let ticks = EventStream::from_events([Event::new(1_u8).with_id("1"), Event::new(2).with_id("2")]);
/// # let _ = ticks;
/// ```
pub struct EventStream<T>(Boxed<Result<Event<T>, Problem>>);

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<T> {
    /// Its data.
    pub data: T,
    /// What a client that comes back says in `Last-Event-ID`; one line.
    pub id: Option<String>,
    /// The kind of event, by which browsers dispatch it; one line, `message` if there is none.
    pub name: Option<String>,
}

impl<T> Event<T> {
    /// An event of data alone.
    pub const fn new(data: T) -> Self {
        Self {
            data,
            id: None,
            name: None,
        }
    }

    /// With an id. Line breaks cannot be written, and are left out.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// With a name. Line breaks cannot be written, and are left out.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

impl<T: Send + 'static> EventStream<T> {
    /// The events of a stream.
    pub fn new(events: impl Stream<Item = Result<Event<T>, Problem>> + Send + 'static) -> Self {
        Self(Box::pin(events))
    }

    /// Events that are there already.
    pub fn from_events(events: impl IntoIterator<Item = Event<T>, IntoIter: Send + 'static>) -> Self {
        Self::new(stream::iter(events.into_iter().map(Ok)))
    }

    /// The data of each event, made into other data.
    #[must_use]
    pub fn map_items<U: Send + 'static>(self, mut f: impl FnMut(T) -> U + Send + 'static) -> EventStream<U> {
        EventStream::new(self.0.map(move |event| {
            let Event { data, id, name } = event?;
            let data = f(data);
            Ok(Event { data, id, name })
        }))
    }

    /// The data of each event, made into other data where it has a counterpart; what has none ends the stream.
    #[doc(hidden)]
    #[must_use]
    pub fn try_map_items<U: Send + 'static>(
        self,
        mut f: impl FnMut(T) -> Result<U, Unconvertible> + Send + 'static,
    ) -> EventStream<U> {
        EventStream::new(self.0.map(move |event| {
            let Event { data, id, name } = event?;
            let data = converted(f(data))?;
            Ok(Event { data, id, name })
        }))
    }

    pub(crate) fn within(self, within: impl Within) -> Self {
        Self::new(within.items(self.0))
    }
}

impl<T: Serialize + Send + 'static> EventStream<T> {
    /// The events as they stand on the wire.
    #[must_use]
    pub fn into_bytes(self) -> ByteStream {
        // After a problem there is nothing more to wait for.
        Box::pin(stream::unfold(Some(self.0), |events| async move {
            let mut events = events?;
            Some(match events.next().await? {
                Ok(event) => match frame(&event) {
                    Ok(frame) => (Ok(frame), Some(events)),
                    // What cannot be written, and why, is no concern of clients.
                    Err(error) => (Err(broken(unwritable(&error), Problem::internal())), None),
                },
                Err(problem) => (Err(broken(problem.clone(), problem)), None),
            })
        }))
    }
}

/// A problem, and what clients are told of it: the last event.
fn broken(problem: Problem, told: Problem) -> Broken {
    let last = frame(&Event::new(told).with_name("problem")).ok();
    Broken {
        problem: Box::new(problem),
        last,
    }
}

fn frame<T: Serialize>(event: &Event<T>) -> serde_json::Result<Bytes> {
    let mut frame = Vec::new();
    for (field, value) in [("id", &event.id), ("event", &event.name)] {
        if let Some(value) = value {
            let value = value.chars().filter(|c| !matches!(c, '\n' | '\r' | '\0'));
            frame.extend_from_slice(format!("{field}: {}\n", value.collect::<String>()).as_bytes());
        }
    }
    frame.extend_from_slice(b"data: ");
    frame.append(&mut json(&event.data)?);
    frame.extend_from_slice(b"\n\n");
    Ok(frame.into())
}

/// One line of JSON: in texts line breaks stand escaped, and elsewhere they are white space, which a value that is written as it
/// came (`RawValue`) may have.
fn json(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut json = serde_json::to_vec(value)?;
    for byte in &mut json {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    Ok(json)
}

/// An item that cannot be written is a mistake of the service.
fn unwritable(error: &serde_json::Error) -> Problem {
    Problem::internal().with_detail(error.to_string())
}

fn converted<T>(item: Result<T, Unconvertible>) -> Result<T, Problem> {
    item.map_err(Unconvertible::into_answer_problem)
}

impl<T> Stream for Ndjson<T> {
    type Item = Result<T, Problem>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T> Stream for EventStream<T> {
    type Item = Result<Event<T>, Problem>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T> fmt::Debug for Ndjson<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ndjson").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for EventStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use futures_util::FutureExt as _;

    use super::*;

    /// What is ready at once.
    fn all<T>(stream: impl Stream<Item = T>) -> Vec<T> {
        stream.collect().now_or_never().unwrap()
    }

    /// What is sent, and what clients are told where it breaks off.
    fn text(bytes: ByteStream) -> Vec<Result<String, Option<String>>> {
        let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).unwrap();
        let items = all(bytes).into_iter();
        items
            .map(|item| item.map(text).map_err(|broken| broken.last.map(text)))
            .collect()
    }

    fn small(number: u16) -> Result<u8, Unconvertible> {
        u8::try_from(number).map_err(Unconvertible::new)
    }

    #[test]
    fn lines_are_converted_one_by_one_until_one_has_no_counterpart() {
        let lines = Ndjson::from_items([1_u16, 300]).try_map_items(small).into_bytes();
        assert_eq!(text(lines), [Ok("1\n".to_owned()), Err(None)]);
        let lines = Ndjson::from_items(["a\nb"]).map_items(str::to_uppercase);
        assert_eq!(text(lines.into_bytes()), [Ok("\"A\\nB\"\n".to_owned())]);
    }

    #[test]
    fn an_item_is_one_line_however_it_was_written() {
        let raw = || serde_json::value::RawValue::from_string("{\r\n  \"a\": 1\n}".to_owned()).unwrap();
        let line = text(Ndjson::from_items([raw()]).into_bytes());
        assert_eq!(line, [Ok("{    \"a\": 1 }\n".to_owned())]);
        let frame = text(EventStream::from_events([Event::new(raw())]).into_bytes());
        assert_eq!(frame, [Ok("data: {    \"a\": 1 }\n\n".to_owned())]);
    }

    #[test]
    fn a_problem_is_the_last_event() {
        let events = [1_u16, 300, 2].map(|n| Event::new(n).with_id(format!("{n}\n")).with_name("tick"));
        let frames = text(EventStream::from_events(events).try_map_items(small).into_bytes());
        let [first, last] = &frames[..] else {
            panic!("{frames:?}")
        };
        assert_eq!(first.as_deref(), Ok("id: 1\nevent: tick\ndata: 1\n\n"));
        let last = last.as_ref().unwrap_err().as_deref().unwrap();
        assert!(
            last.starts_with("event: problem\ndata: {") && last.ends_with("}\n\n"),
            "{last}"
        );
    }

    #[test]
    fn why_an_event_cannot_be_written_is_not_told_to_clients() {
        let unwritable = BTreeMap::from([(vec![1_u8], "a secret")]);
        let [Err(broken)] = &all(EventStream::from_events([Event::new(unwritable)]).into_bytes())[..] else {
            panic!("an event was written");
        };
        let detail = broken.problem.detail.as_deref();
        assert_eq!(detail, Some("key must be a string"));
        let last = String::from_utf8(broken.last.as_deref().unwrap().to_vec()).unwrap();
        assert!(
            last.starts_with("event: problem\n") && !last.contains("key must"),
            "{last}"
        );
    }
}
