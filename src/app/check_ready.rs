//! Whether the service can do its work now.

use super::{AppError, Service};
use crate::ports::store;

/// Asks the database a small question.
pub async fn run(service: &Service) -> Result<(), AppError> {
    store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.latest_audit_time().await.map(|_| ())?) })
    })
    .await?;
    Ok(())
}
