//! The laws of the contracts: values that go to another version and back are the same, or the contract says what is lost.

versioned_runtime::laws!(container_engine::containers);
versioned_runtime::laws!(container_engine::engine);
versioned_runtime::laws!(container_engine::images);
versioned_runtime::laws!(container_engine::networks);
versioned_runtime::laws!(container_engine::volumes);
