//! `cargo xtask soak`: the proofs that take too long for every change, in release, with their last result in the tree.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use crate::run::{Outcome, root};

/// The ignored tests that are run, with the arguments of cargo that find them.
const PROOFS: [(&str, &[&str]); 2] = [
    (
        "Random routing tables of up to 30 rules, 50 requests each: the compiled table, a slow obvious reference and `explain` agree, \
         with the memo and with one whose hash has 4 bits",
        &[
            "--lib",
            "--",
            "--ignored",
            "--nocapture",
            "--exact",
            "route::tests::rules::soak",
        ],
    ),
    (
        "Decisions by two threads while a third one replaces tables at full speed: each sees one state of all tables",
        &[
            "--test",
            "swaps",
            "--",
            "--ignored",
            "--nocapture",
            "--exact",
            "soak",
        ],
    ),
];

/// Runs all of them, and writes what they say.
pub(crate) fn run() -> Outcome {
    let mut page = INTRODUCTION.to_owned();
    let _ = writeln!(page, "At commit `{}`.\n", commit()?);
    for (what, arguments) in PROOFS {
        let said = one(arguments)?;
        println!("{said}");
        let _ = writeln!(page, "* {what}.\n  `{said}`");
    }
    let file = root().join("soak/RESULT.md");
    std::fs::create_dir_all(root().join("soak")).map_err(|error| format!("soak: {error}"))?;
    std::fs::write(&file, page).map_err(|error| format!("{}: {error}", file.display()))
}

/// Runs one, and finds the line that it ends with.
fn one(arguments: &[&str]) -> Result<String, String> {
    let mut all = vec!["test", "--release", "--package", "versioned-runtime"];
    all.extend(arguments);
    println!("$ cargo {}", all.join(" "));
    let output = Command::new("cargo")
        .args(&all)
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("`cargo` cannot be run: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("a proof failed:\n{text}"));
    }
    // A filter that finds nothing would pass, too.
    let mut lines = text.lines().map(str::trim);
    let said = lines.find(|line| line.starts_with(|first: char| first.is_ascii_digit()));
    said.map(ToOwned::to_owned)
        .ok_or_else(|| format!("no proof was run:\n{text}"))
}

/// The commit that is proved.
fn commit() -> Result<String, String> {
    let changed = git(&["status", "--porcelain", "--", ".", ":!soak"])?;
    if !changed.is_empty() {
        return Err(format!(
            "the result would name a commit that was not proved: commit these first\n{changed}"
        ));
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}

fn git(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(root())
        .output()
        .map_err(|error| format!("`git` cannot be run: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "`git {}` failed: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

const INTRODUCTION: &str = "\
# The last soak

Made by `cargo xtask soak`; do not edit. These are the proofs that take too long for every change; CI runs shorter ones of the same kind.

";
