//! Conversion of values between neighbouring versions.

/// Conversion to the next version, by move; generated field by field.
///
/// There is no blanket implementation (it would overlap with those of containers): the macros decide from the written
/// types, and move what did not change.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be upgraded to `{To}`",
    note = "a conversion exists between neighbouring versions only, and only where every field says how: `upgrade = path::to::function`"
)]
pub trait Upgrade<To> {
    /// The same value as the next version writes it.
    fn upgrade(self) -> To;
}

/// Conversion to the previous version, by move; generated field by field.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be downgraded to `{To}`",
    note = "a conversion exists between neighbouring versions only, and only where every field says how: `downgrade = path::to::function`"
)]
pub trait Downgrade<To> {
    /// The same value as the previous version writes it.
    fn downgrade(self) -> To;
}
