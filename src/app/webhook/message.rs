//! Messages as Standard Webhooks has them: what stands in them, and how they are signed.

use crate::crypto::hmac_sha256;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Delivery, NewDelivery, Secret, Webhook};
use crate::ports::store::OutboxEvent;
use crate::ports::webhooks::Message;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// What an endpoint is told of an event: `type`, `timestamp`, and under `data` the subject with whatever the event says of
/// it.
pub(super) fn delivery(webhook: &Webhook, number: i64, event: &OutboxEvent, now: Timestamp) -> NewDelivery {
    let mut data = match serde_json::from_str(&event.body) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    data.insert("subject".to_owned(), json!(event.subject));
    let payload = json!({ "type": event.topic, "timestamp": event.at.to_string(), "data": data });
    NewDelivery {
        webhook: webhook.id.clone(),
        number,
        message: event.id.clone(),
        topic: event.topic.clone(),
        subject: event.subject.clone(),
        payload: payload.to_string(),
        created_at: now,
    }
}

/// The message of an attempt now, signed with every secret in force.
pub(super) fn signed(webhook: &Webhook, secrets: &[Secret], delivery: &Delivery, now: Timestamp) -> Message {
    let (id, body) = (&delivery.what.message, &delivery.what.payload);
    let timestamp = now.seconds();
    let head = format!("{id}.{timestamp}.");
    let signatures: Vec<String> = secrets
        .iter()
        .map(|secret| hmac_sha256(secret.bytes(), &[head.as_bytes(), body.as_bytes()]))
        .map(|mac| format!("v1,{}", STANDARD.encode(mac)))
        .collect();
    Message {
        url: webhook.url.clone(),
        id: id.clone(),
        timestamp,
        signature: signatures.join(" "),
        body: body.clone(),
    }
}
