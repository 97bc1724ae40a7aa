//! Lists envelopes: what a department is asked for, what it started, what it takes part in.

use super::{department_of, under_grant};
use crate::app::{AppError, Service, access, audit, inputs};
use crate::domain::envelope::EnvelopeId;
use crate::domain::grant::GrantState;
use crate::domain::party::{Credential, Role};
use crate::domain::time::Timestamp;
pub use crate::ports::store::EnvelopeSummary;
use crate::ports::store::{EnvelopeListing, EnvelopePage, Transaction, TxError};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Which ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that ask the caller's department now, itself or as a delegate: its inbox.
    Asked,
    /// Those it started.
    Initiated,
    /// Those it is a party of.
    TakingPart,
    /// Those that ask, now, a body that has granted the caller its seal for their kind.
    Granted,
}

impl Which {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Initiated => "initiated",
            Self::TakingPart => "taking-part",
            Self::Granted => "granted",
        }
    }

    /// That of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Asked, Self::Initiated, Self::TakingPart, Self::Granted]
            .into_iter()
            .find(|which| which.name() == name)
    }
}

/// A place in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(Timestamp, EnvelopeId);

impl Cursor {
    /// Its text.
    pub fn to_text(&self) -> String {
        format!("{}:{}", self.0.micros(), self.1)
    }

    /// Reads its text.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once(':')?;
        Some(Self(Timestamp::from_micros(at.parse().ok()?), EnvelopeId::parse(id)?))
    }
}

/// A slice of a list.
pub struct Slice {
    /// Newest first.
    pub envelopes: Vec<EnvelopeSummary>,
    /// Where to go on.
    pub next: Option<Cursor>,
}

/// Reads a slice; kinds outside the credential's scope are left out.
pub async fn run(
    service: &Service,
    caller: &Credential,
    which: Which,
    after: Option<Cursor>,
    limit: Option<u32>,
) -> Result<Slice, AppError> {
    let (limit, now) = (inputs::rows(limit), service.clock.now());
    let body = match which {
        // A clerk has no department; who has granted it a seal is asked below.
        Which::Granted => {
            access::only(caller, &[Role::Department, Role::Clerk])?;
            caller.department.clone().unwrap_or_else(|| caller.id.clone())
        }
        _ => department_of(caller)?.to_owned(),
    };
    let own = match which {
        Which::Asked => {
            vec![EnvelopeListing::Asked(body.clone()), EnvelopeListing::Delegated(body.clone(), now)]
        }
        Which::Initiated => vec![EnvelopeListing::Initiated(body.clone())],
        Which::TakingPart => vec![EnvelopeListing::TakingPart(body.clone())],
        Which::Granted => Vec::new(),
    };
    let page = EnvelopePage { after: after.map(|Cursor(at, id)| (at, id)), limit };
    let line = audit::line(now, &caller.id, "envelope.list", &body, &json!({ "which": which.name() }));
    let (own, page) = (&own, &page);
    let mut found = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let mut found = Vec::new();
            for listing in own {
                found.extend(tx.envelopes(listing, page).await?.into_iter().map(|envelope| (envelope, true)));
            }
            if which == Which::Granted {
                found.extend(granted(&mut *tx, caller, page, now).await?);
            }
            Ok(found)
        })
    })
    .await?;
    let place = |envelope: &EnvelopeSummary| (envelope.created_at, envelope.id.clone());
    found.sort_by_cached_key(|(envelope, _)| std::cmp::Reverse(place(envelope)));
    // Two who granted their seals may be asked by one envelope; and what is left out still says where to go on.
    let full = found.len() >= limit as usize;
    found.dedup_by(|(next, theirs), (kept, fine)| {
        let same = next.id == kept.id;
        *fine |= same && *theirs;
        same
    });
    found.truncate(limit as usize);
    let last = found.last().filter(|_| full);
    let next = last.map(|(last, _)| Cursor(last.created_at, last.id.clone()));
    found.retain(|(envelope, fine)| *fine && caller.kinds.allows(&envelope.kind));
    let envelopes = found.into_iter().map(|(envelope, _)| envelope).collect();
    Ok(Slice { envelopes, next })
}

/// What asks those whose seals the caller may use, each with whether its kind was granted.
async fn granted(
    tx: &mut dyn Transaction,
    caller: &Credential,
    page: &EnvelopePage,
    now: Timestamp,
) -> Result<Vec<(EnvelopeSummary, bool)>, TxError> {
    let mut owners: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for grant in under_grant::of_caller(&mut *tx, caller, now).await? {
        if grant.state(now) == GrantState::InForce {
            owners.entry(grant.owner).or_default().extend(grant.kinds);
        }
    }
    let mut found = Vec::new();
    for (owner, kinds) in owners {
        let asked = tx.envelopes(&EnvelopeListing::Asked(owner), page).await?.into_iter();
        found.extend(asked.map(|envelope| {
            let fine = kinds.contains(&envelope.kind);
            (envelope, fine)
        }));
    }
    Ok(found)
}
