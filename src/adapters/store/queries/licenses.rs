//! Licenses and their events.

use super::{Query, Record, Row, Tx, added, sql};
use crate::adapters::store::json;
use crate::domain::license::{Ending, Holder, License, LicenseId, LicenseState};
use crate::domain::seal::{SealCode, SealEvent, SealState};
use crate::domain::time::{format_date, parse_date};
use crate::ports::store::{LicenseEvent, LicenseFilter, LicenseRows, Page, StoreError};
use async_trait::async_trait;

const INSERT: &str = "INSERT INTO licenses (id, kind, kind_version, number, issuer, holder_name, holder_code_type,
        holder_code, data, issued_on, valid_from, valid_until, edition, previous, state, state_reason,
        superseded_by, revision, seal, check_code, files, salt, released_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
        $23) ON CONFLICT DO NOTHING";
const BY_ID: &str = "SELECT * FROM licenses WHERE id = $1";
/// One row an event, the license in each; one row without an event if the seal has none.
const WITH_SEAL_EVENTS: &str =
    "SELECT licenses.*, seal_events.seal AS event_seal, seal_events.state AS event_state,
        seal_events.at AS event_at, seal_events.by_whom AS event_by, seal_events.reason AS event_reason
     FROM licenses LEFT JOIN seal_events ON seal_events.seal = $2
     WHERE licenses.id = $1 ORDER BY seal_events.at, seal_events.position";
const SET_STATE: &str = "UPDATE licenses SET state = $3, state_reason = $4, superseded_by = $5,
        revision = revision + 1 WHERE id = $1 AND revision = $2";
const CLAIM_NUMBER: &str =
    "INSERT INTO license_numbers (kind, issuer, number, serial) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING";
const GIVE_NUMBER_BACK: &str = "DELETE FROM license_numbers WHERE kind = $1 AND issuer = $2 AND number = $3";
const NUMBER: &str = "SELECT * FROM license_numbers WHERE kind = $1 AND issuer = $2 AND number = $3";
const ADD_EVENT: &str =
    "INSERT INTO license_events (license, what, at, by_whom, reason) VALUES ($1, $2, $3, $4, $5)";
const EVENTS: &str = "SELECT * FROM license_events WHERE license = $1 ORDER BY at, position";

/// A listing: what leads it has an index; the other wishes only narrow what that index finds.
macro_rules! listing {
    ($lead:literal) => {
        concat!(
            "SELECT * FROM licenses WHERE ",
            $lead,
            " AND ($4 IS NULL OR issuer = $4) AND ($5 IS NULL OR kind = $5) AND ($6 IS NULL OR holder_code = $6)
                AND ($7 IS NULL OR number = $7) AND ($8 IS NULL OR state = $8)
                AND (released_at, id) < ($1, $2)
              ORDER BY released_at DESC, id DESC LIMIT $3"
        )
    };
}
const OF_NUMBER: &str = listing!("number = $7");
const OF_HOLDER: &str = listing!("holder_code = $6");
const OF_ISSUER: &str = listing!("issuer = $4");
const OF_ISSUER_NOT_ACTIVE: &str = listing!("issuer = $4 AND state <> 'active' AND state = $8");
const OF_ISSUER_AND_KIND: &str = listing!("issuer = $4 AND kind = $5");
const NOT_ACTIVE: &str = listing!("state <> 'active' AND state = $8");
/// Also by kind alone: no role asks for that, and each kind is a good part of all.
const ALL: &str = listing!("released_at <= $1");

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    INSERT,
    BY_ID,
    WITH_SEAL_EVENTS,
    SET_STATE,
    CLAIM_NUMBER,
    GIVE_NUMBER_BACK,
    NUMBER,
    ADD_EVENT,
    EVENTS,
    OF_NUMBER,
    OF_HOLDER,
    OF_ISSUER,
    OF_ISSUER_NOT_ACTIVE,
    OF_ISSUER_AND_KIND,
    NOT_ACTIVE,
    ALL,
];

/// The listing whose index finds least.
fn listing_for(filter: &LicenseFilter) -> &'static str {
    let not_active = filter.state.as_deref().is_some_and(|state| state != LicenseState::Active.name());
    match filter {
        LicenseFilter { number: Some(_), .. } => OF_NUMBER,
        LicenseFilter { holder: Some(_), .. } => OF_HOLDER,
        LicenseFilter { issuer: Some(_), .. } if not_active => OF_ISSUER_NOT_ACTIVE,
        LicenseFilter { issuer: Some(_), kind: Some(_), .. } => OF_ISSUER_AND_KIND,
        LicenseFilter { issuer: Some(_), .. } => OF_ISSUER,
        _ if not_active => NOT_ACTIVE,
        _ => ALL,
    }
}

fn license(row: &Row) -> Result<License, StoreError> {
    let record = Record::new(row, "licenses", &["id"]);
    Ok(License {
        id: record.license_id("id")?,
        kind: record.text("kind")?,
        kind_version: record.small("kind_version")?,
        number: record.text("number")?,
        issuer: record.text("issuer")?,
        holder: Holder {
            name: record.text("holder_name")?,
            code_type: record.text("holder_code_type")?,
            code: record.text("holder_code")?,
        },
        data: record.json("data", json::read_data)?,
        issued_on: record.date("issued_on")?,
        valid_from: record.date("valid_from")?,
        valid_until: record.parsed_or_none("valid_until", parse_date)?,
        edition: record.small("edition")?,
        previous: record.parsed_or_none("previous", |text| LicenseId::parse(text).ok())?,
        state: state(&record)?,
        revision: record.small("revision")?,
        seal: record.text("seal")?,
        check_code: record.text("check_code")?,
        files: record.json("files", json::read_files)?,
        salt: record.array("salt")?,
        released_at: record.time("released_at")?,
    })
}

fn state(record: &Record<'_>) -> Result<LicenseState, StoreError> {
    let name = record.text("state")?;
    let reason = || record.parsed("state_reason", |text| Some(text.to_owned()));
    Ok(match name.as_str() {
        "active" => LicenseState::Active,
        "suspended" => LicenseState::Suspended { reason: reason()? },
        "superseded" => LicenseState::Superseded { by: record.license_id("superseded_by")? },
        other => match Ending::parse(other) {
            Some(ending) => LicenseState::Ended { ending, reason: reason()? },
            None => return Err(record.corrupt("state", "no such state")),
        },
    })
}

/// A state's reason and successor.
fn state_detail(state: &LicenseState) -> (Option<&str>, Option<&str>) {
    match state {
        LicenseState::Active => (None, None),
        LicenseState::Suspended { reason } | LicenseState::Ended { reason, .. } => (Some(reason), None),
        LicenseState::Superseded { by } => (None, Some(by.as_str())),
    }
}

fn event(row: &Row) -> Result<LicenseEvent, StoreError> {
    let record = Record::new(row, "license_events", &["position"]);
    Ok(LicenseEvent {
        license: record.license_id("license")?,
        what: record.text("what")?,
        at: record.time("at")?,
        by: record.text("by_whom")?,
        reason: record.text("reason")?,
    })
}

/// The event in a row of [`WITH_SEAL_EVENTS`], if there is one.
fn seal_event(row: &Row) -> Result<Option<SealEvent>, StoreError> {
    let record = Record::new(row, "seal_events", &["event_seal", "event_at"]);
    let Some(seal) = record.parsed_or_none("event_seal", SealCode::parse)? else { return Ok(None) };
    Ok(Some(SealEvent {
        seal,
        state: record.parsed("event_state", SealState::parse)?,
        at: record.time("event_at")?,
        by: record.text("event_by")?,
        reason: record.text("event_reason")?,
    }))
}

fn insertion(license: &License) -> Query {
    let (reason, superseded_by) = state_detail(&license.state);
    sql(INSERT)
        .bind(license.id.as_str())
        .bind(&license.kind)
        .bind(i64::from(license.kind_version))
        .bind(&license.number)
        .bind(&license.issuer)
        .bind(&license.holder.name)
        .bind(&license.holder.code_type)
        .bind(&license.holder.code)
        .bind(json::write_data(&license.data))
        .bind(format_date(license.issued_on))
        .bind(format_date(license.valid_from))
        .bind(license.valid_until.map(format_date))
        .bind(i64::from(license.edition))
        .bind(license.previous.as_ref().map(LicenseId::as_str))
        .bind(license.state.name())
        .bind(reason)
        .bind(superseded_by)
        .bind(i64::from(license.revision))
        .bind(&license.seal)
        .bind(&license.check_code)
        .bind(json::write_files(&license.files))
        .bind(license.salt.as_slice())
        .bind(license.released_at.micros())
}

impl Tx<'_> {
    /// The serial that a number belongs to.
    async fn number_serial(&mut self, query: Query) -> Result<Option<String>, StoreError> {
        let Some(row) = self.one(query).await? else { return Ok(None) };
        Record::new(&row, "license_numbers", &["kind", "issuer"]).text("serial").map(Some)
    }
}

#[async_trait]
impl LicenseRows for Tx<'_> {
    async fn insert_license(&mut self, license: &License) -> Result<(), StoreError> {
        let of_number = |text| sql(text).bind(&license.kind).bind(&license.issuer).bind(&license.number);
        // The number first, and without looking whose it is: a look inside a writing transaction would make concurrent
        // orders wait for each other.
        let claimed = self.run(of_number(CLAIM_NUMBER).bind(license.id.serial())).await? == 1;
        let mine =
            claimed || self.number_serial(of_number(NUMBER)).await?.is_some_and(|s| s == license.id.serial());
        if mine && self.run(insertion(license)).await? == 1 {
            return Ok(());
        }
        if claimed {
            self.run(of_number(GIVE_NUMBER_BACK)).await?;
        }
        let same_id = self.one(sql(BY_ID).bind(license.id.as_str())).await?.is_some();
        added(0, if same_id { "license" } else { "license number" })
    }

    async fn license(&mut self, id: &LicenseId) -> Result<Option<License>, StoreError> {
        self.one(sql(BY_ID).bind(id.as_str())).await?.as_ref().map(license).transpose()
    }

    async fn license_with_seal_events(
        &mut self,
        id: &LicenseId,
        seal: Option<&SealCode>,
    ) -> Result<Option<(License, Vec<SealEvent>)>, StoreError> {
        let query = sql(WITH_SEAL_EVENTS).bind(id.as_str()).bind(seal.map(SealCode::as_str));
        let rows = self.all(query, |row| Ok((license(row)?, seal_event(row)?))).await?;
        let mut found = None;
        for (license, event) in rows {
            found.get_or_insert_with(|| (license, Vec::new())).1.extend(event);
        }
        Ok(found)
    }

    async fn set_license_state(
        &mut self,
        id: &LicenseId,
        seen: u32,
        state: &LicenseState,
    ) -> Result<bool, StoreError> {
        let (reason, superseded_by) = state_detail(state);
        let query = sql(SET_STATE)
            .bind(id.as_str())
            .bind(i64::from(seen))
            .bind(state.name())
            .bind(reason)
            .bind(superseded_by);
        Ok(self.run(query).await? == 1)
    }

    async fn license_number_taken(
        &mut self,
        kind: &str,
        issuer: &str,
        number: &str,
        serial: &str,
    ) -> Result<bool, StoreError> {
        let query = sql(NUMBER).bind(kind).bind(issuer).bind(number);
        Ok(self.number_serial(query).await?.is_some_and(|whose| whose != serial))
    }

    async fn licenses(&mut self, filter: &LicenseFilter, page: &Page) -> Result<Vec<License>, StoreError> {
        let (at, id) = page.after.as_ref().map_or((i64::MAX, ""), |(at, id)| (at.micros(), id.as_str()));
        let query = sql(listing_for(filter))
            .bind(at)
            .bind(id)
            .bind(i64::from(page.limit))
            .bind(filter.issuer.as_deref())
            .bind(filter.kind.as_deref())
            .bind(filter.holder.as_deref())
            .bind(filter.number.as_deref())
            .bind(filter.state.as_deref());
        self.all(query, license).await
    }

    async fn add_license_event(&mut self, event: &LicenseEvent) -> Result<(), StoreError> {
        let query = sql(ADD_EVENT)
            .bind(event.license.as_str())
            .bind(&event.what)
            .bind(event.at.micros())
            .bind(&event.by)
            .bind(&event.reason);
        self.run(query).await.map(drop)
    }

    async fn license_events(&mut self, id: &LicenseId) -> Result<Vec<LicenseEvent>, StoreError> {
        self.all(sql(EVENTS).bind(id.as_str()), event).await
    }
}
