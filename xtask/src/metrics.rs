//! The metrics of a running service, held against the real thing: Debian's `prometheus`, with its `promtool`.

use std::process::Command;

use crate::run::{Outcome, run as command};

/// Runs the tests that need it.
pub(crate) fn run() -> Outcome {
    if !is_installed() {
        install()?;
    }
    command(
        "cargo",
        &[
            "test",
            "--package",
            "versioned-tests",
            "--test",
            "prometheus",
            "--",
            "--include-ignored",
        ],
        &[],
    )
}

fn is_installed() -> bool {
    ["prometheus", "promtool"].iter().all(|program| {
        let version = Command::new(program).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    })
}

fn install() -> Outcome {
    let install = ["install", "--yes", "--no-install-recommends", "prometheus"];
    let installed = command("apt-get", &["update"], &[]).and_then(|()| command("apt-get", &install, &[]));
    installed.map_err(|error| {
        format!("{error}\nhelp: Prometheus is missing and cannot be installed here: install the package `prometheus` by hand")
    })
}
