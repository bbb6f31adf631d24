//! `cargo xtask bench`: what a request costs, in counted instructions and allocations, with the peers in the same run.
//!
//! The machine is too noisy for time, so callgrind counts instead. A run of few requests is taken from a run of many, so that starting
//! and ending cost nothing; of several threads only the first is counted, which is the one that serves.

mod report;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Outcome, root, run as command, target};

/// The requests of the two runs; what they differ in is what is counted.
const REQUESTS: (u32, u32) = (200, 1_200);

/// How many runs of each kind are made: how the heap lies differs from run to run, and with it what the allocator does.
const RUNS: usize = 5;

/// How many of decisions, whose runs are all alike.
const RUNS_OF_DECISIONS: usize = 2;

/// How much more than the committed figures is let through.
const TOLERANCE: f64 = 0.03;

/// Every peer, in the order of the report.
const PEERS: [&str; 30] = [
    "headers-walk",
    "headers-get",
    "headers-known",
    "decide-none",
    "decide-hot",
    "decide-hot-look",
    "decide-hot-record",
    "decide-cold",
    "decide-hot-1000",
    "decide-cold-1000",
    "hyper",
    "axum",
    "by-hand-bare",
    "by-hand",
    "naive",
    "dropshot",
    "dropshot-versioned",
    "serve-bare",
    "serve",
    "serve-deprecated",
    "serve-swapping",
    "router-bare",
    "router",
    "axum-memory",
    "by-hand-bare-memory",
    "by-hand-memory",
    "naive-memory",
    "router-bare-memory",
    "router-memory",
    "router-deprecated-memory",
];

/// What one request costs.
#[derive(Debug, Clone, PartialEq)]
struct Figure {
    peer: String,
    instructions: f64,
    allocations: f64,
}

/// Counts, and writes the report; or, with `check`, holds what was counted against what is committed.
pub(crate) fn run(check: bool, only: Option<&str>) -> Outcome {
    let known = |name: &str| PEERS.contains(&name);
    if let Some(name) = only.filter(|name| !known(name)) {
        return Err(format!(
            "there is no peer `{name}`; the peers are {}",
            PEERS.join(", ")
        ));
    }
    crate::servers::ensure(&[("valgrind", "--version")], "valgrind")?;
    command(
        "cargo",
        &["build", "--profile", "measured", "--package", "versioned-benches"],
        &[],
    )?;
    let binary = target().join("measured/versioned-benches");
    let mut figures = Vec::new();
    for peer in PEERS.iter().filter(|peer| only.is_none_or(|only| only == **peer)) {
        let figure = count(&binary, peer)?;
        println!(
            "{:<28} {:>9.0} instructions {:>6.1} allocations",
            figure.peer, figure.instructions, figure.allocations
        );
        figures.push(figure);
    }
    if check {
        return hold(&committed()?, &figures);
    }
    if only.is_some() {
        return Ok(());
    }
    write(&figures_file(), &report::figures(&figures))?;
    write(&root().join("benches/README.md"), &report::page(&figures)?)
}

fn write(file: &Path, text: &str) -> Outcome {
    std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
}

fn figures_file() -> PathBuf {
    root().join("benches/figures.tsv")
}

fn committed() -> Result<Vec<Figure>, String> {
    let file = figures_file();
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    report::read(&text)
}

/// How much more the plain peer of the same kind costs here than where the committed figures were counted: another processor takes other
/// ways through the standard library, and so do all peers.
fn scale(peer: &str, committed: &[Figure], counted: &[Figure]) -> f64 {
    let plain = if peer.ends_with("-memory") {
        "axum-memory"
    } else {
        "axum"
    };
    let of = |figures: &[Figure]| {
        let mut figures = figures.iter();
        figures
            .find(|figure| figure.peer == plain)
            .map(|figure| figure.instructions)
    };
    match (of(committed), of(counted)) {
        (Some(before), Some(now)) if before > 0.0 => now / before,
        _ => 1.0,
    }
}

/// Fails if a peer of ours costs more than is committed, beside what the plain peer of the same run costs; those of others are theirs.
fn hold(committed: &[Figure], counted: &[Figure]) -> Outcome {
    let mut over = Vec::new();
    for figure in counted.iter().filter(|figure| report::is_ours(&figure.peer)) {
        let Some(before) = committed.iter().find(|before| before.peer == figure.peer) else {
            over.push(format!(
                "`{}` has no committed figure: run `cargo xtask bench`",
                figure.peer
            ));
            continue;
        };
        let expected = before.instructions * scale(&figure.peer, committed, counted);
        if figure.instructions > expected * (1.0 + TOLERANCE) {
            over.push(format!(
                "`{}` takes {:.0} instructions, committed are {expected:.0}",
                figure.peer, figure.instructions
            ));
        }
        // Half of one, because what is done every so many requests does not divide evenly.
        if figure.allocations > before.allocations + 0.5 {
            over.push(format!(
                "`{}` allocates {:.1} times, committed are {:.1}",
                figure.peer, figure.allocations, before.allocations
            ));
        }
    }
    if over.is_empty() {
        return Ok(());
    }
    Err(format!(
        "a request has become dearer:\n  {}\nhelp: make it cheaper, or accept it with `cargo xtask bench`",
        over.join("\n  ")
    ))
}

/// What one request of a peer costs.
///
/// Whatever disturbs a run makes it dearer, the short ones, too: of each kind the one is taken that costs least.
fn count(binary: &Path, peer: &str) -> Result<Figure, String> {
    let least = |requests| {
        let mut least = once(binary, peer, requests)?;
        let runs = if report::is_decision(peer) {
            RUNS_OF_DECISIONS
        } else {
            RUNS
        };
        for _ in 1..runs {
            let run = once(binary, peer, requests)?;
            least = (least.0.min(run.0), least.1.min(run.1));
        }
        Ok::<_, String>(least)
    };
    let (few, many) = (least(REQUESTS.0)?, least(REQUESTS.1)?);
    let requests = f64::from(REQUESTS.1 - REQUESTS.0);
    Ok(Figure {
        peer: peer.to_owned(),
        instructions: (many.0 - few.0) / requests,
        allocations: (many.1 - few.1) / requests,
    })
}

/// What of a run is counted: of peers in memory the exchange, of decisions what decides and what takes it down, not the making of
/// their requests.
fn within(peer: &str) -> &'static [&'static str] {
    const DECIDE: &str = "--toggle-collect=versioned_runtime::http::decide::*Exchange>::decide";
    const LOOK: &str = "--toggle-collect=versioned_runtime::http::look::Look::over";
    const RECORD: &str = "--toggle-collect=versioned_runtime::metrics::Metrics::record";
    if peer == "decide-hot-look" {
        &[LOOK]
    } else if peer == "decide-hot-record" {
        &[RECORD]
    } else if peer.starts_with("decide") {
        &[DECIDE, RECORD]
    } else if peer.starts_with("headers") {
        &[
            "--toggle-collect=versioned_benches::decide::walk",
            "--toggle-collect=versioned_benches::decide::get",
            "--toggle-collect=versioned_benches::decide::known",
        ]
    } else if peer.ends_with("-memory") {
        &["--toggle-collect=versioned_benches::memory::exchange*"]
    } else {
        &[]
    }
}

/// The instructions and the allocations of the serving thread in one run.
fn once(binary: &Path, peer: &str, requests: u32) -> Result<(f64, f64), String> {
    let directory = target().join("callgrind");
    std::fs::create_dir_all(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let out = directory.join(format!("{peer}.out"));
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--separate-threads=yes", "--quiet"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg("--zero-before=versioned_benches::zero")
        .args(within(peer))
        .arg(binary)
        .args([peer, &requests.to_string()])
        .output()
        .map_err(|error| {
            format!("`valgrind` cannot be run: {error}\nhelp: install the package `valgrind`")
        })?;
    if !output.status.success() {
        return Err(format!(
            "`{peer}` failed: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    let allocations = String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .map_err(|_| format!("`{peer}` did not say how often it allocated"))?;
    // The first thread has a file of its own.
    let first = directory.join(format!("{peer}.out-01"));
    let text = std::fs::read_to_string(&first).map_err(|error| format!("{}: {error}", first.display()))?;
    let total = text
        .lines()
        .find_map(|line| {
            line.strip_prefix("totals: ")
                .or_else(|| line.strip_prefix("summary: "))
        })
        .and_then(|total| total.trim().parse().ok())
        .ok_or_else(|| format!("{}: there is no total", first.display()))?;
    Ok((total, allocations))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(peer: &str, instructions: f64, allocations: f64) -> Figure {
        Figure {
            peer: peer.to_owned(),
            instructions,
            allocations,
        }
    }

    #[track_caller]
    fn check(counted: Figure, expected: Option<&str>) {
        let committed = [figure("serve", 10_000.0, 20.0), figure("hyper", 10_000.0, 20.0)];
        let found = hold(&committed, &[counted]).err();
        match expected {
            None => assert_eq!(found, None),
            Some(expected) => assert!(
                found.as_deref().is_some_and(|f| f.contains(expected)),
                "{found:?}"
            ),
        }
    }

    #[test]
    fn what_costs_more_is_refused() {
        check(figure("serve", 10_299.0, 20.0), None);
        check(
            figure("serve", 10_301.0, 20.0),
            Some("takes 10301 instructions, committed are 10000"),
        );
        check(
            figure("serve", 9_000.0, 21.0),
            Some("allocates 21.0 times, committed are 20.0"),
        );
        check(figure("router-memory", 1.0, 1.0), Some("no committed figure"));
        check(figure("hyper", 20_000.0, 40.0), None);
    }

    #[test]
    fn another_processor_is_no_change() {
        let committed = [figure("serve", 10_000.0, 20.0), figure("axum", 5_000.0, 20.0)];
        let elsewhere = [figure("serve", 10_900.0, 20.0), figure("axum", 5_500.0, 20.0)];
        assert_eq!(hold(&committed, &elsewhere), Ok(()));
        let dearer = [figure("serve", 10_900.0, 20.0), figure("axum", 5_000.0, 20.0)];
        assert!(hold(&committed, &dearer).is_err());
    }

    #[test]
    fn figures_are_read_as_they_are_written() {
        let figures = [figure("serve", 10_000.0, 20.5)];
        assert_eq!(
            report::read(&report::figures(&figures)).as_deref(),
            Ok(&figures[..])
        );
        assert!(report::read("peer\tinstructions\tallocations\nserve\tmany\t1\n").is_err());
    }

    #[test]
    fn an_unknown_peer_names_the_known_ones() {
        let error = run(false, Some("hypr")).unwrap_err();
        assert!(
            error.contains("no peer `hypr`") && error.contains("dropshot"),
            "{error}"
        );
    }
}
