//! Spaces (一人一档、一企一档): what is a person's or an enterprise's, and who used what of it.

use super::error::{forbidden, not_found};
use super::list_licenses::{self, Slice};
use super::{AppError, Service, access, draw_seal, inputs};
use crate::domain::business::Business;
use crate::domain::grant::Grant;
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::Refusal;
use crate::domain::seal::{Seal, SealCode};
use crate::domain::space::{Use, Used};
use crate::domain::time::Timestamp;
use crate::ports::store::{self, Transaction, TxError};

/// Most seals and grants that a space shows.
const MOST: u32 = 200;

/// What is one's own.
pub struct Space {
    /// The enterprise, where it is one's.
    pub business: Option<Business>,
    /// Its licenses, newest first.
    pub licenses: Slice,
    /// Its seals, by code; those that are no more among them.
    pub seals: Vec<Seal>,
    /// Grants on its seals, newest first. An employee sees those given to it.
    pub grants: Vec<Grant>,
    /// Who used what, newest first. An employee does not see it.
    pub uses: Vec<Use>,
}

/// The caller's own space.
pub async fn run(service: &Service, caller: &Credential, rows: Option<u32>) -> Result<Space, AppError> {
    let owner = owner(caller)?;
    let whole = caller.role != Role::Sealer;
    let licenses = if whole {
        let request = list_licenses::Request { limit: rows, ..list_licenses::Request::default() };
        list_licenses::run(service, caller, request).await?
    } else {
        Slice { licenses: Vec::new(), next: None }
    };
    let rows = inputs::rows(rows);
    let persons = &persons(service, caller);
    // What others did with one's own things is read here; that is itself no use of them.
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let business = match &caller.business {
                Some(code) => tx.business(code).await?,
                None => None,
            };
            let mut seals = tx.seals(Some(owner), "", MOST).await?;
            for pseudonym in persons {
                seals.extend(tx.person_seals(pseudonym, MOST).await?);
            }
            let (grants, uses) = if whole {
                (tx.grants_of_owner(owner, None, MOST).await?, tx.uses(owner, None, rows).await?)
            } else {
                (tx.grants_to_credential(&caller.id, None, MOST).await?, Vec::new())
            };
            Ok((business, seals, grants, uses))
        })
    });
    let (business, seals, grants, uses) = found.await?;
    Ok(Space { business, licenses, seals, grants, uses })
}

/// The picture of one of the caller's own seals, as SVG.
pub async fn picture(service: &Service, caller: &Credential, code: &SealCode) -> Result<String, AppError> {
    let (owner, persons) = (owner(caller)?, &persons(service, caller));
    let own = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            if tx.seal(code).await?.is_some_and(|seal| seal.owner_code == owner) {
                return Ok(true);
            }
            for pseudonym in persons {
                if tx.person_seals(pseudonym, MOST).await?.iter().any(|seal| seal.code == *code) {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    });
    let means = if own.await? { service.seal_means(code).await? } else { None };
    let means = means.ok_or_else(|| not_found("seal.unknown"))?;
    Ok(draw_seal::svg(&means.picture))
}

/// A place in the list of uses: when the last one was, and which.
pub type UsePlace = (Timestamp, String);

/// Reads a place from text.
pub fn place(text: &str) -> Option<UsePlace> {
    let (micros, id) = text.split_once(' ')?;
    Some((Timestamp::from_micros(micros.parse().ok()?), id.to_owned()))
}

/// A place as text: behind this use.
pub fn behind(used: &Use) -> String {
    format!("{} {}", used.at.micros(), used.id)
}

/// Who used what of the caller's own, newest first.
pub async fn uses(
    service: &Service,
    caller: &Credential,
    before: Option<&UsePlace>,
    limit: Option<u32>,
) -> Result<Vec<Use>, AppError> {
    let owner = owner(caller)?;
    access::only(caller, &[Role::Holder, Role::CompanyManager])?;
    let (before, limit) = (before.map(|(at, id)| (*at, id.as_str())), inputs::rows(limit));
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.uses(owner, before, limit).await?) })
    });
    Ok(found.await?)
}

/// What stands for an identity number where a person's seals are noted, the newest first.
pub(crate) fn pseudonyms(service: &Service, number: &str) -> Vec<[u8; 32]> {
    service.vault.pseudonyms("person", number.as_bytes())
}

/// What the caller is known by where a person's seals are noted: a holder may be a person, whose seals do not name it.
fn persons(service: &Service, caller: &Credential) -> Vec<[u8; 32]> {
    let number = caller.holder.as_deref().filter(|_| caller.role == Role::Holder);
    number.map(|number| pseudonyms(service, number)).unwrap_or_default()
}

/// Whose space the caller sees.
pub(super) fn owner(caller: &Credential) -> Result<&str, Refusal> {
    match caller.role {
        Role::Holder => caller.holder.as_deref(),
        Role::CompanyManager | Role::Sealer => caller.business.as_deref(),
        _ => None,
    }
    .ok_or_else(|| forbidden("permit.role"))
}

/// Notes a use in its owner's space, in the transaction that made it; gives its identity.
pub(crate) async fn note(
    tx: &mut dyn Transaction,
    service: &Service,
    (owner, by): (&str, &Credential),
    what: Used,
    now: Timestamp,
) -> Result<String, TxError> {
    let id = hex::encode(service.random.bytes::<16>());
    note_as(tx, id, (owner, by), what, now).await
}

/// As [`note`], under an identity of the caller's.
pub(crate) async fn note_as(
    tx: &mut dyn Transaction,
    id: String,
    (owner, by): (&str, &Credential),
    what: Used,
    now: Timestamp,
) -> Result<String, TxError> {
    let used = Use { id, owner: owner.to_owned(), at: now, by: by.id.clone(), label: by.label.clone(), what };
    tx.add_use(&used).await?;
    Ok(used.id)
}
