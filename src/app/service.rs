//! What every use case works with.

use super::AppError;
use super::limits::Limit;
use super::offline::{BundleText, Memory};
use super::publish_crl::Authority;
use super::status_signer::StatusSigner;
use super::steps::Steps;
use super::trust_list::publish::Publishing;
use super::trust_list::recognised::Current;
use crate::crypto::Suite;
use crate::documents::fonts::Fonts;
use crate::documents::ofd::compose::OfdTemplate;
use crate::documents::pdf::compose::{PdfTemplate, UnusableKind, ValidationData};
use crate::domain::envelope::Calendar;
use crate::domain::license::{FileForm, FileFormat, Kinds, LicenseId, LicenseKind};
use crate::domain::matter::Matters;
use crate::domain::purpose::Purposes;
use crate::domain::seal::{SealCode, SealCredential, SealPicture};
use crate::domain::time::Timestamp;
use crate::domain::webhook::Reach;
use crate::formats::eseal::{self, Version};
use crate::formats::x509::{Trust, crl};
use crate::ports::clock::Clock;
use crate::ports::files::Files;
use crate::ports::keys::{KeyHandle, Keys};
use crate::ports::random::Random;
use crate::ports::store::{self, Store};
use crate::ports::timestamps::Timestamps;
use crate::ports::vault::Vault;
use crate::ports::verifiers::Verifier;
use crate::ports::webhooks::Webhooks;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How the service presents itself.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where strangers reach it, without a slash at the end: it is printed in every verification code.
    pub public_url: String,
    /// Structure of the seal objects that are made: 4 (GB/T 38540-2020) or 5 (GM/T 0031-2025).
    pub seal_structure: Version,
    /// Where webhooks may lead.
    pub webhooks: Reach,
    /// Departments (credit codes) whose offline codes are signed in SM2; those of all others in P-256.
    pub offline_in_sm2: BTreeSet<String>,
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

/// The authorities of one suite that issue X.509 certificates here.
#[derive(Clone, Debug)]
pub struct Hierarchy {
    /// The root.
    pub root: Authority,
    /// Issues seal certificates.
    pub seal: Authority,
    /// Issues TLS certificates.
    pub tls: Authority,
    /// Makes seals that are objects of GB/T 38540; only in SM2.
    pub seal_maker: Option<SealMaker>,
}

/// Who makes seals that are objects (制章者).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealMaker {
    /// Its own X.509 certificate, DER.
    pub x509: Vec<u8>,
    /// Its key.
    pub key: KeyHandle,
}

/// The authorities of every suite that is here.
#[derive(Clone, Debug)]
pub struct Authorities {
    /// Of P-256.
    pub p256: Hierarchy,
    /// Of SM2, where the service has them.
    pub sm2: Option<Hierarchy>,
}

impl Authorities {
    /// Those of a suite.
    pub fn of(&self, suite: Suite) -> Option<&Hierarchy> {
        match suite {
            Suite::P256 => Some(&self.p256),
            Suite::Sm2 => self.sm2.as_ref(),
        }
    }

    /// Every suite that is here, with its authorities.
    pub fn hierarchies(&self) -> impl Iterator<Item = (Suite, &Hierarchy)> {
        Suite::ALL.into_iter().filter_map(|suite| self.of(suite).map(|found| (suite, found)))
    }

    /// All authorities of all suites.
    pub fn all(&self) -> impl Iterator<Item = &Authority> {
        self.hierarchies().flat_map(|(_, of)| [&of.root, &of.seal, &of.tls])
    }
}

/// What is asked of holders, and who may say in their place who they are.
#[derive(Clone, Default)]
pub struct Asking {
    /// The catalogue of matters.
    pub matters: Matters,
    /// Verifiers of faces.
    pub verifiers: Vec<Verifier>,
}

/// What a service is made of.
pub struct Parts {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The keys.
    pub keys: Arc<dyn Keys>,
    /// What secrets are closed with before they are stored.
    pub vault: Arc<dyn Vault>,
    /// License files.
    pub files: Arc<dyn Files>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Trusted time.
    pub timestamps: Arc<dyn Timestamps>,
    /// Sends what others are told.
    pub webhooks: Arc<dyn Webhooks>,
    /// License kinds.
    pub kinds: Kinds,
    /// Public holidays, for deadlines in working days.
    pub calendar: Calendar,
    /// What is asked of holders.
    pub asking: Asking,
    /// What licenses are shown for.
    pub purposes: Purposes,
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
    /// As whom our own trust list is published; it is not, if absent.
    pub publishing: Option<Publishing>,
    /// What verifiers without a network say of each finding.
    pub bundle_texts: fn() -> Vec<BundleText>,
}

/// The service: shared by everything that calls a use case.
pub struct Service {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The keys.
    pub keys: Arc<dyn Keys>,
    /// What secrets are closed with before they are stored.
    pub vault: Arc<dyn Vault>,
    /// License files.
    pub files: Arc<dyn Files>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Trusted time.
    pub timestamps: Arc<dyn Timestamps>,
    /// Sends what others are told.
    pub webhooks: Arc<dyn Webhooks>,
    /// License kinds.
    pub kinds: Kinds,
    /// Public holidays, for deadlines in working days.
    pub calendar: Calendar,
    /// What is asked of holders.
    pub asking: Asking,
    /// What licenses are shown for.
    pub purposes: Purposes,
    /// Roots that files and clients are checked against.
    pub trust: Arc<Trust>,
    /// Our authorities.
    pub authorities: Authorities,
    /// Settings.
    pub settings: Settings,
    /// Fonts that faces and seals are set in.
    pub fonts: Arc<Fonts>,
    templates: BTreeMap<String, Arc<Templates>>,
    sealing: Mutex<HashMap<Suite, (Timestamp, Arc<Sealing>)>>,
    seal_means: Mutex<HashMap<SealCode, Arc<SealMeans>>>,
    pub(super) status_signer: Mutex<Option<Arc<StatusSigner>>>,
    publishing: Option<Publishing>,
    /// What verifiers without a network say of each finding.
    pub(crate) bundle_texts: fn() -> Vec<BundleText>,
    /// Whom others' trust lists vouch for; asked for by one at a time, since the rest wait for the same answer.
    pub(super) recognised: tokio::sync::Mutex<Option<Current>>,
    /// Turns at examining files.
    pub(crate) verifying: Arc<Semaphore>,
    /// Turns at composing and proving files. Sealing takes none: it may wait for a timestamp from afar.
    pub(crate) making: Arc<Semaphore>,
    pub(crate) steps: Arc<dyn Steps>,
    /// Show codes that do not exist, by who tried them.
    pub(crate) guesses: Limit,
    /// Checks of printed codes, by where they come from.
    pub(crate) printed_checks: Limit,
    /// Questions about seals, by where they come from.
    pub(crate) seal_questions: Limit,
    /// Checks of offline codes, by where they come from.
    pub(crate) offline_checks: Limit,
    /// Pictures that codes are looked for in, by where they come from or who brings them.
    pub(crate) pictures: Limit,
    /// What is remembered about offline codes.
    pub(crate) offline: Memory,
    /// Questions of other systems, by credential; each has a number of its own.
    pub(crate) share_rate: Limit,
}

/// The prepared faces of a kind, one a format.
pub(crate) struct Templates {
    /// PDF; also what previews and checks of a face are made with.
    pub pdf: PdfTemplate,
    /// OFD, if the kind is issued so.
    pub ofd: Option<OfdTemplate>,
}

/// How long certificates and revocation lists that go into files are used before they are asked for again.
const SEALING_LASTS: Duration = Duration::from_secs(300);
/// Seals whose means are kept in memory, each of some hundred kilobytes.
const SEALS_KEPT: usize = 512;
/// Files examined at one time; each may hold a core for long.
const VERIFYING: usize = 16;
/// Files of ours composed or proved at one time for each processor: that keeps it busy, and more would only take turns on
/// it with all their memory in use.
const MAKING_PER_PROCESSOR: usize = 2;

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

/// What a seal seals with.
pub(crate) struct SealMeans {
    /// What it shows.
    pub picture: SealPicture,
    /// What it signs with in each of its suites; nothing before its approval.
    pub credentials: Vec<SealCredential>,
    /// Structure of the seal object, if it has one.
    pub structure: Option<Version>,
}

impl SealMeans {
    /// What it signs with in this suite.
    pub fn credential(&self, suite: Suite) -> Option<&SealCredential> {
        self.credentials.iter().find(|credential| credential.suite == suite)
    }
}

impl Service {
    /// Puts the service together.
    ///
    /// # Errors
    /// If the face of a kind cannot be composed.
    pub fn new(parts: Parts) -> Result<Self, UnusableKind> {
        let mut templates = BTreeMap::new();
        for kind in parts.kinds.iter() {
            let pdf = PdfTemplate::prepare(kind, &parts.fonts)?;
            let is_ofd = kind.files.iter().any(|form| form.format == FileFormat::Ofd);
            let ofd = is_ofd.then(|| OfdTemplate::prepare(kind, &parts.fonts)).transpose()?;
            templates.insert(kind.name.clone(), Arc::new(Templates { pdf, ofd }));
        }
        let processors = std::thread::available_parallelism().map_or(2, |count| count.get());
        Ok(Self {
            store: parts.store,
            keys: parts.keys,
            vault: parts.vault,
            files: parts.files,
            clock: parts.clock,
            random: parts.random,
            timestamps: parts.timestamps,
            webhooks: parts.webhooks,
            kinds: parts.kinds,
            calendar: parts.calendar,
            asking: parts.asking,
            purposes: parts.purposes,
            trust: parts.trust,
            authorities: parts.authorities,
            settings: parts.settings,
            fonts: parts.fonts,
            templates,
            sealing: Mutex::default(),
            seal_means: Mutex::default(),
            status_signer: Mutex::default(),
            publishing: parts.publishing,
            bundle_texts: parts.bundle_texts,
            recognised: tokio::sync::Mutex::default(),
            verifying: Arc::new(Semaphore::new(VERIFYING)),
            making: Arc::new(Semaphore::new(processors * MAKING_PER_PROCESSOR)),
            steps: parts.steps,
            guesses: Limit::new(20, Duration::from_secs(60)),
            printed_checks: Limit::new(30, Duration::from_secs(60)),
            seal_questions: Limit::new(60, Duration::from_secs(60)),
            offline_checks: Limit::new(60, Duration::from_secs(60)),
            pictures: Limit::new(20, Duration::from_secs(60)),
            offline: Memory::default(),
            share_rate: Limit::new(60, Duration::from_secs(60)),
        })
    }

    /// As whom our own trust list is published.
    pub fn publishing(&self) -> Option<&Publishing> {
        self.publishing.as_ref()
    }

    /// The prepared faces of a kind.
    pub(crate) fn templates(&self, kind: &LicenseKind) -> Result<Arc<Templates>, AppError> {
        let templates = self.templates.get(&kind.name).map(Arc::clone);
        templates.ok_or_else(|| AppError::internal(format!("the kind {} has no template", kind.name)))
    }

    /// The forms that a kind is issued in here: those it names whose suite the service has keys of.
    pub(crate) fn forms(&self, kind: &LicenseKind) -> impl Iterator<Item = FileForm> {
        kind.files.iter().copied().filter(|form| self.authorities.of(form.suite).is_some())
    }

    /// What goes into files sealed with this suite now.
    pub(crate) async fn sealing(&self, suite: Suite) -> Result<Arc<Sealing>, AppError> {
        let now = self.clock.now();
        if let Some((since, sealing)) =
            self.sealing.lock().unwrap_or_else(PoisonError::into_inner).get(&suite)
            && now >= *since
            && now.since(*since) < SEALING_LASTS
        {
            return Ok(Arc::clone(sealing));
        }
        let sealing = Arc::new(self.read_sealing(suite).await?);
        let mut kept = self.sealing.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(suite, (now, Arc::clone(&sealing)));
        Ok(sealing)
    }

    /// What a seal seals with; `None` for a seal that is not there. Once it is approved none of it changes, so it is read
    /// once; whether the seal may be used is asked each time.
    pub(crate) async fn seal_means(&self, seal: &SealCode) -> Result<Option<Arc<SealMeans>>, AppError> {
        if let Some(kept) = self.seal_means.lock().unwrap_or_else(PoisonError::into_inner).get(seal) {
            return Ok(Some(Arc::clone(kept)));
        }
        let found = store::read(self.store.as_ref(), |tx, _| {
            Box::pin(async move {
                let Some(picture) = tx.seal_picture(seal).await? else { return Ok(None) };
                Ok(Some((picture, tx.seal_credentials(seal).await?)))
            })
        });
        let Some((picture, credentials)) = found.await? else { return Ok(None) };
        let object = credentials.iter().find_map(|credential| credential.object.as_deref());
        let structure = object.map(eseal::read_seal).transpose().map_err(AppError::internal)?;
        let structure = structure.map(|object| object.version);
        let means = Arc::new(SealMeans { picture, credentials, structure });
        if !means.credentials.is_empty() {
            let mut kept = self.seal_means.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= SEALS_KEPT {
                kept.clear();
            }
            kept.insert(seal.clone(), Arc::clone(&means));
        }
        Ok(Some(means))
    }

    /// Forgets what goes into sealed files, because revocation lists changed.
    pub(crate) fn forget_sealing(&self) {
        self.sealing.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    async fn read_sealing(&self, suite: Suite) -> Result<Sealing, AppError> {
        let authorities = self.authorities.of(suite);
        let authorities = authorities
            .ok_or_else(|| AppError::internal(format!("no key set of the suite {}", suite.name())))?;
        let digest = suite.digest_algorithm();
        let (root, seal) = (&authorities.root, &authorities.seal);
        let lists = store::read(self.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok([tx.latest_crl(&root.name).await?, tx.latest_crl(&seal.name).await?]) })
        })
        .await?;
        let theirs = self.timestamps.validation_data(digest);
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
            largest_token: self.timestamps.largest_token(digest),
        })
    }
}
