//! OFD files, seals and seal signatures: sets of facts that pass, and their twins.

use super::*;

type OfdTwin = (&'static str, Verdict, Box<dyn Fn(&mut OfdFacts)>);
type ValueTwin = (&'static str, Verdict, Box<dyn Fn(&mut SealSignatureFacts)>);
type PlainTwin = (&'static str, Verdict, Box<dyn Fn(&mut PlainSignatureFacts)>);
type SealTwin = (&'static str, Verdict, Box<dyn Fn(&mut SealObjectFacts)>);

fn token() -> TokenFacts {
    TokenFacts::Read {
        time: at(1),
        over_this_signature: true,
        intact: true,
        authority: Some(signer("TSA")),
        chain: good_chain(),
    }
}

fn seal_object(structure: u8) -> SealObjectFacts {
    SealObjectFacts {
        structure,
        standard: if structure == 5 { "GM/T 0031-2025" } else { "GB/T 38540-2020" },
        vendor: "YINZHENG".into(),
        code: SEAL.into(),
        name: "电子证照专用章".into(),
        kind: 4,
        created: at(-500),
        valid_from: at(-500),
        valid_until: at(5000),
        picture_format: "PNG".into(),
        picture_mm: (42, 42),
        extensions: vec![],
        signers: 1,
        algorithm: "1.2.156.10197.1.501".into(),
        maker_signature_is_right: Some(true),
        maker: Some(signer("maker")),
        made_by_its_signer: false,
        maker_chain: good_chain(),
        token: (structure == 5).then(token),
    }
}

fn value() -> SealSignatureFacts {
    SealSignatureFacts {
        structure: 4,
        standard: "GB/T 38540-2020",
        seal: seal_object(4),
        claimed_time: Some(at(0)),
        property: "/Doc_0/Signs/Sign_0/Signature.xml".into(),
        property_fits: Some(true),
        data_matches: Some(true),
        signature_is_right: Some(true),
        algorithm: "1.2.156.10197.1.501".into(),
        signer_is_listed: true,
        signer: Some(signer(SEAL)),
        chain: good_chain(),
        token: Some(token()),
    }
}

fn ofd() -> OfdFacts {
    OfdFacts {
        file: [7; 32],
        size: 1000,
        parts: 9,
        pages: 1,
        oddities: vec![],
        signatures: vec![OfdSignatureFacts {
            id: "s001".into(),
            path: "Doc_0/Signs/Sign_0/Signature.xml".into(),
            method: CheckMethod::Known("SM3".into()),
            references: 6,
            changed: vec![],
            missing: vec![],
            twice: vec![],
            left_out: vec![],
            listed_as: ListedAs::Seal,
            locks: true,
            list_changed: false,
            seal_file: SealFile::Same,
            marks: vec![SealMark { page: "1".into(), place: StampPlace::Inside }],
            value: SignedValue::Read(Box::new(value())),
        }],
        uncovered: vec![],
        expected_seals: Some(vec![SEAL.into()]),
        attached: facts().attached,
    }
}

fn in_ofd(code: &'static str, verdict: Verdict, change: impl Fn(&mut OfdFacts) + 'static) -> OfdTwin {
    (code, verdict, Box::new(change))
}

fn in_signature(
    code: &'static str,
    verdict: Verdict,
    change: impl Fn(&mut OfdSignatureFacts) + 'static,
) -> OfdTwin {
    in_ofd(code, verdict, move |facts| change(&mut facts.signatures[0]))
}

fn ofd_twins() -> Vec<OfdTwin> {
    use Verdict::{Failed as F, Indeterminate as I, Passed as P};
    let odd = |code, oddity: PackageOddity| in_ofd(code, I, move |f| f.oddities.push(oddity.clone()));
    let path = || "a.xml".to_owned();
    let mark = |code, place| in_signature(code, I, move |s| s.marks[0].place = place);
    let second = |facts: &mut OfdFacts, code: &str| {
        let mut other = facts.signatures[0].clone();
        let mut read = value();
        read.seal.code = code.to_owned();
        other.value = SignedValue::Read(Box::new(read));
        facts.signatures.push(other);
    };
    vec![
        odd("package.duplicate_names", PackageOddity::DuplicateNames),
        odd("package.case_twins", PackageOddity::CaseTwins { path: path() }),
        odd("package.odd_name", PackageOddity::OddName { path: path() }),
        odd("package.not_plain", PackageOddity::NotPlain { path: path() }),
        odd("package.unpackable", PackageOddity::Unpackable { path: path(), why: "x".into() }),
        odd("package.inconsistent", PackageOddity::Inconsistent { why: "x".into() }),
        odd("package.loose_bytes", PackageOddity::LooseBytes { count: 1 }),
        odd("package.several_documents", PackageOddity::SeveralDocuments { count: 2 }),
        odd("package.missing_part", PackageOddity::MissingPart { path: path() }),
        odd("package.unreadable_part", PackageOddity::UnreadablePart { path: path(), why: "x".into() }),
        in_ofd("seal.none", I, |f| f.signatures.clear()),
        in_signature("reference.method_missing", F, |s| s.method = CheckMethod::Missing),
        in_signature("reference.method_weak", F, |s| s.method = CheckMethod::Weak("MD5".into())),
        in_signature("reference.method_unknown", I, |s| s.method = CheckMethod::Unknown("1.2".into())),
        in_signature("reference.changed", F, |s| s.changed.push("a".into())),
        in_signature("reference.missing", F, |s| s.missing.push("a".into())),
        in_signature("reference.twice", I, |s| s.twice.push("a".into())),
        in_signature("reference.list_changed", F, |s| s.list_changed = true),
        in_signature("cover.left_out", F, |s| s.left_out.push("OFD.xml".into())),
        in_signature("cover.not_locked", I, |s| s.locks = false),
        in_ofd("cover.used_part", F, |f| {
            f.uncovered.push(UncoveredPart { path: "a".into(), is_used: true });
        }),
        in_ofd("cover.loose_part", I, |f| {
            f.uncovered.push(UncoveredPart { path: "a".into(), is_used: false });
        }),
        in_signature("ses.no_description", F, |s| {
            s.value = SignedValue::NoDescription { why: "x".into() };
        }),
        in_signature("ses.missing", F, |s| s.value = SignedValue::Missing),
        in_signature("sign.unreadable", I, |s| s.value = SignedValue::OtherFormat { why: "x".into() }),
        in_signature("ses.listed_as_sign", I, |s| s.listed_as = ListedAs::Sign),
        odd("package.entry_list", PackageOddity::EntryList { path: path() }),
        in_signature("ses.broken", F, |s| s.value = SignedValue::Unreadable { why: "x".into() }),
        in_signature("ses.seal_missing", F, |s| s.seal_file = SealFile::Missing),
        in_signature("ses.seal_differs", F, |s| s.seal_file = SealFile::Differs),
        in_signature("mark.none", P, |s| s.marks.clear()),
        mark("mark.outside", StampPlace::Outside),
        mark("mark.no_such_page", StampPlace::NoSuchPage),
        mark("mark.malformed", StampPlace::Malformed),
        in_ofd("signers.missing", I, |f| {
            f.expected_seals = Some(vec![SEAL.into(), "2".into(), "3".into()]);
        }),
        in_ofd("signers.unexpected", I, move |f| second(f, "2")),
        in_ofd("signers.order", I, move |f| {
            second(f, "2");
            f.expected_seals = Some(vec!["2".into(), SEAL.into()]);
        }),
        in_ofd("license.nothing_attached", P, |f| f.attached = Attached::Nothing),
        in_ofd("license.several_attached", I, |f| f.attached = Attached::Several),
        in_ofd("license.other_seal", F, |f| {
            if let Attached::License(license) = &mut f.attached {
                license.seal = "1".into();
            }
        }),
    ]
}

fn value_twins() -> Vec<ValueTwin> {
    use Verdict::{Failed as F, Indeterminate as I, Passed as P};
    fn twin(
        code: &'static str,
        verdict: Verdict,
        change: impl Fn(&mut SealSignatureFacts) + 'static,
    ) -> ValueTwin {
        (code, verdict, Box::new(change))
    }
    let chain = |code, verdict, fault: ChainFault| twin(code, verdict, move |v| v.chain = Err(fault.clone()));
    vec![
        twin("ses.versions_differ", I, |v| v.structure = 5),
        twin("ses.signature_wrong", F, |v| v.signature_is_right = Some(false)),
        twin("ses.algorithm_unknown", I, |v| v.signature_is_right = None),
        twin("ses.signer_not_in_seal", F, |v| v.signer_is_listed = false),
        twin("signer.missing", I, |v| (v.signer, v.chain) = (None, Err(ChainFault::NoSigner))),
        chain("signer.unfit", F, ChainFault::Unfit { why: "x".into() }),
        chain("chain.unknown_root", I, ChainFault::UnknownRoot),
        chain("chain.expired", F, ChainFault::Expired { not_after: at(-9) }),
        chain("chain.not_yet_valid", F, ChainFault::NotYetValid { not_before: at(9) }),
        chain("chain.revoked", F, revoked()),
        chain("chain.revocation_unknown", I, ChainFault::RevocationUnknown { name: "seal".into() }),
        twin("chain.revoked_later", P, |v| v.chain = revoked_later()),
        twin("chain.ended_since", I, |v| {
            v.token = None;
            v.signer = Some(SignerFacts { not_after: at(5), ..signer(SEAL) });
        }),
        // The rules take the signer at its word: no token is needed for that.
        twin("chain.expired", F, |v| {
            (v.token, v.chain) = (None, Err(ChainFault::Expired { not_after: at(-9) }));
        }),
        twin("eseal.out_of_period", F, |v| {
            v.seal.valid_until = at(0).minus(std::time::Duration::from_secs(9))
        }),
        twin("eseal.out_of_period", F, |v| v.seal.valid_from = at(9)),
        twin("eseal.maker_signature_wrong", F, |v| v.seal.maker_signature_is_right = Some(false)),
        twin("eseal.maker_unknown", I, |v| v.seal.maker_chain = Err(ChainFault::UnknownRoot)),
        twin("ses.time_unreadable", I, |v| v.claimed_time = None),
        twin("time.only_claimed", I, |v| v.token = None),
        twin("time.claimed_after_proven", I, |v| v.claimed_time = Some(at(400))),
        twin("time.in_future", I, |v| (v.token, v.claimed_time) = (None, Some(at(1000)))),
        twin("time.token_unreadable", I, |v| v.token = Some(TokenFacts::Unreadable { why: "x".into() })),
        twin("time.other_signature", F, |v| {
            if let Some(TokenFacts::Read { over_this_signature, .. }) = &mut v.token {
                *over_this_signature = false;
            }
        }),
        twin("ses.data_changed", F, |v| v.data_matches = Some(false)),
        twin("ses.data_not_at_hand", I, |v| v.data_matches = None),
        twin("ses.property_differs", I, |v| v.property_fits = Some(false)),
    ]
}

/// A plain signature that holds.
fn plain() -> PlainSignatureFacts {
    PlainSignatureFacts {
        signers: 1,
        data_matches: true,
        signature_is_right: Some(true),
        algorithm: "1.2.156.10197.1.501".into(),
        names_its_signer: None,
        claimed_time: Some(at(0)),
        signer: Some(signer("clerk")),
        chain: good_chain(),
        tokens: vec![token()],
    }
}

/// A seal, and before it a plain signature.
fn with_plain(value: PlainSignatureFacts) -> OfdFacts {
    let mut facts = ofd();
    let plain = OfdSignatureFacts {
        listed_as: ListedAs::Sign,
        seal_file: SealFile::NotNamed,
        marks: vec![],
        value: SignedValue::Plain(Box::new(value)),
        ..facts.signatures[0].clone()
    };
    facts.signatures.insert(0, plain);
    facts
}

fn plain_twins() -> Vec<PlainTwin> {
    use Verdict::{Failed as F, Indeterminate as I};
    fn twin(
        code: &'static str,
        verdict: Verdict,
        change: impl Fn(&mut PlainSignatureFacts) + 'static,
    ) -> PlainTwin {
        (code, verdict, Box::new(change))
    }
    vec![
        twin("sign.signers", I, |v| v.signers = 2),
        twin("sign.data_changed", F, |v| v.data_matches = false),
        twin("sign.signature_wrong", F, |v| v.signature_is_right = Some(false)),
        twin("sign.algorithm_unknown", I, |v| v.signature_is_right = None),
        twin("signer.not_the_named", F, |v| v.names_its_signer = Some(false)),
        twin("signer.missing", I, |v| (v.signer, v.chain) = (None, Err(ChainFault::NoSigner))),
        twin("chain.unknown_root", I, |v| v.chain = Err(ChainFault::UnknownRoot)),
        twin("chain.expired", F, |v| v.chain = Err(ChainFault::Expired { not_after: at(-9) })),
        // Its time is no more than a claim, so nothing is proven by it.
        twin("chain.expired", I, |v| {
            (v.tokens, v.chain) = (vec![], Err(ChainFault::Expired { not_after: at(-9) }));
        }),
        twin("time.only_claimed", I, |v| v.tokens.clear()),
        twin("time.token_unreadable", I, |v| v.tokens = vec![TokenFacts::Unreadable { why: "x".into() }]),
    ]
}

fn judged_plain(change: impl Fn(&mut PlainSignatureFacts)) -> Report {
    let mut value = plain();
    change(&mut value);
    judge_examined(&Examined::Ofd(Box::new(with_plain(value))), &Policy::default(), at(60))
}

/// The same, with one thing changed around the plain signature.
fn around_plain(change: impl Fn(&mut OfdFacts)) -> Report {
    let mut facts = with_plain(plain());
    change(&mut facts);
    judge_examined(&Examined::Ofd(Box::new(facts)), &Policy::default(), at(60))
}

fn around_plain_reports() -> Vec<(&'static str, Report)> {
    vec![
        ("sign.listed_as_seal", around_plain(|f| f.signatures[0].listed_as = ListedAs::Seal)),
        ("sign.shows_a_seal", around_plain(|f| f.signatures[0].seal_file = SealFile::NotCompared)),
        ("sign.shows_a_seal", around_plain(|f| f.signatures[0].marks = f.signatures[1].marks.clone())),
        ("seal.only_signed", around_plain(|f| f.signatures.truncate(1))),
    ]
}

#[test]
fn a_plain_signature_beside_a_seal_passes_and_alone_is_no_seal() {
    let base = judged_plain(|_| {});
    assert_eq!(base.seals.len(), 1, "a plain signature is no seal");
    assert!(base.has("sign.not_a_seal") && base.rules.contains("GB/T 35275-2017"));
    for (code, verdict, change) in plain_twins() {
        check(&base, code, verdict, &judged_plain(change));
    }
    for (code, report) in around_plain_reports() {
        check(&base, code, Verdict::Indeterminate, &report);
    }
    let alone = around_plain(|facts| facts.signatures.truncate(1));
    assert!(alone.has("signers.missing") && alone.has("sign.signature_right") && alone.seals.is_empty());
}

fn seal_twins() -> Vec<SealTwin> {
    use Verdict::{Failed as F, Indeterminate as I, Passed as P};
    fn twin(
        code: &'static str,
        verdict: Verdict,
        change: impl Fn(&mut SealObjectFacts) + 'static,
    ) -> SealTwin {
        (code, verdict, Box::new(change))
    }
    let maker = |code, verdict, fault: ChainFault| {
        twin(code, verdict, move |seal| seal.maker_chain = Err(fault.clone()))
    };
    let ended =
        |seal: &mut SealObjectFacts| seal.maker = Some(SignerFacts { not_after: at(9), ..signer("m") });
    let began = |seal: &mut SealObjectFacts| {
        seal.maker = Some(SignerFacts { not_before: at(-400), ..signer("m") });
    };
    vec![
        twin("eseal.maker_signature_wrong", F, |s| s.maker_signature_is_right = Some(false)),
        twin("eseal.algorithm_unknown", I, |s| s.maker_signature_is_right = None),
        twin("eseal.made_by_its_signer", F, |s| s.made_by_its_signer = true),
        twin("eseal.out_of_period", F, |s| s.valid_until = at(59)),
        twin("eseal.out_of_period", F, |s| s.valid_from = at(61)),
        twin("eseal.maker_ended_since", F, ended),
        twin("eseal.maker_ended_since", P, move |s| {
            *s = seal_object(5);
            ended(s);
        }),
        twin("eseal.maker_revoked_later", F, |s| s.maker_chain = revoked_later()),
        twin("eseal.maker_revoked_later", P, |s| {
            *s = seal_object(5);
            s.maker_chain = revoked_later();
        }),
        twin("eseal.maker_began_later", P, began),
        twin("eseal.not_valid_at_creation", F, |s| {
            *s = seal_object(5);
            s.valid_from = at(-400);
        }),
        twin("eseal.created_after_token", F, |s| {
            *s = seal_object(5);
            (s.created, s.valid_until) = (at(2), at(5000));
        }),
        twin("eseal.time_proven", P, |s| *s = seal_object(5)),
        twin("time.token_broken", F, |s| {
            *s = seal_object(5);
            if let Some(TokenFacts::Read { intact, .. }) = &mut s.token {
                *intact = false;
            }
        }),
        maker("eseal.maker_unknown", I, ChainFault::UnknownRoot),
        maker("eseal.maker_expired", F, ChainFault::Expired { not_after: at(-9) }),
        maker("eseal.maker_not_yet_valid", F, ChainFault::NotYetValid { not_before: at(9) }),
        maker("eseal.maker_revoked", F, revoked()),
        maker("eseal.maker_revocation_unknown", I, ChainFault::RevocationUnknown { name: "m".into() }),
        maker("eseal.maker_unfit", F, ChainFault::Unfit { why: "x".into() }),
        maker("eseal.maker_bad_signature", I, ChainFault::BadSignature),
        maker("eseal.maker_unreadable", I, ChainFault::Unreadable { why: "x".into() }),
    ]
}

fn judged_ofd(change: impl Fn(&mut OfdFacts)) -> Report {
    let mut facts = ofd();
    change(&mut facts);
    judge_examined(&Examined::Ofd(Box::new(facts)), &Policy::default(), at(60))
}

fn judged_value(change: impl Fn(&mut SealSignatureFacts)) -> Report {
    judged_ofd(|facts| {
        let SignedValue::Read(value) = &mut facts.signatures[0].value else { panic!("the base is read") };
        change(value);
    })
}

fn judged_seal(change: impl Fn(&mut SealObjectFacts)) -> Report {
    let mut seal = seal_object(4);
    change(&mut seal);
    let facts = SealFileFacts { file: [7; 32], seal: Ok(seal) };
    judge_examined(&Examined::Seal(Box::new(facts)), &Policy::default(), at(60))
}

fn alone(signature: Result<SealSignatureFacts, String>) -> Report {
    let facts = SealSignatureFileFacts { file: [7; 32], signature };
    judge_examined(&Examined::SealSignature(Box::new(facts)), &Policy::default(), at(60))
}

fn unreadable_seal() -> Report {
    let facts = SealFileFacts { file: [7; 32], seal: Err("x".into()) };
    judge_examined(&Examined::Seal(Box::new(facts)), &Policy::default(), at(60))
}

/// Every report of this file.
pub(super) fn reports() -> Vec<Report> {
    let mut all = vec![judged_ofd(|_| {}), judged_seal(|_| {}), unreadable_seal(), alone(Err("x".into()))];
    all.extend(ofd_twins().iter().map(|twin| judged_ofd(&twin.2)));
    all.extend(value_twins().iter().map(|twin| judged_value(&twin.2)));
    all.extend(seal_twins().iter().map(|twin| judged_seal(&twin.2)));
    all.extend(plain_twins().iter().map(|twin| judged_plain(&twin.2)));
    all.extend(around_plain_reports().into_iter().map(|(_, report)| report));
    all
}

fn check(base: &Report, code: &str, verdict: Verdict, report: &Report) {
    assert_eq!(base.verdict, Verdict::Passed, "{:#?}", base.findings);
    assert!(!base.has(code), "{code} stands in the base already");
    assert!(report.has(code), "{code}: {:#?}", report.findings);
    assert_eq!(report.verdict, verdict, "{code}: {:#?}", report.findings);
    assert!(report.findings.iter().map(|f| f.step).is_sorted(), "{code}");
}

#[test]
fn an_ofd_file_passes_and_each_twin_says_why_it_differs() {
    let base = judged_ofd(|_| {});
    assert_eq!(base.seals[0].seal_code.as_deref(), Some(SEAL));
    assert!(base.seals[0].time_is_trusted && base.license.is_some());
    for (code, verdict, change) in ofd_twins() {
        check(&base, code, verdict, &judged_ofd(change));
    }
    for (code, verdict, change) in value_twins() {
        check(&base, code, verdict, &judged_value(change));
    }
}

#[test]
fn a_seal_passes_and_each_twin_says_why_it_differs() {
    let base = judged_seal(|_| {});
    for (code, verdict, change) in seal_twins() {
        check(&base, code, verdict, &judged_seal(change));
    }
    assert_eq!(unreadable_seal().verdict, Verdict::Indeterminate);
}

#[test]
fn a_seal_signature_alone_never_passes() {
    let report = alone(Ok(SealSignatureFacts { data_matches: None, property_fits: None, ..value() }));
    assert_eq!(report.verdict, Verdict::Indeterminate);
    assert!(report.has("ses.signature_right") && report.has("ses.data_not_at_hand"));
    let wrong = SealSignatureFacts { signature_is_right: Some(false), ..value() };
    assert_eq!(alone(Ok(wrong)).verdict, Verdict::Failed);
    assert_eq!(alone(Err("x".into())).verdict, Verdict::Indeterminate);
}

#[test]
fn each_finding_says_of_which_standard_it_is() {
    let of = |report: &Report, code: &str| {
        report.findings.iter().find(|finding| finding.code == code).map(|finding| finding.standard)
    };
    let ofd = judged_ofd(|_| {});
    assert_eq!(of(&ofd, "package.read"), Some("GB/T 33190-2016"));
    assert_eq!(of(&ofd, "ses.signature_right"), Some("GB/T 38540-2020"));
    assert_eq!(of(&ofd, "chain.trusted"), Some("GB/T 38540-2020"));
    let seal = judged_seal(|seal| *seal = seal_object(5));
    assert_eq!(of(&seal, "eseal.in_period"), Some("GM/T 0031-2025"));
    let pdf = judge(&facts(), &Policy::default(), at(60));
    assert_eq!(of(&pdf, "integrity.intact"), Some("ETSI EN 319 142-1"));
    assert_eq!(of(&pdf, "chain.trusted"), Some("ETSI EN 319 102-1"));
    assert_eq!(of(&pdf, "format.read"), Some("ISO 32000-2"));
}

#[test]
fn the_time_of_sealing_is_the_proven_one() {
    let examined = Examined::Ofd(Box::new(ofd()));
    assert_eq!(sealed_at(&examined), Some(at(1)));
    assert!(examined.license().is_some() && examined.file() == [7; 32]);
    let seal = Examined::Seal(Box::new(SealFileFacts { file: [8; 32], seal: Ok(seal_object(4)) }));
    assert_eq!((sealed_at(&seal), seal.license().is_none()), (None, true));
}
