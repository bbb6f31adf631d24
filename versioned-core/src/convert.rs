//! Conversion of values between neighbouring versions.

use std::any::Any;
use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};

use crate::problem::{Problem, ProblemSpec};
use crate::schema::{Field, Presence, Schema};

/// Conversion to the next version, by move; generated field by field.
///
/// There is no blanket implementation (it would overlap with those of containers): the macros decide from the written
/// types, and move what did not change.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be upgraded to `{To}`",
    note = "a conversion exists between neighbouring versions only, and only where every field says how: `upgrade = path::to::function`",
    note = "one that may fail is `TryUpgrade`"
)]
pub trait Upgrade<To> {
    /// The same value as the next version writes it.
    fn upgrade(self) -> To;
}

/// Conversion to the previous version, by move; generated field by field.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be downgraded to `{To}`",
    note = "a conversion exists between neighbouring versions only, and only where every field says how: `downgrade = path::to::function`",
    note = "one that may fail is `TryDowngrade`"
)]
pub trait Downgrade<To> {
    /// The same value as the previous version writes it.
    fn downgrade(self) -> To;
}

/// Conversion to the next version that not every value has: some function on the way may fail (`try_upgrade = function`).
pub trait TryUpgrade<To> {
    /// The same value as the next version writes it, or where it has none.
    fn try_upgrade(self) -> Result<To, Unconvertible>;
}

/// Conversion to the previous version that not every value has: some function on the way may fail (`try_downgrade = function`).
pub trait TryDowngrade<To> {
    /// The same value as the previous version writes it, or where it has none.
    fn try_downgrade(self) -> Result<To, Unconvertible>;
}

/// A value that another version cannot write, with the place in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unconvertible {
    /// From the inside out: it is built on the way back.
    path: Vec<Step>,
    reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Member(&'static str),
    Item(usize),
    Key(String),
}

impl Unconvertible {
    /// How a request of such a value is answered.
    pub const REQUEST: ProblemSpec = ProblemSpec {
        owner: "Unconvertible",
        variant: "Unconvertible",
        status: 422,
        type_uri: "urn:versioned:problem:value-not-convertible",
        title: "Value not convertible",
        doc: "A value of the request cannot be written in the version that the implementation works in.",
        members: &[POINTER],
    };
    /// What stands for an answer of such a value.
    pub const ANSWER: ProblemSpec = ProblemSpec {
        owner: "Unconvertible",
        variant: "Unconvertible",
        status: 500,
        type_uri: "urn:versioned:problem:answer-not-convertible",
        title: "Answer not convertible",
        doc: "The operation was carried out, but a value of the answer cannot be written in this version.",
        members: &[POINTER],
    };

    /// At the value itself, for the reason that a function gave.
    #[must_use]
    pub fn new(reason: impl fmt::Display) -> Self {
        Self {
            path: Vec::new(),
            reason: reason.to_string(),
        }
    }

    /// In a member of the value that holds it.
    #[must_use]
    pub fn in_member(mut self, name: &'static str) -> Self {
        self.path.push(Step::Member(name));
        self
    }

    /// In an item of the list that holds it.
    #[must_use]
    pub fn in_item(mut self, index: usize) -> Self {
        self.path.push(Step::Item(index));
        self
    }

    /// In a value of the map that holds it.
    #[must_use]
    pub fn in_key(mut self, key: impl fmt::Display) -> Self {
        self.path.push(Step::Key(key.to_string()));
        self
    }

    /// Where the value stands, as a JSON pointer (RFC 6901) by the names on the wire; empty for the value itself.
    #[must_use]
    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in self.path.iter().rev() {
            pointer.push('/');
            match step {
                Step::Member(name) => pointer.push_str(&escaped(name)),
                Step::Item(index) => pointer.push_str(&index.to_string()),
                Step::Key(key) => pointer.push_str(&escaped(key)),
            }
        }
        pointer
    }

    /// Why it has no counterpart.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// 422: the client sent a value that the version of the implementation cannot write.
    #[must_use]
    pub fn into_request_problem(self) -> Problem {
        self.problem(&Self::REQUEST)
    }

    /// 500: the implementation answered with a value that the version of the client cannot write.
    #[must_use]
    pub fn into_answer_problem(self) -> Problem {
        self.problem(&Self::ANSWER)
    }

    fn problem(&self, kind: &ProblemSpec) -> Problem {
        Problem::new(kind.status)
            .with_type(kind.type_uri)
            .with_title(kind.title)
            .with_detail(self.to_string())
            .with("pointer", self.pointer())
    }
}

/// The JSON pointer to the value.
const POINTER: Field = Field {
    name: "pointer",
    wire: "pointer",
    aliases: &[],
    doc: "Where the value stands, as a JSON pointer (RFC 6901); empty for the whole.",
    ty: <String as Schema>::NODE,
    optional_in: false,
    optional_out: false,
    presence: Presence::Both,
    flatten: false,
};

impl fmt::Display for Unconvertible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = self.pointer();
        if pointer.is_empty() {
            f.write_str(&self.reason)
        } else {
            write!(f, "{pointer}: {}", self.reason)
        }
    }
}

impl std::error::Error for Unconvertible {}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// What the error of a user's function says; one that is told by a conversion in it keeps its place.
#[doc(hidden)]
pub fn unconvertible<E: fmt::Display + 'static>(error: E) -> Unconvertible {
    let told = (&error as &dyn Any).downcast_ref::<Unconvertible>();
    told.cloned().unwrap_or_else(|| Unconvertible::new(error))
}

/// Runs a conversion that leaves by `?`.
#[doc(hidden)]
pub fn attempt<T>(convert: impl FnOnce() -> Result<T, Unconvertible>) -> Result<T, Unconvertible> {
    convert()
}

/// Converts the items of a list, telling which one could not be.
#[doc(hidden)]
pub fn try_list<T, U, C: FromIterator<U>>(
    items: impl IntoIterator<Item = T>,
    convert: impl Fn(T) -> Result<U, Unconvertible>,
) -> Result<C, Unconvertible> {
    let items = items.into_iter().enumerate();
    items
        .map(|(index, item)| convert(item).map_err(|error| error.in_item(index)))
        .collect()
}

/// Converts the values of a map, telling which one could not be.
#[doc(hidden)]
pub fn try_map<K: Serialize, T, U, C: FromIterator<(K, U)>>(
    entries: impl IntoIterator<Item = (K, T)>,
    convert: impl Fn(T) -> Result<U, Unconvertible>,
) -> Result<C, Unconvertible> {
    let entries = entries.into_iter();
    entries
        .map(|(key, value)| match convert(value) {
            Ok(value) => Ok((key, value)),
            Err(error) => Err(error.in_key(text_of(&key))),
        })
        .collect()
}

/// A key as it stands on the wire, where it is a text; empty if it cannot be one.
fn text_of<K: Serialize>(key: &K) -> String {
    struct Entry<'a, K>(&'a K);

    impl<K: Serialize> Serialize for Entry<'_, K> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut entry = serializer.serialize_map(Some(1))?;
            entry.serialize_entry(self.0, &())?;
            entry.end()
        }
    }

    let written = serde_json::to_value(Entry(key));
    let key = written
        .ok()
        .and_then(|entry| entry.as_object()?.keys().next().cloned());
    key.unwrap_or_default()
}

/// Converts the items of an array, telling which one could not be.
#[doc(hidden)]
pub fn try_array<T, U, const N: usize>(
    items: [T; N],
    convert: impl Fn(T) -> Result<U, Unconvertible>,
) -> Result<[U; N], Unconvertible> {
    let items: Vec<U> = try_list(items, convert)?;
    match <[U; N]>::try_from(items) {
        Ok(items) => Ok(items),
        // As many come out as went in.
        Err(items) => Err(Unconvertible::new(format_args!(
            "{} items instead of {N}",
            items.len()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(number: u8) -> Result<u8, Unconvertible> {
        if number.is_multiple_of(2) {
            Ok(number / 2)
        } else {
            Err(Unconvertible::new("is odd").in_member("a/b"))
        }
    }

    #[test]
    fn tells_the_place_of_what_cannot_be_converted() {
        assert_eq!(try_array([2, 4], even), Ok([1, 2]));
        let error = try_array([2, 3], even).unwrap_err().in_member("list");
        assert_eq!(error.to_string(), "/list/1/a~1b: is odd");
        let error = try_map::<_, _, _, Vec<_>>([("x~y", 1)], even).unwrap_err();
        assert_eq!(error.pointer(), "/x~0y/a~1b");
        assert_eq!(Unconvertible::new("no").to_string(), "no");
        let problem = error.into_request_problem();
        assert_eq!(
            (problem.status, &*problem.type_uri),
            (422, Unconvertible::REQUEST.type_uri)
        );
        assert_eq!(problem.extensions["pointer"], "/x~0y/a~1b");
    }

    #[test]
    fn keys_of_maps_are_told_as_they_stand_on_the_wire() {
        #[derive(Serialize)]
        struct Id(u64);
        #[derive(Serialize)]
        #[serde(rename_all = "kebab-case")]
        enum Kind {
            VeryOdd,
        }
        fn pointer<K: Serialize>(key: K) -> String {
            try_map::<_, _, _, Vec<(K, u8)>>([(key, 1)], even)
                .err()
                .unwrap()
                .pointer()
        }
        assert_eq!(pointer("a\"b\n"), "/a\"b\n/a~1b");
        assert_eq!(pointer(Id(7)), "/7/a~1b");
        assert_eq!(pointer(Kind::VeryOdd), "/very-odd/a~1b");
        assert_eq!(pointer([1]), "//a~1b");
    }
}
