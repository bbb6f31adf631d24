//! The example of `versioned`: three versions of one contract, answered by two implementations over two table layouts.
//!
//! [`contract`] is the interface in all its versions; [`legacy`] and [`modern`] implement 1.1.0 and 2.0.0; [`store`] is the
//! database that both work on; [`seed`] fills it at the first start.

pub mod contract;
pub mod greeting;
pub mod legacy;
pub mod modern;
pub mod names;
pub mod precondition;
pub mod rules;
pub mod seed;
pub mod settings;
pub mod store;

mod work;

pub use contract::user_profile;
pub use legacy::Legacy;
pub use modern::Modern;
pub use store::Store;

use versioned_runtime::{ContractConfig, UserKey};

/// The header whose value says who is asking: a user stays with one implementation as long as the shares stay.
pub const USER_KEY_HEADER: &str = "X-User-Id";

/// All versions of the contract over one store; clients that name no version get 1.0.0.
#[must_use]
pub fn service(store: Store) -> user_profile::Service {
    let config = ContractConfig::new()
        .default_version::<user_profile::V1>()
        .user_key(UserKey::header(USER_KEY_HEADER));
    user_profile::Service::builder()
        .v1_1(Legacy::new(store.clone()))
        .v2(Modern::new(store))
        .config(config)
        .build()
}
