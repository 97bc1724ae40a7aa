//! Grants to use a seal, and their uses.

use super::{BEHIND_ALL, Record, Row, Tx, added, sql};
use crate::adapters::store::json;
use crate::domain::grant::{Grant, GrantId, GrantUse, Grantee, UseOutcome, UseSubject, Withdrawal};
use crate::domain::seal::SealCode;
use crate::domain::time::Timestamp;
use crate::ports::store::{GrantRows, StoreError};
use async_trait::async_trait;

const INSERT: &str =
    "INSERT INTO seal_grants (id, seal, owner, body, credential, kinds, from_at, until_at, most,
        used, granted_by, granted_at, reason, withdrawn_at, withdrawn_by, withdrawn_reason, documents)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
     ON CONFLICT DO NOTHING";
const BY_ID: &str = "SELECT * FROM seal_grants WHERE id = $1";
const OF_SEAL: &str = "SELECT * FROM seal_grants WHERE seal = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const TO_BODY: &str = "SELECT * FROM seal_grants WHERE body = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const TO_CREDENTIAL: &str =
    "SELECT * FROM seal_grants WHERE credential = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const OF_OWNER: &str = "SELECT * FROM seal_grants WHERE owner = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const WITHDRAW: &str = "UPDATE seal_grants SET withdrawn_at = $2, withdrawn_by = $3, withdrawn_reason = $4
     WHERE id = $1 AND withdrawn_at IS NULL";
const WITHDRAW_ALL: &str =
    "UPDATE seal_grants SET withdrawn_at = $2, withdrawn_by = $3, withdrawn_reason = $4
     WHERE owner = $1 AND withdrawn_at IS NULL";
const COUNT: &str = "UPDATE seal_grants SET used = used + 1
     WHERE id = $1 AND withdrawn_at IS NULL AND (most IS NULL OR used < most)";
const UNCOUNT: &str = "UPDATE seal_grants SET used = used - 1
     WHERE id = (SELECT seal_grant FROM seal_grant_uses WHERE subject = $1)";
const ADD_USE: &str = "INSERT INTO seal_grant_uses (subject, seal_grant, kind, by_whom, at, outcome)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
const SETTLE: &str = "UPDATE seal_grant_uses SET outcome = $2 WHERE subject = $1 AND outcome = 'open'";
const USES: &str = "SELECT * FROM seal_grant_uses WHERE seal_grant = $1 AND (at, subject) > ($2, $3)
     ORDER BY at, subject LIMIT $4";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    INSERT,
    BY_ID,
    OF_SEAL,
    TO_BODY,
    TO_CREDENTIAL,
    OF_OWNER,
    WITHDRAW,
    WITHDRAW_ALL,
    COUNT,
    UNCOUNT,
    ADD_USE,
    SETTLE,
    USES,
];

fn grant(row: &Row) -> Result<Grant, StoreError> {
    let record = Record::new(row, "seal_grants", &["id"]);
    let grantee = match (record.text_or_none("body")?, record.text_or_none("credential")?) {
        (Some(body), None) => Grantee::Body(body),
        (None, Some(credential)) => Grantee::Credential(credential),
        _ => return Err(record.corrupt("body", "a grant has one grantee")),
    };
    Ok(Grant {
        id: record.parsed("id", GrantId::parse)?,
        seal: record.parsed("seal", SealCode::parse)?,
        owner: record.text("owner")?,
        grantee,
        kinds: record.json("kinds", json::read_names)?,
        documents: record.int("documents")? != 0,
        from: record.time("from_at")?,
        until: record.time("until_at")?,
        most: record.small_or_none("most")?,
        used: record.small("used")?,
        granted_by: record.text("granted_by")?,
        granted_at: record.time("granted_at")?,
        reason: record.text("reason")?,
        withdrawn: record.withdrawal()?,
    })
}

fn grant_use(row: &Row) -> Result<GrantUse, StoreError> {
    let record = Record::new(row, "seal_grant_uses", &["subject"]);
    Ok(GrantUse {
        grant: record.parsed("seal_grant", GrantId::parse)?,
        subject: record.parsed("subject", UseSubject::parse)?,
        kind: record.text("kind")?,
        by: record.text("by_whom")?,
        at: record.time("at")?,
        outcome: record.parsed("outcome", UseOutcome::parse)?,
    })
}

impl Tx<'_> {
    async fn grants_where(
        &mut self,
        text: &'static str,
        whose: &str,
        before: Option<&GrantId>,
        limit: u32,
    ) -> Result<Vec<Grant>, StoreError> {
        let before = before.map_or(BEHIND_ALL, GrantId::as_str);
        self.all(sql(text).bind(whose.to_owned()).bind(before.to_owned()).bind(i64::from(limit)), grant).await
    }
}

#[async_trait]
impl GrantRows for Tx<'_> {
    async fn insert_grant(&mut self, grant: &Grant) -> Result<(), StoreError> {
        let (body, credential) = match &grant.grantee {
            Grantee::Body(body) => (Some(body.as_str()), None),
            Grantee::Credential(credential) => (None, Some(credential.as_str())),
        };
        let withdrawn = grant.withdrawn.as_ref();
        let query = sql(INSERT)
            .bind(grant.id.as_str())
            .bind(grant.seal.as_str())
            .bind(&grant.owner)
            .bind(body)
            .bind(credential)
            .bind(json::write_names(&grant.kinds))
            .bind(grant.from.micros())
            .bind(grant.until.micros())
            .bind(grant.most.map(i64::from))
            .bind(i64::from(grant.used))
            .bind(&grant.granted_by)
            .bind(grant.granted_at.micros())
            .bind(&grant.reason)
            .bind(withdrawn.map(|end| end.at.micros()))
            .bind(withdrawn.map(|end| end.by.as_str()))
            .bind(withdrawn.map(|end| end.reason.as_str()))
            .bind(i64::from(grant.documents));
        added(self.run(query).await?, "seal grant")
    }

    async fn grant(&mut self, id: &GrantId) -> Result<Option<Grant>, StoreError> {
        self.one(sql(BY_ID).bind(id.as_str())).await?.as_ref().map(grant).transpose()
    }

    async fn grants_of_seal(
        &mut self,
        seal: &SealCode,
        before: Option<&GrantId>,
        limit: u32,
    ) -> Result<Vec<Grant>, StoreError> {
        self.grants_where(OF_SEAL, seal.as_str(), before, limit).await
    }

    async fn grants_to_body(
        &mut self,
        body: &str,
        before: Option<&GrantId>,
        limit: u32,
    ) -> Result<Vec<Grant>, StoreError> {
        self.grants_where(TO_BODY, body, before, limit).await
    }

    async fn grants_to_credential(
        &mut self,
        credential: &str,
        before: Option<&GrantId>,
        limit: u32,
    ) -> Result<Vec<Grant>, StoreError> {
        self.grants_where(TO_CREDENTIAL, credential, before, limit).await
    }

    async fn grants_of_owner(
        &mut self,
        owner: &str,
        before: Option<&GrantId>,
        limit: u32,
    ) -> Result<Vec<Grant>, StoreError> {
        self.grants_where(OF_OWNER, owner, before, limit).await
    }

    async fn withdraw_grant(&mut self, id: &GrantId, withdrawal: &Withdrawal) -> Result<bool, StoreError> {
        let query = sql(WITHDRAW)
            .bind(id.as_str())
            .bind(withdrawal.at.micros())
            .bind(&withdrawal.by)
            .bind(&withdrawal.reason);
        Ok(self.run(query).await? == 1)
    }

    async fn withdraw_grants_of_owner(
        &mut self,
        owner: &str,
        withdrawal: &Withdrawal,
    ) -> Result<u64, StoreError> {
        let query = sql(WITHDRAW_ALL)
            .bind(owner)
            .bind(withdrawal.at.micros())
            .bind(&withdrawal.by)
            .bind(&withdrawal.reason);
        self.run(query).await
    }

    async fn take_grant_use(&mut self, used: &GrantUse) -> Result<bool, StoreError> {
        if self.run(sql(COUNT).bind(used.grant.as_str())).await? == 0 {
            return Ok(false);
        }
        let query = sql(ADD_USE)
            .bind(used.subject.to_text())
            .bind(used.grant.as_str())
            .bind(&used.kind)
            .bind(&used.by)
            .bind(used.at.micros())
            .bind(used.outcome.name());
        added(self.run(query).await?, "use of a seal grant")?;
        Ok(true)
    }

    async fn settle_grant_use(
        &mut self,
        subject: &UseSubject,
        outcome: UseOutcome,
    ) -> Result<bool, StoreError> {
        let subject = subject.to_text();
        let settled = self.run(sql(SETTLE).bind(subject.clone()).bind(outcome.name())).await? == 1;
        if settled && outcome == UseOutcome::Cancelled {
            self.run(sql(UNCOUNT).bind(subject)).await?;
        }
        Ok(settled)
    }

    async fn grant_uses(
        &mut self,
        grant: &GrantId,
        after: Option<(Timestamp, &UseSubject)>,
        limit: u32,
    ) -> Result<Vec<GrantUse>, StoreError> {
        let query = sql(USES)
            .bind(grant.as_str())
            .bind(after.map_or(i64::MIN, |(at, _)| at.micros()))
            .bind(after.map(|(_, subject)| subject.to_text()).unwrap_or_default())
            .bind(i64::from(limit));
        self.all(query, grant_use).await
    }
}
