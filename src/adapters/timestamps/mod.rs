//! Timestamping authorities: our own, and one reached over HTTP.

mod own;
mod remote;

pub use own::{OwnAuthority, Parts as OwnAuthorityParts};
pub use remote::RemoteAuthority;

#[cfg(test)]
mod tests;
