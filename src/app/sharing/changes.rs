//! What has changed, for a platform that keeps its own index (大数据平台): identifiers and what happened to them, in the order
//! in which it was settled, so that a place in it can be kept and gone on from without missing anything.

use super::{begin, identifier};
use crate::app::{AppError, Service, inputs};
use crate::domain::license::LicenseId;
use crate::domain::party::Credential;
use crate::domain::sharing::{Operation, UseCause};
use crate::domain::time::Timestamp;
use crate::ports::store;

/// Events looked at for one slice, whatever they are about.
const LOOKED_AT: u32 = 400;

/// What happened to a license.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The license.
    pub license: LicenseId,
    /// Its kind.
    pub kind: String,
    /// What: the topic of the event.
    pub what: String,
    /// When.
    pub at: Timestamp,
}

/// A slice of the changes.
pub struct Slice {
    /// Oldest first.
    pub changes: Vec<Change>,
    /// Where to go on. It moves even where nothing was for the caller.
    pub next: i64,
}

/// Changes of the kinds that law lets the caller see, behind `after`.
pub async fn run(
    service: &Service,
    caller: &Credential,
    cause: &UseCause,
    after: i64,
    limit: Option<u32>,
) -> Result<Slice, AppError> {
    let question = &begin(service, caller, Operation::Changes, cause).await?;
    let limit = inputs::rows(limit) as usize;
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let mut slice = Slice { changes: Vec::new(), next: after };
            for event in tx.events(after, LOOKED_AT).await? {
                if slice.changes.len() == limit {
                    break;
                }
                slice.next = event.position;
                let Some(id) = Some(&event.subject).filter(|_| is_change(&event.topic)) else { continue };
                let Some(id) = identifier(id) else { continue };
                let Some(license) = tx.license(&id).await? else { continue };
                if question.allowance.may_see(&license.kind, false) {
                    let (kind, what, at) = (license.kind, event.topic, event.at);
                    slice.changes.push(Change { license: id, kind, what, at });
                }
            }
            Ok(slice)
        })
    });
    let slice = found.await?;
    // Apart from what was read: reading the end of the outbox in a writing transaction would make every event that is added
    // meanwhile collide with it.
    store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move { question.answered(tx, Operation::Changes.name()).await })
    })
    .await?;
    Ok(slice)
}

/// Whether an event changes what a license is: not what somebody said of it.
fn is_change(topic: &str) -> bool {
    matches!(
        topic,
        "license.issued" | "license.superseded" | "license.ended" | "license.suspended" | "license.resumed"
    )
}
