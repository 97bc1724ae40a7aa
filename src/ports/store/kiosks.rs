//! Sessions at kiosks.

use super::StoreError;
use crate::domain::kiosk::{KioskSession, Printed, Recognised};
use crate::domain::time::Timestamp;
use async_trait::async_trait;

/// Rows about sessions at kiosks.
#[async_trait]
pub trait KioskRows {
    /// Adds a session. [`StoreError::Exists`] if its identifier is known.
    async fn insert_kiosk_session(&mut self, session: &KioskSession) -> Result<(), StoreError>;
    /// The session of this identifier.
    async fn kiosk_session(&mut self, id: &str) -> Result<Option<KioskSession>, StoreError>;
    /// Says who stands there if nobody was recognised; `false` otherwise. Exactly one caller ever gets `true`.
    async fn recognise_at_kiosk(&mut self, id: &str, recognised: &Recognised) -> Result<bool, StoreError>;
    /// Ends it with a code if somebody was recognised and nothing was printed; `false` otherwise. Exactly one caller ever
    /// gets `true`.
    async fn print_at_kiosk(&mut self, id: &str, printed: &Printed) -> Result<bool, StoreError>;
    /// Lets it be over after `last` if nothing was printed and it would have lived longer; `false` otherwise.
    async fn end_kiosk_session(&mut self, id: &str, last: Timestamp) -> Result<bool, StoreError>;
    /// Forgets sessions that were over before this moment; says how many.
    async fn forget_kiosk_sessions(&mut self, before: Timestamp) -> Result<u64, StoreError>;
}
