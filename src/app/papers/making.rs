//! Composes, seals and proves a paper in every form that the seal has a suite for. The steps are those of issuing.

use super::service_seal;
use crate::app::issue_license::finish::in_turn;
use crate::app::issue_license::seal::{self, LaidOn, SIGNATURE_ROOM, SealWith, Unsealed};
use crate::app::service::Sealing;
use crate::app::{AppError, Service};
use crate::documents::paper::Draft;
use crate::documents::pdf::compose::{PlannedSeal, SignatureField};
use crate::domain::license::{FileForm, FileFormat};
use crate::domain::paper::{PaperFile, PaperForm};
use crate::domain::permit;
use crate::domain::seal::Seal;
use crate::domain::suite::Suite;
use crate::formats::jws;
use crate::ports::keys::{HandleSigner, KeyHandle};
use crate::ports::store;
use serde_json::Value;
use std::sync::Arc;

/// What is signed by itself, and the media type in its header.
pub(super) struct Statement {
    pub kind: &'static str,
    pub claims: Value,
}

/// Makes all files of a paper and puts them into the file store, where nothing points to them yet.
pub(super) async fn make(
    service: &Arc<Service>,
    seal: &Seal,
    draft: Draft,
    statement: Statement,
) -> Result<Vec<PaperFile>, AppError> {
    let means = service.seal_means(&seal.code).await?;
    let means = means.ok_or_else(|| AppError::internal("the service's seal has nothing to seal with"))?;
    let laid = LaidOn { party: None, seal: seal.code.clone(), owner_name: seal.owner_name.clone(), means };
    // 5. Compose each form with room for the seal.
    let mut parts = Vec::new();
    for form in forms(service, &laid) {
        parts.push(SealWith { form, seals: vec![laid.clone()], sealing: service.sealing(form.suite).await? });
    }
    let drafts = {
        let (made_by, now) = (Arc::clone(service), service.clock.now());
        in_turn(service, move || {
            let drafts = parts.into_iter().map(|with| {
                let id = made_by.random.as_ref().bytes();
                let unsealed = compose(&made_by, &draft, &with, (id, now))?;
                Ok(seal::Draft { unsealed, with })
            });
            drafts.collect::<Result<Vec<_>, AppError>>()
        })
        .await?
    };
    // 6. Seal: whether the seal may be used is asked afresh.
    let now = service.clock.now();
    let permit = {
        let code = &seal.code;
        let found = store::read(service.store.as_ref(), |tx, _| {
            Box::pin(async move { service_seal::usable(tx, Some(code), now).await })
        });
        let (appointed, seal) = found.await?;
        permit::for_service(&appointed, &seal, now)?
    };
    let mut made = {
        let service = Arc::clone(service);
        tokio::task::spawn_blocking(move || {
            let permits = [permit];
            let mut made = Vec::new();
            for draft in drafts {
                let form = match draft.with.form.format {
                    FileFormat::Pdf => PaperForm::Pdf,
                    FileFormat::Ofd => PaperForm::Ofd,
                };
                made.push((form, seal::seal_file(&service, draft, &permits)?));
            }
            if let Some(statement) = sign(&service, &laid, &statement)? {
                made.push((PaperForm::Json, statement.into_bytes()));
            }
            Ok::<_, AppError>(made)
        })
        .await??
    };
    // 7. Prove what is examined by strangers; the statement's signature was checked when it was made.
    {
        let proved_by = Arc::clone(service);
        made = in_turn(service, move || {
            for (form, file) in &made {
                if *form != PaperForm::Json {
                    seal::prove(&proved_by, file, proved_by.clock.now())?;
                }
            }
            Ok(made)
        })
        .await?;
    }
    let mut files = Vec::new();
    for (form, bytes) in made {
        files.push(PaperFile { form, sha256: service.files.put(bytes).await?.0 });
    }
    Ok(files)
}

/// PDF in P-256 where the seal has it, else in SM2; OFD in SM2.
fn forms(service: &Service, laid: &LaidOn) -> Vec<FileForm> {
    let has = |suite: Suite| service.authorities.of(suite).is_some() && laid.credential(suite).is_ok();
    let pdf = [Suite::P256, Suite::Sm2].into_iter().find(|suite| has(*suite));
    let pdf = pdf.map(|suite| FileForm { format: FileFormat::Pdf, suite });
    let ofd = has(Suite::Sm2).then_some(FileForm { format: FileFormat::Ofd, suite: Suite::Sm2 });
    pdf.into_iter().chain(ofd).collect()
}

fn compose(
    service: &Service,
    draft: &Draft,
    with: &SealWith,
    made: ([u8; 16], crate::domain::time::Timestamp),
) -> Result<Unsealed, AppError> {
    let laid = &with.seals[0];
    let sealing: &Sealing = &with.sealing;
    match with.form.format {
        FileFormat::Pdf => {
            let x509 = &laid.credential(with.form.suite)?.x509;
            let x509s = sealing.chain.iter().chain([x509]).map(Vec::len).sum::<usize>();
            let planned = PlannedSeal {
                party: None,
                picture: &laid.means.picture,
                signature: SignatureField {
                    name: &laid.owner_name,
                    reason: draft.title(),
                    claimed_time: made.1,
                    contents_reserve: SIGNATURE_ROOM + x509s + sealing.largest_token,
                },
                validation: &sealing.validation,
            };
            Ok(Unsealed::Pdf(draft.pdf(planned, made, &service.fonts).map_err(AppError::internal)?))
        }
        FileFormat::Ofd => {
            let seal = (laid.seal.as_str(), &sealing.validation);
            Ok(Unsealed::Ofd(draft.ofd(seal, made, &service.fonts).map_err(AppError::internal)?))
        }
    }
}

/// The content as a JSON Web Signature by the seal's own key in P-256; none where it has no such key.
fn sign(service: &Service, laid: &LaidOn, statement: &Statement) -> Result<Option<String>, AppError> {
    let Ok(credential) = laid.credential(Suite::P256) else { return Ok(None) };
    let key = KeyHandle::parse(&credential.key).ok_or_else(|| AppError::internal("a seal has no key"))?;
    let signer = HandleSigner::new(service.keys.as_ref(), &key)?;
    let chain = [credential.x509.as_slice(), &service.authorities.p256.seal.x509];
    let signed = jws::sign(statement.kind, &statement.claims, &chain, &signer);
    signed.map(Some).map_err(AppError::internal)
}
