//! Lists licenses: a department its own, a holder its own.

use super::error::forbidden;
use super::{AppError, Service, audit, inputs};
use crate::domain::license::{License, LicenseId};
use crate::domain::party::{Credential, Role, Scope};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::time::Timestamp;
use crate::ports::store::{LicenseFilter, Page};
use serde_json::json;

/// Which licenses to list. Every `Some` narrows.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Kind name. A department whose credential is limited to some kinds must name one of them.
    pub kind: Option<String>,
    /// Holder's code; holders see their own whatever they ask for.
    pub holder: Option<String>,
    /// Printed number.
    pub number: Option<String>,
    /// State name.
    pub state: Option<String>,
    /// Where the last slice ended.
    pub after: Option<Cursor>,
    /// How many; 50 unless told, at most 200.
    pub limit: Option<u32>,
}

/// A place in the list: the last license of a slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When it was released.
    pub released_at: Timestamp,
    /// Which it was.
    pub id: LicenseId,
}

impl Cursor {
    /// As opaque text for a URL.
    pub fn to_text(&self) -> String {
        format!("{}~{}", self.released_at.micros(), self.id)
    }

    /// Reads that text.
    pub fn parse(text: &str) -> Option<Self> {
        let (micros, id) = text.split_once('~')?;
        Some(Self {
            released_at: Timestamp::from_micros(micros.parse().ok()?),
            id: LicenseId::parse(id).ok()?,
        })
    }
}

/// A slice of the list, newest first.
pub struct Slice {
    /// The licenses.
    pub licenses: Vec<License>,
    /// Where to go on; `None` at the end.
    pub next: Option<Cursor>,
}

/// Lists licenses that the caller may see.
pub async fn run(service: &Service, caller: &Credential, request: Request) -> Result<Slice, AppError> {
    let filter = filter(caller, &request)?;
    let limit = inputs::rows(request.limit);
    let after = request.after.map(|cursor| (cursor.released_at, cursor.id));
    let page = Page { after, limit };
    let mut filtered_by = Vec::new();
    for (name, given) in [
        ("kind", request.kind.is_some()),
        ("holder", request.holder.is_some()),
        ("number", request.number.is_some()),
        ("state", request.state.is_some()),
    ] {
        if given {
            filtered_by.push(name);
        }
    }
    let detail = json!({ "role": caller.role.name(), "by": filtered_by });
    let line = audit::line(service.clock.now(), &caller.id, "license.list", "licenses", &detail);
    let (filter, page) = (&filter, &page);
    let licenses =
        audit::audited(service, line, |tx, _| Box::pin(async move { Ok(tx.licenses(filter, page).await?) }))
            .await?;
    let full = u32::try_from(licenses.len()).is_ok_and(|count| count == limit);
    let next = licenses.last().filter(|_| full);
    let next = next.map(|last| Cursor { released_at: last.released_at, id: last.id.clone() });
    Ok(Slice { licenses, next })
}

fn filter(caller: &Credential, request: &Request) -> Result<LicenseFilter, Refusal> {
    let narrow = LicenseFilter {
        issuer: None,
        kind: request.kind.clone(),
        holder: request.holder.clone(),
        number: request.number.clone(),
        state: request.state.clone(),
    };
    match (caller.role, &caller.department, &caller.holder) {
        (Role::Department, Some(department), _) => {
            if let Scope::Only(kinds) = &caller.kinds {
                match &request.kind {
                    Some(kind) if caller.kinds.allows(kind) => {}
                    Some(_) => return Err(forbidden("permit.kind_out_of_scope")),
                    None if kinds.len() == 1 => {
                        let kind = kinds.first().cloned();
                        return Ok(LicenseFilter { issuer: Some(department.clone()), kind, ..narrow });
                    }
                    None => return Err(Refusal::invalid(vec![Fault::at("/kind", "field.required")])),
                }
            }
            Ok(LicenseFilter { issuer: Some(department.clone()), ..narrow })
        }
        (Role::CompanyManager, ..) => match &caller.business {
            Some(business) => Ok(LicenseFilter { holder: Some(business.clone()), ..narrow }),
            None => Err(forbidden("permit.role")),
        },
        (Role::Holder, _, Some(holder)) => Ok(LicenseFilter { holder: Some(holder.clone()), ..narrow }),
        _ => Err(forbidden("permit.role")),
    }
}
