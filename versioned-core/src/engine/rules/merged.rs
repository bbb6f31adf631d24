//! The lists of rules as one, by id.

use super::constraints::CONSTRAINTS;
use super::responses::RESPONSES;
use super::{Rule, SHAPES};

const ALL: usize = SHAPES.len() + CONSTRAINTS.len() + RESPONSES.len();

/// Lists by id make one.
pub(super) const fn merged() -> [Rule; ALL] {
    let lists: [&[Rule]; 3] = [&SHAPES, &CONSTRAINTS, &RESPONSES];
    let mut next = [0; 3];
    let mut all = [SHAPES[0]; ALL];
    let mut at = 0;
    while at < ALL {
        let (mut first, mut list) = (usize::MAX, 0);
        while list < lists.len() {
            let open = next[list] < lists[list].len();
            if open
                && (first == usize::MAX
                    || is_before(lists[list][next[list]].id, lists[first][next[first]].id))
            {
                first = list;
            }
            list += 1;
        }
        all[at] = lists[first][next[first]];
        next[first] += 1;
        at += 1;
    }
    all
}

const fn is_before(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() {
        if a[at] != b[at] {
            return a[at] < b[at];
        }
        at += 1;
    }
    a.len() < b.len()
}
