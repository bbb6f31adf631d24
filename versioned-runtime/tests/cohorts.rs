//! Cohorts: contracts that share one give the same users to their new implementations, others divide them anew.

mod support;

use support::{ask, request};
use versioned_runtime::prelude::*;
use versioned_runtime::{Expose, RunningHost};

#[versioned(contract = "orders", versions(v1 = "1.0.0", v2 = "2.0.0"))]
mod orders {
    use super::*;

    pub trait Orders {
        #[get("/orders")]
        async fn orders(&self) -> Result<u64, Problem>;
    }
}

#[versioned(contract = "invoices", versions(v1 = "1.0.0", v2 = "2.0.0"))]
mod invoices {
    use super::*;

    pub trait Invoices {
        #[get("/invoices")]
        async fn invoices(&self) -> Result<u64, Problem>;
    }
}

#[derive(Clone)]
struct Shop;

impl orders::v1::Orders for Shop {
    async fn orders(&self) -> Result<u64, Problem> {
        Ok(1)
    }
}

impl invoices::v1::Invoices for Shop {
    async fn invoices(&self) -> Result<u64, Problem> {
        Ok(1)
    }
}

const USERS: usize = 500;

/// A host of both contracts, each in the cohort that is said of it.
fn host(cohorts: [Option<&str>; 2]) -> RunningHost {
    let [of_orders, of_invoices] = cohorts.map(|cohort| {
        let config = ContractConfig::new().user_key(UserKey::header("X-User"));
        match cohort {
            Some(cohort) => config.cohort(cohort),
            None => config,
        }
    });
    let orders = orders::Service::builder().v1(Shop).v2(Shop);
    let invoices = invoices::Service::builder().v1(Shop).v2(Shop);
    Host::new()
        .contract(orders.config(of_orders).build())
        .contract(invoices.config(of_invoices).build())
        .expose(Expose::Always)
        .start()
        .expect("a host")
}

/// Gives the new implementation of a contract so many parts per million of its users.
fn give(host: &RunningHost, contract: &str, share: u32) {
    let mut table = host.table(contract).expect("a table");
    let epoch = table.epoch.take().expect("an epoch");
    table.stable = Some("1.0.0".to_owned());
    table.shares = [("2.0.0".to_owned(), share)].into();
    host.replace(contract, epoch, &table).expect("a table that fits");
}

/// Whether each of the users is served by the new implementation.
async fn moved(host: &RunningHost, path: &str) -> Vec<bool> {
    let mut moved = Vec::new();
    for user in 0..USERS {
        let key = format!("x-user: user {user}");
        let answer = ask(host, request("GET", path, &[&key], "")).await;
        moved.push(answer.header("api-serving-version") == Some("2.0.0"));
    }
    moved
}

/// Raises the shares of both contracts step by step, and looks whether the same users have moved in both.
async fn check(cohorts: [Option<&str>; 2], together: bool) {
    let host = host(cohorts);
    for share in [100_000, 500_000, 800_000] {
        give(&host, "orders", share);
        give(&host, "invoices", share);
        let (orders, invoices) = (moved(&host, "/orders").await, moved(&host, "/invoices").await);
        let row = format!("{cohorts:?} at {share} ppm");
        // The hash is frozen: these are the same users every time, and about as many as the share says.
        let expected = USERS * usize::try_from(share).expect("a few") / 1_000_000;
        for moved in [&orders, &invoices] {
            let moved = moved.iter().filter(|moved| **moved).count();
            assert!(moved.abs_diff(expected) < USERS / 10, "{row}: {moved} of {USERS}");
        }
        assert_eq!(orders == invoices, together, "{row}");
    }
    // A contract is in its cohort, not bound to it: another share is another edge among the same users.
    give(&host, "invoices", 900_000);
    let (orders, invoices) = (moved(&host, "/orders").await, moved(&host, "/invoices").await);
    let behind = |(orders, invoices): (&bool, &bool)| *orders && !*invoices;
    let behind = orders
        .iter()
        .zip(&invoices)
        .filter(|users| behind(*users))
        .count();
    assert_eq!(behind == 0, together, "{cohorts:?}: {behind} users");
}

#[tokio::test]
async fn contracts_of_one_cohort_move_the_same_users() {
    check([Some("shops"), Some("shops")], true).await;
    // Without one, a contract is in the cohort of its id.
    check([Some("invoices"), None], true).await;
}

#[tokio::test]
async fn contracts_of_other_cohorts_move_other_users() {
    check([None, None], false).await;
    check([Some("shops"), Some("offices")], false).await;
    check([Some("shops"), None], false).await;
}
