//! `GET /v1/space`, `/v1/space/uses`

use super::common::{from_cursor, to_cursor};
use super::disputes::DisputeView;
use super::grants::view::GrantView;
use super::licenses::view::LicenseView;
use super::seals::view::SealView;
use crate::app::{dispute_use, space};
use crate::domain::consent::Dispute;
use crate::domain::party::Role;
use crate::domain::space::{Use, Used};
use crate::http;
use crate::http::body::StrictQuery;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::route::Route;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

const TAG: &str = "spaces";

/// Routes about spaces.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/space", own)
            .api(TAG, "The caller's own licenses, seals and grants, and who used what")
            .roles(&[Role::Holder, Role::CompanyManager, Role::Sealer])
            .query::<SpaceQuery>()
            .gives::<SpaceView>(200),
        Route::get("/v1/space/uses", uses)
            .api(TAG, "Who used what of the caller's own, newest first")
            .roles(&[Role::Holder, Role::CompanyManager])
            .query::<SpaceUseQuery>()
            .gives::<SpaceUseList>(200),
    ]
}

/// How much of a space.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpaceQuery {
    /// How many licenses and uses; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Which uses.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpaceUseQuery {
    /// Where the last slice ended: its `next`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,120}$")]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A space.
#[derive(Serialize, ToSchema)]
pub struct SpaceView {
    /// `person` or `enterprise`.
    #[schema(pattern = "^(person|enterprise)$")]
    kind: String,
    /// The enterprise, by credit code.
    business: Option<String>,
    /// Its name.
    name: Option<String>,
    /// `active` or `deregistered`, of an enterprise.
    state: Option<String>,
    /// Licenses, newest first; `GET /v1/licenses` has the rest. Empty for employees.
    licenses: Vec<LicenseView>,
    /// Seals by code, those that are no more among them; at most 200.
    seals: Vec<SealView>,
    /// Grants on its seals, newest first; at most 200. For employees those given to them.
    grants: Vec<GrantView>,
    /// Who used what, newest first; `GET /v1/space/uses` has the rest. Empty for employees.
    uses: Vec<SpaceUseView>,
}

/// A slice of the uses.
#[derive(Serialize, ToSchema)]
pub struct SpaceUseList {
    /// Newest first.
    items: Vec<SpaceUseView>,
    /// Where to go on; null at the end.
    next: Option<String>,
}

/// One use.
#[derive(Serialize, ToSchema)]
pub struct SpaceUseView {
    /// Identity, to dispute it by.
    id: String,
    /// When.
    #[schema(format = "date-time")]
    at: String,
    /// Who (credential).
    by: String,
    /// What that one is called.
    label: String,
    /// `shown`, `printed` (for paper, at a kiosk), `sealed-license` or `sealed-document`.
    what: String,
    /// The license that was seen or sealed.
    license: Option<String>,
    /// The seal that was used.
    seal: Option<String>,
    /// The grant under which it was used.
    grant: Option<String>,
    /// The job that sealed a document.
    job: Option<String>,
    /// What it was shown for.
    purpose: Option<String>,
    /// The matter of the one who looked.
    matter: Option<String>,
    /// The fields that were seen, by name; never their values.
    fields: Vec<String>,
    /// Who showed it on behalf of the holder.
    deputy: Option<String>,
    /// Whether the one who looked said to have compared the person with an identity document; of a code on paper only.
    compared: Option<bool>,
    /// Whether it was looked at without a network and told here afterwards; `at` is then the word of the one who looked.
    offline: bool,
    /// The verifier that recognised the holder, where a code was printed at a kiosk.
    verifier: Option<String>,
    /// The owner's word that it was not it, and what came of it.
    dispute: Option<DisputeView>,
}

impl SpaceUseView {
    /// A use and what its owner says about it.
    pub fn of(used: Use, dispute: Option<Dispute>) -> Self {
        let mut view = Self {
            id: used.id,
            dispute: dispute.map(DisputeView::from),
            at: used.at.to_string(),
            by: used.by,
            label: used.label,
            what: used.what.name().to_owned(),
            license: None,
            seal: None,
            grant: None,
            job: None,
            purpose: None,
            matter: None,
            fields: Vec::new(),
            deputy: None,
            compared: None,
            offline: false,
            verifier: None,
        };
        match used.what {
            Used::Shown { license, purpose, matter, fields, deputy, compared, offline, .. } => {
                (view.deputy, view.compared, view.offline) = (deputy, compared, offline);
                view.license = Some(license.as_str().to_owned());
                (view.purpose, view.matter, view.fields) = (Some(purpose), Some(matter), fields);
            }
            Used::Printed { license, purpose, fields, verifier } => {
                view.license = Some(license.as_str().to_owned());
                (view.purpose, view.fields, view.verifier) = (Some(purpose), fields, Some(verifier));
            }
            Used::SealedLicense { seal, license, grant } => {
                view.license = Some(license.as_str().to_owned());
                (view.seal, view.grant) = (Some(seal.to_string()), Some(grant.to_string()));
            }
            Used::SealedDocument { seal, job, grant } => {
                (view.seal, view.job) = (Some(seal.to_string()), Some(job));
                view.grant = grant.map(|grant| grant.to_string());
            }
        }
        view
    }
}

fn views(uses: Vec<Use>, mut disputes: BTreeMap<String, Dispute>) -> Vec<SpaceUseView> {
    let view = |used: Use| {
        let dispute = disputes.remove(&used.id);
        SpaceUseView::of(used, dispute)
    };
    uses.into_iter().map(view).collect()
}

/// The caller's own.
async fn own(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<SpaceQuery>,
) -> Result<Json<SpaceView>, Problem> {
    let person = caller.credential.role == Role::Holder;
    let found = space::run(&state, &caller.credential, query.limit).await?;
    let disputes = dispute_use::of_uses(&state, &caller.credential, &found.uses).await?;
    let now = state.clock.now();
    let name = match &found.business {
        Some(business) => Some(business.name.clone()),
        None => found.licenses.licenses.first().map(|license| license.holder.name.clone()),
    };
    Ok(Json(SpaceView {
        kind: if person { "person" } else { "enterprise" }.to_owned(),
        business: found.business.as_ref().map(|business| business.code.clone()),
        name,
        state: found.business.map(|business| business.state.name().to_owned()),
        licenses: found.licenses.licenses.into_iter().map(|l| LicenseView::of(&state, l)).collect(),
        seals: found.seals.into_iter().map(|seal| SealView::of(seal, &[], now)).collect(),
        grants: found.grants.into_iter().map(|grant| GrantView::of(grant, now)).collect(),
        uses: views(found.uses, disputes),
    }))
}

/// Who used what.
async fn uses(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<SpaceUseQuery>,
) -> Result<Json<SpaceUseList>, Problem> {
    let before = from_cursor(query.after.as_deref(), space::place)?;
    let found = space::uses(&state, &caller.credential, before.as_ref(), query.limit).await?;
    let next = found.last().map(|last| to_cursor(&space::behind(last)));
    let disputes = dispute_use::of_uses(&state, &caller.credential, &found).await?;
    Ok(Json(SpaceUseList { items: views(found, disputes), next }))
}
