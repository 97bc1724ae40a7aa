//! Steps 5 to 7 as plain computation: composing, sealing and proving one file. Runs on a blocking thread.

use super::finish::Work;
use crate::app::service::{SealMeans, Sealing};
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
use crate::domain::seal::{SealCode, SealCredential};
use crate::domain::suite::Suite;
use crate::domain::time::Timestamp;
use crate::ports::keys::KeyHandle;
use std::sync::Arc;

/// Room kept for what a signature container holds beside X.509 certificates and token, in bytes: twice its need.
pub(in crate::app) const SIGNATURE_ROOM: usize = 1024;

/// A file without its seal.
pub(in crate::app) enum Unsealed {
    Pdf(UnsealedPdf),
    Ofd(SealableOfd),
}

/// What a file of one form is sealed with.
pub(in crate::app) struct SealWith {
    pub form: FileForm,
    /// In the order in which they are laid on.
    pub seals: Vec<LaidOn>,
    pub sealing: Arc<Sealing>,
}

/// A seal that is laid on, and what it seals with.
#[derive(Clone)]
pub(in crate::app) struct LaidOn {
    /// Whose it is, where several seal together.
    pub party: Option<String>,
    pub seal: SealCode,
    pub owner_name: String,
    pub means: Arc<SealMeans>,
}

impl LaidOn {
    pub fn credential(&self, suite: Suite) -> Result<&SealCredential, AppError> {
        let found = self.means.credential(suite);
        found.ok_or_else(|| AppError::internal("a seal without a credential of the file's suite"))
    }

    fn sign(&self, service: &Service, suite: Suite, message: &[u8]) -> Result<Vec<u8>, AppError> {
        let key = KeyHandle::parse(&self.credential(suite)?.key);
        let key = key.ok_or_else(|| AppError::internal("a seal has no key"))?;
        Ok(service.keys.sign_unchecked(&key, message)?)
    }
}

/// A file that is being made, and what it will be sealed with.
pub(in crate::app) struct Draft {
    pub unsealed: Unsealed,
    pub with: SealWith,
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
    with: SealWith,
) -> Result<Draft, AppError> {
    let id = service.random.as_ref().bytes();
    let unsealed = match with.form.format {
        FileFormat::Pdf => Unsealed::Pdf(pdf(service, work, common, &with, id)?),
        FileFormat::Ofd => Unsealed::Ofd(ofd(service, work, common, &with.sealing, id)?),
    };
    Ok(Draft { unsealed, with })
}

fn pdf(
    service: &Service,
    work: &Work,
    common: &Common,
    with: &SealWith,
    document_id: [u8; 16],
) -> Result<UnsealedPdf, AppError> {
    let sealing = &with.sealing;
    let planned = with.seals.iter().map(|laid| {
        let x509 = &laid.credential(with.form.suite)?.x509;
        let x509s = sealing.chain.iter().chain([x509]).map(Vec::len).sum::<usize>();
        Ok(PlannedSeal {
            party: laid.party.as_deref(),
            picture: &laid.means.picture,
            signature: SignatureField {
                name: &laid.owner_name,
                reason: &work.kind.title.zh,
                claimed_time: common.now,
                contents_reserve: SIGNATURE_ROOM + x509s + sealing.largest_token,
            },
            validation: &sealing.validation,
        })
    });
    let planned = planned.collect::<Result<Vec<PlannedSeal<'_>>, AppError>>()?;
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

/// Step 6: the seals. Each permit says that its seal may be used now, and was made a moment ago. Step 7 verifies the
/// signatures that are made here, so the keys' own check is left out.
pub(in crate::app) fn seal_file(
    service: &Service,
    Draft { unsealed, with }: Draft,
    permits: &[SealPermit],
) -> Result<Vec<u8>, AppError> {
    if permits.len() != with.seals.len() {
        return Err(AppError::internal("not every seal has its permit"));
    }
    if permits.iter().zip(&with.seals).any(|(permit, laid)| permit.seal() != laid.seal.as_str()) {
        return Err(AppError::internal("the permit is for another seal"));
    }
    match unsealed {
        Unsealed::Pdf(unsealed) => seal_pdf(service, unsealed, &with),
        Unsealed::Ofd(unsealed) => seal_ofd(service, unsealed, &with),
    }
}

fn seal_pdf(service: &Service, mut unsealed: UnsealedPdf, with: &SealWith) -> Result<Vec<u8>, AppError> {
    let suite = with.form.suite;
    for (turn, laid) in with.seals.iter().enumerate() {
        let pending = pdf::seal::begin(unsealed, suite, &laid.credential(suite)?.x509, &with.sealing.chain);
        let signature = laid.sign(service, suite, pending.to_sign())?;
        let signed = pending.signed(signature);
        let token = service.timestamps.stamp(signed.digest_algorithm(), &signed.digest_to_stamp())?;
        if turn + 1 == with.seals.len() {
            return signed.finish(Some(&token)).map_err(AppError::internal);
        }
        unsealed = signed.go_on(Some(&token)).map_err(AppError::internal)?;
    }
    Err(AppError::internal("a file without a seal"))
}

fn seal_ofd(service: &Service, mut unsealed: SealableOfd, with: &SealWith) -> Result<Vec<u8>, AppError> {
    let suite = with.form.suite;
    for (turn, laid) in with.seals.iter().enumerate() {
        let last = turn + 1 == with.seals.len();
        let pending = begin_ofd(unsealed, laid, suite, last, service.clock.now())?;
        let signature = laid.sign(service, suite, pending.to_sign())?;
        let signed = pending.signed(signature);
        let token = service.timestamps.stamp(suite.digest_algorithm(), &signed.digest_to_stamp())?;
        if last {
            return signed.finish(Some(&token)).map_err(AppError::internal);
        }
        unsealed = signed.go_on(Some(&token)).map_err(AppError::internal)?;
    }
    Err(AppError::internal("a file without a seal"))
}

/// The seal stands where the face has it.
fn begin_ofd(
    unsealed: SealableOfd,
    laid: &LaidOn,
    suite: Suite,
    last: bool,
    now: Timestamp,
) -> Result<ofd::seal::PendingSeal, AppError> {
    let credential = laid.credential(suite)?;
    let object = credential.object.as_deref().zip(laid.means.structure);
    let (object, version) = object.ok_or_else(|| AppError::internal("a seal for OFD is no seal object"))?;
    let stamps = unsealed.seal_places(laid.party.as_deref(), seal_picture::size(&laid.means.picture));
    let sealing = ofd::seal::Sealing {
        version,
        seal: object,
        signer_x509: &credential.x509,
        stamps: &stamps,
        time: now,
        last,
    };
    ofd::seal::begin(unsealed, &sealing).map_err(AppError::internal)
}

/// Step 7: what a stranger would find. Anything but a pass stays inside.
pub(in crate::app) fn prove(service: &Service, file: &[u8], now: Timestamp) -> Result<(), AppError> {
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
