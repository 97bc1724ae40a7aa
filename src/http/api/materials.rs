//! Materials that holders hand in once: `/v1/materials…`, `/v1/requests/{id}/materials…`

use crate::app::ask::materials::{self, Brought, Held, MOST_BYTES};
use crate::domain::material::Material;
use crate::domain::party::Role;
use crate::http::body::{StrictQuery, expect_type, read};
use crate::http::caller::Caller;
use crate::http::problem::{InBoth, Problem};
use crate::http::route::{Content, Route};
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const TAG: &str = "materials";
const SORTS: &[&str] = &["application/pdf", "application/ofd", "image/png", "image/jpeg"];
const ASKERS: &[Role] = &[Role::Clerk, Role::Institution];
const HOLDER: &[Role] = &[Role::Holder];

/// Routes about materials.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/materials", bring)
            .api(
                TAG,
                "Hand in a material: by its holder, or by the counter that the holder has just said yes to",
            )
            .roles(&[Role::Holder, Role::Clerk, Role::Institution])
            .query::<BringQuery>()
            .takes_content(Content::Bytes(SORTS))
            .gives::<MaterialView>(201)
            .refuses(&[404, 410, 422]),
        Route::get("/v1/materials", list)
            .api(TAG, "List the holder's own materials, newest first")
            .roles(HOLDER)
            .gives::<MaterialList>(200),
        Route::get("/v1/materials/{id}", own)
            .api(TAG, "Read a material of the holder's own")
            .roles(HOLDER)
            .gives_bytes(SORTS)
            .refuses(&[404]),
        Route::get("/v1/requests/{id}/materials", handed)
            .api(
                TAG,
                "What the matter of the caller's own request needs beside licenses, and what there is of it",
            )
            .roles(ASKERS)
            .gives::<HeldList>(200)
            .refuses(&[404, 410, 422]),
        Route::get("/v1/requests/{id}/materials/{material}", of_request)
            .api(TAG, "Read a material that the holder let be used for the caller's own request")
            .roles(ASKERS)
            .gives_bytes(SORTS)
            .refuses(&[404, 410, 422]),
    ]
}

/// What is handed in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BringQuery {
    /// Code of the matter.
    #[schema(min_length = 1, max_length = 60)]
    matter: String,
    /// One of the matter's labels.
    #[schema(min_length = 1, max_length = 60)]
    label: String,
    /// The request that the holder said yes to; for counters and institutions.
    #[schema(max_length = 60)]
    request: Option<String>,
}

/// All materials.
#[derive(Serialize, ToSchema)]
pub struct MaterialList {
    /// Newest first.
    items: Vec<MaterialView>,
}

/// A material.
#[derive(Serialize, ToSchema)]
pub struct MaterialView {
    /// Identifier.
    id: String,
    /// Label.
    label: String,
    /// SHA-256 of its bytes.
    sha256: String,
    /// How many bytes.
    size: u64,
    /// Media type.
    media: String,
    /// Who brought it.
    brought_by: String,
    /// For which matter.
    matter: String,
    /// When.
    #[schema(format = "date-time")]
    at: String,
    /// When another of the same label took its place.
    #[schema(format = "date-time")]
    replaced_at: Option<String>,
}

/// What a matter needs, and what there is.
#[derive(Serialize, ToSchema)]
pub struct HeldList {
    /// In the order of the matter.
    items: Vec<HeldView>,
}

/// A material that a matter needs, and what there is.
#[derive(Serialize, ToSchema)]
pub struct HeldView {
    /// Label.
    label: String,
    /// What it is called.
    title: InBoth,
    /// Whether the matter goes on without it.
    may_lack: bool,
    /// `fits`, `expired`, `replaced` or `lacking`.
    state: String,
    /// Whether it is another than was handed in before under this label.
    changed: bool,
    /// What there is; null where nothing is.
    material: Option<MaterialView>,
}

impl From<Material> for MaterialView {
    fn from(material: Material) -> Self {
        Self {
            id: material.id,
            label: material.label,
            sha256: hex::encode(material.sha256),
            size: material.size,
            media: material.media.name().to_owned(),
            brought_by: material.label_of_bringer,
            matter: material.matter,
            at: material.at.to_string(),
            replaced_at: material.replaced_at.map(|at| at.to_string()),
        }
    }
}

impl From<Held> for HeldView {
    fn from(held: Held) -> Self {
        Self {
            label: held.need.label,
            title: held.need.title.into(),
            may_lack: held.need.may_lack,
            state: held.found.as_ref().map_or("lacking", |(_, fitness)| fitness.name()).to_owned(),
            changed: held.changed,
            material: held.found.map(|(material, _)| material.into()),
        }
    }
}

/// A material as a file to keep: a stranger made it, so no browser is to open it among our pages.
pub fn download((material, bytes): (Material, Vec<u8>)) -> Response {
    let name = format!("attachment; filename=\"{}\"", material.name);
    ([(CONTENT_TYPE, material.media.name().to_owned()), (CONTENT_DISPOSITION, name)], bytes).into_response()
}

/// Hands in.
async fn bring(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<BringQuery>,
    request: Request,
) -> Result<(StatusCode, Json<MaterialView>), Problem> {
    let (head, body) = request.into_parts();
    expect_type(&head.headers, SORTS)?;
    let bytes = read(&head.headers, body, MOST_BYTES).await?.to_vec();
    let BringQuery { matter, label, request } = query;
    let brought = Brought { matter, label, request, bytes };
    let kept = detach(async move { materials::bring(&state, &caller.credential, brought).await }).await?;
    Ok((StatusCode::CREATED, Json(kept.into())))
}

/// The holder's own.
async fn list(State(state): State<http::State>, caller: Caller) -> Result<Json<MaterialList>, Problem> {
    let mine = materials::mine(&state, &caller.credential).await?;
    Ok(Json(MaterialList { items: mine.into_iter().map(MaterialView::from).collect() }))
}

/// One of them.
async fn own(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    Ok(download(materials::read(&state, &caller.credential, None, &id).await?))
}

/// What there is for a request.
async fn handed(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<HeldList>, Problem> {
    let handed = materials::handed(&state, &caller.credential, &id).await?;
    Ok(Json(HeldList { items: handed.into_iter().map(HeldView::from).collect() }))
}

/// One of them.
async fn of_request(
    State(state): State<http::State>,
    caller: Caller,
    Path((id, material)): Path<(String, String)>,
) -> Result<Response, Problem> {
    Ok(download(materials::read(&state, &caller.credential, Some(&id), &material).await?))
}
