//! Requests, and assertions that were taken.

use super::{Record, Row, Tx, added, sql};
use crate::adapters::store::json;
use crate::adapters::store::request_json;
use crate::domain::show_request::{Ended, Ending, ShowRequest};
use crate::domain::time::Timestamp;
use crate::ports::store::{RequestRows, StoreError};
use async_trait::async_trait;

const INSERT: &str =
    "INSERT INTO show_requests (id, code_hash, by_whom, body, counter, matter, asked, number, created_at,
        expires_at, wrong, ended, ended_at, showing, materials)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT DO NOTHING";
const BY_ID: &str = "SELECT * FROM show_requests WHERE id = $1";
const BY_CODE: &str = "SELECT * FROM show_requests WHERE code_hash = $1";
const END: &str = "UPDATE show_requests SET ended = $2, ended_at = $3, showing = $4, materials = $5
     WHERE id = $1 AND ended IS NULL";
const WRONG: &str = "UPDATE show_requests SET wrong = wrong + 1 WHERE id = $1 AND ended IS NULL";
const TAKE: &str =
    "INSERT INTO taken_assertions (issuer, jti, until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const FORGET: &str = "DELETE FROM taken_assertions WHERE until < $1";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[INSERT, BY_ID, BY_CODE, END, WRONG, TAKE, FORGET];

fn request(row: &Row) -> Result<ShowRequest, StoreError> {
    let record = Record::new(row, "show_requests", &["id"]);
    let ended = match record.time_or_none("ended_at")? {
        None => None,
        Some(at) => Some(Ended {
            how: record.parsed("ended", Ending::parse)?,
            at,
            showing: record.text_or_none("showing")?,
            materials: record.json("materials", json::read_names)?,
        }),
    };
    Ok(ShowRequest {
        id: record.text("id")?,
        code_hash: record.array("code_hash")?,
        by: record.text("by_whom")?,
        body: record.text("body")?,
        counter: record.text("counter")?,
        matter: record.text("matter")?,
        asked: record.json("asked", request_json::read)?,
        number: record.small("number")?,
        created_at: record.time("created_at")?,
        expires_at: record.time("expires_at")?,
        wrong: record.small("wrong")?,
        ended,
    })
}

#[async_trait]
impl RequestRows for Tx<'_> {
    async fn insert_request(&mut self, request: &ShowRequest) -> Result<(), StoreError> {
        let ended = request.ended.as_ref();
        let query = sql(INSERT)
            .bind(&request.id)
            .bind(request.code_hash.as_slice())
            .bind(&request.by)
            .bind(&request.body)
            .bind(&request.counter)
            .bind(&request.matter)
            .bind(request_json::write(&request.asked))
            .bind(i64::from(request.number))
            .bind(request.created_at.micros())
            .bind(request.expires_at.micros())
            .bind(i64::from(request.wrong))
            .bind(ended.map(|ended| ended.how.name()))
            .bind(ended.map(|ended| ended.at.micros()))
            .bind(ended.and_then(|ended| ended.showing.as_deref()))
            .bind(json::write_names(ended.map_or(&[], |ended| ended.materials.as_slice())));
        added(self.run(query).await?, "request")
    }

    async fn request(&mut self, id: &str) -> Result<Option<ShowRequest>, StoreError> {
        self.one(sql(BY_ID).bind(id)).await?.as_ref().map(request).transpose()
    }

    async fn request_by_code(&mut self, code_hash: &[u8; 32]) -> Result<Option<ShowRequest>, StoreError> {
        self.one(sql(BY_CODE).bind(code_hash.as_slice())).await?.as_ref().map(request).transpose()
    }

    async fn end_request(&mut self, id: &str, ended: &Ended) -> Result<bool, StoreError> {
        let query = sql(END)
            .bind(id)
            .bind(ended.how.name())
            .bind(ended.at.micros())
            .bind(ended.showing.as_deref())
            .bind(json::write_names(&ended.materials));
        Ok(self.run(query).await? == 1)
    }

    async fn count_wrong_number(&mut self, id: &str) -> Result<bool, StoreError> {
        Ok(self.run(sql(WRONG).bind(id)).await? == 1)
    }

    async fn take_assertion(&mut self, issuer: &str, jti: &str, until: Timestamp) -> Result<(), StoreError> {
        let query = sql(TAKE).bind(issuer).bind(jti).bind(until.micros());
        added(self.run(query).await?, "assertion")
    }

    async fn forget_assertions(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        self.run(sql(FORGET).bind(before.micros())).await
    }
}
