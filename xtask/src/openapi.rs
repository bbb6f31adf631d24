//! The `OpenAPI` documents against a validator from outside of this project, in a virtual environment of its own.

use crate::python;
use crate::run::{Outcome, run as command, target};

const VALIDATOR: &str = "openapi-spec-validator==0.9.0";

/// Writes the documents of the example's contract and of the registry, and validates each.
pub(crate) fn run() -> Outcome {
    let documents = target().join("openapi");
    // Documents of earlier runs must not be what is validated.
    let _ = std::fs::remove_dir_all(&documents);
    let directory = documents.display().to_string();
    command(
        "cargo",
        &[
            "run",
            "--quiet",
            "-p",
            "versioned-tests",
            "--bin",
            "openapi",
            "--",
            &directory,
        ],
        &[],
    )?;
    let environment = python::environment(VALIDATOR, "bin/openapi-spec-validator")?;
    // Scripts of an environment know its place, its interpreter finds it: the target directory may have been moved.
    let python = environment.join("bin/python");
    let mut validated = 0;
    let entries = std::fs::read_dir(&documents).map_err(|error| format!("{directory}: {error}"))?;
    for entry in entries.flatten() {
        let (program, file) = (python.display().to_string(), entry.path().display().to_string());
        command(
            &program,
            &["-m", "openapi_spec_validator", "--schema", "3.1", &file],
            &[],
        )?;
        validated += 1;
    }
    if validated < 4 {
        Err(format!("{validated} documents were validated, 4 were expected"))
    } else {
        Ok(())
    }
}
