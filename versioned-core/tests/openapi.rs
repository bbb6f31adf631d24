//! The OpenAPI documents, part by part.

mod library;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use library::{V1, V1_1, enumeration, field, structure, variant};
use serde_json::{Value, json};
use versioned_core::constraints::Constraints;
use versioned_core::contract::{Contract, Method, Operation, Parameter, Place};
use versioned_core::openapi;
use versioned_core::response::{ResponseSpec, Responses};
use versioned_core::schema::{Content, Field, Link, Node, Schema, Shape, Tagging, Variant};

fn document(contract: &'static Contract) -> Value {
    serde_json::from_str(&openapi::json(contract)).expect("a document is JSON")
}

#[test]
fn says_what_it_is_and_where_it_is_served() {
    let document = document(&V1_1);
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(
        document["info"],
        json!({ "title": "library", "version": "1.1.0", "description": "Books and who has them." })
    );
    assert_eq!(
        document["servers"],
        json!([{ "url": "/v1" }, { "url": "/v1.1" }, { "url": "/v1.1.0" }])
    );
    assert_eq!(openapi::json(&V1_1), openapi::json(&V1_1), "the same each time");
}

#[test]
fn describes_an_operation_that_reads_a_query() {
    let document = document(&V1);
    let list = &document["paths"]["/books"]["get"];
    assert_eq!(list["operationId"], "list_books");
    assert_eq!(list["tags"], json!(["Library"]));
    assert_eq!(list["summary"], "List the books.");
    assert_eq!(list["description"], "In the order of their ids.");
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let number = json!({ "type": "integer", "format": "uint64", "minimum": 0 });
    let short = json!({ "type": "integer", "format": "int32", "minimum": 0, "maximum": 65535 });
    let expected = json!([
        { "name": "after", "in": "query", "required": false, "description": "The last one seen.", "schema": number },
        { "name": "limit", "in": "query", "required": true, "schema": short },
        { "name": "tag", "in": "query", "required": false, "schema": texts },
    ]);
    assert_eq!(list["parameters"], expected);
    assert!(list.get("requestBody").is_none());
    assert_eq!(
        list["responses"]["200"],
        json!({
            "description": "OK",
            "content": { "application/json": { "schema": {
                "type": "array", "items": { "$ref": "#/components/schemas/library.v1.Book" },
            } } },
        })
    );
}

#[test]
fn describes_an_operation_that_replaces_and_fails() {
    let document = document(&V1);
    let put = &document["paths"]["/books/{id}"]["put"];
    assert_eq!(put["parameters"][0]["in"], "path");
    assert_eq!(put["parameters"][0]["required"], true);
    assert_eq!(put["parameters"][1]["name"], "If-Match");
    assert_eq!(put["parameters"][1]["required"], false);
    assert_eq!(put["parameters"][1]["schema"], json!({ "type": "string" }));
    assert_eq!(
        put["requestBody"],
        json!({
            "required": true,
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/library.v1.Book" } } },
        })
    );
    assert_eq!(put["responses"]["204"], json!({ "description": "No Content" }));

    let problem = json!({ "$ref": "#/components/schemas/Problem" });
    let schema = |status: &str| &put["responses"][status]["content"]["application/problem+json"]["schema"];
    assert_eq!(*schema("default"), problem);
    assert_eq!(
        *schema("404"),
        json!({
            "title": "No such book",
            "allOf": [problem, {
                "type": "object",
                "required": ["type", "id"],
                "properties": {
                    "type": { "type": "string", "enum": ["urn:library:not-found"] },
                    "id": { "type": "integer", "format": "uint64", "minimum": 0 },
                },
            }],
        })
    );
    let kinds = schema("409")["oneOf"]
        .as_array()
        .expect("two kinds of one status");
    let kinds: Vec<&Value> = kinds
        .iter()
        .map(|kind| &kind["allOf"][1]["properties"]["type"]["enum"][0])
        .collect();
    assert_eq!(kinds, ["urn:library:lent", "urn:library:stale"]);
    assert_eq!(
        document["components"]["schemas"]["Problem"]["required"],
        json!(["type", "title", "status"])
    );
}

/// Templates that differ in the names of parameters only are one path (OpenAPI 3.1, section 4.8.8).
#[test]
fn one_path_has_one_template() {
    const fn operation(
        name: &'static str,
        method: Method,
        path: &'static str,
        id: &'static str,
    ) -> Operation {
        Operation {
            name,
            trait_name: "Notes",
            method,
            path,
            status: 204,
            doc: "",
            parameters: match id.as_bytes() {
                b"note" => &[NOTE, ID_IN_QUERY],
                _ => &[ID],
            },
            body: None,
            responses: <() as Responses>::RESPONSES,
            problems: &[],
            replaces: false,
            conversions: &[],
            marks: versioned_core::contract::Marks::NONE,
            examples: &[],
        }
    }
    const fn path_parameter(wire: &'static str, place: Place) -> Parameter {
        Parameter {
            name: wire,
            wire,
            place,
            ty: String::NODE,
        }
    }
    const ID: Parameter = path_parameter("id", Place::Path);
    const NOTE: Parameter = path_parameter("note", Place::Path);
    const ID_IN_QUERY: Parameter = path_parameter("id", Place::Query);
    static NOTES: Contract = Contract {
        id: "notes",
        operations: &[
            operation("read", Method::Get, "/notes/{id}", "id"),
            operation("drop", Method::Delete, "/notes/{note}", "note"),
        ],
        ..V1_COPY
    };
    let paths = document(&NOTES)["paths"].take();
    let templates: Vec<&String> = paths.as_object().expect("paths").keys().collect();
    assert_eq!(templates, ["/notes/{id}"]);
    let named = |method: &str| -> Vec<(Value, Value)> {
        let parameters = paths["/notes/{id}"][method]["parameters"]
            .as_array()
            .expect("parameters");
        parameters
            .iter()
            .map(|parameter| (parameter["in"].clone(), parameter["name"].clone()))
            .collect()
    };
    assert_eq!(named("get"), [(json!("path"), json!("id"))]);
    assert_eq!(
        named("delete"),
        [(json!("path"), json!("id")), (json!("query"), json!("id"))]
    );
}

#[test]
fn a_recursive_type_is_one_component() {
    let document = document(&V1);
    let book = &document["components"]["schemas"]["library.v1.Book"];
    assert_eq!(book["title"], "Book");
    assert_eq!(book["description"], "What is lent.");
    // `isbn` may be left out of requests, `sequels` of answers.
    assert_eq!(book["required"], json!(["id", "title", "state"]));
    assert_eq!(
        book["properties"]["sequels"]["items"],
        json!({ "$ref": "#/components/schemas/library.v1.Book" })
    );
    assert_eq!(book["properties"]["isbn"], json!({ "type": ["string", "null"] }));
    assert_eq!(
        book["properties"]["title"],
        json!({ "type": "string", "description": "As on the cover." })
    );
}

#[test]
fn versions_share_a_component_name_for_the_same_content_only() {
    let schemas = |contract| match document(contract)["components"]["schemas"].take() {
        Value::Object(schemas) => schemas,
        other => panic!("{other}"),
    };
    let (old, new) = (schemas(&V1), schemas(&V1_1));
    let shared: BTreeSet<&String> = old.keys().filter(|name| new.contains_key(*name)).collect();
    assert!(
        shared.iter().all(|name| old[*name] == new[*name]),
        "one name, two contents"
    );
    assert!(shared.into_iter().eq(["Problem", "shelves.State"]));
    assert!(old.contains_key("library.v1.Book") && new.contains_key("library.v1_1.Book"));
}

#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(ToOwned::to_owned));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    for contract in [&V1, &V1_1] {
        let document = document(contract);
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            assert!(
                document
                    .pointer(&reference.replace('#', "").replace("~1", "/"))
                    .is_some(),
                "{reference}"
            );
        }
    }
}

#[test]
fn describes_the_types_of_the_standard_library() {
    #[track_caller]
    fn check<T: Schema>(expected: &Value) {
        let described = serde_json::to_value(openapi::schema(T::NODE)).expect("a schema is JSON");
        assert_eq!(&described, expected);
    }
    check::<bool>(&json!({ "type": "boolean" }));
    check::<i8>(&json!({ "type": "integer", "format": "int32", "minimum": -128, "maximum": 127 }));
    check::<i32>(&json!({ "type": "integer", "format": "int32" }));
    check::<u32>(
        &json!({ "type": "integer", "format": "int64", "minimum": 0, "maximum": 4_294_967_295_u32 }),
    );
    check::<i64>(&json!({ "type": "integer", "format": "int64" }));
    check::<u128>(&json!({ "type": "integer", "minimum": 0 }));
    check::<std::num::NonZeroU8>(
        &json!({ "type": "integer", "format": "int32", "minimum": 1, "maximum": 255 }),
    );
    check::<std::net::SocketAddr>(&json!({ "type": "string", "format": "socket-address" }));
    check::<f64>(&json!({ "type": "number", "format": "double" }));
    check::<char>(&json!({ "type": "string", "minLength": 1, "maxLength": 1 }));
    check::<()>(&json!({ "type": "null" }));
    check::<Option<()>>(&json!({ "type": "null" }));
    check::<Option<Option<bool>>>(&json!({ "type": ["boolean", "null"] }));
    check::<Option<Vec<bool>>>(&json!({ "type": ["array", "null"], "items": { "type": "boolean" } }));
    check::<Value>(&json!({}));
    check::<BTreeSet<bool>>(&json!({ "type": "array", "items": { "type": "boolean" }, "uniqueItems": true }));
    check::<[bool; 2]>(
        &json!({ "type": "array", "items": { "type": "boolean" }, "minItems": 2, "maxItems": 2 }),
    );
    check::<HashMap<String, bool>>(
        &json!({ "type": "object", "additionalProperties": { "type": "boolean" } }),
    );
    check::<BTreeMap<u8, Option<bool>>>(
        &json!({ "type": "object", "additionalProperties": { "type": ["boolean", "null"] } }),
    );
    check::<(bool, String)>(&json!({
        "type": "array", "prefixItems": [{ "type": "boolean" }, { "type": "string" }], "items": false,
        "minItems": 2, "maxItems": 2,
    }));
}

const POINT: &[Field] = &[field("x", bool::NODE)];
static STRICT: Node = structure("shapes::v1::Strict", "Strict", POINT, true);
static LOOSE: Node = structure("shapes::v1::Loose", "Loose", POINT, false);
const FORMS: &[Variant] = &[
    variant("Nothing", "nothing", Content::Unit),
    variant("Strict", "strict", Content::Newtype(Link::of(&STRICT))),
    variant("Loose", "loose", Content::Newtype(Link::of(&LOOSE))),
    variant("Point", "point", Content::Struct(POINT)),
];

/// The component that an operation's answer becomes.
fn component(node: &'static Node) -> Value {
    let answer = Operation {
        name: "answer",
        trait_name: "Shapes",
        method: Method::Get,
        path: "/",
        status: 200,
        doc: "",
        parameters: &[],
        body: None,
        responses: Box::leak(Box::new([ResponseSpec::json(Link::of(node))])),
        problems: &[],
        replaces: false,
        conversions: &[],
        marks: versioned_core::contract::Marks::NONE,
        examples: &[],
    };
    let contract = Contract {
        id: "shapes",
        operations: Box::leak(Box::new([answer])),
        doc: "",
        previous: None,
        migrations: &[],
        ..V1_COPY
    };
    let name = openapi::name(Link::of(node)).into_owned();
    document(Box::leak(Box::new(contract)))["components"]["schemas"][name].take()
}

const V1_COPY: Contract = Contract {
    id: "",
    version: versioned_core::Semver::new(1, 0, 0),
    name: "v1",
    index: 0,
    compatibility: versioned_core::Compatibility::Backward,
    doc: "",
    operations: &[],
    migrations: &[],
    released: None,
    deprecation: None,
    previous: None,
    origin: library::origin("shapes", 1),
};

static EXTERNAL: Node = enumeration("shapes::v1::External", "External", Tagging::External, FORMS);
static ADJACENT: Node = enumeration(
    "shapes::v1::Adjacent",
    "Adjacent",
    Tagging::Adjacent {
        tag: "t",
        content: "c",
    },
    FORMS,
);
static INTERNAL: Node = enumeration(
    "shapes::v1::Internal",
    "Internal",
    Tagging::Internal { tag: "t" },
    FORMS,
);
static UNTAGGED: Node = enumeration("shapes::v1::Untagged", "Untagged", Tagging::Untagged, FORMS);
static UNITS: Node = enumeration(
    "shapes::v1::Units",
    "Units",
    Tagging::External,
    &[variant("A", "a", Content::Unit), variant("B", "b", Content::Unit)],
);

#[test]
fn describes_enums_as_serde_writes_them() {
    #[track_caller]
    fn check(node: &'static Node, key: &str, expected: &Value) {
        let described = component(node);
        assert_eq!(&described[key], expected, "{}", node.name);
        assert_eq!(described["title"], node.name);
    }
    let tag = |value: &str| json!({ "type": "string", "enum": [value] });
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/shapes.v1.{name}") });
    let x = json!({ "type": "boolean" });
    let point = json!({ "type": "object", "required": ["x"], "properties": { "x": x } });

    let under = |name: &str, content: &Value| json!({ "type": "object", "required": [name], "properties": { name: content }, "additionalProperties": false });
    check(
        &EXTERNAL,
        "oneOf",
        &json!([
            tag("nothing"),
            under("strict", &reference("Strict")),
            under("loose", &reference("Loose")),
            under("point", &point)
        ]),
    );

    let beside = |name: &str, content: &Value| json!({ "type": "object", "required": ["t", "c"], "properties": { "t": tag(name), "c": content } });
    check(
        &ADJACENT,
        "oneOf",
        &json!([
            { "type": "object", "required": ["t"], "properties": { "t": tag("nothing") } },
            beside("strict", &reference("Strict")),
            beside("loose", &reference("Loose")),
            beside("point", &point),
        ]),
    );

    let tagged =
        |name: &str| json!({ "type": "object", "required": ["t"], "properties": { "t": tag(name) } });
    let among = |name: &str| json!({ "type": "object", "required": ["t", "x"], "properties": { "t": tag(name), "x": x } });
    let mut strict = among("strict");
    strict["additionalProperties"] = json!(false);
    check(
        &INTERNAL,
        "oneOf",
        &json!([
            tagged("nothing"),
            strict,
            { "allOf": [tagged("loose"), reference("Loose")] },
            among("point"),
        ]),
    );

    let forms = json!([{ "type": "null" }, reference("Strict"), reference("Loose"), point]);
    check(&UNTAGGED, "allOf", &json!([{ "anyOf": forms }]));

    check(&UNITS, "enum", &json!(["a", "b"]));
}

static ID: Node = Node {
    id: "shapes::v1::Id",
    name: "Id",
    doc: "",
    shape: Shape::Transparent(u8::NODE),
    constraints: &Constraints::NONE,
};
static MAYBE: Node = structure(
    "shapes::v1::Maybe",
    "Maybe",
    &[
        field("point", Link::of(&POINT_OR_NULL)),
        field("all", Link::of(&ALL)),
    ],
    false,
);
static POINT_OR_NULL: Node = Node::anonymous(Shape::Option(Link::of(&LOOSE)));
static ALL: Node = Node::anonymous(Shape::Tuple(&[bool::NODE, Link::of(&LOOSE)]));

#[test]
fn describes_structs_and_newtypes() {
    assert_eq!(component(&STRICT)["additionalProperties"], false);
    assert!(component(&LOOSE).get("additionalProperties").is_none());

    assert_eq!(
        component(&ID),
        json!({ "title": "Id", "type": "integer", "format": "int32", "minimum": 0, "maximum": 255 })
    );

    let reference = json!({ "$ref": "#/components/schemas/shapes.v1.Loose" });
    let maybe = component(&MAYBE);
    assert_eq!(
        maybe["properties"]["point"],
        json!({ "anyOf": [{ "type": "null" }, reference] })
    );
    assert_eq!(
        maybe["properties"]["all"]["prefixItems"],
        json!([{ "type": "boolean" }, { "allOf": [reference] }])
    );
}

#[test]
fn component_names_hold_the_characters_that_openapi_allows() {
    static ODD: Node = structure("an odd/crate::v1::Type", "Type", &[], false);
    assert_eq!(openapi::name(Link::of(&ODD)), "an_x20_odd_x2F_crate.v1.Type");
    assert_eq!(openapi::name(u8::NODE), "");
}
