//! Finishes or cancels what a process recorded and did not live to release.

use super::issue_license::finish;
use super::{AppError, Service};
use crate::domain::time::Timestamp;
use crate::ports::store;
use std::sync::Arc;

/// Open intents looked at in one pass.
const AT_ONCE: u32 = 200;

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resumed {
    /// Licenses released, or documents.
    pub finished: u32,
    /// Intents closed without one, because a rule says no by now.
    pub cancelled: u32,
    /// Intents that failed again for a reason that may pass; the next pass looks at them.
    pub left: u32,
}

/// One pass over the intents that were started before `before`, oldest first.
pub async fn run(service: &Arc<Service>, before: Timestamp) -> Result<Resumed, AppError> {
    let open = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.open_issuances(before, AT_ONCE).await?) })
    })
    .await?;
    let mut resumed = Resumed::default();
    for issuance in open {
        let license = issuance.license.clone();
        match finish::recorded(service, issuance).await {
            Ok(_) => resumed.finished += 1,
            Err(why) if finish::is_final(&why) => {
                tracing::warn!(%license, %why, "an intent was given up");
                resumed.cancelled += 1;
            }
            Err(why) => {
                tracing::error!(%license, %why, "an intent could not be finished yet");
                resumed.left += 1;
            }
        }
    }
    Ok(resumed)
}
