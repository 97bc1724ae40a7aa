//! What a redeemed show code opened, in the order in which a clerk needs it.

use super::super::chrome::Chrome;
use super::super::verdict::{Card, Reason, Verdict};
use super::super::words::{self, either};
use crate::app::redeem_show_code;
use crate::domain::license::kind::NumberRule;
use crate::http::State;

/// The verdict on what was shown.
pub fn verdict(c: &Chrome, state: &State, shown: &redeem_show_code::Shown) -> Verdict {
    let mut verdict = Verdict::of(c, Reason::of_standing(shown.standing.name()));
    let card = card(c, state, shown);
    verdict.whose.clone_from(&card.whose);
    verdict.cards = vec![card];
    verdict.disclosed_why = c.f("desk.disclosed_why", [("purpose", shown.purpose.clone())]);
    verdict.as_of = c.f("desk.as_of", [("time", words::clock(shown.redeemed_at))]);
    verdict.evidence = vec![
        (c.t("desk.showing"), shown.showing.clone()),
        (c.t("license_page.identifier"), shown.license.as_str().to_owned()),
    ];
    verdict
}

/// One license. Who it is about is among what the holder shows: see the form for showing.
fn card(c: &Chrome, state: &State, shown: &redeem_show_code::Shown) -> Card {
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
