//! Licenses sealed with a real key set in a temporary directory, through the public parts only.

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
use yinzheng::documents::pdf::brought::{BroughtPdf, SpotSeal};
use yinzheng::documents::pdf::compose::{
    PdfContent, PdfTemplate, PlannedSeal, SignatureField, UnsealedPdf, ValidationData,
};
use yinzheng::documents::pdf::seal;
use yinzheng::documents::seal_picture;
use yinzheng::domain::license::face::FaceItem;
use yinzheng::domain::license::{LicenseId, LicenseKind};
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

/// Keys, authority and a license with its seals.
pub struct Sealed {
    place: tempfile::TempDir,
    /// What trusts it.
    pub trust: Trust,
    /// The file, with all its seals.
    pub file: Vec<u8>,
    /// When it was sealed.
    pub at: Timestamp,
}

fn handle(text: &str) -> KeyHandle {
    KeyHandle::parse(text).expect("a handle")
}

/// What seals with, and what is needed to check it.
struct Bench {
    keys: Arc<SoftwareKeys>,
    random: Arc<dyn Random>,
    set: KeySet,
    crls: Vec<Vec<u8>>,
    authority: OwnAuthority,
    now: Timestamp,
}

/// One who seals.
struct Party {
    name: String,
    key: KeyHandle,
    code: String,
    x509: Vec<u8>,
    picture: SealPicture,
}

impl Sealed {
    /// Makes all of it, now, with one seal.
    pub fn new() -> Self {
        Self::by(1)
    }

    /// The same, sealed by so many.
    pub fn by(count: usize) -> Self {
        let place = tempfile::tempdir().expect("a directory");
        let bench = Bench::new(place.path());
        let fonts = Arc::new(Fonts::embedded());
        let parties: Vec<Party> = (0..count).map(|n| bench.party(n, &fonts)).collect();
        let mut unsealed = bench.compose(&parties, &fonts);
        let mut file = Vec::new();
        for (n, party) in parties.iter().enumerate() {
            let (signed, token) = bench.sign(unsealed, party);
            if n + 1 == count {
                file = signed.finish(Some(&token)).expect("it fits");
                break;
            }
            unsealed = signed.go_on(Some(&token)).expect("it fits, and another follows");
        }
        Self::of(place, &bench, file)
    }

    /// Seals a file that others made, once for each keyword, at this of the places where it stands; the first seal also stands
    /// astride the edges of all pages.
    pub fn upon(file: &[u8], keywords: &[(&str, usize)]) -> Self {
        let place = tempfile::tempdir().expect("a directory");
        let bench = Bench::new(place.path());
        let fonts = Arc::new(Fonts::embedded());
        let mut file = file.to_vec();
        for (n, (words, place)) in keywords.iter().enumerate() {
            let party = bench.party(n, &fonts);
            let brought = BroughtPdf::open(file).expect("open");
            let spot = brought.find(words).expect("searched")[*place];
            let page = brought.pages().nth(spot.page).expect("its page");
            let seal = SpotSeal {
                picture: &party.picture,
                spot: spot.within(seal_picture::size(&party.picture), page),
                also: &[],
                straddling: n == 0 && brought.pages().len() > 1,
                signature: bench.signature(),
                validation: &bench.validation(),
            };
            let (signed, token) = bench.sign(brought.with_seal(&seal).expect("room"), &party);
            file = signed.finish(Some(&token)).expect("it fits");
        }
        Self::of(place, &bench, file)
    }

    fn of(place: tempfile::TempDir, bench: &Bench, file: Vec<u8>) -> Self {
        let trust = Trust::from_ders([bench.set.root.clone()]).expect("a root");
        Self { place, trust, file, at: bench.now }
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

impl Bench {
    fn new(directory: &Path) -> Self {
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let now = clock.now();
        let passphrase = Passphrase::new("correct horse").expect("long enough");
        let keys = Arc::new(SoftwareKeys::open(directory, passphrase, random.clone()).expect("opens"));
        let (suite, name) = (Suite::P256, "景川市");
        let new = NewKeySet { directory, suite, name, development: false, public_url: None, now };
        let set = new.make(keys.as_ref(), random.as_ref()).expect("a key set");
        let crls: Vec<Vec<u8>> = set.crls.values().cloned().collect();
        let authority = OwnAuthority::new(OwnAuthorityParts {
            keys: keys.clone(),
            handle: handle("tsa"),
            x509: set.tsa.clone(),
            chain: vec![set.root.clone()],
            crls: crls.clone(),
            clock,
            random: random.clone(),
            floor: now,
        })
        .expect("an authority");
        Self { keys, random, set, crls, authority, now }
    }

    fn sign(&self, unsealed: UnsealedPdf, party: &Party) -> (seal::SignedSeal, Vec<u8>) {
        let chain = std::slice::from_ref(&self.set.seal_ca);
        let pending = seal::begin(unsealed, Suite::P256, &party.x509, chain);
        let signature = self.keys.sign(&party.key, pending.to_sign()).expect("signs");
        let signed = pending.signed(signature);
        let token = self.authority.stamp(signed.digest_algorithm(), &signed.digest_to_stamp());
        (signed, token.expect("a token"))
    }

    fn signature(&self) -> SignatureField<'static> {
        SignatureField {
            name: OWNER, reason: "营业执照", claimed_time: self.now, contents_reserve: 8_192
        }
    }

    fn validation(&self) -> ValidationData {
        ValidationData {
            x509s: vec![self.set.seal_ca.clone(), self.set.tsa.clone(), self.set.root.clone()],
            crls: self.crls.clone(),
        }
    }

    /// The first is the issuer.
    fn party(&self, n: usize, fonts: &Fonts) -> Party {
        let key = handle(&format!("seal/{}", n + 1));
        let spki = self.keys.generate(&key, Suite::P256).expect("a key").spki;
        let code = if n == 0 { SEAL_CODE.to_owned() } else { format!("4403000002{n:04}") };
        let (owner_code, owner) =
            if n == 0 { (OWNER_CODE, OWNER) } else { ("11440300MB2C12346Y", "景川市民政局") };
        let profile = Profile::Seal {
            owner_code: owner_code.into(),
            owner_name: owner.into(),
            seal_code: code.clone(),
        };
        let particulars = Particulars {
            serial: self.random.as_ref().bytes(),
            not_before: self.now,
            not_after: self.now.plus(profile.life()),
            crl_address: None,
        };
        let ca = HandleSigner::new(self.keys.as_ref(), &handle("seal-ca")).expect("there");
        let issuer = Issuer { x509: &self.set.seal_ca, signer: &ca };
        let x509 = x509::issue(&profile, &particulars, &spki, &issuer).expect("issued");
        let drawing = seal_picture::draw(owner, SealPurpose::License, "电子证照专用章", &code, fonts);
        let picture = SealPicture::Drawn(drawing.expect("every glyph is there"));
        Party { name: format!("p{n}"), key, code, x509, picture }
    }

    fn compose(&self, parties: &[Party], fonts: &Arc<Fonts>) -> UnsealedPdf {
        let kind = kind_of(parties.len());
        let data: BTreeMap<String, String> =
            kind.fields.iter().map(|field| (field.name.clone(), field.example.clone())).collect();
        let id = LicenseId::new(&kind.type_code, OWNER_CODE, "20260000000001", 1).expect("an identifier");
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
        let several = parties.len() > 1;
        let attached = attachment::write(&AttachedLicense {
            metadata: metadata.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            kind: kind.name.clone(),
            kind_version: kind.version,
            data: data.clone(),
            seal: SEAL_CODE.into(),
            seals: parties.iter().filter(|_| several).map(|party| party.code.clone()).collect(),
            verification_url: "https://licenses.example.org/c".into(),
        });
        let day = parse_date("2020-01-01");
        let validation = self.validation();
        let seals: Vec<PlannedSeal<'_>> = parties
            .iter()
            .map(|Party { name, picture, .. }| PlannedSeal {
                party: several.then_some(name.as_str()),
                picture,
                signature: self.signature(),
                validation: &validation,
            })
            .collect();
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
            seals: &seals,
            attachment_json: &attached,
            title: &kind.title.zh,
            document_id: [7; 16],
            created: self.now,
        };
        PdfTemplate::prepare(&kind, fonts).expect("a sound kind").compose(&content).expect("composed")
    }
}

/// A kind on whose face so many seal.
fn kind_of(parties: usize) -> LicenseKind {
    let kinds = yinzheng::adapters::kinds::load(None).expect("the kinds that come with the program");
    let mut kind = LicenseKind::clone(kinds.get("business-license").expect("a kind"));
    if parties > 1 {
        let page = &mut kind.face.pages[0];
        page.items.retain(|item| !matches!(item, FaceItem::Seal { .. }));
        page.items.extend((0..parties).map(|n| FaceItem::Seal {
            x: 28.0 + (n % 6) as f32 * 47.0,
            y: 100.0 + (n / 6) as f32 * 60.0,
            party: Some(format!("p{n}")),
        }));
    }
    kind
}
