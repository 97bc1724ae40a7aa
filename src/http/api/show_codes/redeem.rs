//! `POST /v1/show-codes:redeem`

use crate::app::redeem_show_code;
use crate::domain::time::format_date;
use crate::http::body::Strict;
use crate::http::caller::Caller;
use crate::http::problem::{InBoth, Problem};
use crate::http::{self, detach};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A code as scanned or typed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedeemRequest {
    /// 27 digits; spaces, hyphens and full-width digits do no harm.
    #[schema(min_length = 1, max_length = 60)]
    code: String,
    /// What it is needed for; the holder will read it.
    #[schema(min_length = 1, max_length = 60)]
    matter: String,
}

/// What the redeemer sees.
#[derive(Serialize, ToSchema)]
pub struct ShownLicense {
    /// Identifier of this showing, as the holder sees it too.
    showing: String,
    /// The license.
    license: String,
    /// Kind.
    kind: String,
    /// What the kind is called.
    kind_title: InBoth,
    /// Issuing department.
    issuer_name: String,
    /// Where the license stands: `in-force`, or nothing would be shown.
    standing: String,
    /// Last day of validity; null if it has no end.
    #[schema(format = "date")]
    valid_until: Option<String>,
    /// What the holder shows it for.
    purpose: String,
    /// Exactly the fields that the holder chose.
    fields: Vec<ShownField>,
    /// When.
    #[schema(format = "date-time")]
    redeemed_at: String,
}

/// A field that was shown.
#[derive(Serialize, ToSchema)]
pub struct ShownField {
    /// Name.
    name: String,
    /// What it is called.
    title: InBoth,
    /// Value; null if the license leaves it empty.
    value: Option<String>,
}

/// Redeems a code.
pub async fn redeem(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<RedeemRequest>,
) -> Result<Json<ShownLicense>, Problem> {
    let request = redeem_show_code::Request { code: body.code, matter: body.matter };
    let shown =
        detach(async move { redeem_show_code::run(&state, &caller.credential, request).await }).await?;
    let fields = shown.fields.into_iter().map(|field| ShownField {
        name: field.name,
        title: field.title.into(),
        value: field.value,
    });
    Ok(Json(ShownLicense {
        showing: shown.showing,
        license: shown.license.to_string(),
        kind: shown.kind,
        kind_title: shown.kind_title.into(),
        issuer_name: shown.issuer_name,
        standing: shown.standing.name().to_owned(),
        valid_until: shown.valid_until.map(format_date),
        purpose: shown.purpose,
        fields: fields.collect(),
        redeemed_at: shown.redeemed_at.to_string(),
    }))
}
