//! Whether a key signed a structure of the shape `SEQUENCE { content, algorithm, signature }`: an X.509 certificate, a
//! request for one.

use crate::crypto::{self, DigestAlgorithm, Suite};
use crate::formats::Unreadable;
use crate::formats::asn1::Cursor;
use der::{Decode, Tag};
use spki::AlgorithmIdentifierRef;

/// Whether the key of `spki` (DER) signed. Verified over the bytes as they came.
pub(super) fn is_signed_by(what: &'static str, signed: &[u8], spki: &[u8]) -> Result<bool, Unreadable> {
    let mut outer = Cursor::new(what, signed).enter(Tag::Sequence)?;
    let content = outer.expect(Tag::Sequence)?;
    let algorithm = outer.expect(Tag::Sequence)?;
    let signature = outer.expect(Tag::BitString)?.value.get(1..).unwrap_or_default();
    outer.finish()?;
    let algorithm =
        AlgorithmIdentifierRef::from_der(algorithm.raw).map_err(|why| Unreadable::new(what, why))?;
    let digest = Suite::of_key(spki).map_or(DigestAlgorithm::Sha256, Suite::digest_algorithm);
    Ok(crypto::verify_as(&algorithm, digest, spki, content.raw, signature))
}
