//! Consenting with a seal that was granted: who it is that consents, what it may see, and the count. The consent is the
//! owner's, and each is a use of the grant in the transaction that writes it.

use crate::app::access;
use crate::app::error::{conflict, not_found};
use crate::domain::envelope::{Envelope, EnvelopeId};
use crate::domain::grant::{Grant, GrantState, GrantUse, Grantee, UseOutcome, UseSubject};
use crate::domain::party::{Credential, Role};
use crate::domain::permit;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::ports::store::{SignedConsent, Transaction, TxError};

/// Most grants of one grantee that are looked at to know what it may see.
const MOST_GRANTS: u32 = 200;

/// The grants by which the caller acts with others' seals at `now`, newest first; those that it has used up among them, for
/// it may still look at what it did.
pub(super) async fn of_caller(
    tx: &mut dyn Transaction,
    caller: &Credential,
    now: Timestamp,
) -> Result<Vec<Grant>, TxError> {
    let mut found = tx.grants_to_credential(&caller.id, None, MOST_GRANTS).await?;
    if let (Role::Department, Some(body)) = (caller.role, &caller.department) {
        found.extend(tx.grants_to_body(body, None, MOST_GRANTS).await?);
    }
    found.retain(|grant| {
        matches!(grant.state(now), GrantState::InForce | GrantState::Exhausted)
            && permit::is_granted_to(caller, grant).is_ok()
    });
    Ok(found)
}

/// Reads an envelope that the caller may see: because its department takes part, or because a body that does has granted it
/// its seal for this kind. To everyone else it does not exist.
pub(super) async fn readable(
    tx: &mut dyn Transaction,
    caller: &Credential,
    id: &EnvelopeId,
    now: Timestamp,
) -> Result<Envelope, TxError> {
    access::only(caller, &[Role::Department, Role::Clerk, Role::Auditor])?;
    let envelope = tx.envelope(id).await?.ok_or_else(|| not_found("envelope.unknown"))?;
    if super::takes_part(caller, &envelope) {
        return Ok(envelope);
    }
    let grants = of_caller(tx, caller, now).await?;
    if grants.iter().any(|grant| covers(grant, caller, &envelope)) {
        Ok(envelope)
    } else {
        Err(not_found("envelope.unknown").into())
    }
}

/// The grants by which the caller may consent now for a body that is asked.
pub(super) async fn offered(
    tx: &mut dyn Transaction,
    caller: &Credential,
    envelope: &Envelope,
    now: Timestamp,
) -> Result<Vec<Grant>, TxError> {
    let mut grants = of_caller(tx, caller, now).await?;
    grants.retain(|grant| {
        grant.state(now) == GrantState::InForce
            && covers(grant, caller, envelope)
            && envelope.asked_of(&grant.owner, now).next().is_some()
    });
    Ok(grants)
}

/// Whether the grant is by a body that takes part, and for a license of this kind, which the caller may deal with.
pub(super) fn covers(grant: &Grant, caller: &Credential, envelope: &Envelope) -> bool {
    envelope.involves(&grant.owner)
        && grant.kinds.contains(&envelope.kind)
        && caller.kinds.allows(&envelope.kind)
}

/// Refuses one who decides twice: by a grant for a party while it takes part itself, or for two parties by two grants.
pub(super) async fn nobody_twice(
    tx: &mut dyn Transaction,
    caller: &Credential,
    envelope: &Envelope,
    by: Option<&Grant>,
) -> Result<(), TxError> {
    let own = caller.department.as_deref();
    let takes_part = |body: &str| {
        envelope.parties.iter().any(|party| party.body.as_deref() == Some(body))
            || envelope.delegations.iter().any(|delegation| delegation.to == body)
    };
    if let Some(grant) = by
        && own.is_some_and(|body| body != grant.owner && takes_part(body))
    {
        return Err(twice().into());
    }
    for (_, consent) in envelope.consents() {
        let Some(id) = &consent.grant else { continue };
        let other = tx.grant(id).await?.ok_or_else(|| not_found("grant.unknown"))?;
        let same_body = |body: &str| matches!(&other.grantee, Grantee::Body(to) if to == body);
        let again = consent.by == caller.id
            || own.is_some_and(same_body)
            || by.is_some_and(|grant| grant.grantee == other.grantee);
        if again {
            return Err(twice().into());
        }
    }
    Ok(())
}

fn twice() -> Refusal {
    conflict("envelope.grantee_takes_part")
}

/// Counts the consent. What is refused here was granted a moment ago: somebody else took the last use, or it was withdrawn.
pub(super) async fn count(
    tx: &mut dyn Transaction,
    grant: &Grant,
    kind: &str,
    signed: &SignedConsent,
) -> Result<(), TxError> {
    let used = GrantUse {
        grant: grant.id.clone(),
        subject: UseSubject::Consent { envelope: signed.envelope.clone(), version: signed.version },
        kind: kind.to_owned(),
        by: signed.consent.by.clone(),
        at: signed.consent.at,
        outcome: UseOutcome::Done,
    };
    if tx.take_grant_use(&used).await? {
        return Ok(());
    }
    let now = tx.grant(&grant.id).await?.ok_or_else(|| not_found("grant.unknown"))?;
    now.check(&signed.consent.seal, kind, signed.consent.at, false)?;
    Err(conflict("grant.changed").into())
}
