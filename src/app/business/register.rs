//! Registers a business, and changes it: its license and its seals together or not at all.

use crate::app::error::not_found;
use crate::app::issue_license::{self, BusinessOrder, Issued, Order, Replaced};
use crate::app::{AppError, Service, access, inputs};
use crate::domain::license::LicenseId;
use crate::domain::license::draft::RawValue;
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::seal::{SealCode, SealPurpose};
use crate::ports::store;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A business to register.
pub struct Registration {
    /// Kind of its license: one that says who the legal representative is.
    pub kind: String,
    /// The department's seal on the license.
    pub seal: SealCode,
    /// The license's fields.
    pub data: BTreeMap<String, RawValue>,
    /// The seals to make with it; the legal name seal is never left out.
    pub seals: Vec<SealPurpose>,
    /// A license that it has already, to which this is the next edition, and why.
    pub replaces: Option<(LicenseId, String)>,
}

/// Registers it under the department's idempotency key.
pub async fn run(
    service: &Arc<Service>,
    caller: &Credential,
    key: &str,
    request: Registration,
) -> Result<Issued, AppError> {
    access::only(caller, &[Role::Department])?;
    let mut faults = Vec::new();
    let replaces = request.replaces.map(|(license, reason)| Replaced {
        license,
        revision: None,
        reason: inputs::line("/reason", &reason, 2, 200, &mut faults),
    });
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let order = Order {
        kind: request.kind,
        seal: request.seal,
        data: request.data,
        number: None,
        replaces,
        envelope: None,
        grant: None,
        business: Some(BusinessOrder::Register { seals: request.seals }),
    };
    issue_license::run(service, caller, key, order).await
}

/// A change of a business.
pub struct Change {
    /// Which business, by credit code.
    pub business: String,
    /// The revision that the caller saw; `None` changes whatever stands now.
    pub revision: Option<u32>,
    /// The department's seal on the new edition of the license.
    pub seal: SealCode,
    /// All fields as they shall stand from now on.
    pub data: BTreeMap<String, RawValue>,
    /// Seals to make beside those that the change makes anew: of purposes of which the company has none in use.
    pub seals: Vec<SealPurpose>,
    /// Why, 2 to 200 characters.
    pub reason: String,
}

/// Changes it under the department's idempotency key: a new edition of the license, and with it each seal that says what has
/// changed. Where another person leads the company now, its manager and employees lose their access; control is handed over
/// anew.
pub async fn change(
    service: &Arc<Service>,
    caller: &Credential,
    key: &str,
    request: Change,
) -> Result<Issued, AppError> {
    access::only(caller, &[Role::Department])?;
    let mut faults = Vec::new();
    let reason = inputs::line("/reason", &request.reason, 2, 200, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let (code, department) = (&request.business, caller.department.as_deref().unwrap_or_default());
    let license = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            // An order that was carried out is repeated as it was: it named the edition that stood before it.
            if let Some(earlier) = tx.issuance(department, key).await?
                && let Some(Order { replaces: Some(replaced), .. }) = Order::from_text(&earlier.request)
            {
                return Ok((replaced.license, None));
            }
            let business = super::of_registry(&mut *tx, caller, code).await?;
            business.check_changeable(None)?;
            let license = tx.license(&business.license).await?.ok_or_else(|| not_found("license.unknown"))?;
            Ok((license.id, Some(license.kind)))
        })
    })
    .await?;
    let (license, kind) = license;
    let kind = match kind {
        Some(kind) => kind,
        None => kind_of(service, &license).await?,
    };
    let order = Order {
        kind,
        seal: request.seal,
        data: request.data,
        number: None,
        replaces: Some(Replaced { license, revision: None, reason }),
        envelope: None,
        grant: None,
        business: Some(BusinessOrder::Change { revision: request.revision, seals: request.seals }),
    };
    let issued = issue_license::run(service, caller, key, order).await?;
    if issued.license.holder.code == *code {
        Ok(issued)
    } else {
        // The key was used for another business.
        Err(Refusal::invalid(vec![Fault::at("/data", "business.other_code")]).into())
    }
}

async fn kind_of(service: &Service, license: &LicenseId) -> Result<String, AppError> {
    let found = store::glance(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.license(license).await?) })
    });
    Ok(found.await?.ok_or_else(|| not_found("license.unknown"))?.kind)
}
