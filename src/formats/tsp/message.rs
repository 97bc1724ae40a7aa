//! Requests and responses.

use crate::crypto::DigestAlgorithm;
use crate::formats::Unreadable;
use crate::formats::asn1::{Cursor, context, encoded, tlv};
use const_oid::ObjectIdentifier;
use der::{Decode, Tag, TagNumber};
use spki::AlgorithmIdentifierRef;

/// Largest request that is read; a usual one has 60 to 100 bytes.
const MAX_REQUEST: usize = 4096;
const MAX_NONCE: usize = 64;

/// A request for a token (RFC 3161 §2.4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The digest algorithm; `None` if it is one we do not take.
    pub algorithm: Option<DigestAlgorithm>,
    /// The digest to stamp.
    pub imprint: Vec<u8>,
    /// The policy asked for.
    pub policy: Option<ObjectIdentifier>,
    /// Nonce, as the DER of its INTEGER, to be echoed.
    pub nonce: Option<Vec<u8>>,
    /// Whether the authority's certificate should be inside the token.
    pub with_x509: bool,
    /// Whether extensions were asked for; we know none.
    pub has_extensions: bool,
}

/// Reads a request.
pub fn parse_request(bytes: &[u8]) -> Result<Request, Unreadable> {
    let mut file = Cursor::new("time-stamp request", bytes);
    if bytes.len() > MAX_REQUEST {
        return Err(file.fault("too large"));
    }
    let mut body = file.enter(Tag::Sequence)?;
    file.finish()?;
    if body.decode::<u8>()? != 1 {
        return Err(body.fault("another version"));
    }
    let (algorithm, imprint) = read_imprint(&mut body)?;
    let policy = match body.optional(Tag::ObjectIdentifier)? {
        Some(item) => Some(ObjectIdentifier::from_der(item.raw).map_err(|why| body.fault(why))?),
        None => None,
    };
    let nonce = body.optional(Tag::Integer)?.map(|item| item.raw.to_vec());
    if nonce.as_ref().is_some_and(|nonce| nonce.len() > MAX_NONCE) {
        return Err(body.fault("the nonce is too long"));
    }
    let with_x509 = match body.optional(Tag::Boolean)? {
        Some(item) => bool::from_der(item.raw).map_err(|why| body.fault(why))?,
        None => false,
    };
    let has_extensions = body.optional(context(0))?.is_some();
    body.finish()?;
    Ok(Request { algorithm, imprint, policy, nonce, with_x509, has_extensions })
}

/// Writes a request over a digest made with this algorithm, with a nonce, asking for the authority's certificate.
pub fn request(algorithm: DigestAlgorithm, digest: &[u8; 32], nonce: u64) -> Vec<u8> {
    tlv(Tag::Sequence, &[&encoded(&1u8), &imprint(algorithm, digest), &encoded(&nonce), &encoded(&true)])
}

/// `MessageImprint ::= SEQUENCE { hashAlgorithm, hashedMessage }`.
pub(super) fn imprint(algorithm: DigestAlgorithm, digest: &[u8]) -> Vec<u8> {
    let named = tlv(Tag::Sequence, &[&encoded(&algorithm.oid())]);
    tlv(Tag::Sequence, &[&named, &tlv(Tag::OctetString, &[digest])])
}

pub(super) fn read_imprint(
    cursor: &mut Cursor<'_>,
) -> Result<(Option<DigestAlgorithm>, Vec<u8>), Unreadable> {
    let mut imprint = cursor.enter(Tag::Sequence)?;
    let algorithm: AlgorithmIdentifierRef<'_> = imprint.decode()?;
    let hashed = imprint.expect(Tag::OctetString)?.value.to_vec();
    imprint.finish()?;
    Ok((DigestAlgorithm::from_oid(&algorithm.oid), hashed))
}

/// Why an authority refuses (RFC 3161 §2.4.2 `PKIFailureInfo`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PkiFailure {
    /// The digest algorithm is not taken.
    BadAlgorithm,
    /// The request is not permitted or not supported.
    BadRequest,
    /// The request cannot be read.
    BadDataFormat,
    /// The time source is not available: the clock went backwards.
    TimeNotAvailable,
    /// The policy asked for is not ours.
    UnacceptedPolicy,
    /// Extensions were asked for.
    UnacceptedExtension,
    /// The authority failed.
    SystemFailure,
}

impl PkiFailure {
    const fn bit(self) -> usize {
        match self {
            Self::BadAlgorithm => 0,
            Self::BadRequest => 2,
            Self::BadDataFormat => 5,
            Self::TimeNotAvailable => 14,
            Self::UnacceptedPolicy => 15,
            Self::UnacceptedExtension => 16,
            Self::SystemFailure => 25,
        }
    }
}

/// A response that grants a token.
pub fn response(token: &[u8]) -> Vec<u8> {
    tlv(Tag::Sequence, &[&tlv(Tag::Sequence, &[&encoded(&0u8)]), token])
}

/// A response that refuses.
pub fn refusal(failure: PkiFailure) -> Vec<u8> {
    let bit = failure.bit();
    // A named bit list ends with its last set bit (X.690 §11.2.2).
    let mut bits = vec![0u8; bit / 8 + 2];
    bits[bit / 8 + 1] = 0x80 >> (bit % 8);
    bits[0] = u8::try_from(7 - bit % 8).unwrap_or(0);
    let status = tlv(Tag::Sequence, &[&encoded(&2u8), &tlv(Tag::BitString, &[&bits])]);
    tlv(Tag::Sequence, &[&status])
}

/// What an authority answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// A token, DER.
    Granted(Vec<u8>),
    /// A refusal: the status number and the bits of its failure information, if there are any.
    Refused {
        /// `PKIStatus`: 2 rejection, 3 waiting, 4 revocation warning, 5 revocation notification.
        status: u8,
        /// Number of the first bit set in `PKIFailureInfo`.
        failure: Option<usize>,
    },
}

/// Reads a response.
pub fn parse_response(bytes: &[u8]) -> Result<Response, Unreadable> {
    let mut file = Cursor::new("time-stamp response", bytes);
    if bytes.len() > crate::formats::cms::MAX_BYTES {
        return Err(file.fault("too large"));
    }
    let mut body = file.enter(Tag::Sequence)?;
    file.finish()?;
    let mut info = body.enter(Tag::Sequence)?;
    let status = info.decode::<u8>()?;
    // 0 granted, 1 granted with modifications.
    if status > 1 {
        info.optional(Tag::Sequence)?;
        let failure = info.optional(Tag::BitString)?.and_then(|bits| first_bit(bits.value));
        return Ok(Response::Refused { status, failure });
    }
    let token = body.expect(Tag::Sequence)?.raw.to_vec();
    body.finish()?;
    Ok(Response::Granted(token))
}

fn first_bit(bits: &[u8]) -> Option<usize> {
    let octets = bits.get(1..)?;
    let (place, octet) = octets.iter().enumerate().find(|(_, octet)| **octet != 0)?;
    Some(place * 8 + usize::try_from(octet.leading_zeros()).unwrap_or(0))
}

/// `[number]`, primitive.
pub(super) const fn primitive(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: false, number: TagNumber(number) }
}
