//! Offline codes: keys, places in status lists, what is published, codes on paper, devices.

use super::{BEHIND_ALL, Query, Record, Row, Tx, added, integer, sql};
use crate::adapters::store::json;
use crate::domain::license::LicenseId;
use crate::domain::offline_code::{Device, DeviceId, OfflineKey, PaperCode, PaperCodeId};
use crate::domain::status_entry::{Marked, StatusEntry};
use crate::domain::time::Timestamp;
use crate::ports::store::{OfflineRows, PublishedFile, StoreError};
use async_trait::async_trait;

const ADD_KEY: &str = "INSERT INTO offline_keys (kid, issuer, handle, spki, valid_from, valid_until)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
const KEY_OF: &str = "SELECT * FROM offline_keys WHERE issuer = $1 AND valid_until > $2
     ORDER BY valid_until DESC LIMIT 1";
const KEYS: &str = "SELECT * FROM offline_keys WHERE valid_until > $1 ORDER BY valid_until, kid";
const OPEN_LIST: &str = "INSERT INTO status_lists (number, entries) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const LISTS: &str = "SELECT * FROM status_lists WHERE number > 0 ORDER BY number";
const TAKE: &str = "INSERT INTO status_entries (list, place, license, owner, ended_at)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
const ENTRY: &str = "SELECT * FROM status_entries WHERE owner = $1 AND license = $2";
const ENTRY_AT: &str = "SELECT * FROM status_entries WHERE list = $1 AND place = $2";
const END_ENTRIES: &str = "UPDATE status_entries SET ended_at = $2 WHERE owner = $1 AND ended_at IS NULL";
/// First those that ended by themselves, then those of licenses, of which an index has all that are not active.
const ENDED: &str = "SELECT list, place FROM status_entries WHERE ended_at IS NOT NULL AND list > 0";
const OF_LICENSES: &str = "SELECT e.list, e.place, l.state FROM licenses l
     JOIN status_entries e ON e.license = l.id
     WHERE l.state <> 'active' AND l.state > '' AND e.ended_at IS NULL";
const PUBLISH: &str = "INSERT INTO published_files (name, content, made_at, expires_at, bytes)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (name) DO UPDATE SET content = excluded.content, made_at = excluded.made_at,
        expires_at = excluded.expires_at, bytes = excluded.bytes
     WHERE published_files.made_at <= excluded.made_at";
const PUBLISHED: &str = "SELECT * FROM published_files WHERE name = $1";
const ALL_PUBLISHED: &str =
    "SELECT name, content, made_at, expires_at FROM published_files WHERE name > '' ORDER BY name";
const ADD_PAPER: &str = "INSERT INTO paper_codes
        (id, license, holder, made_by, fields, purpose, recipient, made_at, expires_at, ended_at, place)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
const PAPER: &str = "SELECT * FROM paper_codes WHERE id = $1";
const PAPERS: &str = "SELECT * FROM paper_codes WHERE holder = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const LIVE_PAPERS: &str = "SELECT COUNT(*) AS count FROM paper_codes
     WHERE license = $1 AND expires_at >= $2 AND ended_at IS NULL";
const END_PAPER: &str = "UPDATE paper_codes SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
const USE_PAPER: &str = "INSERT INTO paper_code_uses (code, at, by_whom, id) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING";
const PAPER_USES: &str = "SELECT COUNT(*) AS count FROM paper_code_uses WHERE code = $1 AND at >= $2";
const ADD_DEVICE: &str = "INSERT INTO devices (id, holder, label, spki, added_by, added_at, withdrawn_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
const DEVICE: &str = "SELECT * FROM devices WHERE id = $1";
const DEVICES: &str = "SELECT * FROM devices WHERE holder = $1 ORDER BY id DESC LIMIT $2";
const WITHDRAW: &str = "UPDATE devices SET withdrawn_at = $2 WHERE id = $1 AND withdrawn_at IS NULL";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    ADD_KEY,
    KEY_OF,
    KEYS,
    OPEN_LIST,
    LISTS,
    TAKE,
    ENTRY,
    ENTRY_AT,
    END_ENTRIES,
    ENDED,
    OF_LICENSES,
    PUBLISH,
    PUBLISHED,
    ALL_PUBLISHED,
    ADD_PAPER,
    PAPER,
    PAPERS,
    LIVE_PAPERS,
    END_PAPER,
    USE_PAPER,
    PAPER_USES,
    ADD_DEVICE,
    DEVICE,
    DEVICES,
    WITHDRAW,
];

/// Values of a status list (draft-ietf-oauth-status-list §7.1).
const INVALID: u8 = 1;
const SUSPENDED: u8 = 2;

fn key(row: &Row) -> Result<OfflineKey, StoreError> {
    let record = Record::new(row, "offline_keys", &["kid"]);
    Ok(OfflineKey {
        kid: record.array("kid")?,
        issuer: record.text("issuer")?,
        handle: record.text("handle")?,
        spki: record.bytes("spki")?,
        from: record.time("valid_from")?,
        until: record.time("valid_until")?,
    })
}

fn entry(row: &Row) -> Result<StatusEntry, StoreError> {
    let record = Record::new(row, "status_entries", &["list", "place"]);
    Ok(StatusEntry {
        list: record.small("list")?,
        place: record.small("place")?,
        license: record.license_id("license")?,
        owner: record.text("owner")?,
        ended_at: record.time_or_none("ended_at")?,
    })
}

fn marked(row: &Row, value: u8) -> Result<Marked, StoreError> {
    let record = Record::new(row, "status_entries", &["list", "place"]);
    Ok(Marked { list: record.small("list")?, place: record.small("place")?, value })
}

fn published(row: &Row, whole: bool) -> Result<PublishedFile, StoreError> {
    let record = Record::new(row, "published_files", &["name"]);
    Ok(PublishedFile {
        name: record.text("name")?,
        content: record.array("content")?,
        made_at: record.time("made_at")?,
        expires_at: record.time("expires_at")?,
        bytes: if whole { record.bytes("bytes")? } else { Vec::new() },
    })
}

fn paper(row: &Row) -> Result<PaperCode, StoreError> {
    let record = Record::new(row, "paper_codes", &["id"]);
    Ok(PaperCode {
        id: record.parsed("id", PaperCodeId::parse)?,
        license: record.license_id("license")?,
        holder: record.text("holder")?,
        made_by: record.text("made_by")?,
        place: record.text_or_none("place")?,
        fields: record.json("fields", json::read_names)?,
        purpose: record.text("purpose")?,
        recipient: record.text_or_none("recipient")?,
        made_at: record.time("made_at")?,
        expires_at: record.time("expires_at")?,
        ended_at: record.time_or_none("ended_at")?,
    })
}

fn device(row: &Row) -> Result<Device, StoreError> {
    let record = Record::new(row, "devices", &["id"]);
    Ok(Device {
        id: record.parsed("id", DeviceId::parse)?,
        holder: record.text("holder")?,
        label: record.text("label")?,
        spki: record.bytes("spki")?,
        added_by: record.text("added_by")?,
        added_at: record.time("added_at")?,
        withdrawn_at: record.time_or_none("withdrawn_at")?,
    })
}

impl Tx<'_> {
    async fn count(&mut self, query: Query) -> Result<u64, StoreError> {
        let Some(row) = self.one(query).await? else { return Ok(0) };
        Record::new(&row, "paper_codes", &["count"]).small("count")
    }
}

#[async_trait]
impl OfflineRows for Tx<'_> {
    async fn insert_offline_key(&mut self, key: &OfflineKey) -> Result<(), StoreError> {
        let query = sql(ADD_KEY)
            .bind(key.kid.as_slice())
            .bind(&key.issuer)
            .bind(&key.handle)
            .bind(key.spki.as_slice())
            .bind(key.from.micros())
            .bind(key.until.micros());
        added(self.run(query).await?, "offline key")
    }

    async fn offline_key_of(
        &mut self,
        issuer: &str,
        at: Timestamp,
    ) -> Result<Option<OfflineKey>, StoreError> {
        self.one(sql(KEY_OF).bind(issuer).bind(at.micros())).await?.as_ref().map(key).transpose()
    }

    async fn offline_keys(&mut self, at: Timestamp) -> Result<Vec<OfflineKey>, StoreError> {
        self.all(sql(KEYS).bind(at.micros()), key).await
    }

    async fn open_status_list(&mut self, number: u32, entries: u64) -> Result<bool, StoreError> {
        let query = sql(OPEN_LIST).bind(i64::from(number)).bind(integer(entries)?);
        Ok(self.run(query).await? == 1)
    }

    async fn status_lists(&mut self) -> Result<Vec<(u32, u64)>, StoreError> {
        let read = |row: &Row| {
            let record = Record::new(row, "status_lists", &["number"]);
            Ok((record.small("number")?, record.small("entries")?))
        };
        self.all(sql(LISTS), read).await
    }

    async fn take_status_entry(&mut self, entry: &StatusEntry) -> Result<bool, StoreError> {
        let query = sql(TAKE)
            .bind(i64::from(entry.list))
            .bind(integer(entry.place)?)
            .bind(entry.license.as_str())
            .bind(&entry.owner)
            .bind(entry.ended_at.map(Timestamp::micros));
        Ok(self.run(query).await? == 1)
    }

    async fn status_entry(
        &mut self,
        owner: &str,
        license: &LicenseId,
    ) -> Result<Option<StatusEntry>, StoreError> {
        self.one(sql(ENTRY).bind(owner).bind(license.as_str())).await?.as_ref().map(entry).transpose()
    }

    async fn status_entry_at(&mut self, list: u32, place: u64) -> Result<Option<StatusEntry>, StoreError> {
        let query = sql(ENTRY_AT).bind(i64::from(list)).bind(integer(place)?);
        self.one(query).await?.as_ref().map(entry).transpose()
    }

    async fn end_status_entries(&mut self, owner: &str, at: Timestamp) -> Result<u64, StoreError> {
        self.run(sql(END_ENTRIES).bind(owner).bind(at.micros())).await
    }

    async fn marked_entries(&mut self) -> Result<Vec<Marked>, StoreError> {
        let mut all = self.all(sql(ENDED), |row| marked(row, INVALID)).await?;
        let of_license = |row: &Row| {
            let state = Record::new(row, "licenses", &["list", "place"]).text("state")?;
            marked(row, if state == "suspended" { SUSPENDED } else { INVALID })
        };
        all.extend(self.all(sql(OF_LICENSES), of_license).await?);
        Ok(all)
    }

    async fn put_published(&mut self, file: &PublishedFile) -> Result<(), StoreError> {
        let query = sql(PUBLISH)
            .bind(&file.name)
            .bind(file.content.as_slice())
            .bind(file.made_at.micros())
            .bind(file.expires_at.micros())
            .bind(file.bytes.as_slice());
        self.run(query).await.map(drop)
    }

    async fn published(&mut self, name: &str) -> Result<Option<PublishedFile>, StoreError> {
        self.one(sql(PUBLISHED).bind(name)).await?.map(|row| published(&row, true)).transpose()
    }

    async fn published_files(&mut self) -> Result<Vec<PublishedFile>, StoreError> {
        self.all(sql(ALL_PUBLISHED), |row| published(row, false)).await
    }

    async fn insert_paper_code(&mut self, code: &PaperCode) -> Result<(), StoreError> {
        let query = sql(ADD_PAPER)
            .bind(code.id.as_str())
            .bind(code.license.as_str())
            .bind(&code.holder)
            .bind(&code.made_by)
            .bind(json::write_names(&code.fields))
            .bind(&code.purpose)
            .bind(code.recipient.as_deref())
            .bind(code.made_at.micros())
            .bind(code.expires_at.micros())
            .bind(code.ended_at.map(Timestamp::micros))
            .bind(code.place.as_deref());
        added(self.run(query).await?, "paper code")
    }

    async fn paper_code(&mut self, id: &str) -> Result<Option<PaperCode>, StoreError> {
        self.one(sql(PAPER).bind(id)).await?.as_ref().map(paper).transpose()
    }

    async fn paper_codes(
        &mut self,
        holder: &str,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<PaperCode>, StoreError> {
        let before = before.unwrap_or(BEHIND_ALL);
        self.all(sql(PAPERS).bind(holder).bind(before).bind(i64::from(limit)), paper).await
    }

    async fn live_paper_codes(&mut self, license: &LicenseId, at: Timestamp) -> Result<u64, StoreError> {
        self.count(sql(LIVE_PAPERS).bind(license.as_str()).bind(at.micros())).await
    }

    async fn end_paper_code(&mut self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        Ok(self.run(sql(END_PAPER).bind(id).bind(at.micros())).await? == 1)
    }

    async fn add_paper_code_use(
        &mut self,
        code: &str,
        at: Timestamp,
        by: &str,
        id: &str,
    ) -> Result<(), StoreError> {
        let query = sql(USE_PAPER).bind(code).bind(at.micros()).bind(by).bind(id);
        self.run(query).await.map(drop)
    }

    async fn paper_code_uses(&mut self, code: &str, since: Timestamp) -> Result<u64, StoreError> {
        self.count(sql(PAPER_USES).bind(code).bind(since.micros())).await
    }

    async fn insert_device(&mut self, device: &Device) -> Result<(), StoreError> {
        let query = sql(ADD_DEVICE)
            .bind(device.id.as_str())
            .bind(&device.holder)
            .bind(&device.label)
            .bind(device.spki.as_slice())
            .bind(&device.added_by)
            .bind(device.added_at.micros())
            .bind(device.withdrawn_at.map(Timestamp::micros));
        added(self.run(query).await?, "device")
    }

    async fn device(&mut self, id: &str) -> Result<Option<Device>, StoreError> {
        self.one(sql(DEVICE).bind(id)).await?.as_ref().map(device).transpose()
    }

    async fn devices(&mut self, holder: &str, limit: u32) -> Result<Vec<Device>, StoreError> {
        self.all(sql(DEVICES).bind(holder).bind(i64::from(limit)), device).await
    }

    async fn withdraw_device(&mut self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        Ok(self.run(sql(WITHDRAW).bind(id).bind(at.micros())).await? == 1)
    }
}
