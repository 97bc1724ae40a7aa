//! A counter or an institution asks for what a matter needs; a holder says yes or no, or a trusted verifier of faces says who
//! stands at the counter. A yes is a showing that the requester has redeemed already.

mod answer;
pub mod face;
mod look;
pub mod materials;
pub(in crate::app) mod open;
mod watch;

pub use answer::{Choice, Yes, approve, decline};
pub use look::{Fitting, Look, look};
pub use open::{Only, Opened, Question, open};
pub use watch::{Watched, disclosed, matters, watch, withdraw};

use super::redeem_show_code::{self, Shown};
use super::{AppError, Service, audit};
use crate::crypto::sha256;
use crate::domain::handle::NotAHandle;
use crate::domain::license::{License, Standing};
use crate::domain::party::Credential;
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::show_code::{Part, Redemption, Showing, Way};
use crate::domain::show_request::{Asked, Ended, Ending, Over, RequestCode, ShowRequest};
use crate::domain::time::Timestamp;
use crate::ports::store::{LicenseFilter, Page, Transaction, TxError};
use serde_json::json;

/// Most licenses of one kind that a holder is offered.
const MOST_FITTING: u32 = 50;

/// Why a request is not open any more.
fn why_over(over: Over) -> Refusal {
    let code = match over {
        Over::Expired => "ask.expired",
        Over::Ended(Ending::Approved) => "ask.approved",
        Over::Ended(Ending::Declined) => "ask.declined",
        Over::Ended(Ending::Withdrawn) => "ask.withdrawn",
        Over::Ended(Ending::Mismatched) => "ask.mismatched",
    };
    Refusal::new(RefusalClass::Gone, code)
}

fn unknown() -> Refusal {
    Refusal::new(RefusalClass::NotFound, "ask.unknown")
}

/// Reads a handle; what it names is asked for by its hash. Whoever tries handles that do not exist is stopped after some.
fn hash_of(service: &Service, caller: &Credential, code: &str) -> Result<[u8; 32], AppError> {
    service.guesses.check(&caller.id, service.clock.now())?;
    let code = RequestCode::parse(code).map_err(|why| {
        let code = match why {
            NotAHandle::Form => "ask.not_a_code",
            NotAHandle::Check => "ask.misread",
        };
        Refusal::new(RefusalClass::Invalid, code)
    })?;
    Ok(sha256(code.digits().as_bytes()))
}

/// Counts a try of a handle that does not exist.
fn count_guess<T>(service: &Service, caller: &Credential, outcome: &Result<T, AppError>) {
    if let Err(AppError::Refused(refusal)) = outcome
        && refusal.code == "ask.unknown"
    {
        service.guesses.count(&caller.id, service.clock.now());
    }
}

/// The request behind a handle, if it is open.
async fn open_one(tx: &mut dyn Transaction, hash: &[u8; 32], now: Timestamp) -> Result<ShowRequest, TxError> {
    let request = tx.request_by_code(hash).await?.ok_or_else(unknown)?;
    request.check_open(now).map_err(why_over)?;
    Ok(request)
}

/// Ends a request, or says what ended it before.
async fn end(tx: &mut dyn Transaction, request: &ShowRequest, ended: &Ended) -> Result<(), TxError> {
    if tx.end_request(&request.id, ended).await? {
        return Ok(());
    }
    // Serializable transactions let nobody in between; should a store do, the first end stands.
    let now = tx.request(&request.id).await?.and_then(|known| known.check_open(ended.at).err());
    Err(why_over(now.unwrap_or(Over::Expired)).into())
}

/// A holder's licenses of a kind that are in force, newest first.
async fn fitting(
    tx: &mut dyn Transaction,
    holder: &str,
    kind: &str,
    now: Timestamp,
) -> Result<Vec<License>, TxError> {
    let filter = LicenseFilter {
        holder: Some(holder.to_owned()),
        kind: Some(kind.to_owned()),
        ..LicenseFilter::default()
    };
    let found = tx.licenses(&filter, &Page { after: None, limit: MOST_FITTING }).await?;
    Ok(found.into_iter().filter(|license| license.standing(now) == Standing::InForce).collect())
}

/// A yes: whose, by whom, what.
struct Answer<'a> {
    holder: &'a str,
    /// Who said it (credential id).
    by: &'a str,
    way: Way,
    parts: Vec<Part>,
    materials: Vec<String>,
    /// What of the audit line is said beside the rest.
    told: serde_json::Value,
}

/// Fields of a license in the order of its kind: those asked for and, of the optional ones, those chosen.
fn fields_shown(service: &Service, asked: &Asked, chosen: &[String]) -> Vec<String> {
    let shown = |name: &String| {
        asked.required.contains(name) || (asked.optional.contains(name) && chosen.contains(name))
    };
    let kind = service.kinds.get(&asked.kind);
    let names = kind.into_iter().flat_map(|kind| &kind.fields).map(|field| &field.name);
    names.filter(|name| shown(name)).cloned().collect()
}

/// Carries out a yes: the showing, redeemed already by who asked, the end of the request, what the holder and others are told,
/// in one transaction.
async fn carry_out(
    tx: &mut dyn Transaction,
    service: &Service,
    request: &ShowRequest,
    answer: Answer<'_>,
    now: Timestamp,
) -> Result<Showing, TxError> {
    let matter = service.asking.matters.get(&request.matter);
    let matter = matter.ok_or_else(|| Refusal::new(RefusalClass::NotFound, "ask.unknown_matter"))?;
    let requester = tx.credential(&request.by).await?.filter(|known| known.is_usable(now));
    // Nobody is there any more who could read it.
    let requester = requester.ok_or_else(|| why_over(Over::Ended(Ending::Withdrawn)))?;
    let reasons: Vec<&str> = (matter.needs.iter())
        .filter(|need| request.asked.iter().any(|asked| asked.kind == need.kind))
        .filter_map(|need| need.reason.as_ref().map(|reason| reason.zh.as_str()))
        .collect();
    let showing = Showing {
        id: hex::encode(service.random.bytes::<12>()),
        code_hash: None,
        parts: answer.parts,
        way: answer.way,
        reason: (!reasons.is_empty()).then(|| reasons.join("；")),
        holder: answer.holder.to_owned(),
        shown_by: answer.by.to_owned(),
        purpose: matter.title.zh.clone(),
        created_at: now,
        expires_at: now,
        withdrawn_at: None,
        redeemed: Some(Redemption {
            by: request.by.clone(),
            label: request.asker(),
            at: now,
            matter: matter.title.zh.clone(),
        }),
    };
    tx.insert_showing(&showing).await?;
    let ended = Ended {
        how: Ending::Approved,
        at: now,
        showing: Some(showing.id.clone()),
        materials: answer.materials,
    };
    end(tx, request, &ended).await?;
    let detail = json!({
        "showing": showing.id, "matter": request.matter, "way": showing.way.name(), "materials": ended.materials,
        "told": answer.told,
    });
    tx.append_audit(&audit::line(now, answer.by, "request.approve", &request.id, &detail)).await?;
    for part in &showing.parts {
        let detail = json!({ "showing": showing.id, "request": request.id, "fields": part.fields });
        let id = part.license.as_str();
        tx.append_audit(&audit::line(now, answer.by, "license.show", id, &detail)).await?;
    }
    // The holder reads who asked as it was registered, with the counter.
    let asker = Credential { label: request.asker(), ..requester };
    let shown = shown(&mut *tx, service, &showing, now).await?;
    redeem_show_code::note(tx, service, (answer.holder, &asker), &shown, &matter.title.zh).await?;
    Ok(showing)
}

/// What a showing shows.
async fn shown(
    tx: &mut dyn Transaction,
    service: &Service,
    showing: &Showing,
    at: Timestamp,
) -> Result<Shown, TxError> {
    let licenses = redeem_show_code::disclose(tx, service, showing, at).await?;
    let Showing { id, way, purpose, reason, .. } = showing.clone();
    // Requests are answered by the holder alone.
    Ok(Shown { showing: id, way, purpose, reason, deputy: None, licenses, redeemed_at: showing.created_at })
}
