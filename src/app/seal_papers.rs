//! The papers of an application for a seal: their bytes are brought by the applicant, kept by digest, and read by the
//! administrators who decide, and by nobody else. Every look is a line.

use super::error::{conflict, not_found};
use super::{AppError, Service, access, audit};
use crate::crypto::sha256;
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Fault, Refusal, RefusalClass};
use crate::domain::seal::{HeldPaper, Paper, PaperMedia, Seal, SealCode, SealState};
use crate::ports::files::ContentHash;
use crate::ports::store::{self, StoreError, Transaction, TxError};
use serde_json::json;

/// Largest paper whose bytes are kept.
pub const MOST_BYTES: usize = 10 << 20;

/// A paper that comes with its bytes.
#[derive(Clone)]
pub struct PaperFile {
    /// What it is called.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a paper is, or what is wrong with it.
fn sort(bytes: &[u8]) -> Result<PaperMedia, Fault> {
    if bytes.len() > MOST_BYTES {
        return Err(Fault::at("", "seal.paper_too_large").with("max", MOST_BYTES >> 20));
    }
    PaperMedia::of(bytes).ok_or_else(|| Fault::at("", "seal.paper_sort"))
}

/// The papers of an application that are listed, and those that came with their bytes; with the sort of each of the latter. A
/// paper that is listed and brought is one.
pub(super) fn with_files(
    listed: &[Paper],
    files: &[PaperFile],
    faults: &mut Vec<Fault>,
) -> (Vec<Paper>, Vec<([u8; 32], PaperMedia)>) {
    let (mut papers, mut sorts) = (listed.to_vec(), Vec::new());
    for (n, file) in files.iter().enumerate() {
        let digest = sha256(&file.bytes);
        match sort(&file.bytes) {
            Ok(media) => sorts.push((digest, media)),
            Err(fault) => {
                faults.push(Fault { pointer: "/paper_files".into(), ..fault }.with("n", n + 1));
            }
        }
        if !listed.iter().any(|paper| paper.sha256 == digest) {
            papers.push(Paper { name: file.name.clone(), sha256: digest, size: file.bytes.len() as u64 });
        }
    }
    (papers, sorts)
}

/// Brings the bytes of a paper that the application lists. Its digest says which; to bring it again changes nothing.
pub async fn bring(
    service: &Service,
    caller: &Credential,
    code: &SealCode,
    digest: &[u8; 32],
    bytes: Vec<u8>,
) -> Result<(), AppError> {
    access::only(caller, &[Role::SealAdministrator])?;
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { listed(tx, caller, code, digest).await })
    });
    let (_, paper) = found.await?;
    if sha256(&bytes) != *digest || bytes.len() as u64 != paper.size {
        return Err(Refusal::new(RefusalClass::Invalid, "seal.paper_other_bytes").into());
    }
    let media = sort(&bytes).map_err(|fault| {
        let class =
            if fault.code == "seal.paper_sort" { RefusalClass::Invalid } else { RefusalClass::TooLarge };
        fault.args.into_iter().fold(Refusal::new(class, fault.code), |no, (name, value)| no.with(name, value))
    })?;
    // Durable before a row names it; one that no row names is nothing to anybody.
    service.files.put(bytes).await?;
    let now = service.clock.now();
    let held = &HeldPaper { seal: code.clone(), sha256: *digest, media, by: caller.id.clone(), at: now };
    let detail = json!({ "sha256": hex::encode(digest) });
    let line = audit::line(now, &caller.id, "seal.bring_paper", code.as_str(), &detail);
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let (seal, _) = listed(tx, caller, code, digest).await?;
            if seal.state != SealState::Requested {
                return Err(conflict("seal.papers_closed").with("state", seal.state.name()).into());
            }
            match tx.add_seal_paper(held).await {
                Ok(()) | Err(StoreError::Exists(_)) => Ok(()),
                Err(other) => Err(other.into()),
            }
        })
    })
    .await
}

/// The bytes of a paper, for administrators of the seal.
pub async fn read(
    service: &Service,
    caller: &Credential,
    code: &SealCode,
    digest: &[u8; 32],
) -> Result<(PaperMedia, Vec<u8>), AppError> {
    access::only(caller, &[Role::SealAdministrator])?;
    let detail = json!({ "sha256": hex::encode(digest) });
    let line = audit::line(service.clock.now(), &caller.id, "seal.read_paper", code.as_str(), &detail);
    let held = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            listed(tx, caller, code, digest).await?;
            let held = tx.seal_papers(code).await?.into_iter().find(|held| held.sha256 == *digest);
            Ok(held.ok_or_else(|| not_found("seal.paper_not_here"))?)
        })
    })
    .await?;
    let bytes = service.files.get(&ContentHash(*digest)).await?;
    let bytes =
        bytes.ok_or_else(|| AppError::internal("the bytes of a paper are gone from the file store"))?;
    Ok((held.media, bytes))
}

/// The seal, and the paper of this digest that its application lists.
async fn listed(
    tx: &mut dyn Transaction,
    caller: &Credential,
    code: &SealCode,
    digest: &[u8; 32],
) -> Result<(Seal, Paper), TxError> {
    let seal = tx.seal(code).await?.filter(|seal| access::administers(caller, seal));
    let seal = seal.ok_or_else(|| not_found("seal.unknown"))?;
    let paper = seal.papers.iter().find(|paper| paper.sha256 == *digest).cloned();
    let paper = paper.ok_or_else(|| not_found("seal.paper_unknown"))?;
    Ok((seal, paper))
}
