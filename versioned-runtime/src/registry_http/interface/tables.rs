//! The part of the interface that is about routing: the table, its rules, and what explains a decision.

use serde_json::{Value, json};

use super::{answer, object, problem, reference};

/// Asking which implementation a request would get.
pub(super) fn explain(contract: &Value) -> Value {
    json!({
        "parameters": [contract],
        "post": {
            "summary": "Which implementation a request would get, and why; nothing is sent (admin interface).",
            "security": [{ "admin": [] }],
            "requestBody": { "required": true, "content": { "application/json": { "schema": reference("Request") } } },
            "responses": {
                "200": answer("What decides", &reference("Explanation")),
                "401": problem("No token, or a wrong one"),
                "404": problem("Unknown"),
                "422": problem("What the contract does not know"),
                "default": problem("Any other problem"),
            },
        },
    })
}

/// Those of the schemas that a routing table is made of.
const TABLE: [&str; 4] = ["RoutingTable", "PlaceInRequest", "Rule", "Finding"];

/// The JSON Schema of routing tables as a document of its own, for editors and for checks before a table is sent: the same schemas
/// that the interface names.
pub(in crate::registry_http) fn json_schema() -> Value {
    let mut schemas = schemas();
    let parts = TABLE.map(|name| (name.to_owned(), schemas[name].take()));
    let mut parts = Value::Object(parts.into_iter().collect());
    name_parts(&mut parts);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Routing table",
        "description": "Which implementation serves which requests of a contract; as JSON or as YAML.",
        "$ref": "#/$defs/RoutingTable",
        "$defs": parts,
    })
}

/// Refers to schemas as parts of the same document.
fn name_parts(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(target) if name == "$ref" => {
                        *target = target.replace("#/components/schemas/", "#/$defs/");
                    }
                    _ => name_parts(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(name_parts),
        _ => {}
    }
}

/// The schemas of routing.
pub(super) fn schemas() -> Value {
    let text = json!({ "type": "string" });
    let count = json!({ "type": "integer", "minimum": 0 });
    let texts = json!({ "type": "array", "items": text });
    let names = json!({ "type": "object", "additionalProperties": text });
    let place = json!({ "oneOf": [{ "type": "null" }, reference("PlaceInRequest")] });
    let places = json!({
        "type": "object",
        "additionalProperties": place,
        "description": "Where requests say it; null: nowhere but in dyes, and what the service finds out.",
    });
    let percents = json!({
        "type": "object",
        "additionalProperties": { "type": "number", "minimum": 0, "maximum": 100 },
        "description": "Percent of the matching users, by implementation or label; what is left goes to what follows.",
    });
    let text_or_pattern = json!({
        "oneOf": [
            text,
            { "type": "object", "additionalProperties": false, "required": ["glob"], "properties": { "glob": text } },
            { "type": "object", "additionalProperties": false, "required": ["regex"], "properties": { "regex": text } },
        ],
    });
    let one_or_many = json!({ "anyOf": [text_or_pattern, { "type": "array", "items": text_or_pattern }] });
    json!({
        "RoutingTable": {
            "type": "object",
            "additionalProperties": false,
            "required": ["default_version", "shares"],
            "properties": {
                "contract": { "type": ["string", "null"] },
                "epoch": { "type": ["integer", "null"], "minimum": 0 },
                "default_version": text,
                "stable": { "type": ["string", "null"], "description": "Who takes what no share gives away; null: the native or nearest implementation." },
                "shares": {
                    "type": "object",
                    "additionalProperties": { "type": "integer", "minimum": 0, "maximum": 1_000_000 },
                    "description": "Parts per million of the users, by implementation.",
                },
                "user_key": { "oneOf": [{ "type": "null" }, reference("PlaceInRequest")], "description": "What tells users apart." },
                "implementations": { "type": ["array", "null"], "items": text },
                "facts": places,
                "scores": places,
                "labels": names,
                "rules": { "type": "array", "items": reference("Rule"), "description": "The first that matches decides, before the shares." },
                "pins": names,
                "rolled_back": texts,
                "findings": { "type": "array", "items": reference("Finding"), "description": "Of tables that are read." },
            },
        },
        "PlaceInRequest": {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false,
            "properties": { "header": text, "query": text, "cookie": text },
        },
        "Rule": {
            "type": "object",
            "additionalProperties": false,
            "required": ["name", "to"],
            "properties": {
                "name": text,
                "match": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {
                        "dye": one_or_many,
                        "facts": { "type": "object", "additionalProperties": one_or_many },
                        "scores": { "type": "object", "additionalProperties": { "type": "string", "pattern": "^ *[<>]=? *[^ ]+ *$" } },
                    },
                },
                "to": percents,
            },
        },
        "Finding": object(&json!({ "pointer": text, "detail": text })),
        "Request": {
            "type": "object",
            "additionalProperties": false,
            "required": ["version", "operation"],
            "properties": { "version": text, "operation": text, "user_key": { "type": ["string", "null"] }, "facts": names },
        },
        "Explanation": object(&json!({
            "epoch": count, "resolved": text, "operation": text, "serving": text,
            "reason": { "enum": ["pin", "rule", "share", "stable", "nearest", "fallback"] },
            "bucket": count, "dye": text, "rules": { "type": "array", "items": { "type": "object" } },
        })),
        "Drain": object(&json!({ "contract": text, "epochs": { "type": "array", "items": reference("EpochDrain") } })),
        "EpochDrain": object(&json!({ "epoch": count, "entered": count, "left": count, "in_flight": count, "held": count })),
    })
}
