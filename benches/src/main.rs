//! Runs one peer of the benches for a number of requests; `cargo xtask bench` counts what that costs.
//!
//! Every peer has the same handler: a user, as JSON. What a request costs is the difference between runs of different lengths, so that
//! starting and ending cost nothing; counted is the main thread only, which serves, while another one asks.

mod allocations;
mod client;
mod decide;
mod loopback;
mod memory;
mod ours;
mod peers;

use std::process::ExitCode;

use clap::Parser;

/// What is counted.
#[derive(Parser)]
struct Arguments {
    /// The peer; all are listed if it is none.
    peer: String,
    /// How many requests it answers.
    requests: u32,
}

fn main() -> ExitCode {
    let Arguments { peer, requests } = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let found = decide::run(&runtime, &peer, requests)
        || memory::run(&runtime, &peer, requests)
        || loopback::run(&runtime, &peer, requests);
    if !found {
        eprintln!(
            "error: there is no peer `{peer}`; the peers are {} {} {}",
            decide::PEERS.join(" "),
            memory::PEERS.join(" "),
            loopback::PEERS.join(" ")
        );
        return ExitCode::FAILURE;
    }
    println!("{}", allocations::of_this_thread());
    ExitCode::SUCCESS
}

/// Called after the first requests, and counting begins here: what is set up once costs as much as the allocator happens to tidy up then,
/// which differs from run to run by more than a hundred requests cost.
///
/// What was set up leaves holes behind, and plain peers set up less: requests would pay for looking for the one that fits best, or, where
/// there is none, for what the allocator does at the end of its heap. So all of them find the same holes.
#[inline(never)]
fn is_set_up() {
    let room = |size| std::hint::black_box(Vec::<u8>::with_capacity(size));
    (0..256).for_each(|_| std::mem::forget([1_100, 1_600, 2_400, 4_000].map(room)));
    let holes: Vec<Vec<u8>> = (0..8)
        .map(|_| {
            let hole = room(1_248);
            std::mem::forget(room(64));
            hole
        })
        .collect();
    drop(holes);
    zero();
}

/// What was counted until now is forgotten.
#[inline(never)]
fn zero() {
    std::hint::black_box(());
}

#[cfg(test)]
mod tests {
    use versioned_runtime::resolve::VersionState;
    use versioned_runtime::route::{ContractShape, InitialTable, Table, bucket};

    /// A table whose users are divided under a salt: the way that requests go.
    fn table(salt: &str) -> Table {
        let shape = ContractShape {
            id: "users".to_owned(),
            versions: vec![VersionState::offered(semver::Version::new(1, 0, 0))],
            operations: vec![vec!["get_user"]],
            answers: vec![vec![vec![true]]],
            present: vec![true],
        };
        let initial = InitialTable {
            cohort: Some(salt.to_owned()),
            ..InitialTable::default()
        };
        Table::initial(&shape, &initial).expect("a first table")
    }

    /// CI passes the tests of this package in release, too: the vectors of the split hold however the compiler optimises.
    #[test]
    fn golden_buckets() {
        let rows = include_str!("../../versioned-runtime/src/route/golden_buckets.tsv").lines();
        let mut held = 0;
        for row in rows.skip(1) {
            let [salt, key, expected] = row.split('\t').collect::<Vec<_>>().try_into().expect(row);
            let key = key.as_bytes();
            let found = [bucket(salt, key), table(salt).bucket(Some(key))];
            assert_eq!(found.map(|bucket| bucket.to_string()), [expected; 2], "{row}");
            held += 1;
        }
        assert_eq!(held, 500);
    }
}
