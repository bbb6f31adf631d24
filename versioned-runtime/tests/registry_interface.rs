//! What the registry says of itself is what it answers with: its documents are held against its own schemas.

mod support;

use serde_json::{Value, json};
use support::{aged, ask_router, request, service};
use versioned_runtime::{Host, RunningHost};

const TOKEN: &str = "authorization: Bearer secret";
const JSON: &str = "content-type: application/json";

fn host() -> RunningHost {
    let host = Host::from(service(aged())).admin_token("secret");
    host.start().expect("a host")
}

/// A document of the schema of this name.
#[track_caller]
fn fits(interface: &Value, name: &str, document: &Value) {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": format!("#/components/schemas/{name}"),
        "components": interface["components"],
    });
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<String> = validator
        .iter_errors(document)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:?}: {document}");
}

/// The first table with rules that the documentation shows.
fn documented() -> Value {
    let page = include_str!("../../docs/runtime.md");
    let rules = page.split("## Rules").nth(1).expect("the section");
    let block = rules
        .split("```json")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    serde_json::from_str(block.expect("a block")).expect("JSON")
}

#[tokio::test]
async fn documents_are_of_their_schemas() {
    let host = host();
    let read = async |router: axum::Router, path: &str| {
        ask_router(router, request("GET", path, &[TOKEN], ""))
            .await
            .json()
    };
    let interface = read(host.registry_router(), "/openapi.json").await;
    fits(
        &interface,
        "Contracts",
        &read(host.registry_router(), "/contracts").await,
    );
    fits(
        &interface,
        "Contract",
        &read(host.registry_router(), "/contracts/notes").await,
    );
    fits(
        &interface,
        "Version",
        &read(host.registry_router(), "/contracts/notes/versions/2.0.0").await,
    );
    fits(
        &interface,
        "Availability",
        &read(
            host.admin_router(),
            "/contracts/notes/versions/2.0.0/availability",
        )
        .await,
    );
    fits(
        &interface,
        "RoutingTable",
        &read(host.admin_router(), "/contracts/notes/routing").await,
    );
    fits(
        &interface,
        "Drain",
        &read(host.admin_router(), "/contracts/notes/drain").await,
    );
    fits(
        &interface,
        "Counters",
        &read(host.admin_router(), "/counters").await,
    );
    let table = documented();
    fits(&interface, "RoutingTable", &table);
    // What the documentation shows is a table of this binary, but for the version that clients get who name none.
    let mut table = table;
    table["default_version"] = json!("1.1.0");
    let put = request(
        "PUT",
        "/contracts/notes/routing",
        &[TOKEN, JSON, "if-match: \"1\""],
        table.to_string(),
    );
    let written = ask_router(host.admin_router(), put).await;
    assert_eq!(written.status.as_u16(), 200, "{written:?}");
    fits(&interface, "RoutingTable", &written.json());
    let question = json!({ "version": "1.1.0", "operation": "get_note", "user_key": "ada", "facts": { "region": "cn-east" } });
    fits(&interface, "Request", &question);
    let ask = request(
        "POST",
        "/contracts/notes/routing/explain",
        &[TOKEN, JSON],
        question.to_string(),
    );
    let explained = ask_router(host.admin_router(), ask).await;
    assert_eq!(explained.status.as_u16(), 200, "{explained:?}");
    fits(&interface, "Explanation", &explained.json());
}

/// What is read and written is what the document names, and nothing else.
#[tokio::test]
async fn media_types_are_those_of_the_document() {
    let host = host();
    let get = request("GET", "/openapi.json", &[], "");
    let interface = ask_router(host.registry_router(), get).await.json();
    let names = |content: &Value| -> Vec<String> {
        let members = content.as_object().expect("media types");
        members.keys().cloned().collect()
    };
    let paths = [
        "/contracts/{contract}/routing",
        "/contracts/{contract}/versions/{version}/availability",
    ];
    for (template, yaml) in paths.into_iter().zip([true, false]) {
        let described = &interface["paths"][template];
        let taken = names(&described["put"]["requestBody"]["content"]);
        for method in ["get", "put"] {
            let answered = names(&described[method]["responses"]["200"]["content"]);
            assert_eq!(answered, taken, "{method} {template}");
        }
        let path = template
            .replace("{contract}", "notes")
            .replace("{version}", "2.0.0");
        let read = ask_router(host.admin_router(), request("GET", &path, &[TOKEN], "")).await;
        let mut written = read.json();
        let mut epoch = written["epoch"].as_u64().expect("an epoch");
        for media_type in ["application/json", "application/yaml", "text/plain"] {
            written["epoch"] = json!(epoch);
            let headers = [
                TOKEN,
                &format!("content-type: {media_type}"),
                &format!("accept: {media_type}"),
                &format!("if-match: \"{epoch}\""),
            ];
            // What is JSON is YAML.
            let put = request("PUT", &path, &headers, written.to_string());
            let answer = ask_router(host.admin_router(), put).await;
            let status = answer.status.as_u16();
            if taken.iter().any(|name| name == media_type) {
                assert_eq!((status, answer.header("content-type")), (200, Some(media_type)));
                epoch += 1;
            } else {
                assert_eq!(status, 415, "{answer:?}");
            }
            let told = &described["put"]["responses"][status.to_string()];
            assert!(told.is_object(), "{status} of {template}");
        }
        assert_eq!(taken.len(), if yaml { 2 } else { 1 }, "{taken:?}");
    }
}

/// A table that is changed in one place. What the schema refuses, the admin interface refuses, too.
#[track_caller]
fn spoiled(pointer: &str, value: Value) -> Value {
    let mut table = documented();
    table["default_version"] = json!("1.1.0");
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = table.pointer_mut(parent).expect("it is there");
    match parent {
        Value::Array(items) => items[name.parse::<usize>().expect("an index")] = value,
        _ => parent[name] = value,
    }
    table
}

#[tokio::test]
async fn the_schema_of_routing_tables_is_served() {
    let host = host();
    let get = async |path: &str| ask_router(host.registry_router(), request("GET", path, &[], "")).await;
    let contract = get("/contracts/notes").await.json();
    let link = contract["routing_schema"].as_str().expect("a link").to_owned();
    let path = link.strip_prefix("/registry").expect("below the prefix");
    let table = get("/contracts/notes/routing").await;
    // It leads to the same place from the table, and on the admin listener to the schema that is there.
    let relative = "<../../schemas/routing-table.json>; rel=\"describedby\"";
    assert_eq!(
        (path, table.header("link")),
        ("/schemas/routing-table.json", Some(relative))
    );
    let of_admin = ask_router(host.admin_router(), request("GET", path, &[], "")).await;
    assert_eq!(of_admin.header("content-type"), Some("application/schema+json"));
    let served = get(path).await;
    assert_eq!(served.header("content-type"), Some("application/schema+json"));
    let schema = served.json();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    let validator = jsonschema::draft202012::new(&schema).expect("it needs no other document");

    let admin = async |table: &Value| {
        let headers = [TOKEN, JSON, "if-match: \"1\""];
        let put = request("PUT", "/contracts/notes/routing", &headers, table.to_string());
        let host = self::host();
        ask_router(host.admin_router(), put).await.status.as_u16()
    };
    let good = [
        table.json(),
        spoiled("/stable", json!(null)),
        spoiled("/rules", json!([])),
        spoiled(
            "/rules/0/match",
            json!({ "dye": { "regex": "region:.*" }, "scores": { "fraud": ">= 0.5" } }),
        ),
        spoiled("/rules/0/to", json!({ "2.0.0": 0.0001 })),
        spoiled("/pins", json!({ "ada": "2.0.0" })),
        spoiled("/user_key", json!({ "cookie": "user" })),
        spoiled("/facts", json!({ "plan": null, "region": null })),
        spoiled("/scores", json!({ "fraud": null })),
    ];
    for table in good {
        let errors: Vec<String> = validator
            .iter_errors(&table)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}: {table}");
        assert_eq!(admin(&table).await, 200, "{table}");
    }
    let bad = [
        json!({}),
        json!([]),
        json!({ "default_version": "1.1.0" }),
        spoiled("/default_version", json!(1)),
        spoiled("/epoch", json!(-1)),
        spoiled("/shares", json!({ "2.0.0": 1_000_001 })),
        spoiled("/shares", json!({ "2.0.0": 0.5 })),
        spoiled("/share", json!({})),
        spoiled("/user_key", json!({ "header": "x-user", "cookie": "user" })),
        spoiled("/user_key", json!({ "body": "user" })),
        spoiled("/rules", json!({})),
        spoiled("/rules/0", json!({ "to": { "2.0.0": 1 } })),
        spoiled("/rules/0/to", json!({ "2.0.0": 101 })),
        spoiled("/rules/0/to", json!({ "2.0.0": -1 })),
        spoiled(
            "/rules/0/match",
            json!({ "facts": { "region": { "globe": "*" } } }),
        ),
        spoiled("/rules/0/match", json!({ "facts": { "region": 1 } })),
        spoiled("/rules/0/match", json!({ "scores": { "fraud": "= 1" } })),
        spoiled("/rules/0/match", json!({ "fact": {} })),
        spoiled("/pins", json!({ "ada": 1 })),
        spoiled("/rolled_back", json!("2.0.0")),
    ];
    for table in bad {
        assert!(!validator.is_valid(&table), "{table}");
        assert!((400..500).contains(&admin(&table).await), "{table}");
    }
}
