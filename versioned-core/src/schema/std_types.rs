//! The shapes of the standard library's types, as serde writes them.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::marker::PhantomData;
use std::num::{NonZero, Saturating, Wrapping};
use std::ops::{Range, RangeInclusive};
use std::rc::Rc;
use std::sync::{Arc, Mutex, RwLock};

use super::{Content, Field, Link, Matching, Node, Presence, Schema, Shape, Tagging, Variant};
use crate::constraints::{Constraints, Number};

/// An object of members that are always there.
macro_rules! members {
    ($($name:literal: $ty:ty),*) => {
        Shape::Struct {
            fields: &[$(Field {
                name: $name,
                wire: $name,
                aliases: &[],
                doc: "",
                ty: <$ty as Schema>::NODE,
                optional_in: false,
                optional_out: false,
                presence: Presence::Both,
                flatten: false,
            }),*],
            deny_unknown_fields: false,
        }
    };
}

macro_rules! leaf {
    ($($ty:ty => $shape:expr;)*) => {$(
        impl Schema for $ty {
            const NODE: Link = Link::of(&Node::anonymous($shape));
        }
    )*};
}

leaf! {
    bool => Shape::Bool;
    i8 => Shape::Integer { bits: 8, signed: true };
    i16 => Shape::Integer { bits: 16, signed: true };
    i32 => Shape::Integer { bits: 32, signed: true };
    i64 => Shape::Integer { bits: 64, signed: true };
    i128 => Shape::Integer { bits: 128, signed: true };
    u8 => Shape::Integer { bits: 8, signed: false };
    u16 => Shape::Integer { bits: 16, signed: false };
    u32 => Shape::Integer { bits: 32, signed: false };
    u64 => Shape::Integer { bits: 64, signed: false };
    u128 => Shape::Integer { bits: 128, signed: false };
    // serde writes pointer-sized integers as 64 bits on every target that services run on.
    isize => Shape::Integer { bits: 64, signed: true };
    usize => Shape::Integer { bits: 64, signed: false };
    f32 => Shape::Number { bits: 32 };
    f64 => Shape::Number { bits: 64 };
    char => Shape::Char;
    str => Shape::String { format: "" };
    String => Shape::String { format: "" };
    () => Shape::Unit;
    serde_json::Value => Shape::Any;
    std::net::IpAddr => Shape::String { format: "ip" };
    std::net::Ipv4Addr => Shape::String { format: "ipv4" };
    std::net::Ipv6Addr => Shape::String { format: "ipv6" };
    std::net::SocketAddr => Shape::String { format: "socket-address" };
    std::net::SocketAddrV4 => Shape::String { format: "socket-address-ipv4" };
    std::net::SocketAddrV6 => Shape::String { format: "socket-address-ipv6" };
    std::path::Path => Shape::String { format: "" };
    std::path::PathBuf => Shape::String { format: "" };
    std::time::Duration => members!("secs": u64, "nanos": u32);
    std::time::SystemTime => members!("secs_since_epoch": u64, "nanos_since_epoch": u32);
}

macro_rules! nonzero {
    ($($ty:ty)*) => {$(
        impl Schema for NonZero<$ty> {
            const NODE: Link = <$ty as Schema>::NODE;
        }
    )*};
}

// No keyword leaves out a number between others.
nonzero! { i8 i16 i32 i64 i128 isize }

macro_rules! positive {
    ($($ty:ty)*) => {$(
        impl Schema for NonZero<$ty> {
            const NODE: Link = Link::of(&Node {
                constraints: &Constraints {
                    minimum: Some(Number::Integer(1)),
                    ..Constraints::NONE
                },
                ..Node::anonymous(Shape::Transparent(<$ty as Schema>::NODE))
            });
        }
    )*};
}

positive! { u8 u16 u32 u64 u128 usize }

macro_rules! same {
    ($($ty:ty)*) => {$(
        impl<T: Schema + ?Sized> Schema for $ty {
            const NODE: Link = T::NODE;
        }
    )*};
}

same! { Box<T> Arc<T> Rc<T> &T Cell<T> RefCell<T> Mutex<T> RwLock<T> }

macro_rules! same_sized {
    ($($ty:ty)*) => {$(
        impl<T: Schema> Schema for $ty {
            const NODE: Link = T::NODE;
        }
    )*};
}

same_sized! { Reverse<T> Saturating<T> Wrapping<T> }

impl<T: ?Sized> Schema for PhantomData<T> {
    const NODE: Link = <() as Schema>::NODE;
}

impl<T: Schema + ToOwned + ?Sized> Schema for Cow<'_, T> {
    const NODE: Link = T::NODE;
}

impl<T: Schema> Schema for Option<T> {
    const NODE: Link = Link::of(&Node::anonymous(Shape::Option(T::NODE)));
}

macro_rules! list {
    ($($unique:literal: $($ty:ty)*;)*) => {$($(
        impl<T: Schema> Schema for $ty {
            const NODE: Link =
                Link::of(&Node::anonymous(Shape::List { item: T::NODE, unique: $unique, len: None }));
        }
    )*)*};
}

list! {
    false: Vec<T> VecDeque<T> LinkedList<T> BinaryHeap<T> [T];
    true: BTreeSet<T>;
}

impl<T: Schema, S> Schema for HashSet<T, S> {
    const NODE: Link = <BTreeSet<T> as Schema>::NODE;
}

impl<T: Schema, const N: usize> Schema for [T; N] {
    const NODE: Link = Link::of(&Node::anonymous(Shape::List {
        item: T::NODE,
        unique: false,
        len: Some(N),
    }));
}

impl<K, V: Schema> Schema for BTreeMap<K, V> {
    const NODE: Link = Link::of(&Node::anonymous(Shape::Map { value: V::NODE }));
}

impl<K, V: Schema, S> Schema for HashMap<K, V, S> {
    const NODE: Link = <BTreeMap<K, V> as Schema>::NODE;
}

impl<T: Schema> Schema for Range<T> {
    const NODE: Link = Link::of(&Node::anonymous(members!("start": T, "end": T)));
}

impl<T: Schema> Schema for RangeInclusive<T> {
    const NODE: Link = <Range<T> as Schema>::NODE;
}

/// A value inside a contract: what operations answer is taken apart into statuses instead.
impl<T: Schema, E: Schema> Schema for Result<T, E> {
    const NODE: Link = Link::of(&Node::anonymous(Shape::Enum {
        tagging: Tagging::External,
        variants: &[variant("Ok", T::NODE), variant("Err", E::NODE)],
        deny_unknown_fields: false,
    }));
}

const fn variant(name: &'static str, content: Link) -> Variant {
    Variant {
        name,
        wire: name,
        aliases: &[],
        doc: "",
        content: Content::Newtype(content),
        presence: Presence::Both,
        matching: Matching::Named,
        deprecation: None,
    }
}

macro_rules! tuple {
    ($(($($name:ident)+))*) => {$(
        impl<$($name: Schema),+> Schema for ($($name,)+) {
            const NODE: Link = Link::of(&Node::anonymous(Shape::Tuple(&[$($name::NODE),+])));
        }
    )*};
}

tuple! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
(A B C D E F G H I) (A B C D E F G H I J) (A B C D E F G H I J K) (A B C D E F G H I J K L) }
