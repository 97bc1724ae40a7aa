//! Departments, credentials, sessions.

use super::{Record, Row, Tx, added, sql};
use crate::adapters::store::json;
use crate::domain::party::{Credential, Department, Role};
use crate::domain::time::Timestamp;
use crate::ports::store::{PartyRows, Session, StoreError};
use async_trait::async_trait;

const PUT_DEPARTMENT: &str =
    "INSERT INTO departments (code, name_zh, name_en, area_code, responsibility) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (code) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en,
        area_code = excluded.area_code, responsibility = excluded.responsibility";
const DEPARTMENT: &str = "SELECT * FROM departments WHERE code = $1";
const DEPARTMENTS: &str = "SELECT * FROM departments WHERE code > '' ORDER BY code";
const ADD_CREDENTIAL: &str = "INSERT INTO credentials
        (id, secret_hash, label, role, department, holder, kinds, seals, expires_at, withdrawn_at, business, person)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING";
const CREDENTIAL: &str = "SELECT * FROM credentials WHERE id = $1";
const CREDENTIAL_BY_SECRET: &str = "SELECT * FROM credentials WHERE secret_hash = $1";
const CREDENTIALS: &str = "SELECT * FROM credentials WHERE id > $1 ORDER BY id LIMIT $2";
const WITHDRAW_CREDENTIAL: &str =
    "UPDATE credentials SET withdrawn_at = $2 WHERE id = $1 AND withdrawn_at IS NULL";
const ADD_SESSION: &str = "INSERT INTO sessions (token_hash, credential, csrf, expires_at)
     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const SESSION: &str = "SELECT * FROM sessions WHERE token_hash = $1";
const END_SESSION: &str = "DELETE FROM sessions WHERE token_hash = $1";
const PURGE_SESSIONS: &str = "DELETE FROM sessions WHERE expires_at < $1";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    PUT_DEPARTMENT,
    DEPARTMENT,
    DEPARTMENTS,
    ADD_CREDENTIAL,
    CREDENTIAL,
    CREDENTIAL_BY_SECRET,
    CREDENTIALS,
    WITHDRAW_CREDENTIAL,
    ADD_SESSION,
    SESSION,
    END_SESSION,
    PURGE_SESSIONS,
];

fn department(row: &Row) -> Result<Department, StoreError> {
    let record = Record::new(row, "departments", &["code"]);
    Ok(Department {
        code: record.text("code")?,
        name_zh: record.text("name_zh")?,
        name_en: record.text("name_en")?,
        area_code: record.text("area_code")?,
        responsibility: record.text("responsibility")?,
    })
}

pub(super) fn credential(row: &Row) -> Result<Credential, StoreError> {
    let record = Record::new(row, "credentials", &["id"]);
    Ok(Credential {
        id: record.text("id")?,
        label: record.text("label")?,
        role: record.parsed("role", Role::parse)?,
        department: record.text_or_none("department")?,
        holder: record.text_or_none("holder")?,
        business: record.text_or_none("business")?,
        kinds: record.json("kinds", json::read_scope)?,
        seals: record.json("seals", json::read_scope)?,
        expires_at: record.time("expires_at")?,
        withdrawn_at: record.time_or_none("withdrawn_at")?,
        person: record.text_or_none("person")?,
    })
}

fn session(row: &Row) -> Result<Session, StoreError> {
    let record = Record::new(row, "sessions", &["token_hash"]);
    Ok(Session {
        token_hash: record.array("token_hash")?,
        credential: record.text("credential")?,
        csrf: record.text("csrf")?,
        expires_at: record.time("expires_at")?,
    })
}

#[async_trait]
impl PartyRows for Tx<'_> {
    async fn put_department(&mut self, department: &Department) -> Result<(), StoreError> {
        let query = sql(PUT_DEPARTMENT)
            .bind(&department.code)
            .bind(&department.name_zh)
            .bind(&department.name_en)
            .bind(&department.area_code)
            .bind(&department.responsibility);
        self.run(query).await.map(drop)
    }

    async fn department(&mut self, code: &str) -> Result<Option<Department>, StoreError> {
        self.one(sql(DEPARTMENT).bind(code)).await?.as_ref().map(department).transpose()
    }

    async fn departments(&mut self) -> Result<Vec<Department>, StoreError> {
        self.all(sql(DEPARTMENTS), department).await
    }

    async fn add_credential(
        &mut self,
        credential: &Credential,
        secret_hash: &[u8; 32],
    ) -> Result<(), StoreError> {
        let query = sql(ADD_CREDENTIAL)
            .bind(&credential.id)
            .bind(secret_hash.as_slice())
            .bind(&credential.label)
            .bind(credential.role.name())
            .bind(credential.department.as_deref())
            .bind(credential.holder.as_deref())
            .bind(json::write_scope(&credential.kinds))
            .bind(json::write_scope(&credential.seals))
            .bind(credential.expires_at.micros())
            .bind(credential.withdrawn_at.map(Timestamp::micros))
            .bind(credential.business.as_deref())
            .bind(credential.person.as_deref());
        added(self.run(query).await?, "credential")
    }

    async fn credential(&mut self, id: &str) -> Result<Option<Credential>, StoreError> {
        self.one(sql(CREDENTIAL).bind(id)).await?.as_ref().map(credential).transpose()
    }

    async fn credential_by_secret(
        &mut self,
        secret_hash: &[u8; 32],
    ) -> Result<Option<Credential>, StoreError> {
        let query = sql(CREDENTIAL_BY_SECRET).bind(secret_hash.as_slice());
        self.one(query).await?.as_ref().map(credential).transpose()
    }

    async fn credentials(&mut self, after: &str, limit: u32) -> Result<Vec<Credential>, StoreError> {
        self.all(sql(CREDENTIALS).bind(after).bind(i64::from(limit)), credential).await
    }

    async fn withdraw_credential(&mut self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        Ok(self.run(sql(WITHDRAW_CREDENTIAL).bind(id).bind(at.micros())).await? == 1)
    }

    async fn add_session(&mut self, session: &Session) -> Result<(), StoreError> {
        let query = sql(ADD_SESSION)
            .bind(session.token_hash.as_slice())
            .bind(&session.credential)
            .bind(&session.csrf)
            .bind(session.expires_at.micros());
        added(self.run(query).await?, "session")
    }

    async fn session(&mut self, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        self.one(sql(SESSION).bind(token_hash.as_slice())).await?.as_ref().map(session).transpose()
    }

    async fn end_session(&mut self, token_hash: &[u8; 32]) -> Result<(), StoreError> {
        self.run(sql(END_SESSION).bind(token_hash.as_slice())).await.map(drop)
    }

    async fn purge_sessions(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        self.run(sql(PURGE_SESSIONS).bind(before.micros())).await
    }
}
