//! Says whose signature makes a place's list, by two people; and ends that.

use super::{operator, place};
use crate::app::error::{conflict, forbidden, not_found};
use crate::app::{AppError, Service, audit, inputs};
use crate::crypto::sha256;
use crate::domain::party::Credential;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::trust_list::{Names, Territory};
use crate::formats::trust_list::{SignerFault, check_signer};
use crate::formats::x509::pem;
use crate::ports::store::{PinnedSigner, StoreError, Transaction, TxError};
use serde_json::json;

/// Whose signature to take.
pub struct Request {
    /// Division code of the place.
    pub territory: String,
    /// What it is called in Chinese.
    pub name_zh: String,
    /// What it is called in English.
    pub name_en: String,
    /// The signer's X.509 certificate, DER. It comes by another way than the lists: on paper, in person.
    pub signer: Vec<u8>,
}

/// An X.509 certificate that came as a file: DER, or the first of a PEM file. What is neither is handed on as it is, and refused
/// there.
pub fn x509_of(file: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(file).ok();
    let first = text.and_then(|text| pem::x509s_from_pem(text).ok()).and_then(|all| all.into_iter().next());
    first.unwrap_or_else(|| file.to_vec())
}

/// One operator names a signer. Nothing is taken from it until another one confirms ([`confirm`]).
pub async fn pin(service: &Service, caller: &Credential, request: Request) -> Result<PinnedSigner, AppError> {
    operator(caller)?;
    let now = service.clock.now();
    let mut faults = Vec::new();
    let name = Names {
        zh: inputs::line("/name_zh", &request.name_zh, 2, 40, &mut faults),
        en: inputs::line("/name_en", &request.name_en, 2, 100, &mut faults),
    };
    let territory = Territory::parse(&request.territory);
    if territory.is_none() {
        faults.push(Fault::at("/territory", "trust_list.territory"));
    }
    if let Err(fault) = check_signer(&request.signer, now) {
        faults.push(Fault::at("/signer", signer_code(&fault)));
    }
    let Some(territory) = territory.filter(|_| faults.is_empty()) else {
        return Err(Refusal::invalid(faults).into());
    };
    let signer = PinnedSigner {
        territory,
        sha256: sha256(&request.signer),
        name,
        x509: request.signer,
        pinned: (caller.id.clone(), now),
        confirmed: None,
        ended: None,
    };
    let line = line(service, caller, "trust_list.pin", &signer.territory, &signer.sha256);
    let row = &signer;
    let own = service.publishing().map(|publishing| publishing.territory.clone());
    let is_own = own.as_ref() == Some(&signer.territory);
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            if is_own {
                return Err(conflict("trust_list.own_territory").into());
            }
            match tx.pin_list_signer(row).await {
                Err(StoreError::Exists(_)) => Err(conflict("trust_list.signer_known").into()),
                other => Ok(other?),
            }
        })
    })
    .await?;
    Ok(signer)
}

/// Another operator confirms: from now on lists of this signer are taken.
pub async fn confirm(
    service: &Service,
    caller: &Credential,
    territory: &str,
    signer: &str,
) -> Result<PinnedSigner, AppError> {
    decide(service, caller, territory, signer, Decision::Confirm).await
}

/// An operator ends a signer: nothing that it signed is relied on any more. One is enough, since it takes trust away.
pub async fn end(
    service: &Service,
    caller: &Credential,
    territory: &str,
    signer: &str,
) -> Result<PinnedSigner, AppError> {
    decide(service, caller, territory, signer, Decision::End).await
}

/// What is decided about a signer that was named.
#[derive(Clone, Copy)]
enum Decision {
    Confirm,
    End,
}

async fn decide(
    service: &Service,
    caller: &Credential,
    territory: &str,
    signer: &str,
    decision: Decision,
) -> Result<PinnedSigner, AppError> {
    operator(caller)?;
    let (territory, sha256) = (&place(territory)?, &fingerprint(signer)?);
    let action = match decision {
        Decision::Confirm => "trust_list.confirm",
        Decision::End => "trust_list.end",
    };
    let line = line(service, caller, action, territory, sha256);
    let (by, at) = (caller.id.as_str(), line.at);
    let decided = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let known = find(tx, territory, sha256).await?;
            let is_decided =
                known.ended.is_some() || matches!(decision, Decision::Confirm) && known.confirmed.is_some();
            if is_decided {
                return Err(conflict("trust_list.signer_decided").into());
            }
            let done = match decision {
                Decision::Confirm => tx.confirm_list_signer(territory, sha256, by, at).await?,
                Decision::End => tx.end_list_signer(territory, sha256, by, at).await?,
            };
            if !done {
                // Of a signer that waits, only the person who named it is kept from confirming it.
                return Err(forbidden("trust_list.second_person_needed").into());
            }
            find(tx, territory, sha256).await
        })
    })
    .await?;
    service.forget_recognised();
    Ok(decided)
}

async fn find(
    tx: &mut dyn Transaction,
    territory: &Territory,
    sha256: &[u8; 32],
) -> Result<PinnedSigner, TxError> {
    let signers = tx.list_signers().await?;
    let known = signers.into_iter().find(|known| known.territory == *territory && known.sha256 == *sha256);
    Ok(known.ok_or_else(|| not_found("trust_list.signer_unknown"))?)
}

fn line(
    service: &Service,
    caller: &Credential,
    action: &str,
    territory: &Territory,
    sha256: &[u8; 32],
) -> crate::ports::store::AuditLine {
    let detail = json!({ "signer": hex::encode(sha256) });
    audit::line(service.clock.now(), &caller.id, action, territory.as_str(), &detail)
}

fn fingerprint(text: &str) -> Result<[u8; 32], Refusal> {
    let mut sha256 = [0; 32];
    match hex::decode_to_slice(text, &mut sha256) {
        Ok(()) => Ok(sha256),
        Err(_) => Err(not_found("trust_list.signer_unknown")),
    }
}

/// The code that says why an X.509 certificate signs no trust list.
pub(super) const fn signer_code(fault: &SignerFault) -> &'static str {
    match fault {
        SignerFault::Unreadable => "x509.unreadable",
        SignerFault::Unfit => "trust_list.signer_unfit",
        SignerFault::NotValid { .. } => "trust_list.signer_not_valid",
    }
}
