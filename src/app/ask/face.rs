//! The door of a counter that recognises faces (刷脸): an identity assertion of a configured verifier stands in for the phone.

use super::super::error::conflict;
use super::super::{AppError, Service, access, assertion, audit};
use super::{Answer, carry_out, fields_shown, fitting, unknown, why_over};
use crate::domain::party::{Credential, Role};
use crate::domain::show_code::{Part, Way};
use crate::domain::show_request::ShowRequest;
use crate::domain::time::Timestamp;
use crate::ports::store::{Transaction, TxError};

/// A verifier says who stands at the counter; gives the showing's identifier. What is shown is what the matter cannot do
/// without, and no more: nobody is asked about the rest.
pub async fn recognised(
    service: &Service,
    caller: &Credential,
    id: &str,
    token: &str,
) -> Result<String, AppError> {
    access::only(caller, &[Role::Clerk, Role::Institution])?;
    let now = service.clock.now();
    let verifiers = assertion::verifiers(service, caller);
    let line = audit::line(now, &caller.id, "request.assert", id, &audit::nothing());
    let verifiers = &verifiers;
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let request = tx.request(id).await?.filter(|request| request.by == caller.id);
            let request = request.ok_or_else(unknown)?;
            let asserted = assertion::take(&mut *tx, service, verifiers, (id, token), now).await?;
            request.check_open(now).map_err(why_over)?;
            let parts = least(&mut *tx, service, &request, &asserted.holder, now).await?;
            let answer = Answer {
                holder: &asserted.holder,
                by: &caller.id,
                way: Way::Face,
                parts,
                materials: Vec::new(),
                told: asserted.told(),
            };
            Ok(carry_out(tx, service, &request, answer, now).await?.id)
        })
    })
    .await
}

/// What the matter cannot do without, of the one license of each kind.
async fn least(
    tx: &mut dyn Transaction,
    service: &Service,
    request: &ShowRequest,
    holder: &str,
    now: Timestamp,
) -> Result<Vec<Part>, TxError> {
    let mut parts = Vec::new();
    // Where nothing is indispensable the first is what the counter asks for.
    let none = request.asked.iter().all(|asked| asked.may_lack);
    for asked in request.asked.iter().filter(|asked| none || !asked.may_lack) {
        let mut licenses = fitting(&mut *tx, holder, &asked.kind, now).await?.into_iter();
        match (licenses.next(), licenses.next()) {
            (Some(only), None) => {
                parts.push(Part { license: only.id, fields: fields_shown(service, asked, &[]) });
            }
            (None, _) if asked.may_lack => {}
            (None, _) => return Err(conflict("ask.kind_missing").with("kind", &asked.kind).into()),
            // Which one is for the holder to say, on a phone.
            (Some(_), Some(_)) => return Err(conflict("ask.several_fit").with("kind", &asked.kind).into()),
        }
    }
    if parts.is_empty() { Err(conflict("ask.nothing").into()) } else { Ok(parts) }
}
