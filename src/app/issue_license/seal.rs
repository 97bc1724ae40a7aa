//! Steps 5 to 7 as plain computation: composing, sealing and proving one file. Runs on a blocking thread.

use super::finish::Work;
use crate::app::service::{Sealing, suite_of};
use crate::app::{AppError, Service};
use crate::documents::attachment::{self, AttachedLicense};
use crate::documents::face::{FaceContent, FaceFault};
use crate::documents::pdf::compose::{ComposeFault, PdfContent, PdfTemplate, SignatureField, UnsealedPdf};
use crate::documents::pdf::{examine, seal};
use crate::domain::license::kind::LicenseKind;
use crate::domain::license::metadata::{self, MetadataSource};
use crate::domain::permit::IssuePermit;
use crate::domain::refusal::{Fault, Refusal, RefusalClass};
use crate::domain::report::judge::{Policy, judge};
use crate::domain::report::{Verdict, Weight};
use crate::domain::seal::Seal;
use crate::domain::time::Timestamp;
use crate::ports::keys::KeyHandle;

/// Room kept for what a signature container holds beside X.509 certificates and token, in bytes: twice its need.
const SIGNATURE_ROOM: usize = 1024;

/// Step 5: the file with room for its seal.
pub(super) fn compose(
    work: &Work,
    template: &PdfTemplate,
    sealing: &Sealing,
    url: &str,
    id: [u8; 16],
    now: Timestamp,
) -> Result<UnsealedPdf, AppError> {
    let (issuance, draft, department, seal) =
        (&work.issuance, &work.draft, &work.ground.department, &work.ground.seal);
    let metadata = metadata::elements(&MetadataSource {
        kind: &work.kind,
        id: &issuance.license,
        number: &issuance.number,
        issuer: department,
        holder: &draft.holder,
        issued_on: draft.issued_on,
        valid_from: draft.valid_from,
        valid_until: draft.valid_until,
    });
    let attachment = attachment::write(&AttachedLicense {
        metadata: metadata.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        kind: work.kind.name.clone(),
        kind_version: work.kind.version,
        data: draft.data.clone(),
        seal: seal.code.as_str().to_owned(),
        verification_url: url.to_owned(),
    });
    let x509s = sealing.chain.iter().chain(&seal.x509).map(Vec::len).sum::<usize>();
    let room = SIGNATURE_ROOM + x509s + sealing.largest_token;
    let content = PdfContent {
        face: FaceContent {
            data: &draft.data,
            number: &issuance.number,
            identifier: issuance.license.as_str(),
            issuer_name: &department.name_zh,
            issued_on: Some(draft.issued_on),
            valid_from: Some(draft.valid_from),
            valid_until: draft.valid_until,
            check_code: &issuance.check_code,
            verification_url: url,
        },
        seal: &seal.picture,
        attachment_json: &attachment,
        validation: &sealing.validation,
        signature: SignatureField {
            name: &seal.owner_name,
            reason: &work.kind.title.zh,
            claimed_time: now,
            contents_reserve: room,
        },
        title: &work.kind.title.zh,
        document_id: id,
        created: now,
    };
    template.compose(&content).map_err(|fault| match fault {
        ComposeFault::Face(faults) => {
            let faults = faults.iter().map(|fault| face_fault(&work.kind, fault)).collect();
            Refusal::invalid(faults).into()
        }
        other => AppError::internal(other),
    })
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

/// Step 6: the seal. The permit says that this caller may use this seal now, and was made a moment ago.
pub(super) fn seal_file(
    service: &Service,
    permit: &IssuePermit,
    unsealed: UnsealedPdf,
    seal: &Seal,
    sealing: &Sealing,
) -> Result<Vec<u8>, AppError> {
    if permit.seal() != seal.code.as_str() {
        return Err(AppError::internal("the permit is for another seal"));
    }
    let (Some(x509), Some(key)) = (&seal.x509, seal.key.as_deref().and_then(KeyHandle::parse)) else {
        return Err(AppError::internal("an active seal has no key"));
    };
    let pending = seal::begin(unsealed, suite_of(seal), x509, &sealing.chain);
    let signature = service.keys.sign(&key, pending.to_sign())?;
    let signed = pending.signed(signature);
    let token = service.timestamps.stamp(signed.digest_algorithm(), &signed.digest_to_stamp())?;
    signed.finish(Some(&token)).map_err(AppError::internal)
}

/// Step 7: what a stranger would find. Anything but a pass stays inside.
pub(super) fn prove(service: &Service, file: &[u8], now: Timestamp) -> Result<(), AppError> {
    let not_proved = |codes: &str| {
        tracing::error!(codes, "our own file did not pass and was not released");
        AppError::from(Refusal::new(RefusalClass::Unavailable, NOT_PROVED).with("findings", codes))
    };
    let facts = examine(file, &service.trust).map_err(|why| not_proved(why.code()))?;
    let report = judge(&facts, &Policy { status: None, before_release: true }, now);
    if report.verdict == Verdict::Passed {
        return Ok(());
    }
    let against = report.findings.iter().filter(|finding| finding.weight >= Weight::Unclear);
    Err(not_proved(&against.map(|finding| finding.code).collect::<Vec<_>>().join(" ")))
}

/// The refusal of a file that our own verifier does not pass.
pub(super) const NOT_PROVED: &str = "issue.not_proved";
