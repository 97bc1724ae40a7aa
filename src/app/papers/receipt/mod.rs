//! The receipt of a verification (核验回执): what somebody was shown, as it was shown, and that it was in force then. Whoever
//! redeemed the showing, or checked the offline code, has it for thirty days; an auditor learns that it exists, not what stands
//! in it.

mod code_use;
mod showing;

use super::making::{self, Statement};
use super::{PaperDownload, download, enter, note_reading, service_seal};
use crate::app::error::not_found;
use crate::app::{AppError, Service, access, audit};
use crate::crypto::sha256;
use crate::documents::paper::Draft;
use crate::documents::paper::wire::{Body, Receipt, ReceiptCode, ReceiptLicense, Title};
use crate::domain::license::kind::Bilingual;
use crate::domain::paper::{Paper, PaperForm, PaperKind, check_receipt_time};
use crate::domain::party::{Credential, Role};
use crate::domain::seal::Seal;
use crate::domain::time::Timestamp;
use crate::ports::store::{self, Transaction, TxError};
use serde_json::json;
use std::sync::Arc;

/// What a receipt is about.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    /// A showing that the caller redeemed.
    Showing(&'a str),
    /// A use of an offline code by the caller.
    CodeUse(&'a str),
}

impl About<'_> {
    /// Its identity.
    fn id(&self) -> &str {
        match self {
            Self::Showing(id) | Self::CodeUse(id) => id,
        }
    }

    /// The key that never makes two receipts about it.
    fn key(&self) -> String {
        match self {
            Self::Showing(id) => format!("receipt {id}"),
            Self::CodeUse(id) => format!("receipt use {id}"),
        }
    }
}

/// What a receipt says that does not come from making it.
struct Content {
    schema: &'static str,
    verifier: Body,
    counter: String,
    matter: String,
    purpose: String,
    way: String,
    reason: Option<String>,
    status_at: Timestamp,
    code: Option<ReceiptCode>,
    licenses: Vec<ReceiptLicense>,
    /// The licenses in full, for the audit trail.
    names: Vec<String>,
}

enum Found {
    Earlier(Paper),
    New(Box<(Content, Seal)>),
}

/// The receipt of what the caller verified: made at the first call, the same ever after.
pub async fn run(service: &Arc<Service>, caller: &Credential, about: About<'_>) -> Result<Paper, AppError> {
    access::only(caller, &[Role::Clerk, Role::Institution])?;
    let now = service.clock.now();
    let key = about.key();
    let wanted = &key;
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let ground = Ground::find(&mut *tx, caller, about).await?;
            check_receipt_time(ground.since(), now)?;
            if let Some(earlier) = tx.paper_of_key(wanted).await? {
                return Ok(Found::Earlier(earlier));
            }
            let content = match ground {
                Ground::Showing(of) => showing::content(&mut *tx, service, caller, *of).await?,
                Ground::CodeUse(of) => code_use::content(&mut *tx, service, caller, *of).await?,
            };
            let (_, seal) = service_seal::usable(&mut *tx, None, now).await?;
            Ok(Found::New(Box::new((content, seal))))
        })
    });
    let (content, seal) = match found.await? {
        Found::Earlier(paper) => {
            note_reading(service, &caller.id, &paper).await?;
            return Ok(paper);
        }
        Found::New(ground) => *ground,
    };
    let names = content.names.clone();
    let receipt = written(service, about, content, &seal, now);
    let claims = serde_json::to_value(&receipt).map_err(AppError::internal)?;
    let draft = Draft::receipt(&receipt, &service.settings.public_url, &service.fonts);
    let statement = Statement { kind: PaperKind::Receipt.statement(), claims };
    let files = making::make(service, &seal, draft, statement).await?;
    let paper = Paper {
        id: receipt.id,
        kind: PaperKind::Receipt,
        request_hash: sha256(key.as_bytes()),
        key,
        about: about.id().to_owned(),
        asked_by: caller.id.clone(),
        made_at: now,
        expires_at: None,
        seal: seal.code.clone(),
        files,
    };
    let detail = json!({
        "role": caller.role.name(),
        "paper": paper.id,
        "kind": paper.kind.name(),
        "seal": paper.seal.as_str(),
        "licenses": names,
    });
    let line = audit::line(now, &caller.id, "paper.make", &paper.about, &detail);
    enter(service, paper, &line).await
}

/// A file of the receipt, which is made if it is not there.
pub async fn file(
    service: &Arc<Service>,
    caller: &Credential,
    about: About<'_>,
    form: PaperForm,
) -> Result<PaperDownload, AppError> {
    let paper = run(service, caller, about).await?;
    download(service, paper, form).await
}

/// What is known of a receipt, but for what stands in it: for whoever verified, and for auditors.
pub async fn about(service: &Service, caller: &Credential, about: About<'_>) -> Result<Paper, AppError> {
    access::only(caller, &[Role::Clerk, Role::Institution, Role::Auditor])?;
    let key = &about.key();
    let line =
        audit::line(service.clock.now(), &caller.id, "paper.read_metadata", about.id(), &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            if caller.role != Role::Auditor {
                Ground::find(&mut *tx, caller, about).await?;
            }
            Ok(tx.paper_of_key(key).await?.ok_or_else(|| not_found("paper.unknown"))?)
        })
    })
    .await
}

/// What the caller verified. To everyone else it does not exist.
enum Ground {
    Showing(Box<showing::Redeemed>),
    CodeUse(Box<code_use::Checked>),
}

impl Ground {
    async fn find(tx: &mut dyn Transaction, caller: &Credential, about: About<'_>) -> Result<Self, TxError> {
        Ok(match about {
            About::Showing(id) => Self::Showing(Box::new(showing::find(tx, caller, id).await?)),
            About::CodeUse(id) => Self::CodeUse(Box::new(code_use::find(tx, caller, id).await?)),
        })
    }

    /// From when its receipt can be had.
    fn since(&self) -> Timestamp {
        match self {
            Self::Showing(of) => of.redemption.at,
            Self::CodeUse(of) => of.code.status_at,
        }
    }
}

/// The name that the one who looked is registered under; `label` where it acts for no department.
async fn verifier(tx: &mut dyn Transaction, caller: &Credential, label: &str) -> Result<Body, TxError> {
    let Some(code) = &caller.department else {
        return Ok(Body { code: String::new(), name: label.to_owned() });
    };
    let name = tx.department(code).await?.map_or_else(|| label.to_owned(), |found| found.name_zh);
    Ok(Body { code: code.clone(), name })
}

fn title(title: &Bilingual) -> Title {
    Title { zh: title.zh.clone(), en: title.en.clone() }
}

fn written(service: &Service, about: About<'_>, content: Content, seal: &Seal, now: Timestamp) -> Receipt {
    Receipt {
        schema: content.schema.to_owned(),
        id: format!("HZ{}", hex::encode_upper(service.random.bytes::<10>())),
        consent: about.id().to_owned(),
        verifier: content.verifier,
        counter: content.counter,
        matter: content.matter,
        purpose: content.purpose,
        way: content.way,
        reason: content.reason,
        verdict: "in-force".to_owned(),
        status_at: content.status_at.to_string(),
        status_source: format!("{}证照库（{}）", seal.owner_name, service.settings.public_url),
        made_at: now.to_string(),
        issuer: Body { code: seal.owner_code.clone(), name: seal.owner_name.clone() },
        seal: seal.code.to_string(),
        code: content.code,
        licenses: content.licenses,
    }
}
