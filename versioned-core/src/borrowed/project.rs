//! How standard containers are written when what they hold is written in an earlier version's shape.

use std::collections::{BTreeMap, HashMap, LinkedList, VecDeque};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeTuple as _, Serializer};

use super::{SerializeAs, Way};

/// A borrowed value of any type, written as `P` says.
#[doc(hidden)]
pub struct Through<'a, P, T: ?Sized>(&'a T, PhantomData<fn() -> P>);

impl<'a, P: Project<T>, T: ?Sized> Through<'a, P, T> {
    /// Borrows a value.
    pub const fn new(value: &'a T) -> Self {
        Self(value, PhantomData)
    }
}

impl<P: Project<T>, T: ?Sized> Serialize for Through<'_, P, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        P::write(self.0, serializer)
    }
}

/// A way to write values of `T`.
#[doc(hidden)]
pub trait Project<T: ?Sized> {
    /// Writes one.
    fn write<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error>;
}

/// As it is.
#[doc(hidden)]
pub struct Keep;

impl<T: Serialize + ?Sized> Project<T> for Keep {
    fn write<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }
}

/// As version `V` writes it.
#[doc(hidden)]
pub struct To<V>(PhantomData<V>);

impl<V, T: SerializeAs<V> + ?Sized> Project<T> for To<V> {
    fn write<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize_as(serializer)
    }
}

/// A container, whose items (of a map: values) are written by `P`.
#[doc(hidden)]
pub struct Each<P>(PhantomData<P>);

impl<P: Project<T>, T> Project<Option<T>> for Each<P> {
    fn write<S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(item) => serializer.serialize_some(&Through::<P, T>::new(item)),
            None => serializer.serialize_none(),
        }
    }
}

macro_rules! pointers {
    ($($pointer:ty)*) => {$(
        impl<P: Project<T>, T: ?Sized> Project<$pointer> for Each<P> {
            fn write<S: Serializer>(value: &$pointer, serializer: S) -> Result<S::Ok, S::Error> {
                P::write(value, serializer)
            }
        }

        impl<V, T: SerializeAs<V> + ?Sized> SerializeAs<V> for $pointer {
            const WAY: Way = T::WAY;

            fn serialize_as<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                (**self).serialize_as(serializer)
            }
        }
    )*};
}

pointers! { &T Box<T> Arc<T> Rc<T> }

macro_rules! lists {
    ($($list:ty)*) => {$(
        impl<P: Project<T>, T> Project<$list> for Each<P> {
            fn write<S: Serializer>(value: &$list, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(value.iter().map(Through::<P, T>::new))
            }
        }
    )*};
}

lists! { [T] Vec<T> VecDeque<T> LinkedList<T> }

/// Arrays are tuples to serde.
impl<P: Project<T>, T, const N: usize> Project<[T; N]> for Each<P> {
    fn write<S: Serializer>(value: &[T; N], serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_tuple(N)?;
        for item in value {
            items.serialize_element(&Through::<P, T>::new(item))?;
        }
        items.end()
    }
}

impl<P: Project<T>, K: Serialize, T> Project<BTreeMap<K, T>> for Each<P> {
    fn write<S: Serializer>(value: &BTreeMap<K, T>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(value.iter().map(|(key, item)| (key, Through::<P, T>::new(item))))
    }
}

impl<P: Project<T>, K: Serialize, T, H> Project<HashMap<K, T, H>> for Each<P> {
    fn write<S: Serializer>(value: &HashMap<K, T, H>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(value.iter().map(|(key, item)| (key, Through::<P, T>::new(item))))
    }
}

macro_rules! containers {
    ($([$($parameters:tt)*] $container:ty;)*) => {$(
        impl<V, T: SerializeAs<V>, $($parameters)*> SerializeAs<V> for $container {
            const WAY: Way = T::WAY;

            fn serialize_as<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <Each<To<V>> as Project<Self>>::write(self, serializer)
            }
        }
    )*};
}

containers! {
    [] Option<T>;
    [] [T];
    [] Vec<T>;
    [] VecDeque<T>;
    [] LinkedList<T>;
    [const N: usize] [T; N];
    [K: Serialize] BTreeMap<K, T>;
    [K: Serialize, H] HashMap<K, T, H>;
}

/// A tuple, whose places are written by the projections of the tuple `P`.
#[doc(hidden)]
pub struct Places<P>(PhantomData<P>);

macro_rules! tuples {
    ($($len:literal: $($projection:ident $item:ident $index:tt)+;)*) => {$(
        impl<$($projection: Project<$item>, $item),+> Project<($($item,)+)> for Places<($($projection,)+)> {
            fn write<S: Serializer>(value: &($($item,)+), serializer: S) -> Result<S::Ok, S::Error> {
                let mut items = serializer.serialize_tuple($len)?;
                $(items.serialize_element(&Through::<$projection, $item>::new(&value.$index))?;)+
                items.end()
            }
        }

        impl<V, $($item: SerializeAs<V>),+> SerializeAs<V> for ($($item,)+) {
            const WAY: Way = tuples!(@way $($item)+);

            fn serialize_as<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <Places<($(tuples!(@to $item V),)+)> as Project<Self>>::write(self, serializer)
            }
        }
    )*};
    (@to $item:ident $version:ident) => { To<$version> };
    (@way $first:ident $($rest:ident)*) => { <$first as SerializeAs<V>>::WAY$(.and(<$rest as SerializeAs<V>>::WAY))* };
}

tuples! {
    1: P0 T0 0;
    2: P0 T0 0 P1 T1 1;
    3: P0 T0 0 P1 T1 1 P2 T2 2;
    4: P0 T0 0 P1 T1 1 P2 T2 2 P3 T3 3;
    5: P0 T0 0 P1 T1 1 P2 T2 2 P3 T3 3 P4 T4 4;
    6: P0 T0 0 P1 T1 1 P2 T2 2 P3 T3 3 P4 T4 4 P5 T5 5;
    7: P0 T0 0 P1 T1 1 P2 T2 2 P3 T3 3 P4 T4 4 P5 T5 5 P6 T6 6;
    8: P0 T0 0 P1 T1 1 P2 T2 2 P3 T3 3 P4 T4 4 P5 T5 5 P6 T6 6 P7 T7 7;
    9: P0 T0 0 P1 T1 1 P2 T2 2 P3 T3 3 P4 T4 4 P5 T5 5 P6 T6 6 P7 T7 7 P8 T8 8;
    10: P0 T0 0 P1 T1 1 P2 T2 2 P3 T3 3 P4 T4 4 P5 T5 5 P6 T6 6 P7 T7 7 P8 T8 8 P9 T9 9;
    11: P0 T0 0 P1 T1 1 P2 T2 2 P3 T3 3 P4 T4 4 P5 T5 5 P6 T6 6 P7 T7 7 P8 T8 8 P9 T9 9 P10 T10 10;
    12: P0 T0 0 P1 T1 1 P2 T2 2 P3 T3 3 P4 T4 4 P5 T5 5 P6 T6 6 P7 T7 7 P8 T8 8 P9 T9 9 P10 T10 10 P11 T11 11;
}

/// What no version changes: scalars, so that tuples of them and of types of a contract can be written.
macro_rules! same {
    ($($ty:ty)*) => {$(
        impl<V> SerializeAs<V> for $ty {
            const WAY: Way = Way::Borrowed;

            fn serialize_as<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.serialize(serializer)
            }
        }
    )*};
}

same! { () bool char str String u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 serde_json::Value }
