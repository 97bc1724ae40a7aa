//! Companies whose seals stand on a contract.

use super::*;
use crate::domain::license::Ending;
use crate::domain::report::facts::CompanyFacts;

fn company() -> CompanyFacts {
    let license =
        LicenseId::new("11100000MB0143028R001", ISSUER, "20260000000001", 1).expect("an identifier");
    CompanyFacts {
        code: "91990102MA7YQX031L".into(),
        name: "景川市云栖茶业有限公司".into(),
        deregistered_at: None,
        sealed_at: at(100),
        license: Some((license, Standing::InForce)),
    }
}

fn contract() -> Report {
    let mut facts = facts();
    facts.attached = Attached::Nothing;
    facts.seals[0].permits = None;
    judge(&facts, &Policy::default(), at(200))
}

fn told(change: impl Fn(&mut CompanyFacts)) -> Report {
    let mut company = company();
    change(&mut company);
    judge_companies(contract(), &[company])
}

/// One report for each thing that can be said.
pub(super) fn reports() -> Vec<Report> {
    vec![
        told(|_| {}),
        told(|company| company.deregistered_at = Some(at(150))),
        told(|company| company.deregistered_at = Some(at(100))),
        told(|company| company.license.as_mut().expect("one").1 = Standing::Suspended),
        told(|company| company.license = None),
    ]
}

#[test]
fn seal_company_and_license_stand_in_one_report() {
    let before = contract().verdict;
    let good = told(|_| {});
    assert!(good.has("company.registered") && good.has("company.license_in_force"), "{:#?}", good.findings);
    assert_eq!(good.verdict, before);
    let name = good.findings.iter().find(|f| f.code == "company.registered").expect("there");
    assert!(name.args.contains(&("name", "景川市云栖茶业有限公司".into())));
    assert_eq!(name.standard, "国务院令第746号");
}

#[test]
fn what_became_of_a_company_since_is_told_and_what_it_was_no_more_is_held_against_the_file() {
    let before = contract().verdict;
    let since = told(|company| company.deregistered_at = Some(at(150)));
    assert!(since.has("company.deregistered_since") && !since.has("company.registered"));
    assert_eq!(since.verdict, before);
    let then = told(|company| company.deregistered_at = Some(at(100)));
    assert!(then.has("company.was_deregistered"), "{:#?}", then.findings);
    assert_eq!(then.verdict, Verdict::Failed);
    for standing in [Standing::Suspended, Standing::Expired, Standing::Ended(Ending::Revoked)] {
        let report = told(|company| company.license.as_mut().expect("one").1 = standing);
        assert!(report.has("company.license_without_force"), "{standing:?}");
        assert_eq!(report.verdict, before);
        let state = ("state", standing.name().to_owned());
        assert!(report.findings.iter().any(|finding| finding.args.contains(&state)));
    }
}
