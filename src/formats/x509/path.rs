//! Building and judging a chain of X.509 certificates up to a trusted root (RFC 5280 §6), at a given time.

use super::between::Between;
use super::pem;
use super::read::X509Facts;
use super::readings::{Reading, Readings};
use super::revocation::{Crl, Revocation};
use super::verified::{Remembering, Verified};
use crate::domain::time::Timestamp;
use crate::formats::Unreadable;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use std::sync::Arc;
use std::time::Duration;
use webpki::{EndEntityCert, KeyUsage};

const MAX_INTERMEDIATES: usize = 32;
const MAX_CRLS: usize = 64;

/// What a chain's leaf is to be used for. Decides the extended key usage it must or may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Usage {
    /// Sealing documents: id-kp-documentSigning (RFC 9336), with digitalSignature or nonRepudiation.
    Sealing,
    /// Signing under a seal of GB/T 38540. The profile (GB/T 20518) asks for key usages only; where extended ones stand,
    /// one of them must be for documents, so that a certificate for TLS signs none.
    SealSigning,
    /// Making seals of GB/T 38540. Extended usages may be absent; where they stand, [`SEAL_MAKING`] must be among them,
    /// so that whoever may sign under a seal cannot make one.
    SealMaking,
    /// Time-stamping: id-kp-timeStamping, critical and alone (RFC 3161 §2.3).
    TimeStamping,
    /// Client authentication in TLS.
    TlsClient,
}

/// Extended key usage for making seals: a choice of ours, since no standard that we know names one, and a maker that has
/// no extended usages is taken as it is. The number stands under the arc of ITU-T X.667 but was drawn from no UUID: it is
/// short enough for one step of an identifier in every library (32 bits), and nothing but chance keeps others from it. It
/// parts makers from signers under one authority of ours and means nothing elsewhere.
pub const SEAL_MAKING: &str = "2.25.1431655766";

/// An extended key usage: DER content and dotted text.
type Purpose = (&'static [u8], &'static str);

const DOCUMENT_SIGNING: Purpose = (&[0x2b, 6, 1, 5, 5, 7, 3, 36], "1.3.6.1.5.5.7.3.36");
const TIME_STAMPING: Purpose = (&[0x2b, 6, 1, 5, 5, 7, 3, 8], "1.3.6.1.5.5.7.3.8");
const CLIENT_AUTH: Purpose = (&[0x2b, 6, 1, 5, 5, 7, 3, 2], "1.3.6.1.5.5.7.3.2");
const SERVER_AUTH: Purpose = (&[0x2b, 6, 1, 5, 5, 7, 3, 1], "1.3.6.1.5.5.7.3.1");
const EMAIL_PROTECTION: Purpose = (&[0x2b, 6, 1, 5, 5, 7, 3, 4], "1.3.6.1.5.5.7.3.4");
const ANY: Purpose = (&[0x55, 0x1d, 0x25, 0], "2.5.29.37.0");
const MAKING: Purpose = (&[0x69, 0x85, 0xaa, 0xd5, 0xaa, 0x56], SEAL_MAKING);

impl Usage {
    /// Extended key usages that allow it; any one will do.
    const fn purposes(self) -> &'static [Purpose] {
        match self {
            Self::Sealing => &[DOCUMENT_SIGNING],
            Self::SealSigning => &[DOCUMENT_SIGNING, EMAIL_PROTECTION, ANY],
            Self::SealMaking => &[MAKING, ANY],
            Self::TimeStamping => &[TIME_STAMPING],
            Self::TlsClient => &[CLIENT_AUTH],
        }
    }

    /// The purpose that the path builder asks the whole chain for. A leaf that has only others is asked for one it has:
    /// that it leads nowhere is to be said before that it is not fit.
    fn asked_of(self, leaf: &X509Facts) -> &'static [u8] {
        let stands = |purpose: &&Purpose| {
            leaf.extended_usage.as_ref().is_some_and(|usage| usage.oids.iter().any(|oid| oid == purpose.1))
        };
        let national = matches!(self, Self::SealSigning | Self::SealMaking);
        let others = [CLIENT_AUTH, SERVER_AUTH, DOCUMENT_SIGNING, TIME_STAMPING, EMAIL_PROTECTION];
        let found = self.purposes().iter().find(stands);
        let found = found.or_else(|| others.iter().find(|other| national && stands(other)));
        found.unwrap_or(&self.purposes()[0]).0
    }

    pub(super) fn fits(self, leaf: &X509Facts) -> bool {
        let signs = leaf.key_usage.is_none_or(|bits| bits.digital_signature || bits.non_repudiation);
        let Some(extended) = &leaf.extended_usage else {
            return matches!(self, Self::SealSigning | Self::SealMaking) && !leaf.is_ca && signs;
        };
        let alone = self != Self::TimeStamping || (extended.critical && extended.oids.len() == 1);
        let allowed = self.purposes().iter().any(|(_, known)| extended.oids.iter().any(|oid| oid == known));
        !leaf.is_ca && signs && alone && allowed
    }
}

/// The question: is this chain good for this use at this time?
#[derive(Clone, Copy, Debug)]
pub struct PathQuery<'a> {
    /// The leaf, DER.
    pub leaf: &'a [u8],
    /// Certificates that may lie between the leaf and a root, DER, any order, more than needed allowed.
    pub intermediates: &'a [Vec<u8>],
    /// Revocation lists, DER, any order. A link is covered by its issuer's list.
    pub crls: &'a [Vec<u8>],
    /// What the leaf is used for.
    pub usage: Usage,
    /// When: the time a timestamp proves, or now.
    pub at: Timestamp,
}

/// A chain that is good at the time asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidPath {
    /// From the leaf to the root, DER, both included.
    pub chain: Vec<Vec<u8>>,
    /// What stands in the leaf.
    pub leaf: Arc<Reading>,
    /// Common name of the root's subject.
    pub root_cn: String,
    /// A link that was revoked after the time asked for, if a list at hand says so.
    pub revoked_later: Option<Revocation>,
    /// The oldest "this update" among the lists used: what is known is at least this fresh.
    pub revocation_known_at: Timestamp,
}

/// Why a chain is not good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathFault {
    /// No chain leads to a trusted root.
    #[error("no chain leads to a trusted root")]
    NoPath,
    /// A link had ended.
    #[error("an X.509 certificate of the chain had ended on {not_after}")]
    Expired {
        /// Its end.
        not_after: Timestamp,
    },
    /// A link had not begun.
    #[error("an X.509 certificate of the chain begins only on {not_before}")]
    NotYetValid {
        /// Its beginning.
        not_before: Timestamp,
    },
    /// A link was revoked by then.
    #[error("the X.509 certificate {} was revoked on {}", .0.serial_hex, .0.at)]
    Revoked(Revocation),
    /// No list at hand says whether a link was revoked by then.
    #[error("no revocation list covers {subject_cn} at that time")]
    RevocationUnknown {
        /// Common name of that link's subject.
        subject_cn: String,
    },
    /// The chain is not for this use: key usages, or a constraint on the chain.
    #[error("the chain is not fit for this use: {0}")]
    Unfit(String),
    /// A link's signature is wrong.
    #[error("a signature in the chain is wrong")]
    BadSignature,
    /// The leaf cannot be read, or there is too much of something.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

/// Trusted roots, and the memory of what was read and of signatures that verified. Share it by `Arc`.
#[derive(Debug)]
pub struct Trust {
    roots: Vec<Root>,
    anchors: Vec<TrustAnchor<'static>>,
    algorithms: Vec<Remembering>,
    readings: Readings,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the tests; the algorithms share it"))]
    pub(super) verified: Arc<Verified>,
}

#[derive(Debug)]
struct Root {
    der: Vec<u8>,
    reading: Arc<Reading>,
}

impl Trust {
    /// Trusts every X.509 certificate of a PEM text.
    ///
    /// # Errors
    /// If one cannot be read, is no CA, or if there is none.
    pub fn from_pem(text: &str) -> Result<Self, Unreadable> {
        Self::from_ders(pem::x509s_from_pem(text)?)
    }

    /// Trusts these roots (DER).
    ///
    /// # Errors
    /// If one cannot be read, is no CA, or if there is none.
    pub fn from_ders(ders: impl IntoIterator<Item = Vec<u8>>) -> Result<Self, Unreadable> {
        let mut roots = Vec::new();
        let mut anchors = Vec::new();
        let readings = Readings::default();
        for der in ders {
            let reading = readings.read(&der)?;
            if !reading.facts.is_ca {
                let why = format!("{} is not a CA", reading.facts.subject);
                return Err(Unreadable::new("trusted root", why));
            }
            let borrowed = CertificateDer::from(der.as_slice());
            let anchor = webpki::anchor_from_trusted_cert(&borrowed)
                .map_err(|why| Unreadable::new("trusted root", why))?;
            anchors.push(anchor.to_owned());
            roots.push(Root { der, reading });
        }
        if roots.is_empty() {
            return Err(Unreadable::new("trusted root", "none was given"));
        }
        let verified = Arc::new(Verified::default());
        Ok(Self { roots, anchors, algorithms: Remembering::all(&verified), readings, verified })
    }

    /// The trusted roots, DER.
    pub fn roots(&self) -> impl Iterator<Item = &[u8]> {
        self.roots.iter().map(|root| root.der.as_slice())
    }

    /// What stands in an X.509 certificate (DER), trusted or not; what was read before is remembered.
    ///
    /// # Errors
    /// As of [`super::read()`].
    pub fn read(&self, der: &[u8]) -> Result<Arc<Reading>, Unreadable> {
        self.readings.read(der)
    }

    /// Builds a chain and judges it. Signatures that verified before are not verified again; times, usages and
    /// revocation are judged each time.
    ///
    /// # Errors
    /// The first fault found, in the order: reading, usage, chain (times, signatures), revocation from the leaf up.
    pub fn validate(&self, query: &PathQuery<'_>) -> Result<ValidPath, PathFault> {
        if query.intermediates.len() > MAX_INTERMEDIATES || query.crls.len() > MAX_CRLS {
            return Err(Unreadable::new("chain", "too many X.509 certificates or revocation lists").into());
        }
        let leaf = self.readings.read(query.leaf)?;
        let leaf_der = CertificateDer::from(query.leaf);
        let end_entity = EndEntityCert::try_from(&leaf_der).map_err(|why| fault_of(&why))?;
        let given = query.intermediates.iter().map(Vec::as_slice);
        let between = Between::sort(self.roots(), given, &self.readings, &self.algorithms);
        let intermediates: Vec<CertificateDer<'_>> =
            between.vouched.iter().map(|der| CertificateDer::from(*der)).collect();
        let algorithms: Vec<&dyn SignatureVerificationAlgorithm> =
            self.algorithms.iter().map(|a| a as &dyn SignatureVerificationAlgorithm).collect();
        let seconds = u64::try_from(query.at.seconds()).unwrap_or(0);
        let path = end_entity
            .verify_for_usage(
                &algorithms,
                &self.anchors,
                &intermediates,
                UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
                // The leaf must carry the usage, which `fits` asks below; a CA above it only must not exclude it.
                KeyUsage::required_if_present(query.usage.asked_of(&leaf.facts)),
                None,
                None,
            )
            .map_err(|why| match fault_of(&why) {
                PathFault::NoPath if between.lacks_a_signature(&leaf) => PathFault::BadSignature,
                fault => fault,
            })?;
        if !query.usage.fits(&leaf.facts) {
            return Err(PathFault::Unfit("key usages of the leaf".into()));
        }
        let root = self.root_of(path.anchor())?;
        check_period(&root.reading.facts, query.at)?;

        let mut ders = vec![query.leaf];
        // The iterator lends each link for the moment only: its place among the intermediates outlives it.
        for link in path.intermediate_certificates() {
            let known = query.intermediates.iter().find(|der| der.as_slice() == link.der().as_ref());
            ders.push(known.ok_or(PathFault::NoPath)?);
        }
        ders.push(&root.der);
        let links = ders.iter().map(|der| self.readings.read(der)).collect::<Result<Vec<_>, _>>()?;
        let (revoked_later, revocation_known_at) = self.check_revocation(&links, query)?;
        let chain = ders.into_iter().map(<[u8]>::to_vec).collect();
        Ok(ValidPath {
            chain,
            leaf,
            root_cn: root.reading.facts.subject_cn.clone(),
            revoked_later,
            revocation_known_at,
        })
    }

    fn root_of(&self, anchor: &TrustAnchor<'_>) -> Result<&Root, PathFault> {
        let found = self.anchors.iter().zip(&self.roots).find(|(known, _)| *known == anchor);
        found.map(|(_, root)| root).ok_or(PathFault::NoPath)
    }

    fn check_revocation(
        &self,
        chain: &[Arc<Reading>],
        query: &PathQuery<'_>,
    ) -> Result<(Option<Revocation>, Timestamp), PathFault> {
        // Lists that cannot be read cover nothing; others may.
        let crls: Vec<Crl<'_>> = query.crls.iter().filter_map(|der| Crl::read(der).ok()).collect();
        let mut revoked_later = None;
        let mut known_at = Timestamp::from_seconds(i64::MAX);
        for link in chain.windows(2) {
            let (x509, issuer) = (&link[0], &link[1]);
            let subject_cn = x509.facts.subject_cn.clone();
            let not_after = x509.facts.not_after;
            let may_sign_crls = issuer.facts.key_usage.is_none_or(|usage| usage.crl_sign);
            let newest = crls
                .iter()
                // A list may leave out what had expired when it was made (RFC 5280 §3.3).
                .filter(|crl| crl.next_update >= query.at && crl.this_update <= not_after)
                .filter(|crl| may_sign_crls && crl.is_issued_by(&issuer.subject))
                .filter(|crl| crl.verify(&issuer.facts.spki, &self.algorithms))
                .max_by_key(|crl| crl.this_update);
            let Some(crl) = newest else {
                return Err(PathFault::RevocationUnknown { subject_cn });
            };
            known_at = known_at.min(crl.this_update);
            match crl.entry(&x509.serial, subject_cn)? {
                Some(entry) if entry.at <= query.at => return Err(PathFault::Revoked(entry)),
                Some(entry) if revoked_later.is_none() => revoked_later = Some(entry),
                _ => {}
            }
        }
        Ok((revoked_later, known_at))
    }
}

pub(super) fn check_period(facts: &X509Facts, at: Timestamp) -> Result<(), PathFault> {
    if at.whole_second() > facts.not_after {
        return Err(PathFault::Expired { not_after: facts.not_after });
    }
    if at < facts.not_before {
        return Err(PathFault::NotYetValid { not_before: facts.not_before });
    }
    Ok(())
}

fn fault_of(error: &webpki::Error) -> PathFault {
    use webpki::Error as E;
    let time = |at: &UnixTime| Timestamp::from_seconds(i64::try_from(at.as_secs()).unwrap_or(i64::MAX));
    match error {
        E::UnknownIssuer => PathFault::NoPath,
        E::CertExpired { not_after, .. } => PathFault::Expired { not_after: time(not_after) },
        E::CertNotValidYet { not_before, .. } => PathFault::NotYetValid { not_before: time(not_before) },
        E::InvalidSignatureForPublicKey
        | E::SignatureAlgorithmMismatch
        | E::UnsupportedSignatureAlgorithmContext(_)
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => PathFault::BadSignature,
        E::BadDer | E::BadDerTime | E::TrailingData(_) => {
            PathFault::Unreadable(Unreadable::new("X.509 certificate", error))
        }
        other => PathFault::Unfit(other.to_string()),
    }
}
