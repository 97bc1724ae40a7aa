//! A set of facts that passes, and its twins: one thing changed, one finding more, the verdict that follows.

mod company;
mod national;
mod recognition;
mod several;

use super::*;
use crate::domain::license::identifier::{LicenseId, NotAnIdentifier};
use crate::domain::license::record::{Ending, Standing};
use crate::domain::report::facts::*;
use crate::domain::report::{Verdict, Weight};
use crate::domain::seal::SealState;
use crate::domain::time::parse_date;
use std::collections::BTreeSet;

const ISSUER: &str = "11990000MB0000001M";
const SEAL: &str = "99000020260001";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_790_000_000 + seconds)
}

fn signer(name: &str) -> SignerFacts {
    SignerFacts {
        name: name.to_owned(),
        organisation: format!("{ISSUER}景川市市场监督管理局"),
        not_before: at(-1000),
        not_after: at(1_000_000),
    }
}

fn good_chain() -> Result<GoodChain, ChainFault> {
    Ok(GoodChain { root: "root".into(), revoked_later: None, revocation_known_at: at(-5), recognised: None })
}

fn signature() -> SignatureFacts {
    SignatureFacts {
        signers: 1,
        content_inside: false,
        digest_matches: Some(true),
        signature_is_right: Some(true),
        algorithm: "1.2.840.10045.4.3.2".into(),
        is_gm: false,
        attributes_complete: true,
        names_its_signer: Some(true),
        contents_canonical: true,
        strays: 0,
        unsigned_parts_canonical: true,
        signer: Some(signer(SEAL)),
        chain: good_chain(),
        tokens: vec![TokenFacts::Read {
            time: at(1),
            over_this_signature: true,
            intact: true,
            authority: Some(signer("TSA")),
            chain: good_chain(),
        }],
        long_term: true,
    }
}

fn facts() -> Facts {
    let id = LicenseId::new("11100000MB0143028R001", ISSUER, "20260000000001", 1).expect("an identifier");
    Facts {
        file: [7; 32],
        size: 1000,
        revisions: 1,
        pages: 1,
        oddities: vec![],
        seals: vec![SealFacts {
            field: "Seal1".into(),
            is_document_timestamp: false,
            sub_filter: "ETSI.CAdES.detached".into(),
            coverage: Ok(Coverage { end: 1000, revision: 1 }),
            claimed_time: Some(at(0)),
            permits: Some(2),
            locks: false,
            container: Container::Read(Box::new(signature())),
        }],
        later: Later::default(),
        attached: Attached::License(Box::new(AttachedFacts {
            identifier: id.to_string(),
            id: Ok(id),
            kind_title: "营业执照".into(),
            type_code: "11100000MB0143028R001".into(),
            issuer_code: ISSUER.into(),
            issuer_name: "景川市市场监督管理局".into(),
            number: "N-1".into(),
            edition: "001".into(),
            valid_from: parse_date("2020-01-01"),
            valid_until: parse_date("2040-01-01"),
            days_readable: true,
            seal: SEAL.into(),
            seals: vec![],
            displayed_identifier: None,
        })),
    }
}

fn status() -> StatusFacts {
    StatusFacts {
        known: true,
        standing: Some(Standing::InForce),
        file_is_the_issued_one: Some(true),
        seals_at_sealing: vec![SealAtSealing { code: SEAL.into(), state: Some(SealState::Active) }],
        superseded_by: None,
    }
}

type Twin = (&'static str, Verdict, Box<dyn Fn(&mut Facts, &mut Policy, &mut Timestamp)>);

fn in_signature(
    code: &'static str,
    verdict: Verdict,
    change: impl Fn(&mut SignatureFacts) + 'static,
) -> Twin {
    (code, verdict, Box::new(move |facts, _, _| change(sig(facts))))
}

fn sig(facts: &mut Facts) -> &mut SignatureFacts {
    match &mut facts.seals[0].container {
        Container::Read(signature) => signature,
        _ => panic!("the base has a readable seal"),
    }
}

fn in_chain(code: &'static str, verdict: Verdict, fault: ChainFault) -> Twin {
    in_signature(code, verdict, move |s| s.chain = Err(fault.clone()))
}

fn in_token_chain(code: &'static str, verdict: Verdict, fault: ChainFault) -> Twin {
    in_signature(code, verdict, move |s| set_token(s, |_, _, _, chain| *chain = Err(fault.clone())))
}

fn set_token(
    signature: &mut SignatureFacts,
    change: impl Fn(&mut Timestamp, &mut bool, &mut bool, &mut Result<GoodChain, ChainFault>),
) {
    if let TokenFacts::Read { time, over_this_signature, intact, chain, .. } = &mut signature.tokens[0] {
        change(time, over_this_signature, intact, chain);
    }
}

fn in_license(code: &'static str, verdict: Verdict, change: impl Fn(&mut AttachedFacts) + 'static) -> Twin {
    (
        code,
        verdict,
        Box::new(move |facts, _, _| {
            if let Attached::License(license) = &mut facts.attached {
                change(license);
            }
        }),
    )
}

fn in_status(code: &'static str, verdict: Verdict, change: impl Fn(&mut StatusFacts) + 'static) -> Twin {
    (
        code,
        verdict,
        Box::new(move |_, policy, _| {
            let mut known = status();
            change(&mut known);
            policy.status = Some(known);
        }),
    )
}

fn in_facts(code: &'static str, verdict: Verdict, change: impl Fn(&mut Facts) + 'static) -> Twin {
    (code, verdict, Box::new(move |facts, _, _| change(facts)))
}

fn later(change: Change) -> Vec<LaterRevision> {
    vec![LaterRevision { number: 2, change, objects: 3, field: None }]
}

fn revoked() -> ChainFault {
    ChainFault::Revoked { name: "seal".into(), at: at(-9), reason: 1 }
}

fn revoked_later() -> Result<GoodChain, ChainFault> {
    good_chain().map(|good| GoodChain { revoked_later: Some(("seal".into(), at(50))), ..good })
}

/// All twins: the code expected, the verdict, the one thing changed.
fn twins() -> Vec<Twin> {
    use Verdict::{Failed as F, Indeterminate as I, Passed as P};
    let odd = |code, oddity: Oddity| in_facts(code, I, move |f| f.oddities.push(oddity.clone()));
    let mut all = vec![
        odd("format.read_leniently", Oddity::ReadLeniently { why: "x".into() }),
        odd("format.bytes_before_header", Oddity::BytesBeforeHeader { count: 3 }),
        odd("format.hybrid_xref", Oddity::HybridXref),
        odd("format.duplicate_key", Oddity::DuplicateKey { object: 3, key: "Type".into() }),
        in_facts("format.no_pages", I, |f| f.pages = 0),
        in_facts("seal.none", I, |f| f.seals.clear()),
        in_facts("seal.other_format", I, |f| {
            f.seals[0].container = Container::OtherFormat { name: "adbe.x509.rsa_sha1".into() };
        }),
        in_facts("seal.unreadable", F, |f| {
            f.seals[0].container = Container::Unreadable { why: "x".into() };
        }),
        in_facts("seal.not_der", I, |f| f.seals[0].container = Container::NotDer),
        in_signature("integrity.digest_mismatch", F, |s| s.digest_matches = Some(false)),
        in_signature("integrity.digest_unknown", I, |s| s.digest_matches = None),
        in_signature("seal.signers", F, |s| s.signers = 2),
        in_signature("seal.content_inside", F, |s| s.content_inside = true),
        in_signature("seal.attributes", F, |s| s.attributes_complete = false),
        in_signature("seal.signature_wrong", F, |s| s.signature_is_right = Some(false)),
        in_signature("seal.algorithm_unknown", I, |s| s.signature_is_right = None),
        in_signature("seal.padding", I, |s| s.contents_canonical = false),
        in_signature("seal.unsigned_parts", I, |s| s.unsigned_parts_canonical = false),
        in_signature("seal.stray_x509", I, |s| s.strays = 1),
        in_signature("signer.missing", I, |s| s.signer = None),
        in_signature("signer.not_the_named", F, |s| s.names_its_signer = Some(false)),
        in_signature("signer.not_named", I, |s| s.names_its_signer = None),
        in_chain("signer.unfit", F, ChainFault::Unfit { why: "x".into() }),
        in_chain("chain.unknown_root", I, ChainFault::UnknownRoot),
        in_chain("chain.expired", F, ChainFault::Expired { not_after: at(-9) }),
        in_chain("chain.not_yet_valid", F, ChainFault::NotYetValid { not_before: at(9) }),
        in_chain("chain.revoked", F, revoked()),
        in_chain("chain.revocation_unknown", I, ChainFault::RevocationUnknown { name: "seal".into() }),
        in_chain("chain.bad_signature", I, ChainFault::BadSignature),
        in_chain("chain.unreadable", I, ChainFault::Unreadable { why: "x".into() }),
        in_signature("chain.revoked_later", P, |s| s.chain = revoked_later()),
        in_signature("chain.ended_since", I, |s| {
            s.tokens.clear();
            s.signer = Some(SignerFacts { not_after: at(5), ..signer(SEAL) });
        }),
        in_signature("time.only_claimed", I, |s| s.tokens.clear()),
        in_facts("time.claimed_after_proven", I, |f| f.seals[0].claimed_time = Some(at(400))),
        in_signature("time.token_unreadable", I, |s| {
            s.tokens = vec![TokenFacts::Unreadable { why: "x".into() }];
        }),
        in_signature("time.other_signature", F, |s| set_token(s, |_, over, _, _| *over = false)),
        in_signature("time.token_broken", F, |s| set_token(s, |_, _, intact, _| *intact = false)),
        in_signature("time.in_future", I, |s| set_token(s, |time, _, _, _| *time = at(9_000))),
        in_token_chain("time.authority_missing", I, ChainFault::NoSigner),
        in_token_chain("time.authority_unknown", I, ChainFault::UnknownRoot),
        in_token_chain("time.authority_expired", I, ChainFault::Expired { not_after: at(-9) }),
        in_token_chain("time.authority_not_yet_valid", I, ChainFault::NotYetValid { not_before: at(9) }),
        in_token_chain("time.authority_revoked", I, revoked()),
        in_token_chain(
            "time.authority_revocation_unknown",
            I,
            ChainFault::RevocationUnknown { name: "TSA".into() },
        ),
        in_token_chain("time.authority_unfit", F, ChainFault::Unfit { why: "x".into() }),
        in_token_chain("time.authority_bad_signature", I, ChainFault::BadSignature),
        in_token_chain("time.authority_unreadable", I, ChainFault::Unreadable { why: "x".into() }),
        in_signature("time.authority_revoked_later", I, |s| {
            set_token(s, |_, _, _, chain| *chain = revoked_later());
        }),
        ("time.authority_ended_since", I, Box::new(|_, _, now| *now = at(1_000_001))),
        in_facts("modification.not_certified", I, |f| f.seals[0].permits = None),
        in_facts("modification.validation_data", I, |f| f.later.revisions = later(Change::ValidationData)),
        in_facts("modification.further_seal", I, |f| f.later.revisions = later(Change::Seal)),
        in_facts("modification.visible", F, |f| f.later.revisions = later(Change::Visible)),
        in_facts("modification.structure", F, |f| f.later.revisions = later(Change::Structure)),
        in_facts("modification.unknown", F, |f| f.later.revisions = later(Change::Unknown)),
        in_facts("modification.trailing_bytes", F, |f| f.later.loose_bytes = 1),
        in_facts("modification.trailing_space", I, |f| f.later.loose_space = 1),
        in_facts("license.nothing_attached", P, |f| f.attached = Attached::Nothing),
        in_facts("license.several_attached", I, |f| f.attached = Attached::Several),
        in_facts("license.unreadable", I, |f| f.attached = Attached::Unreadable { why: "x".into() }),
        in_license("license.days_unreadable", I, |l| l.days_readable = false),
        in_license("license.displays_another", F, |l| l.displayed_identifier = Some("1.2".into())),
        in_license("license.identifier_malformed", F, |l| l.id = Err(NotAnIdentifier::Form)),
        in_license("license.identifier_check", F, |l| l.id = Err(NotAnIdentifier::Check)),
        in_license("license.other_type", F, |l| l.type_code = "1".into()),
        in_license("license.other_issuer_code", F, |l| l.issuer_code = "1".into()),
        in_license("license.other_edition", F, |l| l.edition = "002".into()),
        in_license("license.issuer_is_not_signer", F, |l| l.issuer_name = "别处".into()),
        in_license("license.other_seal", F, |l| l.seal = "1".into()),
        in_license("status.expired", F, |l| l.valid_until = parse_date("2021-01-01")),
        in_license("status.not_yet_in_force", F, |l| l.valid_from = parse_date("2039-01-01")),
        in_status("status.in_force", P, |_| {}),
        in_status("status.issued_file", P, |_| {}),
        in_status("status.seal_was_active", P, |_| {}),
        in_status("status.unknown_license", I, |s| (s.known, s.standing) = (false, None)),
        in_status("status.superseded_by", F, |s| {
            s.standing = Some(Standing::Superseded);
            s.superseded_by = LicenseId::new("11100000MB0143028R001", ISSUER, "1", 2).ok();
        }),
        in_status("status.not_the_issued_file", F, |s| s.file_is_the_issued_one = Some(false)),
        in_status("status.seal_was_not_active", F, |s| {
            s.seals_at_sealing[0].state = Some(SealState::Suspended);
        }),
        in_status("status.seal_is_void", F, |s| s.seals_at_sealing[0].state = Some(SealState::Void)),
        in_status("status.seal_unknown", I, |s| s.seals_at_sealing[0].state = None),
    ];
    for (code, standing) in [
        ("status.begins_later", Standing::NotYetValid),
        ("status.has_expired", Standing::Expired),
        ("status.suspended", Standing::Suspended),
        ("status.cancelled", Standing::Ended(Ending::Cancelled)),
        ("status.annulled", Standing::Ended(Ending::Annulled)),
        ("status.withdrawn", Standing::Ended(Ending::Withdrawn)),
        ("status.revoked", Standing::Ended(Ending::Revoked)),
        ("status.superseded", Standing::Superseded),
    ] {
        all.push(in_status(code, F, move |s| s.standing = Some(standing)));
    }
    for fault in [
        RangeFault::Missing,
        RangeFault::Malformed,
        RangeFault::NotFromStart,
        RangeFault::Overlap,
        RangeFault::PastEnd,
        RangeFault::GapIsNotContents,
        RangeFault::EndsInsideRevision,
    ] {
        all.push(in_facts("integrity.byte_range", F, move |f| f.seals[0].coverage = Err(fault)));
    }
    all
}

fn judged(twin: &Twin) -> Report {
    let (mut facts, mut policy, mut now) = (facts(), Policy::default(), at(60));
    (twin.2)(&mut facts, &mut policy, &mut now);
    judge(&facts, &policy, now)
}

#[test]
fn the_base_passes_and_each_twin_says_why_it_differs() {
    let base = judge(&facts(), &Policy::default(), at(60));
    assert_eq!(base.verdict, Verdict::Passed, "{:#?}", base.findings);
    assert_eq!(base.seals[0].sealed_at, Some(at(1)));
    assert!(base.seals[0].time_is_trusted);
    for twin in twins() {
        let report = judged(&twin);
        assert!(!base.has(twin.0), "{} stands in the base already", twin.0);
        assert!(report.has(twin.0), "{}: {:#?}", twin.0, report.findings);
        assert_eq!(report.verdict, twin.1, "{}: {:#?}", twin.0, report.findings);
    }
}

#[test]
fn findings_stand_in_the_order_of_steps() {
    for twin in twins() {
        let steps: Vec<Step> = judged(&twin).findings.iter().map(|f| f.step).collect();
        assert!(steps.is_sorted(), "{}: {steps:?}", twin.0);
    }
}

#[test]
fn without_a_proven_time_the_calendar_decides_nothing() {
    for (fault, code) in [
        (ChainFault::Expired { not_after: at(-9) }, "chain.expired"),
        (ChainFault::NotYetValid { not_before: at(9) }, "chain.not_yet_valid"),
        (revoked(), "chain.revoked"),
    ] {
        let mut facts = facts();
        sig(&mut facts).tokens.clear();
        sig(&mut facts).chain = Err(fault);
        let report = judge(&facts, &Policy::default(), at(60));
        assert!(report.has(code));
        assert_eq!(report.verdict, Verdict::Indeterminate, "{code}");
    }
}

#[test]
fn what_is_no_license_may_be_written_in_other_ways() {
    let mut facts = facts();
    facts.attached = Attached::Nothing;
    facts.seals[0].permits = None;
    facts.later.revisions = later(Change::ValidationData);
    let signature = sig(&mut facts);
    signature.tokens.clear();
    (signature.contents_canonical, signature.strays) = (false, 1);
    assert_eq!(judge(&facts, &Policy::default(), at(60)).verdict, Verdict::Passed);
    facts.later.revisions = later(Change::Visible);
    assert_eq!(judge(&facts, &Policy::default(), at(60)).verdict, Verdict::Failed);
}

#[test]
fn before_release_the_license_must_be_there_and_may_begin_later() {
    let policy = Policy { before_release: true, status: None };
    let mut facts = facts();
    if let Attached::License(license) = &mut facts.attached {
        license.valid_from = parse_date("2039-01-01");
    }
    assert_eq!(judge(&facts, &policy, at(60)).verdict, Verdict::Passed);
    facts.attached = Attached::Nothing;
    assert_eq!(judge(&facts, &policy, at(60)).verdict, Verdict::Indeterminate);
}

#[test]
fn every_finding_has_its_texts_and_every_text_its_finding() {
    let catalogue: toml::Table = include_str!("../../../../texts/findings.toml").parse().expect("TOML");
    let mut reports: Vec<Report> = twins().iter().map(judged).collect();
    reports.push(judge(&facts(), &Policy::default(), at(60)));
    reports.extend(national::reports());
    reports.extend(several::reports());
    for why in [
        NotExaminable::TooLarge { limit: 1 },
        NotExaminable::NotPdf,
        NotExaminable::NotKnown,
        NotExaminable::Encrypted,
        NotExaminable::Broken { why: "x".into() },
        NotExaminable::TooComplex { why: "x".into() },
    ] {
        let report = judge_unexaminable(&why, [0; 32], at(0));
        assert_eq!(report.verdict, Verdict::Indeterminate);
        // The text says in its own words what the code means; only what it leaves open is told beside.
        let told = report.findings[0].args.iter().find(|(name, _)| *name == "why");
        let open = matches!(why, NotExaminable::Broken { .. } | NotExaminable::TooComplex { .. });
        assert_eq!(told.is_some_and(|(_, told)| told == "x"), open, "{told:?}");
        reports.push(report);
    }
    for state in SealState::ALL {
        let report = judge_seal_now(judge(&facts(), &Policy::default(), at(60)), state);
        let usable = state == SealState::Active;
        assert_eq!(report.verdict == Verdict::Failed, !usable, "{state:?}");
        reports.push(report);
    }
    reports.extend(recognition::reports());
    reports.extend(company::reports());
    let mut seen = BTreeSet::new();
    for finding in reports.iter().flat_map(|r| &r.findings) {
        let (step, name) = finding.code.split_once('.').expect("step.name");
        assert!(!finding.standard.is_empty(), "{} is of no standard", finding.code);
        for language in ["zh", "en"] {
            let text = catalogue[step][name][language].as_str().expect("a text");
            for place in text.split('{').skip(1) {
                let wanted = place.split('}').next().expect("a name");
                let in_language = format!("{wanted}_{language}");
                let given = finding.args.iter().any(|(arg, _)| *arg == wanted || *arg == in_language);
                assert!(given, "{}: {language} wants {wanted}", finding.code);
            }
        }
        seen.insert(finding.code.to_owned());
    }
    let written = catalogue.iter().flat_map(|(step, entries)| {
        entries.as_table().expect("a table").keys().map(move |name| format!("{step}.{name}"))
    });
    assert_eq!(seen, written.collect::<BTreeSet<_>>());
}

#[test]
fn the_rules_are_those_of_the_form_found() {
    let rules = |change: &dyn Fn(&mut Facts)| {
        let mut facts = facts();
        change(&mut facts);
        judge(&facts, &Policy::default(), at(10)).rules
    };
    let pades = rules(&|_| {});
    assert_eq!(pades, "ETSI EN 319 102-1, ETSI EN 319 142-1 (PAdES)");
    assert_eq!(rules(&|facts| facts.seals.clear()), pades);
    let gm = rules(&|facts| sig(facts).is_gm = true);
    assert!(gm.contains("GM/T 0010") && gm.contains("SM2/SM3") && gm.contains("PAdES"), "{gm}");
    let plain = rules(&|facts| facts.seals[0].sub_filter = "adbe.pkcs7.detached".into());
    assert!(plain.contains("adbe.pkcs7.detached") && !plain.contains("PAdES"), "{plain}");
    let several = rules(&|facts| {
        let mut second = facts.seals[0].clone();
        second.sub_filter = "adbe.pkcs7.detached".into();
        facts.seals.push(second);
    });
    assert!(several.contains("PAdES") && several.contains("adbe"), "{several}");
    let timestamped = rules(&|facts| {
        let mut second = facts.seals[0].clone();
        (second.is_document_timestamp, second.sub_filter) = (true, "ETSI.RFC3161".into());
        facts.seals.push(second);
    });
    assert_eq!(timestamped, pades);
}

#[test]
fn plain_pkcs7_may_lack_the_attributes_that_pades_demands() {
    let weight = |sub_filter: &str| {
        let mut facts = facts();
        sig(&mut facts).attributes_complete = false;
        facts.seals[0].sub_filter = sub_filter.into();
        let report = judge(&facts, &Policy::default(), at(10));
        let finding = report.findings.into_iter().find(|finding| finding.code == "seal.attributes");
        finding.expect("a finding").weight
    };
    assert_eq!(weight("ETSI.CAdES.detached"), Weight::Bad);
    assert_eq!(weight("adbe.pkcs7.detached"), Weight::Unclear);
}
