//! `GET /v1/verifier-bundle`, `GET /v1/verifier-bundle/key`

use super::{BUNDLE, file};
use crate::app::offline;
use crate::http;
use crate::http::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Serialize;
use utoipa::ToSchema;

/// Seconds that a copy may be handed on.
const KEPT: u32 = 60;

/// The bundle.
pub async fn get(State(state): State<http::State>, headers: HeaderMap) -> Result<Response, Problem> {
    let bundle = offline::bundle(&state).await?;
    Ok(file(&headers, bundle.mark.clone(), BUNDLE, KEPT, bundle.token.clone().into_bytes()))
}

/// A public key, in the forms that libraries take.
#[derive(Serialize, ToSchema)]
pub struct PublisherKeyView {
    /// Its name in the headers: the first 8 bytes of the SHA-256 of `spki`.
    #[schema(pattern = "^[0-9a-f]{16}$")]
    kid: String,
    /// Algorithm: `ES256`.
    alg: String,
    /// SubjectPublicKeyInfo (DER) in base64.
    spki: String,
    /// JSON Web Key (RFC 7517).
    jwk: Jwk,
}

/// A JSON Web Key on P-256.
#[derive(Serialize, ToSchema)]
pub struct Jwk {
    /// `EC`.
    kty: String,
    /// `P-256`.
    crv: String,
    /// First coordinate.
    x: String,
    /// Second coordinate.
    y: String,
    /// Name.
    kid: String,
    /// `ES256`.
    alg: String,
    /// `sig`.
    #[serde(rename = "use")]
    purpose: String,
}

/// The key that the bundle is verified with.
pub async fn key(State(state): State<http::State>) -> Result<Json<PublisherKeyView>, Problem> {
    let key = offline::publisher_key(&state).await?;
    let alg = || "ES256".to_owned();
    let jwk = Jwk {
        kty: "EC".to_owned(),
        crv: "P-256".to_owned(),
        x: URL_SAFE_NO_PAD.encode(key.x),
        y: URL_SAFE_NO_PAD.encode(key.y),
        kid: key.kid.clone(),
        alg: alg(),
        purpose: "sig".to_owned(),
    };
    Ok(Json(PublisherKeyView { kid: key.kid, alg: alg(), spki: STANDARD.encode(key.spki), jwk }))
}
