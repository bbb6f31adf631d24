//! The contracts: one a subject, each in its own file, because a module with `#[versioned]` stands in one file.
//!
//! They share their version numbers, so that one client version asks for the same version of each.

mod container;
mod image;
mod network;
mod system;
mod volume;

pub use self::system::engine;
pub use container::containers;
pub use image::images;
pub use network::networks;
pub use volume::volumes;
