//! The world behind the ports. Only `boot` names these.

pub mod calendar;
pub mod clock;
pub mod files;
pub mod keys;
pub mod kinds;
pub mod matters;
pub mod purposes;
pub mod random;
pub mod store;
pub mod timestamps;
pub mod verifiers;
pub mod webhooks;
