//! An OFD license that several seal, in their places, and its twins.

use super::compose::{OfdContent, OfdTemplate};
use super::examine;
use super::seal::{CannotSeal, SealableOfd, Sealing, SignedSeal, begin};
use super::testing::{FONTS, ISSUER, SEAL, Sample, check_schemas, created, keep, kind, text, unpacked};
use crate::crypto::{PrivateKey, Signer as _, Suite};
use crate::documents::attachment::{self, AttachedLicense};
use crate::documents::validation::ValidationData;
use crate::documents::{Known, seal_picture};
use crate::domain::license::face::FaceItem;
use crate::domain::license::{LicenseId, LicenseKind};
use crate::domain::report::judge::{Policy, judge_ofd};
use crate::domain::report::{Report, Verdict};
use crate::domain::seal::{SealPicture, SealPurpose};
use crate::domain::time::Timestamp;
use crate::formats::eseal::testing::SmPki;
use crate::formats::eseal::{SealContent, Version};
use crate::formats::x509::testing::{DAY, new_key};
use std::io::{Cursor, Write as _};

const OWNER_CODE: &str = "11440300MB2C12345X";
const SIZE: (f32, f32) = (40.0, 40.0);
const LIST: &str = "Doc_0/Signs/Signatures.xml";

/// One who seals.
struct Party {
    name: String,
    code: String,
    key: PrivateKey,
    x509: Vec<u8>,
    seal: Vec<u8>,
}

struct Together {
    pki: SmPki,
    parties: Vec<Party>,
    kind: LicenseKind,
}

impl Together {
    fn of(count: usize) -> Self {
        let pki = SmPki::new();
        let mut kind = kind("business-license");
        let page = &mut kind.face.pages[0];
        page.items.retain(|item| !matches!(item, FaceItem::Seal { .. }));
        page.items.extend((0..count).map(|n| FaceItem::Seal {
            x: 28.0 + (n % 6) as f32 * 47.0,
            y: 100.0 + (n / 6) as f32 * 60.0,
            party: Some(format!("p{n}")),
        }));
        let party = |n: usize| {
            let code = if n == 0 { SEAL.to_owned() } else { format!("4403000002{n:04}") };
            let key = new_key(Suite::Sm2);
            let x509 = pki.signer_x509(&code, pki.now, &key);
            let drawing = seal_picture::draw(ISSUER, SealPurpose::License, "专用章", &code, &FONTS);
            let picture = seal_picture::png(&SealPicture::Drawn(drawing.expect("a seal")));
            let signers = [x509.as_slice()];
            let content = SealContent {
                id: &code,
                picture: &picture,
                width_mm: 40,
                height_mm: 40,
                ..pki.content(Version::V4, &signers)
            };
            let seal = pki.make(&content).raw;
            Party { name: format!("p{n}"), code, key, x509, seal }
        };
        let parties = (0..count).map(party).collect();
        Self { parties, kind, pki }
    }

    fn at(&self) -> Timestamp {
        self.pki.now.plus(DAY * 2)
    }

    fn compose(&self, expected: &[usize]) -> SealableOfd {
        let id = LicenseId::new("11100000MB0143028R001", OWNER_CODE, "20260000000001", 1).expect("one");
        let metadata = [
            ("certificateTypeName", "营业执照"),
            ("certificateTypeCode", id.type_code()),
            ("certificateNumber", "N-1"),
            ("certificateIdentifier", id.as_str()),
            ("certificateIssuingAuthorityName", ISSUER),
            ("certificateIssuingAuthorityCode", OWNER_CODE),
            ("certificateEffectiveDate", "20261123"),
            ("certificateVersion", "001"),
        ]
        .map(|(name, value)| (name, value.to_owned()));
        let codes: Vec<&str> = expected.iter().map(|n| self.parties[*n].code.as_str()).collect();
        let sample = Sample::of(&self.kind);
        let several =
            if codes.len() > 1 { codes.iter().map(|code| (*code).to_owned()).collect() } else { vec![] };
        let attached = attachment::write(&AttachedLicense {
            metadata: metadata.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            kind: self.kind.name.clone(),
            kind_version: 1,
            data: sample.data.clone(),
            seal: SEAL.into(),
            seals: several,
            verification_url: "https://example.org/c".into(),
        });
        let validation = ValidationData { x509s: vec![self.pki.ca.clone()], crls: self.pki.crls(&[]) };
        let content = OfdContent {
            face: sample.face(),
            metadata: &metadata,
            attachment_json: &attached,
            validation: &validation,
            expected_seals: &codes,
            title: "营业执照",
            document_id: [7; 16],
            created: created(),
        };
        let template = OfdTemplate::prepare(&self.kind, &FONTS).expect("a sound kind");
        template.compose(&content).expect("composed")
    }

    fn sign(&self, ofd: SealableOfd, by: usize, last: bool) -> (SignedSeal, Vec<u8>) {
        let party = &self.parties[by];
        let place = ofd.seal_place(Some(&party.name), SIZE).expect("a place");
        let sealing = Sealing {
            version: Version::V4,
            seal: &party.seal,
            signer_x509: &party.x509,
            stamps: &[place],
            time: self.at(),
            last,
        };
        let pending = begin(ofd, &sealing).expect("described");
        let signature = party.key.sign(pending.to_sign()).expect("signs");
        let token = self.pki.token(&signature, self.at());
        (pending.signed(signature), token)
    }

    /// The sealed file.
    fn lay_on(&self, expected: &[usize], by: &[usize], locks: bool) -> Vec<u8> {
        let mut ofd = self.compose(expected);
        let (last, before) = by.split_last().expect("one who seals");
        for party in before {
            let (signed, token) = self.sign(ofd, *party, false);
            ofd = signed.go_on(Some(&token)).expect("open");
        }
        let (signed, token) = self.sign(ofd, *last, locks);
        signed.finish(Some(&token)).expect("sealed")
    }

    fn report(&self, bytes: &[u8]) -> Report {
        let trust = self.pki.trust();
        let facts = examine(bytes, Known::of(&trust)).expect("an OFD file");
        judge_ofd(&facts, &Policy::default(), self.at().plus(DAY))
    }
}

fn expect(report: &Report, code: &str, verdict: Verdict) {
    assert!(report.has(code), "{code}: {:#?}", report.findings);
    assert_eq!(report.verdict, verdict, "{code}: {:#?}", report.findings);
}

/// The package with some parts changed or, where nothing is given, taken out.
fn with(bytes: &[u8], changes: &[(&str, Option<&str>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in unpacked(bytes) {
        let change =
            changes.iter().find(|(changed, _)| path.starts_with(changed)).map(|(_, content)| content);
        if change == Some(&None) {
            continue;
        }
        let options = zip::write::SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
        zip.start_file(path, options).expect("a new name");
        let content = change.copied().flatten().map_or(content, |text| text.as_bytes().to_vec());
        zip.write_all(&content).expect("memory");
    }
    zip.finish().expect("finished").into_inner()
}

#[test]
fn each_seal_stands_in_its_place_and_passes() {
    for count in [1, 2, 3, 12] {
        let together = Together::of(count);
        let all: Vec<usize> = (0..count).collect();
        let bytes = together.lay_on(&all, &all, true);
        keep(&format!("together-{count}.ofd"), &bytes);
        check_schemas(&bytes);
        let report = together.report(&bytes);
        assert_eq!(report.verdict, Verdict::Passed, "{count}: {:#?}", report.findings);
        let found: Vec<_> = report.seals.iter().map(|seal| seal.seal_code.clone().expect("a code")).collect();
        assert_eq!(found, together.parties.iter().map(|party| party.code.clone()).collect::<Vec<_>>());
        let counted = |code: &str| report.findings.iter().filter(|finding| finding.code == code).count();
        for code in ["ses.signature_right", "ses.data_intact", "chain.trusted", "time.proven", "mark.inside"]
        {
            assert_eq!(counted(code), count, "{code}");
        }
        assert!(report.has("signers.all_present") && report.has("cover.locked"));
        assert_eq!(SealableOfd::open(bytes).err(), Some(CannotSeal::Locked));
    }
}

#[test]
fn a_place_is_kept_for_each_party() {
    let together = Together::of(3);
    let ofd = together.compose(&[0, 1, 2]);
    let left = |party| ofd.seal_place(party, SIZE).map(|place| place.left);
    assert_eq!((left(Some("p0")), left(Some("p2"))), (Some(8.0), Some(102.0)));
    assert_eq!((left(Some("p3")), left(None)), (None, None));
}

#[test]
fn seals_that_are_cut_off_are_missed() {
    let together = Together::of(3);
    let one = together.lay_on(&[0, 1, 2], &[0], false);
    let two = together.lay_on(&[0, 1, 2], &[0, 1], false);
    let three = together.lay_on(&[0, 1, 2], &[0, 1, 2], true);
    // Whether it never came or was taken out again.
    let list = text(&unpacked(&two), LIST).to_owned();
    let cut = with(&three, &[(LIST, Some(&list)), ("Doc_0/Signs/Sign_2/", None)]);
    for (present, file) in [(1, &one), (2, &two), (2, &cut)] {
        let report = together.report(file);
        expect(&report, "signers.missing", Verdict::Indeterminate);
        let missing = report.findings.iter().find(|finding| finding.code == "signers.missing").expect("it");
        assert!(missing.args.contains(&("present", present.to_string())), "{missing:?}");
        assert!(missing.args.contains(&("expected", "3".to_owned())), "{missing:?}");
        assert!(report.has("cover.not_locked"));
    }
}

#[test]
fn who_seals_and_in_which_order_is_held_to_what_was_sealed_first() {
    let together = Together::of(3);
    let report = |expected: &[usize], by: &[usize]| together.report(&together.lay_on(expected, by, true));
    expect(&report(&[0, 1, 2], &[0, 2, 1]), "signers.order", Verdict::Indeterminate);
    expect(&report(&[0, 1], &[0, 1, 2]), "signers.unexpected", Verdict::Indeterminate);
    expect(&report(&[0, 1, 2], &[0, 1]), "signers.missing", Verdict::Indeterminate);
    let twice = report(&[0, 1], &[0, 0]);
    expect(&twice, "signers.missing", Verdict::Indeterminate);
    assert!(twice.has("signers.unexpected"));
    assert_eq!(report(&[0, 1, 2], &[0, 1, 2]).verdict, Verdict::Passed);
}

#[test]
fn what_changes_between_or_after_seals_is_named() {
    let together = Together::of(3);
    let two = together.lay_on(&[0, 1, 2], &[0, 1], false);
    let page = "Doc_0/Pages/Page_0/Content.xml";
    let twin = format!("{} ", text(&unpacked(&two), page));
    let changed = with(&two, &[(page, Some(&twin))]);
    let (signed, token) = {
        // Who goes on does so in the file that was changed.
        let mut ofd = SealableOfd::open(changed).expect("open");
        ofd.take_places_of(&together.compose(&[0, 1, 2]));
        together.sign(ofd, 2, true)
    };
    let report = together.report(&signed.finish(Some(&token)).expect("sealed"));
    expect(&report, "reference.changed", Verdict::Failed);
    assert!(report.has("signers.all_present"));
    // Another list of signatures, after the lock.
    let three = together.lay_on(&[0, 1, 2], &[0, 1, 2], true);
    let list = text(&unpacked(&three), LIST).replace("<ofd:MaxSignId>s006", "<ofd:MaxSignId>s009");
    let report = together.report(&with(&three, &[(LIST, Some(&list))]));
    expect(&report, "reference.list_changed", Verdict::Failed);
}
