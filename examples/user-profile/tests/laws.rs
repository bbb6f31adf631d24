//! The laws of the contract: values that go to another version and back are the same, or the contract says what is lost.

versioned_runtime::laws!(user_profile::user_profile);
