//! Steps 5 to 7 as plain computation: composing, sealing and proving one file. Runs on a blocking thread.

use super::finish::Work;
use crate::app::service::Sealing;
use crate::app::{AppError, Service};
use crate::documents::attachment::{self, AttachedLicense};
use crate::documents::face::{FaceContent, FaceFault};
use crate::documents::ofd::compose::OfdContent;
use crate::documents::ofd::seal::SealableOfd;
use crate::documents::pdf::compose::{ComposeFault, PdfContent, PlannedSeal, SignatureField, UnsealedPdf};
use crate::documents::{Known, examine, ofd, pdf, seal_picture};
use crate::domain::license::kind::LicenseKind;
use crate::domain::license::metadata::{self, MetadataSource};
use crate::domain::license::{FileForm, FileFormat};
use crate::domain::permit::SealPermit;
use crate::domain::refusal::{Fault, Refusal, RefusalClass};
use crate::domain::report::judge::{Policy, judge_examined};
use crate::domain::report::{Verdict, Weight};
use crate::domain::seal::{Seal, SealCredential};
use crate::domain::suite::Suite;
use crate::domain::time::Timestamp;
use crate::formats::eseal;
use crate::ports::keys::KeyHandle;
use std::sync::Arc;

/// Room kept for what a signature container holds beside X.509 certificates and token, in bytes: twice its need.
const SIGNATURE_ROOM: usize = 1024;

/// A file without its seal.
pub(super) enum Unsealed {
    Pdf(UnsealedPdf),
    Ofd(SealableOfd),
}

/// A file of one form that is being made, and what it is sealed with.
pub(super) struct Draft {
    pub form: FileForm,
    pub unsealed: Unsealed,
    /// Of each seal, in the order in which they are laid on.
    pub credentials: Vec<SealCredential>,
    /// The party of each, where several seal together.
    pub parties: Vec<Option<String>>,
    pub sealing: Arc<Sealing>,
}

/// What every file of a license is made of, whatever its form.
pub(super) struct Common {
    metadata: Vec<(&'static str, String)>,
    attachment: Vec<u8>,
    url: String,
    now: Timestamp,
}

impl Common {
    pub fn of(service: &Service, work: &Work) -> Self {
        let (issuance, draft) = (&work.issuance, &work.draft);
        let seals: Vec<String> = work.ground.seals().iter().map(|seal| seal.code.to_string()).collect();
        let url = service.settings.verification_url(&issuance.license, &issuance.check_code);
        let metadata = metadata::elements(&MetadataSource {
            kind: &work.kind,
            id: &issuance.license,
            number: &issuance.number,
            issuer: &work.ground.department,
            holder: &draft.holder,
            issued_on: draft.issued_on,
            valid_from: draft.valid_from,
            valid_until: draft.valid_until,
        });
        let attachment = attachment::write(&AttachedLicense {
            metadata: metadata.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            kind: work.kind.name.clone(),
            kind_version: work.kind.version,
            data: draft.data.clone(),
            seal: work.ground.seal.code.as_str().to_owned(),
            // One seal is not said twice.
            seals: if seals.len() > 1 { seals } else { Vec::new() },
            verification_url: url.clone(),
        });
        Self { metadata, attachment, url, now: service.clock.now() }
    }

    fn face<'a>(&'a self, work: &'a Work) -> FaceContent<'a> {
        let (issuance, draft) = (&work.issuance, &work.draft);
        FaceContent {
            data: &draft.data,
            number: &issuance.number,
            identifier: issuance.license.as_str(),
            issuer_name: &work.ground.department.name_zh,
            issued_on: Some(draft.issued_on),
            valid_from: Some(draft.valid_from),
            valid_until: draft.valid_until,
            check_code: &issuance.check_code,
            verification_url: &self.url,
        }
    }
}

/// Step 5: a file with room for its seal.
pub(super) fn compose(
    service: &Service,
    work: &Work,
    common: &Common,
    (form, credentials, sealing): (FileForm, Vec<SealCredential>, Arc<Sealing>),
) -> Result<Draft, AppError> {
    let id = service.random.as_ref().bytes();
    let unsealed = match form.format {
        FileFormat::Pdf => Unsealed::Pdf(pdf(service, work, common, (&credentials, &sealing), id)?),
        FileFormat::Ofd => Unsealed::Ofd(ofd(service, work, common, &sealing, id)?),
    };
    let parties = work.ground.laid_on().into_iter().map(|(party, _)| party.map(str::to_owned)).collect();
    Ok(Draft { form, unsealed, credentials, parties, sealing })
}

fn pdf(
    service: &Service,
    work: &Work,
    common: &Common,
    (credentials, sealing): (&[SealCredential], &Sealing),
    document_id: [u8; 16],
) -> Result<UnsealedPdf, AppError> {
    let laid_on = work.ground.laid_on();
    let planned = laid_on.iter().zip(credentials).map(|((party, seal), credential)| {
        let x509s = sealing.chain.iter().chain([&credential.x509]).map(Vec::len).sum::<usize>();
        PlannedSeal {
            party: *party,
            picture: &seal.picture,
            signature: SignatureField {
                name: &seal.owner_name,
                reason: &work.kind.title.zh,
                claimed_time: common.now,
                contents_reserve: SIGNATURE_ROOM + x509s + sealing.largest_token,
            },
            validation: &sealing.validation,
        }
    });
    let planned: Vec<PlannedSeal<'_>> = planned.collect();
    let content = PdfContent {
        face: common.face(work),
        seals: &planned,
        attachment_json: &common.attachment,
        title: &work.kind.title.zh,
        document_id,
        created: common.now,
    };
    service.templates(&work.kind)?.pdf.compose(&content).map_err(|fault| match fault {
        ComposeFault::Face(faults) => face_refusal(&work.kind, &faults),
        other => AppError::internal(other),
    })
}

fn ofd(
    service: &Service,
    work: &Work,
    common: &Common,
    sealing: &Sealing,
    document_id: [u8; 16],
) -> Result<SealableOfd, AppError> {
    let templates = service.templates(&work.kind)?;
    let template = templates.ofd.as_ref();
    let template = template.ok_or_else(|| AppError::internal("a kind without OFD is issued as OFD"))?;
    let expected = work.ground.seals();
    let expected: Vec<&str> = expected.iter().map(|seal| seal.code.as_str()).collect();
    let content = OfdContent {
        face: common.face(work),
        metadata: &common.metadata,
        attachment_json: &common.attachment,
        expected_seals: &expected,
        validation: &sealing.validation,
        title: &work.kind.title.zh,
        document_id,
        created: common.now,
    };
    template.compose(&content).map_err(|faults| face_refusal(&work.kind, &faults))
}

fn face_refusal(kind: &LicenseKind, faults: &[FaceFault]) -> AppError {
    Refusal::invalid(faults.iter().map(|fault| face_fault(kind, fault)).collect()).into()
}

/// A fault of the face, in terms of the request.
pub(crate) fn face_fault(kind: &LicenseKind, fault: &FaceFault) -> Fault {
    let field = fault.field();
    let data = if kind.field(field).is_some() { "/data" } else { "" };
    face_fault_at(format!("{data}/{field}"), fault)
}

/// A fault of a face or a seal's picture, in terms of the request's field at `pointer`.
pub(crate) fn face_fault_at(pointer: String, fault: &FaceFault) -> Fault {
    match fault {
        FaceFault::MissingGlyph { character, .. } => Fault::at(pointer, "face.missing_glyph")
            .with("character", character)
            .with("code_point", format!("U+{:04X}", u32::from(*character))),
        FaceFault::DoesNotFit { .. } => Fault::at(pointer, "face.does_not_fit"),
    }
}

/// Step 6: the seals. Each permit says that its seal may be used now, and was made a moment ago.
pub(super) fn seal_file(
    service: &Service,
    draft: Draft,
    permitted: &[(SealPermit, Seal)],
) -> Result<Vec<u8>, AppError> {
    if permitted.iter().any(|(permit, seal)| permit.seal() != seal.code.as_str()) {
        return Err(AppError::internal("the permit is for another seal"));
    }
    let Draft { form, unsealed, credentials, parties, sealing } = draft;
    if permitted.len() != credentials.len() || permitted.len() != parties.len() {
        return Err(AppError::internal("not every seal has its permit"));
    }
    let seals = permitted.iter().map(|(_, seal)| seal).zip(&credentials).zip(&parties);
    let seals: Vec<LaidOn<'_>> = seals
        .map(|((seal, credential), party)| LaidOn { seal, credential, party: party.as_deref() })
        .collect();
    match unsealed {
        Unsealed::Pdf(unsealed) => seal_pdf(service, unsealed, form.suite, &sealing, &seals),
        Unsealed::Ofd(unsealed) => seal_ofd(service, unsealed, form.suite, &seals),
    }
}

/// A seal that is laid on.
struct LaidOn<'a> {
    seal: &'a Seal,
    credential: &'a SealCredential,
    party: Option<&'a str>,
}

impl LaidOn<'_> {
    fn sign(&self, service: &Service, message: &[u8]) -> Result<Vec<u8>, AppError> {
        let key = KeyHandle::parse(&self.credential.key);
        let key = key.ok_or_else(|| AppError::internal("a seal has no key"))?;
        Ok(service.keys.sign(&key, message)?)
    }
}

fn seal_pdf(
    service: &Service,
    mut unsealed: UnsealedPdf,
    suite: Suite,
    sealing: &Sealing,
    seals: &[LaidOn<'_>],
) -> Result<Vec<u8>, AppError> {
    for (turn, laid) in seals.iter().enumerate() {
        let pending = pdf::seal::begin(unsealed, suite, &laid.credential.x509, &sealing.chain);
        let signature = laid.sign(service, pending.to_sign())?;
        let signed = pending.signed(signature);
        let token = service.timestamps.stamp(signed.digest_algorithm(), &signed.digest_to_stamp())?;
        if turn + 1 == seals.len() {
            return signed.finish(Some(&token)).map_err(AppError::internal);
        }
        unsealed = signed.go_on(Some(&token)).map_err(AppError::internal)?;
    }
    Err(AppError::internal("a file without a seal"))
}

fn seal_ofd(
    service: &Service,
    mut unsealed: SealableOfd,
    suite: Suite,
    seals: &[LaidOn<'_>],
) -> Result<Vec<u8>, AppError> {
    for (turn, laid) in seals.iter().enumerate() {
        let pending = begin_ofd(unsealed, laid, (turn, seals.len()), service.clock.now())?;
        let signature = laid.sign(service, pending.to_sign())?;
        let signed = pending.signed(signature);
        let token = service.timestamps.stamp(suite.digest_algorithm(), &signed.digest_to_stamp())?;
        if turn + 1 == seals.len() {
            return signed.finish(Some(&token)).map_err(AppError::internal);
        }
        unsealed = signed.go_on(Some(&token)).map_err(AppError::internal)?;
    }
    Err(AppError::internal("a file without a seal"))
}

/// The seal stands in its place on the face and, where there are several pages, astride their edges (骑缝章).
fn begin_ofd(
    unsealed: SealableOfd,
    laid: &LaidOn<'_>,
    (turn, of): (usize, usize),
    now: Timestamp,
) -> Result<ofd::seal::PendingSeal, AppError> {
    let LaidOn { seal, credential, party } = laid;
    let object = credential.object.as_deref();
    let object = object.ok_or_else(|| AppError::internal("a seal for OFD is no seal object"))?;
    let size = seal_picture::size(&seal.picture);
    let place = unsealed.seal_place(*party, size);
    let place = place.ok_or_else(|| AppError::internal("a face without a place for the seal"))?;
    let mut stamps = vec![place];
    stamps.extend(ofd::seal::straddling(unsealed.pages(), size, (turn, of)));
    let version = eseal::read_seal(object).map_err(AppError::internal)?.version;
    let sealing = ofd::seal::Sealing {
        version,
        seal: object,
        signer_x509: &credential.x509,
        stamps: &stamps,
        time: now,
        last: turn + 1 == of,
    };
    ofd::seal::begin(unsealed, &sealing).map_err(AppError::internal)
}

/// Step 7: what a stranger would find. Anything but a pass stays inside.
pub(super) fn prove(service: &Service, file: &[u8], now: Timestamp) -> Result<(), AppError> {
    let not_proved = |codes: &str| {
        tracing::error!(codes, "our own file did not pass and was not released");
        AppError::from(Refusal::new(RefusalClass::Unavailable, NOT_PROVED).with("findings", codes))
    };
    let examined = examine(file, Known::of(&service.trust)).map_err(|why| not_proved(why.code()))?;
    let report = judge_examined(&examined, &Policy { status: None, before_release: true }, now);
    if report.verdict == Verdict::Passed {
        return Ok(());
    }
    let against = report.findings.iter().filter(|finding| finding.weight >= Weight::Unclear);
    Err(not_proved(&against.map(|finding| finding.code).collect::<Vec<_>>().join(" ")))
}

/// The refusal of a file that our own verifier does not pass.
pub(super) const NOT_PROVED: &str = "issue.not_proved";
