//! What the receipt of a paper or phone code says: what the code said, made again from what has not changed since. Its values
//! are kept nowhere; the content of an edition never changes, and the names of the code's fields stand in the holder's space.

use super::{Content, title, verifier};
use crate::app::Service;
use crate::app::error::{conflict, not_found};
use crate::crypto::sha256;
use crate::documents::paper::wire::{CODE_RECEIPT, ReceiptCode, ReceiptField, ReceiptLicense};
use crate::domain::license::{License, LicenseId, LicenseKind, Standing, mask};
use crate::domain::party::Credential;
use crate::domain::space::{CodeUse, Used};
use crate::domain::time::Timestamp;
use crate::ports::store::{Transaction, TxError};

/// Characters of a use's identity.
const LETTERS: usize = 32;

/// A check of an offline code by the caller.
pub(super) struct Checked {
    pub code: CodeUse,
    id_of: LicenseId,
    at: Timestamp,
    label: String,
    purpose: String,
    matter: String,
    fields: Vec<String>,
    compared: Option<bool>,
    told_later: bool,
}

/// One that failed showed nothing, so there is nothing to have a receipt of.
pub(super) async fn find(
    tx: &mut dyn Transaction,
    caller: &Credential,
    id: &str,
) -> Result<Checked, TxError> {
    let unknown = || not_found("code_use.unknown");
    if id.len() != LETTERS || !id.bytes().all(|letter| letter.is_ascii_hexdigit()) {
        return Err(unknown().into());
    }
    let found = tx.one_use(id).await?.filter(|found| found.by == caller.id).ok_or_else(unknown)?;
    let Used::Shown { license, purpose, matter, fields, compared, offline, code: Some(code), .. } =
        found.what
    else {
        return Err(unknown().into());
    };
    if !code.passed {
        return Err(conflict("code_use.not_passed").into());
    }
    Ok(Checked {
        code,
        id_of: license,
        at: found.at,
        label: found.label,
        purpose,
        matter,
        fields,
        compared,
        told_later: offline,
    })
}

pub(super) async fn content(
    tx: &mut dyn Transaction,
    service: &Service,
    caller: &Credential,
    of: Checked,
) -> Result<Content, TxError> {
    let license = tx.license(&of.id_of).await?.ok_or_else(|| not_found("license.unknown"))?;
    let issuer = tx.department(&license.issuer).await?.ok_or_else(|| not_found("department.unknown"))?;
    let kind = service.kinds.get(&license.kind).ok_or_else(|| not_found("kind.unknown"))?;
    let carrier = of.code.carrier.name();
    Ok(Content {
        schema: CODE_RECEIPT,
        verifier: verifier(&mut *tx, caller, &of.label).await?,
        counter: of.label,
        matter: of.matter,
        purpose: of.purpose,
        way: carrier.to_owned(),
        reason: None,
        status_at: of.code.status_at,
        code: Some(ReceiptCode {
            medium: carrier.to_owned(),
            checked_at: of.at.to_string(),
            told_later: of.told_later,
            compared: of.compared,
        }),
        names: vec![license.id.to_string()],
        licenses: vec![as_shown(kind, &license, issuer.name_zh, of.code.short, &of.fields)],
    })
}

/// A license as its code showed it: its end and, where the code named it by a digest, its identifier were not shown.
fn as_shown(
    kind: &LicenseKind,
    license: &License,
    issuer_name: String,
    short: bool,
    fields: &[String],
) -> ReceiptLicense {
    let shown = fields.iter().filter_map(|name| {
        let field = kind.field(name)?;
        let value = mask::masked(field, license.data.get(name)?)?;
        let title = title(&field.title);
        Some(ReceiptField { name: name.clone(), title, printed: value.clone(), value: Some(value) })
    });
    let identifier = if short {
        format!("sha256-96:{}", hex::encode(&sha256(license.id.as_str().as_bytes())[..12]))
    } else {
        license.id.to_string()
    };
    ReceiptLicense {
        identifier,
        kind: license.kind.clone(),
        title: title(&kind.title),
        issuer_name,
        standing: Standing::InForce.name().to_owned(),
        valid_until: None,
        fields: shown.collect(),
    }
}
