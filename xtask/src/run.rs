//! Running commands, and the root of the workspace.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What went wrong, in words.
pub(crate) type Outcome = Result<(), String>;

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The directory that cargo builds into; all commands run in the root, so a relative one is seen from there.
pub(crate) fn target() -> PathBuf {
    let directory = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    root().join(directory)
}

/// Runs a command line in the root; `environment` is added.
pub(crate) fn run(program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Outcome {
    let shown = format!("{program} {}", arguments.join(" "));
    println!("$ {shown}");
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(root())
        .envs(environment.iter().copied());
    let status = command
        .status()
        .map_err(|error| format!("`{shown}` cannot be run: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{shown}` failed: {status}"))
    }
}
