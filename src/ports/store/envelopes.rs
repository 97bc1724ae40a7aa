//! Envelopes: how they stand, what was consented to, and what has happened to them.

use super::StoreError;
use crate::domain::envelope::{Consent, Envelope, EnvelopeId, EnvelopeState, Happened};
use crate::domain::license::{LicenseData, LicenseId};
use crate::domain::suite::Suite;
use crate::domain::time::Timestamp;
use async_trait::async_trait;

/// One version of an envelope's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopeContent {
    /// The envelope.
    pub envelope: EnvelopeId,
    /// The version.
    pub version: u32,
    /// The fields, in canonical form.
    pub data: LicenseData,
    /// The printed number, where the initiator gives it itself.
    pub number: Option<String>,
    /// SHA-256 of the canonical content.
    pub sha256: [u8; 32],
    /// SM3 of the canonical content.
    pub sm3: [u8; 32],
    /// When it was written.
    pub at: Timestamp,
    /// By whom (credential id).
    pub by: String,
}

/// A consent with what proves it.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedConsent {
    /// The envelope.
    pub envelope: EnvelopeId,
    /// The version consented to.
    pub version: u32,
    /// The party, by name.
    pub party: String,
    /// Who, when, under which seal.
    pub consent: Consent,
    /// The suite of the signature.
    pub suite: Suite,
    /// DER of the seal's X.509 certificate of that suite.
    pub x509: Vec<u8>,
    /// The statement, as it was signed.
    pub statement: Vec<u8>,
    /// The signature over the statement.
    pub signature: Vec<u8>,
}

impl std::fmt::Debug for SignedConsent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedConsent")
            .field("version", &self.version)
            .field("party", &self.party)
            .field("consent", &self.consent)
            .finish_non_exhaustive()
    }
}

/// An envelope in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopeSummary {
    /// Its identity.
    pub id: EnvelopeId,
    /// Name of the license kind.
    pub kind: String,
    /// The department that started it (credit code).
    pub initiator: String,
    /// When it was started.
    pub created_at: Timestamp,
    /// Version of the content.
    pub version: u32,
    /// Revision.
    pub revision: u32,
    /// State.
    pub state: EnvelopeState,
    /// The open stage, by its place in the plan.
    pub stage: Option<usize>,
    /// Until when that stage must be done.
    pub deadline: Option<Timestamp>,
    /// The license it became.
    pub license: Option<LicenseId>,
}

/// Which envelopes to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvelopeListing {
    /// Those this department started.
    Initiated(String),
    /// Those in whose present version this body is a party.
    TakingPart(String),
    /// Those that ask this body now.
    Asked(String),
    /// Those that ask, now, a party that this body may decide for at that time.
    Delegated(String, Timestamp),
}

/// A slice of a list: newest first by (created_at, id).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopePage {
    /// Only what comes after this one.
    pub after: Option<(Timestamp, EnvelopeId)>,
    /// At most this many.
    pub limit: u32,
}

/// Rows about envelopes.
#[async_trait]
pub trait EnvelopeRows {
    /// Adds an envelope with its parties, made by a request of this hash. [`StoreError::Exists`] with `idempotency key` if
    /// the initiator used the key before, with `envelope` if the identity is taken.
    async fn insert_envelope(
        &mut self,
        envelope: &Envelope,
        key: &str,
        request_hash: &[u8; 32],
    ) -> Result<(), StoreError>;
    /// The envelope of this identity, with parties and delegations of its present version.
    async fn envelope(&mut self, id: &EnvelopeId) -> Result<Option<Envelope>, StoreError>;
    /// The envelope that became this license.
    async fn envelope_of_license(&mut self, license: &LicenseId) -> Result<Option<Envelope>, StoreError>;
    /// The envelope that an initiator started under this key, and the hash of its request.
    async fn envelope_by_key(
        &mut self,
        initiator: &str,
        key: &str,
    ) -> Result<Option<(EnvelopeId, [u8; 32])>, StoreError>;
    /// Writes how an envelope, its parties and its delegations stand, if its stored revision is still `seen`; `false` if it
    /// is not, and then nothing is written. What a party consented to is added by [`Self::add_envelope_consent`].
    async fn update_envelope(&mut self, envelope: &Envelope, seen: u32) -> Result<bool, StoreError>;
    /// Writes a version's content, or writes it anew.
    async fn put_envelope_content(&mut self, content: &EnvelopeContent) -> Result<(), StoreError>;
    /// A version's content.
    async fn envelope_content(
        &mut self,
        id: &EnvelopeId,
        version: u32,
    ) -> Result<Option<EnvelopeContent>, StoreError>;
    /// Adds a consent. [`StoreError::Exists`] if the party or the body consented to this version before.
    async fn add_envelope_consent(&mut self, consent: &SignedConsent) -> Result<(), StoreError>;
    /// The consents to every version, by version and party.
    async fn envelope_consents(&mut self, id: &EnvelopeId) -> Result<Vec<SignedConsent>, StoreError>;
    /// Adds to an envelope's history.
    async fn add_envelope_event(&mut self, id: &EnvelopeId, event: &Happened) -> Result<(), StoreError>;
    /// An envelope's history, oldest first.
    async fn envelope_events(&mut self, id: &EnvelopeId) -> Result<Vec<Happened>, StoreError>;
    /// A list of envelopes.
    async fn envelopes(
        &mut self,
        listing: &EnvelopeListing,
        page: &EnvelopePage,
    ) -> Result<Vec<EnvelopeSummary>, StoreError>;
    /// Open envelopes with a reminder or a deadline not after `at`, the most overdue first, at most `limit`.
    async fn due_envelopes(&mut self, at: Timestamp, limit: u32) -> Result<Vec<EnvelopeId>, StoreError>;
    /// Satisfied envelopes, whose seals are to be laid on, oldest first, at most `limit`.
    async fn satisfied_envelopes(&mut self, limit: u32) -> Result<Vec<EnvelopeId>, StoreError>;
    /// Envelopes some of whose parties are asked and not known, newest first: when each was started, and its identity.
    async fn unresolved_envelopes(
        &mut self,
        page: &EnvelopePage,
    ) -> Result<Vec<(Timestamp, EnvelopeId)>, StoreError>;
    /// The departments with this responsibility in the place of this division code, by code.
    async fn bodies_at(&mut self, area: &str, responsibility: &str) -> Result<Vec<String>, StoreError>;
}
