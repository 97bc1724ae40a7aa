//! Who used what of whom.

use super::{Record, Row, Tx, added, sql};
use crate::adapters::store::use_json;
use crate::domain::space::{Use, Used};
use crate::domain::time::Timestamp;
use crate::ports::store::{StoreError, UseRows};
use async_trait::async_trait;

const ADD: &str = "INSERT INTO uses (id, owner, at, by_whom, label, what, detail)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
const AMEND: &str = "UPDATE uses SET what = $2, detail = $3 WHERE id = $1";
const OF_OWNER: &str = "SELECT * FROM uses WHERE owner = $1 AND (at, id) < ($2, $3)
     ORDER BY at DESC, id DESC LIMIT $4";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[ADD, AMEND, OF_OWNER];

pub(super) fn read(row: &Row) -> Result<Use, StoreError> {
    let record = Record::new(row, "uses", &["id"]);
    Ok(Use {
        id: record.text("id")?,
        owner: record.text("owner")?,
        at: record.time("at")?,
        by: record.text("by_whom")?,
        label: record.text("label")?,
        what: record.json("detail", use_json::read)?,
    })
}

#[async_trait]
impl UseRows for Tx<'_> {
    async fn add_use(&mut self, used: &Use) -> Result<(), StoreError> {
        let query = sql(ADD)
            .bind(&used.id)
            .bind(&used.owner)
            .bind(used.at.micros())
            .bind(&used.by)
            .bind(&used.label)
            .bind(used.what.name())
            .bind(use_json::write(&used.what));
        added(self.run(query).await?, "use")
    }

    async fn amend_use(&mut self, id: &str, what: &Used) -> Result<bool, StoreError> {
        let query = sql(AMEND).bind(id).bind(what.name()).bind(use_json::write(what));
        Ok(self.run(query).await? == 1)
    }

    async fn uses(
        &mut self,
        owner: &str,
        before: Option<(Timestamp, &str)>,
        limit: u32,
    ) -> Result<Vec<Use>, StoreError> {
        let query = sql(OF_OWNER)
            .bind(owner)
            .bind(before.map_or(i64::MAX, |(at, _)| at.micros()))
            .bind(before.map(|(_, id)| id.to_owned()).unwrap_or_default())
            .bind(i64::from(limit));
        self.all(query, read).await
    }
}
