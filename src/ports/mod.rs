//! What the use cases need from the world, as traits with their contracts. `adapters` keeps them.

pub mod clock;
pub mod files;
pub mod keys;
pub mod random;
pub mod store;
pub mod timestamps;
pub mod vault;
pub mod verifiers;
pub mod webhooks;
