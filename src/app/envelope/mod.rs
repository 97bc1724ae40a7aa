//! Sealing together: starts envelopes, takes what parties decide, and lays the seals on when all is there. The rules are
//! in `domain::envelope`; here every act is one transaction: state, history, audit line and events together.

pub mod act;
pub(crate) mod amended;
pub mod audit_sheet;
mod commit;
pub mod consent;
pub mod content;
pub mod correct;
pub mod file;
pub(crate) mod finish;
pub mod list;
pub mod look_after;
pub mod open;
pub mod read;
mod under_grant;

use super::error::not_found;
use super::{AppError, access};
use crate::domain::envelope::{Envelope, EnvelopeId};
use crate::domain::party::{Credential, Role};
use crate::ports::store::{Transaction, TxError};

/// The department that a caller acts for; nobody else takes part in envelopes.
pub(crate) fn department_of(caller: &Credential) -> Result<&str, AppError> {
    access::only(caller, &[Role::Department])?;
    Ok(caller.department.as_deref().ok_or_else(|| not_found("department.unknown"))?)
}

/// Reads an envelope that the caller may see: its department takes part and the kind is in its scope. To everyone else it
/// does not exist.
pub(crate) async fn visible(
    tx: &mut dyn Transaction,
    caller: &Credential,
    id: &EnvelopeId,
) -> Result<Envelope, TxError> {
    let envelope = tx.envelope(id).await?.ok_or_else(|| not_found("envelope.unknown"))?;
    if takes_part(caller, &envelope) { Ok(envelope) } else { Err(not_found("envelope.unknown").into()) }
}

/// Whether the caller's department takes part and the kind is in its scope; an auditor looks at everything.
fn takes_part(caller: &Credential, envelope: &Envelope) -> bool {
    caller.role == Role::Auditor
        || (caller.role == Role::Department
            && caller.kinds.allows(&envelope.kind)
            && caller.department.as_deref().is_some_and(|body| envelope.involves(body)))
}
