//! The shape of a type on the wire, as constants that the compiler can walk.
//!
//! Nodes of named types live in statics and are linked by [`Link`], so that recursive types can describe themselves:
//! plain references between the constants of mutually recursive types would be a cycle error.

mod same;
mod std_types;

pub use same::same;

use crate::constraints::Constraints;
use crate::deprecation::Deprecation;

/// A type whose shape on the wire is known; derive it with `#[derive(Schema)]`.
///
/// Types inside a `#[versioned]` module have it without asking.
#[diagnostic::on_unimplemented(
    message = "the shape of `{Self}` on the wire is not known",
    label = "crosses the wire in a versioned contract",
    note = "add `#[derive(Schema)]` to `{Self}`, or declare it inside the versioned module"
)]
pub trait Schema {
    /// The description of the type.
    const NODE: Link;
}

/// A link to a node; a raw pointer, because references between mutually recursive constants are a cycle error.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Link(*const Node);

// SAFETY: a link is made from a `&'static Node` only, and a node holds nothing but shared, immutable, static data.
#[allow(unsafe_code)]
unsafe impl Sync for Link {}
// SAFETY: as above.
#[allow(unsafe_code)]
unsafe impl Send for Link {}

impl Link {
    /// A link to a node that lives as long as the program.
    #[must_use]
    pub const fn of(node: &'static Node) -> Self {
        Self(node)
    }

    /// The node behind the link.
    #[must_use]
    pub const fn get(self) -> &'static Node {
        // SAFETY: the pointer was a `&'static Node`, see `Link::of`.
        #[allow(unsafe_code)]
        unsafe {
            &*self.0
        }
    }
}

impl std::fmt::Debug for Link {
    /// Names the node instead of following it: links may be circular.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let node = self.get();
        if node.id.is_empty() {
            std::fmt::Debug::fmt(&node.shape, f)
        } else {
            f.write_str(node.id)
        }
    }
}

/// One type.
#[derive(Debug)]
pub struct Node {
    /// Crate, module path and name: the identity of a named type, used to stop cycles and to name schemas in documents;
    /// empty for types without a name of their own, which are described where they are used.
    ///
    /// A type of a contract is named by contract and version: `user-profile::v1_1::User`.
    pub id: &'static str,
    /// The name in the source, such as `User`.
    pub name: &'static str,
    /// The doc comment.
    pub doc: &'static str,
    /// The shape on the wire.
    pub shape: Shape,
    /// What a value must be like beyond its shape. A field, parameter or place that has some of its own is of a node without a
    /// name, which is written as that of its type.
    pub constraints: &'static Constraints,
}

impl Node {
    /// A node without a name of its own.
    #[must_use]
    pub const fn anonymous(shape: Shape) -> Self {
        Self {
            id: "",
            name: "",
            doc: "",
            shape,
            constraints: &Constraints::NONE,
        }
    }

    /// Whether a value may be left out or be null.
    #[must_use]
    pub const fn is_optional(&self) -> bool {
        match self.shape {
            Shape::Option(_) => true,
            Shape::Transparent(inner) => inner.get().is_optional(),
            _ => false,
        }
    }
}

/// What stands on the wire.
#[derive(Debug)]
pub enum Shape {
    /// `true` or `false`.
    Bool,
    /// An integer of so many bits.
    Integer {
        /// Width in bits.
        bits: u8,
        /// Whether it may be negative.
        signed: bool,
    },
    /// An IEEE 754 number of so many bits.
    Number {
        /// Width in bits.
        bits: u8,
    },
    /// Text; `format` as in JSON Schema, empty for any.
    String {
        /// Such as `date-time` or `uuid`.
        format: &'static str,
    },
    /// One Unicode scalar value, as text.
    Char,
    /// Any JSON value.
    Any,
    /// One text and no other: the tag that serde writes beside the members of a struct (`#[serde(tag = "…")]`).
    Literal(&'static str),
    /// Nothing: `null`, or no body at all as the answer of an operation.
    Unit,
    /// A value or `null`.
    Option(Link),
    /// An array.
    List {
        /// The items.
        item: Link,
        /// Whether items are distinct.
        unique: bool,
        /// The exact number of items, for arrays.
        len: Option<usize>,
    },
    /// An array with one type per place.
    Tuple(&'static [Link]),
    /// An object with arbitrary keys.
    Map {
        /// The values; keys are strings on the wire.
        value: Link,
    },
    /// An object with known members.
    Struct {
        /// The members, in the order of the source.
        fields: &'static [Field],
        /// Whether other members are refused.
        deny_unknown_fields: bool,
    },
    /// One of several forms.
    Enum {
        /// How the forms are told apart.
        tagging: Tagging,
        /// The forms, in the order of the source.
        variants: &'static [Variant],
        /// Whether members that a form does not know are refused.
        deny_unknown_fields: bool,
    },
    /// Written as its only member.
    Transparent(Link),
}

/// A member of an object.
#[derive(Debug)]
pub struct Field {
    /// The name in the source.
    pub name: &'static str,
    /// The name on the wire.
    pub wire: &'static str,
    /// Other names that are read.
    pub aliases: &'static [&'static str],
    /// The doc comment.
    pub doc: &'static str,
    /// The type.
    pub ty: Link,
    /// Whether it may be left out in a request: `#[serde(default)]`, or an `Option`.
    pub optional_in: bool,
    /// Whether it may be left out in an answer: `skip_serializing_if`.
    pub optional_out: bool,
    /// In which directions it is on the wire.
    pub presence: Presence,
    /// Whether the members of its value stand among those of the struct, instead of the field: `flatten`. Its wire name means
    /// nothing then.
    pub flatten: bool,
}

/// In which directions a member or variant is on the wire.
///
/// One that serde writes under another name than it reads is two: one that is written, one that is read.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// Written and read.
    #[default]
    Both,
    /// Read only: clients send it and never get it.
    Read,
    /// Written only: clients get it, and it means nothing in what they send.
    Written,
}

impl Presence {
    /// Whether it is read from what clients send.
    #[must_use]
    pub const fn is_read(self) -> bool {
        !matches!(self, Self::Written)
    }

    /// Whether it is written into what clients get.
    #[must_use]
    pub const fn is_written(self) -> bool {
        !matches!(self, Self::Read)
    }

    /// The directions that both have; `None` if that is neither.
    #[must_use]
    pub const fn within(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Both, other) => Some(other),
            (this, Self::Both) | (this @ Self::Read, Self::Read) | (this @ Self::Written, Self::Written) => {
                Some(this)
            }
            _ => None,
        }
    }
}

/// One form of an enum.
#[derive(Debug)]
pub struct Variant {
    /// The name in the source.
    pub name: &'static str,
    /// The name on the wire.
    pub wire: &'static str,
    /// Other names that are read.
    pub aliases: &'static [&'static str],
    /// The doc comment.
    pub doc: &'static str,
    /// What it holds.
    pub content: Content,
    /// In which directions it is on the wire.
    pub presence: Presence,
    /// How it is recognized.
    pub matching: Matching,
    /// That it will go.
    pub deprecation: Option<Deprecation>,
}

/// How a variant is recognized.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Matching {
    /// By its name, as the tagging of the enum says; an untagged enum has none to look at.
    #[default]
    Named,
    /// It is what a name that no variant has is read as (`#[serde(other)]`): clients may send names that are not known yet.
    Other,
    /// By its content alone, after all others: `#[serde(untagged)]` on the variant.
    Untagged,
}

/// What a variant holds.
#[derive(Debug)]
pub enum Content {
    /// Nothing.
    Unit,
    /// One value without a name.
    Newtype(Link),
    /// Several values without names.
    Tuple(&'static [Link]),
    /// Named members.
    Struct(&'static [Field]),
}

/// How serde tells the variants of an enum apart (<https://serde.rs/enum-representations.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tagging {
    /// `{"Variant": content}`, or `"Variant"` for a unit variant.
    External,
    /// `{"tag": "Variant", …content}`.
    Internal {
        /// The member that names the variant.
        tag: &'static str,
    },
    /// `{"tag": "Variant", "content": content}`.
    Adjacent {
        /// The member that names the variant.
        tag: &'static str,
        /// The member that holds its content.
        content: &'static str,
    },
    /// The content alone.
    Untagged,
}
