//! A license sealed with a real key set in a temporary directory, through the public parts only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use yinzheng::adapters::clock::SystemClock;
use yinzheng::adapters::keys::{KeySet, NewKeySet, Passphrase, SoftwareKeys};
use yinzheng::adapters::random::SystemRandom;
use yinzheng::adapters::timestamps::{OwnAuthority, OwnAuthorityParts};
use yinzheng::crypto::Suite;
use yinzheng::documents::attachment::{self, AttachedLicense};
use yinzheng::documents::face::FaceContent;
use yinzheng::documents::fonts::Fonts;
use yinzheng::documents::pdf::compose::{PdfContent, PdfTemplate, SignatureField, ValidationData};
use yinzheng::documents::pdf::seal;
use yinzheng::documents::seal_picture;
use yinzheng::domain::license::LicenseId;
use yinzheng::domain::seal::{SealPicture, SealPurpose};
use yinzheng::domain::time::{Timestamp, parse_date};
use yinzheng::formats::x509::{self, Issuer, Particulars, Profile, Trust};
use yinzheng::ports::clock::Clock;
use yinzheng::ports::keys::{HandleSigner, KeyHandle, Keys};
use yinzheng::ports::random::Random;
use yinzheng::ports::timestamps::Timestamps;

const OWNER: &str = "景川市市场监督管理局";
const OWNER_CODE: &str = "11440300MB2C12345X";
const SEAL_CODE: &str = "44030000012345";

/// Keys, seal, authority and one sealed license.
pub struct Sealed {
    place: tempfile::TempDir,
    /// What trusts it.
    pub trust: Trust,
    /// The file.
    pub file: Vec<u8>,
    /// When it was sealed.
    pub at: Timestamp,
}

fn handle(text: &str) -> KeyHandle {
    KeyHandle::parse(text).expect("a handle")
}

impl Sealed {
    /// Makes all of it, now.
    pub fn new() -> Self {
        let place = tempfile::tempdir().expect("a directory");
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let now = clock.now();
        let passphrase = Passphrase::new("correct horse").expect("long enough");
        let keys = Arc::new(SoftwareKeys::open(place.path(), passphrase, random.clone()).expect("opens"));
        let (directory, suite, name) = (place.path(), Suite::P256, "景川市");
        let new = NewKeySet { directory, suite, name, development: false, public_url: None, now };
        let set = new.make(keys.as_ref(), random.as_ref()).expect("a key set");
        let spki = keys.generate(&handle("seal/1"), Suite::P256).expect("a key").spki;
        let profile = Profile::Seal {
            owner_code: OWNER_CODE.into(),
            owner_name: OWNER.into(),
            seal_code: SEAL_CODE.into(),
        };
        let particulars = Particulars {
            serial: random.bytes(),
            not_before: now,
            not_after: now.plus(profile.life()),
            crl_address: None,
        };
        let ca = HandleSigner::new(keys.as_ref(), &handle("seal-ca")).expect("there");
        let issuer = Issuer { x509: &set.seal_ca, signer: &ca };
        let x509 = x509::issue(&profile, &particulars, &spki, &issuer).expect("issued");
        drop(ca);
        let crls: Vec<Vec<u8>> = set.crls.values().cloned().collect();
        let authority = OwnAuthority::new(OwnAuthorityParts {
            keys: keys.clone(),
            handle: handle("tsa"),
            x509: set.tsa.clone(),
            chain: vec![set.root.clone()],
            crls: crls.clone(),
            clock,
            random,
            floor: now,
        })
        .expect("an authority");
        let unsealed = compose(&set, crls, now);
        let pending = seal::begin(unsealed, Suite::P256, &x509, std::slice::from_ref(&set.seal_ca));
        let signature = keys.sign(&handle("seal/1"), pending.to_sign()).expect("signs");
        let signed = pending.signed(signature);
        let token = authority.stamp(signed.digest_algorithm(), &signed.digest_to_stamp()).expect("a token");
        let file = signed.finish(Some(&token)).expect("it fits");
        let trust = Trust::from_ders([set.root.clone()]).expect("a root");
        Self { place, trust, file, at: now }
    }

    /// Where the keys and `root.pem` lie.
    pub fn place(&self) -> &Path {
        self.place.path()
    }

    /// Writes bytes beside them.
    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.place().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    }
}

fn compose(
    set: &KeySet,
    crls: Vec<Vec<u8>>,
    now: Timestamp,
) -> yinzheng::documents::pdf::compose::UnsealedPdf {
    let fonts = Arc::new(Fonts::embedded());
    let kinds = yinzheng::adapters::kinds::load(None).expect("the kinds that come with the program");
    let kind = kinds.get("business-license").expect("a kind");
    let data: BTreeMap<String, String> =
        kind.fields.iter().map(|field| (field.name.clone(), field.example.clone())).collect();
    let id = LicenseId::new(&kind.type_code, OWNER_CODE, "20260000000001", 1).expect("an identifier");
    let drawing = seal_picture::draw(OWNER, SealPurpose::License, "电子证照专用章", SEAL_CODE, &fonts);
    let metadata = [
        ("certificateTypeName", kind.title.zh.as_str()),
        ("certificateTypeCode", id.type_code()),
        ("certificateNumber", "N-1"),
        ("certificateIdentifier", id.as_str()),
        ("certificateIssuingAuthorityName", OWNER),
        ("certificateIssuingAuthorityCode", OWNER_CODE),
        ("certificateEffectiveDate", "20200101"),
        ("certificateVersion", "001"),
    ];
    let attached = attachment::write(&AttachedLicense {
        metadata: metadata.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        kind: kind.name.clone(),
        kind_version: kind.version,
        data: data.clone(),
        seal: SEAL_CODE.into(),
        verification_url: "https://licenses.example.org/c".into(),
    });
    let day = parse_date("2020-01-01");
    let content = PdfContent {
        face: FaceContent {
            data: &data,
            number: "N-1",
            identifier: id.as_str(),
            issuer_name: OWNER,
            issued_on: day,
            valid_from: day,
            valid_until: None,
            check_code: "8H2K7Q",
            verification_url: "https://licenses.example.org/c",
        },
        seal: &SealPicture::Drawn(drawing.expect("every glyph is there")),
        attachment_json: &attached,
        validation: &ValidationData {
            x509s: vec![set.seal_ca.clone(), set.tsa.clone(), set.root.clone()],
            crls,
        },
        signature: SignatureField {
            name: OWNER,
            reason: "营业执照",
            claimed_time: now,
            contents_reserve: 8_192,
        },
        title: &kind.title.zh,
        document_id: [7; 16],
        created: now,
    };
    PdfTemplate::prepare(kind, &fonts).expect("a sound kind").compose(&content).expect("composed")
}
