//! Whether the service can do its work now.

use super::offline::{self, Watch};
use super::{AppError, Service};
use crate::ports::store;

/// Asks the database a small question, and how old the status lists are: old ones do not make the service unready, for
/// everything else works, but somebody must know.
pub async fn run(service: &Service) -> Result<Watch, AppError> {
    store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.latest_audit_time().await.map(|_| ())?) })
    })
    .await?;
    offline::watch(service).await
}
