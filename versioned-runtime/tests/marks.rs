//! What is said of operations beside their form: it reaches the description, the document and the comparison of versions.

use versioned_runtime::contract::Operation;
use versioned_runtime::engine::compare;
use versioned_runtime::model::Model;
use versioned_runtime::prelude::*;

/// Reports, and who may see them.
#[versioned(contract = "reports", versions(v1 = "1.0.0", v2 = "2.0.0"))]
pub mod reports {
    use super::*;

    /// A report.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Report {
        /// Its id.
        pub id: u64,
    }

    /// What is done with reports.
    #[tags("Reports", "Reading")]
    #[security(bearer("reports:read"))]
    #[security(api_key("X-Api-Key"))]
    pub trait Reports {
        /// Fetch one.
        #[get("/reports/{id}")]
        async fn get_report(&self, id: u64) -> Result<Report, Problem>;

        /// Those that are like one.
        #[safe]
        #[post("/reports/search")]
        async fn search(&self, like: Report) -> Result<Vec<Report>, Problem>;

        /// Keep one.
        #[version(until = v2)]
        #[security(none)]
        #[idempotent]
        #[tags("Writing")]
        #[post("/reports")]
        async fn keep(&self, report: Report) -> Result<(), Problem>;

        /// Keep one.
        #[version(since = v2)]
        #[security(basic, bearer("reports:write", "reports:read"))]
        #[post("/reports")]
        async fn keep(&self, report: Report) -> Result<(), Problem>;
    }

    /// A second trait of the same contract, of which nothing is said.
    pub trait Health {
        /// Whether it answers.
        #[get("/health")]
        async fn health(&self) -> Result<(), Problem>;
    }
}

/// What callers show changes no token of the trait: one implementation is one of both versions.
#[derive(Clone, Copy)]
struct Kept;

impl reports::v1::Reports for Kept {
    async fn get_report(&self, id: u64) -> Result<reports::v1::Report, Problem> {
        Ok(reports::v1::Report { id })
    }

    async fn search(&self, like: reports::v1::Report) -> Result<Vec<reports::v1::Report>, Problem> {
        Ok(vec![like])
    }

    async fn keep(&self, _: reports::v1::Report) -> Result<(), Problem> {
        Ok(())
    }
}

impl reports::v1::Health for Kept {
    async fn health(&self) -> Result<(), Problem> {
        Ok(())
    }
}

fn operation(version: reports::Version, name: &str) -> &'static Operation {
    let mut all = version.contract().operations.iter();
    all.find(|operation| operation.name == name)
        .expect("the version has the operation")
}

#[test]
fn a_method_says_what_its_trait_does_not() {
    #[track_caller]
    fn check(version: reports::Version, name: &str, tags: &[&str], security: usize, promises: (bool, bool)) {
        let operation = operation(version, name);
        assert_eq!(operation.marks.tags, tags);
        assert_eq!(operation.marks.security.len(), security);
        assert_eq!((operation.is_safe(), operation.is_idempotent()), promises);
    }
    let of_trait = ["Reports", "Reading"];
    check(reports::Version::V1, "get_report", &of_trait, 2, (true, true));
    check(reports::Version::V1, "search", &of_trait, 2, (true, true));
    check(reports::Version::V1, "keep", &["Writing"], 1, (false, true));
    check(reports::Version::V2, "keep", &of_trait, 1, (false, false));
    check(reports::Version::V2, "health", &[], 0, (true, true));
}

#[test]
fn the_document_states_it() {
    let text = versioned_runtime::openapi::json(reports::Version::V2.contract());
    let document: serde_json::Value = serde_json::from_str(&text).expect("the document is JSON");
    let keep = &document["paths"]["/reports"]["post"];
    assert_eq!(
        keep["security"],
        serde_json::json!([{ "basic": [], "bearer": ["reports:write", "reports:read"] }])
    );
    assert_eq!(keep["tags"], serde_json::json!(["Reports", "Reading"]));
    let search = &document["paths"]["/reports/search"]["post"];
    assert_eq!(search["x-safe"], true);
    assert_eq!(
        search["security"],
        serde_json::json!([{ "bearer": ["reports:read"] }, { "api-key.x-api-key": [] }])
    );
    let health = &document["paths"]["/health"]["get"];
    assert_eq!(health["tags"], serde_json::json!(["Health"]));
    assert!(health.get("security").is_none() && health.get("x-safe").is_none());
    assert_eq!(
        document["components"]["securitySchemes"],
        serde_json::json!({
            "api-key.x-api-key": { "type": "apiKey", "name": "x-api-key", "in": "header" },
            "basic": { "type": "http", "scheme": "basic" },
            "bearer": { "type": "http", "scheme": "bearer" },
        })
    );
    let first = versioned_runtime::openapi::json(reports::Version::V1.contract());
    let first: serde_json::Value = serde_json::from_str(&first).expect("the document is JSON");
    let keep = &first["paths"]["/reports"]["post"];
    assert_eq!(
        keep["security"],
        serde_json::json!([{}]),
        "every caller is let in"
    );
    assert_eq!(keep["x-idempotent"], true);
}

#[test]
fn versions_are_compared_by_it() {
    let [old, new] =
        [reports::Version::V1, reports::Version::V2].map(|version| Model::from(version.contract()));
    let rules: Vec<&str> = compare(&old, &new).iter().map(|change| change.rule.id).collect();
    assert_eq!(
        rules,
        ["operation-idempotence-dropped", "operation-security-tightened"]
    );
}

/// Several traits are one contract: each may be implemented by its own lines.
#[tokio::test]
async fn one_implementation_answers_several_traits() {
    let kept = Kept;
    assert!(reports::v2::Health::health(&kept).await.is_ok());
    let service = reports::Service::builder().v1(Kept).v2(Kept).build();
    let _router = service.router();
}
