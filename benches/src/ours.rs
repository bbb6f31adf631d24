//! The same handler behind a contract of three versions and two implementations.
#![allow(missing_docs)] // the contract of a bench

use std::time::Duration;

use versioned_runtime::prelude::*;
use versioned_runtime::{Availability, Expose, Limits, RunningHost};

#[versioned(contract = "users", versions(v1 = "1.0.0", v1_1 = "1.1.0", v2 = "2.0.0"))]
pub(crate) mod users {
    use super::{Deserialize, Problem, Serialize};

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct User {
        pub id: u64,
        #[version(renamed(v2, from = name))]
        pub full_name: String,
        #[version(since = v1_1)]
        pub email: Option<String>,
    }

    pub trait Users {
        #[get("/users/{id}")]
        async fn get_user(&self, id: u64) -> Result<User, Problem>;
    }
}

struct Old;

impl users::v1_1::Users for Old {
    async fn get_user(&self, id: u64) -> Result<users::v1_1::User, Problem> {
        Ok(users::v1_1::User {
            id,
            name: "Ada Lovelace".to_owned(),
            email: Some("ada@example.org".to_owned()),
        })
    }
}

struct New;

impl users::v2::Users for New {
    async fn get_user(&self, id: u64) -> Result<users::v2::User, Problem> {
        Ok(users::v2::User {
            id,
            full_name: "Ada Lovelace".to_owned(),
            email: Some("ada@example.org".to_owned()),
        })
    }
}

/// How the host is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    /// As it comes, and everything told to everybody.
    Defaults,
    /// Nothing that can be left out.
    Bare,
    /// As it comes; the version that is asked for is deprecated and has a sunset.
    Deprecated,
}

/// The host, before it runs.
pub(crate) fn host(setting: Setting) -> Host {
    let mut config = ContractConfig::new();
    if setting != Setting::Bare {
        config = config.user_key(UserKey::header("X-User-Id"));
    }
    if setting == Setting::Deprecated {
        config = config
            .availability::<users::V1_1>(Availability::Deprecated)
            .sunset::<users::V1_1>("2199-01-01");
    }
    let service = users::Service::builder().v1_1(Old).v2(New).config(config).build();
    let host = Host::new().contract(service);
    match setting {
        Setting::Bare => host
            .expose(Expose::Never)
            .without_metrics()
            .limits(Limits::default().handler_timeout(Duration::MAX)),
        Setting::Defaults | Setting::Deprecated => host.expose(Expose::Always),
    }
}

/// Gives every user to the other implementation than before.
pub(crate) fn swap(host: &RunningHost, to_new: bool) {
    let mut table = host.table("users").expect("a table");
    let epoch = table.epoch.take().expect("an epoch");
    table.shares = if to_new {
        [("2.0.0".to_owned(), 1_000_000)].into()
    } else {
        [].into()
    };
    host.replace("users", epoch, &table).expect("a table that fits");
}
