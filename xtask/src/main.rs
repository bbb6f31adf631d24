//! Tasks of the workspace: `cargo xtask ci`, `tidy`, `bless`, `openapi`, `readme`, `browser`, `cache`, `metrics`, `otlp`, `bench`, `soak`.

mod bench;
mod ci;
mod openapi;
mod otlp;
mod python;
mod readme;
mod run;
mod servers;
mod soak;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tasks of the workspace.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Passes every test: what CI runs, and what the README names.
    Ci {
        /// Runs one step only.
        #[arg(long)]
        only: Option<String>,
    },
    /// Checks the conventions of the workspace.
    Tidy,
    /// Accepts what is generated: the expected messages of the UI fixtures, snapshots, `docs/codes.md`.
    Bless {
        /// Writes `docs/codes.md` only.
        #[arg(long)]
        codes: bool,
    },
    /// Validates the `OpenAPI` documents of the example with a validator from outside of this project.
    Openapi,
    /// Counts what a request costs, with the peers in the same run, and writes `benches/README.md`.
    Bench {
        /// Writes nothing, and fails if a request of ours costs more than the committed figures.
        #[arg(long)]
        check: bool,
        /// Counts one peer only, and writes nothing.
        #[arg(long)]
        only: Option<String>,
    },
    /// Passes the metrics of a running service to Prometheus, which is installed if it is missing.
    Metrics,
    /// Passes the spans of a running service to an OTLP receiver, which is installed if it is missing.
    Otlp,
    /// Runs the proofs that take minutes, in release, and writes `soak/RESULT.md`.
    Soak,
    /// Runs the README's main command and the lines that it prints.
    Readme,
    /// Tests cross-origin requests in a browser, Debian's Chromium; installs it where it is missing.
    Browser,
    /// Tests a service behind a shared cache, Debian's nginx; installs it where it is missing.
    Cache,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Ci { only } => ci::run(only.as_deref()),
        Task::Tidy => tidy::run(),
        Task::Bless { codes } => ci::bless(codes),
        Task::Openapi => openapi::run(),
        Task::Bench { check, only } => bench::run(check, only.as_deref()),
        Task::Metrics => servers::metrics(),
        Task::Otlp => otlp::run(),
        Task::Soak => soak::run(),
        Task::Readme => readme::run(),
        Task::Browser => servers::browser(),
        Task::Cache => servers::cache(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
