//! What the binary carries: every contract version that was linked in, found without naming it.

use std::collections::BTreeMap;

use crate::contract::Contract;

/// One registered contract version; the macros submit it at link time.
#[doc(hidden)]
pub struct Registration(pub &'static Contract);

inventory::collect!(Registration);
