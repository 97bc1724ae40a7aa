//! What a redeemed show code opened, in the order in which a clerk needs it.

use super::super::chrome::Chrome;
use super::super::verdict::{Card, Reason, Verdict};
use super::super::words::{self, either};
use crate::app::redeem_show_code::{Shown, ShownLicense};
use crate::domain::license::Standing;
use crate::domain::license::kind::NumberRule;
use crate::http::State;

/// The verdict on what was shown. Where only some of the licenses are in force the page is not green: it says what the
/// worst of them is, and each says where it stands.
pub fn verdict(c: &Chrome, state: &State, shown: &Shown) -> Verdict {
    let standings: Vec<Standing> = shown.licenses.iter().map(|license| license.standing).collect();
    let mut verdict = Verdict::of(c, worst(&standings));
    let not = standings.iter().filter(|standing| **standing != Standing::InForce).count();
    if not > 0 {
        let values = [("count", standings.len().to_string()), ("not", not.to_string())];
        verdict.sentence = c.f("desk.mixed", values);
    }
    verdict.cards = shown.licenses.iter().map(|license| card(c, state, license)).collect();
    verdict.whose = match &verdict.cards[..] {
        [] => String::new(),
        [only] => only.whose.clone(),
        several => {
            let first = several[0].whose.clone();
            c.f("desk.several", [("first", first), ("count", several.len().to_string())])
        }
    };
    verdict.disclosed_why = c.f("desk.disclosed_why", [("purpose", shown.purpose.clone())]);
    if let Some(name) = &shown.deputy {
        verdict.disclosed_why += &c.f("deputy.desk", [("name", name.clone())]);
    }
    verdict.as_of = c.f("desk.as_of", [("time", words::clock(shown.redeemed_at))]);
    verdict.showing = shown.showing.clone();
    verdict.evidence = vec![(c.t("desk.showing"), shown.showing.clone())];
    let identifiers = shown.licenses.iter().map(|license| license.license.as_str().to_owned());
    verdict.evidence.extend(identifiers.map(|id| (c.t("license_page.identifier"), id)));
    verdict
}

/// What to say of several licenses at once: what is worst for whoever relies on them.
fn worst(standings: &[Standing]) -> Reason {
    const WORST_FIRST: [Reason; 5] =
        [Reason::Ended, Reason::Suspended, Reason::LicenseExpired, Reason::NotYetValid, Reason::Superseded];
    let reasons: Vec<Reason> =
        standings.iter().map(|standing| Reason::of_standing(standing.name())).collect();
    WORST_FIRST.into_iter().find(|reason| reasons.contains(reason)).unwrap_or(Reason::Valid)
}

/// One license. Who it is about is among what the holder shows: see the form for showing.
fn card(c: &Chrome, state: &State, shown: &ShownLicense) -> Card {
    let value = |name: &str| {
        shown.fields.iter().find(|field| field.name == name).and_then(|field| field.value.clone())
    };
    let kind = state.kinds.get(&shown.kind);
    let mut whose: Vec<String> = kind.and_then(|kind| value(&kind.holder.name)).into_iter().collect();
    whose.push(either(c, &shown.kind_title).to_owned());
    if let Some(NumberRule::Field(name)) = kind.map(|kind| &kind.number)
        && let Some(number) = value(name)
    {
        whose.push(c.f("desk.tail", [("tail", words::tail(&number))]));
    }
    Card {
        whose: whose.join(" · "),
        standing: Some(words::standing(c, shown.standing)),
        issuer: c.f("desk.issuer", [("issuer", shown.issuer_name.clone())]),
        facts: kind.map(|kind| words::facts(c, kind, value)).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::license::Ending;

    #[test]
    fn of_several_the_worst_is_said() {
        use Standing::{Ended, Expired, InForce, Superseded, Suspended};
        assert_eq!(worst(&[InForce, InForce]), Reason::Valid);
        assert_eq!(worst(&[InForce, Expired]), Reason::LicenseExpired);
        assert_eq!(worst(&[Superseded, InForce, Suspended]), Reason::Suspended);
        assert_eq!(worst(&[Suspended, Ended(Ending::Revoked), InForce]), Reason::Ended);
    }
}
