//! Models of the swap: the very source that the runtime ships, under the interleavings and stale reads that the memory model allows.
//!
//! `loom` runs a model again and again, each time with its threads in another order and with other values that a load may give. Its
//! atomics are types of their own, not a switch of the compiler: so only the two files of the swap are compiled over them, and nothing
//! else is built twice. `cargo test -p versioned-tests-loom` runs the models, and so does the test of the workspace.
#![cfg(test)]

#[path = "../../../versioned-runtime/src/drain.rs"]
#[allow(unreachable_pub, reason = "the runtime publishes the counts")]
mod drain;
#[path = "../../../versioned-runtime/src/swap.rs"]
#[expect(dead_code, reason = "what implementations were given is no model's business")]
mod swap;

mod broken;
mod models;
mod sync;
