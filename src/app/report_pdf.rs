//! The report on a file as a PDF file, in the words that a page found for it. Nothing is kept, and nothing sealed: see
//! [`ReportWords`].

pub use crate::documents::paper::report::{ReportWords, Row};

use super::issue_license::finish::in_turn;
use super::{AppError, Service};
use crate::documents::paper::report;
use std::sync::Arc;

/// Writes it.
pub async fn run(service: &Arc<Service>, words: ReportWords) -> Result<Vec<u8>, AppError> {
    let (made_by, now) = (Arc::clone(service), service.clock.now());
    in_turn(service, move || {
        let id = made_by.random.as_ref().bytes();
        report::pdf(&words, (now, id), &made_by.fonts)
            .map_err(|faults| AppError::internal(format!("a report cannot be laid out: {faults:?}")))
    })
    .await
}
