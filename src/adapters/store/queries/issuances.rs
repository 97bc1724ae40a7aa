//! Recorded intents to issue.

use super::{Record, Row, Tx, added, sql};
use crate::domain::time::Timestamp;
use crate::ports::store::{Issuance, IssuanceRows, IssuanceState, StoreError};
use async_trait::async_trait;

const INSERT: &str =
    "INSERT INTO issuances (department, idempotency_key, request_hash, request, requested_by,
        license, number, check_code, salt, started_at, state, refusal)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING";
const BY_KEY: &str = "SELECT * FROM issuances WHERE department = $1 AND idempotency_key = $2";
const CLOSE: &str = "UPDATE issuances SET state = $3, refusal = $4
     WHERE department = $1 AND idempotency_key = $2 AND state = 'open'";
const OPEN: &str = "SELECT * FROM issuances WHERE state = 'open' AND started_at < $1
     ORDER BY started_at, department, idempotency_key LIMIT $2";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[INSERT, BY_KEY, CLOSE, OPEN];

/// A state's name and the refusal it holds.
fn state_columns(state: &IssuanceState) -> (&'static str, Option<&str>) {
    match state {
        IssuanceState::Open => ("open", None),
        IssuanceState::Done => ("done", None),
        IssuanceState::Cancelled(refusal) => ("cancelled", Some(refusal)),
    }
}

fn issuance(row: &Row) -> Result<Issuance, StoreError> {
    let record = Record::new(row, "issuances", &["department", "idempotency_key"]);
    let refusal = record.text_or_none("refusal")?;
    let state = match (record.text("state")?.as_str(), refusal) {
        ("open", None) => IssuanceState::Open,
        ("done", None) => IssuanceState::Done,
        ("cancelled", Some(refusal)) => IssuanceState::Cancelled(refusal),
        _ => return Err(record.corrupt("state", "no such state, or it does not fit the refusal")),
    };
    Ok(Issuance {
        department: record.text("department")?,
        key: record.text("idempotency_key")?,
        request_hash: record.array("request_hash")?,
        request: record.text("request")?,
        requested_by: record.text("requested_by")?,
        license: record.license_id("license")?,
        number: record.text("number")?,
        check_code: record.text("check_code")?,
        salt: record.array("salt")?,
        started_at: record.time("started_at")?,
        state,
    })
}

#[async_trait]
impl IssuanceRows for Tx<'_> {
    async fn insert_issuance(&mut self, issuance: &Issuance) -> Result<(), StoreError> {
        let (state, refusal) = state_columns(&issuance.state);
        let query = sql(INSERT)
            .bind(&issuance.department)
            .bind(&issuance.key)
            .bind(issuance.request_hash.as_slice())
            .bind(&issuance.request)
            .bind(&issuance.requested_by)
            .bind(issuance.license.as_str())
            .bind(&issuance.number)
            .bind(&issuance.check_code)
            .bind(issuance.salt.as_slice())
            .bind(issuance.started_at.micros())
            .bind(state)
            .bind(refusal);
        if self.run(query).await? == 1 {
            return Ok(());
        }
        let same_key = sql(BY_KEY).bind(&issuance.department).bind(&issuance.key);
        let same_key = self.one(same_key).await?.is_some();
        added(0, if same_key { "idempotency key" } else { "license" })
    }

    async fn issuance(&mut self, department: &str, key: &str) -> Result<Option<Issuance>, StoreError> {
        self.one(sql(BY_KEY).bind(department).bind(key)).await?.as_ref().map(issuance).transpose()
    }

    async fn close_issuance(
        &mut self,
        department: &str,
        key: &str,
        state: &IssuanceState,
    ) -> Result<bool, StoreError> {
        let (state, refusal) = state_columns(state);
        let query = sql(CLOSE).bind(department).bind(key).bind(state).bind(refusal);
        Ok(self.run(query).await? == 1)
    }

    async fn open_issuances(&mut self, before: Timestamp, limit: u32) -> Result<Vec<Issuance>, StoreError> {
        self.all(sql(OPEN).bind(before.micros()).bind(i64::from(limit)), issuance).await
    }
}
