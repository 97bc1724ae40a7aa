//! What a holder sees of a request before answering: who asks, for what, which fields, which of the holder's licenses fit.

use super::super::error::forbidden;
use super::super::{AppError, Service, access, audit};
use super::materials::{self, Held};
use super::{count_guess, fitting, hash_of, open_one};
use crate::domain::license::License;
use crate::domain::matter::Matter;
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::show_request::{Asked, ShowRequest};
use serde_json::json;
use std::sync::Arc;

/// A request in a holder's eyes.
pub struct Look {
    /// The request. Its number is for the other screen.
    pub request: ShowRequest,
    /// The matter.
    pub matter: Arc<Matter>,
    /// What is asked for, each with the holder's licenses that fit.
    pub fitting: Vec<Fitting>,
    /// Other materials that the matter needs, each with what the holder handed in before.
    pub materials: Vec<Held>,
}

/// What is asked for of a kind, and what there is.
pub struct Fitting {
    /// What is asked for.
    pub asked: Asked,
    /// The holder's licenses of this kind that are in force, newest first.
    pub licenses: Vec<License>,
}

/// Reads an open request by its handle. Reading binds nobody: whoever is shown the code at the wrong place sees who asks, and
/// has no number to compare.
pub async fn look(service: &Service, caller: &Credential, code: &str) -> Result<Look, AppError> {
    access::only(caller, &[Role::Holder])?;
    let holder = caller.holder.as_deref().ok_or_else(|| forbidden("permit.role"))?;
    let hash = hash_of(service, caller, code)?;
    let now = service.clock.now();
    // The handle is a secret, its hash names it to whoever has the table.
    let line = audit::line(now, &caller.id, "request.look", &hex::encode(hash), &json!({}));
    let hash = &hash;
    let found = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let request = open_one(&mut *tx, hash, now).await?;
            let matter = service.asking.matters.get(&request.matter).map(Arc::clone);
            let matter = matter.ok_or_else(|| Refusal::new(RefusalClass::NotFound, "ask.unknown_matter"))?;
            let mut found = Vec::new();
            for asked in &request.asked {
                let licenses = fitting(&mut *tx, holder, &asked.kind, now).await?;
                found.push(Fitting { asked: asked.clone(), licenses });
            }
            let materials = materials::held(&mut *tx, &matter, holder, now).await?;
            Ok(Look { request, matter, fitting: found, materials })
        })
    })
    .await;
    count_guess(service, caller, &found);
    found
}
