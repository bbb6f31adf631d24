//! JSON as bytes. Short answers are copied into a block that many of them share, so that they need no box of their own.

use std::cell::RefCell;

use bytes::{Bytes, BytesMut};
use serde::Serialize;

/// How long an answer may be that shares a block.
const SHORT: usize = 1024;

/// The largest room for a text that is kept: what has room for a short one may have room for twice as much.
const KEPT: usize = 2 * SHORT;

/// How many bytes a block has: as long as one answer in it is on its way, all of them are kept.
const BLOCK: usize = 4 * 1024;

/// What a thread keeps between two answers.
struct Room {
    /// Where the next answer is written; how long it is going to be is not known before.
    text: Vec<u8>,
    /// What is left of the block.
    block: BytesMut,
}

thread_local! {
    static ROOM: RefCell<Room> = RefCell::new(Room { text: Vec::new(), block: BytesMut::new() });
}

/// A value as JSON.
pub(crate) fn bytes(value: &impl Serialize) -> Result<Bytes, serde_json::Error> {
    let shared = ROOM.try_with(|room| {
        let mut own = Vec::new();
        // A value that is being written may write another one: it finds no room, and is written where nobody else writes.
        let mut room = room.try_borrow_mut();
        let text = room.as_deref_mut().map_or(&mut own, |room| &mut room.text);
        text.clear();
        if text.capacity() > KEPT {
            // It is what a value has left that panicked while it was written.
            *text = Vec::new();
        }
        if let Err(error) = serde_json::to_writer(&mut *text, value) {
            // What was written may be long, and is nothing to keep.
            *text = Vec::new();
            return Err(error);
        }
        Ok(room.map_or_else(|_| own.into(), |mut room| room.take()))
    });
    // The thread is ending.
    shared.unwrap_or_else(|_| serde_json::to_vec(value).map(Bytes::from))
}

impl Room {
    /// The text that was written.
    fn take(&mut self) -> Bytes {
        let Self { text, block } = self;
        if text.len() > SHORT {
            return std::mem::take(text).into();
        }
        if block.capacity() < text.len() {
            // The same block once more, if nothing of it is on its way.
            block.reserve(BLOCK);
        }
        block.extend_from_slice(text);
        block.split().freeze()
    }
}

#[cfg(test)]
mod tests {
    use serde::Serializer;

    use super::*;

    #[test]
    fn answers_stay_as_they_were_written() {
        let all: Vec<(String, Bytes)> = (0..2_000)
            .map(|number| {
                let text = "x".repeat(number % 1_500);
                let written = bytes(&text).expect("text");
                (format!("\"{text}\""), written)
            })
            .collect();
        assert!(all.iter().all(|(text, written)| text.as_bytes() == written));
    }

    #[test]
    fn a_value_may_write_others_while_it_is_written() {
        struct Outer(u32);

        impl Serialize for Outer {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let inner = match self.0 {
                    0 => Bytes::from_static(b"end"),
                    depth => bytes(&Outer(depth - 1)).map_err(serde::ser::Error::custom)?,
                };
                let inner = String::from_utf8_lossy(&inner);
                serializer.collect_str(&format_args!("{}<{inner}>", self.0))
            }
        }

        assert_eq!(
            bytes(&Outer(2)).expect("text"),
            br#""2<\"1<\\\"0<end>\\\">\">""#[..]
        );
    }

    #[test]
    fn what_a_panic_leaves_is_not_kept() {
        struct Breaks;

        impl Serialize for Breaks {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let numbers = (0..1_000_000).inspect(|number| assert_ne!(*number, 999_999));
                serializer.collect_seq(numbers)
            }
        }

        let capacity = || ROOM.with_borrow(|room| room.text.capacity());
        std::panic::catch_unwind(|| bytes(&Breaks)).expect_err("a panic");
        assert!(capacity() > 1_000_000);
        assert_eq!(bytes(&1).expect("a number"), &b"1"[..]);
        assert!(capacity() <= KEPT);
    }

    #[test]
    fn what_cannot_be_written_is_told() {
        let odd = std::collections::BTreeMap::from([(vec![1_u8], 1)]);
        assert!(bytes(&odd).is_err());
        assert_eq!(bytes(&1).expect("a number"), &b"1"[..]);
    }
}
