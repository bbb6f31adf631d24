//! The OpenAPI documents of a version: what was sent and answered has to fit them, in the eyes of a validator from outside.

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::cases::Case;
use crate::scene::Outcome;

/// The documents of all contracts in one version.
pub(crate) struct Documents(Vec<Value>);

/// An operation in its document.
struct Operation<'a> {
    document: &'a Value,
    operation: &'a Value,
}

impl Documents {
    pub(crate) fn of(version: u64) -> Self {
        let read =
            |contract| serde_json::from_str(&versioned_runtime::openapi::json(contract)).expect("a document");
        Self(crate::contracts(version).into_iter().map(read).collect())
    }

    fn operation(&self, case: &Case) -> Operation<'_> {
        let found = self.0.iter().find_map(|document| {
            let paths = document["paths"].as_object().expect("paths");
            let operations = paths
                .values()
                .flat_map(|path| path.as_object().expect("operations").values());
            let mut operations =
                operations.filter(|operation| operation["operationId"] == case.operation.as_str());
            operations
                .next()
                .map(|operation| Operation { document, operation })
        });
        found.unwrap_or_else(|| panic!("no document has `{}`", case.operation))
    }

    /// A body fits, unless the case is about one that does not; and no parameter stands in a request of which the document is silent.
    pub(crate) fn check_request(&self, case: &Case) {
        let operation = self.operation(case);
        let parameters = operation.operation["parameters"].as_array();
        let known = |key: &str| {
            parameters
                .into_iter()
                .flatten()
                .any(|found| found["name"] == key && found["in"] == "query")
        };
        let query = case.target.split_once('?').map_or("", |(_, query)| query);
        for (key, _) in form_urlencoded::parse(query.as_bytes()) {
            assert!(known(&key), "{}: `{key}` is no parameter", case.name);
        }
        let schema = &operation.operation["requestBody"]["content"]["application/json"]["schema"];
        let body = case.body.as_ref();
        assert_eq!(
            body.is_some(),
            !schema.is_null(),
            "{}: has a body, or none",
            case.name
        );
        if let Some(body) = body.filter(|_| !case.name.ends_with(".two_networks")) {
            operation.check(schema, body, case, "the request");
        }
    }

    /// The status is documented, and the body fits its schema.
    pub(crate) fn check_answer(&self, case: &Case, outcome: &Outcome) {
        let operation = self.operation(case);
        let (status, body) = (outcome.answer.status.to_string(), &outcome.answer.body);
        let responses = operation.operation["responses"].as_object().expect("responses");
        let response = responses
            .get(&status)
            .or_else(|| responses.get("default").filter(|_| !status.starts_with('2')));
        let response =
            response.unwrap_or_else(|| panic!("{}: {status} is not documented: {body}", case.name));
        let response = match response["$ref"].as_str() {
            Some(reference) => operation.document.pointer(&reference[1..]).expect("a component"),
            None => response,
        };
        let media = outcome
            .answer
            .headers
            .get("content-type")
            .map_or("", String::as_str);
        let media = media.split(';').next().unwrap_or_default();
        let schema = &response["content"][media]["schema"];
        assert_eq!(
            schema.is_null(),
            media.is_empty(),
            "{}: {status}: {media}",
            case.name
        );
        if media.contains("json") {
            operation.check(schema, body, case, "the answer");
        }
        for name in response["headers"]
            .as_object()
            .into_iter()
            .flat_map(|headers| headers.keys())
        {
            let required = response["headers"][name]["required"] == true;
            let told = outcome.answer.headers.contains_key(&name.to_lowercase());
            assert!(told || !required, "{}: the header `{name}` is missing", case.name);
        }
    }
}

impl Operation<'_> {
    fn check(&self, schema: &Value, value: &Value, case: &Case, what: &str) {
        let schema = json!({ "allOf": [schema], "components": self.document["components"] });
        let validator: Validator = jsonschema::draft202012::new(&schema).expect("a schema");
        let errors: Vec<String> = validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}: {what}: {errors:?}\n{value}", case.name);
    }
}
