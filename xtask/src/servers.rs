//! Tests that need a server of somebody else: it is installed from Debian's packages where it is missing, and then they run.

use std::process::Command;

use crate::run::{Outcome, run as command};

/// A server, and the test file that needs it.
struct Server {
    /// What has to be there, with the argument that shows that it runs.
    programs: &'static [(&'static str, &'static str)],
    package: &'static str,
    test: &'static str,
}

const NGINX: Server = Server {
    programs: &[("nginx", "-v")],
    package: "nginx-light",
    test: "shared_cache",
};

const CHROMIUM: Server = Server {
    programs: &[("chromium", "--version")],
    package: "chromium",
    test: "browser",
};

const PROMETHEUS: Server = Server {
    programs: &[("prometheus", "--version"), ("promtool", "--version")],
    package: "prometheus",
    test: "prometheus",
};

/// The tests in a browser.
pub(crate) fn browser() -> Outcome {
    CHROMIUM.test()
}

/// The tests behind a shared cache.
pub(crate) fn cache() -> Outcome {
    NGINX.test()
}

/// The metrics of a running service, held against Prometheus and its `promtool`.
pub(crate) fn metrics() -> Outcome {
    PROMETHEUS.test()
}

impl Server {
    fn test(&self) -> Outcome {
        ensure(self.programs, self.package)?;
        let test = [
            "test",
            "--package",
            "versioned-tests",
            "--test",
            self.test,
            "--",
            "--include-ignored",
        ];
        command("cargo", &test, &[])
    }
}

/// Installs a package where one of its programs does not run; each stands with the argument that shows that it does.
pub(crate) fn ensure(programs: &[(&str, &str)], package: &str) -> Outcome {
    let runs = |(program, argument): &(&str, &str)| {
        let shown = Command::new(program).arg(argument).output();
        shown.is_ok_and(|output| output.status.success())
    };
    if programs.iter().all(runs) {
        return Ok(());
    }
    let install = ["install", "--yes", "--no-install-recommends", package];
    let installed = command("apt-get", &["update"], &[]).and_then(|()| command("apt-get", &install, &[]));
    installed.map_err(|error| {
        format!(
            "{error}\nhelp: `{package}` is missing and cannot be installed here: install the package by hand"
        )
    })
}
