//! A map from short texts that is made once: found by their length and a few words of the machine, where a hash would cost more.

use crate::words::Ends;

/// Texts with what they stand for. Looking one up compares once for every doubling of the texts of its length: words, and of texts whose
/// first and last words are the same what lies between. No text that a client makes up is compared with more of them.
#[derive(Debug, Clone)]
pub(crate) struct TextMap<T> {
    /// By length, where the texts begin that are so long or longer; the end of all comes last.
    starts: Box<[usize]>,
    /// In the order of their lengths, and those of one length in that of their keys.
    entries: Box<[Entry<T>]>,
}

#[derive(Debug, Clone)]
struct Entry<T> {
    ends: Ends,
    text: Box<[u8]>,
    value: T,
}

impl<T> Entry<T> {
    fn key(&self) -> (usize, Ends, &[u8]) {
        (self.text.len(), self.ends, &self.text)
    }
}

impl<T> Default for TextMap<T> {
    fn default() -> Self {
        Self::from_iter([])
    }
}

impl<T> FromIterator<(Box<[u8]>, T)> for TextMap<T> {
    /// Of equal texts the last one counts.
    fn from_iter<I: IntoIterator<Item = (Box<[u8]>, T)>>(entries: I) -> Self {
        let entry = |(text, value): (Box<[u8]>, T)| Entry {
            ends: Ends::of(&text),
            text,
            value,
        };
        let mut entries: Vec<Entry<T>> = entries.into_iter().map(entry).collect();
        // The sort is stable, and the first one of equals stays.
        entries.reverse();
        entries.sort_by(|one, other| one.key().cmp(&other.key()));
        entries.dedup_by(|later, first| later.text == first.text);
        let longest = entries.last().map_or(0, |entry| entry.text.len());
        let start = |length| entries.partition_point(|entry| entry.text.len() < length);
        Self {
            starts: (0..=longest + 1).map(start).collect(),
            entries: entries.into(),
        }
    }
}

impl<T> TextMap<T> {
    /// What a text stands for.
    #[inline]
    pub(crate) fn get(&self, text: &[u8]) -> Option<&T> {
        let length = text.len();
        let (start, end) = (*self.starts.get(length)?, *self.starts.get(length + 1)?);
        let entries = self.entries.get(start..end)?;
        let ends = Ends::of(text);
        if Ends::tell(length) {
            let entry = entries.get(entries.partition_point(|entry| entry.ends < ends))?;
            return (entry.ends == ends).then_some(&entry.value);
        }
        let key = (ends, text);
        let entry = entries.get(entries.partition_point(|entry| (entry.ends, &*entry.text) < key))?;
        (*entry.text == *text).then_some(&entry.value)
    }

    /// All texts.
    #[cfg(test)]
    pub(crate) fn texts(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().map(|entry| &*entry.text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn map(texts: &[&str]) -> TextMap<usize> {
        let texts = texts.iter().map(|text| text.as_bytes().into());
        texts.zip(0..).collect()
    }

    #[test]
    fn of_equal_texts_the_last_one_counts() {
        let map = map(&["a", "b", "a"]);
        assert_eq!(
            [map.get(b"a"), map.get(b"b"), map.get(b"c")],
            [Some(&2), Some(&1), None]
        );
    }

    #[test]
    fn an_empty_map_knows_nothing() {
        let map = map(&[]);
        assert_eq!([map.get(b""), map.get(b"a")], [None; 2]);
    }

    #[test]
    fn texts_that_differ_in_their_middle_are_told_apart() {
        let texts: Vec<String> = (0..100)
            .map(|number| format!("the same begin, {number:02}, the same end"))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let map = map(&texts);
        for (number, text) in texts.iter().enumerate() {
            assert_eq!(map.get(text.as_bytes()), Some(&number), "{text}");
        }
        assert_eq!(map.get(b"the same begin, xx, the same end"), None);
    }

    proptest! {
        #[test]
        fn it_knows_what_a_hash_map_knows(
            texts in prop::collection::vec("[ab\0]{0,20}", 0..60),
            others in prop::collection::vec("[ab\0]{0,20}", 0..60),
        ) {
            let entries = || texts.iter().map(|text| Box::from(text.as_bytes())).zip(0..);
            let (map, expected): (TextMap<usize>, HashMap<Box<[u8]>, usize>) = (entries().collect(), entries().collect());
            for text in texts.iter().chain(&others) {
                prop_assert_eq!(map.get(text.as_bytes()), expected.get(text.as_bytes()));
            }
        }
    }
}
