//! The maps of headers that requests came with, emptied, for the headers of answers.
//!
//! `hyper` reads the headers of a request into the map of the answer before, if it is large enough. An answer in the map of its request hence
//! costs no allocation, and saves that of the next request; a map of its own would cost one for each of the two.

use std::cell::Cell;

use http::HeaderMap;

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

/// A copy of headers in the map that was kept, if there is one that has room for them.
pub(super) fn copy(headers: &HeaderMap) -> HeaderMap {
    let spare = SPARE.try_with(Cell::take).ok().flatten();
    let Some(mut copy) = spare.filter(|spare| spare.capacity() >= headers.len()) else {
        return headers.clone();
    };
    for (name, value) in headers {
        copy.append(name, value.clone());
    }
    copy
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::{ACCEPT, HOST, VARY};

    use super::*;

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
        let copy = copy(&headers);
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
        let (kept, made) = (copy(&headers(3)), copy(&headers(3)));
        assert_eq!((&kept, kept.capacity()), (&headers(3), capacity));
        assert_eq!(made, headers(3));
        assert_ne!(made.capacity(), capacity);
    }

    #[test]
    fn what_is_too_large_or_too_small_is_not_used() {
        keep(HeaderMap::with_capacity(LARGEST + 1));
        assert!(copy(&headers(3)).capacity() <= LARGEST);
        keep(HeaderMap::new());
        assert_eq!(copy(&headers(3)), headers(3));
    }
}
