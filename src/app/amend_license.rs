//! Amends a license: a new edition takes its place, in one transaction with the end of the old one.

use super::issue_license::{self, Issued, Order, Replaced};
use super::{AppError, Service, inputs};
use crate::domain::license::LicenseId;
use crate::domain::license::draft::RawValue;
use crate::domain::party::Credential;
use crate::domain::refusal::Refusal;
use crate::domain::seal::SealCode;
use crate::ports::store;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A new edition.
pub struct Request {
    /// The edition to replace.
    pub license: LicenseId,
    /// The revision the caller saw. `None` replaces whatever stands then.
    pub revision: Option<u32>,
    /// All fields as they shall stand from now on.
    pub data: BTreeMap<String, RawValue>,
    /// The seal to put on it.
    pub seal: SealCode,
    /// Why, 2 to 200 characters.
    pub reason: String,
}

/// Issues the new edition under the department's idempotency key, with all the steps of issuing.
pub async fn run(
    service: &Arc<Service>,
    caller: &Credential,
    key: &str,
    request: Request,
) -> Result<Issued, AppError> {
    let mut faults = Vec::new();
    let reason = inputs::line("/reason", &request.reason, 2, 200, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let id = &request.license;
    // Only the kind is taken from here; who may replace what is asked again in the steps of issuing.
    let kind = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(super::access::license(tx, caller, id).await?.kind) })
    })
    .await?;
    let replaces = Some(Replaced { license: request.license, revision: request.revision, reason });
    let order = Order {
        kind,
        seal: request.seal,
        data: request.data,
        number: None,
        replaces,
        envelope: None,
        grant: None,
        business: None,
    };
    issue_license::run(service, caller, key, order).await
}
