//! Businesses whose seals stand on a file: whether they are there, and where their licenses stand.
//!
//! What a seal sealed while it was in use stays good whatever becomes of its owner, so a company that is struck off since,
//! or whose license has no force now, is told and weighs nothing. One that was struck off when it sealed is a failure.

use crate::domain::license::record::Standing;
use crate::domain::report::facts::CompanyFacts;
use crate::domain::report::{Finding, Report, Step, Weight};
use crate::domain::time::format_date;

/// Adds to the report on a file what is known of the businesses whose seals stand on it.
pub fn judge_companies(mut report: Report, companies: &[CompanyFacts]) -> Report {
    for company in companies {
        report.findings.push(registration(company));
        report.findings.push(license(company));
    }
    report.verdict = Report::verdict_of(&report.findings);
    report
}

fn found(company: &CompanyFacts, weight: Weight, code: &'static str) -> Finding {
    Finding::new(Step::Status, weight, code).with("name", &company.name).with("code", &company.code)
}

fn registration(company: &CompanyFacts) -> Finding {
    let Some(since) = company.deregistered_at else {
        return found(company, Weight::Good, "company.registered");
    };
    let (weight, code) = if company.sealed_at < since {
        (Weight::Note, "company.deregistered_since")
    } else {
        (Weight::Bad, "company.was_deregistered")
    };
    found(company, weight, code).with("day", format_date(since.date_in_china()))
}

fn license(company: &CompanyFacts) -> Finding {
    match &company.license {
        Some((license, Standing::InForce)) => {
            found(company, Weight::Good, "company.license_in_force").with("license", license)
        }
        Some((license, standing)) => found(company, Weight::Note, "company.license_without_force")
            .with("license", license)
            .with("state", standing.name()),
        None => found(company, Weight::Note, "company.no_license"),
    }
}
