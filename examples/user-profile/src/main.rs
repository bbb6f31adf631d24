//! The binary: opens the database, fills it at the first start, serves until Ctrl-C.

use std::error::Error;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use tracing::info;
use tracing_subscriber::EnvFilter;
use user_profile::greeting::Greeting;
use user_profile::settings::{Settings, Token};
use user_profile::{Store, seed, service};
use versioned_runtime::{Expose, Host, ServeError, Server};

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // The greeting is for the standard output; what is logged stays apart from it.
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", with_causes(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error + Send + Sync>> {
    let settings = Settings::from_env()?;
    let store = tokio::task::spawn_blocking({
        let data = settings.data.clone();
        move || open(&data)
    })
    .await??;

    // The serving version stands in every answer here, so that the lines of the greeting can count it.
    let mut host = Host::new().contract(service(store)).expose(Expose::Always);
    if let Token::MadeUp(token) = &settings.token {
        host = host.admin_token(token.clone());
    }
    let server = Server::new(host)
        .bind(settings.address)
        .admin(settings.admin_address);
    let server = server
        .listen()
        .await
        .map_err(|error| with_remedy(error, &settings))?;
    // Printed once the addresses are ours: whoever pastes the lines is answered.
    println!(
        "{}",
        Greeting {
            address: server.local_addr(),
            admin_address: server.admin_addr().unwrap_or(settings.admin_address),
            token: settings.token,
        }
    );
    server.run().await;
    Ok(())
}

fn open(data: &std::path::Path) -> Result<Store, user_profile::store::StoreError> {
    let store = Store::open(data)?;
    let written = seed::fill(&store, seed::SEED_SIZE)?;
    if written > 0 {
        info!(users = written, file = %data.display(), "the database was filled");
    }
    Ok(store)
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

/// An error and everything that led to it, on one line.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
