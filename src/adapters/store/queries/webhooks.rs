//! Webhooks and their deliveries.

use super::{Record, Row, Tx, added, sql};
use crate::adapters::store::json;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{
    ClosedSecret, Delivery, DeliveryState, NewDelivery, TopicPattern, Webhook, WebhookId, WebhookState,
};
use crate::ports::store::{StoreError, WebhookListing, WebhookRows};
use async_trait::async_trait;

const INSERT: &str =
    "INSERT INTO webhooks (id, owner, url, topics, description, state, failing_since, resume_at, secret,
        old_secret, old_secret_until, position, next_number, created_by, created_at, revision)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT DO NOTHING";
const BY_ID: &str = "SELECT * FROM webhooks WHERE id = $1";
const UPDATE: &str =
    "UPDATE webhooks SET state = $2, failing_since = $3, resume_at = $4, secret = $5, old_secret = $6,
        old_secret_until = $7, position = $8, next_number = $9, revision = revision + 1
     WHERE id = $1 AND revision = $10";
const ALL: &str = "SELECT * FROM webhooks WHERE id > $1 AND state <> 'removed' ORDER BY id LIMIT $2";
const OF_OPERATORS: &str =
    "SELECT * FROM webhooks WHERE owner IS NULL AND id > $1 AND state <> 'removed' ORDER BY id LIMIT $2";
const OF_DEPARTMENT: &str =
    "SELECT * FROM webhooks WHERE owner = $3 AND id > $1 AND state <> 'removed' ORDER BY id LIMIT $2";
const IN_STATE: &str = "SELECT * FROM webhooks WHERE state = $3 AND id > $1 ORDER BY id LIMIT $2";
const ERASE: &str = "DELETE FROM webhooks WHERE id = $1 AND state = 'removed'";

const UNFINISHED: &str = "SELECT number FROM webhook_deliveries
     WHERE webhook = $1 AND subject = $2 AND ended_at IS NULL ORDER BY number LIMIT 1";
const INSERT_DELIVERY: &str =
    "INSERT INTO webhook_deliveries (webhook, number, message, topic, subject, payload, created_at, state, attempts,
        due_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9) ON CONFLICT DO NOTHING";
const DELIVERY: &str = "SELECT * FROM webhook_deliveries WHERE webhook = $1 AND number = $2";
const DELIVERIES: &str =
    "SELECT * FROM webhook_deliveries WHERE webhook = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
const NEXT_DUE: &str = "SELECT due_at FROM webhook_deliveries
     WHERE webhook = $1 AND due_at IS NOT NULL ORDER BY due_at, number LIMIT 1";
const DUE: &str = "SELECT * FROM webhook_deliveries
     WHERE webhook = $1 AND due_at IS NOT NULL AND due_at <= $2 ORDER BY due_at, number LIMIT $3";
/// A delivery that is leased is due for others when the lease ends.
const LEASE: &str =
    "UPDATE webhook_deliveries SET leased_until = $3, due_at = $3 WHERE webhook = $1 AND number = $2";
const FINISH: &str =
    "UPDATE webhook_deliveries SET state = $3, attempts = $4, due_at = $5, leased_until = NULL, last_at = $6,
        last_status = $7, last_error = $8, ended_at = $9
     WHERE webhook = $1 AND number = $2 AND leased_until = $10";
const PROMOTE: &str =
    "UPDATE webhook_deliveries SET state = 'waiting', due_at = $3 WHERE webhook = $1 AND number = $2";
const PURGE: &str = "DELETE FROM webhook_deliveries WHERE webhook = $1 AND number IN
     (SELECT number FROM webhook_deliveries
      WHERE webhook = $1 AND ended_at IS NOT NULL AND ended_at < $2 ORDER BY ended_at, number LIMIT $3)";
const DROP_SOME: &str = "DELETE FROM webhook_deliveries WHERE webhook = $1 AND number IN
     (SELECT number FROM webhook_deliveries WHERE webhook = $1 ORDER BY number LIMIT $2)";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    INSERT,
    BY_ID,
    UPDATE,
    ALL,
    OF_OPERATORS,
    OF_DEPARTMENT,
    IN_STATE,
    ERASE,
    UNFINISHED,
    INSERT_DELIVERY,
    DELIVERY,
    DELIVERIES,
    NEXT_DUE,
    DUE,
    LEASE,
    FINISH,
    PROMOTE,
    PURGE,
    DROP_SOME,
];

fn webhook(row: &Row) -> Result<Webhook, StoreError> {
    let record = Record::new(row, "webhooks", &["id"]);
    let topics = record.json("topics", json::read_names)?;
    let topics = topics.iter().map(|text| TopicPattern::parse(text)).collect::<Option<_>>();
    let old_secret = match record.time_or_none("old_secret_until")? {
        None => None,
        Some(until) => Some((ClosedSecret::new(record.bytes("old_secret")?), until)),
    };
    Ok(Webhook {
        id: record.parsed("id", WebhookId::parse)?,
        owner: record.text_or_none("owner")?,
        url: record.text("url")?,
        topics: topics.ok_or_else(|| record.corrupt("topics", "not patterns"))?,
        description: record.text("description")?,
        state: record.parsed("state", WebhookState::parse)?,
        failing_since: record.time_or_none("failing_since")?,
        resume_at: record.time_or_none("resume_at")?,
        secret: ClosedSecret::new(record.bytes("secret")?),
        old_secret,
        position: record.int("position")?,
        next_number: record.int("next_number")?,
        created_by: record.text("created_by")?,
        created_at: record.time("created_at")?,
        revision: record.small("revision")?,
    })
}

fn delivery(row: &Row) -> Result<Delivery, StoreError> {
    let record = Record::new(row, "webhook_deliveries", &["webhook", "number"]);
    Ok(Delivery {
        what: NewDelivery {
            webhook: record.parsed("webhook", WebhookId::parse)?,
            number: record.int("number")?,
            message: record.text("message")?,
            topic: record.text("topic")?,
            subject: record.text("subject")?,
            payload: record.text("payload")?,
            created_at: record.time("created_at")?,
        },
        state: record.parsed("state", DeliveryState::parse)?,
        attempts: record.small("attempts")?,
        due_at: record.time_or_none("due_at")?,
        leased_until: record.time_or_none("leased_until")?,
        last_at: record.time_or_none("last_at")?,
        last_status: record.small_or_none("last_status")?,
        last_error: record.text_or_none("last_error")?,
        ended_at: record.time_or_none("ended_at")?,
    })
}

fn micros(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::micros)
}

#[async_trait]
impl WebhookRows for Tx<'_> {
    async fn insert_webhook(&mut self, webhook: &Webhook) -> Result<(), StoreError> {
        let topics: Vec<String> = webhook.topics.iter().map(|topic| topic.as_str().to_owned()).collect();
        let old = webhook.old_secret.as_ref();
        let query = sql(INSERT)
            .bind(webhook.id.as_str())
            .bind(webhook.owner.as_deref())
            .bind(&webhook.url)
            .bind(json::write_names(&topics))
            .bind(&webhook.description)
            .bind(webhook.state.name())
            .bind(micros(webhook.failing_since))
            .bind(micros(webhook.resume_at))
            .bind(webhook.secret.bytes())
            .bind(old.map(|(secret, _)| secret.bytes()))
            .bind(old.map(|(_, until)| until.micros()))
            .bind(webhook.position)
            .bind(webhook.next_number)
            .bind(&webhook.created_by)
            .bind(webhook.created_at.micros())
            .bind(i64::from(webhook.revision));
        added(self.run(query).await?, "webhook")
    }

    async fn webhook(&mut self, id: &WebhookId) -> Result<Option<Webhook>, StoreError> {
        self.one(sql(BY_ID).bind(id.as_str())).await?.as_ref().map(webhook).transpose()
    }

    async fn webhooks(
        &mut self,
        listing: &WebhookListing,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Webhook>, StoreError> {
        let start = |text| sql(text).bind(after).bind(i64::from(limit));
        let query = match listing {
            WebhookListing::All => start(ALL),
            WebhookListing::Operators => start(OF_OPERATORS),
            WebhookListing::Department(code) => start(OF_DEPARTMENT).bind(code),
            WebhookListing::InState(state) => start(IN_STATE).bind(state.name()),
        };
        self.all(query, webhook).await
    }

    async fn update_webhook(&mut self, webhook: &Webhook) -> Result<bool, StoreError> {
        let old = webhook.old_secret.as_ref();
        let query = sql(UPDATE)
            .bind(webhook.id.as_str())
            .bind(webhook.state.name())
            .bind(micros(webhook.failing_since))
            .bind(micros(webhook.resume_at))
            .bind(webhook.secret.bytes())
            .bind(old.map(|(secret, _)| secret.bytes()))
            .bind(old.map(|(_, until)| until.micros()))
            .bind(webhook.position)
            .bind(webhook.next_number)
            .bind(i64::from(webhook.revision));
        Ok(self.run(query).await? == 1)
    }

    async fn insert_delivery(&mut self, new: &NewDelivery) -> Result<(), StoreError> {
        let earlier = sql(UNFINISHED).bind(new.webhook.as_str()).bind(&new.subject);
        let (state, due_at) = match self.one(earlier).await? {
            Some(_) => (DeliveryState::Queued, None),
            None => (DeliveryState::Waiting, Some(new.created_at.micros())),
        };
        let query = sql(INSERT_DELIVERY)
            .bind(new.webhook.as_str())
            .bind(new.number)
            .bind(&new.message)
            .bind(&new.topic)
            .bind(&new.subject)
            .bind(&new.payload)
            .bind(new.created_at.micros())
            .bind(state.name())
            .bind(due_at);
        added(self.run(query).await?, "delivery")
    }

    async fn delivery(&mut self, webhook: &WebhookId, number: i64) -> Result<Option<Delivery>, StoreError> {
        let row = self.one(sql(DELIVERY).bind(webhook.as_str()).bind(number)).await?;
        row.as_ref().map(delivery).transpose()
    }

    async fn deliveries(
        &mut self,
        webhook: &WebhookId,
        before: i64,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let query = sql(DELIVERIES).bind(webhook.as_str()).bind(before).bind(i64::from(limit));
        self.all(query, delivery).await
    }

    async fn next_delivery_due(&mut self, webhook: &WebhookId) -> Result<Option<Timestamp>, StoreError> {
        let row = self.one(sql(NEXT_DUE).bind(webhook.as_str())).await?;
        row.as_ref().map(|row| Record::new(row, "webhook_deliveries", &[]).time("due_at")).transpose()
    }

    async fn lease_deliveries(
        &mut self,
        webhook: &WebhookId,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let due = sql(DUE).bind(webhook.as_str()).bind(now.micros()).bind(i64::from(limit));
        let mut leased = self.all(due, delivery).await?;
        for one in &mut leased {
            let lease = sql(LEASE).bind(webhook.as_str()).bind(one.what.number).bind(until.micros());
            self.run(lease).await?;
            (one.leased_until, one.due_at) = (Some(until), Some(until));
        }
        Ok(leased)
    }

    async fn finish_delivery(&mut self, done: &Delivery, lease: Timestamp) -> Result<bool, StoreError> {
        let webhook = done.what.webhook.as_str();
        let query = sql(FINISH)
            .bind(webhook)
            .bind(done.what.number)
            .bind(done.state.name())
            .bind(i64::from(done.attempts))
            .bind(micros(done.due_at))
            .bind(micros(done.last_at))
            .bind(done.last_status.map(i64::from))
            .bind(done.last_error.as_deref())
            .bind(micros(done.ended_at))
            .bind(lease.micros());
        if self.run(query).await? == 0 {
            return Ok(false);
        }
        let Some(ended_at) = done.ended_at else { return Ok(true) };
        let next = self.one(sql(UNFINISHED).bind(webhook).bind(&done.what.subject)).await?;
        if let Some(row) = next {
            let number = Record::new(&row, "webhook_deliveries", &["number"]).int("number")?;
            self.run(sql(PROMOTE).bind(webhook).bind(number).bind(ended_at.micros())).await?;
        }
        Ok(true)
    }

    async fn purge_deliveries(
        &mut self,
        webhook: &WebhookId,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        self.run(sql(PURGE).bind(webhook.as_str()).bind(before.micros()).bind(i64::from(limit))).await
    }

    async fn erase_webhook(&mut self, webhook: &WebhookId, limit: u32) -> Result<bool, StoreError> {
        let dropped = self.run(sql(DROP_SOME).bind(webhook.as_str()).bind(i64::from(limit))).await?;
        if dropped == u64::from(limit) {
            return Ok(false);
        }
        self.run(sql(ERASE).bind(webhook.as_str())).await?;
        Ok(true)
    }
}
