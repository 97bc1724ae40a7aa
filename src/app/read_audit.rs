//! Reads the audit trail; that it was read is a line too.

use super::{AppError, Service, access, audit, inputs};
use crate::domain::party::{Credential, Role};
use crate::ports::store::AuditLine;
use serde_json::json;

/// Which lines.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Of this subject.
    pub subject: Option<String>,
    /// Of this actor.
    pub actor: Option<String>,
    /// After this position.
    pub after: i64,
    /// How many; 50 unless told, at most 200.
    pub limit: Option<u32>,
}

/// Lines in the order they were written.
pub async fn run(
    service: &Service,
    caller: &Credential,
    request: Request,
) -> Result<Vec<AuditLine>, AppError> {
    access::only(caller, &[Role::Auditor])?;
    let limit = inputs::rows(request.limit);
    let detail = json!({ "subject": request.subject, "actor": request.actor, "after": request.after });
    let line = audit::line(service.clock.now(), &caller.id, "audit.read", "audit", &detail);
    let (subject, actor) = (request.subject.as_deref(), request.actor.as_deref());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move { Ok(tx.audit_lines(subject, actor, request.after, limit).await?) })
    })
    .await
}
