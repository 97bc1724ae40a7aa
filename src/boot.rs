//! Puts a service together from its settings: the only place that names concrete adapters.

use crate::adapters::calendar::{self, CalendarError};
use crate::adapters::clock::SystemClock;
use crate::adapters::files::DirectoryFiles;
use crate::adapters::keys::{
    AUTHORITIES, KeySet, KeySetError, KeySets, NotPrivate, OpenError as KeysOpenError, Passphrase,
    PassphraseError, SoftwareKeys, authority_name, check_private, set_key, tls_server,
};
use crate::adapters::kinds::{self, KindsError};
use crate::adapters::matters::{self, MattersError};
use crate::adapters::purposes::{self, PurposesError};
use crate::adapters::random::SystemRandom;
use crate::adapters::store::{self, OpenError as StoreOpenError};
use crate::adapters::timestamps::{BySuite, OwnAuthority, OwnAuthorityParts, RemoteAuthority};
use crate::adapters::verifiers::{self, VerifiersError};
use crate::adapters::webhooks::HttpWebhooks;
use crate::app::publish_crl::{self, Authority, PublishError};
use crate::app::trust_list::publish::{ListSigner, Publishing};
use crate::app::webhook::secrets;
use crate::app::{Asking, Authorities, Hierarchy, Parts, SealMaker, Service, Settings, Steps};
use crate::config::{Config, KeysConfig, PassphraseFrom, TimestampsConfig, Tls, TrustListConfig};
use crate::crypto::Suite;
use crate::documents::fonts::{FontFault, Fonts};
use crate::documents::pdf::compose::UnusableKind;
use crate::domain::license::Kinds;
use crate::domain::time::Timestamp;
use crate::domain::webhook::Reach;
use crate::formats::Unreadable;
use crate::formats::x509::{Trust, pem};
use crate::http::bundle_texts;
use crate::http::server::TlsSettings;
use crate::jobs::BroughtCrls;
use crate::ports::clock::Clock;
use crate::ports::files::FilesError;
use crate::ports::keys::{KeyError, KeyHandle, Keys};
use crate::ports::random::Random;
use crate::ports::store::{Store, TxError};
use crate::ports::timestamps::{Timestamps, ValidationData};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Another timestamping authority must answer within this.
const REMOTE_TIMESTAMP: Duration = Duration::from_secs(10);

/// Why a service could not be put together, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// Production with development keys.
    #[error(
        "the key set {0} is for development only, and anyone may have its keys: make one with \
         `yinzheng keys init`, or set development = true for a trial"
    )]
    DevelopmentKeys(PathBuf),
    /// A file with secrets is open to others.
    #[error(transparent)]
    NotPrivate(#[from] NotPrivate),
    /// No passphrase.
    #[error(
        "{0}; keys.passphrase_file or keys.passphrase_env must lead to the passphrase given to `yinzheng keys init`"
    )]
    Passphrase(#[from] PassphraseError),
    /// The keys cannot be opened.
    #[error("{0}; check keys.set, keys.own and the passphrase")]
    Keys(#[from] KeysOpenError),
    /// The key set cannot be read.
    #[error("the key set cannot be read: {0}; make one with `yinzheng keys init`, or correct keys.set")]
    KeySet(#[from] KeySetError),
    /// What the service does TLS with cannot be used.
    #[error(
        "TLS cannot be set up: {why}; make its X.509 certificate and key with `yinzheng keys tls-server --dir {} --host \
         NAME`, or take server.tls.chain out to do without TLS",
        set.display()
    )]
    Tls {
        /// What is wrong.
        why: KeySetError,
        /// The key set.
        set: PathBuf,
    },
    /// A key that is needed is not there.
    #[error("{0}; the directory of the key set must hold it")]
    Key(#[from] KeyError),
    /// The database.
    #[error("{0}; check store.database")]
    Store(#[from] StoreOpenError),
    /// The database failed at a question.
    #[error("the database failed: {0}")]
    Transaction(#[from] TxError),
    /// The file store.
    #[error("{0}; check store.files")]
    Files(#[from] FilesError),
    /// License kinds.
    #[error(transparent)]
    Kinds(#[from] KindsError),
    /// Matters.
    #[error("{0}; correct the files in asking.matters")]
    Matters(#[from] MattersError),
    /// Verifiers of faces.
    #[error("{0}; correct the file that asking.verifiers names")]
    Verifiers(#[from] VerifiersError),
    /// Public holidays.
    #[error("{0}; correct calendar.file")]
    Calendar(#[from] CalendarError),
    /// What licenses are shown for.
    #[error(transparent)]
    Purposes(#[from] PurposesError),
    /// A font.
    #[error(transparent)]
    Font(#[from] FontFault),
    /// A kind's face.
    #[error(transparent)]
    Face(#[from] UnusableKind),
    /// A file that settings name.
    #[error("{0} cannot be read: {1}; correct the setting that names it")]
    File(PathBuf, std::io::Error),
    /// A file that settings name is something else.
    #[error("{0}: {1}")]
    Content(PathBuf, Unreadable),
    /// The roots cannot be used.
    #[error("roots.pem cannot be used: {0}")]
    Trust(Unreadable),
    /// Revocation lists cannot be published.
    #[error("revocation lists cannot be published: {0}")]
    Crl(#[from] PublishError),
}

/// A service, ready to be called.
pub struct Booted {
    /// The service.
    pub service: Arc<Service>,
    /// TLS of the listener, where the service does it itself.
    pub tls: Option<TlsSettings>,
    /// Finds the revocation lists that operators put into the key set while the service runs.
    pub brought_crls: BroughtCrls,
    /// Our own timestamping authorities, which must learn of new revocation lists, by the name of their root; none if
    /// others are used.
    pub own_timestamps: Vec<(String, Arc<OwnAuthority>)>,
}

/// Puts a service together. `steps` watches issuing.
pub async fn build(config: &Config, steps: Arc<dyn Steps>) -> Result<Booted, BootError> {
    // 1. Keys: refused before anything is opened if others could have them.
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let sets = key_sets(config)?;
    let keys = open_keys(&config.keys, config.development, random.clone())?;
    let vault = Arc::new(keys.vault()?);
    let keys: Arc<dyn Keys> = keys;
    let tls = config.tls.as_ref().map(|tls| tls_settings(tls, &config.keys, keys.clone())).transpose()?;
    // 2. What is stored.
    let store = store::open(&config.database).await?;
    let files = Arc::new(DirectoryFiles::open(&config.files)?);
    // 3. Revocation lists: those that lie in the key set, then those that are due.
    let authorities = authorities(&sets)?;
    publish_crls(store.as_ref(), keys.as_ref(), &sets, &authorities, clock.now()).await?;
    // 4. Trusted time, never before what the audit trail has seen.
    let world = World { store: store.as_ref(), keys: &keys, clock: &clock, random: &random };
    let (timestamps, own_timestamps) = timestamps(config, &sets, &authorities, &world).await?;
    let publishing = config.trust_list.as_ref().map(|list| publishing(list, config, &sets)).transpose()?;
    // 5. Where others are told what happens.
    let reach = Reach { private: config.webhooks.allow_private, loopback: config.development };
    let roots = config.webhooks.roots.as_deref().map(x509s).transpose()?;
    let webhooks = Arc::new(HttpWebhooks::new(reach, roots));
    match secrets::close_all(store.as_ref(), vault.as_ref()).await? {
        0 => {}
        count => tracing::info!(
            count,
            "secrets of webhooks that were stored open, or under an earlier key, are closed"
        ),
    }
    // 6. What is licensed and what is asked.
    let kinds = kinds::load(config.kinds.as_deref())?;
    let asking = asking(config, &kinds)?;
    // 7. All of it together.
    let service = Service::new(Parts {
        store,
        keys,
        vault,
        files,
        clock,
        random,
        timestamps,
        webhooks,
        kinds,
        calendar: calendar::load(config.calendar.as_deref())?,
        asking,
        purposes: purposes::load()?,
        trust: Arc::new(Trust::from_ders(sets.roots.clone()).map_err(BootError::Trust)?),
        authorities,
        fonts: Arc::new(fonts(&config.fonts)?),
        steps,
        publishing,
        bundle_texts: bundle_texts::all,
        settings: Settings {
            public_url: config.public_url.clone(),
            seal_structure: config.seal_structure,
            webhooks: reach,
            offline_in_sm2: config.offline_in_sm2.iter().cloned().collect(),
        },
    })?;
    let brought_crls = brought_crls(config.keys.set.clone(), &sets);
    Ok(Booted { service: Arc::new(service), tls, brought_crls, own_timestamps })
}

fn asking(config: &Config, kinds: &Kinds) -> Result<Asking, BootError> {
    let loaded = matters::load(config.asking.matters.as_deref(), kinds)?;
    for fault in &loaded.left_out {
        tracing::warn!(%fault, "a built-in matter does not fit the license kinds here and is left out");
    }
    Ok(Asking { matters: loaded.matters, verifiers: verifiers::load(config.asking.verifiers.as_deref())? })
}

fn key_sets(config: &Config) -> Result<KeySets, BootError> {
    let sets = KeySets::load(&config.keys.set)?;
    if sets.is_development() && !config.development {
        return Err(BootError::DevelopmentKeys(config.keys.set.clone()));
    }
    if sets.sm2.is_none() {
        tracing::info!(
            "no key set of the suite SM2: seals are of P-256 only; `yinzheng keys init --suite sm2` adds one"
        );
    }
    Ok(sets)
}

fn open_keys(
    config: &KeysConfig,
    development: bool,
    random: Arc<dyn Random>,
) -> Result<Arc<SoftwareKeys>, BootError> {
    let passphrase = match &config.passphrase {
        PassphraseFrom::File(file) => {
            if !development {
                check_private(file)?;
            }
            Passphrase::from_file(file)?
        }
        PassphraseFrom::Variable(name) => Passphrase::from_variable(name)?,
    };
    let mut keys = SoftwareKeys::open(&config.own, passphrase, random)?;
    if config.own != config.set {
        keys = keys.also_reading(&config.set);
    }
    // A checked-out repository cannot keep the modes of development keys.
    if !development {
        keys.check_private()?;
    }
    Ok(Arc::new(keys))
}

fn tls_settings(tls: &Tls, config: &KeysConfig, keys: Arc<dyn Keys>) -> Result<TlsSettings, BootError> {
    let handle = handle(&tls.key)?;
    let server = tls_server(keys, &handle, &tls.chain)
        .map_err(|why| BootError::Tls { why, set: config.set.clone() })?;
    let client_roots = match &tls.client_roots {
        Some(path) => x509s(path)?,
        None => Vec::new(),
    };
    Ok(TlsSettings { server, client_roots })
}

fn handle(name: &str) -> Result<KeyHandle, KeyError> {
    KeyHandle::parse(name).ok_or_else(|| KeyError::Storage(format!("{name} is not the name of a key")))
}

fn authorities(sets: &KeySets) -> Result<Authorities, KeyError> {
    let sm2 = sets.sm2.as_ref().map(hierarchy).transpose()?;
    Ok(Authorities { p256: hierarchy(&sets.p256)?, sm2 })
}

fn hierarchy(set: &KeySet) -> Result<Hierarchy, KeyError> {
    let authority = |name: &str, x509: &[u8]| -> Result<Authority, KeyError> {
        let key = set_key(set.suite, name)?;
        Ok(Authority { name: authority_name(set.suite, name), x509: x509.to_vec(), key })
    };
    let seal_maker = match &set.seal_maker {
        Some(x509) => Some(SealMaker { x509: x509.clone(), key: set_key(set.suite, "seal-maker")? }),
        None => None,
    };
    Ok(Hierarchy {
        root: authority("root", &set.root)?,
        seal: authority("seal-ca", &set.seal_ca)?,
        tls: authority("tls-ca", &set.tls_ca)?,
        seal_maker,
    })
}

/// As whom our trust list is published, by the keys that the sets have for it.
fn publishing(list: &TrustListConfig, config: &Config, sets: &KeySets) -> Result<Publishing, KeyError> {
    let mut signers = Vec::new();
    let mut timestamping = Vec::new();
    for set in sets.all() {
        if let Some(x509) = &set.trust_list {
            let key = set_key(set.suite, "trust-list")?;
            signers.push(ListSigner { suite: set.suite, x509: x509.clone(), key });
        }
        let from = match set.suite {
            Suite::P256 => &config.timestamps,
            Suite::Sm2 => &config.sm2_timestamps,
        };
        if *from == TimestampsConfig::Own {
            timestamping.push((set.suite, set.tsa.clone()));
        }
    }
    if signers.is_empty() {
        tracing::warn!(
            "no trust list is published: no key set has a key for it; `yinzheng keys trust-list` adds one"
        );
    }
    Ok(Publishing {
        territory: list.territory.clone(),
        territory_name: list.place.clone(),
        operator: list.operator.clone(),
        signers,
        timestamping,
    })
}

async fn publish_crls(
    store: &dyn Store,
    keys: &dyn Keys,
    sets: &KeySets,
    authorities: &Authorities,
    now: Timestamp,
) -> Result<(), BootError> {
    for authority in authorities.all() {
        let lists = sets.all().flat_map(|set| AUTHORITIES.map(|name| (set, name)));
        for (set, name) in lists.filter(|(set, name)| authority_name(set.suite, name) == authority.name) {
            if let Some(der) = set.crls.get(name) {
                publish_crl::adopt(store, authority, der).await?;
            }
        }
        publish_crl::run_if_due(store, keys, authority, now).await?;
    }
    Ok(())
}

/// The lists in the directory as they are whenever they are asked for.
fn brought_crls(directory: PathBuf, sets: &KeySets) -> BroughtCrls {
    let suites: Vec<_> = sets.all().map(|set| set.suite).collect();
    Arc::new(move || {
        let all = suites.iter().flat_map(|suite| AUTHORITIES.map(|name| (*suite, name)));
        let found = all.filter_map(|(suite, name)| {
            let list = KeySet::crl(&directory, suite, name).map_err(|why| why.to_string()).transpose()?;
            Some((authority_name(suite, name), list))
        });
        found.collect()
    })
}

struct World<'w> {
    store: &'w dyn Store,
    keys: &'w Arc<dyn Keys>,
    clock: &'w Arc<dyn Clock>,
    random: &'w Arc<dyn Random>,
}

type Owned = Vec<(String, Arc<OwnAuthority>)>;

/// An authority for each suite that is here.
async fn timestamps(
    config: &Config,
    sets: &KeySets,
    authorities: &Authorities,
    world: &World<'_>,
) -> Result<(Arc<dyn Timestamps>, Owned), BootError> {
    let mut owned = Vec::new();
    let p256 = authority(&config.timestamps, &sets.p256, &authorities.p256.root, world, &mut owned).await?;
    let (Some(set), Some(hierarchy)) = (&sets.sm2, &authorities.sm2) else { return Ok((p256, owned)) };
    let sm2 = authority(&config.sm2_timestamps, set, &hierarchy.root, world, &mut owned).await?;
    Ok((Arc::new(BySuite { p256, sm2 }), owned))
}

async fn authority(
    config: &TimestampsConfig,
    set: &KeySet,
    root: &Authority,
    world: &World<'_>,
    owned: &mut Owned,
) -> Result<Arc<dyn Timestamps>, BootError> {
    if let TimestampsConfig::Remote { url, chain, crls } = config {
        let validation = ValidationData { x509_certificates: x509s(chain)?, crls: crl_file(crls)? };
        let remote = RemoteAuthority::new(url, REMOTE_TIMESTAMP, world.random.clone(), validation);
        return Ok(Arc::new(remote));
    }
    let floor = crate::ports::store::read(world.store, |tx, _| {
        Box::pin(async move { Ok(tx.latest_audit_time().await?) })
    })
    .await?;
    let crls = crls_of(world.store, root).await?;
    let own = Arc::new(OwnAuthority::new(OwnAuthorityParts {
        keys: world.keys.clone(),
        handle: set_key(set.suite, "tsa")?,
        x509: set.tsa.clone(),
        chain: vec![set.root.clone()],
        crls,
        clock: world.clock.clone(),
        random: world.random.clone(),
        floor: floor.unwrap_or(Timestamp::from_micros(0)),
    })?);
    owned.push((root.name.clone(), own.clone()));
    Ok(own)
}

/// The revocation list that covers what this authority issued, for sealed files.
pub async fn crls_of(store: &dyn Store, authority: &Authority) -> Result<Vec<Vec<u8>>, TxError> {
    let name = authority.name.as_str();
    let latest =
        crate::ports::store::read(store, |tx, _| Box::pin(async move { Ok(tx.latest_crl(name).await?) }))
            .await?;
    Ok(latest.into_iter().map(|crl| crl.der).collect())
}

fn fonts(files: &[PathBuf]) -> Result<Fonts, BootError> {
    let mut fallbacks = Vec::new();
    for path in files {
        let bytes = std::fs::read(path).map_err(|why| BootError::File(path.clone(), why))?;
        fallbacks.push((path.display().to_string(), bytes));
    }
    Ok(Fonts::with_fallbacks(fallbacks)?)
}

fn text(path: &Path) -> Result<String, BootError> {
    std::fs::read_to_string(path).map_err(|why| BootError::File(path.to_owned(), why))
}

fn x509s(path: &Path) -> Result<Vec<Vec<u8>>, BootError> {
    pem::x509s_from_pem(&text(path)?).map_err(|why| BootError::Content(path.to_owned(), why))
}

fn crl_file(path: &Path) -> Result<Vec<Vec<u8>>, BootError> {
    pem::crls_from_pem(&text(path)?).map_err(|why| BootError::Content(path.to_owned(), why))
}
