//! What tests need of CMS as others write it.

use super::{DATA, GM_SIGNED_DATA, SIGNED_DATA, write::issuer_and_serial};
use crate::crypto::{Signer, Suite};
use crate::formats::asn1::{context, encoded, tlv};
use crate::formats::x509::testing::TestPki;
use der::Tag;

/// A `SignedData` without attributes: `signature` is over the content itself.
pub(crate) fn bare(pki: &TestPki, signature: &[u8]) -> Vec<u8> {
    let suite = pki.seal_key.suite();
    let sequence = |parts: &[&[u8]]| tlv(Tag::Sequence, parts);
    let digest = sequence(&[&encoded(&suite.digest_algorithm().oid())]);
    let (issuer, serial) = issuer_and_serial(&pki.seal).expect("reads");
    let signer = sequence(&[
        &encoded(&1u8),
        &sequence(&[issuer, serial]),
        &digest,
        &sequence(&[&encoded(&suite.signature_oid())]),
        &tlv(Tag::OctetString, &[signature]),
    ]);
    let data = sequence(&[
        &encoded(&1u8),
        &tlv(Tag::Set, &[&digest]),
        &sequence(&[&encoded(&DATA)]),
        &tlv(context(0), &[&pki.seal]),
        &tlv(Tag::Set, &[&signer]),
    ]);
    let kind = if suite == Suite::Sm2 { GM_SIGNED_DATA } else { SIGNED_DATA };
    sequence(&[&encoded(&kind), &tlv(context(0), &[&data])])
}
