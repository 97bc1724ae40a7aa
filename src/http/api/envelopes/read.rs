//! `GET /v1/envelopes`, `GET /v1/envelopes/{id}`, `…/diff`, `…/file`

use super::audit::{EventView, event};
use super::view::{EnvelopeView, envelope_id};
use crate::app::envelope::list::{self, Cursor, EnvelopeSummary, Which};
use crate::app::envelope::{file, read};
use crate::http;
use crate::http::api::common::{from_cursor, to_cursor};
use crate::http::api::licenses::read::{FileQuery, download};
use crate::http::body::StrictQuery;
use crate::http::caller::Caller;
use crate::http::problem::{InBoth, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Which envelopes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeListQuery {
    /// Those that ask your department now (its inbox, unless told), that it started, that it is a party of, or that ask a
    /// body whose seal was granted to you.
    #[schema(pattern = "^(asked|initiated|taking-part|granted)$")]
    which: Option<String>,
    /// Where the last slice ended: its `next`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,120}$")]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A slice of the list.
#[derive(Serialize, ToSchema)]
pub struct EnvelopeList {
    /// Newest first.
    items: Vec<EnvelopeItem>,
    /// Where to go on; null at the end.
    next: Option<String>,
}

/// An envelope in a list.
#[derive(Serialize, ToSchema)]
pub struct EnvelopeItem {
    /// Identity.
    id: String,
    /// Kind of the license it becomes.
    kind: String,
    /// The department that started it, by credit code.
    initiator: String,
    /// When it was started.
    #[schema(format = "date-time")]
    created_at: String,
    /// Version of its content.
    version: u32,
    /// Grows with each change.
    revision: u32,
    /// State.
    state: String,
    /// From here on the open stage is too late.
    #[schema(format = "date-time")]
    deadline: Option<String>,
    /// The license it became.
    license: Option<String>,
}

/// An envelope with its content.
#[derive(Serialize, ToSchema)]
pub struct EnvelopeDetailView {
    /// How it stands.
    envelope: EnvelopeView,
    /// The fields in canonical form.
    data: BTreeMap<String, String>,
    /// The printed number, where the department gives it itself.
    number: Option<String>,
    /// Digests of the canonical content.
    digests: DigestsView,
    /// Names of the departments that take part, by credit code.
    departments: Vec<NamedDepartment>,
    /// The last version before this one that your department said yes to; `…/diff` tells what has changed.
    consented_before: Option<u32>,
    /// Formats in which you may have the finished license (`…/file`).
    formats: Vec<String>,
    /// Grants by which you may consent for a party that is asked.
    grants: Vec<String>,
    /// How a draft came back that was sent before: who handed it back and why, or why it could not be sealed.
    came_back: Option<EventView>,
}

/// A department with its names.
#[derive(Serialize, ToSchema)]
pub struct NamedDepartment {
    /// Credit code.
    code: String,
    /// What it is called.
    name: InBoth,
}

/// Digests of a content.
#[derive(Serialize, ToSchema)]
pub struct DigestsView {
    /// SHA-256.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// SM3.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sm3: String,
}

/// Since when.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DiffQuery {
    /// Since this version; unless told, since the last one your department said yes to.
    #[schema(minimum = 1, maximum = 2147483647)]
    from: Option<u32>,
}

/// What has changed.
#[derive(Serialize, ToSchema)]
pub struct DiffView {
    /// The earlier version.
    from: u32,
    /// The present version.
    to: u32,
    /// The fields that differ.
    changes: Vec<EnvelopeChangeView>,
}

/// A field that differs.
#[derive(Serialize, ToSchema)]
pub struct EnvelopeChangeView {
    /// Its name; `@number` is the printed number.
    field: String,
    /// What it is called.
    title: InBoth,
    /// Its value before.
    before: Option<String>,
    /// Its value now.
    now: Option<String>,
}

/// Lists envelopes.
pub async fn list(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<EnvelopeListQuery>,
) -> Result<Json<EnvelopeList>, Problem> {
    let which = query.which.as_deref().and_then(Which::parse).unwrap_or(Which::Asked);
    let after = from_cursor(query.after.as_deref(), Cursor::parse)?;
    let slice = list::run(&state, &caller.credential, which, after, query.limit).await?;
    let next = slice.next.map(|cursor| to_cursor(&cursor.to_text()));
    Ok(Json(EnvelopeList { items: slice.envelopes.into_iter().map(item).collect(), next }))
}

fn item(envelope: EnvelopeSummary) -> EnvelopeItem {
    EnvelopeItem {
        id: envelope.id.to_string(),
        kind: envelope.kind,
        initiator: envelope.initiator,
        created_at: envelope.created_at.to_string(),
        version: envelope.version,
        revision: envelope.revision,
        state: envelope.state.name().to_owned(),
        deadline: envelope.deadline.map(|at| at.to_string()),
        license: envelope.license.map(|license| license.to_string()),
    }
}

/// One envelope in full.
pub async fn one(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<EnvelopeDetailView>, Problem> {
    let detail = read::run(&state, &caller.credential, &envelope_id(&id)?).await?;
    let departments = detail.departments.into_values().map(|department| NamedDepartment {
        code: department.code,
        name: InBoth { zh: department.name_zh, en: department.name_en },
    });
    Ok(Json(EnvelopeDetailView {
        envelope: EnvelopeView::of(&detail.envelope),
        data: detail.content.data,
        number: detail.content.number,
        digests: DigestsView {
            sha256: hex::encode(detail.content.sha256),
            sm3: hex::encode(detail.content.sm3),
        },
        departments: departments.collect(),
        consented_before: detail.consented_before,
        formats: detail.formats.iter().map(|format| format.name().to_owned()).collect(),
        grants: detail.grants.iter().map(|grant| grant.id.to_string()).collect(),
        came_back: detail.came_back.map(event),
    }))
}

/// What has changed.
pub async fn difference(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    StrictQuery(query): StrictQuery<DiffQuery>,
) -> Result<Json<DiffView>, Problem> {
    let found = read::difference(&state, &caller.credential, &envelope_id(&id)?, query.from).await?;
    let kind = state.kinds.get(&found.envelope.kind);
    let changes = found.changes.into_iter().map(|change| {
        let title = kind.and_then(|kind| kind.field(&change.field)).map(|field| &field.title);
        let words = title.map(|title| InBoth { zh: title.zh.clone(), en: title.en.clone() });
        let title = words.unwrap_or_else(|| InBoth::of("page.envelope.number", &[]));
        EnvelopeChangeView { title, field: change.field, before: change.before, now: change.now }
    });
    Ok(Json(DiffView { from: found.from, to: found.to, changes: changes.collect() }))
}

/// A sealed file of the license that it became.
pub async fn file(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    StrictQuery(query): StrictQuery<FileQuery>,
) -> Result<Response, Problem> {
    let id = envelope_id(&id)?;
    let (license, file) = file::run(&state, &caller.credential, &id, query.format()?).await?;
    Ok(download(&license, file))
}
