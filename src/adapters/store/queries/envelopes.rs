//! Envelopes: the rows of how they stand.

use super::{Query, Record, Row, Tx, added, sql};
use crate::adapters::store::{json, plan_json};
use crate::domain::envelope::{
    Consent, Decision, Delegation, Envelope, EnvelopeId, EnvelopeParty, EnvelopeState, Happened, OpenStage,
    Replaces, What,
};
use crate::domain::grant::GrantId;
use crate::domain::license::LicenseId;
use crate::domain::seal::SealCode;
use crate::domain::suite::Suite;
use crate::domain::time::Timestamp;
use crate::ports::store::{
    EnvelopeContent, EnvelopeListing, EnvelopePage, EnvelopeRows, EnvelopeSummary, SignedConsent, StoreError,
};
use async_trait::async_trait;

const INSERT: &str = "INSERT INTO envelopes (id, version, revision, state, stage, opened_at, deadline, provisional,
        reminded, remind_at, due_at, license, kind, kind_version, initiator, area, created_by, created_at, plan,
        replaces, replaces_reason, idempotency_key, request_hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
     ON CONFLICT DO NOTHING";
const UPDATE: &str =
    "UPDATE envelopes SET version = $2, revision = $3, state = $4, stage = $5, opened_at = $6,
        deadline = $7, provisional = $8, reminded = $9, remind_at = $10, due_at = $11, license = $12
     WHERE id = $1 AND revision = $13";
const BY_ID: &str = "SELECT * FROM envelopes WHERE id = $1";
const BY_KEY: &str = "SELECT * FROM envelopes WHERE initiator = $1 AND idempotency_key = $2";
const BY_LICENSE: &str = "SELECT * FROM envelopes WHERE license = $1 AND license IS NOT NULL";
const DUE: &str =
    "SELECT * FROM envelopes WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at, id LIMIT $2";
const SATISFIED: &str = "SELECT * FROM envelopes WHERE state = 'satisfied' AND created_at > $1
     ORDER BY created_at, id LIMIT $2";

const PUT_PARTY: &str =
    "INSERT INTO envelope_parties (envelope, version, name, place, stage, body, decision, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (envelope, version, name) DO UPDATE SET body = excluded.body, decision = excluded.decision";
const PARTIES: &str = "SELECT * FROM envelope_parties WHERE envelope = $1 AND version = $2";
/// Nobody is asked about a version that gave way to another.
const LET_GO: &str = "UPDATE envelope_parties SET decision = 'let-go'
     WHERE envelope = $1 AND version < $2 AND decision = 'asked'";
const PUT_DELEGATION: &str =
    "INSERT INTO envelope_delegations (envelope, version, party, delegate, from_at, until_at, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (envelope, version, party)
     DO UPDATE SET delegate = excluded.delegate, from_at = excluded.from_at, until_at = excluded.until_at";
const DELEGATIONS: &str = "SELECT * FROM envelope_delegations WHERE envelope = $1 AND version = $2";

const PUT_CONTENT: &str =
    "INSERT INTO envelope_contents (envelope, version, data, number, sha256, sm3, at, by_whom)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (envelope, version) DO UPDATE SET data = excluded.data, number = excluded.number,
        sha256 = excluded.sha256, sm3 = excluded.sm3, at = excluded.at, by_whom = excluded.by_whom";
const CONTENT: &str = "SELECT * FROM envelope_contents WHERE envelope = $1 AND version = $2";

const ADD_CONSENT: &str =
    "INSERT INTO envelope_consents (envelope, version, party, body, seal, by_whom, at, suite,
        x509, statement, signature, seal_grant)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING";
const CONSENTS: &str = "SELECT * FROM envelope_consents WHERE envelope = $1 ORDER BY version, party";

const ADD_EVENT: &str =
    "INSERT INTO envelope_events (envelope, revision, version, what, at, by_whom, department,
        stage, party, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const EVENTS: &str = "SELECT * FROM envelope_events WHERE envelope = $1 ORDER BY revision, position";

/// Envelopes of a body's rows in a table that has the time of creation beside them.
macro_rules! joined {
    ($table:literal, $wish:literal) => {
        concat!(
            "SELECT envelopes.* FROM ",
            $table,
            " JOIN envelopes ON envelopes.id = p.envelope AND envelopes.version = p.version WHERE ",
            $wish,
            " AND (p.created_at, p.envelope) < ($1, $2) ORDER BY p.created_at DESC, p.envelope DESC LIMIT $3"
        )
    };
}
const INITIATED: &str = "SELECT * FROM envelopes WHERE initiator = $4 AND (created_at, id) < ($1, $2)
     ORDER BY created_at DESC, id DESC LIMIT $3";
const TAKING_PART: &str = joined!("envelope_parties p", "p.body = $4");
const ASKED: &str = joined!("envelope_parties p", "p.body = $4 AND p.decision = 'asked'");
const DELEGATED: &str = joined!(
    "envelope_delegations p",
    "p.delegate = $4 AND p.from_at <= $5 AND $5 < p.until_at AND EXISTS (SELECT 1 FROM envelope_parties q
        WHERE q.envelope = p.envelope AND q.version = p.version AND q.name = p.party AND q.decision = 'asked')"
);
const UNRESOLVED: &str = "SELECT DISTINCT created_at, envelope FROM envelope_parties
     WHERE body IS NULL AND decision = 'asked' AND (created_at, envelope) < ($1, $2)
     ORDER BY created_at DESC, envelope DESC LIMIT $3";
const BODIES: &str =
    "SELECT code FROM departments WHERE area_code = $1 AND responsibility = $2 ORDER BY code";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    INSERT,
    UPDATE,
    BY_ID,
    BY_KEY,
    BY_LICENSE,
    DUE,
    SATISFIED,
    PUT_PARTY,
    PARTIES,
    LET_GO,
    PUT_DELEGATION,
    DELEGATIONS,
    PUT_CONTENT,
    CONTENT,
    ADD_CONSENT,
    CONSENTS,
    ADD_EVENT,
    EVENTS,
    INITIATED,
    TAKING_PART,
    ASKED,
    DELEGATED,
    UNRESOLVED,
    BODIES,
];

fn id(record: &Record<'_>, column: &str) -> Result<EnvelopeId, StoreError> {
    record.parsed(column, EnvelopeId::parse)
}

/// Everything of the envelope's own row; parties and delegations are in others.
fn envelope(row: &Row) -> Result<Envelope, StoreError> {
    let record = Record::new(row, "envelopes", &["id"]);
    let open_stage = match record.small_or_none("stage")? {
        None => None,
        Some(index) => Some(OpenStage {
            index,
            opened_at: record.time("opened_at")?,
            deadline: record.time_or_none("deadline")?,
            provisional: record.int("provisional")? != 0,
            reminded: record.small("reminded")?,
            remind_at: record.time_or_none("remind_at")?,
        }),
    };
    let license = |column| record.parsed_or_none(column, |text| LicenseId::parse(text).ok());
    let replaces = match (license("replaces")?, record.text_or_none("replaces_reason")?) {
        (None, None) => None,
        (Some(license), Some(reason)) => Some(Replaces { license, reason }),
        _ => {
            return Err(
                record.corrupt("replaces", "a license without a reason, or a reason without a license")
            );
        }
    };
    let plan = record.json("plan", plan_json::read_plan)?;
    if open_stage.is_some_and(|open| open.index >= plan.stages.len()) {
        return Err(record.corrupt("stage", "not in the plan"));
    }
    Ok(Envelope {
        id: id(&record, "id")?,
        kind: record.text("kind")?,
        kind_version: record.small("kind_version")?,
        initiator: record.text("initiator")?,
        area: record.text("area")?,
        created_by: record.text("created_by")?,
        created_at: record.time("created_at")?,
        plan,
        replaces,
        version: record.small("version")?,
        revision: record.small("revision")?,
        state: record.parsed("state", EnvelopeState::parse)?,
        open_stage,
        parties: Vec::new(),
        delegations: Vec::new(),
        license: license("license")?,
    })
}

fn summary(row: &Row) -> Result<EnvelopeSummary, StoreError> {
    let record = Record::new(row, "envelopes", &["id"]);
    Ok(EnvelopeSummary {
        id: id(&record, "id")?,
        kind: record.text("kind")?,
        initiator: record.text("initiator")?,
        created_at: record.time("created_at")?,
        version: record.small("version")?,
        revision: record.small("revision")?,
        state: record.parsed("state", EnvelopeState::parse)?,
        stage: record.small_or_none("stage")?,
        deadline: record.time_or_none("deadline")?,
        license: record.parsed_or_none("license", |text| LicenseId::parse(text).ok())?,
    })
}

/// A party with its place in the plan. What it consented to stands in another row.
fn party(row: &Row, consents: &[SignedConsent]) -> Result<(i64, EnvelopeParty), StoreError> {
    let record = Record::new(row, "envelope_parties", &["envelope", "version", "name"]);
    let (version, name) = (record.small::<u32>("version")?, record.text("name")?);
    let consented = || consents.iter().find(|c| c.version == version && c.party == name);
    let decision = match record.text("decision")?.as_str() {
        "waiting" => Decision::Waiting,
        "asked" => Decision::Asked,
        "declined" => Decision::Declined,
        "let-go" => Decision::LetGo,
        "consented" => match consented() {
            Some(signed) => Decision::Consented(signed.consent.clone()),
            None => return Err(record.corrupt("decision", "a consent that is not there")),
        },
        _ => return Err(record.corrupt("decision", "no such decision")),
    };
    let party =
        EnvelopeParty { stage: record.small("stage")?, name, body: record.text_or_none("body")?, decision };
    Ok((record.int("place")?, party))
}

fn delegation(row: &Row) -> Result<Delegation, StoreError> {
    let record = Record::new(row, "envelope_delegations", &["envelope", "version", "party"]);
    Ok(Delegation {
        party: record.text("party")?,
        to: record.text("delegate")?,
        from: record.time("from_at")?,
        until: record.time("until_at")?,
    })
}

fn content(row: &Row) -> Result<EnvelopeContent, StoreError> {
    let record = Record::new(row, "envelope_contents", &["envelope", "version"]);
    Ok(EnvelopeContent {
        envelope: id(&record, "envelope")?,
        version: record.small("version")?,
        data: record.json("data", json::read_data)?,
        number: record.text_or_none("number")?,
        sha256: record.array("sha256")?,
        sm3: record.array("sm3")?,
        at: record.time("at")?,
        by: record.text("by_whom")?,
    })
}

fn consent(row: &Row) -> Result<SignedConsent, StoreError> {
    let record = Record::new(row, "envelope_consents", &["envelope", "version", "party"]);
    Ok(SignedConsent {
        envelope: id(&record, "envelope")?,
        version: record.small("version")?,
        party: record.text("party")?,
        consent: Consent {
            body: record.text("body")?,
            seal: record.parsed("seal", SealCode::parse)?,
            by: record.text("by_whom")?,
            at: record.time("at")?,
            grant: record.parsed_or_none("seal_grant", GrantId::parse)?,
        },
        suite: record.parsed("suite", Suite::parse)?,
        x509: record.bytes("x509")?,
        statement: record.bytes("statement")?,
        signature: record.bytes("signature")?,
    })
}

fn event(row: &Row) -> Result<Happened, StoreError> {
    let record = Record::new(row, "envelope_events", &["position"]);
    Ok(Happened {
        what: record.parsed("what", What::parse)?,
        at: record.time("at")?,
        by: record.text("by_whom")?,
        department: record.text_or_none("department")?,
        stage: record.text_or_none("stage")?,
        party: record.text_or_none("party")?,
        reason: record.text("reason")?,
        version: record.small("version")?,
        revision: record.small("revision")?,
    })
}

/// `INSERT` and `UPDATE` name what changes in the same order, from `$1` to `$12`.
fn standing(text: &'static str, envelope: &Envelope) -> Result<Query, StoreError> {
    let open = envelope.open_stage.as_ref();
    let index = open.map(|open| i64::try_from(open.index)).transpose();
    let index = index.map_err(|_| StoreError::Failed("a stage out of range".into()))?;
    let micros = |at: Option<Timestamp>| at.map(Timestamp::micros);
    Ok(sql(text)
        .bind(envelope.id.as_str())
        .bind(i64::from(envelope.version))
        .bind(i64::from(envelope.revision))
        .bind(envelope.state.name())
        .bind(index)
        .bind(micros(open.map(|open| open.opened_at)))
        .bind(micros(open.and_then(|open| open.deadline)))
        .bind(open.map(|open| i64::from(open.provisional)))
        .bind(open.map(|open| i64::from(open.reminded)))
        .bind(micros(open.and_then(|open| open.remind_at)))
        .bind(micros(envelope.due_at()))
        .bind(envelope.license.as_ref().map(|license| license.as_str().to_owned())))
}

/// Binds where a slice begins and how long it is, `$1` to `$3`.
fn of_page(text: &'static str, page: &EnvelopePage) -> Query {
    let (at, id) = match &page.after {
        Some((at, id)) => (at.micros(), id.as_str()),
        None => (i64::MAX, ""),
    };
    sql(text).bind(at).bind(id.to_owned()).bind(i64::from(page.limit))
}

impl Tx<'_> {
    async fn put_parties(&mut self, envelope: &Envelope) -> Result<(), StoreError> {
        for (place, party) in (0_i64..).zip(&envelope.parties) {
            let stage = i64::try_from(party.stage);
            let query = sql(PUT_PARTY)
                .bind(envelope.id.as_str())
                .bind(i64::from(envelope.version))
                .bind(&party.name)
                .bind(place)
                .bind(stage.map_err(|_| StoreError::Failed("a stage out of range".into()))?)
                .bind(party.body.as_deref())
                .bind(party.decision.name())
                .bind(envelope.created_at.micros());
            self.run(query).await?;
        }
        for delegation in &envelope.delegations {
            let query = sql(PUT_DELEGATION)
                .bind(envelope.id.as_str())
                .bind(i64::from(envelope.version))
                .bind(&delegation.party)
                .bind(&delegation.to)
                .bind(delegation.from.micros())
                .bind(delegation.until.micros())
                .bind(envelope.created_at.micros());
            self.run(query).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl EnvelopeRows for Tx<'_> {
    async fn insert_envelope(
        &mut self,
        envelope: &Envelope,
        key: &str,
        request_hash: &[u8; 32],
    ) -> Result<(), StoreError> {
        let replaces = envelope.replaces.as_ref();
        let query = standing(INSERT, envelope)?
            .bind(&envelope.kind)
            .bind(i64::from(envelope.kind_version))
            .bind(&envelope.initiator)
            .bind(&envelope.area)
            .bind(&envelope.created_by)
            .bind(envelope.created_at.micros())
            .bind(plan_json::write_plan(&envelope.plan))
            .bind(replaces.map(|replaces| replaces.license.as_str()))
            .bind(replaces.map(|replaces| replaces.reason.as_str()))
            .bind(key)
            .bind(request_hash.as_slice());
        if self.run(query).await? == 0 {
            let same_key = self.envelope_by_key(&envelope.initiator, key).await?.is_some();
            return added(0, if same_key { "idempotency key" } else { "envelope" });
        }
        self.put_parties(envelope).await
    }

    async fn envelope(&mut self, id: &EnvelopeId) -> Result<Option<Envelope>, StoreError> {
        let Some(row) = self.one(sql(BY_ID).bind(id.as_str())).await? else { return Ok(None) };
        let mut found = envelope(&row)?;
        let version = i64::from(found.version);
        let consents = self.envelope_consents(id).await?;
        let parties = sql(PARTIES).bind(id.as_str()).bind(version);
        let mut parties = self.all(parties, |row| party(row, &consents)).await?;
        parties.sort_by_key(|(place, _)| *place);
        found.parties = parties.into_iter().map(|(_, party)| party).collect();
        found.delegations = self.all(sql(DELEGATIONS).bind(id.as_str()).bind(version), delegation).await?;
        Ok(Some(found))
    }

    async fn envelope_of_license(&mut self, license: &LicenseId) -> Result<Option<Envelope>, StoreError> {
        let row = self.one(sql(BY_LICENSE).bind(license.as_str())).await?;
        match row.as_ref().map(envelope).transpose()? {
            Some(found) => self.envelope(&found.id).await,
            None => Ok(None),
        }
    }

    async fn envelope_by_key(
        &mut self,
        initiator: &str,
        key: &str,
    ) -> Result<Option<(EnvelopeId, [u8; 32])>, StoreError> {
        let row = self.one(sql(BY_KEY).bind(initiator).bind(key)).await?;
        let read = |row: &Row| {
            let record = Record::new(row, "envelopes", &["id"]);
            Ok((id(&record, "id")?, record.array("request_hash")?))
        };
        row.as_ref().map(read).transpose()
    }

    async fn update_envelope(&mut self, envelope: &Envelope, seen: u32) -> Result<bool, StoreError> {
        if envelope.revision <= seen {
            return Err(StoreError::Failed("a changed envelope must have a higher revision".into()));
        }
        if self.run(standing(UPDATE, envelope)?.bind(i64::from(seen))).await? != 1 {
            return Ok(false);
        }
        self.run(sql(LET_GO).bind(envelope.id.as_str()).bind(i64::from(envelope.version))).await?;
        self.put_parties(envelope).await?;
        Ok(true)
    }

    async fn put_envelope_content(&mut self, content: &EnvelopeContent) -> Result<(), StoreError> {
        let query = sql(PUT_CONTENT)
            .bind(content.envelope.as_str())
            .bind(i64::from(content.version))
            .bind(json::write_data(&content.data))
            .bind(content.number.as_deref())
            .bind(content.sha256.as_slice())
            .bind(content.sm3.as_slice())
            .bind(content.at.micros())
            .bind(&content.by);
        self.run(query).await.map(drop)
    }

    async fn envelope_content(
        &mut self,
        id: &EnvelopeId,
        version: u32,
    ) -> Result<Option<EnvelopeContent>, StoreError> {
        let query = sql(CONTENT).bind(id.as_str()).bind(i64::from(version));
        self.one(query).await?.as_ref().map(content).transpose()
    }

    async fn add_envelope_consent(&mut self, signed: &SignedConsent) -> Result<(), StoreError> {
        let query = sql(ADD_CONSENT)
            .bind(signed.envelope.as_str())
            .bind(i64::from(signed.version))
            .bind(&signed.party)
            .bind(&signed.consent.body)
            .bind(signed.consent.seal.as_str())
            .bind(&signed.consent.by)
            .bind(signed.consent.at.micros())
            .bind(signed.suite.name())
            .bind(signed.x509.as_slice())
            .bind(signed.statement.as_slice())
            .bind(signed.signature.as_slice())
            .bind(signed.consent.grant.as_ref().map(GrantId::as_str));
        added(self.run(query).await?, "consent")
    }

    async fn envelope_consents(&mut self, id: &EnvelopeId) -> Result<Vec<SignedConsent>, StoreError> {
        self.all(sql(CONSENTS).bind(id.as_str()), consent).await
    }

    async fn add_envelope_event(&mut self, id: &EnvelopeId, event: &Happened) -> Result<(), StoreError> {
        let query = sql(ADD_EVENT)
            .bind(id.as_str())
            .bind(i64::from(event.revision))
            .bind(i64::from(event.version))
            .bind(event.what.name())
            .bind(event.at.micros())
            .bind(&event.by)
            .bind(event.department.as_deref())
            .bind(event.stage.as_deref())
            .bind(event.party.as_deref())
            .bind(&event.reason);
        self.run(query).await.map(drop)
    }

    async fn envelope_events(&mut self, id: &EnvelopeId) -> Result<Vec<Happened>, StoreError> {
        self.all(sql(EVENTS).bind(id.as_str()), event).await
    }

    async fn envelopes(
        &mut self,
        listing: &EnvelopeListing,
        page: &EnvelopePage,
    ) -> Result<Vec<EnvelopeSummary>, StoreError> {
        let start = |text| of_page(text, page);
        let query = match listing {
            EnvelopeListing::Initiated(department) => start(INITIATED).bind(department),
            EnvelopeListing::TakingPart(body) => start(TAKING_PART).bind(body),
            EnvelopeListing::Asked(body) => start(ASKED).bind(body),
            EnvelopeListing::Delegated(body, now) => start(DELEGATED).bind(body).bind(now.micros()),
        };
        self.all(query, summary).await
    }

    async fn due_envelopes(&mut self, at: Timestamp, limit: u32) -> Result<Vec<EnvelopeId>, StoreError> {
        let query = sql(DUE).bind(at.micros()).bind(i64::from(limit));
        self.all(query, |row| id(&Record::new(row, "envelopes", &["id"]), "id")).await
    }

    async fn satisfied_envelopes(&mut self, limit: u32) -> Result<Vec<EnvelopeId>, StoreError> {
        let query = sql(SATISFIED).bind(i64::MIN).bind(i64::from(limit));
        self.all(query, |row| id(&Record::new(row, "envelopes", &["id"]), "id")).await
    }

    async fn unresolved_envelopes(
        &mut self,
        page: &EnvelopePage,
    ) -> Result<Vec<(Timestamp, EnvelopeId)>, StoreError> {
        let read = |row: &Row| {
            let record = Record::new(row, "envelope_parties", &["envelope"]);
            Ok((record.time("created_at")?, id(&record, "envelope")?))
        };
        self.all(of_page(UNRESOLVED, page), read).await
    }

    async fn bodies_at(&mut self, area: &str, responsibility: &str) -> Result<Vec<String>, StoreError> {
        let query = sql(BODIES).bind(area).bind(responsibility);
        self.all(query, |row| Record::new(row, "departments", &["code"]).text("code")).await
    }
}
