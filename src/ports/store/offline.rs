//! What offline codes need: signing keys, places in status lists, what is published, codes on paper, devices.

use super::StoreError;
use crate::domain::license::LicenseId;
use crate::domain::offline_code::{Device, OfflineKey, PaperCode};
use crate::domain::status_entry::{Marked, StatusEntry};
use crate::domain::time::Timestamp;
use async_trait::async_trait;

/// Something signed for everybody to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedFile {
    /// Its name.
    pub name: String,
    /// SHA-256 of what it says apart from its times: the same where nothing changed.
    pub content: [u8; 32],
    /// When it was made.
    pub made_at: Timestamp,
    /// Not relied on after this.
    pub expires_at: Timestamp,
    /// Itself; empty where only the rest was asked for.
    pub bytes: Vec<u8>,
}

/// Rows about offline codes.
#[async_trait]
pub trait OfflineRows {
    /// Adds a key. [`StoreError::Exists`] if its name is taken.
    async fn insert_offline_key(&mut self, key: &OfflineKey) -> Result<(), StoreError>;
    /// The department's key that signs longest, if it signs until after `at`.
    async fn offline_key_of(&mut self, issuer: &str, at: Timestamp)
    -> Result<Option<OfflineKey>, StoreError>;
    /// Every key that signs or signed until after `at`, those that end first before the others.
    async fn offline_keys(&mut self, at: Timestamp) -> Result<Vec<OfflineKey>, StoreError>;
    /// Opens a list; `false` if it is open already.
    async fn open_status_list(&mut self, number: u32, entries: u64) -> Result<bool, StoreError>;
    /// The lists by number, each with the number of its entries.
    async fn status_lists(&mut self) -> Result<Vec<(u32, u64)>, StoreError>;
    /// Takes a place for good; `false` if somebody has it. An owner has one place for a license:
    /// the caller looked for it before.
    async fn take_status_entry(&mut self, entry: &StatusEntry) -> Result<bool, StoreError>;
    /// The place of an owner for a license.
    async fn status_entry(
        &mut self,
        owner: &str,
        license: &LicenseId,
    ) -> Result<Option<StatusEntry>, StoreError>;
    /// Who has a place.
    async fn status_entry_at(&mut self, list: u32, place: u64) -> Result<Option<StatusEntry>, StoreError>;
    /// Ends every entry of an owner that had not ended; how many.
    async fn end_status_entries(&mut self, owner: &str, at: Timestamp) -> Result<u64, StoreError>;
    /// Every entry of every list that is not in force: ended by itself, or its license suspended or over.
    async fn marked_entries(&mut self) -> Result<Vec<Marked>, StoreError>;
    /// Publishes a file in place of an older one of its name; a newer one stays.
    async fn put_published(&mut self, file: &PublishedFile) -> Result<(), StoreError>;
    /// The published file of that name.
    async fn published(&mut self, name: &str) -> Result<Option<PublishedFile>, StoreError>;
    /// All that is published, by name, without the bytes.
    async fn published_files(&mut self) -> Result<Vec<PublishedFile>, StoreError>;
    /// Adds a code on paper. [`StoreError::Exists`] if its identity is taken.
    async fn insert_paper_code(&mut self, code: &PaperCode) -> Result<(), StoreError>;
    /// The code of that identity.
    async fn paper_code(&mut self, id: &str) -> Result<Option<PaperCode>, StoreError>;
    /// A holder's codes, newest first, those before `before`, at most `limit`.
    async fn paper_codes(
        &mut self,
        holder: &str,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<PaperCode>, StoreError>;
    /// How many codes of a license are good at `at`.
    async fn live_paper_codes(&mut self, license: &LicenseId, at: Timestamp) -> Result<u64, StoreError>;
    /// Marks a code as ended; `false` if it was before.
    async fn end_paper_code(&mut self, id: &str, at: Timestamp) -> Result<bool, StoreError>;
    /// Notes that somebody checked a code on paper; `id` tells two of one moment apart.
    async fn add_paper_code_use(
        &mut self,
        code: &str,
        at: Timestamp,
        by: &str,
        id: &str,
    ) -> Result<(), StoreError>;
    /// How often a code was checked since.
    async fn paper_code_uses(&mut self, code: &str, since: Timestamp) -> Result<u64, StoreError>;
    /// Adds a device. [`StoreError::Exists`] if its identity or key is known.
    async fn insert_device(&mut self, device: &Device) -> Result<(), StoreError>;
    /// The device of that identity.
    async fn device(&mut self, id: &str) -> Result<Option<Device>, StoreError>;
    /// A holder's devices, newest first, at most `limit`.
    async fn devices(&mut self, holder: &str, limit: u32) -> Result<Vec<Device>, StoreError>;
    /// Marks a device as withdrawn; `false` if it was before.
    async fn withdraw_device(&mut self, id: &str, at: Timestamp) -> Result<bool, StoreError>;
}
