//! Publishing certificate revocation lists.
//!
//! An authority whose key is here gets a new list when one is due or something was revoked. One whose key is kept
//! elsewhere (the root's, in a safe) publishes the list that its operator put into the key directory.

use crate::domain::time::Timestamp;
use crate::formats::Unreadable;
use crate::formats::x509::crl::{self, CrlTimes, RevokedX509};
use crate::formats::x509::{IssueError, Issuer};
use crate::ports::keys::{HandleSigner, KeyError, KeyHandle, Keys};
use crate::ports::store::{self, IssuedX509, PublishedCrl, Store, StoreError, TxError};
use std::collections::HashSet;
use std::time::Duration;

/// Reason code `privilegeWithdrawn` (RFC 5280 §5.3.1): whoever has the certificate never had a right to it.
pub(super) const PRIVILEGE_WITHDRAWN: u8 = 9;
/// How long a list lasts.
pub const LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Another process may publish at the same moment; its number is then taken and ours comes after.
const ATTEMPTS: usize = 5;

/// An authority that issues X.509 certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Its name in the store: `root`, `seal-ca`, `tls-ca`, and the same with `sm2-` before it.
    pub name: String,
    /// Its own X.509 certificate, DER.
    pub x509: Vec<u8>,
    /// Its key.
    pub key: KeyHandle,
}

/// Why no list was published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The key could not be used; [`KeyError::Unknown`] if it is kept elsewhere.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The list could not be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The list that was brought cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] TxError),
}

/// Whether a new list should be made: there is none, or half of its life is over, so that a service that stands still for
/// some days does not leave an expired one behind.
pub fn due(latest: Option<&PublishedCrl>, now: Timestamp) -> bool {
    latest.is_none_or(|crl| now.since(crl.this_update) >= crl.next_update.since(crl.this_update) / 2)
}

/// Makes a list of what is revoked now, with the next number, and stores it.
pub async fn run(
    store: &dyn Store,
    keys: &dyn Keys,
    authority: &Authority,
    now: Timestamp,
) -> Result<PublishedCrl, PublishError> {
    let mut attempt = 1;
    loop {
        // 1. Read what is revoked, and the last list.
        let (latest, rows) = read(store, authority, Timestamp::from_micros(0)).await?;
        let revoked = entries(latest.as_ref(), &rows, now)?;
        // 2. Sign, outside any transaction.
        let made = make(keys, authority, latest.as_ref(), &revoked, now)?;
        // 3. Store, if the number is still free.
        let insert = &made;
        let stored =
            store::write(store, |tx, _| Box::pin(async move { Ok(tx.insert_crl(insert).await?) })).await;
        match stored {
            Ok(()) => return Ok(made),
            Err(TxError::Store(StoreError::Exists(_))) if attempt < ATTEMPTS => attempt += 1,
            Err(why) => return Err(why.into()),
        }
    }
}

/// What the next list revokes: what the store knows to be revoked and has not ended by `now`, and what the last list has
/// beyond that. The store knows nothing of what an operator revoked with the root's key ([`adopt`]), and nothing that was
/// revoked comes back.
fn entries(
    latest: Option<&PublishedCrl>,
    rows: &[IssuedX509],
    now: Timestamp,
) -> Result<Vec<RevokedX509>, Unreadable> {
    let mut entries = latest.map(|crl| crl::entries(&crl.der)).transpose()?.unwrap_or_default();
    entries.retain(|entry| !rows.iter().any(|row| row.serial == entry.serial_hex));
    entries.extend(rows.iter().filter(|row| row.not_after > now).filter_map(entry));
    Ok(entries)
}

/// What a list says of a revoked certificate. One whose owner never had a right to it was invalid from then on, which is said
/// apart too.
fn entry(row: &IssuedX509) -> Option<RevokedX509> {
    row.revoked.map(|(at, reason)| {
        let at = at.whole_second();
        let invalid_since = (reason == PRIVILEGE_WITHDRAWN).then_some(at);
        RevokedX509 { serial_hex: row.serial.clone(), at, reason, invalid_since }
    })
}

/// Whether something was revoked that the list does not have, or not so. Times do not tell: a void seal's certificates count as
/// revoked long before the list.
fn behind(latest: &PublishedCrl, rows: &[IssuedX509]) -> Result<bool, Unreadable> {
    if rows.is_empty() {
        return Ok(false);
    }
    let listed = crl::entries(&latest.der)?;
    let listed: HashSet<_> = listed.iter().map(|has| (has.serial_hex.as_str(), has.at, has.reason)).collect();
    let lacks = |row: RevokedX509| !listed.contains(&(row.serial_hex.as_str(), row.at, row.reason));
    Ok(rows.iter().filter_map(entry).any(lacks))
}

/// [`run`] if a list is [`due`], or lacks something that was revoked since, and the authority's key is here. `None` if nothing was to be done.
pub async fn run_if_due(
    store: &dyn Store,
    keys: &dyn Keys,
    authority: &Authority,
    now: Timestamp,
) -> Result<Option<PublishedCrl>, PublishError> {
    let (latest, rows) = read(store, authority, now).await?;
    if let Some(latest) = latest.as_ref().filter(|latest| !due(Some(latest), now))
        && !behind(latest, &rows)?
    {
        return Ok(None);
    }
    match keys.public_key(&authority.key) {
        Err(KeyError::Unknown(_)) => Ok(None),
        Err(why) => Err(why.into()),
        Ok(_) => run(store, keys, authority, now).await.map(Some),
    }
}

/// What became of a list that was made elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adoption {
    /// It is published now; its number.
    Published(u64),
    /// It was published before.
    Known,
    /// Another one of its number, or a later one, was published before.
    Older {
        /// Its number.
        number: u64,
        /// The number published last.
        published: u64,
    },
}

/// Publishes a list (DER) that was made elsewhere, unless one with its number or a later one is known.
pub async fn adopt(store: &dyn Store, authority: &Authority, der: &[u8]) -> Result<Adoption, PublishError> {
    crl::check_issuer(der, &authority.x509)?;
    let CrlTimes { this_update, next_update } = crl::times(der)?;
    let number = crl::number(der)?;
    let known = |known: PublishedCrl| {
        if known.der == der { Adoption::Known } else { Adoption::Older { number, published: known.number } }
    };
    if let Some(latest) = latest(store, authority).await?
        && latest.number >= number
    {
        return Ok(known(latest));
    }
    let name = authority.name.clone();
    let brought = &PublishedCrl { authority: name, number, der: der.to_vec(), this_update, next_update };
    match store::write(store, |tx, _| Box::pin(async move { Ok(tx.insert_crl(brought).await?) })).await {
        Ok(()) => Ok(Adoption::Published(number)),
        // Another process was quicker, most likely with the very same.
        Err(TxError::Store(StoreError::Exists(_))) => {
            Ok(latest(store, authority).await?.map_or(Adoption::Known, known))
        }
        Err(why) => Err(why.into()),
    }
}

async fn latest(store: &dyn Store, authority: &Authority) -> Result<Option<PublishedCrl>, TxError> {
    let name = authority.name.as_str();
    store::read(store, |tx, _| Box::pin(async move { Ok(tx.latest_crl(name).await?) })).await
}

/// The latest list, and all that was revoked and ends after `after`.
async fn read(
    store: &dyn Store,
    authority: &Authority,
    after: Timestamp,
) -> Result<(Option<PublishedCrl>, Vec<IssuedX509>), TxError> {
    let name = authority.name.as_str();
    store::read(store, |tx, _| {
        Box::pin(async move { Ok((tx.latest_crl(name).await?, tx.revoked_x509(name, after).await?)) })
    })
    .await
}

fn make(
    keys: &dyn Keys,
    authority: &Authority,
    latest: Option<&PublishedCrl>,
    revoked: &[RevokedX509],
    now: Timestamp,
) -> Result<PublishedCrl, PublishError> {
    let number = latest.map_or(0, |crl| crl.number) + 1;
    let this_update = now.whole_second();
    let next_update = this_update.plus(LIFE);
    let signer = HandleSigner::new(keys, &authority.key)?;
    let issuer = Issuer { x509: &authority.x509, signer: &signer };
    let der = crl::make(&issuer, number, CrlTimes { this_update, next_update }, revoked)?;
    Ok(PublishedCrl { authority: authority.name.clone(), number, der, this_update, next_update })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_due_when_half_its_life_is_over() {
        let made = Timestamp::from_seconds(1_800_000_000);
        let crl = PublishedCrl {
            authority: "seal-ca".into(),
            number: 1,
            der: Vec::new(),
            this_update: made,
            next_update: made.plus(LIFE),
        };
        assert!(due(None, made));
        assert!(!due(Some(&crl), made.plus(LIFE / 2 - Duration::from_secs(1))));
        assert!(due(Some(&crl), made.plus(LIFE / 2)));
    }
}
