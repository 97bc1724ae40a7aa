//! Webhooks as the API shows them.

use crate::app::webhook::register::Told;
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::webhook::{Webhook, WebhookId};
use crate::http::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

/// A webhook. Its secret is told when it is made, and never again.
#[derive(Serialize, ToSchema)]
pub struct WebhookView {
    /// Identifier.
    id: String,
    /// The department (credit code) that it belongs to; null for an operators' one, which is told of everything.
    department: Option<String>,
    /// Its address.
    url: String,
    /// What it is told of.
    topics: Vec<String>,
    /// What it is.
    description: String,
    /// `on`; `off` (by somebody's hand); `gone` (it answered 410); `failing` (it took nothing for five days).
    state: String,
    /// Since when every attempt has failed.
    #[schema(format = "date-time")]
    failing_since: Option<String>,
    /// Until when it asked to be left alone.
    #[schema(format = "date-time")]
    resume_at: Option<String>,
    /// Until when the secret before signs along.
    #[schema(format = "date-time")]
    old_secret_until: Option<String>,
    /// Who registered it.
    created_by: String,
    /// When.
    #[schema(format = "date-time")]
    created_at: String,
}

/// A webhook with its secret.
#[derive(Serialize, ToSchema)]
pub struct NewWebhook {
    /// The webhook.
    webhook: WebhookView,
    /// What its messages are signed with: `whsec_` and base64. Shown this once.
    #[schema(pattern = "^whsec_[A-Za-z0-9+/]{43}=$")]
    secret: String,
}

impl From<Webhook> for WebhookView {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id.to_string(),
            department: webhook.owner,
            url: webhook.url,
            topics: webhook.topics.iter().map(|topic| topic.as_str().to_owned()).collect(),
            description: webhook.description,
            state: webhook.state.name().to_owned(),
            failing_since: webhook.failing_since.map(|at| at.to_string()),
            resume_at: webhook.resume_at.map(|at| at.to_string()),
            old_secret_until: webhook.old_secret.map(|(_, until)| until.to_string()),
            created_by: webhook.created_by,
            created_at: webhook.created_at.to_string(),
        }
    }
}

impl From<Told> for NewWebhook {
    fn from(told: Told) -> Self {
        Self { secret: told.secret.text(), webhook: told.webhook.into() }
    }
}

/// Reads an identifier out of a path. What is none names no webhook.
pub fn webhook_id(text: &str) -> Result<WebhookId, Problem> {
    WebhookId::parse(text).ok_or_else(|| Refusal::new(RefusalClass::NotFound, "webhook.unknown").into())
}
