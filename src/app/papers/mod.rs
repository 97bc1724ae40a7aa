//! Papers about licenses that the service makes of its own accord: the receipt of a verification, the annotated copy. Each
//! is made once, in all its forms together, under a key that never makes two; it is kept by its digest, so whoever asks
//! again gets the same bytes, and whoever brings it back years later is told that it was made here.

pub mod copy;
mod disclosed;
mod making;
pub mod receipt;
pub mod service_seal;

use super::{AppError, Service, audit};
use crate::domain::paper::{Paper, PaperForm};
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::ports::files::ContentHash;
use crate::ports::store::{self, AuditLine, StoreError, TxError};

/// A file of a paper.
pub struct PaperDownload {
    /// The paper.
    pub paper: Paper,
    /// The form.
    pub form: PaperForm,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The file of that form.
async fn download(service: &Service, paper: Paper, form: PaperForm) -> Result<PaperDownload, AppError> {
    let lacking =
        || Refusal::new(RefusalClass::Conflict, "paper.not_in_this_form").with("format", form.name());
    let hash = ContentHash(paper.file(form).ok_or_else(lacking)?.sha256);
    let bytes = service.files.get(&hash).await?;
    let bytes = bytes.ok_or_else(|| AppError::internal(format!("the file {hash} of a paper is missing")))?;
    Ok(PaperDownload { paper, form, bytes })
}

/// Enters a paper that was made; or gives the one that somebody else made under the same key meanwhile.
async fn enter(service: &Service, paper: Paper, line: &AuditLine) -> Result<Paper, AppError> {
    let now = service.clock.now();
    let (wanted, line) = (&paper, line);
    let entered = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            // A seal put out of use while it sealed: what it sealed is not released.
            service_seal::usable(&mut *tx, Some(&wanted.seal), now).await?;
            match tx.insert_paper(wanted).await {
                Ok(()) => {
                    tx.append_audit(line).await?;
                    Ok(None)
                }
                Err(StoreError::Exists(_)) => match tx.paper_of_key(&wanted.key).await? {
                    Some(earlier) => Ok(Some(earlier)),
                    None => Err(TxError::from(StoreError::Failed("a paper's file is another's".into()))),
                },
                Err(why) => Err(why.into()),
            }
        })
    })
    .await?;
    Ok(entered.unwrap_or(paper))
}

/// Notes that somebody reads a paper that was made before.
async fn note_reading(service: &Service, caller: &str, paper: &Paper) -> Result<(), AppError> {
    let detail = serde_json::json!({ "paper": paper.id, "kind": paper.kind.name() });
    let line = audit::line(service.clock.now(), caller, "paper.read", &paper.about, &detail);
    audit::append(service, &line).await
}
