//! Answers the verification code printed on a license: identifier and check code give its state and masked fields.

use super::error::not_found;
use super::{AppError, Service, audit};
use crate::domain::license::kind::Bilingual;
use crate::domain::license::kind::{Mask, PrivacyClass};
use crate::domain::license::mask::{self, masked};
use crate::domain::license::{License, LicenseId, Standing};
use crate::domain::party::Credential;
use crate::domain::time::Date;
use crate::ports::store::TxError;
use serde_json::json;
use subtle::ConstantTimeEq;

/// What was printed.
pub struct Request {
    /// Identifier, as read.
    pub identifier: String,
    /// Check code, as read.
    pub check_code: String,
    /// Where the question comes from, for the limit: a network address.
    pub from: String,
}

/// A field that a stranger may see, masked by its privacy class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskedField {
    /// Its name.
    pub name: String,
    /// What it is called.
    pub title: Bilingual,
    /// What may be seen of it, as it is printed.
    pub value: String,
    /// The value as it is stored, where all of it may be seen.
    pub plain: Option<String>,
}

/// What a stranger may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The license.
    pub license: LicenseId,
    /// Its kind's name.
    pub kind: String,
    /// What the kind is called.
    pub kind_title: Bilingual,
    /// Name of the issuing department.
    pub issuer_name: String,
    /// Where it stands.
    pub standing: Standing,
    /// Date of issue.
    pub issued_on: Date,
    /// Last day of validity; `None` if it has no end.
    pub valid_until: Option<Date>,
    /// The holder's name, masked.
    pub holder_name: String,
    /// Fields, in the order of the kind; sensitive ones are left out.
    pub fields: Vec<MaskedField>,
}

/// Answers. An unknown identifier and a wrong check code are refused alike.
pub async fn run(
    service: &Service,
    caller: Option<&Credential>,
    request: Request,
) -> Result<Known, AppError> {
    let now = service.clock.now();
    service.printed_checks.admit(&request.from, now)?;
    let unknown = || not_found("printed_code.unknown");
    let id = LicenseId::parse(&request.identifier).map_err(|_| unknown())?;
    let line = audit::line(now, audit::actor(caller), "license.check", id.as_str(), &json!({}));
    let (id, check_code) = (&id, request.check_code.as_bytes());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let license = tx.license(id).await?;
            let license = license.filter(|l| bool::from(l.check_code.as_bytes().ct_eq(check_code)));
            let license = license.ok_or_else(unknown)?;
            let issuer = tx.department(&license.issuer).await?;
            let issuer_name = issuer.map(|d| d.name_zh).unwrap_or_default();
            let known = known(service, license, issuer_name, now);
            known.ok_or_else(|| TxError::from(unknown()))
        })
    })
    .await
}

fn known(
    service: &Service,
    license: License,
    issuer_name: String,
    now: crate::domain::time::Timestamp,
) -> Option<Known> {
    let kind = service.kinds.get(&license.kind)?;
    let fields = kind.fields.iter().filter_map(|field| {
        let stored = license.data.get(&field.name)?;
        let value = masked(field, stored)?;
        let plain = (field.privacy == PrivacyClass::Public).then(|| stored.clone());
        Some(MaskedField { name: field.name.clone(), title: field.title.clone(), value, plain })
    });
    // As the field below shows it; a name that no field holds, or only a sensitive one, by its first character.
    let name = kind.field(&kind.holder.name).and_then(|field| masked(field, &license.holder.name));
    Some(Known {
        holder_name: name.unwrap_or_else(|| mask::apply(Mask::Name, &license.holder.name)),
        fields: fields.collect(),
        kind: kind.name.clone(),
        kind_title: kind.title.clone(),
        issuer_name,
        standing: license.standing(now),
        issued_on: license.issued_on,
        valid_until: license.valid_until,
        license: license.id,
    })
}
