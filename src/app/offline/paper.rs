//! Codes on paper (纸质亮证单): the holder says which license, which fields, what for and how long; the sheet is made once and
//! kept nowhere but with the holder.

use super::{code, places};
use crate::app::error::{conflict, not_found};
use crate::app::{AppError, Service, access, audit, inputs};
use crate::domain::license::kind::{Bilingual, Mask};
use crate::domain::license::{LicenseId, mask};
use crate::domain::offline_code::{
    MOST_PAPER_CODES, MOST_PURPOSE, Medium, OfflineCode, PaperCode, PaperCodeId, PaperLife, is_text,
};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::time::Timestamp;
use crate::formats::offline_code::{MOST_DIGITS, NotWritten, to_digits};
use crate::ports::store;
use serde_json::json;
use std::sync::Arc;

/// What to print.
pub struct Request {
    /// The license.
    pub license: LicenseId,
    /// Names of the fields to show, 1 to 12.
    pub fields: Vec<String>,
    /// What for, 1 to 30 characters.
    pub purpose: String,
    /// For whom alone, 1 to 30 characters.
    pub recipient: Option<String>,
    /// Days to live: 7, 30 or 90.
    pub days: u64,
}

/// A code just made.
pub struct Made {
    /// What is kept of it.
    pub code: PaperCode,
    /// The digits; told this once.
    pub digits: String,
    /// What the license's kind is called.
    pub kind_title: Bilingual,
    /// The issuing department's Chinese name.
    pub issuer_name: String,
    /// The holder's name, masked.
    pub holder_name: String,
}

/// Makes a code.
pub async fn run(service: &Arc<Service>, caller: &Credential, request: Request) -> Result<Made, AppError> {
    access::only(caller, &[Role::Holder])?;
    let mut faults = Vec::new();
    let purpose = line("/purpose", &request.purpose, &mut faults);
    let recipient = request.recipient.as_deref().filter(|text| !text.trim().is_empty());
    let recipient = recipient.map(|text| line("/recipient", text, &mut faults));
    let life = PaperLife::ALL.into_iter().find(|life| life.days() == request.days);
    if life.is_none() {
        faults.push(Fault::at("/days", "paper_code.life"));
    }
    let Some(life) = life.filter(|_| faults.is_empty()) else {
        return Err(Refusal::invalid(faults).into());
    };
    let material = code::material(service, caller, &request.license).await?;
    let fields = code::fields(&material.kind, &material.license, &request.fields);
    let fields = fields.map_err(Refusal::invalid)?;
    let names: Vec<String> = fields.iter().map(|(name, _)| name.clone()).collect();
    let now = service.clock.now().whole_second();
    let expires_at = now.plus(life.time());
    // A status list says nothing of a license that runs out by its date: no code lives longer.
    if material.license.valid_until.is_some_and(|last| expires_at.date_in_china() > last) {
        return Err(conflict("paper_code.outlives_license").with("days", life.days()).into());
    }
    let medium = Medium::Paper { purpose: purpose.clone(), recipient: recipient.clone(), life };
    let mut planned = code::unplaced(service, &material, fields, medium, now).await?;
    fit(&mut planned, &material)?;

    let paper = PaperCode {
        id: PaperCodeId::new(now, service.random.bytes()),
        license: material.license.id.clone(),
        holder: material.license.holder.code.clone(),
        made_by: caller.id.clone(),
        fields: names,
        purpose,
        recipient,
        made_at: now,
        expires_at,
        ended_at: None,
    };
    let detail = json!({ "paper_code": paper.id.as_str(), "fields": paper.fields, "days": life.days() });
    let line = audit::line(now, &caller.id, "paper_code.make", paper.license.as_str(), &detail);
    let row = &paper;
    let place = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            code::still(tx.license(&row.license).await?, now)?;
            if tx.live_paper_codes(&row.license, now).await? >= MOST_PAPER_CODES {
                return Err(conflict("paper_code.too_many").with("max", MOST_PAPER_CODES).into());
            }
            tx.insert_paper_code(row).await?;
            places::take(&mut *tx, service, row.id.as_str(), &row.license).await
        })
    })
    .await?;
    planned.status = place;
    let digits = match code::signed(service, planned, &material.key).await {
        Ok(signed) => to_digits(&signed).map_err(AppError::internal)?,
        Err(failed) => {
            // What nobody has must not count as one of the few.
            end_by_itself(service, &paper.id, now).await?;
            return Err(failed);
        }
    };
    Ok(Made {
        code: paper,
        digits,
        kind_title: material.kind.title.clone(),
        issuer_name: material.issuer_name,
        holder_name: mask::apply(Mask::Name, &material.license.holder.name),
    })
}

/// Names the license by its whole identifier, or shorter where the code would not fit otherwise.
fn fit(planned: &mut OfflineCode, material: &code::Material) -> Result<(), AppError> {
    if to_digits(&code::drafted(planned, &material.key)?).is_ok() {
        return Ok(());
    }
    code::shorten(planned, &material.license.id);
    match to_digits(&code::drafted(planned, &material.key)?) {
        Ok(_) => Ok(()),
        Err(NotWritten::TooLong(digits)) => {
            let fault = Fault::at("/fields", "paper_code.too_long").with("digits", digits);
            Err(Refusal::invalid(vec![fault.with("max", MOST_DIGITS)]).into())
        }
        Err(other) => Err(AppError::internal(other)),
    }
}

/// A line for a code: nothing in it that hides.
fn line(pointer: &str, raw: &str, faults: &mut Vec<Fault>) -> String {
    let before = faults.len();
    let text = inputs::line(pointer, raw, 1, MOST_PURPOSE, faults);
    if faults.len() == before && !is_text(&text, MOST_PURPOSE) {
        faults.push(Fault::at(pointer, "offline.purpose").with("max", MOST_PURPOSE));
    }
    text
}

async fn end_by_itself(service: &Service, id: &PaperCodeId, now: Timestamp) -> Result<(), AppError> {
    store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            tx.end_paper_code(id.as_str(), now).await?;
            tx.end_status_entries(id.as_str(), now).await?;
            Ok(())
        })
    })
    .await?;
    Ok(())
}

/// The holder's codes, newest first.
pub async fn list(
    service: &Service,
    caller: &Credential,
    before: Option<&PaperCodeId>,
    limit: Option<u32>,
) -> Result<Vec<PaperCode>, AppError> {
    access::only(caller, &[Role::Holder])?;
    let holder = caller.holder.as_deref().ok_or_else(|| not_found("paper_code.unknown"))?;
    let limit = inputs::rows(limit);
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.paper_codes(holder, before.map(PaperCodeId::as_str), limit).await?) })
    });
    Ok(found.await?)
}

/// A holder ends a code: with the next list no verifier takes it any more.
pub async fn end(service: &Service, caller: &Credential, id: &PaperCodeId) -> Result<(), AppError> {
    access::only(caller, &[Role::Holder])?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "paper_code.end", id.as_str(), &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let code = tx.paper_code(id.as_str()).await?;
            let own = code.filter(|code| caller.holder.as_deref() == Some(&code.holder));
            own.ok_or_else(|| not_found("paper_code.unknown"))?;
            if !tx.end_paper_code(id.as_str(), now).await? {
                return Err(conflict("paper_code.ended").into());
            }
            tx.end_status_entries(id.as_str(), now).await?;
            Ok(())
        })
    })
    .await
}
