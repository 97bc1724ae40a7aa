//! What who asked sees: the catalogue, what became of a request, and, after a yes, what was shown.

use super::super::error::conflict;
use super::super::redeem_show_code::Shown;
use super::super::{AppError, Service, access, audit};
use super::{end, shown, unknown, why_over};
use crate::domain::matter::Matter;
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::show_request::{Ended, Ending, ShowRequest};
use crate::domain::time::Timestamp;
use crate::ports::store::{self, Transaction, TxError};
use serde_json::json;
use std::sync::Arc;

const ASKERS: &[Role] = &[Role::Clerk, Role::Institution];

/// Every matter that the caller may ask for.
pub fn matters(service: &Service, caller: &Credential) -> Vec<Arc<Matter>> {
    let may = |matter: &Matter| matter.needs.iter().all(|need| caller.kinds.allows(&need.kind));
    service.asking.matters.iter().filter(|matter| may(matter)).map(Arc::clone).collect()
}

/// A request as it stands.
pub struct Watched {
    /// The request.
    pub request: ShowRequest,
    /// `open`, `expired`, or how it ended.
    pub state: &'static str,
    /// By our clock.
    pub now: Timestamp,
}

/// What became of the caller's own request. Names nobody: not a use of anybody's data.
pub async fn watch(service: &Service, caller: &Credential, id: &str) -> Result<Watched, AppError> {
    access::only(caller, ASKERS)?;
    let request =
        store::read(service.store.as_ref(), |tx, _| Box::pin(async move { own(tx, caller, id).await }))
            .await?;
    let now = service.clock.now();
    Ok(Watched { state: request.state(now), request, now })
}

pub(super) async fn own(
    tx: &mut dyn Transaction,
    caller: &Credential,
    id: &str,
) -> Result<ShowRequest, TxError> {
    let request = tx.request(id).await?.filter(|request| request.by == caller.id);
    Ok(request.ok_or_else(unknown)?)
}

/// Who asked takes it back.
pub async fn withdraw(service: &Service, caller: &Credential, id: &str) -> Result<(), AppError> {
    access::only(caller, ASKERS)?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "request.withdraw", id, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let request = own(&mut *tx, caller, id).await?;
            request.check_open(now).map_err(why_over)?;
            let ended = Ended { how: Ending::Withdrawn, at: now, showing: None, materials: Vec::new() };
            end(tx, &request, &ended).await
        })
    })
    .await
}

/// What was shown for the caller's own request, for some minutes after the yes.
pub async fn disclosed(service: &Service, caller: &Credential, id: &str) -> Result<Shown, AppError> {
    access::only(caller, ASKERS)?;
    let now = service.clock.now();
    let line =
        audit::line(now, &caller.id, "request.read_showing", id, &json!({ "role": caller.role.name() }));
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let request = own(&mut *tx, caller, id).await?;
            if let Err(over) = request.check_open(now)
                && request.ended.as_ref().is_none_or(|ended| ended.showing.is_none())
            {
                return Err(why_over(over).into());
            }
            if request.ended.is_none() {
                return Err(conflict("ask.still_open").into());
            }
            let showing = request.readable(now);
            let showing = showing.ok_or_else(|| Refusal::new(RefusalClass::Gone, "ask.read_too_late"))?;
            let showing = tx.showing(showing).await?.ok_or_else(unknown)?;
            shown(tx, service, &showing, now).await
        })
    })
    .await
}
