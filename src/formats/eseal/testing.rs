//! A small PKI of SM2 keys for tests, with a seal maker, and seals made by it. Its certificates are those of the P-256
//! PKI, with another key inside and signed anew.

use super::{
    SealContent, SealFacts, TbsContent, Version, assemble_seal, assemble_signature, seal_info, to_sign,
};
use crate::crypto::{DigestAlgorithm, PrivateKey, Signer, Suite, sm3};
use crate::domain::time::Timestamp;
use crate::formats::asn1::{Cursor, encoded, tlv};
use crate::formats::tsp;
use crate::formats::x509::crl::RevokedX509;
use crate::formats::x509::testing::{DAY, TestPki, new_key, particulars, seal_profile};
use crate::formats::x509::{Trust, issue};
use const_oid::ObjectIdentifier;
use der::Tag;

const EXTENDED_KEY_USAGE: &str = "2.5.29.37";

/// A certificate or a list, with the algorithm and, where given, the key replaced and signed by `signer`. Certificates
/// lose their extended key usage if `bare`.
pub(crate) fn signed_anew(template: &[u8], spki: Option<&[u8]>, bare: bool, signer: &PrivateKey) -> Vec<u8> {
    let algorithm = tlv(Tag::Sequence, &[&encoded(&Suite::Sm2.signature_oid())]);
    let mut whole = Cursor::new("template", template).enter(Tag::Sequence).expect("DER");
    let fields = whole.enter(Tag::Sequence).expect("DER").all(20).expect("DER");
    let signature_place = fields.iter().position(|f| f.tag == Tag::Sequence).expect("an algorithm");
    // In a certificate the key is the last SEQUENCE; a list has none.
    let key_place = fields.iter().rposition(|f| f.tag == Tag::Sequence).expect("a key");
    let parts: Vec<Vec<u8>> = fields
        .iter()
        .enumerate()
        .map(|(place, field)| match spki {
            _ if place == signature_place => algorithm.clone(),
            Some(spki) if place == key_place => spki.to_vec(),
            Some(_) if bare && place == key_place + 1 => without_extended_usage(field.raw),
            _ => field.raw.to_vec(),
        })
        .collect();
    let tbs = tlv(Tag::Sequence, &parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let signature = signer.sign(&tbs).expect("signs");
    tlv(Tag::Sequence, &[&tbs, &algorithm, &tlv(Tag::BitString, &[&[0], &signature])])
}

fn without_extended_usage(extensions: &[u8]) -> Vec<u8> {
    let mut outer = Cursor::new("extensions", extensions);
    let tagged = outer.next().expect("DER").expect("a value");
    let list =
        Cursor::new("extensions", tagged.value).enter(Tag::Sequence).expect("DER").all(20).expect("DER");
    let kept: Vec<&[u8]> = list
        .iter()
        .filter(|item| {
            let mut extension = Cursor::new("extension", item.raw).enter(Tag::Sequence).expect("DER");
            extension.decode::<ObjectIdentifier>().expect("an identifier").to_string() != EXTENDED_KEY_USAGE
        })
        .map(|item| item.raw)
        .collect();
    tlv(tagged.tag, &[&tlv(Tag::Sequence, &kept)])
}

/// Root, CA, seal maker, signer and timestamping authority.
pub(crate) struct SmPki {
    pub now: Timestamp,
    template: TestPki,
    pub root: Vec<u8>,
    pub ca: Vec<u8>,
    pub root_key: PrivateKey,
    pub ca_key: PrivateKey,
    pub maker: Vec<u8>,
    pub maker_key: PrivateKey,
    pub seal: Vec<u8>,
    pub seal_key: PrivateKey,
    pub tsa: Vec<u8>,
    pub tsa_key: PrivateKey,
}

impl SmPki {
    pub fn new() -> Self {
        let template = TestPki::new();
        let [root_key, ca_key, maker_key, seal_key] = std::array::from_fn(|_| new_key(Suite::Sm2));
        // The authority may use any suite; that of its tokens is not the seal's business.
        let tsa_key = new_key(Suite::P256);
        let root = signed_anew(&template.root, Some(root_key.spki()), false, &root_key);
        let ca = signed_anew(&template.ca, Some(ca_key.spki()), false, &root_key);
        let tsa = signed_anew(&template.tsa, Some(tsa_key.spki()), false, &root_key);
        let mut pki = Self {
            now: template.now,
            root,
            ca,
            maker: Vec::new(),
            seal: Vec::new(),
            tsa,
            template,
            root_key,
            ca_key,
            maker_key,
            seal_key,
            tsa_key,
        };
        pki.maker = pki.signer_x509("99000020260000", pki.now, &pki.maker_key, true);
        pki.seal = pki.signer_x509("44030000012345", pki.now, &pki.seal_key, false);
        pki
    }

    /// A certificate of the CA for this key; without extended key usage if `bare`, as makers' are.
    pub fn signer_x509(&self, code: &str, from: Timestamp, key: &PrivateKey, bare: bool) -> Vec<u8> {
        let crate::formats::x509::Profile::Seal { owner_code, owner_name, .. } = seal_profile() else {
            panic!("the profile of a seal");
        };
        let profile =
            crate::formats::x509::Profile::Seal { owner_code, owner_name, seal_code: code.to_owned() };
        let any_key = new_key(Suite::P256);
        let made = issue(&profile, &particulars(from, DAY * 1000), any_key.spki(), &self.template.by_ca());
        signed_anew(&made.expect("issued"), Some(key.spki()), bare, &self.ca_key)
    }

    pub fn trust(&self) -> Trust {
        Trust::from_ders([self.root.clone()]).expect("a root")
    }

    /// Lists of the root and the CA, made at the beginning, good for thirty days.
    pub fn crls(&self, revoked_by_ca: &[RevokedX509]) -> Vec<Vec<u8>> {
        let lists = self.template.crls(revoked_by_ca);
        vec![
            signed_anew(&lists[0], None, false, &self.root_key),
            signed_anew(&lists[1], None, false, &self.ca_key),
        ]
    }

    pub fn token(&self, over: &[u8], at: Timestamp) -> Vec<u8> {
        let parts = tsp::TokenParts {
            policy: tsp::POLICY,
            algorithm: DigestAlgorithm::Sm3,
            imprint: &sm3(over),
            serial: [9; 16],
            gen_time: at,
            nonce: None,
            with_x509: true,
        };
        tsp::token(&parts, &self.tsa, &[], &self.tsa_key).expect("a token")
    }

    /// What a seal of this PKI holds; each test changes one thing.
    pub fn content<'a>(&self, version: Version, signers: &'a [&'a [u8]]) -> SealContent<'a> {
        SealContent {
            version,
            vendor: "YINZHENG",
            id: "44030000012345",
            kind: 4,
            name: "景川市市场监督管理局电子证照专用章",
            signers,
            created: self.now.plus(DAY),
            valid_from: self.now.plus(DAY),
            valid_until: self.now.plus(DAY * 300),
            picture_format: "PNG",
            picture: b"\x89PNG picture",
            width_mm: 42,
            height_mm: 42,
            extensions: &[],
        }
    }

    pub fn make(&self, content: &SealContent<'_>) -> SealFacts {
        let info = seal_info(content).expect("a seal");
        let signature = self.maker_key.sign(&info).expect("signs");
        let token = (content.version == Version::V5).then(|| self.token(&signature, content.created));
        assemble_seal(&info, &self.maker, &signature, token.as_deref()).expect("a seal")
    }

    /// A seal for the signer of this PKI.
    pub fn sealed(&self, version: Version) -> SealFacts {
        self.make(&self.content(version, &[&self.seal]))
    }

    /// A seal signature by the signer of this PKI, with a token if `stamped`.
    pub fn signature(&self, content: &TbsContent<'_>, stamped: bool) -> Vec<u8> {
        self.signature_by(content, &self.seal, &self.seal_key, stamped)
    }

    pub fn signature_by(
        &self,
        content: &TbsContent<'_>,
        x509: &[u8],
        key: &PrivateKey,
        stamped: bool,
    ) -> Vec<u8> {
        let tbs = to_sign(content).expect("fits");
        let signature = key.sign(&tbs).expect("signs");
        let token = stamped.then(|| self.token(&signature, content.time));
        assemble_signature(&tbs, x509, &signature, token.as_deref()).expect("a signature").0
    }
}
