//! The binary: one host in memory, every version of its interface, until Ctrl-C.

use std::error::Error;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use container_engine::settings::Settings;
use container_engine::{Machine, Newest, Oldest};
use tracing_subscriber::EnvFilter;
use versioned_runtime::{Expose, ServeError, Server};

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error + Send + Sync>> {
    let settings = Settings::from_env()?;
    let machine = Machine::new();
    let host = container_engine::host(&Oldest::new(machine.clone()), &Newest::new(machine));
    // The serving version stands in every answer, so that clients see who made it.
    let server = Server::new(host.expose(Expose::Always))
        .bind(settings.address)
        .admin(settings.admin_address)
        .listen()
        .await
        .map_err(|error| with_remedy(error, &settings))?;
    println!(
        "container-engine answers on http://{}, its admin interface on http://{}",
        server.local_addr(),
        server.admin_addr().unwrap_or(settings.admin_address)
    );
    server.run().await;
    Ok(())
}

/// Says which variable chooses another address, where an address is taken.
fn with_remedy(error: ServeError, settings: &Settings) -> Box<dyn Error + Send + Sync> {
    match error {
        ServeError::Bind { address, source } => {
            let variables = if address == settings.address {
                "PORT or ADDR"
            } else {
                "ADMIN_PORT or ADMIN_ADDR"
            };
            format!("cannot listen on {address}: {source}; set {variables} to another one").into()
        }
        other => other.into(),
    }
}
