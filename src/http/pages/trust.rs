//! The public page of whom the service recognises: other regions' trust lists, and where its own is.

use super::chrome::Chrome;
use super::page;
use super::words::{self, Tag};
use crate::app::trust_list::{publish, read};
use crate::domain::time::Timestamp;
use crate::domain::trust_list::{Entry, Names, ServiceKind, TrustList};
use crate::http::State;
use crate::http::problem::Problem;
use crate::texts::Language;
use askama::Template;
use axum::extract::State as From;
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "pages/trust.html")]
pub(super) struct Trust {
    pub(super) c: Chrome,
    pub(super) places: Vec<Place>,
    /// Number of our own list, where one is published.
    pub(super) own: Option<String>,
}

/// A place whose list is relied on.
pub(super) struct Place {
    pub(super) name: String,
    pub(super) code: String,
    pub(super) version: String,
    pub(super) standing: Tag,
    pub(super) bodies: Vec<Body>,
}

/// Somebody in its list.
pub(super) struct Body {
    pub(super) name: String,
    pub(super) service: String,
    pub(super) standing: Tag,
}

/// `GET /trust`
pub(super) async fn get(c: Chrome, From(state): From<State>) -> Result<Response, Problem> {
    let now = state.clock.now();
    let lists = read::all(&state).await?.into_iter().filter_map(|known| known.list);
    let places = lists.map(|list| place(&c, &list, now)).collect();
    let own = match state.publishing() {
        Some(_) => publish::latest(&state).await?.map(|list| list.sequence.to_string()),
        None => None,
    };
    page(StatusCode::OK, &Trust { c, places, own })
}

/// A list in words.
pub(super) fn place(c: &Chrome, list: &TrustList, now: Timestamp) -> Place {
    let tag = |code: &str, icon, tone| Tag { word: c.t(code), icon, tone };
    let standing = if list.is_stale(now) {
        tag("trust.ran_out", "octagon", "bad")
    } else if now > list.next_update {
        tag("trust.overdue", "clock", "unclear")
    } else {
        tag("trust.current", "tick", "good")
    };
    let values = [
        ("sequence", list.sequence.to_string()),
        ("issued", words::moment(list.issued)),
        ("next", words::moment(list.next_update)),
    ];
    Place {
        name: name(c, &list.territory_name),
        code: list.territory.to_string(),
        version: c.f("trust.version", values),
        standing,
        bodies: list.entries.iter().map(|entry| body(c, entry, now)).collect(),
    }
}

fn body(c: &Chrome, entry: &Entry, now: Timestamp) -> Body {
    let until = |code: &str, at| c.f(code, [("at", words::moment(at))]);
    let standing = match (entry.withdrawn_since, entry.recognised_at(now)) {
        (Some(since), _) => Tag { word: until("trust.withdrawn", since), icon: "octagon", tone: "bad" },
        (None, Ok(())) => Tag { word: c.t("trust.recognised"), icon: "tick", tone: "good" },
        (None, Err(_)) => Tag { word: c.t("trust.not_now"), icon: "clock", tone: "still" },
    };
    Body { name: name(c, &entry.name), service: c.t(entry_service(entry.service)), standing }
}

/// The code of what a body does, in words.
pub(super) const fn entry_service(service: ServiceKind) -> &'static str {
    match service {
        ServiceKind::RootCa => "trust.root_ca",
        ServiceKind::IssuingCa => "trust.issuing_ca",
        ServiceKind::SealMaker => "trust.seal_maker",
        ServiceKind::TimeStamping => "trust.timestamping",
    }
}

/// A name in the page's language.
pub(super) fn name(c: &Chrome, names: &Names) -> String {
    match c.language {
        Language::Chinese => names.zh.clone(),
        Language::English => names.en.clone(),
    }
}
