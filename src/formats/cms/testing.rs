//! What tests need of CMS as others write it.

use super::{DATA, GM_SIGNED_DATA, SIGNED_DATA, TIME_STAMP_TOKEN, write::issuer_and_serial};
use crate::crypto::{Signer, Suite};
use crate::formats::asn1::{Cursor, context, encoded, tlv};
use crate::formats::x509::testing::TestPki;
use const_oid::ObjectIdentifier;
use der::Tag;

/// A `SignedData` of one signer, as others write it.
pub(crate) struct Foreign<'a> {
    /// The suite of the key.
    pub suite: Suite,
    /// Type of the whole.
    pub kind: ObjectIdentifier,
    /// Type of the content.
    pub content_type: ObjectIdentifier,
    /// The content, if it stands inside.
    pub content: Option<&'a [u8]>,
    /// The signer.
    pub signer_x509: &'a [u8],
    /// Whether the signer's X.509 certificate stands inside.
    pub with_x509: bool,
    /// The signed attributes, DER; empty for none.
    pub attributes: &'a [u8],
    /// The signature algorithm.
    pub algorithm: ObjectIdentifier,
    /// The signature.
    pub signature: &'a [u8],
    /// A time-stamp token over it.
    pub token: Option<&'a [u8]>,
}

impl<'a> Foreign<'a> {
    /// The plainest one: detached, no attributes.
    pub fn bare(suite: Suite, signer_x509: &'a [u8], signature: &'a [u8]) -> Self {
        Self {
            suite,
            kind: if suite == Suite::Sm2 { GM_SIGNED_DATA } else { SIGNED_DATA },
            content_type: DATA,
            content: None,
            signer_x509,
            with_x509: true,
            attributes: &[],
            algorithm: suite.signature_oid(),
            signature,
            token: None,
        }
    }

    pub fn write(&self) -> Vec<u8> {
        let sequence = |parts: &[&[u8]]| tlv(Tag::Sequence, parts);
        let digest = sequence(&[&encoded(&self.suite.digest_algorithm().oid())]);
        let (issuer, serial) = issuer_and_serial(self.signer_x509).expect("reads");
        let attributes = match self.attributes {
            [] => Vec::new(),
            set => {
                let set = Cursor::new("attributes", set).expect(Tag::Set).expect("a set");
                tlv(context(0), &[set.value])
            }
        };
        let unsigned = self.token.map_or_else(Vec::new, |token| {
            let attribute = sequence(&[&encoded(&TIME_STAMP_TOKEN), &tlv(Tag::Set, &[token])]);
            tlv(context(1), &[&attribute])
        });
        let signer = sequence(&[
            &encoded(&1u8),
            &sequence(&[issuer, serial]),
            &digest,
            &attributes,
            &sequence(&[&encoded(&self.algorithm)]),
            &tlv(Tag::OctetString, &[self.signature]),
            &unsigned,
        ]);
        let content = self
            .content
            .map_or_else(Vec::new, |content| tlv(context(0), &[&tlv(Tag::OctetString, &[content])]));
        let x509s = if self.with_x509 { tlv(context(0), &[self.signer_x509]) } else { Vec::new() };
        let data = sequence(&[
            &encoded(&1u8),
            &tlv(Tag::Set, &[&digest]),
            &sequence(&[&encoded(&self.content_type), &content]),
            &x509s,
            &tlv(Tag::Set, &[&signer]),
        ]);
        sequence(&[&encoded(&self.kind), &tlv(context(0), &[&data])])
    }
}

/// A `SignedData` without attributes: `signature` is over the content itself.
pub(crate) fn bare(pki: &TestPki, signature: &[u8]) -> Vec<u8> {
    Foreign::bare(pki.seal_key.suite(), &pki.seal, signature).write()
}
