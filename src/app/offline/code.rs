//! What every offline code is made of, on paper and on a phone.

use super::{bundle, keys, places};
use crate::app::error::conflict;
use crate::app::{AppError, Service, access};
use crate::crypto::sha256;
use crate::domain::license::{License, LicenseData, LicenseId, LicenseKind, Standing, mask};
use crate::domain::offline_code::{LicenseRef, MOST_FIELDS, Medium, OfflineCode, OfflineKey, field_order};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::status_entry::ENTRIES;
use crate::domain::status_list::StatusRef;
use crate::domain::time::Timestamp;
use crate::formats::offline_code::{NotWritten, draft, sign};
use crate::ports::keys::{HandleSigner, KeyHandle};
use crate::ports::store::{self, TxError};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What there is to make a code of.
pub(super) struct Material {
    pub license: License,
    pub kind: Arc<LicenseKind>,
    /// The issuing department's Chinese name.
    pub issuer_name: String,
    pub key: OfflineKey,
}

/// Reads the license, which this holder must hold, and finds the key of its issuer.
pub(super) async fn material(
    service: &Arc<Service>,
    holder: Option<&str>,
    id: &LicenseId,
) -> Result<Material, AppError> {
    let (license, department) = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let license = access::held(&mut *tx, holder, id).await?;
            let department = tx.department(&license.issuer).await?;
            Ok((license, department))
        })
    })
    .await?;
    in_force(&license, service.clock.now())?;
    let department = department.ok_or_else(|| AppError::internal("a license without its department"))?;
    // The bundle says so too: a verifier would refuse the code.
    let vouched = bundle::kinds(service, &department).any(|kind| kind.name == license.kind);
    let kind = service.kinds.get(&license.kind).filter(|_| vouched);
    let kind = Arc::clone(kind.ok_or_else(|| conflict("offline_code.not_vouched_for"))?);
    let key = keys::of(service, &license.issuer).await?;
    Ok(Material { license, kind, issuer_name: department.name_zh, key })
}

/// Refuses a license that is not in force.
pub(super) fn in_force(license: &License, now: Timestamp) -> Result<(), Refusal> {
    match license.standing(now) {
        Standing::InForce => Ok(()),
        other => Err(conflict("license.not_in_force").with("standing", other.name())),
    }
}

/// The chosen fields as the kind masks them for strangers, in the order of a code. Those that the license leaves empty are
/// left out.
pub(super) fn fields(
    kind: &LicenseKind,
    data: &LicenseData,
    asked: &[String],
) -> Result<Vec<(String, String)>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut chosen: Vec<(String, String)> = Vec::new();
    if !(1..=MOST_FIELDS).contains(&asked.len()) {
        faults.push(Fault::at("/fields", "offline.too_many_fields").with("max", MOST_FIELDS));
    }
    let mut seen = BTreeSet::new();
    for (at, name) in asked.iter().enumerate().take(MOST_FIELDS).filter(|(_, name)| seen.insert(*name)) {
        let place = format!("/fields/{at}");
        let Some(field) = kind.field(name) else {
            faults.push(Fault::at(place, "field.unknown"));
            continue;
        };
        let Some(value) = data.get(name).filter(|value| !value.is_empty()) else { continue };
        match mask::masked(field, value) {
            Some(masked) => chosen.push((name.clone(), masked)),
            None => faults.push(Fault::at(place, "offline_code.sensitive")),
        }
    }
    field_order(&mut chosen);
    if faults.is_empty() { Ok(chosen) } else { Err(faults) }
}

/// A code whose place is not known yet: with the last place of the newest list, which takes most room.
pub(super) async fn unplaced(
    service: &Service,
    material: &Material,
    fields: Vec<(String, String)>,
    medium: Medium,
    now: Timestamp,
) -> Result<OfflineCode, AppError> {
    let lists =
        store::read(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.status_lists().await?) }));
    // Another list may be opened before the code has its place.
    let newest = lists.await?.last().map_or(1, |(number, _)| number + 1);
    let file = material.license.files.first();
    let file = file.ok_or_else(|| AppError::internal("a license without a file"))?;
    Ok(OfflineCode {
        issuer: material.license.issuer.clone(),
        kind: material.license.kind.clone(),
        license: LicenseRef::Identifier(material.license.id.clone()),
        fields,
        issued: now,
        from: now,
        file_sha256: file.sha256,
        status: StatusRef { uri: places::address(service, newest), index: ENTRIES - 1 },
        medium,
    })
}

/// Shortens how the code names its license.
pub(super) fn shorten(code: &mut OfflineCode, license: &LicenseId) {
    let mut short = [0; 12];
    short.copy_from_slice(&sha256(license.as_str().as_bytes())[..12]);
    code.license = LicenseRef::Short(short);
}

/// The bytes that a code will have, without its signature; what is wrong with it is the caller's request.
pub(super) fn drafted(code: &OfflineCode, key: &OfflineKey) -> Result<Vec<u8>, AppError> {
    draft(code, keys::suite_of(key)?, &key.spki).map_err(|why| match why {
        NotWritten::Faults(faults) => Refusal::invalid(faults).into(),
        other => AppError::internal(other),
    })
}

/// Signs a code.
pub(super) async fn signed(
    service: &Arc<Service>,
    code: OfflineCode,
    key: &OfflineKey,
) -> Result<Vec<u8>, AppError> {
    let handle = KeyHandle::parse(&key.handle).ok_or_else(|| AppError::internal("no key handle"))?;
    let service = Arc::clone(service);
    let signing = tokio::task::spawn_blocking(move || -> Result<Vec<u8>, AppError> {
        let signer = HandleSigner::new(service.keys.as_ref(), &handle)?;
        sign(&code, &signer).map_err(AppError::internal)
    });
    signing.await?
}

/// For use inside a transaction: the license as it is now.
pub(super) fn still(license: Option<License>, now: Timestamp) -> Result<License, TxError> {
    let license = license.ok_or_else(|| crate::app::error::not_found("license.unknown"))?;
    in_force(&license, now)?;
    Ok(license)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::kinds;

    #[test]
    fn fields_are_masked_as_for_strangers_and_sensitive_ones_refused() {
        let kinds = kinds::load(None).expect("the embedded kinds");
        let kind = kinds.get("birth-medical-certificate").expect("a kind");
        let data: LicenseData =
            [("mother_name", "林知微"), ("newborn_sex", "female"), ("weight", "3260"), ("father_name", "")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into();
        let chosen = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            fields(kind, &data, &names)
                .map_err(|faults| faults.iter().map(|f| (f.pointer.clone(), f.code)).collect::<Vec<_>>())
        };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        // Shorter names first; what the license leaves empty, and what was asked for twice, is not there.
        let good = chosen(&["newborn_sex", "mother_name", "father_name", "newborn_sex"]);
        assert_eq!(good, Ok(vec![pair("mother_name", "林**"), pair("newborn_sex", "***")]));
        let fault = |at: &str, code| Err(vec![(at.to_owned(), code)]);
        assert_eq!(chosen(&["mother_name", "weight"]), fault("/fields/1", "offline_code.sensitive"));
        assert_eq!(chosen(&["colour"]), fault("/fields/0", "field.unknown"));
        assert_eq!(chosen(&[]), fault("/fields", "offline.too_many_fields"));
        assert_eq!(chosen(&["mother_name"; 13]), fault("/fields", "offline.too_many_fields"));
    }
}
