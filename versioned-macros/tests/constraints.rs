//! Constraints in constants: what the macro writes is what it compared (`src/agreement.rs` holds the other side against the same list).

#![allow(missing_docs, dead_code)] // the contract of a test

mod places;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use versioned_core::Problem;
use versioned_core::model::Model;
use versioned_macros::versioned;

#[versioned(contract = "constrained", versions(v1 = "1.0.0", v2 = "2.0.0", v3 = "3.0.0"))]
pub mod constrained {
    use super::*;

    #[derive(Debug, Clone, Serialize, Deserialize)]
    #[openapi(min_properties = 2, title = "All that may stand on a field")]
    #[openapi(since = v2, min_properties = 1)]
    pub struct Thing {
        #[openapi(read_only, maximum = 9)]
        #[serde(default)]
        pub id: u8,
        #[openapi(
            min_length = 2,
            max_length = 50,
            pattern = "^[A-Z]",
            format = "email",
            example = "A@b"
        )]
        #[openapi(since = v2, max_length = 20)]
        #[openapi(since = v3, max_length = 30, description = "Longer again.")]
        pub name: Option<String>,
        #[openapi(until = v3, exclusive_minimum = -1.5, exclusive_maximum = 1e3, multiple_of = 0.25)]
        #[openapi(minimum = -1)]
        pub size: f64,
        #[openapi(min_items = 1, max_items = 3, unique_items)]
        pub names: Vec<Name>,
        #[openapi(max_properties = 9)]
        pub by_key: std::collections::BTreeMap<String, Kind>,
        #[openapi(write_only, min_length = 8)]
        #[serde(default, skip_serializing)]
        pub secret: String,
        #[openapi(title = "No fact", examples = [1, 2])]
        pub noted: u8,
    }

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Name(#[openapi(max_length = 9)] pub String);

    #[derive(Debug, Clone, Serialize, Deserialize)]
    #[openapi(maximum = 18_446_744_073_709_551_614)]
    pub struct Large(pub u64);

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Pair(#[openapi(minimum = 1)] pub u8, pub u8);

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub enum Kind {
        Plain,
        One(#[openapi(minimum = 1)] u8),
        Two(u8, #[openapi(minimum = 2)] u8),
        Named {
            #[openapi(since = v2, minimum = 3)]
            size: u8,
        },
    }

    pub trait Things {
        #[put("/things/{id}")]
        async fn put(
            &self,
            #[openapi(minimum = 1)]
            #[openapi(since = v2, minimum = 2)]
            id: Large,
            #[openapi(max_length = 5)]
            #[query]
            word: Option<String>,
            #[openapi(max_items = 2)] things: Vec<Thing>,
        ) -> Result<Pair, Problem>;
    }
}

#[test]
fn constants_say_what_was_written() {
    let expected: Vec<Value> = serde_json::from_str(include_str!("constraints.json")).expect("a list");
    let contracts = constrained::Version::ALL.map(constrained::Version::contract);
    let found: Vec<Value> = contracts
        .map(|contract| serde_json::json!(places::places(&Model::from(contract))))
        .into();
    assert_eq!(
        found,
        expected,
        "{}",
        serde_json::to_string_pretty(&found).expect("JSON")
    );
}
