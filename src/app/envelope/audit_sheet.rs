//! The whole of an envelope for those who ask later: every version's digests, every consent with its proof, every event.
//! The values of the fields are not in it.

use super::{consent, read, visible};
use crate::app::{AppError, Service, access, audit};
use crate::domain::envelope::{Envelope, EnvelopeId, Happened};
use crate::domain::party::{Credential, Department, Role};
use crate::ports::store::{EnvelopeContent, SignedConsent};
use serde_json::json;
use std::collections::BTreeMap;

/// A consent, and whether its signature still verifies and speaks of the content that is kept.
pub struct CheckedConsent {
    /// The consent.
    pub signed: SignedConsent,
    /// Whether the signature is that of the seal's key over the statement.
    pub verifies: bool,
    /// Whether the statement names the digests of its version.
    pub names_content: bool,
}

/// The sheet.
pub struct Sheet {
    /// How the envelope stands.
    pub envelope: Envelope,
    /// Every version's content, oldest first.
    pub contents: Vec<EnvelopeContent>,
    /// Every consent, by version and party.
    pub consents: Vec<CheckedConsent>,
    /// Everything that happened, oldest first.
    pub events: Vec<Happened>,
    /// The departments that take part now.
    pub departments: BTreeMap<String, Department>,
}

/// Reads the sheet, for a department that takes part or an auditor.
pub async fn run(service: &Service, caller: &Credential, id: &EnvelopeId) -> Result<Sheet, AppError> {
    access::only(caller, &[Role::Department, Role::Auditor])?;
    let detail = json!({ "role": caller.role.name() });
    let line = audit::line(service.clock.now(), &caller.id, "envelope.read_audit", id.as_str(), &detail);
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let envelope = visible(&mut *tx, caller, id).await?;
            let mut contents = Vec::new();
            for version in 1..=envelope.version {
                contents.extend(tx.envelope_content(id, version).await?);
            }
            let consents = tx.envelope_consents(id).await?;
            let consents = consents.into_iter().map(|signed| check(signed, &contents)).collect();
            let events = tx.envelope_events(id).await?;
            let departments = read::departments(&mut *tx, &envelope).await?;
            Ok(Sheet { envelope, contents, consents, events, departments })
        })
    })
    .await
}

fn check(signed: SignedConsent, contents: &[EnvelopeContent]) -> CheckedConsent {
    let names = |content: &EnvelopeContent| {
        let lines =
            [format!("sha256 {}", hex::encode(content.sha256)), format!("sm3 {}", hex::encode(content.sm3))];
        let statement = String::from_utf8_lossy(&signed.statement);
        lines.iter().all(|line| statement.lines().any(|said| said == line))
    };
    let names_content = contents.iter().any(|content| content.version == signed.version && names(content));
    CheckedConsent { verifies: consent::is_signed(&signed), names_content, signed }
}
