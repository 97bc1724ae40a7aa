//! Registers an endpoint. Its secret is made here and told once.

use super::{owner_of, secrets};
use crate::app::error::conflict;
use crate::app::{AppError, Service, audit, inputs};
use crate::domain::party::Credential;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::webhook::{Reach, Secret, TopicPattern, Webhook, WebhookId, WebhookState};
use crate::ports::store::WebhookListing;
use serde_json::json;
use std::net::IpAddr;
use url::{Host, Url};

/// Longest address, in characters.
const MOST_URL: usize = 500;
/// Most patterns of one endpoint.
const MOST_TOPICS: usize = 20;
/// Most endpoints of one department, or of the operators: each costs work for every event.
const MOST_WEBHOOKS: u32 = 20;

/// An endpoint to be.
pub struct Request {
    /// Its address.
    pub url: String,
    /// What it wants to be told of: `license.issued`, `license.*`, `*`.
    pub topics: Vec<String>,
    /// What it is, up to 100 characters.
    pub description: String,
}

/// An endpoint, and its secret, this once.
pub struct Told {
    /// The endpoint.
    pub webhook: Webhook,
    /// What messages to it are signed with.
    pub secret: Secret,
}

/// Enters it; it is told of what happens from now on, and perhaps of what happened a moment before.
pub async fn run(service: &Service, caller: &Credential, request: Request) -> Result<Told, AppError> {
    let owner = owner_of(caller)?.map(str::to_owned);
    let (url, topics, description) = check(service, &request)?;
    let now = service.clock.now();
    let (id, secret) = (WebhookId::new(service.random.bytes()), Secret::new(service.random.bytes()));
    let webhook = Webhook {
        secret: secrets::close(service.vault.as_ref(), &id, &secret),
        id,
        owner,
        url,
        topics,
        description,
        state: WebhookState::On,
        failing_since: None,
        resume_at: None,
        old_secret: None,
        position: 0,
        next_number: 1,
        created_by: caller.id.clone(),
        created_at: now,
        revision: 1,
    };
    let topics: Vec<&str> = webhook.topics.iter().map(TopicPattern::as_str).collect();
    let detail = json!({ "owner": webhook.owner, "topics": topics });
    let line = audit::line(now, &caller.id, "webhook.register", webhook.id.as_str(), &detail);
    let new = &webhook;
    let webhook = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let listing = match &new.owner {
                None => WebhookListing::Operators,
                Some(code) => WebhookListing::Department(code.clone()),
            };
            if tx.webhooks(&listing, "", MOST_WEBHOOKS).await?.len() == MOST_WEBHOOKS as usize {
                return Err(conflict("webhook.too_many").with("max", MOST_WEBHOOKS).into());
            }
            let position = tx.last_event_position().await?;
            let new = Webhook { position, ..new.clone() };
            tx.insert_webhook(&new).await?;
            Ok(new)
        })
    })
    .await?;
    Ok(Told { webhook, secret })
}

type Checked = (String, Vec<TopicPattern>, String);

fn check(service: &Service, request: &Request) -> Result<Checked, Refusal> {
    let mut faults = Vec::new();
    let url = match address(&request.url, service.settings.webhooks) {
        Ok(url) => url,
        Err(fault) => {
            faults.push(fault);
            String::new()
        }
    };
    if !(1..=MOST_TOPICS).contains(&request.topics.len()) {
        faults.push(Fault::at("/topics", "webhook.topics").with("max", MOST_TOPICS));
    }
    let mut topics = Vec::new();
    for (at, text) in request.topics.iter().take(MOST_TOPICS).enumerate() {
        match TopicPattern::parse(text) {
            Some(topic) => topics.push(topic),
            None => faults.push(Fault::at(format!("/topics/{at}"), "webhook.topic")),
        }
    }
    let description = inputs::line("/description", &request.description, 0, 100, &mut faults);
    if faults.is_empty() { Ok((url, topics, description)) } else { Err(Refusal::invalid(faults)) }
}

/// The address in its normal form. Where its name leads is asked each time something is sent, not here.
fn address(text: &str, reach: Reach) -> Result<String, Fault> {
    let fault = |code| Fault::at("/url", code);
    if text.len() > MOST_URL {
        return Err(fault("text.too_long").with("max", MOST_URL));
    }
    let url = Url::parse(text).map_err(|_| fault("webhook.url_form"))?;
    let plain = url.scheme() == "http";
    if (plain && !reach.loopback) || !(plain || url.scheme() == "https") {
        return Err(fault("webhook.url_not_https"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(fault("webhook.url_form"));
    }
    let address = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        Some(Host::Domain(name)) if plain && name != "localhost" => {
            return Err(fault("webhook.url_not_https"));
        }
        Some(Host::Domain(_)) => None,
        None => return Err(fault("webhook.url_form")),
    };
    if address.is_some_and(|address| !reach.admits(plain, address)) {
        return Err(fault("webhook.url_not_public"));
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str, reach: Reach) -> &'static str {
        address(text, reach).map_or_else(|fault| fault.code, |_| "fine")
    }

    #[test]
    fn only_public_addresses_with_tls_are_taken() {
        let strict = Reach::default();
        for (text, wanted) in [
            ("https://hooks.example/license?x=1", "fine"),
            ("https://hooks.example:8443/", "fine"),
            ("https://1.1.1.1/", "fine"),
            ("http://hooks.example/", "webhook.url_not_https"),
            ("http://127.0.0.1/", "webhook.url_not_https"),
            ("ftp://hooks.example/", "webhook.url_not_https"),
            ("file:///etc/passwd", "webhook.url_not_https"),
            ("hooks.example", "webhook.url_form"),
            ("", "webhook.url_form"),
            ("https://user@hooks.example/", "webhook.url_form"),
            ("https://user:word@hooks.example/", "webhook.url_form"),
            ("https://hooks.example/#a", "webhook.url_form"),
            ("https://10.0.0.1/", "webhook.url_not_public"),
            ("https://[::1]/", "webhook.url_not_public"),
            ("https://[::ffff:10.0.0.1]/", "webhook.url_not_public"),
            ("https://0x7f.1/", "webhook.url_not_public"),
            ("https://2130706433/", "webhook.url_not_public"),
            ("https://169.254.169.254/latest/meta-data", "webhook.url_not_public"),
        ] {
            assert_eq!(code(text, strict), wanted, "{text}");
        }
        assert_eq!(code(&format!("https://h.example/{}", "a".repeat(500)), strict), "text.too_long");
    }

    #[test]
    fn development_reaches_its_own_machine_and_an_inner_network_its_own() {
        let development = Reach { private: false, loopback: true };
        for (text, wanted) in [
            ("http://127.0.0.1:9/hook", "fine"),
            ("http://localhost:9/hook", "fine"),
            ("http://hooks.example/", "webhook.url_not_https"),
            ("http://10.0.0.1/", "webhook.url_not_public"),
        ] {
            assert_eq!(code(text, development), wanted, "{text}");
        }
        let private = Reach { private: true, loopback: false };
        assert_eq!(code("https://10.0.0.1/", private), "fine");
        assert_eq!(code("https://169.254.169.254/", private), "webhook.url_not_public");
        assert_eq!(code("http://10.0.0.1/", private), "webhook.url_not_https");
    }

    #[test]
    fn an_address_is_kept_in_its_normal_form() {
        let kept = address("HTTPS://Hooks.Example:443/a/../b", Reach::default());
        assert_eq!(kept.expect("fine"), "https://hooks.example/b");
    }
}
