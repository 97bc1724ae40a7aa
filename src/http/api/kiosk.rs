//! Kiosks (自助终端): `/v1/kiosk/sessions…`: somebody is recognised, chooses, and takes a sheet along.

use super::requests::ask::Assertion;
use crate::app::kiosk::{self, Seen, Wish};
use crate::domain::party::Role;
use crate::http::body::Strict;
use crate::http::caller::Caller;
use crate::http::problem::{InBoth, Problem};
use crate::http::route::Route;
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const TAG: &str = "kiosks";
const KIOSKS: &[Role] = &[Role::Clerk, Role::Institution];

/// Routes of kiosks.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/kiosk/sessions", open)
            .api(TAG, "Open a session: one person, one sheet, two minutes")
            .roles(KIOSKS)
            .gives::<KioskSession>(201),
        Route::get("/v1/kiosk/sessions/{id}", watch)
            .api(TAG, "How far the caller's own session is, and what may be chosen")
            .roles(KIOSKS)
            .gives::<KioskSession>(200)
            .refuses(&[404]),
        Route::post("/v1/kiosk/sessions/{id}/assertions", assert)
            .api(TAG, "Bring a trusted verifier's word on who stands at the kiosk")
            .roles(KIOSKS)
            .takes::<Assertion>()
            .gives::<KioskSession>(201)
            .refuses(&[404, 409, 410]),
        Route::post("/v1/kiosk/sessions/{id}/paper-codes", print)
            .api(TAG, "Make a code for paper, good for seven days, of the license chosen: the sheet to print")
            .roles(KIOSKS)
            .takes::<KioskPrint>()
            .gives_bytes(&["application/pdf"])
            .refuses(&[404, 409, 410]),
        Route::post("/v1/kiosk/sessions/{id}/end", end)
            .api(TAG, "End a session in which nothing was printed")
            .roles(KIOSKS)
            .refuses(&[404]),
    ]
}

/// A session at a kiosk.
#[derive(Serialize, ToSchema)]
struct KioskSession {
    /// Identifier, drawn at random: what an assertion names as its `request`.
    #[schema(pattern = "^[0-9a-f]{24}$")]
    id: String,
    /// `waiting` (for an assertion), `recognised`, `printed` or `expired`.
    #[schema(pattern = "^(waiting|recognised|printed|expired)$")]
    state: String,
    /// Over after this.
    #[schema(format = "date-time")]
    expires_at: String,
    /// The licenses of whoever was recognised that may be chosen now.
    licenses: Vec<KioskLicense>,
}

/// A license to choose.
#[derive(Serialize, ToSchema)]
struct KioskLicense {
    /// What to call it in this session.
    #[schema(minimum = 1, maximum = 20)]
    license: u32,
    /// Kind.
    kind: String,
    /// What the kind is called.
    title: InBoth,
    /// Printed number, masked.
    number: String,
}

/// What to print.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KioskPrint {
    /// Which of the licenses in the session's list.
    #[schema(minimum = 1, maximum = 20)]
    license: u32,
    /// What for; it stands under the signature.
    #[schema(min_length = 1, max_length = 30)]
    purpose: String,
    /// For whom alone.
    #[schema(min_length = 1, max_length = 30)]
    recipient: Option<String>,
}

fn view(state: &http::State, seen: Seen) -> KioskSession {
    let title = |kind: &str| {
        state.kinds.get(kind).map_or_else(
            || InBoth { zh: kind.to_owned(), en: kind.to_owned() },
            |kind| kind.title.clone().into(),
        )
    };
    KioskSession {
        id: seen.session.id,
        state: seen.step.name().to_owned(),
        expires_at: seen.session.expires_at.to_string(),
        licenses: (seen.licenses.into_iter())
            .map(|choice| KioskLicense {
                license: choice.number,
                title: title(&choice.kind),
                kind: choice.kind,
                number: choice.masked_number,
            })
            .collect(),
    }
}

async fn open(
    State(state): State<http::State>,
    caller: Caller,
) -> Result<(StatusCode, Json<KioskSession>), Problem> {
    let service = state.clone();
    let seen = detach(async move { kiosk::open(&service, &caller.credential).await }).await?;
    Ok((StatusCode::CREATED, Json(view(&state, seen))))
}

async fn watch(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<KioskSession>, Problem> {
    let seen = kiosk::watch(&state, &caller.credential, &id).await?;
    Ok(Json(view(&state, seen)))
}

async fn assert(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<Assertion>,
) -> Result<(StatusCode, Json<KioskSession>), Problem> {
    let service = state.clone();
    let work = async move { kiosk::recognised(&service, &caller.credential, &id, &body.assertion).await };
    let seen = detach(work).await?;
    Ok((StatusCode::CREATED, Json(view(&state, seen))))
}

async fn print(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<KioskPrint>,
) -> Result<Response, Problem> {
    let wish = Wish { license: body.license, purpose: body.purpose, recipient: body.recipient };
    let made = detach(async move { kiosk::print(&state, &caller.credential, &id, wish).await }).await?;
    Ok(sheet(made.code.id.as_str(), made.sheet))
}

/// A sheet, for this once.
pub(in crate::http) fn sheet(id: &str, pdf: Vec<u8>) -> Response {
    let name = format!("inline; filename=\"paper-code-{}.pdf\"", id.get(16..).unwrap_or_default());
    let headers = [
        (CONTENT_TYPE, "application/pdf"),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_DISPOSITION, name.as_str()),
    ];
    (headers, pdf).into_response()
}

async fn end(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    detach(async move { kiosk::end(&state, &caller.credential, &id).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}
