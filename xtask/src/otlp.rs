//! The spans of a running service, held against a receiver of OTLP from outside of this project.

use std::path::{Path, PathBuf};

use crate::python;
use crate::run::{Outcome, run as command};

const RECEIVER: &str = "rotel==0.0.1a15";

/// Installs the receiver where it is missing, and runs the tests that need it.
pub(crate) fn run() -> Outcome {
    let environment = python::environment(RECEIVER, "bin/python")?;
    let receiver = agent(&environment)?;
    let test = [
        "test",
        "--package",
        "versioned-tests",
        "--test",
        "otlp",
        "--",
        "--include-ignored",
    ];
    // What a user would say by the environment is said by it here, too.
    let environment = [
        ("OTLP_RECEIVER", receiver.display().to_string()),
        ("OTEL_SERVICE_NAME", "tracer".to_owned()),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=test".to_owned(),
        ),
    ];
    let environment: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    command("cargo", &test, &environment)
}

/// The program of the package; where it lies depends on the version of Python.
fn agent(environment: &Path) -> Result<PathBuf, String> {
    let libraries = environment.join("lib");
    let entries =
        std::fs::read_dir(&libraries).map_err(|error| format!("{}: {error}", libraries.display()))?;
    let mut agents = entries
        .flatten()
        .map(|entry| entry.path().join("site-packages/rotel/rotel-agent"));
    agents.find(|agent| agent.exists()).ok_or_else(|| {
        format!(
            "`{RECEIVER}` has no program for this machine below {}: remove that directory to install it again",
            environment.display()
        )
    })
}
