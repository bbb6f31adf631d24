//! Paths of several versions that overlap: what another version declares changes nothing for a version.

mod support;

use support::{ask, ask_router, request};
use versioned_runtime::HostError;
use versioned_runtime::prelude::*;

/// 2.0.0 declares paths that 1.0.0 reads as parameters.
#[versioned(contract = "things", versions(v1 = "1.0.0", v2 = "2.0.0"))]
mod things {
    use super::*;

    pub trait Things {
        #[get("/things/{id}")]
        async fn get_thing(&self, id: String) -> Result<String, Problem>;

        #[delete("/things/{thing_id}")]
        async fn delete_thing(&self, thing_id: String) -> Result<(), Problem>;

        #[get("/things/{id}/parts")]
        async fn parts(&self, id: String) -> Result<String, Problem>;

        #[version(since = v2)]
        #[get("/things/latest")]
        async fn latest(&self) -> Result<String, Problem>;

        #[version(since = v2)]
        #[get("/things/latest/{part}")]
        async fn latest_part(&self, part: String) -> Result<String, Problem>;

        #[version(since = v2)]
        #[get("/{kind}/kinds/{name}")]
        async fn kind(&self, name: String, kind: String) -> Result<String, Problem>;
    }
}

struct Echo;

impl things::v2::Things for Echo {
    async fn get_thing(&self, id: String) -> Result<String, Problem> {
        Ok(format!("thing {id}"))
    }

    async fn delete_thing(&self, _: String) -> Result<(), Problem> {
        Ok(())
    }

    async fn parts(&self, id: String) -> Result<String, Problem> {
        Ok(format!("parts of {id}"))
    }

    async fn latest(&self) -> Result<String, Problem> {
        Ok("the latest".to_owned())
    }

    async fn latest_part(&self, part: String) -> Result<String, Problem> {
        Ok(format!("part {part} of the latest"))
    }

    async fn kind(&self, name: String, kind: String) -> Result<String, Problem> {
        Ok(format!("{kind}/{name}"))
    }
}

/// Method, path, status, and the answer or the kind of problem.
const TABLE: &[(&str, &str, u16, &str)] = &[
    ("GET", "/v1/things/7", 200, "thing 7"),
    ("GET", "/v1/things/latest", 200, "thing latest"),
    ("GET", "/v2/things/latest", 200, "the latest"),
    ("GET", "/things/latest", 200, "thing latest"),
    ("GET", "/v1/things/latest/parts", 200, "parts of latest"),
    ("GET", "/v2/things/latest/parts", 200, "part parts of the latest"),
    ("GET", "/v1/things/latest/x", 404, "path-not-in-version"),
    ("GET", "/v2/things/7/parts", 200, "parts of 7"),
    ("DELETE", "/v1/things/latest", 204, ""),
    ("DELETE", "/v2/things/latest", 405, "method-not-allowed"),
    // Parameters are bound by their names, whatever the order of the arguments.
    ("GET", "/v2/cars/kinds/van", 200, "cars/van"),
    ("GET", "/v2/c%61rs/kinds/a%2Fb%25", 200, "cars/a/b%"),
    ("GET", "/v1/cars/kinds/van", 404, "path-not-in-version"),
    ("GET", "/v1/things//parts", 404, "path-unknown"),
    ("GET", "/v2/things/%FF", 400, "parameter-invalid"),
];

#[tokio::test]
async fn a_version_has_its_own_paths() {
    let service = things::Service::builder().v2(Echo).build();
    let host = service.host().expect("a host of one");
    for (method, path, status, expected) in TABLE {
        let bare = ask(&host, request(method, path, &[], "")).await;
        let said = match bare.json_or_none() {
            Some(serde_json::Value::String(text)) => text,
            Some(_) => bare.problem().expect("a problem"),
            None => String::new(),
        };
        assert_eq!(
            (bare.status.as_u16(), said.as_str()),
            (*status, *expected),
            "{method} {path}"
        );
        if *expected != "path-unknown" {
            let routed = ask_router(host.router(), request(method, path, &[], "")).await;
            assert_eq!(routed, bare, "{method} {path}");
        }
    }
    let options = ask(&host, request("OPTIONS", "/things/latest", &[], "")).await;
    assert_eq!(options.header("allow"), Some("DELETE, GET, HEAD, OPTIONS"));
}

/// A contract of its own, with a path that `things` reads as a parameter.
#[versioned(contract = "specials", versions(v1 = "1.0.0"))]
mod specials {
    use super::*;

    pub trait Specials {
        #[get("/things/special")]
        async fn special(&self) -> Result<String, Problem>;
    }
}

struct Special;

impl specials::v1::Specials for Special {
    async fn special(&self) -> Result<String, Problem> {
        Ok("special".to_owned())
    }
}

#[test]
fn a_path_belongs_to_one_contract() {
    let things = things::Service::builder().v2(Echo).build();
    let specials = specials::Service::builder().v1(Special).build();
    let error = Host::new()
        .contract(things)
        .contract(specials)
        .start()
        .expect_err("one hides the other");
    let told = error.to_string();
    assert!(matches!(error, HostError::Overlap { .. }), "{told}");
    for part in ["things", "specials", "/things/special"] {
        assert!(told.contains(part), "{told}");
    }
}
