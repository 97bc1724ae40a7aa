//! Chains that another region's trust list vouches for.

use super::*;
use crate::domain::report::facts::{RecognisedBy, Unrecognised};
use crate::domain::trust_list::{GRACE, Names, NotRecognised};

fn names(text: &str) -> Names {
    Names { zh: text.into(), en: text.into() }
}

fn by() -> RecognisedBy {
    RecognisedBy {
        territory: "990100".into(),
        territory_name: names("云山市"),
        sequence: 7,
        next_update: at(1_000),
        entry: names("Seal CA"),
        withdrawn_later: None,
    }
}

fn recognised(by: RecognisedBy) -> Result<GoodChain, ChainFault> {
    good_chain().map(|good| GoodChain { recognised: Some(Box::new(by)), ..good })
}

fn not(why: Unrecognised) -> ChainFault {
    ChainFault::NotRecognised { by: Box::new(by()), why }
}

fn then(why: NotRecognised) -> ChainFault {
    not(Unrecognised::Then(why))
}

fn with(chain: Result<GoodChain, ChainFault>, proven: bool, now: Timestamp) -> Report {
    let mut facts = facts();
    let signature = sig(&mut facts);
    signature.chain = chain;
    if !proven {
        signature.tokens.clear();
    }
    judge(&facts, &Policy::default(), now)
}

fn weight(report: &Report, code: &str) -> Option<Weight> {
    report.findings.iter().find(|finding| finding.code == code).map(|finding| finding.weight)
}

fn elsewhere() -> ChainFault {
    not(Unrecognised::Elsewhere { seal: "99020000000001".into() })
}

/// A report of the service that does not know the license.
fn by_a_service(chain: Result<GoodChain, ChainFault>) -> Report {
    let mut facts = facts();
    sig(&mut facts).chain = chain;
    let mut unknown = status();
    (unknown.known, unknown.standing, unknown.file_is_the_issued_one) = (false, None, None);
    unknown.seals_at_sealing.clear();
    judge(&facts, &Policy { status: Some(unknown), before_release: false }, at(60))
}

/// One with each finding.
pub(super) fn reports() -> Vec<Report> {
    let later = RecognisedBy { withdrawn_later: Some(at(50)), ..by() };
    let faults = [
        then(NotRecognised::Withdrawn { since: at(-9) }),
        then(NotRecognised::NotYet { from: at(9) }),
        then(NotRecognised::Ended { until: at(-9) }),
        elsewhere(),
    ];
    let mut reports = vec![
        with(recognised(later), true, at(1_001)),
        with(recognised(by()), true, at(1_001).plus(GRACE)),
        by_a_service(recognised(by())),
    ];
    reports.extend(faults.into_iter().map(|fault| with(Err(fault), true, at(60))));
    reports
}

#[test]
fn who_vouches_is_told() {
    let report = with(recognised(by()), true, at(60));
    assert_eq!((report.verdict, weight(&report, "recognition.by")), (Verdict::Passed, Some(Weight::Note)));
    let finding = report.findings.iter().find(|f| f.code == "recognition.by").expect("told");
    let value =
        |name: &str| finding.args.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str());
    assert_eq!(
        (value("territory"), value("sequence"), value("body_en")),
        (Some("990100"), Some("7"), Some("Seal CA"))
    );
    assert!(!with(good_chain(), true, at(60)).has("recognition.by"));
}

#[test]
fn a_list_that_ran_out_is_relied_on_for_some_days() {
    for (now, code, verdict) in [
        (at(1_000), None, Verdict::Passed),
        (at(1_001), Some("recognition.list_overdue"), Verdict::Passed),
        (at(1_000).plus(GRACE), Some("recognition.list_overdue"), Verdict::Passed),
        (at(1_001).plus(GRACE), Some("recognition.list_ran_out"), Verdict::Indeterminate),
    ] {
        let report = with(recognised(by()), true, now);
        let told = report.findings.iter().map(|f| f.code).find(|code| code.starts_with("recognition.list"));
        assert_eq!((told, report.verdict), (code, verdict), "{now}");
    }
}

#[test]
fn what_was_withdrawn_later_counts_only_without_a_proven_time() {
    let later = RecognisedBy { withdrawn_later: Some(at(50)), ..by() };
    for (proven, expected, verdict) in
        [(true, Weight::Note, Verdict::Passed), (false, Weight::Unclear, Verdict::Indeterminate)]
    {
        let report = with(recognised(later.clone()), proven, at(60));
        assert_eq!(
            (weight(&report, "recognition.withdrawn_later"), report.verdict),
            (Some(expected), verdict)
        );
    }
}

#[test]
fn who_was_not_recognised_does_not_vouch() {
    for (fault, code, unproven) in [
        (then(NotRecognised::Withdrawn { since: at(-9) }), "recognition.withdrawn", Verdict::Indeterminate),
        (then(NotRecognised::NotYet { from: at(9) }), "recognition.not_yet", Verdict::Indeterminate),
        (then(NotRecognised::Ended { until: at(-9) }), "recognition.ended", Verdict::Indeterminate),
        // No time makes that right.
        (elsewhere(), "recognition.elsewhere", Verdict::Failed),
    ] {
        let report = with(Err(fault.clone()), true, at(60));
        assert_eq!((report.has(code), report.verdict), (true, Verdict::Failed), "{code}");
        let report = with(Err(fault.clone()), false, at(60));
        assert_eq!((report.has(code), report.verdict), (true, unproven), "{code}");
        if code == "recognition.elsewhere" {
            // A time has no place.
            continue;
        }
        // A timestamping authority that was not recognised proves no time.
        let mut facts = facts();
        set_token(sig(&mut facts), |_, _, _, chain| *chain = Err(fault.clone()));
        let report = judge(&facts, &Policy::default(), at(60));
        assert_eq!((weight(&report, code), report.verdict), (Some(Weight::Unclear), Verdict::Indeterminate));
    }
}

#[test]
fn a_license_of_another_region_is_not_known_here() {
    let told = |chain| {
        let report = by_a_service(chain);
        (report.has("status.of_another_region"), report.has("status.unknown_license"), report.verdict)
    };
    assert_eq!(told(recognised(by())), (true, false, Verdict::Passed));
    // One that our own roots vouch for should be known.
    assert_eq!(told(good_chain()), (false, true, Verdict::Indeterminate));
    assert_eq!(told(Err(ChainFault::UnknownRoot)), (false, true, Verdict::Indeterminate));
}
