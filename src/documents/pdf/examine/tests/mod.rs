//! A license sealed as the service seals it, and its twins.

mod added;
mod attacks;
mod seals;
mod seeds;
mod together;

use super::*;
use crate::crypto::{PrivateKey, Signer, Suite};
use crate::documents::attachment::{self, AttachedLicense};
use crate::documents::face::FaceContent;
use crate::documents::fonts::Fonts;
use crate::documents::pdf::compose::{
    ComposeFault, PdfContent, PdfTemplate, PlannedSeal, SignatureField, UnsealedPdf, ValidationData,
};
use crate::documents::pdf::seal;
use crate::documents::seal_picture;
use crate::domain::license::{LicenseData, LicenseId};
use crate::domain::report::judge::{Policy, judge};
use crate::domain::report::{Report, Verdict};
use crate::domain::seal::{SealPicture, SealPurpose};
use crate::domain::time::{Timestamp, parse_date};
use crate::formats::x509::Trust;
use crate::formats::x509::testing::{DAY, TestPki};
use crate::formats::{cms, tsp};
use std::sync::{Arc, OnceLock};

pub(super) const OWNER_CODE: &str = "11440300MB2C12345X";
pub(super) const OWNER: &str = "景川市市场监督管理局";
pub(super) const SEAL_CODE: &str = "44030000012345";

/// What is sealed and by whom; each test changes one thing.
pub(super) struct Recipe {
    pub pki: TestPki,
    pub metadata: Vec<(String, String)>,
    pub seal_code: String,
    pub shown: String,
    pub validation: ValidationData,
    pub stamped: bool,
}

impl Recipe {
    pub fn new() -> Self {
        Self::of(Suite::P256)
    }

    pub fn of(suite: Suite) -> Self {
        let pki = TestPki::of(suite);
        let id =
            LicenseId::new("11100000MB0143028R001", OWNER_CODE, "20260000000001", 1).expect("an identifier");
        let metadata = [
            ("certificateTypeName", "营业执照"),
            ("certificateTypeCode", id.type_code()),
            ("certificateNumber", "N-1"),
            ("certificateIdentifier", id.as_str()),
            ("certificateIssuingAuthorityName", OWNER),
            ("certificateIssuingAuthorityCode", OWNER_CODE),
            ("certificateEffectiveDate", "20261123"),
            ("certificateVersion", "001"),
        ];
        let validation =
            ValidationData { x509s: vec![pki.ca.clone(), pki.root.clone()], crls: pki.crls(&[]) };
        Self {
            metadata: metadata.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            seal_code: SEAL_CODE.into(),
            shown: id.to_string(),
            validation,
            stamped: true,
            pki,
        }
    }

    /// The time of sealing.
    pub fn at(&self) -> Timestamp {
        self.pki.now.plus(DAY)
    }

    pub fn trust(&self) -> Trust {
        Trust::from_ders([self.pki.root.clone()]).expect("a root")
    }

    pub fn compose(&self) -> UnsealedPdf {
        static MADE: OnceLock<(PdfTemplate, SealPicture, LicenseData)> = OnceLock::new();
        let (template, picture, data) = MADE.get_or_init(|| {
            let fonts = Arc::new(Fonts::embedded());
            let kinds = crate::adapters::kinds::load(None).expect("the kinds that come with the program");
            let kind = kinds.get("business-license").expect("a kind");
            let drawing =
                seal_picture::draw(OWNER, SealPurpose::License, "电子证照专用章", SEAL_CODE, &fonts);
            let data = kind.fields.iter().map(|field| (field.name.clone(), field.example.clone())).collect();
            let template = PdfTemplate::prepare(kind, &fonts).expect("a sound kind");
            (template, SealPicture::Drawn(drawing.expect("every glyph")), data)
        });
        self.compose_on(template, picture, data, 8_192)
    }

    /// Composes on another face.
    pub fn compose_on(
        &self,
        template: &PdfTemplate,
        picture: &SealPicture,
        data: &LicenseData,
        contents_reserve: usize,
    ) -> UnsealedPdf {
        let attached = attachment::write(&AttachedLicense {
            metadata: self.metadata.clone(),
            kind: "business-license".into(),
            kind_version: 1,
            data: data.clone(),
            seal: self.seal_code.clone(),
            seals: vec![],
            verification_url: "https://example.org/c".into(),
        });
        let content = PdfContent {
            face: FaceContent {
                data,
                number: "N-1",
                identifier: &self.shown,
                issuer_name: OWNER,
                issued_on: parse_date("2026-11-23"),
                valid_from: parse_date("2026-11-23"),
                valid_until: None,
                check_code: "8H2K7Q",
                verification_url: "https://example.org/c",
            },
            seals: &[PlannedSeal {
                party: None,
                picture,
                signature: SignatureField {
                    name: OWNER,
                    reason: "",
                    claimed_time: self.at(),
                    contents_reserve,
                },
                validation: &self.validation,
            }],
            attachment_json: &attached,
            title: "营业执照",
            document_id: [7; 16],
            created: self.at(),
        };
        template.compose(&content).expect("composed")
    }

    pub fn token(&self, stamped: &[u8; 32], key: &PrivateKey, x509: &[u8]) -> Vec<u8> {
        let parts = tsp::TokenParts {
            policy: tsp::POLICY,
            algorithm: self.pki.seal_key.suite().digest_algorithm(),
            imprint: stamped,
            serial: [9; 16],
            gen_time: self.at(),
            nonce: None,
            with_x509: true,
        };
        tsp::token(&parts, x509, &[], key).expect("a token")
    }

    pub fn seal(&self) -> Vec<u8> {
        self.seal_as(&self.pki.seal_key, &self.pki.seal)
    }

    pub fn seal_as(&self, key: &PrivateKey, x509: &[u8]) -> Vec<u8> {
        self.put_seal_on(self.compose(), key, x509)
    }

    pub fn put_seal_on(&self, unsealed: UnsealedPdf, key: &PrivateKey, x509: &[u8]) -> Vec<u8> {
        let pending = seal::begin(unsealed, key.suite(), x509, std::slice::from_ref(&self.pki.ca));
        let signature = key.sign(pending.to_sign()).expect("signs");
        let signed = pending.signed(signature);
        let token = self.token(&signed.digest_to_stamp(), &self.pki.tsa_key, &self.pki.tsa);
        signed.finish(self.stamped.then_some(token.as_slice())).expect("it fits")
    }

    pub fn report(&self, bytes: &[u8]) -> Report {
        self.report_knowing(&[], bytes)
    }

    /// The report of somebody who knows these revocation lists.
    pub fn report_knowing(&self, crls: &[Vec<u8>], bytes: &[u8]) -> Report {
        let now = self.at().plus(DAY);
        match examine(bytes, Known { crls, ..Known::of(&self.trust()) }) {
            Ok(facts) => judge(&facts, &Policy::default(), now),
            Err(why) => {
                crate::domain::report::judge::judge_unexaminable(&why, crate::crypto::sha256(bytes), now)
            }
        }
    }
}

/// One sealed file for all tests that only change its bytes.
pub(super) fn sealed() -> &'static (Recipe, Vec<u8>) {
    static SEALED: OnceLock<(Recipe, Vec<u8>)> = OnceLock::new();
    SEALED.get_or_init(|| {
        let recipe = Recipe::new();
        let bytes = recipe.seal();
        (recipe, bytes)
    })
}

pub(super) fn expect(report: &Report, code: &str, verdict: Verdict) {
    assert!(report.has(code), "{code}: {:#?}", report.findings);
    assert_eq!(report.verdict, verdict, "{code}: {:#?}", report.findings);
}
