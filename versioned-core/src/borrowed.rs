//! Values of a newer version, written in the shape of an earlier one without being cloned or downgraded first.
//!
//! For a value that is shared, or that was answered with already and is compared in the background, [`Downgrade`](crate::Downgrade)
//! asks for a clone. [`As`] borrows it instead: serde writes the earlier shape from the fields of the newer value.

mod project;

use std::marker::PhantomData;

use serde::{Serialize, Serializer};

pub use project::{Each, Keep, Places, Project, Through, To};

/// A borrowed value, serialized as version `V` writes it: `As::<V1, _>::new(&user)`.
///
/// It writes the bytes that the downgraded value would be written as; only the order of a `HashMap` is the map's own. What was not
/// changed is borrowed, what a function computes is owned while it is written. `As::<V1, v2::User>::WAY` says how a pair of
/// versions is written.
///
/// A value that the version cannot write (`try_downgrade`) is an error of the serializer, told before anything is written.
pub struct As<'a, V, T: ?Sized>(&'a T, PhantomData<fn() -> V>);

impl<V, T: SerializeAs<V> + ?Sized> As<'_, V, T> {
    /// Whether the value is borrowed or cloned on the way.
    pub const WAY: Way = T::WAY;
}

impl<'a, V, T: ?Sized> As<'a, V, T> {
    /// Borrows a value.
    pub const fn new(value: &'a T) -> Self {
        Self(value, PhantomData)
    }
}

impl<V, T: ?Sized> Clone for As<'_, V, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V, T: ?Sized> Copy for As<'_, V, T> {}

impl<V, T: std::fmt::Debug + ?Sized> std::fmt::Debug for As<'_, V, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("As").field(&self.0).finish()
    }
}

impl<V, T: SerializeAs<V> + ?Sized> Serialize for As<'_, V, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize_as(serializer)
    }
}

/// What a value is written from in an earlier version's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// From the value itself: nothing is cloned, and what no function computes allocates nothing.
    Borrowed,
    /// From the value itself, but for parts of it that are cloned and downgraded.
    Partly,
    /// From a clone that is downgraded: where serde is told `with`, `flatten`, `untagged` or `into`, where a conversion may fail
    /// or takes the whole value, where changed types stand in a set, where `Serialize` is not derived, and where versions are
    /// written out one by one (`evolves`).
    Owned,
}

impl Way {
    /// The way of a value that holds both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Borrowed, Self::Borrowed) => Self::Borrowed,
            (Self::Owned, Self::Owned) => Self::Owned,
            _ => Self::Partly,
        }
    }
}

/// A type whose values can be written as version `V` writes them; generated for every type of a contract and every version from
/// which it can be downgraded to `V`, and for standard containers of such types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as `{V}` writes it [V0310]",
    label = "not a value of that version or a later one",
    note = "help: name its own version or an earlier one; `As` serves the types of a contract and standard containers of them, in their own and earlier versions, where every field says how it is downgraded"
)]
pub trait SerializeAs<V> {
    /// Whether the value is borrowed or cloned on the way.
    const WAY: Way;

    /// Writes the value in the shape of the version.
    fn serialize_as<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// A type that is cloned on the way. The lifetime means nothing: a bound for all of them is not checked before it is needed, so
/// that a type that nobody writes like this needs no `Clone`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is cloned to be written in an earlier version, and it is not `Clone` [V0311]",
    label = "is cloned on the way",
    note = "help: add `#[derive(Clone)]` to `{Self}`, or downgrade an owned value and serialize that",
    note = "values are cloned where serde is told `with`, `flatten`, `untagged` or `into`, where a conversion may fail or takes an owned value, and where changed types stand in a set"
)]
pub trait Cloned<'a> {
    /// A clone.
    #[must_use]
    fn cloned(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Cloned<'_> for T {
    fn cloned(&self) -> Self {
        self.clone()
    }
}

/// A type that serde writes; for the lifetime see [`Cloned`].
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not `Serialize`, so it cannot be written in any version",
    note = "add `#[derive(Serialize)]` to `{Self}`"
)]
pub trait Written<'a> {
    /// Writes it.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Written<'_> for T {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }
}

/// A field with what `skip_serializing_if` said of it.
#[doc(hidden)]
pub struct Maybe<T> {
    value: T,
    skipped: bool,
}

impl<T> Maybe<T> {
    /// The value that is written if it is not skipped.
    pub const fn new(value: T, skipped: bool) -> Self {
        Self { value, skipped }
    }

    /// What serde asks.
    pub const fn is_skipped(&self) -> bool {
        self.skipped
    }
}

impl<T: Serialize> Serialize for Maybe<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}
