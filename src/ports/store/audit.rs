//! The audit trail and the outbox.

use super::StoreError;
use crate::domain::time::Timestamp;
use async_trait::async_trait;

/// One line of the audit trail: who did what to what, why, and how it ended. Names of fields, never their values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// Position; given by the store, growing, without meaning in its gaps. Zero in a line not yet stored.
    pub position: i64,
    /// When.
    pub at: Timestamp,
    /// Who: a credential id, `public` or `system`.
    pub actor: String,
    /// What: `license.issue`, `license.read`, `show_code.redeem`, ….
    pub action: String,
    /// To what: an identifier.
    pub subject: String,
    /// Why and with what, as JSON text without personal data.
    pub detail: String,
    /// `ok` or the refusal's code.
    pub outcome: String,
}

/// Rows of the audit trail.
#[async_trait]
pub trait AuditRows {
    /// Adds a line.
    async fn append_audit(&mut self, line: &AuditLine) -> Result<(), StoreError>;
    /// Lines after `after` by position, of one subject or actor or all, at most `limit`. A line shows only once no
    /// unfinished transaction can add one before it, so who reads on from the last position misses nothing.
    async fn audit_lines(
        &mut self,
        subject: Option<&str>,
        actor: Option<&str>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<AuditLine>, StoreError>;
    /// The latest time any line carries; a clock that shows less has gone backwards.
    async fn latest_audit_time(&mut self) -> Result<Option<Timestamp>, StoreError>;
}

/// Something that happened, for others to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEvent {
    /// Position; given by the store, growing. Zero in an event not yet stored.
    pub position: i64,
    /// Identifier, unique.
    pub id: String,
    /// `license.issued`, `license.ended`, `seal.suspended`, ….
    pub topic: String,
    /// What it is about; order is kept per subject.
    pub subject: String,
    /// The departments (credit codes) that it concerns: their webhooks are told. Operators' are told of everything.
    pub concerns: Vec<String>,
    /// JSON text without personal data.
    pub body: String,
    /// When.
    pub at: Timestamp,
}

impl OutboxEvent {
    /// The same, concerning these departments.
    pub fn concerning<C: Into<String>>(mut self, departments: impl IntoIterator<Item = C>) -> Self {
        self.concerns.extend(departments.into_iter().map(C::into));
        self
    }
}

/// Rows of the outbox.
#[async_trait]
pub trait OutboxRows {
    /// Adds an event. [`StoreError::Exists`] if its id is known.
    async fn append_event(&mut self, event: &OutboxEvent) -> Result<(), StoreError>;
    /// Events after `after` by position, at most `limit`; none shows before it can no longer be overtaken, as with
    /// [`AuditRows::audit_lines`].
    async fn events(&mut self, after: i64, limit: u32) -> Result<Vec<OutboxEvent>, StoreError>;
    /// The position of the last event that can no longer be overtaken; 0 if there is none.
    async fn last_event_position(&mut self) -> Result<i64, StoreError>;
    /// A position after which every event of this time or later lies, and few that are earlier.
    async fn event_position_before(&mut self, at: Timestamp) -> Result<i64, StoreError>;
}
