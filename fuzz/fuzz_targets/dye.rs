//! See `properties::dye`.
#![no_main]
#![allow(missing_docs)] // the entry of the fuzzer

#[path = "../properties.rs"]
#[allow(dead_code)] // each target uses its own
mod properties;

libfuzzer_sys::fuzz_target!(|text: &str| properties::dye(text));
