//! How much one seal costs above its bare signature: `cargo bench --bench seal`. No timestamp, no key store, no proof:
//! the steps between [`begin`](yinzheng::documents::ofd::seal::begin) and the sealed file, with the key at hand.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use ring::rand::{SecureRandom, SystemRandom};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;
use yinzheng::crypto::{PrivateKey, Signer, Suite, sm3};
use yinzheng::documents::face::FaceContent;
use yinzheng::documents::fonts::Fonts;
use yinzheng::documents::ofd::compose::{OfdContent, OfdTemplate};
use yinzheng::documents::ofd::seal::{SealableOfd, Sealing, begin};
use yinzheng::documents::pdf::compose::ValidationData;
use yinzheng::documents::seal_picture;
use yinzheng::domain::license::LicenseData;
use yinzheng::domain::seal::{SealPicture, SealPurpose};
use yinzheng::domain::time::{Timestamp, parse_date};
use yinzheng::formats::eseal::{SealContent, Version, assemble_seal, seal_info};
use yinzheng::formats::x509::{Issuer, Particulars, Profile, issue, issue_root};

const OWNER: &str = "景川市市场监督管理局";
const SEAL_CODE: &str = "45090020260001";
const NOW: Timestamp = Timestamp::from_seconds(1_795_420_800);

fn key() -> PrivateKey {
    PrivateKey::from_pkcs8(&PrivateKey::generate_pkcs8(Suite::Sm2).expect("a key")).expect("our own key")
}

fn particulars() -> Particulars<'static> {
    let mut serial = [0; 16];
    SystemRandom::new().fill(&mut serial).expect("randomness");
    let not_after = NOW.plus(Duration::from_secs(365 * 86_400));
    Particulars { serial, not_before: NOW, not_after, crl_address: Some("http://crl.example/x.crl") }
}

/// A seal, the key that signs under it, and that key's certificate.
struct SealAtHand {
    object: Vec<u8>,
    key: PrivateKey,
    x509: Vec<u8>,
    size: (f32, f32),
}

fn seal(fonts: &Arc<Fonts>) -> SealAtHand {
    let [maker, key] = [key(), key()];
    let maker_x509 = issue_root(&Profile::Root { name: "Root".into() }, &particulars(), &maker);
    let maker_x509 = maker_x509.expect("a root");
    let profile = Profile::Seal {
        owner_code: "11440300MB2C12345X".into(),
        owner_name: OWNER.into(),
        seal_code: SEAL_CODE.into(),
    };
    let by_maker = Issuer { x509: &maker_x509, signer: &maker };
    let x509 = issue(&profile, &particulars(), key.spki(), &by_maker).expect("issued");
    let drawing = seal_picture::draw(OWNER, SealPurpose::License, "电子证照专用章", SEAL_CODE, fonts);
    let picture = SealPicture::Drawn(drawing.expect("every glyph is there"));
    let info = seal_info(&SealContent {
        version: Version::V4,
        vendor: "YINZHENG",
        id: SEAL_CODE,
        kind: 4,
        name: OWNER,
        signers: &[&x509],
        created: NOW,
        valid_from: NOW,
        valid_until: NOW.plus(Duration::from_secs(300 * 86_400)),
        picture_format: "PNG",
        picture: &seal_picture::png(&picture),
        width_mm: 40,
        height_mm: 40,
        extensions: &[],
    })
    .expect("a seal");
    let signature = maker.sign(&info).expect("signs");
    let object = assemble_seal(&info, &maker_x509, &signature, None).expect("a seal").raw;
    SealAtHand { object, key, x509, size: seal_picture::size(&picture) }
}

fn unsealed(fonts: &Arc<Fonts>) -> SealableOfd {
    let kinds = yinzheng::adapters::kinds::load(None).expect("the kinds that come with the program");
    let kind = kinds.iter().find(|kind| kind.name == "business-license").expect("it comes with the program");
    let data: LicenseData =
        kind.fields.iter().map(|field| (field.name.clone(), field.example.clone())).collect();
    let date = parse_date("2026-11-23");
    let content = OfdContent {
        face: FaceContent {
            data: &data,
            number: "91450900MA5K3W7P0X",
            identifier: "1.2.156.3005.2.11100000MB0143028R001.11450900MB0000001X.202611230001.001.K",
            issuer_name: OWNER,
            issued_on: date,
            valid_from: date,
            valid_until: date,
            check_code: "8H2K7Q",
            verification_url: "https://licenses.example.org/v?i=1.2.156.3005.2.11100000MB0143028R001&c=8H2K7Q",
        },
        metadata: &[("certificateName", kind.title.zh.clone())],
        attachment_json: &[b' '; 2_000],
        validation: &ValidationData { x509s: vec![vec![0x30; 700]; 4], crls: vec![vec![0x30; 400]; 3] },
        expected_seals: &[SEAL_CODE],
        title: &kind.title.zh,
        document_id: [7; 16],
        created: NOW,
    };
    OfdTemplate::prepare(kind, fonts).expect("a sound kind").compose(&content).expect("composed")
}

fn benches(c: &mut Criterion) {
    let fonts = Arc::new(Fonts::embedded());
    let (seal, ofd) = (seal(&fonts), unsealed(&fonts));
    let stamps = ofd.seal_places(None, seal.size);
    let sealing = Sealing {
        version: Version::V4,
        seal: &seal.object,
        signer_x509: &seal.x509,
        stamps: &stamps,
        time: NOW,
        last: true,
    };
    let tbs = begin(ofd.clone(), &sealing).expect("a place").to_sign().to_vec();
    let kilobytes = ofd.bytes().len() / 1000;

    c.bench_function("SM2: the bare signature", |b| b.iter(|| seal.key.sign(black_box(&tbs))));
    c.bench_function(&format!("SM2: an OFD of {kilobytes} kB sealed"), |b| {
        b.iter_batched(
            || ofd.clone(),
            |ofd| {
                let pending = begin(ofd, &sealing).expect("a place");
                let signature = seal.key.sign(pending.to_sign()).expect("signs");
                pending.signed(signature).finish(None).expect("fits")
            },
            BatchSize::SmallInput,
        );
    });
    c.bench_function("of that: before the signature", |b| {
        b.iter_batched(|| ofd.clone(), |ofd| begin(ofd, &sealing), BatchSize::SmallInput);
    });
    c.bench_function("for comparison: SM3 of as many bytes", |b| b.iter(|| sm3(black_box(ofd.bytes()))));
}

criterion_group!(all, benches);
criterion_main!(all);
