//! Trust lists of other regions: whose signature is taken, and every version that was; and our own as it was published.

use super::StoreError;
use crate::domain::time::Timestamp;
use crate::domain::trust_list::{Names, Territory};
use async_trait::async_trait;

/// Who may sign the list of a place. Two people say so before any list of it is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinnedSigner {
    /// The place.
    pub territory: Territory,
    /// SHA-256 of the X.509 certificate.
    pub sha256: [u8; 32],
    /// What the place is called.
    pub name: Names,
    /// The X.509 certificate, DER.
    pub x509: Vec<u8>,
    /// Credential that pinned it, and when.
    pub pinned: (String, Timestamp),
    /// Another credential that confirmed it, and when.
    pub confirmed: Option<(String, Timestamp)>,
    /// Credential that ended it, and when: from then on nothing that it signed is relied on.
    pub ended: Option<(String, Timestamp)>,
}

impl PinnedSigner {
    /// Whether lists that it signed are taken.
    pub const fn is_trusted(&self) -> bool {
        self.confirmed.is_some() && self.ended.is_none()
    }
}

/// A version of a list that was imported; its bytes are read apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListVersion {
    /// The place.
    pub territory: Territory,
    /// Number of the version.
    pub sequence: u64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// SHA-256 of its signer's X.509 certificate.
    pub signer: [u8; 32],
    /// Made at.
    pub issued: Timestamp,
    /// The next one comes no later than.
    pub next_update: Timestamp,
    /// Credential that imported it.
    pub imported_by: String,
    /// When it was imported.
    pub imported_at: Timestamp,
}

/// A revocation list of somebody in another place's list, brought apart from that list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignCrl {
    /// The place.
    pub territory: Territory,
    /// SHA-256 of its issuer's X.509 certificate.
    pub issuer: [u8; 32],
    /// Made at.
    pub this_update: Timestamp,
    /// The next one comes no later than.
    pub next_update: Timestamp,
    /// DER.
    pub der: Vec<u8>,
    /// Credential that imported it, and when.
    pub imported: (String, Timestamp),
}

/// A version of our own list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnTrustList {
    /// Number of the version.
    pub sequence: u64,
    /// SHA-256 of what it says, its number and times left out.
    pub content: [u8; 32],
    /// Made at.
    pub issued: Timestamp,
    /// The next one comes no later than.
    pub next_update: Timestamp,
    /// The document.
    pub json: Vec<u8>,
    /// The same, signed in P-256.
    pub p256: Option<Vec<u8>>,
    /// The same, signed in SM2.
    pub sm2: Option<Vec<u8>>,
}

/// Rows about trust lists.
#[async_trait]
pub trait TrustListRows {
    /// Adds a signer, not confirmed yet. [`StoreError::Exists`] if the place has it already; one that was ended starts
    /// anew.
    async fn pin_list_signer(&mut self, signer: &PinnedSigner) -> Result<(), StoreError>;
    /// Confirms a signer; `false` if there is none that waits for it, or the person who bears `by` pinned it.
    async fn confirm_list_signer(
        &mut self,
        territory: &Territory,
        sha256: &[u8; 32],
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Ends a signer; `false` if there is none, or it was ended before.
    async fn end_list_signer(
        &mut self,
        territory: &Territory,
        sha256: &[u8; 32],
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError>;
    /// All signers, by place.
    async fn list_signers(&mut self) -> Result<Vec<PinnedSigner>, StoreError>;
    /// Adds a version with its bytes. [`StoreError::Exists`] if the place's number is taken.
    async fn insert_list_version(&mut self, version: &ListVersion, der: &[u8]) -> Result<(), StoreError>;
    /// The newest versions of a place, newest first.
    async fn list_versions(
        &mut self,
        territory: &Territory,
        limit: u32,
    ) -> Result<Vec<ListVersion>, StoreError>;
    /// The bytes of a version.
    async fn list_bytes(
        &mut self,
        territory: &Territory,
        sequence: u64,
    ) -> Result<Option<Vec<u8>>, StoreError>;
    /// Keeps a revocation list in place of an older one of the same issuer and place; `false` if the kept one is not older.
    async fn put_foreign_crl(&mut self, crl: &ForeignCrl) -> Result<bool, StoreError>;
    /// The revocation lists of a place, by issuer.
    async fn foreign_crls(&mut self, territory: &Territory) -> Result<Vec<ForeignCrl>, StoreError>;
    /// Adds a version of our own list. [`StoreError::Exists`] if its number is taken.
    async fn insert_own_list(&mut self, list: &OwnTrustList) -> Result<(), StoreError>;
    /// Our own list of the highest number.
    async fn latest_own_list(&mut self) -> Result<Option<OwnTrustList>, StoreError>;
}
