//! Sessions at kiosks.

use super::{Record, Row, Tx, added, sql};
use crate::adapters::store::json::{self, BadJson};
use crate::domain::kiosk::{KioskSession, Printed, Recognised};
use crate::domain::license::LicenseId;
use crate::domain::offline_code::PaperCodeId;
use crate::domain::time::Timestamp;
use crate::ports::store::{KioskRows, StoreError};
use async_trait::async_trait;

const INSERT: &str =
    "INSERT INTO kiosk_sessions (id, by_whom, place, created_at, expires_at, holder, verifier,
        recognised_at, offered, paper_code, printed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
const BY_ID: &str = "SELECT * FROM kiosk_sessions WHERE id = $1";
const RECOGNISE: &str =
    "UPDATE kiosk_sessions SET holder = $2, verifier = $3, recognised_at = $4, offered = $5
     WHERE id = $1 AND recognised_at IS NULL";
const PRINT: &str = "UPDATE kiosk_sessions SET paper_code = $2, printed_at = $3
     WHERE id = $1 AND recognised_at IS NOT NULL AND printed_at IS NULL";
const END: &str = "UPDATE kiosk_sessions SET expires_at = $2
     WHERE id = $1 AND expires_at > $2 AND printed_at IS NULL";
const FORGET: &str = "DELETE FROM kiosk_sessions WHERE expires_at < $1";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[INSERT, BY_ID, RECOGNISE, PRINT, END, FORGET];

fn offered(text: &str) -> Result<Vec<LicenseId>, BadJson> {
    let ids = json::read_names(text)?;
    ids.iter()
        .map(|id| LicenseId::parse(id).map_err(|_| BadJson("no license identifier".to_owned())))
        .collect()
}

fn names(offered: &[LicenseId]) -> String {
    json::write_names(&offered.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>())
}

fn session(row: &Row) -> Result<KioskSession, StoreError> {
    let record = Record::new(row, "kiosk_sessions", &["id"]);
    let recognised = match record.time_or_none("recognised_at")? {
        None => None,
        Some(at) => Some(Recognised {
            holder: record.text("holder")?,
            verifier: record.text("verifier")?,
            at,
            offered: record.json("offered", offered)?,
        }),
    };
    let printed = match record.time_or_none("printed_at")? {
        None => None,
        Some(at) => Some(Printed { code: record.parsed("paper_code", PaperCodeId::parse)?, at }),
    };
    Ok(KioskSession {
        id: record.text("id")?,
        by: record.text("by_whom")?,
        place: record.text("place")?,
        created_at: record.time("created_at")?,
        expires_at: record.time("expires_at")?,
        recognised,
        printed,
    })
}

#[async_trait]
impl KioskRows for Tx<'_> {
    async fn insert_kiosk_session(&mut self, session: &KioskSession) -> Result<(), StoreError> {
        let (known, printed) = (session.recognised.as_ref(), session.printed.as_ref());
        let query = sql(INSERT)
            .bind(&session.id)
            .bind(&session.by)
            .bind(&session.place)
            .bind(session.created_at.micros())
            .bind(session.expires_at.micros())
            .bind(known.map(|known| known.holder.as_str()))
            .bind(known.map(|known| known.verifier.as_str()))
            .bind(known.map(|known| known.at.micros()))
            .bind(names(known.map_or(&[], |known| known.offered.as_slice())))
            .bind(printed.map(|printed| printed.code.as_str()))
            .bind(printed.map(|printed| printed.at.micros()));
        added(self.run(query).await?, "kiosk session")
    }

    async fn kiosk_session(&mut self, id: &str) -> Result<Option<KioskSession>, StoreError> {
        self.one(sql(BY_ID).bind(id)).await?.as_ref().map(session).transpose()
    }

    async fn recognise_at_kiosk(&mut self, id: &str, known: &Recognised) -> Result<bool, StoreError> {
        let query = sql(RECOGNISE)
            .bind(id)
            .bind(&known.holder)
            .bind(&known.verifier)
            .bind(known.at.micros())
            .bind(names(&known.offered));
        Ok(self.run(query).await? == 1)
    }

    async fn print_at_kiosk(&mut self, id: &str, printed: &Printed) -> Result<bool, StoreError> {
        let query = sql(PRINT).bind(id).bind(printed.code.as_str()).bind(printed.at.micros());
        Ok(self.run(query).await? == 1)
    }

    async fn end_kiosk_session(&mut self, id: &str, last: Timestamp) -> Result<bool, StoreError> {
        Ok(self.run(sql(END).bind(id).bind(last.micros())).await? == 1)
    }

    async fn forget_kiosk_sessions(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        self.run(sql(FORGET).bind(before.micros())).await
    }
}
