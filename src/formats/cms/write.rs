//! Writing `SignedData`.

use super::{
    CONTENT_TYPE, GM_SIGNED_DATA, MESSAGE_DIGEST, SIGNED_DATA, SIGNING_CERTIFICATE_V2, TIME_STAMP_TOKEN,
};
use crate::crypto::Suite;
use crate::formats::Unreadable;
use crate::formats::asn1::{Cursor, context, encoded, set_of, tlv};
use const_oid::ObjectIdentifier;
use der::Tag;

/// The signed attributes, as the DER `SET OF` that is signed: content-type, message-digest and
/// signing-certificate-v2 (RFC 5035 §3; SHA-256 is left out as DER asks for a default, SM3 is named). `digest` is made
/// with the suite's digest. No signing-time: PAdES forbids it (ETSI EN 319 142-1 §6.3), and in a token the time stands
/// in the content.
pub fn signed_attributes(
    suite: Suite,
    digest: &[u8; 32],
    signer_x509: &[u8],
    content_type: ObjectIdentifier,
) -> Vec<u8> {
    let hash_algorithm = match suite {
        Suite::P256 => Vec::new(),
        Suite::Sm2 => digest_algorithm(suite),
    };
    let x509_hash = tlv(Tag::OctetString, &[&suite.digest(signer_x509)]);
    let ess_cert_id = tlv(Tag::Sequence, &[&hash_algorithm, &x509_hash]);
    let signing_certificate = tlv(Tag::Sequence, &[&tlv(Tag::Sequence, &[&ess_cert_id])]);
    let attributes = [
        attribute(CONTENT_TYPE, &encoded(&content_type)),
        attribute(MESSAGE_DIGEST, &tlv(Tag::OctetString, &[digest])),
        attribute(SIGNING_CERTIFICATE_V2, &signing_certificate),
    ];
    set_of(Tag::Set, attributes.iter().map(Vec::as_slice).collect())
}

/// Everything a `SignedData` of one signer consists of.
pub struct Assembly<'a> {
    /// The suite the signature was made with.
    pub suite: Suite,
    /// The signer's X.509 certificate, DER.
    pub signer_x509: &'a [u8],
    /// Others that help to build its chain, DER.
    pub other_x509s: &'a [&'a [u8]],
    /// What [`signed_attributes`] returned.
    pub signed_attributes: &'a [u8],
    /// The signature over them.
    pub signature: &'a [u8],
    /// A time-stamp token over the signature (RFC 3161 appendix A), if there is one.
    pub timestamp_token: Option<&'a [u8]>,
    /// Content type and content that stand inside; `None` for a detached signature over data.
    pub econtent: Option<(ObjectIdentifier, &'a [u8])>,
}

/// The DER of the `ContentInfo`.
///
/// A detached SM2 signature is a `signedData` of GB/T 35275-2017, as GM/T practice has it, and its content has the name
/// of PKCS#7's `data`, as the real files we know have it. A token stands under the names of PKCS#7 in every suite: it is
/// one of RFC 3161 (GB/T 20520), and tools for those know no other.
///
/// # Errors
/// If `signer_x509` or `signed_attributes` are not DER of their kind.
pub fn assemble(parts: &Assembly<'_>) -> Result<Vec<u8>, Unreadable> {
    let mut x509s = vec![parts.signer_x509];
    x509s.extend(parts.other_x509s);
    assemble_with(parts, &set_of(context(0), x509s))
}

/// The same without any X.509 certificate inside: a time-stamp token for a client that did not ask for them.
pub fn assemble_without_x509s(parts: &Assembly<'_>) -> Result<Vec<u8>, Unreadable> {
    assemble_with(parts, &[])
}

fn assemble_with(parts: &Assembly<'_>, x509s: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let digest = digest_algorithm(parts.suite);
    let (content_type, content) = match &parts.econtent {
        None => (super::DATA, Vec::new()),
        Some((kind, content)) => (*kind, tlv(context(0), &[&tlv(Tag::OctetString, &[content])])),
    };
    // RFC 5652 §5.1: version 3 when the content is anything but data.
    let version = if content_type == super::DATA { 1u8 } else { 3 };
    let signed_data = tlv(
        Tag::Sequence,
        &[
            &encoded(&version),
            &tlv(Tag::Set, &[&digest]),
            &tlv(Tag::Sequence, &[&encoded(&content_type), &content]),
            x509s,
            &tlv(Tag::Set, &[&signer_info(parts, &digest)?]),
        ],
    );
    let kind = match (parts.suite, &parts.econtent) {
        (Suite::Sm2, None) => GM_SIGNED_DATA,
        (Suite::Sm2, Some(_)) | (Suite::P256, _) => SIGNED_DATA,
    };
    Ok(tlv(Tag::Sequence, &[&encoded(&kind), &tlv(context(0), &[&signed_data])]))
}

/// The suite's digest as an `AlgorithmIdentifier` without parameters.
fn digest_algorithm(suite: Suite) -> Vec<u8> {
    tlv(Tag::Sequence, &[&encoded(&suite.digest_algorithm().oid())])
}

fn signer_info(parts: &Assembly<'_>, digest: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let (issuer, serial) = issuer_and_serial(parts.signer_x509)?;
    let attributes = Cursor::new("set of signed attributes", parts.signed_attributes).expect(Tag::Set)?;
    let unsigned = match parts.timestamp_token {
        None => Vec::new(),
        Some(token) => tlv(context(1), &[&attribute(TIME_STAMP_TOKEN, token)]),
    };
    Ok(tlv(
        Tag::Sequence,
        &[
            &encoded(&1u8),
            &tlv(Tag::Sequence, &[issuer, serial]),
            digest,
            // RFC 5652 §5.4: signed as a SET OF, carried as [0] IMPLICIT.
            &tlv(context(0), &[attributes.value]),
            &tlv(Tag::Sequence, &[&encoded(&parts.suite.signature_oid())]),
            &tlv(Tag::OctetString, &[parts.signature]),
            &unsigned,
        ],
    ))
}

/// Issuer name and serial number of an X.509 certificate, as they stand in it.
pub(super) fn issuer_and_serial(x509: &[u8]) -> Result<(&[u8], &[u8]), Unreadable> {
    let mut outer = Cursor::new("X.509 certificate", x509).enter(Tag::Sequence)?;
    let mut tbs = outer.enter(Tag::Sequence)?;
    tbs.optional(context(0))?;
    let serial = tbs.expect(Tag::Integer)?;
    tbs.expect(Tag::Sequence)?;
    Ok((tbs.expect(Tag::Sequence)?.raw, serial.raw))
}

fn attribute(kind: ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    tlv(Tag::Sequence, &[&encoded(&kind), &tlv(Tag::Set, &[value])])
}
