//! Views of one implementation as another version's: no copy, no allocation.

use std::marker::PhantomData;

/// An implementation of the neighbouring version `From`, seen as one of version `To`.
///
/// The generated code implements `To`'s trait for `Bridge<From, To, I>` where `I` implements `From`'s. A bridge is laid out
/// exactly as what it bridges, so `&I` is viewed as `&Bridge<From, To, I>` without copying it; longer distances nest.
#[repr(transparent)]
pub struct Bridge<From, To, I: ?Sized>(PhantomData<fn() -> (From, To)>, I);

impl<From, To, I> Bridge<From, To, I> {
    /// Takes an implementation into the bridge.
    pub const fn new(implementation: I) -> Self {
        Self(PhantomData, implementation)
    }

    /// What was bridged, taken out again.
    pub fn into_inner(self) -> I {
        self.1
    }
}

impl<From, To, I: ?Sized> Bridge<From, To, I> {
    /// Sees a borrowed implementation through the bridge.
    pub const fn view(implementation: &I) -> &Self {
        // SAFETY: `Bridge` is `repr(transparent)` over `I`, its other field is zero-sized with alignment 1; of an unsized one the
        // metadata are the same, which the cast demands; the lifetime of the result is that of the argument.
        #[allow(unsafe_code)]
        unsafe {
            &*(std::ptr::from_ref(implementation) as *const Self)
        }
    }

    /// What is bridged.
    pub const fn inner(&self) -> &I {
        &self.1
    }
}

/// An implementation in its own version, as the generated code sees it: the innermost layer under nested bridges.
///
/// It is a type of its own so that "whoever implements the trait answers the operation" and "a bridge answers the
/// operation" are two implementations that cannot overlap.
#[doc(hidden)]
#[repr(transparent)]
pub struct Native<I>(I);

impl<I> Native<I> {
    /// Sees an implementation as the innermost layer.
    pub const fn view(implementation: &I) -> &Self {
        // SAFETY: as in `Bridge::view`: `repr(transparent)` over `I`, same lifetime.
        #[allow(unsafe_code)]
        unsafe {
            &*std::ptr::from_ref(implementation).cast::<Self>()
        }
    }

    /// The implementation itself.
    pub const fn inner(&self) -> &I {
        &self.0
    }
}

/// A builder slot that holds no implementation.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Absent;

/// A builder slot that holds an implementation.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Present;

/// A builder slot; a disjunction of slots says whether one of them is present.
#[doc(hidden)]
pub trait Slot {
    /// [`Present`] if this slot or the other is.
    type Or<Other>;
}

impl Slot for Present {
    type Or<Other> = Present;
}

impl Slot for Absent {
    type Or<Other> = Other;
}

/// What the builder of a service demands of each operation: that a slot which answers it is present.
///
/// `Operation` is a type that is named after the operation, in a module that is named after the version; `By` are the markers of
/// the versions whose implementations answer it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "operation `{Operation}` has no implementation [V0501]",
    label = "nobody answers it",
    note = "help: give the builder an implementation of one of the versions that answer it: `{By}`"
)]
pub trait Answered<Operation, By> {}

impl<Operation, By> Answered<Operation, By> for Present {}

#[cfg(test)]
mod tests {
    use super::*;

    struct V1;
    struct V2;

    #[test]
    fn a_view_is_the_same_bytes_at_the_same_place() {
        let implementation = String::from("implementation");
        let native = Native::view(&implementation);
        let bridge = Bridge::<V2, V1, _>::view(native);
        assert!(std::ptr::addr_eq(bridge, &raw const implementation));
        assert_eq!(size_of_val(bridge), size_of::<String>());
        assert_eq!(bridge.inner().inner(), "implementation");
        let erased: &dyn std::fmt::Display = &implementation;
        let bridge = Bridge::<V2, V1, dyn std::fmt::Display>::view(erased);
        assert!(std::ptr::addr_eq(bridge, &raw const implementation));
        assert_eq!(bridge.inner().to_string(), "implementation");
    }
}
