//! The service on the wire: requests in, use cases called, answers and problems out.
//!
//! [`router::table`] lists every route with who may call it. [`caller`] checks that before any handler runs,
//! [`body`] reads what is sent, [`problem`] words every "no".

pub mod api;
pub mod assets;
pub mod body;
pub mod bundle_texts;
pub mod caller;
pub mod cookies;
pub mod language;
pub mod observe;
pub mod openapi;
pub mod pages;
pub mod problem;
pub mod route;
pub mod router;
pub mod server;

use crate::app::{AppError, Service};
use problem::Problem;
use std::future::Future;
use std::sync::Arc;

/// What handlers work with.
pub type State = Arc<Service>;

/// Runs work that changes something to its end, even if the client goes away: half of it must not stay undone.
pub async fn detach<T: Send + 'static>(
    work: impl Future<Output = Result<T, AppError>> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::spawn(work).await {
        Ok(result) => result.map_err(Problem::from),
        Err(error) => Err(AppError::internal(error).into()),
    }
}
