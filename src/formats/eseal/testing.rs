//! A small PKI of SM2 keys for tests, with a seal maker, and seals made by it.

use super::{
    SealContent, SealFacts, TbsContent, Version, assemble_seal, assemble_signature, seal_info, to_sign,
};
use crate::crypto::{DigestAlgorithm, PrivateKey, Signer, Suite, sm3};
use crate::domain::time::Timestamp;
use crate::formats::tsp;
use crate::formats::x509::testing::{DAY, TestPki, new_key, particulars, seal_profile};
use crate::formats::x509::{Profile, Trust, issue};
use std::ops::Deref;

/// The PKI, and a seal maker in it.
pub(crate) struct SmPki {
    base: TestPki,
    pub maker: Vec<u8>,
    pub maker_key: PrivateKey,
}

impl Deref for SmPki {
    type Target = TestPki;

    fn deref(&self) -> &TestPki {
        &self.base
    }
}

impl SmPki {
    pub fn new() -> Self {
        let base = TestPki::of(Suite::Sm2);
        let maker_key = new_key(Suite::Sm2);
        let profile = Profile::SealMaker { name: "Test Seal Maker".into() };
        let made = issue(&profile, &particulars(base.now, DAY * 1000), maker_key.spki(), &base.by_ca());
        Self { base, maker: made.expect("issued"), maker_key }
    }

    /// A certificate of the CA for this key, which signs under a seal of this code.
    pub fn signer_x509(&self, code: &str, from: Timestamp, key: &PrivateKey) -> Vec<u8> {
        let Profile::Seal { owner_code, owner_name, .. } = seal_profile() else {
            panic!("the profile of a seal");
        };
        let profile = Profile::Seal { owner_code, owner_name, seal_code: code.to_owned() };
        issue(&profile, &particulars(from, DAY * 1000), key.spki(), &self.by_ca()).expect("issued")
    }

    pub fn trust(&self) -> Trust {
        Trust::from_ders([self.root.clone()]).expect("a root")
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
