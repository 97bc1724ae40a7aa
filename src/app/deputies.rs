//! Deputies (亲属代亮): a holder lets another holder show its licenses on its behalf, for a time, and takes that back. The
//! other one sees the cards and shows them; it never reads the licenses.

use super::error::{conflict, forbidden, not_found};
use super::{AppError, Service, access, audit, inputs};
use crate::domain::consent::{Deputy, LONGEST};
use crate::domain::license::{License, LicenseId};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::time::Date;
use crate::ports::store::{self, LicenseFilter, Page};
use serde_json::json;

/// Most deputies that a list shows.
const MOST: u32 = 50;
/// Most deputies in force that one holder may have.
const MOST_IN_FORCE: usize = 10;
/// Most licenses that may be named for one.
const MOST_LICENSES: usize = 50;

/// Whom to name.
pub struct Request {
    /// That one's holder code.
    pub deputy: String,
    /// What the owner calls that one, 1 to 40 characters.
    pub name: String,
    /// Which licenses; all where none is named.
    pub licenses: Vec<LicenseId>,
    /// The last day.
    pub until: Date,
}

/// Names a deputy. Whether anybody has that code is not told.
pub async fn name(service: &Service, caller: &Credential, request: Request) -> Result<Deputy, AppError> {
    let owner = holder(caller)?;
    let now = service.clock.now();
    let mut faults = Vec::new();
    let deputy = inputs::line("/deputy", &request.deputy, 4, 40, &mut faults).to_uppercase();
    let deputy_name = inputs::line("/name", &request.name, 1, 40, &mut faults);
    let until = request.until.next_day().map(crate::domain::time::Timestamp::start_of);
    let until = until.filter(|until| *until > now && *until <= now.plus(LONGEST));
    if until.is_none() {
        faults.push(Fault::at("/until", "deputy.until"));
    }
    if deputy == owner {
        faults.push(Fault::at("/deputy", "deputy.oneself"));
    }
    if request.licenses.len() > MOST_LICENSES {
        faults.push(Fault::at("/licenses", "deputy.too_many_licenses").with("max", MOST_LICENSES));
    }
    let (Some(until), true) = (until, faults.is_empty()) else {
        return Err(Refusal::invalid(faults).into());
    };
    let id = hex::encode(service.random.bytes::<12>());
    // The audit trail names what may be shown, not to whom: that one's code is a person's.
    let licenses: Vec<&str> = request.licenses.iter().map(LicenseId::as_str).collect();
    let line = audit::line(now, &caller.id, "deputy.name", &id, &json!({ "licenses": licenses }));
    let (id, deputy, deputy_name, request) = (&id, &deputy, &deputy_name, &request);
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let in_force = tx.deputies_of(owner, MOST).await?;
            if in_force.iter().filter(|known| known.is_in_force(now)).count() >= MOST_IN_FORCE {
                return Err(conflict("deputy.too_many").with("max", MOST_IN_FORCE).into());
            }
            let mut owner_name = None;
            for license in &request.licenses {
                let license = access::license(&mut *tx, caller, license).await?;
                owner_name = Some(license.holder.name);
            }
            if owner_name.is_none() {
                let newest = tx.licenses(&all_of(owner), &Page { after: None, limit: 1 }).await?;
                owner_name = newest.into_iter().next().map(|license| license.holder.name);
            }
            let named = Deputy {
                id: id.clone(),
                owner: owner.to_owned(),
                owner_name: owner_name.ok_or_else(|| conflict("deputy.no_license"))?,
                deputy: deputy.clone(),
                deputy_name: deputy_name.clone(),
                licenses: request.licenses.clone(),
                created_at: now,
                until,
                withdrawn_at: None,
            };
            tx.add_deputy(&named).await?;
            tx.append_event(&audit::event(service, now, "deputy.named", id, &audit::nothing())).await?;
            Ok(named)
        })
    })
    .await
}

/// The owner takes it back, at once; the one named may give it up too.
pub async fn withdraw(service: &Service, caller: &Credential, id: &str) -> Result<(), AppError> {
    let holder = holder(caller)?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "deputy.withdraw", id, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let known = tx.deputy(id).await?;
            let known = known.filter(|known| known.owner == holder || known.deputy == holder);
            known.ok_or_else(|| not_found("deputy.unknown"))?;
            if !tx.withdraw_deputy(id, now).await? {
                return Err(conflict("deputy.withdrawn_already").into());
            }
            Ok(tx
                .append_event(&audit::event(service, now, "deputy.withdrawn", id, &audit::nothing()))
                .await?)
        })
    })
    .await
}

/// Those that the caller named, and those for whom it may show; newest first, with what is over.
pub async fn list(service: &Service, caller: &Credential) -> Result<(Vec<Deputy>, Vec<Deputy>), AppError> {
    let holder = holder(caller)?;
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok((tx.deputies_of(holder, MOST).await?, tx.deputy_for(holder, MOST).await?)) })
    });
    Ok(found.await?)
}

/// A deputy in force that the caller is, and the licenses that it may show, newest first.
pub async fn cards(
    service: &Service,
    caller: &Credential,
    id: &str,
) -> Result<(Deputy, Vec<License>), AppError> {
    let holder = holder(caller)?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "deputy.list_licenses", id, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let deputy = tx.deputy(id).await?;
            let deputy = deputy.filter(|known| known.deputy == holder && known.is_in_force(now));
            let deputy = deputy.ok_or_else(|| not_found("deputy.unknown"))?;
            let page = Page { after: None, limit: inputs::MOST_ROWS };
            let mut licenses = tx.licenses(&all_of(&deputy.owner), &page).await?;
            licenses.retain(|license| deputy.may_show(&license.holder.code, &license.id, now));
            Ok((deputy, licenses))
        })
    })
    .await
}

fn all_of(owner: &str) -> LicenseFilter {
    LicenseFilter { issuer: None, kind: None, holder: Some(owner.to_owned()), number: None, state: None }
}

fn holder(caller: &Credential) -> Result<&str, Refusal> {
    access::only(caller, &[Role::Holder])?;
    caller.holder.as_deref().ok_or_else(|| forbidden("permit.role"))
}
