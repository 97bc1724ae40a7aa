//! Receipts and annotated copies, and the seal that seals them.

use super::{Record, Row, Tx, added, sql};
use crate::domain::paper::{Paper, PaperFile, PaperForm, PaperKind, ServiceSeal};
use crate::domain::seal::SealCode;
use crate::domain::time::Timestamp;
use crate::ports::store::{PaperRows, StoreError};
use async_trait::async_trait;

const INSERT: &str =
    "INSERT INTO papers (id, kind, paper_key, request_hash, about, asked_by, made_at, expires_at, seal)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
const INSERT_FILE: &str =
    "INSERT INTO paper_files (sha256, paper, form) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const BY_ID: &str = "SELECT * FROM papers WHERE id = $1";
const BY_KEY: &str = "SELECT * FROM papers WHERE paper_key = $1";
const FILES: &str = "SELECT * FROM paper_files WHERE paper = $1";
const PROPOSE: &str = "INSERT INTO service_seals (seal, proposed_by, proposed_at) VALUES ($1, $2, $3)
     ON CONFLICT (seal) DO UPDATE SET proposed_by = excluded.proposed_by, proposed_at = excluded.proposed_at,
        agreed_by = NULL, agreed_at = NULL";
const AGREE: &str =
    "UPDATE service_seals SET agreed_by = $2, agreed_at = $3 WHERE seal = $1 AND agreed_at IS NULL";
const IN_USE: &str = "SELECT * FROM service_seals WHERE agreed_at IS NOT NULL AND agreed_at > $1
     ORDER BY agreed_at DESC, seal DESC LIMIT 1";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[INSERT, INSERT_FILE, BY_ID, BY_KEY, FILES, PROPOSE, AGREE, IN_USE];

fn paper(row: &Row) -> Result<Paper, StoreError> {
    let record = Record::new(row, "papers", &["id"]);
    Ok(Paper {
        id: record.text("id")?,
        kind: record.parsed("kind", PaperKind::parse)?,
        key: record.text("paper_key")?,
        request_hash: record.array("request_hash")?,
        about: record.text("about")?,
        asked_by: record.text("asked_by")?,
        made_at: record.time("made_at")?,
        expires_at: record.time_or_none("expires_at")?,
        seal: record.parsed("seal", SealCode::parse)?,
        files: Vec::new(),
    })
}

fn file(row: &Row) -> Result<PaperFile, StoreError> {
    let record = Record::new(row, "paper_files", &["sha256"]);
    Ok(PaperFile { form: record.parsed("form", PaperForm::parse)?, sha256: record.array("sha256")? })
}

fn service_seal(row: &Row) -> Result<ServiceSeal, StoreError> {
    let record = Record::new(row, "service_seals", &["seal"]);
    Ok(ServiceSeal {
        seal: record.parsed("seal", SealCode::parse)?,
        proposed_by: record.text("proposed_by")?,
        proposed_at: record.time("proposed_at")?,
        agreed: record.text_or_none("agreed_by")?.zip(record.time_or_none("agreed_at")?),
    })
}

impl Tx<'_> {
    async fn with_files(&mut self, row: Option<Row>) -> Result<Option<Paper>, StoreError> {
        let Some(row) = row else { return Ok(None) };
        let mut found = paper(&row)?;
        found.files = self.all(sql(FILES).bind(found.id.clone()), file).await?;
        found.files.sort_by_key(|file| file.form);
        Ok(Some(found))
    }
}

#[async_trait]
impl PaperRows for Tx<'_> {
    async fn insert_paper(&mut self, paper: &Paper) -> Result<(), StoreError> {
        let query = sql(INSERT)
            .bind(&paper.id)
            .bind(paper.kind.name())
            .bind(&paper.key)
            .bind(paper.request_hash.as_slice())
            .bind(&paper.about)
            .bind(&paper.asked_by)
            .bind(paper.made_at.micros())
            .bind(paper.expires_at.map(Timestamp::micros))
            .bind(paper.seal.as_str());
        added(self.run(query).await?, "paper")?;
        for file in &paper.files {
            let query = sql(INSERT_FILE).bind(file.sha256.as_slice()).bind(&paper.id).bind(file.form.name());
            added(self.run(query).await?, "paper file")?;
        }
        Ok(())
    }

    async fn paper(&mut self, id: &str) -> Result<Option<Paper>, StoreError> {
        let row = self.one(sql(BY_ID).bind(id)).await?;
        self.with_files(row).await
    }

    async fn paper_of_key(&mut self, key: &str) -> Result<Option<Paper>, StoreError> {
        let row = self.one(sql(BY_KEY).bind(key)).await?;
        self.with_files(row).await
    }

    async fn propose_service_seal(
        &mut self,
        seal: &SealCode,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.run(sql(PROPOSE).bind(seal.as_str()).bind(by).bind(at.micros())).await.map(drop)
    }

    async fn agree_to_service_seal(
        &mut self,
        seal: &SealCode,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.run(sql(AGREE).bind(seal.as_str()).bind(by).bind(at.micros())).await? == 1)
    }

    async fn service_seal(&mut self) -> Result<Option<ServiceSeal>, StoreError> {
        self.one(sql(IN_USE).bind(i64::MIN)).await?.as_ref().map(service_seal).transpose()
    }
}
