//! A license, its file and its history, for its issuer and its holder. Every read is an audit line.

use super::error::not_found;
use super::{AppError, Service, access, audit};
use crate::domain::license::{FileFormat, License, LicenseFile, LicenseId};
use crate::domain::party::Credential;
use crate::domain::refusal::Refusal;
use crate::ports::files::ContentHash;
use crate::ports::store::{self, LicenseEvent};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The license in full.
pub async fn run(service: &Service, caller: &Credential, id: &LicenseId) -> Result<License, AppError> {
    let detail = json!({ "role": caller.role.name() });
    let line = audit::line(service.clock.now(), &caller.id, "license.read", id.as_str(), &detail);
    audit::audited(service, line, |tx, _| Box::pin(async move { access::license(tx, caller, id).await }))
        .await
}

/// A sealed file, as it was released: the one of `format`, or without a wish the first that its kind names.
pub async fn file(
    service: &Service,
    caller: &Credential,
    id: &LicenseId,
    format: Option<FileFormat>,
) -> Result<Downloaded, AppError> {
    let form = format.map_or("any", FileFormat::name);
    let detail = json!({ "role": caller.role.name(), "form": form });
    let line = audit::line(service.clock.now(), &caller.id, "license.read_file", id.as_str(), &detail);
    let file = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let license = access::license(tx, caller, id).await?;
            Ok(chosen(&license, format)?)
        })
    })
    .await?;
    download(service, file).await
}

/// The file of `format`, or without a wish the first that the kind names.
pub(crate) fn chosen(license: &License, format: Option<FileFormat>) -> Result<LicenseFile, Refusal> {
    let file = match format {
        Some(format) => license.file(format),
        None => license.files.first(),
    };
    let form = format.map_or("any", FileFormat::name);
    Ok(*file.ok_or_else(|| not_found("license.no_such_file").with("format", form))?)
}

/// The bytes of a file that the caller may have.
pub(crate) async fn download(service: &Service, file: LicenseFile) -> Result<Downloaded, AppError> {
    let hash = ContentHash(file.sha256);
    let bytes = service.files.get(&hash).await?;
    let bytes = bytes
        .ok_or_else(|| AppError::internal(format!("the file {hash} of a released license is missing")))?;
    Ok(Downloaded { format: file.form.format, bytes })
}

/// A license file that was read.
pub struct Downloaded {
    /// Its format.
    pub format: FileFormat,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What has happened to the license, oldest first.
pub async fn history(
    service: &Service,
    caller: &Credential,
    id: &LicenseId,
) -> Result<Vec<LicenseEvent>, AppError> {
    let line =
        audit::line(service.clock.now(), &caller.id, "license.read_history", id.as_str(), &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            access::license(&mut *tx, caller, id).await?;
            let events = tx.license_events(id).await?;
            if events.is_empty() { Err(not_found("license.unknown").into()) } else { Ok(events) }
        })
    })
    .await
}

/// What those who acted are called: the label of each one's credential, by its identifier.
pub async fn labels(
    service: &Service,
    events: &[LicenseEvent],
) -> Result<BTreeMap<String, String>, AppError> {
    let ids: BTreeSet<&str> = events.iter().map(|event| event.by.as_str()).collect();
    let ids = &ids;
    let labels = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let mut labels = BTreeMap::new();
            for id in ids {
                if let Some(credential) = tx.credential(id).await? {
                    labels.insert((*id).to_owned(), credential.label);
                }
            }
            Ok(labels)
        })
    })
    .await?;
    Ok(labels)
}
