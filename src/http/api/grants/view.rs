//! A grant as the API shows it.

use crate::domain::grant::{Grant, GrantId, GrantUse, Grantee, UseSubject, Withdrawal};
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::time::Timestamp;
use crate::http::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

/// A grant.
#[derive(Serialize, ToSchema)]
pub struct GrantView {
    /// Identity.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    pub id: String,
    /// Code of the seal.
    #[schema(pattern = "^[0-9]{14}$")]
    pub seal: String,
    /// The seal's owner, by credit code: whose licenses they are.
    pub owner: String,
    /// The body that may use it, by credit code.
    pub body: Option<String>,
    /// The credential that may use it, where it is no body.
    pub credential: Option<String>,
    /// For which license kinds.
    pub kinds: Vec<String>,
    /// Whether documents that the grantee brings may be sealed (`POST /v1/seal-jobs`).
    pub documents: bool,
    /// Not before this.
    #[schema(format = "date-time")]
    pub from: String,
    /// Not from this on.
    #[schema(format = "date-time")]
    pub until: String,
    /// How often at most; null is any number.
    pub most: Option<u32>,
    /// How often it was used; what is on its way counts.
    pub used: u32,
    /// `waiting`, `in-force`, `exhausted`, `ended` or `withdrawn`.
    pub state: String,
    /// Who granted it (credential).
    pub granted_by: String,
    /// When.
    #[schema(format = "date-time")]
    pub granted_at: String,
    /// Why.
    pub reason: String,
    /// Set when it was taken back.
    pub withdrawn: Option<WithdrawalView>,
}

/// An end before its time.
#[derive(Serialize, ToSchema)]
pub struct WithdrawalView {
    /// When.
    #[schema(format = "date-time")]
    pub at: String,
    /// By whom (credential).
    pub by: String,
    /// Why.
    pub reason: String,
}

/// A use.
#[derive(Serialize, ToSchema)]
pub struct GrantUseView {
    /// The license, where one was sealed.
    pub license: Option<String>,
    /// The envelope that was consented to.
    pub envelope: Option<String>,
    /// The version of that envelope.
    pub version: Option<u32>,
    /// The license's kind; null where a document was sealed.
    pub kind: Option<String>,
    /// The seal job, where a document was sealed.
    pub job: Option<String>,
    /// Who (credential).
    pub by: String,
    /// When.
    #[schema(format = "date-time")]
    pub at: String,
    /// `open`, `done` or `cancelled`; a cancelled use does not count.
    pub outcome: String,
}

impl GrantView {
    /// The grant as it stands at `now`.
    pub fn of(grant: Grant, now: Timestamp) -> Self {
        let state = grant.state(now).name().to_owned();
        let (body, credential) = match grant.grantee {
            Grantee::Body(body) => (Some(body), None),
            Grantee::Credential(credential) => (None, Some(credential)),
        };
        Self {
            id: grant.id.to_string(),
            seal: grant.seal.to_string(),
            owner: grant.owner,
            body,
            credential,
            kinds: grant.kinds,
            documents: grant.documents,
            from: grant.from.to_string(),
            until: grant.until.to_string(),
            most: grant.most,
            used: grant.used,
            state,
            granted_by: grant.granted_by,
            granted_at: grant.granted_at.to_string(),
            reason: grant.reason,
            withdrawn: grant.withdrawn.map(WithdrawalView::from),
        }
    }
}

impl From<Withdrawal> for WithdrawalView {
    fn from(end: Withdrawal) -> Self {
        Self { at: end.at.to_string(), by: end.by, reason: end.reason }
    }
}

impl From<GrantUse> for GrantUseView {
    fn from(used: GrantUse) -> Self {
        let (mut license, mut consent, mut job) = (None, None, None);
        match used.subject {
            UseSubject::License(id) => license = Some(id.to_string()),
            UseSubject::Document(id) => job = Some(id.to_string()),
            UseSubject::Consent { envelope, version } => consent = Some((envelope.to_string(), version)),
        }
        let (envelope, version) = consent.unzip();
        Self {
            license,
            envelope,
            version,
            kind: Some(used.kind).filter(|kind| !kind.is_empty()),
            job,
            by: used.by,
            at: used.at.to_string(),
            outcome: used.outcome.name().to_owned(),
        }
    }
}

/// Reads a grant's identity. What is none names no grant.
pub fn grant_id(text: &str) -> Result<GrantId, Problem> {
    GrantId::parse(text).ok_or_else(|| Refusal::new(RefusalClass::NotFound, "grant.unknown").into())
}
