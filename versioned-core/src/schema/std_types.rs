//! The shapes of the standard library's types, as serde writes them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use super::{Link, Node, Schema, Shape};

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
}

macro_rules! same {
    ($($ty:ty)*) => {$(
        impl<T: Schema + ?Sized> Schema for $ty {
            const NODE: Link = T::NODE;
        }
    )*};
}

same! { Box<T> Arc<T> Rc<T> &T }

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
    false: Vec<T> VecDeque<T> LinkedList<T> [T];
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

macro_rules! tuple {
    ($(($($name:ident)+))*) => {$(
        impl<$($name: Schema),+> Schema for ($($name,)+) {
            const NODE: Link = Link::of(&Node::anonymous(Shape::Tuple(&[$($name::NODE),+])));
        }
    )*};
}

tuple! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }
