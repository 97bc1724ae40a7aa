//! `GET /v1/envelopes/{id}/audit`

use super::read::DigestsView;
use super::view::{EnvelopeView, envelope_id};
use crate::app::envelope::audit_sheet::{self, CheckedConsent, Sheet};
use crate::domain::envelope::Happened;
use crate::http;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use utoipa::ToSchema;

/// The audit sheet of an envelope. Values of fields are not in it.
#[derive(Serialize, ToSchema)]
pub struct SheetView {
    /// How it stands.
    envelope: EnvelopeView,
    /// Every version of its content.
    versions: Vec<EnvelopeVersionView>,
    /// Every yes, by version, with its proof.
    consents: Vec<ProofView>,
    /// Everything that happened, oldest first.
    events: Vec<EventView>,
}

/// A version of the content.
#[derive(Serialize, ToSchema)]
pub struct EnvelopeVersionView {
    /// The version.
    version: u32,
    /// Digests of its canonical form.
    digests: DigestsView,
    /// When it was written last.
    #[schema(format = "date-time")]
    at: String,
    /// By whom (credential).
    by: String,
}

/// A yes with its proof.
#[derive(Serialize, ToSchema)]
pub struct ProofView {
    /// The version.
    version: u32,
    /// The party.
    party: String,
    /// The body that said it.
    department: String,
    /// Code of its seal.
    seal: String,
    /// Who (credential).
    by: String,
    /// When.
    #[schema(format = "date-time")]
    at: String,
    /// The grant under which it was said, where the seal is not the sayer's own.
    grant: Option<String>,
    /// Suite of the signature: `p256` or `sm2`.
    suite: String,
    /// The statement that was signed.
    statement: String,
    /// The signature, base64 of its DER.
    signature: String,
    /// The seal's X.509 certificate, base64 of its DER.
    x509: String,
    /// Whether the signature is that of the seal's key over the statement.
    verifies: bool,
    /// Whether the statement names the digests of its version.
    names_content: bool,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
pub struct EventView {
    /// What.
    what: String,
    /// When.
    #[schema(format = "date-time")]
    at: String,
    /// Who: a credential, or `system`.
    by: String,
    /// For which department.
    department: Option<String>,
    /// In which stage.
    stage: Option<String>,
    /// Which party.
    party: Option<String>,
    /// Why.
    reason: String,
    /// About which version.
    version: u32,
    /// The revision it led to.
    revision: u32,
}

impl From<Sheet> for SheetView {
    fn from(sheet: Sheet) -> Self {
        let versions = sheet.contents.into_iter().map(|content| EnvelopeVersionView {
            version: content.version,
            digests: DigestsView { sha256: hex::encode(content.sha256), sm3: hex::encode(content.sm3) },
            at: content.at.to_string(),
            by: content.by,
        });
        Self {
            envelope: EnvelopeView::of(&sheet.envelope),
            versions: versions.collect(),
            consents: sheet.consents.into_iter().map(proof).collect(),
            events: sheet.events.into_iter().map(event).collect(),
        }
    }
}

fn proof(CheckedConsent { signed, verifies, names_content }: CheckedConsent) -> ProofView {
    ProofView {
        version: signed.version,
        party: signed.party,
        department: signed.consent.body,
        seal: signed.consent.seal.to_string(),
        by: signed.consent.by,
        at: signed.consent.at.to_string(),
        grant: signed.consent.grant.as_ref().map(ToString::to_string),
        suite: signed.suite.name().to_owned(),
        statement: String::from_utf8_lossy(&signed.statement).into_owned(),
        signature: STANDARD.encode(&signed.signature),
        x509: STANDARD.encode(&signed.x509),
        verifies,
        names_content,
    }
}

/// An event as the API shows it.
pub(super) fn event(event: Happened) -> EventView {
    EventView {
        what: event.what.name().to_owned(),
        at: event.at.to_string(),
        by: event.by,
        department: event.department,
        stage: event.stage,
        party: event.party,
        reason: event.reason,
        version: event.version,
        revision: event.revision,
    }
}

/// The sheet.
pub async fn sheet(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<SheetView>, Problem> {
    Ok(Json(audit_sheet::run(&state, &caller.credential, &envelope_id(&id)?).await?.into()))
}
