//! Webhooks, for operators and, as far as they concern it, for a department: the endpoints, how each stands, what it was told,
//! and what can be done about it.

use super::chrome::Chrome;
use super::envelopes::names;
use super::form::{FormField, Input, ShownFault, faults_of, place};
use super::license::Possible;
use super::slice::{self, Asked};
use super::words::{self, Fact, Tag};
use super::{given, go_to, page};
use crate::app::webhook::replay::{self, What};
use crate::app::webhook::{change, read, register};
use crate::domain::refusal::{Fault, Refusal, RefusalClass};
use crate::domain::seal::SealState;
use crate::domain::time::{Timestamp, parse_date};
use crate::domain::webhook::{Delivery, DeliveryState, TopicPattern, Webhook, WebhookId, WebhookState};
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Place, Problem};
use crate::http::{State, detach};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::response::Response;

/// Endpoints, or deliveries, on one page.
const ROWS: u32 = 50;

/// An endpoint in a list.
pub(super) struct WebhookRow {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) description: String,
    pub(super) owner: String,
    pub(super) topics: String,
    pub(super) state: Tag,
}

/// A delivery in a list.
pub(super) struct DeliveryRow {
    pub(super) number: i64,
    pub(super) topic: String,
    pub(super) subject: String,
    pub(super) state: Tag,
    pub(super) attempts: u32,
    pub(super) said: String,
    pub(super) when: String,
    pub(super) over: bool,
}

#[derive(Template)]
#[template(path = "pages/webhooks.html")]
pub(super) struct Webhooks {
    pub(super) c: Chrome,
    pub(super) rows: Vec<WebhookRow>,
    pub(super) next: Option<String>,
    pub(super) done: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/webhook.html")]
pub(super) struct OneWebhook {
    pub(super) c: Chrome,
    pub(super) webhook: WebhookRow,
    pub(super) about: Vec<Fact>,
    pub(super) acts: Vec<Possible>,
    pub(super) deliveries: Vec<DeliveryRow>,
    pub(super) next: Option<String>,
    pub(super) done: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/webhook_register.html")]
pub(super) struct Register {
    pub(super) c: Chrome,
    pub(super) fields: Vec<FormField>,
    pub(super) faults: Vec<ShownFault>,
}

/// Shows the secret of an endpoint, this once.
#[derive(Template)]
#[template(path = "pages/webhook_secret.html")]
pub(super) struct NewSecret {
    pub(super) c: Chrome,
    pub(super) id: String,
    pub(super) secret: String,
}

/// Where an endpoint stands.
pub(super) fn state(c: &Chrome, state: WebhookState) -> Tag {
    let (code, icon, tone) = match state {
        WebhookState::On => ("webhook_state.on", "tick", "good"),
        WebhookState::Off => ("webhook_state.off", "pause", "still"),
        WebhookState::Gone => ("webhook_state.gone", "octagon", "bad"),
        WebhookState::Failing => ("webhook_state.failing", "octagon", "bad"),
        WebhookState::Removed => ("webhook_state.removed", "octagon", "still"),
    };
    Tag { word: c.t(code), icon, tone }
}

/// How far a delivery has got.
pub(super) fn delivery_state(c: &Chrome, state: DeliveryState) -> Tag {
    let (code, icon, tone) = match state {
        DeliveryState::Queued => ("delivery_state.queued", "clock", "still"),
        DeliveryState::Waiting => ("delivery_state.waiting", "clock", "unclear"),
        DeliveryState::Delivered => ("delivery_state.delivered", "tick", "good"),
        DeliveryState::Failed => ("delivery_state.failed", "octagon", "bad"),
    };
    Tag { word: c.t(code), icon, tone }
}

/// A topic in words; a seal's topic names the state that it came into.
pub(super) fn topic(c: &Chrome, topic: &str) -> String {
    match topic.strip_prefix("seal.").and_then(SealState::parse) {
        Some(state) => c.f("webhooks.seal_now", [("state", words::seal_state(c, state).word)]),
        None => c.t(topic),
    }
}

/// What the receiver said last.
fn said(c: &Chrome, delivery: &Delivery) -> String {
    match (delivery.last_status, delivery.last_error.as_deref()) {
        (Some(status), _) => c.f("webhooks.said_status", [("status", status.to_string())]),
        (None, Some("address-refused")) => c.t("webhooks.said_address_refused"),
        (None, Some("timeout")) => c.t("webhooks.said_timeout"),
        (None, Some("tls")) => c.t("webhooks.said_tls"),
        (None, Some("unreadable")) => c.t("webhooks.said_unreadable"),
        (None, Some(_)) => c.t("webhooks.said_unreachable"),
        (None, None) => String::new(),
    }
}

fn delivery_row(c: &Chrome, delivery: &Delivery) -> DeliveryRow {
    let when = match (delivery.ended_at, delivery.due_at) {
        (Some(at), _) => words::moment(at),
        (None, Some(at)) => c.f("webhooks.next_attempt", [("at", words::moment(at))]),
        (None, None) => words::moment(delivery.what.created_at),
    };
    DeliveryRow {
        number: delivery.what.number,
        topic: topic(c, &delivery.what.topic),
        subject: delivery.what.subject.clone(),
        state: delivery_state(c, delivery.state),
        attempts: delivery.attempts,
        said: said(c, delivery),
        when,
        over: delivery.state.is_over(),
    }
}

fn row(c: &Chrome, owner: String, webhook: &Webhook) -> WebhookRow {
    let topics: Vec<&str> = webhook.topics.iter().map(TopicPattern::as_str).collect();
    WebhookRow {
        id: webhook.id.to_string(),
        url: webhook.url.clone(),
        description: webhook.description.clone(),
        owner,
        topics: topics.join(" "),
        state: state(c, webhook.state),
    }
}

async fn rows(service: &State, c: &Chrome, webhooks: &[Webhook]) -> Result<Vec<WebhookRow>, Problem> {
    let names = names(service, c).await?;
    let owner = |webhook: &Webhook| match &webhook.owner {
        None => c.t("webhooks.of_operators"),
        Some(code) => names.get(code).cloned().unwrap_or_else(|| code.clone()),
    };
    Ok(webhooks.iter().map(|webhook| row(c, owner(webhook), webhook)).collect())
}

fn done(c: &Chrome, what: &str) -> Option<String> {
    match what {
        "done" => Some(c.t("webhooks.done")),
        "sent" => Some(c.t("webhooks.sent")),
        _ => None,
    }
}

/// `GET /operator/webhooks`, `GET /department/webhooks`
pub(super) async fn list(
    From(service): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let found = read::list(&service, &caller.credential, &asked.after, Some(ROWS)).await?;
    let next = slice::next(&found, ROWS, c.webhooks(), |last| last.id.to_string());
    let rows = rows(&service, &c, &found).await?;
    page(StatusCode::OK, &Webhooks { rows, next, done: done(&c, &asked.done), c })
}

fn id(text: &str) -> Result<WebhookId, Problem> {
    WebhookId::parse(text).ok_or_else(|| Refusal::new(RefusalClass::NotFound, "webhook.unknown").into())
}

fn about(c: &Chrome, row: &WebhookRow, webhook: &Webhook) -> Vec<Fact> {
    let mut about = vec![
        (c.t("webhooks.owner"), row.owner.clone()),
        (c.t("webhooks.topics"), row.topics.clone()),
        (c.t("webhooks.created"), words::moment(webhook.created_at)),
        (c.t("webhooks.created_by"), webhook.created_by.clone()),
    ];
    let times = [
        ("webhooks.failing_since", webhook.failing_since),
        ("webhooks.resume_at", webhook.resume_at),
        ("webhooks.old_secret_until", webhook.old_secret.as_ref().map(|(_, until)| *until)),
    ];
    about.extend(times.into_iter().filter_map(|(code, at)| Some((c.t(code), words::moment(at?)))));
    about
}

/// What can be done with an endpoint in this state.
pub(super) fn acts(c: &Chrome, state: WebhookState) -> Vec<Possible> {
    let act =
        |name, title: &str, text: &str, grave| Possible { name, title: c.t(title), text: c.t(text), grave };
    let switch = match state {
        WebhookState::On => act("disable", "webhook_act.disable", "webhook_act.disable_text", false),
        _ => act("enable", "webhook_act.enable", "webhook_act.enable_text", false),
    };
    vec![
        act("test", "webhook_act.test", "webhook_act.test_text", false),
        switch,
        act("remove", "webhook_act.remove", "webhook_act.remove_text", true),
    ]
}

/// `GET /operator/webhooks/{id}`, `GET /department/webhooks/{id}`
pub(super) async fn get(
    From(service): From<State>,
    c: Chrome,
    caller: Caller,
    Path(text): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let webhook = read::one(&service, &caller.credential, &id(&text)?).await?;
    let before = asked.after.parse().ok();
    let found = read::deliveries(&service, &caller.credential, &webhook.id, before, Some(ROWS)).await?;
    let here = format!("{}/{}", c.webhooks(), webhook.id);
    let next = slice::next(&found, ROWS, &here, |last| last.what.number.to_string());
    let Some(row) = rows(&service, &c, std::slice::from_ref(&webhook)).await?.pop() else {
        return Err(Problem::new(Kind::NotFound, "webhook.unknown"));
    };
    let view = OneWebhook {
        about: about(&c, &row, &webhook),
        webhook: row,
        acts: acts(&c, webhook.state),
        deliveries: found.iter().map(|delivery| delivery_row(&c, delivery)).collect(),
        next,
        done: done(&c, &asked.done),
        c,
    };
    page(StatusCode::OK, &view)
}

/// The fields of a registration.
pub(super) fn register_fields(c: &Chrome, form: &[(String, String)]) -> Vec<FormField> {
    let field = |name: &str, title: &str, help: &str, required, most| FormField {
        name: name.to_owned(),
        id: format!("field-{name}"),
        title: c.t(title),
        help: c.t(help),
        required,
        pattern: None,
        input: Input::Line(most),
        value: given(form, name).to_owned(),
        fault: None,
    };
    vec![
        field("url", "webhooks.url", "webhooks.url_help", true, 500),
        field("topics", "webhooks.topics", "webhooks.topics_help", true, 500),
        field("description", "webhooks.description", "webhooks.description_help", false, 100),
    ]
}

/// `GET /operator/webhooks/register`, `GET /department/webhooks/register`
pub(super) async fn register_form(c: Chrome) -> Result<Response, Problem> {
    let fields = register_fields(&c, &[]);
    page(StatusCode::OK, &Register { c, fields, faults: Vec::new() })
}

/// `POST /operator/webhooks/register`, `POST /department/webhooks/register`: shows the secret, this once.
pub(super) async fn register(
    From(service): From<State>,
    c: Chrome,
    caller: Caller,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let request = register::Request {
        url: given(&form, "url").trim().to_owned(),
        topics: given(&form, "topics").split_whitespace().map(str::to_owned).collect(),
        description: given(&form, "description").to_owned(),
    };
    let work = async move { register::run(&service, &caller.credential, request).await };
    match detach(work).await {
        Ok(told) => {
            let (id, secret) = (told.webhook.id.to_string(), told.secret.text());
            page(StatusCode::CREATED, &NewSecret { c, id, secret })
        }
        Err(problem) => {
            let mut found = faults_of(problem)?;
            for fault in &mut found {
                // The topics are one field here.
                if fault.pointer.starts_with("/topics/") {
                    fault.pointer = "/topics".to_owned();
                }
            }
            let mut fields = register_fields(&c, &form);
            let faults = place(&c, &mut fields, &found);
            page(StatusCode::UNPROCESSABLE_ENTITY, &Register { c, fields, faults })
        }
    }
}

/// `POST /operator/webhooks/{id}/{act}`, `POST /department/webhooks/{id}/{act}`
pub(super) async fn act(
    From(service): From<State>,
    c: Chrome,
    caller: Caller,
    Path((text, act)): Path<(String, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (id, here) = (id(&text)?, format!("{}/{text}", c.webhooks()));
    let what = if act == "replay" { Some(asked_again(&form)?) } else { None };
    let by = caller.credential;
    let done = match (act.as_str(), what) {
        ("enable", _) => {
            detach(async move { change::enable(&service, &by, &id).await.map(|_| "done") }).await?
        }
        ("disable", _) => {
            detach(async move { change::disable(&service, &by, &id).await.map(|_| "done") }).await?
        }
        ("test", _) => detach(async move { replay::test(&service, &by, &id).await.map(|_| "sent") }).await?,
        ("replay", Some(what)) => {
            detach(async move { replay::run(&service, &by, &id, what).await.map(|_| "sent") }).await?
        }
        ("remove", _) => {
            detach(async move { change::remove(&service, &by, &id).await }).await?;
            return Ok(go_to(&format!("{}?done=done", c.webhooks())));
        }
        _ => return Err(Problem::new(Kind::NotFound, "request.no_such_address")),
    };
    Ok(go_to(&format!("{here}?done={done}")))
}

/// One delivery by its number, or everything since the beginning of a day in China.
fn asked_again(form: &[(String, String)]) -> Result<What, Problem> {
    let number = given(form, "number").parse().ok().map(What::One);
    let since = || parse_date(given(form, "since")).map(|day| What::Since(Timestamp::start_of(day)));
    let fault = || Problem::faults(Kind::Invalid, Place::Body, vec![Fault::at("/since", "webhook.since")]);
    number.or_else(since).ok_or_else(fault)
}
