//! The receipt of a verification (核验回执): what somebody was shown, as it was shown, and that it was in force then. Whoever
//! redeemed the showing has it for thirty days; an auditor learns that it exists, not what stands in it.

use super::disclosed;
use super::making::{self, Statement};
use super::{PaperDownload, download, enter, note_reading, service_seal};
use crate::app::error::not_found;
use crate::app::redeem_show_code::ShownLicense;
use crate::app::{AppError, Service, access, audit};
use crate::crypto::sha256;
use crate::documents::face::printed;
use crate::documents::paper::Draft;
use crate::documents::paper::wire::{Body, RECEIPT, Receipt, ReceiptField, ReceiptLicense, Title};
use crate::domain::license::kind::Bilingual;
use crate::domain::paper::{Paper, PaperForm, PaperKind, check_receipt_time};
use crate::domain::party::{Credential, Role};
use crate::domain::seal::Seal;
use crate::domain::show_code::{Redemption, Showing};
use crate::domain::time::{Timestamp, format_date};
use crate::ports::store::{self, Transaction, TxError};
use serde_json::json;
use std::sync::Arc;

/// What a receipt stands on.
struct Ground {
    showing: Showing,
    redemption: Redemption,
    licenses: Vec<ShownLicense>,
    verifier: Body,
    seal: Seal,
}

enum Found {
    Earlier(Paper),
    New(Box<Ground>),
}

/// The receipt of a showing that the caller redeemed: made at the first call, the same ever after.
pub async fn run(service: &Arc<Service>, caller: &Credential, showing: &str) -> Result<Paper, AppError> {
    access::only(caller, &[Role::Clerk, Role::Institution])?;
    let now = service.clock.now();
    let key = format!("receipt {showing}");
    let wanted = &key;
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let (showing, redemption) = redeemed(&mut *tx, caller, showing).await?;
            check_receipt_time(redemption.at, now)?;
            if let Some(earlier) = tx.paper_of_key(wanted).await? {
                return Ok(Found::Earlier(earlier));
            }
            let licenses = disclosed::then(&mut *tx, service, &showing, redemption.at).await?;
            let (_, seal) = service_seal::usable(&mut *tx, None, now).await?;
            let verifier = verifier(&mut *tx, caller, &redemption).await?;
            Ok(Found::New(Box::new(Ground { showing, redemption, licenses, verifier, seal })))
        })
    });
    let ground = match found.await? {
        Found::Earlier(paper) => {
            note_reading(service, &caller.id, &paper).await?;
            return Ok(paper);
        }
        Found::New(ground) => ground,
    };
    let receipt = written(service, &ground, now);
    let claims = serde_json::to_value(&receipt).map_err(AppError::internal)?;
    let draft = Draft::receipt(&receipt, &service.settings.public_url, &service.fonts);
    let statement = Statement { kind: PaperKind::Receipt.statement(), claims };
    let files = making::make(service, &ground.seal, draft, statement).await?;
    let paper = Paper {
        id: receipt.id,
        kind: PaperKind::Receipt,
        request_hash: sha256(key.as_bytes()),
        key,
        about: ground.showing.id.clone(),
        asked_by: caller.id.clone(),
        made_at: now,
        expires_at: None,
        seal: ground.seal.code.clone(),
        files,
    };
    let detail = json!({
        "role": caller.role.name(),
        "paper": paper.id,
        "kind": paper.kind.name(),
        "seal": paper.seal.as_str(),
        "licenses": disclosed::names(&ground.licenses),
    });
    let line = audit::line(now, &caller.id, "paper.make", &paper.about, &detail);
    enter(service, paper, &line).await
}

/// A file of the receipt, which is made if it is not there.
pub async fn file(
    service: &Arc<Service>,
    caller: &Credential,
    showing: &str,
    form: PaperForm,
) -> Result<PaperDownload, AppError> {
    let paper = run(service, caller, showing).await?;
    download(service, paper, form).await
}

/// What is known of the receipt of a showing, but for what stands in it: for whoever redeemed it, and for auditors.
pub async fn about(service: &Service, caller: &Credential, showing: &str) -> Result<Paper, AppError> {
    access::only(caller, &[Role::Clerk, Role::Institution, Role::Auditor])?;
    let key = &format!("receipt {showing}");
    let line =
        audit::line(service.clock.now(), &caller.id, "paper.read_metadata", showing, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            if caller.role != Role::Auditor {
                redeemed(&mut *tx, caller, showing).await?;
            }
            Ok(tx.paper_of_key(key).await?.ok_or_else(|| not_found("paper.unknown"))?)
        })
    })
    .await
}

/// A showing that the caller redeemed. To everyone else it does not exist.
async fn redeemed(
    tx: &mut dyn Transaction,
    caller: &Credential,
    id: &str,
) -> Result<(Showing, Redemption), TxError> {
    let unknown = || not_found("showing.unknown");
    let showing = tx.showing(id).await?.ok_or_else(unknown)?;
    let redemption = showing.redeemed.clone().filter(|redemption| redemption.by == caller.id);
    Ok((showing, redemption.ok_or_else(unknown)?))
}

/// The name that the one who looked is registered under.
async fn verifier(
    tx: &mut dyn Transaction,
    caller: &Credential,
    redemption: &Redemption,
) -> Result<Body, TxError> {
    let Some(code) = &caller.department else {
        return Ok(Body { code: String::new(), name: redemption.label.clone() });
    };
    let name = tx.department(code).await?.map_or_else(|| redemption.label.clone(), |found| found.name_zh);
    Ok(Body { code: code.clone(), name })
}

fn title(title: &Bilingual) -> Title {
    Title { zh: title.zh.clone(), en: title.en.clone() }
}

fn written(service: &Service, ground: &Ground, now: Timestamp) -> Receipt {
    let Ground { showing, redemption, licenses, verifier, seal } = ground;
    Receipt {
        schema: RECEIPT.to_owned(),
        id: format!("HZ{}", hex::encode_upper(service.random.bytes::<10>())),
        consent: showing.id.clone(),
        verifier: verifier.clone(),
        counter: redemption.label.clone(),
        matter: redemption.matter.clone(),
        purpose: showing.purpose.clone(),
        way: showing.way.name().to_owned(),
        reason: showing.reason.clone(),
        verdict: "in-force".to_owned(),
        status_at: redemption.at.to_string(),
        status_source: format!("{}证照库（{}）", seal.owner_name, service.settings.public_url),
        made_at: now.to_string(),
        issuer: Body { code: seal.owner_code.clone(), name: seal.owner_name.clone() },
        seal: seal.code.to_string(),
        licenses: licenses.iter().map(|shown| license(service, shown)).collect(),
    }
}

fn license(service: &Service, shown: &ShownLicense) -> ReceiptLicense {
    let kind = service.kinds.get(&shown.kind);
    let fields = shown.fields.iter().map(|field| {
        let value = field.value.as_deref().unwrap_or_default();
        let in_print = kind.map_or_else(|| value.into(), |kind| printed(kind, &field.name, value));
        ReceiptField {
            name: field.name.clone(),
            title: title(&field.title),
            printed: in_print.into_owned(),
            value: field.value.clone(),
        }
    });
    ReceiptLicense {
        identifier: shown.license.to_string(),
        kind: shown.kind.clone(),
        title: title(&shown.kind_title),
        issuer_name: shown.issuer_name.clone(),
        standing: shown.standing.name().to_owned(),
        valid_until: shown.valid_until.map(format_date),
        fields: fields.collect(),
    }
}
