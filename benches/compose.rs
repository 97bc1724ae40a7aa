//! How long one license takes to compose: `cargo bench --bench compose`.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use std::sync::Arc;
use yinzheng::documents::face::FaceContent;
use yinzheng::documents::fonts::Fonts;
use yinzheng::documents::ofd::compose::{OfdContent, OfdTemplate};
use yinzheng::documents::pdf::compose::{
    PdfContent, PdfTemplate, PlannedSeal, SignatureField, ValidationData,
};
use yinzheng::documents::seal_picture;
use yinzheng::domain::license::LicenseData;
use yinzheng::domain::seal::{SealPicture, SealPurpose};
use yinzheng::domain::time::{Timestamp, parse_date};

fn compose(c: &mut Criterion) {
    let fonts = Arc::new(Fonts::embedded());
    let kinds = yinzheng::adapters::kinds::load(None).expect("the kinds that come with the program");
    let owner = "景川市市场监督管理局";
    let drawing = seal_picture::draw(owner, SealPurpose::License, "电子证照专用章", "45090020260001", &fonts);
    let seal = SealPicture::Drawn(drawing.expect("every glyph is there"));
    let validation = ValidationData { x509s: vec![vec![0x30; 700]; 4], crls: vec![vec![0x30; 400]; 3] };
    for kind in kinds.iter() {
        let template = PdfTemplate::prepare(kind, &fonts).expect("a sound kind");
        let data: LicenseData =
            kind.fields.iter().map(|field| (field.name.clone(), field.example.clone())).collect();
        let date = parse_date("2026-11-23");
        let created = Timestamp::from_seconds(1_795_420_800);
        let places = kind.face.seal_places().expect("places for seals");
        let planned = PlannedSeal {
            party: places[0].party.as_deref(),
            picture: &seal,
            signature: SignatureField {
                name: owner,
                reason: "",
                claimed_time: created,
                contents_reserve: 8_192,
            },
            validation: &validation,
        };
        let content = PdfContent {
            face: FaceContent {
                data: &data,
                number: "91450900MA5K3W7P0X",
                identifier: "1.2.156.3005.2.11100000MB0143028R001.11450900MB0000001X.202611230001.001.K",
                issuer_name: owner,
                issued_on: date,
                valid_from: date,
                valid_until: date,
                check_code: "8H2K7Q",
                verification_url: "https://licenses.example.org/v?i=1.2.156.3005.2.11100000MB0143028R001.\
                    11450900MB0000001X.202611230001.001.K&c=8H2K7Q",
            },
            seals: &[planned],
            attachment_json: &[b' '; 2_000],
            title: &kind.title.zh,
            document_id: [7; 16],
            created,
        };
        let size = template.compose(&content).expect("composed").bytes.len();
        c.bench_function(&format!("compose {} ({size} bytes)", kind.name), |bencher| {
            bencher.iter(|| template.compose(black_box(&content)));
        });
        let template = OfdTemplate::prepare(kind, &fonts).expect("a sound kind");
        let content = OfdContent {
            face: content.face,
            metadata: &[("certificateName", kind.title.zh.clone())],
            attachment_json: content.attachment_json,
            validation: &validation,
            expected_seals: &["45090020260001"],
            title: content.title,
            document_id: content.document_id,
            created,
        };
        let size = template.compose(&content).expect("composed").bytes().len();
        c.bench_function(&format!("compose {} as OFD ({size} bytes)", kind.name), |bencher| {
            bencher.iter(|| template.compose(black_box(&content)));
        });
    }
}

criterion_group!(benches, compose);
criterion_main!(benches);
