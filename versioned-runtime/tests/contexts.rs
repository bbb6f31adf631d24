//! Calls inside of calls: a request sees one state of all tables, also through the calls that its handler makes.

mod support;

use std::sync::Arc;

use support::{ask, request};
use tokio::sync::Notify;
use versioned_runtime::RunningHost;
use versioned_runtime::prelude::*;

#[versioned(contract = "inner", versions(v1 = "1.0.0"))]
mod inner {
    use super::*;

    pub trait Inner {
        #[get("/inner")]
        async fn tell(&self) -> Result<String, Problem>;
    }
}

#[versioned(contract = "outer", versions(v1 = "1.0.0"))]
mod outer {
    use super::*;

    pub trait Outer {
        #[get("/outer")]
        async fn tell(&self) -> Result<String, Problem>;
    }
}

/// Tells what it knows of its call.
struct Teller;

impl inner::v1::Inner for Teller {
    async fn tell(&self) -> Result<String, Problem> {
        let context = Context::current();
        let epoch = context.epoch().expect("the epoch of a routed call");
        let dye = context.dye().map(|dye| format!(" of {dye}"));
        Ok(format!(
            "user {} at epoch {epoch}{}",
            context.key().unwrap_or("unknown"),
            dye.unwrap_or_default()
        ))
    }
}

/// Asks the inner contract, but only when it is let.
struct Asker {
    inner: inner::Service,
    begun: Arc<Notify>,
    release: Arc<Notify>,
}

impl outer::v1::Outer for Asker {
    async fn tell(&self) -> Result<String, Problem> {
        self.begun.notify_one();
        self.release.notified().await;
        inner::v1::Inner::tell(&self.inner.handle::<inner::V1>(Context::current())).await
    }
}

fn flip(host: &RunningHost) {
    let table = host.table("inner").expect("the table");
    host.replace("inner", table.epoch.expect("an epoch"), &table)
        .expect("the same table fits");
}

/// What the inner contract tells a request that began before its table was flipped, and one that began after.
async fn check(
    host_of_outer: &RunningHost,
    host_of_inner: &RunningHost,
    begun: &Notify,
    release: &Notify,
) -> [String; 2] {
    let ask_outer = || {
        let host = host_of_outer.clone();
        tokio::spawn(async move { ask(&host, request("GET", "/outer", &["x-user: 42"], "")).await })
    };
    let before = ask_outer();
    begun.notified().await;
    flip(host_of_inner);
    release.notify_one();
    let before = before.await.expect("no panic").json();
    release.notify_one();
    let after = ask_outer().await.expect("no panic").json();
    [before, after].map(|told| told.as_str().expect("a text").to_owned())
}

fn services() -> (inner::Service, outer::Service, Arc<Notify>, Arc<Notify>) {
    let (begun, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let inner = inner::Service::builder().v1(Teller).build();
    let asker = Asker {
        inner: inner.clone(),
        begun: Arc::clone(&begun),
        release: Arc::clone(&release),
    };
    let config = ContractConfig::new().user_key(UserKey::header("X-User"));
    (
        inner,
        outer::Service::builder().v1(asker).config(config).build(),
        begun,
        release,
    )
}

#[tokio::test]
async fn a_request_sees_one_state_of_all_tables() {
    let (inner, outer, begun, release) = services();
    let host = Host::new()
        .contract(inner)
        .contract(outer)
        .start()
        .expect("a host of two");
    let told = check(&host, &host, &begun, &release).await;
    assert_eq!(told, ["user 42 at epoch 1", "user 42 at epoch 2"]);
}

#[tokio::test]
async fn another_host_has_tables_of_its_own() {
    let (inner, outer, begun, release) = services();
    let one = outer.host().expect("a host of one");
    let other = inner.host().expect("a host of one");
    let told = check(&one, &other, &begun, &release).await;
    assert_eq!(told, ["user 42 at epoch 2", "user 42 at epoch 2"]);
}

#[tokio::test]
async fn outside_of_a_call_nothing_is_told() {
    let context = Context::current();
    assert_eq!(
        (context.key(), context.epoch(), context.serving_version()),
        (None, None, None)
    );
}

#[tokio::test]
async fn calls_have_the_facts_of_the_call_that_makes_them() {
    let (inner, outer, _, release) = services();
    let host = Host::new().contract(inner).contract(outer.clone()).start();
    let host = host.expect("a host of two");
    // The outer contract has no rule, and composes no dye.
    let table = serde_json::json!({
        "default_version": "1.0.0", "shares": {},
        "rules": [{ "name": "east", "match": { "facts": { "region": "cn-east" } }, "to": { "1.0.0": 100 } }],
    });
    let table = serde_json::from_value(table).expect("a table");
    host.replace("inner", 1, &table).expect("a table that fits");
    release.notify_one();
    let context = Context::new().user_key("ada").fact("region", "cn-east");
    let told = outer::v1::Outer::tell(&outer.handle::<outer::V1>(context)).await;
    assert_eq!(told.expect("an answer"), "user ada at epoch 2 of region:cn-east");
}
