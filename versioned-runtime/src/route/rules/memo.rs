//! What a thread has matched lately: dye key → the rules that match it.

use xxhash_rust::xxh3::xxh3_64;

use super::{Set, WORDS};

/// Longer keys are matched anew each time.
const KEY: usize = 120;

/// The results of the last dye keys. An entry holds the bytes of its key and the number of its table, and both are compared: a
/// memo changes no decision, whatever the hash.
#[derive(Debug)]
pub struct Memo {
    entries: Box<[Entry]>,
    mask: u64,
    spare: Set,
}

#[derive(Debug, Clone)]
struct Entry {
    /// The number of the rules; none has 0.
    rules: u64,
    length: u8,
    key: [u8; KEY],
    set: Set,
}

impl Memo {
    /// A memo that uses as many bits of the hash, 64 at most, as its 64 entries need; fewer make entries fight for places.
    #[must_use]
    pub fn new(bits: u32) -> Self {
        let empty = Entry {
            rules: 0,
            length: 0,
            key: [0; KEY],
            set: [0; WORDS],
        };
        Self {
            entries: vec![empty; 64].into(),
            mask: u64::MAX.checked_shr(64_u32.saturating_sub(bits)).unwrap_or(0),
            spare: [0; WORDS],
        }
    }

    /// What these rules found for the key.
    pub(super) fn get_or_insert(&mut self, rules: u64, key: &[u8], find: impl FnOnce(&mut Set)) -> &Set {
        let Some(room) = u8::try_from(key.len()).ok().filter(|_| key.len() <= KEY) else {
            find(&mut self.spare);
            return &self.spare;
        };
        let hash = (xxh3_64(key) ^ rules) & self.mask;
        let entry = &mut self.entries[(hash % 64) as usize];
        if entry.rules != rules || &entry.key[..usize::from(entry.length)] != key {
            find(&mut entry.set);
            entry.key[..key.len()].copy_from_slice(key);
            (entry.rules, entry.length) = (rules, room);
        }
        &entry.set
    }
}
