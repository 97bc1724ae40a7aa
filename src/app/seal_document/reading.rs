//! Step 2: what the file is, whether a seal can be put on it, and where. Everything about it is a stranger's.

use crate::app::service::SealMeans;
use crate::app::{AppError, Service, verify_file};
use crate::documents::brought::{NotSealable, Spot};
use crate::documents::ofd::brought::BroughtOfd;
use crate::documents::ofd::seal::{SealableOfd, Stamped};
use crate::documents::pdf::brought::BroughtPdf;
use crate::documents::seal_picture;
use crate::domain::license::FileFormat;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::report::facts::{Attached, Examined, NotExaminable};
use crate::domain::report::judge::{Policy, judge_examined};
use crate::domain::report::{Finding, Report, Step, Weight};
use crate::domain::seal_job::{Place, Point, Unfit, Which};
use crate::domain::time::Timestamp;
use std::sync::Arc;

/// Of the places where words stand too often, so many are told.
const MOST_TOLD: usize = 5;
/// Of the findings that speak against a file, so many are told.
const MOST_FINDINGS: usize = 5;

/// Where the seal is wanted.
#[derive(Clone)]
pub(super) struct Wanted {
    pub place: Place,
    pub straddling: bool,
}

/// A file that was read, with the seal's places on it.
pub(super) struct Reading {
    pub brought: Brought,
    /// What is against it as it was brought, or cannot be decided: others' seals may be of authorities unknown here.
    pub before: Vec<Finding>,
}

/// The file, ready to be sealed.
pub(super) enum Brought {
    Pdf { file: Box<BroughtPdf>, spots: Vec<Spot>, straddling: bool },
    Ofd { file: Box<SealableOfd>, stamps: Vec<Stamped> },
}

impl Reading {
    pub const fn format(&self) -> FileFormat {
        match self.brought {
            Brought::Pdf { .. } => FileFormat::Pdf,
            Brought::Ofd { .. } => FileFormat::Ofd,
        }
    }
}

/// Examines the file and finds the seal's places on it.
pub(super) async fn read(
    service: &Arc<Service>,
    file: Arc<Vec<u8>>,
    wanted: &Wanted,
    means: &SealMeans,
) -> Result<Reading, AppError> {
    let examined = verify_file::examined(service, file.as_ref().clone()).await?;
    let examined = examined.map_err(|(why, _)| Refusal::invalid(vec![unexaminable(&why)]))?;
    let (format, attached) = match &examined {
        Examined::Pdf(facts) => (FileFormat::Pdf, &facts.attached),
        Examined::Ofd(facts) => (FileFormat::Ofd, &facts.attached),
        Examined::Seal(_) | Examined::SealSignature(_) | Examined::Statement(_) => {
            return Err(refused("seal_job.no_document").into());
        }
    };
    // Whoever may seal documents makes no licenses so: those have their own rules, and their register.
    if *attached != Attached::Nothing {
        return Err(refused("seal_job.is_license").into());
    }
    let report = judged(&examined, service.clock.now());
    if is_sealed(&examined) {
        told(&report, "seal_job.seal_broken", |finding| finding.weight == Weight::Bad)?;
    }
    let (wanted, size) = (wanted.clone(), seal_picture::size(&means.picture));
    let brought = verify_file::in_turn(service, move || match format {
        FileFormat::Pdf => pdf(file.as_ref().clone(), &wanted, size),
        FileFormat::Ofd => ofd(file.as_ref().clone(), &wanted, size),
    });
    let brought = brought.await??;
    told(&report, "seal_job.not_sound", |finding| {
        finding.weight == Weight::Bad || finding.step == Step::Format && finding.weight == Weight::Unclear
    })?;
    Ok(Reading { brought, before: against(report) })
}

/// The report on a file as a document: nobody is asked what has become of its seals since.
pub(super) fn judged(examined: &Examined, now: Timestamp) -> Report {
    judge_examined(examined, &Policy { status: None, before_release: false }, now)
}

/// What is against a file, or cannot be decided.
pub(super) fn against(report: Report) -> Vec<Finding> {
    report.findings.into_iter().filter(|finding| finding.weight >= Weight::Unclear).collect()
}

fn is_sealed(examined: &Examined) -> bool {
    match examined {
        Examined::Pdf(facts) => !facts.seals.is_empty(),
        Examined::Ofd(facts) => !facts.signatures.is_empty(),
        Examined::Seal(_) | Examined::SealSignature(_) | Examined::Statement(_) => false,
    }
}

/// Refuses a file that has such findings, and names some.
fn told(report: &Report, code: &'static str, counts: impl Fn(&Finding) -> bool) -> Result<(), Refusal> {
    let mut codes: Vec<&str> = report.findings.iter().filter(|f| counts(f)).map(|f| f.code).collect();
    codes.dedup();
    codes.truncate(MOST_FINDINGS);
    if codes.is_empty() {
        return Ok(());
    }
    Err(Refusal::invalid(vec![Fault::at("/file", code).with("findings", codes.join(", "))]))
}

fn refused(code: &'static str) -> Refusal {
    Refusal::invalid(vec![Fault::at("/file", code)])
}

fn unexaminable(why: &NotExaminable) -> Fault {
    let fault = Fault::at("/file", why.code());
    match why.detail() {
        Some(detail) => fault.with("why", detail),
        None => fault,
    }
}

fn pdf(bytes: Vec<u8>, wanted: &Wanted, size: (f32, f32)) -> Result<Brought, Refusal> {
    let file = BroughtPdf::open(bytes).map_err(not_sealable)?;
    let pages: Vec<_> = file.pages().collect();
    let spots = spots(&wanted.place, &pages, size, |words| file.find(words).map_err(|why| why.code()))?;
    file.check_places(&spots, wanted.straddling, size).map_err(not_sealable)?;
    Ok(Brought::Pdf { file: Box::new(file), spots, straddling: wanted.straddling })
}

fn ofd(bytes: Vec<u8>, wanted: &Wanted, size: (f32, f32)) -> Result<Brought, Refusal> {
    let file = BroughtOfd::open(bytes).map_err(not_sealable)?;
    let pages: Vec<_> = file.pages().collect();
    let spots = spots(&wanted.place, &pages, size, |words| file.find(words).map_err(|why| why.code()))?;
    let stamps = spots.into_iter().map(|spot| file.stamp(spot, size));
    let mut stamps = stamps.collect::<Result<Vec<_>, _>>().map_err(not_sealable)?;
    if wanted.straddling {
        stamps.extend(file.slices(size).map_err(not_sealable)?);
    }
    Ok(Brought::Ofd { file: Box::new(file.into_sealable()), stamps })
}

/// Where the seal's middle is to be. On words it is moved as far as its page asks for; a point is taken at its word.
fn spots(
    place: &Place,
    pages: &[(f32, f32)],
    size: (f32, f32),
    find: impl FnOnce(&str) -> Result<Vec<Spot>, &'static str>,
) -> Result<Vec<Spot>, Refusal> {
    let (words, which) = match place {
        Place::At(Point { page, x, y }) => {
            let page = (*page as usize).saturating_sub(1);
            return Ok(vec![Spot { page, x: *x as f32 / 100.0, y: *y as f32 / 100.0 }]);
        }
        Place::Words { words, which } => (words, *which),
    };
    let fault = |code| Fault::at("/place/words", code);
    let found = find(words).map_err(|code| Refusal::invalid(vec![fault(code)]))?;
    let chosen = which.choose(found.len()).map_err(|why| {
        let fault = fault(why.code()).with("found", found.len());
        Refusal::invalid(vec![match (why, which) {
            (Unfit::TooFew, Which::Nth(nth)) => fault.with("nth", nth),
            (Unfit::TooMany, _) => fault.with("places", first_of(&found)),
            _ => fault,
        }])
    })?;
    let inside = |spot: &Spot| spot.within(size, pages.get(spot.page).copied().unwrap_or_default());
    Ok(found[chosen].iter().map(inside).collect())
}

/// The first places of many: page, and millimetres from its left and top edge.
fn first_of(spots: &[Spot]) -> String {
    let told = |spot: &Spot| format!("{} ({:.0}, {:.0})", spot.page + 1, spot.x, spot.y);
    let mut told: Vec<String> = spots.iter().take(MOST_TOLD).map(told).collect();
    if spots.len() > MOST_TOLD {
        told.push("…".to_owned());
    }
    told.join("; ")
}

/// Why a file cannot be sealed, at the part of the request that asks for it.
fn not_sealable(why: NotSealable) -> Refusal {
    let fault = match &why {
        NotSealable::NotExaminable(why) => unexaminable(why),
        NotSealable::NotUpdatable { why: detail } => Fault::at("/file", why.code()).with("why", detail),
        NotSealable::NoSuchPage { pages } => Fault::at("/place", why.code()).with("pages", pages),
        NotSealable::OverTheEdge => Fault::at("/place", why.code()),
        NotSealable::OnePage | NotSealable::SealedPages => Fault::at("/straddling", why.code()),
        NotSealable::Certified | NotSealable::Locked | NotSealable::Xfa | NotSealable::Picture(_) => {
            Fault::at("/file", why.code())
        }
    };
    Refusal::invalid(vec![fault])
}
