//! `POST /v1/seals/{code}/approve`, `…/reject`, `…/suspend`, `…/resume`, `…/cancel`, `…/void`

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
pub struct SealActRequest {
    /// Why, for the record; approval needs none.
    #[schema(max_length = 200)]
    #[serde(default)]
    reason: String,
    /// Revision of the seal that the decision is about; refused if the seal has changed since. Any, if left out.
    #[schema(minimum = 1)]
    revision: Option<u32>,
    /// Of an act that takes two people: an earlier approval ran out, and this is the first of new ones.
    #[serde(default)]
    anew: bool,
}

type Answer = Result<Json<SealView>, Problem>;
type Taken = (State<http::State>, Caller, Path<String>, Strict<SealActRequest>);

macro_rules! act {
    ($name:ident, $act:ident, $about:literal) => {
        #[doc = $about]
        pub async fn $name(
            state: State<http::State>,
            caller: Caller,
            path: Path<String>,
            body: Strict<SealActRequest>,
        ) -> Answer {
            run((state, caller, path, body), SealAct::$act).await
        }
    };
}

act!(approve, Approve, "One of two people approves; with the second one the seal is made.");
act!(reject, Reject, "A second person turns it down.");
act!(suspend, Suspend, "Out of use for a time.");
act!(resume, Resume, "Back into use, once two people have said so.");
act!(cancel, Cancel, "Out of use for good.");
act!(void, Void, "Unlawfully made, once two people have said so.");

async fn run((State(state), caller, Path(text), Strict(body)): Taken, act: SealAct) -> Answer {
    let (seal, reason) = (code(&text)?, body.reason);
    let request = act_on_seal::Request { seal, act, reason, revision: body.revision, anew: body.anew };
    let service = state.clone();
    let acted = detach(async move { act_on_seal::run(&service, &caller.credential, request).await }).await?;
    Ok(Json(SealView::of(acted.seal, &acted.waiting, state.clock.now())))
}
