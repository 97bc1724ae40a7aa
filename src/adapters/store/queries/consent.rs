//! Disputes of uses, later comers with a used show code, deputies.

use super::{Record, Row, Tx, added, sql, uses};
use crate::adapters::store::json;
use crate::domain::consent::{Answer, Deputy, Dispute, Try};
use crate::domain::license::LicenseId;
use crate::domain::space::Use;
use crate::domain::time::Timestamp;
use crate::ports::store::{ConsentRows, StoreError};
use async_trait::async_trait;

const ONE_USE: &str = "SELECT * FROM uses WHERE id = $1";
const ADD_DISPUTE: &str = "INSERT INTO use_disputes (used, owner, used_at, at, words)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
const DISPUTE: &str = "SELECT * FROM use_disputes WHERE used = $1";
const OF_OWNER: &str = "SELECT * FROM use_disputes WHERE owner = $1 AND used_at >= $2 AND used_at <= $3
     ORDER BY used_at DESC, used DESC LIMIT $4";
const DISPUTES: &str = "SELECT * FROM use_disputes WHERE (at, used) < ($1, $2)
     ORDER BY at DESC, used DESC LIMIT $3";
const ANSWER: &str = "UPDATE use_disputes SET answered_at = $2, answered_by = $3, answer = $4
     WHERE used = $1 AND answered_at IS NULL";
const ADD_TRY: &str = "INSERT INTO show_tries (showing, by_whom, label, at)
     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const TRIES: &str = "SELECT * FROM show_tries WHERE showing = $1 ORDER BY at, by_whom LIMIT $2";
const WITHDRAW_PREFETCHED: &str = "UPDATE showings SET withdrawn_at = $2
     WHERE shown_by = $1 AND way = 'prefetched' AND redeemed_at IS NULL AND withdrawn_at IS NULL";
const ADD_DEPUTY: &str = "INSERT INTO deputies (id, owner, owner_name, deputy, deputy_name, licenses, created_at, until, withdrawn_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
const DEPUTY: &str = "SELECT * FROM deputies WHERE id = $1";
const WITHDRAW_DEPUTY: &str = "UPDATE deputies SET withdrawn_at = $2 WHERE id = $1 AND withdrawn_at IS NULL";
const DEPUTIES_OF: &str =
    "SELECT * FROM deputies WHERE owner = $1 ORDER BY created_at DESC, id DESC LIMIT $2";
const DEPUTY_FOR: &str =
    "SELECT * FROM deputies WHERE deputy = $1 ORDER BY created_at DESC, id DESC LIMIT $2";
const ADD_SHOWING_DEPUTY: &str =
    "INSERT INTO showing_deputies (showing, deputy) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const SHOWING_DEPUTY: &str = "SELECT d.* FROM showing_deputies s JOIN deputies d ON d.id = s.deputy
     WHERE s.showing = $1";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    ONE_USE,
    ADD_DISPUTE,
    DISPUTE,
    OF_OWNER,
    DISPUTES,
    ANSWER,
    ADD_TRY,
    TRIES,
    WITHDRAW_PREFETCHED,
    ADD_DEPUTY,
    DEPUTY,
    WITHDRAW_DEPUTY,
    DEPUTIES_OF,
    DEPUTY_FOR,
    ADD_SHOWING_DEPUTY,
    SHOWING_DEPUTY,
];

fn dispute(row: &Row) -> Result<Dispute, StoreError> {
    let record = Record::new(row, "use_disputes", &["used"]);
    let answer = match record.time_or_none("answered_at")? {
        None => None,
        Some(at) => Some(Answer { at, by: record.text("answered_by")?, words: record.text("answer")? }),
    };
    Ok(Dispute {
        used: record.text("used")?,
        owner: record.text("owner")?,
        used_at: record.time("used_at")?,
        at: record.time("at")?,
        words: record.text("words")?,
        answer,
    })
}

fn tried(row: &Row) -> Result<Try, StoreError> {
    let record = Record::new(row, "show_tries", &["showing", "by_whom"]);
    Ok(Try {
        showing: record.text("showing")?,
        by: record.text("by_whom")?,
        label: record.text("label")?,
        at: record.time("at")?,
    })
}

fn deputy(row: &Row) -> Result<Deputy, StoreError> {
    let record = Record::new(row, "deputies", &["id"]);
    let named = record.json("licenses", json::read_names)?;
    let licenses = named.iter().map(|id| LicenseId::parse(id)).collect::<Result<_, _>>();
    Ok(Deputy {
        id: record.text("id")?,
        owner: record.text("owner")?,
        owner_name: record.text("owner_name")?,
        deputy: record.text("deputy")?,
        deputy_name: record.text("deputy_name")?,
        licenses: licenses.map_err(|_| record.corrupt("licenses", "no license identifier"))?,
        created_at: record.time("created_at")?,
        until: record.time("until")?,
        withdrawn_at: record.time_or_none("withdrawn_at")?,
    })
}

#[async_trait]
impl ConsentRows for Tx<'_> {
    async fn one_use(&mut self, id: &str) -> Result<Option<Use>, StoreError> {
        self.one(sql(ONE_USE).bind(id)).await?.as_ref().map(uses::read).transpose()
    }

    async fn add_dispute(&mut self, dispute: &Dispute) -> Result<(), StoreError> {
        let query = sql(ADD_DISPUTE)
            .bind(&dispute.used)
            .bind(&dispute.owner)
            .bind(dispute.used_at.micros())
            .bind(dispute.at.micros())
            .bind(&dispute.words);
        added(self.run(query).await?, "dispute")
    }

    async fn dispute(&mut self, used: &str) -> Result<Option<Dispute>, StoreError> {
        self.one(sql(DISPUTE).bind(used)).await?.as_ref().map(dispute).transpose()
    }

    async fn disputes_of_owner(
        &mut self,
        owner: &str,
        from: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Dispute>, StoreError> {
        let query = sql(OF_OWNER).bind(owner).bind(from.micros()).bind(until.micros()).bind(i64::from(limit));
        self.all(query, dispute).await
    }

    async fn disputes(
        &mut self,
        before: Option<(Timestamp, &str)>,
        limit: u32,
    ) -> Result<Vec<Dispute>, StoreError> {
        let (at, used) = before.map_or((i64::MAX, ""), |(at, used)| (at.micros(), used));
        self.all(sql(DISPUTES).bind(at).bind(used).bind(i64::from(limit)), dispute).await
    }

    async fn answer_dispute(&mut self, used: &str, answer: &Answer) -> Result<bool, StoreError> {
        let query = sql(ANSWER).bind(used).bind(answer.at.micros()).bind(&answer.by).bind(&answer.words);
        Ok(self.run(query).await? == 1)
    }

    async fn add_try(&mut self, tried: &Try) -> Result<bool, StoreError> {
        let query =
            sql(ADD_TRY).bind(&tried.showing).bind(&tried.by).bind(&tried.label).bind(tried.at.micros());
        Ok(self.run(query).await? == 1)
    }

    async fn tries(&mut self, showing: &str, limit: u32) -> Result<Vec<Try>, StoreError> {
        self.all(sql(TRIES).bind(showing).bind(i64::from(limit)), tried).await
    }

    async fn withdraw_prefetched(&mut self, shown_by: &str, at: Timestamp) -> Result<u64, StoreError> {
        self.run(sql(WITHDRAW_PREFETCHED).bind(shown_by).bind(at.micros())).await
    }

    async fn add_deputy(&mut self, deputy: &Deputy) -> Result<(), StoreError> {
        let licenses: Vec<String> = deputy.licenses.iter().map(ToString::to_string).collect();
        let query = sql(ADD_DEPUTY)
            .bind(&deputy.id)
            .bind(&deputy.owner)
            .bind(&deputy.owner_name)
            .bind(&deputy.deputy)
            .bind(&deputy.deputy_name)
            .bind(json::write_names(&licenses))
            .bind(deputy.created_at.micros())
            .bind(deputy.until.micros())
            .bind(deputy.withdrawn_at.map(Timestamp::micros));
        added(self.run(query).await?, "deputy")
    }

    async fn deputy(&mut self, id: &str) -> Result<Option<Deputy>, StoreError> {
        self.one(sql(DEPUTY).bind(id)).await?.as_ref().map(deputy).transpose()
    }

    async fn withdraw_deputy(&mut self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        Ok(self.run(sql(WITHDRAW_DEPUTY).bind(id).bind(at.micros())).await? == 1)
    }

    async fn deputies_of(&mut self, owner: &str, limit: u32) -> Result<Vec<Deputy>, StoreError> {
        self.all(sql(DEPUTIES_OF).bind(owner).bind(i64::from(limit)), deputy).await
    }

    async fn deputy_for(&mut self, name: &str, limit: u32) -> Result<Vec<Deputy>, StoreError> {
        self.all(sql(DEPUTY_FOR).bind(name).bind(i64::from(limit)), deputy).await
    }

    async fn add_showing_deputy(&mut self, showing: &str, deputy: &str) -> Result<(), StoreError> {
        added(self.run(sql(ADD_SHOWING_DEPUTY).bind(showing).bind(deputy)).await?, "deputy of a showing")
    }

    async fn showing_deputy(&mut self, showing: &str) -> Result<Option<Deputy>, StoreError> {
        self.one(sql(SHOWING_DEPUTY).bind(showing)).await?.as_ref().map(deputy).transpose()
    }
}
