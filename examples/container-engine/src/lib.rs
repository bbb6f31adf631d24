//! A slice of the container engine's HTTP API, written from the facts of its documented history.
//!
//! The engine numbers its versions 1.40, 1.41, and so on, and takes things away between them. What it calls 1.N is N.0.0 here:
//! each may break the one before it, and each break has its migration.

pub mod contract;
pub mod endpoints;
pub mod errors;
pub mod filters;
pub mod journal;
pub mod machine;
pub mod newest;
pub mod oldest;
pub mod settings;
pub mod shapes;

mod facts;
mod logs;
mod moves;

pub use contract::{containers, engine, images, networks, volumes};
pub use machine::Machine;
pub use newest::Newest;
pub use oldest::Oldest;

use versioned_runtime::{ContractConfig, Host};

/// Every contract in every version, over one host; clients that name no version get 52.0.0, as the engine does it.
#[must_use]
pub fn host(oldest: &Oldest, newest: &Newest) -> Host {
    macro_rules! contracts {
        ($($contract:ident)*) => {
            Host::new()$(.contract(
                $contract::Service::builder()
                    .v40(oldest.clone())
                    .v52(newest.clone())
                    .config(ContractConfig::new().default_version::<$contract::V52>())
                    .build(),
            ))*
        };
    }
    contracts!(containers engine images networks volumes)
}
