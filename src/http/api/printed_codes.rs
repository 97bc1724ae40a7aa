//! `POST /v1/printed-codes:check`

use crate::app::check_printed_code;
use crate::domain::time::format_date;
use crate::http;
use crate::http::body::Strict;
use crate::http::caller::ClientAddress;
use crate::http::problem::{InBoth, Problem};
use crate::http::route::Route;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The one route.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/printed-codes:check", check)
            .api("verification", "What a stranger may know of a license whose printed code it has")
            .public()
            .takes::<PrintedCode>()
            .gives::<KnownLicense>(200)
            .refuses(&[404, 429]),
    ]
}

/// What is printed on a license.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrintedCode {
    /// Identifier.
    #[schema(min_length = 1, max_length = 120)]
    identifier: String,
    /// Check code.
    #[schema(min_length = 1, max_length = 40)]
    check_code: String,
}

/// What a stranger may know.
#[derive(Serialize, ToSchema)]
pub struct KnownLicense {
    /// Identifier.
    id: String,
    /// Kind.
    kind: String,
    /// What the kind is called.
    kind_title: InBoth,
    /// Issuing department.
    issuer_name: String,
    /// Where it stands.
    standing: String,
    /// Date of issue.
    #[schema(format = "date")]
    issued_on: String,
    /// Last day of validity; null if it has no end.
    #[schema(format = "date")]
    valid_until: Option<String>,
    /// The holder's name, masked.
    holder_name: String,
    /// Masked fields; sensitive ones are left out.
    fields: Vec<MaskedField>,
}

/// What may be seen of a field.
#[derive(Serialize, ToSchema)]
pub struct MaskedField {
    /// Name.
    name: String,
    /// What it is called.
    title: InBoth,
    /// Value, masked.
    value: String,
}

async fn check(
    State(state): State<http::State>,
    ClientAddress(from): ClientAddress,
    Strict(body): Strict<PrintedCode>,
) -> Result<Json<KnownLicense>, Problem> {
    let (identifier, check_code) = (body.identifier, body.check_code);
    let request = check_printed_code::Request { identifier, check_code, from };
    let known = check_printed_code::run(&state, None, request).await?;
    let fields = known.fields.into_iter().map(|field| MaskedField {
        name: field.name,
        title: field.title.into(),
        value: field.value,
    });
    Ok(Json(KnownLicense {
        id: known.license.to_string(),
        kind: known.kind,
        kind_title: known.kind_title.into(),
        issuer_name: known.issuer_name,
        standing: known.standing.name().to_owned(),
        issued_on: format_date(known.issued_on),
        valid_until: known.valid_until.map(format_date),
        holder_name: known.holder_name,
        fields: fields.collect(),
    }))
}
