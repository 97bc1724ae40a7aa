//! `POST /v1/seals/{code}/approve`, `…/reject`, `…/suspend`, `…/resume`, `…/revoke`

use super::view::{SealView, code};
use crate::app::act_on_seal;
use crate::domain::seal::SealAct;
use crate::http::body::Strict;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::ToSchema;

/// Why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActRequest {
    /// Why, for the record; approval needs none.
    #[schema(max_length = 200)]
    #[serde(default)]
    reason: String,
}

type Answer = Result<Json<SealView>, Problem>;
type Taken = (State<http::State>, Caller, Path<String>, Strict<ActRequest>);

macro_rules! act {
    ($name:ident, $act:ident, $about:literal) => {
        #[doc = $about]
        pub async fn $name(
            state: State<http::State>,
            caller: Caller,
            path: Path<String>,
            body: Strict<ActRequest>,
        ) -> Answer {
            run((state, caller, path, body), SealAct::$act).await
        }
    };
}

act!(approve, Approve, "A second person approves; the seal is made.");
act!(reject, Reject, "A second person turns it down.");
act!(suspend, Suspend, "Out of use for a time.");
act!(resume, Resume, "Back into use.");
act!(revoke, Revoke, "Out of use for good.");

async fn run((State(state), caller, Path(text), Strict(body)): Taken, act: SealAct) -> Answer {
    let request = act_on_seal::Request { seal: code(&text)?, act, reason: body.reason };
    let service = state.clone();
    let seal = detach(async move { act_on_seal::run(&service, &caller.credential, request).await }).await?;
    Ok(Json(SealView::of(seal, state.clock.now())))
}
