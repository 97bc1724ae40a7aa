//! The files of the license that an envelope became, for everybody whose seal is on it: whoever seals answers for what was
//! sealed, and keeps it.

use super::visible;
use crate::app::error::{conflict, forbidden, not_found};
use crate::app::read_license::{self, Downloaded};
use crate::app::{AppError, Service, access, audit, issue_license};
use crate::domain::envelope::{Envelope, EnvelopeId};
use crate::domain::license::{FileFormat, License, LicenseId};
use crate::domain::party::{Credential, Role};
use crate::ports::store::{self, Transaction, TxError};
use serde_json::json;

/// A file of the finished license: the one of `format`, or without a wish the first that its kind names. The read is an audit
/// line of the license.
pub async fn run(
    service: &Service,
    caller: &Credential,
    id: &EnvelopeId,
    format: Option<FileFormat>,
) -> Result<(LicenseId, Downloaded), AppError> {
    access::only(caller, &[Role::Department])?;
    // Asked before, to know what the line is about; what counts is asked again in the transaction of the line.
    let asked = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(license(tx, caller, id).await?.id) })
    })
    .await;
    let subject = match asked {
        Ok(license) => license.as_str().to_owned(),
        Err(TxError::Refused(_)) => id.as_str().to_owned(),
        Err(why) => return Err(why.into()),
    };
    let form = format.map_or("any", FileFormat::name);
    let detail = json!({ "role": caller.role.name(), "form": form, "envelope": id.as_str() });
    let line = audit::line(service.clock.now(), &caller.id, "license.read_file", &subject, &detail);
    let (license, file) = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let license = license(tx, caller, id).await?;
            let file = read_license::chosen(&license, format)?;
            Ok((license.id, file))
        })
    })
    .await?;
    Ok((license, read_license::download(service, file).await?))
}

/// The finished license of an envelope that the caller's department may have.
async fn license(tx: &mut dyn Transaction, caller: &Credential, id: &EnvelopeId) -> Result<License, TxError> {
    let envelope = visible(&mut *tx, caller, id).await?;
    let license = envelope.license.as_ref().ok_or_else(|| conflict("envelope.not_finished"))?;
    if !may_have(caller, &envelope) {
        return Err(forbidden("envelope.not_sealed_by_you").into());
    }
    issue_license::stored(tx, license).await
}

fn may_have(caller: &Credential, envelope: &Envelope) -> bool {
    caller.department.as_deref().is_some_and(|body| envelope.may_have_license(body))
}

/// The formats in which the caller may have the license; none while there is no license, or where it may not.
pub(super) async fn formats(
    tx: &mut dyn Transaction,
    caller: &Credential,
    envelope: &Envelope,
) -> Result<Vec<FileFormat>, TxError> {
    let Some(license) = envelope.license.as_ref().filter(|_| may_have(caller, envelope)) else {
        return Ok(Vec::new());
    };
    let license = tx.license(license).await?.ok_or_else(|| not_found("license.unknown"))?;
    Ok(license.files.iter().map(|file| file.form.format).collect())
}
