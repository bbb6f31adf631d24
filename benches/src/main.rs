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
#[inline(never)]
fn is_set_up() {
    std::hint::black_box(());
}

#[cfg(test)]
mod tests {
    use versioned_runtime::route::bucket;

    /// CI passes the tests of this package in release, too: the vectors of the split hold however the compiler optimises.
    #[test]
    fn golden_buckets() {
        let rows = include_str!("../../versioned-runtime/src/route/golden_buckets.tsv").lines();
        let mut held = 0;
        for row in rows.skip(1) {
            let [salt, key, expected] = row.split('\t').collect::<Vec<_>>().try_into().expect(row);
            assert_eq!(
                bucket(salt, key.as_bytes()).to_string(),
                expected,
                "salt `{salt}`, key `{key}`"
            );
            held += 1;
        }
        assert_eq!(held, 500);
    }
}
