//! Whether two types are the same on the wire, decided while compiling: constants see through aliases and re-exports.

mod held;

use super::{Content, Field, Link, Matching, Presence, Shape, Tagging, Variant};
use held::{alike, through};

/// How far is looked, beyond which nothing is said to be the same. A level takes up to four frames, of which the compiler allows
/// 128 in a constant.
const DEPTH: usize = 24;
/// How many pairs of types are looked at.
const PAIRS: u32 = 20_000;

struct Budget {
    /// The pairs that are being compared, one in another, by their identities: two types that mention themselves have no end, and are
    /// the same if nothing else says that they are not.
    open: [(&'static str, &'static str); DEPTH],
    depth: usize,
    pairs: u32,
}

impl Budget {
    const fn is_open(&self, a: &str, b: &str) -> bool {
        let mut at = 0;
        while at < self.depth {
            let (one, other) = self.open[at];
            if !a.is_empty() && text(a, one) && text(b, other) {
                return true;
            }
            at += 1;
        }
        false
    }
}

/// Whether values of both types are written and read alike.
///
/// Types of one identity are the same. A transparent type is what it holds, under the constraints of both. Names of the source make
/// no difference.
#[must_use]
pub const fn same(a: Link, b: Link) -> bool {
    let mut budget = Budget {
        open: [("", ""); DEPTH],
        depth: 0,
        pairs: PAIRS,
    };
    links(a, b, &mut budget)
}

const fn links(a: Link, b: Link, budget: &mut Budget) -> bool {
    if is_one(a, b) {
        return true;
    }
    let ((a, demanded), (b, demands)) = (through(a), through(b));
    if !alike(&demanded, &demands) {
        return false;
    }
    let (one, other) = (a.get(), b.get());
    if is_one(a, b) || budget.is_open(one.id, other.id) {
        return true;
    }
    if budget.depth == DEPTH || budget.pairs == 0 {
        return false;
    }
    budget.open[budget.depth] = (one.id, other.id);
    budget.pairs -= 1;
    budget.depth += 1;
    let same = shapes(&one.shape, &other.shape, budget);
    budget.depth -= 1;
    same
}

/// Whether both are of one identity.
const fn is_one(a: Link, b: Link) -> bool {
    let (one, other) = (a.get().id, b.get().id);
    !one.is_empty() && text(one, other)
}

const fn shapes(one: &Shape, other: &Shape, budget: &mut Budget) -> bool {
    match (one, other) {
        (Shape::Bool, Shape::Bool)
        | (Shape::Char, Shape::Char)
        | (Shape::Any, Shape::Any)
        | (Shape::Unit, Shape::Unit) => true,
        (
            Shape::Integer { bits: a, signed: one },
            Shape::Integer {
                bits: b,
                signed: other,
            },
        ) => *a == *b && *one == *other,
        (Shape::Number { bits: a }, Shape::Number { bits: b }) => *a == *b,
        (Shape::String { format: a }, Shape::String { format: b })
        | (Shape::Literal(a), Shape::Literal(b)) => text(a, b),
        (Shape::Option(a), Shape::Option(b)) | (Shape::Map { value: a }, Shape::Map { value: b }) => {
            links(*a, *b, budget)
        }
        (
            Shape::List {
                item: a,
                unique: one,
                len: short,
            },
            Shape::List {
                item: b,
                unique: other,
                len: long,
            },
        ) => *one == *other && length(*short) == length(*long) && links(*a, *b, budget),
        (Shape::Tuple(a), Shape::Tuple(b)) => all_links(a, b, budget),
        (
            Shape::Struct {
                fields: a,
                deny_unknown_fields: one,
            },
            Shape::Struct {
                fields: b,
                deny_unknown_fields: other,
            },
        ) => *one == *other && all_fields(a, b, budget),
        (
            Shape::Enum {
                tagging: tagged,
                variants: a,
                deny_unknown_fields: one,
            },
            Shape::Enum {
                tagging: tags,
                variants: b,
                deny_unknown_fields: other,
            },
        ) => *one == *other && tagging(tagged, tags) && all_variants(a, b, budget),
        _ => false,
    }
}

/// No array has so many items.
const fn length(len: Option<usize>) -> usize {
    match len {
        Some(len) => len,
        None => usize::MAX,
    }
}

const fn text(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

const fn texts(a: &[&str], b: &[&str]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if !text(a[at], b[at]) {
            return false;
        }
        at += 1;
    }
    true
}

const fn tagging(a: &Tagging, b: &Tagging) -> bool {
    match (a, b) {
        (Tagging::External, Tagging::External) | (Tagging::Untagged, Tagging::Untagged) => true,
        (Tagging::Internal { tag: a }, Tagging::Internal { tag: b }) => text(a, b),
        (
            Tagging::Adjacent { tag: a, content: one },
            Tagging::Adjacent {
                tag: b,
                content: other,
            },
        ) => text(a, b) && text(one, other),
        _ => false,
    }
}

const fn presence(a: Presence, b: Presence) -> bool {
    a as u8 == b as u8
}

const fn matching(a: Matching, b: Matching) -> bool {
    a as u8 == b as u8
}

const fn all_links(a: &[Link], b: &[Link], budget: &mut Budget) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if !links(a[at], b[at], budget) {
            return false;
        }
        at += 1;
    }
    true
}

/// Members stand in any order: each of one has its like in the other.
const fn all_fields(a: &[Field], b: &[Field], budget: &mut Budget) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        let mut found = false;
        let mut other = 0;
        while other < b.len() {
            // Most members stand in the same place.
            let there = (at + other) % b.len();
            let named = text(a[at].wire, b[there].wire) || (a[at].flatten && b[there].flatten);
            if named && field(&a[at], &b[there], budget) {
                found = true;
                break;
            }
            other += 1;
        }
        if !found {
            return false;
        }
        at += 1;
    }
    true
}

const fn field(a: &Field, b: &Field, budget: &mut Budget) -> bool {
    a.flatten == b.flatten
        && a.optional_in == b.optional_in
        && a.optional_out == b.optional_out
        && presence(a.presence, b.presence)
        && texts(a.aliases, b.aliases)
        && links(a.ty, b.ty, budget)
}

/// Variants stand in one order: that of untagged ones is a fact, and of others it costs nothing to keep it.
const fn all_variants(a: &[Variant], b: &[Variant], budget: &mut Budget) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        let (one, other) = (&a[at], &b[at]);
        let alike = text(one.wire, other.wire)
            && texts(one.aliases, other.aliases)
            && presence(one.presence, other.presence)
            && matching(one.matching, other.matching);
        if !alike || !content(&one.content, &other.content, budget) {
            return false;
        }
        at += 1;
    }
    true
}

const fn content(a: &Content, b: &Content, budget: &mut Budget) -> bool {
    match (a, b) {
        (Content::Unit, Content::Unit) => true,
        (Content::Newtype(a), Content::Newtype(b)) => links(*a, *b, budget),
        (Content::Tuple(a), Content::Tuple(b)) => all_links(a, b, budget),
        (Content::Struct(a), Content::Struct(b)) => all_fields(a, b, budget),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::constraints::Constraints;
    use crate::schema::{Node, Schema};

    const fn member(wire: &'static str, ty: Link) -> Field {
        Field {
            name: "",
            wire,
            aliases: &[],
            doc: "",
            ty,
            optional_in: false,
            optional_out: false,
            presence: Presence::Both,
            flatten: false,
        }
    }

    const fn structure(id: &'static str, fields: &'static [Field]) -> Node {
        let shape = Shape::Struct {
            fields,
            deny_unknown_fields: false,
        };
        Node {
            id,
            ..Node::anonymous(shape)
        }
    }

    // Two lists that go on for ever.
    static ONE: Node = structure(
        "one",
        &[
            member("value", <u8 as Schema>::NODE),
            member("next", Link::of(&ONE)),
        ],
    );
    static OTHER: Node = structure(
        "other",
        &[
            member("next", Link::of(&OTHER)),
            member("value", <u8 as Schema>::NODE),
        ],
    );
    static WIDER: Node = structure(
        "wider",
        &[
            member("next", Link::of(&WIDER)),
            member("value", <u16 as Schema>::NODE),
        ],
    );
    static NEWTYPE: Node = Node::anonymous(Shape::Transparent(<String as Schema>::NODE));

    // In constants, as the macros ask it.
    const _: () = assert!(same(Link::of(&ONE), Link::of(&OTHER)));
    const _: () = assert!(!same(Link::of(&ONE), Link::of(&WIDER)));
    const _: () = assert!(same(Link::of(&NEWTYPE), <Box<str> as Schema>::NODE));

    const fn held(ty: Link, constraints: &'static Constraints) -> Node {
        Node {
            constraints,
            ..Node::anonymous(Shape::Transparent(ty))
        }
    }

    const SHORT: &Constraints = &Constraints {
        max_length: Some(3),
        ..Constraints::NONE
    };
    static SHORT_TEXT: Node = held(<String as Schema>::NODE, SHORT);
    static SHORTER: Node = held(
        <String as Schema>::NODE,
        &Constraints {
            max_length: Some(2),
            format: Some("word"),
            ..Constraints::NONE
        },
    );
    static AGAIN: Node = held(Link::of(&SHORT_TEXT), &Constraints::NONE);
    static ITSELF: Node = Node {
        constraints: SHORT,
        ..Node::anonymous(Shape::String { format: "" })
    };

    #[test]
    fn constraints_tell_types_apart() {
        #[track_caller]
        fn check(a: Link, b: Link, expected: bool) {
            assert_eq!((same(a, b), same(b, a)), (expected, expected));
        }
        let short = Link::of(&SHORT_TEXT);
        check(<String as Schema>::NODE, short, false);
        check(Link::of(&SHORTER), short, false);
        check(Link::of(&AGAIN), short, true);
        check(Link::of(&ITSELF), short, true);
    }

    #[test]
    fn what_is_too_deep_is_not_the_same() {
        let mut pair = [<u8 as Schema>::NODE, <String as Schema>::NODE];
        for _ in 0..30 {
            pair = pair.map(|inner| Link::of(Box::leak(Box::new(Node::anonymous(Shape::Option(inner))))));
        }
        assert!(!same(pair[0], pair[1]));
    }

    #[test]
    fn types_are_the_same_if_they_are_written_alike() {
        #[track_caller]
        fn check<A: Schema, B: Schema>(expected: bool) {
            assert_eq!(same(A::NODE, B::NODE), expected);
            assert_eq!(same(B::NODE, A::NODE), expected);
        }
        check::<Vec<Option<u8>>, std::collections::VecDeque<Option<u8>>>(true);
        check::<Vec<u8>, [u8; 3]>(false);
        check::<(u8, String), (u8, String)>(true);
        check::<(u8, String), (u8,)>(false);
        check::<Result<u8, String>, Result<u8, String>>(true);
        check::<Result<u8, String>, Result<u8, u8>>(false);
        check::<std::time::Duration, std::ops::Range<u8>>(false);
        check::<String, std::net::IpAddr>(false);
        check::<String, std::net::SocketAddr>(false);
        check::<u32, std::num::NonZeroU32>(false);
        check::<std::num::NonZeroU32, std::num::NonZeroU32>(true);
        check::<Option<u8>, u8>(false);
    }
}
