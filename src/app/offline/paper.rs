//! Codes on paper (纸质亮证单): the holder says which license, which fields, what for and how long, on a page of its own or at a
//! kiosk; the sheet is made once and kept nowhere but with the holder.

use super::{code, places};
use crate::app::error::{conflict, not_found};
use crate::app::{AppError, Service, access, audit, inputs, kiosk};
use crate::documents::face::FaceFault;
use crate::documents::pdf::compose::sheet::{SheetContent, compose};
use crate::domain::kiosk::KioskSession;
use crate::domain::license::kind::Mask;
use crate::domain::license::{LicenseId, mask};
use crate::domain::offline_code::{
    MOST_PAPER_CODES, MOST_PURPOSE, Medium, OfflineCode, PaperCode, PaperCodeId, PaperLife, is_text,
};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::time::{Timestamp, format_date_zh};
use crate::formats::code::Qr;
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
    /// As a picture.
    pub qr: Qr,
    /// The sheet to print (PDF).
    pub sheet: Vec<u8>,
}

/// Who makes a code, and on whose word.
#[derive(Clone, Copy)]
pub(in crate::app) struct Maker<'a> {
    /// The credential that stands in the audit trail.
    pub by: &'a Credential,
    /// Whose licenses (holder code).
    pub holder: Option<&'a str>,
    /// The session at a kiosk in which that one was recognised; none where the holder itself asks.
    pub kiosk: Option<&'a KioskSession>,
}

/// A holder makes a code.
pub async fn run(service: &Arc<Service>, caller: &Credential, request: Request) -> Result<Made, AppError> {
    access::only(caller, &[Role::Holder])?;
    let maker = Maker { by: caller, holder: caller.holder.as_deref(), kiosk: None };
    make(service, maker, request).await
}

/// Makes a code; what is wrong with the request, or with a session at a kiosk, leaves nothing behind.
pub(in crate::app) async fn make(
    service: &Arc<Service>,
    maker: Maker<'_>,
    request: Request,
) -> Result<Made, AppError> {
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
    let material = code::material(service, maker.holder, &request.license).await?;
    let fields = code::fields(&material.kind, &material.license.data, &request.fields);
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
    let draft = fit(&mut planned, &material)?;

    let paper = PaperCode {
        id: PaperCodeId::new(now, service.random.bytes()),
        license: material.license.id.clone(),
        holder: material.license.holder.code.clone(),
        made_by: maker.by.id.clone(),
        place: maker.kiosk.map(|session| session.place.clone()),
        fields: names,
        purpose,
        recipient,
        made_at: now,
        expires_at,
        ended_at: None,
    };
    // Before anything is recorded: what cannot be printed is the caller's to change.
    sheet(service, &material, &paper, draft).await?;
    let mut detail = json!({ "paper_code": paper.id.as_str(), "fields": paper.fields, "days": life.days() });
    if let Some(session) = maker.kiosk {
        detail["kiosk"] = kiosk::told(session);
    }
    let line = audit::line(now, &maker.by.id, "paper_code.make", paper.license.as_str(), &detail);
    let row = &paper;
    let place = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            code::still(tx.license(&row.license).await?, now)?;
            if tx.live_paper_codes(&row.license, now).await? >= MOST_PAPER_CODES {
                return Err(conflict("paper_code.too_many").with("max", MOST_PAPER_CODES).into());
            }
            tx.insert_paper_code(row).await?;
            if let Some(session) = maker.kiosk {
                kiosk::printed(&mut *tx, service, (session, maker.by), row).await?;
            }
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
    let (qr, sheet) = sheet(service, &material, &paper, digits.clone()).await?;
    Ok(Made { code: paper, digits, qr, sheet })
}

/// Names the license by its whole identifier, or shorter where the code would not fit otherwise. Gives digits of the right
/// number.
fn fit(planned: &mut OfflineCode, material: &code::Material) -> Result<String, AppError> {
    if let Ok(digits) = to_digits(&code::drafted(planned, &material.key)?) {
        return Ok(digits);
    }
    code::shorten(planned, &material.license.id);
    match to_digits(&code::drafted(planned, &material.key)?) {
        Ok(digits) => Ok(digits),
        Err(NotWritten::TooLong(digits)) => {
            let fault = Fault::at("/fields", "paper_code.too_long").with("digits", digits);
            Err(Refusal::invalid(vec![fault.with("max", MOST_DIGITS)]).into())
        }
        Err(other) => Err(AppError::internal(other)),
    }
}

/// The sheet: what kind, what for, for whom, until when, whose, and no more.
async fn sheet(
    service: &Arc<Service>,
    material: &code::Material,
    paper: &PaperCode,
    digits: String,
) -> Result<(Qr, Vec<u8>), AppError> {
    let (kind, name) = (&material.kind, &material.license.holder.name);
    // A company's name is public where the kind says so; a person's never.
    let masked = kind.field(&kind.holder.name).and_then(|field| mask::masked(field, name));
    let mut lines = vec![
        ("持证主体", masked.unwrap_or_else(|| mask::apply(Mask::Name, name))),
        ("发证机构", material.issuer_name.clone()),
        ("用途", paper.purpose.clone()),
    ];
    lines.extend(paper.recipient.clone().map(|recipient| ("仅供", recipient)));
    lines.push(("有效期至", format_date_zh(paper.expires_at.date_in_china())));
    let heading = material.kind.title.zh.clone();
    let (foot, document_id) = (format!("亮证单编号 {}", paper.id), service.random.bytes());
    let service = Arc::clone(service);
    let composing = tokio::task::spawn_blocking(move || {
        let code = Qr::encode(digits.as_bytes());
        let code = code.ok_or_else(|| AppError::internal("a code does not fit a picture"))?;
        let content = SheetContent {
            title: "纸质亮证单",
            heading: &heading,
            lines: &lines,
            notes: &[
                "请扫码核验，以扫码结果为准，并与身份证件核对本人",
                "本单不是证照，遗失后可在电子证照钱包中作废",
            ],
            foot: &foot,
            code: &code,
            document_id,
        };
        match compose(&content, &service.fonts) {
            Ok(sheet) => Ok((code, sheet)),
            Err(faults) => Err(unprintable(&faults)),
        }
    });
    composing.await?
}

fn unprintable(faults: &[FaceFault]) -> AppError {
    let characters: String = faults
        .iter()
        .filter_map(|fault| match fault {
            FaceFault::MissingGlyph { character, .. } => Some(*character),
            FaceFault::DoesNotFit { .. } => None,
        })
        .collect();
    let fault = Fault::at("/purpose", "paper_code.glyph").with("character", characters);
    Refusal::invalid(vec![fault]).into()
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
