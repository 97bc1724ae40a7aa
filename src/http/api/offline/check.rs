//! `POST /v1/offline-codes:check`, `POST /v1/offline-codes:use`, `POST /v1/offline-codes:compared`

use crate::app::offline::check::{self, Checked};
use crate::app::offline::{compared, make_use};
use crate::domain::license::kind::Bilingual;
use crate::domain::offline_code::{LicenseRef, Medium, OfflineCode};
use crate::domain::status_list::{Answer, Told};
use crate::http;
use crate::http::api::verifications::FindingView;
use crate::http::body::Strict;
use crate::http::caller::{Caller, ClientAddress};
use crate::http::detach;
use crate::http::problem::{InBoth, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use utoipa::ToSchema;

/// A code as scanned or typed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfflineCheckRequest {
    /// Digits; spaces, hyphens and full-width digits do no harm.
    #[schema(min_length = 1, max_length = 4000)]
    code: String,
}

/// A code and what it is needed for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfflineUseRequest {
    /// Digits; spaces, hyphens and full-width digits do no harm.
    #[schema(min_length = 1, max_length = 4000)]
    code: String,
    /// What it is needed for; the holder will read it.
    #[schema(min_length = 1, max_length = 60)]
    matter: String,
    /// Whether the person was compared with an identity document; of a code on paper only. Whoever does that later says it by
    /// `POST /v1/offline-codes:compared`.
    #[serde(default)]
    compared: bool,
    /// Only where the code was checked without a network, and this tells of it afterwards.
    #[serde(default)]
    kept: Option<OfflineKeptRequest>,
}

/// A check without a network that is told afterwards.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfflineKeptRequest {
    /// Drawn by the verifier for this one check. Told twice under one name it is one use.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    id: String,
    /// How many seconds ago the check was, by the verifier's clock; seven days at most.
    #[schema(maximum = 604_800)]
    seconds_ago: u32,
}

/// A check after which the person was compared.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfflineComparedRequest {
    /// `use` of the check.
    #[serde(rename = "use")]
    #[schema(pattern = "^[0-9a-f]{32}$")]
    used: String,
}

/// What was found.
#[derive(Serialize, ToSchema)]
pub struct OfflineCheckView {
    /// `passed`, `indeterminate` or `failed` (ETSI EN 319 102-1).
    #[schema(pattern = "^(passed|indeterminate|failed)$")]
    verdict: String,
    /// When it was judged.
    #[schema(format = "date-time")]
    judged_at: String,
    /// What the code says; null if no key that is known here signed it.
    code: Option<OfflineCodeView>,
    /// Where it stands; null as above.
    status: Option<OfflineStatusView>,
    /// The how many check of this sheet today it is; only of paper, and only for who is signed in.
    uses_today: Option<u64>,
    /// The line that the check left with the holder; null where there was none to tell, and for who is not signed in.
    #[serde(rename = "use")]
    #[schema(pattern = "^[0-9a-f]{32}$")]
    used: Option<String>,
    /// Whether that line says that the person was compared with an identity document; of paper only.
    compared: Option<bool>,
    /// In the order they were established.
    findings: Vec<FindingView>,
}

/// What a code says.
#[derive(Serialize, ToSchema)]
pub struct OfflineCodeView {
    /// `paper` or `phone`.
    #[schema(pattern = "^(paper|phone)$")]
    medium: String,
    /// The license's identifier; null where the code names it by a digest.
    license: Option<String>,
    /// Kind.
    kind: String,
    /// What the kind is called.
    kind_title: Option<InBoth>,
    /// Credit code of the department that vouches for it.
    issuer: String,
    /// What it is called.
    issuer_name: Option<String>,
    /// What the holder shows it for; null on a phone without a proof.
    purpose: Option<String>,
    /// For whom alone.
    recipient: Option<String>,
    /// The fields, masked as the kind masks them.
    fields: Vec<OfflineFieldView>,
    /// SHA-256 of the license file.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    file_sha256: String,
    /// Good from.
    #[schema(format = "date-time")]
    valid_from: String,
    /// Good until.
    #[schema(format = "date-time")]
    valid_until: String,
}

/// A field of a code.
#[derive(Serialize, ToSchema)]
pub struct OfflineFieldView {
    /// Name.
    name: String,
    /// What it is called.
    title: Option<InBoth>,
    /// Value.
    value: String,
}

/// Where a code stands.
#[derive(Serialize, ToSchema)]
pub struct OfflineStatusView {
    /// `valid`, `ended`, `suspended` or `cannot-tell`.
    #[schema(pattern = "^(valid|ended|suspended|cannot-tell)$")]
    answer: String,
    /// As of when; null where nobody can tell.
    #[schema(format = "date-time")]
    as_of: Option<String>,
    /// How old that is.
    age_seconds: Option<u64>,
}

impl From<Told> for OfflineStatusView {
    fn from(told: Told) -> Self {
        let answer = match told.answer {
            Answer::Valid => "valid",
            Answer::Ended => "ended",
            Answer::Suspended => "suspended",
            Answer::CannotTell(_) => "cannot-tell",
        };
        Self {
            answer: answer.to_owned(),
            as_of: told.as_of.map(|at| at.to_string()),
            age_seconds: told.age.map(|age| age.as_secs()),
        }
    }
}

impl OfflineCodeView {
    fn of(code: OfflineCode, titles: &BTreeMap<String, Bilingual>) -> Self {
        let (valid_from, valid_until) = (code.from.to_string(), code.until().to_string());
        let (medium, purpose, recipient) = match code.medium {
            Medium::Paper { purpose, recipient, .. } => ("paper", Some(purpose), recipient),
            Medium::Phone { .. } => ("phone", None, None),
        };
        let fields = code.fields.into_iter().map(|(name, value)| {
            let title = titles.get(&name).cloned().map(InBoth::from);
            OfflineFieldView { name, title, value }
        });
        Self {
            medium: medium.to_owned(),
            license: match code.license {
                LicenseRef::Identifier(id) => Some(id.to_string()),
                LicenseRef::Short(_) => None,
            },
            kind: code.kind,
            kind_title: None,
            issuer: code.issuer,
            issuer_name: None,
            purpose,
            recipient,
            fields: fields.collect(),
            file_sha256: hex::encode(code.file_sha256),
            valid_from,
            valid_until,
        }
    }
}

impl From<Checked> for OfflineCheckView {
    fn from(checked: Checked) -> Self {
        let code = checked.code.map(|code| {
            let view = OfflineCodeView::of(code, &checked.titles);
            OfflineCodeView {
                kind_title: checked.kind_title.map(InBoth::from),
                issuer_name: checked.issuer_name,
                purpose: view.purpose.or(checked.shown_for),
                ..view
            }
        });
        Self {
            verdict: checked.verdict.name().to_owned(),
            judged_at: checked.at.to_string(),
            code,
            status: checked.status.map(OfflineStatusView::from),
            uses_today: checked.uses_today,
            used: checked.used,
            compared: checked.compared,
            findings: checked.findings.into_iter().map(FindingView::from).collect(),
        }
    }
}

/// For anybody.
pub async fn check(
    State(state): State<http::State>,
    ClientAddress(from): ClientAddress,
    Strict(body): Strict<OfflineCheckRequest>,
) -> Result<Json<OfflineCheckView>, Problem> {
    Ok(Json(check::check(&state, &from, &body.code).await?.into()))
}

/// For a counter or an institution.
pub async fn used(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<OfflineUseRequest>,
) -> Result<Json<OfflineCheckView>, Problem> {
    let request = make_use::Request { code: body.code, matter: body.matter, compared: body.compared };
    let kept = body.kept;
    let work = async move {
        match kept {
            None => make_use::now(&state, &caller.credential, request).await,
            Some(kept) => {
                let ago = Duration::from_secs(kept.seconds_ago.into());
                let kept = make_use::Kept { id: kept.id, ago };
                make_use::told_later(&state, &caller.credential, request, kept).await
            }
        }
    };
    Ok(Json(detach(work).await?.into()))
}

/// For whoever made that use.
pub async fn compared(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<OfflineComparedRequest>,
) -> Result<StatusCode, Problem> {
    detach(async move { compared::run(&state, &caller.credential, &body.used).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}
