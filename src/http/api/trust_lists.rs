//! `/v1/trust-lists`: whom we recognise, and who says so.

use crate::app::trust_list::crls::{self, Taken};
use crate::app::trust_list::import::{self, Imported};
use crate::app::trust_list::{ListVersion, PinnedSigner, pin, read};
use crate::domain::party::Role;
use crate::domain::refusal::Fault;
use crate::domain::time::Timestamp;
use crate::domain::trust_list::{Entry, TrustList};
use crate::http::body::{self, Strict, StrictQuery, expect_type};
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Place, Problem};
use crate::http::route::{Content, Route};
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Media types of a signed list.
const LISTS: &[&str] = &["application/pkcs7-mime", "application/octet-stream"];

/// Media types of a revocation list.
const CRLS: &[&str] = &["application/pkix-crl", "application/octet-stream"];

/// Routes about others' trust lists.
pub fn routes() -> Vec<Route> {
    let operator: &[Role] = &[Role::Operator];
    vec![
        Route::get("/v1/trust-lists", list)
            .api("trust-lists", "List the places whose trust lists are relied on, and whom these recognise")
            .public()
            .gives::<TrustLists>(200),
        Route::post("/v1/trust-lists", add)
            .api("trust-lists", "Name who signs a place's trust list; another operator must confirm it")
            .roles(operator)
            .takes::<SignerRequest>()
            .gives::<SignerView>(201)
            .refuses(&[409, 503]),
        Route::post("/v1/trust-lists/{territory}/signers/{sha256}/confirm", confirm)
            .api(
                "trust-lists",
                "Confirm a signer that another operator named: its lists are taken from now on",
            )
            .roles(operator)
            .gives::<SignerView>(200)
            .refuses(&[404, 409, 503]),
        Route::post("/v1/trust-lists/{territory}/signers/{sha256}/end", end)
            .api("trust-lists", "End a signer: nothing that it signed is relied on any more")
            .roles(operator)
            .gives::<SignerView>(200)
            .refuses(&[404, 409, 503]),
        Route::get("/v1/trust-lists/{territory}/versions", versions)
            .api("trust-lists", "List the versions of a place's trust list that were taken, newest first")
            .roles(&[Role::Operator, Role::Auditor])
            .query::<VersionQuery>()
            .gives::<VersionList>(200)
            .refuses(&[404]),
        Route::post("/v1/trust-lists/{territory}/versions", take)
            .api(
                "trust-lists",
                "Bring a version of a place's trust list, signed by who was named for it; again is no fault",
            )
            .roles(operator)
            .takes_content(Content::Bytes(LISTS))
            .gives::<ImportedView>(200)
            .refuses(&[404, 409, 422, 503]),
        Route::post("/v1/trust-lists/{territory}/crls", take_crl)
            .api(
                "trust-lists",
                "Bring a revocation list of an authority in a place's trust list, newer than the one that was brought before",
            )
            .roles(operator)
            .takes_content(Content::Bytes(CRLS))
            .gives::<CrlView>(200)
            .refuses(&[404, 409, 422, 503]),
    ]
}

/// Who is to sign a place's list.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignerRequest {
    /// Division code of the place (GB/T 2260).
    #[schema(pattern = "^[0-9]{6}$", example = "990200")]
    territory: String,
    /// What the place is called in Chinese.
    #[schema(min_length = 2, max_length = 40)]
    name_zh: String,
    /// What it is called in English.
    #[schema(min_length = 2, max_length = 100)]
    name_en: String,
    /// DER of the signer's X.509 certificate in base64. Compare its SHA-256 with the place's people by another way.
    #[schema(min_length = 1, max_length = 22000)]
    signer: String,
}

/// A signer.
#[derive(Serialize, ToSchema)]
pub struct SignerView {
    /// Division code of the place.
    territory: String,
    /// SHA-256 of the X.509 certificate.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    sha256: String,
    /// `waiting` for a second operator, `trusted` or `ended`.
    #[schema(pattern = "^(waiting|trusted|ended)$")]
    state: String,
    /// Named at.
    #[schema(format = "date-time")]
    pinned_at: String,
    /// Confirmed at.
    #[schema(format = "date-time")]
    confirmed_at: Option<String>,
    /// Ended at.
    #[schema(format = "date-time")]
    ended_at: Option<String>,
}

/// Every place that somebody was named for.
#[derive(Serialize, ToSchema)]
pub struct TrustLists {
    /// By division code.
    items: Vec<TrustListView>,
}

/// A place.
#[derive(Serialize, ToSchema)]
pub struct TrustListView {
    /// Division code.
    territory: String,
    /// What it is called in Chinese.
    name_zh: String,
    /// What it is called in English.
    name_en: String,
    /// Who signs or signed its list.
    signers: Vec<SignerView>,
    /// The version that is relied on; null where none is.
    version: Option<VersionView>,
    /// Whom that recognises, or did.
    entries: Vec<EntryView>,
}

/// A version of a list.
#[derive(Serialize, ToSchema)]
pub struct VersionView {
    /// Its number.
    sequence: u64,
    /// SHA-256 of its bytes.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    sha256: String,
    /// SHA-256 of its signer's X.509 certificate.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    signer: String,
    /// Made at.
    #[schema(format = "date-time")]
    issued: String,
    /// The next one comes no later than.
    #[schema(format = "date-time")]
    next_update: String,
    /// Taken at.
    #[schema(format = "date-time")]
    imported_at: String,
}

/// Somebody in a list.
#[derive(Serialize, ToSchema)]
pub struct EntryView {
    /// What it does.
    #[schema(pattern = "^(root-ca|issuing-ca|seal-maker|timestamping)$")]
    service: String,
    /// What it is called in Chinese.
    name_zh: String,
    /// What it is called in English.
    name_en: String,
    /// Recognised from.
    #[schema(format = "date-time")]
    valid_from: String,
    /// Recognised until.
    #[schema(format = "date-time")]
    valid_until: Option<String>,
    /// Withdrawn since.
    #[schema(format = "date-time")]
    withdrawn_since: Option<String>,
}

/// Which versions.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionQuery {
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Versions of a list.
#[derive(Serialize, ToSchema)]
pub struct VersionList {
    /// Newest first.
    items: Vec<VersionView>,
}

/// A version that is kept now.
#[derive(Serialize, ToSchema)]
pub struct ImportedView {
    /// The version.
    version: VersionView,
    /// Whether it was there before.
    known: bool,
}

/// A revocation list that is kept now.
#[derive(Serialize, ToSchema)]
pub struct CrlView {
    /// What its issuer is called in Chinese.
    issuer_zh: String,
    /// What it is called in English.
    issuer_en: String,
    /// Made at.
    #[schema(format = "date-time")]
    this_update: String,
    /// The next one comes no later than.
    #[schema(format = "date-time")]
    next_update: String,
}

fn text(at: Timestamp) -> String {
    at.to_string()
}

impl From<&PinnedSigner> for SignerView {
    /// Leaves out who did it: that is for the audit trail.
    fn from(signer: &PinnedSigner) -> Self {
        let state = match (&signer.ended, &signer.confirmed) {
            (Some(_), _) => "ended",
            (None, Some(_)) => "trusted",
            (None, None) => "waiting",
        };
        Self {
            territory: signer.territory.to_string(),
            sha256: hex::encode(signer.sha256),
            state: state.to_owned(),
            pinned_at: text(signer.pinned.1),
            confirmed_at: signer.confirmed.as_ref().map(|(_, at)| text(*at)),
            ended_at: signer.ended.as_ref().map(|(_, at)| text(*at)),
        }
    }
}

impl From<&ListVersion> for VersionView {
    fn from(version: &ListVersion) -> Self {
        Self {
            sequence: version.sequence,
            sha256: hex::encode(version.sha256),
            signer: hex::encode(version.signer),
            issued: text(version.issued),
            next_update: text(version.next_update),
            imported_at: text(version.imported_at),
        }
    }
}

impl From<&Entry> for EntryView {
    fn from(entry: &Entry) -> Self {
        Self {
            service: entry.service.name().to_owned(),
            name_zh: entry.name.zh.clone(),
            name_en: entry.name.en.clone(),
            valid_from: text(entry.valid_from),
            valid_until: entry.valid_until.map(text),
            withdrawn_since: entry.withdrawn_since.map(text),
        }
    }
}

async fn list(State(state): State<http::State>) -> Result<Json<TrustLists>, Problem> {
    let items = read::all(&state).await?.into_iter().map(|known| {
        let first = &known.signers[0];
        let entries = known.list.iter().flat_map(|list: &TrustList| &list.entries);
        TrustListView {
            territory: first.territory.to_string(),
            name_zh: first.name.zh.clone(),
            name_en: first.name.en.clone(),
            entries: entries.map(EntryView::from).collect(),
            signers: known.signers.iter().map(SignerView::from).collect(),
            version: known.version.as_ref().map(VersionView::from),
        }
    });
    Ok(Json(TrustLists { items: items.collect() }))
}

async fn add(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<SignerRequest>,
) -> Result<(StatusCode, Json<SignerView>), Problem> {
    let unreadable =
        |_| Problem::faults(Kind::Invalid, Place::Body, vec![Fault::at("/signer", "x509.unreadable")]);
    let request = pin::Request {
        territory: body.territory,
        name_zh: body.name_zh,
        name_en: body.name_en,
        signer: STANDARD.decode(body.signer).map_err(unreadable)?,
    };
    let pinned = detach(async move { pin::pin(&state, &caller.credential, request).await }).await?;
    Ok((StatusCode::CREATED, Json((&pinned).into())))
}

async fn confirm(
    State(state): State<http::State>,
    caller: Caller,
    Path((territory, sha256)): Path<(String, String)>,
) -> Result<Json<SignerView>, Problem> {
    let confirm = async move { pin::confirm(&state, &caller.credential, &territory, &sha256).await };
    Ok(Json((&detach(confirm).await?).into()))
}

async fn end(
    State(state): State<http::State>,
    caller: Caller,
    Path((territory, sha256)): Path<(String, String)>,
) -> Result<Json<SignerView>, Problem> {
    let end = async move { pin::end(&state, &caller.credential, &territory, &sha256).await };
    Ok(Json((&detach(end).await?).into()))
}

async fn versions(
    State(state): State<http::State>,
    caller: Caller,
    Path(territory): Path<String>,
    StrictQuery(query): StrictQuery<VersionQuery>,
) -> Result<Json<VersionList>, Problem> {
    let found = read::versions(&state, &caller.credential, &territory, query.limit).await?;
    Ok(Json(VersionList { items: found.iter().map(VersionView::from).collect() }))
}

async fn take(
    State(state): State<http::State>,
    caller: Caller,
    Path(territory): Path<String>,
    request: Request,
) -> Result<Json<ImportedView>, Problem> {
    let (parts, body) = request.into_parts();
    expect_type(&parts.headers, LISTS)?;
    let bytes = body::read(&parts.headers, body, import::MAX_BYTES).await?.to_vec();
    let take = async move { import::run(&state, &caller.credential, &territory, bytes).await };
    let Imported { version, known } = detach(take).await?;
    Ok(Json(ImportedView { version: (&version).into(), known }))
}

async fn take_crl(
    State(state): State<http::State>,
    caller: Caller,
    Path(territory): Path<String>,
    request: Request,
) -> Result<Json<CrlView>, Problem> {
    let (parts, body) = request.into_parts();
    expect_type(&parts.headers, CRLS)?;
    let der = body::read(&parts.headers, body, crls::MAX_BYTES).await?.to_vec();
    let take = async move { crls::run(&state, &caller.credential, &territory, der).await };
    let Taken { issuer, this_update, next_update } = detach(take).await?;
    let (issuer_zh, issuer_en) = (issuer.zh, issuer.en);
    Ok(Json(CrlView { issuer_zh, issuer_en, this_update: text(this_update), next_update: text(next_update) }))
}
