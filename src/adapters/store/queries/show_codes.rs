//! Showings.

use super::{Record, Row, Tx, added, sql};
use crate::adapters::store::json;
use crate::domain::show_code::{Redemption, Showing, Way};
use crate::domain::time::Timestamp;
use crate::ports::store::{ShowCodeRows, StoreError};
use async_trait::async_trait;

const INSERT: &str =
    "INSERT INTO showings (id, code_hash, parts, way, holder, shown_by, purpose, reason, created_at,
        expires_at, withdrawn_at, redeemed_by, redeemed_label, redeemed_at, redeemed_matter)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT DO NOTHING";
const BY_CODE: &str = "SELECT * FROM showings WHERE code_hash = $1";
const BY_ID: &str = "SELECT * FROM showings WHERE id = $1";
const REDEEM: &str = "UPDATE showings
     SET redeemed_by = $2, redeemed_label = $3, redeemed_at = $4, redeemed_matter = $5
     WHERE id = $1 AND redeemed_at IS NULL AND withdrawn_at IS NULL";
const WITHDRAW: &str = "UPDATE showings SET withdrawn_at = $2
     WHERE id = $1 AND redeemed_at IS NULL AND withdrawn_at IS NULL";
const OF_HOLDER: &str = "SELECT * FROM showings WHERE holder = $1 AND (created_at, id) < ($2, $3)
     ORDER BY created_at DESC, id DESC LIMIT $4";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[INSERT, BY_CODE, BY_ID, REDEEM, WITHDRAW, OF_HOLDER];

fn showing(row: &Row) -> Result<Showing, StoreError> {
    let record = Record::new(row, "showings", &["id"]);
    let redeemed = match record.time_or_none("redeemed_at")? {
        None => None,
        Some(at) => Some(Redemption {
            by: record.text("redeemed_by")?,
            label: record.text("redeemed_label")?,
            at,
            matter: record.text("redeemed_matter")?,
        }),
    };
    Ok(Showing {
        id: record.text("id")?,
        code_hash: record.array_or_none("code_hash")?,
        parts: record.json("parts", json::read_parts)?,
        way: record.parsed("way", Way::parse)?,
        holder: record.text("holder")?,
        shown_by: record.text("shown_by")?,
        purpose: record.text("purpose")?,
        reason: record.text_or_none("reason")?,
        created_at: record.time("created_at")?,
        expires_at: record.time("expires_at")?,
        withdrawn_at: record.time_or_none("withdrawn_at")?,
        redeemed,
    })
}

#[async_trait]
impl ShowCodeRows for Tx<'_> {
    async fn insert_showing(&mut self, showing: &Showing) -> Result<(), StoreError> {
        let redeemed = showing.redeemed.as_ref();
        let query = sql(INSERT)
            .bind(&showing.id)
            .bind(showing.code_hash.as_ref().map(|hash| hash.as_slice()))
            .bind(json::write_parts(&showing.parts))
            .bind(showing.way.name())
            .bind(&showing.holder)
            .bind(&showing.shown_by)
            .bind(&showing.purpose)
            .bind(showing.reason.as_deref())
            .bind(showing.created_at.micros())
            .bind(showing.expires_at.micros())
            .bind(showing.withdrawn_at.map(Timestamp::micros))
            .bind(redeemed.map(|redemption| redemption.by.as_str()))
            .bind(redeemed.map(|redemption| redemption.label.as_str()))
            .bind(redeemed.map(|redemption| redemption.at.micros()))
            .bind(redeemed.map(|redemption| redemption.matter.as_str()));
        added(self.run(query).await?, "show code")
    }

    async fn showing_by_code(&mut self, code_hash: &[u8; 32]) -> Result<Option<Showing>, StoreError> {
        self.one(sql(BY_CODE).bind(code_hash.as_slice())).await?.as_ref().map(showing).transpose()
    }

    async fn showing(&mut self, id: &str) -> Result<Option<Showing>, StoreError> {
        self.one(sql(BY_ID).bind(id)).await?.as_ref().map(showing).transpose()
    }

    async fn redeem_showing(&mut self, id: &str, redemption: &Redemption) -> Result<bool, StoreError> {
        let query = sql(REDEEM)
            .bind(id)
            .bind(&redemption.by)
            .bind(&redemption.label)
            .bind(redemption.at.micros())
            .bind(&redemption.matter);
        Ok(self.run(query).await? == 1)
    }

    async fn withdraw_showing(&mut self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        Ok(self.run(sql(WITHDRAW).bind(id).bind(at.micros())).await? == 1)
    }

    async fn showings(
        &mut self,
        holder: &str,
        after: Option<(Timestamp, &str)>,
        limit: u32,
    ) -> Result<Vec<Showing>, StoreError> {
        let (at, id) = after.map_or((i64::MAX, ""), |(at, id)| (at.micros(), id));
        let query = sql(OF_HOLDER).bind(holder).bind(at).bind(id).bind(i64::from(limit));
        self.all(query, showing).await
    }
}
