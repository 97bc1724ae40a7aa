//! Audit lines and outbox events: what happened, in names, never in values.

use super::{AppError, Service};
use crate::domain::party::Credential;
use crate::domain::time::Timestamp;
use crate::ports::store::{self, AuditLine, OutboxEvent, Scope, Transaction, TxError};
use futures::future::BoxFuture;
use serde_json::{Value, json};
use std::marker::PhantomData;

/// The actor of what nobody signed in for.
pub const PUBLIC: &str = "public";
/// The actor of what the service does by itself.
pub const SYSTEM: &str = "system";

/// A line of the audit trail that says `ok`. `detail` holds names and codes, never personal data.
pub(crate) fn line(at: Timestamp, actor: &str, action: &str, subject: &str, detail: &Value) -> AuditLine {
    AuditLine {
        position: 0,
        at,
        actor: actor.to_owned(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail: detail.to_string(),
        outcome: "ok".to_owned(),
    }
}

/// An event for the outbox.
pub(crate) fn event(
    service: &Service,
    at: Timestamp,
    topic: &str,
    subject: &str,
    body: &Value,
) -> OutboxEvent {
    OutboxEvent {
        position: 0,
        id: hex::encode(service.random.bytes::<16>()),
        topic: topic.to_owned(),
        subject: subject.to_owned(),
        concerns: Vec::new(),
        body: body.to_string(),
        at,
    }
}

/// Who reads or does something, for the audit trail: a credential id or [`PUBLIC`].
pub(crate) fn actor(caller: Option<&Credential>) -> &str {
    caller.map_or(PUBLIC, |c| c.id.as_str())
}

/// No further detail.
pub(crate) fn nothing() -> Value {
    json!({})
}

/// Runs `work` in a writing transaction that also writes `line`, so that neither stands without the other: a read whose
/// line cannot be written gives nothing. A refusal is written too, by itself, under its code.
pub(crate) async fn audited<'j, T, W>(service: &Service, line: AuditLine, work: W) -> Result<T, AppError>
where
    T: Send + 'j,
    W: for<'t> Fn(&'t mut dyn Transaction, Scope<'t, 'j>) -> BoxFuture<'t, Result<T, TxError>>
        + Send
        + Sync
        + 'j,
{
    let (job, ok) = (&work, &line);
    let outcome = store::write(service.store.as_ref(), move |tx, _| {
        Box::pin(async move {
            let made = job(&mut *tx, PhantomData).await?;
            tx.append_audit(ok).await?;
            Ok(made)
        })
    })
    .await;
    refused(service, line, outcome).await
}

/// Hands `outcome` on; where it is a refusal, `line` is written first, by itself, under its code.
pub(crate) async fn refused<T>(
    service: &Service,
    line: AuditLine,
    outcome: Result<T, TxError>,
) -> Result<T, AppError> {
    if let Err(TxError::Refused(refusal)) = &outcome {
        append(service, &AuditLine { outcome: refusal.code.to_owned(), ..line }).await?;
    }
    Ok(outcome?)
}

/// Writes one line in its own transaction.
pub(crate) async fn append(service: &Service, line: &AuditLine) -> Result<(), AppError> {
    store::write(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.append_audit(line).await?) }))
        .await?;
    Ok(())
}
