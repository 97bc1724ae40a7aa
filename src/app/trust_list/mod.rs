//! Trust lists: others' lists are taken and relied on, and our own is published.
//!
//! Two people say whose signature is taken for a place ([`pin`]); then its lists are imported ([`import`]), and whoever is
//! granted in the newest one is recognised when files are verified ([`recognised`]), with the revocation lists that were brought
//! since ([`crls`]). What we vouch for ourselves is
//! published by [`publish`].

pub mod crls;
pub mod import;
pub mod pin;
pub mod preview;
pub mod publish;
pub mod read;
pub(crate) mod recognised;

/// What use cases of lists answer with.
pub use crate::ports::store::{ListVersion, OwnTrustList, PinnedSigner};

use super::access;
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::trust_list::Territory;

/// Whom to trust is for those who run the service.
fn operator(caller: &Credential) -> Result<(), Refusal> {
    access::only(caller, &[Role::Operator])
}

/// A place in an address; what is no code is no place that we know.
fn place(code: &str) -> Result<Territory, Refusal> {
    Territory::parse(code).ok_or_else(|| Refusal::new(RefusalClass::NotFound, "trust_list.unknown_territory"))
}
