//! `/v1/matters`

use crate::app::ask;
use crate::domain::matter::Matter;
use crate::domain::party::Role;
use crate::http;
use crate::http::caller::Caller;
use crate::http::problem::InBoth;
use crate::http::route::Route;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// Routes about matters.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/matters", list)
            .api("requests", "List the matters that the caller may ask holders for, with what each needs")
            .roles(&[Role::Clerk, Role::Institution])
            .gives::<MatterList>(200),
    ]
}

/// All matters that the caller may ask for.
#[derive(Serialize, ToSchema)]
pub struct MatterList {
    /// By code.
    items: Vec<MatterView>,
}

/// A matter.
#[derive(Serialize, ToSchema)]
pub struct MatterView {
    /// Code.
    code: String,
    /// What it is called.
    title: InBoth,
    /// What it needs of licenses.
    needs: Vec<NeedView>,
    /// Other materials it needs.
    materials: Vec<MaterialNeedView>,
    /// How long what was shown is kept, in words.
    kept: InBoth,
    /// The same in days.
    kept_days: u16,
}

/// What a matter needs of one license.
#[derive(Serialize, ToSchema)]
pub struct NeedView {
    /// Kind.
    kind: String,
    /// Fields without which it cannot be dealt with.
    required: Vec<String>,
    /// Fields that the holder may refuse.
    optional: Vec<String>,
    /// Whether it goes on without such a license.
    may_lack: bool,
    /// Why sensitive fields are asked for; null where there are none.
    reason: Option<InBoth>,
}

/// A material other than a license.
#[derive(Serialize, ToSchema)]
pub struct MaterialNeedView {
    /// Label.
    label: String,
    /// What it is called.
    title: InBoth,
    /// Days after which one that was handed in is too old.
    days: u16,
    /// Whether it goes on without it.
    may_lack: bool,
}

impl From<&Matter> for MatterView {
    fn from(matter: &Matter) -> Self {
        let needs = matter.needs.iter().map(|need| NeedView {
            kind: need.kind.clone(),
            required: need.required.clone(),
            optional: need.optional.clone(),
            may_lack: need.may_lack,
            reason: need.reason.clone().map(InBoth::from),
        });
        let materials = matter.materials.iter().map(|material| MaterialNeedView {
            label: material.label.clone(),
            title: material.title.clone().into(),
            days: material.days,
            may_lack: material.may_lack,
        });
        Self {
            code: matter.code.clone(),
            title: matter.title.clone().into(),
            needs: needs.collect(),
            materials: materials.collect(),
            kept: matter.keep.words.clone().into(),
            kept_days: matter.keep.days,
        }
    }
}

/// Lists the matters.
async fn list(State(state): State<http::State>, caller: Caller) -> Json<MatterList> {
    let matters = ask::matters(&state, &caller.credential);
    Json(MatterList { items: matters.iter().map(|matter| MatterView::from(matter.as_ref())).collect() })
}
