//! Kiosks (自助终端): a clerk's or an institution's credential at a self-service counter. A verifier recognises somebody, who
//! chooses one of the own licenses and has a code for paper printed. One session, one person, one sheet.

use super::ask::open::body;
use super::error::conflict;
use super::offline::paper::{self, Maker};
use super::{AppError, Service, access, assertion, audit, space};
use crate::domain::kiosk::{KEPT, KioskSession, LIFE, MOST_OFFERED, Printed, Recognised, Step};
use crate::domain::license::kind::Mask;
use crate::domain::license::{LicenseId, Standing, mask};
use crate::domain::offline_code::{PaperCode, PaperLife};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Fault, Refusal, RefusalClass};
use crate::domain::space::Used;
use crate::domain::time::Timestamp;
use crate::ports::store::{self, LicenseFilter, Page, Transaction, TxError};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const KIOSKS: &[Role] = &[Role::Clerk, Role::Institution];
/// Most licenses that are looked at for those that are in force.
const MOST_LOOKED_AT: u32 = 200;

/// A session as the kiosk sees it.
pub struct Seen {
    /// The session.
    pub session: KioskSession,
    /// How far it is.
    pub step: Step,
    /// What may be chosen; nothing unless somebody may choose now.
    pub licenses: Vec<Choice>,
}

/// A license to choose: enough for its holder to know it again, and no more.
pub struct Choice {
    /// Its number in this list, from one.
    pub number: u32,
    /// Its kind.
    pub kind: String,
    /// Its printed number, masked.
    pub masked_number: String,
}

/// What is printed.
pub struct Wish {
    /// Which of the licenses offered, from one.
    pub license: u32,
    /// What for.
    pub purpose: String,
    /// For whom alone.
    pub recipient: Option<String>,
}

fn unknown() -> Refusal {
    Refusal::new(RefusalClass::NotFound, "kiosk_session.unknown")
}

fn gone(code: &'static str) -> Refusal {
    Refusal::new(RefusalClass::Gone, code)
}

async fn own(tx: &mut dyn Transaction, caller: &Credential, id: &str) -> Result<KioskSession, TxError> {
    let session = tx.kiosk_session(id).await?.filter(|session| session.by == caller.id);
    Ok(session.ok_or_else(unknown)?)
}

/// Opens a session.
pub async fn open(service: &Service, caller: &Credential) -> Result<Seen, AppError> {
    access::only(caller, KIOSKS)?;
    let now = service.clock.now();
    let blank = KioskSession {
        id: hex::encode(service.random.bytes::<12>()),
        by: caller.id.clone(),
        place: String::new(),
        created_at: now,
        expires_at: now.plus(LIFE),
        recognised: None,
        printed: None,
    };
    let equipped = !assertion::verifiers(service, caller).is_empty();
    let line = audit::line(now, &caller.id, "kiosk.open", &blank.id, &audit::nothing());
    let blank = &blank;
    let session = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            if !equipped {
                return Err(super::error::forbidden("assertion.not_for_this_counter").into());
            }
            tx.forget_kiosk_sessions(now.minus(KEPT)).await?;
            let session = KioskSession { place: body(&mut *tx, caller).await?, ..blank.clone() };
            tx.insert_kiosk_session(&session).await?;
            Ok(session)
        })
    })
    .await?;
    Ok(Seen { step: session.step(now), session, licenses: Vec::new() })
}

/// The caller's own session as it stands.
pub async fn watch(service: &Service, caller: &Credential, id: &str) -> Result<Seen, AppError> {
    access::only(caller, KIOSKS)?;
    let now = service.clock.now();
    let seen = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let session = own(&mut *tx, caller, id).await?;
            seen(tx, session, now).await
        })
    });
    Ok(seen.await?)
}

/// A verifier says who stands there; gives what that one may choose from. Once a session.
pub async fn recognised(
    service: &Service,
    caller: &Credential,
    id: &str,
    token: &str,
) -> Result<Seen, AppError> {
    access::only(caller, KIOSKS)?;
    let now = service.clock.now();
    let verifiers = &assertion::verifiers(service, caller);
    let line = audit::line(now, &caller.id, "kiosk.assert", id, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let session = own(&mut *tx, caller, id).await?;
            let asserted = assertion::take(&mut *tx, service, verifiers, (id, token), now).await?;
            let again = || conflict("kiosk_session.recognised");
            match session.step(now) {
                Step::Waiting => {}
                Step::Recognised => return Err(again().into()),
                Step::Printed => return Err(gone("kiosk_session.printed").into()),
                Step::Expired => return Err(gone("kiosk_session.expired").into()),
            }
            let offered = offered(&mut *tx, service, (caller, &asserted.holder), now).await?;
            let mut detail = asserted.told();
            detail["offered"] = Value::from(offered.len());
            let known = Recognised { holder: asserted.holder, verifier: asserted.issuer, at: now, offered };
            if !tx.recognise_at_kiosk(id, &known).await? {
                return Err(again().into());
            }
            tx.append_audit(&audit::line(now, &caller.id, "kiosk.recognise", id, &detail)).await?;
            seen(tx, KioskSession { recognised: Some(known), ..session }, now).await
        })
    })
    .await
}

/// The person goes away, or the kiosk thinks so: nothing more can be done in this session.
pub async fn end(service: &Service, caller: &Credential, id: &str) -> Result<(), AppError> {
    access::only(caller, KIOSKS)?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "kiosk.end", id, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let session = own(&mut *tx, caller, id).await?;
            // Its last moment still counts, so that lies before this one.
            let last = now.minus(Duration::from_micros(1));
            if session.expires_at > last {
                tx.end_kiosk_session(id, last).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Prints what was chosen: a code good for the shortest time, with the holder's name as its kind masks it.
pub async fn print(
    service: &Arc<Service>,
    caller: &Credential,
    id: &str,
    wish: Wish,
) -> Result<paper::Made, AppError> {
    access::only(caller, KIOSKS)?;
    let session =
        store::read(service.store.as_ref(), |tx, _| Box::pin(async move { own(tx, caller, id).await }))
            .await?;
    match session.step(service.clock.now()) {
        Step::Recognised => {}
        Step::Waiting => return Err(conflict("kiosk_session.nobody").into()),
        Step::Printed => return Err(gone("kiosk_session.printed").into()),
        Step::Expired => return Err(gone("kiosk_session.expired").into()),
    }
    let (Some(known), Some(license)) = (&session.recognised, session.chosen(wish.license)) else {
        return Err(Refusal::invalid(vec![Fault::at("/license", "kiosk_session.not_offered")]).into());
    };
    let request = paper::Request {
        fields: holder_name(service, license).into_iter().collect(),
        license: license.clone(),
        purpose: wish.purpose,
        recipient: wish.recipient,
        days: PaperLife::Week.days(),
    };
    let maker = Maker { by: caller, holder: Some(&known.holder), kiosk: Some(&session) };
    paper::make(service, maker, request).await
}

/// The field of a license that names its holder.
fn holder_name(service: &Service, license: &LicenseId) -> Option<String> {
    let kind = service.kinds.iter().find(|kind| kind.type_code == license.type_code());
    kind.map(|kind| kind.holder.name.clone())
}

/// What the audit trail says of a code made in this session.
pub(super) fn told(session: &KioskSession) -> Value {
    let verifier = session.recognised.as_ref().map(|known| known.verifier.as_str());
    json!({ "session": session.id, "verifier": verifier })
}

/// Ends a session with the code just made, in the transaction that makes it; the holder finds it among the uses.
pub(super) async fn printed(
    tx: &mut dyn Transaction,
    service: &Service,
    (session, caller): (&KioskSession, &Credential),
    code: &PaperCode,
) -> Result<(), TxError> {
    let done = Printed { code: code.id.clone(), at: code.made_at };
    if !tx.print_at_kiosk(&session.id, &done).await? {
        return Err(gone("kiosk_session.printed").into());
    }
    let used = Used::Printed {
        license: code.license.clone(),
        purpose: code.purpose.clone(),
        fields: code.fields.clone(),
        verifier: session.recognised.as_ref().map(|known| known.verifier.clone()).unwrap_or_default(),
    };
    let kiosk = Credential { label: session.place.clone(), ..caller.clone() };
    space::note(tx, service, (&code.holder, &kiosk), used, code.made_at).await.map(drop)
}

/// A holder's licenses that this kiosk may print, newest first.
async fn offered(
    tx: &mut dyn Transaction,
    service: &Service,
    (caller, holder): (&Credential, &str),
    now: Timestamp,
) -> Result<Vec<LicenseId>, TxError> {
    let filter = LicenseFilter { holder: Some(holder.to_owned()), ..LicenseFilter::default() };
    let found = tx.licenses(&filter, &Page { after: None, limit: MOST_LOOKED_AT }).await?;
    let end = now.plus(PaperLife::Week.time());
    let good = found.into_iter().filter(|license| {
        // No code lives longer than its license.
        license.valid_until.is_none_or(|last| end.date_in_china() <= last)
            && license.standing(now) == Standing::InForce
            && caller.kinds.allows(&license.kind)
            && service.kinds.get(&license.kind).is_some()
    });
    Ok(good.take(MOST_OFFERED).map(|license| license.id).collect())
}

/// A session with what may be chosen in it.
async fn seen(tx: &mut dyn Transaction, session: KioskSession, now: Timestamp) -> Result<Seen, TxError> {
    let step = session.step(now);
    let mut licenses = Vec::new();
    let known = session.recognised.as_ref().filter(|_| step == Step::Recognised);
    for (number, id) in (1..).zip(known.iter().flat_map(|known| &known.offered)) {
        let Some(license) = tx.license(id).await? else { continue };
        let masked_number = mask::apply(Mask::Code, &license.number);
        licenses.push(Choice { number, kind: license.kind, masked_number });
    }
    Ok(Seen { session, step, licenses })
}
