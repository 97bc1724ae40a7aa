//! Lets somebody else use a seal (用印授权).

use super::error::{forbidden, not_found};
use super::{AppError, Service, access, audit, inputs};
use crate::domain::grant::{Grant, GrantId, Grantee};
use crate::domain::party::{Credential, Department, Role};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::seal::{Seal, SealCode};
use crate::domain::time::{Date, Timestamp};
use crate::ports::random::Random;
use crate::ports::store::{self, Transaction, TxError};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// Most kinds of one grant.
const MOST_KINDS: usize = 50;
/// Most uses that can be counted.
const MOST_USES: u32 = 1_000_000;
const DAY: Duration = Duration::from_secs(86_400);
/// Most days of a grant, and most days before it begins.
const MOST_DAYS: u32 = 3 * 365;

/// What is granted.
pub struct Request {
    /// The seal.
    pub seal: SealCode,
    /// Who may use it.
    pub grantee: Grantee,
    /// For which license kinds; none only where it is for documents.
    pub kinds: Vec<String>,
    /// Whether documents that the grantee brings may be sealed.
    pub documents: bool,
    /// First day; from now on, if it is not said.
    pub from: Option<Date>,
    /// Last day.
    pub until: Date,
    /// How often at most; any number, if it is not said.
    pub most: Option<u32>,
    /// Why.
    pub reason: String,
}

/// Grants it.
pub async fn run(service: &Service, caller: &Credential, request: Request) -> Result<Grant, AppError> {
    let subject = request.seal.as_str().to_owned();
    let line = audit::line(service.clock.now(), &caller.id, "seal.grant", &subject, &audit::nothing());
    let outcome = grant(service, caller, request).await;
    audit::refused(service, line, outcome).await
}

async fn grant(service: &Service, caller: &Credential, request: Request) -> Result<Grant, TxError> {
    access::only(caller, &[Role::SealAdministrator, Role::CompanyManager])?;
    let now = service.clock.now();
    let mut faults = Vec::new();
    let reason = inputs::line("/reason", &request.reason, 2, 200, &mut faults);
    let from = request.from.map_or(now, |day| Timestamp::start_of(day).max(now));
    let until = Timestamp::start_of(request.until).plus(DAY);
    period(now, from, until, &mut faults);
    if request.most.is_some_and(|most| !(1..=MOST_USES).contains(&most)) {
        faults.push(Fault::at("/most", "number.out_of_range").with("min", 1).with("max", MOST_USES));
    }
    let kinds: BTreeSet<&String> = request.kinds.iter().collect();
    let least = usize::from(!request.documents);
    if kinds.len() != request.kinds.len() || !(least..=MOST_KINDS).contains(&kinds.len()) {
        faults.push(Fault::at("/kinds", "grant.kinds").with("max", MOST_KINDS));
    }
    let random: &dyn Random = service.random.as_ref();
    let id = &GrantId::new(now, random.bytes());
    let (request, faults, reason) = (&request, &faults, &reason);
    store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let seal = tx.seal(&request.seal).await?.filter(|seal| access::lends(caller, seal));
            let seal = seal.ok_or_else(|| not_found("seal.unknown"))?;
            seal.check_usable(now)?;
            let mut faults = faults.clone();
            if caller.role == Role::CompanyManager {
                check_of_company(&mut *tx, request, &seal, now, &mut faults).await?;
            } else {
                let owner = tx.department(&seal.owner_code).await?;
                let owner = owner.ok_or_else(|| forbidden("grant.no_department"))?;
                check_kinds(service, &owner, &request.kinds, &mut faults);
                check_grantee(&mut *tx, &request.grantee, &seal, now, &mut faults).await?;
            }
            if !faults.is_empty() {
                return Err(Refusal::invalid(faults).into());
            }
            let grant = Grant {
                id: id.clone(),
                seal: seal.code,
                owner: seal.owner_code,
                grantee: request.grantee.clone(),
                kinds: request.kinds.clone(),
                documents: request.documents,
                from,
                until,
                most: request.most,
                used: 0,
                granted_by: caller.id.clone(),
                granted_at: now,
                reason: reason.clone(),
                withdrawn: None,
            };
            tx.insert_grant(&grant).await?;
            let body = json!({ "grant": id.as_str(), "kinds": grant.kinds, "documents": grant.documents });
            tx.append_audit(&audit::line(now, &caller.id, "seal.grant", grant.seal.as_str(), &body)).await?;
            let event = audit::event(service, now, "seal.granted", grant.seal.as_str(), &body);
            tx.append_event(&event.concerning(grant.concerned())).await?;
            Ok(grant)
        })
    })
    .await
}

fn period(now: Timestamp, from: Timestamp, until: Timestamp, faults: &mut Vec<Fault>) {
    let longest = DAY * MOST_DAYS;
    if until <= from {
        faults.push(Fault::at("/until", "grant.period_empty"));
    } else if from > now.plus(longest) || until > from.plus(longest + DAY) {
        faults.push(Fault::at("/until", "grant.period_too_long").with("days", MOST_DAYS));
    }
}

/// Kinds that the owner itself may issue, or that several seal: whether it is one of them is each envelope's matter.
fn check_kinds(service: &Service, owner: &Department, kinds: &[String], faults: &mut Vec<Fault>) {
    for (place, name) in kinds.iter().enumerate().take(MOST_KINDS) {
        let pointer = format!("/kinds/{place}");
        match service.kinds.get(name) {
            None => faults.push(Fault::at(pointer, "kind.unknown")),
            Some(kind) if kind.sealing.is_none() && kind.issuer != owner.responsibility => {
                faults.push(Fault::at(pointer, "permit.not_responsible"));
            }
            Some(_) => {}
        }
    }
}

async fn check_grantee(
    tx: &mut dyn Transaction,
    grantee: &Grantee,
    seal: &Seal,
    now: Timestamp,
    faults: &mut Vec<Fault>,
) -> Result<(), TxError> {
    match grantee {
        Grantee::Body(body) if *body == seal.owner_code => faults.push(Fault::at("/body", "grant.to_owner")),
        Grantee::Body(body) => {
            if tx.department(body).await?.is_none() {
                faults.push(Fault::at("/body", "department.unknown"));
            }
        }
        Grantee::Credential(id) => {
            let found = tx.credential(id).await?.filter(|credential| credential.is_usable(now));
            if !found.is_some_and(|found| matches!(found.role, Role::Department | Role::Clerk)) {
                faults.push(Fault::at("/credential", "grant.credential_unfit"));
            }
        }
    }
    Ok(())
}

/// A company lends its seals for documents alone, and to its own people alone.
async fn check_of_company(
    tx: &mut dyn Transaction,
    request: &Request,
    seal: &Seal,
    now: Timestamp,
    faults: &mut Vec<Fault>,
) -> Result<(), TxError> {
    let company = tx.business(&seal.owner_code).await?.ok_or_else(|| not_found("business.unknown"))?;
    company.check_changeable(None)?;
    if !request.kinds.is_empty() {
        faults.push(Fault::at("/kinds", "grant.documents_only"));
    }
    if !request.documents {
        faults.push(Fault::at("/documents", "grant.documents_only"));
    }
    let Grantee::Credential(id) = &request.grantee else {
        faults.push(Fault::at("/body", "grant.to_employees_only"));
        return Ok(());
    };
    let found = tx.credential(id).await?.filter(|credential| credential.is_usable(now));
    let is_employee =
        |found: &Credential| found.role == Role::Sealer && found.business.as_ref() == Some(&company.code);
    if !found.is_some_and(|found| is_employee(&found)) {
        faults.push(Fault::at("/credential", "grant.to_employees_only"));
    }
    Ok(())
}
