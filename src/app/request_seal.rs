//! Asks for a seal. A second person decides (see [`super::act_on_seal`]).

use super::error::{conflict, forbidden};
use super::issue_license::face_fault_at;
use super::{AppError, Service, access, audit, inputs};
use crate::documents::seal_picture;
use crate::domain::license::check::credit_code;
use crate::domain::party::{Credential, Department, Role};
use crate::domain::picture::UploadedPicture;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::seal::{Seal, SealCode, SealEvent, SealPicture, SealPurpose, SealState};
use crate::domain::suite::Suite;
use crate::domain::time::Timestamp;
use crate::ports::random::Random;
use crate::ports::store::{self, StoreError, TxError};
use serde_json::json;
use std::io::Cursor;
use std::time::Duration;

/// Longest life of a seal: that of its X.509 certificate.
const MOST_DAYS: u32 = 3 * 365;
/// Largest picture file.
const MOST_PNG: usize = 1 << 20;
/// Most pixels on a side.
const MOST_PIXELS: u32 = 2_000;
/// Least and most millimetres of a side, in tenths.
const TENTHS: std::ops::RangeInclusive<u32> = 100..=600;
/// How often another code is drawn when one is taken.
const DRAWS: usize = 8;

/// A seal to be made.
pub struct Request {
    /// Owner's unified social credit code.
    pub owner_code: String,
    /// Owner's name, where the owner is no department; a department's name is in the register.
    pub owner_name: Option<String>,
    /// Division code of the place (GB/T 2260), where the owner is no department.
    pub area_code: Option<String>,
    /// What it is for.
    pub purpose: SealPurpose,
    /// The words below the star; none on a legal-name seal.
    pub purpose_words: String,
    /// The suites it signs in; every one that the service has keys of, if none is named.
    pub suites: Vec<Suite>,
    /// A picture, where the owner is no department and brings its own. Seals of departments are drawn.
    pub picture: Option<UploadedPicture>,
    /// Days that it may be used, from its approval; at most 1095.
    pub days: u32,
}

/// Enters the request.
pub async fn run(service: &Service, caller: &Credential, request: Request) -> Result<Seal, AppError> {
    access::only(caller, &[Role::SealAdministrator])?;
    if caller.department.as_ref().is_some_and(|own| *own != request.owner_code) {
        return Err(forbidden("permit.other_department").into());
    }
    let owner = &request.owner_code;
    let department =
        store::read(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.department(owner).await?) }))
            .await?;
    let checked = check(service, &request, department.as_ref())?;
    let now = service.clock.now();
    for _ in 0..DRAWS {
        let random: &dyn Random = service.random.as_ref();
        let digits = format!("{}{}", checked.area_code, random.text(8, b"0123456789"));
        let code =
            SealCode::parse(&digits).ok_or_else(|| AppError::internal("14 digits are no seal code"))?;
        let (seal, picture) = draw(service, caller, &request, &checked, code, now)?;
        match insert(service, caller, (&seal, &picture), now).await {
            Err(TxError::Store(StoreError::Exists(_))) => {}
            Err(why) => return Err(why.into()),
            Ok(()) => return Ok(seal),
        }
    }
    Err(conflict("seal.no_free_code").into())
}

struct Checked {
    owner_name: String,
    area_code: String,
    purpose_words: String,
}

fn check(service: &Service, request: &Request, department: Option<&Department>) -> Result<Checked, Refusal> {
    let mut faults = Vec::new();
    if !credit_code::valid(&request.owner_code) {
        faults.push(Fault::at("/owner_code", "field.credit_code"));
    }
    let (owner_name, area_code) = match department {
        // A seal's code begins with the six digits of its county, also where a town owns it.
        Some(department) => (department.name_zh.clone(), department.area_code.chars().take(6).collect()),
        None => {
            let name = request.owner_name.as_deref().unwrap_or_default();
            let name = inputs::line("/owner_name", name, 2, 40, &mut faults);
            let area = request.area_code.clone().unwrap_or_default();
            if area.len() != 6 || !area.bytes().all(|b| b.is_ascii_digit()) {
                faults.push(Fault::at("/area_code", "department.area_code"));
            }
            (name, area)
        }
    };
    let words = &request.purpose_words;
    let purpose_words = match request.purpose {
        SealPurpose::LegalName if words.is_empty() => String::new(),
        SealPurpose::LegalName => {
            faults.push(Fault::at("/purpose_words", "seal.no_words_here"));
            String::new()
        }
        SealPurpose::License | SealPurpose::Business => {
            inputs::line("/purpose_words", words, 2, 20, &mut faults)
        }
    };
    if !(1..=MOST_DAYS).contains(&request.days) {
        faults.push(Fault::at("/days", "number.out_of_range").with("min", 1).with("max", MOST_DAYS));
    }
    for suite in request.suites.iter().filter(|suite| service.authorities.of(**suite).is_none()) {
        faults.push(Fault::at("/suites", "seal.suite_not_here").with("suite", suite.name()));
    }
    if let Some(picture) = &request.picture {
        if department.is_some() {
            faults.push(Fault::at("/picture", "seal.picture_is_drawn"));
        } else {
            check_picture(picture, &mut faults);
        }
    }
    if faults.is_empty() {
        Ok(Checked { owner_name, area_code, purpose_words })
    } else {
        Err(Refusal::invalid(faults))
    }
}

/// A PNG file that can be decoded within bounds.
fn check_picture(picture: &UploadedPicture, faults: &mut Vec<Fault>) {
    for (name, tenths) in [("width", picture.width_tenths), ("height", picture.height_tenths)] {
        if !TENTHS.contains(&tenths) {
            let fault = Fault::at(format!("/picture/{name}"), "number.out_of_range");
            faults.push(fault.with("min", TENTHS.start() / 10).with("max", TENTHS.end() / 10));
        }
    }
    if picture.png.len() > MOST_PNG {
        faults.push(Fault::at("/picture", "seal.picture_too_large").with("max", MOST_PNG));
        return;
    }
    let mut reader = image::ImageReader::with_format(Cursor::new(&picture.png), image::ImageFormat::Png);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MOST_PIXELS);
    limits.max_image_height = Some(MOST_PIXELS);
    limits.max_alloc = Some(64 << 20);
    reader.limits(limits);
    if reader.decode().is_err() {
        faults.push(Fault::at("/picture", "seal.picture_unreadable").with("max", MOST_PIXELS));
    }
}

fn draw(
    service: &Service,
    caller: &Credential,
    request: &Request,
    checked: &Checked,
    code: SealCode,
    now: Timestamp,
) -> Result<(Seal, SealPicture), Refusal> {
    let picture = match &request.picture {
        Some(picture) => SealPicture::Uploaded(picture.clone()),
        None => {
            let (name, words) = (&checked.owner_name, &checked.purpose_words);
            let drawn = seal_picture::draw(name, request.purpose, words, code.as_str(), &service.fonts);
            SealPicture::Drawn(drawn.map_err(|faults| {
                Refusal::invalid(faults.iter().map(|f| face_fault_at(format!("/{}", f.field()), f)).collect())
            })?)
        }
    };
    let suites = service.authorities.hierarchies().map(|(suite, _)| suite);
    let suites = suites.filter(|suite| request.suites.is_empty() || request.suites.contains(suite)).collect();
    let seal = Seal {
        code,
        owner_code: request.owner_code.clone(),
        owner_name: checked.owner_name.clone(),
        purpose: request.purpose,
        purpose_words: checked.purpose_words.clone(),
        look: picture.look(),
        suites,
        state: SealState::Requested,
        requested_by: caller.id.clone(),
        approved_by: None,
        valid_from: now.whole_second(),
        valid_until: now.whole_second().plus(Duration::from_secs(u64::from(request.days) * 86_400)),
        revision: 1,
    };
    Ok((seal, picture))
}

async fn insert(
    service: &Service,
    caller: &Credential,
    (seal, picture): (&Seal, &SealPicture),
    now: Timestamp,
) -> Result<(), TxError> {
    let code = seal.code.as_str();
    let line = audit::line(now, &caller.id, "seal.request", code, &json!({ "owner": seal.owner_code }));
    let outbox = audit::event(service, now, "seal.requested", code, &audit::nothing());
    let outbox = outbox.concerning([&seal.owner_code]);
    let (line, outbox) = (&line, &outbox);
    store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            tx.insert_seal(seal, picture).await?;
            let event = SealEvent {
                seal: seal.code.clone(),
                state: SealState::Requested,
                at: now,
                by: caller.id.clone(),
                reason: String::new(),
            };
            tx.add_seal_event(&event).await?;
            tx.append_audit(line).await?;
            Ok(tx.append_event(outbox).await?)
        })
    })
    .await
}
