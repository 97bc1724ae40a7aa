//! `POST /v1/envelopes/{id}/send`, `…/consent`, `…/decline`, `…/return`, `…/delegate`, `…/withdraw`

use super::view::{EnvelopeView, envelope_id};
use crate::app::envelope::act::{self, Deed};
use crate::app::envelope::consent;
use crate::domain::seal::SealCode;
use crate::http::api::common::day;
use crate::http::api::grants::grant_id;
use crate::http::body::Strict;
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Problem};
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::ToSchema;

/// What the sender saw.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendRequest {
    /// The revision the caller saw: if it has changed since, nothing is done.
    #[schema(minimum = 0, maximum = 2147483647)]
    revision: Option<u32>,
}

/// A yes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentRequest {
    /// The version that was read: another one is not consented to.
    #[schema(minimum = 1, maximum = 2147483647)]
    version: u32,
    /// Code of the seal that will be laid on.
    #[schema(pattern = "^[0-9]{14}$")]
    seal: String,
    /// The grant under which you use a party's seal that is not yours (用印授权); the consent is then that party's.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    grant: Option<String>,
}

/// A no, or a wish for correction.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerRequest {
    /// The version that was read.
    #[schema(minimum = 1, maximum = 2147483647)]
    version: u32,
    /// Why, for the record.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
}

/// Another body to decide for a time.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DelegateRequest {
    /// The body, by credit code.
    #[schema(pattern = "^[0-9A-Z]{18}$")]
    to: String,
    /// First day; today unless told.
    #[schema(format = "date")]
    from: Option<String>,
    /// Last day.
    #[schema(format = "date")]
    until: String,
    /// Why, for the record.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
}

/// Why it is given up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawRequest {
    /// Why, for the record.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
    /// The revision the caller saw: if it has changed since, nothing is done.
    #[schema(minimum = 0, maximum = 2147483647)]
    revision: Option<u32>,
}

type Answer = Result<Json<EnvelopeView>, Problem>;

/// Sends a draft.
pub async fn send(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<SendRequest>,
) -> Answer {
    run(state, caller, &id, Deed::Send, body.revision).await
}

/// Consents.
pub async fn consent(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<ConsentRequest>,
) -> Answer {
    let seal = SealCode::parse(&body.seal);
    // The published pattern lets nothing else through.
    let seal = seal.ok_or_else(|| Problem::new(Kind::Invalid, "seal.not_a_code"))?;
    let grant = body.grant.as_deref().map(grant_id).transpose()?;
    let request = consent::Request { envelope: envelope_id(&id)?, version: body.version, seal, grant };
    let work = async move { consent::run(&state, &caller.credential, request).await };
    Ok(Json(EnvelopeView::of(&detach(work).await?)))
}

/// Declines.
pub async fn decline(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<AnswerRequest>,
) -> Answer {
    let deed = Deed::Decline { version: body.version, reason: body.reason };
    run(state, caller, &id, deed, None).await
}

/// Hands back.
pub async fn give_back(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<AnswerRequest>,
) -> Answer {
    let deed = Deed::Return { version: body.version, reason: body.reason };
    run(state, caller, &id, deed, None).await
}

/// Delegates.
pub async fn delegate(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<DelegateRequest>,
) -> Answer {
    let from = body.from.as_deref().map(|text| day("/from", text)).transpose()?;
    let until = day("/until", &body.until)?;
    let deed = Deed::Delegate { to: body.to, from, until, reason: body.reason };
    run(state, caller, &id, deed, None).await
}

/// Withdraws.
pub async fn withdraw(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<WithdrawRequest>,
) -> Answer {
    run(state, caller, &id, Deed::Withdraw { reason: body.reason }, body.revision).await
}

async fn run(state: http::State, caller: Caller, id: &str, deed: Deed, revision: Option<u32>) -> Answer {
    let request = act::Request { envelope: envelope_id(id)?, deed, revision };
    let work = async move { act::run(&state, &caller.credential, request).await };
    Ok(Json(EnvelopeView::of(&detach(work).await?)))
}
