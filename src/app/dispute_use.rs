//! "This was not me": an owner disputes a use of what is its own; operators look into it and answer in words.

use super::error::{conflict, not_found};
use super::{AppError, Service, access, audit, inputs};
use crate::domain::consent::{Answer, Dispute};
use crate::domain::license::kind::Mask;
use crate::domain::license::mask;
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::Refusal;
use crate::domain::space::Use;
use crate::domain::time::Timestamp;
use crate::ports::store::{self, StoreError};
use serde_json::json;
use std::collections::BTreeMap;

/// Most characters of what an owner says.
pub const MOST_WORDS: usize = 200;

/// A dispute and the use that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disputed {
    /// The dispute.
    pub dispute: Dispute,
    /// The use.
    pub used: Use,
    /// The owner's code, masked: whose it is need not be known to look into it.
    pub owner: String,
}

/// The owner says that it was not it. Once a use.
pub async fn run(
    service: &Service,
    caller: &Credential,
    used: &str,
    words: &str,
) -> Result<Dispute, AppError> {
    access::only(caller, &[Role::Holder, Role::CompanyManager])?;
    let owner = super::space::owner(caller)?;
    let mut faults = Vec::new();
    let words = inputs::line("/words", words, 0, MOST_WORDS, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let (now, words) = (service.clock.now(), &words);
    let line = audit::line(now, &caller.id, "use.dispute", used, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let found = tx.one_use(used).await?.filter(|found| found.owner == owner);
            let found = found.ok_or_else(|| not_found("use.unknown"))?;
            let dispute = Dispute {
                used: found.id,
                owner: found.owner,
                used_at: found.at,
                at: now,
                words: words.clone(),
                answer: None,
            };
            match tx.add_dispute(&dispute).await {
                Err(StoreError::Exists(_)) => return Err(conflict("use.disputed_already").into()),
                other => other?,
            }
            let told = json!({ "what": found.what.name(), "by": found.by });
            tx.append_event(&audit::event(service, now, "use.disputed", used, &told)).await?;
            Ok(dispute)
        })
    })
    .await
}

/// The disputes about these uses of the caller's own, by use.
pub async fn of_uses(
    service: &Service,
    caller: &Credential,
    uses: &[Use],
) -> Result<BTreeMap<String, Dispute>, AppError> {
    let owner = super::space::owner(caller)?;
    let (Some(from), Some(until)) =
        (uses.iter().map(|used| used.at).min(), uses.iter().map(|used| used.at).max())
    else {
        return Ok(BTreeMap::new());
    };
    // One dispute a use, and no more uses than a slice has; those of the same moment beside it are few.
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.disputes_of_owner(owner, from, until, 2 * inputs::MOST_ROWS).await?) })
    });
    Ok(found.await?.into_iter().map(|dispute| (dispute.used.clone(), dispute)).collect())
}

/// All disputes, newest first, for those who look into them; that they were read is a line of the audit trail.
pub async fn list(
    service: &Service,
    caller: &Credential,
    before: Option<&(Timestamp, String)>,
    limit: Option<u32>,
) -> Result<Vec<Disputed>, AppError> {
    access::only(caller, &[Role::Operator, Role::Auditor])?;
    let (before, limit) = (before.map(|(at, used)| (*at, used.as_str())), inputs::rows(limit));
    let line =
        audit::line(service.clock.now(), &caller.id, "use.read_disputes", "disputes", &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let mut found = Vec::new();
            for dispute in tx.disputes(before, limit).await? {
                let used = tx.one_use(&dispute.used).await?.ok_or_else(|| not_found("use.unknown"))?;
                let owner = mask::apply(Mask::Code, &dispute.owner);
                found.push(Disputed { dispute, used, owner });
            }
            Ok(found)
        })
    })
    .await
}

/// An operator says what came of it, in words that the owner reads. Once.
pub async fn answer(
    service: &Service,
    caller: &Credential,
    used: &str,
    words: &str,
) -> Result<Dispute, AppError> {
    access::only(caller, &[Role::Operator])?;
    let mut faults = Vec::new();
    let words = inputs::line("/words", words, 2, MOST_WORDS, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let now = service.clock.now();
    let answer = &Answer { at: now, by: caller.id.clone(), words };
    let line = audit::line(now, &caller.id, "use.answer_dispute", used, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let dispute = tx.dispute(used).await?.ok_or_else(|| not_found("use.not_disputed"))?;
            if !tx.answer_dispute(used, answer).await? {
                return Err(conflict("use.answered_already").into());
            }
            let event = audit::event(service, now, "use.dispute_answered", used, &audit::nothing());
            tx.append_event(&event).await?;
            Ok(Dispute { answer: Some(answer.clone()), ..dispute })
        })
    })
    .await
}
