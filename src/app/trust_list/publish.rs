//! Publishes our own list: whom this service's hierarchies vouch for, signed by a key that does nothing else.

use crate::app::{AppError, Hierarchy, Service};
use crate::crypto::{Suite, sha256};
use crate::domain::time::Timestamp;
use crate::domain::trust_list::{Entry, Names, ServiceKind, Territory, TrustList};
use crate::formats::x509::{self, crl};
use crate::formats::{Unreadable, trust_list};
use crate::ports::keys::{HandleSigner, KeyError, KeyHandle};
use crate::ports::store::{self, OwnTrustList, StoreError, TxError};
use std::time::Duration;

/// How long a list lasts; half of it has to pass before the same content is issued anew. Others have to fetch it within
/// this, so that what is withdrawn is known to them no later.
pub const LIFE: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// As whom the service publishes.
#[derive(Clone, Debug)]
pub struct Publishing {
    /// The place.
    pub territory: Territory,
    /// What it is called.
    pub territory_name: Names,
    /// Who runs the service.
    pub operator: Names,
    /// Who signs, one a suite: the same list is signed in each.
    pub signers: Vec<ListSigner>,
    /// Our own timestamping authorities' X.509 certificates, DER, by suite; none where others stamp for us.
    pub timestamping: Vec<(Suite, Vec<u8>)>,
}

/// Who signs our list in one suite.
#[derive(Clone, Debug)]
pub struct ListSigner {
    /// The suite.
    pub suite: Suite,
    /// Its X.509 certificate, DER.
    pub x509: Vec<u8>,
    /// Its key.
    pub key: KeyHandle,
}

/// Publishes a new version if what it says has changed, or half the life of the last one is over. `None` if nothing was
/// to be done, or no key that could sign is here.
pub async fn run_if_due(service: &Service) -> Result<Option<OwnTrustList>, AppError> {
    let Some(publishing) = service.publishing().filter(|publishing| !publishing.signers.is_empty()) else {
        return Ok(None);
    };
    let now = service.clock.now().whole_second();
    let latest = latest(service).await?;
    let mut list = TrustList {
        territory: publishing.territory.clone(),
        territory_name: publishing.territory_name.clone(),
        operator: publishing.operator.clone(),
        sequence: 0,
        issued: Timestamp::from_seconds(0),
        next_update: Timestamp::from_seconds(0),
        entries: entries(service, publishing).await?,
    };
    let content = sha256(&trust_list::to_json(&list));
    if latest.as_ref().is_some_and(|latest| latest.content == content && now.since(latest.issued) < LIFE / 2)
    {
        return Ok(None);
    }
    list.sequence = latest.map_or(0, |latest| latest.sequence) + 1;
    (list.issued, list.next_update) = (now, now.plus(LIFE));
    let json = trust_list::to_json(&list);
    let signed = |suite| sign(service, publishing, suite, &json);
    let (p256, sm2) = (signed(Suite::P256)?, signed(Suite::Sm2)?);
    if p256.is_none() && sm2.is_none() {
        return Ok(None);
    }
    let made = OwnTrustList {
        sequence: list.sequence,
        content,
        issued: list.issued,
        next_update: list.next_update,
        json,
        p256,
        sm2,
    };
    let row = &made;
    let stored = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.insert_own_list(row).await?) })
    });
    match stored.await {
        Ok(()) => Ok(Some(made)),
        // Another process was quicker; the next pass sees what it made.
        Err(TxError::Store(StoreError::Exists(_))) => Ok(None),
        Err(why) => Err(why.into()),
    }
}

/// The version published last.
pub async fn latest(service: &Service) -> Result<Option<OwnTrustList>, AppError> {
    let found = store::glance(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.latest_own_list().await?) })
    });
    Ok(found.await?)
}

fn sign(
    service: &Service,
    publishing: &Publishing,
    suite: Suite,
    json: &[u8],
) -> Result<Option<Vec<u8>>, AppError> {
    let Some(by) = publishing.signers.iter().find(|signer| signer.suite == suite) else { return Ok(None) };
    let signer = match HandleSigner::new(service.keys.as_ref(), &by.key) {
        Ok(signer) => signer,
        Err(KeyError::Unknown(_)) => return Ok(None),
        Err(why) => return Err(why.into()),
    };
    trust_list::sign(json, &by.x509, &signer).map(Some).map_err(AppError::internal)
}

async fn entries(service: &Service, publishing: &Publishing) -> Result<Vec<Entry>, AppError> {
    let mut entries = Vec::new();
    for (suite, of) in service.authorities.hierarchies() {
        let lists = store::read(service.store.as_ref(), |tx, _| {
            Box::pin(
                async move { Ok([tx.latest_crl(&of.root.name).await?, tx.latest_crl(&of.seal.name).await?]) },
            )
        });
        let [root, seal] = lists.await?.map(|list| list.map(|list| list.der));
        let stamping = publishing.timestamping.iter().filter(|(of, _)| *of == suite).map(|(_, x509)| x509);
        let made = of_hierarchy(service, of, root, seal, stamping);
        entries.extend(made.map_err(AppError::internal)?);
    }
    Ok(entries)
}

fn of_hierarchy<'a>(
    service: &Service,
    of: &Hierarchy,
    root_crl: Option<Vec<u8>>,
    seal_crl: Option<Vec<u8>>,
    stamping: impl Iterator<Item = &'a Vec<u8>>,
) -> Result<Vec<Entry>, Unreadable> {
    let address = |name: &str| vec![service.settings.crl_address(name)];
    let (by_root, by_seal) = (root_crl.as_deref(), seal_crl.as_deref());
    let mut made = vec![
        Entry {
            crl_addresses: address(&of.root.name),
            crls: root_crl.iter().cloned().collect(),
            ..entry(ServiceKind::RootCa, &of.root.x509, None)?
        },
        Entry {
            crl_addresses: address(&of.seal.name),
            crls: seal_crl.iter().cloned().collect(),
            ..entry(ServiceKind::IssuingCa, &of.seal.x509, by_root)?
        },
    ];
    if let Some(maker) = &of.seal_maker {
        made.push(entry(ServiceKind::SealMaker, &maker.x509, by_seal)?);
    }
    for x509 in stamping {
        made.push(entry(ServiceKind::TimeStamping, x509, by_root)?);
    }
    Ok(made)
}

/// An entry for as long as its X.509 certificate lasts; withdrawn where its issuer's list has revoked that.
fn entry(service: ServiceKind, x509: &[u8], issuers_crl: Option<&[u8]>) -> Result<Entry, Unreadable> {
    let facts = x509::read(x509)?;
    let revoked = issuers_crl.map(crl::entries).transpose()?.unwrap_or_default();
    let revoked = revoked.iter().find(|entry| entry.serial_hex == facts.serial_hex);
    Ok(Entry {
        service,
        name: Names { zh: facts.subject_cn.clone(), en: facts.subject_cn },
        x509: x509.to_vec(),
        valid_from: facts.not_before,
        valid_until: Some(facts.not_after),
        withdrawn_since: revoked.map(|entry| entry.at),
        areas: Vec::new(),
        crl_addresses: Vec::new(),
        crls: Vec::new(),
        note: None,
    })
}
