//! The schemas that a contract publishes, and a validator from outside that values are held against.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Value, json};
use versioned_core::contract::Contract;
use versioned_core::openapi;
use versioned_core::schema::Link;

/// The components of the documents of all versions, by name.
pub(super) struct Published(BTreeMap<String, Value>);

impl Published {
    pub(super) fn new(contracts: &[&'static Contract]) -> Self {
        let mut components = BTreeMap::new();
        for contract in contracts {
            let Ok(document) = serde_json::from_str::<Value>(&openapi::json(contract)) else {
                continue;
            };
            let schemas = document["components"]["schemas"].as_object();
            for (name, schema) in schemas.into_iter().flatten() {
                components.insert(name.clone(), schema.clone());
            }
        }
        Self(components)
    }

    /// The validator of a type; `None` if no version publishes it.
    pub(super) fn validator(&self, node: Link) -> Option<Schema> {
        let name = openapi::name(node);
        if !self.0.contains_key(&*name) {
            return None;
        }
        let schema = json!({
            "$ref": format!("#/components/schemas/{name}"),
            "components": { "schemas": self.0 },
        });
        Some(Schema(
            jsonschema::draft202012::new(&schema).map_err(|error| error.to_string()),
        ))
    }
}

/// A published schema; an error if it is none.
pub(super) struct Schema(Result<Validator, String>);

impl Schema {
    /// Says where a value does not fit.
    pub(super) fn check(&self, text: &str) -> Result<(), String> {
        let validator = match &self.0 {
            Ok(validator) => validator,
            Err(error) => return Err(format!("the published schema is none: {error}")),
        };
        let value: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| match error.instance_path().as_str() {
                "" => error.to_string(),
                path => format!("{path}: {error}"),
            })
            .collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(format!("schema:   {}", errors.join("; ")))
        }
    }
}
