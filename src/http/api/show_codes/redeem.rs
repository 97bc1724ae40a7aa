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
pub struct ShownLicenses {
    /// Identifier of this showing, as the holder sees it too.
    showing: String,
    /// How it came about: `rolling`, `prefetched`, `requested` or `face`.
    way: String,
    /// What the holder shows it for.
    purpose: String,
    /// Why sensitive fields are shown in full; null where they are masked.
    reason: Option<String>,
    /// Who shows it on behalf of the holder, as the holder calls that one; null where the holder does itself.
    deputy: Option<String>,
    /// When.
    #[schema(format = "date-time")]
    redeemed_at: String,
    /// The licenses, in the holder's order.
    licenses: Vec<ShownLicense>,
}

/// One license of them.
#[derive(Serialize, ToSchema)]
pub struct ShownLicense {
    /// The license.
    license: String,
    /// Kind.
    kind: String,
    /// What the kind is called.
    kind_title: InBoth,
    /// Issuing department.
    issuer_name: String,
    /// Where the license stands; of one that is not `in-force` no field is shown.
    standing: String,
    /// Last day of validity; null if it has no end.
    #[schema(format = "date")]
    valid_until: Option<String>,
    /// Exactly the fields that the holder chose.
    fields: Vec<ShownField>,
}

/// A field that was shown.
#[derive(Serialize, ToSchema)]
pub struct ShownField {
    /// Name.
    name: String,
    /// What it is called.
    title: InBoth,
    /// Value, or what its mask leaves of it; null if the license leaves it empty.
    value: Option<String>,
    /// Whether it is masked: sensitive, and shown without a reason.
    masked: bool,
}

impl From<redeem_show_code::ShownLicense> for ShownLicense {
    fn from(shown: redeem_show_code::ShownLicense) -> Self {
        let fields = shown.fields.into_iter().map(|field| ShownField {
            name: field.name,
            title: field.title.into(),
            value: field.value,
            masked: field.masked,
        });
        Self {
            license: shown.license.to_string(),
            kind: shown.kind,
            kind_title: shown.kind_title.into(),
            issuer_name: shown.issuer_name,
            standing: shown.standing.name().to_owned(),
            valid_until: shown.valid_until.map(format_date),
            fields: fields.collect(),
        }
    }
}

impl From<redeem_show_code::Shown> for ShownLicenses {
    fn from(shown: redeem_show_code::Shown) -> Self {
        Self {
            showing: shown.showing,
            way: shown.way.name().to_owned(),
            purpose: shown.purpose,
            reason: shown.reason,
            deputy: shown.deputy,
            redeemed_at: shown.redeemed_at.to_string(),
            licenses: shown.licenses.into_iter().map(ShownLicense::from).collect(),
        }
    }
}

/// Redeems a code.
pub async fn redeem(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<RedeemRequest>,
) -> Result<Json<ShownLicenses>, Problem> {
    let request = redeem_show_code::Request { code: body.code, matter: body.matter };
    let shown =
        detach(async move { redeem_show_code::run(&state, &caller.credential, request).await }).await?;
    Ok(Json(shown.into()))
}
