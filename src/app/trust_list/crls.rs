//! Takes a revocation list of somebody in another place's list, between two versions of that list: what was revoked there is
//! known here before the next version comes.

use super::{operator, place};
use crate::app::error::{conflict, not_found};
use crate::app::{AppError, Service, audit};
use crate::crypto::sha256;
use crate::domain::party::Credential;
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::time::Timestamp;
use crate::domain::trust_list::{Entry, Names, ServiceKind, Territory};
use crate::formats::x509::crl::{self, CrlTimes};
use crate::ports::store::ForeignCrl;
use serde_json::json;
use std::time::Duration;

/// Largest list that is taken, in bytes.
pub const MAX_BYTES: usize = 4 << 20;
/// Clocks of publisher and reader may differ by this much.
const SKEW: Duration = Duration::from_secs(5 * 60);

/// A revocation list that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Whose it is.
    pub issuer: Names,
    /// Made at.
    pub this_update: Timestamp,
    /// The next one comes no later than.
    pub next_update: Timestamp,
}

/// An operator brings a revocation list (DER). It is taken if an authority signed it that the place's newest trust list names,
/// if it has not run out, and if it is newer than the one of that authority that was taken before.
pub async fn run(
    service: &Service,
    caller: &Credential,
    territory: &str,
    der: Vec<u8>,
) -> Result<Taken, AppError> {
    operator(caller)?;
    let (territory, now) = (place(territory)?, service.clock.now());
    let detail = json!({ "sha256": hex::encode(sha256(&der)) });
    let line = audit::line(now, &caller.id, "trust_list.take_crl", territory.as_str(), &detail);
    let judged = judged(service, &territory, der, now).await;
    let by = (caller.id.clone(), now);
    let (issuer, new) = match judged {
        Ok((issuer, crl)) => (issuer, ForeignCrl { imported: by, ..crl }),
        Err(AppError::Refused(refusal)) => {
            return audit::refused(service, line, Err(refusal.into())).await;
        }
        Err(other) => return Err(other),
    };
    let row = &new;
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            if !tx.put_foreign_crl(row).await? {
                return Err(conflict("trust_list.crl_not_newer").into());
            }
            Ok(())
        })
    })
    .await?;
    service.forget_recognised();
    Ok(Taken { issuer, this_update: new.this_update, next_update: new.next_update })
}

/// Whose list it is, and the list as it is to be kept.
async fn judged(
    service: &Service,
    territory: &Territory,
    der: Vec<u8>,
    now: Timestamp,
) -> Result<(Names, ForeignCrl), AppError> {
    let invalid = |code| Refusal::new(RefusalClass::Invalid, code);
    if der.len() > MAX_BYTES {
        return Err(Refusal::new(RefusalClass::TooLarge, "trust_list.too_large").into());
    }
    let recognised = service.recognised().await?;
    let list = recognised.lists().find(|list| list.territory == *territory);
    let list = list.ok_or_else(|| not_found("trust_list.unknown_territory"))?;
    let issues = |entry: &&Entry| entry.service.is_ca() || entry.service == ServiceKind::TimeStamping;
    let entries: Vec<Entry> = list.entries.iter().filter(issues).cloned().collect();
    let read = move || {
        let CrlTimes { this_update, next_update } =
            crl::times(&der).map_err(|_| "trust_list.crl_unreadable")?;
        let issuer = entries.into_iter().find(|entry| crl::check_issuer(&der, &entry.x509).is_ok());
        let issuer = issuer.ok_or("trust_list.crl_of_nobody")?;
        Ok((issuer, der, this_update, next_update))
    };
    let (issuer, der, this_update, next_update) =
        tokio::task::spawn_blocking(read).await?.map_err(invalid)?;
    if now > next_update {
        return Err(invalid("trust_list.crl_ran_out").with("at", next_update).into());
    }
    if this_update > now.plus(SKEW) {
        return Err(invalid("trust_list.in_future").with("at", this_update).into());
    }
    let kept = ForeignCrl {
        territory: territory.clone(),
        issuer: sha256(&issuer.x509),
        this_update,
        next_update,
        der,
        imported: (String::new(), now),
    };
    Ok((issuer.name, kept))
}
