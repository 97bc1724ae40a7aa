//! The world, behind the ports.

pub mod keys;
pub mod kinds;
pub mod timestamps;
