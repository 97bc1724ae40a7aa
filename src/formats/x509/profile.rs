//! Certificate profiles: what each X.509 certificate of ours carries. `docs/certificate-profiles.md` has them as a table.

use crate::crypto::Suite;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa,
    KeyUsagePurpose, SanType,
};
use std::net::IpAddr;
use std::time::Duration;

/// Stands in the common name of every development root; production refuses such a set.
pub const DEVELOPMENT_MARK: &str = "DEVELOPMENT ONLY";

const DAY: u64 = 24 * 60 * 60;
/// id-kp-documentSigning (RFC 9336).
const DOCUMENT_SIGNING: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 3, 36];
/// Making seals; see [`super::SEAL_MAKING`].
const SEAL_MAKING: [u64; 3] = [2, 25, 1_431_655_766];
/// Answering what a seal's state was; ours, like the one before it.
const SEAL_STATUS: [u64; 3] = [2, 25, 1_431_655_767];
/// id-tsl-kp-tslSigning (ETSI TS 119 612 §5.7.1).
const TRUST_LIST_SIGNING: [u64; 6] = [0, 4, 0, 2231, 3, 0];
/// id-ce-extKeyUsage.
const EXTENDED_KEY_USAGE: [u64; 4] = [2, 5, 29, 37];
/// `SEQUENCE { id-kp-timeStamping }`.
const ONLY_TIME_STAMPING: [u8; 12] = [0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 8];

/// What an X.509 certificate is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The root: issues authorities and the timestamping certificate, nothing else.
    Root {
        /// Common name.
        name: String,
    },
    /// The authority that issues seal certificates.
    SealCa {
        /// Common name.
        name: String,
    },
    /// The authority that issues TLS certificates.
    TlsCa {
        /// Common name.
        name: String,
    },
    /// The timestamping authority's own certificate.
    TimeStamping {
        /// Common name.
        name: String,
    },
    /// A seal's signing certificate.
    Seal {
        /// The owner's unified social credit code.
        owner_code: String,
        /// The owner's full name.
        owner_name: String,
        /// The seal's 14-digit code.
        seal_code: String,
    },
    /// The seal maker (制章者): signs seal objects, so that a seal says who made it.
    SealMaker {
        /// Common name.
        name: String,
    },
    /// Who answers what a seal's state was.
    SealStatus {
        /// Common name.
        name: String,
    },
    /// Who signs the trust list that the service publishes.
    TrustList {
        /// Common name.
        name: String,
    },
    /// A TLS server.
    TlsServer {
        /// DNS names and IP addresses; the first is also the common name.
        hosts: Vec<String>,
    },
    /// A TLS client: a department's own system.
    TlsClient {
        /// The department's unified social credit code.
        owner_code: String,
        /// The department's full name.
        owner_name: String,
        /// What the client is called.
        name: String,
    },
}

/// A profile that cannot be written into a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} cannot stand in an X.509 certificate")]
pub struct ProfileFault {
    /// Which value.
    pub field: &'static str,
}

impl Profile {
    /// How long such a certificate lives unless told otherwise.
    pub const fn life(&self) -> Duration {
        let days = match self {
            Self::Root { .. } => 20 * 365 + 5,
            Self::SealCa { .. } | Self::TlsCa { .. } => 10 * 365 + 2,
            // Long enough that a token outlives the longest seal it was put on.
            Self::TimeStamping { .. } => 10 * 365 + 2,
            // A seal of structure 4 stands and falls with its maker (GB/T 38540-2020's verification of seals, as far as it
            // is known to us: the printed text was not at hand), so the maker outlives every seal. The years are ours.
            Self::SealMaker { .. } => 10 * 365 + 2,
            // Others pin it by hand: a change of it costs each of them an act of two people.
            Self::TrustList { .. } => 5 * 365 + 1,
            Self::Seal { .. } => 3 * 365,
            // Renewed by the service itself, long before.
            Self::SealStatus { .. } => 30,
            Self::TlsServer { .. } | Self::TlsClient { .. } => 397,
        };
        Duration::from_secs(days * DAY)
    }

    /// The profile in rcgen's words, for a key of this suite: everything but serial number, times and addresses.
    pub(super) fn params(&self, suite: Suite) -> Result<CertificateParams, ProfileFault> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.use_authority_key_identifier_extension = !matches!(self, Self::Root { .. });
        params.is_ca = IsCa::ExplicitNoCa;
        match self {
            Self::Root { name } => ca(&mut params, name, 1)?,
            Self::SealCa { name } | Self::TlsCa { name } => ca(&mut params, name, 0)?,
            Self::TimeStamping { name } => {
                subject(&mut params, None, name)?;
                params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
                // RFC 3161 §2.3: critical, and nothing beside it.
                let mut only =
                    CustomExtension::from_oid_content(&EXTENDED_KEY_USAGE, ONLY_TIME_STAMPING.to_vec());
                only.set_criticality(true);
                params.custom_extensions = vec![only];
            }
            Self::Seal { owner_code, owner_name, seal_code } => {
                // Government seals of the SM2 suite carry code and name without anything between them.
                let between = match suite {
                    Suite::P256 => " ",
                    Suite::Sm2 => "",
                };
                subject(&mut params, Some(&format!("{owner_code}{between}{owner_name}")), seal_code)?;
                signing(&mut params, &DOCUMENT_SIGNING);
            }
            Self::SealMaker { name } => {
                subject(&mut params, None, name)?;
                signing(&mut params, &SEAL_MAKING);
            }
            Self::SealStatus { name } => {
                subject(&mut params, None, name)?;
                params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(SEAL_STATUS.to_vec())];
            }
            Self::TrustList { name } => {
                subject(&mut params, None, name)?;
                signing(&mut params, &TRUST_LIST_SIGNING);
            }
            Self::TlsServer { hosts } => {
                let first = hosts.first().ok_or(ProfileFault { field: "host" })?;
                subject(&mut params, None, first)?;
                params.subject_alt_names = hosts.iter().map(|host| san(host)).collect::<Result<_, _>>()?;
                params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            }
            Self::TlsClient { owner_code, owner_name, name } => {
                subject(&mut params, Some(&format!("{owner_code} {owner_name}")), name)?;
                params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            }
        }
        Ok(params)
    }
}

fn ca(params: &mut CertificateParams, name: &str, below: u8) -> Result<(), ProfileFault> {
    subject(params, None, name)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(())
}

/// Signs what others rely on long after.
fn signing(params: &mut CertificateParams, purpose: &[u64]) {
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(purpose.to_vec())];
}

/// `C=CN`, the owner's code and name as organisation, and a common name of at most 64 characters (X.520 ub-common-name).
fn subject(params: &mut CertificateParams, owner: Option<&str>, name: &str) -> Result<(), ProfileFault> {
    let country =
        rcgen::string::PrintableString::try_from("CN").map_err(|_| ProfileFault { field: "country" })?;
    params.distinguished_name.push(DnType::CountryName, DnValue::PrintableString(country));
    if let Some(owner) = owner {
        // The organisation holds code and name together: longer names than X.520's 64 characters exist in practice.
        let whole = text(owner, 200, "owner")?;
        params.distinguished_name.push(DnType::OrganizationName, DnValue::Utf8String(whole));
    }
    params.distinguished_name.push(DnType::CommonName, DnValue::Utf8String(text(name, 64, "name")?));
    Ok(())
}

fn text(value: &str, longest: usize, field: &'static str) -> Result<String, ProfileFault> {
    let fine =
        !value.trim().is_empty() && value.chars().count() <= longest && !value.chars().any(char::is_control);
    if fine { Ok(value.to_owned()) } else { Err(ProfileFault { field }) }
}

fn san(host: &str) -> Result<SanType, ProfileFault> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(SanType::IpAddress(address));
    }
    let fine = !host.is_empty()
        && host.len() <= 253
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    let name = host.to_owned().try_into().map_err(|_| ProfileFault { field: "host" })?;
    if fine { Ok(SanType::DnsName(name)) } else { Err(ProfileFault { field: "host" }) }
}
