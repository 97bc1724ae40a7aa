//! What the fuzzers begin with: small sealed files of both suites, and what stands in their seals.

use super::*;
use crate::domain::license::face::{FaceItem, ValueSource};
use crate::domain::picture::Drawing;
use crate::formats::testing::keep_seed;
use crate::formats::x509::crl::RevokedX509;
use crate::formats::x509::testing::seal_profile;

/// Room for the seal, which is hardly more than it needs.
const RESERVE: usize = 4_096;

/// A face of one value, one code and a seal of one line: nearly all of a license file is fonts and pictures, of which an
/// examination reads nothing.
fn small(recipe: &Recipe) -> UnsealedPdf {
    let fonts = Arc::new(Fonts::embedded());
    let kinds = crate::adapters::kinds::load(None).expect("the kinds that come with the program");
    let mut kind = crate::domain::license::LicenseKind::clone(kinds.get("business-license").expect("a kind"));
    kind.face.pages.truncate(1);
    kind.face.pages[0].items.retain(|item| match item {
        FaceItem::Value { source, .. } => *source == ValueSource::Field("name".into()),
        FaceItem::Seal { .. } | FaceItem::Code { .. } => true,
        _ => false,
    });
    let drawing = seal_picture::draw(OWNER, SealPurpose::License, "", SEAL_CODE, &fonts);
    let mut paths = drawing.expect("every glyph").paths;
    paths.truncate(1);
    let picture = SealPicture::Drawn(Drawing { width: 40.0, height: 40.0, paths });
    let data: LicenseData = [("name".to_owned(), "景川".to_owned())].into();
    let template = PdfTemplate::prepare(&kind, &fonts).expect("a sound kind");
    recipe.compose_on(&template, &picture, &data, RESERVE)
}

#[test]
fn seeds_are_of_both_suites_and_pass() {
    for suite in Suite::ALL {
        let recipe = Recipe::of(suite);
        let pki = &recipe.pki;
        let suite = suite.name();
        let bytes = recipe.put_seal_on(small(&recipe), &pki.seal_key, &pki.seal);
        let report = recipe.report(&bytes);
        assert_eq!(report.verdict, Verdict::Passed, "{:#?}", report.findings);
        assert!(bytes.len() < 48 << 10, "{} bytes", bytes.len());
        keep_seed(&format!("corpus/pdf/sealed-{suite}.pdf"), &bytes);

        let open = bytes.windows(10).position(|w| w == b"/Contents<").expect("a place") + 10;
        let contents = hex::decode(&bytes[open..open + 2 * RESERVE]).expect("hexadecimal");
        let padding = cms::read(&contents).expect("reads").trailing;
        let contents = &contents[..contents.len() - padding];
        let token = &cms::read(contents).expect("reads").timestamp_tokens[0];
        keep_seed(&format!("corpus/cms/sealed-{suite}.der"), contents);
        keep_seed(&format!("corpus/cms/bare-{suite}.der"), &cms::testing::bare(pki, b"signature"));
        keep_seed(&format!("corpus/tsp_token/token-{suite}.der"), token);
        keep_seed(&format!("corpus/tsp_token/response-{suite}.der"), &tsp::response(token));
        let algorithm = pki.seal_key.suite().digest_algorithm();
        let request = tsp::request(algorithm, &[9; 32], 0x1234_5678_9abc_def0);
        keep_seed(&format!("corpus/tsp_token/request-{suite}.der"), &request);

        let serial_hex = crate::formats::x509::read(&pki.seal).expect("readable").serial_hex;
        let revoked = [RevokedX509 { serial_hex, at: pki.now, reason: 1, invalid_since: None }];
        let crls = pki.crls(&[]);
        for (name, content) in [
            ("root.cer", &pki.root),
            ("ca.cer", &pki.ca),
            ("seal.cer", &pki.seal),
            ("tsa.cer", &pki.tsa),
            ("root.crl", &crls[0]),
            ("ca.crl", &crls[1]),
            ("revoked.crl", &pki.crls(&revoked)[1]),
        ] {
            keep_seed(&format!("known/{suite}/{name}"), content);
            keep_seed(&format!("corpus/x509_crl/{suite}-{name}"), content);
        }
        let request = crate::formats::x509::request::make(&seal_profile(), &pki.seal_key).expect("a request");
        keep_seed(&format!("corpus/x509_crl/{suite}-request.csr"), &request);
    }
}
