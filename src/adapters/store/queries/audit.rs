//! The audit trail and the outbox.

use super::{Record, Row, Tx, added, sql};
use crate::adapters::store::json;
use crate::domain::time::Timestamp;
use crate::ports::store::{AuditLine, AuditRows, OutboxEvent, OutboxRows, StoreError};
use async_trait::async_trait;
use std::time::Duration;

const APPEND_LINE: &str = concat!(
    "INSERT INTO audit (position, at, actor, action, subject, detail, outcome) VALUES (",
    position!(),
    ", $2, $3, $4, $5, $6, $7)"
);

/// Lines after `$1`, at most `$2`.
macro_rules! lines {
    ($wish:literal) => {
        concat!(
            "SELECT * FROM audit WHERE ",
            $wish,
            " AND position > $1 AND ",
            settled!(),
            " ORDER BY position LIMIT $2"
        )
    };
}
const LINES: &str = lines!("position > 0");
const OF_SUBJECT: &str = lines!("subject = $3");
const OF_ACTOR: &str = lines!("actor = $3");
const OF_SUBJECT_AND_ACTOR: &str = lines!("subject = $3 AND actor = $4");
const LATEST_TIME: &str = "SELECT at FROM audit WHERE at > $1 ORDER BY at DESC LIMIT 1";

const APPEND_EVENT: &str = concat!(
    "INSERT INTO outbox (position, id, topic, subject, body, at, concerns) VALUES (",
    position!(),
    ", $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING"
);
const EVENTS: &str =
    concat!("SELECT * FROM outbox WHERE position > $1 AND ", settled!(), " ORDER BY position LIMIT $2");
const LAST_EVENT: &str = concat!(
    "SELECT position FROM outbox WHERE position > $1 AND ",
    settled!(),
    " ORDER BY position DESC LIMIT 1"
);
const FIRST_SINCE: &str = "SELECT position FROM outbox WHERE at >= $1 ORDER BY at, position LIMIT 1";

/// Positions follow the start of transactions or their commit, times the beginning of the work in them: they may differ by
/// as much as a transaction takes.
const SLACK: Duration = Duration::from_secs(60);

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    APPEND_LINE,
    LINES,
    OF_SUBJECT,
    OF_ACTOR,
    OF_SUBJECT_AND_ACTOR,
    LATEST_TIME,
    APPEND_EVENT,
    EVENTS,
    LAST_EVENT,
    FIRST_SINCE,
];

fn line(row: &Row) -> Result<AuditLine, StoreError> {
    let record = Record::new(row, "audit", &["position"]);
    Ok(AuditLine {
        position: record.int("position")?,
        at: record.time("at")?,
        actor: record.text("actor")?,
        action: record.text("action")?,
        subject: record.text("subject")?,
        detail: record.text("detail")?,
        outcome: record.text("outcome")?,
    })
}

fn event(row: &Row) -> Result<OutboxEvent, StoreError> {
    let record = Record::new(row, "outbox", &["position"]);
    Ok(OutboxEvent {
        position: record.int("position")?,
        id: record.text("id")?,
        topic: record.text("topic")?,
        subject: record.text("subject")?,
        concerns: record.json("concerns", json::read_names)?,
        body: record.text("body")?,
        at: record.time("at")?,
    })
}

#[async_trait]
impl AuditRows for Tx<'_> {
    async fn append_audit(&mut self, line: &AuditLine) -> Result<(), StoreError> {
        let query = sql(APPEND_LINE)
            .bind(self.next_place()?)
            .bind(line.at.micros())
            .bind(&line.actor)
            .bind(&line.action)
            .bind(&line.subject)
            .bind(&line.detail)
            .bind(&line.outcome);
        self.run(query).await.map(drop)
    }

    async fn audit_lines(
        &mut self,
        subject: Option<&str>,
        actor: Option<&str>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<AuditLine>, StoreError> {
        let start = |text| sql(text).bind(after).bind(i64::from(limit));
        let query = match (subject, actor) {
            (None, None) => start(LINES),
            (Some(subject), None) => start(OF_SUBJECT).bind(subject),
            (None, Some(actor)) => start(OF_ACTOR).bind(actor),
            (Some(subject), Some(actor)) => start(OF_SUBJECT_AND_ACTOR).bind(subject).bind(actor),
        };
        self.all(query, line).await
    }

    async fn latest_audit_time(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let row = self.one(sql(LATEST_TIME).bind(i64::MIN)).await?;
        row.as_ref().map(|row| Record::new(row, "audit", &[]).time("at")).transpose()
    }
}

#[async_trait]
impl OutboxRows for Tx<'_> {
    async fn append_event(&mut self, event: &OutboxEvent) -> Result<(), StoreError> {
        let query = sql(APPEND_EVENT)
            .bind(self.next_place()?)
            .bind(&event.id)
            .bind(&event.topic)
            .bind(&event.subject)
            .bind(&event.body)
            .bind(event.at.micros())
            .bind(json::write_names(&event.concerns));
        added(self.run(query).await?, "outbox event")
    }

    async fn events(&mut self, after: i64, limit: u32) -> Result<Vec<OutboxEvent>, StoreError> {
        self.all(sql(EVENTS).bind(after).bind(i64::from(limit)), event).await
    }

    async fn last_event_position(&mut self) -> Result<i64, StoreError> {
        let row = self.one(sql(LAST_EVENT).bind(0_i64)).await?;
        row.as_ref().map_or(Ok(0), |row| Record::new(row, "outbox", &["position"]).int("position"))
    }

    async fn event_position_before(&mut self, at: Timestamp) -> Result<i64, StoreError> {
        let row = self.one(sql(FIRST_SINCE).bind(at.minus(SLACK).micros())).await?;
        match row.as_ref() {
            Some(row) => Ok(Record::new(row, "outbox", &["position"]).int("position")? - 1),
            None => self.last_event_position().await,
        }
    }
}
