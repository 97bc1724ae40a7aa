//! The sharing service: who may ask what, how often they did, what they found wrong.

use super::{Record, Row, Tx, added, sql};
use crate::adapters::store::json;
use crate::domain::grant::Withdrawal;
use crate::domain::sharing::{Allowance, Count, Operation, Remark};
use crate::domain::time::Timestamp;
use crate::ports::store::{SharingRows, StoreError};
use async_trait::async_trait;

const PUT: &str =
    "INSERT INTO share_allowances (credential, system, kinds, causes, lawful, basis, per_minute,
        registered_by, registered_at, until, confirmed_by, confirmed_at, withdrawn_at, withdrawn_by,
        withdrawn_reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     ON CONFLICT (credential) DO UPDATE SET system = excluded.system, kinds = excluded.kinds,
        causes = excluded.causes, lawful = excluded.lawful, basis = excluded.basis,
        per_minute = excluded.per_minute, registered_by = excluded.registered_by,
        registered_at = excluded.registered_at, until = excluded.until, confirmed_by = excluded.confirmed_by,
        confirmed_at = excluded.confirmed_at, withdrawn_at = excluded.withdrawn_at,
        withdrawn_by = excluded.withdrawn_by, withdrawn_reason = excluded.withdrawn_reason";
const ONE: &str = "SELECT * FROM share_allowances WHERE credential = $1";
const ALL: &str = "SELECT * FROM share_allowances WHERE credential > $1 ORDER BY credential LIMIT $2";
const CONFIRM: &str = "UPDATE share_allowances SET confirmed_by = $2, confirmed_at = $3
     WHERE credential = $1 AND confirmed_at IS NULL AND withdrawn_at IS NULL";
const WITHDRAW: &str = "UPDATE share_allowances
     SET withdrawn_at = $2, withdrawn_by = $3, withdrawn_reason = $4
     WHERE credential = $1 AND withdrawn_at IS NULL";
const COUNT: &str = "INSERT INTO share_counts (credential, day, operation, answered, refused)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (day, credential, operation) DO UPDATE SET
        answered = share_counts.answered + excluded.answered,
        refused = share_counts.refused + excluded.refused";
const COUNTS: &str = "SELECT * FROM share_counts WHERE day >= $1 AND day <= $2
     ORDER BY day, credential, operation LIMIT $3";
const REMARK: &str = "INSERT INTO share_remarks (id, license, issuer, field, remark, by_whom, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
const REMARKS: &str = "SELECT * FROM share_remarks WHERE issuer = $1 ORDER BY at DESC, id DESC LIMIT $2";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[PUT, ONE, ALL, CONFIRM, WITHDRAW, COUNT, COUNTS, REMARK, REMARKS];

fn allowance(row: &Row) -> Result<Allowance, StoreError> {
    let record = Record::new(row, "share_allowances", &["credential"]);
    Ok(Allowance {
        credential: record.text("credential")?,
        system: record.text("system")?,
        kinds: record.json("kinds", json::read_names)?,
        causes: record.json("causes", json::read_names)?,
        lawful: record.json("lawful", json::read_names)?,
        basis: record.text("basis")?,
        per_minute: record.small("per_minute")?,
        registered_by: record.text("registered_by")?,
        registered_at: record.time("registered_at")?,
        until: record.time("until")?,
        confirmed: record.text_or_none("confirmed_by")?.zip(record.time_or_none("confirmed_at")?),
        withdrawn: record.withdrawal()?,
    })
}

fn count(row: &Row) -> Result<Count, StoreError> {
    let record = Record::new(row, "share_counts", &["credential", "operation"]);
    Ok(Count {
        credential: record.text("credential")?,
        day: record.int("day")?,
        operation: record.parsed("operation", Operation::parse)?,
        answered: record.small("answered")?,
        refused: record.small("refused")?,
    })
}

fn remark(row: &Row) -> Result<Remark, StoreError> {
    let record = Record::new(row, "share_remarks", &["id"]);
    Ok(Remark {
        id: record.text("id")?,
        license: record.license_id("license")?,
        issuer: record.text("issuer")?,
        field: record.text("field")?,
        remark: record.text("remark")?,
        by: record.text("by_whom")?,
        at: record.time("at")?,
    })
}

#[async_trait]
impl SharingRows for Tx<'_> {
    async fn put_share_allowance(&mut self, allowance: &Allowance) -> Result<(), StoreError> {
        let (confirmed, withdrawn) = (allowance.confirmed.as_ref(), allowance.withdrawn.as_ref());
        let query = sql(PUT)
            .bind(&allowance.credential)
            .bind(&allowance.system)
            .bind(json::write_names(&allowance.kinds))
            .bind(json::write_names(&allowance.causes))
            .bind(json::write_names(&allowance.lawful))
            .bind(&allowance.basis)
            .bind(i64::from(allowance.per_minute))
            .bind(&allowance.registered_by)
            .bind(allowance.registered_at.micros())
            .bind(allowance.until.micros())
            .bind(confirmed.map(|(by, _)| by.as_str()))
            .bind(confirmed.map(|(_, at)| at.micros()))
            .bind(withdrawn.map(|end| end.at.micros()))
            .bind(withdrawn.map(|end| end.by.as_str()))
            .bind(withdrawn.map(|end| end.reason.as_str()));
        self.run(query).await.map(drop)
    }

    async fn share_allowance(&mut self, credential: &str) -> Result<Option<Allowance>, StoreError> {
        self.one(sql(ONE).bind(credential)).await?.as_ref().map(allowance).transpose()
    }

    async fn share_allowances(&mut self, after: &str, limit: u32) -> Result<Vec<Allowance>, StoreError> {
        self.all(sql(ALL).bind(after).bind(i64::from(limit)), allowance).await
    }

    async fn confirm_share_allowance(
        &mut self,
        credential: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.run(sql(CONFIRM).bind(credential).bind(by).bind(at.micros())).await? == 1)
    }

    async fn withdraw_share_allowance(
        &mut self,
        credential: &str,
        withdrawal: &Withdrawal,
    ) -> Result<bool, StoreError> {
        let query = sql(WITHDRAW)
            .bind(credential)
            .bind(withdrawal.at.micros())
            .bind(&withdrawal.by)
            .bind(&withdrawal.reason);
        Ok(self.run(query).await? == 1)
    }

    async fn count_share(
        &mut self,
        credential: &str,
        day: i64,
        operation: Operation,
        answered: bool,
    ) -> Result<(), StoreError> {
        let query = sql(COUNT)
            .bind(credential)
            .bind(day)
            .bind(operation.name())
            .bind(i64::from(answered))
            .bind(i64::from(!answered));
        self.run(query).await.map(drop)
    }

    async fn share_counts(&mut self, from: i64, to: i64, limit: u32) -> Result<Vec<Count>, StoreError> {
        self.all(sql(COUNTS).bind(from).bind(to).bind(i64::from(limit)), count).await
    }

    async fn add_share_remark(&mut self, remark: &Remark) -> Result<(), StoreError> {
        let query = sql(REMARK)
            .bind(&remark.id)
            .bind(remark.license.as_str())
            .bind(&remark.issuer)
            .bind(&remark.field)
            .bind(&remark.remark)
            .bind(&remark.by)
            .bind(remark.at.micros());
        added(self.run(query).await?, "remark")
    }

    async fn share_remarks(&mut self, issuer: &str, limit: u32) -> Result<Vec<Remark>, StoreError> {
        self.all(sql(REMARKS).bind(issuer).bind(i64::from(limit)), remark).await
    }
}
