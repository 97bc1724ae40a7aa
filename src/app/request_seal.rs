//! Asks for a seal. Two other people decide (see [`super::act_on_seal`]).

use super::error::{conflict, forbidden};
use super::issue_license::face_fault_at;
use super::seal_papers::{self, PaperFile};
use super::{AppError, Service, access, audit, inputs, space};
use crate::crypto::sha256;
use crate::documents::seal_picture::{self, Design};
use crate::domain::envelope::Level;
use crate::domain::license::check::identity_number::NotAnIdentityNumber;
use crate::domain::license::check::{credit_code, identity_number};
use crate::domain::party::{Credential, Department, Role};
use crate::domain::picture::UploadedPicture;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::seal::{
    HeldPaper, OwnerKind, Paper, PaperMedia, PersonIdentity, Seal, SealCode, SealEvent, SealPicture,
    SealPurpose, SealState, Shape,
};
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

/// Most papers of an application.
const MOST_PAPERS: usize = 20;
/// Largest paper in bytes.
const MOST_PAPER: u64 = 100 << 20;

/// A seal to be made.
#[derive(Clone)]
pub struct Request {
    /// Owner's unified social credit code; empty where the owner is a person.
    pub owner_code: String,
    /// Identity number of the owner, where the owner is a person. Only a salted hash of it is kept.
    pub identity_number: Option<String>,
    /// Owner's name, where the owner is no department; a department's name is in the register.
    pub owner_name: Option<String>,
    /// Division code of the place (GB/T 2260), where the owner is no department.
    pub area_code: Option<String>,
    /// What it is for.
    pub purpose: SealPurpose,
    /// The words below the star, or the name on a legal representative's seal; none on seals that show their owner's name
    /// alone. The usual words of the purpose, if it has some and none are given.
    pub purpose_words: String,
    /// The suites it signs in; every one that the service has keys of, if none is named.
    pub suites: Vec<Suite>,
    /// A picture, where the owner is no department and brings its own. Seals of departments are drawn.
    pub picture: Option<UploadedPicture>,
    /// The papers that belong to the application and whose bytes stay with the applicant, or are brought later
    /// ([`seal_papers::bring`]).
    pub papers: Vec<Paper>,
    /// The papers that come with their bytes.
    pub paper_files: Vec<PaperFile>,
    /// The seal that this one takes the place of: of the same owner and purpose, and in use.
    pub replaces: Option<SealCode>,
    /// Days that it may be used, from its approval; at most 1095.
    pub days: u32,
}

impl Request {
    /// A seal of a registered department, in all suites.
    pub fn of_department(code: &str, purpose: SealPurpose, words: &str, days: u32) -> Self {
        Self {
            owner_code: code.to_owned(),
            identity_number: None,
            owner_name: None,
            area_code: None,
            purpose,
            purpose_words: words.to_owned(),
            suites: Vec::new(),
            picture: None,
            papers: Vec::new(),
            paper_files: Vec::new(),
            replaces: None,
            days,
        }
    }
}

/// Enters the request.
pub async fn run(service: &Service, caller: &Credential, request: Request) -> Result<Seal, AppError> {
    access::only(caller, &[Role::SealAdministrator])?;
    if caller.department.as_ref().is_some_and(|own| *own != request.owner_code) {
        return Err(forbidden("permit.other_department").into());
    }
    let (owner, replaces) = (&request.owner_code, request.replaces.as_ref());
    let (department, old) = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let old = match replaces {
                Some(code) => tx.seal(code).await?,
                None => None,
            };
            Ok((tx.department(owner).await?, old))
        })
    })
    .await?;
    let checked = check(service, &request, department.as_ref(), old.as_ref())?;
    // Durable before a row names them; those that no row names are nothing to anybody.
    for file in &request.paper_files {
        service.files.put(file.bytes.clone()).await?;
    }
    let now = service.clock.now();
    let number = request.identity_number.as_deref();
    let pseudonym = number.and_then(|number| space::pseudonyms(service, number).first().copied());
    for _ in 0..DRAWS {
        let random: &dyn Random = service.random.as_ref();
        let digits = format!("{}{}", checked.area_code, random.text(8, b"0123456789"));
        let code =
            SealCode::parse(&digits).ok_or_else(|| AppError::internal("14 digits are no seal code"))?;
        let (seal, picture) = draw(service, caller, &request, &checked, code, now)?;
        match insert(service, caller, (&seal, &picture, pseudonym.as_ref()), &checked.held, now).await {
            Err(TxError::Store(StoreError::Exists(_))) => {}
            Err(why) => return Err(why.into()),
            Ok(()) => return Ok(seal),
        }
    }
    Err(conflict("seal.no_free_code").into())
}

struct Checked {
    owner_code: String,
    owner_kind: OwnerKind,
    person: Option<PersonIdentity>,
    owner_name: String,
    area_code: String,
    purpose_words: String,
    papers: Vec<Paper>,
    held: Vec<([u8; 32], PaperMedia)>,
    shape: Shape,
}

fn check(
    service: &Service,
    request: &Request,
    department: Option<&Department>,
    old: Option<&Seal>,
) -> Result<Checked, Refusal> {
    let mut faults = Vec::new();
    let (owner_code, owner_kind, person) = owner(service, request, old, &mut faults);
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
    if !request.purpose.fits(owner_kind) {
        faults.push(Fault::at("/purpose", "seal.purpose_of_others").with("owner", owner_kind.name()));
    }
    let purpose_words = words(request, &mut faults);
    let (all, held) = seal_papers::with_files(&request.papers, &request.paper_files, &mut faults);
    let papers = papers(&all, &mut faults);
    let level = Level::of(department.map_or(&area_code, |department| &department.area_code));
    let shape = request.purpose.shape(owner_kind, &owner_name, level);
    if request.replaces.is_some() {
        let fits = |old: &&Seal| {
            old.owner_code == owner_code && old.purpose == request.purpose && old.can_give_way()
        };
        if old.filter(fits).is_none() {
            faults.push(Fault::at("/replaces", "seal.replaces_what"));
        }
    }
    if !(1..=MOST_DAYS).contains(&request.days) {
        faults.push(Fault::at("/days", "number.out_of_range").with("min", 1).with("max", MOST_DAYS));
    }
    for suite in request.suites.iter().filter(|suite| service.authorities.of(**suite).is_none()) {
        faults.push(Fault::at("/suites", "seal.suite_not_here").with("suite", suite.name()));
    }
    match &request.picture {
        Some(_) if department.is_some() => faults.push(Fault::at("/picture", "seal.picture_is_drawn")),
        Some(picture) => check_picture(picture, &mut faults),
        None if shape == Shape::Brought => faults.push(Fault::at("/picture", "seal.picture_needed")),
        None => {}
    }
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults));
    }
    Ok(Checked { owner_code, owner_kind, person, owner_name, area_code, purpose_words, papers, held, shape })
}

/// Who the owner is. What stands for a person is drawn from a salted hash of the identity number, since a seal's X.509
/// certificate shows it to everybody. A person whose seal is made anew keeps it.
fn owner(
    service: &Service,
    request: &Request,
    old: Option<&Seal>,
    faults: &mut Vec<Fault>,
) -> (String, OwnerKind, Option<PersonIdentity>) {
    let code = &request.owner_code;
    let Some(number) = &request.identity_number else {
        if !credit_code::valid(code) {
            faults.push(Fault::at("/owner_code", "field.credit_code"));
        }
        return (code.clone(), OwnerKind::of_code(code), None);
    };
    if !code.is_empty() {
        faults.push(Fault::at("/owner_code", "seal.one_owner"));
    }
    if let Err(why) = identity_number::check(number) {
        let code = match why {
            NotAnIdentityNumber::Form => "field.identity_number_form",
            NotAnIdentityNumber::BirthDate => "field.identity_number_birth_date",
            NotAnIdentityNumber::Check => "field.identity_number_check",
        };
        faults.push(Fault::at("/identity_number", code));
    }
    let hash = |salt: &[u8; 16]| sha256(&[&salt[..], number.as_bytes()].concat());
    let known = old.and_then(|old| old.person.as_ref().map(|person| (old, person)));
    if let Some((old, person)) = known.filter(|(_, person)| hash(&person.salt) == person.hash) {
        return (old.owner_code.clone(), OwnerKind::Person, Some(person.clone()));
    }
    let random: &dyn Random = service.random.as_ref();
    let salt: [u8; 16] = random.bytes();
    let hash = hash(&salt);
    let stands_for = format!("person-{}", hex::encode(&hash[..8]));
    (stands_for, OwnerKind::Person, Some(PersonIdentity { salt, hash }))
}

fn words(request: &Request, faults: &mut Vec<Fault>) -> String {
    let words = &request.purpose_words;
    match (request.purpose.words(), request.purpose.usual_words()) {
        (None, _) if words.is_empty() => String::new(),
        (None, _) => {
            faults.push(Fault::at("/purpose_words", "seal.no_words_here"));
            String::new()
        }
        (Some(_), Some(usual)) if words.is_empty() => usual.to_owned(),
        (Some((least, most)), _) => inputs::line("/purpose_words", words, least, most, faults),
    }
}

fn papers(papers: &[Paper], faults: &mut Vec<Fault>) -> Vec<Paper> {
    if papers.len() > MOST_PAPERS {
        faults.push(Fault::at("/papers", "seal.too_many_papers").with("max", MOST_PAPERS));
        return Vec::new();
    }
    let mut checked = Vec::new();
    for (n, paper) in papers.iter().enumerate() {
        let name = inputs::line(&format!("/papers/{n}/name"), &paper.name, 1, 100, faults);
        if !(1..=MOST_PAPER).contains(&paper.size) {
            let fault = Fault::at(format!("/papers/{n}/size"), "number.out_of_range");
            faults.push(fault.with("min", 1).with("max", MOST_PAPER));
        }
        if papers[..n].iter().any(|other| other.sha256 == paper.sha256) {
            faults.push(Fault::at(format!("/papers/{n}/sha256"), "seal.paper_twice"));
        }
        checked.push(Paper { name, ..paper.clone() });
    }
    checked
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
            let design = Design {
                owner_name: &checked.owner_name,
                owner_code: &checked.owner_code,
                purpose: request.purpose,
                words: &checked.purpose_words,
                code: code.as_str(),
                shape: checked.shape,
            };
            SealPicture::Drawn(seal_picture::draw_design(&design, &service.fonts).map_err(|faults| {
                Refusal::invalid(faults.iter().map(|f| face_fault_at(format!("/{}", f.field()), f)).collect())
            })?)
        }
    };
    let suites = service.authorities.hierarchies().map(|(suite, _)| suite);
    let suites = suites.filter(|suite| request.suites.is_empty() || request.suites.contains(suite)).collect();
    let seal = Seal {
        code,
        owner_code: checked.owner_code.clone(),
        owner_name: checked.owner_name.clone(),
        owner_kind: checked.owner_kind,
        person: checked.person.clone(),
        purpose: request.purpose,
        purpose_words: checked.purpose_words.clone(),
        look: picture.look(),
        suites,
        state: SealState::Requested,
        papers: checked.papers.clone(),
        replaces: request.replaces.clone(),
        replaced_by: None,
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
    (seal, picture, pseudonym): (&Seal, &SealPicture, Option<&[u8; 32]>),
    held: &[([u8; 32], PaperMedia)],
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
            if let Some(pseudonym) = pseudonym {
                tx.add_person_seal(pseudonym, &seal.code).await?;
            }
            let event = SealEvent {
                seal: seal.code.clone(),
                state: SealState::Requested,
                at: now,
                by: caller.id.clone(),
                reason: String::new(),
            };
            tx.add_seal_event(&event).await?;
            for (sha256, media) in held {
                let (seal, by) = (seal.code.clone(), caller.id.clone());
                tx.add_seal_paper(&HeldPaper { seal, sha256: *sha256, media: *media, by, at: now }).await?;
            }
            tx.append_audit(line).await?;
            Ok(tx.append_event(outbox).await?)
        })
    })
    .await
}
