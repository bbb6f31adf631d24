//! `cargo xtask ci`: every check of the workspace, one after the other, in the order in which they fail fastest.

use crate::run::{Outcome, root, run as command, target};

type Step = (&'static str, fn() -> Outcome);

const STEPS: &[Step] = &[
    ("fmt", || command("cargo", &["fmt", "--all", "--check"], &[])),
    ("tidy", crate::tidy::run),
    ("clippy", || {
        command(
            "cargo",
            &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
            &[],
        )
    }),
    ("fuzz", fuzz),
    ("doc", || {
        command(
            "cargo",
            &["doc", "--workspace", "--no-deps"],
            &[("RUSTDOCFLAGS", "-D warnings")],
        )
    }),
    ("test", || command("cargo", &["test", "--workspace"], &[])),
    ("openapi", crate::openapi::run),
    ("readme", crate::readme::run),
    ("browser", crate::servers::browser),
    ("cache", crate::servers::cache),
    ("metrics", crate::servers::metrics),
    ("otlp", crate::otlp::run),
    ("bench", || crate::bench::run(true, None)),
    // What the benches use is built in that profile already: what has to hold however the compiler optimises is tested there.
    ("release", || {
        command(
            "cargo",
            &["test", "--profile", "measured", "--package", "versioned-benches"],
            &[],
        )
    }),
];

/// Runs all steps, or one.
pub(crate) fn run(only: Option<&str>) -> Outcome {
    let known: Vec<&str> = STEPS.iter().map(|(name, _)| *name).collect();
    if let Some(name) = only.filter(|name| !known.contains(name)) {
        return Err(format!(
            "there is no step `{name}`; the steps are {}",
            known.join(", ")
        ));
    }
    build_once();
    for (name, step) in STEPS
        .iter()
        .filter(|(name, _)| only.is_none_or(|only| only == *name))
    {
        println!("\n=== {name}");
        step().map_err(|error| format!("step `{name}`: {error}"))?;
    }
    println!("\nall steps passed");
    Ok(())
}

/// Checks the targets to fuzz, which are a workspace of their own: they run on a nightly compiler, but a stable one can read them.
fn fuzz() -> Outcome {
    // The library of the fuzzer is written in it.
    crate::servers::ensure(&[("c++", "--version")], "g++")?;
    let target = target();
    let target = target.to_str().ok_or("the directory to build into is no text")?;
    let what = [
        "clippy",
        "--manifest-path",
        "fuzz/Cargo.toml",
        "--target-dir",
        target,
    ];
    command("cargo", &[&what[..], &["--", "-D", "warnings"]].concat(), &[])
}

/// Keeps what only a second build would read from being written, unless the caller wants it: it is as large as all that is built.
#[expect(
    unsafe_code,
    reason = "the environment is the one place that cargo is told by in all steps, also in commands of the README"
)]
fn build_once() {
    if std::env::var_os("CARGO_INCREMENTAL").is_none() {
        // SAFETY: the process has no other thread yet.
        unsafe { std::env::set_var("CARGO_INCREMENTAL", "0") };
    }
}

/// Accepts what is generated; read the difference before you commit it.
pub(crate) fn bless(codes: bool) -> Outcome {
    let page = root().join("docs/codes.md");
    std::fs::write(&page, versioned_core::codes::markdown())
        .map_err(|error| format!("{}: {error}", page.display()))?;
    if codes {
        return Ok(());
    }
    command("cargo", &["test", "-p", "ui-tests"], &[("TRYBUILD", "overwrite")])?;
    command(
        "cargo",
        &["test", "-p", "versioned-macros"],
        &[("INSTA_UPDATE", "always")],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_step_names_the_known_ones() {
        let error = run(Some("tets")).unwrap_err();
        assert!(error.contains("no step `tets`"), "{error}");
        for (name, _) in STEPS {
            assert!(error.contains(name), "{name} is missing in {error}");
        }
    }
}
