//! Twins made by sealing differently: another signer, another token, other license data.

use super::*;
use crate::formats::x509::crl::RevokedX509;
use crate::formats::x509::testing::{new_key, particulars};
use crate::formats::x509::{Profile, issue_root};

#[test]
fn our_own_file_passes() {
    let (recipe, bytes) = sealed();
    let report = recipe.report(bytes);
    assert_eq!(report.verdict, Verdict::Passed, "{:#?}", report.findings);
    for code in
        ["integrity.intact", "seal.signature_right", "chain.trusted", "time.proven", "modification.none"]
    {
        assert!(report.has(code), "{code}");
    }
    let level = report.findings.iter().find(|f| f.code == "time.level").expect("a level");
    assert!(level.args.contains(&("level", "B-LT".to_owned())));
    assert!(report.has("license.issuer_is_signer") && report.has("modification.certified"));
    assert_eq!(report.seals[0].seal_code.as_deref(), Some(SEAL_CODE));
    assert_eq!(report.license.as_ref().map(|l| l.number.as_str()), Some("N-1"));
}

#[test]
fn a_seal_of_sm2_passes_by_its_own_rules_and_its_twins_do_not() {
    let recipe = Recipe::of(Suite::Sm2);
    let bytes = recipe.seal();
    let report = recipe.report(&bytes);
    assert_eq!(report.verdict, Verdict::Passed, "{:#?}", report.findings);
    assert!(report.rules.contains("GM/T 0010") && report.rules.contains("SM2/SM3"), "{}", report.rules);
    assert!(recipe.report(&sealed().1).rules.ends_with("ETSI EN 319 142-1 (PAdES)"));
    let level = report.findings.iter().find(|f| f.code == "time.level").expect("a level");
    assert!(level.args.contains(&("level", "B-LT".to_owned())));
    assert_eq!(report.seals[0].owner, Some(format!("{OWNER_CODE}{OWNER}")));
    assert!(report.has("license.issuer_is_signer"));

    let mut twin = bytes.clone();
    let title = twin.windows(5).position(|w| w == b"/Page").expect("it has pages");
    twin[title + 1] = b'Q';
    assert!(recipe.report(&twin).has("integrity.digest_mismatch"));
    let stranger = recipe.seal_as(&new_key(Suite::Sm2), &recipe.pki.seal);
    expect(&recipe.report(&stranger), "seal.signature_wrong", Verdict::Failed);
    let unfit = recipe.seal_as(&recipe.pki.tsa_key, &recipe.pki.tsa);
    expect(&recipe.report(&unfit), "signer.unfit", Verdict::Failed);
    let mut revoked = Recipe::of(Suite::Sm2);
    let serial_hex = crate::formats::x509::read(&revoked.pki.seal).expect("readable").serial_hex;
    revoked.validation.crls =
        revoked.pki.crls(&[RevokedX509 { serial_hex, at: revoked.pki.now, reason: 1, invalid_since: None }]);
    expect(&revoked.report(&revoked.seal()), "chain.revoked", Verdict::Failed);
    let unstamped = Recipe { stamped: false, ..Recipe::of(Suite::Sm2) };
    expect(&unstamped.report(&unstamped.seal()), "time.only_claimed", Verdict::Indeterminate);
}

/// What others write: `adbe.pkcs7.detached`, and a signature over the bytes themselves without attributes.
#[test]
fn plain_pkcs7_of_others_is_read_for_what_it_is() {
    use crate::formats::cms::testing::bare;
    for suite in Suite::ALL {
        let recipe = Recipe::of(suite);
        let mut unsealed = recipe.compose();
        let (theirs, ours) = (b"adbe.pkcs7.detached", b"ETSI.CAdES.detached");
        let place = unsealed.bytes.windows(ours.len()).position(|w| w == ours).expect("our form");
        unsealed.bytes[place..place + theirs.len()].copy_from_slice(theirs);
        let (start, end) = (unsealed.contents.start, unsealed.contents.end);
        let covered = [&unsealed.bytes[..start], &unsealed.bytes[end..]].concat();
        let container = bare(&recipe.pki, &recipe.pki.seal_key.sign(&covered).expect("signs"));
        let mut bytes = unsealed.bytes;
        let text = hex::encode(container);
        bytes[start + 1..start + 1 + text.len()].copy_from_slice(text.as_bytes());
        let report = recipe.report(&bytes);
        assert!(report.rules.contains("adbe.pkcs7.detached"), "{}", report.rules);
        assert_eq!(report.rules.contains("SM2/SM3"), suite == Suite::Sm2, "{}", report.rules);
        assert!(report.has("seal.signature_right") && report.has("integrity.intact"));
        expect(&report, "seal.attributes", Verdict::Indeterminate);
        bytes[20] ^= 1;
        let twin = recipe.report(&bytes);
        assert!(twin.has("seal.signature_wrong"), "{:#?}", twin.findings);
        assert_eq!(twin.verdict, Verdict::Failed);
    }
}

#[test]
fn without_a_timestamp_the_time_is_only_claimed() {
    let report_of = |stamped| {
        let recipe = Recipe { stamped, ..Recipe::new() };
        recipe.report(&recipe.seal())
    };
    assert_eq!(report_of(true).verdict, Verdict::Passed);
    expect(&report_of(false), "time.only_claimed", Verdict::Indeterminate);
}

#[test]
fn a_file_is_not_trusted_under_another_root() {
    let (recipe, bytes) = sealed();
    let named = |name: &str| {
        let profile = Profile::Root { name: name.into() };
        issue_root(&profile, &particulars(recipe.pki.now, DAY * 7000), &new_key(Suite::P256)).expect("a root")
    };
    // Anyone can make a root of any name: of another name, or of the same.
    for (root, code) in [(named("Other"), "chain.unknown_root"), (TestPki::new().root, "chain.bad_signature")]
    {
        let trust = Trust::from_ders([root]).expect("a root");
        let facts = examine(bytes, Known::of(&trust)).expect("a PDF");
        expect(&judge(&facts, &Policy::default(), recipe.at()), code, Verdict::Indeterminate);
    }
}

#[test]
fn a_newer_list_of_the_verifier_counts_whatever_the_file_brings() {
    // A list of the root by which the authority is revoked from this day on; the sealing is on day 1.
    let revoking = |pki: &TestPki, day: u32| {
        let serial_hex = crate::formats::x509::read(&pki.ca).expect("reads").serial_hex;
        let revoked = RevokedX509 { serial_hex, at: pki.now.plus(DAY * day), reason: 2, invalid_since: None };
        vec![pki.crl(&pki.by_root(), 9, pki.now.plus(DAY * 2), &[revoked])]
    };
    let (recipe, bytes) = sealed();
    expect(&recipe.report_knowing(&revoking(&recipe.pki, 0), bytes), "chain.revoked", Verdict::Failed);
    let later = recipe.report_knowing(&revoking(&recipe.pki, 2), bytes);
    expect(&later, "chain.revoked_later", Verdict::Passed);
    assert!(!recipe.report(bytes).has("chain.revoked_later"));

    // However many old lists it brings.
    let mut recipe = Recipe::new();
    recipe.validation.crls = recipe.pki.crls(&[]).into_iter().cycle().take(80).collect();
    let bytes = recipe.seal();
    expect(&recipe.report(&bytes), "chain.trusted", Verdict::Passed);
    expect(&recipe.report_knowing(&revoking(&recipe.pki, 0), &bytes), "chain.revoked", Verdict::Failed);

    // Lists of the verifier do not make a file last that brings none.
    recipe.validation.crls.clear();
    let bytes = recipe.seal();
    expect(&recipe.report(&bytes), "chain.revocation_unknown", Verdict::Indeterminate);
    let report = recipe.report_knowing(&recipe.pki.crls(&[]), &bytes);
    expect(&report, "chain.trusted", Verdict::Passed);
    let level = report.findings.iter().find(|f| f.code == "time.level").expect("a level");
    assert!(level.args.contains(&("level", "B-T".to_owned())));
}

#[test]
fn a_signer_that_is_not_fit_or_not_the_issuer_is_refused() {
    let recipe = Recipe::new();
    let bytes = recipe.seal_as(&recipe.pki.tsa_key, &recipe.pki.tsa);
    expect(&recipe.report(&bytes), "signer.unfit", Verdict::Failed);
    // Signed by another key than the X.509 certificate's.
    let bytes = recipe.seal_as(&new_key(Suite::P256), &recipe.pki.seal);
    expect(&recipe.report(&bytes), "seal.signature_wrong", Verdict::Failed);
}

#[test]
fn a_revoked_seal_is_judged_by_when() {
    for (days, code, verdict) in
        [(0, "chain.revoked", Verdict::Failed), (5, "chain.revoked_later", Verdict::Passed)]
    {
        let mut recipe = Recipe::new();
        let facts = crate::formats::x509::read(&recipe.pki.seal).expect("readable");
        let revoked = RevokedX509 {
            serial_hex: facts.serial_hex,
            at: recipe.pki.now.plus(DAY * days),
            reason: 1,
            invalid_since: None,
        };
        recipe.validation.crls = recipe.pki.crls(&[revoked]);
        let report = recipe.report(&recipe.seal());
        expect(&report, code, verdict);
    }
}

#[test]
fn without_revocation_lists_nothing_is_known() {
    let mut recipe = Recipe::new();
    recipe.validation.crls.clear();
    expect(&recipe.report(&recipe.seal()), "chain.revocation_unknown", Verdict::Indeterminate);
}

#[test]
fn a_token_of_another_signature_or_authority_is_not_taken() {
    let recipe = Recipe::new();
    let with_token = |stamp: &dyn Fn([u8; 32]) -> Vec<u8>| {
        let ca = std::slice::from_ref(&recipe.pki.ca);
        let pending = seal::begin(recipe.compose(), Suite::P256, &recipe.pki.seal, ca);
        let signature = recipe.pki.seal_key.sign(pending.to_sign()).expect("signs");
        let signed = pending.signed(signature);
        let token = stamp(signed.digest_to_stamp());
        recipe.report(&signed.finish(Some(&token)).expect("it fits"))
    };
    let pki = &recipe.pki;
    let right = with_token(&|digest| recipe.token(&digest, &pki.tsa_key, &pki.tsa));
    assert_eq!(right.verdict, Verdict::Passed);
    let copied = with_token(&|_| recipe.token(&[1; 32], &pki.tsa_key, &pki.tsa));
    expect(&copied, "time.other_signature", Verdict::Failed);
    let forged = with_token(&|digest| recipe.token(&digest, &new_key(Suite::P256), &pki.tsa));
    expect(&forged, "time.token_broken", Verdict::Failed);
    let by_a_seal = with_token(&|digest| recipe.token(&digest, &pki.seal_key, &pki.seal));
    expect(&by_a_seal, "time.authority_unfit", Verdict::Failed);
    let stranger = TestPki::new();
    let unknown = with_token(&|digest| recipe.token(&digest, &stranger.tsa_key, &stranger.tsa));
    expect(&unknown, "time.authority_bad_signature", Verdict::Indeterminate);
    let no_token = with_token(&|_| vec![0x30, 0]);
    expect(&no_token, "time.token_unreadable", Verdict::Indeterminate);
}

#[test]
fn license_data_must_agree_with_the_seal() {
    let mut recipe = Recipe::new();
    recipe.seal_code = "44030000099999".into();
    expect(&recipe.report(&recipe.seal()), "license.other_seal", Verdict::Failed);
    for (name, value, code) in [
        ("certificateIssuingAuthorityName", "景川市民政局", "license.issuer_is_not_signer"),
        ("certificateTypeCode", "11100000MB0143028R002", "license.other_type"),
        ("certificateVersion", "002", "license.other_edition"),
        ("certificateIdentifier", "1.2.156.3005.2", "license.identifier_malformed"),
    ] {
        let mut recipe = Recipe::new();
        let element = recipe.metadata.iter_mut().find(|(n, _)| n == name).expect("an element");
        element.1 = value.to_owned();
        expect(&recipe.report(&recipe.seal()), code, Verdict::Failed);
    }
    let mut recipe = Recipe::new();
    recipe.shown = recipe.shown.replace("20260000000001", "20260000000002");
    expect(&recipe.report(&recipe.seal()), "license.displays_another", Verdict::Failed);
}

#[test]
fn a_signature_that_is_too_long_is_refused() {
    let recipe = Recipe::new();
    let others: Vec<Vec<u8>> = (0..40).map(|n| [recipe.pki.ca.as_slice(), &[n]].concat()).collect();
    let pending = seal::begin(recipe.compose(), Suite::P256, &recipe.pki.seal, &others);
    let signature = recipe.pki.seal_key.sign(pending.to_sign()).expect("signs");
    let refused = pending.signed(signature).finish(None);
    assert!(matches!(refused, Err(seal::DoesNotFit::TooLong { kept: 8_192, .. })), "{refused:?}");
}

#[test]
fn the_seal_is_what_an_independent_reader_of_cms_expects() {
    let (_, bytes) = sealed();
    let open = bytes.windows(10).position(|w| w == b"/Contents<").expect("a place") + 10;
    let close = open + bytes[open..].iter().position(|b| *b == b'>').expect("its end");
    let contents = hex::decode(&bytes[open..close]).expect("hex");
    let facts = cms::read(&contents).expect("CMS");
    assert!(!facts.has_signing_time && facts.ess_v2.len() == 1 && facts.trailing_is_zero);
    let mut twin = contents;
    *twin.last_mut().expect("padding") = 1;
    assert!(!cms::read(&twin).expect("CMS").trailing_is_zero);
}
