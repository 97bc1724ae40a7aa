//! What every use case works with.

use super::AppError;
use super::limits::Limit;
use super::publish_crl::Authority;
use super::steps::Steps;
use crate::documents::fonts::Fonts;
use crate::documents::pdf::compose::{PdfTemplate, UnusableKind, ValidationData};
use crate::domain::license::{Kinds, LicenseId, LicenseKind};
use crate::domain::time::Timestamp;
use crate::formats::x509::{Trust, crl};
use crate::ports::clock::Clock;
use crate::ports::files::Files;
use crate::ports::keys::Keys;
use crate::ports::random::Random;
use crate::ports::store::{self, Store};
use crate::ports::timestamps::Timestamps;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How the service presents itself.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where strangers reach it, without a slash at the end: it is printed in every verification code.
    pub public_url: String,
}

impl Settings {
    /// What the printed verification code opens.
    pub fn verification_url(&self, license: &LicenseId, check_code: &str) -> String {
        format!("{}/c/{license}?k={check_code}", self.public_url)
    }

    /// Where an authority's revocation list can be had.
    pub fn crl_address(&self, authority: &str) -> String {
        format!("{}/crl/{authority}.crl", self.public_url)
    }
}

/// The authorities that issue X.509 certificates here.
#[derive(Clone, Debug)]
pub struct Authorities {
    /// The root.
    pub root: Authority,
    /// Issues seal certificates.
    pub seal: Authority,
    /// Issues TLS certificates.
    pub tls: Authority,
}

impl Authorities {
    /// All of them.
    pub fn all(&self) -> [&Authority; 3] {
        [&self.root, &self.seal, &self.tls]
    }
}

/// What a service is made of.
pub struct Parts {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The keys.
    pub keys: Arc<dyn Keys>,
    /// License files.
    pub files: Arc<dyn Files>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Trusted time.
    pub timestamps: Arc<dyn Timestamps>,
    /// License kinds.
    pub kinds: Kinds,
    /// Roots that files and clients are checked against.
    pub trust: Arc<Trust>,
    /// Our authorities.
    pub authorities: Authorities,
    /// Fonts that faces and seals are set in.
    pub fonts: Arc<Fonts>,
    /// Watches the steps of issuing.
    pub steps: Arc<dyn Steps>,
    /// Settings.
    pub settings: Settings,
}

/// The service: shared by everything that calls a use case.
pub struct Service {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The keys.
    pub keys: Arc<dyn Keys>,
    /// License files.
    pub files: Arc<dyn Files>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Trusted time.
    pub timestamps: Arc<dyn Timestamps>,
    /// License kinds.
    pub kinds: Kinds,
    /// Roots that files and clients are checked against.
    pub trust: Arc<Trust>,
    /// Our authorities.
    pub authorities: Authorities,
    /// Settings.
    pub settings: Settings,
    /// Fonts that faces and seals are set in.
    pub fonts: Arc<Fonts>,
    templates: BTreeMap<String, Arc<PdfTemplate>>,
    sealing: Mutex<Option<(Timestamp, Arc<Sealing>)>>,
    pub(crate) verifying: Arc<Semaphore>,
    pub(crate) steps: Arc<dyn Steps>,
    /// Show codes that do not exist, by who tried them.
    pub(crate) guesses: Limit,
    /// Checks of printed codes, by where they come from.
    pub(crate) printed_checks: Limit,
}

/// How long certificates and revocation lists that go into files are used before they are asked for again.
const SEALING_LASTS: Duration = Duration::from_secs(300);
/// Files examined at one time; each may hold a core for long.
const VERIFYING: usize = 16;

/// What sealed files carry so that they can be checked long after.
#[derive(Debug)]
pub(crate) struct Sealing {
    /// X.509 certificates above a seal's own, for its signature container.
    pub chain: Vec<Vec<u8>>,
    /// For the document's security store.
    pub validation: ValidationData,
    /// No timestamp token is longer than this, in bytes.
    pub largest_token: usize,
}

impl Service {
    /// Puts the service together.
    ///
    /// # Errors
    /// If the face of a kind cannot be composed.
    pub fn new(parts: Parts) -> Result<Self, UnusableKind> {
        let mut templates = BTreeMap::new();
        for kind in parts.kinds.iter() {
            templates.insert(kind.name.clone(), Arc::new(PdfTemplate::prepare(kind, &parts.fonts)?));
        }
        Ok(Self {
            store: parts.store,
            keys: parts.keys,
            files: parts.files,
            clock: parts.clock,
            random: parts.random,
            timestamps: parts.timestamps,
            kinds: parts.kinds,
            trust: parts.trust,
            authorities: parts.authorities,
            settings: parts.settings,
            fonts: parts.fonts,
            templates,
            sealing: Mutex::new(None),
            verifying: Arc::new(Semaphore::new(VERIFYING)),
            steps: parts.steps,
            guesses: Limit::new(20, Duration::from_secs(60)),
            printed_checks: Limit::new(30, Duration::from_secs(60)),
        })
    }

    /// The prepared face of a kind.
    pub(crate) fn template(&self, kind: &LicenseKind) -> Result<Arc<PdfTemplate>, AppError> {
        let template = self.templates.get(&kind.name).map(Arc::clone);
        template.ok_or_else(|| AppError::internal(format!("the kind {} has no template", kind.name)))
    }

    /// What goes into sealed files now.
    pub(crate) async fn sealing(&self) -> Result<Arc<Sealing>, AppError> {
        let now = self.clock.now();
        if let Some((since, sealing)) = &*self.sealing.lock().unwrap_or_else(PoisonError::into_inner)
            && now >= *since
            && now.since(*since) < SEALING_LASTS
        {
            return Ok(Arc::clone(sealing));
        }
        let sealing = Arc::new(self.read_sealing().await?);
        *self.sealing.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&sealing)));
        Ok(sealing)
    }

    /// Forgets what goes into sealed files, because revocation lists changed.
    pub(crate) fn forget_sealing(&self) {
        *self.sealing.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    async fn read_sealing(&self) -> Result<Sealing, AppError> {
        let (root, seal) = (&self.authorities.root, &self.authorities.seal);
        let lists = store::read(self.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok([tx.latest_crl(&root.name).await?, tx.latest_crl(&seal.name).await?]) })
        })
        .await?;
        let theirs = self.timestamps.validation_data();
        let mut x509s = vec![seal.x509.clone(), root.x509.clone()];
        x509s.extend(
            theirs.x509_certificates.into_iter().filter(|x509| *x509 != seal.x509 && *x509 != root.x509),
        );
        let mut crls = theirs.crls;
        for (authority, list) in [root, seal].into_iter().zip(lists) {
            // One list of an issuer is enough, and ours is the newest of our own authorities.
            if let Some(list) = list {
                crls.retain(|der| crl::check_issuer(der, &authority.x509).is_err());
                crls.push(list.der);
            }
        }
        Ok(Sealing {
            chain: vec![seal.x509.clone()],
            validation: ValidationData { x509s, crls },
            largest_token: self.timestamps.largest_token(),
        })
    }
}
