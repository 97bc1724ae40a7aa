//! Timestamping authorities: our own, one reached over HTTP, and the choice between those of two suites.

mod by_suite;
mod own;
mod remote;

pub use by_suite::BySuite;
pub use own::{OwnAuthority, Parts as OwnAuthorityParts};
pub use remote::RemoteAuthority;

#[cfg(test)]
mod tests;
