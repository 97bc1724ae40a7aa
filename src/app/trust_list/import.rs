//! Takes a version of another place's list.

use super::pin::signer_code;
use super::{operator, place};
use crate::app::error::{conflict, not_found};
use crate::app::{AppError, Service, audit};
use crate::crypto::sha256;
use crate::domain::party::Credential;
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::time::Timestamp;
use crate::domain::trust_list::{Accepted, Kept, NotAccepted, Territory, TrustList, accept};
use crate::formats::trust_list::{OpenFault, Opened, check_signer, open};
use crate::ports::store::{ListVersion, PinnedSigner, Transaction, TxError};
use serde_json::json;

/// Largest list that is taken, in bytes.
pub const MAX_BYTES: usize = crate::formats::trust_list::MAX_BYTES;

/// A list that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The version.
    pub version: ListVersion,
    /// Whether it was there before, byte for byte.
    pub known: bool,
}

/// An operator brings a signed list. It takes the place of the one before; every version is kept.
pub async fn run(
    service: &Service,
    caller: &Credential,
    territory: &str,
    bytes: Vec<u8>,
) -> Result<Imported, AppError> {
    operator(caller)?;
    let (territory, now, digest) = (&place(territory)?, service.clock.now(), sha256(&bytes));
    // 1. Read and verify it: outside any transaction, and not on a thread that serves others.
    let (opened, bytes) = tokio::task::spawn_blocking(move || (open(&bytes), bytes)).await?;
    // 2. Ask whether it may be taken, and keep it, in one transaction with the audit line.
    let detail = json!({
        "sha256": hex::encode(digest),
        "sequence": opened.as_ref().ok().map(|opened| opened.list.sequence),
    });
    let line = audit::line(now, &caller.id, "trust_list.import", territory.as_str(), &detail);
    let own = service.publishing().map(|publishing| publishing.territory.clone());
    let (opened, bytes, own, by) = (&opened, bytes.as_slice(), own.as_ref(), caller.id.as_str());
    let imported = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let admitted = admit(tx, opened.as_ref(), &digest, territory, own, now).await?;
            if admitted.accepted == Accepted::Known
                && let Some(version) = admitted.newest
            {
                return Ok(Imported { version, known: true });
            }
            let version = version(&admitted.opened.list, digest, admitted.signer.sha256, by, now);
            tx.insert_list_version(&version, bytes).await?;
            Ok(Imported { version, known: false })
        })
    })
    .await?;
    service.forget_recognised();
    Ok(imported)
}

/// A list that may be taken.
pub(super) struct Admitted<'o> {
    /// It.
    pub opened: &'o Opened,
    /// Who signed it.
    pub signer: PinnedSigner,
    /// The version that is kept.
    pub newest: Option<ListVersion>,
    /// What would become of it.
    pub accepted: Accepted,
}

/// Asks every rule whether a list may be taken now, and takes nothing.
pub(super) async fn admit<'o>(
    tx: &mut dyn Transaction,
    opened: Result<&'o Opened, &OpenFault>,
    digest: &[u8; 32],
    territory: &Territory,
    own: Option<&Territory>,
    now: Timestamp,
) -> Result<Admitted<'o>, TxError> {
    let opened = opened.map_err(open_refusal)?;
    let signer = signer(tx, territory, opened).await?;
    check_signer(&signer.x509, now).map_err(|fault| invalid(signer_code(&fault)))?;
    let newest = tx.list_versions(territory, 1).await?.into_iter().next();
    let kept = newest.as_ref().map(|kept| Kept { sequence: kept.sequence, sha256: kept.sha256 });
    let accepted = accept(&opened.list, digest, territory, own, kept, now).map_err(|why| refusal(&why))?;
    Ok(Admitted { opened, signer, newest, accepted })
}

/// The signer that the list must have: one that two people said may sign it.
async fn signer(
    tx: &mut dyn Transaction,
    territory: &Territory,
    opened: &Opened,
) -> Result<PinnedSigner, TxError> {
    let of_place = tx.list_signers().await?.into_iter().filter(|known| known.territory == *territory);
    let of_place: Vec<PinnedSigner> = of_place.filter(|known| known.ended.is_none()).collect();
    if of_place.is_empty() {
        return Err(not_found("trust_list.unknown_territory").into());
    }
    let found = of_place.into_iter().find(|known| known.x509 == opened.signer_x509);
    let found = found.ok_or_else(|| invalid("trust_list.other_signer"))?;
    if found.is_trusted() { Ok(found) } else { Err(conflict("trust_list.not_confirmed").into()) }
}

fn version(list: &TrustList, sha256: [u8; 32], signer: [u8; 32], by: &str, now: Timestamp) -> ListVersion {
    ListVersion {
        territory: list.territory.clone(),
        sequence: list.sequence,
        sha256,
        signer,
        issued: list.issued,
        next_update: list.next_update,
        imported_by: by.to_owned(),
        imported_at: now,
    }
}

fn invalid(code: &'static str) -> Refusal {
    Refusal::new(RefusalClass::Invalid, code)
}

fn open_refusal(fault: &OpenFault) -> Refusal {
    match fault {
        OpenFault::TooLarge => Refusal::new(RefusalClass::TooLarge, "trust_list.too_large"),
        OpenFault::NotSigned(why) => invalid("trust_list.not_signed").with("why", why),
        OpenFault::WrongSignature => invalid("trust_list.signature_wrong"),
        OpenFault::Malformed { place, why } => {
            invalid("trust_list.malformed").with("place", place).with("why", why)
        }
    }
}

fn refusal(why: &NotAccepted) -> Refusal {
    match why {
        NotAccepted::OtherTerritory { is } => invalid("trust_list.other_territory").with("is", is),
        NotAccepted::OwnTerritory => conflict("trust_list.own_territory"),
        NotAccepted::RanOut { next_update } => invalid("trust_list.ran_out").with("at", next_update),
        NotAccepted::InFuture { issued } => invalid("trust_list.in_future").with("at", issued),
        NotAccepted::NotNewer { sequence, kept } => {
            conflict("trust_list.not_newer").with("sequence", sequence).with("kept", kept)
        }
    }
}
