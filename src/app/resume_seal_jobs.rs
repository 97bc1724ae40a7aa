//! Finishes or fails the seal jobs that a process recorded and did not live to release.

use super::resume_issuances::Resumed;
use super::seal_document::finish;
use super::{AppError, Service};
use crate::domain::time::Timestamp;
use crate::ports::store;
use std::sync::Arc;

/// Open jobs looked at in one pass.
const AT_ONCE: u32 = 100;

/// One pass over the jobs that were started before `before`, oldest first.
pub async fn run(service: &Arc<Service>, before: Timestamp) -> Result<Resumed, AppError> {
    let open = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.open_seal_jobs(before, AT_ONCE).await?) })
    })
    .await?;
    let mut resumed = Resumed::default();
    for job in open {
        let id = job.id.clone();
        match finish::recorded(service, job).await {
            Ok(_) => resumed.finished += 1,
            Err(why) if finish::is_final(&why) => {
                tracing::warn!(job = %id, %why, "a seal job was given up");
                resumed.cancelled += 1;
            }
            Err(why) => {
                tracing::error!(job = %id, %why, "a seal job could not be finished yet");
                resumed.left += 1;
            }
        }
    }
    Ok(resumed)
}
