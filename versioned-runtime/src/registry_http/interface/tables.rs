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

/// The schemas of routing.
pub(super) fn schemas() -> Value {
    let text = json!({ "type": "string" });
    let count = json!({ "type": "integer", "minimum": 0 });
    let texts = json!({ "type": "array", "items": text });
    let names = json!({ "type": "object", "additionalProperties": text });
    let places = json!({ "type": "object", "additionalProperties": reference("PlaceInRequest") });
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
