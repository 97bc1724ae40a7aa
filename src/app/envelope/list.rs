//! Lists envelopes: what a department is asked for, what it started, what it takes part in.

use super::department_of;
use crate::app::{AppError, Service, audit, inputs};
use crate::domain::envelope::EnvelopeId;
use crate::domain::party::Credential;
use crate::domain::time::Timestamp;
pub use crate::ports::store::EnvelopeSummary;
use crate::ports::store::{EnvelopeListing, EnvelopePage};
use serde_json::json;

/// Which ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that ask the caller's department now, itself or as a delegate: its inbox.
    Asked,
    /// Those it started.
    Initiated,
    /// Those it is a party of.
    TakingPart,
}

impl Which {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Initiated => "initiated",
            Self::TakingPart => "taking-part",
        }
    }

    /// That of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Asked, Self::Initiated, Self::TakingPart].into_iter().find(|which| which.name() == name)
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
    let body = department_of(caller)?.to_owned();
    let (limit, now) = (inputs::rows(limit), service.clock.now());
    let listings = match which {
        Which::Asked => {
            vec![EnvelopeListing::Asked(body.clone()), EnvelopeListing::Delegated(body.clone(), now)]
        }
        Which::Initiated => vec![EnvelopeListing::Initiated(body.clone())],
        Which::TakingPart => vec![EnvelopeListing::TakingPart(body.clone())],
    };
    let page = EnvelopePage { after: after.map(|Cursor(at, id)| (at, id)), limit };
    let line = audit::line(now, &caller.id, "envelope.list", &body, &json!({ "which": which.name() }));
    let (listings, page) = (&listings, &page);
    let mut envelopes = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let mut found = Vec::new();
            for listing in listings {
                found.extend(tx.envelopes(listing, page).await?);
            }
            Ok(found)
        })
    })
    .await?;
    envelopes.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    envelopes.truncate(limit as usize);
    let full = envelopes.len() == limit as usize;
    let last = envelopes.last().filter(|_| full);
    let next = last.map(|last| Cursor(last.created_at, last.id.clone()));
    envelopes.retain(|envelope| caller.kinds.allows(&envelope.kind));
    Ok(Slice { envelopes, next })
}
