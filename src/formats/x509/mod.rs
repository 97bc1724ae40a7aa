//! X.509 certificates and their revocation lists (RFC 5280): making, reading, judging a chain.

mod alone;
mod between;
pub mod crl;
pub mod issue;
mod memory;
pub mod path;
pub mod pem;
pub mod profile;
mod read;
mod readings;
mod rebuild;
pub mod request;
mod revocation;
mod signed;
mod verified;

pub use alone::{issuer_and_subject, validate_alone};
pub use issue::{IssueError, Issuer, Particulars, issue, issue_root};
pub use path::{PathFault, PathQuery, SEAL_MAKING, Trust, Usage, ValidPath};
pub use profile::Profile;
pub(super) use read::serial_hex;
pub use read::{ExtendedUsage, KeyUsageBits, X509Facts, check_issued_by, read, spki};
pub use readings::Reading;
pub use revocation::Revocation;

/// Whether this root (DER) belongs to a development key set, which production refuses: its common name says so.
pub fn is_development(root_der: &[u8]) -> bool {
    read(root_der).is_ok_and(|facts| facts.subject_cn.contains(profile::DEVELOPMENT_MARK))
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
