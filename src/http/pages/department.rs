//! A department's licenses.

use super::chrome::Chrome;
use super::page;
use super::words::{self, Tag, either};
use crate::app::list_licenses::{self, Cursor};
use crate::app::register_department;
use crate::domain::license::License;
use crate::domain::party::{Credential, Department, Scope};
use crate::http::State;
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Problem};
use crate::texts::Language;
use askama::Template;
use axum::extract::{Query, State as From};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

/// A license in a list.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) holder: String,
    pub(super) kind: String,
    pub(super) number: String,
    pub(super) issued_on: String,
    pub(super) standing: Tag,
}

#[derive(Template)]
#[template(path = "pages/department.html")]
pub(super) struct Licenses {
    pub(super) c: Chrome,
    pub(super) department: String,
    pub(super) kinds: Vec<(String, String)>,
    pub(super) filter_kind: String,
    pub(super) filter_number: String,
    pub(super) licenses: Vec<Row>,
    pub(super) next: Option<String>,
}

/// What to list.
#[derive(Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    after: String,
}

/// A license as a row.
pub(super) fn row(c: &Chrome, state: &State, license: &License) -> Row {
    Row {
        id: license.id.to_string(),
        holder: license.holder.name.clone(),
        kind: kind_title(c, state, &license.kind),
        number: license.number.clone(),
        issued_on: words::date(c, license.issued_on),
        standing: words::standing(c, license.standing(state.clock.now())),
    }
}

/// What a kind is called; its name where it is no longer known.
pub(super) fn kind_title(c: &Chrome, state: &State, name: &str) -> String {
    state.kinds.get(name).map_or_else(|| name.to_owned(), |kind| either(c, &kind.title).to_owned())
}

/// Kinds that the caller may use, with what they are called.
pub(super) fn own_kinds(
    c: &Chrome,
    state: &State,
    caller: &Credential,
    responsibility: &str,
) -> Vec<(String, String)> {
    state
        .kinds
        .iter()
        .filter(|kind| kind.issuer == responsibility && caller.kinds.allows(&kind.name))
        .map(|kind| (kind.name.clone(), either(c, &kind.title).to_owned()))
        .collect()
}

/// The department that a caller acts for.
pub(super) async fn department(state: &State, caller: &Credential) -> Result<Department, Problem> {
    let own = caller.department.as_deref();
    let departments = register_department::list(state).await?;
    departments
        .into_iter()
        .find(|department| Some(department.code.as_str()) == own)
        .ok_or_else(|| Problem::new(Kind::NotFound, "department.unknown"))
}

/// A department's name in the page's language.
pub(super) fn department_name(c: &Chrome, department: &Department) -> String {
    match c.language {
        Language::Chinese => department.name_zh.clone(),
        Language::English => department.name_en.clone(),
    }
}

/// `GET /department`
pub(super) async fn get(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Response, Problem> {
    let own = department(&state, &caller.credential).await?;
    let kinds = own_kinds(&c, &state, &caller.credential, &own.responsibility);
    let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    // A credential that is limited to some kinds lists one kind at a time.
    let kind = filled(&filter.kind).or_else(|| match caller.credential.kinds {
        Scope::All => None,
        Scope::Only(_) => kinds.first().map(|(name, _)| name.clone()),
    });
    let request = list_licenses::Request {
        kind: kind.clone(),
        number: filled(&filter.number),
        after: Cursor::parse(&filter.after),
        ..list_licenses::Request::default()
    };
    let slice = list_licenses::run(&state, &caller.credential, request).await?;
    let licenses = slice.licenses.iter().map(|license| row(&c, &state, license)).collect();
    let filter_kind = kind.unwrap_or_default();
    let next = slice.next.map(|cursor| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("kind", &filter_kind).append_pair("number", &filter.number);
        format!("/department?{}", query.append_pair("after", &cursor.to_text()).finish())
    });
    let name = department_name(&c, &own);
    let filter_number = filter.number;
    page(StatusCode::OK, &Licenses { c, department: name, kinds, filter_kind, filter_number, licenses, next })
}
