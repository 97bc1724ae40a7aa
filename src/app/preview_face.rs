//! Shows what a license would look like while its form is filled in.

use super::error::not_found;
use super::issue_license::face_fault;
use super::{AppError, Service, access};
use crate::documents::face::{self, FaceContent};
use crate::domain::license::check::value::{self, RawValue};
use crate::domain::license::kind::Validity;
use crate::domain::license::{LicenseData, draft};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::Fault;
use crate::ports::store;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A form that is being filled in.
pub struct Request {
    /// Kind name.
    pub kind: String,
    /// Values so far, as they were typed.
    pub data: BTreeMap<String, RawValue>,
    /// The printed number, if the caller gives it itself.
    pub number: Option<String>,
    /// Whose license it would be (credit code), where it is not the caller's own department.
    pub issuer: Option<String>,
}

/// What it looks like.
pub struct Preview {
    /// The face as SVG, without a seal.
    pub svg: String,
    /// What is not yet right, each with its pointer `/data/<field>`. Fields left empty are no fault here.
    pub faults: Vec<Fault>,
}

/// Draws the face with every value that is right so far.
pub async fn run(service: &Arc<Service>, caller: &Credential, request: Request) -> Result<Preview, AppError> {
    access::only(caller, &[Role::Department])?;
    let department = request.issuer.as_deref().or(caller.department.as_deref());
    let department = department.ok_or_else(|| not_found("department.unknown"))?;
    let department = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.department(department).await?) })
    })
    .await?;
    let name = department.map(|d| d.name_zh).unwrap_or_default();
    let kind = Arc::clone(service.kinds.get(&request.kind).ok_or_else(|| not_found("kind.unknown"))?);
    let now = service.clock.now();
    let service = Arc::clone(service);
    let drawn = tokio::task::spawn_blocking(move || {
        let today = now.date_in_china();
        let mut data = LicenseData::new();
        let mut faults = Vec::new();
        for field in &kind.fields {
            let Some(raw) = request.data.get(&field.name) else { continue };
            match value::canonical(&field.field_type, raw, &format!("/data/{}", field.name), today) {
                Ok(Some(text)) => {
                    data.insert(field.name.clone(), text);
                }
                Ok(None) => {}
                Err(fault) => faults.push(fault),
            }
        }
        let (from, until) = draft::period(&kind, &data, today);
        let begins = match &kind.validity {
            Validity::Fields { from, .. } => data.contains_key(from),
            Validity::Unlimited | Validity::Years(_) => true,
        };
        let content = FaceContent {
            data: &data,
            number: request.number.as_deref().unwrap_or_default(),
            identifier: "",
            issuer_name: &name,
            issued_on: Some(today),
            valid_from: begins.then_some(from),
            valid_until: until.filter(|_| begins),
            check_code: "",
            verification_url: "",
        };
        let (face, of_face) = face::draft(&kind, &content, &service.fonts);
        faults.extend(of_face.iter().map(|fault| face_fault(&kind, fault)));
        Preview { svg: face::svg(&face, &[], &service.fonts), faults }
    });
    Ok(drawn.await?)
}
