//! Texts of headers that are said again and again: one that is static is copied and dropped without a count.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use http::HeaderValue;

use super::header_value;

/// How many texts are kept for good; those of versions, dates and links are a few for each version.
const KEPT: usize = 2_048;

/// Longer texts are not kept.
const LONGEST: usize = 256;

/// The value of a text that the process says as long as it runs.
pub(super) fn interned(text: &str) -> HeaderValue {
    static ALL: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let made = header_value(text);
    // What cannot stand in a header was replaced.
    if made.as_bytes() != text.as_bytes() || text.len() > LONGEST {
        return made;
    }
    // Nothing is half done in there.
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = all.get(text).copied();
    match kept {
        Some(kept) => HeaderValue::from_static(kept),
        None if all.len() >= KEPT => made,
        None => {
            let kept: &'static str = Box::leak(text.into());
            all.insert(kept);
            HeaderValue::from_static(kept)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_once() {
        let place = |text: &str| interned(text).as_bytes().as_ptr();
        assert_eq!(place("1.2.3"), place("1.2.3"));
        assert_ne!(place("1.2.3"), place("1.2.4"));
        assert_eq!(interned("1.2.3"), "1.2.3");
        let long = "x".repeat(LONGEST + 1);
        assert_eq!(interned(&long), long.as_str());
        assert_ne!(place(&long), place("x"));
    }
}
