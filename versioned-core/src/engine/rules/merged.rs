//! The lists of rules as one, by id.

use super::constraints::CONSTRAINTS;
use super::{Rule, SHAPES};

const ALL: usize = SHAPES.len() + CONSTRAINTS.len();

/// Two lists by id make one.
pub(super) const fn merged() -> [Rule; ALL] {
    let mut all = [SHAPES[0]; ALL];
    let (mut of_shapes, mut of_constraints) = (0, 0);
    while of_shapes + of_constraints < ALL {
        let at = of_shapes + of_constraints;
        let shape_next = of_constraints == CONSTRAINTS.len()
            || (of_shapes < SHAPES.len() && is_before(SHAPES[of_shapes].id, CONSTRAINTS[of_constraints].id));
        if shape_next {
            all[at] = SHAPES[of_shapes];
            of_shapes += 1;
        } else {
            all[at] = CONSTRAINTS[of_constraints];
            of_constraints += 1;
        }
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
