//! The maps of headers that requests came with, emptied, for the headers of answers.
//!
//! `hyper` reads the headers of a request into the map of the answer before, if it is large enough. An answer in the map of its request hence
//! costs no allocation, and saves that of the next request; a map of its own would cost one for each of the two.

use std::cell::Cell;

use http::{HeaderMap, HeaderName, HeaderValue};

/// The largest map that is kept: as many headers as most requests have, several times over.
const LARGEST: usize = 64;

thread_local! {
    static SPARE: Cell<Option<HeaderMap>> = const { Cell::new(None) };
}

/// Keeps a map, and forgets what it holds.
pub(super) fn keep(mut headers: HeaderMap) {
    if headers.capacity() <= LARGEST {
        headers.clear();
        // There is none any more where a thread ends.
        let _ = SPARE.try_with(|spare| spare.set(Some(headers)));
    }
}

/// A copy of headers in the map that was kept, if there is one that has room for as many.
#[inline]
pub(super) fn copy<'a>(
    count: usize,
    headers: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>,
) -> Option<HeaderMap> {
    let mut copy = match SPARE.try_with(Cell::take) {
        Ok(Some(spare)) if spare.capacity() >= count => spare,
        _ => return None,
    };
    for (name, value) in headers {
        copy.append(name, value.clone());
    }
    Some(copy)
}

#[cfg(test)]
mod tests {
    use http::header::{ACCEPT, HOST, VARY};

    use super::*;

    fn copied(headers: &HeaderMap) -> Option<HeaderMap> {
        copy(headers.len(), headers.iter())
    }

    fn headers(count: usize) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(count);
        headers.insert(HOST, HeaderValue::from_static("a"));
        headers.append(VARY, HeaderValue::from_static("b"));
        headers.append(VARY, HeaderValue::from_static("c"));
        headers
    }

    #[test]
    fn names_that_stand_once_keep_their_order() {
        let names = [VARY, HOST, ACCEPT];
        let headers: HeaderMap = names
            .iter()
            .map(|name| (name.clone(), HeaderValue::from_static("a")))
            .collect();
        keep(HeaderMap::with_capacity(8));
        let copy = copied(&headers).expect("room");
        assert_eq!(
            (&copy, copy.keys().cloned().collect::<Vec<_>>()),
            (&headers, names.to_vec())
        );
    }

    #[test]
    fn a_map_is_used_once_and_says_what_it_is_to_say() {
        let mut before = HeaderMap::with_capacity(8);
        before.insert(ACCEPT, HeaderValue::from_static("*/*"));
        let capacity = before.capacity();
        keep(before);
        let kept = copied(&headers(3)).expect("a map");
        assert_eq!((&kept, kept.capacity()), (&headers(3), capacity));
        assert_eq!(copied(&headers(3)), None);
    }

    #[test]
    fn what_is_too_large_or_too_small_is_not_used() {
        keep(HeaderMap::with_capacity(LARGEST + 1));
        assert_eq!(copied(&headers(3)), None);
        keep(HeaderMap::new());
        assert_eq!(copied(&headers(3)), None);
    }
}
