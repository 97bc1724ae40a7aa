//! Trust lists: signers, versions of others' lists, our own.

use super::{Record, Row, Tx, added, integer, sql};
use crate::domain::time::Timestamp;
use crate::domain::trust_list::{Names, Territory};
use crate::ports::store::{ForeignCrl, ListVersion, OwnTrustList, PinnedSigner, StoreError, TrustListRows};
use async_trait::async_trait;

const PIN: &str = "INSERT INTO trust_list_signers
        (territory, sha256, name_zh, name_en, x509, pinned_by, pinned_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (territory, sha256) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en,
        pinned_by = excluded.pinned_by, pinned_at = excluded.pinned_at, confirmed_by = NULL,
        confirmed_at = NULL, ended_by = NULL, ended_at = NULL
     WHERE trust_list_signers.ended_at IS NOT NULL";
const CONFIRM: &str = "UPDATE trust_list_signers SET confirmed_by = $3, confirmed_at = $4
     WHERE territory = $1 AND sha256 = $2 AND confirmed_at IS NULL AND ended_at IS NULL
        AND COALESCE('person:' || (SELECT person FROM credentials WHERE id = pinned_by), pinned_by)
            <> COALESCE('person:' || (SELECT person FROM credentials WHERE id = $3), $3)";
const END: &str = "UPDATE trust_list_signers SET ended_by = $3, ended_at = $4
     WHERE territory = $1 AND sha256 = $2 AND ended_at IS NULL";
const SIGNERS: &str = "SELECT * FROM trust_list_signers WHERE territory > '' ORDER BY territory, sha256";
const INSERT: &str = "INSERT INTO trust_list_versions
        (territory, sequence, sha256, signer, issued, next_update, imported_by, imported_at, der)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
const VERSIONS: &str =
    "SELECT territory, sequence, sha256, signer, issued, next_update, imported_by, imported_at
     FROM trust_list_versions WHERE territory = $1 ORDER BY sequence DESC LIMIT $2";
const BYTES: &str =
    "SELECT territory, sequence, der FROM trust_list_versions WHERE territory = $1 AND sequence = $2";
const PUT_CRL: &str = "INSERT INTO foreign_crls
        (territory, issuer, this_update, next_update, der, imported_by, imported_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (territory, issuer) DO UPDATE SET this_update = excluded.this_update,
        next_update = excluded.next_update, der = excluded.der, imported_by = excluded.imported_by,
        imported_at = excluded.imported_at
     WHERE foreign_crls.this_update < excluded.this_update";
const CRLS: &str = "SELECT * FROM foreign_crls WHERE territory = $1 ORDER BY issuer";
const INSERT_OWN: &str =
    "INSERT INTO own_trust_lists (sequence, content, issued, next_update, json, p256, sm2)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
const LATEST_OWN: &str = "SELECT * FROM own_trust_lists WHERE sequence > 0 ORDER BY sequence DESC LIMIT 1";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] =
    &[PIN, CONFIRM, END, SIGNERS, INSERT, VERSIONS, BYTES, PUT_CRL, CRLS, INSERT_OWN, LATEST_OWN];

/// Who did it and when, from a column of each; both are there or neither.
fn act(record: &Record<'_>, by: &str, at: &str) -> Result<Option<(String, Timestamp)>, StoreError> {
    match record.text_or_none(by)? {
        None => Ok(None),
        Some(who) => Ok(Some((who, record.time(at)?))),
    }
}

fn signer(row: &Row) -> Result<PinnedSigner, StoreError> {
    let record = Record::new(row, "trust_list_signers", &["territory", "sha256"]);
    Ok(PinnedSigner {
        territory: record.parsed("territory", Territory::parse)?,
        sha256: record.array("sha256")?,
        name: Names { zh: record.text("name_zh")?, en: record.text("name_en")? },
        x509: record.bytes("x509")?,
        pinned: (record.text("pinned_by")?, record.time("pinned_at")?),
        confirmed: act(&record, "confirmed_by", "confirmed_at")?,
        ended: act(&record, "ended_by", "ended_at")?,
    })
}

fn foreign_crl(row: &Row) -> Result<ForeignCrl, StoreError> {
    let record = Record::new(row, "foreign_crls", &["territory", "issuer"]);
    Ok(ForeignCrl {
        territory: record.parsed("territory", Territory::parse)?,
        issuer: record.array("issuer")?,
        this_update: record.time("this_update")?,
        next_update: record.time("next_update")?,
        der: record.bytes("der")?,
        imported: (record.text("imported_by")?, record.time("imported_at")?),
    })
}

fn version(row: &Row) -> Result<ListVersion, StoreError> {
    let record = Record::new(row, "trust_list_versions", &["territory", "sequence"]);
    Ok(ListVersion {
        territory: record.parsed("territory", Territory::parse)?,
        sequence: record.small("sequence")?,
        sha256: record.array("sha256")?,
        signer: record.array("signer")?,
        issued: record.time("issued")?,
        next_update: record.time("next_update")?,
        imported_by: record.text("imported_by")?,
        imported_at: record.time("imported_at")?,
    })
}

fn own(row: &Row) -> Result<OwnTrustList, StoreError> {
    let record = Record::new(row, "own_trust_lists", &["sequence"]);
    Ok(OwnTrustList {
        sequence: record.small("sequence")?,
        content: record.array("content")?,
        issued: record.time("issued")?,
        next_update: record.time("next_update")?,
        json: record.bytes("json")?,
        p256: record.bytes_or_none("p256")?,
        sm2: record.bytes_or_none("sm2")?,
    })
}

#[async_trait]
impl TrustListRows for Tx<'_> {
    async fn pin_list_signer(&mut self, signer: &PinnedSigner) -> Result<(), StoreError> {
        let query = sql(PIN)
            .bind(signer.territory.as_str())
            .bind(signer.sha256.as_slice())
            .bind(&signer.name.zh)
            .bind(&signer.name.en)
            .bind(signer.x509.as_slice())
            .bind(&signer.pinned.0)
            .bind(signer.pinned.1.micros());
        added(self.run(query).await?, "trust list signer")
    }

    async fn confirm_list_signer(
        &mut self,
        territory: &Territory,
        sha256: &[u8; 32],
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let query = sql(CONFIRM).bind(territory.as_str()).bind(sha256.as_slice()).bind(by).bind(at.micros());
        Ok(self.run(query).await? == 1)
    }

    async fn end_list_signer(
        &mut self,
        territory: &Territory,
        sha256: &[u8; 32],
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let query = sql(END).bind(territory.as_str()).bind(sha256.as_slice()).bind(by).bind(at.micros());
        Ok(self.run(query).await? == 1)
    }

    async fn list_signers(&mut self) -> Result<Vec<PinnedSigner>, StoreError> {
        self.all(sql(SIGNERS), signer).await
    }

    async fn insert_list_version(&mut self, version: &ListVersion, der: &[u8]) -> Result<(), StoreError> {
        let query = sql(INSERT)
            .bind(version.territory.as_str())
            .bind(integer(version.sequence)?)
            .bind(version.sha256.as_slice())
            .bind(version.signer.as_slice())
            .bind(version.issued.micros())
            .bind(version.next_update.micros())
            .bind(&version.imported_by)
            .bind(version.imported_at.micros())
            .bind(der);
        added(self.run(query).await?, "trust list version")
    }

    async fn list_versions(
        &mut self,
        territory: &Territory,
        limit: u32,
    ) -> Result<Vec<ListVersion>, StoreError> {
        self.all(sql(VERSIONS).bind(territory.as_str()).bind(i64::from(limit)), version).await
    }

    async fn list_bytes(
        &mut self,
        territory: &Territory,
        sequence: u64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.one(sql(BYTES).bind(territory.as_str()).bind(integer(sequence)?)).await?;
        let bytes = |row| Record::new(row, "trust_list_versions", &["territory", "sequence"]).bytes("der");
        row.as_ref().map(bytes).transpose()
    }

    async fn put_foreign_crl(&mut self, crl: &ForeignCrl) -> Result<bool, StoreError> {
        let (by, at) = &crl.imported;
        let query = sql(PUT_CRL)
            .bind(crl.territory.as_str())
            .bind(crl.issuer.as_slice())
            .bind(crl.this_update.micros())
            .bind(crl.next_update.micros())
            .bind(crl.der.as_slice())
            .bind(by)
            .bind(at.micros());
        Ok(self.run(query).await? == 1)
    }

    async fn foreign_crls(&mut self, territory: &Territory) -> Result<Vec<ForeignCrl>, StoreError> {
        self.all(sql(CRLS).bind(territory.as_str()), foreign_crl).await
    }

    async fn insert_own_list(&mut self, list: &OwnTrustList) -> Result<(), StoreError> {
        let query = sql(INSERT_OWN)
            .bind(integer(list.sequence)?)
            .bind(list.content.as_slice())
            .bind(list.issued.micros())
            .bind(list.next_update.micros())
            .bind(list.json.as_slice())
            .bind(list.p256.as_deref())
            .bind(list.sm2.as_deref());
        added(self.run(query).await?, "own trust list")
    }

    async fn latest_own_list(&mut self) -> Result<Option<OwnTrustList>, StoreError> {
        self.one(sql(LATEST_OWN)).await?.as_ref().map(own).transpose()
    }
}
