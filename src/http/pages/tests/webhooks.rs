//! Sample data for the pages about webhooks.

use super::samples::draw;
use crate::domain::refusal::Fault;
use crate::domain::webhook::{DeliveryState, WebhookState};
use crate::http::pages::chrome::Chrome;
use crate::http::pages::form::place;
use crate::http::pages::webhooks::{
    self, DeliveryRow, NewSecret, OneWebhook, Register, WebhookRow, Webhooks, acts, delivery_state, topic,
};

const ID: &str = "wh_0123456789abcdef01234567";

fn row(c: &Chrome, state: WebhookState, description: &str) -> WebhookRow {
    WebhookRow {
        id: ID.into(),
        url: "https://hooks.example.gov.cn/licenses".into(),
        description: description.into(),
        owner: c.t("webhooks.of_operators"),
        topics: "license.* seal.*".into(),
        state: webhooks::state(c, state),
    }
}

fn one(c: Chrome, description: &str) -> OneWebhook {
    let topics = ["license.issued", "seal.active", "show.redeemed", "webhook.test"];
    let delivery = |(name, state): (&str, DeliveryState)| DeliveryRow {
        number: 7,
        topic: topic(&c, name),
        subject: "1.2.156.3005.2.11100000MB0143028R001.11990000MB0000001M.20260000000001.001.1".into(),
        state: delivery_state(&c, state),
        attempts: 3,
        said: c.f("webhooks.said_status", [("status", "503".to_owned())]),
        when: "2026-11-23 10:32".into(),
        over: state.is_over(),
    };
    OneWebhook {
        webhook: row(&c, WebhookState::Failing, description),
        about: vec![(c.t("webhooks.failing_since"), "2026-11-23 10:32".into())],
        acts: acts(&c, WebhookState::Failing),
        deliveries: topics.into_iter().zip(DeliveryState::ALL).map(delivery).collect(),
        next: Some(format!("/operator/webhooks/{ID}?after=1")),
        done: Some(c.t("webhooks.sent")),
        c,
    }
}

/// Every page about webhooks, by name.
pub(super) fn pages(operator: impl Fn() -> Chrome) -> Vec<(&'static str, String)> {
    let c = operator();
    let rows = WebhookState::ALL.map(|state| row(&c, state, "市民掌上办")).into();
    let list = draw(&Webhooks { rows, next: None, done: None, c });
    let empty = draw(&Webhooks { rows: Vec::new(), next: None, done: None, c: operator() });
    let c = operator();
    let mut fields = webhooks::register_fields(&c, &[]);
    let faults = place(&c, &mut fields, &[Fault::at("/url", "webhook.url_form")]);
    let register = draw(&Register { c, fields, faults });
    let secret = format!("whsec_{}", "A".repeat(44));
    vec![
        ("webhooks", list),
        ("webhooks-empty", empty),
        ("webhook", draw(&one(operator(), "市民掌上办"))),
        ("webhook-register", register),
        ("webhook-secret", draw(&NewSecret { c: operator(), id: ID.into(), secret })),
    ]
}

/// The page with a value which tries to be more than text.
pub(super) fn hostile(operator: Chrome, value: &str) -> String {
    draw(&one(operator, value))
}
