//! Seals, their approvals and their events.

use super::{Record, Row, Tx, added, sql};
use crate::adapters::store::json;
use crate::domain::party::Person;
use crate::domain::seal::{
    Approval, HeldPaper, OwnerKind, PaperMedia, PersonIdentity, Seal, SealAct, SealCode, SealCredential,
    SealEvent, SealLook, SealPicture, SealPurpose, SealState,
};
use crate::domain::suite::Suite;
use crate::ports::store::{SealRows, StoreError};
use async_trait::async_trait;

const INSERT: &str = "INSERT INTO seals (code, owner_code, owner_name, purpose, purpose_words, look, state,
        requested_by, approved_by, suites, valid_from, valid_until, revision, owner_kind, person_salt, person_hash,
        papers, replaces, replaced_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
     ON CONFLICT DO NOTHING";
const ADD_PICTURE: &str = "INSERT INTO seal_pictures (seal, picture) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const PICTURE: &str = "SELECT * FROM seal_pictures WHERE seal = $1";
const BY_CODE: &str = "SELECT * FROM seals WHERE code = $1";
const UPDATE: &str = "UPDATE seals SET owner_code = $2, owner_name = $3, purpose = $4, purpose_words = $5,
        look = $6, state = $7, requested_by = $8, approved_by = $9, suites = $10,
        valid_from = $11, valid_until = $12, revision = $13, owner_kind = $14, person_salt = $15,
        person_hash = $16, papers = $17, replaces = $18, replaced_by = $19
     WHERE code = $1 AND revision = $20";
const ALL: &str = "SELECT * FROM seals WHERE code > $1 ORDER BY code LIMIT $2";
const OF_OWNER: &str = "SELECT * FROM seals WHERE owner_code = $3 AND code > $1 ORDER BY code LIMIT $2";
const ADD_PERSON: &str = "INSERT INTO person_seals (pseudonym, seal) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const OF_PERSON: &str = "SELECT s.* FROM person_seals p JOIN seals s ON s.code = p.seal
     WHERE p.pseudonym = $1 ORDER BY p.seal LIMIT $2";
const ADD_EVENT: &str =
    "INSERT INTO seal_events (seal, state, at, by_whom, reason) VALUES ($1, $2, $3, $4, $5)";
const EVENTS: &str = "SELECT * FROM seal_events WHERE seal = $1 ORDER BY at, position";
const ADD_CREDENTIAL: &str = "INSERT INTO seal_credentials (seal, suite, key_handle, x509, object)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
const CREDENTIALS: &str = "SELECT * FROM seal_credentials WHERE seal = $1 ORDER BY suite";
// Written only for the seal as it stands, and for its making never for the one who asked; of one person once, until it ran out
// or the credential that gave it did. Who the person is the register of credentials says, not whoever calls.
const ADD_APPROVAL: &str =
    "INSERT INTO seal_approvals (seal, act, revision, person, at, expires, reason, by_whom)
     SELECT code, $2, revision, COALESCE('person:' || (SELECT person FROM credentials WHERE id = $4), $4),
        $5, $6, $7, $4 FROM seals
     WHERE code = $1 AND revision = $3 AND ($2 <> 'approve'
        OR COALESCE('person:' || (SELECT person FROM credentials WHERE id = requested_by), requested_by)
            <> COALESCE('person:' || (SELECT person FROM credentials WHERE id = $4), $4))
     ON CONFLICT (seal, act, revision, person) DO UPDATE
     SET at = excluded.at, expires = excluded.expires, reason = excluded.reason, by_whom = excluded.by_whom
     WHERE seal_approvals.expires <= excluded.at OR EXISTS (SELECT 1 FROM credentials
        WHERE id = seal_approvals.by_whom AND (expires_at <= $5 OR withdrawn_at <= $5))";
const APPROVALS: &str = "SELECT * FROM seal_approvals WHERE seal = $1 ORDER BY act, revision, person";
const ADD_PAPER: &str = "INSERT INTO seal_papers (seal, sha256, media, by_whom, at)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
const PAPERS: &str = "SELECT * FROM seal_papers WHERE seal = $1 ORDER BY sha256";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    INSERT,
    ADD_PICTURE,
    PICTURE,
    BY_CODE,
    UPDATE,
    ALL,
    OF_OWNER,
    ADD_PERSON,
    OF_PERSON,
    ADD_EVENT,
    EVENTS,
    ADD_CREDENTIAL,
    CREDENTIALS,
    ADD_APPROVAL,
    APPROVALS,
    ADD_PAPER,
    PAPERS,
];

fn seal(row: &Row) -> Result<Seal, StoreError> {
    let record = Record::new(row, "seals", &["code"]);
    Ok(Seal {
        code: record.parsed("code", SealCode::parse)?,
        owner_code: record.text("owner_code")?,
        owner_name: record.text("owner_name")?,
        owner_kind: record.parsed("owner_kind", OwnerKind::parse)?,
        person: person(&record)?,
        purpose: record.parsed("purpose", SealPurpose::parse)?,
        purpose_words: record.text("purpose_words")?,
        look: record.parsed("look", SealLook::parse)?,
        suites: record.json("suites", json::read_suites)?,
        state: record.parsed("state", SealState::parse)?,
        papers: record.json("papers", json::read_papers)?,
        replaces: record.parsed_or_none("replaces", SealCode::parse)?,
        replaced_by: record.parsed_or_none("replaced_by", SealCode::parse)?,
        requested_by: record.text("requested_by")?,
        approved_by: record.text_or_none("approved_by")?,
        valid_from: record.time("valid_from")?,
        valid_until: record.time("valid_until")?,
        revision: record.small("revision")?,
    })
}

/// Salt and hash stand together or not at all.
fn person(record: &Record<'_>) -> Result<Option<PersonIdentity>, StoreError> {
    let Some(hash) = record.bytes_or_none("person_hash")? else { return Ok(None) };
    let hash = hash.try_into().map_err(|_| record.corrupt("person_hash", "of the wrong length"))?;
    Ok(Some(PersonIdentity { salt: record.array("person_salt")?, hash }))
}

fn approval(row: &Row) -> Result<Approval, StoreError> {
    let record = Record::new(row, "seal_approvals", &["seal", "act", "revision", "person"]);
    Ok(Approval {
        seal: record.parsed("seal", SealCode::parse)?,
        act: record.parsed("act", SealAct::parse)?,
        revision: record.small("revision")?,
        by: record.text("by_whom")?,
        person: Person::stored(record.text("person")?),
        at: record.time("at")?,
        expires: record.time("expires")?,
        reason: record.text("reason")?,
    })
}

fn paper(row: &Row) -> Result<HeldPaper, StoreError> {
    let record = Record::new(row, "seal_papers", &["seal"]);
    Ok(HeldPaper {
        seal: record.parsed("seal", SealCode::parse)?,
        sha256: record.array("sha256")?,
        media: record.parsed("media", PaperMedia::parse)?,
        by: record.text("by_whom")?,
        at: record.time("at")?,
    })
}

fn credential(row: &Row) -> Result<SealCredential, StoreError> {
    let record = Record::new(row, "seal_credentials", &["seal", "suite"]);
    Ok(SealCredential {
        suite: record.parsed("suite", Suite::parse)?,
        key: record.text("key_handle")?,
        x509: record.bytes("x509")?,
        object: record.bytes_or_none("object")?,
    })
}

fn event(row: &Row) -> Result<SealEvent, StoreError> {
    let record = Record::new(row, "seal_events", &["position"]);
    Ok(SealEvent {
        seal: record.parsed("seal", SealCode::parse)?,
        state: record.parsed("state", SealState::parse)?,
        at: record.time("at")?,
        by: record.text("by_whom")?,
        reason: record.text("reason")?,
    })
}

/// `INSERT` and `UPDATE` name their parameters in the same order.
fn bound(text: &'static str, seal: &Seal) -> super::Query {
    sql(text)
        .bind(seal.code.as_str())
        .bind(&seal.owner_code)
        .bind(&seal.owner_name)
        .bind(seal.purpose.name())
        .bind(&seal.purpose_words)
        .bind(seal.look.name())
        .bind(seal.state.name())
        .bind(&seal.requested_by)
        .bind(seal.approved_by.as_deref())
        .bind(json::write_suites(&seal.suites))
        .bind(seal.valid_from.micros())
        .bind(seal.valid_until.micros())
        .bind(i64::from(seal.revision))
        .bind(seal.owner_kind.name())
        .bind(seal.person.as_ref().map(|person| person.salt.as_slice()))
        .bind(seal.person.as_ref().map(|person| person.hash.as_slice()))
        .bind(json::write_papers(&seal.papers))
        .bind(seal.replaces.as_ref().map(SealCode::as_str))
        .bind(seal.replaced_by.as_ref().map(SealCode::as_str))
}

fn picture(row: &Row) -> Result<SealPicture, StoreError> {
    Record::new(row, "seal_pictures", &["seal"]).json("picture", json::read_picture)
}

fn written(picture: &SealPicture) -> Result<String, StoreError> {
    let text = json::write_picture(picture);
    text.ok_or_else(|| StoreError::Failed("a seal's picture has a coordinate that is not a number".into()))
}

#[async_trait]
impl SealRows for Tx<'_> {
    async fn insert_seal(&mut self, seal: &Seal, picture: &SealPicture) -> Result<(), StoreError> {
        let text = written(picture)?;
        added(self.run(bound(INSERT, seal)).await?, "seal")?;
        let query = sql(ADD_PICTURE).bind(seal.code.as_str()).bind(text);
        added(self.run(query).await?, "seal picture")
    }

    async fn seal(&mut self, code: &SealCode) -> Result<Option<Seal>, StoreError> {
        self.one(sql(BY_CODE).bind(code.as_str())).await?.as_ref().map(seal).transpose()
    }

    async fn seal_picture(&mut self, code: &SealCode) -> Result<Option<SealPicture>, StoreError> {
        let row = self.one(sql(PICTURE).bind(code.as_str())).await?;
        row.as_ref().map(picture).transpose()
    }

    async fn update_seal(&mut self, seal: &Seal, seen: u32) -> Result<bool, StoreError> {
        if seal.revision <= seen {
            return Err(StoreError::Failed("a changed seal must have a higher revision".into()));
        }
        Ok(self.run(bound(UPDATE, seal).bind(i64::from(seen))).await? == 1)
    }

    async fn seals(&mut self, owner: Option<&str>, after: &str, limit: u32) -> Result<Vec<Seal>, StoreError> {
        let query = match owner {
            None => sql(ALL).bind(after).bind(i64::from(limit)),
            Some(owner) => sql(OF_OWNER).bind(after).bind(i64::from(limit)).bind(owner),
        };
        self.all(query, seal).await
    }

    async fn add_person_seal(&mut self, pseudonym: &[u8; 32], seal: &SealCode) -> Result<(), StoreError> {
        let query = sql(ADD_PERSON).bind(pseudonym.as_slice()).bind(seal.as_str());
        added(self.run(query).await?, "seal of a person")
    }

    async fn person_seals(&mut self, pseudonym: &[u8; 32], limit: u32) -> Result<Vec<Seal>, StoreError> {
        self.all(sql(OF_PERSON).bind(pseudonym.as_slice()).bind(i64::from(limit)), seal).await
    }

    async fn add_seal_event(&mut self, event: &SealEvent) -> Result<(), StoreError> {
        let query = sql(ADD_EVENT)
            .bind(event.seal.as_str())
            .bind(event.state.name())
            .bind(event.at.micros())
            .bind(&event.by)
            .bind(&event.reason);
        self.run(query).await.map(drop)
    }

    async fn seal_events(&mut self, code: &SealCode) -> Result<Vec<SealEvent>, StoreError> {
        self.all(sql(EVENTS).bind(code.as_str()), event).await
    }

    async fn insert_seal_credential(
        &mut self,
        seal: &SealCode,
        credential: &SealCredential,
    ) -> Result<(), StoreError> {
        let query = sql(ADD_CREDENTIAL)
            .bind(seal.as_str())
            .bind(credential.suite.name())
            .bind(&credential.key)
            .bind(credential.x509.as_slice())
            .bind(credential.object.as_deref());
        added(self.run(query).await?, "seal credential")
    }

    async fn seal_credentials(&mut self, seal: &SealCode) -> Result<Vec<SealCredential>, StoreError> {
        self.all(sql(CREDENTIALS).bind(seal.as_str()), credential).await
    }

    async fn add_seal_approval(&mut self, approval: &Approval) -> Result<(), StoreError> {
        let query = sql(ADD_APPROVAL)
            .bind(approval.seal.as_str())
            .bind(approval.act.name())
            .bind(i64::from(approval.revision))
            .bind(&approval.by)
            .bind(approval.at.micros())
            .bind(approval.expires.micros())
            .bind(&approval.reason);
        added(self.run(query).await?, "seal approval")
    }

    async fn add_seal_paper(&mut self, paper: &HeldPaper) -> Result<(), StoreError> {
        let query = sql(ADD_PAPER)
            .bind(paper.seal.as_str())
            .bind(paper.sha256.as_slice())
            .bind(paper.media.name())
            .bind(&paper.by)
            .bind(paper.at.micros());
        added(self.run(query).await?, "seal paper")
    }

    async fn seal_papers(&mut self, seal: &SealCode) -> Result<Vec<HeldPaper>, StoreError> {
        self.all(sql(PAPERS).bind(seal.as_str()), paper).await
    }

    async fn seal_approvals(&mut self, seal: &SealCode) -> Result<Vec<Approval>, StoreError> {
        self.all(sql(APPROVALS).bind(seal.as_str()), approval).await
    }
}
