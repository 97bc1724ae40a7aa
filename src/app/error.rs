//! How a use case ends when it does not succeed.

use crate::domain::refusal::{Refusal, RefusalClass};
use crate::ports::files::FilesError;
use crate::ports::keys::KeyError;
use crate::ports::store::{StoreError, TxError};
use crate::ports::timestamps::TimestampError;

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The answer is no, and the caller is told why.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Something of ours failed. The operator is told why, the caller only that it happened.
    #[error(transparent)]
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl AppError {
    /// A failure of ours.
    pub fn internal(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(why.into())
    }

    /// The refusal, if it is one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Internal(_) => None,
        }
    }
}

impl From<TxError> for AppError {
    fn from(error: TxError) -> Self {
        match error {
            TxError::Refused(refusal) => Self::Refused(refusal),
            TxError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Contention => Refusal::new(RefusalClass::Unavailable, "store.busy").into(),
            other => Self::internal(other),
        }
    }
}

impl From<FilesError> for AppError {
    fn from(error: FilesError) -> Self {
        Self::internal(error)
    }
}

impl From<KeyError> for AppError {
    fn from(error: KeyError) -> Self {
        Self::internal(error)
    }
}

impl From<TimestampError> for AppError {
    /// Without trusted time nothing is sealed; the caller may try again later.
    fn from(error: TimestampError) -> Self {
        tracing::error!(%error, "no timestamp");
        Refusal::new(RefusalClass::Unavailable, "timestamps.unavailable").into()
    }
}

impl From<tokio::task::JoinError> for AppError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::internal(error)
    }
}

/// A refusal that the thing does not exist, or that the caller may not know that it does.
pub(crate) fn not_found(code: &'static str) -> Refusal {
    Refusal::new(RefusalClass::NotFound, code)
}

/// A refusal that the caller may not do this.
pub(crate) fn forbidden(code: &'static str) -> Refusal {
    Refusal::new(RefusalClass::Forbidden, code)
}

/// A refusal that the state of the thing does not allow it.
pub(crate) fn conflict(code: &'static str) -> Refusal {
    Refusal::new(RefusalClass::Conflict, code)
}
