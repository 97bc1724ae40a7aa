//! What every use case works with.

use super::limits::Limit;
use super::publish_crl::Authority;
use super::steps::Steps;
use crate::domain::license::{Kinds, LicenseId};
use crate::formats::x509::Trust;
use crate::ports::clock::Clock;
use crate::ports::files::Files;
use crate::ports::keys::Keys;
use crate::ports::random::Random;
use crate::ports::store::Store;
use crate::ports::timestamps::Timestamps;
use std::sync::Arc;
use std::time::Duration;

/// How the service presents itself.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where strangers reach it, without a slash at the end: it is printed in every verification code.
    pub public_url: String,
}

impl Settings {
    /// What the printed verification code opens.
    pub fn verification_url(&self, license: &LicenseId, check_code: &str) -> String {
        format!("{}/v/{license}/{check_code}", self.public_url)
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
    pub(crate) steps: Arc<dyn Steps>,
    /// Show codes that do not exist, by who tried them.
    pub(crate) guesses: Limit,
    /// Checks of printed codes, by where they come from.
    pub(crate) printed_checks: Limit,
}

impl Service {
    /// Puts the service together.
    pub fn new(parts: Parts) -> Self {
        Self {
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
            steps: parts.steps,
            guesses: Limit::new(20, Duration::from_secs(60)),
            printed_checks: Limit::new(30, Duration::from_secs(60)),
        }
    }
}
