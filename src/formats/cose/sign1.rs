//! Reading a COSE_Sign1 that a stranger may have made.

use super::cbor::{self, Item, Value};
use super::{TYP, algorithm};
use crate::crypto::PublicKey;
use coset::cbor::tag::Required;
use coset::{AsCborValue, CoseError, CoseSign1, Header, Label, ProtectedHeader, iana};

/// Most labels of a bucket.
const MOST_LABELS: usize = 16;

/// Why bytes are no COSE_Sign1 that we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSign1 {
    /// Larger than the caller takes.
    #[error("too large")]
    TooLarge,
    /// Not one CBOR item within the bounds of depth, or bytes stand behind it.
    #[error("not one CBOR item")]
    NotCbor,
    /// Under another tag than 18, or 61 around 18.
    #[error("under another tag")]
    Tag,
    /// Not the four parts, or a part is of another type.
    #[error("not a COSE_Sign1")]
    Form,
    /// The payload is not inside.
    #[error("the payload is not inside")]
    Detached,
    /// A header is not as RFC 9052 §3 has it, or names something in a range that is not for private use.
    #[error("a header is malformed")]
    Header,
    /// A label stands twice.
    #[error("a header label stands twice")]
    LabelTwice,
    /// A label stands in the protected and in the unprotected header.
    #[error("a header label stands in both headers")]
    LabelInBoth,
    /// Something must be understood that is not.
    #[error("a header must be understood that is not")]
    Critical,
}

/// Why a signature is not the key's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// No algorithm is named, or another than the key's.
    #[error("another algorithm than the key's")]
    Algorithm,
    /// The signature is wrong.
    #[error("the signature is wrong")]
    Signature,
}

/// One message with one signature. Nothing in it is true before [`Sign1::verify`] said so.
#[derive(Clone, Debug, PartialEq)]
pub struct Sign1(CoseSign1);

impl Sign1 {
    /// Reads a message of at most `most` bytes, bare or under the tags 18 or 61(18).
    ///
    /// # Errors
    /// See [`NotSign1`].
    pub fn read(bytes: &[u8], most: usize) -> Result<Self, NotSign1> {
        if bytes.len() > most {
            return Err(NotSign1::TooLarge);
        }
        let parts = untagged(cbor::read(bytes).ok_or(NotSign1::NotCbor)?)?;
        let parts = parts.into_array().map_err(|_| NotSign1::Form)?;
        let [protected, unprotected, payload, signature] =
            <[Value; 4]>::try_from(parts).map_err(|_| NotSign1::Form)?;
        let protected = protected.into_bytes().map_err(|_| NotSign1::Form)?;
        let payload = match payload {
            Value::Bytes(payload) => payload,
            Value::Null => return Err(NotSign1::Detached),
            _ => return Err(NotSign1::Form),
        };
        let signature = signature.into_bytes().map_err(|_| NotSign1::Form)?;
        let signed_map = match protected.as_slice() {
            [] => Value::Map(Vec::new()),
            bytes => cbor::read(bytes).ok_or(NotSign1::Header)?,
        };
        if labels(&signed_map)?.iter().any(|(label, _)| {
            unprotected.as_map().is_some_and(|other| other.iter().any(|(known, _)| known == label))
        }) {
            return Err(NotSign1::LabelInBoth);
        }
        labels(&unprotected)?;
        let (signed, unprotected) = (header(signed_map)?, header(unprotected)?);
        if !signed.crit.is_empty() || !unprotected.crit.is_empty() {
            return Err(NotSign1::Critical);
        }
        Ok(Self(CoseSign1 {
            protected: ProtectedHeader { original_data: Some(protected), header: signed },
            unprotected,
            payload: Some(payload),
            signature,
        }))
    }

    /// Whether the key made the signature over this message and `external` (RFC 9052 §4.4).
    ///
    /// # Errors
    /// See [`NotVerified`].
    pub fn verify(&self, key: &PublicKey, external: &[u8]) -> Result<(), NotVerified> {
        let named = self.0.protected.header.alg.as_ref().or(self.0.unprotected.alg.as_ref());
        if named != Some(&algorithm(key.suite())) {
            return Err(NotVerified::Algorithm);
        }
        if key.verify_fixed(&self.to_be_signed(external), &self.0.signature) {
            Ok(())
        } else {
            Err(NotVerified::Signature)
        }
    }

    /// What is signed. An empty map stands in it as an empty string (RFC 9052 §4.4), however the message wrote it.
    pub(crate) fn to_be_signed(&self, external: &[u8]) -> Vec<u8> {
        let protected = if self.0.protected.header.is_empty() { &[] } else { self.protected() };
        let [protected, external, payload] = [protected, external, self.payload()].map(Item::Bytes);
        cbor::write(&[Item::Text("Signature1"), protected, external, payload])
    }

    /// The protected header as it came.
    pub fn protected(&self) -> &[u8] {
        self.0.protected.original_data.as_deref().unwrap_or_default()
    }

    /// Whether nothing stands in the unprotected header.
    pub fn unprotected_is_empty(&self) -> bool {
        self.0.unprotected.is_empty()
    }

    /// Whether the algorithm stands under the signature.
    pub fn algorithm_is_protected(&self) -> bool {
        self.0.protected.header.alg.is_some()
    }

    /// The payload.
    pub fn payload(&self) -> &[u8] {
        self.0.payload.as_deref().unwrap_or_default()
    }

    /// Name of the key in the protected header; empty if there is none.
    pub fn key_id(&self) -> &[u8] {
        &self.0.protected.header.key_id
    }

    /// The text of `typ` in the protected header.
    pub fn kind(&self) -> Option<&str> {
        self.parameter(TYP)?.as_text()
    }

    /// A further parameter of the protected header.
    pub(crate) fn parameter(&self, label: i64) -> Option<&Value> {
        let rest = &self.0.protected.header.rest;
        rest.iter().find(|(known, _)| *known == Label::Int(label)).map(|(_, value)| value)
    }

    /// The one way to write this message: under tag 18, each length in its shortest form, nothing unprotected. What is
    /// inside protected header and payload is under the signature and stays as it is.
    pub fn canonical(&self) -> Vec<u8> {
        let [protected, payload, signature] =
            [self.protected(), self.payload(), &self.0.signature].map(Item::Bytes);
        let parts = [protected, Item::Map(Vec::new()), payload, signature];
        cbor::write(&Required::<_, { iana::CborTag::CoseSign1 as u64 }>(parts))
    }
}

fn untagged(value: Value) -> Result<Value, NotSign1> {
    const CWT: u64 = iana::CborTag::Cwt as u64;
    const SIGN1: u64 = iana::CborTag::CoseSign1 as u64;
    let value = match value {
        Value::Tag(CWT, inner) if matches!(*inner, Value::Tag(SIGN1, _)) => *inner,
        other => other,
    };
    match value {
        Value::Tag(SIGN1, inner) if !matches!(*inner, Value::Tag(..)) => Ok(*inner),
        Value::Tag(..) => Err(NotSign1::Tag),
        bare => Ok(bare),
    }
}

/// The labels of a bucket, few enough to be compared one by one.
fn labels(bucket: &Value) -> Result<&[(Value, Value)], NotSign1> {
    let labels = bucket.as_map().ok_or(NotSign1::Header)?;
    if labels.len() > MOST_LABELS { Err(NotSign1::Header) } else { Ok(labels) }
}

fn header(bucket: Value) -> Result<Header, NotSign1> {
    Header::from_cbor_value(bucket).map_err(|why| match why {
        CoseError::DuplicateMapKey => NotSign1::LabelTwice,
        _ => NotSign1::Header,
    })
}
