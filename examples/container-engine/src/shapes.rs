//! Shapes that have no history: contracts name them, and constants see to it that they stay what they are.

pub mod containers;
pub mod images;
pub mod networks;
pub mod system;
pub mod volumes;
