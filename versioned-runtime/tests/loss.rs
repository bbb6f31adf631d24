//! What a bridge cannot carry, it does not express: an older implementation never takes what it would drop.

use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use versioned_runtime::prelude::*;

#[versioned(contract = "jobs", versions(v1 = "1.0.0", v2 = "2.0.0"))]
mod jobs {
    use super::*;

    /// `level` is always 1 for 1.0.0, so what a client of 2.0.0 says there would be dropped.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Job {
        pub id: u64,
        #[version(since = v2, upgrade = level)]
        pub level: u8,
    }

    /// Both forms say the same.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Person {
        #[version(until = v2, downgrade = full)]
        pub name: String,
        #[version(since = v2, upgrade = first)]
        pub first: String,
        #[version(since = v2, upgrade = last)]
        pub last: String,
    }

    /// What 1.0.0 does not know, it would merge.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub enum State {
        Open,
        #[version(since = v2, downgrade = Open)]
        Waiting,
    }

    /// Left out by 1.0.0, by decision.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Note {
        pub text: String,
        #[version(since = v2, default(accept_loss, reason = "colours are for fun"))]
        pub colour: Option<String>,
    }

    pub trait Jobs {
        #[post("/jobs")]
        async fn job(&self, job: Job) -> Result<(), Problem>;

        #[get("/jobs/{id}")]
        async fn get_job(&self, id: u64) -> Result<Job, Problem>;

        #[post("/people")]
        async fn person(&self, person: Person) -> Result<(), Problem>;

        #[post("/states")]
        async fn state(&self, state: State) -> Result<(), Problem>;

        #[put("/notes/{id}")]
        async fn note(&self, id: u64, note: Note) -> Result<(), Problem>;
    }

    fn level(_: &v1::Job) -> u8 {
        1
    }

    fn full(person: &v2::Person) -> String {
        format!("{} {}", person.first, person.last)
    }

    fn first(person: &v1::Person) -> String {
        person.name.split(' ').next().unwrap_or_default().to_owned()
    }

    fn last(person: &v1::Person) -> String {
        person.name.split(' ').nth(1).unwrap_or_default().to_owned()
    }
}

struct Either;

macro_rules! answers {
    ($version:ident) => {
        impl jobs::$version::Jobs for Either {
            async fn job(&self, _: jobs::$version::Job) -> Result<(), Problem> {
                Ok(())
            }

            async fn get_job(&self, _: u64) -> Result<jobs::$version::Job, Problem> {
                Err(Problem::new(501))
            }

            async fn person(&self, _: jobs::$version::Person) -> Result<(), Problem> {
                Ok(())
            }

            async fn state(&self, _: jobs::$version::State) -> Result<(), Problem> {
                Ok(())
            }

            async fn note(&self, _: u64, _: jobs::$version::Note) -> Result<(), Problem> {
                Ok(())
            }
        }
    };
}

answers!(v1);
answers!(v2);

/// Who can answer an operation of 2.0.0, as the registry tells it.
async fn answered_by(service: &jobs::Service, operation: &str) -> String {
    let host = service.host().expect("a host of one");
    let request = http::Request::get("/contracts/jobs/versions/2.0.0")
        .body(axum::body::Body::empty())
        .expect("a request");
    let answer = host.registry_router().oneshot(request).await.expect("infallible");
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    let document: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    let operations = document["operations"].as_array().expect("a list");
    let found = operations
        .iter()
        .find(|o| o["name"] == operation)
        .expect("the operation");
    found["answered_by"].to_string()
}

#[tokio::test]
async fn older_implementations_take_only_what_they_keep() {
    let service = jobs::Service::builder().v1(Either).v2(Either).build();
    for (operation, expected) in [
        ("job", r#"["2.0.0"]"#),
        ("get_job", r#"["1.0.0","2.0.0"]"#),
        ("person", r#"["1.0.0","2.0.0"]"#),
        ("state", r#"["2.0.0"]"#),
        ("note", r#"["1.0.0","2.0.0"]"#),
    ] {
        assert_eq!(answered_by(&service, operation).await, expected, "{operation}");
    }
}
