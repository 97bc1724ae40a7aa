//! What is said of a paper or phone code that was checked while there is a network.

use super::super::chrome::Chrome;
use super::super::verdict::{Card, Reason, Verdict};
use super::super::words::{self, either};
use crate::app::offline::check::Checked;
use crate::domain::license::LicenseKind;
use crate::domain::license::kind::NumberRule;
use crate::domain::offline_code::{Medium, OfflineCode};
use crate::domain::report::{Finding, Weight};
use crate::http::State;
use crate::texts::say;

/// The verdict on a code. Of one that is not in force nothing is shown.
pub fn verdict(c: &Chrome, state: &State, checked: &Checked) -> Verdict {
    let paper = checked.code.as_ref().is_some_and(|code| matches!(code.medium, Medium::Paper { .. }));
    let reason = reason(&checked.findings, paper);
    let mut verdict = Verdict::of(c, reason);
    verdict.as_of = c.f("desk.as_of_plain", [("time", words::clock(checked.at))]);
    verdict.evidence = checked
        .findings
        .iter()
        .map(|finding| (c.t("desk.finding"), say(finding.code, c.language, &finding.args)))
        .collect();
    let Some(code) =
        checked.code.as_ref().filter(|_| matches!(reason, Reason::Compare | Reason::ValidOffline))
    else {
        return verdict;
    };
    let card = card(c, state.kinds.get(&code.kind).map(AsRef::as_ref), checked, code);
    verdict.used = checked.used.clone().unwrap_or_default();
    verdict.whose.clone_from(&card.whose);
    verdict.cards = vec![card];
    let time = || ("time", words::clock(checked.at));
    verdict.as_of = match checked.uses_today {
        Some(count) => c.f("desk.as_of_paper", [time(), ("count", count.to_string())]),
        None => c.f("desk.as_of_phone", [time()]),
    };
    let (purpose, recipient) = match &code.medium {
        Medium::Paper { purpose, recipient, .. } => (Some(purpose.clone()), recipient.clone()),
        Medium::Phone { .. } => (checked.shown_for.clone(), None),
    };
    let mut why = vec![c.f("desk.disclosed_why", [("purpose", purpose.unwrap_or_default())])];
    why.extend(recipient.map(|recipient| c.f("desk.recipient", [("recipient", recipient)])));
    verdict.disclosed_why = why.join(" ");
    verdict
}

fn card(c: &Chrome, kind: Option<&LicenseKind>, checked: &Checked, code: &OfflineCode) -> Card {
    let value =
        |name: &str| code.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let mut whose: Vec<String> = kind.and_then(|kind| value(&kind.holder.name)).into_iter().collect();
    whose.extend(checked.kind_title.as_ref().map(|title| either(c, title).to_owned()));
    if let Some(NumberRule::Field(name)) = kind.map(|kind| &kind.number)
        && let Some(number) = value(name)
    {
        whose.push(c.f("desk.tail", [("tail", words::tail(&number))]));
    }
    let title = |name: &String| {
        checked.titles.get(name).map_or_else(|| name.clone(), |title| either(c, title).to_owned())
    };
    Card {
        whose: whose.join(" · "),
        standing: None,
        issuer: c.f("desk.issuer", [("issuer", checked.issuer_name.clone().unwrap_or_default())]),
        facts: code.fields.iter().map(|(name, value)| (title(name), value.clone())).collect(),
    }
}

/// What the findings come to at a desk: what is bad outweighs what is unclear. `offline.js` has the same table.
fn reason(findings: &[Finding], paper: bool) -> Reason {
    let first = |weight| findings.iter().find(|finding| finding.weight == weight);
    match first(Weight::Bad).or_else(|| first(Weight::Unclear)) {
        Some(finding) => of_finding(finding.code),
        None if paper => Reason::Compare,
        None => Reason::ValidOffline,
    }
}

fn of_finding(code: &str) -> Reason {
    match code {
        "offline.not_ours" => Reason::Other,
        "offline.other_version" => Reason::NotHere,
        "offline.misread" => Reason::Misread,
        "offline.unknown_key" => Reason::UnknownIssuer,
        "offline.no_proof" | "offline.proof_stale" | "offline.proof_ahead" | "offline.expired" => {
            Reason::TimedOut
        }
        "offline.shown_before" => Reason::Used,
        "offline.not_yet_valid" => Reason::NotYetValid,
        "offline.status_ended" => Reason::Ended,
        "offline.status_suspended" => Reason::Suspended,
        "offline.too_long"
        | "offline.malformed"
        | "offline.wrong_algorithm"
        | "offline.forged"
        | "offline.key_of_another"
        | "offline.key_not_for_kind"
        | "offline.key_not_valid"
        | "offline.proof_malformed"
        | "offline.proof_forged" => Reason::Forged,
        _ => Reason::NoStatus,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::Step;
    use crate::texts::Language;

    fn found(weight: Weight, code: &'static str) -> Finding {
        Finding::new(Step::Integrity, weight, code)
    }

    #[test]
    fn good_findings_are_green_on_a_phone_and_ask_for_a_comparison_on_paper() {
        let good = [found(Weight::Good, "offline.genuine"), found(Weight::Note, "offline.on_paper")];
        assert_eq!(reason(&good, true), Reason::Compare);
        assert_eq!(reason(&good, false), Reason::ValidOffline);
    }

    #[test]
    fn what_is_bad_outweighs_what_is_unclear_wherever_it_stands() {
        let unclear = found(Weight::Unclear, "offline.status_too_old");
        assert_eq!(reason(std::slice::from_ref(&unclear), true), Reason::NoStatus);
        assert_eq!(reason(&[unclear, found(Weight::Bad, "offline.expired")], true), Reason::TimedOut);
    }

    #[test]
    fn the_browser_says_the_same_of_each_finding() {
        let script = include_str!("../assets/offline.js");
        let table = script.split("const REASONS = {").nth(1).and_then(|rest| rest.split('}').next());
        let c = Chrome::bare(Language::Chinese);
        let mut count = 0;
        for entry in table.expect("the table").split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (finding, said) = entry.split_once(':').expect("a finding and a reason");
            let (finding, said) = (finding.trim().trim_matches('"'), said.trim().trim_matches('"'));
            // Only a browser cannot check SM2.
            if finding != "offline.needs_network" {
                assert_eq!(Verdict::of(&c, of_finding(finding)).code, said, "{finding}");
                count += 1;
            }
        }
        assert_eq!(count, 20);
    }
}
