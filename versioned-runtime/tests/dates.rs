//! Dates of versions, and what is said of things that will go: in constants, in the document, and nowhere on the wire.
#![deny(warnings)]
#![allow(missing_docs)]

use serde_json::{Value, json};
use versioned_runtime::openapi;
use versioned_runtime::prelude::*;

#[versioned(
    contract = "shop",
    versions(
        v1("1.0.0", released = "2025-01-15", deprecated = "2026-02-01", sunset = "2026-12-31", successor = v2),
        v1_1("1.1.0", released = "2025-06-01"),
        v2 = "2.0.0",
    )
)]
pub mod shop {
    use super::*;

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Item {
        pub id: u64,
        /// What it is called.
        #[version(deprecated(since = v1_1, on = "2025-06-01", sunset = "2027-01-01", successor = title, note = "It was short."))]
        pub name: String,
        #[version(since = v1_1, default)]
        pub title: String,
        pub kind: Kind,
        #[deprecated(note = "nobody reads it")]
        pub colour: Option<Colour>,
    }

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub enum Kind {
        Book,
        #[version(deprecated(since = v2, successor = Book))]
        Leaflet,
    }

    #[derive(Debug, Clone, Serialize, Deserialize)]
    #[version(deprecated(since = v1_1, note = "Colours go."))]
    pub struct Colour(pub String);

    pub trait Shop {
        #[get("/items/{id}")]
        async fn item(&self, id: u64) -> Result<Item, Problem>;

        #[version(deprecated(since = v1_1, on = "2025-06-01", sunset = "2026-06-01", successor = item))]
        #[get("/things/{id}")]
        async fn thing(
            &self,
            id: u64,
            #[version(deprecated(since = v2, note = "Ask for less."))]
            #[query]
            depth: Option<u8>,
        ) -> Result<Item, Problem>;
    }
}

fn document(version: shop::Version) -> Value {
    serde_json::from_str(&openapi::json(version.contract())).expect("a document")
}

#[test]
fn versions_carry_their_dates() {
    let [v1, v1_1, v2] = shop::Version::ALL.map(shop::Version::contract);
    assert_eq!(
        v1.released.map(|date| date.to_string()).as_deref(),
        Some("2025-01-15")
    );
    let deprecation = v1.deprecation.expect("deprecated");
    assert_eq!(deprecation.successor, "2.0.0");
    assert_eq!(
        serde_json::to_value(deprecation).expect("plain data"),
        json!({ "on": "2026-02-01", "sunset": "2026-12-31", "successor": "2.0.0" })
    );
    assert_eq!(v1_1.deprecation, None);
    assert_eq!(v2.released, None);
    let info = &document(shop::Version::V1)["info"];
    assert_eq!(
        [&info["x-released"], &info["x-deprecated"], &info["x-sunset"]],
        ["2025-01-15", "2026-02-01", "2026-12-31"]
    );
}

#[test]
fn what_will_go_is_said_from_its_version_on() {
    let (old, new) = (document(shop::Version::V1), document(shop::Version::V1_1));
    let field = |document: &Value, version: &str, name: &str| {
        document["components"]["schemas"][format!("shop.{version}.Item")]["properties"][name].clone()
    };
    assert_eq!(
        field(&old, "v1", "name"),
        json!({ "type": "string", "description": "What it is called." })
    );
    assert_eq!(
        field(&new, "v1_1", "name"),
        json!({
            "type": "string",
            "deprecated": true,
            "description": "What it is called.\n\nDeprecated since 2025-06-01. Gone from 2027-01-01 on. Use `title` instead. It was short.",
            "x-sunset": "2027-01-01",
        })
    );
    assert_eq!(
        field(&old, "v1", "colour")["allOf"][1]["deprecated"],
        true,
        "Rust's own attribute says it, too"
    );
    let thing = |document: &Value| document["paths"]["/things/{id}"]["get"].clone();
    assert_eq!(thing(&old)["deprecated"], Value::Null);
    assert_eq!(
        (&thing(&new)["deprecated"], &thing(&new)["x-sunset"]),
        (&json!(true), &json!("2026-06-01"))
    );
    let newest = document(shop::Version::V2);
    assert_eq!(thing(&new)["parameters"][1]["deprecated"], Value::Null);
    assert_eq!(thing(&newest)["parameters"][1]["deprecated"], true);
    assert_eq!(thing(&newest)["parameters"][1]["description"], "Ask for less.");
    let kinds = &newest["components"]["schemas"]["shop.v2.Kind"]["oneOf"];
    assert_eq!(
        (&kinds[0]["deprecated"], &kinds[1]["deprecated"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(
        new["components"]["schemas"]["shop.v1_1.Colour"]["deprecated"],
        true
    );
}

#[versioned(
    contract = "dated",
    version = "1.0.0",
    released = "2025-01-15",
    deprecated = "2026-02-01",
    sunset = "2026-12-31"
)]
pub mod dated_v1 {
    use super::*;

    pub trait Dated {
        #[get("/days")]
        async fn days(&self) -> Result<u16, Problem>;
    }
}

#[versioned(contract = "dated", version = "2.0.0", evolves = dated_v1, released = "2025-06-01")]
pub mod dated_v2 {
    use super::*;

    pub trait Dated {
        #[version(deprecated(note = "Count them."))]
        #[get("/days")]
        async fn days(&self) -> Result<u16, Problem>;
    }
}

versioned_runtime::contract! { pub mod dated = dated_v2; }

#[test]
fn versions_that_are_written_out_carry_theirs() {
    let [v1, v2] = dated::Version::ALL.map(dated::Version::contract);
    let days = |contract: &versioned_runtime::Contract| contract.released.map(|date| date.to_string());
    assert_eq!(
        (days(v1).as_deref(), days(v2).as_deref()),
        (Some("2025-01-15"), Some("2025-06-01"))
    );
    let sunset = v1.deprecation.and_then(|deprecation| deprecation.sunset);
    assert_eq!(sunset.map(|date| date.to_string()).as_deref(), Some("2026-12-31"));
    assert_eq!(v2.deprecation, None);
    let said = |contract: &versioned_runtime::Contract| {
        contract.operations[0].marks.deprecation.map(|said| said.note)
    };
    assert_eq!((said(v1), said(v2)), (None, Some("Count them.")));
}
