//! The sharing service: `/share/v1/…`. Operations, and the names of what they take, are those of the provinces' interfaces;
//! who calls is proved as everywhere here, and answers are plain JSON over TLS.

mod admin;
mod view;

use crate::app::sharing::ask::{self, OfHolder};
use crate::app::sharing::changes;
use crate::domain::party::Role;
use crate::domain::sharing::UseCause;
use crate::http::api::common::{IdempotencyKey, from_cursor, to_cursor};
use crate::http::api::show_codes::ShownLicenses;
use crate::http::api::verifications::{FILES, ReportView, upload};
use crate::http::body::{Strict, StrictQuery};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::route::{Content, Route};
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use view::{ChangeList, ComparedView, CopyLink, RemarkMade, SharedLicense, SharedList};

const TAG: &str = "sharing";
const SYSTEMS: &[Role] = &[Role::Department, Role::Institution];

/// Routes of the sharing service.
pub fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::post("/share/v1/queryCertInfo", by_identifier)
            .api(TAG, "A license by its identifier")
            .roles(SYSTEMS)
            .takes::<QueryCertInfo>()
            .gives::<SharedLicense>(200)
            .refuses(&[404, 429]),
        Route::post("/share/v1/queryCertInfoByHolderCode", by_holder)
            .api(TAG, "The licenses of a holder that are in force: by law, or with the holder's consent")
            .roles(SYSTEMS)
            .takes::<QueryByHolder>()
            .gives::<SharedList>(200)
            .refuses(&[404, 429]),
        Route::post("/share/v1/queryCertInfoByQRcode", by_code)
            .api(TAG, "What a show code shows: it is redeemed, once")
            .roles(&[Role::Institution])
            .takes::<QueryByCode>()
            .gives::<ShownLicenses>(200)
            .refuses(&[404, 409, 410, 429]),
        Route::post("/share/v1/verifyCertInfo", verify_data)
            .api(TAG, "Whether data are those of a license, item by item")
            .roles(SYSTEMS)
            .takes::<VerifyCertInfo>()
            .gives::<ComparedView>(200)
            .refuses(&[404, 429]),
        Route::post("/share/v1/verifyFile", verify_file)
            .api(TAG, "What a file is: a license, a receipt, an annotated copy, or none")
            .roles(SYSTEMS)
            .query::<UseCauseView>()
            .takes_content(Content::Upload(FILES))
            .gives::<ReportView>(200)
            .refuses(&[422, 429, 503]),
        Route::post("/share/v1/downloadUrl", copy)
            .api(TAG, "An annotated copy of a license for the cause that is named, and where to fetch it")
            .roles(SYSTEMS)
            .idempotent()
            .takes::<DownloadUrl>()
            .gives::<CopyLink>(200)
            .refuses(&[404, 409, 429, 503]),
        Route::post("/share/v1/certRemark", remark)
            .api(TAG, "Say that something on a license is wrong; its issuer is told")
            .roles(SYSTEMS)
            .takes::<CertRemark>()
            .gives::<RemarkMade>(201)
            .refuses(&[404, 429]),
        Route::get("/share/v1/changes", changed)
            .api(TAG, "What has happened to licenses since a place in the order of things, for an index of one's own")
            .roles(SYSTEMS)
            .query::<ChangesQuery>()
            .gives::<ChangeList>(200)
            .refuses(&[422, 429]),
    ];
    routes.extend(admin::routes());
    routes
}

/// Why it is asked (用证事由).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UseCauseView {
    /// In words.
    #[schema(min_length = 1, max_length = 60)]
    certificate_copy_cause: String,
    /// `0` for an item of the catalogue of administration, `1` for anything else.
    #[schema(pattern = "^[01]$")]
    certificate_call_category: String,
    /// Code of the item (事项编码).
    #[schema(min_length = 1, max_length = 60)]
    certificate_event_code: String,
    /// What the matter is called.
    #[schema(min_length = 1, max_length = 60)]
    certificate_matter_name: String,
    /// Which system asks, as it is registered.
    #[schema(min_length = 1, max_length = 60)]
    certificate_system_name: String,
}

impl From<UseCauseView> for UseCause {
    fn from(view: UseCauseView) -> Self {
        Self {
            cause: view.certificate_copy_cause,
            for_item: view.certificate_call_category == "0",
            event_code: view.certificate_event_code,
            matter: view.certificate_matter_name,
            system: view.certificate_system_name,
        }
    }
}

/// A license by its identifier.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct QueryCertInfo {
    /// Identifier (GB/T 36904).
    #[schema(min_length = 1, max_length = 200)]
    cert_identifier: String,
    /// A showing that you redeemed, as the holder's consent.
    #[schema(max_length = 60)]
    consent: Option<String>,
    /// Why.
    use_cause: UseCauseView,
}

/// The licenses of a holder.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct QueryByHolder {
    /// The holder's code.
    #[schema(min_length = 1, max_length = 60)]
    holder_code: String,
    /// Its type (GB/T 36903 annex A).
    #[schema(pattern = "^[0-9]{3}$")]
    holder_type_code: String,
    /// Kind of the licenses.
    #[schema(min_length = 1, max_length = 60)]
    kind: String,
    /// Printed number, if only that license is wanted.
    #[schema(max_length = 100)]
    cert_no: Option<String>,
    /// A showing that you redeemed, as the holder's consent.
    #[schema(max_length = 60)]
    consent: Option<String>,
    /// Why.
    use_cause: UseCauseView,
}

/// A show code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct QueryByCode {
    /// What was scanned.
    #[schema(min_length = 1, max_length = 60)]
    qrcode: String,
    /// Why; the holder reads the name of the matter.
    use_cause: UseCauseView,
}

/// Data to be compared.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct VerifyCertInfo {
    /// Identifier (GB/T 36904).
    #[schema(min_length = 1, max_length = 200)]
    cert_identifier: String,
    /// Names of fields with the values that are to be theirs, in canonical form.
    data: BTreeMap<String, String>,
    /// A showing that you redeemed, as the holder's consent.
    #[schema(max_length = 60)]
    consent: Option<String>,
    /// Why.
    use_cause: UseCauseView,
}

/// An annotated copy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DownloadUrl {
    /// Identifier (GB/T 36904).
    #[schema(min_length = 1, max_length = 200)]
    cert_identifier: String,
    /// For how many days.
    #[schema(minimum = 1, maximum = 30)]
    days: u32,
    /// A showing that you redeemed, as the holder's consent.
    #[schema(max_length = 60)]
    consent: Option<String>,
    /// Why; stands on the copy.
    use_cause: UseCauseView,
}

/// What is wrong.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CertRemark {
    /// Identifier (GB/T 36904).
    #[schema(min_length = 1, max_length = 200)]
    cert_identifier: String,
    /// Name of the field; leave out for the whole.
    #[schema(max_length = 60)]
    field: Option<String>,
    /// What is wrong with it.
    #[schema(min_length = 2, max_length = 200)]
    remark: String,
    /// A showing that you redeemed, as the holder's consent: only a license that you may see can be remarked on.
    #[schema(max_length = 60)]
    consent: Option<String>,
    /// Why it was looked at.
    use_cause: UseCauseView,
}

/// From where on, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ChangesQuery {
    /// Where the last slice ended: its `next`; from the beginning without.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,60}$")]
    cursor: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// In words.
    #[schema(min_length = 1, max_length = 60)]
    certificate_copy_cause: String,
    /// Code of the item.
    #[schema(min_length = 1, max_length = 60)]
    certificate_event_code: String,
    /// What the matter is called.
    #[schema(min_length = 1, max_length = 60)]
    certificate_matter_name: String,
    /// Which system asks.
    #[schema(min_length = 1, max_length = 60)]
    certificate_system_name: String,
}

async fn by_identifier(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<QueryCertInfo>,
) -> Result<Json<SharedLicense>, Problem> {
    let cause = body.use_cause.into();
    let (id, consent) = (body.cert_identifier, body.consent);
    let shared = detach(async move {
        ask::by_identifier(&state, &caller.credential, &cause, &id, consent.as_deref()).await
    });
    Ok(Json(shared.await?.into()))
}

async fn by_holder(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<QueryByHolder>,
) -> Result<Json<SharedList>, Problem> {
    let shared = detach(async move {
        let of = OfHolder {
            code: &body.holder_code,
            code_type: &body.holder_type_code,
            kind: &body.kind,
            number: body.cert_no.as_deref(),
        };
        let cause = body.use_cause.into();
        ask::by_holder(&state, &caller.credential, &cause, of, body.consent.as_deref()).await
    });
    let items = shared.await?.into_iter().map(SharedLicense::from).collect();
    Ok(Json(SharedList { items }))
}

async fn by_code(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<QueryByCode>,
) -> Result<Json<ShownLicenses>, Problem> {
    let cause = body.use_cause.into();
    let shown =
        detach(async move { ask::by_code(&state, &caller.credential, &cause, body.qrcode).await }).await?;
    Ok(Json(shown.into()))
}

async fn verify_data(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<VerifyCertInfo>,
) -> Result<Json<ComparedView>, Problem> {
    let compared = detach(async move {
        let (id, items) = (&body.cert_identifier, &body.data);
        let cause = body.use_cause.into();
        ask::verify_data(&state, &caller.credential, &cause, id, items, body.consent.as_deref()).await
    });
    Ok(Json(compared.await?.into()))
}

async fn verify_file(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<UseCauseView>,
    request: Request,
) -> Result<Json<ReportView>, Problem> {
    let bytes = upload(request).await?;
    let cause = query.into();
    Ok(Json(ask::verify_file(&state, &caller.credential, &cause, bytes.to_vec()).await?.into()))
}

async fn copy(
    State(state): State<http::State>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    Strict(body): Strict<DownloadUrl>,
) -> Result<Json<CopyLink>, Problem> {
    let base = state.settings.public_url.clone();
    let paper = detach(async move {
        let asked = (body.cert_identifier.as_str(), key.as_str(), body.days);
        let cause = body.use_cause.into();
        ask::copy(&state, &caller.credential, &cause, asked, body.consent.as_deref()).await
    });
    Ok(Json(CopyLink::of(&base, &paper.await?)))
}

async fn remark(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<CertRemark>,
) -> Result<(StatusCode, Json<RemarkMade>), Problem> {
    let made = detach(async move {
        let said =
            (body.cert_identifier.as_str(), body.field.as_deref().unwrap_or_default(), body.remark.as_str());
        let cause = body.use_cause.into();
        ask::remark(&state, &caller.credential, &cause, said, body.consent.as_deref()).await
    });
    Ok((StatusCode::CREATED, Json(RemarkMade { id: made.await? })))
}

async fn changed(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<ChangesQuery>,
) -> Result<Json<ChangeList>, Problem> {
    let after = from_cursor(query.cursor.as_deref(), |text| text.parse().ok())?.unwrap_or_default();
    let cause = UseCause {
        cause: query.certificate_copy_cause,
        for_item: false,
        event_code: query.certificate_event_code,
        matter: query.certificate_matter_name,
        system: query.certificate_system_name,
    };
    let slice = changes::run(&state, &caller.credential, &cause, after, query.limit).await?;
    Ok(Json(ChangeList::of(slice.changes, to_cursor(&slice.next.to_string()))))
}
