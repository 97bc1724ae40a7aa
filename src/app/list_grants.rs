//! Reads grants and their uses: for the seal's owner, for whom they name, for auditors.

use super::error::not_found;
use super::{AppError, Service, access, inputs};
use crate::domain::grant::{Grant, GrantId, GrantState, GrantUse, UseSubject};
use crate::domain::party::{Credential, Role};
use crate::domain::permit;
use crate::domain::seal::SealCode;
use crate::domain::time::Timestamp;
use crate::ports::store;

/// Who may see grants.
const READERS: [Role; 6] = [
    Role::Department,
    Role::SealAdministrator,
    Role::Clerk,
    Role::Auditor,
    Role::CompanyManager,
    Role::Sealer,
];

/// A place in a list of uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsePlace(Timestamp, UseSubject);

impl UsePlace {
    /// Behind this use.
    pub fn behind(used: &GrantUse) -> Self {
        Self(used.at, used.subject.clone())
    }

    /// Its text.
    pub fn to_text(&self) -> String {
        format!("{}:{}", self.0.micros(), self.1.to_text())
    }

    /// Reads its text.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, subject) = text.split_once(':')?;
        Some(Self(Timestamp::from_micros(at.parse().ok()?), UseSubject::parse(subject)?))
    }
}

/// Grants of a seal, newest first, from behind `before`.
pub async fn of_seal(
    service: &Service,
    caller: &Credential,
    seal: &SealCode,
    before: Option<&GrantId>,
    limit: Option<u32>,
) -> Result<Vec<Grant>, AppError> {
    access::only(caller, &READERS)?;
    let limit = inputs::rows(limit);
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let owned = tx.seal(seal).await?.filter(|seal| may_see_all(caller, &seal.owner_code));
            owned.ok_or_else(|| not_found("seal.unknown"))?;
            Ok(tx.grants_of_seal(seal, before, limit).await?)
        })
    })
    .await?;
    Ok(found)
}

/// Grants that name the caller or the body it acts for, newest first, from behind `before`.
pub async fn to_caller(
    service: &Service,
    caller: &Credential,
    before: Option<&GrantId>,
    limit: Option<u32>,
) -> Result<Vec<Grant>, AppError> {
    access::only(caller, &READERS)?;
    let limit = inputs::rows(limit);
    let body = caller.department.as_deref().filter(|_| caller.role == Role::Department);
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let mut found = tx.grants_to_credential(&caller.id, before, limit).await?;
            if let Some(body) = body {
                found.extend(tx.grants_to_body(body, before, limit).await?);
            }
            found.sort_by(|one, other| other.id.cmp(&one.id));
            found.truncate(limit as usize);
            Ok(found)
        })
    })
    .await?;
    Ok(found)
}

/// Grants under which the caller may issue licenses of kinds that one department seals, at this moment.
pub async fn to_issue_under(service: &Service, caller: &Credential) -> Result<Vec<Grant>, AppError> {
    let now = service.clock.now();
    let mut found = to_caller(service, caller, None, Some(inputs::MOST_ROWS)).await?;
    found.retain(|grant| {
        grant.state(now) == GrantState::InForce && permit::is_granted_to(caller, grant).is_ok()
    });
    for grant in &mut found {
        let of_one = |kind: &String| service.kinds.get(kind).is_some_and(|kind| kind.sealing.is_none());
        grant.kinds.retain(|kind| of_one(kind) && caller.kinds.allows(kind));
    }
    found.retain(|grant| !grant.kinds.is_empty());
    Ok(found)
}

/// One grant.
pub async fn one(service: &Service, caller: &Credential, id: &GrantId) -> Result<Grant, AppError> {
    access::only(caller, &READERS)?;
    let found =
        store::glance(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.grant(id).await?) }))
            .await?;
    let seen =
        |grant: &Grant| may_see_all(caller, &grant.owner) || permit::is_granted_to(caller, grant).is_ok();
    Ok(found.filter(seen).ok_or_else(|| not_found("grant.unknown"))?)
}

/// Uses of a grant, oldest first, from behind `after`.
pub async fn uses(
    service: &Service,
    caller: &Credential,
    id: &GrantId,
    after: Option<&UsePlace>,
    limit: Option<u32>,
) -> Result<Vec<GrantUse>, AppError> {
    one(service, caller, id).await?;
    let after = after.map(|UsePlace(at, subject)| (*at, subject));
    let limit = inputs::rows(limit);
    let found = store::glance(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.grant_uses(id, after, limit).await?) })
    })
    .await?;
    Ok(found)
}

fn may_see_all(caller: &Credential, owner: &str) -> bool {
    match caller.role {
        Role::Auditor => true,
        Role::SealAdministrator => caller.department.as_deref().is_none_or(|own| own == owner),
        Role::Department | Role::CompanyManager => permit::acts_for(caller, owner),
        Role::Clerk | Role::Holder | Role::Institution | Role::Operator | Role::Sealer => false,
    }
}
