//! Licenses and their histories.

use super::StoreError;
use crate::domain::license::{License, LicenseId, LicenseState};
use crate::domain::seal::{SealCode, SealEvent};
use crate::domain::time::Timestamp;
use async_trait::async_trait;

/// One event in a license's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseEvent {
    /// The license.
    pub license: LicenseId,
    /// Stable name of what happened: `issued`, `suspended`, `resumed`, `amended`, `superseded`, `cancelled`, ….
    pub what: String,
    /// When.
    pub at: Timestamp,
    /// By whom (credential id).
    pub by: String,
    /// Why, as the department put it; may be empty.
    pub reason: String,
}

/// Which licenses to list. Every `Some` narrows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LicenseFilter {
    /// Issuing department.
    pub issuer: Option<String>,
    /// Kind name.
    pub kind: Option<String>,
    /// Holder's code.
    pub holder: Option<String>,
    /// Printed number.
    pub number: Option<String>,
    /// State name.
    pub state: Option<String>,
}

/// A slice of a list: newest first by (released_at, id).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Only what comes after this one.
    pub after: Option<(Timestamp, LicenseId)>,
    /// At most this many.
    pub limit: u32,
}

/// Rows about licenses.
#[async_trait]
pub trait LicenseRows {
    /// Adds a license, and with it makes its printed number its serial's for good. [`StoreError::Exists`] with
    /// `license` if its identifier is taken, with `license number` if its issuer gave the number to a license of the
    /// same kind and another serial, whatever became of that; then nothing is added.
    async fn insert_license(&mut self, license: &License) -> Result<(), StoreError>;
    /// The license of this identifier.
    async fn license(&mut self, id: &LicenseId) -> Result<Option<License>, StoreError>;
    /// The license of this identifier and the history of the seal named, oldest first, in one statement (see
    /// [`super::Store::glance`]): what a verification asks. No seal, or one without a history, has no events.
    async fn license_with_seal_events(
        &mut self,
        id: &LicenseId,
        seal: Option<&SealCode>,
    ) -> Result<Option<(License, Vec<SealEvent>)>, StoreError>;
    /// Sets the state and raises the revision if it is still `seen`; `false` if it is not.
    async fn set_license_state(
        &mut self,
        id: &LicenseId,
        seen: u32,
        state: &LicenseState,
    ) -> Result<bool, StoreError>;
    /// Whether this issuer's printed number belongs to a license of this kind and another serial.
    async fn license_number_taken(
        &mut self,
        kind: &str,
        issuer: &str,
        number: &str,
        serial: &str,
    ) -> Result<bool, StoreError>;
    /// Licenses that match, newest first.
    async fn licenses(&mut self, filter: &LicenseFilter, page: &Page) -> Result<Vec<License>, StoreError>;
    /// Adds to a license's history.
    async fn add_license_event(&mut self, event: &LicenseEvent) -> Result<(), StoreError>;
    /// A license's history, oldest first.
    async fn license_events(&mut self, id: &LicenseId) -> Result<Vec<LicenseEvent>, StoreError>;
}
