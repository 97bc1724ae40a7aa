//! Reading one X.509 certificate: facts, no judgement.

use crate::domain::time::Timestamp;
use crate::formats::Unreadable;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer;

/// Largest X.509 certificate that is read.
pub const MAX_BYTES: usize = 64 << 10;
const WHAT: &str = "X.509 certificate";

/// What stands in an X.509 certificate. Names are text; what cannot be shown as text is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct X509Facts {
    /// Whole subject, as `C=CN, O=…, CN=…`.
    pub subject: String,
    /// Common name of the subject: for a seal its 14-digit code.
    pub subject_cn: String,
    /// Organisation of the subject: for a seal its owner's credit code and name.
    pub subject_o: String,
    /// Whole issuer.
    pub issuer: String,
    /// Common name of the issuer.
    pub issuer_cn: String,
    /// Serial number, lower-case hexadecimal, an even number of digits without a leading zero octet.
    pub serial_hex: String,
    /// Not valid before this.
    pub not_before: Timestamp,
    /// Not valid after this.
    pub not_after: Timestamp,
    /// DER of the SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
    /// Whether it may issue others.
    pub is_ca: bool,
    /// Whether the subject is its own issuer by name.
    pub is_self_issued: bool,
    /// Key usage bits; `None` if the extension is absent.
    pub key_usage: Option<KeyUsageBits>,
    /// Extended key usages; `None` if the extension is absent.
    pub extended_usage: Option<ExtendedUsage>,
    /// Subject key identifier.
    pub subject_key_id: Option<Vec<u8>>,
    /// Addresses its issuer's revocation list can be had from.
    pub crl_addresses: Vec<String>,
    /// DNS names and IP addresses it is for.
    pub hosts: Vec<String>,
}

/// The key usages that matter here (RFC 5280 §4.2.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsageBits {
    /// digitalSignature.
    pub digital_signature: bool,
    /// nonRepudiation, also called contentCommitment.
    pub non_repudiation: bool,
    /// keyCertSign.
    pub key_cert_sign: bool,
    /// cRLSign.
    pub crl_sign: bool,
}

/// The extended key usage extension (RFC 5280 §4.2.1.12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendedUsage {
    /// Whether it is marked critical.
    pub critical: bool,
    /// Usages, as dotted object identifiers.
    pub oids: Vec<String>,
}

/// Reads an X.509 certificate.
///
/// # Errors
/// If it is larger than [`MAX_BYTES`], not DER, has bytes after its end, or an extension stands twice.
pub fn read(der: &[u8]) -> Result<X509Facts, Unreadable> {
    facts_of(&parse(der)?)
}

/// What stands in one that is parsed.
pub(super) fn facts_of(x509: &X509Certificate<'_>) -> Result<X509Facts, Unreadable> {
    let mut facts = X509Facts {
        subject: x509.subject().to_string(),
        subject_cn: text(x509.subject().iter_common_name().next()),
        subject_o: text(x509.subject().iter_organization().next()),
        issuer: x509.issuer().to_string(),
        issuer_cn: text(x509.issuer().iter_common_name().next()),
        serial_hex: serial_hex(x509.raw_serial()),
        not_before: Timestamp::from_seconds(x509.validity().not_before.timestamp()),
        not_after: Timestamp::from_seconds(x509.validity().not_after.timestamp()),
        spki: x509.public_key().raw.to_vec(),
        is_ca: x509.is_ca(),
        is_self_issued: x509.subject().as_raw() == x509.issuer().as_raw(),
        key_usage: None,
        extended_usage: None,
        subject_key_id: None,
        crl_addresses: Vec::new(),
        hosts: Vec::new(),
    };
    let mut seen = Vec::new();
    for extension in x509.extensions() {
        if seen.contains(&&extension.oid) {
            return Err(Unreadable::new(WHAT, "an extension stands twice"));
        }
        seen.push(&extension.oid);
        read_extension(&mut facts, extension.critical, extension.parsed_extension());
    }
    Ok(facts)
}

fn read_extension(facts: &mut X509Facts, critical: bool, extension: &ParsedExtension<'_>) {
    use x509_parser::extensions::{DistributionPointName, GeneralName};
    match extension {
        ParsedExtension::KeyUsage(usage) => {
            facts.key_usage = Some(KeyUsageBits {
                digital_signature: usage.digital_signature(),
                non_repudiation: usage.non_repudiation(),
                key_cert_sign: usage.key_cert_sign(),
                crl_sign: usage.crl_sign(),
            });
        }
        ParsedExtension::ExtendedKeyUsage(usage) => {
            let named = [
                (usage.any, "2.5.29.37.0"),
                (usage.server_auth, "1.3.6.1.5.5.7.3.1"),
                (usage.client_auth, "1.3.6.1.5.5.7.3.2"),
                (usage.code_signing, "1.3.6.1.5.5.7.3.3"),
                (usage.email_protection, "1.3.6.1.5.5.7.3.4"),
                (usage.time_stamping, "1.3.6.1.5.5.7.3.8"),
                (usage.ocsp_signing, "1.3.6.1.5.5.7.3.9"),
            ];
            let mut oids: Vec<String> =
                named.iter().filter(|(set, _)| *set).map(|(_, oid)| (*oid).to_owned()).collect();
            oids.extend(usage.other.iter().map(ToString::to_string));
            facts.extended_usage = Some(ExtendedUsage { critical, oids });
        }
        ParsedExtension::SubjectKeyIdentifier(id) => facts.subject_key_id = Some(id.0.to_vec()),
        ParsedExtension::CRLDistributionPoints(points) => {
            for point in points.points.iter() {
                if let Some(DistributionPointName::FullName(names)) = &point.distribution_point {
                    facts.crl_addresses.extend(names.iter().filter_map(|name| match name {
                        GeneralName::URI(uri) => Some((*uri).to_owned()),
                        _ => None,
                    }));
                }
            }
        }
        ParsedExtension::SubjectAlternativeName(names) => {
            facts.hosts.extend(names.general_names.iter().filter_map(|name| match name {
                GeneralName::DNSName(name) => Some((*name).to_owned()),
                GeneralName::IPAddress(octets) => ip_text(octets),
                _ => None,
            }));
        }
        _ => {}
    }
}

fn ip_text(octets: &[u8]) -> Option<String> {
    if let Ok(v4) = <[u8; 4]>::try_from(octets) {
        return Some(std::net::Ipv4Addr::from(v4).to_string());
    }
    <[u8; 16]>::try_from(octets).ok().map(|v6| std::net::Ipv6Addr::from(v6).to_string())
}

/// DER of the SubjectPublicKeyInfo, without reading the rest.
pub fn spki(der: &[u8]) -> Result<&[u8], Unreadable> {
    Ok(parse(der)?.tbs_certificate.subject_pki.raw)
}

/// Refuses an X.509 certificate (DER) that was not issued and signed by this authority (DER of its own).
pub fn check_issued_by(der: &[u8], issuer_x509: &[u8]) -> Result<(), Unreadable> {
    let (x509, issuer) = (parse(der)?, parse(issuer_x509)?);
    let named = x509.issuer().as_raw() == issuer.subject().as_raw();
    if named && super::signed::is_signed_by(WHAT, der, issuer.public_key().raw)? {
        return Ok(());
    }
    Err(Unreadable::new(WHAT, "another authority issued it"))
}

pub(super) fn parse(der: &[u8]) -> Result<X509Certificate<'_>, Unreadable> {
    if der.len() > MAX_BYTES {
        return Err(Unreadable::new(WHAT, "too large"));
    }
    match X509Certificate::from_der(der) {
        Ok(([], x509)) => Ok(x509),
        Ok(_) => Err(Unreadable::new(WHAT, "bytes after its end")),
        Err(why) => Err(Unreadable::new(WHAT, why)),
    }
}

/// Hexadecimal of a serial number's octets, without the leading zero octet that keeps it positive.
pub(in crate::formats) fn serial_hex(octets: &[u8]) -> String {
    let significant = octets.iter().position(|b| *b != 0).unwrap_or(octets.len().saturating_sub(1));
    hex::encode(&octets[significant..])
}

fn text(attribute: Option<&x509_parser::x509::AttributeTypeAndValue<'_>>) -> String {
    attribute.and_then(|a| a.as_str().ok()).unwrap_or_default().to_owned()
}
