//! A PDF license that two seal, and its twins.

use super::*;

const SECOND: &str = "99000020260002";

fn second_seal(facts: &Facts) -> SealFacts {
    let mut second = facts.seals[0].clone();
    second.field = "Seal2".into();
    second.coverage = Ok(Coverage { end: 2000, revision: 2 });
    (second.permits, second.locks) = (None, true);
    let Container::Read(signature) = &mut second.container else { panic!("a readable seal") };
    signature.signer = Some(SignerFacts { organisation: "景川市民政局".into(), ..signer(SECOND) });
    second
}

fn of_two() -> Facts {
    let mut facts = facts();
    facts.size = 2000;
    facts.revisions = 2;
    facts.seals.push(second_seal(&facts));
    let field = Some("Seal2".to_owned());
    facts.later.revisions = vec![LaterRevision { number: 2, change: Change::FieldSealed, objects: 4, field }];
    if let Attached::License(license) = &mut facts.attached {
        license.seals = vec![SEAL.into(), SECOND.into()];
    }
    facts
}

fn later(facts: &mut Facts, change: Change) {
    let field = (change == Change::FieldSealed).then(|| "Seal3".to_owned());
    facts.later.revisions.push(LaterRevision { number: 3, change, objects: 4, field });
}

fn third_seal(facts: &mut Facts) {
    let mut third = second_seal(facts);
    third.field = "Seal3".into();
    third.coverage = Ok(Coverage { end: 3000, revision: 3 });
    facts.seals.push(third);
    later(facts, Change::FieldSealed);
}

type Change2 = (&'static str, Verdict, fn(&mut Facts));

const TWINS: &[Change2] = &[
    ("signers.missing", Verdict::Indeterminate, |facts| {
        facts.seals.truncate(1);
        facts.later.revisions.clear();
    }),
    ("modification.not_locked", Verdict::Indeterminate, |facts| facts.seals[1].locks = false),
    ("signers.place", Verdict::Indeterminate, |facts| {
        facts.seals[1].field = "Seal3".into();
        facts.later.revisions[0].field = Some("Seal3".into());
    }),
    ("modification.field_without_seal", Verdict::Failed, |facts| {
        facts.seals[1].coverage = Ok(Coverage { end: 1000, revision: 1 });
    }),
    ("modification.field_without_seal", Verdict::Failed, |facts| facts.seals[1].field = "Seal3".into()),
    ("modification.after_lock", Verdict::Failed, third_seal),
    ("signers.unexpected", Verdict::Failed, third_seal),
    ("modification.after_lock", Verdict::Failed, |facts| later(facts, Change::Seal)),
    ("modification.visible", Verdict::Failed, |facts| later(facts, Change::Visible)),
    ("modification.validation_data", Verdict::Indeterminate, |facts| later(facts, Change::ValidationData)),
    ("modification.further_seal", Verdict::Indeterminate, |facts| {
        if let Attached::License(license) = &mut facts.attached {
            license.seals.clear();
        }
    }),
    ("signers.order", Verdict::Indeterminate, |facts| {
        if let Attached::License(license) = &mut facts.attached {
            license.seals.reverse();
        }
    }),
    ("license.issuer_is_not_signer", Verdict::Failed, |facts| {
        if let Attached::License(license) = &mut facts.attached {
            license.seal = SECOND.into();
            license.issuer_name = "景川市民政局".into();
        }
    }),
];

fn judged(facts: &Facts) -> Report {
    judge(facts, &Policy::default(), at(60))
}

/// For the texts.
pub(super) fn reports() -> Vec<Report> {
    let twin = |(_, _, change): &Change2| {
        let mut facts = of_two();
        change(&mut facts);
        judged(&facts)
    };
    TWINS.iter().map(twin).chain([judged(&of_two())]).collect()
}

#[test]
fn two_seals_pass_and_each_twin_says_why_it_differs() {
    let base = judged(&of_two());
    assert_eq!(base.verdict, Verdict::Passed, "{:#?}", base.findings);
    for code in ["modification.field_sealed", "modification.locked", "signers.all_present"] {
        assert!(base.has(code), "{code}");
    }
    for ((code, verdict, _), report) in TWINS.iter().zip(reports()) {
        assert!(!base.has(code), "{code} stands in the base already");
        assert!(report.has(code), "{code}: {:#?}", report.findings);
        assert_eq!(report.verdict, *verdict, "{code}: {:#?}", report.findings);
    }
}

#[test]
fn each_seal_stands_at_its_own_time() {
    let mut facts = of_two();
    let Container::Read(signature) = &mut facts.seals[1].container else { panic!("a readable seal") };
    set_token(signature, |time, _, _, _| *time = at(30));
    let sealing = |code: &str, seconds| Sealing { code: code.to_owned(), at: Some(at(seconds)) };
    let found = sealings(&Examined::Pdf(Box::new(facts.clone())));
    assert_eq!(found, [sealing(SEAL, 1), sealing(SECOND, 30)]);
    let known = |first, second| {
        let state = |code: &str, state| SealAtSealing { code: code.to_owned(), state: Some(state) };
        let seals_at_sealing = vec![state(SEAL, first), state(SECOND, second)];
        let status = Some(StatusFacts { seals_at_sealing, ..status() });
        judge(&facts, &Policy { status, ..Policy::default() }, at(60)).verdict
    };
    assert_eq!(known(SealState::Active, SealState::Active), Verdict::Passed);
    assert_eq!(known(SealState::Active, SealState::Suspended), Verdict::Failed);
    assert_eq!(known(SealState::Suspended, SealState::Active), Verdict::Failed);
    if let Attached::License(license) = &mut facts.attached {
        license.seals.clear();
    }
    assert_eq!(sealings(&Examined::Pdf(Box::new(facts))), [sealing(SEAL, 1)]);
}

#[test]
fn a_prepared_field_of_others_may_be_filled() {
    let mut facts = of_two();
    facts.attached = Attached::Nothing;
    let report = judged(&facts);
    assert_eq!(report.verdict, Verdict::Passed, "{:#?}", report.findings);
    assert!(report.has("modification.field_sealed") && !report.has("modification.locked"));
    facts.seals[0].locks = true;
    assert!(judged(&facts).has("modification.after_lock"));
}
