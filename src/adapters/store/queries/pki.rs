//! Issued X.509 certificates and published CRLs.

use super::{Record, Row, Tx, added, integer, sql};
use crate::domain::time::Timestamp;
use crate::ports::store::{IssuedX509, PkiRows, PublishedCrl, StoreError};
use async_trait::async_trait;

const INSERT_X509: &str =
    "INSERT INTO issued_x509 (authority, serial, der, not_after, revoked_at, revoked_reason)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
const REVOKE_X509: &str = "UPDATE issued_x509 SET revoked_at = $3, revoked_reason = $4
     WHERE authority = $1 AND serial = $2 AND (revoked_at IS NULL OR revoked_at > $3)";
const REVOKED_X509: &str = "SELECT * FROM issued_x509
     WHERE authority = $1 AND revoked_at IS NOT NULL AND not_after > $2 ORDER BY serial";
const INSERT_CRL: &str = "INSERT INTO crls (authority, number, der, this_update, next_update)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
const LATEST_CRL: &str = "SELECT * FROM crls WHERE authority = $1 ORDER BY number DESC LIMIT 1";

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[INSERT_X509, REVOKE_X509, REVOKED_X509, INSERT_CRL, LATEST_CRL];

fn x509(row: &Row) -> Result<IssuedX509, StoreError> {
    let record = Record::new(row, "issued_x509", &["authority", "serial"]);
    let revoked = match record.time_or_none("revoked_at")? {
        None => None,
        Some(at) => Some((at, record.small("revoked_reason")?)),
    };
    Ok(IssuedX509 {
        authority: record.text("authority")?,
        serial: record.text("serial")?,
        der: record.bytes("der")?,
        not_after: record.time("not_after")?,
        revoked,
    })
}

fn crl(row: &Row) -> Result<PublishedCrl, StoreError> {
    let record = Record::new(row, "crls", &["authority", "number"]);
    Ok(PublishedCrl {
        authority: record.text("authority")?,
        number: record.small("number")?,
        der: record.bytes("der")?,
        this_update: record.time("this_update")?,
        next_update: record.time("next_update")?,
    })
}

#[async_trait]
impl PkiRows for Tx<'_> {
    async fn insert_x509(&mut self, x509: &IssuedX509) -> Result<(), StoreError> {
        let query = sql(INSERT_X509)
            .bind(&x509.authority)
            .bind(&x509.serial)
            .bind(x509.der.as_slice())
            .bind(x509.not_after.micros())
            .bind(x509.revoked.map(|(at, _)| at.micros()))
            .bind(x509.revoked.map(|(_, reason)| i64::from(reason)));
        added(self.run(query).await?, "X.509 serial")
    }

    async fn revoke_x509(
        &mut self,
        authority: &str,
        serial: &str,
        at: Timestamp,
        reason: u8,
    ) -> Result<bool, StoreError> {
        let query = sql(REVOKE_X509).bind(authority).bind(serial).bind(at.micros()).bind(i64::from(reason));
        Ok(self.run(query).await? == 1)
    }

    async fn revoked_x509(
        &mut self,
        authority: &str,
        after: Timestamp,
    ) -> Result<Vec<IssuedX509>, StoreError> {
        self.all(sql(REVOKED_X509).bind(authority).bind(after.micros()), x509).await
    }

    async fn insert_crl(&mut self, crl: &PublishedCrl) -> Result<(), StoreError> {
        let query = sql(INSERT_CRL)
            .bind(&crl.authority)
            .bind(integer(crl.number)?)
            .bind(crl.der.as_slice())
            .bind(crl.this_update.micros())
            .bind(crl.next_update.micros());
        added(self.run(query).await?, "CRL number")
    }

    async fn latest_crl(&mut self, authority: &str) -> Result<Option<PublishedCrl>, StoreError> {
        self.one(sql(LATEST_CRL).bind(authority)).await?.as_ref().map(crl).transpose()
    }
}
