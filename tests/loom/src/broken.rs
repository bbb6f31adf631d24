//! The models can fail: each fence is needed, and is missed where it is left out.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::models::{check, one_request_and_one_writer};
use crate::sync::{Omitted, omit};

/// What is said of the model without these fences.
fn without(fences: Omitted) -> String {
    omit(fences);
    let model = || {
        one_request_and_one_writer();
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| check(None, model)));
    omit(Omitted::Nothing);
    let panic = outcome.expect_err("an interleaving that goes wrong");
    let text = panic.downcast_ref::<&str>().copied().map(ToOwned::to_owned);
    text.or_else(|| panic.downcast_ref().cloned()).unwrap_or_default()
}

#[test]
fn requests_need_their_fence() {
    let said = without(Omitted::FencesOfRequests);
    assert!(said.contains("drained"), "{said}");
}

#[test]
fn writers_need_their_fence() {
    let said = without(Omitted::FencesOfWriters);
    assert!(said.contains("drained"), "{said}");
}
