//! Files that somebody brings to be sealed.

use super::{BEHIND_ALL, Record, Row, Tx, added, integer, sql};
use crate::adapters::store::place_json;
use crate::domain::grant::GrantId;
use crate::domain::license::{FileForm, FileFormat};
use crate::domain::seal::SealCode;
use crate::domain::seal_job::{JobId, JobState, KeptFile, SealJob};
use crate::domain::suite::Suite;
use crate::domain::time::Timestamp;
use crate::ports::store::{SealJobRows, StoreError};
use async_trait::async_trait;

const INSERT: &str =
    "INSERT INTO seal_jobs (id, key_owner, idempotency_key, request_hash, requested_by, seal, owner, seal_grant,
        format, suite, place, straddling, name, reason, brought_sha256, brought_size, started_at, state,
        ended_at, sealed_sha256, sealed_size, refusal)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
     ON CONFLICT DO NOTHING";
const BY_ID: &str = "SELECT * FROM seal_jobs WHERE id = $1";
const BY_KEY: &str = "SELECT * FROM seal_jobs WHERE key_owner = $1 AND idempotency_key = $2";
const CLOSE: &str =
    "UPDATE seal_jobs SET state = $2, ended_at = $3, sealed_sha256 = $4, sealed_size = $5, refusal = $6
     WHERE id = $1 AND state = 'open'";
const OPEN: &str = "SELECT * FROM seal_jobs WHERE state = 'open' AND started_at < $1
     ORDER BY started_at, id LIMIT $2";
const OF_OWNER: &str = "SELECT * FROM seal_jobs WHERE key_owner = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const OF_SEAL: &str = "SELECT * FROM seal_jobs WHERE seal = $1 AND id < $2 ORDER BY id DESC LIMIT $3";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[INSERT, BY_ID, BY_KEY, CLOSE, OPEN, OF_OWNER, OF_SEAL];

/// What a state says besides its name: when, the sealed file, the refusal.
type Ended<'s> = (Option<i64>, Option<&'s [u8]>, Option<i64>, Option<&'s str>);

fn ended(state: &JobState) -> Result<Ended<'_>, StoreError> {
    Ok(match state {
        JobState::Open => (None, None, None, None),
        JobState::Done { file, at } => {
            (Some(at.micros()), Some(&file.sha256), Some(integer(file.size)?), None)
        }
        JobState::Failed { code, at } => (Some(at.micros()), None, None, Some(code)),
    })
}

fn state(record: &Record<'_>) -> Result<JobState, StoreError> {
    Ok(match record.text("state")?.as_str() {
        "open" => JobState::Open,
        "done" => JobState::Done {
            file: KeptFile { sha256: record.array("sealed_sha256")?, size: record.small("sealed_size")? },
            at: record.time("ended_at")?,
        },
        "failed" => JobState::Failed { code: record.text("refusal")?, at: record.time("ended_at")? },
        _ => return Err(record.corrupt("state", "no such state")),
    })
}

fn job(row: &Row) -> Result<SealJob, StoreError> {
    let record = Record::new(row, "seal_jobs", &["id"]);
    Ok(SealJob {
        id: record.parsed("id", JobId::parse)?,
        key_owner: record.text("key_owner")?,
        key: record.text("idempotency_key")?,
        request_hash: record.array("request_hash")?,
        requested_by: record.text("requested_by")?,
        seal: record.parsed("seal", SealCode::parse)?,
        owner: record.text("owner")?,
        grant: record.parsed_or_none("seal_grant", GrantId::parse)?,
        form: FileForm {
            format: record.parsed("format", FileFormat::parse)?,
            suite: record.parsed("suite", Suite::parse)?,
        },
        place: record.json("place", place_json::read)?,
        straddling: record.int("straddling")? != 0,
        name: record.text("name")?,
        reason: record.text("reason")?,
        brought: KeptFile { sha256: record.array("brought_sha256")?, size: record.small("brought_size")? },
        started_at: record.time("started_at")?,
        state: state(&record)?,
    })
}

impl Tx<'_> {
    async fn jobs_where(
        &mut self,
        text: &'static str,
        whose: &str,
        before: Option<&JobId>,
        limit: u32,
    ) -> Result<Vec<SealJob>, StoreError> {
        let before = before.map_or(BEHIND_ALL, JobId::as_str);
        self.all(sql(text).bind(whose.to_owned()).bind(before.to_owned()).bind(i64::from(limit)), job).await
    }
}

#[async_trait]
impl SealJobRows for Tx<'_> {
    async fn insert_seal_job(&mut self, job: &SealJob) -> Result<(), StoreError> {
        let (at, sha256, size, refusal) = ended(&job.state)?;
        let query = sql(INSERT)
            .bind(job.id.as_str())
            .bind(&job.key_owner)
            .bind(&job.key)
            .bind(job.request_hash.as_slice())
            .bind(&job.requested_by)
            .bind(job.seal.as_str())
            .bind(&job.owner)
            .bind(job.grant.as_ref().map(GrantId::as_str))
            .bind(job.form.format.name())
            .bind(job.form.suite.name())
            .bind(place_json::write(&job.place))
            .bind(i64::from(job.straddling))
            .bind(&job.name)
            .bind(&job.reason)
            .bind(job.brought.sha256.as_slice())
            .bind(integer(job.brought.size)?)
            .bind(job.started_at.micros())
            .bind(job.state.name())
            .bind(at)
            .bind(sha256)
            .bind(size)
            .bind(refusal);
        if self.run(query).await? == 1 {
            return Ok(());
        }
        let same_key = self.one(sql(BY_KEY).bind(&job.key_owner).bind(&job.key)).await?.is_some();
        added(0, if same_key { "idempotency key" } else { "seal job" })
    }

    async fn seal_job(&mut self, id: &JobId) -> Result<Option<SealJob>, StoreError> {
        self.one(sql(BY_ID).bind(id.as_str())).await?.as_ref().map(job).transpose()
    }

    async fn seal_job_of_key(&mut self, owner: &str, key: &str) -> Result<Option<SealJob>, StoreError> {
        self.one(sql(BY_KEY).bind(owner).bind(key)).await?.as_ref().map(job).transpose()
    }

    async fn close_seal_job(&mut self, id: &JobId, state: &JobState) -> Result<bool, StoreError> {
        if !JobState::Open.allows(state) {
            return Ok(false);
        }
        let (at, sha256, size, refusal) = ended(state)?;
        let query =
            sql(CLOSE).bind(id.as_str()).bind(state.name()).bind(at).bind(sha256).bind(size).bind(refusal);
        Ok(self.run(query).await? == 1)
    }

    async fn open_seal_jobs(&mut self, before: Timestamp, limit: u32) -> Result<Vec<SealJob>, StoreError> {
        self.all(sql(OPEN).bind(before.micros()).bind(i64::from(limit)), job).await
    }

    async fn seal_jobs_of(
        &mut self,
        key_owner: &str,
        before: Option<&JobId>,
        limit: u32,
    ) -> Result<Vec<SealJob>, StoreError> {
        self.jobs_where(OF_OWNER, key_owner, before, limit).await
    }

    async fn seal_jobs_under(
        &mut self,
        seal: &SealCode,
        before: Option<&JobId>,
        limit: u32,
    ) -> Result<Vec<SealJob>, StoreError> {
        self.jobs_where(OF_SEAL, seal.as_str(), before, limit).await
    }
}
