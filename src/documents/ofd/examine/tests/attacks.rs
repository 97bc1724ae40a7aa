//! Twins: what an attacker, a careless signer or a bad copy can do to a sealed license.

use super::*;
use crate::formats::eseal::{assemble_seal, seal_info};
use crate::formats::x509::testing::particulars;
use crate::formats::x509::{self, Profile, issue};

const DESCRIPTION: &str = "Doc_0/Signs/Sign_0/Signature.xml";
const VALUE: &str = "Doc_0/Signs/Sign_0/SignedValue.dat";
const SEAL: &str = "Doc_0/Signs/Sign_0/Seal.esl";

fn changed(change: impl Fn(&mut Parts)) -> Report {
    let mut parts = sealed();
    change(&mut parts);
    report(&parts)
}

#[test]
fn a_part_that_is_changed_cut_or_added_is_named() {
    for path in [PAGE, "OFD.xml", "Doc_0/Document.xml", "Doc_0/Res/song.ttf", "Doc_0/Attachs/license.json"] {
        let report = changed(|parts| {
            let twin = [parts.get(path), b" "].concat();
            parts.put(path, twin);
        });
        expect(&report, "reference.changed", Verdict::Failed);
    }
    let cut = changed(|parts| parts.remove("Doc_0/Res/song.ttf"));
    expect(&cut, "reference.missing", Verdict::Failed);
    assert!(cut.has("package.missing_part"));
    let added = changed(|parts| parts.put("Doc_0/more.xml", *b"<x/>"));
    expect(&added, "cover.loose_part", Verdict::Indeterminate);
    // A page that takes another's place, in a document that leads to both.
    let swapped = changed(|parts| parts.put(PAGE, *b"<Page><Content><Layer ID=\"7\"/></Content></Page>"));
    expect(&swapped, "reference.changed", Verdict::Failed);
}

#[test]
fn a_part_that_is_moved_is_missed() {
    // To another path, while the document leads to the old one or follows.
    let font = "Doc_0/Res/song.ttf";
    let moved = |parts: &mut Parts| {
        let content = parts.get(font).to_vec();
        parts.remove(font);
        parts.put("Doc_0/Res/tang.ttf", content);
    };
    let left = changed(moved);
    expect(&left, "reference.missing", Verdict::Failed);
    assert!(left.has("package.missing_part") && left.has("cover.loose_part"));
    let followed = changed(|parts| {
        moved(parts);
        parts.replace("Doc_0/PublicRes.xml", "song.ttf", "tang.ttf");
    });
    expect(&followed, "reference.missing", Verdict::Failed);
    assert!(followed.has("reference.changed") && followed.has("cover.used_part"));
    // Two pages that change places: the same parts, in another order.
    let two_pages = |order: [usize; 2]| {
        let mut parts = unsealed(FIRST);
        parts.put("Doc_0/Pages/Page_1/Content.xml", *b"<Page><Content/></Page>");
        let page = r#"<ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/>"#;
        let other = page.replace(r#"ID="1""#, r#"ID="2""#).replace("Page_0", "Page_1");
        let both = [page, &other];
        let text = format!("{}{}", both[order[0]], both[order[1]]);
        parts.replace("Doc_0/Document.xml", page, &text);
        parts
    };
    let mut parts = two_pages([0, 1]);
    parts.seal(&bench().sealer());
    assert_eq!(report(&parts).verdict, Verdict::Passed);
    parts.put("Doc_0/Document.xml", two_pages([1, 0]).get("Doc_0/Document.xml"));
    expect(&report(&parts), "reference.changed", Verdict::Failed);
}

#[test]
fn a_part_that_is_offered_but_not_sealed_is_a_failure() {
    let parts = sealed_by(|by| by.left_out = vec!["Doc_0/Annots/Annotations.xml"]);
    expect(&report(&parts), "cover.used_part", Verdict::Failed);
    for path in ["OFD.xml", "Doc_0/Document.xml", PAGE, "Doc_0/PublicRes.xml", "Doc_0/Res/song.ttf"] {
        let parts = sealed_by(|by| by.left_out = vec![path]);
        expect(&report(&parts), "cover.left_out", Verdict::Failed);
    }
}

#[test]
fn digests_that_can_be_forged_are_refused() {
    let sealed_with = |method: Option<&str>| report(&sealed_by(|by| by.method = method.map(str::to_owned)));
    expect(&sealed_with(None), "reference.method_missing", Verdict::Failed);
    expect(&sealed_with(Some("MD5")), "reference.method_weak", Verdict::Failed);
    expect(&sealed_with(Some("SHA1")), "reference.method_weak", Verdict::Failed);
    expect(&sealed_with(Some("1.2.3")), "reference.method_unknown", Verdict::Indeterminate);
    expect(&sealed_with(Some("SHA-256")), "reference.changed", Verdict::Failed);
    for name in ["SM3", "sm3", "1.2.156.10197.1.401.1", "1.2.156.10197.1.401.2"] {
        assert_eq!(sealed_with(Some(name)).verdict, Verdict::Passed, "{name}");
    }
}

#[test]
fn the_description_of_a_seal_is_sealed() {
    let moved = changed(|parts| parts.replace(DESCRIPTION, "150 240", "20 20"));
    expect(&moved, "ses.data_changed", Verdict::Failed);
    expect(&changed(|parts| parts.remove(DESCRIPTION)), "ses.no_description", Verdict::Failed);
    let empty = changed(|parts| parts.put(DESCRIPTION, *b"<Signature/>"));
    expect(&empty, "ses.no_description", Verdict::Failed);
    let entity = b"<!DOCTYPE a [<!ENTITY b \"c\">]><Signature>&b;</Signature>";
    expect(&changed(|parts| parts.put(DESCRIPTION, *entity)), "ses.no_description", Verdict::Failed);
    expect(&changed(|parts| parts.remove(VALUE)), "ses.missing", Verdict::Failed);
    expect(&changed(|parts| parts.put(VALUE, *b"\x30\x03\x02\x01\x01")), "ses.broken", Verdict::Failed);
    let elsewhere = sealed_by(|by| by.property = Some("/Doc_0/Signs/Sign_7/Signature.xml"));
    expect(&report(&elsewhere), "ses.property_differs", Verdict::Indeterminate);
}

#[test]
fn a_seal_lifted_from_another_document_is_noticed() {
    let mut other = unsealed(FIRST);
    other.put(PAGE, *b"<Page><Content><Layer ID=\"9\"/></Content></Page>");
    other.seal(&bench().sealer());
    assert_eq!(report(&other).verdict, Verdict::Passed);
    let lifted = |paths: &[&str]| {
        changed(|parts| paths.iter().for_each(|path| parts.put(path, other.get(path).to_vec())))
    };
    expect(&lifted(&[VALUE]), "ses.data_changed", Verdict::Failed);
    expect(&lifted(&[VALUE, DESCRIPTION]), "reference.changed", Verdict::Failed);
    expect(&lifted(&[VALUE, DESCRIPTION, SEAL]), "reference.changed", Verdict::Failed);
}

#[test]
fn the_seal_beside_a_signature_is_the_one_in_it() {
    let mut parts = sealed_by(|by| by.left_out = vec![SEAL]);
    assert_eq!(report(&parts).verdict, Verdict::Passed);
    parts.put(SEAL, bench().second_sealer().seal);
    expect(&report(&parts), "ses.seal_differs", Verdict::Failed);
    parts.remove(SEAL);
    expect(&report(&parts), "ses.seal_missing", Verdict::Failed);
}

#[test]
fn who_seals_must_stand_in_the_seal_and_not_have_made_it() {
    let bench = bench();
    let stranger = sealed_by(|by| (by.x509, by.key) = (bench.second.clone(), &bench.second_key));
    expect(&report(&stranger), "ses.signer_not_in_seal", Verdict::Failed);
    let wrong_key = sealed_by(|by| by.key = &bench.second_key);
    expect(&report(&wrong_key), "ses.signature_wrong", Verdict::Failed);
    // Whoever may seal makes itself a seal of another's name.
    let signers = [bench.pki.seal.as_slice()];
    let content = bench.pki.content(Version::V4, &signers);
    let info = seal_info(&content).expect("a seal");
    let signature = bench.pki.seal_key.sign(&info).expect("signs");
    let own = assemble_seal(&info, &bench.pki.seal, &signature, None).expect("a seal");
    let report = report(&sealed_by(|by| by.seal = own.raw.clone()));
    expect(&report, "eseal.made_by_its_signer", Verdict::Failed);
    assert!(report.has("eseal.maker_unfit"));
}

#[test]
fn a_seal_of_another_maker_is_not_trusted() {
    let stranger = SmPki::new();
    let signers = [bench().pki.seal.as_slice()];
    let seal = stranger.make(&bench().pki.content(Version::V4, &signers));
    let report = report(&sealed_by(|by| by.seal = seal.raw.clone()));
    assert_eq!(report.verdict, Verdict::Indeterminate, "{:#?}", report.findings);
    assert!(report.has("eseal.maker_unknown") || report.has("eseal.maker_bad_signature"));
}

#[test]
fn times_outside_periods_are_noticed() {
    let bench = bench();
    // Structure 4: before the seal's period, which begins a day after its signer's.
    let early = sealed_by(|by| by.time = bench.pki.now.plus(DAY / 2));
    expect(&report(&early), "eseal.out_of_period", Verdict::Failed);
    let late = sealed_by(|by| by.time = bench.pki.now.plus(DAY * 301));
    expect(&report(&late), "eseal.out_of_period", Verdict::Failed);
    let key = new_key(Suite::Sm2);
    let x509 = bench.pki.signer_x509(FIRST, bench.at().plus(DAY), &key);
    let signers = [x509.as_slice()];
    let seal = bench.pki.make(&bench.pki.content(Version::V4, &signers));
    let key: &'static PrivateKey = Box::leak(Box::new(key));
    let before = sealed_by(|by| (by.seal, by.x509, by.key) = (seal.raw.clone(), x509.clone(), key));
    expect(&report(&before), "chain.not_yet_valid", Verdict::Failed);
    let ended = bench.pki.signer_x509(FIRST, bench.pki.now.minus(DAY * 1500), key);
    let signers = [ended.as_slice()];
    let seal = bench.pki.make(&bench.pki.content(Version::V4, &signers));
    let after = sealed_by(|by| (by.seal, by.x509, by.key) = (seal.raw.clone(), ended.clone(), key));
    expect(&report(&after), "chain.expired", Verdict::Failed);
    expect(&report(&sealed_by(|by| by.stamped = false)), "time.only_claimed", Verdict::Indeterminate);
}

#[test]
fn the_maker_must_be_valid_when_a_seal_of_structure_4_is_used() {
    let bench = bench();
    let sealed_under = |from: Timestamp, life| {
        let key = new_key(Suite::Sm2);
        let profile = Profile::SealMaker { name: "Another Seal Maker".into() };
        let maker = issue(&profile, &particulars(from, life), key.spki(), &bench.pki.by_ca());
        let signers = [bench.pki.seal.as_slice()];
        let info = seal_info(&bench.pki.content(Version::V4, &signers)).expect("a seal");
        let signature = key.sign(&info).expect("signs");
        let seal = assemble_seal(&info, &maker.expect("issued"), &signature, None).expect("a seal");
        report(&sealed_by(|by| by.seal = seal.raw.clone()))
    };
    let began = bench.pki.now.minus(DAY * 900);
    assert_eq!(sealed_under(began, DAY * 1900).verdict, Verdict::Passed);
    expect(&sealed_under(began, DAY * 500), "eseal.maker_expired", Verdict::Failed);
    let later = bench.at().plus(DAY / 2);
    expect(&sealed_under(later, DAY * 900), "eseal.maker_not_yet_valid", Verdict::Failed);
}

#[test]
fn revocation_counts_from_its_time() {
    let bench = bench();
    let bytes = sealed().zipped();
    let revoked = |x509: &[u8], at| RevokedX509 {
        serial_hex: x509::read(x509).expect("reads").serial_hex,
        at,
        reason: 1,
        invalid_since: None,
    };
    let before = bench.at().minus(DAY / 2);
    let after = bench.at().plus(DAY / 2);
    let report = |x509: &[u8], at| report_with(&bytes, &[revoked(x509, at)]);
    expect(&report(&bench.pki.seal, before), "chain.revoked", Verdict::Failed);
    expect(&report(&bench.pki.seal, after), "chain.revoked_later", Verdict::Passed);
    expect(&report(&bench.pki.maker, before), "eseal.maker_revoked", Verdict::Failed);
    expect(&report(&bench.pki.maker, after), "eseal.maker_revoked_later", Verdict::Passed);
}

#[test]
fn a_seal_that_is_cut_off_is_missed() {
    let both = format!("{FIRST} {SECOND}");
    let mut parts = unsealed(&both);
    parts.seal(&Sealer { last: false, ..bench().sealer() });
    let cut = report(&parts);
    expect(&cut, "signers.missing", Verdict::Indeterminate);
    assert!(cut.has("cover.not_locked") && cut.has("reference.intact"));
    // The other way round.
    let mut parts = unsealed(&both);
    parts.seal(&Sealer { last: false, ..bench().second_sealer() });
    parts.seal(&bench().sealer());
    expect(&report(&parts), "signers.order", Verdict::Indeterminate);
    // One more than asked for.
    let mut parts = unsealed(FIRST);
    parts.seal(&Sealer { last: false, ..bench().sealer() });
    parts.seal(&bench().second_sealer());
    expect(&report(&parts), "signers.unexpected", Verdict::Indeterminate);
}

#[test]
fn two_of_three_seals_are_said_to_be_two_of_three() {
    const THIRD: &str = "44030000099999";
    let bench = bench();
    let key: &'static PrivateKey = Box::leak(Box::new(new_key(Suite::Sm2)));
    let x509 = bench.pki.signer_x509(THIRD, bench.pki.now, key);
    let signers = [x509.as_slice()];
    let mut content = bench.pki.content(Version::V4, &signers);
    content.id = THIRD;
    let third = Sealer { seal: bench.pki.make(&content).raw, x509: x509.clone(), key, ..bench.sealer() };
    let mut parts = unsealed(&format!("{FIRST} {SECOND} {THIRD}"));
    parts.seal(&Sealer { last: false, ..bench.sealer() });
    parts.seal(&Sealer { last: false, ..bench.second_sealer() });
    let before = parts.clone();
    parts.seal(&third);
    let whole = report(&parts);
    expect(&whole, "signers.all_present", Verdict::Passed);
    assert_eq!(whole.seals.len(), 3);

    // The last seal cut off without a trace: its folder, and its entry in the list.
    let mut cut = parts;
    for name in ["Seal.esl", "Signature.xml", "SignedValue.dat"] {
        cut.remove(&format!("Doc_0/Signs/Sign_2/{name}"));
    }
    cut.put(LIST, before.get(LIST));
    let cut = report(&cut);
    expect(&cut, "signers.missing", Verdict::Indeterminate);
    let missing = cut.findings.iter().find(|finding| finding.code == "signers.missing").expect("there");
    let said = |name: &str| missing.args.iter().find(|(known, _)| *known == name).map(|(_, value)| &**value);
    assert_eq!((said("present"), said("expected"), said("missing")), (Some("2"), Some("3"), Some(THIRD)));
}

#[test]
fn after_a_lock_nothing_is_added_or_taken_away() {
    let mut parts = sealed();
    parts.seal(&bench().second_sealer());
    expect(&report(&parts), "reference.list_changed", Verdict::Failed);
    let both = format!("{FIRST} {SECOND}");
    let mut parts = unsealed(&both);
    parts.seal(&Sealer { last: false, ..bench().sealer() });
    parts.seal(&bench().second_sealer());
    let first = r#"<ofd:Signature ID="s0" Type="Seal" BaseLoc="/Doc_0/Signs/Sign_0/Signature.xml"/>"#;
    parts.replace(LIST, first, "");
    expect(&report(&parts), "reference.list_changed", Verdict::Failed);
    let unlocked = sealed_by(|by| by.last = false);
    expect(&report(&unlocked), "cover.not_locked", Verdict::Indeterminate);
}

#[test]
fn marks_stand_inside_their_pages() {
    let marked = |mark: &str| report(&sealed_by(|by| by.mark = mark.to_owned()));
    let outside = r#"<ofd:StampAnnot ID="s2" PageRef="1" Boundary="190 240 42 42"/>"#;
    expect(&marked(outside), "mark.outside", Verdict::Indeterminate);
    let clipped = r#"<ofd:StampAnnot ID="s2" PageRef="1" Boundary="190 240 42 42" Clip="0 0 20 42"/>"#;
    expect(&marked(clipped), "mark.inside", Verdict::Passed);
    let no_page = r#"<ofd:StampAnnot ID="s2" PageRef="2" Boundary="150 240 42 42"/>"#;
    expect(&marked(no_page), "mark.no_such_page", Verdict::Indeterminate);
    let malformed = r#"<ofd:StampAnnot ID="s2" PageRef="1" Boundary="150 240 42"/>"#;
    expect(&marked(malformed), "mark.malformed", Verdict::Indeterminate);
    expect(&marked(""), "mark.none", Verdict::Passed);
}

#[test]
fn the_license_inside_agrees_with_the_seal() {
    let displayed = {
        let mut parts = unsealed(FIRST);
        parts.replace("OFD.xml", r#"Name="ZZBS">1"#, r#"Name="ZZBS">2"#);
        parts.seal(&bench().sealer());
        report(&parts)
    };
    expect(&displayed, "license.displays_another", Verdict::Failed);
    let other_seal = {
        let mut parts = unsealed(SECOND);
        parts.seal(&bench().second_sealer());
        report(&parts)
    };
    expect(&other_seal, "license.other_seal", Verdict::Failed);
}

#[test]
fn no_changed_byte_leaves_a_file_passing() {
    let bytes = sealed().zipped();
    let original = Package::open(&bytes).expect("opens");
    let mut twin = bytes.clone();
    // A step that is prime to the sizes of things in a package.
    for place in (0..bytes.len()).step_by(13) {
        twin[place] ^= 0x01;
        if report_with(&twin, &[]).verdict == Verdict::Passed {
            // Only what no reader of the document sees: times and attributes of entries.
            let package = Package::open(&twin).expect("opens");
            assert!(package.paths().eq(original.paths()), "byte {place}");
            assert!(package.paths().all(|path| package.part(path) == original.part(path)), "byte {place}");
        }
        twin[place] ^= 0x01;
    }
}
