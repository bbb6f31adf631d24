//! What is said of operations beside their form: it reaches the description, the document and the comparison of versions.

use versioned_core::contract::{Contract, Operation};
use versioned_core::engine;
use versioned_runtime::prelude::*;

#[versioned(contract = "reports", versions(v1 = "1.0.0", v2 = "2.0.0"))]
pub mod reports {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Report {
        pub id: u64,
    }

    #[tags("Reports", "Reading")]
    #[security(bearer("reports:read"))]
    #[security(api_key("X-Api-Key"))]
    pub trait Reports {
        #[get("/reports/{id}")]
        async fn get_report(&self, id: u64) -> Result<Report, Problem>;

        #[safe]
        #[post("/reports/search")]
        async fn search(&self, like: Report) -> Result<Vec<Report>, Problem>;

        #[version(until = v2)]
        #[security(none)]
        #[idempotent]
        #[tags("Writing")]
        #[post("/reports")]
        async fn keep(&self, report: Report) -> Result<(), Problem>;

        #[version(since = v2)]
        #[security(basic, bearer("reports:write", "reports:read"))]
        #[post("/reports")]
        async fn keep(&self, report: Report) -> Result<(), Problem>;
    }

    /// A second trait of the same contract, of which nothing is said.
    pub trait Health {
        #[get("/health")]
        async fn health(&self) -> Result<(), Problem>;
    }
}

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

fn versions() -> (&'static Contract, &'static Contract) {
    let of = |name: &str| {
        let mut all = versioned_core::registry::contracts();
        all.find(|contract| contract.id == "reports" && contract.name == name)
            .expect("the version is registered")
    };
    (of("v1"), of("v2"))
}
