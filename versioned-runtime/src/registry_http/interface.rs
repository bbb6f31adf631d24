//! The registry's and admin interface's own OpenAPI 3.1 document.

mod tables;

use serde_json::{Value, json};

use crate::host::RunningHost;

pub(super) use tables::json_schema;

/// The media type of most documents here.
const JSON: &str = "application/json";

/// The document; paths are relative to where the two routers are mounted.
pub(super) fn document(host: &RunningHost) -> Value {
    let contract = parameter("contract", "The id of a contract, such as `user-profile`.");
    let version = parameter("version", "An exact version, such as `1.1.0`.");
    let read = |summary: &str, parameters: &[&Value], schema: Value| {
        json!({ "get": {
            "summary": summary,
            "parameters": parameters,
            "responses": { "200": answer("OK", &schema), "404": problem("No such contract or version"), "default": problem("Any other problem") },
        }})
    };
    let mut paths = json!({
        "/contracts": read("All contracts of this host.", &[], reference("Contracts")),
        "/contracts/{contract}": read("One contract: versions, compatibility, breaks, migrations.", &[&contract], reference("Contract")),
        "/contracts/{contract}/versions/{version}": read("One version.", &[&contract, &version], reference("Version")),
        "/contracts/{contract}/versions/{version}/openapi.json":
            read("The OpenAPI document of one version.", &[&contract, &version], json!({ "type": "object" })),
        "/openapi.json": read("This document.", &[], json!({ "type": "object" })),
    });
    paths[super::TABLE_SCHEMA] = json!({ "get": {
        "summary": "The JSON Schema (draft 2020-12) of routing tables.",
        "responses": {
            "200": { "description": "OK", "content": { "application/schema+json": { "schema": { "type": "object" } } } },
            "default": problem("Any other problem"),
        },
    }});
    paths["/contracts/{contract}/routing"] = routing(&contract);
    paths["/contracts/{contract}/routing/explain"] = tables::explain(&contract);
    paths["/contracts/{contract}/drain"] = read(
        "The requests under way, by the epoch that decided them (admin interface).",
        &[&contract],
        reference("Drain"),
    );
    paths["/contracts/{contract}/versions/{version}/availability"] = availability(&contract, &version);
    paths["/counters"] = read(
        "What was counted since the start (admin interface).",
        &[],
        reference("Counters"),
    );
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "versioned registry",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What this binary carries, and the routing tables in force. Writing, and the counters, belong to the admin interface.",
        },
        "servers": [{ "url": host.0.settings.registry_prefix }],
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": { "admin": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn routing(contract: &Value) -> Value {
    replaced(
        &[contract],
        &of(&[JSON, crate::admin::YAML], &reference("RoutingTable")),
        [
            "The routing table in force.",
            "Replace the routing table by compare-and-set (admin interface).",
        ],
    )
}

fn availability(contract: &Value, version: &Value) -> Value {
    replaced(
        &[contract, version],
        &of(&[JSON], &reference("Availability")),
        [
            "What clients may ask of a version, and what is announced of it (admin interface).",
            "Move the availability of a version by compare-and-set (admin interface).",
        ],
    )
}

/// What is read with the epoch as its entity tag, and replaced if that still is the epoch; `content` is what it stands in.
fn replaced(parameters: &[&Value], content: &Value, [read, write]: [&str; 2]) -> Value {
    let etag = json!({ "ETag": { "description": "The epoch, quoted.", "schema": { "type": "string" } } });
    let state = json!({ "description": "What is in force", "headers": etag, "content": content });
    let if_match = json!({
        "name": "If-Match", "in": "header", "required": true, "schema": { "type": "string" },
        "description": "The ETag of what was read.",
    });
    let written: Vec<&Value> = parameters.iter().copied().chain([&if_match]).collect();
    json!({
        "get": {
            "summary": read,
            "parameters": parameters,
            "responses": { "200": state, "404": problem("No such contract or version"), "default": problem("Any other problem") },
        },
        "put": {
            "summary": write,
            "parameters": written,
            "security": [{ "admin": [] }],
            "requestBody": { "required": true, "content": content },
            "responses": {
                "200": state,
                "400": problem("Not of its media type, or not an epoch"),
                "401": problem("No token, or a wrong one"),
                "403": problem("No token is configured"),
                "404": problem("No such contract or version"),
                "408": problem("Not sent in time"),
                "412": problem("The table is at another epoch, or was read in part"),
                "413": problem("Too large"),
                "415": problem("Another media type, or a content encoding"),
                "422": problem("What does not fit"),
                "428": problem("No If-Match"),
                "default": problem("Any other problem"),
            },
        },
    })
}

fn parameter(name: &str, description: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "description": description, "schema": { "type": "string" } })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn answer(description: &str, schema: &Value) -> Value {
    json!({ "description": description, "content": of(&[JSON], schema) })
}

/// The same schema in each of these media types.
fn of(media_types: &[&str], schema: &Value) -> Value {
    let content = media_types
        .iter()
        .map(|name| ((*name).to_owned(), json!({ "schema": schema })));
    Value::Object(content.collect())
}

fn problem(description: &str) -> Value {
    json!({ "description": description, "content": { "application/problem+json": { "schema": reference("Problem") } } })
}

fn schemas() -> Value {
    let text = json!({ "type": "string" });
    let count = json!({ "type": "integer", "minimum": 0 });
    let texts = json!({ "type": "array", "items": text });
    let date = json!({ "type": ["string", "null"], "description": "A day (midnight UTC), or a moment of RFC 3339." });
    let summary = json!({
        "id": text, "description": text, "compatibility": { "enum": ["backward", "forward", "full"] }, "versions": texts,
        "implementations": texts, "epoch": count, "default_version": text, "href": text,
    });
    let mut contract = summary.clone();
    contract["origin"] = json!({ "type": "object" });
    contract["history"] = json!({ "type": "array", "items": reference("Version") });
    contract["routing"] = text.clone();
    contract["routing_schema"] = text.clone();
    let mut schemas = json!({
        "Contracts": object(&json!({ "contracts": { "type": "array", "items": object(&summary) } })),
        "Contract": object(&contract),
        "Version": object(&json!({
            "version": text, "availability": reference("State"), "released": date, "deprecated": date, "sunset": date,
            "note": { "type": ["string", "null"] }, "successor": { "type": ["string", "null"] }, "brown_outs": { "type": "array", "items": reference("BrownOut") }, "native": { "type": "boolean" },
            "fingerprint": text, "prefixes": texts, "operations": { "type": "array", "items": { "type": "object" } },
            "breaks": { "type": "array", "items": { "type": "object" } }, "migrations": { "type": "array", "items": { "type": "object" } },
            "openapi": text, "href": text,
        })),
        "State": { "enum": ["hidden", "offered", "deprecated", "gone"] },
        "BrownOut": {
            "type": "object",
            "additionalProperties": false,
            "required": ["from", "minutes"],
            "properties": { "from": text, "minutes": { "type": "integer", "minimum": 1, "maximum": 1440 } },
        },
        "Availability": {
            "type": "object",
            "additionalProperties": false,
            "required": ["availability"],
            "properties": {
                "contract": { "type": ["string", "null"] },
                "version": { "type": ["string", "null"] },
                "epoch": { "type": ["integer", "null"], "minimum": 0 },
                "availability": reference("State"),
                "released": date, "deprecated": date, "sunset": date,
                "successor": { "type": ["string", "null"], "description": "null: the next later release that is offered." },
                "brown_outs": { "type": "array", "items": reference("BrownOut") },
                "reason": { "type": ["string", "null"], "description": "Needed for a step back, and for taking away what was never announced." },
            },
        },
        "Counters": object(&json!({ "requests": count, "refusals": count, "panics": count, "timeouts": count, "flips": count })),
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status"],
            "properties": { "type": text, "title": text, "status": count, "detail": text, "instance": text },
        },
    });
    for (name, schema) in tables::schemas().as_object().into_iter().flatten() {
        schemas[name] = schema.clone();
    }
    schemas
}

/// An object whose members are all there.
fn object(properties: &Value) -> Value {
    let required: Vec<&String> = properties
        .as_object()
        .into_iter()
        .flat_map(|members| members.keys())
        .collect();
    json!({ "type": "object", "properties": properties, "required": required })
}
