//! The laws of the contracts: values that go to another version and back are the same, or the contract says what is lost.
//!
//! Thirteen versions are 78 distances: fewer values are tried of each; `PROPTEST_CASES=256` looks closer.

versioned_runtime::laws!(container_engine::containers, cases = 32);
versioned_runtime::laws!(container_engine::engine, cases = 32);
versioned_runtime::laws!(container_engine::images, cases = 32);
versioned_runtime::laws!(container_engine::networks, cases = 32);
versioned_runtime::laws!(container_engine::volumes, cases = 32);
