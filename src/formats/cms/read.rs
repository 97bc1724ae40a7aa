//! Reading `SignedData`: facts, no judgement. Only what cannot be read at all is an error.

use super::{
    CONTENT_TYPE, DATA, GM_DATA, GM_SIGNED_DATA, MESSAGE_DIGEST, SIGNED_DATA, SIGNING_CERTIFICATE,
    SIGNING_CERTIFICATE_V2, SIGNING_TIME, TIME_STAMP_TOKEN, write::issuer_and_serial,
};
use crate::crypto::{self, DigestAlgorithm};
use crate::formats::Unreadable;
use crate::formats::asn1::{Cursor, Item, context, tlv};
use crate::formats::x509;
use const_oid::ObjectIdentifier;
use der::{Decode, Tag};
use spki::AlgorithmIdentifierRef;

/// Largest `ContentInfo` that is read: the seals we know are under 32 KiB, one with a large CRL inside may be more.
pub const MAX_BYTES: usize = 4 << 20;
const MAX_X509S: usize = 32;
const MAX_ATTRIBUTES: usize = 32;
const WHAT: &str = "CMS SignedData";

/// Under whose names a `SignedData` stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Frame {
    /// PKCS#7 and CMS (RFC 5652).
    Pkcs7,
    /// GB/T 35275-2017 (GM/T 0010).
    Gm,
}

/// A hash by which a signer names its own X.509 certificate (RFC 5035 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EssHash {
    /// The digest; `None` if it is one we do not take: anything but SHA-256, SHA-384, SHA-512 and SM3.
    pub algorithm: Option<DigestAlgorithm>,
    /// The hash.
    pub hash: Vec<u8>,
}

/// What stands in a `SignedData`. Facts about the signer are those of the first `SignerInfo`.
#[derive(Clone, Debug)]
pub struct SignedDataFacts {
    /// Under whose names it stands.
    pub frame: Frame,
    /// Bytes after the end of the `ContentInfo`.
    pub trailing: usize,
    /// Whether those are all zero, as the padding of a PDF signature's place is.
    pub trailing_is_zero: bool,
    /// X.509 certificates inside, DER, in the order found.
    pub x509_certificates: Vec<Vec<u8>>,
    /// Whether revocation lists stand inside (level B-LT of CAdES keeps them here; PAdES does not).
    pub has_crls: bool,
    /// Number of `SignerInfo`s; a seal and a token have exactly one.
    pub signer_infos: usize,
    /// Type of the content.
    pub content_type: ObjectIdentifier,
    /// The content, if it stands inside; `None` for a detached signature.
    pub content: Option<Vec<u8>>,
    /// The one X.509 certificate inside that the signer identifier names, DER.
    pub signer_x509: Option<Vec<u8>>,
    /// The signer's digest algorithm; `None` if it is one we do not take.
    pub digest_algorithm: Option<DigestAlgorithm>,
    /// The signer's signature algorithm.
    pub signature_algorithm: ObjectIdentifier,
    /// The signed attributes as signed: DER with the tag of a SET OF. Empty if there are none: then the content itself
    /// is what was signed.
    pub signed_attributes: Vec<u8>,
    /// Whether they stand in the order DER asks for.
    pub attributes_in_order: bool,
    /// Types of all signed attributes, in the order found.
    pub attribute_types: Vec<ObjectIdentifier>,
    /// The attribute content-type.
    pub attribute_content_type: Option<ObjectIdentifier>,
    /// The attribute message-digest.
    pub message_digest: Option<Vec<u8>>,
    /// ESS signing-certificate-v2, the signer's own first.
    pub ess_v2: Vec<EssHash>,
    /// Number of certificates in an ESS signing-certificate of version 1 (SHA-1).
    pub ess_v1: usize,
    /// Whether a signing-time attribute is there, which PAdES forbids.
    pub has_signing_time: bool,
    /// The signature value.
    pub signature: Vec<u8>,
    /// Time-stamp tokens over the signature, DER, at most a few.
    pub timestamp_tokens: Vec<Vec<u8>>,
    /// Types of all unsigned attributes.
    pub unsigned_types: Vec<ObjectIdentifier>,
    /// Whether the frame around the signer, which nobody signs, is as RFC 5652 §5.1 and §5.3 ask: versions, the list
    /// of digest algorithms is the signer's own, and the set of certificates holds nothing else.
    pub frame_is_right: bool,
    signature_algorithm_der: Vec<u8>,
}

impl SignedDataFacts {
    /// Whether the signature over the signed attributes is right under the signer's own X.509 certificate. Says
    /// nothing about what was signed: compare [`Self::message_digest`]; nor whether the certificate is to be
    /// trusted.
    pub fn verify_signature(&self) -> bool {
        !self.signed_attributes.is_empty() && self.verify_over(&self.signed_attributes)
    }

    /// Whether the signature is right over this content, where no attributes stand between: the plain form of PKCS#7.
    pub fn verify_bare_signature(&self, content: &[u8]) -> bool {
        self.signed_attributes.is_empty() && self.verify_over(content)
    }

    fn verify_over(&self, message: &[u8]) -> bool {
        let (Some(signer), Some(digest)) = (&self.signer_x509, self.digest_algorithm) else { return false };
        let Ok(spki) = x509::spki(signer) else { return false };
        let Ok(algorithm) = AlgorithmIdentifierRef::from_der(&self.signature_algorithm_der) else {
            return false;
        };
        crypto::verify_as(&algorithm, digest, spki, message, &self.signature)
    }

    /// Whether the content is plain data, under whichever name; a seal's is.
    pub fn is_data(&self) -> bool {
        self.content_type == DATA || self.content_type == GM_DATA
    }

    /// Whether signing-certificate-v2 names the signer's own certificate first, so that no other certificate of the
    /// same key can be put in its place.
    pub fn names_its_signer(&self) -> bool {
        let (Some(signer), Some(first)) = (&self.signer_x509, self.ess_v2.first()) else { return false };
        first.algorithm.is_some_and(|algorithm| algorithm.digest(&[signer]) == first.hash)
    }
}

/// Reads a DER `ContentInfo` that holds `SignedData`. Bytes after it are counted, not refused: the place of a PDF
/// signature is padded.
///
/// # Errors
/// If it is larger than [`MAX_BYTES`], not DER, of another content type, without a signer, or has a signed attribute
/// twice or with more than one value.
pub fn read(bytes: &[u8]) -> Result<SignedDataFacts, Unreadable> {
    let mut file = Cursor::new(WHAT, bytes);
    if bytes.len() > MAX_BYTES {
        return Err(file.fault("too large"));
    }
    let mut content_info = file.enter(Tag::Sequence)?;
    let frame = match content_info.decode::<ObjectIdentifier>()? {
        SIGNED_DATA => Frame::Pkcs7,
        GM_SIGNED_DATA => Frame::Gm,
        _ => return Err(file.fault("another content type")),
    };
    let mut explicit = content_info.enter(context(0))?;
    let mut data = explicit.enter(Tag::Sequence)?;
    explicit.finish()?;
    content_info.finish()?;

    let version = data.decode::<u8>()?;
    let digests = data.enter(Tag::Set)?.all(MAX_ATTRIBUTES)?;
    let mut encapsulated = data.enter(Tag::Sequence)?;
    let content_type = encapsulated.decode()?;
    let content = match encapsulated.optional(context(0))? {
        None => None,
        Some(item) => {
            let mut inner = Cursor::new(WHAT, item.value);
            let octets = inner.expect(Tag::OctetString)?;
            inner.finish()?;
            Some(octets.value.to_vec())
        }
    };
    encapsulated.finish()?;
    let certificates = match data.optional(context(0))? {
        None => Vec::new(),
        Some(set) => Cursor::new(WHAT, set.value).all(MAX_X509S)?,
    };
    let x509_certificates: Vec<Vec<u8>> =
        certificates.iter().filter(|i| i.tag == Tag::Sequence).map(|i| i.raw.to_vec()).collect();
    let has_crls = data.optional(context(1))?.is_some();
    let signers = data.enter(Tag::Set)?.all(MAX_ATTRIBUTES)?;
    data.finish()?;
    let first = signers.first().ok_or_else(|| file.fault("no signer"))?;

    let x509_certificates_only = x509_certificates.len() == certificates.len();
    let mut facts = SignedDataFacts {
        frame,
        trailing: file.rest().len(),
        trailing_is_zero: file.rest().iter().all(|b| *b == 0),
        x509_certificates,
        has_crls,
        signer_infos: signers.len(),
        frame_is_right: x509_certificates_only,
        content_type,
        content,
        signer_x509: None,
        digest_algorithm: None,
        signature_algorithm: content_type,
        signed_attributes: Vec::new(),
        attributes_in_order: false,
        attribute_types: Vec::new(),
        attribute_content_type: None,
        message_digest: None,
        ess_v2: Vec::new(),
        ess_v1: 0,
        has_signing_time: false,
        signature: Vec::new(),
        timestamp_tokens: Vec::new(),
        unsigned_types: Vec::new(),
        signature_algorithm_der: Vec::new(),
    };
    let (signer_version, digest) = read_signer(&mut facts, first)?;
    let expected = if facts.is_data() && signer_version == 1 { 1 } else { 3 };
    facts.frame_is_right &= version == expected && matches!(digests[..], [only] if only.raw == digest);
    Ok(facts)
}

/// Reads the signer into the facts; returns its version and the DER of its digest algorithm.
fn read_signer<'a>(facts: &mut SignedDataFacts, item: &Item<'a>) -> Result<(u8, &'a [u8]), Unreadable> {
    let mut signer = Cursor::new("CMS SignerInfo", item.raw).enter(Tag::Sequence)?;
    let version = signer.decode::<u8>()?;
    let identifier = signer.next()?.ok_or_else(|| signer.fault("no signer identifier"))?;
    // Version 1 names issuer and serial number, version 3 a key identifier.
    facts.frame_is_right &= version == if identifier.tag == Tag::Sequence { 1 } else { 3 };
    facts.signer_x509 = facts.x509_certificates.iter().find(|x509| names(identifier, x509)).cloned();
    let digest = signer.expect(Tag::Sequence)?;
    let named = AlgorithmIdentifierRef::from_der(digest.raw).map_err(|why| signer.fault(why))?;
    facts.digest_algorithm = DigestAlgorithm::from_oid(&named.oid);
    if let Some(attributes) = signer.optional(context(0))? {
        facts.signed_attributes = tlv(Tag::Set, &[attributes.value]);
        read_signed_attributes(facts, attributes.value)?;
    }
    let algorithm = signer.expect(Tag::Sequence)?;
    facts.signature_algorithm =
        AlgorithmIdentifierRef::from_der(algorithm.raw).map_err(|why| signer.fault(why))?.oid;
    facts.signature_algorithm_der = algorithm.raw.to_vec();
    facts.signature = signer.expect(Tag::OctetString)?.value.to_vec();
    if let Some(unsigned) = signer.optional(context(1))? {
        for item in Cursor::new("unsigned attribute", unsigned.value).all(MAX_ATTRIBUTES)? {
            let (kind, values) = read_attribute(&item)?;
            facts.unsigned_types.push(kind);
            if kind == TIME_STAMP_TOKEN {
                facts.timestamp_tokens.extend(values.iter().map(|value| value.raw.to_vec()));
            }
        }
    }
    signer.finish()?;
    Ok((version, digest.raw))
}

fn read_signed_attributes(facts: &mut SignedDataFacts, set: &[u8]) -> Result<(), Unreadable> {
    let cursor = Cursor::new("signed attribute", set);
    let items = cursor.all(MAX_ATTRIBUTES)?;
    facts.attributes_in_order = items.windows(2).all(|pair| pair[0].raw < pair[1].raw);
    for item in &items {
        let (kind, values) = read_attribute(item)?;
        let fault = |why: &str| Unreadable::new("signed attribute", why);
        if facts.attribute_types.contains(&kind) {
            return Err(fault("an attribute stands twice"));
        }
        facts.attribute_types.push(kind);
        let [value] = values.as_slice() else { return Err(fault("not exactly one value")) };
        let mut value_cursor = Cursor::new("signed attribute", value.raw);
        match kind {
            CONTENT_TYPE => facts.attribute_content_type = Some(value_cursor.decode()?),
            MESSAGE_DIGEST => {
                facts.message_digest = Some(value_cursor.expect(Tag::OctetString)?.value.to_vec());
            }
            SIGNING_TIME => facts.has_signing_time = true,
            SIGNING_CERTIFICATE => facts.ess_v1 = ess_cert_ids(value)?.len(),
            SIGNING_CERTIFICATE_V2 => {
                facts.ess_v2 = ess_cert_ids(value)?.iter().map(ess_hash).collect::<Result<_, _>>()?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn read_attribute<'a>(item: &Item<'a>) -> Result<(ObjectIdentifier, Vec<Item<'a>>), Unreadable> {
    let mut attribute = Cursor::new("attribute", item.raw).enter(Tag::Sequence)?;
    let kind = attribute.decode()?;
    let values = attribute.enter(Tag::Set)?.all(MAX_ATTRIBUTES)?;
    attribute.finish()?;
    Ok((kind, values))
}

fn ess_cert_ids<'a>(value: &Item<'a>) -> Result<Vec<Item<'a>>, Unreadable> {
    let mut signing_certificate = Cursor::new("ESS signing-certificate", value.raw).enter(Tag::Sequence)?;
    signing_certificate.enter(Tag::Sequence)?.all(MAX_X509S)
}

fn ess_hash(item: &Item<'_>) -> Result<EssHash, Unreadable> {
    let mut id = Cursor::new("ESSCertIDv2", item.raw).enter(Tag::Sequence)?;
    let algorithm = match id.optional(Tag::Sequence)? {
        None => Some(DigestAlgorithm::Sha256),
        Some(named) => {
            let named = AlgorithmIdentifierRef::from_der(named.raw).map_err(|why| id.fault(why))?;
            DigestAlgorithm::from_oid(&named.oid)
        }
    };
    Ok(EssHash { algorithm, hash: id.expect(Tag::OctetString)?.value.to_vec() })
}

/// Whether a signer identifier (issuer and serial number, or subject key identifier) names this certificate.
fn names(identifier: Item<'_>, x509: &[u8]) -> bool {
    if identifier.tag == Tag::Sequence {
        return issuer_and_serial(x509)
            .is_ok_and(|(issuer, serial)| tlv(Tag::Sequence, &[issuer, serial]) == identifier.raw);
    }
    let key_id = Tag::ContextSpecific { constructed: false, number: der::TagNumber(0) };
    identifier.tag == key_id
        && x509::read(x509).is_ok_and(|facts| facts.subject_key_id.as_deref() == Some(identifier.value))
}
