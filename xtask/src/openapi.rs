//! The `OpenAPI` documents against a validator from outside of this project, in a virtual environment of its own.

use std::path::Path;
use std::process::Command;

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
    // Named with its version, so that another version is another environment.
    let environment = target().join("tools").join(VALIDATOR.replace("==", "-"));
    let validator = environment.join("bin/openapi-spec-validator");
    // Scripts of an environment know its place, its interpreter finds it: the target directory may have been moved.
    let python = environment.join("bin/python");
    if !validator.exists() {
        install(&environment)?;
    }
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

fn install(environment: &Path) -> Outcome {
    let directory = environment.display().to_string();
    let python = |module: &str| {
        Command::new("python3")
            .args(["-c", &format!("import {module}")])
            .output()
            .is_ok_and(|o| o.status.success())
    };
    if !(python("venv") && python("ensurepip")) {
        // A bare machine: Debian's packages, if we may install them.
        let packages = [
            "install",
            "-y",
            "--no-install-recommends",
            "python3",
            "python3-venv",
            "python3-pip",
        ];
        command("apt-get", &["update"], &[])
            .and_then(|()| command("apt-get", &packages, &[("DEBIAN_FRONTEND", "noninteractive")]))
            .map_err(|error| {
                format!("python3 with venv is needed to validate documents, install it: {error}")
            })?;
    }
    command("python3", &["-m", "venv", &directory], &[])?;
    let pip = environment.join("bin/pip").display().to_string();
    command(&pip, &["install", "--quiet", VALIDATOR], &[])
}
