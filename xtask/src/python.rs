//! Tools from Python's package index, each in a virtual environment of its own below the target directory.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Outcome, run as command, target};

/// The environment of a package (`name==1.2.3`), made where `program` is missing in it.
pub(crate) fn environment(package: &str, program: &str) -> Result<PathBuf, String> {
    // Named with its version, so that another version is another environment.
    let environment = target().join("tools").join(package.replace("==", "-"));
    if !environment.join(program).exists() {
        install(&environment, package)?;
    }
    Ok(environment)
}

fn install(environment: &Path, package: &str) -> Outcome {
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
            .map_err(|error| format!("python3 with venv is needed for `{package}`, install it: {error}"))?;
    }
    command("python3", &["-m", "venv", &directory], &[])?;
    let pip = environment.join("bin/pip").display().to_string();
    command(&pip, &["install", "--quiet", package], &[])
}
