//! What is done to a seal after it was asked for: approved (the second approval makes key and X.509 certificate), rejected,
//! suspended, resumed, cancelled, voided. What takes two people waits for the second one.

use super::end_seal::{self, Ending};
use super::error::{conflict, not_found};
use super::make_seal::{self, Made};
use super::steps::SealStep;
use super::{AppError, Service, access, audit, inputs, list_seals};
use crate::domain::party::{Credential, Person, Role};
use crate::domain::refusal::Refusal;
use crate::domain::seal::{
    APPROVAL_LASTS, Approval, Decision, Seal, SealAct, SealCode, SealEvent, SealState, Wish, pending,
};
use crate::domain::time::Timestamp;
use crate::ports::store::{self, AuditLine, OutboxEvent, StoreError, Transaction, TxError};
use serde_json::json;
use std::sync::Arc;

/// An act on a seal.
pub struct Request {
    /// Which seal.
    pub seal: SealCode,
    /// What to do.
    pub act: SealAct,
    /// Why; needed for all acts but approval, 2 to 200 characters.
    pub reason: String,
    /// Revision of the seal that the caller looked at, if it is to be that one.
    pub revision: Option<u32>,
    /// The caller knows that an earlier approval ran out and gives the first of new ones.
    pub anew: bool,
}

impl Request {
    /// An act on a seal as it is.
    pub fn new(seal: SealCode, act: SealAct, reason: &str) -> Self {
        Self { seal, act, reason: reason.to_owned(), revision: None, anew: false }
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Acted {
    /// The seal as it stands now.
    pub seal: Seal,
    /// The approvals that wait for another one; none if the act was carried out.
    pub waiting: Vec<Approval>,
}

/// Does it, or takes it as one of the approvals that it needs.
pub async fn run(service: &Arc<Service>, caller: &Credential, request: Request) -> Result<Acted, AppError> {
    let outcome = act(service, caller, &request).await;
    if let Err(AppError::Refused(refusal)) = &outcome {
        let line = line(service.clock.now(), caller, &request, false);
        let refused = AuditLine { outcome: refusal.code.to_owned(), ..line };
        audit::append(service, &refused).await?;
    }
    outcome
}

fn line(now: Timestamp, caller: &Credential, request: &Request, waits: bool) -> AuditLine {
    let action = format!("seal.{}", request.act.name());
    let detail = if waits { json!({ "waits": true }) } else { audit::nothing() };
    audit::line(now, &caller.id, &action, request.seal.as_str(), &detail)
}

async fn act(service: &Arc<Service>, caller: &Credential, request: &Request) -> Result<Acted, AppError> {
    access::only(caller, &[Role::SealAdministrator])?;
    let mut faults = Vec::new();
    let least = if request.act == SealAct::Approve { 0 } else { 2 };
    let reason = inputs::line("/reason", &request.reason, least, 200, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let now = service.clock.now();
    // 1. May this caller do this to the seal as it is, and is it enough?
    let (seal, decision) = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(
            async move { look(tx, caller, request, now).await.map(|(seal, decision, _)| (seal, decision)) },
        )
    })
    .await?;
    let approval = Approval {
        seal: request.seal.clone(),
        act: request.act,
        revision: seal.revision,
        by: caller.id.clone(),
        person: Person::of(caller),
        at: now,
        expires: now.plus(APPROVAL_LASTS),
        reason: reason.clone(),
    };
    let (seal, state) = match decision {
        Decision::Done(state) => (seal, state),
        // 2. One of two. If the other one came in between, this is the one that was missing.
        Decision::Waits => match wait(service, caller, request, &approval, now).await? {
            Waited::Waits(acted) => return Ok(*acted),
            Waited::Enough(seal, state) => (*seal, state),
        },
    };
    carry_out(service, caller, request, (seal, state), approval).await
}

/// The seal as it is, what comes of the request, and the approvals that wait.
async fn look(
    tx: &mut dyn Transaction,
    caller: &Credential,
    request: &Request,
    now: Timestamp,
) -> Result<(Seal, Decision, Vec<Approval>), TxError> {
    let seal = tx.seal(&request.seal).await?.filter(|seal| access::administers(caller, seal));
    let seal = seal.ok_or_else(|| not_found("seal.unknown"))?;
    // An approval counts as long as whoever gave it may act: a credential that was withdrawn approves nothing any more.
    let mut waiting = Vec::new();
    for approval in pending(&seal, &tx.seal_approvals(&request.seal).await?) {
        if tx.credential(&approval.by).await?.is_some_and(|by| by.is_usable(now)) {
            waiting.push(approval.clone());
        }
    }
    let applicant = list_seals::applicant(tx, &seal).await?;
    let (revision, anew) = (request.revision, request.anew);
    let wish = Wish { act: request.act, by: &Person::of(caller), applicant: &applicant, revision, anew };
    let decision = seal.decide(&wish, &waiting, now)?;
    Ok((seal, decision, waiting))
}

enum Waited {
    /// The approval is kept.
    Waits(Box<Acted>),
    /// It is not needed to keep it: with those that are there it is enough.
    Enough(Box<Seal>, SealState),
}

/// Keeps the approval, having looked once more in the same transaction: of two who come at once one waits, and the other one
/// finds that nobody else is needed.
async fn wait(
    service: &Service,
    caller: &Credential,
    request: &Request,
    approval: &Approval,
    now: Timestamp,
) -> Result<Waited, AppError> {
    let line = line(now, caller, request, true);
    let body = json!({ "act": request.act.name() });
    let outbox = audit::event(service, now, "seal.approval_given", request.seal.as_str(), &body);
    let (line, outbox) = (&line, &outbox);
    let waited = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let (seal, decision, mut waiting) = look(tx, caller, request, now).await?;
            if let Decision::Done(state) = decision {
                return Ok(Waited::Enough(Box::new(seal), state));
            }
            let approval = Approval { revision: seal.revision, ..approval.clone() };
            keep(tx, &approval).await?;
            tx.append_audit(line).await?;
            tx.append_event(&outbox.clone().concerning([&seal.owner_code])).await?;
            waiting.retain(|given| (given.act, &given.person) != (approval.act, &approval.person));
            waiting.push(approval);
            Ok(Waited::Waits(Box::new(Acted { seal, waiting })))
        })
    });
    Ok(waited.await?)
}

async fn keep(tx: &mut dyn Transaction, approval: &Approval) -> Result<(), TxError> {
    match tx.add_seal_approval(approval).await {
        // What the decision was made on is no longer so.
        Err(StoreError::Exists(_)) => Err(conflict("seal.changed").into()),
        other => Ok(other?),
    }
}

/// A seal on its way from one state to another.
struct Change<'s> {
    before: Seal,
    after: Seal,
    endings: Vec<Ending<'s>>,
}

impl Change<'_> {
    fn event(&self, by: &str, reason: &str, at: Timestamp) -> SealEvent {
        SealEvent {
            seal: self.after.code.clone(),
            state: self.after.state,
            at,
            by: by.to_owned(),
            reason: reason.to_owned(),
        }
    }
}

async fn carry_out(
    service: &Arc<Service>,
    caller: &Credential,
    request: &Request,
    (before, state): (Seal, SealState),
    approval: Approval,
) -> Result<Acted, AppError> {
    service.steps.seal_reached(SealStep::Decided);
    let now = approval.at;
    let approval = Approval { revision: before.revision, ..approval };
    let mut after = Seal { state, revision: before.revision + 1, ..before.clone() };
    // 3. The last approval makes the keys, then their X.509 certificates. All are useless until step 4 commits.
    let (mut made, mut old) = (Vec::new(), None);
    if request.act == SealAct::Approve {
        after.approved_by = Some(caller.id.clone());
        // The period that was asked for begins with the approval.
        after.valid_from = now.whole_second();
        after.valid_until = after.valid_from.plus(before.valid_until.since(before.valid_from));
        old = replaced(service, &after, now).await?;
        let (maker, seal) = (Arc::clone(service), after.clone());
        let means = service.seal_means(&before.code).await?.ok_or_else(|| not_found("seal.unknown"))?;
        let making = tokio::task::spawn_blocking(move || make_seal::run(&maker, &seal, &means.picture));
        let credentials = making.await??;
        after.valid_until = credentials.valid_until;
        made = credentials.made;
        service.steps.seal_reached(SealStep::Made);
    }
    let endings = end_seal::endings(service, &after, now).await?;
    let mut changes = vec![Change { before, after: after.clone(), endings }];
    changes.extend(old);
    // 4. One transaction.
    let kept = (request.act.people() > 1).then_some(&approval);
    let line = line(now, caller, request, false);
    commit(service, &changes, &made, kept, (&line, &approval)).await?;
    service.steps.seal_reached(SealStep::Committed);
    // 5. Revocations are published.
    for change in &changes {
        end_seal::publish(service, &change.endings, now).await;
    }
    Ok(Acted { seal: after, waiting: Vec::new() })
}

/// The seal that this one takes the place of, on its way out.
async fn replaced<'s>(
    service: &'s Service,
    seal: &Seal,
    now: Timestamp,
) -> Result<Option<Change<'s>>, AppError> {
    let Some(code) = &seal.replaces else { return Ok(None) };
    let found =
        store::read(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.seal(code).await?) }));
    let before = found.await?.ok_or_else(|| not_found("seal.unknown"))?;
    let after = before.give_way(&seal.code)?;
    let endings = end_seal::endings(service, &after, now).await?;
    Ok(Some(Change { before, after, endings }))
}

/// Seals, credentials, history, audit line and events together. The approval is kept as long as the seal is at its revision.
async fn commit(
    service: &Service,
    changes: &[Change<'_>],
    made: &[Made],
    kept: Option<&Approval>,
    (line, approval): (&AuditLine, &Approval),
) -> Result<(), AppError> {
    let body = json!({ "act": approval.act.name() });
    let topic = |change: &Change<'_>| format!("seal.{}", change.after.state.name());
    let outbox: Vec<OutboxEvent> = changes
        .iter()
        .map(|change| {
            let event = audit::event(service, approval.at, &topic(change), change.after.code.as_str(), &body);
            event.concerning([&change.after.owner_code])
        })
        .collect();
    let outbox = &outbox;
    store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            if let Some(approval) = kept {
                keep(tx, approval).await?;
            }
            for (change, event) in changes.iter().zip(outbox) {
                if !tx.update_seal(&change.after, change.before.revision).await? {
                    return Err(conflict("seal.changed").into());
                }
                end_seal::revoke(tx, &change.endings).await?;
                tx.add_seal_event(&change.event(&approval.by, &approval.reason, approval.at)).await?;
                tx.append_event(event).await?;
            }
            for made in made {
                tx.insert_x509(&made.x509).await?;
                tx.insert_seal_credential(&approval.seal, &made.credential).await?;
            }
            Ok(tx.append_audit(line).await?)
        })
    })
    .await?;
    Ok(())
}
